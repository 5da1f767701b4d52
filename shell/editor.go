package shell

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// editor holds the text of several lines that is being edited, and draws it.
type editor struct {
	out     io.Writer
	columns func() int

	prompt string
	text   []rune
	pos    int
	killed []rune
	bold   bool   // the prompt is shown in bold
	secret bool   // nothing is echoed
	below  string // shown under the text until the next key: candidates, a search

	row  int // where the cursor stands, counted from the first row of the prompt
	rows int

	seen picture // what stands on the terminal
}

// picture is what the editor has drawn; the zero picture is nothing that could be built upon.
type picture struct {
	rows     []string
	row, col int
	columns  int
}

// start shows a prompt with a text to edit.
func (e *editor) start(prompt, text string) {
	if i := strings.LastIndexByte(prompt, '\n'); i >= 0 {
		fmt.Fprint(e.out, strings.ReplaceAll(prompt[:i+1], "\n", "\r\n"))
		prompt = prompt[i+1:]
	}
	e.prompt, e.text, e.below = prompt, []rune(text), ""
	e.pos = len(e.text)
	e.row, e.rows = 0, 1
	e.seen = picture{}
	e.draw()
}

// continuation stands before the further lines of an expression while it is typed, blanks once it is finished.
func (e *editor) continuation(done bool) string {
	n := width([]rune(e.prompt))
	if done || n < 3 {
		return strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n-3) + ".. "
}

// layout breaks the text into rows of the terminal and finds the cursor's place.
func (e *editor) layout(done bool) (rows []string, row, col int) {
	cols := max(e.columns(), 10)
	var line strings.Builder
	n := 0
	flush := func() {
		rows = append(rows, line.String())
		line.Reset()
		n = 0
	}
	put := func(r rune) {
		w := runeWidth(r)
		if n+w > cols {
			flush()
		}
		line.WriteRune(r)
		n += w
	}
	for _, r := range e.prompt {
		put(r)
	}
	for i, r := range e.text {
		if i == e.pos {
			row, col = len(rows), n
		}
		switch {
		case e.secret:
		case r == '\n':
			flush()
			for _, r := range e.continuation(done) {
				put(r)
			}
		case r == '\t':
			put(' ')
		default:
			put(r)
		}
	}
	if e.pos == len(e.text) {
		row, col = len(rows), n
	}
	flush()
	if col >= cols && !done {
		row, col = row+1, 0
		if row == len(rows) {
			rows = append(rows, "")
		}
	}
	return rows, row, col
}

// draw shows prompt and text anew.
func (e *editor) draw() { e.show(false) }

func (e *editor) show(done bool) {
	var s strings.Builder
	if e.row > 0 {
		fmt.Fprintf(&s, "\x1b[%dA", e.row)
	}
	rows, row, col := e.layout(done)
	now := picture{slices.Clone(rows), row, col, e.columns()}
	if e.below == "" || done {
		if step, ok := e.seen.step(now); ok {
			e.row, e.rows, e.seen = row, len(rows), now
			_, _ = io.WriteString(e.out, step)
			return
		}
	}
	if e.bold && e.prompt != "" && strings.HasPrefix(rows[0], e.prompt) {
		rows[0] = "\x1b[1m" + e.prompt + "\x1b[0m" + rows[0][len(e.prompt):]
	}
	s.WriteString("\r\x1b[J" + strings.Join(rows, "\r\n"))
	below := 0
	if e.below != "" && !done {
		lines := strings.Split(strings.TrimRight(e.below, "\n"), "\n")
		below = len(lines)
		s.WriteString("\r\n" + strings.Join(lines, "\r\n"))
	}
	up := len(rows) - 1 - row + below
	if up > 0 {
		fmt.Fprintf(&s, "\x1b[%dA", up)
	}
	if up > 0 || col != width([]rune(now.rows[row])) || col >= now.columns {
		s.WriteString("\r")
		if col > 0 {
			fmt.Fprintf(&s, "\x1b[%dC", col)
		}
	}
	e.row, e.rows, e.seen = row, len(rows), now
	if below > 0 {
		e.seen = picture{}
	}
	_, _ = io.WriteString(e.out, s.String())
}

// step is what has to be written if the next picture is this one with characters behind its end or with the cursor at another place
// in its row: a terminal that is slow, or whose output is kept, then gets no more than what is new.
func (p picture) step(next picture) (string, bool) {
	last := len(p.rows) - 1
	if last < 0 || len(next.rows) != len(p.rows) || next.columns != p.columns || next.row != p.row || next.col >= p.columns || p.col >= p.columns ||
		!slices.Equal(p.rows[:last], next.rows[:last]) {
		return "", false
	}
	added, ok := strings.CutPrefix(next.rows[last], p.rows[last])
	switch {
	case !ok:
		return "", false
	case added != "":
		atEnd := p.row == last && p.col == width([]rune(p.rows[last])) && next.col == width([]rune(next.rows[last]))
		return added, atEnd
	case next.col > p.col:
		return fmt.Sprintf("\x1b[%dC", next.col-p.col), true
	case next.col < p.col:
		return fmt.Sprintf("\x1b[%dD", p.col-next.col), true
	}
	return "", true
}

