// Package eval is the machine: it loads generic BEAM code as specialised instructions and executes them.
//
// A module goes through the Loader (generic instructions -> 8-byte words of the specialised set, generated
// from gen/families.go) into pinned memory; the CodeServer keeps exports, funs, versions of modules and the table that
// resolves a code address to function and line. VM implements proc.Machine: it runs a process with the loop
// (loop_gen.go), which leaves with an exit code whenever something needs Go code; driver.go serves the exits.
// Machine is the context that both share.
//
// It may import beam, term, proc, scheduler and bifs.
package eval

//go:generate go run ./gen
