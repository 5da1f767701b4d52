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

var socketOptionTable = map[string]map[string]socketOption{
	"socket": {
		"acceptconn": {unix.SO_ACCEPTCONN, formBool, readOnly},
		"broadcast":  {unix.SO_BROADCAST, formBool, readWrite},
		"debug":      {unix.SO_DEBUG, formInt, readWrite},
		"dontroute":  {unix.SO_DONTROUTE, formBool, readWrite},
		"keepalive":  {unix.SO_KEEPALIVE, formBool, readWrite},
		"linger":     {unix.SO_LINGER, formLinger, readWrite},
		"oobinline":  {unix.SO_OOBINLINE, formBool, readWrite},
		"rcvbuf":     {unix.SO_RCVBUF, formInt, readWrite},
		"rcvlowat":   {unix.SO_RCVLOWAT, formInt, readWrite},
		"reuseaddr":  {unix.SO_REUSEADDR, formBool, readWrite},
		"reuseport":  {unix.SO_REUSEPORT, formBool, readWrite},
		"sndbuf":     {unix.SO_SNDBUF, formInt, readWrite},
		"sndlowat":   {unix.SO_SNDLOWAT, formInt, readWrite},
		"timestamp":  {unix.SO_TIMESTAMP, formBool, readWrite},
		"type":       {unix.SO_TYPE, formType, readOnly},
	},
	"ip": {
		"add_membership":  {unix.IP_ADD_MEMBERSHIP, formMembership, writeOnly},
		"drop_membership": {unix.IP_DROP_MEMBERSHIP, formMembership, writeOnly},
		"hdrincl":         {unix.IP_HDRINCL, formBool, readWrite},
		"multicast_if":    {unix.IP_MULTICAST_IF, formIP, readWrite},
		"multicast_loop":  {unix.IP_MULTICAST_LOOP, formBool, readWrite},
		"multicast_ttl":   {unix.IP_MULTICAST_TTL, formInt, readWrite},
		"recvttl":         {unix.IP_RECVTTL, formBool, readWrite},
		"tos":             {unix.IP_TOS, formTOS, readWrite},
		"ttl":             {unix.IP_TTL, formInt, readWrite},
	},
	"ipv6": {
		"add_membership":  {unix.IPV6_JOIN_GROUP, formMembership6, writeOnly},
		"drop_membership": {unix.IPV6_LEAVE_GROUP, formMembership6, writeOnly},
		"multicast_hops":  {unix.IPV6_MULTICAST_HOPS, formHops, readWrite},
		"multicast_if":    {unix.IPV6_MULTICAST_IF, formInt, readWrite},
		"multicast_loop":  {unix.IPV6_MULTICAST_LOOP, formBool, readWrite},
		"recvtclass":      {unix.IPV6_RECVTCLASS, formBool, readWrite},
		"tclass":          {unix.IPV6_TCLASS, formInt, readWrite},
		"unicast_hops":    {unix.IPV6_UNICAST_HOPS, formHops, readWrite},
		"v6only":          {unix.IPV6_V6ONLY, formBool, readWrite},
	},
	"tcp": {"nodelay": {unix.TCP_NODELAY, formBool, readWrite}, "maxseg": {unix.TCP_MAXSEG, formInt, readWrite}},
}

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
