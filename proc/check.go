package proc

import (
	"fmt"

	"github.com/gerl-lang/gerl/term"
)

// Check looks for violations of the rules that hold between processes: both ends of a link and of a monitor know each
// other, names and processes agree, queues are well linked. Signals under way excuse differences. Call
// it from within Sched.Quiesce; tests and soak runs do.
func (sys *System) Check() (problems []string) {
	bad := func(format string, a ...any) { problems = append(problems, fmt.Sprintf(format, a...)) }
	quiet := func(p *Process) bool { return p == nil || p.incoming.Load() == nil && !p.dying }
	count := 0
	sys.procs.each(func(p *Process) bool {
		count++
		id := term.Format(p.Pid)
		if sys.Lookup(p.Pid) != p {
			bad("%s: the table does not find it", id)
		}
		if n := p.Name(); n != term.None && sys.Whereis(n) != p.Pid {
			bad("%s: registered as %s, which is somebody else", id, term.Format(n))
		}
		p.checkBox(bad)
		if p.x == nil || !quiet(p) {
			return true
		}
		for _, e := range p.x.links.list {
			to := e.key.local()
			q := sys.Lookup(to)
			if e.val.unlinkID != 0 || !to.IsLocalPid() || !quiet(q) {
				continue
			}
			if q == nil {
				bad("%s: linked to %s, which is gone", id, term.Format(to))
			} else if q.x == nil || q.x.links.get(idOf(p.Pid)) == nil {
				bad("%s: linked to %s, which does not know", id, term.Format(to))
			}
		}
		for _, e := range p.x.monitors.list {
			m := e.val
			q := sys.Lookup(m.target)
			if !m.target.IsLocalPid() || !quiet(q) {
				continue
			}
			if q == nil {
				bad("%s: monitors %s, which is gone", id, term.Format(m.target))
			} else if q.x == nil || q.x.monitored.get(e.key) == nil {
				bad("%s: monitors %s, which does not know", id, term.Format(m.target))
			}
		}
		for _, e := range p.x.monitored.list {
			q := sys.Lookup(e.val.pid)
			if !e.val.pid.IsLocalPid() || !quiet(q) {
				continue
			}
			if q == nil {
				bad("%s: monitored by %s, which is gone", id, term.Format(e.val.pid))
			} else if q.x == nil || q.x.monitors.get(e.key) == nil {
				bad("%s: monitored by %s, which does not know", id, term.Format(e.val.pid))
			}
		}
		return true
	})
	if n := sys.ProcessCount(); n != count {
		bad("%d processes in the table, counted %d", count, n)
	}
	sys.names.mu.Lock()
	names := 0
	sys.names.each(func(name, what term.Term) bool {
		names++
		if what.IsLocalPid() {
			if p := sys.Lookup(what); p == nil || p.Name() != name {
				bad("name %s belongs to %s, which does not know", term.Format(name), term.Format(what))
			}
		}
		return true
	})
	if names != sys.names.count {
		bad("%d names, counted %d", names, sys.names.count)
	}
	sys.names.mu.Unlock()
	return append(problems, sys.Sched.Check()...)
}

func (p *Process) checkBox(bad func(string, ...any)) {
	b := &p.box
	n := 0
	sawSave := b.save == nil
	var prev *Signal
	for s := b.first; s != nil; s = s.next {
		if s.prev != prev {
			bad("%s: message queue badly linked", term.Format(p.Pid))
			return
		}
		if s == b.save {
			sawSave = true
		}
		if s.kind == sigMessage {
			n++
		}
		prev = s
	}
	if b.last != prev || int32(n) != b.n || !sawSave {
		bad("%s: message queue: %d messages, counted %d, save pointer inside: %v", term.Format(p.Pid), n, b.n, sawSave)
	}
}
