package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// rebarOptions are the options erl_opts of a project's rebar.config as arguments of gerl compile. A file that is missing or wrong has none.
func rebarOptions(root string) []string {
	name := filepath.Join(root, "rebar.config")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	scanner := lexer.NewScanner(diag.NewFileSet().AddFile(name, text), lexer.Options{})
	var args []string
	for {
		form, problem := scanner.Form(nil)
		if problem != nil || len(form) == 0 || form[len(form)-1].Kind == lexer.EOF {
			return args
		}
		if len(form) > 6 && form[0].Kind == lexer.LBrace && form[1].Kind == lexer.Atom && form[1].Text == "erl_opts" && form[3].Kind == lexer.LBracket {
			for _, option := range elements(form[4:]) {
				args = append(args, compileArguments(root, option)...)
			}
		}
	}
}

// elements splits what stands in a list up to its bracket.
func elements(toks []lexer.Token) [][]lexer.Token {
	var all [][]lexer.Token
	start, depth := 0, 0
	for i, t := range toks {
		switch t.Kind {
		case lexer.LBrace, lexer.LBracket, lexer.LParen:
			depth++
		case lexer.RBrace, lexer.RParen:
			depth--
		case lexer.Comma:
			if depth == 0 {
				all = append(all, toks[start:i])
				start = i + 1
			}
		case lexer.RBracket:
			if depth == 0 {
				if i > start {
					all = append(all, toks[start:i])
				}
				return all
			}
			depth--
		}
	}
	return all
}

// compileArguments is one option: some are rebar3's own, folders are named from the project's.
func compileArguments(root string, option []lexer.Token) []string {
	if len(option) == 1 && (option[0].Text == "debug_info" || option[0].Text == "no_debug_info") {
		return nil // what runs needs none
	}
	if len(option) > 4 && option[0].Kind == lexer.LBrace {
		value := option[3]
		switch option[1].Text {
		case "i":
			return []string{"-I", filepath.Join(root, value.Text)}
		case "src_dirs", "extra_src_dirs", "outdir":
			return nil
		case "platform_define":
			if re, err := regexp.Compile(value.Text); err != nil || len(option) < 7 || !re.MatchString(release) {
				return nil
			}
			return []string{"-D" + option[5].Text}
		}
	}
	var words []string
	for _, t := range option {
		words = append(words, t.Source())
	}
	return []string{"+" + strings.Join(words, "")}
}
