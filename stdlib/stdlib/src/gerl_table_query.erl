-module(gerl_table_query).
-moduledoc "Handles of ETS and Dets tables for queries (ets:table/2, dets:table/2).".

-export([handle/2]).

-type what() :: #{module := ets | dets, table := term(), traverse := [atom()], count := term(),
                  sorted := fun(() -> boolean()), objects := atom()}.

-doc """
The handle of a table with the options `traverse`, `n_objects` and those of qlc:table/2, or badarg. The first
argument has the module, the ways of traversing it knows, how many objects are read at a time without the option,
whether keys are in order, and the item of its information for the number of objects.
""".
-spec handle(what(), term()) -> qlc:query_handle() | badarg.
handle(#{traverse := Ways, count := Default} = What, Options) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    {[Traverse, Count], Rest} = proplists:split(List, [traverse, n_objects]),
    case {way(Traverse, Ways), count(Count, Default)} of
        {badarg, _} -> badarg;
        {_, badarg} -> badarg;
        {Way, N} ->
            {Fun, Extra} = traversal(Way, N, What#{options => Options}),
            qlc:table(Fun, common(What, Way) ++ Extra ++ Rest)
    end.

way([], _) -> select;
way([{traverse, {select, Spec}}], _) -> {select, Spec};
way([{traverse, Way}], Ways) -> case lists:member(Way, Ways) of true -> Way; false -> badarg end;
way(_, _) -> badarg.

count([], Default) -> Default;
count([{n_objects, default}], Default) -> Default;
count([{n_objects, N}], _) when is_integer(N), N > 0 -> N;
count(_, _) -> badarg.

traversal(Way, Count, #{module := Module, table := Table} = What) ->
    Lookup = {lookup_fun, fun(_Position, Keys) -> looked_up(Module, Table, Keys, []) end},
    case Way of
        select -> {fun(Spec) -> selected(Module, Module:select(Table, Spec, Count)) end, [Lookup, {format_fun, format(What, true)}]};
        {select, Spec} -> {fun() -> selected(Module, Module:select(Table, Spec, Count)) end, [{format_fun, format(What, false)}]};
        first_next -> {fun() -> walked(Module, Table, Module:first(Table), next) end, [Lookup, {format_fun, format(What, true)}]};
        last_prev -> {fun() -> walked(Module, Table, Module:last(Table), prev) end, [Lookup, {format_fun, format(What, true)}]}
    end.

common(#{module := Module, table := Table, sorted := Sorted, objects := Objects}, Way) ->
    Equality = case Sorted() of true -> '=='; false -> '=:=' end,
    Info = fun(keypos) -> Module:info(Table, keypos);
              (is_unique_objects) -> Module:info(Table, type) =/= duplicate_bag;
              (is_sorted_key) -> Way =/= last_prev andalso Sorted();
              (num_of_objects) -> Module:info(Table, Objects);
              (_) -> undefined
           end,
    [{pre_fun, fun(_) -> Module:safe_fixtable(Table, true) end}, {post_fun, fun() -> Module:safe_fixtable(Table, false) end},
     {info_fun, Info}, {key_equality, Equality}].

looked_up(Module, Table, [Key | Keys], Acc) ->
    case Module:lookup(Table, Key) of
        Objects when is_list(Objects) -> looked_up(Module, Table, Keys, lists:reverse(Objects, Acc));
        Error -> Error
    end;
looked_up(_, _, [], Acc) -> lists:reverse(Acc).

selected(_, '$end_of_table') -> [];
selected(Module, {Objects, Continuation}) -> Objects ++ fun() -> selected(Module, Module:select(Continuation)) end;
selected(_, Error) -> Error.

walked(_, _, '$end_of_table', _) -> [];
walked(_, _, {error, _} = Error, _) -> Error;
walked(Module, Table, Key, Step) ->
    case Module:lookup(Table, Key) of
        Objects when is_list(Objects) -> Objects ++ fun() -> walked(Module, Table, Module:Step(Table, Key), Step) end;
        Error -> Error
    end.

%% What qlc:info/2 shows of the table.
format(#{module := Module, table := Table} = What, Finds) ->
    #{options := Options} = What,
    fun({all, _, _}) when Options =:= [] -> {Module, table, [Table]};
       ({all, _, _}) -> {Module, table, [Table, Options]};
       ({match_spec, Spec}) ->
            {Module, table, [Table, [{traverse, {select, Spec}} | if is_list(Options) -> Options; true -> [Options] end]]};
       ({lookup, _, [Key], _, Shorten}) when Finds ->
            io_lib:format("~w:lookup(~tw, ~tw)", [Module, Table, Shorten(Key)]);
       ({lookup, _, Keys, Count, Shorten}) when Finds ->
            io_lib:format("lists:flatmap(fun(V) -> ~w:lookup(~tw, V) end, ~ts)", [Module, Table, keys(Keys, Count, Shorten)])
    end.

keys(Keys, Count, Shorten) when Count =:= infinity; Count >= length(Keys) ->
    io_lib:format("~tw", [[Shorten(K) || K <- Keys]]);
keys(Keys, Count, Shorten) ->
    ["[", lists:join(",", [io_lib:format("~tw", [Shorten(K)]) || K <- lists:sublist(Keys, Count)]), "|'...']"].
