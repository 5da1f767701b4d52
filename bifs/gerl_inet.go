//go:build unix

package bifs

import (
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// errnoTerm is {error, Posix}.
func errnoTerm(p *proc.Process, err error) term.Term { return fileError(err)(p) }

// inetDone is ok or {error, Posix}.
func inetDone(p *proc.Process, err error) term.Term { return okOr(err)(p) }

// onSocket runs f on the socket of a port; without one the answer is {error, einval}.
func onSocket(p *proc.Process, id term.Term, f func(s *port.Inet) term.Term) term.Term {
	if s := port.InetOf(p, id); s != nil {
		return f(s)
	}
	return errnoTerm(p, unix.EINVAL)
}

// inetTimeout reads a timeout in milliseconds or infinity (-1).
func inetTimeout(t term.Term) (int64, bool) {
	if t.IsAtom() && t.AtomName() == "infinity" {
		return -1, true
	}
	n, ok := smallIn(t, 0, 1<<32-1)
	return int64(n), ok
}

var inetDomains = map[string]int{"inet": unix.AF_INET, "inet6": unix.AF_INET6, "local": unix.AF_UNIX}

func inetDomainName(domain int) term.Term {
	for name, d := range inetDomains {
		if d == domain {
			return term.Intern(name)
		}
	}
	return term.AtomUndefined
}

// gerl_inet:open(Family, Type, Options, FD | {netns, Path} | undefined) -> {ok, Port} | {error, Reason}
func gerlInetOpen4(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() || !a[1].IsAtom() {
		return p.Badarg()
	}
	domain, ok := inetDomains[a[0].AtomName()]
	if !ok {
		return p.Badarg()
	}
	typ := unix.SOCK_DGRAM
	if a[1].AtomName() == "stream" {
		typ = unix.SOCK_STREAM
	}
	open := func() (*port.Sock, error) { return port.NewSock(domain, typ, 0) }
	if a[3].TupleOf(2) {
		path, _ := term.CharsText(a[3].Elem(1))
		keep := p.Protect(a[2])
		return p.Async(func() result {
			sock, err := port.InNamespace(path, open)
			return func(p *proc.Process) term.Term {
				options := keep.Terms[0]
				p.Release(keep)
				return openedInet(p, sock, err, false, options)
			}
		})
	}
	fd, isFD := smallIn(a[3], 0, 1<<20)
	if isFD {
		sock, err := port.DupSock(fd, domain, typ)
		if err == nil {
			port.TakeDescriptor(p.Sys, fd)
		}
		return openedInet(p, sock, err, true, a[2])
	}
	sock, err := open()
	return openedInet(p, sock, err, false, a[2])
}

// openedInet makes the port of a socket and sets its options.
func openedInet(p *proc.Process, sock *port.Sock, err error, adopt bool, options term.Term) term.Term {
	if err != nil {
		return errnoTerm(p, err)
	}
	s := port.NewInet(p.Sys, sock)
	if adopt {
		s.Adopt()
	}
	opened := s.Open(p)
	if err := s.SetOptions(options); err != nil {
		if opened.Elem(0) == term.AtomOk {
			gerlInetClose1(p, []term.Term{opened.Elem(1)})
		}
		return errnoTerm(p, err)
	}
	return opened
}

// gerl_inet:bind(Socket, Address) -> ok | {error, Reason}
func gerlInetBind2(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		addr, ok := port.Address(a[1], s.Sock().Domain)
		if !ok {
			return errnoTerm(p, unix.EINVAL)
		}
		return inetDone(p, s.Bind(addr))
	})
}

// gerl_inet:listen(Socket, Backlog) -> ok | {error, Reason}
func gerlInetListen2(p *proc.Process, a []term.Term) term.Term {
	backlog, ok := smallIn(a[1], 0, 1<<31-1)
	if !ok {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return inetDone(p, s.Listen(backlog)) })
}

// gerl_inet:connect(Socket, Address, Timeout) -> ok | {error, Reason}
func gerlInetConnect3(p *proc.Process, a []term.Term) term.Term {
	timeout, ok := inetTimeout(a[2])
	if !ok {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		addr, ok := port.Address(a[1], s.Sock().Domain)
		if !ok {
			return errnoTerm(p, unix.EAFNOSUPPORT)
		}
		return s.Connect(p, addr, timeout)
	})
}

