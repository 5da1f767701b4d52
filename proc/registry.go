package proc

import (
	"sync"

	"github.com/gerl-lang/gerl/term"
)

// registry maps names to local pids and ports.
type registry struct {
	mu     sync.RWMutex
	byName map[term.Term]term.Term
}

func (r *registry) init() { r.byName = make(map[term.Term]term.Term) }

// drop forgets the name of a process that ends.
func (r *registry) drop(p *Process) {
	r.mu.Lock()
	if n := p.Name(); r.byName[n] == p.Pid {
		delete(r.byName, n)
	}
	p.name.Store(0)
	r.mu.Unlock()
}

// RegisterError says why Register refused, in the words of OTP's error_info causes.
type RegisterError uint8

const (
	RegisterOK RegisterError = iota
	// RegisterBadName: not an atom, or the atom undefined.
	RegisterBadName
	// RegisterNotAlive: no local process or port like that.
	RegisterNotAlive
	// RegisterTaken: the name or the process is registered already (cause registered_name).
	RegisterTaken
	// RegisterNotLocal: neither local pid nor local port.
	RegisterNotLocal
)

// Register is erlang:register/2 for processes and, through what, ports.
func (sys *System) Register(name, what term.Term) RegisterError {
	if !name.IsAtom() || name == term.AtomUndefined {
		return RegisterBadName
	}
	r := &sys.names
	switch {
	case what.IsLocalPid():
		r.mu.Lock()
		defer r.mu.Unlock()
		p := sys.Lookup(what)
		if p == nil || p.exited.Load() {
			return RegisterNotAlive
		}
		if _, taken := r.byName[name]; taken || p.name.Load() != 0 {
			return RegisterTaken
		}
		p.name.Store(uint64(name))
		// A process that ends at the same time looks for its name after it has set exited.
		if p.exited.Load() {
			p.name.Store(0)
			return RegisterNotAlive
		}
		r.byName[name] = what
		return RegisterOK
	case what.IsLocalPort():
		r.mu.Lock()
		defer r.mu.Unlock()
		if sys.Ports == nil || !sys.Ports.Alive(what) {
			return RegisterNotAlive
		}
		if _, taken := r.byName[name]; taken {
			return RegisterTaken
		}
		for _, t := range r.byName {
			if t == what {
				return RegisterTaken
			}
		}
		r.byName[name] = what
		return RegisterOK
	}
	return RegisterNotLocal
}

// Unregister is erlang:unregister/1; false: nobody has the name.
func (sys *System) Unregister(name term.Term) bool {
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	what, ok := r.byName[name]
	if !ok {
		return false
	}
	delete(r.byName, name)
	if p := sys.Lookup(what); p != nil {
		p.name.Store(0)
	}
	return true
}

// UnregisterPort forgets the name of a port that closed.
func (sys *System) UnregisterPort(port term.Term) {
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, t := range r.byName {
		if t == port {
			delete(r.byName, n)
			return
		}
	}
}

// Whereis gives the pid or port of a registered name, None if nobody has it.
func (sys *System) Whereis(name term.Term) term.Term {
	sys.names.mu.RLock()
	t := sys.names.byName[name]
	sys.names.mu.RUnlock()
	return t
}

// Registered gives all registered names.
func (sys *System) Registered() []term.Term {
	r := &sys.names
	r.mu.RLock()
	out := make([]term.Term, 0, len(r.byName))
	for n := range r.byName {
		out = append(out, n)
	}
	r.mu.RUnlock()
	sortTerms(out)
	return out
}

// RegisteredName is the name of a pid or port, None if it has none.
func (sys *System) RegisteredName(what term.Term) term.Term {
	r := &sys.names
	r.mu.RLock()
	defer r.mu.RUnlock()
	if p := sys.Lookup(what); p != nil {
		return p.Name()
	}
	for n, t := range r.byName {
		if t == what {
			return n
		}
	}
	return term.None
}
