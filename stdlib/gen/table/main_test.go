package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table is what the library is now; a function that gets lost shows up here.
func TestTableIsCurrent(t *testing.T) {
	now, err := Table("../../..")
	require.NoError(t, err)
	written, err := os.ReadFile("../../../docs/library.md")
	require.NoError(t, err)
	require.Equal(t, now, string(written), "docs/library.md is stale: run go generate ./stdlib")
}
