%% The records that messages of DNS are made of (module inet_dns).
-record(dns_header, {id = 0, qr = 0, opcode = 0, aa = 0, tc = 0, rd = 0, ra = 0, pr = 0, rcode = 0}).
-record(dns_query, {domain, type, class, unicast_response = false}).
-record(dns_rr, {domain = "", type = any, class = in, cnt = 0, ttl = 0, data = [], tm, bm = "", func = false}).
-record(dns_rr_opt, {domain = "", type = opt, udp_payload_size = 1280, ext_rcode = 0, version = 0, z = 0, data = [], do = false}).
-record(dns_rec, {header, qdlist = [], anlist = [], nslist = [], arlist = []}).
