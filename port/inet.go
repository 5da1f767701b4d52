//go:build unix

package port

import (
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"syscall"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// Inet is a socket as gen_tcp and gen_udp know it: a port with an owner, options, packets and an active or passive mode.
//
// All fields are guarded by mu. Workers only make calls that do not block; three goroutines, which run while there is something to do,
// wait for input, output and connections.
type Inet struct {
	sys  *proc.System
	port *Port
	sock *Sock

	mu        sync.Mutex
	stream    bool
	connected bool
	listening bool
	closed    bool
	told      bool // the owner was told of the end, and the port is about to close
	o         inetOptions
	count     inetCounters

	in       []byte  // stream: what was read and not delivered
	unread   []*gram // datagrams that were read and not delivered
	headers  bool    // the next line of HTTP is a header
	end      error   // the input is over: io.EOF or an error
	sendEnd  error   // the output is broken
	scratch  []byte  // the reader's buffer
	oob      []byte  // that for control data
	ahead    int     // how much to read at once
	reading  bool    // the reader runs
	yielded  bool    // a newer socket of the node reads from the same descriptor
	taking   bool    // the goroutine that accepts runs
	writing  bool    // the writer runs
	recvs    []*Request
	accepts  []*Request
	accepted []*Sock
	out      []outItem
	outSize  int
	senders  []*Request // wait for room in out
	drains   []*Request // wait for out to become empty
}

// gram is a datagram that came in.
type gram struct {
	data []byte
	from unix.Sockaddr
	anc  []ancillary
	err  error
}

type inetCounters struct {
	recvCount, recvBytes, recvMax, sendCount, sendBytes, sendMax, recvDev int64
}

// ErrNotConnected and the like are answers that are not the operating system's.
const (
	errNotConnected = unix.ENOTCONN
	errInvalid      = unix.EINVAL
	errMessageSize  = unix.EMSGSIZE
)

// posix gives the atom of an error.
func posix(err error) term.Term {
	var no syscall.Errno
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, ErrClosed):
		return atomClosed
	case errors.As(err, &no):
		if name := unix.ErrnoName(no); name != "" {
			return term.Intern(strings.ToLower(name))
		}
	}
	return term.Intern("einval")
}

func failure(err error) Result { return Failed(posix(err)) }

// NewInet makes a socket that has no port yet.
func NewInet(sys *proc.System, sock *Sock) *Inet {
	s := &Inet{sys: sys, sock: sock, ahead: readAhead, stream: sock.Type == unix.SOCK_STREAM}
	s.o.init()
	if !s.stream {
		s.o.buffer = 8192
	}
	return s
}

// Open gives the socket a port that p owns.
func (s *Inet) Open(p *proc.Process) term.Term {
	t := Of(p.Sys)
	name := "udp_inet"
	if s.stream {
		name = "tcp_inet"
	}
	pt := t.OpenUnlinked(p, name, s)
	if pt == nil {
		_ = s.sock.Close()
		return p.Heap.Tuple(term.AtomError, term.AtomSystemLimit)
	}
	s.mu.Lock()
	s.port = pt
	s.mu.Unlock()
	p.Link(pt.ID)
	return p.Heap.Tuple(term.AtomOk, pt.ID)
}

// InetOf gives the socket behind a port identifier, nil if it is none.
func InetOf(p *proc.Process, id term.Term) *Inet {
	if pt := Of(p.Sys).Get(id); pt != nil {
		if s, ok := pt.Driver.(*Inet); ok {
			return s
		}
	}
	return nil
}

// Sock is the socket of the operating system.
func (s *Inet) Sock() *Sock { return s.sock }

// Output implements Driver: data sent to the port as a message.
func (s *Inet) Output(_ *Port, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected && s.stream {
		s.queue(data)
	}
}

// Close implements Driver. What was sent still goes out.
func (s *Inet) Close(*Port, term.Term) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.failAll(Failed(atomClosed))
	for _, c := range s.accepted {
		_ = c.Close()
	}
	s.accepted = nil
	if s.outSize > 0 && s.abrupt() {
		s.out, s.outSize = nil, 0
		_ = s.sock.Close()
		return
	}
	if s.outSize == 0 || !s.writing {
		if l := s.linger(); l != nil && l.Onoff != 0 && l.Linger != 0 {
			// the system may take its time
			go func() { _ = s.sock.Close() }()
			return
		}
		_ = s.sock.Close()
		return
	}
	s.sys.AfterFunc(lingerMilliseconds, func() { go func() { _ = s.sock.Close() }() })
}

