package lint

import (
	_ "embed" // obsolete.tab, behaviours.tab
	"strconv"
	"strings"
	"sync"
)

//go:embed obsolete.tab
var obsoleteTable string

//go:embed behaviours.tab
var behaviourTable string

// obsolete is what the compiler says about something that should not be used
// any more.
type obsolete struct {
	name    string // "*": any
	arity   int    // -1: any
	verdict string // deprecated, removed, unsafe
	advice  string
	release string // that will or did remove it, "" if not told
}

// obsoletes holds the rows of obsolete.tab by kind and module.
var obsoletes = sync.OnceValue(func() map[string][]obsolete {
	m := map[string][]obsolete{}
	for line := range strings.Lines(obsoleteTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if line[0] == '#' || len(f) != 7 {
			continue
		}
		arity, err := strconv.Atoi(f[3])
		if err != nil {
			arity = -1
		}
		m[f[0]+f[1]] = append(m[f[0]+f[1]], obsolete{f[2], arity, f[4], f[5], f[6]})
	}
	return m
})

// findObsolete looks a function (kind "f"), type ("t") or callback ("c") up.
func findObsolete(kind, module, name string, arity int) (obsolete, bool) {
	for _, o := range obsoletes()[kind+module] {
		if (o.name == "*" || o.name == name) && (o.arity < 0 || o.arity == arity) {
			return o, true
		}
	}
	return obsolete{}, false
}

// Obsolete is what the compiler says about a function (kind "f"), type ("t")
// or callback ("c"): deprecated, removed, unsafe, or "" for nothing; what to do
// instead; and the release that removes it, if that is known.
func Obsolete(kind, module, name string, arity int) (verdict, advice, release string) {
	o, _ := findObsolete(kind, module, name, arity)
	return o.verdict, o.advice, o.release
}

// Behaviour is what a behaviour asks of its callback modules.
type Behaviour struct {
	Callbacks []FunKey
	Optional  map[FunKey]bool
	// Unknown says that there is such a behaviour, but its callbacks cannot
	// be told.
	Unknown bool
	// NoCallbacks says that the behaviour tells of no callbacks; BadCallbacks
	// and BadOptional that it tells them in a wrong form.
	NoCallbacks, BadCallbacks, BadOptional bool
}

var behaviours = sync.OnceValue(func() map[string]*Behaviour {
	m := map[string]*Behaviour{}
	for line := range strings.Lines(behaviourTable) {
		f := strings.Fields(line)
		if line[0] == '#' {
			continue
		}
		b := &Behaviour{Optional: map[FunKey]bool{}}
		for _, c := range f[1:] {
			c, optional := strings.CutPrefix(c, "?")
			name, arity, _ := strings.Cut(c, "/")
			n, _ := strconv.Atoi(arity)
			b.Callbacks = append(b.Callbacks, FunKey{name, n})
			b.Optional[FunKey{name, n}] = optional
		}
		m[f[0]] = b
	}
	return m
})
