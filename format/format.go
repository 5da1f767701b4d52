// Package format brings Erlang source text into one canonical style.
//
// The lines are the author's: a formatter that breaks lines anew would tear apart what belongs together. What is
// within and before the lines is not: spaces between tokens, indentation, blank lines, and the places of comments are
// made the same everywhere. Where numbers of lines may be part of the program (?LINE, or headers whose macros may use it), blank lines stay, too.
// Tokens and comments are never changed, added, removed or put in another order, which Source
// checks for each result, so that the meaning of a file (but for line and column numbers) stays what it was.
//
// layout.go knows the indentation, spacing.go the spaces. The package imports lexer and diag.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// Source formats the text of a file; name is only for messages. An error tells where the text is no sequence of
// Erlang's tokens.
func Source(name string, text []byte) ([]byte, error) {
	latin1 := !utf8.Valid(text)
	if latin1 {
		text = fromLatin1(text)
	}
	head := ""
	if bytes.HasPrefix(text, []byte("#!")) { // a script: its first line is for the operating system
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		head, text = string(text[:n]), text[n:]
	}
	toks, err := scan(name, text)
	if err != nil {
		return nil, err
	}
	out := head + layOut(toks)
	again, err := scan(name, []byte(out[len(head):]))
	if err != nil || !sameTokens(toks, again) {
		return nil, fmt.Errorf("%s: internal error: formatting would change the program", name)
	}
	if latin1 {
		return toLatin1(out), nil
	}
	return []byte(out), nil
}

func fromLatin1(text []byte) []byte {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return []byte(string(runes))
}

func toLatin1(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}

// token is a token or comment with what the layout needs.
type token struct {
	kind   lexer.Kind
	text   string // as in the source
	breaks int    // line ends before it
	tight  bool   // nothing between it and the token before
}

// scan reads all tokens and comments.
func scan(name string, text []byte) ([]token, error) {
	fset := diag.NewFileSet()
	file := fset.AddFile(name, text)
	s := lexer.NewScanner(file, lexer.Options{Comments: true, NoMaybe: noMaybe(text)})
	var toks []token
	last := 0
	for {
		t, err := s.Next()
		if err != nil {
			return nil, errors.New(fset.Position(err.Pos).String() + ": " + err.Diagnostic().Text)
		}
		start, end := file.Offset(t.Pos), file.Offset(t.End)
		if t.Kind == lexer.EOF {
			return toks, nil
		}
		between := string(text[last:start])
		word := string(text[start:end])
		if t.Kind == lexer.Dot {
			word = "." // the white space behind it belongs to the token, but not to its text
			end = start + 1
		}
		if t.Kind == lexer.Comment {
			word = strings.TrimRight(word, " \t\r")
		}
		toks = append(toks, token{t.Kind, word, strings.Count(between, "\n"), last == start && start > 0})
		last = end
	}
}

// noMaybe reports whether the text switches the words maybe and else off, or uses them as atoms.
func noMaybe(text []byte) bool {
	return bytes.Contains(text, []byte("-feature(maybe_expr, disable)")) || bytes.Contains(text, []byte("-feature(maybe_expr,disable)"))
}

func sameTokens(a, b []token) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].kind != b[i].kind || a[i].text != b[i].text {
			return false
		}
	}
	return true
}
