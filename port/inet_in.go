//go:build unix

package port

import (
	"errors"
	"io"
	"os"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// A stream whose socket has no buffer size of its own is read in pieces of readAhead bytes, and larger ones while they come full.
const (
	readAhead    = 4 << 10
	readAheadMax = 128 << 10
)

// maxReceive is the largest number of bytes that recv may ask for.
const maxReceive = 0x4000000

// Recv receives: from a stream want bytes, or a packet or whatever there is when want is 0; else a datagram.
func (s *Inet) Recv(p *proc.Process, want int, timeout int64) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stream && !s.connected && s.end == nil:
		return failure(errNotConnected)(p)
	case s.o.active != passive:
		return failure(errInvalid)(p)
	case want > maxReceive:
		return failure(unix.ENOMEM)(p)
	case s.stream && want > 0 && s.o.framing.Kind != PacketRaw:
		want = 0
	}
	if s.yielded && !s.reading { // whoever asks has it again
		s.yielded = false
		s.sock.interrupt(false)
	}
	r := &Request{p: p, want: want}
	if len(s.recvs) == 0 || s.next(&s.recvs) == nil {
		if f := s.take(r); f != nil {
			return f(p)
		}
		if !s.reading && s.end == nil {
			if err := s.readOnce(false); err == nil {
				if f := s.take(r); f != nil {
					return f(p)
				}
			} else if !again(err) {
				s.readFailed(err)
			}
		}
		if f := s.take(r); f != nil {
			return f(p)
		}
		if s.end != nil {
			return failure(s.end)(p)
		}
		if timeout == 0 {
			return Failed(atomTimeout)(p)
		}
	}
	s.recvs = append(s.recvs, r)
	s.wantInput()
	return r.wait(timeout, s.forgetTaken)
}

// take serves a request from what was read; nil: there is not enough.
func (s *Inet) take(r *Request) Result {
	if !s.stream {
		if len(s.unread) == 0 {
			return nil
		}
		g := s.unread[0]
		s.unread = s.unread[1:]
		return s.gramResult(g)
	}
	if r.want > 0 {
		if len(s.in) < r.want {
			return nil
		}
		return s.dataResult(s.cut(r.want))
	}
	packet, err := s.packet()
	switch {
	case err != nil:
		// the connection is given up
		s.in, s.connected = nil, false
		_ = s.sock.Shutdown(unix.SHUT_RDWR)
		return failure(err)
	case packet == nil:
		return nil
	}
	return s.dataResult(packet)
}

// cut takes n bytes off the input. They are good until the next read.
func (s *Inet) cut(n int) []byte {
	data := s.in[:n:n]
	if s.in = s.in[n:]; len(s.in) == 0 {
		s.in = data[:0]
	}
	return data
}

// framing is how the next packet is cut: behind the first line of HTTP headers follow.
func (s *Inet) framing() Framing {
	f := s.o.framing
	if f.Kind == PacketLine {
		f.LineLimit = s.o.buffer
	}
	if s.headers && (f.Kind == PacketHTTP || f.Kind == PacketHTTPBin) {
		f.Kind += PacketHTTPH - PacketHTTP
	}
	return f
}

// packet cuts the next packet off the input, nil if it is not complete.
func (s *Inet) packet() ([]byte, error) {
	if len(s.in) == 0 {
		return nil, nil
	}
	f := s.framing()
	total, ok := f.Frame(s.in)
	switch {
	case !ok:
		return nil, errMessageSize
	case total == 0 || total > len(s.in):
		return nil, nil
	}
	return s.cut(total), nil
}

// dataResult is {ok, Data} for a packet.
func (s *Inet) dataResult(packet []byte) Result {
	s.received(len(packet))
	build := s.packetTerm(append([]byte(nil), packet...))
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, build(&p.Heap)) }
}

// packetTerm makes what the owner sees of a packet, and follows the state of a message of HTTP.
func (s *Inet) packetTerm(packet []byte) func(h *term.Heap) term.Term {
	f := s.framing()
	if !f.Kind.IsHTTP() {
		o := s.o.form
		return func(h *term.Heap) term.Term { return o.data(h, f.body(packet)) }
	}
	if s.o.framing.Kind == PacketHTTP || s.o.framing.Kind == PacketHTTPBin {
		h := term.NewArena()
		t := f.Decode(h, packet)
		switch {
		case t == atomHTTPEoh:
			s.headers = false
		case t.IsTuple() && (t.Elem(0) == atomHTTPRequest || t.Elem(0) == atomHTTPResponse):
			s.headers = true
		}
		h.Free()
	}
	return func(h *term.Heap) term.Term { return f.Decode(h, packet) }
}

