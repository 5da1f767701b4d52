package term

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// FormatOptions says how Append prints.
type FormatOptions struct {
	// Depth limits the nesting and the length of what is printed, as ~W does; what is left out shows
	// as "...". 0 or less: no limit.
	Depth int
	// Unicode prints characters above 255 in atoms as they are (~tw); otherwise they are escaped, and those from 128 to
	// 255 stand for themselves.
	Unicode bool
	// Node is the number that local pids, ports and refs start with; always 0 when printed on their own node.
	Node uint32
	// SortedMaps prints maps in key order instead of the order of MapEach.
	SortedMaps bool
	// Strings prints lists of printable Latin-1 characters as strings, as erlang:display/1 does not; for messages of gerl itself.
	Strings bool
}

// Format is the text of t as ~tw prints it, with every character as UTF-8.
func Format(t Term) string { return string(Append(nil, t, FormatOptions{Unicode: true})) }

// String makes terms readable in Go's own formatting.
func (t Term) String() string {
	if t == None {
		return "none"
	}
	return Format(t)
}

// fmtWork is text or a term that is still to be printed.
type fmtWork struct {
	t     Term
	text  string
	kind  uint8
	depth int
	inner int    // depth of a map's associations
	elems []Term // rest of a map: key, value, ...
	next  int    // next element of a tuple
}

const (
	fmtText uint8 = iota
	fmtTerm
	fmtTail  // rest of a list
	fmtTuple // rest of a tuple
	fmtMap   // rest of a map
)

// Append appends the text of t in UTF-8. It needs no recursion however deep t is.
func Append(dst []byte, t Term, o FormatOptions) []byte {
	if o.Depth <= 0 {
		o.Depth = -1
	}
	var first [16]fmtWork
	stack := append(first[:0], fmtWork{t: t, kind: fmtTerm, depth: o.Depth})
	push := func(w fmtWork) { stack = append(stack, w) }
	for len(stack) > 0 {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch w.kind {
		case fmtText:
			dst = append(dst, w.text...)
			continue
		case fmtTail:
			switch {
			case w.t.IsNil():
				dst = append(dst, ']')
			case w.depth == 1:
				dst = append(dst, "|...]"...)
			case w.t.IsCons():
				dst = append(dst, ',')
				push(fmtWork{t: w.t.Tail(), kind: fmtTail, depth: less(w.depth)})
				push(fmtWork{t: w.t.Head(), kind: fmtTerm, depth: less(w.depth)})
			default:
				dst = append(dst, '|')
				push(fmtWork{text: "]"})
				push(fmtWork{t: w.t, kind: fmtTerm, depth: less(w.depth)})
			}
			continue
		case fmtTuple:
			switch {
			case w.next == w.t.Arity():
				dst = append(dst, '}')
			case w.depth == 1:
				dst = append(dst, ",...}"...)
			default:
				if w.next > 0 {
					dst = append(dst, ',')
				}
				push(fmtWork{t: w.t, kind: fmtTuple, next: w.next + 1, depth: less(w.depth)})
				push(fmtWork{t: w.t.Elem(w.next), kind: fmtTerm, depth: less(w.depth)})
			}
			continue
		case fmtMap:
			switch {
			case w.depth == 1:
				dst = append(dst, ",...}"...)
			case len(w.elems) == 0:
				dst = append(dst, '}')
			default:
				if w.next > 0 {
					dst = append(dst, ',')
				}
				push(fmtWork{elems: w.elems[2:], kind: fmtMap, next: 1, depth: less(w.depth), inner: w.inner})
				push(fmtWork{t: w.elems[1], kind: fmtTerm, depth: w.inner})
				push(fmtWork{text: " => "})
				push(fmtWork{t: w.elems[0], kind: fmtTerm, depth: w.inner})
			}
			continue
		}
		t, d := w.t, w.depth
		if d == 0 {
			dst = append(dst, "..."...)
			continue
		}
		switch {
		case t.IsCons():
			if o.Strings {
				if s, ok := printableLatin1(t); ok {
					dst = appendQuoted(dst, s, '"', true)
					continue
				}
			}
			if d == 1 {
				dst = append(dst, "[...]"...)
				continue
			}
			dst = append(dst, '[')
			push(fmtWork{t: t.Tail(), kind: fmtTail, depth: less(d)})
			push(fmtWork{t: t.Head(), kind: fmtTerm, depth: less(d)})
		case t.IsTuple():
			switch {
			case t.Arity() == 0:
				dst = append(dst, "{}"...)
			case d == 1:
				dst = append(dst, "{...}"...)
			default:
				dst = append(dst, '{')
				push(fmtWork{t: t, kind: fmtTuple, next: 1, depth: less(d)})
				push(fmtWork{t: t.Elem(0), kind: fmtTerm, depth: less(d)})
			}
		case t.IsMap():
			switch {
			case MapSize(t) == 0 || d == 1: // OTP has no dots here
				dst = append(dst, "#{}"...)
			default:
				dst = append(dst, "#{"...)
				push(fmtWork{elems: formatPairs(t, o), kind: fmtMap, depth: d, inner: less(d)})
			}
		case t.IsRecord():
			// #Module:Name{field = Value,...}; all of it goes onto the stack, last part first.
			dst = append(dst, '#')
			dst = appendLeaf(dst, RecordModule(t), d, o)
			dst = append(dst, ':')
			dst = appendLeaf(dst, RecordName(t), d, o)
			dst = append(dst, '{')
			push(fmtWork{text: "}"})
			for i := RecordLen(t) - 1; i >= 0; i-- {
				push(fmtWork{t: RecordValue(t, i), kind: fmtTerm, depth: less(d)})
				push(fmtWork{text: " = "})
				push(fmtWork{t: RecordField(t, i), kind: fmtTerm, depth: less(d)})
				if i > 0 {
					push(fmtWork{text: ","})
				}
			}
		default:
			dst = appendLeaf(dst, t, d, o)
		}
	}
	return dst
}

