package deflate

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strings"
	"testing"
)

// samples are inputs of different natures; they are made the same way by the script that recorded testdata/zlib.txt.
func samples() map[string][]byte {
	lcg := uint32(1)
	next := func() byte { lcg = lcg*1664525 + 1013904223; return byte(lcg >> 24) }
	noise := make([]byte, 100000)
	for i := range noise {
		noise[i] = next()
	}
	few := make([]byte, 300000)
	for i := range few {
		few[i] = "abcdefgh"[next()&7]
	}
	words := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu")
	var text bytes.Buffer
	for text.Len() < 400000 {
		text.WriteString(words[int(next())%len(words)])
		text.WriteByte(" \n"[next()&1&next()])
	}
	mixed := append(append(append([]byte{}, noise[:40000]...), text.Bytes()[:70000]...), make([]byte, 90000)...)
	return map[string][]byte{
		"empty": nil, "a": []byte("a"), "hello": []byte("hello"), "hellohello": []byte("hello hello hello hello"),
		"zeros": make([]byte, 200000), "noise": noise, "few": few, "text": text.Bytes(), "mixed": mixed,
	}
}

func digest(b []byte) string {
	s := sha256.Sum256(b)
	return fmt.Sprint(len(b), " ", hex.EncodeToString(s[:8]))
}

// Every line of testdata/zlib.txt is: sample level windowBits memLevel strategy piece flush length digest.
func TestSameBytesAsZlib(t *testing.T) {
	data, err := os.ReadFile("testdata/zlib.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := samples()
	for line := range strings.Lines(string(data)) {
		var name, want, digestWant string
		var level, bits, mem, strategy, piece, flush int
		if _, err := fmt.Sscan(line, &name, &level, &bits, &mem, &strategy, &piece, &flush, &want, &digestWant); err != nil {
			t.Fatal(err)
		}
		c := NewCompressor(level, bits, mem, Strategy(strategy))
		var out []byte
		in := all[name]
		for rest := in; len(rest) > 0; {
			n := min(piece, len(rest))
			out = append(out, c.Compress(rest[:n], Flush(flush))...)
			rest = rest[n:]
		}
		out = append(out, c.Compress(nil, Finish)...)
		if got := digest(out); got != want+" "+digestWant {
			t.Errorf("%s: got %s", strings.TrimSpace(line), got)
		}
		if back, err := io.ReadAll(flate.NewReader(bytes.NewReader(out))); err != nil || !bytes.Equal(back, in) {
			t.Errorf("%s: does not decompress: %v", strings.TrimSpace(line), err)
		}
	}
}

func TestDecompressInPieces(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for name, in := range samples() {
		for _, level := range []int{0, 1, 6, 9} {
			packed := NewCompressor(level, 15, 8, Default).Compress(in, Finish)
			packed = append(packed, "tail"...)
			d := NewDecompressor(15)
			var out []byte
			for rest := packed; len(rest) > 0 || !d.Done(); {
				n := min(rnd.Intn(2000)+1, len(rest))
				d.Write(rest[:n])
				rest = rest[n:]
				for {
					limit := rnd.Intn(3000) + 1
					got, err := d.Read(limit)
					if err != nil {
						t.Fatalf("%s, level %d: %v", name, level, err)
					}
					out = append(out, got...)
					if len(got) < limit {
						break
					}
				}
			}
			if !bytes.Equal(out, in) || string(d.Rest()) != "tail" {
				t.Errorf("%s, level %d: %d bytes instead of %d", name, level, len(out), len(in))
			}
		}
	}
}

func FuzzDecompress(f *testing.F) {
	f.Add([]byte{0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecompressor(15)
		d.Write(data)
		got, err := d.Read(1 << 20)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), 1<<20))
		if err == nil && d.Done() && wantErr == nil && !bytes.Equal(got, want) {
			t.Errorf("%x: %x instead of %x", data, got, want)
		}
	})
}
