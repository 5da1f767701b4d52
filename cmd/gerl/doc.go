package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// docCommand prints the documentation of a module or function.
func docCommand(args []string) int {
	if len(args) != 1 {
		return helpUsage("doc")
	}
	module, rest, hasFunction := strings.Cut(args[0], ":")
	function, arity, hasArity := strings.Cut(rest, "/")
	call := fmt.Sprintf("h(list_to_atom(%q))", module)
	if hasFunction {
		call = fmt.Sprintf("h(list_to_atom(%q), list_to_atom(%q))", module, function)
	}
	if hasArity {
		call = fmt.Sprintf("h(list_to_atom(%q), list_to_atom(%q), list_to_integer(%q))", module, function, arity)
	}
	missing := `io:format(standard_error, "gerl doc: ~ts: ~ts~n", [` + fmt.Sprintf("%q", args[0]) + `, case R of
		non_existing -> "there is no such module"; function_missing -> "there is no such function"; _ -> "there is no documentation" end]), halt(1)`
	text := fmt.Sprintf("try c:%s of ok -> halt(0); {error, R} -> %s catch error:badarg -> io:format(standard_error, \"gerl doc: %%ts is no arity~n\", [%q]), halt(2) end.", call, missing, arity)
	text = strings.ReplaceAll(text, "%ts", "~ts")
	c := node.Config{Flags: []string{"-noshell", "-noinput", "-eval", text}}
	c.PathsLast = projectPaths(".")
	c.Console = node.NewStreamConsole(nil, os.Stdout, os.Stderr)
	return boot(c, nil)
}
