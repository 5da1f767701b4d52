package beam

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// realFiles gives the .beam files of the Erlang installations of this machine: those under the
// directories in GERL_BEAM_DIRS, or the places where distributions put them; and always those in testdata, which
// OTP 25 and OTP 29 have made of the sources beside them.
func realFiles(t testing.TB) []string {
	roots := []string{"/usr/lib/erlang/lib", "/usr/local/lib/erlang/lib", "/usr/lib/elixir/lib"}
	if dirs := os.Getenv("GERL_BEAM_DIRS"); dirs != "" {
		roots = filepath.SplitList(dirs)
	}
	files, err := filepath.Glob("testdata/*.beam")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, root := range roots {
		for _, pat := range []string{"*/ebin/*.beam", "*/*.beam", "*.beam"} {
			m, err := filepath.Glob(filepath.Join(root, pat))
			require.NoError(t, err)
			files = append(files, m...)
		}
	}
	if os.Getenv("GERL_BEAM_DIRS") == "" {
		// Some of them, so that the tests stay quick; scripts name directories and get all.
		n := 4
		for i := 4; i < len(files); i += 5 {
			files[n] = files[i]
			n++
		}
		files = files[:min(n, len(files))]
	}
	return files
}

// Every file reads, and what is written again has the same chunks.
func TestRealFilesRoundTrip(t *testing.T) {
	var read, write time.Duration
	var bytes, instrs int
	for _, name := range realFiles(t) {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		f, err := ParseFile(data)
		require.NoError(t, err, name)
		begin := time.Now()
		m, err := Read(data)
		read += time.Since(begin)
		require.NoError(t, err, name)
		bytes += len(data)
		instrs += len(m.Code)
		require.Equal(t, strings.TrimSuffix(filepath.Base(name), ".beam"), m.Name.AtomName())

		begin = time.Now()
		out, err := m.File(WriteOptions{Modern: isModern(f)})
		write += time.Since(begin)
		require.NoError(t, err, name)
		again, err := out.Module(m.Heap, nil)
		require.NoError(t, err, name)
		require.Equal(t, m.Code, again.Code)
		for i := range m.Literals {
			require.True(t, term.ExactEqual(m.Literals[i], again.Literals[i]), "%s: literal %d", name, i)
		}
		require.True(t, term.ExactEqual(m.Attributes, again.Attributes))
		require.True(t, term.ExactEqual(m.CompileInfo, again.CompileInfo))
		for _, c := range f.Chunks {
			got, ok := out.Chunk(c.Name)
			require.True(t, ok, "%s: chunk %s is missing", name, c.Name)
			switch c.Name {
			case "LitT", "Attr", "CInf":
				continue // terms may be written in another form; compared above
			case "Code":
				// The highest opcode may be larger than in the file.
				require.True(t, string(got[12:]) == string(c.Data[12:]), "%s: code differs", name)
				continue
			}
			require.True(t, string(got) == string(c.Data), "%s: chunk %s differs", name, c.Name)
		}
	}
	t.Logf("%d MB, %d instructions: read %v, write %v", bytes>>20, instrs, read, write)
}

// isModern tells whether the file has atoms in the form of OTP 28.
func isModern(f *File) bool {
	data, ok := f.Chunk("AtU8")
	return ok && data[0]&0x80 != 0
}

// factOps are the instructions that Proof.Proved is about.
var factOps = map[Op]bool{OpGetList: true, OpGetHd: true, OpGetTl: true, OpGetTupleElement: true, OpTestArity: true,
	OpSelectTupleArity: true, OpUpdateRecord: true, OpGetMapElements: true, OpHasMapFields: true, OpPutMapAssoc: true,
	OpPutMapExact: true, OpBsGetInteger2: true, OpBsGetBinary2: true, OpBsMatch: true, OpBsStartMatch4: true, OpFmove: true,
	OpCallFun2: true, OpBsGetTail: true, OpBsGetPosition: true, OpBsSkipBits2: true, OpBsTestTail2: true}

// Every file of the installations is valid.
func TestRealFilesAreValid(t *testing.T) {
	var used time.Duration
	var instrs, bad int
	total, proved := map[Op]int{}, map[Op]int{}
	for _, name := range realFiles(t) {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		m, err := Read(data)
		require.NoError(t, err, name)
		instrs += len(m.Code)
		begin := time.Now()
		p, err := Validate(m)
		used += time.Since(begin)
		if err != nil {
			if bad++; bad < 20 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		for i, in := range m.Code {
			if factOps[in.Op] {
				total[in.Op]++
				if p.Proved(i) {
					proved[in.Op]++
				} else if !p.Reached(i) {
					total[in.Op]--
				}
			}
		}
	}
	for op, n := range total {
		t.Logf("%-20s %7d, %5.1f %% proved", op, n, 100*float64(proved[op])/float64(n))
	}
	t.Logf("%d instructions in %v, %d files refused", instrs, used, bad)
}

// BenchmarkRead reads the largest module of the installation.
func BenchmarkRead(b *testing.B) {
	var data []byte
	for _, name := range realFiles(b) {
		d, err := os.ReadFile(name)
		require.NoError(b, err)
		if len(d) > len(data) {
			data = d
		}
	}
	m, err := Read(data)
	require.NoError(b, err)
	b.Logf("%s: %d instructions, %d literals", m.Name.AtomName(), len(m.Code), len(m.Literals))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(data); err != nil {
			b.Fatal(err)
		}
	}
}
