-module(exports).

%% Calls every function of the library that has a specification and no effect outside, with arguments made after the types that
%% `signatures` tells and with others. `run Signatures From To Out` does To - From + 1 calls of each signature and writes what came of
%% each: the value, or class and reason of the exception with what the shell says about wrong arguments.

-export([main/1, modules/0, excluded/1]).
-compile([nowarn_deprecated_function, nowarn_deprecated_catch]).

modules() -> whole() ++ [M || {M, _} <- parts()].

whole() ->
    [lists, maps, string, binary, unicode, unicode_util, proplists, dict, orddict, sets, ordsets, gb_trees, gb_sets, queue, array, sofs, math,
     calendar, base64, uri_string, json, re, io_lib, filename, erl_scan, erl_anno, erl_internal, graph, digraph, digraph_utils, rand, random, argparse, erl_syntax,
     erl_syntax_lib, erl_prettypr, prettypr, erl_comment_scan, erl_parse, erl_pp, erl_features, io_ansi, crypto, atomics, counters, ets, erl_posix_msg, logger_filters, logger_formatter, records].

%% Modules of which most functions have an effect outside, with those that have none.
parts() ->
    [{erlang, [abs, adler32, adler32_combine, append_element, atom_to_binary, atom_to_list, binary_part, binary_to_existing_atom, binary_to_float, binary_to_integer, binary_to_list,
               binary_to_term, bit_size, bitstring_to_list, byte_size, ceil, convert_time_unit, crc32, crc32_combine, decode_packet, delete_element, element, error, exit, external_size,
               float, float_to_binary, float_to_list, floor, fun_info, function_exported, hd, insert_element, integer_to_binary, integer_to_list, iolist_size, iolist_to_binary,
               iolist_to_iovec, is_atom, is_binary, is_bitstring, is_boolean, is_builtin, is_float, is_function, is_integer, is_list, is_map, is_map_key, is_number, is_pid, is_port, is_record, is_reference,
               is_tuple, length, list_to_binary, list_to_bitstring, list_to_existing_atom, list_to_float, list_to_integer, list_to_pid, list_to_port, list_to_ref, list_to_tuple, make_tuple, map_get,
               map_size, match_spec_test, max, md5, min, nif_error, phash, phash2, raise, round, setelement, size, split_binary, term_to_binary, term_to_iovec, throw, tl, trunc, tuple_size, tuple_to_list]},
     {timer, [hms, hours, minutes, seconds, now_diff]}, {file, [format_error]}, {erl_tar, [format_error]}, {zlib, [compress, uncompress, gzip, gunzip, zip, unzip]},
     {erl_eval, [{expr, 2}, {exprs, 2}, {expr_list, 2}, add_binding, binding, bindings, del_binding, new_bindings]}, {erl_error, [format_exception]}, {erl_lint, [format_error, is_guard_test, {module, 1}, {module, 2}]},
     {ms_transform, [format_error]}, {merl, [alpha, match, meta_template, qquote, quote, subst, template, template_vars, term, tree, tsubst, var]}, {compile, [format_error]},
     {epp_dodger, [tokens_to_string]}, {epp, [default_encoding, encoding_to_string, format_error, read_encoding_from_binary]}, {erl_recomment, [recomment_forms, recomment_tree, quick_recomment_forms]},
     {beam_lib, [all_chunks, chunks, cmp, info, md5, strip, version, format_error, build_module]},
     {inet, [format_error, ipv4_mapped_ipv6_address, is_ip_address, is_ipv4_address, is_ipv6_address, ntoa, parse_address, parse_ipv4_address, parse_ipv4strict_address, parse_ipv6_address,
             parse_ipv6strict_address, parse_strict_address]},
     {logger, [compare_levels, format_report]}, {supervisor, [check_childspecs]}, {proc_lib, [format, translate_initial_call]}, {sys, [debug_options]},
     {gen_server, [reqids_add, reqids_new, reqids_size, reqids_to_list]}, {gen_event, [reqids_add, reqids_new, reqids_size, reqids_to_list]}, {gen_statem, [reqids_add, reqids_new, reqids_size, reqids_to_list]},
     {xref, [format_error]}, {yecc, [format_error]}, {leex, [format_error]}, {disk_log, [format_error]}, {qlc, [format_error]}].

