package gerl_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gerl-lang/gerl"
	"github.com/stretchr/testify/require"
)

func ExampleStart() {
	var out bytes.Buffer
	n, err := gerl.Start(gerl.Config{Output: &out})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = n.Compile("sum.erl", `
-module(sum).
-export([of_list/1]).
of_list(Text) ->
    Numbers = [list_to_integer(W) || W <- string:lexemes(Text, " ")],
    io:format("~w~n", [lists:sum(Numbers)]),
    init:stop().
`)
	if err == nil {
		err = n.Spawn("sum", "of_list", "1 2 3 4")
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	n.Wait()
	fmt.Print(out.String())
	// Output: 10
}

func TestCompileTellsWhereTheErrorIs(t *testing.T) {
	n, err := gerl.Start(gerl.Config{})
	require.NoError(t, err)
	defer n.Stop()
	err = n.Compile("bad.erl", "-module(bad).\nf() -> X.\n")
	require.ErrorContains(t, err, "bad.erl:2:8: variable 'X' is unbound")
}

func TestSpawnRefusesOtherTypes(t *testing.T) {
	n, err := gerl.Start(gerl.Config{})
	require.NoError(t, err)
	defer n.Stop()
	require.ErrorContains(t, n.Spawn("io", "format", 1.5), "float64")
}
