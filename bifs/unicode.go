package bifs

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// charEncoding is a character encoding of unicode:encoding().
type charEncoding uint8

const (
	encUTF8 charEncoding = iota
	encLatin1
	encUTF16Big
	encUTF16Little
	encUTF32Big
	encUTF32Little
)

var atomIncomplete = term.Intern("incomplete")

func encodingArg(t term.Term) (charEncoding, bool) {
	switch t {
	case term.AtomUtf8, term.AtomUnicode:
		return encUTF8, true
	case term.AtomLatin1:
		return encLatin1, true
	case term.AtomUtf16:
		return encUTF16Big, true
	case term.AtomUtf32:
		return encUTF32Big, true
	}
	if t.TupleOf(2) {
		little, ok := endianArg(t.Elem(1))
		switch {
		case ok && t.Elem(0) == term.AtomUtf16:
			if little {
				return encUTF16Little, true
			}
			return encUTF16Big, true
		case ok && t.Elem(0) == term.AtomUtf32:
			if little {
				return encUTF32Little, true
			}
			return encUTF32Big, true
		}
	}
	return 0, false
}

// decodeState says how far decode came.
type decodeState uint8

const (
	decoded decodeState = iota
	decodeShort
	decodeBad
)

// decode takes one character from b, which is not empty. short means that b begins with a part of one.
func (e charEncoding) decode(b []byte) (r rune, n int, st decodeState) {
	switch e {
	case encLatin1:
		return rune(b[0]), 1, decoded
	case encUTF8:
		r, n = utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			if b[0] >= 0xC2 && b[0] <= 0xF4 && len(b) < e.length(b) {
				return 0, 0, decodeShort // perhaps: the rest decides
			}
			return 0, 0, decodeBad
		}
		return r, n, decoded
	case encUTF32Big, encUTF32Little:
		if len(b) < 4 {
			// What is there may show already that no character can come of it.
			var whole [4]byte
			copy(whole[:], b)
			first := binary.BigEndian.Uint32(whole[:])
			if e == encUTF32Little {
				first = 0
				if len(b) == 3 {
					first = binary.LittleEndian.Uint32(whole[:])
				}
			}
			if first > utf8.MaxRune || !validChar(int(first)) {
				return 0, 0, decodeBad
			}
			return 0, 0, decodeShort
		}
		v := binary.BigEndian.Uint32(b)
		if e == encUTF32Little {
			v = binary.LittleEndian.Uint32(b)
		}
		if v > utf8.MaxRune || !validChar(int(v)) {
			return 0, 0, decodeBad
		}
		return rune(v), 4, decoded
	}
	unit := func(b []byte) rune {
		if e == encUTF16Little {
			return rune(binary.LittleEndian.Uint16(b))
		}
		return rune(binary.BigEndian.Uint16(b))
	}
	if len(b) < 2 {
		return 0, 0, decodeShort
	}
	r = unit(b)
	switch {
	case r < 0xD800 || r > 0xDFFF:
		return r, 2, decoded
	case r >= 0xDC00:
		return 0, 0, decodeBad
	case len(b) < 4:
		return 0, 0, decodeShort
	}
	low := unit(b[2:])
	if low < 0xDC00 || low > 0xDFFF {
		return 0, 0, decodeBad
	}
	return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), 4, decoded
}

// length is the number of bytes of the character that b begins with.
func (e charEncoding) length(b []byte) int {
	switch e {
	case encLatin1:
		return 1
	case encUTF32Big, encUTF32Little:
		return 4
	case encUTF8:
		switch {
		case b[0] >= 0xF0:
			return 4
		case b[0] >= 0xE0:
			return 3
		}
		return 2
	}
	if len(b) < 2 {
		return 2
	}
	return 4
}

// encode appends a character; ok is false for one that the encoding does not have.
func (e charEncoding) encode(dst []byte, r rune) (_ []byte, ok bool) {
	switch e {
	case encUTF8:
		return utf8.AppendRune(dst, r), true
	case encLatin1:
		return append(dst, byte(r)), r < 256
	case encUTF32Big:
		return binary.BigEndian.AppendUint32(dst, uint32(r)), true
	case encUTF32Little:
		return binary.LittleEndian.AppendUint32(dst, uint32(r)), true
	}
	put := func(v rune) {
		if e == encUTF16Little {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(v))
		} else {
			dst = binary.BigEndian.AppendUint16(dst, uint16(v))
		}
	}
	if r < 0x10000 {
		put(r)
	} else {
		r -= 0x10000
		put(0xD800 + r>>10)
		put(0xDC00 + r&0x3FF)
	}
	return dst, true
}

