-module(exports).

%% Calls every function of the library that has a specification and no effect outside, with arguments made after the types that
%% `signatures` tells and with others. `run Signatures From To Out` does To - From + 1 calls of each signature and writes what came of
%% each: the value, or class and reason of the exception with what the shell says about wrong arguments.

-export([main/1, modules/0, excluded/1]).

modules() ->
    [lists, maps, string, binary, unicode, unicode_util, proplists, dict, orddict, sets, ordsets, gb_trees, gb_sets, queue, array, sofs, math,
     calendar, base64, uri_string, json, re, io_lib, filename, erl_scan, erl_anno, erl_internal].

%% What is left out, and why.
excluded({M, F, As}) -> lists:any(fun({Mod, Fs, _Why}) -> Mod =:= M andalso (lists:member(F, Fs) orelse lists:member({F, length(As)}, Fs)) end, exclusions()).

exclusions() ->
    [{calendar, [local_time, universal_time, now_to_local_time, local_time_to_universal_time, local_time_to_universal_time_dst,
                 universal_time_to_local_time, system_time_to_local_time, {system_time_to_rfc3339, 1}, {rfc3339_to_system_time, 1},
                 {system_time_to_rfc3339, 2}, time_difference], "the clock, the time zone"},
     {filename, [absname, basedir, find_src, nativename, {absname_join, 2}], "the working directory, the environment, files"},
     {io_lib, [fread, scan_format, unscan_format, build_text, get_until, collect_chars, collect_line, get_password], "protocol of devices, intermediate forms"},
     {re, [internal_run, grun, ucompile, urun, version, compile, import, inspect, split, replace], "patterns are compared by calls.erl"},
     {json, [decode_start, decode_continue], "continuations"},
     {unicode_util, [spec_version, lookup, get_case, whitespace, is_wide, category, nfkd, nfkc, nfd, nfc], "the version of Unicode; shown by unicode"},
     {unicode, [bin_is_7bit, encoding_to_bom, bom_to_encoding], "internal, trivial"},
     {erl_scan, [token, tokens, continuation_location, f_string, reserved_word], "continuations"},
     {maps, [next, foreach, iterator], "order of maps, iterators"}, {lists, [foreach, zf, rmerge, rumerge, rmerge3, rumerge3, rkeymerge, rukeymerge], "internal"},
     {base64, [], ""}, {array, [], ""}, {binary, [referenced_byte_size, compile_pattern], "memory, opaque"},
     {sofs, [no_elements, to_sets], ""}, {erl_internal, [add_predefined_functions], ""}].

main(["run", File, From, To, Out | Only]) ->
    {ok, Signatures} = file:consult(File),
    {ok, Device} = file:open(Out, [write, raw, delayed_write]),
    Numbered = lists:enumerate(Signatures),
    [file:write(Device, io_lib:format("~w:~w/~w ~w ~0tp => ~0tp~n", [M, F, length(As), N, As, R]))
     || {I, {M, F, Types}} <- Numbered, Only =:= [] orelse lists:member(atom_to_list(M), Only), not excluded({M, F, Types}), N <- lists:seq(list_to_integer(From), list_to_integer(To)), {As, R} <- [one(I, N, M, F, Types)]],
    file:close(Device),
    halt().

one(I, N, M, F, Types) ->
    rand:seed(exsss, {I, N, 17}),
    Args = [argument(T) || T <- Types],
    {shown(Args), result(M, F, Args)}.

%% A call that takes long is given up on both sides.
result(M, F, Args) ->
    {Pid, Ref} = spawn_opt(fun() -> exit({done, called(M, F, Args)}) end, [monitor, {max_heap_size, #{size => 20000000, error_logger => false}}]),
    receive
        {'DOWN', Ref, _, _, {done, R}} -> R;
        {'DOWN', Ref, _, _, _} -> died
    after 5000 ->
        exit(Pid, kill),
        late
    end.

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

value(io_lib, _, _, V) -> text(V);
value(M, _, _, V) when M =:= json; M =:= uri_string; M =:= string -> text(V);
value(_, _, _, V) -> shown(V).

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
shown(T) when is_tuple(T) ->
    case array:is_array(T) of % what it is made of is nobody's business
        true -> {'$array', array:size(T), array:is_fix(T), shown(array:default(T)), shown(array:sparse_to_orddict(T))};
        false -> list_to_tuple([shown(E) || E <- tuple_to_list(T)])
    end;
shown(X) when is_function(X); is_pid(X); is_reference(X); is_port(X) -> '$opaque';
shown(X) -> X.

u(N) -> rand:uniform(N).
pick(L) -> lists:nth(u(length(L)), L).

%% One of nine arguments is of any kind.
argument(T) ->
    case u(9) of
        1 -> wrong();
        _ -> right(T)
    end.

wrong() -> pick([a, -1, 0, 1.5, <<1:3>>, <<255, 254>>, [], {}, #{}, [a | b], [1, 2], <<"abc">>, "text", {a, 1}, fun(X) -> X end, 16#110000, [[], [[$a], <<"b">>]]]).

right(any) -> calls:arg(any);
right({is, V}) -> V;
right({one, Ts}) -> right(pick(Ts));
right({tuple, Ts}) -> list_to_tuple([right(T) || T <- Ts]);
right({list, T}) -> [right(T) || _ <- lists:seq(1, u(5) - 1)];
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
right(T) -> calls:arg(T).

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
made(maps, L) -> maps:from_list(L).

relation(external_set) -> [{u(4), pick([a, b, c])} || _ <- lists:seq(1, u(4))];
relation(a_function) -> sofs:a_function([{I, pick([a, b])} || I <- lists:seq(1, u(4))]);
relation(family) -> sofs:family([{I, [pick([a, b, c])]} || I <- lists:seq(1, u(4))]);
relation(relation) -> sofs:relation([{u(4), pick([a, b, c])} || _ <- lists:seq(1, u(5))]);
relation(_) -> pick([sofs:set([u(5), u(5)]), sofs:relation([{u(3), pick([a, b])}]), sofs:from_term([[a], [b, c]]), sofs:from_term(a), sofs:set([])]).
