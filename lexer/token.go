// Package lexer turns Erlang source text into tokens.
//
// Scanner is the hand-written scanner: it produces compact Tokens whose text
// shares memory with the source and whose positions are diag.Pos, one form
// (up to its dot) at a time or token by token. Definition makes the same
// tokens available to participle grammars. The language is OTP 29's: based
// integers and floats with underscores, sigils, triple-quoted strings, strict
// and zip generators, anonymous records.
//
// The package imports diag only.
//
//	s := lexer.NewScanner(file, lexer.Options{})
//	tokens, err := s.Form(nil)
package lexer

import "github.com/gerl-lang/gerl/diag"

// Kind is the category of a token.
type Kind uint8

// The kinds of tokens. Reserved words and punctuation have a kind each.
const (
	None Kind = iota // the zero Token is no token
	EOF
	Dot // the full stop that ends a form
	Atom
	Var
	Integer
	Float
	Char
	String
	SigilPrefix
	SigilSuffix
	Comment    // only when asked for
	WhiteSpace // only when asked for
	Other      // a character without meaning, such as ` or \

	// Punctuation.
	LParen
	RParen
	LBrace
	RBrace
	LBracket
	RBracket
	Comma
	Semicolon
	Colon
	ColonColon
	ColonEq
	Point // a dot inside a form
	DotDot
	Ellipsis
	Bar
	BarBar
	AndAnd // &&
	Arrow
	GenArrow       // <-
	StrictGenArrow // <:-
	BinArrow       // <=
	StrictBinArrow // <:=
	MapArrow       // =>
	LBin           // <<
	RBin           // >>
	Hash
	HashAny // #_
	Question
	MaybeEq // ?=
	Match   // =
	Bang
	Eq
	Ne
	Le
	Lt
	Ge
	Gt
	ExactEq
	ExactNe
	PlusPlus
	MinusMinus
	Plus
	Minus
	Star
	Slash

	// Reserved words.
	After
	And
	Andalso
	Band
	Begin
	Bnot
	Bor
	Bsl
	Bsr
	Bxor
	Case
	Catch
	Cond
	Div
	Else
	End
	Fun
	If
	Let
	Maybe
	Not
	Of
	OrKw
	Orelse
	Receive
	Rem
	Try
	When
	Xor
	kindCount
)

// FirstReserved is the first kind that is a reserved word; all that follow
// are reserved words too.
const FirstReserved = After

var kindText = [kindCount]string{
	None: "none", EOF: "$end", Dot: "dot", Atom: "atom", Var: "var", Integer: "integer", Float: "float",
	Char: "char", String: "string", SigilPrefix: "sigil_prefix", SigilSuffix: "sigil_suffix",
	Comment: "comment", WhiteSpace: "white_space", Other: "other",
	LParen: "(", RParen: ")", LBrace: "{", RBrace: "}", LBracket: "[", RBracket: "]", Comma: ",",
	Semicolon: ";", Colon: ":", ColonColon: "::", ColonEq: ":=", Point: ".", DotDot: "..",
	Ellipsis: "...", Bar: "|", BarBar: "||", AndAnd: "&&", Arrow: "->", GenArrow: "<-",
	StrictGenArrow: "<:-", BinArrow: "<=", StrictBinArrow: "<:=", MapArrow: "=>", LBin: "<<",
	RBin: ">>", Hash: "#", HashAny: "#_", Question: "?", MaybeEq: "?=", Match: "=", Bang: "!",
	Eq: "==", Ne: "/=", Le: "=<", Lt: "<", Ge: ">=", Gt: ">", ExactEq: "=:=", ExactNe: "=/=",
	PlusPlus: "++", MinusMinus: "--", Plus: "+", Minus: "-", Star: "*", Slash: "/",
	After: "after", And: "and", Andalso: "andalso", Band: "band", Begin: "begin", Bnot: "bnot",
	Bor: "bor", Bsl: "bsl", Bsr: "bsr", Bxor: "bxor", Case: "case", Catch: "catch", Cond: "cond",
	Div: "div", Else: "else", End: "end", Fun: "fun", If: "if", Let: "let", Maybe: "maybe",
	Not: "not", Of: "of", OrKw: "or", Orelse: "orelse", Receive: "receive", Rem: "rem", Try: "try",
	When: "when", Xor: "xor",
}

// String is the name that erl_scan gives the category: the text of a reserved
// word or of punctuation, otherwise atom, var, integer and so on.
func (k Kind) String() string { return kindText[k] }

// LookupKind finds the kind of a punctuation or reserved word by its text,
// None if there is none.
func LookupKind(text string) Kind {
	for k := LParen; k < kindCount; k++ {
		if kindText[k] == text {
			return k
		}
	}
	return None
}

// Token is one token. Text is the value where the kind leaves a choice: the
// name of an atom or variable, the content of a string, the digits of a
// number as written, the single character of a Char or Other.
type Token struct {
	Kind   Kind
	Quoted bool // an atom in quotes
	Pos    diag.Pos
	End    diag.Pos // just behind the token in the source, NoPos if not from there
	Text   string
}

// Source renders the token the way error messages and stringified macro
// arguments show it, except for numbers, which appear as written.
func (t Token) Source() string {
	switch t.Kind {
	case Atom:
		return diag.WriteAtom(t.Text)
	case Var, Integer, Float, Other:
		return t.Text
	case Char:
		for _, c := range t.Text {
			return diag.WriteChar(c)
		}
	case String:
		return diag.QuoteString(t.Text, '"')
	case Dot:
		return "."
	}
	if t.Text != "" {
		return t.Text
	}
	return t.Kind.String()
}
