package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The header is what the table says now.
func TestHeaderIsCurrent(t *testing.T) {
	table, err := os.ReadFile("../../syntax_tools/erl_syntax.tab")
	require.NoError(t, err)
	now, err := Header(string(table))
	require.NoError(t, err)
	written, err := os.ReadFile("../../syntax_tools/src/erl_syntax_nodes.hrl")
	require.NoError(t, err)
	require.Equal(t, string(written), now, "erl_syntax_nodes.hrl is stale: run go generate ./stdlib")
}

func TestRowsThatAreNoRows(t *testing.T) {
	for _, row := range []string{"tuple | elements*", "tuple | elements*x | text"} {
		_, err := Header(row)
		require.Error(t, err, row)
	}
}
