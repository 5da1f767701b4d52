//go:build unix

package bifs

import (
	"runtime"

	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

var (
	atomInvalidArg   = term.Intern("invalid")
	atomClosedSocket = term.Intern("closed")
	atomSockOption   = term.Intern("socket_option")
)

// invalidArg is {invalid, {What...}}.
func invalidArg(h *term.Heap, what ...term.Term) term.Term {
	return h.Tuple(atomInvalidArg, h.Tuple(what...))
}

func failedWith(p *proc.Process, reason term.Term) term.Term {
	return p.Heap.Tuple(term.AtomError, reason)
}

// withSocket runs f on the socket behind a reference that is open; another term is badarg, a closed one {error, closed}.
func withSocket(p *proc.Process, ref term.Term, f func(s *port.Socket) term.Term) term.Term {
	s := port.SocketOf(ref)
	switch {
	case s == nil:
		return p.Badarg()
	case s.Closed():
		return failedWith(p, atomClosedSocket)
	}
	return f(s)
}

func socketDone(p *proc.Process, err error) term.Term {
	if err == unix.EBADF {
		return failedWith(p, atomClosedSocket)
	}
	if err == unix.EOPNOTSUPP {
		return failedWith(p, term.Intern("enotsup"))
	}
	return okOr(err)(p)
}

// socketWait reads how a call waits: milliseconds, infinity, or the handle of one that does not.
func socketWait(t term.Term) (w port.Wait, ok bool) {
	if _, isMagic := term.MagicResource(t); t.IsRef() && !isMagic {
		return port.Wait{Handle: t}, true
	}
	w.Handle = term.None
	if t.IsAtom() {
		w.Timeout = -1
		return w, t.AtomName() == "infinity"
	}
	n, ok := smallIn(t, 0, maxInt)
	w.Timeout = int64(n)
	return w, ok
}

// gerl_socket:open(Domain, Type, Protocol, NetNS | undefined) -> {ok, Reference} | {error, Reason}
func gerlSocketOpen4(p *proc.Process, a []term.Term) term.Term {
	domain, ok := port.SocketDomain(a[0])
	if !ok {
		return failedWith(p, invalidArg(&p.Heap, term.Intern("domain"), a[0]))
	}
	typ, ok := port.SocketType(a[1])
	if !ok {
		return failedWith(p, invalidArg(&p.Heap, term.Intern("type"), a[1]))
	}
	protocol, ok := port.SocketProtocol(a[2])
	if !ok {
		return failedWith(p, invalidArg(&p.Heap, term.Intern("protocol"), a[2]))
	}
	open := func() (*port.Sock, error) { return port.NewSock(domain, typ, protocol) }
	if a[3] != term.AtomUndefined {
		path, ok := term.CharsText(a[3])
		if !ok {
			return p.Badarg()
		}
		return p.Async(func() result {
			sock, err := port.InNamespace(path, open)
			return func(p *proc.Process) term.Term { return openedSocket(p, sock, err) }
		})
	}
	sock, err := open()
	return openedSocket(p, sock, err)
}

func openedSocket(p *proc.Process, sock *port.Sock, err error) term.Term {
	if err != nil {
		return socketDone(p, err)
	}
	sock.FindProtocol()
	return p.Heap.Tuple(term.AtomOk, port.NewSocket(p, sock, -1).Ref(&p.Heap))
}

// gerl_socket:from_fd(FD, Options) -> {ok, Reference} | {error, Reason}
func gerlSocketFromFd2(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	fd, ok := smallIn(a[0], 0, 1<<31-1)
	missing := func(what string) term.Term {
		return failedWith(p, invalidArg(h, term.Intern("options"), term.Intern(what), a[1]))
	}
	if !ok {
		return missing("domain")
	}
	found := [3]int{}
	for i, o := range []struct {
		name string
		read func(term.Term) (int, bool)
		ask  func(int) (int, error)
	}{{"domain", port.SocketDomain, port.DomainOf}, {"type", port.SocketType, port.TypeOf}, {"protocol", port.SocketProtocol, port.ProtocolOf}} {
		if v, given := term.MapGet(a[1], term.Intern(o.name)); given {
			if found[i], ok = o.read(v); !ok {
				return failedWith(p, invalidArg(h, term.Intern(o.name), v))
			}
			continue
		}
		n, err := o.ask(fd)
		if err != nil {
			return missing(o.name)
		}
		found[i] = n
	}
	dup := true
	if v, given := term.MapGet(a[1], term.Intern("dup")); given {
		if v != term.AtomTrue && v != term.AtomFalse {
			return missing("dup")
		}
		dup = v == term.AtomTrue
	}
	var sock *port.Sock
	var err error
	if dup {
		sock, err = port.DupSock(fd, found[0], found[1])
	} else {
		sock, err = port.SockFromFD(fd, found[0], found[1], found[2])
	}
	if err != nil {
		return socketDone(p, err)
	}
	sock.Protocol = found[2]
	return h.Tuple(term.AtomOk, port.NewSocket(p, sock, fd).Ref(h))
}

// gerl_socket:bind(Socket, Address) -> ok | {error, Reason}
func gerlSocketBind2(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		addr, bad := socketAddress(p, a[1])
		if addr == nil {
			return bad
		}
		return socketDone(p, s.Bind(addr))
	})
}

