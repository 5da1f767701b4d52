package bifs

import (
	"encoding/base64"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// base64Of is the encoding for urlsafe and padding as atoms.
func base64Of(urlsafe, padding term.Term) *base64.Encoding {
	e := base64.StdEncoding
	if urlsafe == term.AtomTrue {
		e = base64.URLEncoding
	}
	if padding != term.AtomTrue {
		e = e.WithPadding(base64.NoPadding)
	}
	return e
}

// gerl_base64:encode(Binary, Urlsafe, Padding) -> Binary
func gerlBase64Encode3(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(data) / 64)
	e := base64Of(a[1], a[2])
	out := make([]byte, e.EncodedLen(len(data)))
	e.Encode(out, data)
	return p.Heap.Binary(out)
}

// gerl_base64:decode(Binary, Urlsafe) -> Binary | error, for text with padding and without white space.
func gerlBase64Decode2(p *proc.Process, a []term.Term) term.Term {
	text, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(text) / 64)
	for _, c := range text {
		if c == '\r' || c == '\n' {
			return term.AtomError // Go's decoder passes over these, wherever they stand
		}
	}
	e := base64Of(a[1], term.AtomTrue)
	out := make([]byte, e.DecodedLen(len(text)))
	n, err := e.Decode(out, text)
	if err != nil {
		return term.AtomError
	}
	return p.Heap.Binary(out[:n])
}
