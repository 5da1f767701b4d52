package etf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// corpusLine is one term as OTP 29 wrote it: deterministic, then with minor versions 1 and 0, its phash2, its text.
type corpusLine struct {
	data, minor1, minor0 []byte
	hash                 uint64
	text                 string
}

func corpus(t testing.TB) (lines []corpusLine) {
	f, err := os.Open("testdata/otp29.txt")
	require.NoError(t, err)
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<22)
	unhex := func(s string, same []byte) []byte {
		if s == "=" {
			return same
		}
		packed, s := strings.HasPrefix(s, "z"), strings.TrimPrefix(s, "z")
		b, err := hex.DecodeString(s)
		require.NoError(t, err)
		if packed {
			z, err := zlib.NewReader(bytes.NewReader(b))
			require.NoError(t, err)
			b, err = io.ReadAll(z)
			require.NoError(t, err)
		}
		return b
	}
	for in.Scan() {
		f := strings.SplitN(in.Text(), " ", 5)
		var l corpusLine
		l.data = unhex(f[0], nil)
		l.minor1 = unhex(f[1], l.data)
		l.minor0 = unhex(f[2], l.minor1)
		l.hash, err = strconv.ParseUint(f[3], 10, 64)
		require.NoError(t, err)
		l.text = f[4]
		lines = append(lines, l)
	}
	require.NoError(t, in.Err())
	return lines
}

// slots is a Funs that makes records as they are asked for.
type slots struct {
	exports map[[3]any]uintptr
	funs    map[FunInfo]uintptr
}

func newSlots() *slots { return &slots{map[[3]any]uintptr{}, map[FunInfo]uintptr{}} }

func (s *slots) Export(m, f term.Term, arity int) uintptr {
	k := [3]any{m, f, arity}
	if s.exports[k] == 0 {
		s.exports[k] = term.NewBlock(16)
		*(*term.Export)(term.At(s.exports[k])) = term.Export{Module: m, Function: f, Arity: uint64(arity)}
	}
	return s.exports[k]
}

func (s *slots) Fun(f FunInfo) uintptr {
	if s.funs[f] == 0 {
		s.funs[f] = term.NewBlock(16)
		*(*term.FunEntry)(term.At(s.funs[f])) = term.FunEntry{Module: f.Module, Arity: f.Arity, NumFree: f.NumFree, Index: f.Index, OldUniq: f.OldUniq, Uniq: f.Uniq}
	}
	return s.funs[f]
}

func TestTermsOfOTPComeBackByteForByte(t *testing.T) {
	s := newSlots()
	for _, l := range corpus(t) {
		for i, data := range [][]byte{l.data, l.minor1, l.minor0} {
			h := term.NewArena()
			x, used, err := Decode(h, data, &DecodeOptions{Funs: s})
			require.NoError(t, err, l.text)
			require.Equal(t, len(data), used)
			o := &EncodeOptions{Deterministic: true, Minor: []int{0, 2, 1}[i]}
			require.Equal(t, data, Encode(x, o), l.text)
			require.Equal(t, len(data), Size(x, o), l.text)
			if l.text != "-" {
				require.Equal(t, l.text, string(term.Append(nil, x, term.FormatOptions{Unicode: true, SortedMaps: true})))
			}
			if i == 0 && !strings.HasPrefix(l.text, "fun ") {
				require.Equal(t, uint32(l.hash), uint32(term.Phash2(x))&(1<<27-1), l.text)
			}
			var joined []byte
			for _, c := range EncodeChunks(x, o) {
				b := c.Data
				if c.Bin != term.None {
					b, _ = c.Bin.Bytes()
				}
				joined = append(joined, b...)
			}
			require.Equal(t, data, joined)
			h.Free()
		}
	}
}

func TestCompressedTermsComeBack(t *testing.T) {
	h := term.NewArena()
	defer h.Free()
	x := h.Binary(bytes.Repeat([]byte("gerl "), 1000))
	data := Encode(x, &EncodeOptions{Compressed: 6})
	require.Less(t, len(data), 200)
	y, used, err := Decode(h, append(append([]byte(nil), data...), 1, 2, 3), nil)
	require.NoError(t, err)
	require.Equal(t, len(data), used)
	require.True(t, term.ExactEqual(x, y))
	require.Equal(t, []byte{131, 97, 1}, Encode(term.Int(1), &EncodeOptions{Compressed: 9}), "not when it is larger")
	bomb := append([]byte{131, 80, 0xFF, 0xFF, 0xFF, 0xFF}, data[6:]...)
	_, _, err = Decode(h, bomb, nil)
	require.Equal(t, ErrBad, err)
}

