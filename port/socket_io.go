//go:build unix

package port

import (
	"io"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// Wait says how long a call may take: milliseconds, negative for ever; or, with a handle, not at all.
type Wait struct {
	Timeout int64
	Handle  term.Term // None: the call waits
}

// receiveChunk is how much a call reads at once when it asks for more.
const receiveChunk = 256 << 10

// ---- receiving ------------------------------------------------------------------------------------

// Recv receives length bytes of a stream, or what there is when length is 0; else a message.
func (s *Socket) Recv(p *proc.Process, length, flags int, w Wait) term.Term {
	var got []byte
	reads := 0
	stream := s.sock.Type == unix.SOCK_STREAM
	step := func() Result {
		for {
			want := s.o.rcvbuf
			if length > 0 {
				want = length - len(got)
			}
			buf := s.buffer(min(want, receiveChunk))
			s.count.ReadTries++
			var n int
			err := s.sock.control(func(fd int) (err error) { n, err = receive(fd, buf, flags); return err })
			switch {
			case again(err):
				if length == 0 && len(got) > 0 {
					return okBinary(got)
				}
				return nil
			case err == nil && n == 0 && s.sock.Type != unix.SOCK_DGRAM && s.sock.Type != unix.SOCK_RAW:
				err = io.EOF
			}
			if err != nil {
				s.count.ReadFails++
				return withSome(posix(err), binaryIfAny(&got))
			}
			s.received(n)
			got = append(got, buf[:n]...)
			reads++
			switch {
			case !stream, flags&unix.MSG_PEEK != 0, length > 0 && len(got) == length, length == 0 && (n < want || reads == s.o.reads):
				return okBinary(got)
			}
		}
	}
	return s.do(p, &socketCall{
		op: atomRecv, timeout: w.Timeout, handle: w.Handle, first: step, again: step, some: binaryIfAny(&got), reselect: s.o.selectRead,
	})
}

func receive(fd int, buf []byte, flags int) (n int, err error) {
	if flags == 0 {
		n, err = unix.Read(fd, buf)
	} else {
		n, _, err = unix.Recvfrom(fd, buf, flags)
	}
	return max(n, 0), err
}

// buffer gives room for what is read next; the socket is locked.
func (s *Socket) buffer(size int) []byte {
	if cap(s.scratch) < size {
		s.scratch = make([]byte, size)
	}
	return s.scratch[:size]
}

func (s *Socket) received(n int) {
	c := &s.count
	c.ReadPkg++
	c.ReadByte += int64(n)
	c.ReadPkgMax = max(c.ReadPkgMax, int64(n))
}

func okBinary(data []byte) Result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, p.Heap.Binary(data)) }
}

// binaryIfAny is what was received, None if that is nothing.
func binaryIfAny(got *[]byte) func(h *term.Heap) term.Term {
	return func(h *term.Heap) term.Term {
		if len(*got) == 0 {
			return term.None
		}
		return h.Binary(*got)
	}
}

// RecvFrom receives a message and who sent it.
func (s *Socket) RecvFrom(p *proc.Process, size, flags int, w Wait) term.Term {
	return s.recvMessage(p, atomRecvfrom, size, 0, flags, w, func(h *term.Heap, m *message) term.Term {
		from := unspecified(h)
		if m.from != nil {
			from = SockaddrTerm(h, m.from, s.sock.Domain)
		}
		return h.Tuple(from, h.Binary(m.data))
	})
}

// RecvMsg receives a message with its control data and flags.
func (s *Socket) RecvMsg(p *proc.Process, size, ctrlSize, flags int, w Wait) term.Term {
	if ctrlSize == 0 {
		ctrlSize = s.o.rcvctrl
	}
	return s.recvMessage(p, atomRecvmsg, size, ctrlSize, flags, w, s.messageTerm)
}

func (s *Socket) messageTerm(h *term.Heap, m *message) term.Term {
	iov := term.Nil
	if len(m.data) > 0 || s.sock.Type != unix.SOCK_STREAM {
		iov = h.List(h.Binary(m.data))
	}
	pairs := []term.Term{atomIov, iov, atomCtrl, controlTerms(h, m.ctrl), atomFlags, flagTerms(h, m.flags)}
	if m.from != nil {
		pairs = append(pairs, atomAddr, SockaddrTerm(h, m.from, s.sock.Domain))
	}
	return h.MapFromPairs(pairs)
}

