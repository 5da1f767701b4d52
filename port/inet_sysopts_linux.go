package port

import "golang.org/x/sys/unix"

// sysOptions are the options that are passed on to the operating system.
var sysOptions = map[string]sysOption{
	"reuseaddr":      {unix.SOL_SOCKET, unix.SO_REUSEADDR, true},
	"reuseport":      {unix.SOL_SOCKET, unix.SO_REUSEPORT, true},
	"reuseport_lb":   {unix.SOL_SOCKET, unix.SO_REUSEPORT, true},
	"keepalive":      {unix.SOL_SOCKET, unix.SO_KEEPALIVE, true},
	"dontroute":      {unix.SOL_SOCKET, unix.SO_DONTROUTE, true},
	"broadcast":      {unix.SOL_SOCKET, unix.SO_BROADCAST, true},
	"sndbuf":         {unix.SOL_SOCKET, unix.SO_SNDBUF, false},
	"recbuf":         {unix.SOL_SOCKET, unix.SO_RCVBUF, false},
	"priority":       {unix.SOL_SOCKET, unix.SO_PRIORITY, false},
	"tos":            {unix.IPPROTO_IP, unix.IP_TOS, false},
	"ttl":            {unix.IPPROTO_IP, unix.IP_TTL, false},
	"recvtos":        {unix.IPPROTO_IP, unix.IP_RECVTOS, true},
	"recvttl":        {unix.IPPROTO_IP, unix.IP_RECVTTL, true},
	"multicast_ttl":  {unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, false},
	"multicast_loop": {unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, true},
	"tclass":         {unix.IPPROTO_IPV6, unix.IPV6_TCLASS, false},
	"recvtclass":     {unix.IPPROTO_IPV6, unix.IPV6_RECVTCLASS, true},
	"ipv6_v6only":    {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, true},
	"nodelay":        {unix.IPPROTO_TCP, unix.TCP_NODELAY, true},
	"nopush":         {unix.IPPROTO_TCP, unix.TCP_CORK, true},
	"keepcnt":        {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, false},
	"keepidle":       {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, false},
	"keepintvl":      {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, false},
	"user_timeout":   {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, false},
}

func bindToDevice(s *Sock, device string) error {
	return s.control(func(fd int) error { return unix.BindToDevice(fd, device) })
}

// getRaw reads an option of up to size bytes.
func getRaw(s *Sock, level, name, size int) (value []byte, err error) {
	err = s.control(func(fd int) error {
		if size == 4 {
			n, err := unix.GetsockoptInt(fd, level, name)
			value = []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}
			return err
		}
		text, err := unix.GetsockoptString(fd, level, name)
		if len(text) > size {
			text = text[:size]
		}
		value = []byte(text)
		return err
	})
	return value, err
}
