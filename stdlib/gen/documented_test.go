package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/beam"
	"github.com/stretchr/testify/require"
)

// documented are the modules whose exports all have a -spec and a -doc; more belong here as they get there.
const documented = `array base64 binary calendar dict digraph digraph_utils ets file_sorter gb_sets gb_trees
	gerl_ansi gerl_base64 gerl_graphs gerl_json gerl_maps gerl_plain gerl_json_format gerl_json_scan gerl_sofs_types gerl_sorted gerl_tabfile graph io
	io_ansi io_lib json lists log_mf_h maps math orddict ordsets proplists queue rand random re records sets sofs string
	timer unicode unicode_util uri_string win32reg`

var (
	specLine  = regexp.MustCompile(`(?m)^-spec ('?[a-z][\w@]*'?)\s*\(`)
	hiddenDoc = regexp.MustCompile(`(?m)^-doc false\.\n(?:-spec [^.]*\.\n)?('?[a-z][\w@]*'?)\(`)
)

// TestExportsAreDocumented counts the -spec attributes with a -doc above them for each exported name.
func TestExportsAreDocumented(t *testing.T) {
	for _, module := range strings.Fields(documented) {
		source, err := os.ReadFile(filepath.Join("..", "stdlib/src", module+".erl"))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		image, err := os.ReadFile(filepath.Join("..", "ebin", module+".beam"))
		require.NoError(t, err)
		m, err := beam.Read(image)
		require.NoError(t, err)
		require.Contains(t, string(source), "-moduledoc", module)

		specs := map[string]int{}
		text := string(source)
		for _, at := range specLine.FindAllStringSubmatchIndex(text, -1) {
			above := strings.TrimRight(text[:at[0]], "\n")
			above = above[strings.LastIndexByte(above, '\n')+1:]
			if strings.HasPrefix(above, "-doc") || strings.HasSuffix(above, `""".`) || strings.HasSuffix(above, `".`) {
				specs[strings.Trim(text[at[2]:at[3]], "'")]++
			}
		}
		hidden := map[string]bool{"module_info": true}
		for _, h := range hiddenDoc.FindAllStringSubmatch(text, -1) {
			hidden[h[1]] = true
		}
		exported := map[string]int{}
		for _, e := range m.Exports {
			exported[e.Name.AtomName()]++
		}
		for name, n := range exported {
			if !hidden[name] {
				require.GreaterOrEqual(t, specs[name], n, "%s:%s has %d exported arities, not all with -spec and -doc", module, name, n)
			}
		}
	}
}
