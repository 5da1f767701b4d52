package node

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The model-based checks of signals, links, timers and code loading, for a few seeds; scripts/soak.sh runs them for longer.
func TestSoakForAMoment(t *testing.T) {
	src, err := os.ReadFile("../scripts/soak/soak.erl")
	require.NoError(t, err)
	status, out, errs := run(t, string(src), "", "2", "100")
	require.Zero(t, status, "%s%s", out, errs)
	require.Contains(t, out, "nothing wrong", errs)
}
