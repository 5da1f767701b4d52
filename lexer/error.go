package lexer

import (
	"fmt"

	"github.com/rivo/uniseg"

	"github.com/gerl-lang/gerl/diag"
)

// Error is what is wrong with the text at one place. It carries the parts of
// erl_scan's error descriptor.
type Error struct {
	Pos  diag.Pos // what the message points at
	End  diag.Pos // where scanning goes on
	Kind ErrorKind
	What string // Illegal, Unterminated: the thing, "character" or `atom`
	Base string // IllegalBase: the number
	Head string // Unterminated: how the content begins

	Sigil  string // Unterminated sigil: its name
	Open   rune   // Unterminated sigil: the delimiters
	Close  rune
	Quotes int // Unterminated triple-quoted string: number of quotes
}

// ErrorKind is the kind of lexical error.
type ErrorKind uint8

// The kinds of lexical errors.
const (
	Illegal          ErrorKind = iota // illegal What
	IllegalBase                       // illegal base 'Base'
	Unterminated                      // unterminated What starting with Head
	UnterminatedChar                  // unterminated character
	BadIndentation                    // of a triple-quoted string
	NotWhiteSpace                     // behind the start of a triple-quoted string
	AdjacentStrings                   // without white space between them
)

// What values of Unterminated errors.
const (
	whatAtom        = "atom"
	whatString      = "string"
	whatTriple      = "triple-quoted string"
	whatSigil       = "sigil"
	whatTripleSigil = "triple-quoted sigil"
)

var errorNames = [...]string{
	"illegal", "base", "unterminated", "unterminated_char", "indentation", "white_space", "string_concat",
}

// Name is the short name of the error kind, as in diagnostic codes.
func (k ErrorKind) Name() string { return errorNames[k] }

// IsSigil reports whether an unterminated text is that of a sigil.
func (e *Error) IsSigil() bool { return e.What == whatSigil || e.What == whatTripleSigil }

// Error is erl_scan's message.
func (e *Error) Error() string {
	switch e.Kind {
	case Illegal:
		return "illegal " + e.What
	case IllegalBase:
		return fmt.Sprintf("illegal base '%s'", e.Base)
	case Unterminated:
		quote := '"'
		what := e.What
		switch what {
		case whatAtom:
			quote = '\''
		case whatSigil:
			what = "~" + e.Sigil + string(e.Open) + string(e.Close) + " sigil string"
		case whatTripleSigil:
			what = "triple-quoted ~" + e.Sigil + " sigil string"
		}
		return "unterminated " + what + " starting with " + diag.QuoteString(e.Head, quote)
	case UnterminatedChar:
		return "unterminated character"
	case BadIndentation:
		return "bad indentation in triple-quoted string"
	case NotWhiteSpace:
		return "not white space after start of triple-quoted string"
	}
	return "adjacent string literals without intervening white space"
}

// Diagnostic converts the error for a diagnostic list.
func (e *Error) Diagnostic() *diag.Diagnostic {
	return &diag.Diagnostic{
		Code:  diag.Code("erl_scan." + e.Kind.Name()),
		Span:  diag.Span{Start: e.Pos, End: e.End},
		Text:  e.Error(),
		Cause: e,
	}
}

// head is the beginning of an unterminated text that messages quote.
func head(content string) string {
	rest, state := content, -1
	for range 16 {
		if rest == "" {
			break
		}
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
	}
	return content[:len(content)-len(rest)]
}
