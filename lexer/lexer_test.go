package lexer

import (
	"strings"
	"testing"

	plex "github.com/alecthomas/participle/v2/lexer"
	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/diag"
)

func scanAll(text string, opts Options) ([]Token, *Error) {
	s := NewScanner(diag.NewFileSet().AddFile("t", []byte(text)), opts)
	var toks []Token
	for {
		t, err := s.Next()
		if err != nil || t.Kind == EOF {
			return toks, err
		}
		toks = append(toks, t)
	}
}

// Every kind of punctuation and every reserved word is scanned as itself.
func TestKinds(t *testing.T) {
	for k := LParen; k < kindCount; k++ {
		text := k.String()
		if k == Point {
			text = ".x"
		}
		toks, err := scanAll(text, Options{})
		require.Nil(t, err, text)
		require.Equal(t, k, toks[0].Kind, text)
		require.Equal(t, k, LookupKind(k.String()))
	}
	require.NotEmpty(t, SymbolName(kindCount-1))
	seen := map[string]bool{}
	for _, n := range symbolNames[1:] {
		require.False(t, seen[n] || n == "", n)
		seen[n] = true
	}
}

// Text and white space tokens together are the whole source.
func TestNothingLost(t *testing.T) {
	text := "f(X) -> %% comment\n\t\t \"a\\x{41}\" ++ 'b c', $\\n, ~b\"x\"y, 16#ff.\n\r\n \u00a0 é. "
	toks, err := scanAll(text, Options{Comments: true, WhiteSpace: true})
	require.Nil(t, err)
	var b strings.Builder
	for _, tok := range toks {
		b.WriteString(text[tok.Pos-1 : tok.End-1])
	}
	require.Equal(t, text, b.String())
}

// Without the feature, maybe and else are atoms.
func TestNoMaybe(t *testing.T) {
	toks, _ := scanAll("maybe else", Options{NoMaybe: true})
	require.Equal(t, Atom, toks[0].Kind)
	require.Equal(t, "else", toks[1].Text)
}

// Numbers have the values that OTP 29 gives them.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]float64{
		"1.5": 1.5, "1_0.2_5e1_0": 10.25e10, "16#ff.8": 255.5, "2#0.101#e2": 2.5, "16#a.bcdef#E+3": 0xabcd + 0xef/256.0,
		"36#z.z": 35 + 35.0/36, "10#1.5#e2": 150,
	} {
		toks, err := scanAll(text, Options{})
		require.Nil(t, err, text)
		require.Equal(t, Float, toks[0].Kind, text)
		f, ok := FloatValue(toks[0].Text)
		require.True(t, ok)
		require.InEpsilon(t, want, f, 1e-15, text)
	}
	n, big := IntegerValue("36#Z_z")
	require.Equal(t, int64(35*36+35), n)
	require.Nil(t, big)
	_, big = IntegerValue("123456789012345678901234567890")
	require.Equal(t, "123456789012345678901234567890", big.String())
}

// participle sees the same tokens, with its own end of file.
func TestDefinition(t *testing.T) {
	lex, err := Definition{}.LexString("t.erl", "f() ->\n  ok.")
	require.NoError(t, err)
	symbols := Definition{}.Symbols()
	var values []string
	for {
		tok, err := lex.Next()
		require.NoError(t, err)
		if tok.EOF() {
			require.Equal(t, symbols["EOF"], plex.EOF)
			break
		}
		values = append(values, tok.Value)
		if tok.Type == symbols["Arrow"] {
			require.Equal(t, 1, tok.Pos.Line)
			require.Equal(t, 5, tok.Pos.Column)
		}
	}
	require.Equal(t, []string{"f", "(", ")", "->", "ok", ""}, values)
	lex, _ = Definition{}.LexString("t.erl", "\"abc")
	_, err = lex.Next()
	require.ErrorContains(t, err, `unterminated string starting with "abc"`)
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{
		"f() -> \"a\\x{41}\", 'b', $\\^a, ~s(x)y, 1_0.5e3, 2#1.1#e2.", "\"\"\"\n  a\n  b\n  \"\"\"", "é ÷ \u00a0 %c\n...",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := NewScanner(diag.NewFileSet().AddFile("t", []byte(text)), Options{Comments: true, WhiteSpace: true})
		stuck := 0
		for last := -1; ; {
			tok, err := s.Next()
			if err != nil {
				_ = err.Error()
			} else if tok.Kind == EOF {
				return
			}
			if s.Offset() == last {
				if stuck++; stuck > 3 {
					t.Fatalf("no progress at %d of %q", last, text)
				}
			} else {
				stuck = 0
			}
			last = s.Offset()
		}
	})
}