// message is what a call received.
type message struct {
	data, ctrl []byte
	flags      int
	from       unix.Sockaddr
}

func (s *Socket) recvMessage(p *proc.Process, op term.Term, size, ctrlSize, flags int, w Wait, build func(*term.Heap, *message) term.Term) term.Term {
	if size == 0 {
		size = s.o.rcvbuf
	}
	step := func() Result {
		m, err := s.readMessage(min(size, receiveChunk), ctrlSize, flags)
		switch {
		case again(err):
			return nil
		case err != nil:
			return Failed(posix(err))
		}
		return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, build(&p.Heap, m)) }
	}
	return s.do(p, &socketCall{op: op, timeout: w.Timeout, handle: w.Handle, first: step, again: step, reselect: s.o.selectRead})
}

// readMessage reads a message; the socket is locked.
func (s *Socket) readMessage(size, ctrlSize, flags int) (*message, error) {
	buf := s.buffer(size)
	var oob []byte
	if ctrlSize > 0 {
		oob = make([]byte, ctrlSize)
	}
	m := &message{}
	var n, oobn int
	s.count.ReadTries++
	err := s.sock.control(func(fd int) (err error) {
		n, oobn, m.flags, m.from, err = unix.Recvmsg(fd, buf, oob, flags)
		return err
	})
	if again(err) {
		return nil, err
	}
	if err == nil && n == 0 && s.sock.Type == unix.SOCK_STREAM && len(buf) > 0 {
		err = io.EOF
	}
	if err != nil {
		s.count.ReadFails++
		return nil, err
	}
	s.received(n)
	m.data, m.ctrl = append([]byte(nil), buf[:n]...), oob[:oobn]
	m.flags &^= cloexecFlag
	return m, nil
}

// RecvMsgs receives up to max messages, at least one.
func (s *Socket) RecvMsgs(p *proc.Process, most, size, ctrlSize, flags int, w Wait) term.Term {
	if size == 0 {
		size = s.o.rcvbuf
	}
	if ctrlSize == 0 {
		ctrlSize = s.o.rcvctrl
	}
	step := func() Result {
		var list []*message
		for len(list) < most {
			m, err := s.readMessage(min(size, receiveChunk), ctrlSize, flags)
			if err != nil {
				if len(list) > 0 {
					break
				}
				if again(err) {
					return nil
				}
				return Failed(posix(err))
			}
			list = append(list, m)
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			out := make([]term.Term, len(list))
			for i, m := range list {
				out[i] = s.messageTerm(h, m)
			}
			return h.Tuple(term.AtomOk, h.List(out...))
		}
	}
	return s.do(p, &socketCall{op: term.Intern("recvmmsg"), timeout: w.Timeout, handle: w.Handle, first: step, again: step, reselect: s.o.selectRead})
}

// ---- sending --------------------------------------------------------------------------------------

// Outgoing is something to send. The bytes of Data may be those of the process's terms.
type Outgoing struct {
	Op    term.Term // send, sendto, sendmsg or sendv
	Data  [][]byte
	To    unix.Sockaddr // nil: to the other end
	Ctrl  []byte
	Flags int
	Cont  func(h *term.Heap) term.Term // what the select_info has besides the operation
	iov   bool                         // the rest is a list
}

// Send sends: all of it on a stream, a message else.
func (s *Socket) Send(p *proc.Process, o *Outgoing, w Wait) term.Term {
	o.iov = o.Op != atomSend && o.Op != atomSendto
	written := false
	rest := func(h *term.Heap) term.Term {
		if !written {
			return term.None
		}
		return o.rest(h)
	}
	step := func() Result {
		for {
			s.count.WriteTries++
			var n int
			err := s.sock.control(func(fd int) (err error) { n, err = transmit(fd, o); return err })
			if again(err) {
				return nil
			}
			if err != nil {
				s.count.WriteFails++
				return withSome(posix(err), rest)
			}
			s.wrote(n)
			o.Ctrl = nil
			written = o.skip(n) || written
			if len(o.Data) == 0 {
				return Okay
			}
			if s.sock.Type != unix.SOCK_STREAM {
				return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, o.rest(&p.Heap)) }
			}
		}
	}
	return s.do(p, &socketCall{
		out: true, op: o.Op, timeout: w.Timeout, handle: w.Handle, first: step, again: step, some: rest, prepare: o.own,
		tag: func(h *term.Heap) term.Term { return h.Tuple(o.Op, o.Cont(h)) },
	})
}

