package stdlib

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTree(t *testing.T) {
	tree := Tree(time.Unix(1, 0))
	kernel := "lib/" + FolderOf("application")
	require.NoError(t, fstest.TestFS(tree, kernel+"/ebin/application.beam", kernel+"/ebin/kernel.app", kernel+"/include/file.hrl"))
	data, err := fs.ReadFile(tree, kernel+"/ebin/application.beam")
	require.NoError(t, err)
	image, ok := Image("application")
	require.True(t, ok)
	require.Equal(t, image, data)
	_, err = fs.Stat(tree, "lib/nothing")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// Each image belongs to one application.
func TestApplications(t *testing.T) {
	in := map[string]bool{}
	for _, app := range Applications() {
		require.NotEmpty(t, app.Version, app.Name)
		for _, m := range app.Modules {
			require.False(t, in[m], m)
			in[m] = true
		}
	}
	for _, m := range Modules() {
		require.True(t, in[m], "%s is in no application: run go generate ./stdlib", m)
	}
}
