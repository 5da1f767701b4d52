package eval

import (
	"os"
	"path/filepath"
	"testing"
)

// Programs over a real OTP library, given as GERL_LIB (directories of .beam files), with golden files in GERL_GOLDEN.
func TestOnRealLibrary(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("GERL_LIB"))
	if len(dirs) == 0 {
		t.Skip("GERL_LIB is not set")
	}
	files, _ := filepath.Glob(os.Getenv("GERL_GOLDEN"))
	for _, f := range files {
		n := newNode(t, 2, "")
		n.vm.Debug.CollectAlways = os.Getenv("GERL_STRESS") != ""
		find := n.vm.Find
		n.vm.Find = func(m string) (Found, bool) {
			if f, ok := find(m); ok {
				return f, ok
			}
			for _, d := range append([]string{filepath.Dir(f)}, dirs...) {
				p := filepath.Join(d, m+".beam")
				if b, err := os.ReadFile(p); err == nil {
					return Found{Data: b, File: p}, true
				}
			}
			return Found{}, false
		}
		golden(t, n, f, "")
	}
}
