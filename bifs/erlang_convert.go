package bifs

import (
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// maxAtomChars is the most characters that an atom has.
const maxAtomChars = 255

var (
	atomShort      = term.Intern("short")
	atomDecimals   = term.Intern("decimals")
	atomScientific = term.Intern("scientific")
	atomCompact    = term.Intern("compact")
)

// makeAtom gives the atom with this name, or raises: system_limit when the name is too long or the
// table is full, badarg when the atom must exist and does not.
func makeAtom(p *proc.Process, name string, existing bool) term.Term {
	if utf8.RuneCountInString(name) > maxAtomChars {
		if existing {
			return p.Badarg()
		}
		return p.SystemLimit()
	}
	if existing {
		t, ok := term.LookupAtom(name)
		return orBadarg(p, t, ok)
	}
	t, ok := term.TryIntern(name)
	if !ok {
		return p.SystemLimit()
	}
	return t
}

// validChar reports whether v is a Unicode scalar value.
func validChar(v int) bool {
	return v >= 0 && v < 0xD800 || v > 0xDFFF && v <= utf8.MaxRune
}

// charsOf gives the UTF-8 text of a flat list of characters.
func charsOf(t term.Term) (text []byte, ok bool) {
	text = make([]byte, 0, 64)
	for ; t.IsCons(); t = t.Tail() {
		x := t.Head()
		if !x.IsSmall() {
			return nil, false
		}
		switch c := x.Small(); {
		case c >= 0 && c < utf8.RuneSelf:
			text = append(text, byte(c))
		case validChar(c):
			text = utf8.AppendRune(text, rune(c))
		default:
			return nil, false
		}
	}
	return text, t.IsNil()
}

// runeList makes the list of the characters of UTF-8 text.
func runeList(h *term.Heap, s string, tail term.Term) term.Term {
	if isASCII(s) {
		return h.ByteList([]byte(s), tail)
	}
	elems := make([]term.Term, 0, len(s))
	for _, r := range s {
		elems = append(elems, term.Int(int(r)))
	}
	return h.ListTail(elems, tail)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func erlangAtomToList1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return runeList(&p.Heap, a[0].AtomName(), term.Nil)
}

func listToAtom(p *proc.Process, t term.Term, existing bool) term.Term {
	text, ok := charsOf(t)
	if !ok {
		return p.Badarg()
	}
	return makeAtom(p, string(text), existing)
}

func erlangListToAtom1(p *proc.Process, a []term.Term) term.Term { return listToAtom(p, a[0], false) }
func erlangListToExistingAtom1(p *proc.Process, a []term.Term) term.Term {
	return listToAtom(p, a[0], true)
}

func erlangAtomToBinary1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return p.Heap.Binary([]byte(a[0].AtomName()))
}

// latin1Of gives the Latin-1 bytes of UTF-8 text.
func latin1Of(s string) (b []byte, ok bool) {
	for _, r := range s {
		if r > 255 {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

func utf8OfLatin1(b []byte) string {
	var out []byte
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out)
}

func erlangAtomToBinary2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	switch a[1] {
	case term.AtomUtf8, term.AtomUnicode:
		return p.Heap.Binary([]byte(a[0].AtomName()))
	case term.AtomLatin1:
		if b, ok := latin1Of(a[0].AtomName()); ok {
			return p.Heap.Binary(b)
		}
	}
	return p.Badarg()
}

// tooLong reports whether text that is no UTF-8 begins with more characters than an atom may have.
func tooLong(b []byte) bool {
	n := 0
	for ; n <= maxAtomChars && len(b) > 0; n++ {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return false
		}
		b = b[size:]
	}
	return n > maxAtomChars
}

func binaryToAtom(p *proc.Process, bin, enc term.Term, existing bool) term.Term {
	b, ok := bin.Bytes()
	if !ok {
		return p.Badarg()
	}
	switch enc {
	case term.AtomUtf8, term.AtomUnicode:
		if !utf8.Valid(b) {
			if tooLong(b) {
				return p.SystemLimit()
			}
			return p.Badarg()
		}
		return makeAtom(p, string(b), existing)
	case term.AtomLatin1:
		return makeAtom(p, utf8OfLatin1(b), existing)
	}
	return p.Badarg()
}

