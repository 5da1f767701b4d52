package port

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/term"
)

// httpHeaders are the headers that become atoms; a header's number is its place, from 1.
var httpHeaders = strings.Fields(`Cache-Control Connection Date Pragma Transfer-Encoding Upgrade Via Accept Accept-Charset
	Accept-Encoding Accept-Language Authorization From Host If-Modified-Since If-Match If-None-Match If-Range If-Unmodified-Since
	Max-Forwards Proxy-Authorization Range Referer User-Agent Age Location Proxy-Authenticate Public Retry-After Server Vary Warning
	Www-Authenticate Allow Content-Base Content-Encoding Content-Language Content-Length Content-Location Content-Md5 Content-Range
	Content-Type Etag Expires Last-Modified Accept-Ranges Set-Cookie Set-Cookie2 X-Forwarded-For Cookie Keep-Alive Proxy-Connection`)

var httpHeaderNumbers = numbered(httpHeaders)

var httpMethods = numbered(strings.Fields("OPTIONS GET HEAD POST PUT DELETE TRACE"))

func numbered(names []string) map[string]int {
	m := make(map[string]int, len(names))
	for i, n := range names {
		m[n] = i + 1
	}
	return m
}

// longestHeader is the length up to which the capitals of a header's name are changed.
const longestHeader = 50

// httpText makes the strings of one packet: lists, or binaries for the types that end in _bin.
type httpText struct {
	h      *term.Heap
	binary bool
}

func (b httpText) str(s []byte) term.Term {
	if b.binary {
		return b.h.Binary(s)
	}
	return b.h.ByteList(s, term.Nil)
}

func (b httpText) fail(line []byte) term.Term { return b.h.Tuple(atomHTTPError, b.str(line)) }

// httpTerm decodes a line. For the first line of a message header is false.
func httpTerm(h *term.Heap, line []byte, header, binary bool) term.Term {
	b := httpText{h, binary}
	text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if header {
		return b.header(line, text)
	}
	if bytes.HasPrefix(text, []byte("HTTP/")) {
		return b.response(line, text)
	}
	return b.request(line, text)
}

// word cuts the first word and the blanks behind it.
func word(s []byte) (first, rest []byte) {
	i := bytes.IndexAny(s, " \t")
	if i < 0 {
		return s, nil
	}
	return s[:i], bytes.TrimLeft(s[i:], " \t")
}

// httpVersion reads HTTP/1.1.
func httpVersion(s []byte) (major, minor int, ok bool) {
	a, b, found := bytes.Cut(bytes.TrimPrefix(s, []byte("HTTP/")), []byte("."))
	if !found || !bytes.HasPrefix(s, []byte("HTTP/")) {
		return 0, 0, false
	}
	major, err1 := strconv.Atoi(string(a))
	minor, err2 := strconv.Atoi(string(b))
	return major, minor, err1 == nil && err2 == nil && major >= 0 && minor >= 0
}

func (b httpText) version(major, minor int) term.Term {
	return b.h.Tuple(term.Int(major), term.Int(minor))
}

func (b httpText) response(line, text []byte) term.Term {
	version, rest := word(text)
	major, minor, ok := httpVersion(version)
	code, phrase := word(rest)
	if !ok || len(code) == 0 {
		return b.fail(line)
	}
	status := int32(0)
	for _, c := range code {
		if c < '0' || c > '9' {
			return b.fail(line)
		}
		status = status*10 + int32(c-'0')
	}
	return b.h.Tuple(atomHTTPResponse, b.version(major, minor), term.Int(int(status)), b.str(phrase))
}

func (b httpText) request(line, text []byte) term.Term {
	method, rest := word(text)
	if len(method) == 0 || len(rest) == 0 || bytes.ContainsFunc(method, func(r rune) bool { return r >= 127 || separator(byte(r)) }) {
		return b.fail(line)
	}
	uri, tail := word(rest)
	major, minor := 0, 9
	if len(tail) > 0 {
		v, more := word(tail)
		var ok bool
		if major, minor, ok = httpVersion(v); !ok || len(more) > 0 {
			return b.fail(line)
		}
	}
	var m term.Term
	if httpMethods[string(method)] > 0 {
		m = term.Intern(string(method))
	} else {
		m = b.str(method)
	}
	return b.h.Tuple(atomHTTPRequest, m, b.uri(uri), b.version(major, minor))
}

