-module(gerl_syntax_attribute).
-moduledoc "The arguments of attributes: from the terms in forms to nodes and back.".

-export([arguments/3, value/2]).

-import(gerl_syntax_node, [tree/2, at/2]).

-doc "The nodes that stand for the value of an attribute at a position.".
-spec arguments(term(), atom(), term()) -> [tuple()].
arguments(Pos, module, {Module, Parameters}) -> [name(Pos, Module), list(Pos, [at(Pos, tree(variable, P)) || P <- Parameters])];
arguments(Pos, module, Module) -> [name(Pos, Module)];
arguments(Pos, export, Names) -> [list(Pos, [function(Pos, N) || N <- Names])];
arguments(Pos, import, {Module, Names}) -> [name(Pos, Module), list(Pos, [function(Pos, N) || N <- Names])];
arguments(Pos, import, Module) -> [name(Pos, Module)];
arguments(Pos, file, {File, Line}) -> [at(Pos, tree(string, File)), at(Pos, tree(integer, Line))];
arguments(Pos, Record, {Name, Fields}) when Record =:= record; Record =:= native_record -> [name(Pos, Name), at(Pos, tree(tuple, [field(F) || F <- Fields]))];
arguments(Pos, _, Value) -> [at(Pos, erl_syntax:abstract(Value))].

field({record_field, Pos, Name}) -> at(Pos, tree(record_field, {record_field, Name, none}));
field({record_field, Pos, Name, Value}) -> at(Pos, tree(record_field, {record_field, Name, Value}));
field({typed_record_field, Field, Type}) ->
    at(gerl_syntax_node:position(Field), tree(typed_record_field, {typed_record_field, field(Field), Type}));
field(Other) -> Other.

name(Pos, Name) when is_atom(Name) -> at(Pos, tree(atom, Name));
name(Pos, Name) -> at(Pos, erl_syntax:abstract(Name)).

list(Pos, []) -> at(Pos, tree(nil, []));
list(Pos, Elements) -> at(Pos, tree(list, {list, Elements, none})).

function(Pos, {Name, Arity}) when is_atom(Name) -> at(Pos, tree(arity_qualifier, {arity_qualifier, tree(atom, Name), tree(integer, Arity)}));
function(Pos, Other) -> at(Pos, erl_syntax:abstract(Other)).

-doc """
The value of an attribute with a name and argument nodes, whose parts are forms already. `error` if the arguments
are none that erl_parse knows.
""".
-spec value(atom(), none | [term()]) -> {ok, term()} | error.
value(Name, [Value]) when Name =/= module, Name =/= export -> {ok, erl_syntax:concrete(Value)};
value(Name, Arguments) ->
    try {ok, term(Name, Arguments)}
    catch
        error:_ -> error;
        throw:not_a_name -> error
    end.

term(module, [Module, Parameters]) -> {erl_syntax:atom_value(Module), [erl_syntax:variable_name(P) || P <- erl_syntax:list_elements(Parameters)]};
term(export, [Names]) -> names(Names);
term(import, [Module, Names]) -> {erl_syntax:concrete(Module), names(Names)};
term(file, [File, Line]) -> {erl_syntax:string_value(File), erl_syntax:integer_value(Line)};
term(Record, [Name, Fields]) when Record =:= record; Record =:= native_record -> {erl_syntax:atom_value(Name), [F || F <- erl_syntax:tuple_elements(Fields), form(F)]};
term(_, [Value]) -> erl_syntax:concrete(Value).

form(F) -> not erl_syntax:is_tree(F) orelse throw(not_a_name).

names(List) -> [function_name(N) || N <- erl_syntax:list_elements(List)].

function_name(Node) ->
    case erl_syntax:type(Node) of
        arity_qualifier ->
            {erl_syntax:atom_value(erl_syntax:arity_qualifier_body(Node)),
             erl_syntax:integer_value(erl_syntax:arity_qualifier_argument(Node))};
        _ -> erl_syntax:concrete(Node)
    end.
