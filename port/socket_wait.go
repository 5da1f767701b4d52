//go:build unix

package port

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// direction is what waits for a socket to become readable, or writable.
type direction struct {
	out     bool
	queue   []*waiter
	turn    *waiter // it was told that the socket is ready, and has not come back
	running bool    // a goroutine waits in the poller
}

// waiter is a call that waits: either a process is suspended in it (req), or the process gets a message (handle).
type waiter struct {
	pid    term.Term
	op     term.Term
	req    *Request
	try    func() Result // what the goroutine does for a suspended process; nil: not yet
	result Result        // of try, also if nobody waited for it any more
	some   func(h *term.Heap) term.Term
	arena  *term.Heap
	handle term.Term
}

// free gives up the memory of the handle.
func (w *waiter) free() {
	if w.arena != nil {
		w.arena.Free()
		w.arena = nil
	}
}

// socketCall is one call of a process that may have to wait.
type socketCall struct {
	out     bool
	op      term.Term
	timeout int64     // milliseconds, negative: none
	handle  term.Term // of a call that does not wait, else None
	// first tries for the first time, in the process. nil: not yet.
	first func() Result
	// again tries later, on a goroutine: it must not use terms of the process.
	again func() Result
	// some gives what was done of the work; nil or a result of None: nothing.
	some func(h *term.Heap) term.Term
	// tag is the tag in the select_info, the operation by default.
	tag func(h *term.Heap) term.Term
	// reselect: a call that does not wait and succeeds begins to wait for the next one, {select_read, {SelectInfo, Result}}.
	reselect bool
	// prepare is called before the process is suspended: again and some will use no terms of the process then.
	prepare func()
	// aside: also the first attempt is made on a goroutine, since it may block.
	aside bool
}

// do makes a call. The socket is not locked.
func (s *Socket) do(p *proc.Process, c *socketCall) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Failed(atomClosed)(p)
	}
	d := &s.in
	if c.out {
		d = &s.out
		d.out = true
	}
	mine := d.turn != nil && d.turn.pid == p.Pid
	if mine {
		d.turn.free()
		d.turn = nil
	} else if d.turn == nil && s.anybody(d) && d.queue[0].req == nil && d.queue[0].pid == p.Pid {
		// it comes before it was told: the new call takes the place of the old one
		d.queue[0].free()
		d.queue = d.queue[1:]
		mine = true
	}
	if mine || d.turn == nil && !s.anybody(d) {
		if !c.aside {
			if f := c.first(); f != nil {
				s.kick(d)
				return s.done(p, d, c, f)
			}
		}
	}
	if c.handle != term.None {
		return s.enlist(p, d, c, mine)
	}
	if c.timeout == 0 && !c.aside {
		s.kick(d)
		return timedOut(c.some)(p)
	}
	if c.prepare != nil {
		c.prepare()
	}
	w := &waiter{pid: p.Pid, op: c.op, try: c.again, some: c.some}
	w.req = &Request{p: p}
	w.req.late = s.late(w, atomTimeout)
	if mine {
		d.queue = append([]*waiter{w}, d.queue...)
	} else {
		d.queue = append(d.queue, w)
	}
	s.waits(c)
	s.kick(d)
	return w.req.wait(c.timeout, nil)
}

// waits counts a call that has to wait.
func (s *Socket) waits(c *socketCall) {
	switch {
	case c.op == atomAccept:
		s.count.AccWaits++
	case c.out:
		s.count.WriteWaits++
	default:
		s.count.ReadWaits++
	}
}

// done gives the result of a call that was served at once.
func (s *Socket) done(p *proc.Process, d *direction, c *socketCall, f Result) term.Term {
	t := f(p)
	if !c.reselect || c.handle == term.None || !t.TupleOf(2) || t.Elem(0) != term.AtomOk {
		return t
	}
	h := &p.Heap
	info := s.enlistFor(p, d, c, false)
	return h.Tuple(atomSelRead, h.Tuple(info, t.Elem(1)))
}

// enlist makes a call wait for a message: {select, SelectInfo} or {select, {SelectInfo, Done}}.
func (s *Socket) enlist(p *proc.Process, d *direction, c *socketCall, first bool) term.Term {
	h := &p.Heap
	info := s.enlistFor(p, d, c, first)
	s.waits(c)
	if c.some != nil {
		if t := c.some(h); t != term.None {
			info = h.Tuple(info, t)
		}
	}
	return h.Tuple(atomSelect, info)
}

func (s *Socket) enlistFor(p *proc.Process, d *direction, c *socketCall, first bool) term.Term {
	w := &waiter{pid: p.Pid, op: c.op, arena: term.NewArena()}
	w.handle = term.CopyTo(w.arena, c.handle)
	if first {
		d.queue = append([]*waiter{w}, d.queue...)
	} else {
		d.queue = append(d.queue, w)
	}
	s.set.mu.Lock()
	s.set.use(p.Pid, s)
	s.set.mu.Unlock()
	s.set.follow(p)
	s.kick(d)
	tag := c.op
	if c.tag != nil {
		tag = c.tag(&p.Heap)
	}
	return p.Heap.Tuple(atomSelInfo, tag, c.handle)
}

