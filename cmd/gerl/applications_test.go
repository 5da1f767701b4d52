//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Applications that are distributed over nodes: starts, permissions, takeovers and failovers do what they do between nodes of OTP 29, from
// which testdata/dist/failover.txt was recorded.
func TestDistributedApplications(t *testing.T) {
	if testing.Short() {
		t.Skip("nodes wait for each other")
	}
	c := newCluster(t)
	out, err := c.command(c.gerl, "compile", "-o", c.dir, filepath.Join(testFiles(t), "dist", "failover.erl")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := os.ReadFile(filepath.Join(testFiles(t), "dist", "failover.txt"))
	require.NoError(t, err)
	have, err := c.command(c.gerl, "-sname", c.name()+"@localhost", "-noshell", "-pa", c.dir, "-s", "failover", "main").CombinedOutput()
	require.NoError(t, err, "%s", have)
	require.Equal(t, string(want), string(have))
}
