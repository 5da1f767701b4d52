package regex

import "strings"

// callout takes the number or the text of (?C...); there is nobody to call.
func (p *parser) callout() {
	n, number := p.digits()
	if n > 255 {
		p.fail("number after (?C is greater than 255", p.i)
	}
	if !number && p.more() && !p.at(")") {
		open := p.src[p.i]
		if !strings.ContainsRune("`'\"^%#${", rune(open)) {
			p.fail("unrecognized string delimiter follows (?C", p.i+1)
		}
		closing := open
		if open == '{' {
			closing = '}'
		}
		for p.i++; ; p.i++ {
			if !p.more() {
				p.fail("missing terminating delimiter for callout with string argument", p.i)
			}
			if p.src[p.i] != closing {
				continue
			}
			p.i++
			if !p.more() || p.src[p.i] != closing {
				break
			}
		}
	}
	if !p.eat(")") {
		p.fail("closing parenthesis for (?C expected", p.i)
	}
}

// asciiOnly takes what may follow a in (?a): D, S, W, P, T, the classes that
// are limited to ASCII; none of them means all.
func (p *parser) asciiOnly(f *flags, on bool) {
	kind := byte(0)
	if p.more() {
		kind = p.src[p.i]
	}
	switch kind {
	case 'D':
		f.asciiD = on
	case 'S':
		f.asciiS = on
	case 'W':
		f.asciiW = on
	case 'P':
		f.asciiP, f.asciiT = on, on
	case 'T':
		f.asciiT = on
	default:
		f.asciiD, f.asciiS, f.asciiW, f.asciiP, f.asciiT = on, on, on, on, on
		return
	}
	p.i++
}

// options takes (?imsx-imsx) and (?imsx-imsx:...).
func (p *parser) options() (*node, bool) {
	saved := p.f
	f := p.f
	on := true
	if p.eat("^") {
		f.fold, f.multi, f.dotall, f.ext, f.extMore, f.noauto = false, false, false, false, false, false
	}
	for {
		if !p.more() {
			p.fail(errParen, p.i)
		}
		c := p.src[p.i]
		p.i++
		switch c {
		case '-':
			if !on {
				p.fail("invalid hyphen in option setting", p.i)
			}
			on = false
		case 'i':
			f.fold = on
		case 'm':
			f.multi = on
		case 's':
			f.dotall = on
		case 'n':
			f.noauto = on
		case 'x':
			f.ext = on
			f.extMore = p.eat("x") && on
		case 'J':
			f.dup = on
		case 'U':
			f.ungreedy = on
		case 'a':
			p.asciiOnly(&f, on)
		case 'r': // no letter outside ASCII equals one inside; checked by the fold
			f.restrict = on
		case ')':
			p.f = f
			return nil, false
		case ':':
			p.f = f
			n := p.body()
			p.f = saved
			return &node{kind: nCat, kids: []*node{n}}, true
		default:
			p.fail("unrecognized character after (? or (?-", p.i)
		}
	}
}