// anybody reports whether somebody waits in a direction.
func (s *Socket) anybody(d *direction) bool {
	for len(d.queue) > 0 {
		w := d.queue[0]
		if w.req == nil || !w.req.gone() {
			return true
		}
		d.queue = d.queue[1:]
	}
	return false
}

// late gives the result of a suspended call that ends otherwise than by its own work: what was done goes with it.
func (s *Socket) late(w *waiter, reason term.Term) Result {
	return func(p *proc.Process) term.Term {
		s.mu.Lock()
		f := w.result
		if w.op == atomConnectOp && f == nil {
			s.linking = false
		}
		s.mu.Unlock()
		if f != nil {
			return f(p)
		}
		return withSome(reason, w.some)(p)
	}
}

func timedOut(some func(h *term.Heap) term.Term) Result { return withSome(atomTimeout, some) }

// withSome is {error, Reason} or {error, {Reason, Done}}.
func withSome(reason term.Term, some func(h *term.Heap) term.Term) Result {
	return func(p *proc.Process) term.Term {
		h := &p.Heap
		if some != nil {
			if t := some(h); t != term.None {
				reason = h.Tuple(reason, t)
			}
		}
		return h.Tuple(term.AtomError, reason)
	}
}

// kick starts the goroutine of a direction if there is something to do for it.
func (s *Socket) kick(d *direction) {
	if !d.running && !s.closed && d.turn == nil && s.anybody(d) {
		d.running = true
		go s.attend(d)
	}
}

// attend waits in the poller for those that wait in a direction.
func (s *Socket) attend(d *direction) {
	f := func(fd int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed || s.serve(d, fd) {
			d.running = false
			return nil
		}
		return unix.EAGAIN
	}
	err := s.sock.waitRead
	if d.out {
		err = s.sock.waitWrite
	}
	if err(f) != nil {
		s.mu.Lock()
		d.running = false
		s.mu.Unlock()
	}
}

// serve serves the queue of a direction until the operating system has nothing (false), or nobody waits any more (true).
func (s *Socket) serve(d *direction, fd int) bool {
	for d.turn == nil && s.anybody(d) {
		w := d.queue[0]
		if w.req == nil {
			if !ready(fd, d.out) {
				return false
			}
			d.queue = d.queue[1:]
			d.turn = w
			s.tell(w, atomSelect, func(h *term.Heap) term.Term { return term.CopyTo(h, w.handle) })
			continue
		}
		f := w.try()
		if f == nil {
			return false
		}
		w.result = f
		d.queue = d.queue[1:]
		w.req.finish(f)
	}
	return true
}

// ready asks the operating system whether a call would have to wait.
func ready(fd int, out bool) bool {
	events := int16(unix.POLLIN)
	if out {
		events = unix.POLLOUT
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, 0)
	return err == nil && n > 0
}

// tell sends {'$socket', Socket, What, Info} to a process that waits.
func (s *Socket) tell(w *waiter, what term.Term, info func(h *term.Heap) term.Term) {
	h := term.NewArena()
	defer h.Free()
	s.sys.SendTo(nil, w.pid, h.Tuple(atomSocketTag, s.Term(h), what, info(h)))
}

// CancelAnswer says what Cancel found.
type CancelAnswer uint8

// The answers of Cancel.
const (
	CancelClosed  CancelAnswer = iota
	CancelUnknown              // nobody waits under that handle
	CancelWaiting              // it waits no more
	CancelSent                 // the message was sent already
)

// Cancel ends the waiting of a call that p made with a handle.
func (s *Socket) Cancel(p *proc.Process, op, handle term.Term) CancelAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return CancelClosed
	}
	for _, d := range []*direction{&s.in, &s.out} {
		if w := d.turn; w != nil && w.pid == p.Pid && w.op == op && term.ExactEqual(w.handle, handle) {
			d.turn = nil
			w.free()
			s.kick(d)
			return CancelSent
		}
		for i, w := range d.queue {
			if w.req == nil && w.pid == p.Pid && w.op == op && term.ExactEqual(w.handle, handle) {
				d.queue = append(d.queue[:i:i], d.queue[i+1:]...)
				w.free()
				s.kick(d)
				return CancelWaiting
			}
		}
	}
	return CancelUnknown
}

// waiting gives the operations that wait in a direction, and whether one of them is selected.
func (d *direction) waiting() (n int, selected bool) {
	for _, w := range d.queue {
		if w.req == nil {
			selected = true
		}
	}
	return len(d.queue), selected
}
