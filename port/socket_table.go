//go:build unix

package port

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
