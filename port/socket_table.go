//go:build unix

package port

import "golang.org/x/sys/unix"

// portableOptions are the options that all these systems have.
var portableOptions = map[string]map[string]socketOption{
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
	"tcp": {
		"nodelay": {unix.TCP_NODELAY, formBool, readWrite},
		"maxseg":  {unix.TCP_MAXSEG, formInt, readWrite},
	},
}

// knownOptions are the options that OTP has a name for on some system.
var knownOptions = map[string][]string{
	"socket": {"acceptconn", "acceptfilter", "bindtodevice", "broadcast", "bsp_state", "busy_poll", "debug", "domain", "dontroute", "error",
		"exclusiveaddruse", "keepalive", "linger", "mark", "maxdg", "max_msg_size", "oobinline", "passcred", "peek_off", "peercred", "priority",
		"protocol", "rcvbuf", "rcvbufforce", "rcvlowat", "rcvtimeo", "reuseaddr", "reuseport", "rxq_ovfl", "setfib", "sndbuf", "sndbufforce",
		"sndlowat", "sndtimeo", "timestamp", "timestampns", "type"},
	"ip": {"add_membership", "add_source_membership", "block_source", "dontfrag", "drop_membership", "drop_source_membership", "freebind",
		"hdrincl", "minttl", "msfilter", "mtu", "mtu_discover", "multicast_all", "multicast_if", "multicast_loop", "multicast_ttl", "nodefrag",
		"options", "pktinfo", "pktoptions", "recvdstaddr", "recverr", "recvif", "recvopts", "recvorigdstaddr", "recvtos", "recvttl", "retopts", "router_alert",
		"sendsrcaddr", "tos", "transparent", "ttl", "unblock_source"},
	"ipv6": {"addrform", "add_membership", "authhdr", "auth_level", "checksum", "drop_membership", "dstopts", "esp_trans_level",
		"esp_network_level", "faith", "flowinfo", "hopopts", "ipcomp_level", "join_group", "leave_group", "mtu", "mtu_discover", "multicast_hops",
		"multicast_if", "multicast_loop", "portrange", "pktoptions", "recverr", "recvhoplimit", "hoplimit", "recvpktinfo", "pktinfo",
		"recvtclass", "router_alert", "rthdr", "tclass", "unicast_hops", "use_min_mtu", "v6only"},
	"tcp": {"congestion", "cork", "info", "keepcnt", "keepidle", "keepintvl", "maxseg", "md5sig", "nodelay", "noopt", "nopush", "syncnt",
		"user_timeout"},
	"udp": {"cork"},
	"sctp": {"adaptation_layer", "associnfo", "auth_active_key", "auth_chunk", "auth_delete_key", "auth_key", "autoclose", "context",
		"default_send_param", "delayed_ack_time", "disable_fragments", "events", "explicit_eor", "fragment_interleave", "get_assoc_stats",
		"get_peer_addr_info", "hmac_ident", "i_want_mapped_v4_addr", "initmsg", "local_auth_chunks", "maxburst", "maxseg", "nodelay",
		"partial_delivery", "peer_addr_params", "peer_auth_chunks", "primary_addr", "reset_streams", "rtoinfo", "set_peer_primary_addr",
		"status", "use_ext_recvinfo"},
}
