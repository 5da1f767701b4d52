package term

import "unicode/utf8"

// IOListBytes flattens iodata: a binary, or a possibly nested, possibly improper list of bytes and binaries.
// ok is false for anything else.
func IOListBytes(t Term) (data []byte, ok bool) {
	if t.IsBitstring() {
		b, ok := t.Bytes()
		return append([]byte(nil), b...), ok
	}
	return AppendIOList(nil, t)
}

// AppendIOList is IOListBytes that appends to dst.
func AppendIOList(dst []byte, t Term) (data []byte, ok bool) {
	ok = walkChardata(t, func(e Term) bool {
		if e.IsSmall() {
			v := e.Small()
			dst = append(dst, byte(v))
			return v >= 0 && v <= 255
		}
		b, ok := e.Bytes()
		dst = append(dst, b...)
		return ok
	})
	return dst, ok
}

// IOListSize is the number of bytes in iodata.
func IOListSize(t Term) (n int, ok bool) {
	ok = walkChardata(t, func(e Term) bool {
		if e.IsSmall() {
			n++
			return uint64(e.Small()) <= 255
		}
		size, ok := BitSize(e)
		n += size >> 3
		return ok && size&7 == 0
	})
	return n, ok
}

// CharsText gives the text of chardata (unicode:chardata()): code points and UTF-8 binaries in possibly nested lists. ok is false for
// anything else and for invalid UTF-8 or code points.
func CharsText(t Term) (text string, ok bool) {
	var dst []byte
	ok = walkChardata(t, func(e Term) bool {
		if e.IsSmall() {
			v := e.Small()
			if v < 0 || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
				return false
			}
			dst = utf8.AppendRune(dst, rune(v))
			return true
		}
		b, ok := e.Bytes()
		dst = append(dst, b...)
		return ok
	})
	if !ok || !utf8.Valid(dst) {
		return "", false
	}
	return string(dst), true
}

// CharsTextOrLatin1 is CharsText where a binary that is no UTF-8 stands for its bytes as Latin-1 characters, as the control sequence
// ~ts of io takes it.
func CharsTextOrLatin1(t Term) (text string, ok bool) {
	if text, ok = CharsText(t); ok {
		return text, true
	}
	var dst []byte
	ok = walkChardata(t, func(e Term) bool {
		if !e.IsSmall() {
			b, whole := e.Bytes()
			if utf8.Valid(b) {
				dst = append(dst, b...)
				return whole
			}
			for _, c := range b {
				dst = utf8.AppendRune(dst, rune(c))
			}
			return whole
		}
		v := e.Small()
		if v < 0 || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return false
		}
		dst = utf8.AppendRune(dst, rune(v))
		return true
	})
	return string(dst), ok
}

// walkChardata visits the small integers and bitstrings of a nested list, or t itself if it is a bitstring, in order. It stops with
// false when visit does, or at a term that does not belong in such a list.
func walkChardata(t Term, visit func(Term) bool) bool {
	if t.IsBitstring() {
		return visit(t)
	}
	if !t.IsList() {
		return false
	}
	s := termStacks.Get().(*termStack)
	stack := s.terms
	defer func() {
		s.terms = stack
		s.release()
	}()
	for {
		for t.IsCons() {
			head := t.Head()
			switch {
			case head.IsSmall() || head.IsBitstring():
				if !visit(head) {
					return false
				}
				t = t.Tail()
			case head.IsList():
				stack = append(stack, t.Tail())
				t = head
			default:
				return false
			}
		}
		if t.IsBitstring() {
			if !visit(t) {
				return false
			}
		} else if t != Nil {
			return false
		}
		if len(stack) == 0 {
			return true
		}
		t = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
	}
}

// ByteList makes [bytes... | tail], the list form of a Latin-1 string.
func (h *Heap) ByteList(b []byte, tail Term) Term {
	if len(b) == 0 {
		return tail
	}
	a := h.Alloc(2 * len(b))
	cells := wordsAt(a, 2*len(b))
	for i, c := range b {
		a += 2 * WordBytes
		cells[2*i] = Int(int(c))
		cells[2*i+1] = MakeCons(a)
	}
	cells[len(cells)-1] = tail
	return MakeCons(a - uintptr(len(cells))*WordBytes)
}
