package proc

import "github.com/gerl-lang/gerl/term"

// What erts_debug:get_internal_state/1 shows of links and monitors to test programs, in the form of OTP's records
// {erl_link, Type, Id, State, Number} and {erl_monitor, Type, Direction, Ref, Id, Extra}.

var (
	atomErlLink    = term.Intern("erl_link")
	atomErlMonitor = term.Intern("erl_monitor")
	atomLinked     = term.Intern("linked")
	atomUnlinking  = term.Intern("unlinking")
	atomOrigin     = term.Intern("origin")
	atomTarget     = term.Intern("target")
)

// LinkEntry is one end of a link.
func LinkEntry(h *term.Heap, self, other term.Term, unlinking bool, number int) term.Term {
	kind, state := term.AtomProcess, atomLinked
	if self.IsPort() || other.IsPort() {
		kind = term.AtomPort
	}
	if unlinking {
		state = atomUnlinking
	}
	return h.Tuple(atomErlLink, kind, other, state, term.Int(number))
}

// RevealLinks lists p's links, p itself or in its context.
func (p *Process) RevealLinks(h *term.Heap) term.Term {
	l := term.Nil
	if p.x != nil {
		for i, e := range p.x.links.list {
			l = h.Cons(LinkEntry(h, p.Pid, e.key.term(h), e.val.unlinkID != 0, i), l)
		}
	}
	return l
}

// RevealMonitors lists the monitors that p has and those that others have of it.
func (p *Process) RevealMonitors(h *term.Heap) term.Term {
	l := term.Nil
	if p.x == nil {
		return l
	}
	orNil := func(t term.Term) term.Term {
		if t == term.None {
			return term.Nil
		}
		return t
	}
	for _, e := range p.x.monitored.list {
		l = h.Cons(h.Tuple(atomErlMonitor, term.AtomProcess, atomTarget, buildRef(h, e.key), p.Sys.watcherPid(h, e.key, e.val.pid), orNil(e.val.name)), l)
	}
	for _, e := range p.x.monitors.list {
		m := e.val
		ref := buildRef(h, e.key)
		if m.alias != aliasNone {
			ref = buildAliasRef(h, e.key, p.Pid)
		}
		l = h.Cons(h.Tuple(atomErlMonitor, m.kind, atomOrigin, ref, term.CopyTo(h, orNil(m.target)), orNil(m.name)), l)
	}
	return l
}
