package ets

import (
	"github.com/gerl-lang/gerl/term"
)

// Match specifications for tracing: the pattern stands for the list of a call's arguments, and guards and bodies may
// call functions that act on the traced process.

// Actions does what the action functions of a trace specification ask for. Args are the evaluated arguments; the result is the
// function's value, ok false an error that ends the body.
type Actions interface {
	Action(name string, args []term.Term) (value term.Term, ok bool)
}

// actionArities are the action functions with the numbers of arguments they take.
var actionArities = map[string][]int{
	"return_trace": {0}, "exception_trace": {0}, "message": {1}, "process_dump": {0}, "display": {1}, "caller": {0}, "caller_line": {0},
	"current_stacktrace": {0, 1}, "enable_trace": {1, 2}, "disable_trace": {1, 2}, "trace": {2, 3}, "silent": {1},
	"set_seq_token": {2}, "get_seq_token": {0}, "is_seq_trace": {0}, "set_tcw": {1}, "get_tcw": {0},
}

// guardActions are those that guards may call, too.
var guardActions = map[string]bool{"is_seq_trace": true, "get_seq_token": true, "get_tcw": true}

func isAction(name string, arity int) bool {
	for _, n := range actionArities[name] {
		if n == arity {
			return true
		}
	}
	return false
}

// CompileTrace compiles a match specification for tracing.
func CompileTrace(spec term.Term) (*Program, error) {
	return compile(spec, true)
}

// onlyOfCalls are the actions that make no sense for a message, onlyOfSenders those that the process which gets a message cannot do.
var onlyOfCalls = map[string]bool{"caller": true, "caller_line": true, "current_stacktrace": true}
var onlyOfSenders = map[string]bool{"silent": true, "trace": true, "enable_trace": true, "disable_trace": true, "process_dump": true,
	"is_seq_trace": true, "set_seq_token": true, "get_seq_token": true}

// FitsMessages reports whether a specification for tracing does only what can be done when a message is sent, or received.
func (p *Program) FitsMessages(send bool) bool {
	for _, a := range p.actions {
		if onlyOfCalls[a] || !send && onlyOfSenders[a] {
			return false
		}
	}
	return true
}

// traceHead checks the pattern of a trace specification: a list, a variable or '_'.
func traceHead(t term.Term) error {
	if t == term.AtomUnderscore || t.IsList() {
		return nil
	}
	if _, ok := variable(t); ok {
		return nil
	}
	return specError("Match head is invalid in this context.")
}

// RunTrace runs the program for the argument list of a call; matched is false when no clause accepts it. All
// expressions of the body are evaluated; value is that of the last one.
func (r *Runner) RunTrace(args term.Term, actions Actions) (value term.Term, matched bool) {
	r.actions = actions
	defer func() { r.actions = nil }()
	c := r.match(args)
	if c == nil {
		return term.AtomFalse, false
	}
	value = term.AtomTrue
	for _, b := range c.body {
		v, ok := r.eval(b, c, r.tmp)
		if !ok {
			return atomEXIT, true
		}
		value = v
	}
	return value, true
}