// received counts a packet.
func (s *Inet) received(n int) {
	c := &s.count
	c.recvCount++
	c.recvBytes += int64(n)
	c.recvMax = max(c.recvMax, int64(n))
	avg := c.recvBytes / c.recvCount
	c.recvDev += (abs(int64(n)-avg) - c.recvDev) / c.recvCount
	s.port.Input.Add(int64(n))
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// wantInput starts the reader if somebody waits for input.
func (s *Inet) wantInput() {
	if s.reading || s.closed || s.yielded || s.stream && !s.connected && s.end == nil {
		return
	}
	if s.end == nil && s.deliver() {
		s.reading = true
		go s.read()
	} else if s.end != nil && s.o.active != passive && len(s.in) == 0 {
		s.inputEnded(s.end)
	}
}

// read reads as long as somebody wants input.
func (s *Inet) read() {
	for {
		err := s.readOnce(true)
		// readOnce has taken the lock
		if err != nil && !again(err) && !errors.Is(err, os.ErrDeadlineExceeded) {
			s.readFailed(err)
		}
		if s.yielded || s.closed || s.end != nil || !s.deliver() {
			s.reading = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// readFailed handles an error of reading. A datagram socket goes on.
func (s *Inet) readFailed(err error) {
	if s.stream {
		s.deliver()
		s.inputEnded(err)
		return
	}
	if s.closed || err == ErrClosed {
		return
	}
	s.unread = append(s.unread, &gram{err: err})
}

// readOnce reads once. Without wait it is called with the lock and never waits; with wait it is called without and comes back
// with the lock.
func (s *Inet) readOnce(wait bool) error {
	if wait {
		s.mu.Lock()
	}
	size := s.readSize()
	if wait {
		s.mu.Unlock()
	}
	if !s.stream {
		return s.readGram(wait)
	}
	if cap(s.scratch) < size {
		s.scratch = make([]byte, size)
	}
	buf := s.scratch[:size]
	n, err := s.sock.Read(buf, wait)
	if wait {
		s.mu.Lock()
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return io.EOF
	}
	if n == size && !s.o.bufferSet && s.ahead < readAheadMax {
		s.ahead *= 2
	}
	// what was cut off the input has been copied by now
	s.in = append(s.in, buf[:n]...)
	return nil
}

// readSize is how much to read at once: more when a long packet is awaited.
func (s *Inet) readSize() int {
	if !s.stream {
		return min(s.o.buffer, maxGram)
	}
	size := s.ahead
	if s.o.bufferSet {
		size = max(s.o.buffer, 1)
	}
	if r := s.next(&s.recvs); r != nil && r.want > len(s.in) {
		return max(min(r.want-len(s.in), 1<<20), min(size, s.ahead))
	}
	return size
}

// deliver hands out what was read and reports whether more input is wanted.
func (s *Inet) deliver() bool {
	for {
		if s.o.active == passive {
			r := s.next(&s.recvs)
			if r == nil {
				return false
			}
			f := s.take(r)
			if f == nil {
				return true
			}
			r.finish(f)
			continue
		}
		if s.closed {
			return false
		}
		if !s.stream {
			if len(s.unread) == 0 {
				return true
			}
			g := s.unread[0]
			s.unread = s.unread[1:]
			s.tellGram(g)
			continue
		}
		packet, err := s.packet()
		if err != nil {
			s.in = nil
			s.inputEnded(err)
			return false
		}
		if packet == nil {
			return true
		}
		s.received(len(packet))
		isHTTP := s.o.framing.Kind.IsHTTP()
		build := s.packetTerm(packet)
		tag := atomTCP
		if isHTTP {
			tag = atomHTTP
		}
		s.tell(func(h *term.Heap) term.Term { return h.Tuple(tag, s.port.ID, build(h)) })
		s.delivered()
	}
}

// delivered counts down the active modes that end.
func (s *Inet) delivered() {
	switch {
	case s.o.active == activeOnce:
		s.o.active = passive
	case s.o.active == activeCount:
		if s.o.count--; s.o.count <= 0 {
			s.becamePassive()
		}
	}
}

func (s *Inet) becamePassive() {
	s.o.active, s.o.count = passive, 0
	tag := atomUDPPassive
	if s.stream {
		tag = atomTCPPassive
	}
	s.tell(func(h *term.Heap) term.Term { return h.Tuple(tag, s.port.ID) })
}

// Unrecv puts data back in front of the input.
func (s *Inet) Unrecv(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in = append(append([]byte(nil), data...), s.in...)
	s.wantInput()
}

// ---- datagrams ------------------------------------------------------------------------------

// maxGram is more than any datagram has.
const maxGram = 64 << 10

func (s *Inet) readGram(wait bool) error {
	if s.scratch == nil {
		s.scratch, s.oob = make([]byte, maxGram), make([]byte, 256)
	}
	n, oobn, _, from, err := s.sock.RecvMsg(s.scratch, s.oob, 0, wait)
	if wait {
		s.mu.Lock()
	}
	if err != nil {
		return err
	}
	// what the options say now holds, not what they said when the wait began
	g := &gram{data: append([]byte(nil), s.scratch[:min(n, s.readSize())]...), from: from}
	if s.o.ancillary {
		g.anc = parseAncillary(s.oob[:oobn])
	}
	s.unread = append(s.unread, g)
	return nil
}

// gramParts gives the sender's address and port and the data.
func (s *Inet) gramParts(g *gram) func(h *term.Heap) []term.Term {
	form, anc, domain := s.o.form, s.o.ancillary, s.sock.Domain
	return func(h *term.Heap) []term.Term {
		address, number := addressParts(h, g.from, domain)
		out := []term.Term{address, number}
		if anc {
			out = append(out, ancillaryTerm(h, g.anc))
		}
		return append(out, form.data(h, g.data))
	}
}

func (s *Inet) gramResult(g *gram) Result {
	if g.err != nil {
		return failure(g.err)
	}
	s.received(len(g.data))
	parts := s.gramParts(g)
	return func(p *proc.Process) term.Term {
		h := &p.Heap
		return h.Tuple(term.AtomOk, h.Tuple(parts(h)...))
	}
}

func (s *Inet) tellGram(g *gram) {
	if g.err != nil {
		s.tell(func(h *term.Heap) term.Term { return h.Tuple(atomUDPError, s.port.ID, posix(g.err)) })
		return
	}
	s.received(len(g.data))
	parts := s.gramParts(g)
	s.tell(func(h *term.Heap) term.Term {
		return h.Tuple(append([]term.Term{atomUDP, s.port.ID}, parts(h)...)...)
	})
	s.delivered()
}
