package shell

import (
	"sort"
	"strconv"
	"strings"
)

// Names is what completion knows: modules, and the functions of a module with their arities.
type Names interface {
	Modules() []string
	Exports(module string) map[string][]int
}

// Completion gives a Complete function over names: modules before a colon, functions behind it.
func Completion(n Names) func(before string) ([]string, int) {
	return func(before string) ([]string, int) {
		start := len(before)
		for start > 0 && isWordByte(before[start-1]) {
			start--
		}
		word := before[start:]
		if start > 0 && before[start-1] == ':' {
			end := start - 1
			begin := end
			for begin > 0 && isWordByte(before[begin-1]) {
				begin--
			}
			return functions(n, before[begin:end], word), len([]rune(word))
		}
		if word == "" {
			return nil, 0
		}
		var found []string
		for _, m := range n.Modules() {
			if strings.HasPrefix(m, word) {
				found = append(found, m+":")
			}
		}
		sort.Strings(found)
		return found, len([]rune(word))
	}
}

func functions(n Names, module, word string) []string {
	var found []string
	for name, arities := range n.Exports(module) {
		if !strings.HasPrefix(name, word) || name == "module_info" && word == "" {
			continue
		}
		open := name + "("
		if len(arities) == 1 && arities[0] == 0 {
			open += ")"
		}
		found = append(found, open)
	}
	sort.Strings(found)
	if len(found) == 1 {
		return found
	}
	for i, f := range found {
		name := strings.TrimRight(f, "()")
		var as []string
		for _, a := range n.Exports(module)[name] {
			as = append(as, strconv.Itoa(a))
		}
		sort.Strings(as)
		found[i] = name + "/" + strings.Join(as, "/")
	}
	return commonOrAll(found, word)
}

// commonOrAll leaves the arities out of what is put into the line while several names are possible.
func commonOrAll(found []string, word string) []string {
	names := make([]string, len(found))
	for i, f := range found {
		names[i], _, _ = strings.Cut(f, "/")
	}
	prefix := commonPrefix(names)
	if len(prefix) > len(word) {
		return []string{prefix}
	}
	return found
}

func commonPrefix(names []string) string {
	if len(names) == 0 {
		return ""
	}
	p := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, p) {
			p = p[:len(p)-1]
		}
	}
	return p
}

func isWordByte(b byte) bool {
	return b == '_' || b == '@' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
