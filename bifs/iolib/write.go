// Package iolib makes text of terms as Erlang's io_lib does: flat (Write), broken into lines
// (Pretty), and through format strings (Format). It works on terms alone, without a process.
//
// Main types: Options, FormatError.
//
// It may import term.
package iolib

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
)

// Write gives the flat text of a term (~w, and ~W where opt.Depth is not negative).
func Write(v term.Term, opt *Options) string {
	w := writer{opt: opt}
	w.push(item{v: v, depth: opt.Depth})
	w.run()
	return w.out.String()
}

// item is a piece of work of the writer: a term, or a text where v is None.
type item struct {
	v     term.Term
	depth int
	s     string
	list  bool // v is the rest of a list whose bracket is open
}

// writer turns terms into text with a stack of its own, so that depth costs no Go stack.
type writer struct {
	opt   *Options
	stack []item
	out   strings.Builder
}

func (w *writer) push(i item) { w.stack = append(w.stack, i) }

func (w *writer) run() {
	for len(w.stack) > 0 {
		i := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		switch {
		case i.v == term.None:
			w.out.WriteString(i.s)
		case i.list:
			w.rest(i.v, i.depth)
		default:
			w.write(i.v, i.depth)
		}
	}
}

func (w *writer) write(v term.Term, d int) {
	if d == 0 {
		w.out.WriteString("...")
		return
	}
	switch {
	case v.IsAtom():
		w.out.WriteString(atomText(v, w.opt.Latin1))
	case v.IsCons():
		if d == 1 {
			w.out.WriteString("[...]")
			return
		}
		w.out.WriteByte('[')
		w.push(item{v: v.Tail(), depth: d - 1, list: true})
		w.push(item{v: v.Head(), depth: d - 1})
	case v.IsTuple():
		w.tuple(v, d)
	case v.IsMap():
		w.mapTerm(v, d)
	case v.IsRecord():
		w.native(v, d)
	case v.IsBitstring():
		s, _ := binaryText(v, d, -1)
		w.out.WriteString(s)
	default:
		w.out.WriteString(term.Format(v))
	}
}

// rest writes what follows an element of a list, and the bracket.
func (w *writer) rest(v term.Term, d int) {
	switch {
	case v == term.Nil:
		w.out.WriteByte(']')
	case d == 1 || d == 0:
		w.out.WriteString("|...]")
	case v.IsCons():
		w.out.WriteByte(',')
		w.push(item{v: v.Tail(), depth: d - 1, list: true})
		w.push(item{v: v.Head(), depth: d - 1})
	default:
		w.out.WriteByte('|')
		w.push(item{s: "]"})
		w.push(item{v: v, depth: d - 1})
	}
}

func (w *writer) tuple(v term.Term, d int) {
	n := v.Arity()
	if n == 0 {
		w.out.WriteString("{}")
		return
	}
	if d == 1 {
		w.out.WriteString("{...}")
		return
	}
	w.out.WriteByte('{')
	var items []item
	for i := 0; i < n; i++ {
		if d == 1 && i > 0 {
			items = append(items, item{s: ",..."})
			break
		}
		if i > 0 {
			items = append(items, item{s: ","})
		}
		items = append(items, item{v: v.Elem(i), depth: d - 1})
		d--
	}
	w.pushAll(append(items, item{s: "}"}))
}

func (w *writer) native(v term.Term, d int) {
	w.out.WriteString("#" + atomText(term.RecordModule(v), w.opt.Latin1) + ":" + atomText(term.RecordName(v), w.opt.Latin1) + "{")
	if d == 1 {
		w.out.WriteString("...}")
		return
	}
	var items []item
	for i := range term.RecordLen(v) {
		if i > 0 {
			items = append(items, item{s: ","})
		}
		if d == 1 {
			items = append(items, item{s: "..."})
			break
		}
		items = append(items, item{s: atomText(term.RecordField(v, i), w.opt.Latin1) + " = "}, item{v: term.RecordValue(v, i), depth: d - 1})
		d--
	}
	w.pushAll(append(items, item{s: "}"}))
}

func (w *writer) mapTerm(v term.Term, d int) {
	// Depth 1 leaves no trace of the associations, and the dots stand where
	// the depth ends even if nothing follows: so does OTP.
	if term.MapSize(v) == 0 || d == 1 {
		w.out.WriteString("#{}")
		return
	}
	w.out.WriteString("#{")
	var pairs []item
	inner := d - 1
	term.MapEach(v, func(key, val term.Term) bool {
		pairs = append(pairs, item{v: key, depth: inner}, item{v: val, depth: inner})
		return true
	})
	if w.opt.Reversed {
		for i, j := 0, len(pairs)-2; i < j; i, j = i+2, j-2 {
			pairs[i], pairs[i+1], pairs[j], pairs[j+1] = pairs[j], pairs[j+1], pairs[i], pairs[i+1]
		}
	}
	var items []item
	for i := 0; ; i += 2 {
		if d == 1 {
			items = append(items, item{s: ",..."})
			break
		}
		if i == len(pairs) {
			break
		}
		if i > 0 {
			items = append(items, item{s: ","})
		}
		items = append(items, pairs[i], item{s: " => "}, pairs[i+1])
		d--
	}
	w.pushAll(append(items, item{s: "}"}))
}

