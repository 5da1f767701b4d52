package beam

import (
	"errors"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/term"
)

// ExportSlot gives the address of the slot (a term.Export) behind fun m:f/a.
type ExportSlot func(m, f term.Term, arity int) uintptr

// slots lets literals be funs m:f/a, and no others: closures belong to a running system.
type slots struct {
	export  ExportSlot
	closure *term.FunEntry // made when there was one after all
}

func (s *slots) Export(m, f term.Term, arity int) uintptr { return s.export(m, f, arity) }

func (s *slots) Fun(etf.FunInfo) uintptr {
	s.closure = &term.FunEntry{}
	return s.closure.Addr()
}

var errClosure = errors.New("a closure is no literal")

// termReader decodes the terms of a module's chunks.
type termReader struct {
	slots slots
	o     etf.DecodeOptions
}

func newTermReader(export ExportSlot) *termReader {
	r := &termReader{slots: slots{export: export}}
	r.o.Funs = &r.slots
	return r
}

func (r *termReader) decode(h *term.Heap, b []byte) (term.Term, error) {
	t, used, err := etf.Decode(h, b, &r.o)
	switch {
	case err != nil:
		return term.None, err
	case used != len(b):
		return term.None, errors.New("bytes behind the term")
	case r.slots.closure != nil:
		return term.None, errClosure
	}
	return t, nil
}

// encodeTerm gives the external form; equal terms have equal forms.
func encodeTerm(t term.Term) []byte { return etf.Encode(t, &etf.EncodeOptions{Deterministic: true}) }

// literalKey is a text that is equal for two terms only if they are the same literal: it tells 0.0 from -0.0 and 1 from 1.0.
func literalKey(t term.Term) string { return string(encodeTerm(t)) }
