-module(gerl_merl_names).
-moduledoc "Which metavariables are variables of the program.".

-export([program_variable/1]).

-doc """
The program's variable for a metavariable, and whether its value is a tree or a term. Atoms that begin with a capital
letter are such; integers that end with a 9 are, with a Q in front. A `@` or another 9 at the end says that the value is a term.
""".
-spec program_variable(atom() | integer()) -> none | {tree | term, atom()}.
program_variable(N) when is_integer(N), N rem 10 =:= 9, N > 9 ->
    case N rem 100 of
        99 when N > 99 -> {term, q(N div 100)};
        _ -> {tree, q(N div 10)}
    end;
program_variable(Id) when is_integer(Id) -> none;
program_variable(Id) when is_atom(Id) ->
    case atom_to_list(Id) of
        [C | Rest] = Name when C >= $A, C =< $Z; C >= 16#C0, C =< 16#DE, C =/= 16#D7 ->
            case Rest =/= [] andalso lists:last(Rest) =:= $@ of
                true -> {term, list_to_atom(lists:droplast(Name))};
                false -> {tree, Id}
            end;
        _ -> none
    end.

q(N) -> list_to_atom("Q" ++ integer_to_list(N)).