// charWalk visits the characters of chardata.
type charWalk struct {
	h     *term.Heap
	in    charEncoding
	emit  func(r rune) bool // false: the output encoding lacks the character
	wide  bool              // the output is not UTF-8: OTP reports a bad integer as a list of its own
	tails []term.Term       // what follows the lists that were entered
	left  []byte            // begin of a character whose rest is in the next binary

	status decodeState
	rest   term.Term // what was not converted
	atBig  bool      // it begins with a bignum: OTP does not look at what follows
}

// wrap makes the rest of the input from the rest of the innermost list.
func (w *charWalk) wrap(rest term.Term) term.Term {
	for i := len(w.tails) - 1; i >= 0; i-- {
		rest = w.h.Cons(rest, w.tails[i])
	}
	return rest
}

func (w *charWalk) fail(rest term.Term) bool {
	w.status, w.rest = decodeBad, rest
	return true
}

// bytes converts the characters of one binary; tail is what follows it in its list, None for a binary that is the whole input or
// the tail of a list. It reports false to go on.
func (w *charWalk) bytes(b []byte, tail term.Term) (stop bool) {
	if len(w.left) > 0 {
		need := w.in.length(w.left) - len(w.left)
		if need > len(b) {
			w.left = append(w.left, b...)
			return false
		}
		r, _, st := w.in.decode(append(slices.Clone(w.left), b[:need]...))
		if st != decoded || !w.emit(r) {
			rest := w.h.Binary(b)
			if tail != term.None {
				rest = w.h.Cons(rest, tail)
			}
			return w.fail(w.h.List(w.h.Binary(w.left), w.wrap(rest)))
		}
		w.left = nil
		b = b[need:]
	}
	for len(b) > 0 {
		r, n, st := w.in.decode(b)
		if st == decodeShort {
			w.left = slices.Clone(b)
			return false
		}
		if st == decoded && w.emit(r) {
			b = b[n:]
			continue
		}
		rest := w.h.Binary(b)
		if tail != term.None {
			rest = w.h.Cons(rest, tail)
		}
		return w.fail(w.wrap(rest))
	}
	return false
}

// run visits everything; ok is false when t is no chardata at all.
func (w *charWalk) run(t term.Term) (ok bool) {
	if b, isBin := t.Bytes(); isBin {
		w.bytes(b, term.None)
		w.finish()
		return true
	}
	if !t.IsList() {
		return false
	}
	for {
		for t.IsCons() {
			x := t.Head()
			switch {
			case x.IsInteger():
				if len(w.left) > 0 {
					if w.in == encUTF8 { // OTP converts UTF-8 itself, other encodings in Erlang
						w.fail(w.h.List(w.h.Binary(w.left), w.wrap(t)))
					} else {
						w.fail(w.wrap(w.h.Cons(w.h.Binary(w.left), t)))
					}
					return true
				}
				v, good := smallIn(x, 0, utf8.MaxRune)
				w.atBig = x.IsBig()
				good = good && validChar(v) && (w.in != encLatin1 || v < 256)
				if !good && (w.in == encUTF8 || w.in == encLatin1) && !w.wide {
					return w.fail(w.wrap(t))
				}
				if !good || !w.emit(rune(v)) {
					return w.fail(w.wrap(w.h.Cons(w.h.List(x), t.Tail())))
				}
				t = t.Tail()
			case x.IsList():
				w.tails = append(w.tails, t.Tail())
				t = x
			default:
				b, isBin := x.Bytes()
				if !isBin {
					return false
				}
				if w.bytes(b, t.Tail()) {
					return true
				}
				t = t.Tail()
			}
		}
		if !t.IsNil() {
			b, isBin := t.Bytes()
			if !isBin {
				return false
			}
			if w.bytes(b, term.None) {
				return true
			}
		}
		if len(w.tails) == 0 {
			w.finish()
			return true
		}
		t = w.tails[len(w.tails)-1]
		w.tails = w.tails[:len(w.tails)-1]
	}
}

