package term

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
)

// AppendFloat appends the shortest text that reads back as f, in the form that ~w and ~p print: the shorter of decimal and
// scientific notation, decimal when both are equally long, scientific from 2^53 on. There is always a decimal point with a
// digit on either side.
func AppendFloat(dst []byte, f float64) []byte {
	if math.Signbit(f) {
		dst = append(dst, '-')
		f = -f
	}
	if f == 0 {
		return append(dst, "0.0"...)
	}
	var buf [32]byte
	sci := strconv.AppendFloat(buf[:0], f, 'e', -1, 64) // d[.ddd]e±dd
	e := bytes.IndexByte(sci, 'e')
	exp := 0
	for _, c := range sci[e+2:] {
		exp = exp*10 + int(c-'0')
	}
	if sci[e+1] == '-' {
		exp = -exp
	}
	digits := sci[:1]
	if e > 2 {
		sci[1] = sci[0] // over the point
		digits = sci[1:e]
	}
	n := len(digits)
	// lengths of both notations
	decLen := 0
	switch {
	case exp < 0:
		decLen = 2 - exp - 1 + n
	case n <= exp+1:
		decLen = exp + 3
	default:
		decLen = n + 1
	}
	sciLen := max(n, 2) + 1 + 1 + textLen(exp)
	if decLen > sciLen || f >= 1<<53 {
		dst = append(dst, digits[0], '.')
		if n == 1 {
			dst = append(dst, '0')
		} else {
			dst = append(dst, digits[1:]...)
		}
		return strconv.AppendInt(append(dst, 'e'), int64(exp), 10)
	}
	switch {
	case exp < 0:
		dst = append(dst, "0."...)
		for i := -1; i > exp; i-- {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	case n <= exp+1:
		dst = append(dst, digits...)
		for i := n; i <= exp; i++ {
			dst = append(dst, '0')
		}
		return append(dst, ".0"...)
	}
	dst = append(dst, digits[:exp+1]...)
	dst = append(dst, '.')
	return append(dst, digits[exp+1:]...)
}

// textLen is the length of a float's exponent as text.
func textLen(exp int) int {
	n := 1
	if exp < 0 {
		n, exp = 2, -exp
	}
	for ; exp >= 10; exp /= 10 {
		n++
	}
	return n
}

// AppendFloatScientific appends f as d.ddde±dd with the given number of digits behind the point; float_to_list/1 uses 20.
func AppendFloatScientific(dst []byte, f float64, digits int) []byte {
	return strconv.AppendFloat(dst, f, 'e', digits, 64)
}

// AppendFloatDecimals appends f with a fixed number of digits behind the point. With compact, trailing
// zeros go, but for the first digit behind the point.
//
// Up to 18 digits and 2^53 OTP scales the fraction as a float and rounds that, which is not always the
// correctly rounded decimal; so does this function.
func AppendFloatDecimals(dst []byte, f float64, decimals int, compact bool) []byte {
	start := len(dst)
	a := math.Abs(f)
	large := a > 1<<53 || decimals >= len(pow10)
	if large {
		dst = strconv.AppendFloat(dst, f, 'f', decimals, 64)
	} else {
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		if decimals == 0 {
			dst = strconv.AppendUint(dst, uint64(math.Round(a)), 10)
		} else {
			whole := math.Floor(a)
			frac := math.Round((a - whole) * pow10[decimals])
			w := uint64(whole)
			if frac >= pow10[decimals] {
				w++
				frac = 0
			}
			dst = strconv.AppendUint(dst, w, 10)
			digits := strconv.FormatUint(uint64(frac), 10)
			dst = append(dst, '.')
			for i := len(digits); i < decimals; i++ {
				dst = append(dst, '0')
			}
			dst = append(dst, digits...)
		}
	}
	if compact && (decimals > 0 || large) { // of large numbers without decimals OTP drops zeros in front of the point
		end := len(dst)
		for end > start+2 && dst[end-1] == '0' && dst[end-2] != '.' {
			end--
		}
		dst = dst[:end]
	}
	return dst
}

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// ParseFloat reads a float in Erlang's syntax, which must have digits on both sides of the point: [+-]d.d[(e|E)[+-]d].
// ok is false for anything else and for values beyond the range of floats.
func ParseFloat(s []byte) (f float64, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if !digits() || i >= len(s) || s[i] != '.' {
		return 0, false
	}
	i++
	if !digits() {
		return 0, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(s), 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// AppendInt appends an integer in a base from 2 to 36, with capital letters.
func AppendInt(dst []byte, t Term, base int) []byte {
	start := len(dst)
	if t.IsSmall() {
		dst = strconv.AppendInt(dst, int64(t.Small()), base)
	} else {
		var v intView
		dst = v.of(t).Append(dst, base)
	}
	if base > 10 {
		for i := start; i < len(dst); i++ {
			if dst[i] >= 'a' {
				dst[i] -= 'a' - 'A'
			}
		}
	}
	return dst
}

// ParseInt reads an integer in a base from 2 to 36: an optional sign and at least one digit, letters of either case. ok is
// false for anything else; the error is SystemLimit for integers beyond the size limit.
func (h *Heap) ParseInt(s []byte, base int) (t Term, err ArithError, ok bool) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		neg = s[0] == '-'
		i = 1
	}
	digits := s[i:]
	if len(digits) == 0 {
		return None, ArithOK, false
	}
	var small uint64
	fits := true
	for _, c := range digits {
		d := digitValue(c)
		if d >= base {
			return None, ArithOK, false
		}
		if small > (math.MaxUint64-35)/36 {
			fits = false
			continue
		}
		small = small*uint64(base) + uint64(d)
	}
	if fits {
		w := [1]big.Word{big.Word(small)}
		if small == 0 {
			return Int(0), ArithOK, true
		}
		return h.magnitude(w[:], neg), ArithOK, true
	}
	if float64(len(digits)-1)*math.Log2(float64(base)) > MaxBigWords*64+64 && digits[0] != '0' {
		return None, SystemLimit, true
	}
	var z big.Int
	if _, good := z.SetString(string(digits), base); !good {
		return None, ArithOK, false
	}
	if neg {
		z.Neg(&z)
	}
	t, err = h.result(&z)
	return t, err, true
}

func digitValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 36
}