// linger is the socket's option linger, nil if it cannot be read.
func (s *Inet) linger() (l *unix.Linger) {
	_ = s.sock.control(func(fd int) (err error) {
		l, err = unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
		return err
	})
	return l
}

// abrupt reports whether the option linger asks for a close that throws away what is queued.
func (s *Inet) abrupt() bool {
	l := s.linger()
	return l != nil && l.Onoff != 0 && l.Linger == 0
}

// lingerMilliseconds is how long a closed socket may take to send what is queued.
const lingerMilliseconds = 180_000

func (s *Inet) failAll(f Result) {
	for _, list := range []*[]*Request{&s.recvs, &s.accepts, &s.senders, &s.drains} {
		for _, r := range *list {
			r.finish(f)
		}
		*list = nil
	}
}

// ---- connecting and accepting -------------------------------------------------------------

// Connect connects the socket; timeout in milliseconds, negative: none.
func (s *Inet) Connect(p *proc.Process, to unix.Sockaddr, timeout int64) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected && s.stream {
		return failure(unix.EISCONN)(p)
	}
	if s.connected {
		// the address that the first connection chose need not do for the second
		_ = s.sock.control(disconnect)
	}
	err := s.sock.Connect(to)
	switch {
	case err == nil:
		s.nowConnected()
		return term.AtomOk
	case err != unix.EINPROGRESS:
		return failure(err)(p)
	}
	r := &Request{p: p}
	go func() {
		err := s.sock.FinishConnect()
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			r.finish(failure(err))
			return
		}
		s.nowConnected()
		r.finish(Okay)
	}()
	return r.wait(timeout, nil)
}

func (s *Inet) nowConnected() {
	s.connected = true
	s.wantInput()
}

// Bind gives the socket an address.
func (s *Inet) Bind(a unix.Sockaddr) error {
	if err := s.sock.Bind(a); err != nil {
		return err
	}
	if !s.stream {
		s.mu.Lock()
		s.wantInput()
		s.mu.Unlock()
	}
	return nil
}

// Listen makes the socket take connections.
func (s *Inet) Listen(backlog int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected || !s.stream {
		return errInvalid
	}
	if err := s.sock.Listen(backlog); err != nil {
		return err
	}
	s.listening = true
	return nil
}

// Accept takes a connection, which becomes a port of p's.
func (s *Inet) Accept(p *proc.Process, timeout int64) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.listening {
		return failure(errInvalid)(p)
	}
	if len(s.accepted) > 0 {
		c := s.accepted[0]
		s.accepted = s.accepted[1:]
		return s.child(c)(p)
	}
	if !s.taking {
		c, err := s.sock.Accept(false)
		if err == nil {
			return s.child(c)(p)
		}
		if !again(err) {
			return failure(err)(p)
		}
		if timeout == 0 {
			return Failed(atomTimeout)(p)
		}
		s.taking = true
		go s.takeConnections()
	}
	r := &Request{p: p}
	s.accepts = append(s.accepts, r)
	return r.wait(timeout, s.forgetTaken)
}

// child makes the socket of a new connection: it inherits the options of the listening one.
func (s *Inet) child(c *Sock) Result {
	o := s.o
	return func(p *proc.Process) term.Term {
		n := NewInet(p.Sys, c)
		n.o = o
		n.o.facts = maps.Clone(o.facts)
		n.connected = true
		r := n.Open(p)
		n.mu.Lock()
		n.wantInput()
		n.mu.Unlock()
		return r
	}
}

func (s *Inet) takeConnections() {
	for {
		c, err := s.sock.Accept(true)
		s.mu.Lock()
		r := s.next(&s.accepts)
		switch {
		case err != nil && r != nil:
			r.finish(failure(err))
		case err != nil:
		case s.closed:
			_ = c.Close()
		case r == nil || !r.finish(s.child(c)):
			s.accepted = append(s.accepted, c)
		}
		if s.closed || s.next(&s.accepts) == nil {
			s.taking = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// next gives the first request that somebody still waits for; it stays in the list until it is finished.
func (s *Inet) next(list *[]*Request) *Request {
	for len(*list) > 0 {
		if r := (*list)[0]; !r.gone() {
			return r
		}
		*list = (*list)[1:]
	}
	return nil
}

func (s *Inet) forgetTaken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range []*[]*Request{&s.recvs, &s.accepts, &s.senders, &s.drains} {
		s.next(list)
	}
}

// ---- the end ---------------------------------------------------------------------------------

// WhenDrained answers ok once everything that was sent is with the operating system.
func (s *Inet) WhenDrained(p *proc.Process, timeout int64) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outSize == 0 || s.closed {
		return term.AtomOk
	}
	r := &Request{p: p}
	s.drains = append(s.drains, r)
	return r.wait(timeout, s.forgetTaken)
}

// Shutdown ends a direction of the connection: after what is queued for writing.
func (s *Inet) Shutdown(p *proc.Process, how int) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stream || !s.connected {
		return failure(errNotConnected)(p)
	}
	finish := func() error {
		if how != unix.SHUT_RD {
			s.sendEnd = io.EOF
		}
		return s.sock.Shutdown(how)
	}
	if s.outSize == 0 || how == unix.SHUT_RD {
		if err := finish(); err != nil {
			return failure(err)(p)
		}
		return term.AtomOk
	}
	s.sendEnd = io.EOF
	s.o.afterDrain = func() { _ = s.sock.Shutdown(how) }
	return term.AtomOk
}