// hide removes prompt and text from the screen, for output that comes meanwhile.
func (e *editor) hide() {
	if e.row > 0 {
		fmt.Fprintf(e.out, "\x1b[%dA", e.row)
	}
	_, _ = io.WriteString(e.out, "\r\x1b[J")
	e.row, e.seen = 0, picture{}
}

// leave puts the cursor under the text.
func (e *editor) leave() {
	e.pos, e.below = len(e.text), ""
	e.show(true)
	_, _ = io.WriteString(e.out, "\r\n")
	e.row, e.seen = 0, picture{}
}

func (e *editor) insert(s string) {
	rs := []rune(s)
	e.text = append(e.text[:e.pos], append(rs, e.text[e.pos:]...)...)
	e.pos += len(rs)
}

func (e *editor) remove(from, to int, keep bool) {
	if from >= to {
		return
	}
	if keep {
		e.killed = append([]rune(nil), e.text[from:to]...)
	}
	e.text = append(e.text[:from], e.text[to:]...)
	e.pos = from
}

func (e *editor) replace(text string) {
	e.text = []rune(text)
	e.pos = len(e.text)
}

// lineStart and lineEnd are the ends of the line that the cursor is in.
func (e *editor) lineStart() int {
	i := e.pos
	for i > 0 && e.text[i-1] != '\n' {
		i--
	}
	return i
}

func (e *editor) lineEnd() int {
	i := e.pos
	for i < len(e.text) && e.text[i] != '\n' {
		i++
	}
	return i
}

func wordRune(r rune) bool { return r == '_' || r == '@' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (e *editor) wordLeft() int {
	i := e.pos
	for i > 0 && !wordRune(e.text[i-1]) {
		i--
	}
	for i > 0 && wordRune(e.text[i-1]) {
		i--
	}
	return i
}

func (e *editor) wordRight() int {
	i := e.pos
	for i < len(e.text) && !wordRune(e.text[i]) {
		i++
	}
	for i < len(e.text) && wordRune(e.text[i]) {
		i++
	}
	return i
}

// vertical moves the cursor a line up or down; false at the first or last line.
func (e *editor) vertical(by int) bool {
	start := e.lineStart()
	col := e.pos - start
	if by < 0 {
		if start == 0 {
			return false
		}
		e.pos = start - 1
		s := e.lineStart()
		e.pos = min(s+col, start-1)
		return true
	}
	end := e.lineEnd()
	if end == len(e.text) {
		return false
	}
	e.pos = end + 1
	e.pos = min(end+1+col, e.lineEnd())
	return true
}

// edit carries out a key that changes the text or moves in it; false if it is none of these.
func (e *editor) edit(k key) bool {
	switch k.name {
	case "":
		e.insert(string(k.char))
	case "left":
		e.pos = max(e.pos-1, 0)
	case "right":
		e.pos = min(e.pos+1, len(e.text))
	case "home":
		e.pos = e.lineStart()
	case "end":
		e.pos = e.lineEnd()
	case "first":
		e.pos = 0
	case "last":
		e.pos = len(e.text)
	case "word-left":
		e.pos = e.wordLeft()
	case "word-right":
		e.pos = e.wordRight()
	case "line-up":
		e.vertical(-1)
	case "line-down":
		e.vertical(1)
	case "erase":
		e.remove(max(e.pos-1, 0), e.pos, false)
	case "delete", "delete-or-end":
		e.remove(e.pos, min(e.pos+1, len(e.text)), false)
	case "erase-word":
		e.remove(e.wordLeft(), e.pos, true)
	case "delete-word":
		e.remove(e.pos, e.wordRight(), true)
	case "kill":
		end := e.lineEnd()
		if end == e.pos && end < len(e.text) {
			end++
		}
		e.remove(e.pos, end, true)
	case "kill-before":
		e.remove(e.lineStart(), e.pos, true)
	case "clear-line":
		e.remove(0, len(e.text), true)
	case "yank":
		e.insert(string(e.killed))
	case "swap":
		if e.pos > 0 && len(e.text) > 1 {
			at := min(e.pos, len(e.text)-1)
			e.text[at-1], e.text[at] = e.text[at], e.text[at-1]
			e.pos = at + 1
		}
	case "swap-words":
		e.swapWords()
	case "new-line":
		e.insert("\n")
	default:
		return false
	}
	return true
}

// swapWords exchanges the word before the cursor with the one behind it.
func (e *editor) swapWords() {
	end := e.wordRight()
	at := e.pos
	e.pos = end
	second := e.wordLeft()
	e.pos = second
	first := e.wordLeft()
	firstEnd := first
	for firstEnd < second && wordRune(e.text[firstEnd]) {
		firstEnd++
	}
	if first == firstEnd || second == end || first == second {
		e.pos = at
		return
	}
	var swapped []rune
	swapped = append(swapped, e.text[:first]...)
	swapped = append(swapped, e.text[second:end]...)
	swapped = append(swapped, e.text[firstEnd:second]...)
	swapped = append(swapped, e.text[first:firstEnd]...)
	e.text = append(swapped, e.text[end:]...)
	e.pos = end
}

func width(rs []rune) int {
	n := 0
	for _, r := range rs {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many columns a character takes.
func runeWidth(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return 0
	case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd):
		return 2
	}
	return 1
}
