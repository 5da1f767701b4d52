package preproc

import (
	"sort"

	"github.com/gerl-lang/gerl/lexer"
)

// Definition tells what a macro stands for at some point of a file.
type Definition struct {
	Name       string
	Undefined  bool // a predefined macro without a value so far
	Predefined bool // has one variant
	Variants   []Variant
}

// Variant is one of a macro's definitions.
type Variant struct {
	HasParams bool
	Params    []string
	Body      []lexer.Token
}

// Definitions lists the macros that are defined at this point, by name.
func (p *Preprocessor) Definitions() []Definition {
	out := make([]Definition, 0, len(p.macros))
	for name, m := range p.macros {
		d := Definition{Name: name, Undefined: m.undefined, Predefined: m.predefined}
		for i := len(m.defs) - 1; i >= 0; i-- { // the latest first, as epp has them
			def := &m.defs[i]
			d.Variants = append(d.Variants, Variant{def.arity != noArity, def.params, def.body})
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}
