//go:build unix

package port

import (
	"encoding/binary"
	"io"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// Send sends data on a stream. What the system does not take at once is queued. If something was in the queue before, and it is as long as the high
// watermark now, the process waits until it is not longer than the low one.
func (s *Inet) Send(p *proc.Process, data []byte) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.sendEnd != nil:
		return failure(io.EOF)(p)
	case !s.connected:
		return failure(errNotConnected)(p)
	}
	if !s.stream {
		return s.sendGram(p, data, nil, nil)
	}
	size := len(data)
	data, ok := s.withHeader(data)
	if !ok {
		return failure(errMessageSize)(p)
	}
	s.sent(size)
	if s.outSize == 0 && !s.writing && !s.o.delaySend {
		n, err := s.sock.Write(data, false)
		if err != nil && !again(err) {
			return s.sendFailed(err)(p)
		}
		if data = data[n:]; len(data) == 0 {
			return term.AtomOk
		}
	}
	// what is queued goes out also if the process stops waiting
	before := s.outSize
	s.queue(append([]byte(nil), data...))
	if before == 0 || s.outSize < s.o.highWater {
		return term.AtomOk
	}
	r := &Request{p: p}
	s.senders = append(s.senders, r)
	timeout := int64(-1)
	if s.o.sendTimeout >= 0 {
		timeout = int64(s.o.sendTimeout)
	}
	return r.wait(timeout, func() {
		s.forgetTaken()
		if s.o.sendTimeoutClose {
			s.port.Close(term.AtomNormal)
		}
	})
}

// withHeader puts the length in front where the packet type has one: as much of it as there is room for, as OTP does.
func (s *Inet) withHeader(data []byte) ([]byte, bool) {
	n := s.o.framing.Kind.headerSize()
	switch {
	case n == 0:
		return data, true
	case len(data) > maxSend:
		return nil, false
	}
	out := make([]byte, 4+len(data))
	binary.BigEndian.PutUint32(out, uint32(len(data)))
	copy(out[4:], data)
	return out[4-n:], true
}

const maxSend = 1<<32 - 1

func (s *Inet) sent(n int) {
	c := &s.count
	c.sendCount++
	c.sendBytes += int64(n)
	c.sendMax = max(c.sendMax, int64(n))
	s.port.Output.Add(int64(n))
}

// queue leaves data to the writer.
func (s *Inet) queue(data []byte) {
	s.out = append(s.out, outItem{data: data})
	s.outSize += len(data)
	s.startWriter()
}

func (s *Inet) startWriter() {
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

// write sends what is queued.
func (s *Inet) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.out) > 0 {
		data, job := s.out[0].data, s.out[0].file
		s.mu.Unlock()
		var err error
		if job != nil {
			err = s.sendFile(job)
		}
		for len(data) > 0 && err == nil {
			var n int
			n, err = s.sock.Write(data, true)
			s.mu.Lock()
			if len(s.out) == 0 {
				// thrown away by an abrupt close
				s.mu.Unlock()
				break
			}
			data = data[n:]
			s.out[0].data = data
			s.outSize -= n
			s.admit()
			s.mu.Unlock()
		}
		s.mu.Lock()
		if err != nil {
			f := s.sendFailed(err)
			for _, item := range s.out {
				if item.file != nil {
					item.file.r.finish(f)
				}
			}
			s.out, s.outSize = nil, 0
			for _, r := range append(s.senders, s.drains...) {
				r.finish(f)
			}
			s.senders, s.drains = nil, nil
			break
		}
		if len(s.out) > 0 {
			s.out[0] = outItem{}
			s.out = s.out[1:]
		}
	}
	s.writing = false
	if s.o.afterDrain != nil {
		s.o.afterDrain()
		s.o.afterDrain = nil
	}
	for _, r := range s.drains {
		r.finish(Okay)
	}
	s.drains = nil
	if s.closed {
		_ = s.sock.Close()
	}
}

// admit lets senders go on that wait until the queue is short.
func (s *Inet) admit() {
	if s.outSize > max(s.o.lowWater, 0) {
		return
	}
	for _, r := range s.senders {
		r.finish(Okay)
	}
	s.senders = nil
}

// sendFailed notes that the connection is broken. In active mode the owner is told.
func (s *Inet) sendFailed(err error) Result {
	s.sendEnd = err
	reset := err == unix.ECONNRESET || err == unix.EPIPE || err == unix.ECONNABORTED
	answer := err
	if reset && !(s.o.showReset && err == unix.ECONNRESET) {
		answer = io.EOF
	}
	switch {
	case s.closed:
	case s.o.active != passive && (!s.reading || reset):
		s.in = nil
		s.inputEnded(answer)
	case reset && s.writing:
		// nobody was told yet: the next call to receive is
		s.in, s.end = nil, answer
		for r := s.next(&s.recvs); r != nil; r = s.next(&s.recvs) {
			r.finish(failure(answer))
		}
	}
	return failure(answer)
}

// SendTo sends a datagram, to an address or (nil) to the other end, with control data.
func (s *Inet) SendTo(p *proc.Process, to unix.Sockaddr, data, oob []byte) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stream {
		return failure(errInvalid)(p)
	}
	return s.sendGram(p, data, oob, to)
}

func (s *Inet) sendGram(p *proc.Process, data, oob []byte, to unix.Sockaddr) term.Term {
	_, err := s.sock.SendMsg(data, oob, to, 0, false)
	if again(err) {
		data = append([]byte(nil), data...)
		r := &Request{p: p}
		go func() {
			if _, err := s.sock.SendMsg(data, oob, to, 0, true); err != nil {
				r.finish(failure(err))
				return
			}
			r.finish(Okay)
		}()
		return r.wait(-1, nil)
	}
	if err != nil {
		return failure(err)(p)
	}
	s.sent(len(data))
	return term.AtomOk
}

// Stats gives the counters of inet:getstat in the order of its documentation.
func (s *Inet) Stats() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.count
	m := map[string]int64{
		"recv_cnt": c.recvCount, "recv_oct": c.recvBytes, "recv_max": c.recvMax, "recv_avg": 0, "recv_dvi": c.recvDev,
		"send_cnt": c.sendCount, "send_oct": c.sendBytes, "send_max": c.sendMax, "send_avg": 0, "send_pend": int64(s.outSize),
	}
	if c.recvCount > 0 {
		m["recv_avg"] = c.recvBytes / c.recvCount
	}
	if c.sendCount > 0 {
		m["send_avg"] = c.sendBytes / c.sendCount
	}
	return m
}