// inputEnded handles the end of the input: err is io.EOF or the error that came.
func (s *Inet) inputEnded(err error) {
	if s.closed || s.told {
		return
	}
	switch {
	case err == io.EOF && s.sendEnd == unix.ECONNRESET && s.o.showReset:
		// the writer came first to hear of it
		err = unix.ECONNRESET
	case err == unix.ECONNRESET && !s.o.showReset:
		err = io.EOF
	}
	if s.o.active == passive {
		s.end = err
		for r := s.next(&s.recvs); r != nil; r = s.next(&s.recvs) {
			r.finish(failure(err))
		}
		if s.o.exitOnClose {
			s.connected = false
			s.sendEnd = io.EOF
		}
		return
	}
	s.end = err
	if err != io.EOF {
		s.tell(func(h *term.Heap) term.Term { return h.Tuple(atomTCPError, s.port.ID, posix(err)) })
	}
	s.tell(func(h *term.Heap) term.Term { return h.Tuple(atomTCPClosed, s.port.ID) })
	if s.o.exitOnClose || err != io.EOF {
		s.connected, s.told = false, true
		pt := s.port
		go pt.Leave()
		return
	}
	s.o.active = passive
}

// tell sends a message to the owner.
func (s *Inet) tell(build func(h *term.Heap) term.Term) { s.port.Send(build) }

var (
	atomTCP        = term.Intern("tcp")
	atomTCPClosed  = term.Intern("tcp_closed")
	atomTCPError   = term.Intern("tcp_error")
	atomTCPPassive = term.Intern("tcp_passive")
	atomUDP        = term.Intern("udp")
	atomUDPError   = term.Intern("udp_error")
	atomUDPPassive = term.Intern("udp_passive")
	atomHTTP       = term.Intern("http")
	atomLocal      = term.Intern("local")
)

// QueueSize is how many bytes wait to be sent.
func (s *Inet) QueueSize() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outSize
}

// Busy and WhenFree implement Flow: data that is sent as a message to the port makes nobody wait.
func (s *Inet) Busy() bool { return false }

// WhenFree implements Flow.
func (s *Inet) WhenFree(func()) bool { return false }

// TakeDescriptor has the sockets of the node that read from a descriptor leave what comes in to another one, which is about to be opened on it.
func TakeDescriptor(sys *proc.System, fd int) {
	t := Of(sys)
	for _, id := range t.All() {
		pt := t.Get(id)
		if pt == nil {
			continue
		}
		if s, ok := pt.Driver.(*Inet); ok && s.sock.FD() == fd {
			s.mu.Lock()
			s.yielded = !s.closed
			if s.yielded && s.reading {
				s.sock.interrupt(true)
			}
			s.mu.Unlock()
		}
	}
}

// Adopt finds out what state a socket is in that was open before.
func (s *Inet) Adopt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, err := s.sock.GetInt(unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && n != 0 {
		s.listening = true
	}
	_, err := s.sock.PeerAddr()
	s.connected = err == nil
}

// States names what the socket is: open, bound, listen, connected.
func (s *Inet) States() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{"open"}
	if a, err := s.sock.LocalAddr(); err == nil {
		switch a := a.(type) {
		case *unix.SockaddrInet4:
			if a.Port != 0 {
				out = append(out, "bound")
			}
		case *unix.SockaddrInet6:
			if a.Port != 0 {
				out = append(out, "bound")
			}
		case *unix.SockaddrUnix:
			if a.Name != "" {
				out = append(out, "bound")
			}
		}
	}
	switch {
	case s.listening:
		out = append(out, "listen")
		if s.next(&s.accepts) != nil {
			out = append(out, "accepting")
		}
	case s.connected:
		out = append(out, "connected")
	}
	return out
}
