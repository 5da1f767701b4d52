package bifs

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// open_port(Name, Options): the child is started on another goroutine; the port is there, owned by and linked to the
// caller, before, so that it goes when the caller does.
func erlangOpenPort2(p *proc.Process, a []term.Term) term.Term {
	o, problem := port.ParseOptions(a[0], a[1])
	switch problem {
	case port.BadOption:
		return p.BadargCause(atomBadopt)
	case port.BadDescriptor:
		return p.Raise(term.AtomError, term.Intern("einval"))
	case port.BadName:
		return p.Badarg()
	}
	table, node := port.Of(p.Sys), NodeOf(p)
	if table == nil || node == nil {
		return notSupported(p)
	}
	child := port.NewDriver(o)
	pt := table.Open(p, o.Name, child)
	if pt == nil {
		return p.SystemLimit()
	}
	environ, dir := node.Environ(), node.Dir()
	return p.Async(func() func(p *proc.Process) term.Term {
		err := child.Start(pt, environ, ofSystem(dir))
		return func(p *proc.Process) term.Term {
			if err == nil {
				return pt.ID
			}
			pt.Failed(p)
			if errors.Is(err, port.ErrBadName) {
				return p.Badarg()
			}
			name := port.PosixName(err)
			if name == "" {
				name = "einval"
			}
			return p.Raise(term.AtomError, term.Intern(name))
		}
	})
}

// portArg gives the open port of an identifier or a registered name, nil if there is none.
func portArg(p *proc.Process, t term.Term) *port.Port {
	table := port.Of(p.Sys)
	if table == nil || !t.IsAtom() && !t.IsLocalPort() {
		return nil
	}
	return table.Find(t)
}

func erlangPortCommand2(p *proc.Process, a []term.Term) term.Term {
	return portCommand(p, a[0], a[1], false)
}

