package parser

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/diag"
)

func TestSmoke(t *testing.T) {
	pat := os.Getenv("SMOKE")
	if pat == "" {
		t.Skip()
	}
	start := time.Now()
	n, lines := 0, 0
	for _, f := range strings.Fields(pat) {
		text, _ := os.ReadFile(f)
		fset := diag.NewFileSet()
		file, list := ParseFile(fset, f, text, Options{IncludePath: strings.Fields(os.Getenv("INC")), LibDir: func(app string) (string, bool) {
			for _, d := range strings.Fields(os.Getenv("LIBS")) {
				es, _ := os.ReadDir(d)
				for _, e := range es {
					if e.Name() == app || strings.HasPrefix(e.Name(), app+"-") {
						return d + "/" + e.Name(), true
					}
				}
			}
			return "", false
		}})
		n += len(file.Forms)
		lines += strings.Count(string(text), "\n")
		var b strings.Builder
		diag.WriteText(&b, fset, list.All())
		os.Stdout.WriteString(b.String())
	}
	println(n, lines, time.Since(start).String())
}
