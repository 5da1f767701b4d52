// Package regex is a matcher for Perl-compatible patterns, the engine behind the Erlang module re.
//
// Compile turns a pattern into a Program; a Matcher runs it over a subject by backtracking over an explicit stack, so that neither
// long subjects nor nested patterns use Go's stack, and in slices: Matcher.Run stops after a number of steps and can be resumed.
// Syntax, options and messages follow the documented behaviour of PCRE2 10.47 (pcre2pattern, pcre2api) as OTP 29's re uses it.
//
// Main types: Options, Program, Matcher, Error.
//
// It imports nothing of ours.
package regex

import "fmt"

// Newline says which sequences end a line.
type Newline uint8

// The newline conventions.
const (
	LF Newline = iota
	CR
	CRLF
	AnyCRLF
	AnyNewline
	NUL
)

// Options are those of a compilation.
type Options struct {
	UTF           bool // pattern and subjects are UTF-8; otherwise every byte is a character
	UCP           bool // \d, \w, \s, \b and POSIX classes go by Unicode properties
	Anchored      bool // match only where the search starts
	Caseless      bool
	Multiline     bool // ^ and $ match at every line
	DotAll        bool // . matches newlines
	Extended      bool // white space and # comments are ignored
	DollarEndOnly bool // $ matches at the very end only
	FirstLine     bool // a match must start before the first newline
	DupNames      bool
	Ungreedy      bool
	NoAutoCapture bool // plain parentheses do not capture
	NeverUTF      bool
	// NoStartOptimize has every start tried, which shows where (*COMMIT) and the like come first.
	NoStartOptimize bool
	BSRAnyCRLF      bool // \R is CR, LF or CRLF only
	Newline         Newline
}

// Error is a syntax error: PCRE2's text and the byte offset where it was found.
type Error struct {
	Text   string
	Offset int
}

func (e *Error) Error() string { return fmt.Sprintf("%s at %d", e.Text, e.Offset) }

// Name is a named group.
type Name struct {
	Name  string
	Group int
}

// Program is a compiled pattern; it is immutable and may be used by many matchers at once.
type Program struct {
	code     []inst
	opts     Options
	groups   int    // number of capturing groups
	regs     int    // number of registers, captures first
	names    []Name // sorted by name
	entry    []int  // where the code of each group begins
	first    *[256]bool
	anchored bool
	hasCRLF  bool
	required int // a byte that every match contains, or -1
	limit    int
	depth    int
}

// Groups is the number of capturing groups.
func (p *Program) Groups() int { return p.groups }

// Names are the named groups in order of their names.
func (p *Program) Names() []Name { return p.names }

// Options are those that the program was compiled with, changed by items at the start of the pattern such as (*UTF).
func (p *Program) Options() Options { return p.opts }

type opcode uint8

const (
	opMatch   opcode = iota
	opStr            // str
	opSet            // set
	opAny            // any but a newline
	opAll            // any character
	opByte           // \C
	opRepeat         // atom kind y of set/str, min, max, mode
	opSplit          // try x, then y
	opJump           // x
	opOpen           // x: register of the start
	opClose          // x: group, y: register of the start
	opShut           // x: group, y: register: what (*ACCEPT) does to the groups around it
	opZero           // register x
	opLoop           // registers x (count), y (position), min, max, mode, target exit
	opEnter          // registers x, y
	opLoopEnd        // register y, back to x, exit
	opAtomic         // register x
	opAtomicEnd
	opLook // registers x, y
	opLookEnd
	opNeg    // registers x, y; exit: where to go on when the body fails
	opNegEnd // register x; exit: where to go on when the body matched, or -1
	opCond   // registers x, y; exit
	opBack   // min, max characters back
	opBackEnd
	opCondGroup // groups, exit
	opCondRecurse
	opBackref // groups, fold
	opCall    // x: group
	opKeep
	opBOL
	opMultiBOL
	opEOL
	opMultiEOL
	opBegin      // \A
	opEnd        // \z
	opEndNewline // \Z
	opStart      // \G
	opWord       // \b
	opNotWord
	opFail
	opAccept
	opCommit
	opPrune
	opSkip
	opThen
	opNewlineSeq // \R
	opCluster    // \X
)

// Modes of repetition.
const (
	greedy = iota
	lazy
	possessive
)

type inst struct {
	op       opcode
	atom     opcode
	mode     uint8
	fold     bool
	x, y     int
	min, max int
	exit     int
	str      []byte
	set      *set
	groups   []int
}
