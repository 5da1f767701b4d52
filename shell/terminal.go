// Package shell is the terminal driver of the interactive shell: keys, editing, history, the display of
// completions, the menu of Ctrl-C. What is typed goes to Erlang processes through the I/O protocol, and what they print comes back
// here; expressions are evaluated, and completions found, by Erlang modules of the library.
//
// Main type: Terminal, the node.Console of a terminal.
//
// It may import node and diag. It is the only package that imports readline, of which it takes the terminal's modes and size.
package shell

import (
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chzyer/readline"
	"github.com/gerl-lang/gerl/node"
)

// Terminal is a console with an editor for input of several lines, and history.
type Terminal struct {
	out     *node.StreamConsole // writes to the device
	history *history
	keys    chan key
	saved   *readline.State
	window  chan os.Signal

	attention chan struct{} // Ctrl-G was pressed

	mu      sync.Mutex // guards what follows, and the screen
	ed      editor
	editing bool
	inMenu  bool
	tail    string // the last line of the output, if it is not finished
	width   int
	hints   bool // for newcomers, unless GERL_HINTS=off
	colour  bool // unless NO_COLOR is set

	// Stop ends the node at once when the user asks for it.
	Stop func(status int)
	// Info gives the text for a key of the menu of Ctrl-C.
	Info func(key rune) string
}

// IsTerminal reports whether both standard input and output are terminals that can be driven.
func IsTerminal() bool {
	return readline.DefaultIsTerminal() && os.Getenv("TERM") != "dumb"
}

// NewTerminal takes over the terminal. history is the file to keep lines in, "" for none.
func NewTerminal(history string) (*Terminal, error) {
	saved, err := readline.MakeRaw(readline.GetStdin())
	if err != nil {
		return nil, err
	}
	t := &Terminal{
		out:       node.NewStreamConsole(nil, readline.Stdout, readline.Stdout),
		history:   loadHistory(history),
		keys:      make(chan key, 64<<10),
		attention: make(chan struct{}, 1),
		saved:     saved,
		window:    make(chan os.Signal, 1),
	}
	t.ed.out = consoleWriter{t.out}
	t.ed.columns = func() int { return t.width }
	t.hints = os.Getenv("GERL_HINTS") != "off"
	t.colour = os.Getenv("NO_COLOR") == ""
	t.ed.bold = t.colour
	t.measure()
	pressed := make(chan key, 1024)
	go decodeKeys(readline.Stdin, pressed)
	go t.dispatch(pressed)
	t.watchSize()
	return t, nil
}

// dispatch passes keys on to whoever reads; the two keys that are for nobody's input are seen to at once while nobody reads.
func (t *Terminal) dispatch(pressed <-chan key) {
	for k := range pressed {
		t.mu.Lock()
		idle := !t.editing && !t.inMenu
		switch {
		case idle && k.name == "switch":
			select {
			case t.attention <- struct{}{}:
			default:
			}
		case idle && k.name == "break":
			t.inMenu = true
			go func() {
				t.mu.Lock()
				t.remember("\n")
				_, _ = io.WriteString(t.ed.out, "\r\n")
				t.menu()
				t.inMenu = false
				t.mu.Unlock()
			}()
		default:
			t.mu.Unlock()
			t.keys <- k
			continue
		}
		t.mu.Unlock()
	}
	close(t.keys)
}

// consoleWriter is a writer over a console.
type consoleWriter struct{ c *node.StreamConsole }

func (w consoleWriter) Write(p []byte) (int, error) {
	_, err := w.c.Write(1, p)
	return len(p), err
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

func (t *Terminal) measure() {
	w, _, err := readline.GetSize(int(os.Stdout.Fd()))
	if err != nil || w <= 0 {
		w = 80
	}
	t.width = w
}

// resized draws the text anew after the window has changed its size.
func (t *Terminal) resized() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.measure()
	if t.editing {
		t.ed.draw()
	}
}

