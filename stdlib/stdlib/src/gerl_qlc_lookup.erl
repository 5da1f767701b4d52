-module(gerl_qlc_lookup).
-moduledoc "Which keys of a table a query looks up instead of traversing it.".

-export([keys/4, positions/2]).

-include("gerl_qlc.hrl").

-doc """
A position and the values that are looked up there, with the filters that this makes superfluous. The table's key
is preferred; of the indices, that one with the fewest values.
""".
-spec keys(#table{}, pos_integer(), fun((atom()) -> term()), #qlc_opt{}) ->
    {{pos_integer(), [term()]}, {all | some, [pos_integer()]}} | none.
keys(#table{lookup_fun = Lookup, info_fun = Info, key_equality = Equality}, N, Facts, #qlc_opt{lookup = Wanted, max_lookup = Max}) when
    is_function(Lookup), is_function(Info), Wanted =/= false
->
    {Op, Constants} = constants(Equality, N, Facts),
    case is_function(Constants) of
        true ->
            Key = Info(keypos),
            case values(Key, Op, Constants, Max) of
                none -> fewest([V || Index <- indices(Info), V <- [values(Index, Op, Constants, Max)], V =/= none]);
                Values -> Values
            end;
        false -> none
    end;
keys(_, _, _, _) -> none.

constants('==', N, Facts) ->
    case Facts(equal_constants) of
        undefined -> {'==', (Facts(constants))(N)};
        Equal -> {'==', Equal(N)}
    end;
constants(_, N, Facts) -> {'=:=', (Facts(constants))(N)}.

indices(Info) ->
    case Info(indices) of
        Indices when is_list(Indices) -> Indices;
        _ -> []
    end.

fewest([]) -> none;
fewest(Found) ->
    [{_, Best} | _] = lists:keysort(1, [{length(Values), F} || {{_, Values}, _} = F <- Found]),
    Best.

values(Position, Op, Constants, Max) when is_integer(Position) ->
    case Constants(Position) of
        {_, Values, Skips} ->
            Sorted = case Op of '==' -> lists:usort(Values); '=:=' -> lists:sort(maps:keys(maps:from_keys(Values, []))) end,
            case Max < 0 orelse length(Sorted) =< Max of
                true -> {{Position, Sorted}, Skips};
                false -> none
            end;
        _ -> none
    end;
values(_, _, _, _) -> none.

-doc "The positions at which a table can be looked up with keys that are equal in a way.".
-spec positions(#plan{}, '=:=' | '==') -> [pos_integer()].
positions(#plan{op = #from_table{table = #table{lookup_fun = Lookup, info_fun = Info, key_equality = Equality}, keys = none}}, Op) when
    is_function(Lookup), is_function(Info), Op =:= Equality
->
    lists:usort([Key || Key <- [Info(keypos)], is_integer(Key)] ++ indices(Info));
positions(_, _) -> [].
