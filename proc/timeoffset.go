package proc

import (
	"sync"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// offsetWatchers are the monitors of the time offset, with the processes that have them.
type offsetWatchers struct {
	mu  sync.Mutex
	all map[uint64]term.Term
}

var atomChange = term.Intern("CHANGE")

// monotonicBase is Erlang's monotonic time when the node's clock begins.
const monotonicBase = -576_460_752_000_000_000

// MonitorTimeOffset is monitor(time_offset, clock_service): a message {'CHANGE', Ref, time_offset, clock_service, Offset} comes whenever
// the offset changes.
func (p *Process) MonitorTimeOffset(o *MonitorOpts) term.Term {
	m, n, ref := p.newMonitor(o)
	m.kind = term.AtomTimeOffset
	if o == nil || o.Tag == term.None {
		m.tag = atomChange
	}
	w := &p.Sys.offsetWatchers
	w.mu.Lock()
	if w.all == nil {
		w.all = map[uint64]term.Term{}
	}
	w.all[n] = p.Pid
	w.mu.Unlock()
	return ref
}

func (w *offsetWatchers) forget(n uint64) {
	w.mu.Lock()
	delete(w.all, n)
	w.mu.Unlock()
}

// TimeOffset is the difference between Erlang's system time and its monotonic time.
func (sys *System) TimeOffset() int64 { return scheduler.Offset(sys.Sched.Clock) - monotonicBase }

// offsetChanged tells all who monitor the time offset. Any goroutine may call it.
func (sys *System) offsetChanged() {
	offset := sys.TimeOffset()
	w := &sys.offsetWatchers
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, pid := range w.all {
		if !sys.Call(nil, pid, func(t *Process) { t.tellOffset(n, offset) }) {
			delete(w.all, n)
		}
	}
}

// tellOffset gives p the message of one of its monitors, if it is still there.
func (p *Process) tellOffset(n uint64, offset int64) {
	if p.dying || p.x == nil {
		return
	}
	at := p.x.monitors.get(n)
	if at == nil {
		p.Sys.offsetWatchers.forget(n)
		return
	}
	m := *at
	h := scratchHeap()
	ref := buildRef(h, n)
	if m.alias != aliasNone {
		ref = buildAliasRef(h, n, p.Pid)
	}
	msg, frag := term.CopyMessage(h.Tuple(m.tag, ref, m.kind, term.AtomClockService, h.Int64(offset)))
	h.Free()
	p.arrived(&Signal{msg: [1]term.Term{msg}, frag: frag, seqKeep: true}, m.prio)
}

var (
	offsetStates = [...]term.Term{scheduler.OffsetFinal: term.Intern("final"), scheduler.OffsetPreliminary: term.Intern("preliminary"),
		scheduler.OffsetVolatile: term.Intern("volatile")}
	warpModes = [...]term.Term{scheduler.NoWarp: term.Intern("no_time_warp"), scheduler.SingleWarp: term.Intern("single_time_warp"),
		scheduler.MultiWarp: term.Intern("multi_time_warp")}
)

func (sys *System) warping() scheduler.Warping { return sys.Sched.Clock.(scheduler.Warping) }

// SetTimeWarpMode says when the time offset may change: 0 never, 1 once, 2 at any time. It is called before the first process runs.
func (sys *System) SetTimeWarpMode(mode int) { sys.warping().SetWarpMode(scheduler.WarpMode(mode)) }

// TimeWarpMode gives the name of the mode.
func (sys *System) TimeWarpMode() term.Term { return warpModes[sys.warping().WarpMode()] }

// TimeOffsetState tells what may become of the time offset: final, preliminary or volatile.
func (sys *System) TimeOffsetState() term.Term { return offsetStates[sys.warping().TimeOffset()] }

// FinalizeTimeOffset makes a preliminary time offset final and gives the state before.
func (sys *System) FinalizeTimeOffset() term.Term {
	return offsetStates[sys.warping().FinalizeOffset()]
}
