package shell

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// historyLimit is how many entries are kept.
const historyLimit = 2000

// history is the list of earlier inputs, newest last, and its file: one quoted entry a line.
type history struct {
	file    string
	entries []string
	at      int    // where up and down are
	draft   string // what was typed before going up
}

// loadHistory reads the file. Lines that are not quoted stand for themselves.
func loadHistory(file string) *history {
	h := &history{file: file}
	f, err := os.Open(file)
	if file == "" || err != nil {
		return h
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		if s, err := strconv.Unquote(text); err == nil && strings.HasPrefix(text, `"`) {
			text = s
		}
		h.entries = append(h.entries, text)
	}
	if len(h.entries) > historyLimit {
		h.entries = h.entries[len(h.entries)-historyLimit:]
		h.rewrite()
	}
	h.at = len(h.entries)
	return h
}

func (h *history) rewrite() {
	var s strings.Builder
	for _, e := range h.entries {
		s.WriteString(strconv.Quote(e) + "\n")
	}
	_ = os.WriteFile(h.file, []byte(s.String()), 0o600)
}

// add appends an entry unless it repeats the last one.
func (h *history) add(text string) {
	text = strings.TrimRight(text, "\n ")
	if text != "" && (len(h.entries) == 0 || h.entries[len(h.entries)-1] != text) {
		h.entries = append(h.entries, text)
		if h.file != "" {
			_ = os.MkdirAll(filepath.Dir(h.file), 0o700)
			if f, err := os.OpenFile(h.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
				_, _ = f.WriteString(strconv.Quote(text) + "\n")
				_ = f.Close()
			}
		}
	}
	h.at = len(h.entries)
}

// move goes by entries up (-1) or down (1) from the text that is shown.
func (h *history) move(by int, shown string) (string, bool) {
	to := h.at + by
	if to < 0 || to > len(h.entries) {
		return "", false
	}
	if h.at == len(h.entries) {
		h.draft = shown
	}
	h.at = to
	if to == len(h.entries) {
		return h.draft, true
	}
	return h.entries[to], true
}

// find looks for an entry with the text in it, before (-1) or behind (1) the given place.
func (h *history) find(part string, from, by int) int {
	for i := from; i >= 0 && i < len(h.entries); i += by {
		if strings.Contains(h.entries[i], part) {
			return i
		}
	}
	return -1
}
