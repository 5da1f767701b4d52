package node

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A module that is loaded ahead but not needed costs time and memory at each start.
func TestBootModulesAreNeeded(t *testing.T) {
	name, data := compile(t, "-module(prog).\n-export([main/1]).\nmain(_) -> erlang:display([M || M <- ["+strings.Join(bootModules, ",")+
		"], not erlang:module_loaded(M)]).\n")
	var out, errs output
	n, err := New(Config{Workers: 1, Console: NewStreamConsole(strings.NewReader(""), &out, &errs), Flags: []string{"-noshell", "-gerl_run", name}})
	require.NoError(t, err)
	n.AddModule(name, data)
	require.NoError(t, n.Start())
	require.Zero(t, n.Wait(), errs.String())
	require.Equal(t, "[]\n", strings.ReplaceAll(out.String(), "\r", ""))
}
