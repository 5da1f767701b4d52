package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The embedded images are what the compiler makes of the sources: none is stale, missing or left over.
func TestImagesAreUpToDate(t *testing.T) {
	images, err := Compile("..")
	require.NoError(t, err)
	for name, want := range images {
		have, err := os.ReadFile(filepath.Join("../ebin", name))
		require.NoError(t, err, "run: go generate ./stdlib")
		require.True(t, bytes.Equal(have, want), "%s is stale; run: go generate ./stdlib", name)
	}
	files, err := filepath.Glob("../ebin/*.beam")
	require.NoError(t, err)
	for _, f := range files {
		require.Contains(t, images, filepath.Base(f), "a left-over image; run: go generate ./stdlib")
	}
}
