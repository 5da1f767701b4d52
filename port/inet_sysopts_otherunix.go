//go:build unix && !linux

package port

import "golang.org/x/sys/unix"

// sysOptions are the options that are passed on to the operating system.
var sysOptions = map[string]sysOption{
	"reuseaddr":      {unix.SOL_SOCKET, unix.SO_REUSEADDR, true},
	"reuseport":      {unix.SOL_SOCKET, unix.SO_REUSEPORT, true},
	"keepalive":      {unix.SOL_SOCKET, unix.SO_KEEPALIVE, true},
	"dontroute":      {unix.SOL_SOCKET, unix.SO_DONTROUTE, true},
	"broadcast":      {unix.SOL_SOCKET, unix.SO_BROADCAST, true},
	"sndbuf":         {unix.SOL_SOCKET, unix.SO_SNDBUF, false},
	"recbuf":         {unix.SOL_SOCKET, unix.SO_RCVBUF, false},
	"tos":            {unix.IPPROTO_IP, unix.IP_TOS, false},
	"ttl":            {unix.IPPROTO_IP, unix.IP_TTL, false},
	"multicast_ttl":  {unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, false},
	"multicast_loop": {unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, true},
	"ipv6_v6only":    {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, true},
	"nodelay":        {unix.IPPROTO_TCP, unix.TCP_NODELAY, true},
}

func bindToDevice(*Sock, string) error { return unix.ENOPROTOOPT }

// getRaw reads an option of up to size bytes: integers only.
func getRaw(s *Sock, level, name, size int) (value []byte, err error) {
	if size != 4 {
		return nil, unix.ENOPROTOOPT
	}
	n, err := s.GetInt(level, name)
	return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}, err
}
