package eval

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// Every .beam file below the directories in GERL_BEAMS (separated by colons) can be translated.
func TestRealFilesLoad(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("GERL_BEAMS"))
	if len(dirs) == 0 {
		t.Skip("GERL_BEAMS is not set")
	}
	vm := New()
	for _, d := range dirs {
		files, failed := 0, 0
		filepath.Walk(d, func(p string, info os.FileInfo, err error) error {
			if err != nil || filepath.Ext(p) != ".beam" {
				return nil
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return nil
			}
			f, err := beam.ParseFile(data)
			files++
			if err != nil {
				failed++
				t.Errorf("%s: %v", p, err)
				return nil
			}
			m, err := f.Module(term.NewArena(), vm.Code.exportAddr)
			if err == nil {
				_, err = vm.Code.Stage(m, f.MD5(), nil)
			}
			if err != nil {
				failed++
				t.Errorf("%s: %v", p, err)
			}
			return nil
		})
		t.Logf("%s: %d files, %d refused", d, files, failed)
	}
}
