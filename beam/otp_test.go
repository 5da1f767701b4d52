package beam_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/beam/beamtest"
	"github.com/gerl-lang/gerl/term"
)

// otpFiles are .beam files of the distribution's OTP 25.
func otpFiles(t *testing.T, pattern string) []string {
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no .beam files of an Erlang installation here")
	}
	return files
}

// OTP's loader takes what we write of its own files, and its checksum and ours agree. Its validator understands every
// instruction of the listings; what it cannot know without the compiler's remarks are types that come out of local calls.
func TestOTPTakesItsOwnFilesFromUs(t *testing.T) {
	for _, c := range []struct {
		start func(testing.TB) *beamtest.OTP
		files string
	}{
		{beamtest.OTP25, "/usr/lib/erlang/lib/stdlib-*/ebin/*.beam"},
		{beamtest.OTP29, os.Getenv("GERL_OTP29_LIB") + "/stdlib-*/ebin/*.beam"},
	} {
		t.Run(c.files, func(t *testing.T) {
			otp := c.start(t)
			for _, name := range otpFiles(t, c.files) {
				data, err := os.ReadFile(name)
				require.NoError(t, err)
				f, err := beam.ParseFile(data)
				require.NoError(t, err)
				sum := f.MD5()
				require.Equal(t, otp.MD5(data), hex.EncodeToString(sum[:]), name)
				m, err := beam.Read(data)
				require.NoError(t, err)
				for _, modern := range []bool{false, otp.Release >= beam.OTP29} {
					out, err := beam.Write(m, beam.WriteOptions{Modern: modern})
					require.NoError(t, err)
					require.Empty(t, otp.Prepare(out), name)
				}
				for _, line := range strings.Split(otp.Validate(m), "\n") {
					if e := strings.TrimSpace(line); strings.HasPrefix(e, "Error:") {
						require.Regexp(t, "bad_type|no_bs_start_match2|bad_arg_type|not_a_native_record|illegal_branch", e, name)
					}
				}
			}
		})
	}
}

// A module with a native record that we build comes back from its file, passes OTP 29's validator, and runs there.
func TestNativeRecordRunsOnOTP29(t *testing.T) {
	otp := beamtest.OTP29(t)
	h := term.NewArena()
	atom := term.Intern
	m, rec, x, y := atom("gerl_nr"), atom("point"), atom("x"), atom("y")
	b := beam.NewBuilder(m, h)
	b.Record(beam.RecordDef{Name: rec, Exported: true, Fields: []beam.RecordField{
		{Name: x}, {Name: y, Default: b.Literal(h.Tuple(term.AtomOk, h.Float(1.5)))}}})
	b.Export(atom("new"), 1, 2)
	b.Export(atom("get"), 1, 4)
	b.Emit(beam.OpLabel, beam.U(1))
	b.Emit(beam.OpFuncInfo, beam.Atom(m), beam.Atom(atom("new")), beam.U(1))
	b.Emit(beam.OpLabel, beam.U(2))
	b.Emit(beam.OpPutRecord, beam.Label(0), beam.Atom(rec), beam.Nil(), beam.X(0), beam.U(1), beam.List(4),
		beam.Atom(x), beam.X(0), beam.Atom(y), b.Literal(h.Tuple(term.AtomOk, h.Float(1.5))))
	b.Emit(beam.OpReturn)
	b.Emit(beam.OpLabel, beam.U(3))
	b.Emit(beam.OpFuncInfo, beam.Atom(m), beam.Atom(atom("get")), beam.U(1))
	b.Emit(beam.OpLabel, beam.U(4))
	b.Emit(beam.OpIsAnyNativeRecord, beam.Label(3), beam.X(0))
	b.Emit(beam.OpIsNativeRecord, beam.Label(3), beam.X(0), beam.Atom(m), beam.Atom(rec))
	b.Emit(beam.OpGetRecordElements, beam.Label(3), beam.X(0), beam.List(4), beam.Atom(x), beam.X(1), beam.Atom(y), beam.X(2))
	b.Emit(beam.OpTestHeap, beam.U(3), beam.U(3))
	b.Emit(beam.OpPutTuple2, beam.X(0), beam.List(2), beam.X(1), beam.X(2))
	b.Emit(beam.OpReturn)
	mod, err := b.Module(5)
	require.NoError(t, err)
	_, err = beam.Validate(mod)
	require.NoError(t, err)
	require.Empty(t, otp.Validate(mod))
	file, err := beam.Write(mod, beam.WriteOptions{})
	require.NoError(t, err)
	again, err := beam.Read(file)
	require.NoError(t, err)
	require.Equal(t, mod.Records, again.Records)
	require.Empty(t, otp.Load(file))
	require.Equal(t, "{7,{ok,1.5}}", otp.Eval("gerl_nr:get(gerl_nr:new(7))."))
}
