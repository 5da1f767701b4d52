package term

// CopyShared is CopyLiterals with all that is referred to several times copied once, so that the copy is no larger than the terms.
// It walks them twice. The first walk notes which objects it has met, a bit for each word of memory, and which it meets again;
// only those need an entry in a table.
func CopyShared(terms []Term) *LiteralArea {
	s := sharing{met: map[uintptr]*metPage{}, again: map[uintptr]Term{}}
	n := 0
	for _, t := range terms {
		n += s.measure(t)
	}
	if n == 0 {
		return nil
	}
	if len(s.again) == 0 {
		return CopyLiterals(terms)
	}
	a := NewLiteralArea(n)
	s.copier = copier{top: a.Top, chain: &a.OffHeap, gone: everyArea}
	for i, t := range terms {
		terms[i] = s.copy(t)
	}
	a.Top = s.top
	return a
}

type sharing struct {
	copier
	met    map[uintptr]*metPage
	last   *metPage // that of the page lastNo
	lastNo uintptr
	again  map[uintptr]Term // where objects that are met again went to, by address; None while they are not copied
}

// metPage has a bit for each word of a page.
type metPage [pageBytes / WordBytes / 64]uint64

const pageBytes = 4096

// meet reports whether the object at a is met for the first time.
func (s *sharing) meet(a uintptr) bool {
	if no := a / pageBytes; s.last == nil || no != s.lastNo {
		p := s.met[no]
		if p == nil {
			p = new(metPage)
			s.met[no] = p
		}
		s.last, s.lastNo = p, no
	}
	word := a % pageBytes / WordBytes
	bits, bit := &s.last[word/64], uint64(1)<<(word%64)
	if *bits&bit != 0 {
		s.again[a] = None
		return false
	}
	*bits |= bit
	return true
}

// measure gives the words of a copy of those objects in t that were not met before.
func (s *sharing) measure(t Term) int {
	if t.IsImmediate() {
		return 0
	}
	stack := termStacks.Get().(*termStack)
	defer stack.release()
	n := 0
	todo := append(stack.terms, t)
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !s.meet(t.Addr()) {
			continue
		}
		var elems []Term
		if t.IsCons() {
			n += 2
			elems = wordsAt(t.Addr(), 2)
		} else {
			hdr := *t.Words()
			k := payload(hdr)
			switch raw := int(rawWords[hdr&SubMask>>2]); {
			case hdr&SubMask == SubBits || hdr&SubMask == SubMatch:
				n += bitsCopyWords(t)
			default:
				n += 1 + k
				if raw != allRaw {
					elems = wordsAt(t.Addr()+uintptr(1+raw)*WordBytes, k-raw)
				}
			}
		}
		for _, e := range elems {
			if !e.IsImmediate() {
				todo = append(todo, e)
			}
		}
	}
	stack.terms = todo
	return n
}

// copy is copier.copy with a look at the table for each object.
func (s *sharing) copy(t Term) Term {
	if t.IsImmediate() {
		return t
	}
	start := s.top
	t = s.object(t)
	for scan := start; scan < s.top; scan += WordBytes {
		switch w := *(*uint64)(at(scan)); w & TagMask {
		case TagImm:
		case TagHeader:
			scan += uintptr(rawPayload(w)) * WordBytes
		default:
			if a := uintptr(w &^ TagMask); a-start >= s.top-start {
				*(*Term)(at(scan)) = s.object(Term(w))
			}
		}
	}
	return t
}

// object gives the copy of one object, which it makes if there is none; lists are copied up to the next cell that is met again.
func (s *sharing) object(t Term) Term {
	to, shared := s.again[t.Addr()]
	switch {
	case shared && to != None:
		return to
	case t.IsCons():
		to = MakeCons(s.top)
		s.cells(t)
	default:
		to = s.copier.object(t)
	}
	if shared {
		s.again[t.Addr()] = to
	}
	return to
}

func (s *sharing) cells(t Term) {
	for {
		tail := t.Tail()
		store(s.top, 0, t.Word(0))
		s.top += 2 * WordBytes
		end := !tail.IsCons()
		if !end {
			_, end = s.again[tail.Addr()]
		}
		if end {
			*(*Term)(at(s.top - WordBytes)) = tail
			return
		}
		*(*Term)(at(s.top - WordBytes)) = MakeCons(s.top)
		t = tail
	}
}
