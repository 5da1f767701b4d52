package main

import (
	"go/format"
	"os"
	"testing"
)

// The generated files are what the generator writes now.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	vs := variants()
	for name, src := range map[string][]byte{"loop_gen.go": loopSource(vs), "ops_gen.go": opsSource(vs)} {
		want, err := format.Source(src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale: run go generate ./eval", name)
		}
	}
}