// MaxSlices is how many pieces of data one call of the system takes.
const MaxSlices = 1024

func transmit(fd int, o *Outgoing) (n int, err error) {
	data := o.Data
	if len(data) > MaxSlices {
		data = data[:MaxSlices]
	}
	switch {
	case len(data) == 1:
		n, err = unix.SendmsgN(fd, data[0], o.Ctrl, o.To, o.Flags|noSignal)
	default:
		n, err = unix.SendmsgBuffers(fd, data, o.Ctrl, o.To, o.Flags|noSignal)
	}
	return max(n, 0), err
}

func (s *Socket) wrote(n int) {
	c := &s.count
	c.WritePkg++
	c.WriteByte += int64(n)
	c.WritePkgMax = max(c.WritePkgMax, int64(n))
}

// skip takes n bytes off the data and empty pieces; true: something was taken.
func (o *Outgoing) skip(n int) bool {
	some := n > 0
	for len(o.Data) > 0 && n >= len(o.Data[0]) {
		n -= len(o.Data[0])
		o.Data = o.Data[1:]
	}
	if n > 0 {
		o.Data[0] = o.Data[0][n:]
	}
	return some
}

// own copies the data out of the terms.
func (o *Outgoing) own() {
	for i, b := range o.Data {
		o.Data[i] = append([]byte(nil), b...)
	}
}

func (o *Outgoing) rest(h *term.Heap) term.Term {
	if !o.iov {
		return h.Binary(o.Data[0])
	}
	out := make([]term.Term, len(o.Data))
	for i, b := range o.Data {
		out[i] = h.Binary(b)
	}
	return h.List(out...)
}

// SendFile sends count bytes of a file from an offset on, or, when count is 0, all that follow. read reads from the file at an offset; it may
// block. The answer has the number of bytes; file is what the select_info of a call that does not wait tells.
func (s *Socket) SendFile(p *proc.Process, read func(buf []byte, at int64) (int, error), offset, count int64, w Wait, file term.Term) term.Term {
	sent := int64(0)
	buf := make([]byte, 64<<10)
	var pending []byte
	number := func(h *term.Heap) term.Term {
		if sent == 0 {
			return term.None
		}
		return h.Int64(sent)
	}
	c := &socketCall{out: true, op: atomSendfile, timeout: w.Timeout, handle: term.None, some: number, aside: true, tag: func(h *term.Heap) term.Term { return h.Tuple(atomSendfile, file) }}
	c.again = func() Result {
		for {
			if len(pending) == 0 {
				want := int64(len(buf))
				if count > 0 {
					want = min(want, count-sent)
				}
				n := 0
				if want > 0 {
					var err error
					if n, err = read(buf[:want], offset+sent); n == 0 && err != nil && err != io.EOF {
						return withSome(posix(err), number)
					}
				}
				if n <= 0 {
					return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, p.Heap.Int64(sent)) }
				}
				pending = buf[:n]
			}
			s.count.WriteTries++
			var n int
			err := s.sock.control(func(fd int) (err error) { n, err = unix.SendmsgN(fd, pending, nil, nil, noSignal); return err })
			switch {
			case again(err) && w.Handle != term.None:
				return func(p *proc.Process) term.Term {
					s.mu.Lock()
					defer s.mu.Unlock()
					own := *c
					own.handle = w.Handle
					return s.enlist(p, &s.out, &own, false)
				}
			case again(err):
				return nil
			case err != nil:
				s.count.WriteFails++
				return withSome(posix(err), number)
			}
			s.wrote(n)
			sent += int64(n)
			pending = pending[n:]
		}
	}
	if w.Handle != term.None {
		keep := p.Protect(w.Handle, file)
		inner := c.again
		c.timeout = -1
		c.again = func() Result {
			f := inner()
			return func(p *proc.Process) term.Term {
				w.Handle, file = keep.Terms[0], keep.Terms[1]
				p.Release(keep)
				return f(p)
			}
		}
	}
	return s.do(p, c)
}

