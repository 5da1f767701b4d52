package port

import (
	"encoding/binary"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

const cloexecFlag = unix.MSG_CMSG_CLOEXEC

var socketProtocols = map[string]int{
	"ip": unix.IPPROTO_IP, "icmp": unix.IPPROTO_ICMP, "igmp": unix.IPPROTO_IGMP, "tcp": unix.IPPROTO_TCP, "udp": unix.IPPROTO_UDP,
	"ipv6": unix.IPPROTO_IPV6, "sctp": unix.IPPROTO_SCTP, "mptcp": unix.IPPROTO_MPTCP, "udplite": unix.IPPROTO_UDPLITE,
	"raw": unix.IPPROTO_RAW,
}

var messageFlags = map[string]int{
	"cmsg_cloexec": unix.MSG_CMSG_CLOEXEC, "confirm": unix.MSG_CONFIRM, "ctrunc": unix.MSG_CTRUNC, "dontroute": unix.MSG_DONTROUTE,
	"eor": unix.MSG_EOR, "errqueue": unix.MSG_ERRQUEUE, "more": unix.MSG_MORE, "nosignal": unix.MSG_NOSIGNAL, "notification": 0x8000,
	"oob": unix.MSG_OOB, "peek": unix.MSG_PEEK, "trunc": unix.MSG_TRUNC,
}

var controlKinds = []controlKind{
	{unix.SOL_SOCKET, unix.SO_TIMESTAMP, "timestamp", formTimeval},
	{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, "timestampns", formTimespec},
	{unix.SOL_SOCKET, unix.SCM_RIGHTS, "rights", formNone},
	{unix.SOL_SOCKET, unix.SCM_CREDENTIALS, "credentials", formNone},
	{unix.IPPROTO_IP, unix.IP_TOS, "tos", formTOS},
	{unix.IPPROTO_IP, unix.IP_TTL, "ttl", formInt},
	{unix.IPPROTO_IP, unix.IP_PKTINFO, "pktinfo", formPacketInfo},
	{unix.IPPROTO_IP, unix.IP_RECVORIGDSTADDR, "origdstaddr", formAddress},
	{unix.IPPROTO_IP, unix.IP_RECVERR, "recverr", formRemoteError},
	{unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, "pktinfo", formPacketInfo6},
	{unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, "hoplimit", formInt},
	{unix.IPPROTO_IPV6, unix.IPV6_TCLASS, "tclass", formInt},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVERR, "recverr", formRemoteError},
}