// socketAddress reads an address; nil: bad is the answer, or None after an exception.
func socketAddress(p *proc.Process, t term.Term) (addr unix.Sockaddr, bad term.Term) {
	h := &p.Heap
	if !t.IsMap() {
		return nil, p.Raise(term.AtomError, invalidArg(h, term.Intern("sockaddr"), t))
	}
	addr, reason := port.Sockaddr(h, t)
	if addr == nil {
		return nil, failedWith(p, reason)
	}
	return addr, term.None
}

// gerl_socket:listen(Socket, Backlog) -> ok | {error, Reason}
func gerlSocketListen2(p *proc.Process, a []term.Term) term.Term {
	backlog, ok := smallIn(a[1], -1<<31, 1<<31-1)
	if !ok {
		return p.Badarg()
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term { return socketDone(p, s.Listen(backlog)) })
}

// gerl_socket:connect(Socket, Address, Wait) -> ok | {select, SelectInfo} | {error, Reason}
func gerlSocketConnect3(p *proc.Process, a []term.Term) term.Term {
	w, ok := socketWait(a[2])
	if !ok {
		return p.Badarg()
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		addr, bad := socketAddress(p, a[1])
		if addr == nil {
			return bad
		}
		return s.Connect(p, addr, w)
	})
}

// gerl_socket:connected(Socket) -> ok | {error, Reason}: the end of a connect that did not wait.
func gerlSocketConnected1(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		t, ok := s.FinishConnect(p)
		if !ok {
			return p.Raise(term.AtomError, p.Heap.Tuple(atomInvalidArg, term.Intern("state")))
		}
		return t
	})
}

// gerl_socket:accept(Socket, Wait) -> {ok, Socket} | {select, SelectInfo} | {error, Reason}
func gerlSocketAccept2(p *proc.Process, a []term.Term) term.Term {
	w, ok := socketWait(a[1])
	if !ok {
		return p.Badarg()
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term { return s.Accept(p, w) })
}

// gerl_socket:send(Socket, Operation, Data, {Address, Control, Flags}, Wait) -> ok | {ok, Rest} | {select, Info} | {error, Reason}
//
// Data is iodata for send and sendto, a list of binaries for sendmsg and sendv; Address and Control are undefined if there are none.
func gerlSocketSend5(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	w, ok := socketWait(a[4])
	how := a[3]
	if !ok || !how.TupleOf(3) || !a[1].IsAtom() {
		return p.Badarg()
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		o := &port.Outgoing{Op: a[1]}
		var reason, bad term.Term
		var raised bool
		if o.Flags, reason, raised = port.MessageFlags(h, how.Elem(2)); reason != term.None {
			if raised {
				return p.Raise(term.AtomError, reason)
			}
			return failedWith(p, reason)
		}
		if how.Elem(0) != term.AtomUndefined {
			if o.To, bad = socketAddress(p, how.Elem(0)); o.To == nil {
				return bad
			}
		}
		op := a[1].AtomName()
		if how.Elem(1) != term.AtomUndefined {
			if o.Ctrl, ok = port.ControlMessages(how.Elem(1)); !ok {
				return failedWith(p, invalidArg(h, term.Intern("msg"), term.Intern("ctrl"),
					h.MapFromPairs([]term.Term{term.Intern("ctrl"), how.Elem(1)})))
			}
		}
		size := 0
		if op == "send" || op == "sendto" {
			data, ok := term.IOListBytes(a[2])
			if !ok {
				return p.Raise(term.AtomError, invalidArg(h, term.Intern("data"), a[2]))
			}
			o.Data, size = [][]byte{data}, len(data)
		} else {
			i := 0
			l := a[2]
			for ; l.IsCons(); l = l.Tail() {
				i++
				b, ok := l.Head().Bytes()
				if !ok {
					return badIov(p, op, h.Tuple(term.Intern("element_not_binary"), term.Int(i)))
				}
				o.Data = append(o.Data, b)
				size += len(b)
			}
			if !l.IsNil() {
				return badIov(p, op, h.Tuple(term.Intern("improper_list"), term.Int(i)))
			}
			if i > port.MaxSlices && s.Sock().Type != unix.SOCK_STREAM {
				return badIov(p, op, h.Tuple(term.Intern("list"), term.Int(i)))
			}
			if len(o.Data) == 0 {
				o.Data = [][]byte{nil}
			}
		}
		p.Bump(size >> 10)
		o.Cont = func(*term.Heap) term.Term { return how }
		return s.Send(p, o, w)
	})
}

