package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Brief renders d as one line (without line end) in erlc's wording:
// file:line:column: text, with "Warning: " before the text of a warning.
func Brief(s *FileSet, d *Diagnostic) string {
	var b strings.Builder
	writeBrief(&b, s, d)
	return b.String()
}

func writeBrief(b *strings.Builder, s *FileSet, d *Diagnostic) {
	p := place(s, d)
	if p.Line == 0 && p.Column == 0 {
		b.WriteString(p.File)
	} else {
		b.WriteString(p.String())
	}
	b.WriteString(": ")
	if d.Severity == Warning {
		b.WriteString("Warning: ")
	}
	b.WriteString(d.Text)
}

func place(s *FileSet, d *Diagnostic) Position {
	p := s.Position(d.Pos())
	if d.File != "" {
		p.File = d.File
	}
	return p
}

// WriteBrief writes one line for each diagnostic.
func WriteBrief(w io.Writer, s *FileSet, list []*Diagnostic) error {
	var b strings.Builder
	for _, d := range list {
		writeBrief(&b, s, d)
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteText writes each diagnostic as erlc does: the brief line, then the
// source line and a line with a caret (left out when the source is not
// known), then an empty line. Notes and hints follow the quoted source.
func WriteText(w io.Writer, s *FileSet, list []*Diagnostic) error {
	var b strings.Builder
	for _, d := range list {
		writeBrief(&b, s, d)
		b.WriteByte('\n')
		b.WriteString(Quote(s, d.Pos()))
		for _, n := range d.Notes {
			fmt.Fprintf(&b, "%% note: %s: %s\n", s.Position(n.Span.Start), n.Text)
		}
		for _, h := range d.Hints {
			fmt.Fprintf(&b, "%% hint: %s\n", h)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Quote renders the source line of p and below it a caret, both behind a
// comment sign and the line number, followed by an empty line; "" when the
// text is not at hand, as where a -file attribute names another file.
func Quote(s *FileSet, p Pos) string {
	p = s.Origin(p)
	f := s.File(p)
	if f == nil {
		return ""
	}
	offset := f.Offset(p)
	if f.Position(offset).File != f.name {
		return ""
	}
	n := f.PhysicalLine(offset)
	start := f.LineStart(n)
	text := f.text[start:]
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	text = bytes.TrimSuffix(text, []byte{'\r'})
	if start+len(text) == len(f.text) && len(text) == 0 {
		return ""
	}
	number := fmt.Sprintf("%4d", f.Position(offset).Line)
	var b strings.Builder
	fmt.Fprintf(&b, "%% %s| %s\n", number, text)
	fmt.Fprintf(&b, "%% %s| ", strings.Repeat(" ", len(number)))
	for i, c := range string(text) {
		if start+i >= offset {
			break
		}
		if c == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteString("^\n\n")
	return b.String()
}

// jsonDiagnostic is the shape of one line of WriteJSON.
type jsonDiagnostic struct {
	File     string     `json:"file"`
	Line     int        `json:"line,omitempty"`
	Column   int        `json:"column,omitempty"`
	Severity string     `json:"severity"`
	Code     string     `json:"code"`
	Text     string     `json:"text"`
	Notes    []jsonNote `json:"notes,omitempty"`
	Hints    []string   `json:"hints,omitempty"`
}

type jsonNote struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"`
}

// WriteJSON writes one JSON object per line and diagnostic with the members
// file, line, column, severity ("error" or "warning"), code, text, and, where
// there are any, notes and hints.
func WriteJSON(w io.Writer, s *FileSet, list []*Diagnostic) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, d := range list {
		p := place(s, d)
		j := jsonDiagnostic{
			File: p.File, Line: p.Line, Column: p.Column,
			Severity: d.Severity.String(), Code: string(d.Code), Text: valid(d.Text), Hints: d.Hints,
		}
		for _, n := range d.Notes {
			q := s.Position(n.Span.Start)
			j.Notes = append(j.Notes, jsonNote{q.File, q.Line, q.Column, n.Text})
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
