-module(gerl_syntax_forms).
-moduledoc """
The forms of erl_parse as nodes of erl_syntax.

`unfold/1` gives the type and the parts of a form, laid out as in the nodes that erl_syntax makes itself, so that
one set of selectors serves both. Parts that are bare terms in a form (names, operators, specifiers) become nodes
with the form's position.
""".

-export([unfold/1, type/1]).

-import(gerl_syntax_node, [tree/2, at/2]).

-doc "The type of a form's node; `false` if the term is no form.".
-spec type(term()) -> atom() | false.
type({cons, _, _, _}) -> list;
type({attribute, _, _, _}) -> attribute;
type({function, _, _, _, _}) -> function;
type({bin, _, _}) -> binary;
type(Form) ->
    case unfold(Form) of
        {Type, _} -> Type;
        false -> false
    end.

-doc "The type and the parts of a form; `false` if the term is no form.".
-spec unfold(term()) -> {atom(), term()} | false.
unfold({var, _, '_'}) -> {underscore, []};
unfold({var, _, Name}) -> {variable, Name};
unfold({Leaf, _, Value}) when Leaf =:= atom; Leaf =:= integer; Leaf =:= float; Leaf =:= char; Leaf =:= string -> {Leaf, Value};
unfold({nil, _}) -> {nil, []};
unfold({eof, _}) -> {eof_marker, []};
unfold({error, Info}) -> {error_marker, Info};
unfold({warning, Info}) -> {warning_marker, Info};
unfold({cons, _, Head, Tail}) -> skeleton(Tail, [Head]);
unfold({tuple, _, Elements}) -> {tuple, Elements};
unfold({bin, _, Segments}) -> {binary, Segments};
unfold({bin_element, Pos, Body, Size, Specifiers}) -> {binary_field, {binary_field, sized(Pos, Body, Size), specifiers(Pos, Specifiers)}};
unfold({map, _, Fields}) -> {map_expr, {map_expr, none, Fields}};
unfold({map, _, Map, Fields}) -> {map_expr, {map_expr, Map, Fields}};
unfold({record, Pos, Name, Fields}) -> {record_expr, {record_expr, none, record_names(Pos, Name), [field(F) || F <- Fields]}};
unfold({record, Pos, Record, Name, Fields}) -> {record_expr, {record_expr, Record, record_names(Pos, Name), [field(F) || F <- Fields]}};
unfold({record_field, _, Name}) -> {record_field, {record_field, Name, none}};
unfold({record_field, _, Name, Value}) -> {record_field, {record_field, Name, Value}};
unfold({record_field, Pos, Record, Name, Field}) -> {record_access, {record_access, Record, record_name(Pos, Name), Field}};
unfold({record_index, Pos, Name, Field}) -> {record_index_expr, {record_index_expr, record_name(Pos, Name), Field}};
unfold({typed_record_field, Field, Type}) -> {typed_record_field, {typed_record_field, Field, Type}};
unfold({op, Pos, Operator, Argument}) -> {prefix_expr, {prefix_expr, operator(Pos, Operator), Argument}};
unfold({op, Pos, Operator, Left, Right}) -> {infix_expr, {infix_expr, operator(Pos, Operator), Left, Right}};
unfold({call, _, Operator, Arguments}) -> {application, {application, Operator, Arguments}};
unfold({remote, _, Module, Name}) -> {module_qualifier, {module_qualifier, Module, Name}};
unfold({block, _, Body}) -> {block_expr, Body};
unfold({'catch', _, Body}) -> {catch_expr, Body};
unfold({'if', _, Clauses}) -> {if_expr, Clauses};
unfold({'case', _, Argument, Clauses}) -> {case_expr, {case_expr, Argument, Clauses}};
unfold({'receive', _, Clauses}) -> {receive_expr, {receive_expr, Clauses, none, []}};
unfold({'receive', _, Clauses, Timeout, Action}) -> {receive_expr, {receive_expr, Clauses, Timeout, Action}};
unfold({'try', _, Body, Clauses, Handlers, After}) -> {try_expr, {try_expr, Body, Clauses, [handler(H) || H <- Handlers], After}};
unfold({'maybe', _, Body}) -> {maybe_expr, {maybe_expr, Body, none}};
unfold({'maybe', _, Body, Else}) -> {maybe_expr, {maybe_expr, Body, Else}};
unfold({'else', _, Clauses}) -> {else_expr, Clauses};
unfold({'fun', _, {clauses, Clauses}}) -> {fun_expr, Clauses};
unfold({'fun', Pos, Name}) -> {implicit_fun, fun_name(Pos, Name)};
unfold({named_fun, Pos, Name, Clauses}) -> {named_fun_expr, {named_fun_expr, at(Pos, tree(variable, Name)), Clauses}};
unfold({clause, _, Patterns, Guard, Body}) -> {clause, {clause, Patterns, guard(Guard), Body}};
unfold({function, Pos, Name, _, Clauses}) -> {function, {func, at(Pos, tree(atom, Name)), Clauses}};
unfold({attribute, Pos, Name, Value}) -> {attribute, {attribute, at(Pos, tree(atom, Name)), gerl_syntax_attribute:arguments(Pos, Name, Value)}};
unfold({zip, _, Generators}) -> {zip_generator, {zip_generator, Generators}};
unfold({ann_type, _, [Name, Type]}) -> {annotated_type, {annotated_type, Name, Type}};
unfold({remote_type, _, [Module, Name, Arguments]}) ->
    {type_application, {type_application, tree(module_qualifier, {module_qualifier, Module, Name}), Arguments}};
