//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A shell of another node reads and writes here: by -remsh from a pipe, and by the menu of Ctrl-G on a terminal. Nodes of gerl, and where erl is
// installed one of each both ways.
func TestRemoteShell(t *testing.T) {
	c := newCluster(t)
	pairs := map[string][2]string{"gerl and gerl": {c.gerl, c.gerl}}
	if erl, err := exec.LookPath("erl"); err == nil {
		pairs["gerl and erl"] = [2]string{c.gerl, erl}
		pairs["erl and gerl"] = [2]string{erl, c.gerl}
	}
	for name, p := range pairs {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.t = t
			if p[0] == c.gerl {
				for _, named := range [][]string{nil, {"-sname", c.name() + "@localhost"}} {
					node, _ := c.start(p[1]) // a new one each time: the end of the input ends OTP 25's
					cmd := c.command(p[0], append(named, "-remsh", node)...)
					cmd.Stdin = strings.NewReader("node().\nio:get_line('').\nabc\nself() ! X = 7, flush().\n")
					out, err := cmd.CombinedOutput()
					require.NoError(t, err, "%s", out)
					for _, part := range []string{"(" + node + ")1> '" + node, `"abc\n"`, "Shell got 7", "Shell process terminated!"} {
						require.Contains(t, strings.ReplaceAll(string(out), ")1> "+node, ")1> '"+node), part)
					}
				}
			}
			if testing.Short() {
				return
			}
			node, _ := c.start(p[1])
			self := c.name() + "@localhost"
			steps := []string{
				"node().", "^G^@", "h", "r '" + node + "'", "j", "c", "node().", "lists:keydel^I1, 1, [{1}]).", "1/0.",
			}
			if p[0] == c.gerl { // OTP shows no new prompt when a job goes on
				steps = append(steps, "^G^@", "c 1", "{back, node()}.")
			} else {
				steps = append(steps, "{back, '"+self+"'}.")
			}
			text := talk(t, []string{p[0], "-sname", self}, c.env, strings.Join(steps, "\n")+"\n", 300*time.Millisecond)
			for _, part := range []string{"   2* {" + node + ",shell,start,[]}", "(" + node + ")2> lists:keydelete(1, 1, [{1}]).\n[]",
				"called as 1 / 0", "{back," + self + "}"} {
				require.Contains(t, strings.ReplaceAll(text, "'", ""), part, "%s", text)
			}
			if p[0] == c.gerl {
				text = talk(t, []string{p[0], "-sname", c.name() + "@localhost"}, c.env, "^G^@\nr nobody@localhost\nr 1\nr a b c\nc\n", 300*time.Millisecond)
				require.Contains(t, text, "Could not connect to node nobody@localhost\n")
				require.Equal(t, 2, strings.Count(text, "Unknown command\n"), "%s", text)
			}
		})
	}
}

// A node that cannot be reached is told of, and the status is that of a failure.
func TestRemoteShellNowhere(t *testing.T) {
	c := newCluster(t)
	out, err := c.command(c.gerl, "-remsh", "nobody@localhost").CombinedOutput()
	require.Error(t, err)
	require.Equal(t, "Could not connect to \"nobody@localhost\"\n", string(out))
}
