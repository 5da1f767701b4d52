package preproc

import (
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// knownFeatures are OTP 29's language features and whether they are on when
// nothing is said.
var knownFeatures = []struct {
	name string
	on   bool
}{
	{"compr_assign", false},
	{"maybe_expr", true},
}

// features is the set of enabled features: one bit each, in the order of
// knownFeatures. explicit has those that were enabled by name, the latest
// first: only these count for ?FEATURE_ENABLED.
type features struct {
	on       uint8
	explicit []string
}

// init applies Options.Features and returns the names that are unknown.
func (f *features) init(names []string) (unknown []string) {
	for _, k := range knownFeatures {
		if k.on {
			f.set(k.name, true)
		}
	}
	if names != nil && len(names) == 0 {
		f.explicit = nil
	}
	for _, name := range names {
		off := strings.HasPrefix(name, "-")
		if name = strings.TrimPrefix(name, "-"); !f.set(name, !off) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func (p *Preprocessor) unknownFeature(at diag.Pos, name string) {
	p.queue = append(p.queue, Form{Kind: Failure, Diag: &diag.Diagnostic{
		Code: "erl_features.invalid_features", Span: diag.At(at), Args: []string{name},
		Text: "the feature '" + name + "' does not exist.",
	}})
}

// set switches a feature; false if there is none of that name.
func (f *features) set(name string, on bool) bool {
	if name == "all" {
		for _, k := range knownFeatures {
			f.set(k.name, on)
		}
		return true
	}
	for i, k := range knownFeatures {
		if k.name != name {
			continue
		}
		f.explicit = slices.DeleteFunc(f.explicit, func(n string) bool { return n == name })
		if on {
			f.on |= 1 << i
			f.explicit = append([]string{name}, f.explicit...)
		} else {
			f.on &^= 1 << i
		}
		return true
	}
	return false
}

func (f *features) has(name string) bool {
	for i, k := range knownFeatures {
		if k.name == name {
			return f.on&(1<<i) != 0
		}
	}
	return false
}

func (f *features) enabled() []string {
	var names []string
	for i, k := range knownFeatures {
		if f.on&(1<<i) != 0 {
			names = append(names, k.name)
		}
	}
	return names
}

// featureMacros defines FEATURE_AVAILABLE and FEATURE_ENABLED.
func (p *Preprocessor) featureMacros() {
	var available []string
	for _, k := range knownFeatures {
		available = append(available, k.name)
	}
	p.macros["FEATURE_AVAILABLE"] = featureMacro(available)
	p.macros["FEATURE_ENABLED"] = featureMacro(p.features.explicit)
}

// featureMacro is a macro of one argument that is true for the given names.
func featureMacro(names []string) *macro {
	tok := func(k lexer.Kind, text string) lexer.Token { return lexer.Token{Kind: k, Text: text} }
	var body []lexer.Token
	if len(names) == 0 {
		body = []lexer.Token{tok(lexer.Atom, "false")}
	} else {
		body = append(body, tok(lexer.LParen, ""))
		for i := len(names) - 1; i >= 0; i-- {
			body = append(body, tok(lexer.LParen, ""), tok(lexer.Var, "X"), tok(lexer.RParen, ""),
				tok(lexer.Eq, ""), tok(lexer.Atom, names[i]))
			if i > 0 {
				body = append(body, tok(lexer.Orelse, ""))
			}
		}
		body = append(body, tok(lexer.RParen, ""))
	}
	return &macro{defs: []definition{{arity: 1, params: []string{"X"}, body: body}}}
}

func isPrefixAttribute(t lexer.Token) bool {
	if t.Kind != lexer.Atom {
		return false
	}
	switch t.Text {
	case "module", "feature", "if", "else", "elif", "endif", "ifdef", "ifndef", "define", "undef", "include",
		"include_lib", "moduledoc", "doc":
		return true
	}
	return false
}
