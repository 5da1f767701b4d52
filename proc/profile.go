package proc

import "github.com/gerl-lang/gerl/term"

// SystemProfile is a setting of erlang:system_profile/2: who hears when processes become runnable and when they stop to be.
type SystemProfile struct {
	Pid       term.Term
	Procs     bool
	Ports     bool // kept: a port never occupies a scheduler
	Scheduler bool // kept
	Exclusive bool // kept
	Stamp     TraceFlags
}

var (
	atomProfile  = term.Intern("profile")
	atomActive   = term.Intern("active")
	atomInactive = term.Intern("inactive")
)

// Profile is the setting, nil for none.
func (sys *System) Profile() *SystemProfile {
	f := sys.profile.Load()
	if f != nil && sys.Lookup(f.Pid) == nil {
		sys.profile.CompareAndSwap(f, nil)
		return nil
	}
	return f
}

// SetProfile changes it.
func (sys *System) SetProfile(f *SystemProfile) { sys.profile.Store(f) }

// tellProfiler sends {profile, p, active | inactive, Function, Time}; at the end of a process the function is 0.
func (p *Process) tellProfiler(f *SystemProfile, what term.Term) {
	if !f.Procs || p.Pid == f.Pid {
		return
	}
	h := scratchHeap()
	defer h.Free()
	where := term.Int(0)
	if !p.Gone() {
		if in := p.currentFunction(); in.m != term.None {
			where = in.on(h)
		}
	}
	if !p.Sys.SendTo(p.w, f.Pid, h.Tuple(atomProfile, p.Pid, what, where, p.Sys.TraceTime(h, f.Stamp))) {
		p.Sys.profile.CompareAndSwap(f, nil)
	}
}

// profileEnd tells that p, whose slice ends, has nothing more to do for now, or for ever.
func (p *Process) profileEnd() {
	if f := p.Sys.profile.Load(); f != nil && (p.Gone() || p.phase == waiting) {
		p.ext().runnable = false
		p.tellProfiler(f, atomInactive)
	}
}