// badIov is the answer to a list that is no iovec: sendv raises it as OTP does.
func badIov(p *proc.Process, op string, why term.Term) term.Term {
	if op == "sendv" {
		return p.Raise(term.AtomError, p.Heap.Tuple(term.Intern("case_clause"), p.Heap.Tuple(atomInvalidArg, term.Intern("iov"))))
	}
	return failedWith(p, invalidArg(&p.Heap, term.Intern("iov"), why))
}

// receiving reads flags and the way to wait, and runs f.
func receiving(p *proc.Process, ref, flags, wait term.Term, f func(s *port.Socket, flags int, w port.Wait) term.Term) term.Term {
	w, ok := socketWait(wait)
	if !ok {
		return p.Badarg()
	}
	return withSocket(p, ref, func(s *port.Socket) term.Term {
		n, reason, raised := port.MessageFlags(&p.Heap, flags)
		switch {
		case raised:
			return p.Raise(term.AtomError, reason)
		case reason != term.None:
			return failedWith(p, reason)
		}
		return f(s, n, w)
	})
}

// sizeArg reads a size; larger ones than a machine has are as good as those.
func sizeArg(t term.Term) int {
	if n, ok := smallIn(t, 0, maxInt); ok {
		return n
	}
	return maxInt
}

// gerl_socket:recv(Socket, Length, Flags, Wait) -> {ok, Data} | {select, Info} | {error, Reason}
func gerlSocketRecv4(p *proc.Process, a []term.Term) term.Term {
	return receiving(p, a[0], a[2], a[3], func(s *port.Socket, flags int, w port.Wait) term.Term {
		return s.Recv(p, sizeArg(a[1]), flags, w)
	})
}

// gerl_socket:recvfrom(Socket, Size, Flags, Wait) -> {ok, {Address, Data}} | {select, Info} | {error, Reason}
func gerlSocketRecvfrom4(p *proc.Process, a []term.Term) term.Term {
	return receiving(p, a[0], a[2], a[3], func(s *port.Socket, flags int, w port.Wait) term.Term {
		return s.RecvFrom(p, sizeArg(a[1]), flags, w)
	})
}

// gerl_socket:recvmsg(Socket, Size, ControlSize, Flags, Wait) -> {ok, Message} | {select, Info} | {error, Reason}
func gerlSocketRecvmsg5(p *proc.Process, a []term.Term) term.Term {
	return receiving(p, a[0], a[3], a[4], func(s *port.Socket, flags int, w port.Wait) term.Term {
		return s.RecvMsg(p, sizeArg(a[1]), min(sizeArg(a[2]), 1<<20), flags, w)
	})
}

// gerl_socket:recvmmsg(Socket, Most, Size, ControlSize, Flags, Wait) -> {ok, [Message]} | {select, Info} | {error, Reason}
func gerlSocketRecvmmsg6(p *proc.Process, a []term.Term) term.Term {
	return receiving(p, a[0], a[4], a[5], func(s *port.Socket, flags int, w port.Wait) term.Term {
		return s.RecvMsgs(p, min(sizeArg(a[1]), 1024), sizeArg(a[2]), min(sizeArg(a[3]), 1<<20), flags, w)
	})
}

// gerl_socket:sendfile(Socket, Handle, Offset, Count, Wait) -> {ok, Sent} | {select, Info} | {error, Reason}
func gerlSocketSendfile5(p *proc.Process, a []term.Term) term.Term {
	w, ok := socketWait(a[4])
	offset, ok2 := term.ToInt64(a[2])
	count, ok3 := term.ToInt64(a[3])
	read, isFile := fileReader(a[1])
	if !ok || !ok2 || !ok3 || !isFile || count < 0 {
		return p.Badarg()
	}
	if offset < 0 {
		return errnoTerm(p, unix.EINVAL)
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		return s.SendFile(p, read, offset, count, w, a[1])
	})
}

// gerl_socket:close(Socket) -> ok | {error, closed | Posix}
func gerlSocketClose1(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		slow := s.Lingers()
		end := s.Close()
		if end == nil {
			return failedWith(p, atomClosedSocket)
		}
		if !slow {
			end()
			return term.AtomOk
		}
		return p.Async(func() result {
			end()
			return okResult
		})
	})
}

// gerl_socket:shutdown(Socket, read | write | read_write) -> ok | {error, Reason}
func gerlSocketShutdown2(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		how, ok := shutdownHow(a[1])
		if !ok {
			return p.Raise(term.AtomError, invalidArg(&p.Heap, term.Intern("how"), a[1]))
		}
		return socketDone(p, s.Sock().Shutdown(how))
	})
}

