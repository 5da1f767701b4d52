package preproc

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// encodingComment finds "coding: latin-1" and the like; white space may
// surround the separator.
var encodingComment = regexp.MustCompile(`coding *[:=] *([a-zA-Z0-9-]+)`)

// Encoding looks for an encoding comment in the first two lines: "latin1",
// "utf8" or "" if there is none that is known.
func Encoding(text []byte) string {
	text = text[:min(len(text), 512)]
	for range 2 {
		line := text
		rest := []byte(nil)
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, rest = text[:i], text[i+1:]
		}
		if i := bytes.IndexByte(line, '%'); i >= 0 {
			if m := encodingComment.FindSubmatch(line[i:]); m != nil {
				name := strings.ToLower(string(m[1])) + "-"
				switch {
				case strings.HasPrefix(name, "latin-1-"):
					return "latin1"
				case strings.HasPrefix(name, "utf-8-"):
					return "utf8"
				}
				return ""
			}
		}
		text = rest
	}
	return ""
}

// decode converts a file's bytes to UTF-8. bad is the offset of the first
// byte that is not valid, -1 if there is none.
func decode(raw []byte, latin1 bool) (text []byte, bad int) {
	switch Encoding(raw) {
	case "latin1":
		latin1 = true
	case "utf8":
		latin1 = false
	}
	if latin1 {
		out := make([]byte, 0, len(raw)+len(raw)/64)
		for _, b := range raw {
			out = utf8.AppendRune(out, rune(b))
		}
		return out, -1
	}
	if utf8.Valid(raw) {
		return raw, -1
	}
	for i := 0; i < len(raw); {
		_, n := utf8.DecodeRune(raw[i:])
		if n == 1 && raw[i] >= utf8.RuneSelf {
			return bytes.ToValidUTF8(raw, []byte("?")), i
		}
		i += n
	}
	return raw, -1
}