func erlangBinaryToAtom1(p *proc.Process, a []term.Term) term.Term {
	return binaryToAtom(p, a[0], term.AtomUtf8, false)
}
func erlangBinaryToAtom2(p *proc.Process, a []term.Term) term.Term {
	return binaryToAtom(p, a[0], a[1], false)
}
func erlangBinaryToExistingAtom1(p *proc.Process, a []term.Term) term.Term {
	return binaryToAtom(p, a[0], term.AtomUtf8, true)
}
func erlangBinaryToExistingAtom2(p *proc.Process, a []term.Term) term.Term {
	return binaryToAtom(p, a[0], a[1], true)
}

// ---- integers ------------------------------------------------------------------------

func intText(p *proc.Process, t, base term.Term) (b []byte, ok bool) {
	n, ok := smallIn(base, 2, 36)
	if !ok || !t.IsInteger() {
		return nil, false
	}
	return term.AppendInt(nil, t, n), true
}

func erlangIntegerToList1(p *proc.Process, a []term.Term) term.Term {
	b, ok := intText(p, a[0], term.Int(10))
	if !ok {
		return p.Badarg()
	}
	return byteList(&p.Heap, b, term.Nil)
}

func erlangIntegerToList2(p *proc.Process, a []term.Term) term.Term {
	b, ok := intText(p, a[0], a[1])
	if !ok {
		return p.Badarg()
	}
	return byteList(&p.Heap, b, term.Nil)
}

