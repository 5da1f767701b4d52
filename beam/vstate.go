package beam

import "fmt"

// vstate is what the validator knows at one place of a function.
type vstate struct {
	x, y   []vt // x[i] beyond the end is not initialised; len(y) is the frame size
	frame  frameKind
	fr     uint64 // float registers that are set (only the first 64 can be)
	words  int32  // heap room reserved
	floats int32
	funs   int32
	nextID uint32
	tags   int32 // catch and try tags in y
	// unsaid: y has changed since the handler of the innermost tag was told; an exception from here on must tell it.
	unsaid   bool
	fresh    bool // some register may hold a fresh tuple
	building bool // a binary is under construction (instructions before OTP 25's bs_create_bin)
}

// frameKind says whether there is a stack frame.
type frameKind byte

const (
	noFrame frameKind = iota
	hasFrame
	// Paths with different frames meet only in front of something that raises.
	anyFrame       // all Y registers are initialised, the topmost can be read
	anyFrameUninit // some may not be: nothing may collect
)

// maxX is the number of X registers of the machine; code may name all but the last one, which instructions use as scratch.
const maxX = 1023

func (s *vstate) copyFrom(o *vstate) {
	x, y := append(s.x[:0], o.x...), append(s.y[:0], o.y...)
	*s = *o
	s.x, s.y = x, y
}

// get gives what a register holds; bits are 0 if it is not initialised.
func (s *vstate) get(a Arg) vt {
	r, n := s.x, int(a.Val)
	if a.Kind == KindY {
		r = s.y
	}
	if n < len(r) {
		return r[n]
	}
	return vt{}
}

// set changes what is known of the value in a register, in all registers that hold it.
func (s *vstate) set(a Arg, t vt) {
	for i := range s.x {
		if s.x[i].id == t.id && s.x[i].bits != 0 {
			s.x[i] = t
		}
	}
	for i := range s.y {
		if s.y[i].id == t.id && s.y[i].bits != 0 {
			s.y[i] = t
		}
	}
}

// put writes register a; t keeps its id. The place is known to be allowed.
func (s *vstate) put(a Arg, t vt) {
	n := int(a.Val)
	if t.fresh {
		s.fresh = true
	}
	if a.Kind == KindY {
		s.y[n] = t
		s.unsaid = true
		return
	}
	for len(s.x) <= n {
		s.x = append(s.x, vt{})
	}
	s.x[n] = t
}

// fresh gives t an id of its own.
func (s *vstate) newID(t vt) vt {
	s.nextID++
	t.id = s.nextID
	return t
}

// heap forgets the room reserved and reserves anew.
func (s *vstate) heap(words, floats, funs int) {
	s.words, s.floats, s.funs = int32(words), int32(floats), int32(funs)
}

// collected is what a collection or a context switch leaves: live X registers and Y.
func (s *vstate) collected(live int) {
	s.x = s.x[:min(live, len(s.x))]
	s.heap(0, 0, 0)
	s.building = false
	if s.fresh {
		s.fresh = false
		for i := range s.x {
			s.x[i].fresh = false
		}
		for i := range s.y {
			s.y[i].fresh = false
		}
	}
}

// merge joins a state into the one kept for a label. changed tells whether the latter got weaker. text is an error.
func (v *validator) merge(s *vstate, in *vstate) (changed bool, text string) {
	if s.frame != in.frame || len(s.y) != len(in.y) {
		if s.tags > 0 && s.unsaid || in.tags > 0 && in.unsaid {
			return false, "different stack frames meet before a handler knows of them"
		}
		k := max(anyFrame, s.frame, in.frame)
		if !s.yInit() || !in.yInit() {
			k = anyFrameUninit
		}
		// What both have at the top of the stack can still be read.
		n := min(len(s.y), len(in.y))
		changed = s.frame != k || n < len(s.y)
		s.frame, s.y, s.tags, s.unsaid = k, s.y[:n], 0, false
		for i := range s.y {
			if s.y[i].bits&vTag != 0 {
				s.y[i].bits = 0
			}
		}
	}
	least := func(a *int32, b int32) {
		if b < *a {
			*a, changed = b, true
		}
	}
	least(&s.words, in.words)
	least(&s.floats, in.floats)
	least(&s.funs, in.funs)
	if fr := s.fr & in.fr; fr != s.fr {
		s.fr, changed = fr, true
	}
	if s.building && !in.building {
		s.building, changed = false, true
	}
	if in.unsaid && !s.unsaid && s.frame == hasFrame {
		s.unsaid, changed = true, true
	}
	if len(in.x) < len(s.x) {
		s.x, changed = s.x[:len(in.x)], true
	}
	v.pairs = v.pairs[:0]
	for i := range s.x {
		if v.mergeReg(s, &s.x[i], &in.x[i]) {
			changed = true
		}
	}
	for i := range s.y {
		a, b := &s.y[i], &in.y[i]
		if (a.bits|b.bits)&vTag != 0 && s.frame == hasFrame && (a.bits != b.bits || a.n != b.n) {
			return false, fmt.Sprintf("y%d holds different catch tags where paths meet", i)
		}
		if v.mergeReg(s, a, b) {
			changed = true
		}
	}
	return changed, ""
}

// idPair maps a value's id on both sides of a merge to its id in the result.
type idPair struct{ a, b, r uint32 }

// mergeReg joins b into a. Registers that held the same value on both sides still do; a group of registers that
// holds two values on the other side is split.
func (v *validator) mergeReg(s *vstate, a, b *vt) (changed bool) {
	if a.bits == 0 {
		return false
	}
	r := join(*a, *b)
	if r.bits != 0 {
		found, taken := false, false
		for _, p := range v.pairs {
			if p.a == a.id {
				taken = true
				if p.b == b.id {
					r.id, found = p.r, true
					break
				}
			}
		}
		if !found {
			id := a.id
			if taken {
				s.nextID++
				id, changed = s.nextID, true
			}
			r.id = id
			v.pairs = append(v.pairs, idPair{a.id, b.id, id})
		} else if r.id != a.id {
			changed = true
		}
	}
	if r.bits != a.bits || r.n != a.n || r.exact != a.exact || r.fresh != a.fresh {
		changed = true
	}
	*a = r
	return changed
}

// frameText describes the frame for messages.
func (s *vstate) frameText() string {
	switch s.frame {
	case noFrame:
		return "there is no stack frame"
	case hasFrame:
		return fmt.Sprintf("the stack frame has %d registers", len(s.y))
	}
	return "the stack frame is not the same on all paths"
}

func (s *vstate) yInit() bool {
	if s.frame == anyFrameUninit {
		return false
	}
	for i := range s.y {
		if s.y[i].bits == 0 {
			return false
		}
	}
	return true
}
