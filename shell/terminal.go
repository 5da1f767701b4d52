// Package shell is the terminal driver of the interactive shell: keys, history, completion, the menu of
// Ctrl-C. What is typed goes to Erlang processes through the I/O protocol, and what they print comes back here;
// expressions are evaluated by stdlib's module shell, not by this package.
//
// Main type: Terminal, the node.Console of a terminal.
//
// It may import node and diag. It is the only package that imports readline.
package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chzyer/readline"
	"github.com/gerl-lang/gerl/node"
)

// Terminal is a console with line editing and history.
type Terminal struct {
	rl  *readline.Instance
	out *node.StreamConsole // what is printed while no line is being edited

	mu       sync.Mutex
	editing  bool
	prompt   string
	lines    []string // lines of an expression that is not finished
	breaking sync.Mutex

	// Abort ends the node at once when the user asks for it.
	Abort func()
	// Complete gives what may follow the text before the cursor: the new texts and how much of the line they
	// have in common with it.
	Complete func(before string) (candidates []string, common int)
	signals  chan os.Signal
}

// IsTerminal reports whether both standard input and output are terminals that can be driven.
func IsTerminal() bool {
	return readline.DefaultIsTerminal() && os.Getenv("TERM") != "dumb"
}

// NewTerminal takes over the terminal. history is the file to keep lines in, "" for none.
func NewTerminal(history string) (*Terminal, error) {
	t := &Terminal{signals: make(chan os.Signal, 1)}
	if history != "" {
		_ = os.MkdirAll(filepath.Dir(history), 0o700)
	}
	rl, err := readline.NewEx(&readline.Config{
		HistoryFile:            history,
		HistoryLimit:           2000,
		DisableAutoSaveHistory: true,
		HistorySearchFold:      true,
		InterruptPrompt:        "^C",
		EOFPrompt:              "",
		AutoComplete:           completer{t},
	})
	if err != nil {
		return nil, err
	}
	t.rl = rl
	t.out = node.NewStreamConsole(nil, os.Stdout, os.Stderr)
	signal.Notify(t.signals, os.Interrupt)
	go func() {
		for range t.signals {
			t.breakMenu()
		}
	}()
	return t, nil
}

// HistoryFile is where the shell's history is kept: GERL_HISTORY, or a file in the user's cache folder.
func HistoryFile() string {
	if f, ok := os.LookupEnv("GERL_HISTORY"); ok {
		return f
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gerl", "history")
}

// Write implements node.Console. While a line is edited the text goes above it.
func (t *Terminal) Write(fd int, text []byte) (busy func(), err error) {
	t.mu.Lock()
	editing := t.editing
	t.mu.Unlock()
	if !editing {
		return t.out.Write(fd, text)
	}
	_, err = t.rl.Write(text)
	return nil, err
}

// Flush implements node.Console.
func (t *Terminal) Flush() { t.out.Flush() }

// Read implements node.Console: one edited line.
func (t *Terminal) Read(prompt string) ([]byte, error) {
	for {
		t.out.Flush()
		line, err := t.edit(prompt)
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			t.lines = nil
			if !t.breakMenu() {
				return nil, node.ErrInterrupted
			}
			continue
		case err != nil:
			return nil, io.EOF
		}
		t.remember(line)
		return []byte(line + "\n"), nil
	}
}

func (t *Terminal) edit(prompt string) (string, error) {
	t.mu.Lock()
	t.editing = true
	t.mu.Unlock()
	if len(t.lines) > 0 && prompt == t.prompt {
		// a further line of the same expression
		t.rl.SetPrompt(strings.Repeat(" ", max(len(prompt)-3, 0)) + ".. ")
	} else {
		t.lines, t.prompt = nil, prompt
		t.rl.SetPrompt(prompt)
	}
	line, err := t.rl.Readline()
	t.mu.Lock()
	t.editing = false
	t.mu.Unlock()
	return line, err
}

// remember puts a finished expression into the history, its lines as one entry.
func (t *Terminal) remember(line string) {
	t.lines = append(t.lines, line)
	all := strings.TrimSpace(strings.Join(t.lines, " "))
	if all == "" {
		t.lines = nil
		return
	}
	if strings.HasSuffix(all, ".") {
		_ = t.rl.SaveHistory(all)
		t.lines = nil
	}
}

const breakText = "\nBREAK: (a)bort (c)ontinue\n"

// breakMenu asks what Ctrl-C is meant to do. It reports false when the line that was edited is given up.
func (t *Terminal) breakMenu() (goOn bool) {
	if !t.breaking.TryLock() {
		return false
	}
	defer t.breaking.Unlock()
	fmt.Fprint(os.Stdout, breakText)
	t.rl.SetPrompt("")
	line, err := t.rl.Readline()
	switch strings.TrimSpace(line) {
	case "a", "A", "abort":
	case "c", "":
		if err == nil {
			return false
		}
	default:
		return false
	}
	t.Close()
	if t.Abort != nil {
		t.Abort()
	}
	return false
}

// Close gives the terminal back in the state it had.
func (t *Terminal) Close() {
	signal.Stop(t.signals)
	_ = t.rl.Close()
}

// Geometry implements node.Console.
func (t *Terminal) Geometry() (columns, rows int, ok bool) {
	w, h, err := readline.GetSize(int(os.Stdout.Fd()))
	if err != nil || w <= 0 {
		return 0, 0, false
	}
	return w, h, true
}

// IsTerminal implements node.Console.
func (t *Terminal) IsTerminal() bool { return true }

// completer adapts Complete to readline.
type completer struct{ t *Terminal }

// Do implements readline.AutoCompleter.
func (c completer) Do(line []rune, pos int) (newLine [][]rune, length int) {
	if c.t.Complete == nil {
		return nil, 0
	}
	candidates, common := c.t.Complete(string(line[:pos]))
	for _, s := range candidates {
		newLine = append(newLine, []rune(s)[common:])
	}
	return newLine, common
}
