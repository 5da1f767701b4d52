-module(mutants).
-moduledoc "Damages real modules, loads what the machine takes and calls it: nothing but exceptions may come of it.".

-export([main/1]).

%% Modules that compute and have no effects: whatever the damage makes of them, they have only their own imports to call.
-define(PURE, [lists, dict, orddict, ordsets, sets, gb_sets, gb_trees, queue, proplists, base64, string, array, rand, calendar, json, maps,
               unicode_util, uri_string, erl_anno, sofs, digraph_utils, io_lib_format, io_lib_pretty, io_lib_fread, erl_scan, erl_parse,
               erl_bits, binary, lists_sort, gerl_clusters, re, erl_pp, otp_internal, math]).
-define(NAME, "mUtAnT_").

main([Dirs, From, To]) ->
    Files = [File || Dir <- string:tokens(Dirs, ":"), File <- filelib:wildcard(filename:join(Dir, "*.beam")),
                     lists:member(list_to_atom(filename:basename(File, ".beam")), ?PURE)],
    [] =/= Files orelse begin io:format("no modules in ~ts~n", [Dirs]), halt(2) end,
    logger:set_primary_config(level, none),
    Tally = lists:foldl(fun(N, Acc) -> count(mutant(N, list_to_tuple(Files)), Acc) end, #{},
                        lists:seq(list_to_integer(From), list_to_integer(To))),
    io:format("~p~n", [Tally]),
    halt(case is_map_key(broken, Tally) of true -> 1; false -> 0 end).

count(Results, Tally) -> lists:foldl(fun(R, T) -> T#{R => maps:get(R, T, 0) + 1} end, Tally, Results).

%% What number N stands for: one file, one to three changes in its code.
mutant(N, Files) ->
    rand:seed(exsss, {N, 13, 17}),
    File = element(rand:uniform(tuple_size(Files)), Files),
    {ok, Image} = file:read_file(File),
    Changed = changed(Image),
    Name = name(Changed),
    case code:load_binary(Name, "mutant", Changed) of
        {module, Name} ->
            Exports = [E || {F, _} = E <- erlang:get_module_info(Name, exports), F =/= module_info],
            Results = [called(N, File, Name, E) || E <- some(Exports, 12)],
            code:purge(Name),
            code:delete(Name),
            code:purge(Name),
            [loaded | Results];
        {error, _} -> [refused]
    end.

some(List, N) -> lists:sublist([E || {_, E} <- lists:sort([{rand:uniform(), E} || E <- List])], N).

name(<<"FOR1", _:32, "BEAM", Chunks/binary>>) ->
    <<_:4/binary, Atoms/binary>> = chunk(<<"AtU8">>, Chunks),
    binary_to_atom(first_atom(Atoms)).

first_atom(<<0, Length, Name:Length/binary, _/binary>>) -> Name;
first_atom(<<Length, Name:Length/binary, _/binary>>) -> Name;
first_atom(<<Length:4, 0:1, 0:3, Name:Length/binary, _/binary>>) -> Name.

chunk(Id, <<Id:4/binary, Size:32, Data:Size/binary, _/binary>>) -> Data;
chunk(Id, <<_:4/binary, Size:32, Rest/binary>>) ->
    Padded = (Size + 3) div 4 * 4,
    <<_:Padded/binary, More/binary>> = Rest,
    chunk(Id, More).

%% The module under another name of the same length, with other bytes in its code.
changed(Image0) ->
    <<"FOR1", Size:32, "BEAM", Chunks/binary>> = case Image0 of
                                                     <<31, 139, _/binary>> -> zlib:gunzip(Image0);
                                                     _ -> Image0
                                                 end,
    <<"FOR1", Size:32, "BEAM", (chunks(Chunks))/binary>>.

chunks(<<Id:4/binary, Size:32, Rest/binary>>) ->
    Padded = (Size + 3) div 4 * 4,
    <<Data:Padded/binary, More/binary>> = Rest,
    New = case Id of
              <<"AtU8">> -> renamed(Data);
              <<"Code">> -> damaged(Data, Size);
              _ -> Data
          end,
    <<Id/binary, Size:32, New/binary, (chunks(More))/binary>>;
chunks(<<>>) -> <<>>.

renamed(<<Count:4/binary, Atoms/binary>>) ->
    Name = first_atom(Atoms),
    {At, Length} = binary:match(Atoms, Name),
    <<Before:At/binary, _:Length/binary, After/binary>> = Atoms,
    New = binary:part(list_to_binary(lists:duplicate(Length div length(?NAME) + 1, ?NAME)), 0, Length),
    <<Count/binary, Before/binary, New/binary, After/binary>>.

%% The header of 24 bytes stays.
damaged(Code, Size) ->
    lists:foldl(fun(_, Acc) ->
                        At = 24 + rand:uniform(Size - 24) - 1,
                        <<Before:At/binary, Byte, After/binary>> = Acc,
                        New = case rand:uniform(4) of
                                  1 -> rand:uniform(256) - 1;
                                  2 -> Byte bxor (1 bsl (rand:uniform(8) - 1));
                                  3 -> (Byte + 16) band 255;
                                  4 -> (Byte - 16) band 255
                              end,
                        <<Before/binary, New, After/binary>>
                end, Code, lists:seq(1, rand:uniform(3))).

%% Calls a function with arguments of any kind, in a process of its own with little memory and time.
called(N, File, Module, {F, A}) ->
    {Pid, Ref} = spawn_opt(fun() -> calls(Module, F, A, 6) end, [monitor, {max_heap_size, #{size => 300000, kill => true, error_logger => false}}]),
    receive
        {'DOWN', Ref, _, _, normal} -> returned;
        {'DOWN', Ref, _, _, killed} -> too_large;
        {'DOWN', Ref, _, _, Reason} ->
            case internal(Reason) of
                true ->
                    io:format("~w ~ts ~w/~w: ~0p~n", [N, File, F, A, Reason]),
                    broken;
                false -> ended
            end
    after 200 ->
        exit(Pid, kill),
        receive {'DOWN', Ref, _, _, _} -> too_long end
    end.

internal(Reason) -> string:find(io_lib:format("~0p", [Reason]), "internal") =/= nomatch.

calls(_, _, _, 0) -> ok;
calls(M, F, A, N) ->
    Args = [term(2) || _ <- lists:seq(1, A)],
    try apply(M, F, Args) of
        Value -> erlang:phash2({Value, Args})
    catch
        _:_ -> ok
    end,
    garbage_collect(),
    calls(M, F, A, N - 1).

term(D) ->
    case rand:uniform(if D > 0 -> 16; true -> 11 end) of
        1 -> rand:uniform(10);
        2 -> -1 bsl rand:uniform(80);
        3 -> rand:uniform();
        4 -> element(rand:uniform(5), {a, true, ok, [], undefined});
        5 -> <<"some bytes">>;
        6 -> <<(rand:uniform(1000)):(rand:uniform(30))>>;
        7 -> binary:copy(<<"long ">>, 30);
        8 -> "text";
        9 -> self();
        10 -> fun(X) -> X end;
        11 -> {};
        12 -> [term(D - 1) || _ <- lists:seq(1, rand:uniform(4))];
        13 -> list_to_tuple([term(D - 1) || _ <- lists:seq(1, rand:uniform(4))]);
        14 -> maps:from_list([{term(0), term(D - 1)} || _ <- lists:seq(1, rand:uniform(3))]);
        15 -> [term(D - 1) | term(D - 1)];
        16 -> [{term(0), term(D - 1)} || _ <- lists:seq(1, rand:uniform(4))]
    end.
