package lint

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/gerl-lang/gerl/ast"
)

// reserved are the words that need quotes as atoms.
var reserved = map[string]bool{
	"after": true, "and": true, "andalso": true, "band": true, "begin": true, "bnot": true, "bor": true, "bsl": true,
	"bsr": true, "bxor": true, "case": true, "catch": true, "cond": true, "div": true, "else": true, "end": true, "fun": true,
	"if": true, "let": true, "maybe": true, "not": true, "of": true, "or": true, "orelse": true, "receive": true, "rem": true,
	"try": true, "when": true, "xor": true,
}

// atomText writes an atom as a term: with quotes where it needs them.
func atomText(name string) string {
	plain := name != "" && !reserved[name]
	for i, c := range name {
		lower := c >= 'a' && c <= 'z' || c >= 0xdf && c <= 0xff && c != 0xf7
		upper := c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7
		if i == 0 && !lower || !lower && !upper && !(c >= '0' && c <= '9') && c != '_' && c != '@' {
			plain = false
			break
		}
	}
	if plain {
		return name
	}
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range name {
		switch c {
		case '\'', '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		case '\b':
			b.WriteString(`\b`)
		case '\v':
			b.WriteString(`\v`)
		case '\f':
			b.WriteString(`\f`)
		case 27:
			b.WriteString(`\e`)
		case 127:
			b.WriteString(`\d`)
		default:
			if c < ' ' || c > 127 && c < 160 || !unicode.IsPrint(c) && c > 255 {
				b.WriteString(`\x{` + strings.ToUpper(strconv.FormatInt(int64(c), 16)) + "}")
			} else {
				b.WriteRune(c)
			}
		}
	}
	b.WriteByte('\'')
	return b.String()
}

func (k FunKey) String() string { return atomText(k.Name) + "/" + strconv.Itoa(k.Arity) }

// plain is the key with the name as it is, without quotes.
func (k FunKey) plain() string { return k.Name + "/" + strconv.Itoa(k.Arity) }

// params writes a type's parameters: "(_,_)".
func params(arity int) string {
	return "(" + strings.TrimSuffix(strings.Repeat("_,", arity), ",") + ")"
}

// typeText is a type's name with its parameters.
func typeText(k FunKey) string { return atomText(k.Name) + params(k.Arity) }

// termText writes a constant expression as the term that it denotes.
func termText(e ast.Expr) string {
	var b strings.Builder
	writeTerm(&b, e)
	return b.String()
}

func writeTerm(b *strings.Builder, e ast.Expr) {
	switch e := e.(type) {
	case *ast.Atom:
		b.WriteString(atomText(e.Name))
	case *ast.Integer:
		b.WriteString(intText(e))
	case *ast.Char:
		b.WriteString(strconv.Itoa(int(e.Value)))
	case *ast.Float:
		b.WriteString(floatText(e.Value))
	case *ast.String:
		sep := "["
		for _, c := range e.Value {
			b.WriteString(sep + strconv.Itoa(int(c)))
			sep = ","
		}
		if sep == "[" {
			b.WriteByte('[')
		}
		b.WriteByte(']')
	case *ast.Nil:
		b.WriteString("[]")
	case *ast.Tuple:
		b.WriteByte('{')
		for i, x := range e.Elems {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, x)
		}
		b.WriteByte('}')
	case *ast.List:
		b.WriteByte('[')
		writeElems(b, e)
		b.WriteByte(']')
	case *ast.Unary:
		if v, ok := constant(e); ok {
			b.WriteString(v.text())
		}
	case *ast.Map:
		b.WriteString("#{")
		for i, f := range e.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, f.Key)
			b.WriteString(" => ")
			writeTerm(b, f.Value)
		}
		b.WriteByte('}')
	case *ast.Bits:
		b.WriteString("<<")
		sep := ""
		for _, s := range e.Elems {
			if str, ok := s.Value.(*ast.String); ok {
				for _, c := range []byte(str.Value) {
					b.WriteString(sep + strconv.Itoa(int(c)))
					sep = ","
				}
				continue
			}
			b.WriteString(sep)
			writeTerm(b, s.Value)
			sep = ","
		}
		b.WriteString(">>")
	}
}

func writeElems(b *strings.Builder, l *ast.List) {
	for i, x := range l.Elems {
		if i > 0 {
			b.WriteByte(',')
		}
		writeTerm(b, x)
	}
	switch t := l.Tail.(type) {
	case *ast.Nil:
	case *ast.List:
		b.WriteByte(',')
		writeElems(b, t)
	default:
		b.WriteByte('|')
		writeTerm(b, t)
	}
}

func intText(e *ast.Integer) string {
	if e.Big != nil {
		return e.Big.String()
	}
	return strconv.FormatInt(e.Value, 10)
}

func floatText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if m, exp, ok := strings.Cut(s, "e"); ok {
		if !strings.Contains(m, ".") {
			m += ".0"
		}
		n, _ := strconv.Atoi(exp)
		return m + "e" + strconv.Itoa(n)
	}
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func bigOf(e *ast.Integer) *big.Int {
	if e.Big != nil {
		return e.Big
	}
	return big.NewInt(e.Value)
}