// Write implements node.Console. While a line is edited the text goes above it.
func (t *Terminal) Write(fd int, text []byte) (busy func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	prompt := strings.TrimPrefix(t.ed.prompt, t.tail)
	if t.editing {
		t.ed.hide()
		if t.tail != "" {
			text = append([]byte(t.tail), text...)
			t.tail = ""
		}
	}
	t.remember(string(text))
	busy, err = t.out.Write(fd, text)
	if t.editing {
		t.ed.prompt = t.tail + prompt
		t.ed.row = 0
		t.ed.draw()
	}
	return busy, err
}

// remember keeps the unfinished line at the end of the output: a prompt comes behind it.
func (t *Terminal) remember(text string) {
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		t.tail = text[i+1:]
	} else {
		t.tail += text
	}
	if len(t.tail) > 4096 {
		t.tail = ""
	}
}

// Flush implements node.Console.
func (t *Terminal) Flush() { t.out.Flush() }

// Read implements node.Console: an edited line or expression.
func (t *Terminal) Read(r node.ReadRequest) ([]byte, error) {
	t.mu.Lock()
	if r.Resume {
		if r.Insert != "" {
			t.ed.insert(r.Insert)
		}
		t.ed.below = r.Below
		t.ed.draw()
	} else {
		t.ed.secret = r.Mode == node.ReadPassword
		t.ed.start(t.tail+r.Prompt, r.Initial)
		if t.hints && r.Below != "" {
			t.ed.below = t.dim(r.Below)
			t.ed.draw()
		}
	}
	t.editing = true
	defer func() {
		t.editing = false
		t.mu.Unlock()
	}()
	if !r.Resume && r.Initial != "" && r.Mode == node.ReadExpression && finished(r.Initial) {
		t.ed.replace(strings.TrimRight(r.Initial, "\n"))
		t.ed.draw()
		return t.submit(r), nil
	}
	for {
		t.mu.Unlock()
		k, ok := <-t.keys
		t.mu.Lock()
		if !ok {
			return nil, io.EOF
		}
		if data, err, done := t.press(k, r); done {
			return data, err
		}
	}
}

// press carries out a key; done ends the reading.
func (t *Terminal) press(k key, r node.ReadRequest) (data []byte, err error, done bool) { //nolint:revive,staticcheck // done is about both
	e := &t.ed
	e.below = ""
	switch k.name {
	case "enter":
		if r.Mode == node.ReadExpression && !finished(string(e.text)) {
			e.insert("\n")
			if hint := unfinishedHint(string(e.text)); hint != "" && t.hints {
				e.below = t.dim(hint)
			}
			break
		}
		return t.submit(r), nil, true
	case "switch":
		e.leave()
		t.tail = ""
		return nil, node.ErrSwitched, true
	case "break":
		e.leave()
		t.tail = ""
		t.inMenu = true
		t.menu()
		t.inMenu = false
		e.row = 0
	case "up":
		if !e.vertical(-1) {
			if text, ok := t.history.move(-1, string(e.text)); ok {
				e.replace(text)
			}
		}
	case "down":
		if !e.vertical(1) {
			if text, ok := t.history.move(1, string(e.text)); ok {
				e.replace(text)
			}
		}
	case "search":
		if t.search() {
			return t.submit(r), nil, true
		}
	case "complete":
		if strings.TrimSpace(string(e.text[e.lineStart():e.pos])) == "" && r.Mode == node.ReadExpression && len(e.text) > 0 {
			e.insert("    ")
			break
		}
		return nil, &node.CompletionError{Before: string(e.text[:e.pos])}, true
	case "clear":
		e.hide()
		_, _ = io.WriteString(e.out, "\x1b[H\x1b[2J")
	case "delete-or-end":
		if len(e.text) == 0 && r.Mode != node.ReadExpression {
			e.leave()
			t.tail = ""
			return nil, io.EOF, true
		}
		e.edit(k)
	case "paste-begin":
		t.paste()
	default:
		e.edit(k)
	}
	e.draw()
	return nil, nil, false
}

