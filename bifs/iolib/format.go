package iolib

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
	"github.com/rivo/uniseg"
)

// FormatError tells why a format string and its arguments do not go together. io_lib raises
// badarg for all of them.
type FormatError struct{ Text string }

func (e *FormatError) Error() string { return e.Text }

func bad(s string) error { return &FormatError{s} }

// none stands for a field width or precision that was not given.
const none = -1 << 31

// Spec is one control sequence of a format string with its arguments taken.
type Spec struct {
	Control   rune
	Width     int // none if not given; negative: left adjusted
	Precision int
	Pad       rune
	Unicode   bool      // modifier t
	NoStrings bool      // modifier l
	Order     term.Term // modifier k: undefined; K: its argument; None without
	Args      []term.Term
	PadGiven  bool
}

// Part is a piece of a scanned format string: a literal text or a control sequence.
type Part struct {
	Text string
	Spec *Spec
}

// argCount is how many arguments each control character takes, apart from * and K.
var argCount = map[rune]int{'c': 1, 'f': 1, 'e': 1, 'g': 1, 's': 1, 'w': 1, 'p': 1, 'W': 2, 'P': 2, 'B': 1, 'b': 1,
	'X': 2, 'x': 2, '#': 1, '+': 1, 'i': 1, '~': 0, 'n': 0}

// Scan takes a format string apart and gives each control sequence its arguments.
func Scan(format []rune, args []term.Term) ([]Part, error) {
	var parts []Part
	var lit strings.Builder
	next := func() (term.Term, error) {
		if len(args) == 0 {
			return term.None, bad("wrong number of arguments")
		}
		a := args[0]
		args = args[1:]
		return a, nil
	}
	for i := 0; i < len(format); {
		if format[i] != '~' {
			lit.WriteRune(format[i])
			i++
			continue
		}
		if lit.Len() > 0 {
			parts = append(parts, Part{Text: lit.String()})
			lit.Reset()
		}
		s := scanner{f: format, i: i + 1, next: next}
		spec, err := s.spec()
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{Spec: spec})
		i = s.i
	}
	if lit.Len() > 0 {
		parts = append(parts, Part{Text: lit.String()})
	}
	if len(args) > 0 {
		return nil, bad("wrong number of arguments")
	}
	return parts, nil
}

type scanner struct {
	f    []rune
	i    int
	next func() (term.Term, error)
}

func (s *scanner) peek() rune {
	if s.i < len(s.f) {
		return s.f[s.i]
	}
	return -1
}

func (s *scanner) spec() (*Spec, error) {
	sp := &Spec{Pad: ' ', Precision: none}
	var err error
	left := false
	if s.peek() == '-' {
		left = true
		s.i++
	}
	if sp.Width, err = s.number(); err != nil {
		return nil, err
	}
	if left {
		if sp.Width == none {
			return nil, bad("truncated or invalid field width")
		}
		sp.Width = -abs(sp.Width)
	}
	if s.peek() == '.' {
		s.i++
		if sp.Precision, err = s.number(); err != nil {
			return nil, err
		}
		if s.peek() == '.' {
			s.i++
			sp.PadGiven = true
			if s.peek() == '*' {
				a, err := s.next()
				if err != nil {
					return nil, err
				}
				if !a.IsSmall() {
					return nil, bad("pad character is no character")
				}
				sp.Pad = rune(a.Small())
			} else {
				sp.Pad = s.peek()
			}
			s.i++
		}
	}
	for {
		switch s.peek() {
		case 't':
			sp.Unicode = true
		case 'l':
			sp.NoStrings = true
		case 'k':
			sp.Order = term.AtomUndefined
		case 'K':
			if sp.Order, err = s.next(); err != nil {
				return nil, err
			}
		default:
			return sp, s.control(sp)
		}
		s.i++
	}
}

func (s *scanner) control(sp *Spec) error {
	sp.Control = s.peek()
	s.i++
	n, ok := argCount[sp.Control]
	if !ok {
		return bad("unknown control sequence")
	}
	for ; n > 0; n-- {
		a, err := s.next()
		if err != nil {
			return err
		}
		sp.Args = append(sp.Args, a)
	}
	return nil
}

func (s *scanner) number() (int, error) {
	if s.peek() == '*' {
		s.i++
		a, err := s.next()
		if err != nil {
			return 0, err
		}
		if !a.IsSmall() {
			return 0, bad("field width is no integer")
		}
		return a.Small(), nil
	}
	n, any := 0, false
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		n = min(n*10+int(c-'0'), 1<<28)
		any = true
		s.i++
	}
	if !any {
		return none, nil
	}
	return n, nil
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Env is what formatting needs beyond its arguments.
type Env struct {
	CharsLimit  int // < 0: none
	PrintLatin1 bool
}

