package shell

import "strings"

// unfinishedHint tells a newcomer why an expression goes on although the return key was pressed: a full stop is missing, or a
// quote or bracket is open. "" if the text plainly goes on.
func unfinishedHint(text string) string {
	var open []rune
	rs := []rune(text)
	line := 1
	for i := 0; i < len(rs); i++ {
		switch c := rs[i]; c {
		case '\n':
			line++
		case '%':
			for i+1 < len(rs) && rs[i+1] != '\n' {
				i++
			}
		case '$':
			i++
			if i < len(rs) && rs[i] == '\\' {
				i++
			}
		case '"', '\'':
			from := line
			for i++; i < len(rs) && rs[i] != c; i++ {
				if rs[i] == '\\' {
					i++
				} else if rs[i] == '\n' {
					line++
				}
			}
			if i >= len(rs) {
				return quoteHint(c, from)
			}
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	trimmed := strings.TrimSpace(text)
	if len(open) > 0 || trimmed == "" || strings.ContainsAny(trimmed[len(trimmed)-1:], ",;=+-*/<>|!:.") || strings.HasPrefix(trimmed, "%") {
		return ""
	}
	for _, word := range strings.FieldsFunc(trimmed, func(r rune) bool { return !wordRune(r) }) {
		switch word {
		case "fun", "case", "if", "begin", "try", "receive", "maybe":
			return "" // may well go on until its end
		}
	}
	return "(an expression ends with a full stop: type . and press return)"
}

func quoteHint(quote rune, line int) string {
	kind := "string"
	if quote == '\'' {
		kind = "quoted atom"
	}
	where := ""
	if line > 1 {
		where = " of an earlier line"
	}
	return "(a " + kind + where + " is still open: it ends with " + string(quote) + ")"
}
