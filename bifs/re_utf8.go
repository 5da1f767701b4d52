package bifs

import (
	"fmt"

	"github.com/gerl-lang/gerl/regex"
)

// utf8Fault says where and how bytes that should be a pattern in UTF-8 are not, in PCRE2's words.
func utf8Fault(b []byte) *regex.Error {
	for i := 0; i < len(b); {
		n, text := utf8Unit(b[i:])
		if text != "" {
			return &regex.Error{Text: "UTF-8 error: " + text, Offset: i}
		}
		i += n
	}
	return nil
}

// utf8Unit gives the length of the character at the beginning of b, or what is wrong with it. Sequences of up to six bytes have the
// form of characters; those of five and six are refused after all else about them is in order.
func utf8Unit(b []byte) (n int, fault string) {
	first := b[0]
	switch {
	case first < 0x80:
		return 1, ""
	case first < 0xc0:
		return 0, "isolated byte with 0x80 bit set"
	case first >= 0xfe:
		return 0, "illegal byte (0xfe or 0xff)"
	}
	n = 2
	for mask := byte(0x20); first&mask != 0; mask >>= 1 {
		n++
	}
	if missing := n - len(b); missing > 0 {
		unit := "bytes"
		if missing == 1 {
			unit = "byte"
		}
		return 0, fmt.Sprintf("%d %s missing at end", missing, unit)
	}
	code := int(first & (0x7f >> n))
	for i := 1; i < n; i++ {
		if b[i]&0xc0 != 0x80 {
			return 0, fmt.Sprintf("byte %d top bits not 0x80", i+1)
		}
		code = code<<6 | int(b[i]&0x3f)
		if i == 1 {
			switch second := b[1]; {
			case n == 4 && (first > 0xf4 || first == 0xf4 && second > 0x8f):
				fault = "code points greater than 0x10ffff are not defined"
			case first == 0xed && second >= 0xa0:
				fault = "code points 0xd800-0xdfff are not defined"
			}
		}
	}
	least := [...]int{2: 0x80, 3: 0x800, 4: 0x10000, 5: 0x200000, 6: 0x4000000}
	switch {
	case code < least[n]:
		fault = fmt.Sprintf("overlong %d-byte sequence", n)
	case n > 4:
		fault = fmt.Sprintf("%d-byte character is not allowed (RFC 3629)", n)
	}
	return n, fault
}