func less(depth int) int {
	if depth < 0 {
		return depth
	}
	return depth - 1
}

func formatPairs(m Term, o FormatOptions) []Term {
	if o.SortedMaps {
		return MapSortedPairs(m)
	}
	return MapPairs(nil, m)
}

// appendLeaf prints a term without components.
func appendLeaf(dst []byte, t Term, depth int, o FormatOptions) []byte {
	switch {
	case t.IsNil():
		return append(dst, "[]"...)
	case t.IsInteger():
		return AppendInt(dst, t, 10)
	case t.IsAtom():
		return AppendAtom(dst, t.AtomName(), o.Unicode)
	case t.IsFloat():
		return AppendFloat(dst, t.FloatVal())
	case t.IsBitstring():
		return appendBits(dst, t, depth)
	case t.IsPid():
		return AppendPid(dst, t, o.Node)
	case t.IsPort():
		dst = append(dst, "#Port<"...)
		dst = strconv.AppendUint(dst, uint64(nodeNumber(t, o.Node)), 10)
		dst = append(dst, '.')
		return append(strconv.AppendUint(dst, PortNumber(t), 10), '>')
	case t.IsRef():
		dst = append(dst, "#Ref<"...)
		dst = strconv.AppendUint(dst, uint64(nodeNumber(t, o.Node)), 10)
		nums, n := RefNumbers(t)
		for i := n - 1; i >= 0; i-- {
			dst = append(dst, '.')
			dst = strconv.AppendUint(dst, uint64(nums[i]), 10)
		}
		return append(dst, '>')
	case t.IsSub(SubExport):
		e := t.ExportOf()
		dst = append(dst, "fun "...)
		dst = AppendAtom(dst, e.Module.AtomName(), o.Unicode)
		dst = append(dst, ':')
		dst = AppendAtom(dst, e.Function.AtomName(), o.Unicode)
		return strconv.AppendUint(append(dst, '/'), e.Arity, 10)
	case t.IsSub(SubFun):
		e := t.FunEntryOf()
		dst = append(dst, "#Fun<"...)
		dst = AppendAtom(dst, e.Module.AtomName(), o.Unicode)
		dst = append(dst, '.')
		dst = strconv.AppendUint(dst, uint64(e.Index), 10)
		dst = append(dst, '.')
		dst = strconv.AppendUint(dst, uint64(e.OldUniq), 10)
		return append(dst, '>')
	}
	return append(dst, fmt.Sprintf("#Term<%#x>", uint64(t))...)
}

// AppendPid appends <node.number.serial>; node stands for local pids.
func AppendPid(dst []byte, t Term, node uint32) []byte {
	n, s := PidParts(t)
	dst = append(dst, '<')
	dst = strconv.AppendUint(dst, uint64(nodeNumber(t, node)), 10)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(n), 10)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(s), 10)
	return append(dst, '>')
}