// gerl_inet:accept(Socket, Timeout) -> {ok, Socket} | {error, Reason}
func gerlInetAccept2(p *proc.Process, a []term.Term) term.Term {
	timeout, ok := inetTimeout(a[1])
	if !ok {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return s.Accept(p, timeout) })
}

// gerl_inet:send(Socket, Data) -> ok | {error, Reason}
func gerlInetSend2(p *proc.Process, a []term.Term) term.Term {
	data, ok := term.IOListBytes(a[1])
	if !ok {
		return errnoTerm(p, unix.EINVAL)
	}
	p.Bump(len(data) >> 10)
	if s := port.InetOf(p, a[0]); s != nil {
		return s.Send(p, data)
	}
	return p.Heap.Tuple(term.AtomError, term.Intern("closed"))
}

// gerl_inet:sendfile(Socket, Handle, Offset, Count) -> {ok, Sent} | {error, Reason}; Count 0: all that follows.
func gerlInetSendfile4(p *proc.Process, a []term.Term) term.Term {
	offset, ok := term.ToInt64(a[2])
	count, ok2 := term.ToInt64(a[3])
	read, ok3 := fileReader(a[1])
	if !ok || !ok2 || !ok3 || offset < 0 || count < 0 {
		return p.Badarg()
	}
	if s := port.InetOf(p, a[0]); s != nil {
		return s.SendFile(p, read, offset, count)
	}
	return errnoTerm(p, unix.EINVAL)
}

// fileReader gives the function that reads from an open file at an offset.
func fileReader(handle term.Term) (read func(buf []byte, at int64) (int, error), ok bool) {
	r, _ := term.MagicResource(handle)
	file, ok := r.(*openFile)
	return func(buf []byte, at int64) (int, error) {
		file.mu.Lock()
		defer file.mu.Unlock()
		if file.closed {
			return 0, unix.EINVAL
		}
		return file.f.ReadAt(buf, at)
	}, ok
}

// gerl_inet:send_to(Socket, Address | undefined, Data, Control) -> ok | {error, Reason}
func gerlInetSendTo4(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		data, ok := term.IOListBytes(a[2])
		if !ok {
			return errnoTerm(p, unix.EINVAL)
		}
		oob, ok := port.ControlData(a[3])
		if !ok {
			return errnoTerm(p, unix.EINVAL)
		}
		var to unix.Sockaddr
		if a[1] != term.AtomUndefined {
			if to, ok = port.Address(a[1], s.Sock().Domain); !ok {
				return errnoTerm(p, unix.EINVAL)
			}
		}
		return s.SendTo(p, to, data, oob)
	})
}

// gerl_inet:recv(Socket, Length, Timeout) -> {ok, Data} | {error, Reason}
func gerlInetRecv3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[1], 0, maxInt)
	timeout, ok2 := inetTimeout(a[2])
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return s.Recv(p, n, timeout) })
}

// gerl_inet:unrecv(Socket, Data) -> ok | {error, Reason}
func gerlInetUnrecv2(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		data, ok := term.IOListBytes(a[1])
		if !ok {
			return errnoTerm(p, unix.EINVAL)
		}
		s.Unrecv(data)
		return term.AtomOk
	})
}

// gerl_inet:setopts(Socket, Options) -> ok | {error, Reason}
func gerlInetSetopts2(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return inetDone(p, s.SetOptions(a[1])) })
}

// gerl_inet:getopts(Socket, Names) -> {ok, Options} | {error, Reason}
func gerlInetGetopts2(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		t, err := s.GetOptions(&p.Heap, a[1])
		if err != nil {
			return errnoTerm(p, err)
		}
		return p.Heap.Tuple(term.AtomOk, t)
	})
}

// gerl_inet:stats(Socket) -> {ok, #{atom() => integer()}} | {error, Reason}
func gerlInetStats1(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		var pairs []term.Term
		for name, n := range s.Stats() {
			pairs = append(pairs, term.Intern(name), p.Heap.Int64(n))
		}
		return p.Heap.Tuple(term.AtomOk, p.Heap.MapFromPairs(pairs))
	})
}

