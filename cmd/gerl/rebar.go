package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	erlOpts = regexp.MustCompile(`\{\s*erl_opts\s*,\s*\[`)
	// an option with a value: its name and the value
	pairOption = regexp.MustCompile(`(?s)^\{\s*(\w+)\s*,\s*(.*?)\s*\}$`)
	platform   = regexp.MustCompile(`^"([^"]*)"\s*,\s*'?([^',]*)'?`)
)

// rebarOptions are the options erl_opts of a project's rebar.config as arguments of gerl compile. A file that is missing or has none gives none.
// The terms are not parsed: brackets, quotes and comments say where an option ends.
func rebarOptions(root string) []string {
	text, err := os.ReadFile(filepath.Join(root, "rebar.config"))
	if err != nil {
		return nil
	}
	var args []string
	for start := 0; start < len(text); {
		terms, end := elements(string(text[start:]), '.')
		for _, term := range terms { // one
			if at := erlOpts.FindStringIndex(term); at != nil && at[0] == 0 {
				options, _ := elements(term[at[1]:], ']')
				for _, option := range options {
					args = append(args, compileArguments(root, option)...)
				}
			}
		}
		start += end
	}
	return args
}

// elements splits a text at its commas up to a closing mark that is not within brackets; end is where it goes on behind that. Comments are left out.
func elements(text string, closing byte) (all []string, end int) {
	var b strings.Builder
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			all = append(all, s)
		}
		b.Reset()
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '%':
			for i < len(text) && text[i] != '\n' {
				i++
			}
			continue
		case c == '"' || c == '\'':
			from := i
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			b.WriteString(text[from:min(i+1, len(text))])
			continue
		case c == closing && depth == 0:
			flush()
			return all, i + 1
		case c == ',' && depth == 0 && closing == ']':
			flush()
			continue
		case strings.IndexByte("{[(", c) >= 0:
			depth++
		case strings.IndexByte("}])", c) >= 0:
			depth--
		}
		b.WriteByte(c)
	}
	flush()
	return all, len(text)
}

// compileArguments is one option: some are rebar3's own, folders are named from the project's.
func compileArguments(root, option string) []string {
	if option == "debug_info" || option == "no_debug_info" {
		return nil // what runs needs none
	}
	if pair := pairOption.FindStringSubmatch(option); pair != nil {
		switch pair[1] {
		case "i":
			return []string{"-I", filepath.Join(root, strings.Trim(pair[2], `"`))}
		case "src_dirs", "extra_src_dirs", "outdir":
			return nil
		case "platform_define":
			m := platform.FindStringSubmatch(pair[2])
			if m == nil {
				return nil
			}
			if re, err := regexp.Compile(m[1]); err != nil || !re.MatchString(release) {
				return nil
			}
			return []string{"-D" + strings.TrimSpace(m[2])}
		}
	}
	return []string{"+" + option}
}
