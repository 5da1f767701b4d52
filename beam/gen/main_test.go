package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The generated instruction table is what the generator makes of genop.tab now.
func TestGeneratedFileIsFresh(t *testing.T) {
	tab, err := os.ReadFile("../genop.tab")
	require.NoError(t, err)
	want, err := Generate(string(tab))
	require.NoError(t, err)
	got, err := os.ReadFile("../genop_gen.go")
	require.NoError(t, err)
	require.True(t, string(want) == string(got), "beam/genop_gen.go is stale: run go generate ./beam")
}

// A damaged row is refused with its line.
func TestBadRows(t *testing.T) {
	for tab, text := range map[string]string{
		"1 label/1 | num:n | -":                       "four columns",
		"2 label/1 | num:n | - | x":                   "rise by one",
		"1 label/2 | num:n | - | x":                   "1 operands for arity 2",
		"1 label/1 | num:zzz | - | x":                 "bad operand",
		"1 label/2 | l:list num:n | - | x":            "last operand",
		"1 label/1 | num:n | - | ":                    "sentence",
		"1 label/1 | num:n | - | ok\n\n3 x/0 | | - |": "genop.tab:3",
	} {
		_, err := Generate(tab)
		require.ErrorContains(t, err, text, tab)
	}
}