// ---- connections ----------------------------------------------------------------------------------

// Accept takes a connection, which becomes a socket of p's.
func (s *Socket) Accept(p *proc.Process, w Wait) term.Term {
	step := func() Result {
		s.count.AccTries++
		c, err := s.sock.acceptNow()
		switch {
		case again(err):
			return nil
		case err != nil:
			s.count.AccFails++
			return Failed(posix(err))
		}
		s.count.AccSuccess++
		return func(p *proc.Process) term.Term {
			n := NewSocket(p, c, -1)
			n.connected = true
			return p.Heap.Tuple(term.AtomOk, n.Term(&p.Heap))
		}
	}
	return s.do(p, &socketCall{op: atomAccept, timeout: w.Timeout, handle: w.Handle, first: step, again: step})
}

// Connect connects to an address.
func (s *Socket) Connect(p *proc.Process, to unix.Sockaddr, w Wait) term.Term {
	started := false
	step := func() Result {
		if !started {
			if s.linking {
				return Failed(atomAlready)
			}
			started = true
			err := s.sock.control(func(fd int) error { return unix.Connect(fd, to) })
			switch {
			case err == nil:
				s.connected = true
				return Okay
			case err == unix.EINPROGRESS || err == unix.EINTR:
				s.linking = true
				if w.Handle == term.None && w.Timeout == 0 {
					return s.linked()
				}
				return nil
			}
			return Failed(posix(err))
		}
		return s.linked()
	}
	c := &socketCall{out: true, op: atomConnectOp, timeout: w.Timeout, handle: w.Handle, first: step, again: step}
	return s.do(p, c)
}

// linked gives the result of a connect that is on its way; nil: it still is.
func (s *Socket) linked() Result {
	code := 0
	err := s.sock.control(func(fd int) (err error) {
		if code, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
			return err
		}
		if _, err = unix.Getpeername(fd); err == unix.ENOTCONN {
			return unix.EAGAIN
		}
		return err
	})
	switch {
	case again(err):
		return nil
	case err == nil && code != 0:
		err = unix.Errno(code)
	}
	s.linking = false
	if err != nil {
		return Failed(posix(err))
	}
	s.connected = true
	return Okay
}

// FinishConnect tells what became of a connect whose process was told that it is done. ok is false when there is none.
func (s *Socket) FinishConnect(p *proc.Process) (result term.Term, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return Failed(atomClosed)(p), true
	case !s.linking:
		return term.None, false
	}
	if s.out.turn != nil {
		s.out.turn.free()
		s.out.turn = nil
	}
	if f := s.linked(); f != nil {
		s.kick(&s.out)
		return f(p), true
	}
	return Failed(atomAlready)(p), true
}

// Bind gives the socket an address.
func (s *Socket) Bind(a unix.Sockaddr) error {
	err := s.sock.Bind(a)
	if err == nil {
		s.mu.Lock()
		s.bound = true
		s.mu.Unlock()
	}
	return err
}

// Listen makes the socket take connections.
func (s *Socket) Listen(backlog int) error {
	err := s.sock.Listen(backlog)
	if err == nil {
		s.mu.Lock()
		s.listening = true
		s.mu.Unlock()
	}
	return err
}

var (
	atomRecv      = term.Intern("recv")
	atomRecvfrom  = term.Intern("recvfrom")
	atomRecvmsg   = term.Intern("recvmsg")
	atomSend      = term.Intern("send")
	atomSendto    = term.Intern("sendto")
	atomSendfile  = term.Intern("sendfile")
	atomAccept    = term.Intern("accept")
	atomConnectOp = term.Intern("connect")
	atomAlready   = term.Intern("already")
	atomIov       = term.Intern("iov")
	atomCtrl      = term.Intern("ctrl")
	atomFlags     = term.Intern("flags")
	atomAddr      = term.Intern("addr")
)
