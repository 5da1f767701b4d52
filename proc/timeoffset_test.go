package proc

import (
	"testing"

	"github.com/gerl-lang/gerl/term"
)

// Rule: a monitor of the time offset tells of each change, with its tag, until it ends; and is forgotten then.
func TestTimeOffsetMonitor(t *testing.T) {
	sys, f := startFake(t, virtual())
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		ref := p.MonitorTimeOffset(nil)
		p.MonitorTimeOffset(&MonitorOpts{Tag: term.Int(7)})
		sys.offsetChanged()
		p.HandleSignals()
		log(p.QueueLen())
		found, _ := p.Demonitor(ref, DemonitorOpts{})
		log(found, sys.offsetWatchers.count())
		sys.offsetChanged()
		p.HandleSignals()
		log(p.QueueLen())
		return true
	})
	if got != "2 true 1 3" {
		t.Error(got)
	}
	if n := sys.offsetWatchers.count(); n != 0 {
		t.Errorf("%d monitors of a process that ended", n)
	}
}

func (w *offsetWatchers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all)
}
