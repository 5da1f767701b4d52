package beam

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The disassembly names what operands stand for.
func TestDisassemble(t *testing.T) {
	m := sample(t)
	var b strings.Builder
	require.NoError(t, m.Disassemble(&b, DisOptions{}))
	want := `module sample: 1 functions, 13 instructions, 3 labels, 0 literals, 1 imports, 0 funs

sample:f/1  (entry f2, exported)
f1:
     1  line                 sample.erl:3
     2  func_info            sample, f, 1
f2:
     4  allocate_heap        frame=1, 2+1 floats+1 funs, live=1
     5  move                 1099511627776, x1
     6  move                 -3, x1
     7  move                 -6189700196426901374495621120, x1
     8  fmove                x0::float, fr0
     9  select_val           x0, f1, [1000 f3 f f3]
f3:
    11  line                 other.erl:70000
    12  call_ext_last        1, erlang:f/1, frame=1
`
	require.Equal(t, want, b.String())
	b.Reset()
	require.NoError(t, m.Disassemble(&b, DisOptions{Function: "g", Arity: -1}))
	require.Empty(t, b.String())
}

// The assembly listing has the shapes of erlc -S.
func TestAssembly(t *testing.T) {
	m := sample(t)
	m.Notes = []Note{{At: 3, Reg: X(0), Type: 1, Context: true}}
	want := `{module, sample}.  %% version = 0

{exports, [{f,1}]}.

{attributes, []}.

{labels, 4}.


{function, f, 1, 2}.
  {label,1}.
    {line,[{location,"sample.erl",3}]}.
    {func_info,{atom,sample},{atom,f},1}.
  {label,2}.
    {'%',{var_info,{x,0},[accepts_match_context]}}.
    {'%',{var_info,{x,0},[{type,{t_float,any}}]}}.
    {allocate_heap,1,{alloc,[{words,2},{floats,1},{funs,1}]},1}.
    {move,{integer,1099511627776},{x,1}}.
    {move,{integer,-3},{x,1}}.
    {move,{integer,-6189700196426901374495621120},{x,1}}.
    {fmove,{tr,{x,0},{t_float,any}},{fr,0}}.
    {select_val,{x,0},{f,1},{list,[{integer,1000},{f,3},{atom,f},{f,3}]}}.
  {label,3}.
    {line,[{location,"other.erl",70000}]}.
    {call_ext_last,1,{extfunc,erlang,f,1},1}.
`
	require.Equal(t, want, string(m.Assembly(OTP25)))
}