// gerl_socket:sockname(Socket) -> {ok, Address} | {error, Reason}
func gerlSocketSockname1(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		addr, err := s.Sock().LocalAddr()
		if err != nil {
			return socketDone(p, err)
		}
		return p.Heap.Tuple(term.AtomOk, port.SockaddrTerm(&p.Heap, addr, s.Sock().Domain))
	})
}

// gerl_socket:peername(Socket) -> {ok, Address} | {error, Reason}
func gerlSocketPeername1(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		addr, err := s.Sock().PeerAddr()
		if err != nil {
			return socketDone(p, err)
		}
		return p.Heap.Tuple(term.AtomOk, port.SockaddrTerm(&p.Heap, addr, s.Sock().Domain))
	})
}

// gerl_socket:cancel(Socket, Operation, Handle) -> ok | sent | unknown | {error, closed}
func gerlSocketCancel3(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		switch s.Cancel(p, a[1], a[2]) {
		case port.CancelWaiting:
			return term.AtomOk
		case port.CancelSent:
			return term.Intern("sent")
		case port.CancelClosed:
			return failedWith(p, atomClosedSocket)
		}
		return term.Intern("unknown")
	})
}

// gerl_socket:info(Socket) -> map()
func gerlSocketInfo1(p *proc.Process, a []term.Term) term.Term {
	s := port.SocketOf(a[0])
	if s == nil {
		return p.Badarg()
	}
	return s.Info(&p.Heap)
}

// gerl_socket:unlist(Socket) -> ok
func gerlSocketUnlist1(p *proc.Process, a []term.Term) term.Term {
	s := port.SocketOf(a[0])
	if s == nil {
		return p.Badarg()
	}
	s.Unlist()
	return term.AtomOk
}

// gerl_socket:is_socket(Term) -> boolean()
func gerlSocketIsSocket1(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(port.SocketOf(a[0]) != nil)
}

// gerl_socket:all() -> [Socket]
func gerlSocketAll0(p *proc.Process, _ []term.Term) term.Term {
	var out []term.Term
	for _, s := range port.SocketsOf(p.Sys).All() {
		out = append(out, s.Term(&p.Heap))
	}
	return p.Heap.List(out...)
}

// gerl_socket:monitor(Socket) -> reference()
func gerlSocketMonitor1(p *proc.Process, a []term.Term) term.Term {
	s := port.SocketOf(a[0])
	if s == nil {
		return p.Badarg()
	}
	return s.Monitor(p)
}

// gerl_socket:cancel_monitor(Reference) -> boolean()
func gerlSocketCancelMonitor1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRef() {
		return p.Badarg()
	}
	return term.Bool(port.SocketsOf(p.Sys).Demonitor(p, a[0]))
}

// gerl_socket:monitors(Socket) -> [{Reference, Pid}]
func gerlSocketMonitors1(p *proc.Process, a []term.Term) term.Term {
	s := port.SocketOf(a[0])
	if s == nil {
		return p.Badarg()
	}
	refs, pids := s.Monitors(&p.Heap)
	for i := range refs {
		refs[i] = p.Heap.Tuple(refs[i], pids[i])
	}
	return p.Heap.List(refs...)
}

// gerl_socket:table(protocols | options | msg_flags | system) -> list()
func gerlSocketTable1(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	var out []term.Term
	switch a[0] {
	case term.Intern("protocols"):
		for _, name := range port.Protocols() {
			out = append(out, h.Tuple(term.Intern(name), term.AtomTrue))
		}
	case term.Intern("options"):
		port.OptionNames(func(level, name string, there bool) {
			out = append(out, h.Tuple(h.Tuple(term.Intern(level), term.Intern(name)), term.Bool(there)))
		})
	case term.Intern("msg_flags"):
		for name := range port.MessageFlagNames() {
			out = append(out, h.Tuple(term.Intern(name), term.AtomTrue))
		}
	case term.Intern("ioctl_requests"):
		for _, name := range port.IoctlRequests() {
			out = append(out, h.Tuple(term.Intern(name), term.AtomTrue))
		}
	case term.Intern("ioctl_flags"):
		for _, name := range port.IoctlFlags() {
			out = append(out, h.Tuple(term.Intern(name), term.AtomTrue))
		}
	case term.Intern("system"):
		return term.Intern(runtime.GOOS)
	default:
		return p.Badarg()
	}
	return h.List(out...)
}

// gerl_socket:setting(debug | use_registry, boolean() | undefined) -> boolean(): the value that it had.
func gerlSocketSetting2(p *proc.Process, a []term.Term) term.Term {
	set := port.SocketsOf(p.Sys)
	return term.Bool(set.Setting(a[0].AtomName(), a[1] == term.AtomTrue, a[1] != term.AtomUndefined))
}
