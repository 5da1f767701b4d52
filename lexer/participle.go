package lexer

import (
	"io"
	"strings"
	"sync"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gerl-lang/gerl/diag"
)

// Definition makes the scanner a participle lexer. Token types are the Kinds
// (EOF is participle's own), symbols the names in SymbolNames, values the
// Token texts or, where a kind has no text, its spelling.
type Definition struct{ Options Options }

var (
	_ plex.Definition       = Definition{}
	_ plex.StringDefinition = Definition{}
)

// Type is the participle token type of a kind.
func Type(k Kind) plex.TokenType {
	if k == EOF {
		return plex.EOF
	}
	return plex.TokenType(k)
}

// SymbolName is the name of a kind in participle grammars: a word of letters
// such as Atom, LParen, When.
func SymbolName(k Kind) string { return symbolNames[k] }

var symbolNames = func() (names [kindCount]string) {
	words := strings.Fields(`None EOF Dot Atom Var Integer Float Char String SigilPrefix SigilSuffix Comment
		WhiteSpace Other LParen RParen LBrace RBrace LBracket RBracket Comma Semicolon Colon ColonColon
		ColonEq Point DotDot Ellipsis Bar BarBar AndAnd Arrow GenArrow StrictGenArrow BinArrow
		StrictBinArrow MapArrow LBin RBin Hash HashAny Question MaybeEq Match Bang Eq Ne Le Lt Ge Gt
		ExactEq ExactNe PlusPlus MinusMinus Plus Minus Star Slash After And Andalso Band Begin Bnot Bor
		Bsl Bsr Bxor Case Catch Cond Div Else End Fun If Let Maybe Not Of Or Orelse Receive Rem Try When
		Xor`)
	copy(names[:], words)
	return names
}()

// Symbols implements participle's lexer.Definition.
func (Definition) Symbols() map[string]plex.TokenType { return symbols() }

// symbols makes the table once: participle asks for it many times while it builds a parser, and only reads it.
var symbols = sync.OnceValue(func() map[string]plex.TokenType {
	symbols := make(map[string]plex.TokenType, kindCount)
	for k := EOF; k < kindCount; k++ {
		symbols[symbolNames[k]] = Type(k)
	}
	return symbols
})

// Lex implements participle's lexer.Definition.
func (d Definition) Lex(filename string, r io.Reader) (plex.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(filename, string(text))
}

// LexString implements participle's lexer.StringDefinition.
func (d Definition) LexString(filename, text string) (plex.Lexer, error) {
	file := diag.NewFileSet().AddFile(filename, []byte(text))
	return &stream{scanner: NewScanner(file, d.Options)}, nil
}

type stream struct{ scanner *Scanner }

// Next implements participle's lexer.Lexer. An *Error comes back wrapped in
// participle's own error type, with its position.
func (l *stream) Next() (plex.Token, error) {
	t, err := l.scanner.Next()
	if err != nil {
		return plex.Token{}, &plex.Error{Msg: err.Error(), Pos: l.position(err.Pos)}
	}
	return Participle(t, l.position(t.Pos)), nil
}

func (l *stream) position(p diag.Pos) plex.Position {
	file := l.scanner.File()
	offset := file.Offset(p)
	pos := file.Position(offset)
	return plex.Position{Filename: pos.File, Offset: offset, Line: pos.Line, Column: pos.Column}
}

// Participle converts a token.
func Participle(t Token, pos plex.Position) plex.Token {
	value := t.Text
	if value == "" && t.Kind >= LParen {
		value = t.Kind.String()
	}
	return plex.Token{Type: Type(t.Kind), Value: value, Pos: pos}
}
