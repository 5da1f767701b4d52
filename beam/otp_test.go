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
