// Package beamtest lets tests ask real Erlang about modules that gerl made: whether OTP's beam_validator accepts the
// assembly listing, whether OTP's loader takes the .beam file, what its checksum is. It is for tests only; it imports beam.
//
//	otp := beamtest.OTP25(t)              // skips the test where there is no erl
//	require.Empty(t, otp.Validate(m))
package beamtest

import (
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/gerl-lang/gerl/beam"
)

//go:embed otp.erl
var source string

// OTP is a running Erlang node that answers questions. It may be used by one goroutine at a time.
type OTP struct {
	Release beam.Release
	mu      sync.Mutex
	in      io.WriteCloser
	out     io.Reader
	cmd     *exec.Cmd
}

// OTP25 starts the `erl` on the path; without one the test is skipped. The node ends with the test.
func OTP25(t testing.TB) *OTP {
	path, err := exec.LookPath("erl")
	if err != nil {
		t.Skip("no erl on the path")
	}
	return start(t, beam.OTP25, path)
}

// OTP29 starts the Erlang of OTP 29 that GERL_OTP29 names (a command line such as "erl", or "chroot DIR erl");
// without it the test is skipped.
func OTP29(t testing.TB) *OTP {
	command := strings.Fields(os.Getenv("GERL_OTP29"))
	if len(command) == 0 {
		t.Skip("GERL_OTP29 does not name an Erlang of OTP 29")
	}
	return start(t, beam.OTP29, command...)
}

func start(t testing.TB, rel beam.Release, command ...string) *OTP {
	t.Helper()
	// The node compiles the module from text, so that it needs no file of ours.
	boot := fmt.Sprintf(`Text=binary_to_list(base64:decode(<<"%s">>)),`+
		`Forms=fun F(S,L) -> case erl_scan:tokens([],S,L) of {done,{ok,T,N},R} -> {ok,A}=erl_parse:parse_form(T),[A|F(R,N)]; _ -> [] end end,`+
		`{ok,M,B}=compile:forms(Forms(Text,1),[]),code:load_binary(M,"beamtest",B),M:main().`, base64.StdEncoding.EncodeToString([]byte(source)))
	cmd := exec.Command(command[0], append(command[1:], "-noinput", "-boot", "start_clean", "-kernel", "logger_level", "none", "-eval", boot)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip("cannot start Erlang: ", err)
	}
	o := &OTP{Release: rel, in: in, out: out, cmd: cmd}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return o
}

// ask sends one request and gives the answer.
func (o *OTP) ask(op byte, data []byte) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	req := binary.BigEndian.AppendUint32(nil, uint32(len(data)+1))
	req = append(append(req, op), data...)
	if _, err := o.in.Write(req); err != nil {
		return "no answer: " + err.Error()
	}
	var size [4]byte
	if _, err := io.ReadFull(o.out, size[:]); err != nil {
		return "no answer: " + err.Error()
	}
	answer := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(o.out, answer); err != nil {
		return "no answer: " + err.Error()
	}
	return string(answer)
}

func complaint(answer string) string {
	if answer == "ok" {
		return ""
	}
	return answer
}

// Validate runs OTP's beam_validator over the module's assembly listing. It gives "" or the complaint.
func (o *OTP) Validate(m *beam.Module) string { return o.ValidateListing(m.Assembly(o.Release)) }

// ValidateListing is Validate for a listing.
func (o *OTP) ValidateListing(listing []byte) string { return complaint(o.ask('v', listing)) }

// Load loads a .beam file into the node. It gives "" or the complaint.
func (o *OTP) Load(file []byte) string { return complaint(o.ask('l', file)) }

// Prepare has OTP's loader do everything but put the module in place, so that it can be tried with modules that the
// node itself needs.
func (o *OTP) Prepare(file []byte) string { return complaint(o.ask('p', file)) }

// MD5 is beam_lib:md5/1 in hexadecimal.
func (o *OTP) MD5(file []byte) string { return o.ask('m', file) }

// Eval gives the value of an expression (ended by a full stop) as ~w prints it, for example a call of a module that was loaded.
func (o *OTP) Eval(expr string) string { return o.ask('e', []byte(expr)) }