// dim is a text in a colour that does not ask for attention.
func (t *Terminal) dim(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if rs := []rune(l); len(rs) >= t.width {
			l = string(rs[:t.width-1])
		}
		if t.colour {
			l = "\x1b[2m" + l + "\x1b[0m"
		}
		lines[i] = l
	}
	return strings.Join(lines, "\n")
}

// paste takes what a terminal marks as pasted, line ends and tabs included.
func (t *Terminal) paste() {
	for k := range t.keys {
		switch k.name {
		case "paste-end":
			return
		case "":
			t.ed.insert(string(k.char))
		case "enter":
			t.ed.insert("\n")
		case "complete":
			t.ed.insert("    ")
		}
	}
}

func (t *Terminal) submit(r node.ReadRequest) []byte {
	text := string(t.ed.text)
	t.ed.leave()
	t.tail = ""
	if r.Mode == node.ReadExpression || r.Mode == node.ReadLine {
		t.history.add(text)
	}
	return []byte(text + "\n")
}

// search looks for earlier inputs that hold what is typed; true when the found one is to be carried out.
func (t *Terminal) search() bool {
	e := &t.ed
	before, at := string(e.text), len(t.history.entries)
	part := ""
	look := func(from, by int) {
		if i := t.history.find(part, from, by); i >= 0 {
			at = i
			e.replace(t.history.entries[i])
		}
	}
	for {
		e.below = "search: " + part
		e.draw()
		t.mu.Unlock()
		k, ok := <-t.keys
		t.mu.Lock()
		e.below = ""
		switch {
		case !ok:
			return false
		case k.name == "":
			part += string(k.char)
			look(min(at, len(t.history.entries)-1), -1)
		case k.name == "erase":
			if rs := []rune(part); len(rs) > 0 {
				part = string(rs[:len(rs)-1])
				look(len(t.history.entries)-1, -1)
			}
		case k.name == "search":
			look(at-1, -1)
		case k.name == "search-on":
			look(at+1, 1)
		case k.name == "enter":
			return finished(string(e.text))
		case k.name == "clear-line" || k.name == "switch" || k.name == "break" || k.name == "escape":
			e.replace(before)
			return false
		default:
			t.history.at = min(at, len(t.history.entries))
			e.edit(k)
			return false
		}
	}
}

const menuText = "BREAK: (a)bort (A)bort with dump (c)ontinue (p)roc info (i)nfo\r\n" +
	"       (l)oaded (v)ersion (k)ill (D)b-tables (d)istribution\r\n"

// menu asks what Ctrl-C is meant to do. The caller holds the lock: all other output waits.
func (t *Terminal) menu() {
	_, _ = io.WriteString(t.ed.out, menuText)
	for {
		t.mu.Unlock()
		k, ok := <-t.keys
		t.mu.Lock()
		switch {
		case !ok || k.char == 'a' || k.char == 'A' || k.name == "break":
			if k.char != 0 {
				_, _ = io.WriteString(t.ed.out, string(k.char)+"\r\n")
			}
			t.mu.Unlock()
			if t.Stop != nil {
				t.Stop(0)
			}
			select {} // the node ends
		case k.char == 'c' || k.name == "enter":
			if k.char == 'c' {
				_, _ = io.WriteString(t.ed.out, "c\r\n")
				t.skipEnter()
			}
			return
		case k.char != 0 && t.Info != nil:
			_, _ = io.WriteString(t.ed.out, strings.ReplaceAll(t.Info(k.char), "\n", "\r\n")+menuText)
			t.skipEnter()
		}
	}
}

// skipEnter drops the return key that was pressed right behind a choice.
func (t *Terminal) skipEnter() {
	select {
	case k := <-t.keys:
		if k.name != "enter" {
			t.keys <- k
		}
	default:
	}
}

// Attention implements node.Console: it blocks until the user wants another job.
func (t *Terminal) Attention() bool {
	<-t.attention
	return true
}

// Close gives the terminal back in the state it had.
func (t *Terminal) Close() {
	signal.Stop(t.window)
	t.out.Flush()
	_ = readline.Restore(readline.GetStdin(), t.saved)
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
