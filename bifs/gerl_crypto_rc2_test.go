package bifs

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vectors of RFC 2268, chapter 5.
func TestRC2(t *testing.T) {
	for _, v := range []struct {
		key       string
		effective int
		text, out string
	}{
		{"0000000000000000", 63, "0000000000000000", "ebb773f993278eff"},
		{"ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"},
		{"88", 64, "0000000000000000", "61a8a244adacccf0"},
		{"88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"},
	} {
		key, _ := hex.DecodeString(v.key)
		text, _ := hex.DecodeString(v.text)
		c, err := newRC2(key, v.effective)
		require.NoError(t, err)
		out := make([]byte, 8)
		c.Encrypt(out, text)
		require.Equal(t, v.out, hex.EncodeToString(out))
		c.Decrypt(out, out)
		require.True(t, bytes.Equal(text, out))
	}
}