// Format does what io_lib:format does; the text is UTF-8.
func Format(format []rune, args []term.Term, env Env) (string, error) {
	parts, err := Scan(format, args)
	if err != nil {
		return "", err
	}
	return Build(parts, env)
}

// Build puts the text of scanned parts together.
func Build(parts []Part, env Env) (string, error) {
	var out strings.Builder
	err := buildParts(parts, env, func(s string, _ *Spec) { out.WriteString(s) })
	return out.String(), err
}

// A Piece is the text that one part of a format has become; the texts of terms and strings are lists of their own in the
// result of io_lib:format.
type Piece struct {
	Text   string
	Nested bool
}

// Pieces formats like Format, part by part.
func Pieces(format []rune, args []term.Term, env Env) (pieces []Piece, err error) {
	parts, err := Scan(format, args)
	if err != nil {
		return nil, err
	}
	err = buildParts(parts, env, func(s string, sp *Spec) {
		nested := sp != nil && (strings.ContainsRune("pPwW", sp.Control) || sp.Control == 's' && !sp.Args[0].IsAtom())
		pieces = append(pieces, Piece{s, nested})
	})
	return pieces, err
}

func buildParts(parts []Part, env Env, add func(string, *Spec)) error {
	f := formatter{env: env, limit: env.CharsLimit}
	if f.limit >= 0 {
		f.share(parts)
	}
	for _, p := range parts {
		s := p.Text
		if p.Spec != nil {
			var err error
			if s, err = f.one(p.Spec); err != nil {
				return err
			}
		}
		add(s, p.Spec)
		f.advance(s)
	}
	return nil
}

// formatter knows the column, for ~p, and how many characters are left for each big part.
type formatter struct {
	env    Env
	column int // characters since the last line break
	limit  int
	big    int // control sequences that share the limit
}

func (f *formatter) advance(s string) {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		f.column = 0
		s = s[i+1:]
	}
	for _, r := range s {
		if r == '\t' {
			f.column = (f.column + 8) / 8 * 8
		} else {
			f.column++
		}
	}
}

func isBig(c rune) bool { return strings.ContainsRune("pPwWs", c) }

// share takes from the limit what the small parts need.
func (f *formatter) share(parts []Part) {
	for _, p := range parts {
		switch {
		case p.Spec == nil:
			f.limit -= utf8.RuneCountInString(p.Text)
		case isBig(p.Spec.Control):
			f.big++
		default:
			if s, err := f.one(p.Spec); err == nil {
				f.limit -= utf8.RuneCountInString(s)
			}
		}
	}
	f.limit = max(f.limit, 0)
}

// room is the limit of one big part; what it does not use goes to the next ones.
func (f *formatter) room() int {
	if f.env.CharsLimit < 0 {
		return -1
	}
	return f.limit / max(f.big, 1)
}

func (f *formatter) used(s string, sp *Spec) {
	if f.env.CharsLimit >= 0 {
		f.big--
		f.limit = max(f.limit-uniseg.GraphemeClusterCount(s), 0)
	}
}

func (f *formatter) options(sp *Spec, depth int) *Options {
	return &Options{Depth: depth, Limit: f.room(), Latin1: !sp.Unicode, Strings: !sp.NoStrings,
		Reversed: sp.Order != term.None && sp.Order == term.Intern("reversed"), PrintLatin1: f.env.PrintLatin1}
}

func (f *formatter) one(sp *Spec) (string, error) {
	width, left := sp.Width, false
	if width != none && width < 0 {
		width, left = -width, true
	}
	fd := field{width: width, left: left, precision: sp.Precision, pad: sp.Pad}
	switch sp.Control {
	case 'w', 'W':
		depth, err := depthArg(sp)
		if err != nil {
			return "", err
		}
		opt := f.options(sp, depth)
		s := writeLimited(sp.Args[0], opt)
		f.used(s, sp)
		return fd.term(s)
	case 'p', 'P':
		return f.pretty(sp, fd)
	case 's':
		s, err := stringArg(sp.Args[0], sp.Unicode)
		if err != nil {
			return "", err
		}
		if f.env.CharsLimit >= 0 {
			room := f.room()
			over := fd.width == none || fd.width > room
			room = max(room, len("...")) // the dots have their place whatever the limit
			if over {
				if uniseg.GraphemeClusterCount(s) > room {
					s = s[:prefixOf(s, room-len("..."))] + "..."
				}
			}
			if fd.width != none {
				fd.width = min(max(fd.width, len("...")), room)
			}
		}
		f.used(s, sp)
		return fd.string(s, sp.Unicode)
	case 'i':
		return "", nil
	case 'n':
		return fd.repeat("\n")
	case '~':
		return fd.char('~')
	case 'c':
		v := sp.Args[0]
		if !v.IsInteger() || sp.Unicode && v.IsBig() {
			return "", bad("not a character")
		}
		if v.IsBig() { // its last byte counts
			low := new(big.Int).And(v.BigInt(), big.NewInt(0xFF))
			return fd.char(rune(low.Int64()))
		}
		c := v.Small()
		if !sp.Unicode {
			c &= 0xFF
		} else if c < 0 || c > utf8.MaxRune || c >= 0xD800 && c <= 0xDFFF {
			return "", bad("not a character")
		}
		return fd.char(rune(c))
	case 'f', 'e', 'g':
		if !sp.Args[0].IsFloat() {
			return "", bad("not a float")
		}
		return fd.float(byte(sp.Control), sp.Args[0].FloatVal())
	}
	return f.integer(sp, fd)
}

