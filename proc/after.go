package proc

import "github.com/gerl-lang/gerl/scheduler"

// Alarm is a call that happens later, unless it is stopped.
type Alarm struct {
	scheduler.Timer
	sys *System
	f   func()
}

// Expire implements scheduler.Expirer.
func (a *Alarm) Expire(*scheduler.Timer, *scheduler.Worker) { a.f() }

// AfterFunc calls f, which must not block, in the given number of milliseconds of the node's clock.
func (sys *System) AfterFunc(milliseconds int64, f func()) *Alarm {
	a := &Alarm{sys: sys, f: f}
	sys.Sched.After(nil, &a.Timer, a, milliseconds*1_000_000)
	return a
}

// Stop takes the call back if it has not begun. nil does nothing.
func (a *Alarm) Stop() {
	if a != nil {
		a.sys.Sched.CancelTimer(&a.Timer)
	}
}
