package eval

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// The loop must dispatch through a jump table, keep nothing on the stack and call nothing: if a local is live across a
// call anywhere in it, the compiler stores it at every dispatch.
func TestLoopAssembly(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("written for amd64")
	}
	if testing.Short() {
		t.Skip("builds a binary")
	}
	goTool := "go"
	exe := filepath.Join(t.TempDir(), "eval.test") // a test binary as `go test` runs it has no symbols
	if out, err := exec.Command(goTool, "test", "-c", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Skipf("go test -c: %v %s", err, out)
	}
	out, err := exec.Command(goTool, "tool", "objdump", "-s", `eval\.loop$`, exe).Output()
	if err != nil {
		t.Skip("objdump: ", err)
	}
	lines := bytes.Split(out, []byte("\n"))
	table := regexp.MustCompile(`0x([0-9a-f]+)\s.*\tJMP 0\((\w+)\)\((\w+)\*8\)`)
	dispatches := 0
	for i, l := range lines {
		s := string(l)
		if strings.Contains(s, "\tCALL ") && !strings.Contains(s, "runtime.morestack") && !strings.Contains(s, "runtime.panic") &&
			!strings.Contains(s, "runtime.racefunc") {
			t.Errorf("call in the loop: %s", s)
		}
		m := table.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		dispatches++
		end, _ := strconv.ParseUint(m[1], 16, 64)
		start := end
		for k := i - 1; k >= 0 && k > i-8; k-- {
			p := string(lines[k])
			if strings.Contains(p, "JMP") || strings.Contains(p, "RET") {
				break
			}
			if strings.Contains(p, "(SP)") {
				t.Errorf("a spill at the dispatch: %s", p)
			}
			if a := regexp.MustCompile(`0x([0-9a-f]+)\t`).FindStringSubmatch(p); a != nil && strings.Contains(p, "MOVZX 0(") {
				start, _ = strconv.ParseUint(a[1], 16, 64)
			}
		}
		// The block that instructions without a dispatch of their own share, from the load of the opcode to the end of the jump, must lie in
		// one cache line: straddling costs up to 1.9x. Functions begin at multiples of 32, so it must lie between two of these;
		// what loopHead stores in front of it is there to move it.
		if dispatches == 1 && start&^31 != (end+2)&^31 {
			t.Errorf("the dispatch at %#x..%#x may straddle a cache line: change the padding in gen/main.go", start, end+3)
		}
	}
	if dispatches == 0 {
		t.Errorf("no jump table in the loop:\n%s", bytes.Join(lines[:min(len(lines), 40)], []byte("\n")))
	}
	spills := 0
	for _, l := range lines {
		if regexp.MustCompile(`MOVQ \w+, (0x[0-9a-f]+)?0?\(SP\)`).Match(l) {
			spills++
		}
	}
	if spills > 4 {
		t.Errorf("%d stores to the stack in the loop", spills)
	}
}