%% What is left out, and why.
excluded({M, F, As}) ->
    A = length(As),
    case lists:keyfind(M, 1, parts()) of
        {_, Some} -> not (lists:member(F, Some) orelse lists:member({F, A}, Some));
        false -> lists:any(fun({Mod, Fs, _Why}) -> Mod =:= M andalso (lists:member(F, Fs) orelse lists:member({F, A}, Fs)) end, exclusions())
    end.

exclusions() ->
    [{calendar, [local_time, universal_time], "the clock"},
     {filename, [{absname, 1}, basedir, find_src], "the working directory, the environment, files"},
     {io_lib, [get_until, collect_chars, collect_line, get_password], "protocol of devices"},
     {re, [inspect, version], "numbers of the engine"},
     {maps, [{next, 1}, {iterator, 1}], "order of maps"},
     {unicode_util, [spec_version], "the version of Unicode"},
     {binary, [referenced_byte_size], "memory"},
     {rand, [{seed, 1}, {seed_s, 1}, export_seed, {mwc59_seed, 0}], "seeds from the system"},
     {random, [{seed, 0}], ""},
     {digraph, [info], "memory"},
     {io_ansi, [cursor_get_position, enabled, {fwrite, 1}, {fwrite, 2}, {fwrite, 3}, {fwrite, 4}, tput, tigetflag, tigetnum, tinfo], "the terminal"},
     {argparse, [run, {parse, 2}, {help, 1}], "output, the program's name"},
     {crypto, [start, stop, supports, info, info_lib, info_fips, enable_fips_mode, strong_rand_bytes, strong_rand_range, rand_uniform, rand_seed, rand_seed_s, rand_seed_alg, rand_seed_alg_s, ec_curves,
               {generate_key, 2}, encapsulate_key, decapsulate_key, public_encrypt, private_decrypt, private_encrypt, public_decrypt, engine_load, engine_unload, engine_by_id, engine_add, engine_remove,
               engine_register, engine_unregister, engine_get_id, engine_get_name, engine_list, engine_get_all_methods, engine_ctrl_cmd_string, ensure_engine_loaded], "random numbers, the version of the library, engines"},
     {ets, [all, new, whereis, i, info, file2tab, tab2file, tabfile_info, give_away, rename, to_dets, from_dets, init_table, table, safe_fixtable, setopts, match_spec_compile, match_spec_run, repair_continuation,
            fun2ms, {match, 1}, {match, 3}, {match_object, 1}, {match_object, 3}, {select, 1}, {select, 3}, {select_reverse, 1}, {select_reverse, 3}], "names, files, owners, continuations"},
     {counters, [{info, 1}], "memory"}, {atomics, [], ""},
     {erl_comment_scan, [file], "files"},
     {logger_filters, [remote_gl], "nodes"}].

main(["run", File, From, To, Out | Only]) ->
    [os:putenv(Name, Value) || {Name, Value} <- [{"TZ", "UTC"}]],
    logger:set_primary_config(level, none),
    {ok, Signatures} = file:consult(File),
    {ok, Device} = file:open(Out, [write, raw, delayed_write]),
    [file:write(Device, io_lib:format("~w:~w/~w ~w ~0tp => ~0tp~n", [M, F, length(Types), N, As, R]))
     || {M, F, Types} <- Signatures, Only =:= [] orelse lists:member(atom_to_list(M), Only), not excluded({M, F, Types}),
        N <- numbers(Types, list_to_integer(From), list_to_integer(To)), {As, R} <- [one(N, M, F, Types)]],
    file:close(Device),
    halt().

numbers([], From, _) -> [From];
numbers(_, From, To) -> lists:seq(From, To).

