package testkit

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// environment is what the commands under test see: no interference from the
// developer's settings, and a UTF-8 terminal.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "ERL_") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANG") {
			env = append(env, e)
		}
	}
	return append(env, "LANG=C.UTF-8")
}

// ModuleRoot is the folder of go.mod, above the working directory.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// BuildGerl returns the path of a gerl binary built from the module's present
// state, once a process. The environment variable GERL_BIN names a finished
// one instead.
var BuildGerl = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("GERL_BIN"); bin != "" {
		return bin, nil
	}
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "gerl-bin-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "gerl")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/gerl")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // static, as users build it
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/gerl: %v\n%s", err, out)
	}
	return bin, nil
})

// RemoveGerl deletes what BuildGerl has built; for TestMain.
func RemoveGerl() {
	if bin, err := BuildGerl(); err == nil && os.Getenv("GERL_BIN") == "" {
		os.RemoveAll(filepath.Dir(bin))
	}
}

// Gerl is the implementation under test.
type Gerl struct{ Bin string }

// Name implements Implementation.
func (Gerl) Name() string { return "gerl" }

// CompileAll implements Implementation. One command compiles all files; what
// is missing afterwards is tried again alone, so that one bad file does not
// hide the others.
func (g Gerl) CompileAll(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.erl"))
	if err != nil {
		return "", err
	}
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	g.compile(dir, files...)
	var said strings.Builder
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, strings.TrimSuffix(f, ".erl")+".beam")); err != nil {
			said.WriteString(g.compile(dir, f))
		}
	}
	return said.String(), nil
}

func (g Gerl) compile(dir string, files ...string) string {
	cmd := exec.Command(g.Bin, append([]string{"compile"}, files...)...)
	cmd.Dir, cmd.Env = dir, environment()
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return fmt.Sprintf("%s: %v\n", strings.Join(files, " "), err)
	}
	return string(out)
}

// Diagnostics implements Implementation.
func (g Gerl) Diagnostics(dir string, numbers []int) (map[int]string, error) {
	said := map[int]string{}
	for _, n := range numbers {
		said[n] = g.compile(filepath.Join(dir, strconv.Itoa(n)), "chunk.erl")
	}
	return said, nil
}

// Main implements Implementation.
func (g Gerl) Main(ctx context.Context, dir, module, argument string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.Bin, "-noshell", "-pa", ".", "-run", module, "main", argument)
	cmd.Dir, cmd.Env = dir, environment()
	return cmd
}

// OTP is Erlang/OTP's own implementation, the oracle. A Root other than ""
// is a folder that holds another installation: commands run with it as their
// root folder, and modules are copied into its /tmp.
type OTP struct {
	Root    string
	Dir     string // of the commands, if they are not those on the PATH
	Release int
}

// OTPAt is the OTP whose erl is the given command; erlc is looked for beside it.
func OTPAt(erl string) (*OTP, error) {
	path, err := exec.LookPath(erl)
	if err != nil {
		return nil, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return find(&OTP{Dir: filepath.Dir(path)})
}

// FindOTP looks for erl: on the PATH, or in the folder that root names. It
// returns nil without an error if there is none.
func FindOTP(root string) (*OTP, error) {
	o := &OTP{Root: root}
	if root == "" {
		if _, err := exec.LookPath("erl"); err != nil {
			return nil, nil
		}
	}
	return find(o)
}

// find asks an OTP for its release.
func find(o *OTP) (*OTP, error) {
	cmd := o.command(context.Background(), "erl", "-noshell", "-eval",
		`io:put_chars(erlang:system_info(otp_release)), halt().`)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("erl does not start: %w", err)
	}
	o.Release, err = strconv.Atoi(string(bytes.TrimSpace(out)))
	return o, err
}

func (o *OTP) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if o.Dir != "" {
		name = filepath.Join(o.Dir, name)
	}
	if o.Root != "" {
		args = append([]string{o.Root, name}, args...)
		name = "chroot"
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environment()
	return cmd
}

// Name implements Implementation.
func (o *OTP) Name() string { return fmt.Sprintf("OTP %d", o.Release) }

// TempDir makes a folder that the implementation can reach.
func (o *OTP) TempDir() (string, error) {
	return os.MkdirTemp(filepath.Join("/", o.Root, os.TempDir()), "gerl-chunks-")
}

// inside is the folder as the implementation sees it.
func (o *OTP) inside(dir string) string { return strings.TrimPrefix(dir, o.Root) }

// CompileAll implements Implementation.
func (o *OTP) CompileAll(dir string) (string, error) { return o.oracle("main", dir) }

func (o *OTP) oracle(function, dir string) (string, error) {
	tool := filepath.Join(dir, "tool")
	if err := write(filepath.Join(tool, "oracle.erl"), oracleSource); err != nil {
		return "", err
	}
	if out, err := o.command(context.Background(), "erlc", "-o", o.inside(tool), o.inside(tool)+"/oracle.erl").CombinedOutput(); err != nil {
		return "", fmt.Errorf("erlc oracle.erl: %v\n%s", err, out)
	}
	out, err := o.command(context.Background(), "erl", "-noshell", "-pa", o.inside(tool), "-run", "oracle", function, o.inside(dir)).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("oracle:%s: %v\n%s", function, err, out)
	}
	return string(out), nil
}

// Diagnostics implements Implementation.
func (o *OTP) Diagnostics(dir string, numbers []int) (map[int]string, error) {
	out, err := o.oracle("report", dir)
	if err != nil {
		return nil, err
	}
	said := map[int]string{}
	for _, part := range strings.Split(out, "@@begin ")[1:] {
		number, text, _ := strings.Cut(part, "\n")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("the oracle's report: %q", part)
		}
		said[n] = strings.TrimSuffix(text, "@@end\n")
	}
	return said, nil
}

// Main implements Implementation.
func (o *OTP) Main(ctx context.Context, dir, module, argument string) *exec.Cmd {
	cmd := o.command(ctx, "erl", "+sbwt", "none", "-noshell", "-pa", o.inside(dir), "-run", module, "main", argument)
	if o.Root == "" {
		cmd.Dir = dir // files that programs write are not to lie among the sources
	}
	return cmd
}

// Crossed compiles with one implementation and runs on the other: when a
// chunk fails it tells which half is guilty.
type Crossed struct{ Compiler, Machine Implementation }

// Name implements Implementation.
func (x Crossed) Name() string {
	return fmt.Sprintf("compiled by %s, run by %s", x.Compiler.Name(), x.Machine.Name())
}

// CompileAll implements Implementation.
func (x Crossed) CompileAll(dir string) (string, error) { return x.Compiler.CompileAll(dir) }

// Diagnostics implements Implementation.
func (x Crossed) Diagnostics(dir string, numbers []int) (map[int]string, error) {
	return x.Compiler.Diagnostics(dir, numbers)
}

// Main implements Implementation.
func (x Crossed) Main(ctx context.Context, dir, module, argument string) *exec.Cmd {
	return x.Machine.Main(ctx, dir, module, argument)
}