func depthArg(sp *Spec) (int, error) {
	if len(sp.Args) == 1 {
		return -1, nil
	}
	if d := sp.Args[1]; d.IsSmall() {
		return d.Small(), nil
	} else if d.IsBig() && term.IntSign(d) > 0 {
		return 1 << 30, nil // as good as none
	} else if d.IsBig() {
		return -1, nil
	}
	return 0, bad("depth is no integer")
}

func writeLimited(v term.Term, opt *Options) string {
	s := Write(v, opt)
	if opt.Limit >= 0 && utf8.RuneCountInString(s) > opt.Limit {
		o := *opt
		o.Strings = false
		return Pretty(v, 1, 0, -1, &o)
	}
	return s
}

func (f *formatter) pretty(sp *Spec, fd field) (string, error) {
	depth, err := depthArg(sp)
	if err != nil {
		return "", err
	}
	if fd.left {
		return "", bad("left adjustment with ~p")
	}
	width, column := fd.width, fd.precision
	if width == none {
		width = 80
	}
	if column == none {
		column = f.column + 1
	}
	s := Pretty(sp.Args[0], column, width, -1, f.options(sp, depth))
	f.used(s, sp)
	return s, nil
}

func (f *formatter) integer(sp *Spec, fd field) (string, error) {
	if !sp.Args[0].IsInteger() {
		return "", bad("not an integer")
	}
	base := 10
	if fd.precision != none {
		base = fd.precision
	}
	if base < 2 || base > 36 {
		return "", bad("base out of range")
	}
	fd.precision = none
	s := string(term.AppendInt(nil, sp.Args[0], base))
	switch sp.Control {
	case 'B', 'X', '#':
		s = strings.ToUpper(s)
	default:
		s = strings.ToLower(s)
	}
	prefix := ""
	switch sp.Control {
	case 'x', 'X':
		var err error
		if prefix, err = stringArg(sp.Args[1], false); err != nil {
			return "", err
		}
	case '#', '+':
		prefix = strconv.Itoa(base) + "#"
	}
	if prefix != "" {
		if strings.HasPrefix(s, "-") {
			s = "-" + prefix + s[1:]
		} else {
			s = prefix + s
		}
	}
	return fd.term(s)
}

// stringArg is the text of ~s's argument: an atom or chardata; bytes count as Latin-1 without the modifier t.
func stringArg(v term.Term, unicode bool) (string, error) {
	if v.IsAtom() {
		s := v.AtomName()
		if !unicode && beyondLatin1(s) {
			return "", bad("atom beyond Latin-1")
		}
		return s, nil
	}
	if !v.IsList() && !v.IsBitstring() {
		return "", bad("not a string")
	}
	if unicode {
		s, ok := term.CharsTextOrLatin1(v)
		if !ok {
			return "", bad("not a string")
		}
		return s, nil
	}
	b, ok := term.IOListBytes(v)
	if !ok {
		return "", bad("not a string")
	}
	return latin1(b), nil
}

// field is the width, adjustment, precision and padding of a control sequence.
type field struct {
	width     int
	left      bool
	precision int
	pad       rune
}

func (fd field) padding(n int) string { return strings.Repeat(string(fd.pad), max(n, 0)) }

func (fd field) adjust(s string, padding int) string {
	if fd.left {
		return s + fd.padding(padding)
	}
	return fd.padding(padding) + s
}

// term fits text that must not be cut: stars where it is too long.
func (fd field) term(s string) (string, error) {
	width, precision := fd.width, fd.precision
	if width == none {
		if precision == none {
			return s, nil
		}
		width = precision
	}
	n := uniseg.GraphemeClusterCount(s)
	p := width
	if precision != none {
		p = min(precision, width)
	}
	p = min(n, p)
	if n > p {
		return fd.adjust(strings.Repeat("*", max(p, 0)), width-p), nil
	}
	return fd.adjust(s, width-p), nil
}