%% A call depends on its number and its signature only. One of nine arguments is of any kind. A call that takes long is given up on both sides.
one(N, M, F, Types) ->
    Call = fun() ->
                   rand:seed(exsss, {erlang:phash2({M, F, Types}), N, 17}),
                   Made = case arguments:together(M, F, Types) of
                              none -> [arguments:right(T) || T <- Types];
                              As -> As
                          end,
                   Args = [case rand:uniform(9) of 1 when M =/= ets -> arguments:wrong(); _ -> A end || A <- Made],
                   Shown = [shown_as(M, T, A) || {T, A} <- lists:zip(Types, Args)],
                   rand:seed(exsss, 1),
                   exit({done, Shown, called(M, F, Args)})
           end,
    {Pid, Ref} = spawn_opt(Call, [monitor, {max_heap_size, #{size => 20000000, error_logger => false}}]),
    receive
        {'DOWN', Ref, _, _, {done, Args, R}} -> {Args, R};
        {'DOWN', Ref, _, _, killed} -> {none, died};
        {'DOWN', Ref, _, _, _} -> {none, not_made}
    after 5000 ->
        exit(Pid, kill),
        {none, late}
    end.

%% Documents and iterators have representations of their own.
shown_as(prettypr, _, A) when is_tuple(A) -> '$document';
shown_as(prettypr, {list, document}, A) when is_list(A) -> [shown_as(prettypr, document, D) || D <- A];
shown_as(maps, _, A) when is_tuple(A); is_list(A) -> try {'$iterator', shown(maps:to_list(A))} catch _:_ -> shown(A) end;
shown_as(erl_eval, bindings, A) when is_map(A) -> maps:to_list(A);
shown_as(_, _, A) -> shown(A).

called(M, F, Args) ->
    try apply(M, F, Args) of
        V -> value(M, F, Args, V)
    catch
        C:R:S -> {C, shown(R), explained(C, R, lists:sublist(S, 1), M, F)}
    end.

%% What the shell says about the arguments of the function that was called.
explained(C, R, [{M, F, As, Info}], M, F) when is_list(As) ->
    case [I || {error_info, _} = I <- Info] of
        [] -> none;
        Error ->
            Text = lists:flatten(erl_error:format_exception(C, R, [{M, F, As, Error}])),
            case [string:trim(L) || "     ***" ++ _ = L <- string:split(Text, "\n", all)] of
                [] -> none;
                Lines -> Lines
            end
    end;
explained(_, _, _, _, _) -> none.

value(ets, _, [T | _] = As, V) when is_reference(T) ->
    Kind = ets:info(T, type),
    Left = case Kind of undefined -> gone; _ -> lists:sort(ets:tab2list(T)) end,
    {case Kind =/= ordered_set andalso is_list(V) of true -> sorted(shown(V)); false -> shown(V) end, shown(Left), length(As)};
value(digraph, F, [G | _], V) when is_tuple(G), F =/= delete -> {sorted(shown(V)), try shown(G) catch _:_ -> none end};
value(M, _, [A | _], V) when M =:= atomics, is_reference(A); M =:= counters, element(1, A) =:= atomics; M =:= counters, element(1, A) =:= write_concurrency -> {shown(V), try [M:get(A, I) || I <- lists:seq(1, 5)] catch _:_ -> small end};
value(_, reqids_to_list, _, V) -> sorted(shown(V));
%% Encodings show the order of a map's keys. How a term is taken apart and packed does not matter.
value(erlang, F, [A | _], V) when F =:= term_to_binary; F =:= term_to_iovec ->
    Whole = iolist_to_binary(V),
    {shown(binary_to_term(Whole)), case calls:has_map(A) of true -> many; false -> byte_size(Whole) end};
value(proplists, get_keys, _, V) -> sorted(shown(V));
value(sys, debug_options, _, V) when is_list(V) -> length(V);
value(maps, iterator, _, V) -> shown(maps:to_list(V));
value(prettypr, _, _, V) -> try prettypr:format(V, 30) catch _:_ when is_list(V) -> text(V); _:_ -> '$document' end;
value(erl_prettypr, _, _, V) when is_tuple(V); V =:= null -> try prettypr:format(V, 60) catch _:_ -> '$context' end;
value(erl_scan, _, _, {more, _}) -> more;
value(json, _, _, {continue, _}) -> continue;
value(digraph_utils, _, _, V) -> deep_sorted(shown(V));
value(erl_eval, F, _, V) when is_map(V), F =/= expr_list -> shown(lists:sort(maps:to_list(V)));
value(M, _, _, V) when M =:= io_lib; M =:= io_ansi; M =:= erl_pp; M =:= merl, is_list(V); M =:= argparse; M =:= erl_error -> text(V);
value(M, F, As, V) when F =:= format_error; F =:= format_report; M =:= proc_lib ->
    case lists:any(fun calls:has_map/1, As) andalso text(V) of
        false -> text(V);
        Text when is_list(Text), M =/= logger -> lists:sort(Text);
        _ when M =:= logger -> report;
        Other -> Other
    end;
value(M, F, _, V) when M =:= json; M =:= uri_string; M =:= logger_formatter; M =:= string; M =:= zlib; F =:= template -> text(V);
value(crypto, F, _, V) when F =:= crypto_init; F =:= hash_init; F =:= mac_init; F =:= hash_update; F =:= mac_update; F =:= crypto_one_time_aead_init -> case V of {error, _} -> V; _ -> '$state' end;
value(_, _, _, V) -> shown(V).

%% Tables without order give vertices and edges in an order of their own.
deep_sorted(L) when is_list(L) -> try lists:sort([deep_sorted(E) || E <- L]) catch _:_ -> L end;
deep_sorted(X) -> X.

sorted(L) when is_list(L) -> try lists:sort(L) catch _:_ -> L end;
sorted(X) -> X.

text(V) when is_list(V) ->
    try unicode:characters_to_list(V) of
        L when is_list(L) -> L;
        _ -> shown(V)
    catch
        _:_ -> shown(V)
    end;
text(V) -> shown(V).

shown(M) when is_map(M) -> {'$map', lists:sort([{shown(K), shown(V)} || {K, V} <- maps:to_list(M)])};
shown([H | T]) -> [shown(H) | shown(T)];
shown({'EXIT', {R, [{_, _, _, _} | _]}}) -> {'EXIT', shown(R)}; % the trace names functions within
shown({#{type := T, next := _}, S}) -> {'$rand', T, shown(S)};
shown({tree, _, _, _} = T) -> tree(T);
shown({wrapper, _, _, _} = T) -> tree(T);
shown(T) when element(1, T) =:= graph -> try {'$graph', lists:sort(graph:vertices_with_labels(T)), lists:sort(graph:edges(T))} catch _:_ -> plain(T) end;
shown(T) when element(1, T) =:= digraph ->
    try {'$digraph', lists:sort([shown(digraph:vertex(T, V)) || V <- digraph:vertices(T)]), lists:sort([no_names(digraph:edge(T, E)) || E <- digraph:edges(T)])} catch _:_ -> '$digraph' end;
shown(T) when element(1, T) =:= re_exported_pattern -> '$exported';
shown(T) when is_tuple(T) ->
    case array:is_array(T) of % what it is made of is nobody's business
        true -> {'$array', array:size(T), array:is_fix(T), shown(array:default(T)), shown(array:sparse_to_orddict(T))};
        false -> plain(T)
    end;
shown(X) when is_function(X); is_pid(X); is_reference(X); is_port(X) -> '$opaque';
shown(X) -> X.

plain(T) -> list_to_tuple([shown(E) || E <- tuple_to_list(T)]).

no_names({['$e' | _], A, B, L}) -> {name, A, B, L};
no_names(E) -> E.

%% Trees are shown by their types and parts, as erl_syntax tells of them.
tree(T) ->
    try {'$tree', erl_syntax:type(T), erl_syntax:get_ann(T), [[shown(P) || P <- Ps] || Ps <- erl_syntax:subtrees(T)], leaf(erl_syntax:type(T), T)}
    catch _:_ -> plain(T)
    end.

leaf(atom, T) -> erl_syntax:atom_value(T);
leaf(integer, T) -> erl_syntax:integer_value(T);
leaf(string, T) -> erl_syntax:string_value(T);
leaf(variable, T) -> erl_syntax:variable_name(T);
leaf(comment, T) -> {erl_syntax:comment_padding(T), erl_syntax:comment_text(T)};
leaf(operator, T) -> erl_syntax:operator_name(T);
leaf(_, _) -> none.
