//go:build unix

package bifs

import (
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// optionAnswer is what a call for an option gives unless there is a value.
func optionAnswer(p *proc.Process, level, name, value term.Term, r port.OptionResult, err error) term.Term {
	h := &p.Heap
	switch {
	case r == port.OptionUnknown:
		return failedWith(p, invalidArg(h, atomSockOption, h.Tuple(level, name)))
	case r == port.OptionNotOwner:
		return failedWith(p, h.Tuple(atomInvalidArg, term.Intern("not_owner")))
	case r == port.OptionBad:
		return failedWith(p, invalidArg(h, atomSockOption, h.Tuple(level, name), value))
	}
	return socketDone(p, err)
}

// gerl_socket:setopt(Socket, Level, Option, Value) -> ok | {error, Reason}
func gerlSocketSetopt4(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		level, name, value := a[1], a[2], a[3]
		if level != term.Intern("otp") {
			r, err := s.SetOption(level, name, value)
			return optionAnswer(p, level, name, value, r, err)
		}
		r := port.OptionUnknown
		if name.IsAtom() {
			if name.AtomName() == "controlling_process" {
				if !value.IsLocalPid() {
					return optionAnswer(p, level, name, value, port.OptionBad, nil)
				}
				return giveSocket(p, s, value)
			}
			r = s.SetOTP(p.Pid, name.AtomName(), value)
		}
		return optionAnswer(p, level, name, value, r, nil)
	})
}

// giveSocket makes a process the owner; it is asked to tell of its end.
func giveSocket(p *proc.Process, s *port.Socket, pid term.Term) term.Term {
	switch reason := s.SetOwner(p, pid); {
	case reason == atomClosedSocket:
		return failedWith(p, reason)
	case reason != term.None:
		return failedWith(p, p.Heap.Tuple(atomInvalidArg, reason))
	}
	if p.Sys.Lookup(pid) == nil {
		s.Abandoned()
		return term.AtomOk
	}
	return p.Ask(pid, term.AtomOk, func(t *proc.Process, _ *term.Heap) term.Term {
		if t.Gone() {
			s.Abandoned()
		} else {
			s.Adopted(t)
		}
		return term.AtomOk
	})
}

// gerl_socket:getopt(Socket, Level, Option) -> {ok, Value} | {error, Reason}
func gerlSocketGetopt3(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		h := &p.Heap
		level, name := a[1], a[2]
		if level == term.Intern("otp") {
			t := term.None
			if name.IsAtom() {
				t = s.GetOTP(h, name.AtomName())
			}
			if t == term.None {
				return optionAnswer(p, level, name, term.None, port.OptionUnknown, nil)
			}
			return h.Tuple(term.AtomOk, t)
		}
		t, r, err := s.GetOption(h, level, name)
		if r != port.OptionDone || err != nil {
			return optionAnswer(p, level, name, term.None, r, err)
		}
		return h.Tuple(term.AtomOk, t)
	})
}

// gerl_socket:setopt_native(Socket, Level, Option, Value) -> ok | {error, Reason}
func gerlSocketSetoptNative4(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		l, n, ok := port.NativeOption(a[1], a[2])
		if !ok {
			return optionAnswer(p, a[1], a[2], term.None, port.OptionUnknown, nil)
		}
		data, ok := port.NativeValue(a[3])
		if !ok {
			return failedWith(p, p.Heap.Tuple(atomInvalidArg, term.Intern("value")))
		}
		return socketDone(p, s.SetNative(l, n, data))
	})
}

// gerl_socket:getopt_native(Socket, Level, Option, integer | boolean | Size | Binary) -> {ok, Value} | {error, Reason}
func gerlSocketGetoptNative4(p *proc.Process, a []term.Term) term.Term {
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		h := &p.Heap
		l, n, ok := port.NativeOption(a[1], a[2])
		if !ok {
			return optionAnswer(p, a[1], a[2], term.None, port.OptionUnknown, nil)
		}
		size, kind := 4, ""
		if b, isBinary := a[3].Bytes(); isBinary {
			size = len(b)
		} else if v, isSize := smallIn(a[3], 0, 1<<16); isSize {
			size = v
		} else if kind = optionKind(a[3]); kind != "integer" && kind != "boolean" {
			return failedWith(p, invalidArg(h, term.Intern("value_spec"), a[3]))
		}
		b, err := s.GetNative(l, n, size)
		if err != nil {
			return socketDone(p, err)
		}
		value := h.Binary(b)
		switch kind {
		case "integer":
			value = term.Int(port.NativeInt(b))
		case "boolean":
			value = term.Bool(port.NativeInt(b) != 0)
		}
		return h.Tuple(term.AtomOk, value)
	})
}

// optionKind is the name of an atom, empty for other terms.
func optionKind(t term.Term) string {
	if t.IsAtom() {
		return t.AtomName()
	}
	return ""
}

// gerl_socket:ioctl(Socket, Request, Name | Index | undefined, Value | undefined) -> ok | {ok, Value} | {error, Reason}
func gerlSocketIoctl4(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsAtom() {
		return p.Badarg()
	}
	return withSocket(p, a[0], func(s *port.Socket) term.Term {
		h := &p.Heap
		value, known, err := s.Ioctl(h, a[1].AtomName(), a[2], a[3])
		switch {
		case !known:
			return failedWith(p, invalidArg(h, term.Intern("ioctl_request"), a[1]))
		case err != nil:
			return socketDone(p, err)
		case value == term.None:
			return term.AtomOk
		}
		return h.Tuple(term.AtomOk, value)
	})
}
