// Command gen compiles the library's Erlang sources with gerl's own compiler into stdlib/ebin, from
// where they are embedded. It runs in stdlib (go generate ./stdlib).
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
)

func main() {
	log.SetFlags(0)
	images, err := Compile(".")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.MkdirAll("ebin", 0o755); err != nil {
		log.Fatal(err)
	}
	resources, err := Resources(".")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range resources {
		images[name] = text
	}
	old, _ := filepath.Glob("ebin/*")
	for _, f := range old {
		if images[filepath.Base(f)] == nil {
			if err := os.Remove(f); err != nil {
				log.Fatal(err)
			}
		}
	}
	for name, data := range images {
		file := filepath.Join("ebin", name)
		if now, err := os.ReadFile(file); err == nil && bytes.Equal(now, data) {
			continue
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// Compile compiles all sources below dir; the result's keys are file names like lists.beam.
func Compile(dir string) (map[string][]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*/src/*.erl"))
	if err != nil {
		return nil, err
	}
	images := make(map[string][]byte, len(files))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		// the path in stack traces is the module's file name, wherever the sources lie
		mod, fset, list, err := compiler.CompileText(filepath.Base(f), text, options(filepath.Dir(f)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		if mod == nil {
			var b strings.Builder
			_ = diag.WriteText(&b, fset, list.All())
			return nil, fmt.Errorf("%s does not compile:\n%s", f, b.String())
		}
		image, err := proved(mod)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		images[strings.TrimSuffix(filepath.Base(f), ".erl")+".beam"] = image
	}
	return images, nil
}

// Resources makes the applications' resource files of what their sources say, with the names of their modules; the result's keys are
// file names like kernel.app.
func Resources(dir string) (map[string][]byte, error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*/src/*.app.src"))
	if err != nil {
		return nil, err
	}
	resources := make(map[string][]byte, len(sources))
	for _, f := range sources {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(filepath.Dir(f), "*.erl"))
		if err != nil {
			return nil, err
		}
		for i := range files {
			files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".erl")
		}
		before, after, ok := bytes.Cut(text, []byte("{modules, []}"))
		if !ok {
			return nil, fmt.Errorf("%s: {modules, []} is missing", f)
		}
		list := "{modules, [" + strings.Join(files, ",\n    ") + "]}"
		resources[strings.TrimSuffix(filepath.Base(f), ".src")] = append(append(before[:len(before):len(before)], list...), after...)
	}
	return resources, nil
}

// proved is the .beam file of a module together with its proof, so that programs do not begin with validating the library.
func proved(mod *beam.Module) ([]byte, error) {
	data, err := beam.Write(mod, beam.WriteOptions{Modern: true})
	if err != nil {
		return nil, err
	}
	read, err := beam.Read(data)
	if err != nil {
		return nil, err
	}
	proof, err := beam.Validate(read)
	if err != nil {
		return nil, err
	}
	file, err := beam.ParseFile(data)
	if err != nil {
		return nil, err
	}
	file.SetProof(proof)
	return file.Bytes(), nil
}

// options finds include files beside the sources and in the applications' include folders.
func options(src string) compiler.Options {
	var o compiler.Options
	o.Signatures = true
	o.Preproc.IncludePath = []string{src, filepath.Join(filepath.Dir(src), "include")}
	libs := filepath.Dir(filepath.Dir(src))
	o.Preproc.LibDir = func(app string) (string, bool) {
		dir := filepath.Join(libs, app)
		_, err := os.Stat(dir)
		return dir, err == nil
	}
	return o
}
