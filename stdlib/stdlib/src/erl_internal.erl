-module(erl_internal).
-moduledoc "Facts about built-in functions, guard tests and operators.".

-export([bif/2, bif/3, old_bif/2, old_bif/3, guard_bif/2, type_test/2, new_type_test/2, old_type_test/2,
         arith_op/2, bool_op/2, comp_op/2, list_op/2, send_op/2, op_type/2, is_type/2, add_predefined_functions/1]).

-doc "Whether Name/Arity of the module erlang can be called without naming the module.".
-spec bif(atom(), arity()) -> boolean().
bif(Name, Arity) when is_atom(Name), is_integer(Arity) -> erts_internal:bif_fact(auto, Name, Arity).

-doc "Like bif/2 for a function of the given module: only erlang has such functions.".
-spec bif(module(), atom(), arity()) -> boolean().
bif(erlang, Name, Arity) -> bif(Name, Arity);
bif(_, _, _) -> false.

-doc "Whether Name/Arity was callable without module before a module's own function took precedence.".
-spec old_bif(atom(), arity()) -> boolean().
old_bif(Name, Arity) -> erts_internal:bif_fact(old, Name, Arity).

-doc "Like old_bif/2 for a function of the given module.".
-spec old_bif(module(), atom(), arity()) -> boolean().
old_bif(erlang, Name, Arity) -> old_bif(Name, Arity);
old_bif(_, _, _) -> false.

-doc "Whether Name/Arity may be called in guards, type tests included.".
-spec guard_bif(atom(), arity()) -> boolean().
guard_bif(Name, Arity) when is_atom(Name), is_integer(Arity) -> erts_internal:bif_fact(guard, Name, Arity).

-doc "Whether Name/Arity is a type test, under its new or old name.".
-spec type_test(atom(), arity()) -> boolean().
type_test(Name, Arity) -> new_type_test(Name, Arity) orelse old_type_test(Name, Arity).

-doc "Whether Name/Arity is a type test.".
-spec new_type_test(atom(), arity()) -> boolean().
new_type_test(Name, Arity) when is_atom(Name), is_integer(Arity) -> erts_internal:bif_fact(typetest, Name, Arity).

-doc "Whether Name/Arity is a type test under its old name.".
-spec old_type_test(atom(), arity()) -> boolean().
old_type_test(Name, 1) when is_atom(Name) ->
    lists:member(Name, [integer, float, number, atom, list, tuple, pid, reference, port, binary, function, record]);
old_type_test(record, 2) -> true;
old_type_test(Name, Arity) when is_atom(Name), is_integer(Arity) -> false.

-doc false.
is_type(Name, 0) ->
    lists:member(Name, [any, arity, atom, binary, bitstring, bool, boolean, byte, char, dynamic, float, function, identifier, integer, iodata,
                        iolist, list, map, maybe_improper_list, mfa, module, neg_integer, nil, no_return, node, non_neg_integer, none,
                        nonempty_binary, nonempty_bitstring, nonempty_list, nonempty_maybe_improper_list, nonempty_string, number, pid, port,
                        pos_integer, record, reference, string, term, timeout, tuple]);
is_type(Name, 1) -> lists:member(Name, [list, nonempty_list]);
is_type(Name, 2) -> lists:member(Name, [maybe_improper_list, nonempty_improper_list, nonempty_maybe_improper_list]);
is_type(_, _) -> false.

%% The kinds of all operators, none for what is no operator.
kind(Op, Arity) ->
    maps:get({Op, Arity},
             #{{'+', 1} => arith, {'-', 1} => arith, {'bnot', 1} => arith, {'+', 2} => arith, {'-', 2} => arith, {'*', 2} => arith,
               {'/', 2} => arith, {'div', 2} => arith, {'rem', 2} => arith, {'band', 2} => arith, {'bor', 2} => arith, {'bxor', 2} => arith,
               {'bsl', 2} => arith, {'bsr', 2} => arith, {'not', 1} => bool, {'and', 2} => bool, {'or', 2} => bool, {'xor', 2} => bool,
               {'==', 2} => comp, {'/=', 2} => comp, {'=<', 2} => comp, {'<', 2} => comp, {'>=', 2} => comp, {'>', 2} => comp,
               {'=:=', 2} => comp, {'=/=', 2} => comp, {'++', 2} => list, {'--', 2} => list, {'!', 2} => send},
             none).

-doc "Whether Op/Arity is an arithmetic operator.".
-spec arith_op(atom(), arity()) -> boolean().
arith_op(Op, Arity) when is_atom(Op), is_integer(Arity) -> kind(Op, Arity) =:= arith.

-doc "Whether Op/Arity is a boolean operator.".
-spec bool_op(atom(), arity()) -> boolean().
bool_op(Op, Arity) when is_atom(Op), is_integer(Arity) -> kind(Op, Arity) =:= bool.

-doc "Whether Op/Arity is a comparison.".
-spec comp_op(atom(), arity()) -> boolean().
comp_op(Op, Arity) when is_atom(Op), is_integer(Arity) -> kind(Op, Arity) =:= comp.

-doc "Whether Op/Arity is an operator on lists.".
-spec list_op(atom(), arity()) -> boolean().
list_op(Op, Arity) when is_atom(Op), is_integer(Arity) -> kind(Op, Arity) =:= list.

-doc "Whether Op/Arity is the send operator.".
-spec send_op(atom(), arity()) -> boolean().
send_op(Op, Arity) when is_atom(Op), is_integer(Arity) -> kind(Op, Arity) =:= send.

-doc "The kind of an operator; raises function_clause for anything else.".
-spec op_type(atom(), arity()) -> arith | bool | comp | list | send.
op_type(Op, Arity) ->
    case kind(Op, Arity) of
        none -> erlang:error(function_clause, [Op, Arity]);
        Kind -> Kind
    end.

-doc "Forms with module_info/0 and module_info/1 added.".
-spec add_predefined_functions([term()]) -> [term()].
add_predefined_functions(Forms) ->
    Attributes = [{Name, Value} || {attribute, _, Name, Value} <- Forms],
    {module, Module} = lists:keyfind(module, 1, Attributes),
    Call = fun(Args) -> {call, 0, {remote, 0, {atom, 0, erlang}, {atom, 0, get_module_info}}, [{atom, 0, Module} | Args]} end,
    X = {var, 0, 'X'},
    Callbacks = [Name || {callback, {{_, _} = Name, _}} <- Attributes],
    Optional = lists:append([Names || {optional_callbacks, Names} <- Attributes, are_names(Names)]),
    Added = [{function, 0, behaviour_info, 1,
              [{clause, 0, [{atom, 0, Kind}], [], [erl_parse:abstract(Names)]} || {Kind, Names} <- [{callbacks, Callbacks}, {optional_callbacks, Optional}]]}
             || lists:keymember(callback, 1, Attributes)]
        ++ [{function, 0, module_info, 0, [{clause, 0, [], [], [Call([])]}]}, {function, 0, module_info, 1, [{clause, 0, [X], [], [Call([X])]}]}],
    Forms ++ [{attribute, 0, export, [{F, A} || {function, _, F, A, _} <- Added]} | Added].

are_names(Names) ->
    try lists:all(fun({F, A}) -> is_atom(F) andalso is_integer(A) andalso A >= 0; (_) -> false end, Names)
    catch error:_ -> false
    end.
