package diag

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"unicode/utf8"
)

// Pos is a compact source position. The zero value NoPos means "nowhere".
// A positive Pos is a byte offset into one of the files of a FileSet; a
// negative one names an entry of the set's table of synthetic locations
// (see FileSet.Synthetic). Positive positions of one file compare in source
// order; use FileSet.Before where synthetic positions can occur.
type Pos int32

// NoPos is the position of things that have none.
const NoPos Pos = 0

// IsValid reports whether p denotes a location at all.
func (p Pos) IsValid() bool { return p != NoPos }

// Position is a resolved Pos. Line and Column count from 1 and Column counts
// code points; Column 0 means that only the line is known.
type Position struct {
	File   string
	Line   int
	Column int
}

// String renders the position as erlc writes it: file:line:column.
func (p Position) String() string {
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Span is a range of source text, End exclusive. End may be NoPos when only
// the start is known.
type Span struct{ Start, End Pos }

// At returns the span that knows only its start.
func At(p Pos) Span { return Span{Start: p} }

// Synthetic is a location without source text of its own: positions in forms
// that came from a parse transform, from tokens that Erlang code built, or
// from code that the compiler generated.
type Synthetic struct {
	File      string // "" when unknown
	Line, Col int    // Col 0: line only; Line may be 0 or negative
	Text      string // the annotation's text item, with HasText
	HasText   bool
	Generated bool // annotated {generated,true}: no warnings wanted
	Record    bool // annotated {record,true}: expansion of a record operation
	Origin    Pos  // the place in a file that this stands for, if there is one
}

// File is one registered source text. Text is UTF-8, whatever the encoding on
// disk was. A File is immutable once lexed, except for AddLine and
// SetLocation, which the lexer and the preprocessor call while they read it.
type File struct {
	set  *FileSet
	name string
	base Pos
	text []byte

	lines []int32    // offset of each line's first byte; lines[0] == 0
	moves []lineMove // -file attributes, by offset
	first int        // number of the first line (1 unless set)
	col   int        // column of the first character (1 unless set)
}

// lineMove says that from offset on, the line that physically has number
// phys is called line in file name.
type lineMove struct {
	offset     int32
	phys, line int
	name       string
}

// Name is the name under which the file was registered.
func (f *File) Name() string { return f.name }

// Text is the source, UTF-8. It must not be written to.
func (f *File) Text() []byte { return f.text }

// Size is the number of bytes of the text.
func (f *File) Size() int { return len(f.text) }

// Pos gives the compact position of a byte offset, 0 <= offset <= Size.
func (f *File) Pos(offset int) Pos { return f.base + Pos(offset) }

// Offset is the inverse of Pos.
func (f *File) Offset(p Pos) int { return int(p - f.base) }

// LineStart gives the offset of the first byte of physical line n (from 1),
// or -1 when there is no such line.
func (f *File) LineStart(n int) int {
	if n < 1 || n > len(f.lines) {
		return -1
	}
	return int(f.lines[n-1])
}

// PhysicalLine is the number (from 1) of the line that holds offset, not
// changed by -file attributes or a start location.
func (f *File) PhysicalLine(offset int) int {
	return sort.Search(len(f.lines), func(i int) bool { return int(f.lines[i]) > offset })
}

// SetLocation records the effect of a -file(name, line) attribute: the
// physical line that holds offset is called line of file name, and so on
// downwards from there; what follows offset on this line counts its columns
// from it. Calls must come in ascending order of offset.
func (f *File) SetLocation(offset int, name string, line int) {
	f.moves = append(f.moves, lineMove{int32(offset), f.PhysicalLine(offset), line, name})
}

// StartAt makes the text's first character have the given line and column, as
// when a shell reads its third input line. The default is 1, 1.
func (f *File) StartAt(line, column int) { f.first, f.col = line, column }

// Position resolves a byte offset.
func (f *File) Position(offset int) Position {
	n := f.PhysicalLine(offset)
	start := int(f.lines[n-1])
	p := Position{File: f.name, Line: n - 1 + f.first, Column: 1 + utf8.RuneCount(f.text[start:offset])}
	if n == 1 {
		p.Column += f.col - 1
	}
	if len(f.moves) > 0 {
		i := sort.Search(len(f.moves), func(i int) bool { return int(f.moves[i].offset) > offset })
		if i > 0 {
			m := f.moves[i-1]
			p.File, p.Line = m.name, n-m.phys+m.line
			if n == m.phys {
				p.Column = 1 + utf8.RuneCount(f.text[m.offset:offset])
			}
		}
	}
	return p
}

// FileSet owns the source files of one compilation (or one shell) and resolves
// positions. It is not safe for concurrent writing; concurrent resolving is
// fine once all files are read.
type FileSet struct {
	files     []*File // ascending base
	next      Pos
	synthetic []Synthetic
	known     map[Synthetic]Pos
}

// NewFileSet returns an empty set.
func NewFileSet() *FileSet { return &FileSet{next: 1} }

// AddFile registers a text (UTF-8) under a name. The same name may be added
// several times: an include file read twice is two Files.
func (s *FileSet) AddFile(name string, text []byte) *File {
	f := &File{set: s, name: name, base: s.next, text: text, first: 1, col: 1}
	f.lines = make([]int32, 1, 1+bytes.Count(text, []byte{'\n'}))
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
		f.lines = append(f.lines, int32(i))
	}
	s.files = append(s.files, f)
	s.next += Pos(len(text)) + 1
	return f
}

