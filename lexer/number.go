package lexer

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// basedDigit reports whether c is a digit in the given base.
func basedDigit(c byte, base int) bool {
	switch {
	case isDigit(c):
		return int(c-'0') < base
	case c >= 'A' && c <= 'Z':
		return int(c-'A')+10 < base
	case c >= 'a' && c <= 'z':
		return int(c-'a')+10 < base
	}
	return false
}

// digits skips digits of a base that may be separated by single underscores,
// an underscore counting only between two digits.
func (s *Scanner) digits(off, base int) int {
	src := s.src
	start := off
	for off < len(src) {
		switch {
		case basedDigit(src[off], base):
			off++
		case src[off] == '_' && off > start && basedDigit(src[off-1], base) &&
			off+1 < len(src) && basedDigit(src[off+1], base):
			off += 2
		default:
			return off
		}
	}
	return off
}

// nameCharAt reports whether a character of ASCII that could belong to a name
// is at off: it may not follow a number directly.
func (s *Scanner) nameCharAt(off int) bool {
	return off < len(s.src) && s.src[off] < utf8.RuneSelf && s.nameEnd(off) > off
}

func (s *Scanner) number(t *Token) {
	start, src := s.off, s.src
	off := s.digits(start, 10)
	switch {
	case off < len(src) && src[off] == '.':
		if off+1 < len(src) && isDigit(src[off+1]) {
			s.fraction(t, start, off+1)
			return
		}
		if s.nameCharAt(off + 1) {
			s.illegal(t, "float", start, off)
			return
		}
	case off < len(src) && src[off] == '#':
		s.based(t, start, off)
		return
	case s.nameCharAt(off):
		s.illegal(t, "integer", start, off)
		return
	}
	s.emitText(t, Integer, start, off, src[start:off])
}

// fraction scans what follows the point of a decimal float.
func (s *Scanner) fraction(t *Token, start, off int) {
	src := s.src
	off = s.digits(off, 10)
	if off < len(src) && (src[off] == 'e' || src[off] == 'E') {
		off++
		if off < len(src) && (src[off] == '+' || src[off] == '-') {
			off++
		}
		off = s.digits(off, 10)
	}
	if s.nameCharAt(off) {
		s.illegal(t, "float", start, off)
		return
	}
	s.float(t, start, off)
}

func (s *Scanner) float(t *Token, start, end int) {
	text := s.src[start:end]
	if _, ok := FloatValue(text); !ok {
		s.illegal(t, "float", start, end)
		return
	}
	s.emitText(t, Float, start, end, text)
}

// based scans a number whose base is src[start:hash].
func (s *Scanner) based(t *Token, start, hash int) {
	src := s.src
	digits := strings.ReplaceAll(src[start:hash], "_", "")
	base, err := strconv.Atoi(digits)
	if err != nil || base < 2 || base > 36 {
		value, _ := new(big.Int).SetString(digits, 10)
		s.fail(t, start, hash, Error{Kind: IllegalBase, Base: value.String()})
		return
	}
	off := s.digits(hash+1, base)
	if off < len(src) && src[off] == '.' {
		if off+1 < len(src) && basedDigit(src[off+1], base) {
			s.basedFraction(t, start, off+1, base)
			return
		}
		if s.nameCharAt(off + 1) {
			s.illegal(t, "float", start, off)
			return
		}
	}
	if s.nameCharAt(off) || off == hash+1 {
		s.illegal(t, "integer", start, off)
		return
	}
	s.emitText(t, Integer, start, off, src[start:off])
}

func (s *Scanner) basedFraction(t *Token, start, off, base int) {
	src := s.src
	off = s.digits(off, base)
	if off+1 < len(src) && src[off] == '#' && (src[off+1] == 'e' || src[off+1] == 'E') {
		off += 2
		if off < len(src) && (src[off] == '+' || src[off] == '-') {
			off++
		}
		off = s.digits(off, 10)
	} else if s.nameCharAt(off) {
		s.illegal(t, "float", start, off)
		return
	}
	s.float(t, start, off)
}

// IntegerValue is the value of an Integer token's text. The big integer is
// nil when the value fits an int64.
func IntegerValue(text string) (int64, *big.Int) {
	base := 10
	if b, rest, ok := strings.Cut(text, "#"); ok {
		base, _ = strconv.Atoi(strings.ReplaceAll(b, "_", ""))
		text = rest
	}
	if strings.IndexByte(text, '_') >= 0 {
		text = strings.ReplaceAll(text, "_", "")
	}
	if n, err := strconv.ParseInt(text, base, 64); err == nil {
		return n, nil
	}
	n, _ := new(big.Int).SetString(text, base)
	return 0, n
}

// FloatValue is the value of a Float token's text; ok is false where the
// text denotes no representable number.
func FloatValue(text string) (value float64, ok bool) {
	text = strings.ReplaceAll(text, "_", "")
	prefix, rest, based := strings.Cut(text, "#")
	if !based {
		return parseFloat(text)
	}
	base, _ := strconv.Atoi(prefix)
	mantissa, exponent, hasExp := strings.Cut(rest, "#")
	if hasExp {
		exponent = exponent[1:] // the letter
	}
	if base == 10 {
		if hasExp {
			mantissa += "e" + exponent
		}
		return parseFloat(mantissa)
	}
	exp := 0
	if hasExp {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, false
		}
		exp = n
	}
	// Zeros that say nothing would cost precision.
	whole, frac, _ := strings.Cut(mantissa, ".")
	whole = strings.TrimLeft(whole, "0")
	if f := strings.TrimRight(frac, "0"); f != "" {
		frac = f
	} else if frac != "" {
		frac = "0"
	}
	n, good := new(big.Int).SetString("0"+whole+frac, base)
	if !good {
		return 0, false
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	f *= math.Pow(float64(base), float64(exp-len(frac)))
	return f, !math.IsInf(f, 0) && !math.IsNaN(f)
}

func parseFloat(text string) (float64, bool) {
	// Go accepts "1.", ".5" and "1.0e"-less forms that Erlang does not.
	if text == "" || !isDigit(text[0]) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}
