-module(eunit_autoexport).
-moduledoc "Parse transform of `eunit.hrl`: exports the functions whose names end in `_test` or `_test_`, and adds `test/0`.".

-export([parse_transform/2]).

-doc "Adds the exports and `test/0` to a module's forms.".
-spec parse_transform([erl_parse:abstract_form()], [compile:option()]) -> [erl_parse:abstract_form()].
parse_transform(Forms, _Options) ->
    Tests = [{F, 0} || {function, _, F, 0, _} <- Forms, is_test(atom_to_list(F))],
    HasMain = lists:any(fun({function, _, test, 0, _}) -> true; (_) -> false end, Forms),
    {Before, [{attribute, Anno, module, Name} = Module | After]} =
        lists:splitwith(fun({attribute, _, module, _}) -> false; (_) -> true end, Forms),
    Export = {attribute, erl_anno:set_generated(true, Anno), export, Tests ++ [{test, 0} || not HasMain]},
    Before ++ [Module, Export | case HasMain of
                                    true -> After;
                                    false -> with_main(After, Name)
                                end].

is_test(Name) -> lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).

with_main(Forms, Module) ->
    {Body, End} = lists:splitwith(fun(Form) -> element(1, Form) =/= eof end, Forms),
    Body ++ [main(Module) | End].

main({Module, _Parameters}) -> main(Module);
main(Module) ->
    At = erl_anno:set_generated(true, erl_anno:new(0)),
    Call = {call, At, {remote, At, {atom, At, eunit}, {atom, At, test}}, [{atom, At, Module}]},
    {function, At, test, 0, [{clause, At, [], [], [Call]}]}.