// pushAll queues items so that they are done in the order given.
func (w *writer) pushAll(items []item) {
	for i := len(items) - 1; i >= 0; i-- {
		w.push(items[i])
	}
}

// binaryText is <<1,2,3>> with at most depth-1 elements (all when depth < 0) and about limit characters.
func binaryText(v term.Term, depth, limit int) (s string, cut bool) {
	bits, _ := term.BitsOf(v)
	size := bits.Len
	data := bits.Bytes()
	if size == 0 {
		return "<<>>", false
	}
	if depth == 1 {
		return "<<...>>", true
	}
	out := []byte("<<")
	whole := size / 8
	limit = sub(limit, 4)
	for i := 0; i < whole; i++ {
		if depth == 1 || limit == 0 {
			return string(append(out, "...>>"...)), true
		}
		before := len(out)
		out = strconv.AppendInt(out, int64(data[i]), 10)
		if i*8+8 < size {
			out = append(out, ',')
		}
		limit = sub(limit, len(out)-before)
		depth--
	}
	if r := size % 8; r > 0 {
		if depth == 1 || limit == 0 {
			return string(append(out, "...>>"...)), true
		}
		out = strconv.AppendInt(out, int64(data[whole]>>(8-r)), 10)
		out = append(out, ':')
		out = strconv.AppendInt(out, int64(r), 10)
	}
	return string(append(out, ">>"...)), false
}

// atomText is an atom as it is written in source code.
func atomText(a term.Term, latin1 bool) string {
	name := a.AtomName()
	if plainAtom(name) && !(latin1 && beyondLatin1(name)) {
		return name
	}
	return quote(name, '\'', latin1)
}

func beyondLatin1(s string) bool {
	for _, r := range s {
		if r > 0xFF {
			return true
		}
	}
	return false
}

// plainAtom tells whether the atom needs no quotes: a lower-case letter (of Latin-1), then letters,
// digits, _ and @; and no reserved word.
func plainAtom(name string) bool {
	for i, r := range name {
		lower := r >= 'a' && r <= 'z' || r >= 0xDF && r <= 0xFF && r != 0xF7
		upper := r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0xDE && r != 0xD7
		if !(lower || i > 0 && (upper || r >= '0' && r <= '9' || r == '_' || r == '@')) {
			return false
		}
	}
	return name != "" && !reserved[name]
}

var reserved = map[string]bool{
	"after": true, "begin": true, "case": true, "try": true, "cond": true, "catch": true, "andalso": true,
	"orelse": true, "end": true, "fun": true, "if": true, "let": true, "of": true, "receive": true, "when": true,
	"bnot": true, "not": true, "div": true, "rem": true, "band": true, "and": true, "bor": true, "bxor": true,
	"bsl": true, "bsr": true, "or": true, "xor": true, "maybe": true, "else": true,
}

// quote puts text between quotes with Erlang's escapes.
func quote(s string, q byte, latin1 bool) string {
	out := make([]byte, 0, len(s)+2)
	out = append(out, q)
	for _, r := range s {
		out = appendEscaped(out, r, q, latin1)
	}
	return string(append(out, q))
}

func appendEscaped(out []byte, r rune, q byte, latin1 bool) []byte {
	if i := strings.IndexRune("\n\t\v\b\f\x1b\x7f\r\\", r); i >= 0 {
		return append(out, '\\', "ntvbfedr\\"[i])
	}
	switch {
	case r == rune(q):
		return append(out, '\\', q)
	case r >= ' ' && r <= '~', r >= 0xA0 && r <= 0xFF:
		return utf8.AppendRune(out, r)
	case r < ' ', r > '~' && r < 0xA0:
		return append(out, '\\', byte('0'+r>>6), byte('0'+r>>3&7), byte('0'+r&7))
	case latin1 || r >= 0xD800 && r <= 0xDFFF || r == 0xFFFE || r == 0xFFFF || r > utf8.MaxRune:
		out = append(out, `\x{`...)
		out = append(out, strings.ToUpper(strconv.FormatInt(int64(r), 16))...)
		return append(out, '}')
	}
	return utf8.AppendRune(out, r)
}
