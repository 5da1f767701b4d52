package diag

import (
	"strconv"
	"strings"
)

// The functions in this file write Erlang values the way OTP's io_lib does,
// which is how they appear in messages.

// WriteAtom writes an atom, quoted where the syntax needs it.
func WriteAtom(name string) string {
	if !atomNeedsQuotes(name) {
		return name
	}
	return QuoteString(name, '\'')
}

// QuoteString writes s between the given quotes with the escapes that an
// Erlang string or quoted atom needs; printable Unicode stays as it is.
func QuoteString(s string, quote rune) string {
	var b strings.Builder
	b.WriteRune(quote)
	for _, c := range s {
		writeStringChar(&b, c, quote)
	}
	b.WriteRune(quote)
	return b.String()
}

// WriteChar writes a character literal, $a.
func WriteChar(c rune) string {
	switch c {
	case ' ':
		return `$\s`
	case '"', '\'':
		return "$" + string(c)
	}
	var b strings.Builder
	b.WriteByte('$')
	writeStringChar(&b, c, 0)
	return b.String()
}

func writeStringChar(b *strings.Builder, c, quote rune) {
	switch {
	case c == quote || c == '\\':
		b.WriteByte('\\')
		b.WriteRune(c)
	case c >= ' ' && c <= '~' || c >= 160:
		b.WriteRune(c)
	default:
		if i := strings.IndexRune("\n\r\t\v\b\f\x1b\x7f", c); i >= 0 {
			b.WriteByte('\\')
			b.WriteByte("nrtvbfed"[i])
			return
		}
		b.WriteByte('\\')
		b.WriteByte(byte('0' + c>>6))
		b.WriteByte(byte('0' + c>>3&7))
		b.WriteByte(byte('0' + c&7))
	}
}

// WriteFloat writes a float in the shortest form that reads back as the same
// value, with the exponent as Erlang chooses it.
func WriteFloat(f float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent)
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(plain, ".") {
		plain += ".0"
	}
	digits := mantissa + "e" + strconv.Itoa(e)
	abs := max(f, -f)
	if abs < 1<<53 && len(plain) <= len(digits) {
		return plain
	}
	return digits
}

func atomNeedsQuotes(name string) bool {
	for i, c := range name {
		if i == 0 && !isLower(c) || !IsNameChar(c) {
			return true
		}
	}
	return name == "" || IsReserved(name)
}

func isLower(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'ß' && c <= 'ÿ' && c != '÷' }

// IsNameChar reports whether c may stand inside an unquoted atom or variable.
func IsNameChar(c rune) bool {
	return isLower(c) || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '@' ||
		c >= 'À' && c <= 'Þ' && c != '×'
}

// IsReserved reports whether an unquoted name is a reserved word, counting
// those of the features that are on by default.
func IsReserved(name string) bool {
	switch name {
	case "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case",
		"catch", "cond", "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or",
		"orelse", "receive", "rem", "try", "when", "xor":
		return true
	}
	return false
}