// Names lists the names of all files, each once.
func (s *FileSet) Names() []string {
	var names []string
	for _, f := range s.files {
		if !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// Synthetic interns a location without text and returns its position.
func (s *FileSet) Synthetic(loc Synthetic) Pos {
	if p, ok := s.known[loc]; ok {
		return p
	}
	if s.known == nil {
		s.known = make(map[Synthetic]Pos)
	}
	s.synthetic = append(s.synthetic, loc)
	p := Pos(-len(s.synthetic))
	s.known[loc] = p
	return p
}

// SyntheticAt returns the table entry behind a negative position.
func (s *FileSet) SyntheticAt(p Pos) (Synthetic, bool) {
	if p >= 0 || int(-p) > len(s.synthetic) {
		return Synthetic{}, false
	}
	return s.synthetic[-p-1], true
}

// Generated reports whether p is annotated as generated code, for which no
// warnings are wanted.
func (s *FileSet) Generated(p Pos) bool {
	loc, ok := s.SyntheticAt(p)
	return ok && loc.Generated
}

// Origin is the place in a file that p stands for: p itself unless it is
// synthetic, NoPos if there is none.
func (s *FileSet) Origin(p Pos) Pos {
	if loc, ok := s.SyntheticAt(p); ok {
		return loc.Origin
	}
	return p
}

// File returns the file that holds p, or nil.
func (s *FileSet) File(p Pos) *File {
	if p <= 0 {
		return nil
	}
	i := sort.Search(len(s.files), func(i int) bool { return s.files[i].base > p })
	if i == 0 {
		return nil
	}
	f := s.files[i-1]
	if int(p-f.base) > len(f.text) {
		return nil
	}
	return f
}

// Position resolves p. NoPos and foreign positions give the zero Position.
func (s *FileSet) Position(p Pos) Position {
	if f := s.File(p); f != nil {
		return f.Position(int(p - f.base))
	}
	if loc, ok := s.SyntheticAt(p); ok {
		return Position{loc.File, loc.Line, loc.Col}
	}
	return Position{}
}

// Line is Position(p).Line.
func (s *FileSet) Line(p Pos) int { return s.Position(p).Line }

// Locate finds the position of a line and column in the file of that name, the
// one added last if there are several; NoPos if there is no such place or
// -file attributes make the file's own line numbers unclear.
func (s *FileSet) Locate(name string, line, column int) Pos {
	for i := len(s.files) - 1; i >= 0; i-- {
		f := s.files[i]
		if f.name != name {
			continue
		}
		offset := f.LineStart(line)
		if len(f.moves) > 0 || f.first != 1 || f.col != 1 || offset < 0 || column < 1 {
			return NoPos
		}
		for ; column > 1; column-- {
			if offset >= len(f.text) || f.text[offset] == '\n' {
				return NoPos
			}
			_, n := utf8.DecodeRune(f.text[offset:])
			offset += n
		}
		return f.Pos(offset)
	}
	return NoPos
}

// Compare orders two positions of one compilation by line and column: -1, 0
// or 1. A location that knows only its line counts as column 1.
func (s *FileSet) Compare(a, b Pos) int {
	if a == b {
		return 0
	}
	if a > 0 && b > 0 {
		if a < b {
			return -1
		}
		return 1
	}
	p, q := s.Position(a), s.Position(b)
	pc, qc := max(p.Column, 1), max(q.Column, 1)
	switch {
	case p.Line != q.Line:
		if p.Line < q.Line {
			return -1
		}
		return 1
	case pc != qc:
		if pc < qc {
			return -1
		}
		return 1
	}
	return 0
}