// systemOptions are the options of this system beside those of portableOptions.
var systemOptions = map[string]map[string]socketOption{
	"socket": {
		"bindtodevice": {unix.SO_BINDTODEVICE, formText, readWrite},
		"domain":       {unix.SO_DOMAIN, formDomain, readOnly},
		"passcred":     {unix.SO_PASSCRED, formBool, readWrite},
		"priority":     {unix.SO_PRIORITY, formInt, readWrite},
		"protocol":     {unix.SO_PROTOCOL, formProtocol, readOnly},
		"timestampns":  {unix.SO_TIMESTAMPNS, formBool, readWrite},
	},
	"ip": {
		"add_source_membership":  {unix.IP_ADD_SOURCE_MEMBERSHIP, formSourceMembership, writeOnly},
		"block_source":           {unix.IP_BLOCK_SOURCE, formSourceMembership, writeOnly},
		"drop_source_membership": {unix.IP_DROP_SOURCE_MEMBERSHIP, formSourceMembership, writeOnly},
		"freebind":               {unix.IP_FREEBIND, formBool, readWrite},
		"minttl":                 {unix.IP_MINTTL, formInt, readWrite},
		"mtu":                    {unix.IP_MTU, formInt, readOnly},
		"mtu_discover":           {unix.IP_MTU_DISCOVER, formDiscover, readWrite},
		"multicast_all":          {unix.IP_MULTICAST_ALL, formBool, readWrite},
		"nodefrag":               {unix.IP_NODEFRAG, formBool, readWrite},
		"pktinfo":                {unix.IP_PKTINFO, formBool, readWrite},
		"pktoptions":             {9, formControl, readOnly},
		"recverr":                {unix.IP_RECVERR, formBool, readWrite},
		"recvopts":               {unix.IP_RECVOPTS, formBool, readWrite},
		"recvorigdstaddr":        {unix.IP_RECVORIGDSTADDR, formBool, readWrite},
		"recvtos":                {unix.IP_RECVTOS, formBool, readWrite},
		"retopts":                {unix.IP_RETOPTS, formBool, readWrite},
		"router_alert":           {unix.IP_ROUTER_ALERT, formInt, readWrite},
		"transparent":            {unix.IP_TRANSPARENT, formBool, readWrite},
		"unblock_source":         {unix.IP_UNBLOCK_SOURCE, formSourceMembership, writeOnly},
	},
	"ipv6": {
		"addrform":     {unix.IPV6_ADDRFORM, formDomain, writeOnly},
		"authhdr":      {unix.IPV6_AUTHHDR, formBool, readWrite},
		"dstopts":      {unix.IPV6_DSTOPTS, formBool, readWrite},
		"flowinfo":     {11, formBool, readWrite},
		"hopopts":      {unix.IPV6_HOPOPTS, formBool, readWrite},
		"mtu":          {unix.IPV6_MTU, formInt, readWrite},
		"mtu_discover": {unix.IPV6_MTU_DISCOVER, formDiscover, readWrite},
		"recverr":      {unix.IPV6_RECVERR, formBool, readWrite},
		"recvhoplimit": {unix.IPV6_RECVHOPLIMIT, formBool, readWrite},
		"hoplimit":     {unix.IPV6_HOPLIMIT, formBool, readWrite},
		"recvpktinfo":  {unix.IPV6_RECVPKTINFO, formBool, readWrite},
		"router_alert": {unix.IPV6_ROUTER_ALERT, formInt, readWrite},
		"rthdr":        {unix.IPV6_RTHDR, formBool, readWrite},
	},
	"tcp": {
		"congestion":   {unix.TCP_CONGESTION, formText, readWrite},
		"cork":         {unix.TCP_CORK, formBool, readWrite},
		"keepcnt":      {unix.TCP_KEEPCNT, formInt, readWrite},
		"keepidle":     {unix.TCP_KEEPIDLE, formInt, readWrite},
		"keepintvl":    {unix.TCP_KEEPINTVL, formInt, readWrite},
		"user_timeout": {unix.TCP_USER_TIMEOUT, formInt, readWrite},
	},
	"udp": {
		"cork": {1, formBool, readWrite},
	},
}

// rawOption reads up to size bytes of an option. The system package has no call for that, so the bytes come into a binary, whose memory is not Go's.
func rawOption(fd, level, number, size int) ([]byte, error) {
	h := term.NewArena()
	defer h.Free()
	value := h.Binary(make([]byte, max(size, 1)))
	length := h.Binary(binary.NativeEndian.AppendUint32(nil, uint32(size)))
	to, _ := term.BitsOf(value)
	at, _ := term.BitsOf(length)
	if _, _, no := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(number), to.Data, at.Data, 0); no != 0 {
		return nil, no
	}
	b, _ := value.Bytes()
	n, _ := length.Bytes()
	return append([]byte(nil), b[:min(int(binary.NativeEndian.Uint32(n)), size)]...), nil
}

// packetOptions reads what came with the last packets of a stream.
func packetOptions(s *Sock) (oob []byte, err error) {
	level, number := unix.IPPROTO_IP, 9 // IP_PKTOPTIONS
	if s.Domain == unix.AF_INET6 {
		level, number = unix.IPPROTO_IPV6, unix.IPV6_2292PKTOPTIONS
	}
	err = s.control(func(fd int) (err error) { oob, err = rawOption(fd, level, number, 256); return err })
	return oob, err
}