unfold({user_type, Pos, Name, Arguments}) -> {user_type_application, {user_type_application, at(Pos, tree(atom, Name)), Arguments}};
unfold({type, Pos, Name, Arguments}) -> type(Pos, Name, Arguments);
unfold({type, _, any}) -> {type_application, {type_application, tree(atom, any), []}};
unfold({Tag, _, First, Second}) -> pair(Tag, First, Second);
unfold(_) -> false.

%% Forms of two parts that are laid out alike.
pair(Tag, First, Second) ->
    case pair_type(Tag) of
        none -> false;
        Type -> {Type, {Type, First, Second}}
    end.

pair_type(match) -> match_expr;
pair_type(maybe_match) -> maybe_match_expr;
pair_type(map_field_assoc) -> map_field_assoc;
pair_type(map_field_exact) -> map_field_exact;
pair_type(lc) -> list_comp;
pair_type(bc) -> binary_comp;
pair_type(mc) -> map_comp;
pair_type(generate) -> generator;
pair_type(b_generate) -> binary_generator;
pair_type(m_generate) -> map_generator;
pair_type(generate_strict) -> strict_generator;
pair_type(b_generate_strict) -> strict_binary_generator;
pair_type(m_generate_strict) -> strict_map_generator;
pair_type(_) -> none.

%% A chain of cons cells is one skeleton. A tail that is written as [] is not part of it.
skeleton({cons, _, Head, Tail}, Heads) -> skeleton(Tail, [Head | Heads]);
skeleton({nil, _}, Heads) -> {list, {list, lists:reverse(Heads), none}};
skeleton(Tail, Heads) -> {list, {list, lists:reverse(Heads), Tail}}.

sized(_, Body, default) -> Body;
sized(_, Body, Size) -> tree(size_qualifier, {size_qualifier, Body, Size}).

specifiers(_, default) -> [];
specifiers(Pos, List) -> [specifier(Pos, S) || S <- List].

specifier(Pos, {Name, Value}) ->
    at(Pos, tree(size_qualifier, {size_qualifier, tree(atom, Name), tree(integer, Value)}));
specifier(Pos, Name) -> at(Pos, tree(atom, Name)).