// string fits text that may be cut.
func (fd field) string(s string, unicode bool) (string, error) {
	width, precision := fd.width, fd.precision
	switch {
	case width == none && precision == none:
		return s, nil
	case precision == none:
		return fd.cut(s, width), nil
	case width == none:
		l := fd
		l.left = true
		return l.cut(s, precision), nil
	case width < precision:
		return "", bad("precision exceeds field width")
	}
	l := fd
	if width > precision {
		l.left = true
		return fd.adjust(l.cut(s, precision), width-precision), nil
	}
	return l.cut(s, width), nil
}

// cut makes s exactly n characters long.
func (fd field) cut(s string, n int) string {
	count := uniseg.GraphemeClusterCount(s)
	if count <= n {
		return fd.adjust(s, n-count)
	}
	return s[:prefixOf(s, n)]
}

// char repeats a character precision times in the field.
func (fd field) char(c rune) (string, error) {
	width, precision := fd.width, fd.precision
	switch {
	case width == none && precision == none:
		return string(c), nil
	case precision == none:
		return strings.Repeat(string(c), width), nil
	case precision < 0:
		return "", bad("negative precision")
	case width == none:
		return strings.Repeat(string(c), precision), nil
	case width < precision:
		return "", bad("precision exceeds field width")
	}
	return fd.adjust(strings.Repeat(string(c), precision), width-precision), nil
}

func (fd field) repeat(s string) (string, error) {
	switch {
	case fd.precision != none:
		return "", bad("precision with ~n")
	case fd.width == none:
		return s, nil
	case fd.left:
		return "", bad("left adjustment with ~n")
	}
	return strings.Repeat(s, fd.width), nil
}

// float gives ~f, ~e and ~g. Digits come from the exact value with 21 digits and are rounded half up.
func (fd field) float(control byte, v float64) (string, error) {
	p := fd.precision
	if p == none {
		p = 6
	}
	var s string
	switch control {
	case 'f':
		if p < 1 {
			return "", bad("precision of ~f below 1")
		}
		s = decimals(v, p)
	case 'e':
		if p < 2 {
			return "", bad("precision of ~e below 2")
		}
		s = scientific(v, p)
	case 'g':
		if p < 1 {
			return "", bad("precision of ~g below 1")
		}
		s = general(v, p)
	}
	fd.precision = none
	if fd.width == none {
		return s, nil
	}
	return fd.term(s)
}

func general(v float64, p int) string {
	a := v
	if a < 0 {
		a = -a
	}
	e := 4
	for i, limit := range []float64{1e-1, 1, 1e1, 1e2, 1e3, 1e4} {
		if a < limit {
			e = i - 2
			break
		}
	}
	switch {
	case e < 4 && (p <= 1 && e == -1 || p-1 > e && e >= -1):
		return decimals(v, p-1-e)
	case p <= 1:
		return scientific(v, 2)
	}
	return scientific(v, p)
}

// digits21 gives sign, 21 significant digits and the decimal exponent of the first.
func digits21(v float64) (sign string, digits string, exp int) {
	s := strconv.FormatFloat(v, 'e', 20, 64)
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	e := strings.IndexByte(s, 'e')
	exp, _ = strconv.Atoi(s[e+1:])
	return sign, s[:1] + s[2:e], exp
}

// roundDigits cuts digits to n, rounding half up; carry tells that a leading 1 was added.
func roundDigits(d string, n int) (string, bool) {
	if n >= len(d) {
		return d + strings.Repeat("0", n-len(d)), false
	}
	if n < 0 {
		return "", false
	}
	b := []byte(d[:n])
	if d[n] < '5' {
		return string(b), false
	}
	for i := n - 1; i >= 0; i-- {
		if b[i] < '9' {
			b[i]++
			return string(b), false
		}
		b[i] = '0'
	}
	return "1" + string(b), true
}

func decimals(v float64, p int) string {
	sign, d, exp := digits21(v)
	if exp < 0 {
		d = strings.Repeat("0", -exp) + d
		exp = 0
	}
	d, carry := roundDigits(d, exp+1+p)
	if carry {
		exp++
	}
	return sign + d[:exp+1] + "." + d[exp+1:]
}

func scientific(v float64, p int) string {
	sign, d, exp := digits21(v)
	d, carry := roundDigits(d, p)
	if carry {
		exp++
		d = d[:p]
	}
	s := sign + d[:1] + "." + d[1:] + "e"
	if exp >= 0 {
		s += "+"
	}
	return s + strconv.Itoa(exp)
}
