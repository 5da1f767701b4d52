package proc

import (
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// registry maps names to local pids and ports. An atom's place in the atom table is its place here, so looking a name
// up is two loads without a lock.
type registry struct {
	mu     sync.Mutex // for changes
	chunks [term.AtomCapacity / registryChunk]atomic.Pointer[[registryChunk]atomic.Uint64]
	count  int
}

const registryChunk = 1 << 10

func (r *registry) slot(name term.Term, make bool) *atomic.Uint64 {
	i := name.AtomIndex()
	c := r.chunks[i/registryChunk].Load()
	if c == nil {
		if !make {
			return nil
		}
		c = new([registryChunk]atomic.Uint64)
		r.chunks[i/registryChunk].Store(c)
	}
	return &c[i%registryChunk]
}

// holder gives who has the name, None if nobody has.
func (r *registry) holder(name term.Term) term.Term {
	if s := r.slot(name, false); s != nil {
		return term.Term(s.Load())
	}
	return term.None
}

func (r *registry) set(name, what term.Term) {
	r.slot(name, true).Store(uint64(what))
	if what == term.None {
		r.count--
	} else {
		r.count++
	}
}

// each calls f for every name with its holder; mu is held.
func (r *registry) each(f func(name, what term.Term) bool) {
	for i := range r.chunks {
		c := r.chunks[i].Load()
		if c == nil {
			continue
		}
		for j := range c {
			if w := term.Term(c[j].Load()); w != term.None && !f(atomAt(i*registryChunk+j), w) {
				return
			}
		}
	}
}

func atomAt(i int) term.Term { return term.Term(uint64(i)<<6 | term.TagAtom) }

// drop forgets the name of a process that ends.
func (r *registry) drop(p *Process) {
	r.mu.Lock()
	if n := p.Name(); n != term.None && r.holder(n) == p.Pid {
		r.set(n, term.None)
	}
	p.name.Store(0)
	r.mu.Unlock()
}

// RegisterError says why Register refused, in the words of OTP's error_info causes.
type RegisterError uint8

const (
	RegisterOK RegisterError = iota
	// RegisterBadName: not an atom, the atom undefined, or a name in use.
	RegisterBadName
	// RegisterNotAlive: no local process or port like that (cause notalive).
	RegisterNotAlive
	// RegisterTaken: the process or port has a name already (cause registered_name).
	RegisterTaken
	// RegisterNotLocal: neither local pid nor local port.
	RegisterNotLocal
)

// Register is erlang:register/2 for processes and ports.
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
		if p == nil || p.Gone() {
			return RegisterNotAlive
		}
		if p.name.Load() != 0 {
			return RegisterTaken
		}
		if r.holder(name) != term.None {
			return RegisterBadName
		}
		p.name.Store(uint64(name))
		// A process that ends at the same time looks for its name after it has set endOver.
		if p.Gone() {
			p.name.Store(0)
			return RegisterNotAlive
		}
		r.set(name, what)
		p.tellName(atomEvRegister, name)
		return RegisterOK
	case what.IsLocalPort():
		r.mu.Lock()
		defer r.mu.Unlock()
		if sys.Ports == nil || !sys.Ports.Alive(what) {
			return RegisterBadName // OTP names the first argument
		}
		if r.nameOf(what) != term.None {
			return RegisterTaken
		}
		if r.holder(name) != term.None {
			return RegisterBadName
		}
		r.set(name, what)
		sys.tellPortName(what, atomEvRegister, name)
		return RegisterOK
	}
	return RegisterNotLocal
}

// Unregister is erlang:unregister/1; false: nobody has the name.
func (sys *System) Unregister(name term.Term) bool {
	if !name.IsAtom() {
		return false
	}
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	what := r.holder(name)
	if what == term.None {
		return false
	}
	r.set(name, term.None)
	if p := sys.Lookup(what); p != nil {
		p.name.Store(0)
		p.tellName(atomEvUnregister, name)
	} else if what.IsLocalPort() {
		sys.tellPortName(what, atomEvUnregister, name)
	}
	return true
}

// UnregisterPort forgets the name of a port that closed and gives it, None if it had none.
func (sys *System) UnregisterPort(port term.Term) (name term.Term) {
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	if name = r.nameOf(port); name != term.None {
		r.set(name, term.None)
	}
	return name
}

// nameOf finds the name of a port by looking at all names; mu is held.
func (r *registry) nameOf(what term.Term) (name term.Term) {
	r.each(func(n, w term.Term) bool {
		if w == what {
			name = n
		}
		return name == term.None
	})
	return name
}

// Whereis gives the pid or port of a registered name, None if nobody has it. name must be an atom.
func (sys *System) Whereis(name term.Term) term.Term { return sys.names.holder(name) }

// Registered gives all registered names.
func (sys *System) Registered() []term.Term {
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]term.Term, 0, r.count)
	r.each(func(n, _ term.Term) bool {
		out = append(out, n)
		return true
	})
	return out
}

// RegisteredName is the name of a pid or port, None if it has none.
func (sys *System) RegisteredName(what term.Term) term.Term {
	if p := sys.Lookup(what); p != nil {
		return p.Name()
	}
	r := &sys.names
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nameOf(what)
}
