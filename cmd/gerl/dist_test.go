//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cluster is where the nodes of a test find each other: an epmd of its own, a home with a cookie of its own.
type cluster struct {
	t    *testing.T
	gerl string
	dir  string
	port int
	env  []string
	n    int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, gerl: filepath.Join(install(t), "gerl"), dir: t.TempDir()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	c.env = append(os.Environ(), fmt.Sprintf("ERL_EPMD_PORT=%d", c.port), "HOME="+c.dir)
	epmd := c.command(c.gerl, "epmd", "-relaxed_command_check")
	require.NoError(t, epmd.Start())
	t.Cleanup(func() { _ = epmd.Process.Kill(); _ = epmd.Wait() })
	c.waitFor("epmd", func() bool { _, err := c.names(); return err == nil })
	for _, f := range []string{"interop"} {
		out, err := c.command(c.gerl, "compile", "-o", c.dir, filepath.Join(testFiles(t), "dist", f+".erl")).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	return c
}

func testFiles(t *testing.T) string {
	dir, err := filepath.Abs("../../testdata")
	require.NoError(t, err)
	return dir
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = c.env, c.dir
	return cmd
}

func (c *cluster) waitFor(what string, ok func() bool) {
	c.t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Fatalf("waited for %s in vain", what)
}

func (c *cluster) names() (string, error) {
	out, err := c.command(c.gerl, "epmd", "-names").CombinedOutput()
	return string(out), err
}

// name gives a name for a node.
func (c *cluster) name() string {
	c.n++
	return fmt.Sprintf("n%d_%d", c.n, os.Getpid())
}

// said is what a node prints; it may be read meanwhile.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start starts a node and waits until it is up; it is killed at the end of the test. The full name comes back, and what it prints.
func (c *cluster) start(program string, args ...string) (node string, output *said) {
	c.t.Helper()
	name := c.name()
	cmd := c.command(program, append([]string{"-sname", name + "@localhost", "-noshell", "-noinput", "-pa", c.dir, "-eval", `io:format("up~n")`}, args...)...)
	output = &said{}
	cmd.Stdout, cmd.Stderr = output, output
	require.NoError(c.t, cmd.Start())
	c.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c.waitFor(name, func() bool {
		all, _ := c.names()
		return strings.Contains(all, "name "+name+" ") && strings.Contains(output.String(), "up")
	})
	return name + "@localhost", output
}

// run runs a node to its end.
func (c *cluster) run(program string, args ...string) (string, error) {
	cmd := c.command(program, append([]string{"-sname", c.name() + "@localhost", "-noshell", "-pa", c.dir}, args...)...)
	time.AfterFunc(2*time.Minute, func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Two nodes do all that nodes do with each other: two of gerl, and where erl is installed one of each both ways.
func TestInterop(t *testing.T) {
	c := newCluster(t)
	pairs := map[string][2]string{"gerl and gerl": {c.gerl, c.gerl}}
	if erl, err := exec.LookPath("erl"); err == nil {
		pairs["gerl and erl"] = [2]string{c.gerl, erl}
		pairs["erl and gerl"] = [2]string{erl, c.gerl}
	} else {
		t.Log("no erl on the PATH: gerl talks to itself only")
	}
	for name, p := range pairs {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.t = t
			other, said := c.start(p[1])
			out, err := c.run(p[0], "-run", "interop", "main", other)
			require.NoError(t, err, "%s\nthe other node: %s", out, said)
			require.Contains(t, out, "all ok")
		})
	}
}

// A node with another cookie is not let in, and both say so in the way of OTP.
func TestWrongCookie(t *testing.T) {
	c := newCluster(t)
	other, said := c.start(c.gerl, "-setcookie", "one")
	out, err := c.run(c.gerl, "-setcookie", "two", "-eval", `io:format("~p ~p~n", [net_adm:ping('`+other+`'), nodes()]), halt()`)
	require.NoError(t, err, "%s", out)
	require.Contains(t, out, "pang []")
	c.waitFor("the report", func() bool { return strings.Contains(said.String(), "rejected. Invalid challenge reply. **") })
}

func TestNameInUse(t *testing.T) {
	c := newCluster(t)
	name, _ := c.start(c.gerl)
	out, err := c.command(c.gerl, "-sname", name, "-noshell", "-eval", "halt()").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "Protocol 'inet_tcp': the name "+name+" seems to be in use by another Erlang node")
}

// The cookie file is made when there is none; one that others may read is refused.
func TestCookieFile(t *testing.T) {
	c := newCluster(t)
	out, err := c.run(c.gerl, "-eval", `io:format("~s", [erlang:get_cookie()]), halt()`)
	require.NoError(t, err, "%s", out)
	file := filepath.Join(c.dir, ".erlang.cookie")
	made, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, out, string(made))
	require.Regexp(t, "^[A-Z]{20}$", out)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o400), info.Mode().Perm())
	require.NoError(t, os.Chmod(file, 0o644))
	out, err = c.run(c.gerl, "-eval", "halt()")
	require.Error(t, err)
	require.Contains(t, out, "must be accessible by owner only")
}
