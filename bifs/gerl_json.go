package bifs

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// The short ways of module json: whole texts that are right and decoded in the ordinary way, and strings that are UTF-8. What is wrong gets
// false, and json says in Erlang what is wrong with it.

// jsonDecoder reads one value. Open arrays and objects are on a stack of its own, so that any depth will do.
type jsonDecoder struct {
	h      *term.Heap
	text   term.Term
	s      []byte
	at     int
	values []term.Term // elements of all open arrays; names and values of all open objects
	open   []jsonFrame
	names  [64]jsonName // names seen lately, by length and first and last byte
}

type jsonFrame struct {
	first  int // in values
	object bool
}

type jsonName struct {
	from, to int
	t        term.Term
}

// gerl_json:decode(Text) -> {Value} | false
func gerlJsonDecode1(p *proc.Process, a []term.Term) term.Term {
	s, ok := a[0].Bytes()
	if !ok {
		return term.AtomFalse
	}
	p.Bump(len(s) / 64)
	d := &jsonDecoder{h: &p.Heap, text: a[0], s: s}
	value := d.value()
	if d.space(); value == term.None || d.at < len(s) {
		return term.AtomFalse
	}
	return p.Heap.Tuple(value)
}

// space skips white space and gives the byte behind it, 0 at the end.
func (d *jsonDecoder) space() byte {
	for ; d.at < len(d.s); d.at++ {
		if c := d.s[d.at]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// value gives None for what is wrong.
func (d *jsonDecoder) value() term.Term {
	for {
		v := d.simple()
		if v == term.None {
			return v
		}
		for v != opened {
			if len(d.open) == 0 {
				return v
			}
			if v = d.behind(v); v == term.None {
				return v
			}
		}
	}
}

// opened stands for no value yet: an array or object began, or goes on. It has the tag of a header, as no term has.
const opened = term.None + 4

// simple reads a value without parts, or the beginning of one with parts.
func (d *jsonDecoder) simple() term.Term {
	switch c := d.space(); c {
	case '"':
		d.at++
		return d.str(false)
	case '[':
		d.at++
		d.open = append(d.open, jsonFrame{first: len(d.values)})
		if d.space() == ']' {
			return d.closed()
		}
		return opened
	case '{':
		d.at++
		d.open = append(d.open, jsonFrame{len(d.values), true})
		if d.space() == '}' {
			return d.closed()
		}
		return d.name()
	case 't':
		return d.word("true", term.AtomTrue)
	case 'f':
		return d.word("false", term.AtomFalse)
	case 'n':
		return d.word("null", atomNull)
	default:
		return d.number()
	}
}

var atomNull = term.Intern("null")

// behind puts a value into the array or object that is open and reads what follows it: the next value is asked for, or the whole is closed.
func (d *jsonDecoder) behind(v term.Term) term.Term {
	d.values = append(d.values, v)
	object := d.open[len(d.open)-1].object
	switch c := d.space(); {
	case c == ',':
		d.at++
		if !object {
			return opened
		}
		d.space()
		return d.name()
	case c == ']' && !object || c == '}' && object:
		return d.closed()
	}
	return term.None
}

// name reads a member's name and the colon.
func (d *jsonDecoder) name() term.Term {
	if d.at >= len(d.s) || d.s[d.at] != '"' {
		return term.None
	}
	d.at++
	name := d.str(true)
	if name == term.None || d.space() != ':' {
		return term.None
	}
	d.at++
	d.values = append(d.values, name)
	return opened
}

// closed makes the term of the innermost array or object. Of equal names the first counts.
func (d *jsonDecoder) closed() term.Term {
	d.at++
	f := d.open[len(d.open)-1]
	d.open = d.open[:len(d.open)-1]
	parts := d.values[f.first:]
	d.values = d.values[:f.first]
	if !f.object {
		return d.h.List(parts...)
	}
	for i, j := 0, len(parts)-2; i < j; i, j = i+2, j-2 {
		parts[i], parts[i+1], parts[j], parts[j+1] = parts[j], parts[j+1], parts[i], parts[i+1]
	}
	return d.h.MapFromPairs(parts)
}

func (d *jsonDecoder) word(word string, t term.Term) term.Term {
	if !bytes.HasPrefix(d.s[d.at:], []byte(word)) {
		return term.None
	}
	d.at += len(word)
	return t
}

// str reads a string behind its quote.
func (d *jsonDecoder) str(name bool) term.Term {
	from := d.at
	for d.at < len(d.s) {
		switch c := d.s[d.at]; {
		case c == '"':
			to := d.at
			d.at++
			if name {
				return d.seen(from, to)
			}
			return d.h.SubBits(d.text, from*8, (to-from)*8)
		case c == '\\':
			return d.escapes(from)
		case c < ' ':
			return term.None
		case c < utf8.RuneSelf:
			d.at++
		default:
			r, n := utf8.DecodeRune(d.s[d.at:])
			if r == utf8.RuneError && n == 1 {
				return term.None
			}
			d.at += n
		}
	}
	return term.None
}

// seen gives the binary of a name, made once for names that come again and again.
func (d *jsonDecoder) seen(from, to int) term.Term {
	if to == from || to-from > 16 {
		return d.h.SubBits(d.text, from*8, (to-from)*8)
	}
	n := &d.names[(int(d.s[from])+3*int(d.s[to-1])+5*(to-from))%len(d.names)]
	if n.t == term.None || !bytes.Equal(d.s[n.from:n.to], d.s[from:to]) {
		*n = jsonName{from, to, d.h.Binary(d.s[from:to])}
	}
	return n.t
}

// escapes reads a string with a backslash at d.at.
func (d *jsonDecoder) escapes(from int) term.Term {
	out := append(make([]byte, 0, d.at-from+64), d.s[from:d.at]...)
	for d.at+1 < len(d.s) {
		switch c := d.s[d.at]; {
		case c == '"':
			d.at++
			return d.h.Binary(out)
		case c == '\\':
			r, n := jsonEscape(d.s[d.at:])
			if n == 0 {
				return term.None
			}
			out = utf8.AppendRune(out, r)
			d.at += n
		case c < ' ':
			return term.None
		default:
			r, n := utf8.DecodeRune(d.s[d.at:])
			if r == utf8.RuneError && n == 1 {
				return term.None
			}
			out = append(out, d.s[d.at:d.at+n]...)
			d.at += n
		}
	}
	if d.at < len(d.s) && d.s[d.at] == '"' {
		d.at++
		return d.h.Binary(out)
	}
	return term.None
}

// jsonEscape reads an escape, of n bytes; 0 for what is none.
func jsonEscape(s []byte) (r rune, n int) {
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'u':
		high, ok := jsonUnit(s)
		switch {
		case !ok || high >= 0xdc00 && high <= 0xdfff:
			return 0, 0
		case high < 0xd800 || high > 0xdfff:
			return high, 6
		}
		if low, ok := jsonUnit(s[6:]); ok && low >= 0xdc00 && low <= 0xdfff {
			return 0x10000 + (high-0xd800)<<10 + low - 0xdc00, 12
		}
	}
	return 0, 0
}

func jsonUnit(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 + rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 + rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r = r<<4 + rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}

// number reads an integer or a float.
func (d *jsonDecoder) number() term.Term {
	from := d.at
	if d.at < len(d.s) && d.s[d.at] == '-' {
		d.at++
	}
	if d.at < len(d.s) && d.s[d.at] == '0' {
		d.at++
	} else if !d.digits() {
		return term.None
	}
	whole := true
	if d.at < len(d.s) && d.s[d.at] == '.' {
		d.at++
		if whole = false; !d.digits() {
			return term.None
		}
	}
	if d.at < len(d.s) && (d.s[d.at] == 'e' || d.s[d.at] == 'E') {
		d.at++
		if d.at < len(d.s) && (d.s[d.at] == '+' || d.s[d.at] == '-') {
			d.at++
		}
		if whole = false; !d.digits() {
			return term.None
		}
	}
	text := string(d.s[from:d.at])
	if !whole {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) {
			return term.None
		}
		return d.h.Float(f)
	}
	if len(text) <= 18 {
		n, _ := strconv.ParseInt(text, 10, 64)
		return d.h.Int64(n)
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || len(text) > digits {
		return term.None
	}
	return d.h.BigInt(n)
}

func (d *jsonDecoder) digits() bool {
	from := d.at
	for d.at < len(d.s) && d.s[d.at] >= '0' && d.s[d.at] <= '9' {
		d.at++
	}
	return d.at > from
}

// gerl_json:escape(Text, Last) -> Binary | false: the text with what must be escaped escaped, and with it all characters behind Last. It is
// Text itself where there is nothing to do; false for what is not UTF-8.
func gerlJsonEscape2(p *proc.Process, a []term.Term) term.Term {
	s, ok := a[0].Bytes()
	last, ok2 := smallIn(a[1], 0, utf8.MaxRune)
	if !ok || !ok2 {
		return term.AtomFalse
	}
	p.Bump(len(s) / 64)
	var out []byte
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			if r, n = utf8.DecodeRune(s[i:]); r == utf8.RuneError && n == 1 {
				return term.AtomFalse
			}
			if int(r) <= last {
				i += n
				continue
			}
		}
		out = appendEscape(append(out, s[done:i]...), r)
		i += n
		done = i
	}
	if done == 0 {
		return a[0]
	}
	return p.Heap.Binary(append(out, s[done:]...))
}

func appendEscape(out []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r))
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	}
	if r >= 0x10000 {
		r -= 0x10000
		return appendUnit(appendUnit(out, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendUnit(out, r)
}

func appendUnit(out []byte, unit rune) []byte {
	const hex = "0123456789ABCDEF"
	return append(out, '\\', 'u', hex[unit>>12&15], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
}
