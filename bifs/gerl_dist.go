package bifs

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/gerl-lang/gerl/dist"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// SpawnOptions reads the options of a process that another node asks for.
func SpawnOptions(sys *proc.System, opts term.Term) (*proc.SpawnOpts, bool) {
	return spawnOptions(sys, opts, nil)
}

// withDist calls f with the node's part in the distribution; a node without one raises not_supported.
func withDist(p *proc.Process, f func(d *dist.Dist) term.Term) term.Term {
	d := distOf(p)
	if d == nil {
		return notSupported(p)
	}
	return f(d)
}

// startError is the reason of a failure to become alive, or of one to reach epmd.
func startError(p *proc.Process, err error) term.Term {
	h := &p.Heap
	var epmd *dist.EpmdError
	switch {
	case errors.As(err, &epmd):
		return h.Tuple(term.AtomError, h.Tuple(term.Intern("epmd"), charList(h, epmd.Unwrap().Error())))
	case errors.Is(err, dist.ErrAlive), errors.Is(err, dist.ErrName), errors.Is(err, dist.ErrInUse), errors.Is(err, dist.ErrRecording), errors.Is(err, dist.ErrNoPort):
		return h.Tuple(term.AtomError, term.Intern(err.Error()))
	}
	return h.Tuple(term.AtomError, charList(h, err.Error()))
}

func charList(h *term.Heap, s string) term.Term {
	var out []term.Term
	for _, r := range s {
		out = append(out, term.Int(int(r)))
	}
	return h.List(out...)
}

// textArg reads a value of a map that is a string or atom.
func textArg(m term.Term, key string) string {
	v, ok := term.MapGet(m, term.Intern(key))
	if !ok {
		return ""
	}
	if v.IsAtom() {
		return v.AtomName()
	}
	s, _ := term.CharsText(v)
	return s
}

func numberArg(m term.Term, key string) int {
	v, ok := term.MapGet(m, term.Intern(key))
	if !ok || !v.IsSmall() {
		return 0
	}
	return v.Small()
}

func flagArg(m term.Term, key string) bool {
	v, _ := term.MapGet(m, term.Intern(key))
	return v == term.AtomTrue
}

// gerl_dist:start(Options) -> ok | {error, Reason}
func gerlDistStart1(p *proc.Process, a []term.Term) term.Term {
	m := a[0]
	if !m.IsMap() {
		return p.Badarg()
	}
	o := dist.Options{
		Name: textArg(m, "name"), Cookie: textArg(m, "cookie"), Hidden: flagArg(m, "hidden"),
		LowPort: numberArg(m, "low_port"), High: numberArg(m, "high_port"),
		NoListen: flagArg(m, "no_listen"), NoEpmd: flagArg(m, "no_epmd"), StartEpmd: flagArg(m, "start_epmd"),
		TickTime: time.Duration(numberArg(m, "ticktime")) * time.Millisecond, TickIntensity: numberArg(m, "tick_intensity"),
		SetupTime: time.Duration(numberArg(m, "setup_time")) * time.Millisecond,
		Address:   net.ParseIP(textArg(m, "address")),
	}
	switch textArg(m, "auto_connect") {
	case "never":
		o.Auto = dist.AutoNever
	case "once":
		o.Auto = dist.AutoOnce
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		return p.Async(func() func(p *proc.Process) term.Term {
			err := d.Start(o)
			return func(p *proc.Process) term.Term {
				if err != nil {
					return startError(p, err)
				}
				return term.AtomOk
			}
		})
	})
}

// gerl_dist:stop() -> boolean()
func gerlDistStop0(p *proc.Process, _ []term.Term) term.Term {
	return withDist(p, func(d *dist.Dist) term.Term {
		if !d.Alive() {
			return term.AtomFalse
		}
		return p.Async(func() func(p *proc.Process) term.Term {
			d.Drain()
			stopped := d.Stop()
			return func(*proc.Process) term.Term { return term.Bool(stopped) }
		})
	})
}

// gerl_dist:connect(Node) -> boolean()
func gerlDistConnect1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		w := d.Connect(p, a[0])
		if w == nil {
			return term.Bool(d.Alive() && a[0] == p.Sys.Node())
		}
		var resume proc.BIF
		resume = func(p *proc.Process, _ []term.Term) term.Term {
			over, connected := w.Done()
			if !over {
				return p.WaitBIF(resume)
			}
			return term.Bool(connected)
		}
		return resume(p, nil)
	})
}

// gerl_dist:watch(Flag, Options) -> ok. The options are the names of what is asked for.
func gerlDistWatch2(p *proc.Process, a []term.Term) term.Term {
	on, ok := boolArg(a[0])
	opts, proper := listElems(a[1])
	if !ok || !proper {
		return p.Badarg()
	}
	var w dist.Watching
	for _, o := range opts {
		if !o.IsAtom() {
			return p.Badarg()
		}
		switch o.AtomName() {
		case "visible":
			w.Visible = true
		case "hidden":
			w.Hidden = true
		case "info":
			w.Info = true
		case "map":
			w.Map = true
		case "node_type":
			w.Type = true
		case "nodedown_reason":
			w.Reason = true
		case "connection_id":
			w.ConnectionID = true
		default:
			return p.Badarg()
		}
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		d.Watch(p, on, w)
		return term.AtomOk
	})
}