// TestDecodeAgreesWithOTPOnOddInput has inputs at the edge of the format; results recorded from OTP 29.
func TestDecodeAgreesWithOTPOnOddInput(t *testing.T) {
	local := "w\rnonode@nohost"
	for _, c := range []struct{ in, want string }{
		{"\x83t\x00\x00\x00\x02a\x01a\x01a\x01a\x02", ""},
		{"\x83M\x00\x00\x00\x01\x08\xff", "<<255>>"},
		{"\x83M\x00\x00\x00\x01\x00\xff", ""},
		{"\x83M\x00\x00\x00\x00\x00", ""},
		{"\x83M\x00\x00\x00\x01\x09\xff", ""},
		{"\x83l\x00\x00\x00\x00a\x03", "3"},
		{"\x83n\x01\x02\x05", "-5"},
		{"\x83n\x00\x01", "0"},
		{"\x83k\x00\x00", "[]"},
		{"\x83b\xff\xff\xff\xff", "-1"},
		{"\x83c1.5" + strings.Repeat("\x00", 28), "1.5"},
		{"\x83c 1.5e0" + strings.Repeat("\x00", 25), ""},
		{"\x83cnan" + strings.Repeat("\x00", 28), ""},
		{"\x83c0x1p3" + strings.Repeat("\x00", 26), ""},
		{"\x83c1" + strings.Repeat("\x00", 30), ""},
		{"\x83F\x7f\xf0\x00\x00\x00\x00\x00\x00", ""},
		{"\x83j\x01\x02", "[]"},
		{"\x83Z\x00\x06w\x01a\x00\x00\x00\x00" + strings.Repeat("\x00", 24), ""},
		{"\x83Z\x00\x05" + local + "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x00", "#Ref<0.3.2.1>"},
		{"\x83X" + local + "\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00", ""},
		{"\x83v\x00\x02\xc3\x28", ""},
		{"\x83d\x00\x01\xe5", "å"},
		{"\x83y\x01\x02\x03\x04a\x01", ""},
		{"\x83C\x00\x00\x00\x02\x07w\x01Qw\x01pw\x01yw\x01xa\x01a\x02", ""},
		{"\x83C\x00\x00\x00\x02\x01w\x01Qw\x01pw\x01yw\x01ya\x01a\x02", ""},
		{"\x83", ""},
		{"\x84a\x01", ""},
	} {
		h := term.NewArena()
		x, _, err := Decode(h, []byte(c.in), nil)
		if c.want == "" {
			require.Error(t, err, "%q", c.in)
		} else {
			require.NoError(t, err, "%q", c.in)
			require.Equal(t, c.want, term.Format(x), "%q", c.in)
		}
		h.Free()
	}
}

func TestFunsAndRecordsComeBack(t *testing.T) {
	s := newSlots()
	h := term.NewArena()
	defer h.Free()
	self := Self{term.Intern("me@here"), 7}
	entry := s.Fun(FunInfo{Module: term.AtomLists, Arity: 2, NumFree: 2, Index: 3, OldIndex: 3, OldUniq: 99, Uniq: [16]byte{1, 2}})
	f := h.Closure(entry, term.Pid(5), h.Tuple(term.Int(1)), term.AtomOk)
	rec := h.Record(h.RecordDef(term.AtomLists, term.AtomOk, true, term.AtomName, term.AtomNode), f, h.List(f, term.Int(3)))
	for i, x := range []term.Term{f, rec, h.Tuple(term.Pid(3), term.Port(4), h.Ref([3]uint32{1, 2, 3}), h.PidRef([3]uint32{1, 2, 3}, term.Pid(77)))} {
		data := Encode(x, &EncodeOptions{Self: self})
		require.Equal(t, len(data), Size(x, &EncodeOptions{Self: self}))
		y, used, err := Decode(h, data, &DecodeOptions{Self: self, Funs: s})
		require.NoError(t, err)
		require.Equal(t, len(data), used)
		require.Equal(t, data, Encode(y, &EncodeOptions{Self: self}))
		_, _, err = Decode(h, data, &DecodeOptions{Self: self})
		if i < 2 {
			require.Equal(t, ErrNoFuns, err)
		} else {
			require.True(t, term.ExactEqual(x, y))
			require.Equal(t, term.Pid(77), term.RefPid(y.Elem(3)))
		}
	}
	require.True(t, term.ExactEqual(h.Ref([3]uint32{1, 2, 3}), h.PidRef([3]uint32{1, 2, 3}, term.Pid(77))))
	// As written by OTP 29 for #p{x=5} of module q and #e{z=5}, which is exported.
	for _, in := range []string{"\x83C\x00\x00\x00\x02\x00w\x01qw\x01pw\x01xw\x01ya\x05a\x02", "\x83C\x00\x00\x00\x02\x01w\x01qw\x01ew\x01zw\x01aa\x05a\x01"} {
		y, _, err := Decode(h, []byte(in), nil)
		require.NoError(t, err)
		require.Equal(t, in, string(Encode(y, nil)))
	}
}

