package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Values of persistent_term are literals: get/1 gives them without copying. When one is replaced or erased, the machine
// frees its area after it has given copies to the processes that refer to it.

// discard gives up the memory of a term that was taken out.
func (t *persistentTerm) discard(p *proc.Process) {
	if r, ok := p.Sys.Machine.(proc.LiteralReaper); ok && t.area != nil {
		r.DiscardLiterals(t.area)
	}
}

func (s *persistentTerms) find(key term.Term) *persistentTerm {
	for _, t := range s.byKey[term.MapHash(key)] {
		if term.ExactEqual(t.key, key) {
			return t
		}
	}
	return nil
}

// wordsPerReduction is what copying costs; it also keeps whoever replaces large terms from getting far ahead of the reaper.
const wordsPerReduction = 32

// copied makes the literals of a value. It may take long and holds no lock: others go on reading.
func copied(p *proc.Process, key, value term.Term) *persistentTerm {
	kv := []term.Term{key, value}
	t := &persistentTerm{area: term.CopyShared(kv)}
	if t.area != nil {
		t.words = int(t.area.Top-t.area.Start) / term.WordBytes
	}
	p.Bump(t.words / wordsPerReduction)
	t.key, t.value = kv[0], kv[1]
	return t
}

// put stores a value and gives the term whose place it takes, nil if there was none. With fresh nothing is replaced: what is there is given, and ok is false.
func (s *persistentTerms) put(t *persistentTerm, fresh bool) (old *persistentTerm, ok bool) {
	h := term.MapHash(t.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = make(map[uint64][]*persistentTerm)
	}
	for i, old := range s.byKey[h] {
		if term.ExactEqual(old.key, t.key) {
			if !fresh {
				s.words += t.words - old.words
				s.byKey[h][i] = t
			}
			return old, !fresh
		}
	}
	s.byKey[h] = append(s.byKey[h], t)
	s.count++
	s.words += t.words
	return nil, true
}

// A term that another process replaces meanwhile stays as long as this one has not answered that it does not refer to it.
func persistentTermPut2(p *proc.Process, a []term.Term) term.Term {
	if old := persistentGet(p, a[0]); old != nil && term.ExactEqual(old.value, a[1]) {
		return term.AtomOk
	}
	if old, _ := nodeState(p).persistent.put(copied(p, a[0], a[1]), false); old != nil {
		old.discard(p)
	}
	return term.AtomOk
}

// put_new/2 raises badarg when the key has another value already.
func persistentTermPutNew2(p *proc.Process, a []term.Term) term.Term {
	if old := persistentGet(p, a[0]); old != nil {
		return orBadarg(p, term.AtomOk, term.ExactEqual(old.value, a[1]))
	}
	t := copied(p, a[0], a[1])
	if old, ok := nodeState(p).persistent.put(t, true); !ok {
		same := term.ExactEqual(old.value, a[1])
		t.discard(p)
		return orBadarg(p, term.AtomOk, same)
	}
	return term.AtomOk
}

func persistentGet(p *proc.Process, key term.Term) *persistentTerm {
	s := &nodeState(p).persistent
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.find(key)
}

func persistentTermGet1(p *proc.Process, a []term.Term) term.Term {
	if t := persistentGet(p, a[0]); t != nil {
		return t.value
	}
	return p.Badarg()
}

func persistentTermGet2(p *proc.Process, a []term.Term) term.Term {
	if t := persistentGet(p, a[0]); t != nil {
		return t.value
	}
	return a[1]
}

func persistentTermGet0(p *proc.Process, _ []term.Term) term.Term {
	s := &nodeState(p).persistent
	s.mu.RLock()
	defer s.mu.RUnlock()
	l := term.Nil
	for _, ts := range s.byKey {
		for _, t := range ts {
			l = p.Heap.Cons(p.Heap.Tuple(t.key, t.value), l)
		}
	}
	return l
}

func persistentTermErase1(p *proc.Process, a []term.Term) term.Term {
	s := &nodeState(p).persistent
	s.mu.Lock()
	defer s.mu.Unlock()
	h := term.MapHash(a[0])
	for i, t := range s.byKey[h] {
		if term.ExactEqual(t.key, a[0]) {
			s.byKey[h] = append(s.byKey[h][:i:i], s.byKey[h][i+1:]...)
			s.count--
			s.words -= t.words
			t.discard(p)
			return term.AtomTrue
		}
	}
	return term.AtomFalse
}

func persistentTermInfo0(p *proc.Process, _ []term.Term) term.Term {
	s := &nodeState(p).persistent
	s.mu.RLock()
	defer s.mu.RUnlock()
	return p.Heap.MapFromPairs([]term.Term{atomCount, term.Int(s.count), term.AtomMemory, term.Int(s.words * term.WordBytes)})
}
