package bifs

import (
	"github.com/gerl-lang/gerl/dist"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Nodes: what module erlang tells of them and does with them.

var (
	atomVisible      = term.Intern("visible")
	atomHidden       = term.Intern("hidden")
	atomConnected    = term.Intern("connected")
	atomThis         = term.Intern("this")
	atomKnown        = term.Intern("known")
	atomNocookie     = term.Intern("nocookie")
	atomNotAlive     = term.Intern("notalive")
	atomIgnored      = term.Intern("ignored")
	atomConnectionID = term.Intern("connection_id")
	atomNodeType     = term.Intern("node_type")
	atomAllowPassive = term.Intern("allow_passive_connect")
)

// distOf gives the node's part in the distribution, nil if it has none.
func distOf(p *proc.Process) *dist.Dist { return dist.Of(p.Sys) }

func erlangIsAlive0(p *proc.Process, _ []term.Term) term.Term {
	return term.Bool(p.Sys.Node() != term.AtomNonodeNohost)
}

func erlangNodes0(p *proc.Process, _ []term.Term) term.Term {
	var out []term.Term
	if d := distOf(p); d != nil && d.Alive() {
		for _, n := range d.Nodes() {
			if !n.Hidden {
				out = append(out, n.Node)
			}
		}
	}
	return p.Heap.List(out...)
}

// listed is a node as nodes/1,2 list it.
type listed struct {
	node, kind term.Term
	id         int // of its connection, 0 without one
}

// nodesOf lists the nodes of one kind or of a list of kinds.
func nodesOf(p *proc.Process, which term.Term) (out []listed, ok bool) {
	kinds := []term.Term{which}
	if which.IsList() {
		if kinds, ok = listElems(which); !ok {
			return nil, false
		}
	}
	want := map[term.Term]bool{}
	for _, k := range kinds {
		switch k {
		case atomVisible, atomHidden, atomConnected, atomThis, atomKnown:
			want[k] = true
		default:
			return nil, false
		}
	}
	seen := map[term.Term]bool{}
	if d := distOf(p); d != nil && d.Alive() {
		for _, n := range d.Nodes() {
			kind := atomVisible
			if n.Hidden {
				kind = atomHidden
			}
			if want[kind] || want[atomConnected] || want[atomKnown] {
				out = append(out, listed{n.Node, kind, n.ID})
				seen[n.Node] = true
			}
		}
		if want[atomKnown] {
			for _, n := range d.Known() {
				if !seen[n] {
					out = append(out, listed{n, atomKnown, 0})
				}
			}
		}
	}
	if want[atomThis] || want[atomKnown] {
		out = append(out, listed{p.Sys.Node(), atomThis, 0})
	}
	return out, true
}

func erlangNodes1(p *proc.Process, a []term.Term) term.Term {
	nodes, ok := nodesOf(p, a[0])
	if !ok {
		return p.Badarg()
	}
	out := make([]term.Term, len(nodes))
	for i, n := range nodes {
		out[i] = n.node
	}
	return p.Heap.List(out...)
}

// nodes(Kinds, Options): as nodes/1, each node with a map of what the options ask for.
func erlangNodes2(p *proc.Process, a []term.Term) term.Term {
	nodes, ok := nodesOf(p, a[0])
	if !ok || !a[1].IsMap() {
		return p.Badarg()
	}
	var options []term.Term
	known := 0
	for _, k := range []term.Term{atomConnectionID, atomNodeType} {
		if v, ok := term.MapGet(a[1], k); ok {
			on, isBool := boolArg(v)
			if !isBool {
				return p.Badarg()
			}
			known++
			if on {
				options = append(options, k)
			}
		}
	}
	if known != term.MapSize(a[1]) {
		return p.Badarg()
	}
	h := &p.Heap
	out := make([]term.Term, len(nodes))
	for i, n := range nodes {
		var info []term.Term
		for _, k := range options {
			switch {
			case k == atomNodeType:
				info = append(info, k, n.kind)
			case n.id == 0:
				info = append(info, k, term.AtomUndefined)
			default:
				info = append(info, k, term.Int(n.id))
			}
		}
		out[i] = h.Tuple(n.node, h.MapFromPairs(info))
	}
	return h.List(out...)
}

func erlangMonitorNode2(p *proc.Process, a []term.Term) term.Term {
	on, ok := boolArg(a[1])
	d := distOf(p)
	switch {
	case !a[0].IsAtom():
		return p.Badarg()
	case a[0] != p.Sys.Node() && (d == nil || !d.Alive()): // before the other argument
		return p.Raise(term.AtomError, atomNotAlive)
	case !ok:
		return p.Badarg()
	case a[0] == p.Sys.Node():
		return term.AtomTrue
	}
	d.WatchNode(p, a[0], on)
	return term.AtomTrue
}

func erlangMonitorNode3(p *proc.Process, a []term.Term) term.Term {
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		if l.Head() != atomAllowPassive {
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	return erlangMonitorNode2(p, a)
}

func erlangDisconnectNode1(p *proc.Process, a []term.Term) term.Term {
	d := distOf(p)
	if d == nil || !d.Alive() {
		return atomIgnored
	}
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	node := a[0]
	if !d.Unwritten(node) {
		return term.Bool(d.Disconnect(node))
	}
	return p.Async(func() func(*proc.Process) term.Term { // what was sent before gets there
		d.Drain(node)
		done := d.Disconnect(node)
		return func(*proc.Process) term.Term { return term.Bool(done) }
	})
}

func cookieTerm(p *proc.Process, cookie string) term.Term {
	t, ok := term.TryIntern(cookie)
	if !ok {
		return p.SystemLimit()
	}
	return t
}

func erlangGetCookie0(p *proc.Process, _ []term.Term) term.Term {
	if d := distOf(p); d != nil && d.Alive() {
		return cookieTerm(p, d.Cookie(""))
	}
	return atomNocookie
}

func erlangGetCookie1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	if d := distOf(p); d != nil && d.Alive() {
		return cookieTerm(p, d.Cookie(a[0].AtomName()))
	}
	return atomNocookie
}

// set_cookie needs a node that is alive, and an atom.
func setCookie(p *proc.Process, node, cookie term.Term) term.Term {
	d := distOf(p)
	switch {
	case !node.IsAtom() || !cookie.IsAtom():
		return p.Badarg()
	case d == nil || !d.Alive():
		return p.Raise(term.AtomError, term.Intern("distribution_not_started"))
	}
	d.SetCookie(node.AtomName(), cookie.AtomName())
	return term.AtomTrue
}

func erlangSetCookie1(p *proc.Process, a []term.Term) term.Term {
	return setCookie(p, p.Sys.Node(), a[0])
}

func erlangSetCookie2(p *proc.Process, a []term.Term) term.Term {
	if a[0] == term.AtomNonodeNohost {
		return p.Badarg()
	}
	return setCookie(p, a[0], a[1])
}

// A process can control a connection (dist_ctrl_*) only of a distribution of its own, which there is not: none of those that call is one.
func erlangDistCtrlGetData1(p *proc.Process, _ []term.Term) term.Term             { return notsup(p) }
func erlangDistCtrlGetDataNotification1(p *proc.Process, _ []term.Term) term.Term { return notsup(p) }
func erlangDistCtrlGetOpt2(p *proc.Process, _ []term.Term) term.Term              { return notsup(p) }
func erlangDistCtrlInputHandler2(p *proc.Process, _ []term.Term) term.Term        { return notsup(p) }
func erlangDistCtrlPutData2(p *proc.Process, _ []term.Term) term.Term             { return p.Badarg() }
func erlangDistCtrlSetOpt3(p *proc.Process, _ []term.Term) term.Term              { return notsup(p) }