func erlangIntegerToBinary1(p *proc.Process, a []term.Term) term.Term {
	b, ok := intText(p, a[0], term.Int(10))
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

func erlangIntegerToBinary2(p *proc.Process, a []term.Term) term.Term {
	b, ok := intText(p, a[0], a[1])
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

// parseInt reads an integer or raises badarg or system_limit.
func parseInt(p *proc.Process, text []byte, ok bool, base term.Term) term.Term {
	n, ok2 := smallIn(base, 2, 36)
	if !ok || !ok2 {
		return p.Badarg()
	}
	p.Bump(len(text) / 100)
	t, err, ok := p.Heap.ParseInt(text, n)
	switch {
	case !ok:
		return p.Badarg()
	case err == term.SystemLimit:
		return p.SystemLimit()
	}
	return t
}

func erlangListToInteger1(p *proc.Process, a []term.Term) term.Term {
	b, ok := latin1(a[0])
	return parseInt(p, b, ok, term.Int(10))
}

func erlangListToInteger2(p *proc.Process, a []term.Term) term.Term {
	b, ok := latin1(a[0])
	return parseInt(p, b, ok, a[1])
}

func erlangBinaryToInteger1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	return parseInt(p, b, ok, term.Int(10))
}

func erlangBinaryToInteger2(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	return parseInt(p, b, ok, a[1])
}

// string:list_to_integer/1 is the scanning kind: it stops at the first character that does not belong to the
// integer and gives {Int, Rest} or {error, no_integer | not_a_list}.
func stringListToInteger1(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	t := a[0]
	if !t.IsList() {
		return h.Tuple(term.AtomError, atomNotAList)
	}
	var text []byte
	if t.IsCons() && (t.Head() == term.Int('-') || t.Head() == term.Int('+')) {
		text = append(text, byte(t.Head().Small()))
		t = t.Tail()
	}
	digits := 0
	for t.IsCons() {
		v, ok := smallIn(t.Head(), '0', '9')
		if !ok {
			break
		}
		text = append(text, byte(v))
		digits++
		t = t.Tail()
	}
	if digits == 0 {
		return h.Tuple(term.AtomError, atomNoInteger)
	}
	v, err, _ := h.ParseInt(text, 10)
	if err != term.ArithOK {
		return p.SystemLimit()
	}
	return h.Tuple(v, t)
}

// stringListToFloat1 is the same for floats: {Float, Rest} or {error, no_float | not_a_list}.
func stringListToFloat1(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	if !a[0].IsList() {
		return h.Tuple(term.AtomError, atomNotAList)
	}
	noFloat := func() term.Term { return h.Tuple(term.AtomError, atomNoFloat) }
	var text []byte
	t := a[0]
	take := func(accept func(c int) bool) int {
		n := 0
		for t.IsCons() && t.Head().IsSmall() && accept(t.Head().Small()) {
			text = append(text, byte(t.Head().Small()))
			t = t.Tail()
			n++
		}
		return n
	}
	digit := func(c int) bool { return c >= '0' && c <= '9' }
	once := func(s string) bool {
		if !t.IsCons() || !t.Head().IsSmall() {
			return false
		}
		for _, c := range s {
			if t.Head().Small() == int(c) {
				text = append(text, byte(c))
				t = t.Tail()
				return true
			}
		}
		return false
	}
	once("+-")
	if take(digit) == 0 || !once(".,") { // a comma will do
		return noFloat()
	}
	text[len(text)-1] = '.'
	if take(digit) == 0 {
		return noFloat()
	}
	end, rest := len(text), t
	if once("eE") {
		once("+-")
		if take(digit) > 0 {
			end, rest = len(text), t
		}
	}
	f, ok := term.ParseFloat(text[:end])
	if !ok {
		return noFloat()
	}
	return h.Tuple(h.Float(f), rest)
}

// ---- floats ----------------------------------------------------------------------------

// maxFloatText is the size of the buffer that OTP prints into.
const maxFloatText = 256

// floatText applies the options of float_to_list/2; the last one counts.
func floatText(t, opts term.Term) (b []byte, ok bool) {
	if !t.IsFloat() {
		return nil, false
	}
	const (
		scientific = iota
		decimals
		short
	)
	kind, digits, most, compact := scientific, 20, 249, false
	for ; opts.IsCons(); opts = opts.Tail() {
		o := opts.Head()
		switch {
		case o == atomCompact:
			compact = true
		case o == atomShort:
			kind = short
		default:
			if v, ok := optionTuple(o, atomDecimals); ok {
				if digits, ok = smallIn(v, -maxInt, maxInt); !ok {
					return nil, false
				}
				kind, most = decimals, 253
			} else if v, ok := optionTuple(o, atomScientific); ok {
				if digits, ok = smallIn(v, -maxInt, maxInt); !ok {
					return nil, false
				}
				kind, most = scientific, 249
			} else {
				return nil, false
			}
		}
	}
	if !opts.IsNil() || kind != short && digits > most {
		return nil, false
	}
	f := t.FloatVal()
	switch kind {
	case decimals:
		if digits < 0 {
			return nil, false
		}
		if b = term.AppendFloatDecimals(nil, f, digits, false); len(b) >= maxFloatText {
			return nil, false
		}
		if compact {
			b = term.AppendFloatDecimals(nil, f, digits, true)
		}
		return b, true
	case short:
		return term.AppendFloat(nil, f), true
	}
	if digits < 0 {
		digits = 6 // as C's printf takes a negative precision
	}
	b = term.AppendFloatScientific(nil, f, digits)
	return b, len(b) < maxFloatText
}

func erlangFloatToList1(p *proc.Process, a []term.Term) term.Term {
	b, ok := floatText(a[0], term.Nil)
	if !ok {
		return p.Badarg()
	}
	return byteList(&p.Heap, b, term.Nil)
}

func erlangFloatToList2(p *proc.Process, a []term.Term) term.Term {
	b, ok := floatText(a[0], a[1])
	if !ok {
		return p.Badarg()
	}
	return byteList(&p.Heap, b, term.Nil)
}

func erlangFloatToBinary1(p *proc.Process, a []term.Term) term.Term {
	b, ok := floatText(a[0], term.Nil)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

func erlangFloatToBinary2(p *proc.Process, a []term.Term) term.Term {
	b, ok := floatText(a[0], a[1])
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

func erlangListToFloat1(p *proc.Process, a []term.Term) term.Term {
	b, ok := latin1(a[0])
	if !ok {
		return p.Badarg()
	}
	f, ok := term.ParseFloat(b)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Float(f)
}

func erlangBinaryToFloat1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	f, ok := term.ParseFloat(b)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Float(f)
}

// ---- lists and tuples --------------------------------------------------------------------

func erlangListToTuple1(p *proc.Process, a []term.Term) term.Term {
	e, ok := listElems(a[0])
	if !ok || len(e) > maxTuple {
		return p.Badarg()
	}
	return p.Heap.Tuple(e...)
}

func erlangTupleToList1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsTuple() {
		return p.Badarg()
	}
	return p.Heap.List(tupleElems(a[0])...)
}

// ---- identifiers and funs ------------------------------------------------------------------

func textList(p *proc.Process, t term.Term, ok bool) term.Term {
	if !ok {
		return p.Badarg()
	}
	return runeList(&p.Heap, string(term.Append(nil, t, term.FormatOptions{})), term.Nil)
}

func erlangPidToList1(p *proc.Process, a []term.Term) term.Term {
	return textList(p, a[0], a[0].IsPid())
}
func erlangPortToList1(p *proc.Process, a []term.Term) term.Term {
	return textList(p, a[0], a[0].IsPort())
}
func erlangRefToList1(p *proc.Process, a []term.Term) term.Term {
	return textList(p, a[0], a[0].IsRef())
}
func erlangFunToList1(p *proc.Process, a []term.Term) term.Term {
	return textList(p, a[0], a[0].IsFun())
}

// dottedNumbers reads prefix n.n.n> and gives the numbers.
func dottedNumbers(t term.Term, prefix string) (nums []uint64, ok bool) {
	b, ok := latin1(t)
	if !ok || len(b) < len(prefix)+2 || string(b[:len(prefix)]) != prefix || b[len(b)-1] != '>' {
		return nil, false
	}
	var v uint64
	digits := 0
	for _, c := range b[len(prefix):] {
		switch {
		case c >= '0' && c <= '9':
			if digits++; digits > 19 {
				return nil, false
			}
			v = v*10 + uint64(c-'0')
		case (c == '.' || c == '>') && digits > 0:
			nums = append(nums, v)
			v, digits = 0, 0
		default:
			return nil, false
		}
	}
	return nums, true
}

// knownNode is the other node that the first number in an identifier's text stands for.
func knownNode(p *proc.Process, n uint64) (node term.Term, creation uint32, ok bool) {
	if p.Sys.Router == nil || n > 1<<32 {
		return term.None, 0, false
	}
	return p.Sys.Router.NodeOf(int(n))
}

func erlangListToPid1(p *proc.Process, a []term.Term) term.Term {
	n, ok := dottedNumbers(a[0], "<")
	if !ok || len(n) != 3 || n[1] >= 1<<term.PidNumberBits || n[2] >= 1<<32 {
		return p.Badarg()
	}
	if n[0] != 0 {
		node, creation, ok := knownNode(p, n[0])
		if !ok {
			return p.Badarg()
		}
		return p.Heap.ExtPid(node, creation, uint32(n[1]), uint32(n[2]))
	}
	return term.Pid(n[1] | n[2]<<term.PidNumberBits)
}

func erlangListToPort1(p *proc.Process, a []term.Term) term.Term {
	n, ok := dottedNumbers(a[0], "#Port<")
	if !ok || len(n) != 2 || n[1] >= 1<<60 {
		return p.Badarg()
	}
	if n[0] != 0 {
		node, creation, ok := knownNode(p, n[0])
		if !ok {
			return p.Badarg()
		}
		return p.Heap.ExtPort(node, creation, n[1])
	}
	return term.Port(n[1])
}

func erlangListToRef1(p *proc.Process, a []term.Term) term.Term {
	n, ok := dottedNumbers(a[0], "#Ref<")
	if !ok || len(n) != 4 && len(n) != 6 {
		return p.Badarg()
	}
	for _, v := range n {
		if v >= 1<<32 {
			return p.Badarg()
		}
	}
	if n[0] != 0 {
		node, creation, ok := knownNode(p, n[0])
		if !ok {
			return p.Badarg()
		}
		var words []uint32 // the text has the last one first
		for _, v := range n[1:] {
			words = append([]uint32{uint32(v)}, words...)
		}
		return p.Heap.ExtRef(node, creation, words)
	}
	if len(n) == 6 { // a reference that names its process
		return p.Heap.PidRef([3]uint32{uint32(n[5]), uint32(n[4]), uint32(n[3])}, term.Pid(n[2]|n[1]<<32))
	}
	return p.Heap.Ref([3]uint32{uint32(n[3]), uint32(n[2]), uint32(n[1])})
}