// nodeNumber is the first number of an identifier's text: the given one for local identifiers, the index of the node's name in the
// atom table for others.
func nodeNumber(t Term, local uint32) uint32 {
	if node, _, ok := ExtNode(t); ok {
		return uint32(node.AtomIndex())
	}
	return local
}

// appendBits prints <<1,2,3:5>>; depth limits the number of bytes.
func appendBits(dst []byte, t Term, depth int) []byte {
	b, _ := BitsOf(t)
	n := b.Len
	if depth == 1 && n > 0 {
		return append(dst, "<<...>>"...)
	}
	data := b.Bytes()
	dst = append(dst, "<<"...)
	i := 0
	for ; n-i*8 >= 8; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		if depth > 0 && i >= depth-1 {
			return append(dst, "...>>"...)
		}
		dst = strconv.AppendUint(dst, uint64(data[i]), 10)
	}
	if rest := n - i*8; rest > 0 {
		if i > 0 {
			dst = append(dst, ',')
		}
		if depth > 0 && i >= depth-1 {
			return append(dst, "...>>"...)
		}
		dst = strconv.AppendUint(dst, uint64(data[i]>>(8-rest)), 10)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(rest), 10)
	}
	return append(dst, ">>"...)
}

// AppendAtom appends an atom's name, quoted where Erlang's syntax needs it. With unicode false, characters
// above 255 are escaped.
func AppendAtom(dst []byte, name string, unicode bool) []byte {
	if !AtomNeedsQuotes(name) {
		return append(dst, name...)
	}
	return appendQuoted(dst, name, '\'', unicode)
}

// AtomNeedsQuotes reports whether the atom must be quoted in source text: it is a reserved word, does not begin with a small letter
// of Latin-1 or has other characters than letters of Latin-1, digits, _ and @.
func AtomNeedsQuotes(name string) bool {
	if name == "" || reservedWord(name) {
		return true
	}
	for i, r := range name {
		lower := r >= 'a' && r <= 'z' || r >= 'ß' && r <= 'ÿ' && r != '÷'
		if lower {
			continue
		}
		if i == 0 {
			return true
		}
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '@' || r >= 'À' && r <= 'Þ' && r != '×' {
			continue
		}
		return true
	}
	return false
}

// reservedWord: the reserved words of OTP 29, with maybe and else.
func reservedWord(s string) bool {
	switch s {
	case "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond", "div",
		"else", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor":
		return true
	}
	return false
}

// appendQuoted appends s between quotes with Erlang's escapes.
func appendQuoted(dst []byte, s string, quote byte, unicode bool) []byte {
	dst = append(dst, quote)
	for _, r := range s {
		dst = appendEscaped(dst, r, quote, unicode)
	}
	return append(dst, quote)
}

func appendEscaped(dst []byte, r rune, quote byte, unicode bool) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(dst, '\\', byte(r))
	case r >= ' ' && r < 127:
		return append(dst, byte(r))
	case r >= 160 && (r <= 255 || unicode):
		return utf8.AppendRune(dst, r)
	case r > 255:
		dst = append(dst, `\x{`...)
		for _, c := range strconv.FormatInt(int64(r), 16) {
			if c >= 'a' {
				c -= 'a' - 'A'
			}
			dst = append(dst, byte(c))
		}
		return append(dst, '}')
	}
	switch r {
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\v':
		return append(dst, `\v`...)
	case '\b':
		return append(dst, `\b`...)
	case '\r':
		return append(dst, `\r`...)
	case '\f':
		return append(dst, `\f`...)
	case 27:
		return append(dst, `\e`...)
	case 127:
		return append(dst, `\d`...)
	}
	return append(dst, '\\', byte('0'+r>>6), byte('0'+r>>3&7), byte('0'+r&7))
}

// printableLatin1 gives the text of a list of printable Latin-1 characters.
func printableLatin1(t Term) (string, bool) {
	var b []byte
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() {
			return "", false
		}
		v := c.Small()
		if !(v >= 32 && v < 127 || v >= 160 && v <= 255 || v >= 8 && v <= 13 || v == 27) {
			return "", false
		}
		b = utf8.AppendRune(b, rune(v))
	}
	return string(b), t.IsNil()
}
