// Package gerl embeds Erlang in Go programs: nodes with their own processes, memory limit, input and
// output, as many in one program as one likes.
//
// Main types: Config, Node.
//
// It is a thin layer over package node, which it imports.
//
//	n, err := gerl.Start(gerl.Config{Output: os.Stdout})
//	if err != nil { ... }
//	defer n.Stop()
//	err = n.Compile("hello.erl", `-module(hello). -export([world/0]). world() -> io:format("hi~n").`)
//	err = n.Spawn("hello", "world")
package gerl

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/node"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Config says what a node may use. The zero value is a node without input, whose output is thrown away.
type Config struct {
	Workers     int       // threads that run processes, 0: as many as cores
	Input       io.Reader // what io:get_line and its like read, nil: nothing
	Output      io.Writer // what io:format and its like write, nil: thrown away
	Errors      io.Writer // reports that cannot go to Output, nil: Output
	MemoryLimit int64     // bytes for the terms of all nodes of this program, 0: no limit
	CodePath    []string  // directories with .beam files, searched before the library
}

// Node is one running Erlang system inside the Go program.
type Node struct{ n *node.Node }

// Start starts a node.
func Start(c Config) (*Node, error) {
	if c.Output == nil {
		c.Output = io.Discard
	}
	if c.Errors == nil {
		c.Errors = c.Output
	}
	n, err := node.New(node.Config{
		Workers:     c.Workers,
		Console:     node.NewStreamConsole(c.Input, c.Output, c.Errors),
		PathsFirst:  c.CodePath,
		MemoryLimit: c.MemoryLimit,
		Flags:       []string{"-noshell"},
	})
	if err != nil {
		return nil, err
	}
	if err := n.Start(); err != nil {
		return nil, err
	}
	return &Node{n}, nil
}

// Compile compiles Erlang source text and makes the module known to the node. file is the name that error messages and
// stack traces show. The error holds all of the compiler's errors, one a line with its position.
func (n *Node) Compile(file, source string) error {
	mod, fset, list, err := compiler.CompileText(file, []byte(source), compiler.Options{RefuseTransforms: true})
	if err != nil {
		return fmt.Errorf("%s: %w: compile it with gerl compile", file, err)
	}
	if mod == nil {
		var b strings.Builder
		_ = diag.WriteBrief(&b, fset, list.All())
		return errors.New(strings.TrimSpace(b.String()))
	}
	data, err := beam.Write(mod, beam.WriteOptions{})
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	n.n.AddModule(mod.Name.AtomName(), data)
	return nil
}

// Spawn starts a process that calls module:function with the arguments, which become Erlang strings
// (lists of characters), integers (Go ints) and binaries (byte slices).
func (n *Node) Spawn(module, function string, args ...any) error {
	h := term.NewArena()
	defer h.Free()
	list := make([]term.Term, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			list[i] = h.Chars(a)
		case int:
			list[i] = h.Int64(int64(a))
		case []byte:
			list[i] = h.Binary(a)
		default:
			return fmt.Errorf("argument %d of %s:%s has type %T: strings, ints and byte slices can be passed", i+1, module, function, a)
		}
	}
	m, ok := term.TryIntern(module)
	f, ok2 := term.TryIntern(function)
	if !ok || !ok2 {
		return term.ErrAtomLimit
	}
	call := h.List(m, f, h.List(list...))
	if _, e := n.n.Sys.Spawn(term.Intern("gerl_run"), term.Intern("embedded"), call, &proc.SpawnOpts{}); e != 0 {
		return fmt.Errorf("no process for %s:%s/%d: the node's process table is full", module, function, len(args))
	}
	return nil
}

// Wait blocks until the node has ended, by Stop, init:stop or erlang:halt, and gives its exit status.
func (n *Node) Wait() int { return n.n.Wait() }

// Stop ends the node after its output is written.
func (n *Node) Stop() int {
	n.n.Halt(0, "", true)
	return n.n.Wait()
}
