package compiler

// Places where values move from X registers to the stack: where a frame is
// made, and where a message is taken out of the queue (until then its parts
// must not be on the stack). A value may pass several such places on different ways
// that meet again, so its stack slot is chosen for all of them together.

// spillPoint is the place in front of (frame) or behind (message) an
// instruction.
type spillPoint struct {
	b     *block
	index int
	moved []val // what moves to the stack
	there []val // what is on the stack already
}

// findPoints collects the spill points and which values move at each.
func (a *allocator) findPoints() {
	a.points = map[pointKey]*spillPoint{}
	a.pointsOf = map[val][]*spillPoint{}
	for i, b := range a.f.blocks {
		if n := a.fr.allocAt[i]; n >= 0 {
			a.addPoint(b, n, false)
		}
		if !a.fr.exit[i] || a.fr.fragile[i] == 0 {
			continue
		}
		for n, v := range b.ins {
			if a.f.vals[v].op == opRemoveMsg && (a.fr.entry[i] || a.fr.allocAt[i] <= n) {
				a.addPoint(b, n, true)
				break
			}
		}
	}
}

type pointKey struct {
	order int32
	index int
	msg   bool
}

func (a *allocator) addPoint(b *block, n int, msg bool) {
	f := a.f
	p := &spillPoint{b: b, index: n}
	tail := f.tailCall(b)
	clobber := len(b.ins)
	for i := n; i < len(b.ins); i++ {
		if i != tail && f.vals[b.ins[i]].clobbers() {
			clobber = i
			break
		}
	}
	a.epoch++
	var live []val
	later := map[val]bool{} // used when the X registers are gone
	add := func(v val, late bool) {
		if !f.inRegister(v) || !a.lv.needY[v] {
			return
		}
		if late {
			later[v] = true
		}
		if a.seen[v] != a.epoch {
			a.seen[v] = a.epoch
			live = append(live, v)
		}
	}
	f.liveOut(b, func(v val) { add(v, true) })
	for _, v := range b.args {
		add(v, clobber < len(b.ins))
	}
	for i := len(b.ins) - 1; i >= n; i-- {
		for _, v := range f.vals[b.ins[i]].args {
			add(v, i > clobber)
		}
	}
	made := map[val]bool{b.val: true}
	for _, v := range b.ins[n:] {
		made[v] = true
	}
	id := a.fr.fragile[b.order]
	if !msg {
		for _, v := range b.ins[:n] {
			if f.vals[v].op == opRemoveMsg {
				id = 0
			}
		}
	}
	for _, v := range live {
		switch {
		case made[v]:
		case a.fragileIn(v, id) == msg && later[v]:
			p.moved = append(p.moved, v)
			a.pointsOf[v] = append(a.pointsOf[v], p)
		case msg && !a.fragileIn(v, id):
			p.there = append(p.there, v)
		}
	}
	a.points[pointKey{b.order, n, msg}] = p
}

// chooseHome picks the stack slot of a value for all spill points of the
// current region.
func (a *allocator) chooseHome(v val) int {
	if y := a.home(v, a.cur); y >= 0 {
		return int(y)
	}
	var taken []bool
	r := a.fr.region[a.cur.order]
	note := func(u val) {
		if y := int(a.homeIn(u, r)); u != v && y >= 0 && y < tagBase {
			for len(taken) <= y {
				taken = append(taken, false)
			}
			taken[y] = true
		}
	}
	for _, p := range a.pointsOf[v] {
		if a.fr.region[p.b.order] != r {
			continue
		}
		for _, u := range p.moved {
			note(u)
		}
		for _, u := range p.there {
			note(u)
		}
	}
	for y := 0; ; y++ {
		if (y >= len(taken) || !taken[y]) && (y >= len(a.regY) || a.regY[y] == 0) {
			return y
		}
	}
}
