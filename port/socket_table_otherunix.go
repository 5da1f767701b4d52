//go:build unix && !linux

package port

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

const cloexecFlag = 0

var socketProtocols = map[string]int{
	"ip": unix.IPPROTO_IP, "icmp": unix.IPPROTO_ICMP, "igmp": unix.IPPROTO_IGMP, "tcp": unix.IPPROTO_TCP, "udp": unix.IPPROTO_UDP,
	"ipv6": unix.IPPROTO_IPV6, "raw": unix.IPPROTO_RAW,
}

var messageFlags = map[string]int{
	"ctrunc": unix.MSG_CTRUNC, "dontroute": unix.MSG_DONTROUTE, "eor": unix.MSG_EOR, "oob": unix.MSG_OOB, "peek": unix.MSG_PEEK,
	"trunc": unix.MSG_TRUNC,
}

var controlKinds = []controlKind{
	{unix.SOL_SOCKET, unix.SCM_RIGHTS, "rights", formNone},
	{unix.IPPROTO_IP, unix.IP_RECVTTL, "recvttl", formInt},
	{unix.IPPROTO_IPV6, unix.IPV6_TCLASS, "tclass", formInt},
}

// systemOptions are the options of this system beside those of portableOptions: none.
var systemOptions map[string]map[string]socketOption

// rawOption reads up to size bytes of an option. The system package has no call for bytes as such, but one for a structure of 32 bytes.
func rawOption(fd, level, number, size int) ([]byte, error) {
	f, err := unix.GetsockoptICMPv6Filter(fd, level, number)
	if err != nil {
		return nil, err
	}
	var b []byte
	for _, n := range f.Filt {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b[:min(size, len(b))], nil
}

// packetOptions is not there on this system.
func packetOptions(*Sock) ([]byte, error) { return nil, unix.ENOPROTOOPT }