func TestLocalTermsNeedTheSecret(t *testing.T) {
	h := term.NewArena()
	defer h.Free()
	data := Encode(h.List(term.AtomOk), &EncodeOptions{Local: []byte("s")})
	_, _, err := Decode(h, data, &DecodeOptions{Local: []byte("s")})
	require.NoError(t, err)
	for _, secret := range [][]byte{nil, []byte("t")} {
		_, _, err = Decode(h, data, &DecodeOptions{Local: secret})
		require.Equal(t, ErrBad, err)
	}
}

func TestSafeMakesNoAtoms(t *testing.T) {
	h := term.NewArena()
	defer h.Free()
	_, _, err := Decode(h, []byte("\x83w\x0fnever seen etf!"), &DecodeOptions{Safe: true})
	require.Equal(t, ErrUnsafe, err)
	_, ok := term.LookupAtom("never seen etf!")
	require.False(t, ok)
}

func TestDeepTermsNeedNoStack(t *testing.T) {
	const n = 1_000_000
	data := append([]byte{131}, bytes.Repeat([]byte{104, 1}, n)...)
	data = append(data, 106)
	h := term.NewArena()
	defer h.Free()
	d := NewDecoder(h, data, nil)
	require.NoError(t, d.Start())
	done, err := d.Step(2 * n)
	require.NoError(t, err)
	require.True(t, done)
	require.LessOrEqual(t, cap(d.frames), 8, "nesting in last places costs no frames")
	x, _ := d.Result()
	require.True(t, bytes.Equal(data, Encode(x, nil)))
	data = append([]byte{131}, bytes.Repeat([]byte{108, 0, 0, 0, 1}, n)...)
	data = append(append(data, 106), bytes.Repeat([]byte{106}, n)...)
	x, _, err = Decode(h, data, nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, Encode(x, nil)))
}

func TestSteppingGivesTheSame(t *testing.T) {
	for _, l := range corpus(t) {
		h := term.NewArena()
		d := NewDecoder(h, l.data, &DecodeOptions{Funs: newSlots()})
		require.NoError(t, d.Start())
		for done := false; !done; {
			var err error
			done, err = d.Step(3)
			require.NoError(t, err)
		}
		x, used := d.Result()
		require.Equal(t, len(l.data), used)
		e := NewEncoder(&EncodeOptions{Deterministic: true})
		e.Start(x)
		for !e.Step(3) {
		}
		require.Equal(t, l.data, e.Bytes())
		h.Free()
	}
}

// TestDamagedInputNeverPanics flips bytes of real terms and cuts them.
func TestDamagedInputNeverPanics(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	s := newSlots()
	for _, l := range corpus(t) {
		if len(l.data) > 5000 {
			continue
		}
		for range 30 {
			data := append([]byte(nil), l.data...)
			for range 1 + r.Intn(3) {
				data[r.Intn(len(data))] = byte(r.Intn(256))
			}
			decodeAny(t, data[:1+r.Intn(len(data))], s)
		}
	}
}

// decodeAny decodes what may be damaged; what is accepted must come back.
func decodeAny(t *testing.T, data []byte, s *slots) {
	h := term.NewArena()
	defer h.Free()
	x, used, err := Decode(h, data, &DecodeOptions{Funs: s})
	if err != nil {
		return
	}
	require.LessOrEqual(t, used, len(data))
	again := Encode(x, nil)
	y, _, err := Decode(h, again, &DecodeOptions{Funs: s})
	require.NoError(t, err, "%q", data)
	require.True(t, bytes.Equal(again, Encode(y, nil)), "%q", data)
}

func FuzzDecode(f *testing.F) {
	for _, l := range corpus(f) {
		if len(l.data) < 2000 {
			f.Add(l.data)
		}
	}
	s := newSlots()
	f.Fuzz(func(t *testing.T, data []byte) { decodeAny(t, data, s) })
}

func BenchmarkEncode(b *testing.B) {
	h := term.NewArena()
	defer h.Free()
	x := benchTerm(h)
	b.SetBytes(int64(len(Encode(x, nil))))
	for range b.N {
		Encode(x, nil)
	}
}

func BenchmarkDecode(b *testing.B) {
	h := term.NewArena()
	defer h.Free()
	data := Encode(benchTerm(h), nil)
	b.SetBytes(int64(len(data)))
	for range b.N {
		a := term.NewArena()
		if _, _, err := Decode(a, data, nil); err != nil {
			b.Fatal(err)
		}
		a.Free()
	}
}

func benchTerm(h *term.Heap) term.Term {
	x := term.Nil
	for i := range 1000 {
		x = h.Cons(h.Tuple(term.AtomOk, term.Int(i), h.Float(1.5), h.Binary([]byte("some bytes")), h.List(term.AtomTrue, term.Int(1000000))), x)
	}
	return x
}