// gerl_dist:watchers() -> [{pid(), [atom()]}]
func gerlDistWatchers0(p *proc.Process, _ []term.Term) term.Term {
	return withDist(p, func(d *dist.Dist) term.Term {
		h := &p.Heap
		l := term.Nil
		d.Watchers(func(pid term.Term, w dist.Watching) {
			opts := term.Nil
			for _, o := range []struct {
				on   bool
				name string
			}{{w.ConnectionID, "connection_id"}, {w.Reason, "nodedown_reason"}, {w.Type, "node_type"}, {w.Map, "map"}, {w.Info, "info"}, {w.Hidden, "hidden"}, {w.Visible, "visible"}} {
				if o.on {
					opts = h.Cons(term.Intern(o.name), opts)
				}
			}
			l = h.Cons(h.Tuple(pid, opts), l)
		})
		return l
	})
}

// gerl_dist:nodes() -> [{Node, Id, Hidden, Address, In, Out, Port}]
func gerlDistNodes0(p *proc.Process, _ []term.Term) term.Term {
	return withDist(p, func(d *dist.Dist) term.Term {
		h := &p.Heap
		var out []term.Term
		for _, n := range d.Nodes() {
			out = append(out, h.Tuple(n.Node, term.Int(n.ID), term.Bool(n.Hidden), charList(h, n.Address), h.Uint64(n.In), h.Uint64(n.Out), n.Port))
		}
		return h.List(out...)
	})
}

// gerl_dist:ticktime() -> Milliseconds, gerl_dist:ticktime(Milliseconds) -> ok
func gerlDistTicktime0(p *proc.Process, _ []term.Term) term.Term {
	return withDist(p, func(d *dist.Dist) term.Term { return term.Int(int(d.TickTime() / time.Millisecond)) })
}

func gerlDistTicktime1(p *proc.Process, a []term.Term) term.Term {
	ms, ok := smallIn(a[0], 1, maxInt/1_000_000)
	if !ok {
		return p.Badarg()
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		d.SetTickTime(time.Duration(ms) * time.Millisecond)
		return term.AtomOk
	})
}

// gerl_dist:allow(Nodes) -> ok, gerl_dist:allowed() -> Nodes
func gerlDistAllow1(p *proc.Process, a []term.Term) term.Term {
	nodes, ok := listElems(a[0])
	names := make([]string, len(nodes))
	for i, n := range nodes {
		if ok = ok && n.IsAtom(); ok {
			names[i] = n.AtomName()
		}
	}
	if !ok {
		return p.Badarg()
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		d.Allow(names)
		return term.AtomOk
	})
}

func gerlDistAllowed0(p *proc.Process, _ []term.Term) term.Term {
	return withDist(p, func(d *dist.Dist) term.Term {
		var out []term.Term
		for _, n := range d.Allowed() {
			out = append(out, term.Intern(n))
		}
		return p.Heap.List(out...)
	})
}

// askEpmd runs a question to an epmd beside the process.
func askEpmd(p *proc.Process, host term.Term, ms int, ask func(ctx context.Context, d *dist.Dist, host string) (func(p *proc.Process) term.Term, error)) term.Term {
	at, ok := term.CharsText(host)
	if !ok {
		return p.Badarg()
	}
	return withDist(p, func(d *dist.Dist) term.Term {
		return p.Async(func() func(p *proc.Process) term.Term {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(ms)*time.Millisecond)
			defer cancel()
			answer, err := ask(ctx, d, at)
			if err != nil {
				return func(p *proc.Process) term.Term { return startError(p, err) }
			}
			return answer
		})
	})
}

// gerl_dist:epmd_names(Host) -> {ok, [{Name, Port}]} | {error, Reason}. The host "" is this one.
func gerlDistEpmdNames1(p *proc.Process, a []term.Term) term.Term {
	return askEpmd(p, a[0], 15000, func(ctx context.Context, d *dist.Dist, host string) (func(p *proc.Process) term.Term, error) {
		names, err := d.Names(ctx, host)
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			var out []term.Term
			for _, n := range names {
				out = append(out, h.Tuple(charList(h, n.Name), term.Int(n.Port)))
			}
			return h.Tuple(term.AtomOk, h.List(out...))
		}, err
	})
}

// gerl_dist:epmd_port(Name, Host, Milliseconds) -> {ok, Port, Version} | {error, Reason}
func gerlDistEpmdPort3(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	ms, isTime := smallIn(a[2], 0, maxInt/1_000_000)
	if !ok || !isTime {
		return p.Badarg()
	}
	return askEpmd(p, a[1], ms, func(ctx context.Context, d *dist.Dist, host string) (func(p *proc.Process) term.Term, error) {
		at, err := d.PortPlease(ctx, name, host)
		return func(p *proc.Process) term.Term {
			return p.Heap.Tuple(term.AtomOk, term.Int(at.Port), term.Int(min(at.Highest, 6)))
		}, err
	})
}
