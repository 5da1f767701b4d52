package beam

// Compilers make loops out of calls, which count reductions, and of the instructions that wait for messages. A jump back makes a
// loop that nothing would ever interrupt.

// waits reports whether an instruction that goes back is one that may: it takes a message or waits for one.
func waits(op Op) bool { return op == OpLoopRecEnd || op == OpWait || op == OpWaitTimeout }

// goesOn reports whether the instruction behind an instruction may come next.
func goesOn(op Op) bool {
	switch op {
	case OpReturn, OpJump, OpFuncInfo, OpBadmatch, OpIfEnd, OpCaseEnd,
		OpTryCaseEnd, OpBadrecord, OpRaise, OpSelectVal, OpSelectTupleArity, OpLoopRecEnd, OpWait:
		return false
	}
	return true
}

// counts reports whether an instruction calls a function, which counts reductions.
func counts(op Op) bool {
	switch op {
	case OpCall, OpCallLast, OpCallOnly, OpCallExt, OpCallExtLast, OpCallExtOnly, OpCallFun, OpCallFun2, OpApply, OpApplyLast:
		return true
	}
	return false
}

// endless finds a label in function fn that can be reached from itself without a call or a wait, or gives 0.
func (m *Module) endless(fn int) int {
	f := &m.Funcs[fn]
	backward := false
	for i := f.Start; i < f.End && !backward; i++ {
		backward = m.goesBack(i)
	}
	if !backward {
		return 0
	}
	const open, done = 1, 2
	state := map[int]int{}
	type visit struct {
		label int
		next  []int
	}
	for i := f.Start; i < f.End; i++ {
		if m.Code[i].Op != OpLabel || state[m.Code[i].Args[0].N()] != 0 {
			continue
		}
		l := m.Code[i].Args[0].N()
		state[l] = open
		for path := []visit{{l, m.nextLabels(l, f.End)}}; len(path) > 0; {
			top := &path[len(path)-1]
			if len(top.next) == 0 {
				state[top.label] = done
				path = path[:len(path)-1]
				continue
			}
			l := top.next[0]
			top.next = top.next[1:]
			switch state[l] {
			case open:
				return l
			case 0:
				state[l] = open
				path = append(path, visit{l, m.nextLabels(l, f.End)})
			}
		}
	}
	return 0
}

func (m *Module) goesBack(i int) bool {
	in := &m.Code[i]
	if counts(in.Op) || waits(in.Op) {
		return false
	}
	for k := range in.Args {
		if a := &in.Args[k]; a.Kind == KindLabel && a.Val != 0 && int(m.LabelPos[a.Val]) <= i {
			return true
		}
	}
	return false
}

// nextLabels are the labels that control can come to from label l, without another label or a call between.
func (m *Module) nextLabels(l, end int) (next []int) {
	for i := int(m.LabelPos[l]) + 1; i < end; i++ {
		in := &m.Code[i]
		if in.Op == OpLabel {
			return append(next, in.Args[0].N())
		}
		if counts(in.Op) {
			return next
		}
		if !waits(in.Op) {
			for k := range in.Args {
				if a := &in.Args[k]; a.Kind == KindLabel && a.Val != 0 {
					next = append(next, int(a.Val))
				}
			}
		}
		if !goesOn(in.Op) {
			return next
		}
	}
	return next
}
