// Package stdlib holds the Erlang library that gerl comes with: sources, one folder per
// application, and their compiled images, which are part of the binary. It has no logic of its own.
//
// Main functions: Image, Has, Modules, Include.
//
// It imports nothing of gerl.
package stdlib

import (
	"embed"
	"strings"
)

//go:generate go run ./gen/syntax
//go:generate go run ./gen
//go:generate go run ./gen/table

//go:embed ebin
var images embed.FS

//go:embed */include/*.hrl
var headers embed.FS

// Include is a header of the library; name is what -include_lib says: eunit/include/eunit.hrl.
func Include(name string) ([]byte, bool) {
	data, err := headers.ReadFile(name)
	return data, err == nil
}

// Image is the compiled module (the bytes of its .beam file), if the library has it.
func Image(module string) (data []byte, ok bool) {
	if strings.ContainsAny(module, `/\`) {
		return nil, false
	}
	data, err := images.ReadFile("ebin/" + module + ".beam")
	return data, err == nil
}

// Has reports whether the library has a module.
func Has(module string) bool {
	if strings.ContainsAny(module, `/\`) {
		return false
	}
	f, err := images.Open("ebin/" + module + ".beam")
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// Modules lists the names of all modules of the library.
func Modules() []string {
	entries, err := images.ReadDir("ebin")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".beam"); ok {
			names = append(names, name)
		}
	}
	return names
}
