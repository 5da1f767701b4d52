-module(gerl_dets_ops).
-moduledoc "What the requests to a Dets table do with its file.".

-export([is_change/1, check/2, read/2, change/3, ended/1]).

-include("gerl_dets.hrl").

-define(MANY_SLOTS, 1000000).

-doc "Whether a request changes the table.".
-spec is_change(term()) -> boolean().
is_change(Request) when is_tuple(Request) ->
    lists:member(element(1, Request), [insert, insert_new, delete_key, delete_object, delete_matching, initialize, update_counter]);
is_change(Request) -> Request =:= delete_all_objects orelse Request =:= grow.

%%% ---- reading --------------------------------------------------------------------------------------

-doc "The answer to a request that changes nothing.".
-spec read(term(), #file{}) -> {term(), #file{}}.
read({lookup_keys, Keys}, File) ->
    {Found, File1} = gerl_dets_file:lookup(Keys, File),
    {lists:append([Objects || {_, Objects} <- Found]), File1};
read({member, Key}, File) ->
    {[{_, Objects}], File1} = gerl_dets_file:lookup([Key], File),
    {Objects =/= [], File1};
read(first, File) -> first(0, File);
read({next, Key}, File) ->
    Slot = gerl_dets_file:slot(Key, File),
    {Keys, File1} = gerl_dets_file:read(Slot, File),
    case behind(Key, [K || {K, _} <- Keys]) of
        [Next | _] -> {{ok, Next}, File1};
        [] -> first(Slot + 1, File1)
    end;
read({slot, Slot}, #file{next = Next} = File) when Slot >= Next -> {'$end_of_table', File};
read({slot, Slot}, File) ->
    {Keys, File1} = gerl_dets_file:read(Slot, File),
    {[binary_to_term(O) || {_, Objects} <- Keys, O <- Objects], File1};
read({collections, Slot, Count}, #file{type = Type} = File) ->
    {Collections, After, File1} = gerl_dets_file:raw(Slot, Count, File),
    {{case Type of set -> set; _ -> bags end, Collections, After}, File1};
read({objects, Slot, Count}, File) -> objects(Slot, Count, File, []);
read({where, Object}, File) ->
    Slot = gerl_dets_file:slot(element(File#file.keypos, Object), File),
    {Keys, File1} = gerl_dets_file:read(Slot, File),
    case [O || {_, Objects} <- Keys, O <- Objects, binary_to_term(O) =:= Object] of
        [] -> {false, File1};
        _ ->
            {At, File2} = gerl_dets_file:address(Slot, File1),
            {{ok, At}, File2}
    end;
read({fits, Parameters}, File) -> {gerl_dets_format:fits(Parameters, File), File};
read(pointers, File) -> gerl_dets_file:all_pointers(File);
read({blocks, Entries}, File) -> {{blocks, gerl_dets_file:blocks(Entries, File)}, File}.

%% So many objects, or all of the first key; a collection is not divided.
objects(Slot, Count, File, Acc) ->
    {Collections, After, File1} = gerl_dets_file:collections(Slot, Count, File),
    {Taken, Rest} = enough(Collections, Count, 0, []),
    case Rest of
        [] when After =/= none, length(Taken) + length(Acc) < Count -> objects(After, Count, File1, Acc ++ Taken);
        [] -> {{objects, Acc ++ Taken, After}, File1};
        [[Next | _] | _] ->
            Key = element(File1#file.keypos, binary_to_term(Next)),
            {{objects, Acc ++ Taken, gerl_dets_file:slot(Key, File1)}, File1}
    end.

enough([Collection | Collections], Count, N, Acc) when N < Count ->
    enough(Collections, Count, N + length(Collection), Acc ++ Collection);
enough(Rest, _, _, Acc) -> {Acc, Rest}.

first(Slot, #file{next = Next} = File) when Slot >= Next -> {{ok, '$end_of_table'}, File};
first(Slot, File) ->
    {Collections, After, File1} = gerl_dets_file:collections(Slot, 1, File),
    case Collections of
        [[Object | _]] -> {{ok, element(File#file.keypos, binary_to_term(Object))}, File1};
        [] when After =:= none -> {{ok, '$end_of_table'}, File1}
    end.

behind(Key, [Key | Keys]) -> Keys;
behind(Key, [_ | Keys]) -> behind(Key, Keys);
behind(_, []) -> [].

%%% ---- changing -------------------------------------------------------------------------------------

-doc "Throws {reply, Reply} if a request cannot be done at all.".
-spec check(term(), #file{}) -> ok.
check({Insert, Objects}, #file{keypos = Pos}) when Insert =:= insert; Insert =:= insert_new; Insert =:= delete_object ->
    try length(Objects) of
        _ -> lists:all(fun(O) -> is_tuple(O) andalso tuple_size(O) >= Pos end, Objects) orelse throw({reply, badarg}), ok
    catch
        error:badarg -> throw({reply, badarg})
    end;
check({update_counter, _, _}, #file{type = Type}) when Type =/= set -> throw({reply, badarg});
check(_, _) -> ok.

-doc "Does a request that changes the table.".
-spec change(term(), #file{}, #how{}) -> {term(), #file{}}.
change({insert, Objects}, File, _) -> {ok, inserted(Objects, File)};
change({insert_new, Objects}, #file{keypos = Pos} = File, _) ->
    {Found, File1} = gerl_dets_file:lookup([element(Pos, O) || O <- Objects], File),
    case lists:all(fun({_, Old}) -> Old =:= [] end, Found) of
        true -> {true, inserted(Objects, File1)};
        false -> {false, File1}
    end;
change({delete_key, Keys}, File, _) -> {ok, gerl_dets_file:update([{Key, delete} || Key <- Keys], File)};
change({delete_object, Objects}, File, _) -> {ok, deleted(Objects, File)};
change({delete_matching, Spec, Slot, Count}, File, _) ->
    {Collections, After, File1} = gerl_dets_file:collections(Slot, Count, File),
    {N, File2} = matching(terms(lists:append(Collections), File1), Spec, File1),
    {{deleted, N, After}, File2};
change({delete_matching, Spec, Keys}, File, _) ->
    {Found, File1} = gerl_dets_file:lookup(Keys, File),
    {N, File2} = matching(lists:append([Objects || {_, Objects} <- Found]), Spec, File1),
    {{deleted, N, none}, File2};
change({update_counter, Key, Increment}, #file{keypos = KeyPos} = File, _) ->
    {[{_, Found}], File1} = gerl_dets_file:lookup([Key], File),
    {Pos, By} = case Increment of {P, I} -> {P, I}; I -> {KeyPos + 1, I} end,
    case Found of
        [Object] when is_integer(Pos), Pos > 0, Pos =< tuple_size(Object), is_integer(By), is_integer(element(Pos, Object)) ->
            Value = element(Pos, Object) + By,
            New = setelement(Pos, Object, Value),
            %% An increment of the key adds an object.
            {Value, inserted([New], File1)};
        _ -> {badarg, File1}
    end;
change(delete_all_objects, File, _) -> {ok, emptied(File)};
change(grow, File, _) -> {ok, File};
change({initialize, Fun, Format, Min}, File, _) -> initialized(Fun, Format, Min, File).

terms(Objects, #file{name = Name}) ->
    try
        [binary_to_term(O) || O <- Objects]
    catch
        error:badarg -> throw(?FAILED({{bad_object, terms}, Name}))
    end.

%% An empty table gets slots for all objects at once, as if it had grown.
inserted(Objects, #file{objects = 0, next = Next, held = none} = File) when Next < ?MANY_SLOTS ->
    case length(Objects) of
        Many when Many > 2 * Next -> stored(Objects, emptied({exact, Many}, File));
        _ -> stored(Objects, File)
    end;
inserted(Objects, File) -> stored(Objects, File).

stored(Objects, #file{keypos = Pos} = File) ->
    gerl_dets_file:update([{element(Pos, O), {insert, O}} || O <- Objects], File).

deleted(Objects, #file{keypos = Pos} = File) ->
    gerl_dets_file:update([{element(Pos, O), {delete_object, O}} || O <- Objects], File).

matching(Objects, Spec, File) ->
    Compiled = ets:match_spec_compile(Spec),
    Matching = [O || O <- Objects, [true] =:= ets:match_spec_run([O], Compiled)],
    {length(Matching), case Matching of [] -> File; _ -> deleted(Matching, File) end}.

emptied(#file{min = Min} = File) -> emptied(Min, File).

emptied(First, #file{fd = Fd, name = Name, type = Type, keypos = Pos, min = Min, max = Max}) ->
    {ok, 0} = file:position(Fd, 0),
    case file:truncate(Fd) of
        ok -> gerl_dets_file:create(Fd, Name, {Type, Pos}, {First, Min, Max});
        {error, Reason} -> throw(?FAILED({file_error, Name, Reason}))
    end.

%%% ---- init_table -----------------------------------------------------------------------------------

initialized(_, term, Min, #file{max = Max}) when is_integer(Min), Min > Max -> throw({reply, badarg});
initialized(Fun, Format, Min, File) ->
    First = case Min of default -> File#file.min; _ -> Min end,
    Begin = case Format of term -> term; bchunk -> start end,
    filled(Fun, Begin, emptied(First, File)).

%% Way is term, start before the parameters of chunks, then {blocks, numbers of collections that are missing by exponent}.
filled(Fun, Way, File) ->
    Read =
        try
            {ok, Fun(read)}
        catch
            throw:Term -> {thrown, Term};
            error:Why:Stack -> {thrown, {'EXIT', {Why, Stack}}};
            exit:Why -> {thrown, {'EXIT', Why}}
        end,
    case Read of
        {ok, end_of_input} -> {ok, complete(Way, File)};
        {ok, {Data, Next}} when is_list(Data), is_function(Next, 1) ->
            case changes(Way, Data, File) of
                bad ->
                    ended(Next),
                    throw(?FAILED(invalid_objects_list));
                refused -> throw(?FAILED({init_fun, hd(Data)}));
                {Changes, Way1} -> filled(Next, Way1, gerl_dets_repair:fill(Changes, File))
            end;
        {ok, Other} -> throw(?FAILED({init_fun, Other}));
        {thrown, Thrown} -> throw(?FAILED({thrown, Thrown}))
    end.

complete(term, File) -> File;
complete(start, _) -> throw(?FAILED({init_fun, end_of_input}));
complete({blocks, Missing}, File) ->
    lists:all(fun(N) -> N =:= 0 end, maps:values(Missing)) orelse throw(?FAILED(invalid_objects_list)),
    File.

-doc "Tells a fun that gives objects that no more are wanted.".
-spec ended(fun((close) -> term())) -> ok.
ended(Fun) ->
    try
        Fun(close),
        ok
    catch
        _:_ -> ok
    end.

changes(term, Objects, #file{keypos = Pos}) ->
    try
        {[{element(Pos, O), {insert, O}} || O <- Objects], term}
    catch
        error:_ -> bad
    end;
changes(start, [], _) -> {[], start};
changes(start, [Parameters | Blocks], File) ->
    case gerl_dets_format:fits(Parameters, File) of
        true ->
            Counts = element(15, binary_to_term(Parameters)),
            changes({blocks, maps:from_list(Counts)}, Blocks, File);
        false -> refused
    end;
changes({blocks, Missing}, Blocks, File) ->
    try
        Less = fun({Position, _, Block}, Acc) when byte_size(Block) =:= 1 bsl (Position - 1) ->
            maps:update_with(Position - 1, fun(N) -> N - 1 end, Acc)
        end,
        Left = lists:foldl(Less, Missing, Blocks),
        {[{Key, {insert, binary_to_term(Object)}} || {_, _, Block} <- Blocks, {Key, Objects} <- in_block(Block, File), Object <- Objects],
         {blocks, Left}}
    catch
        error:_ -> bad
    end.

in_block(Block, File) ->
    Keys = gerl_dets_format:objects(File, gerl_dets_format:of_block(Block)),
    true = is_list(Keys),
    Keys.
