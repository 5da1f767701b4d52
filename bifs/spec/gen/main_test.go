package main

import (
	"os"
	"testing"
)

// The generated tables must be what the .tab files say now.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	facts, bindings, err := Generate("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"../table_gen.go": facts, "../../table_gen.go": bindings} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale: run go generate ./bifs/spec", name)
		}
	}
}