func (w *charWalk) finish() {
	if w.status == decoded && len(w.left) > 0 {
		w.status, w.rest = decodeShort, w.h.Binary(w.left)
		if w.in == encUTF8 && utf8.FullRune(w.left) {
			w.status = decodeBad // no continuation makes it a character
		}
	}
}

// result makes {error, Done, Rest} or {incomplete, Done, Rest} if the input was not converted completely.
func (w *charWalk) result(done term.Term) term.Term {
	switch w.status {
	case decodeBad:
		return w.h.Tuple(term.AtomError, done, w.rest)
	case decodeShort:
		return w.h.Tuple(atomIncomplete, done, w.rest)
	}
	return done
}

// chardataShape reports whether t consists of nothing but lists, integers and binaries: anything else is badarg even behind
// an invalid character.
func chardataShape(t term.Term) bool {
	stack := []term.Term{t}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for t.IsCons() {
			x := t.Head()
			if x.IsList() {
				stack = append(stack, x)
			} else if !x.IsInteger() && !x.IsBinary() {
				return false
			}
			t = t.Tail()
		}
		if !t.IsNil() && !t.IsBinary() {
			return false
		}
	}
	return true
}

func charsToBinary(p *proc.Process, data, in, out term.Term) term.Term {
	from, ok1 := encodingArg(in)
	to, ok2 := encodingArg(out)
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	if from == encUTF8 && to == encUTF8 && data.IsBitstring() {
		if b, ok := data.Bytes(); ok && utf8.Valid(b) {
			p.Bump(len(b) / 1000)
			return data
		}
	}
	if from == encUTF8 && to == encUTF8 && data.IsCons() {
		if b, ok := charsOf(data); ok { // what else is in a list is left to charWalk
			p.Bump(len(b) / 200)
			return p.Heap.Binary(b)
		}
	}
	var dst []byte
	w := charWalk{h: &p.Heap, in: from, wide: to != encUTF8}
	w.emit = func(r rune) bool {
		d, ok := to.encode(dst, r)
		if ok {
			dst = d
		}
		return ok
	}
	if data.IsCons() && data.Tail().IsNil() && data.Head().IsBinary() {
		data = data.Head() // OTP reports the rest of such a list like that of the binary
	}
	if !w.run(data) || w.status == decodeBad && !w.atBig && !chardataShape(data) {
		return p.Badarg()
	}
	p.Bump(len(dst) / 200)
	return w.result(p.Heap.Binary(dst))
}

func charsToList(p *proc.Process, data, in term.Term) term.Term {
	from, ok := encodingArg(in)
	if !ok {
		return p.Badarg()
	}
	if b, isBin := data.Bytes(); isBin && from == encUTF8 && utf8.Valid(b) {
		p.Bump(len(b) / 100)
		return runeList(&p.Heap, string(b), term.Nil)
	}
	var chars []term.Term
	w := charWalk{h: &p.Heap, in: from}
	w.emit = func(r rune) bool {
		chars = append(chars, term.Int(int(r)))
		return true
	}
	if !w.run(data) || w.status == decodeBad && !w.atBig && !chardataShape(data) {
		return p.Badarg()
	}
	p.Bump(len(chars) / 100)
	return w.result(p.Heap.List(chars...))
}

func unicodeCharactersToBinary1(p *proc.Process, a []term.Term) term.Term {
	return charsToBinary(p, a[0], term.AtomUnicode, term.AtomUnicode)
}
func unicodeCharactersToBinary2(p *proc.Process, a []term.Term) term.Term {
	return charsToBinary(p, a[0], a[1], term.AtomUnicode)
}
func unicodeCharactersToBinary3(p *proc.Process, a []term.Term) term.Term {
	return charsToBinary(p, a[0], a[1], a[2])
}
func unicodeCharactersToList1(p *proc.Process, a []term.Term) term.Term {
	return charsToList(p, a[0], term.AtomUnicode)
}
func unicodeCharactersToList2(p *proc.Process, a []term.Term) term.Term {
	return charsToList(p, a[0], a[1])
}

func unicodeBinIs7bit1(_ *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	for _, c := range b {
		if c >= 0x80 {
			return term.AtomFalse
		}
	}
	return term.Bool(ok)
}
