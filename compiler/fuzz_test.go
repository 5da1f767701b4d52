package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/parser"
)

// FuzzCompile: whatever the text is, preprocessing, parsing, checking and compiling end without a panic, and code that
// comes out is valid.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("../testdata/chunks/*.chunks")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, chunk := range strings.Split(string(text), "\n----\n") {
			if i%5 == 1 { // a fifth is enough to begin with
				f.Add(chunk)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		mod, _, _, _ := CompileText("m.erl", []byte("-module(m).\n-compile([export_all,nowarn_export_all]).\n"+text), Options{
			Preproc: parser.Options{ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }},
		})
		if mod == nil {
			return
		}
		image, err := beam.Write(mod, beam.WriteOptions{})
		if err != nil {
			return // too many of something for the format
		}
		again, err := beam.Read(image)
		if err != nil {
			t.Fatalf("the module cannot be read: %v", err)
		}
		if _, err := beam.Validate(again); err != nil {
			t.Fatalf("the code is not valid: %v", err)
		}
	})
}
