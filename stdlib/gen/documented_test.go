package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented are modules of the library's inside whose exports all have a -spec and a -doc, as all modules do that OTP documents.
const documented = `gerl_ansi gerl_base64 gerl_graphs gerl_json gerl_maps gerl_plain gerl_json_format gerl_json_scan gerl_sofs_types gerl_sorted gerl_tabfile`

// documentedByOTP lists the modules that testdata/library/otp29_exports is about.
func documentedByOTP(t *testing.T) []string {
	table, err := os.ReadFile(filepath.Join("..", "..", "testdata", "library", "otp29_exports"))
	require.NoError(t, err)
	var modules []string
	for line := range strings.Lines(string(table)) {
		if name, _, found := strings.Cut(line, " "); found && name != "#" {
			modules = append(modules, name)
		}
	}
	return modules
}

var (
	specLine  = regexp.MustCompile(`(?m)^-spec ('?[a-z$][\w@]*'?)\s*\(`)
	hiddenDoc = regexp.MustCompile(`(?m)^-doc false\.\n(?:-spec [^.]*\.\n)?('?[a-z][\w@]*'?)\(`)
)

// TestExportsAreDocumented counts the -spec attributes with a -doc above them for each exported name.
func TestExportsAreDocumented(t *testing.T) {
	for _, module := range append(documentedByOTP(t), strings.Fields(documented)...) {
		files, err := filepath.Glob(filepath.Join("..", "*", "src", module+".erl"))
		require.NoError(t, err)
		if len(files) == 0 {
			continue
		}
		source, err := os.ReadFile(files[0])
		require.NoError(t, err)
		image, err := os.ReadFile(filepath.Join("..", "ebin", module+".beam"))
		require.NoError(t, err)
		m, err := beam.Read(image)
		require.NoError(t, err)
		require.Contains(t, string(source), "-moduledoc", module)

		specs := map[string]int{}
		text := string(source)
		included, err := filepath.Glob(filepath.Join(filepath.Dir(files[0]), module+"_*.hrl"))
		require.NoError(t, err)
		for _, file := range included {
			more, err := os.ReadFile(file)
			require.NoError(t, err)
			text += string(more)
		}
		for _, at := range specLine.FindAllStringSubmatchIndex(text, -1) {
			above := strings.TrimRight(text[:at[0]], "\n")
			above = above[strings.LastIndexByte(above, '\n')+1:]
			if strings.HasPrefix(above, "-doc") || strings.HasSuffix(above, `""".`) || strings.HasSuffix(above, `".`) {
				specs[strings.Trim(text[at[2]:at[3]], "'")]++
			}
		}
		hidden := map[string]bool{"module_info": true, "behaviour_info": true}
		for _, h := range hiddenDoc.FindAllStringSubmatch(text, -1) {
			hidden[h[1]] = true
		}
		exported := map[string]int{}
		for _, e := range m.Exports {
			exported[e.Name.AtomName()]++
		}
		for name, n := range exported {
			if !hidden[name] {
				assert.GreaterOrEqual(t, specs[name], n, "%s:%s has %d exported arities, not all with -spec and -doc", module, name, n)
			}
		}
	}
}
