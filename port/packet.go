package port

import (
	"bytes"
	"encoding/binary"
)

// Packet is a way to cut a stream of bytes into packets.
type Packet uint8

// The packet types of gen_tcp and erlang:decode_packet/3.
const (
	PacketRaw Packet = iota
	Packet1
	Packet2
	Packet4
	PacketASN1
	PacketSunRM
	PacketCDR
	PacketFCGI
	PacketTPKT
	PacketLine
	PacketHTTP
	PacketHTTPBin
	PacketHTTPH
	PacketHTTPHBin
	PacketTLS
)

var packetNames = map[string]Packet{
	"raw": PacketRaw, "asn1": PacketASN1, "sunrm": PacketSunRM, "cdr": PacketCDR, "fcgi": PacketFCGI,
	"tpkt": PacketTPKT, "line": PacketLine, "http": PacketHTTP, "http_bin": PacketHTTPBin, "httph": PacketHTTPH,
	"httph_bin": PacketHTTPHBin, "ssl_tls": PacketTLS,
}

// PacketNamed gives the packet type that an atom names.
func PacketNamed(name string) (Packet, bool) {
	k, ok := packetNames[name]
	return k, ok
}

// IsHTTP reports whether packets of this type are decoded as lines of HTTP.
func (k Packet) IsHTTP() bool { return k >= PacketHTTP && k <= PacketHTTPHBin }

// headerSize is the length that senders put before their data, 0 if there is none.
func (k Packet) headerSize() int {
	switch k {
	case Packet1:
		return 1
	case Packet2:
		return 2
	case Packet4:
		return 4
	}
	return 0
}

// Framing says how a stream is cut.
type Framing struct {
	Kind      Packet
	Max       int // longest packet, 0: any
	LineLimit int // lines are cut there, 0: any length
	Delimiter byte
	Wide      bool // headers may announce all that fits in 31 bits, not only what a socket takes
}

// Frame looks for the first packet of data. total is its length with its header: there may be less data, then total tells how much is
// needed; 0: that is not known yet. ok is false when data can be no packet of this type.
func (f *Framing) Frame(data []byte) (total int, ok bool) {
	n := len(data)
	switch f.Kind {
	case PacketRaw:
		return n, true
	case PacketLine:
		return f.line(data)
	case PacketHTTP, PacketHTTPBin, PacketHTTPH, PacketHTTPHBin:
		return f.httpLine(data)
	case PacketASN1:
		head, total, ok := asn1Length(data)
		return total, ok && (f.Max == 0 || total-head <= f.Max)
	}
	head, size := frameHeads[f.Kind], 0
	if n < head {
		return 0, true
	}
	switch f.Kind {
	case Packet1:
		size = int(data[0])
	case Packet2:
		size = int(binary.BigEndian.Uint16(data))
	case Packet4:
		if size = int(binary.BigEndian.Uint32(data)); size > f.most()-head {
			return 0, false
		}
	case PacketSunRM:
		size = int(binary.BigEndian.Uint32(data) & 0x7fffffff)
	case PacketCDR:
		if string(data[:4]) != "GIOP" {
			return 0, false
		}
		if data[6]&1 != 0 {
			size = int(binary.LittleEndian.Uint32(data[8:]))
		} else {
			size = int(binary.BigEndian.Uint32(data[8:]))
		}
	case PacketFCGI:
		if data[0] != 1 {
			return 0, false
		}
		size = int(binary.BigEndian.Uint16(data[4:])) + int(data[6])
	case PacketTPKT:
		if size = int(binary.BigEndian.Uint16(data[2:])) - head; data[0] != 3 || size < 0 {
			return 0, false
		}
	case PacketTLS:
		size = tlsLength(data)
	}
	if size < 0 || size > f.most()-head {
		return 0, false
	}
	return f.limited(head+size, true)
}

// maxPacket is the longest packet that a header may announce.
const maxPacket = 1<<26 - 1

func (f *Framing) most() int {
	if f.Wide {
		return 1<<31 - 1
	}
	return maxPacket
}

var frameHeads = map[Packet]int{Packet1: 1, Packet2: 2, Packet4: 4, PacketSunRM: 4, PacketCDR: 12, PacketFCGI: 8, PacketTPKT: 4, PacketTLS: 5}

// limited applies the longest packet that is allowed, which does not count the header.
func (f *Framing) limited(total int, ok bool) (int, bool) {
	if ok && f.Max > 0 && total-frameHeads[f.Kind] > f.Max {
		return 0, false
	}
	return total, ok
}

func (f *Framing) line(data []byte) (int, bool) {
	i := bytes.IndexByte(data, f.Delimiter)
	n := i + 1
	if i < 0 {
		n = len(data)
	}
	if f.Max > 0 && n > f.Max {
		return 0, false
	}
	if f.LineLimit > 0 && n >= f.LineLimit {
		return f.LineLimit, true
	}
	if i < 0 {
		return 0, true
	}
	return n, true
}

// httpLine finds the end of a line of HTTP; a header goes on in the next line if that starts with a blank.
func (f *Framing) httpLine(data []byte) (int, bool) {
	end := 0
	for {
		i := bytes.IndexByte(data[end:], '\n')
		if i < 0 {
			return 0, f.Max == 0 || len(data) < f.Max
		}
		end += i + 1
		first := f.Kind == PacketHTTP || f.Kind == PacketHTTPBin
		empty := end == 1 || end == 2 && data[0] == '\r'
		if !first && !empty {
			if end == len(data) {
				return 0, f.Max == 0 || end <= f.Max
			}
			if data[end] == ' ' || data[end] == '\t' {
				continue
			}
		}
		if f.Max > 0 && end > f.Max {
			return 0, false
		}
		return end, true
	}
}

// asn1Length is the length of a value in BER with its tag and length, and that of tag and length alone.
func asn1Length(data []byte) (head, total int, ok bool) {
	i := 1
	if len(data) < 2 {
		return 0, 0, true
	}
	if data[0]&0x1f == 0x1f {
		for {
			if i >= len(data) {
				return 0, 0, true
			}
			i++
			if data[i-1]&0x80 == 0 {
				break
			}
		}
	}
	if i >= len(data) {
		return 0, 0, true
	}
	size := int(data[i])
	i++
	if size&0x80 != 0 {
		count := size & 0x7f
		if count > 4 {
			return 0, 0, false
		}
		if i+count > len(data) {
			return 0, 0, true
		}
		size = 0
		for _, b := range data[i : i+count] {
			size = size<<8 | int(b)
		}
		i += count
	}
	return i, i + size, size <= maxPacket
}

// tlsLength is the length of a record behind its five bytes of header. A hello of SSL version 2 has another header.
func tlsLength(data []byte) int {
	if data[0]&0x80 != 0 && data[2] == 1 {
		return (int(data[0]&0x7f)<<8 | int(data[1])) + 2 - 5
	}
	return int(binary.BigEndian.Uint16(data[3:]))
}

// body gives the data of a whole packet without the header that only says its length, and without padding.
func (f *Framing) body(packet []byte) []byte {
	if f.Kind == PacketFCGI {
		return packet[:len(packet)-int(packet[6])]
	}
	return packet[f.Kind.headerSize():]
}
