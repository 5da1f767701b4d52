-module(eunit_striptests).
-moduledoc "Parse transform of `eunit.hrl` with NOTEST: takes out the functions whose names end in `_test` or `_test_`.".

-export([parse_transform/2]).

-doc "Removes test functions and their exports.".
-spec parse_transform([erl_parse:abstract_form()], [compile:option()]) -> [erl_parse:abstract_form()].
parse_transform(Forms, _Options) ->
    lists:filtermap(fun({function, _, F, 0, _}) -> not is_test(F);
                       ({attribute, Anno, export, Exports}) ->
                            {true, {attribute, Anno, export, [E || {F, N} = E <- Exports, N =/= 0 orelse not is_test(F)]}};
                       (_) -> true
                    end, Forms).

is_test(F) ->
    Name = atom_to_list(F),
    lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).