record_name(Pos, Name) when is_atom(Name) -> at(Pos, tree(atom, Name));
record_name(Pos, {_, _} = Name) -> tree(list, {list, record_names(Pos, Name), none});
record_name(Pos, []) -> at(Pos, tree(atom, '_'));
record_name(_, Name) -> Name.

%% A native record's name has two parts.
record_names(Pos, {Module, Name}) when is_atom(Module), is_atom(Name) -> erl_syntax:list([at(Pos, tree(atom, N)) || N <- [Module, Name]]);
record_names(Pos, Name) -> record_name(Pos, Name).

field({record_field, Pos, Name}) -> at(Pos, tree(record_field, {record_field, Name, none}));
field({record_field, Pos, Name, Value}) -> at(Pos, tree(record_field, {record_field, Name, Value}));
field(Field) -> Field.

operator(Pos, Name) -> at(Pos, tree(operator, Name)).

guard([]) -> none;
guard([[_ | _] | _] = Alternatives) -> tree(disjunction, [tree(conjunction, Tests) || Tests <- Alternatives]);
guard(Tests) when is_list(Tests) -> tree(conjunction, Tests);
guard(Guard) -> Guard.

%% The pattern of a handler is a triple; one that catches throws without their stacks is written without the class.
handler({clause, Pos, [{tuple, _, [{atom, _, throw}, Value, {var, _, '_'}]}], Guard, Body}) -> {clause, Pos, [Value], Guard, Body};
handler({clause, Pos, [{tuple, _, [Class, Value, Stack]}], Guard, Body}) ->
    {clause, Pos, [tree(class_qualifier, {class_qualifier, Class, Value, Stack})], Guard, Body};
handler(Clause) -> Clause.

fun_name(Pos, {function, Name, Arity}) ->
    tree(arity_qualifier, {arity_qualifier, at(Pos, tree(atom, Name)), at(Pos, tree(integer, Arity))});
fun_name(Pos, {function, Module, Name, Arity}) ->
    [M, N, A] = [part(Pos, Part) || Part <- [Module, Name, Arity]],
    tree(module_qualifier, {module_qualifier, M, tree(arity_qualifier, {arity_qualifier, N, A})}).

part(Pos, Name) when is_atom(Name) -> at(Pos, tree(atom, Name));
part(Pos, Arity) when is_integer(Arity) -> at(Pos, tree(integer, Arity));
part(_, Tree) -> Tree.

%% Types. The built-in ones with a notation of their own have node types of their own.
type(_, tuple, any) -> {tuple_type, any_size};
type(_, tuple, Elements) -> {tuple_type, Elements};
type(_, map, any) -> {map_type, any_size};
type(_, map, Fields) -> {map_type, Fields};
type(_, map_field_assoc, [Name, Value]) -> {map_type_assoc, {map_type_assoc, Name, Value}};
type(_, map_field_exact, [Name, Value]) -> {map_type_exact, {map_type_exact, Name, Value}};
type(_, record, [Name | Fields]) -> {record_type, {record_type, Name, Fields}};
type(_, field_type, [Name, Type]) -> {record_type_field, {record_type_field, Name, Type}};
type(_, union, Types) -> {type_union, Types};
type(_, range, [Low, High]) -> {integer_range_type, {integer_range_type, Low, High}};
type(_, binary, [M, N]) -> {bitstring_type, {bitstring_type, M, N}};
type(_, 'fun', []) -> {fun_type, []};
type(_, 'fun', [{type, _, any}, Return]) -> {function_type, {function_type, any_arity, Return}};
type(_, 'fun', [{type, _, product, Arguments}, Return]) -> {function_type, {function_type, Arguments, Return}};
type(_, bounded_fun, [Function, Constraints]) ->
    {constrained_function_type, {constrained_function_type, Function, tree(conjunction, Constraints)}};
type(_, constraint, [Name, Types]) -> {constraint, {constraint, Name, Types}};
type(Pos, Name, Arguments) -> {type_application, {type_application, at(Pos, tree(atom, Name)), Arguments}}.
