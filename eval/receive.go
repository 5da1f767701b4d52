package eval

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// doLoopRec: label for no message, destination.
func doLoopRec(c *cpu, a []uint64) uintptr {
	msg, ok := c.p.PeekMessage()
	if !ok {
		return uintptr(a[0])
	}
	c.set(a[1], msg)
	return c.next
}

// doLoopRecWait is loop_rec where a message that is missing is waited for: label of the loop, destination.
func doLoopRecWait(c *cpu, a []uint64) uintptr {
	msg, ok := c.p.PeekMessage()
	if !ok {
		return c.wait(uintptr(a[0]))
	}
	c.set(a[1], msg)
	return c.next
}

// doLoopRecFrom is recv_marker_use and the loop_rec at the head of the loop behind it: reference, whether messages are waited for (1) or
// the label for none, label of the loop, destination.
func doLoopRecFrom(c *cpu, a []uint64) uintptr {
	c.p.MarkerUse(c.get(a[0]))
	msg, ok := c.p.PeekMessage()
	switch {
	case ok:
		c.set(a[3], msg)
		return uintptr(a[2]) + loopRecBytes
	case a[1] == waits:
		return c.wait(uintptr(a[2]))
	}
	return uintptr(a[1])
}

// waits in place of the label for no message: a wait stands there.
const waits = 1

// loopRecBytes is the size of an instruction for loop_rec.
const loopRecBytes = 3 * wordBytes

// doLoopRecEnd: label of the loop. Each message that is skipped costs a reduction.
func doLoopRecEnd(c *cpu, a []uint64) uintptr {
	c.p.NextMessage()
	if c.m.Reds--; c.m.Reds <= 0 {
		c.save(uintptr(a[0]), 0)
		c.out = scheduler.Yielded
		return halted
	}
	return uintptr(a[0])
}

func (c *cpu) wait(loop uintptr) uintptr {
	if c.p.Dying() {
		c.die()
		return halted
	}
	if mh := c.p.MaxHeap(); mh.Size != 0 && c.p.QueueOnHeap() && c.exceeds(mh) {
		c.p.Exit(c.p.Pid, term.AtomKill)
		c.die()
		return halted
	}
	c.save(loop, 0)
	c.out = scheduler.Waiting
	return halted
}

// doWait: label of the loop.
func doWait(c *cpu, a []uint64) uintptr { return c.wait(uintptr(a[0])) }

// doWaitTimeout: label of the loop, time.
func doWaitTimeout(c *cpu, a []uint64) uintptr {
	if c.p.Dying() {
		c.die()
		return halted
	}
	switch c.p.ReceiveTimeout(c.get(a[1])) {
	case proc.RecvTimeout:
		return c.next
	case proc.RecvBadTimeout:
		return c.raise(term.AtomError, term.AtomTimeoutValue)
	}
	return c.wait(uintptr(a[0]))
}

func doRemoveMessage(c *cpu, a []uint64) uintptr {
	c.p.AcceptMessage()
	return c.next
}

func doTimeout(c *cpu, a []uint64) uintptr {
	c.p.TimedOut()
	return c.next
}

// doAccept is remove_message and recv_marker_clear: reference.
func doAccept(c *cpu, a []uint64) uintptr {
	c.p.AcceptMessage()
	c.p.MarkerClear(c.get(a[0]))
	return c.next
}

// doMakeMarked does recv_marker_reserve, a call of make_ref and recv_marker_bind where they stand together, if nobody wants to see that call; they follow. Operands:
// marker, how many bytes further to go on.
func doMakeMarked(c *cpu, a []uint64) uintptr {
	if e := exportAt(c.vm.makeRefSlot); e.BIF != c.vm.makeRefBIF || c.vm.Debug.CollectAlways {
		return c.next
	}
	ref := c.p.MakeRef()
	c.p.MarkerFor(ref)
	c.set(a[0], term.Nil)
	c.setX(0, ref)
	c.m.Reds--
	c.collectSoon()
	return c.next + uintptr(a[1])
}

func doMarkerReserve(c *cpu, a []uint64) uintptr {
	c.set(a[0], c.p.MarkerReserve())
	return c.next
}

func doMarkerBind(c *cpu, a []uint64) uintptr {
	c.p.MarkerBind(c.get(a[0]), c.get(a[1]))
	return c.next
}

func doMarkerClear(c *cpu, a []uint64) uintptr {
	c.p.MarkerClear(c.get(a[0]))
	return c.next
}

func doMarkerUse(c *cpu, a []uint64) uintptr {
	c.p.MarkerUse(c.get(a[0]))
	return c.next
}

// waitAt tells whether the code at a label does nothing but wait, and the label of the loop that it waits for.
func (l *loader) waitAt(lab int) (loop int, ok bool) {
	if l.cs.vm.Debug.Trace != nil || lab <= 0 || lab >= len(l.m.LabelPos) || l.m.LabelPos[lab] < 0 {
		return 0, false
	}
	in, _, ok := l.next(int(l.m.LabelPos[lab]))
	if !ok || in.Op != beam.OpWait {
		return 0, false
	}
	return in.Args[0].N(), true
}

// loopHead tells whether the instruction at l.i goes on at the head of a receive loop: its label and the operands of the loop_rec there.
func (l *loader) loopHead() (lab int, rec []beam.Arg, ok bool) {
	if l.cs.vm.Debug.Trace != nil {
		return 0, nil, false // something stands between label and instruction
	}
	for i := l.i + 1; i < l.fun.End; i++ {
		switch in := l.m.Code[i]; in.Op {
		case beam.OpLine:
		case beam.OpLabel:
			lab = in.Args[0].N()
		case beam.OpLoopRec:
			return lab, in.Args, lab != 0
		default:
			return 0, nil, false
		}
	}
	return 0, nil, false
}

// makeMarked emits the short way in front of recv_marker_reserve, a call of make_ref and recv_marker_bind. It goes on behind them: their sizes are known.
func (l *loader) makeMarked(dst beam.Arg) {
	call, at, ok := l.next(l.i)
	if !ok || call.Op != beam.OpCallExt {
		return
	}
	slot, _ := l.imp(call.Args[1])
	bind, _, ok := l.next(at)
	if uintptr(slot) != l.cs.vm.makeRefSlot || !ok || bind.Op != beam.OpRecvMarkerBind || l.opd(bind.Args[0]) != l.opd(dst) ||
		l.opd(bind.Args[1]) != (opd{'x', 0}) || l.cs.vm.Debug.Trace != nil {
		return
	}
	l.slow(slowMakeMarked, l.opd(dst), num(2*wordBytes+opTable[opCallBif].size+3*wordBytes))
}
