-module(arguments).
-compile([nowarn_deprecated_function, nowarn_deprecated_catch]).

%% Arguments for exports.erl: `right(Tag)` is a value of the kind that a tag of `signatures` names, `wrong()` one of any kind, and
%% `together(M, F, Tags)` the arguments of a call whose parts must fit each other (`none` where they need not).

-export([right/1, wrong/0, together/3]).

u(N) -> rand:uniform(N).
pick(L) -> lists:nth(u(length(L)), L).
some(T, N) -> [right(T) || _ <- lists:seq(1, u(N + 1) - 1)].

wrong() -> pick([a, -1, 0, 1.5, <<1:3>>, <<255, 254>>, [], {}, #{}, [a | b], [1, 2], <<"abc">>, "text", {a, 1}, fun(X) -> X end, 16#110000, [[], [[$a], <<"b">>]]]).

right(any) -> calls:arg(any);
right({is, V}) -> V;
right({one, Ts}) -> right(pick(Ts));
right({tuple, Ts}) -> list_to_tuple([right(T) || T <- Ts]);
right({list, T}) -> some(T, 4);
right({map, Fields}) -> maps:from_list([{right(K), right(V)} || {Need, K, V} <- Fields, Need =:= needed orelse u(3) =/= 1]);
right({range, Lo, Hi}) -> case u(8) of 1 -> Lo - 1; 2 -> Hi + 1; 3 -> Lo; 4 -> Hi; _ -> Lo + u(Hi - Lo + 1) - 1 end;
right({'fun', 1, R}) -> pick([fun(X) -> X end, returning(R, 1)]);
right({'fun', 2, R}) -> pick([fun(X, Y) -> {X, Y} end, fun(X, Y) -> X =< Y end, returning(R, 2)]);
right({'fun', N, R}) -> returning(R, N);
right({made, {sofs, T}}) -> relation(T);
right({made, M}) -> made(M, [{u(6), u(9)} || _ <- lists:seq(1, u(5))]);
right(cnt) -> u(12) - 1;
right(small) -> u(30) - 8;
right(chr) -> pick("aB1 é.,\n") ;
right(time) -> {u(24) - 1, u(60) - 1, u(61) - 1};
right(uri) -> pick(["http://example.com/a/../b?x=1#f", <<"ftp://u:p@h:21/x%20y">>, "mailto:a@b", <<"//h/p">>, "%41b", "a b", <<"http://[::1]:80/">>, "?q", "", "é", "http://h:x/"]);
right(unit) -> pick([second, millisecond, microsecond, nanosecond, native, perf_counter, 1000, 7]);
right(address) -> pick([{127, 0, 0, 1}, {0, 0, 0, 0}, {10, 1, 2, 255}, {0, 0, 0, 0, 0, 0, 0, 1}, {16#fe80, 0, 0, 0, 1, 2, 3, 4}, {0, 0, 0, 0, 0, 16#ffff, 16#7f00, 1}, {256, 0, 0, 1},
                        {16#2001, 16#db8, 0, 0, 1, 0, 0, 0}, {65536, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0, 1, 0}, any, loopback, {local, "/x"}]);
right(address_text) -> pick(["127.0.0.1", "10.1", "1", "0x7f.1", "1.2.3", "256.1.1.1", "1.2.3.4.5", "::1", "::", "fe80::1%lo", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::2::3", "12345::", "a:b",
                             "[::1]", "", " 1.2.3.4", "1.2.3.4 ", "0177.1", "4294967295", "4294967296", "::1.2.3.256", "fe80::1%", "08.1.1.1", ":1", "1:", "2001:db8::g"]);
right(location) -> pick([1, 7, {3, 4}, {1, 1}, 0]);
right(anno) -> pick([erl_anno:new(2), erl_anno:new({3, 5}), erl_anno:set_file("f.erl", erl_anno:new(4)), erl_anno:set_generated(true, erl_anno:new({1, 2})), erl_anno:set_text("text", erl_anno:new({5, 6}))]);
right(form) -> code_form();
right(forms) -> [{attribute, 1, module, m} | [code_form() || _ <- lists:seq(1, u(3))]];
right(T) when T =:= expr; T =:= clause; T =:= type; T =:= tree; T =:= tokens; T =:= pattern; T =:= source -> phrases:make(T);
right(code_form) -> code_form();
right(token) -> case phrases:make(tokens) of [H | _] -> H; [] -> {dot, 1} end;
right(bindings) -> lists:foldl(fun({N, V}, Bs) -> erl_eval:add_binding(N, V, Bs) end, pick([erl_eval:new_bindings(), [], #{}]), [{N, right(any)} || N <- ['X', 'Y', 'Z'], u(3) > 1]);
right(comment) -> {u(6), u(20), u(5) - 1, [pick(["% note", "%% more", "%%% module"]) || _ <- lists:seq(1, u(2))]};
right(document) -> document(3);
right(rand_state) -> pick([rand:seed_s(A, u(1000)) || A <- [exsss, exrop, exro928ss, exs1024s, exsp, mwc59, dummy], A =/= mwc59]);
right(rand_alg) -> pick([exsss, exrop, exro928ss, exs1024s, exsp, exs64, exsplus, exs1024, dummy, default, none]);
right(random_state) -> {u(30000), u(30000), u(30000)};
right(level) -> pick([emergency, alert, critical, error, warning, notice, info, debug, none, all]);
right(event) -> event();
right(ip_reason) -> pick([einval, enoent, nxdomain, timeout, closed, eacces, exbadport, exbadseq, unknown, {a, b}]);
right(posix) -> pick([enoent, eacces, eexist, badarg, system_limit, terminated, enotdir, einval, emfile, foo, {1, erl_parse, ["a", "b"]}, {2, file, undefined_script}, {a, b}, {1, erl_scan, {illegal, string}}]);
right(stack) -> [{pick([lists, m, erlang]), pick([map, f, '+']), pick([2, [1, a], []]), pick([[], [{file, "m.erl"}, {line, 3}], [{error_info, #{cause => x}}]])} || _ <- lists:seq(1, u(4) - 1)];
right(class) -> pick([error, exit, throw]);
right(reason) -> pick([badarg, undef, function_clause, badarith, {badmatch, 1}, {case_clause, [a]}, if_clause, {badkey, k}, {badmap, m}, {bad_generator, 1}, {badarity, {fun erlang:abs/1, [1, 2]}}, {badfun, f},
                       {badrecord, r}, {try_clause, t}, noproc, {nocatch, x}, system_limit, {bad_filter, 2}, lists:seq(1, 60), "text", normal, {else_clause, 1}, {'else', 1}]);
right(scan_options) -> pick([[], [return], [text], [return_comments], [return_white_spaces, text], [{reserved_word_fun, fun(A) -> A =:= a end}], [{compiler_internal, [ssa_checks]}], [bad]]);
right(colour) -> pick([red, black, white, default_color, u(256) - 1]);
right(hash) -> pick([md5, sha, sha224, sha256, sha384, sha512, sha3_224, sha3_256, sha3_384, sha3_512, blake2b, blake2s, ripemd160, md4, shake128, shake256, sha512_256, sm3, none]);
right(cipher) -> pick([aes_128_cbc, aes_192_cbc, aes_256_cbc, aes_128_ecb, aes_256_ecb, aes_128_ctr, aes_256_ctr, aes_128_cfb128, aes_128_cfb8, aes_256_ofb, des_cbc, des_ede3_cbc, rc4, chacha20, aes_cbc, aes_ctr,
                       aes_128_gcm, aes_256_gcm, aes_128_ccm, chacha20_poly1305, blowfish_cbc, rc2_cbc, none]);
right(aead) -> pick([aes_128_gcm, aes_192_gcm, aes_256_gcm, aes_128_ccm, aes_256_ccm, chacha20_poly1305, aes_gcm, aes_ccm, aes_128_cbc]);
right(curve) -> pick([secp256r1, secp384r1, x25519, x448, ed25519, prime256v1, sect163k1, brainpoolP256r1, none]);
right(pattern_text) -> pick(["a", "a*b", "[a-c]+", "(a)(b)?", "^.", "\\d+", "(", "a|b|", "(?i)AB", "x{2,3}", "\\w\\s", "(?<n>a+)", "[^a]", "a.c", "$", <<"b+">>, "é", "(?=a)", "\\Ka", "(?<n>", "*", "a{2", "[", "\\", "(?P<y>b)|(?P<z>c)"]);
right(compiled_pattern) -> case re:compile(right(pattern_text), pick([[], [caseless], [unicode]])) of {ok, P} -> P; _ -> "a" end;
right(run_option) -> pick([global, caseless, {capture, all, list}, {capture, none}, {capture, first, binary}, {capture, all_but_first}, {capture, [n], list}, {capture, [1, 2], index}, {offset, 1}, {offset, 9}, anchored, multiline,
                           dotall, unicode, bad, notempty, {newline, any}, {newline, crlf}, ungreedy, report_errors, {match_limit, 1}, extended, firstline, no_auto_capture, dupnames, bsr_anycrlf, ucp]);
right(split_option) -> pick([{return, list}, {return, binary}, {return, iodata}, group, trim, {parts, 2}, {parts, infinity}, {parts, 0}, caseless, unicode, bad, notempty, {capture, all}]);
right(replace_option) -> pick([{return, list}, {return, binary}, {return, iodata}, global, caseless, unicode, bad, notempty, {capture, all}]);
right(ms_head) -> pick(['_', '$1', {'$1', '$2'}, {'_', '$1'}, {'$1', '_', '$2'}, {1, '$1'}, {'$1', '$1'}, {'$2', a}, {}, a, #{a => '$1'}, ['$1' | '$2']]);
right(ms) -> pick([[], [ms_clause()], [ms_clause(), ms_clause()], [{{'$1', '$2'}, [], ['$$']}], [{'_', [], ['$_']}], [a], [{a}], [{{'$1'}, a, b}]]);
right(sexagesimal) -> u(100) - 20;
right(zdata) -> D = calls:arg(iodata), case u(4) of 1 -> D; 2 -> zlib:compress(text_data()); 3 -> zlib:gzip(text_data()); _ -> zlib:zip(text_data()) end;
right(spec_map) -> pick([child(), maps:remove(pick([id, start, type, modules, shutdown, restart]), child()), {a, {m, f, []}, permanent, 5000, worker, [m]}, (child())#{pick([restart, shutdown, type, modules, significant]) => pick([temporary, transient, brutal_kill, -1, supervisor, dynamic, [m], true, infinity])}]);
right(beam) -> beam();
right(arg_command) -> command(2);
right(arg_words) -> [pick(["-v", "-f", "x", "--file", "a=b", "3", "1.5", "true", "sub", "--", "-", "-vv", "--file=x", "é", "-3", <<"bin">>, "run", "-o1"]) || _ <- lists:seq(1, u(5) - 1)];
right(arg_options) -> pick([#{progname => "prog"}, #{prefixes => "+-", progname => "p"}, #{default => 5, progname => "p"}, #{columns => 40, progname => "p"}, #{command => ["sub"], progname => "p"}, #{progname => a}, #{default => none, progname => prog}]);
right(T) -> calls:arg(T).

code_form() -> phrases:make(form).
text_data() -> iolist_to_binary([pick([<<"abc">>, <<0>>, <<"hello world ">>, <<255, 1>>]) || _ <- lists:seq(1, u(40))]).

returning(R, N) ->
    V = right(R),
    case N of
        0 -> fun() -> V end;
        1 -> fun(_) -> V end;
        2 -> fun(_, _) -> V end;
        3 -> fun(_, _, _) -> V end;
        4 -> fun(_, _, _, _) -> V end;
        _ -> fun(_, _, _, _, _) -> V end
    end.

made(dict, L) -> dict:from_list(L);
made(orddict, L) -> orddict:from_list(L);
made(gb_trees, L) -> gb_trees:from_orddict(orddict:from_list(L));
made(gb_sets, L) -> gb_sets:from_list([K || {K, _} <- L]);
made(sets, L) -> sets:from_list([K || {K, _} <- L], [{version, u(2)}]);
made(ordsets, L) -> ordsets:from_list([K || {K, _} <- L]);
made(queue, L) -> queue:from_list([K || {K, _} <- L]);
made(array, L) -> array:from_list([K || {K, _} <- L]);
made(maps, L) -> maps:from_list(L);
made(iterator, L) -> maps:iterator(maps:from_list(L), ordered);
made(graph, L) ->
    lists:foldl(fun({A, B}, G) -> With = graph:add_vertex(graph:add_vertex(G, A), B), try graph:add_edge(With, A, B, x) catch _:_ -> With end end,
                graph:new(pick([[], [acyclic], [cyclic]])), L);
made(digraph, L) ->
    G = digraph:new(pick([[], [acyclic], [cyclic, private]])),
    [begin digraph:add_vertex(G, A), digraph:add_vertex(G, B, l), digraph:add_edge(G, {e, A, B}, A, B, x) end || {A, B} <- L],
    G;
made(Kind, L) when Kind =:= set; Kind =:= ordered_set; Kind =:= bag; Kind =:= duplicate_bag ->
    T = ets:new(made, [Kind, public]),
    ets:insert(T, [{K, V} || {K, V} <- L]),
    ets:insert(T, [{K, a, V} || {K, V} <- L, V > 6]),
    T;
made(atomics, L) -> A = atomics:new(length(L), [{signed, u(2) =:= 1}]), [atomics:put(A, I, V) || {I, {_, V}} <- lists:zip(lists:seq(1, length(L)), L)], A;
made(counters, L) -> counters:new(length(L), [pick([atomics, write_concurrency])]).

relation(external_set) -> [{u(4), pick([a, b, c])} || _ <- lists:seq(1, u(4))];
relation(a_function) -> sofs:a_function([{I, pick([a, b])} || I <- lists:seq(1, u(4))]);
relation(family) -> sofs:family([{I, [pick([a, b, c])]} || I <- lists:seq(1, u(4))]);
relation(relation) -> sofs:relation([{u(4), pick([a, b, c])} || _ <- lists:seq(1, u(5))]);
relation(_) -> pick([sofs:set([u(5), u(5)]), sofs:relation([{u(3), pick([a, b])}]), sofs:from_term([[a], [b, c]]), sofs:from_term(a), sofs:set([])]).

document(0) -> pick([prettypr:empty(), prettypr:text("text"), prettypr:text("a"), prettypr:null_text("nothing")]);
document(D) ->
    case u(8) of
        1 -> prettypr:above(document(D - 1), document(D - 1));
        2 -> prettypr:beside(document(D - 1), document(D - 1));
        3 -> prettypr:nest(u(4), document(D - 1));
        4 -> prettypr:par([document(D - 1) || _ <- lists:seq(1, u(4))], u(3));
        5 -> prettypr:sep([document(D - 1) || _ <- lists:seq(1, u(4))]);
        6 -> prettypr:text_par("some words in a row which go on", u(3));
        7 -> prettypr:break(document(D - 1));
        _ -> prettypr:follow(document(D - 1), document(D - 1), u(3))
    end.

event() ->
    Meta = #{time => 1600000000000000, pid => "<0.1.0>", gl => self(), mfa => {m, f, 1}, line => 3, domain => pick([[otp], [a, b], []])},
    #{level => pick([error, info, debug, notice]), meta => maps:without([pick([mfa, line, domain, gl])], Meta),
      msg => pick([{"~p and ~ts", [{a, "b"}, "é"]}, {string, "text\nof two lines"}, {string, <<"bytes">>}, {report, #{b => "two"}}, {report, [{x, 1}, {y, [2]}, z]}, {"~p", []}, {string, [a]}])}.

%% Of several wrong entries either may be told, so there is one at the most.
formatter_config() ->
    Right = [{chars_limit, pick([unlimited, 5, 30, 100])}, {depth, pick([unlimited, 3, 8, 30])}, {legacy_header, pick([true, false])}, {max_size, pick([unlimited, 5, 50])}, {single_line, pick([true, false])},
             {template, pick([[time, " ", level, ": ", msg, "\n"], [msg], [{mfa, ["in ", mfa, {line, [":", line], []}], ["nowhere"]}, " ", msg], [[a, b], "-", level, msg, {x, [], [pid]}], ["text"], [[logger_formatter, header], "\n", msg], []])},
             {time_designator, pick("T _")}, {time_offset, pick(["Z", "", "+01:00", "-11:30", 0, 3600000000])}, {report_cb, pick([fun(R) -> {"~0tp", [R]} end, fun(R, #{depth := D}) -> lists:flatten(io_lib:format("~0tp ~w", [R, D])) end, fun(_) -> bad end])}],
    Some = maps:from_list([Entry || Entry <- Right, u(3) =:= 1]),
    case u(4) of
        1 -> Some#{pick([chars_limit, depth, legacy_header, max_size, single_line, template, time_designator, time_offset, report_cb, other]) => wrong()};
        _ -> Some
    end.

ms_clause() ->
    {right(ms_head),
     [pick([{'>', '$1', 2}, {is_integer, '$1'}, {'andalso', true, {'==', '$2', a}}, {element, 1, '$_'}, true, {bad, 1}, {'=:=', {const, a}, '$1'}, {'or', true, false}, {'<', {'+', '$1', 1}, {'length', '$2'}}]) || _ <- lists:seq(1, u(3) - 1)],
     [pick(['$_', '$$', '$1', {{'$2', '$1'}}, {a}, ['$1', b], #{k => '$1'}, {'+', '$1', 1}, {hd, '$2'}, '$3', {const, {x}}, true, {map_get, a, '$1'}]) || _ <- lists:seq(1, u(2))]}.

child() -> #{id => pick([a, b]), start => {m, f, [1]}, restart => pick([permanent, temporary]), shutdown => 100, type => worker, modules => [m]}.

beam() ->
    {ok, B} = beam_lib:build_module([{"AtU8", <<-1:32, 16#10, $m>>}, {"Attr", term_to_binary(pick([[], [{vsn, [1]}], [{a, [b]}, {vsn, [x]}]]))}, {"CInf", term_to_binary([{version, "1"}])},
                                     {"ExpT", <<0:32>>}, {"ImpT", <<0:32>>}, {"LocT", <<0:32>>}, {"Code", <<16:32, 0:32, 177:32, 1:32, 0:32>>}, {"Abcd", <<1, 2, 3>>}]),
    case u(6) of
        1 -> binary:part(B, 0, u(byte_size(B)) - 1);
        2 -> N = u(byte_size(B)) - 1, <<X:N/binary, _, Y/binary>> = B, <<X/binary, (u(256) - 1), Y/binary>>;
        _ -> B
    end.

command(D) ->
    Args = [argument_map() || _ <- lists:seq(1, u(4) - 1)],
    Sub = case D > 0 andalso u(2) of 1 -> #{commands => #{pick(["sub", "run", "é"]) => command(D - 1)}}; _ -> #{} end,
    maps:merge(Sub, maps:from_list([{arguments, Args}] ++ [{help, pick(["Does it", hidden, <<"bytes">>, ["text ", usage, arguments, options]])} || u(2) =:= 1] ++ [{handler, pick([fun(M) -> M end, {fun(A) -> A end, 0}, optional, {m, f}])} || u(3) =:= 1])).

argument_map() ->
    maps:from_list([{name, pick([v, file, "n", <<"b">>, x])} | [O || O <- [{short, pick("vfo")}, {long, pick(["-file", "-verbose", "long"])}, {required, pick([true, false])}, {default, pick([1, "d", []])},
        {type, pick([integer, string, float, boolean, binary, atom, {atom, [a, b]}, {integer, [{min, 1}, {max, 5}]}, {string, "^[a-z]+$"}, {integer, [1, 2]}, {atom, unsafe}, {custom, fun(S) -> S end}, {string, ["x", "y"]}, bad])},
        {action, pick([store, {store, z}, append, {append, q}, count, extend, bad])}, {nargs, pick([1, 2, 'maybe', {'maybe', d}, list, nonempty_list, all, 0])}, {help, pick(["help text", hidden, <<"é">>, {"[-x]", ["a ", type, " ", default]}])}], u(3) =:= 1]]).

%% What belongs together. A part may still be exchanged for one that is wrong.
together(M, F, Ts) ->
    N = length(Ts),
    case {M, F} of
        {crypto, crypto_one_time} when N =:= 4 -> C = right(cipher), [C, key(C), text_data(), flag()];
        {crypto, crypto_one_time} -> C = right(cipher), [C, key(C), iv(C), text_data(), flag()];
        {crypto, crypto_init} when N =:= 3 -> C = right(cipher), [C, key(C), flag()];
        {crypto, crypto_init} -> C = right(cipher), [C, key(C), iv(C), flag()];
        {crypto, crypto_one_time_aead} when N =:= 6 -> C = right(aead), [C, key(C), iv(C), text_data(), text_data(), pick([true, true, true, false, x])];
        {crypto, crypto_one_time_aead} when N =:= 7 -> aead(pick([true, false]));
        {crypto, F1} when F1 =:= crypto_update; F1 =:= crypto_final; F1 =:= crypto_get_data -> C = pick([aes_128_cbc, aes_256_ctr, chacha20, aes_128_ecb]), [crypto:crypto_init(C, good_key(C), good_iv(C), flag1(C)) | [right(iodata) || N > 1]];
        {crypto, F1} when F1 =:= hash_update; F1 =:= hash_final -> [crypto:hash_init(pick([md5, sha, sha256, sha3_256])) | [right(iodata) || N > 1]];
        {crypto, F1} when F1 =:= mac_update; F1 =:= mac_final; F1 =:= mac_finalN -> [crypto:mac_init(hmac, pick([md5, sha256]), text_data()) | [pick([right(iodata), right(small)]) || N > 1]];
        {crypto, F1} when F1 =:= mac; F1 =:= macN; F1 =:= mac_init -> mac(F1, N);
        {crypto, pbkdf2_hmac} -> [right(hash), right(iodata), right(iodata), u(5) - 1, u(40) - 1];
        {crypto, hash_equals} -> A = text_data(), [A, pick([A, text_data(), <<>>])];
        {crypto, exor} -> A = text_data(), [A, pick([A, text_data(), [A]])];
        {crypto, generate_key} when N =:= 3 -> case u(3) of 1 -> [dh, [u(1000) + 20, pick([2, 5])], u(20)]; 2 -> [ecdh, right(curve), rand_bytes(pick([32, 48, 56, 21, 3]))]; _ -> [eddsa, pick([ed25519, ed448, x]), rand_bytes(pick([32, 57, 3]))] end;
        {crypto, compute_key} -> case u(2) of 1 -> [dh, u(1000), u(1000), [u(1000) + 20, 2]]; _ -> C = right(curve), [ecdh, rand_bytes(pick([32, 65, 56])), rand_bytes(pick([32, 56])), C] end;
        {crypto, sign} -> [eddsa, pick([none, sha256, undefined]), text_data(), [rand_bytes(pick([32, 32, 57, 3])), pick([ed25519, ed25519, ed448, x])] | [[] || N > 4]];
        {crypto, verify} -> [eddsa, pick([none, sha256]), text_data(), rand_bytes(pick([64, 64, 3])), [rand_bytes(pick([32, 32, 57])), pick([ed25519, ed25519, ed448])] | [[] || N > 5]];
        {logger_formatter, format} -> [event(), formatter_config()];
        {logger_formatter, check_config} -> [formatter_config()];
        {ets, _} -> table_call(F, N, Ts);
        {erl_syntax, _} -> syntax_call(atom_to_list(F), Ts);
        {atomics, F1} when F1 =/= new, F1 =/= info -> [right({made, atomics}), u(6) | [pick([u(9), -1, 1 bsl 63]) || _ <- lists:seq(3, N)]];
        {counters, F1} when F1 =/= new, F1 =/= info -> [right({made, counters}), u(6) | [pick([u(9), -1, 1 bsl 63]) || _ <- lists:seq(3, N)]];
        {erlang, F1} when N =:= 2, (F1 =:= term_to_binary orelse F1 =:= term_to_iovec orelse F1 =:= external_size) -> [calls:arg(any), calls:arg(t2bopt)];
        {string, take} when N > 2 -> [right(chars), some(chr, 4), pick([true, false]) | [pick([leading, trailing]) || N > 3]];
        {zlib, F1} when F1 =:= uncompress; F1 =:= gunzip; F1 =:= unzip -> [right(zdata)];
        _ -> none
    end.

flag() -> pick([true, false, [{encrypt, true}], [{encrypt, true}, {padding, pkcs_padding}], [{padding, zero}], [{encrypt, false}, {padding, none}], [{padding, random}, bad], [{padding, bad}]]).
flag1(aes_128_cbc) -> pick([true, [{encrypt, true}, {padding, pkcs_padding}], [{encrypt, true}, {padding, zero}]]);
flag1(_) -> pick([true, false]).

rand_bytes(N) -> list_to_binary([u(256) - 1 || _ <- lists:seq(1, N)]).

sizes(C) -> try crypto:cipher_info(C) of #{key_length := K, iv_length := V} -> {K, V} catch _:_ -> {16, 16} end.
good_key(C) -> {K, _} = sizes(C), rand_bytes(K).
good_iv(C) -> {_, V} = sizes(C), rand_bytes(V).
key(C) -> {K, _} = sizes(C), rand_bytes(case u(12) of 1 -> K + 1; 2 -> 0; _ -> K end).
iv(C) -> {_, V} = sizes(C), rand_bytes(case u(12) of 1 -> V + 1; 2 -> 0; _ -> V end).

aead(Encrypt) ->
    C = right(aead),
    {Key, IV, Text, More} = {key(C), iv(C), text_data(), text_data()},
    case Encrypt of
        true -> [C, Key, IV, Text, More, pick([16, 12, 4, 5, 0, 17]), true];
        false ->
            try crypto:crypto_one_time_aead(C, Key, IV, Text, More, true) of
                {Out, Tag} -> [C, Key, IV, Out, pick([More, More, <<"x">>]), Tag, false]
            catch
                _:_ -> [C, Key, IV, Text, More, rand_bytes(16), false]
            end
    end.

mac(F, N) ->
    Length = pick([u(20), 16, 0, 100]),
    case {F, N} of
        {mac, 3} -> [poly1305, rand_bytes(pick([32, 32, 3])), text_data()];
        {macN, 4} -> [poly1305, rand_bytes(pick([32, 32, 3])), text_data(), Length];
        {mac_init, 2} -> [poly1305, rand_bytes(pick([32, 32, 3]))];
        _ ->
            {T, S, K} = case u(3) of
                            1 -> {hmac, right(hash), text_data()};
                            2 -> C = pick([aes_128_cbc, aes_256_cbc, aes_128_ecb, des_cbc, none]), {cmac, C, key(C)};
                            _ -> {siphash, undefined, rand_bytes(16)}
                        end,
            {T1, S1} = case T of siphash -> {hmac, pick([sha256, x])}; _ -> {T, S} end,
            [T1, S1, K] ++ [text_data() || F =/= mac_init] ++ [Length || F =:= macN]
    end.

%% Tables without order are traversed in an order of their own.
table_call(F, _, _) when F =:= fun2ms; F =:= test_ms; F =:= new; F =:= whereis; F =:= is_compiled_ms; F =:= match_spec_compile; F =:= match_spec_run; F =:= repair_continuation -> none;
table_call(F, N, Ts) ->
    Kind = case lists:member(F, [first, last, next, prev, first_lookup, last_lookup, next_lookup, prev_lookup, slot, foldl, foldr]) of
               true -> ordered_set;
               false -> pick([set, ordered_set, bag, duplicate_bag])
           end,
    T = right({made, Kind}),
    case {F, N} of
        {F1, 3} when F1 =:= foldl; F1 =:= foldr -> [fun(X, A) -> [X | A] end, [], T];
        _ -> [T | [ets_argument(F, A) || A <- tl(Ts)]]
    end.

ets_argument(F, _) when F =:= lookup; F =:= member; F =:= delete; F =:= take; F =:= next; F =:= prev; F =:= next_lookup; F =:= prev_lookup -> pick([u(6), u(6) * 1.0, a, {1}]);
ets_argument(F, _) when F =:= insert; F =:= insert_new -> pick([{u(6), u(9)}, [{u(6), u(9)}, {u(6), b}], {a}, {}, [{1, 2}, 3], [], {1.0, x}]);
ets_argument(delete_object, _) -> pick([{u(6), u(9)}, {a}, 3]);
ets_argument(F, cnt) when F =:= slot -> u(8) - 2;
ets_argument(F, _) when F =:= update_counter; F =:= update_element -> pick([u(6), 2, {2, 1}, {2, u(9)}, [{2, 1}, {2, -1}], {2, 1, 3, 0}, [], {u(6), x}, {9, 9, 9}, {1, 2}, -1, 1 bsl 70]);
ets_argument(lookup_element, _) -> pick([u(6), 1, 2, 3, def]);
ets_argument(F, T) when F =:= match; F =:= match_object; F =:= match_delete -> case T of pos -> u(4); _ -> right(ms_head) end;
ets_argument(F, T) when F =:= select; F =:= select_count; F =:= select_delete; F =:= select_replace; F =:= select_reverse -> case T of pos -> u(4); _ -> right(ms) end;
ets_argument(_, T) -> right(T).

%% A function that asks for a part of a node gets a node of that type, mostly.
syntax_call(F, Ts) -> [case T of tree -> phrases:node(F); _ -> right(T) end || T <- Ts].
