package term

//go:generate go run ./gen

import (
	"sync"
	"sync/atomic"
)

// The atom table is append-only and shared by all nodes of one Go process (DESIGN: the one
// exception to "no global state"). Readers never lock: names live in chunks that
// are published before the atoms that refer to them.

const (
	atomChunkBits = 12
	atomChunkLen  = 1 << atomChunkBits
	// MaxAtoms is the most that SetAtomLimit takes, DefaultAtoms how many atoms there may be otherwise: OTP's default.
	MaxAtoms     = 1<<25 - atomReserve
	DefaultAtoms = 1 << 20

	// atomReserve is how many atoms Intern may make beyond the limit: what gerl itself names must work when a program has used up all.
	atomReserve = 1 << 12

	// AtomCapacity is one more than the largest index of an atom.
	AtomCapacity = MaxAtoms + atomReserve
)

type atomChunk struct {
	names  [atomChunkLen]string
	hashes [atomChunkLen]uint32 // of the names, for map keys: the order of large maps must not depend on atom numbers
}

var atoms struct {
	mu     sync.RWMutex
	byName map[string]Term
	count  atomic.Int64
	limit  atomic.Int64 // 0: DefaultAtoms
	full   atomic.Pointer[func(limit int)]
	chunks [AtomCapacity / atomChunkLen]atomic.Pointer[atomChunk]
}

// Intern gives the atom with this name (UTF-8, at most 255 characters: callers check).
// It panics with ErrAtomLimit when the table is full; use TryIntern for names from outside.
func Intern(name string) Term {
	t, ok := intern(name, AtomLimit()+atomReserve)
	if !ok {
		panic(ErrAtomLimit)
	}
	return t
}

// ErrAtomLimit is what Intern panics with when not even gerl's own atoms have room.
const ErrAtomLimit = atomError("no more index entries in atom_tab")

type atomError string

func (e atomError) Error() string { return string(e) }

// AtomLimit is how many atoms there may be.
func AtomLimit() int {
	if n := atoms.limit.Load(); n != 0 {
		return int(n)
	}
	return DefaultAtoms
}

// SetAtomLimit changes that for all nodes of the Go process, OTP's +t. It gives what it is now: not more than MaxAtoms.
func SetAtomLimit(n int) int {
	n = min(n, MaxAtoms)
	atoms.limit.Store(int64(n))
	return n
}

// WhenAtomsFull has f called each time that a program needs an atom more than there may be, before TryIntern says so (nil:
// nothing is called). No lock is held; typically f reports that and ends the program.
func WhenAtomsFull(f func(limit int)) {
	if f == nil {
		atoms.full.Store(nil)
	} else {
		atoms.full.Store(&f)
	}
}

// TryIntern is Intern without the panic: ok is false when the table is full.
func TryIntern(name string) (t Term, ok bool) {
	limit := AtomLimit()
	if t, ok = intern(name, limit); !ok {
		if f := atoms.full.Load(); f != nil {
			(*f)(limit)
		}
	}
	return t, ok
}

// InternCode is TryIntern for atoms of code that is loaded: the library must work when a program has used up all atoms.
func InternCode(name string) (t Term, ok bool) { return intern(name, AtomLimit()+atomReserve) }

func intern(name string, limit int) (t Term, ok bool) {
	atoms.mu.RLock()
	t, ok = atoms.byName[name]
	atoms.mu.RUnlock()
	if ok {
		return t, true
	}
	atoms.mu.Lock()
	defer atoms.mu.Unlock()
	if t, ok = atoms.byName[name]; ok {
		return t, true
	}
	n := atoms.count.Load()
	if n >= int64(limit) {
		return None, false
	}
	c := atoms.chunks[n>>atomChunkBits].Load()
	if c == nil {
		c = new(atomChunk)
		atoms.chunks[n>>atomChunkBits].Store(c)
	}
	name = string(append([]byte(nil), name...)) // own the bytes: name may alias a source file
	c.names[n&(atomChunkLen-1)] = name
	c.hashes[n&(atomChunkLen-1)] = nameHash(name)
	atoms.count.Store(n + 1)
	t = Term(uint64(n)<<6 | TagAtom)
	atoms.byName[name] = t
	return t, true
}

// LookupAtom gives the atom only if it exists already.
func LookupAtom(name string) (Term, bool) {
	atoms.mu.RLock()
	t, ok := atoms.byName[name]
	atoms.mu.RUnlock()
	return t, ok
}

// AtomIndex is the atom's place in the table, AtomName its name.
func (t Term) AtomIndex() int { return int(t >> 6) }

// AtomAt is the atom at a place in the table that AtomIndex gave.
func AtomAt(index int) Term { return Term(uint64(index)<<6 | TagAtom) }

// AtomName is the name of an atom as UTF-8; t must be an atom.
func (t Term) AtomName() string {
	i := t >> 6
	return atoms.chunks[i>>atomChunkBits].Load().names[i&(atomChunkLen-1)]
}

// atomHash is the hash of an atom's name.
func (t Term) atomHash() uint32 {
	i := t >> 6
	return atoms.chunks[i>>atomChunkBits].Load().hashes[i&(atomChunkLen-1)]
}

// nameHash is FNV-1a.
func nameHash(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h
}

// AtomCount is the number of atoms in the table.
func AtomCount() int { return int(atoms.count.Load()) }

// internPredefined fills the table with the atoms of atoms.tab, in order, before any other
// variable of the package that uses atoms is initialised.
func internPredefined() bool {
	atoms.byName = make(map[string]Term, 4096)
	for _, n := range predefinedAtoms {
		Intern(n)
	}
	return true
}
