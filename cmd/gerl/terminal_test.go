//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// screen is what a terminal of 80 columns shows; lines that scroll away stay. It understands the control sequences that line editors use.
type screen struct {
	mu       sync.Mutex
	rows     [][]rune
	row, col int
	wrapped  bool // the last column was written: the next character goes to a new line
	pending  []byte
	last     time.Time
	fresh    bool         // something came since the last line was typed
	answers  func(string) // replies to queries
}

const screenWidth = 80

func (s *screen) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.fresh = time.Now(), true
	s.pending = append(s.pending, data...)
	for len(s.pending) > 0 {
		n := s.step(string(s.pending))
		if n == 0 {
			break
		}
		s.pending = s.pending[n:]
	}
	return len(data), nil
}

var sequence = regexp.MustCompile(`^\x1b\[([?>=]?)([\d;]*)([@-~])`)

// step takes one character or sequence; 0 means that more is needed.
func (s *screen) step(text string) int {
	switch c := text[0]; {
	case c == '\x1b':
		if m := sequence.FindStringSubmatch(text); m != nil {
			if m[1] == "" {
				s.control(m[2], m[3][0])
			}
			return len(m[0])
		}
		switch {
		case len(text) < 2 || text[1] == '[' && len(text) < 16:
			return 0
		case text[1] == ']':
			if i := strings.IndexFunc(text, func(r rune) bool { return r == 7 || r == 0x9c }); i >= 0 {
				return i + 1
			}
			return 0
		}
		return 2
	case c == '\r':
		s.col, s.wrapped = 0, false
	case c == '\n':
		s.row++
		s.wrapped = false
	case c == '\b':
		s.col = max(s.col-1, 0)
		s.wrapped = false
	case c == '\t':
		s.col = min((s.col/8+1)*8, screenWidth-1)
	case c < ' ':
	default:
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && len(text) < 4 {
			return 0
		}
		s.put(r)
		return size
	}
	return 1
}

func (s *screen) line() []rune {
	for len(s.rows) <= s.row {
		s.rows = append(s.rows, nil)
	}
	for len(s.rows[s.row]) < screenWidth {
		s.rows[s.row] = append(s.rows[s.row], ' ')
	}
	return s.rows[s.row]
}

func (s *screen) put(r rune) {
	if s.wrapped {
		s.row++
		s.col, s.wrapped = 0, false
	}
	s.line()[s.col] = r
	if s.col++; s.col == screenWidth {
		s.col, s.wrapped = screenWidth-1, true
	}
}

func (s *screen) control(args string, final byte) {
	n := 1
	if first, _, _ := strings.Cut(args, ";"); first != "" {
		n, _ = strconv.Atoi(first)
	}
	zero := args == "" || n == 0
	line := s.line()
	switch final {
	case 'A':
		s.row = max(s.row-n, 0)
	case 'B':
		s.row += n
	case 'C':
		s.col = min(s.col+n, screenWidth-1)
	case 'D':
		s.col = max(s.col-n, 0)
	case 'G':
		s.col = max(n-1, 0)
	case 'K':
		from, to := s.col, screenWidth
		if !zero {
			from = 0
			if n == 1 {
				to = s.col + 1
			}
		}
		for i := from; i < to; i++ {
			line[i] = ' '
		}
	case 'J':
		if zero {
			for i := s.col; i < screenWidth; i++ {
				line[i] = ' '
			}
			s.rows = s.rows[:s.row+1]
		}
	case 'P':
		copy(line[s.col:], line[min(s.col+n, screenWidth):])
		for i := max(screenWidth-n, s.col); i < screenWidth; i++ {
			line[i] = ' '
		}
	case '@':
		copy(line[min(s.col+n, screenWidth):], line[s.col:])
		for i := s.col; i < min(s.col+n, screenWidth); i++ {
			line[i] = ' '
		}
	case 'n':
		if n == 6 && s.answers != nil {
			s.answers(fmt.Sprintf("\x1b[%d;%dR", min(s.row+1, 200), s.col+1))
		}
	}
	if final != 'm' {
		s.wrapped = false
	}
}

// text is all that the terminal shows; trailing blanks are left out, but for the blank behind a prompt.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out strings.Builder
	for _, r := range s.rows {
		out.WriteString(strings.TrimRight(string(r), " ") + "\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// atPrompt reports whether the cursor stands behind a prompt and nothing has come for a while.
func (s *screen) atPrompt(quiet time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.fresh || time.Since(s.last) < quiet {
		return false
	}
	s.line()
	above := ""
	if s.row > 0 {
		above = string(s.rows[s.row-1])
	}
	return prompts.MatchString(string(s.rows[s.row][:s.col])) || s.col == 0 && strings.Contains(above, "(l)oaded")
}

var prompts = regexp.MustCompile(`^(?:.*\d+> |\s*\.\. .*|\s*--> )$`)

// openTerminal makes a pseudo-terminal of 80 columns.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	number, unlock := 0, 0
	ioctl := func(request uintptr, arg unsafe.Pointer) {
		_, _, e := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(arg))
		require.Zero(t, e)
	}
	ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(syscall.TIOCGPTN, unsafe.Pointer(&number))
	size := [4]uint16{200, screenWidth}
	ioctl(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	return master, slave
}

// keys of an input line: ^G, ^C, ^D and the like stand for control characters, ^I for completion; a line that ends with ^@ is sent without return.
var controlKey = regexp.MustCompile(`\^([A-Z\[])`)

// talk types lines at a program on a pseudo-terminal, each when it prompts, and gives what the terminal shows.
func talk(t *testing.T, command []string, env []string, input string, quiet time.Duration) string {
	t.Helper()
	master, slave := openTerminal(t)
	defer master.Close() //nolint:errcheck // a test
	scr := &screen{last: time.Now()}
	scr.answers = func(reply string) { _, _ = master.WriteString(reply) }
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	_ = slave.Close()
	ended := make(chan struct{})
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := master.Read(buf)
			if n > 0 {
				_, _ = scr.Write(buf[:n])
			}
			if err != nil {
				close(ended)
				return
			}
		}
	}()
	wait := func() bool {
		for limit := time.Now().Add(15 * time.Second); time.Now().Before(limit); time.Sleep(3 * time.Millisecond) {
			select {
			case <-ended:
				return false
			default:
			}
			if scr.atPrompt(quiet) {
				return true
			}
		}
		t.Logf("no prompt:\n%s", scr.text())
		return false
	}
	for _, line := range strings.Split(strings.TrimSuffix(input, "\n"), "\n") {
		if !wait() {
			break
		}
		keys := line
		send, raw := strings.CutSuffix(keys, "^@")
		send = controlKey.ReplaceAllStringFunc(send, func(k string) string { return string(rune(k[1] - 'A' + 1)) })
		if !raw {
			send += "\r"
		}
		scr.mu.Lock()
		scr.fresh = false
		scr.mu.Unlock()
		_, _ = master.WriteString(send)
	}
	if wait() {
		_ = cmd.Process.Kill()
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
	return scr.text()
}