func (b httpText) uri(s []byte) term.Term {
	if string(s) == "*" {
		return atomStar
	}
	if s[0] == '/' || len(s) == 1 {
		return b.h.Tuple(atomAbsPath, b.str(s))
	}
	for _, scheme := range []string{"http", "https"} {
		n := len(scheme) + 3
		if len(s) >= n && strings.EqualFold(string(s[:n]), scheme+"://") {
			return b.absolute(term.Intern(scheme), s[n:])
		}
	}
	if scheme, rest, found := bytes.Cut(s, []byte(":")); found {
		return b.h.Tuple(atomScheme, b.str(scheme), b.str(rest))
	}
	return b.str(s)
}

func (b httpText) absolute(scheme term.Term, s []byte) term.Term {
	host, path := s, []byte("/")
	if i := bytes.IndexByte(s, '/'); i >= 0 {
		host, path = s[:i], s[i:]
	}
	number := term.AtomUndefined
	if i := bytes.IndexByte(host, ':'); i >= 0 {
		if n, err := strconv.ParseUint(string(host[i+1:]), 10, 31); err == nil {
			number = term.Int(int(n))
		}
		host = host[:i]
	}
	return b.h.Tuple(atomAbsoluteURI, scheme, b.str(host), number, b.str(path))
}

// separator are the characters that no header name may have.
func separator(c byte) bool {
	return c <= ' ' || c >= 127 || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0
}

func (b httpText) header(line, text []byte) term.Term {
	if len(text) == 0 {
		return atomHTTPEoh
	}
	i := 0
	for i < len(text) && !separator(text[i]) {
		i++
	}
	if i == len(text) || text[i] != ':' {
		return b.fail(line)
	}
	name, value := text[:i], bytes.TrimLeft(text[i+1:], " \t")
	field, number := b.fieldName(name)
	return b.h.Tuple(atomHTTPHeader, term.Int(number), field, b.str(name), b.str(value))
}

// fieldName gives a header's name with capitals at the start of its parts: an atom if it is well known.
func (b httpText) fieldName(name []byte) (term.Term, int) {
	if len(name) > longestHeader {
		return b.str(name), 0
	}
	out := make([]byte, len(name))
	start := true
	for i, c := range name {
		switch {
		case start && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case !start && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		// of two hyphens in a row only the second has a part of its own behind it
		start = c == '-' && !start
		out[i] = c
	}
	if n := httpHeaderNumbers[string(out)]; n > 0 {
		return term.Intern(string(out)), n
	}
	return b.str(out), 0
}

var (
	atomHTTPError    = term.Intern("http_error")
	atomHTTPResponse = term.Intern("http_response")
	atomHTTPRequest  = term.Intern("http_request")
	atomHTTPHeader   = term.Intern("http_header")
	atomHTTPEoh      = term.Intern("http_eoh")
	atomAbsPath      = term.Intern("abs_path")
	atomAbsoluteURI  = term.Intern("absoluteURI")
	atomScheme       = term.Intern("scheme")
	atomStar         = term.Intern("*")
	atomTLS          = term.Intern("ssl_tls")
)

// Decode makes the term of a whole packet (as long as Frame said).
func (f *Framing) Decode(h *term.Heap, packet []byte) term.Term {
	switch f.Kind {
	case PacketHTTP, PacketHTTPBin:
		return httpTerm(h, packet, false, f.Kind == PacketHTTPBin)
	case PacketHTTPH, PacketHTTPHBin:
		return httpTerm(h, packet, true, f.Kind == PacketHTTPHBin)
	case PacketTLS:
		return tlsTerm(h, packet)
	}
	return h.Binary(f.body(packet))
}

// tlsTerm is {ssl_tls, [], ContentType, {Major, Minor}, Data}. A hello of SSL version 2 looks as if it came in a record.
func tlsTerm(h *term.Heap, p []byte) term.Term {
	if p[0]&0x80 != 0 && p[2] == 1 {
		n := len(p) - 3
		data := append([]byte{1, byte(n >> 16), byte(n >> 8), byte(n)}, p[3:]...)
		return h.Tuple(atomTLS, term.Nil, term.Int(22), h.Tuple(term.Int(int(p[3])), term.Int(int(p[4]))), h.Binary(data))
	}
	return h.Tuple(atomTLS, term.Nil, term.Int(int(p[0])), h.Tuple(term.Int(int(p[1])), term.Int(int(p[2]))), h.Binary(p[5:]))
}