func inetAddress(p *proc.Process, s *port.Inet, a unix.Sockaddr, err error) term.Term {
	if err != nil {
		if err == unix.EBADF {
			err = unix.EINVAL
		}
		return errnoTerm(p, err)
	}
	return p.Heap.Tuple(term.AtomOk, port.AddressTerm(&p.Heap, a, s.Sock().Domain))
}

// gerl_inet:sockname(Socket) -> {ok, Address} | {error, Reason}
func gerlInetSockname1(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		addr, err := s.Sock().LocalAddr()
		return inetAddress(p, s, addr, err)
	})
}

// gerl_inet:peername(Socket) -> {ok, Address} | {error, Reason}
func gerlInetPeername1(p *proc.Process, a []term.Term) term.Term {
	return onSocket(p, a[0], func(s *port.Inet) term.Term {
		addr, err := s.Sock().PeerAddr()
		return inetAddress(p, s, addr, err)
	})
}

// shutdownHow reads the atoms read, write and read_write.
func shutdownHow(t term.Term) (how int, ok bool) {
	if !t.IsAtom() {
		return 0, false
	}
	how, ok = map[string]int{"read": unix.SHUT_RD, "write": unix.SHUT_WR, "read_write": unix.SHUT_RDWR}[t.AtomName()]
	return how, ok
}

// gerl_inet:shutdown(Socket, read | write | read_write) -> ok | {error, Reason}
func gerlInetShutdown2(p *proc.Process, a []term.Term) term.Term {
	how, ok := shutdownHow(a[1])
	if !ok {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return s.Shutdown(p, how) })
}

// gerl_inet:drain(Socket, Timeout) -> ok | {error, Reason}: waits until what was sent is on its way.
func gerlInetDrain2(p *proc.Process, a []term.Term) term.Term {
	timeout, ok := inetTimeout(a[1])
	if !ok {
		return p.Badarg()
	}
	return onSocket(p, a[0], func(s *port.Inet) term.Term { return s.WhenDrained(p, timeout) })
}

// gerl_inet:close(Socket) -> ok
func gerlInetClose1(p *proc.Process, a []term.Term) term.Term {
	if pt := port.Of(p.Sys).Get(a[0]); pt != nil {
		p.Unlink(a[0])
		pt.Close(term.AtomNormal)
	}
	return term.AtomOk
}

// gerl_inet:owner(Socket) -> pid() | undefined
func gerlInetOwner1(p *proc.Process, a []term.Term) term.Term {
	if pt := port.Of(p.Sys).Get(a[0]); pt != nil {
		return pt.Owner()
	}
	return term.AtomUndefined
}

// gerl_inet:give(Socket, Pid) -> ok | {error, Reason}: Pid becomes the owner, the old one is linked no more.
func gerlInetGive2(p *proc.Process, a []term.Term) term.Term {
	pt := port.Of(p.Sys).Get(a[0])
	if pt == nil {
		return errnoTerm(p, unix.EINVAL)
	}
	if !a[1].IsLocalPid() || p.Sys.Lookup(a[1]) == nil {
		return p.Heap.Tuple(term.AtomError, term.AtomBadarg)
	}
	pt.Connect(p, a[1])
	p.Unlink(a[0])
	return term.AtomOk
}

// gerl_inet:info(Socket) -> {Family, stream | dgram, FD, States} | undefined
func gerlInetInfo1(p *proc.Process, a []term.Term) term.Term {
	s := port.InetOf(p, a[0])
	if s == nil {
		return term.AtomUndefined
	}
	kind := "dgram"
	if s.Sock().Type == unix.SOCK_STREAM {
		kind = "stream"
	}
	var states []term.Term
	for _, name := range s.States() {
		states = append(states, term.Intern(name))
	}
	return p.Heap.Tuple(inetDomainName(s.Sock().Domain), term.Intern(kind), term.Int(s.Sock().FD()), p.Heap.List(states...))
}

// gerl_inet:sockets() -> [Port]
func gerlInetSockets0(p *proc.Process, _ []term.Term) term.Term {
	var out []term.Term
	for _, id := range port.Of(p.Sys).All() {
		if port.InetOf(p, id) != nil {
			out = append(out, id)
		}
	}
	return p.Heap.List(out...)
}