func erlangPortCommand3(p *proc.Process, a []term.Term) term.Term {
	nosuspend, force := false, false
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		switch l.Head() {
		case term.AtomNosuspend:
			nosuspend = true
		case atomForce:
			force = true
		default:
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	if force {
		if portArg(p, a[0]) == nil {
			return p.Badarg()
		}
		return notsup(p)
	}
	return portCommand(p, a[0], a[1], nosuspend)
}

var atomForce = term.Intern("force")

// portCommand waits, unless it must not, until the port is not busy.
func portCommand(p *proc.Process, id, what term.Term, nosuspend bool) term.Term {
	pt := portArg(p, id)
	if pt == nil {
		return p.Badarg()
	}
	data, ok := term.IOListBytes(what)
	if !ok {
		return p.Badarg()
	}
	if f, ok := pt.Driver.(port.Flow); ok {
		if nosuspend {
			if f.Busy() {
				return term.AtomFalse
			}
		} else {
			sys, node := p.Sys, &p.Node
			if f.WhenFree(func() { sys.Sched.Ready(node) }) {
				p.Sys.BusyPort(p, pt.ID)
				return p.WaitBIF(func(p *proc.Process, a []term.Term) term.Term { return portCommand(p, a[0], a[1], false) })
			}
		}
	}
	p.Bump(1 + len(data)/64)
	pt.Put(p, append([]byte(nil), data...))
	return term.AtomTrue
}

func erlangPortClose1(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil || !pt.CloseFor(p, term.AtomNormal) {
		return p.Badarg()
	}
	if d, ok := pt.Driver.(port.Drainer); ok {
		return p.Async(func() func(p *proc.Process) term.Term {
			d.Drain()
			return func(*proc.Process) term.Term { return term.AtomTrue }
		})
	}
	return term.AtomTrue
}

func erlangPortConnect2(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil || !a[1].IsLocalPid() || p.Sys.Lookup(a[1]) == nil {
		return p.Badarg()
	}
	pt.Connect(p, a[1])
	return term.AtomTrue
}

// Child processes and descriptors have no control operations, tracers have some.
func erlangPortControl3(p *proc.Process, a []term.Term) term.Term {
	pt, op, ok := portArg(p, a[0]), int64(0), false
	if op, ok = term.ToInt64(a[1]); ok && op >= 0 && op < 1<<32 && pt != nil {
		if data, ok := term.IOListBytes(a[2]); ok {
			pt.Control(p, op, data)
			if c, ok := pt.Driver.(port.Controller); ok {
				data = append([]byte(nil), data...)
				return p.Async(func() func(p *proc.Process) term.Term {
					answer, binary, done := c.Controls(op, data)
					return func(p *proc.Process) term.Term {
						switch {
						case !done:
							return p.Badarg()
						case binary:
							return p.Heap.Binary(answer)
						}
						list := make([]term.Term, len(answer))
						for i, b := range answer {
							list[i] = term.Int(int(b))
						}
						return p.Heap.List(list...)
					}
				})
			}
		}
	}
	return p.Badarg()
}
func erlangPortCall2(p *proc.Process, _ []term.Term) term.Term { return p.Badarg() }
func erlangPortCall3(p *proc.Process, _ []term.Term) term.Term { return p.Badarg() }

func erlangPortSetData2(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil {
		return p.Badarg()
	}
	pt.SetData(a[1])
	return term.AtomTrue
}

func erlangPortGetData1(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil {
		return p.Badarg()
	}
	if t := pt.Data(&p.Heap); t != term.None {
		return t
	}
	return term.AtomUndefined
}

var portItems = []string{"registered_name", "name", "links", "id", "connected", "input", "output", "os_pid"}

// portInfo gives one item; None where it does not exist.
func portInfo(p *proc.Process, pt *port.Port, item string) term.Term {
	h := &p.Heap
	var v term.Term
	switch item {
	case "registered_name":
		if v = p.Sys.RegisteredName(pt.ID); v == term.None {
			return term.Nil
		}
	case "name":
		v = h.Chars(pt.Name)
	case "links":
		v = h.List(pt.Links()...)
	case "id":
		v = h.Int64(int64(term.PortNumber(pt.ID)))
	case "connected":
		v = pt.Owner()
	case "input":
		v = h.Int64(pt.Input.Load())
	case "output":
		v = h.Int64(pt.Output.Load())
	case "os_pid":
		v = term.AtomUndefined
		if n := pt.OSPid(); n != 0 {
			v = term.Int(n)
		}
	case "monitors":
		v = term.Nil
	case "monitored_by":
		v = h.List(pt.Monitors()...)
	case "memory":
		v = term.Int(portMemory + queueSize(pt))
	case "queue_size":
		v = term.Int(queueSize(pt))
	case "parallelism":
		c, ok := pt.Driver.(*port.Child)
		v = term.Bool(ok && c.Options().Parallel)
	case "locking":
		v = term.Intern("port_level")
	default:
		return term.None
	}
	return h.Tuple(term.Intern(item), v)
}

// portMemory is about what a port costs without its queue.
const portMemory = 1024

func queueSize(pt *port.Port) int {
	if f, ok := pt.Driver.(port.Flow); ok {
		return f.QueueSize()
	}
	return 0
}

func erlangPortInfo1(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil {
		return noPort(p, a[0])
	}
	pt.Asked(p)
	var l []term.Term
	for _, item := range portItems {
		if t := portInfo(p, pt, item); t != term.Nil {
			l = append(l, t)
		}
	}
	return p.Heap.List(l...)
}

func erlangPortInfo2(p *proc.Process, a []term.Term) term.Term {
	pt := portArg(p, a[0])
	if pt == nil {
		if t := noPort(p, a[0]); t != term.None {
			return t
		}
		return p.BadargCause(atomBadtype)
	}
	if a[1].IsAtom() {
		pt.Asked(p)
		if t := portInfo(p, pt, a[1].AtomName()); t != term.None {
			return t
		}
	}
	return p.Badarg()
}

func noPort(p *proc.Process, t term.Term) term.Term {
	return orBadarg(p, term.AtomUndefined, t.IsLocalPort() || t.IsAtom())
}

// ofSystem is the directory for a process of the operating system. If the node's lies inside the program or an archive, it is the one that
// has that file.
func ofSystem(dir string) string {
	for {
		info, err := os.Stat(dir)
		if parent := filepath.Dir(dir); parent != dir && (errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir()) {
			dir = parent
			continue
		}
		return dir
	}
}
