-module(gerl_syntax_revert).
-moduledoc """
From nodes of erl_syntax back to forms of erl_parse.

`fold/3` makes a form of a type, a position and parts that are forms already: the other direction of
`gerl_syntax_forms:unfold/1`.
""".

-export([fold/3]).

-doc "The form with these parts; `none` if erl_parse has no such form.".
-spec fold(atom(), term(), term()) -> term().
fold(underscore, P, _) -> {var, P, '_'};
fold(variable, P, Name) -> {var, P, Name};
fold(Leaf, P, Value) when Leaf =:= atom; Leaf =:= integer; Leaf =:= float; Leaf =:= char; Leaf =:= string -> {Leaf, P, Value};
fold(nil, P, _) -> {nil, P};
fold(eof_marker, P, _) -> {eof, P};
fold(error_marker, _, Info) -> {error, Info};
fold(warning_marker, _, Info) -> {warning, Info};
fold(list, P, {list, Elements, Tail}) -> cells(P, Elements, Tail);
fold(tuple, P, Elements) -> {tuple, P, Elements};
fold(binary, P, Fields) -> {bin, P, Fields};
fold(binary_field, P, {binary_field, Body, Types}) -> bin_element(P, Body, Types);
fold(map_expr, P, {map_expr, none, Fields}) -> {map, P, Fields};
fold(map_expr, P, {map_expr, Map, Fields}) -> {map, P, Map, Fields};
fold(record_expr, P, {record_expr, Record, Type, Fields}) ->
    case {record_name(Type), Record} of
        {none, _} -> none;
        {{ok, Name}, none} -> {record, P, Name, [field(F) || F <- Fields]};
        {{ok, Name}, _} -> {record, P, Record, Name, [field(F) || F <- Fields]}
    end;
fold(record_field, P, {record_field, Name, none}) -> {record_field, P, Name};
fold(record_field, P, {record_field, Name, Value}) -> {record_field, P, Name, Value};
fold(typed_record_field, _, {_, Field, Type}) -> {typed_record_field, field(Field), Type};
fold(record_access, P, {record_access, Record, Type, Field}) -> named(Type, fun(Name) -> {record_field, P, Record, Name, Field} end);
fold(record_index_expr, P, {record_index_expr, Type, Field}) -> named(Type, fun(Name) -> {record_index, P, Name, Field} end);
fold(infix_expr, P, {infix_expr, Operator, Left, Right}) ->
    case operator(Operator) of
        none -> none;
        Name -> {op, P, Name, Left, Right}
    end;
fold(prefix_expr, P, {prefix_expr, Operator, Argument}) ->
    case operator(Operator) of
        none -> none;
        Name -> {op, P, Name, Argument}
    end;
fold(parentheses, _, Body) -> Body;
fold(application, P, {application, Operator, Arguments}) -> {call, P, Operator, Arguments};
fold(module_qualifier, P, {module_qualifier, Module, Body}) -> {remote, P, Module, Body};
fold(block_expr, P, Body) -> {block, P, Body};
fold(catch_expr, P, Body) -> {'catch', P, Body};
fold(if_expr, P, Clauses) -> {'if', P, Clauses};
fold(case_expr, P, {_, Argument, Clauses}) -> {'case', P, Argument, Clauses};
fold(receive_expr, P, {_, Clauses, none, _}) -> {'receive', P, Clauses};
fold(receive_expr, P, {_, Clauses, Timeout, Action}) -> {'receive', P, Clauses, Timeout, Action};
fold(try_expr, P, {_, Body, Clauses, Handlers, After}) -> {'try', P, Body, Clauses, [handler(H) || H <- Handlers], After};
fold(maybe_expr, P, {_, Body, none}) -> {'maybe', P, Body};
fold(maybe_expr, P, {_, Body, Else}) -> {'maybe', P, Body, Else};
fold(else_expr, P, Clauses) -> {'else', P, Clauses};
fold(fun_expr, P, Clauses) -> {'fun', P, {clauses, Clauses}};
fold(named_fun_expr, P, {_, Name, Clauses}) ->
    case erl_syntax:type(Name) of
        variable -> {named_fun, P, erl_syntax:variable_name(Name), Clauses};
        _ -> none
    end;
fold(implicit_fun, P, Name) -> implicit(P, Name);
fold(clause, P, {clause, Patterns, Guard, Body}) -> {clause, P, Patterns, guard(Guard), Body};
fold(function, P, {_, Name, Clauses}) ->
    case {erl_syntax:type(Name), Clauses} of
        {atom, [First | _]} ->
            {function, P, erl_syntax:atom_value(Name), length(erl_syntax:clause_patterns(First)), Clauses};
        _ -> none
    end;
fold(attribute, P, {attribute, Name, Arguments}) ->
    case erl_syntax:type(Name) of
        atom ->
            case gerl_syntax_attribute:value(erl_syntax:atom_value(Name), Arguments) of
                {ok, Value} -> {attribute, P, erl_syntax:atom_value(Name), Value};
                error -> none
            end;
        _ -> none
    end;
fold(zip_generator, P, {_, Generators}) -> {zip, P, Generators};
fold(Type, P, Data) -> fold_type(Type, P, Data).

fold_type(annotated_type, P, {_, Name, Type}) -> {ann_type, P, [Name, Type]};
fold_type(tuple_type, P, any_size) -> {type, P, tuple, any};
fold_type(tuple_type, P, Elements) -> {type, P, tuple, Elements};
fold_type(map_type, P, any_size) -> {type, P, map, any};
fold_type(map_type, P, Fields) -> {type, P, map, Fields};
fold_type(map_type_assoc, P, {_, Name, Value}) -> {type, P, map_field_assoc, [Name, Value]};
fold_type(map_type_exact, P, {_, Name, Value}) -> {type, P, map_field_exact, [Name, Value]};
fold_type(record_type, P, {_, Name, Fields}) -> {type, P, record, [Name | Fields]};
fold_type(record_type_field, P, {_, Name, Type}) -> {type, P, field_type, [Name, Type]};
fold_type(type_union, P, Types) -> {type, P, union, Types};
fold_type(integer_range_type, P, {_, Low, High}) -> {type, P, range, [Low, High]};
fold_type(bitstring_type, P, {_, M, N}) -> {type, P, binary, [M, N]};
fold_type(fun_type, P, _) -> {type, P, 'fun', []};
fold_type(function_type, P, {_, any_arity, Return}) -> {type, P, 'fun', [{type, P, any}, Return]};
fold_type(function_type, P, {_, Arguments, Return}) -> {type, P, 'fun', [{type, P, product, Arguments}, Return]};
fold_type(constrained_function_type, P, {_, Function, Constraints}) -> {type, P, bounded_fun, [Function, conjuncts(Constraints)]};
fold_type(constraint, P, {_, Name, Types}) -> {type, P, constraint, [Name, Types]};
fold_type(type_application, P, {_, Name, Arguments}) ->
    case erl_syntax:type(Name) of
        atom -> {type, P, erl_syntax:atom_value(Name), Arguments};
        module_qualifier ->
            {remote_type, P, [erl_syntax:module_qualifier_argument(Name), erl_syntax:module_qualifier_body(Name), Arguments]};
        _ -> none
    end;
fold_type(user_type_application, P, {_, Name, Arguments}) ->
    case erl_syntax:type(Name) of
        atom -> {user_type, P, erl_syntax:atom_value(Name), Arguments};
        _ -> none
    end;
fold_type(Type, P, {Type, First, Second}) ->
    case pair_tag(Type) of
        none -> none;
        Tag -> {Tag, P, First, Second}
    end;
fold_type(_, _, _) -> none.

pair_tag(match_expr) -> match;
pair_tag(maybe_match_expr) -> maybe_match;
pair_tag(map_field_assoc) -> map_field_assoc;
pair_tag(map_field_exact) -> map_field_exact;
pair_tag(list_comp) -> lc;
pair_tag(binary_comp) -> bc;
pair_tag(map_comp) -> mc;
pair_tag(generator) -> generate;
pair_tag(binary_generator) -> b_generate;
pair_tag(map_generator) -> m_generate;
pair_tag(strict_generator) -> generate_strict;
pair_tag(strict_binary_generator) -> b_generate_strict;
pair_tag(strict_map_generator) -> m_generate_strict;
pair_tag(_) -> none.

%% The first cell has the list's position, the others those of their elements.
cells(Pos, [First | Rest], Tail) ->
    {cons, Pos, First, lists:foldr(fun(E, Cells) -> {cons, erl_syntax:get_pos(E), E, Cells} end, last(Tail), Rest)}.

last(none) -> {nil, 0};
last(Tail) -> Tail.

bin_element(P, Body, Types) ->
    {Value, Size} =
        case erl_syntax:type(Body) of
            size_qualifier -> {erl_syntax:size_qualifier_body(Body), erl_syntax:size_qualifier_argument(Body)};
            _ -> {Body, default}
        end,
    {bin_element, P, Value, Size, specifiers(Types)}.

specifiers([]) -> default;
specifiers(Types) -> [specifier(T) || T <- Types].

specifier(Type) ->
    case erl_syntax:type(Type) of
        size_qualifier -> {erl_syntax:concrete(erl_syntax:size_qualifier_body(Type)), erl_syntax:concrete(erl_syntax:size_qualifier_argument(Type))};
        _ -> erl_syntax:concrete(Type)
    end.

%% A field of a record may be just its name.
field({atom, P, _} = Name) -> {record_field, P, Name};
field(Field) -> Field.

record_name([Module, Name]) -> {ok, {erl_syntax:atom_value(Module), erl_syntax:atom_value(Name)}};
record_name(Type) ->
    case erl_syntax:type(Type) of
        list -> record_name(erl_syntax:list_elements(Type));
        atom -> {ok, case erl_syntax:atom_value(Type) of '_' -> []; Name -> Name end};
        _ -> none
    end.

named(Type, Make) ->
    case record_name(Type) of
        {ok, Name} -> Make(Name);
        none -> none
    end.

operator(Node) ->
    case erl_syntax:type(Node) of
        operator -> erl_syntax:operator_name(Node);
        _ -> none
    end.

%% Guards are lists of lists of tests.
guard(none) -> [];
guard(Guard) ->
    case erl_syntax:type(Guard) of
        disjunction -> [conjuncts(C) || C <- erl_syntax:disjunction_body(Guard)];
        conjunction -> [erl_syntax:conjunction_body(Guard)];
        _ -> [[Guard]]
    end.

conjuncts(Node) ->
    case erl_syntax:type(Node) of
        conjunction -> erl_syntax:conjunction_body(Node);
        _ -> [Node]
    end.

%% The pattern of a handler becomes a triple of class, value and stack.
handler({clause, P, [Pattern], Guard, Body} = Clause) ->
    case erl_syntax:type(Pattern) of
        class_qualifier ->
            Parts = [erl_syntax:class_qualifier_argument(Pattern), erl_syntax:class_qualifier_body(Pattern),
                     erl_syntax:class_qualifier_stacktrace(Pattern)],
            {clause, P, [{tuple, P, [erl_syntax:revert(Part) || Part <- Parts]}], Guard, Body};
        tuple ->
            case erl_syntax:tuple_elements(Pattern) of
                [_, _, _] -> Clause;
                _ -> thrown(Clause)
            end;
        _ -> thrown(Clause)
    end;
handler(Other) -> Other.

thrown({clause, P, [Pattern], Guard, Body}) -> {clause, P, [{tuple, P, [{atom, P, throw}, Pattern, {var, P, '_'}]}], Guard, Body}.

implicit(P, Name) ->
    case erl_syntax:type(Name) of
        arity_qualifier ->
            Body = erl_syntax:arity_qualifier_body(Name),
            Arity = erl_syntax:arity_qualifier_argument(Name),
            case {erl_syntax:type(Body), erl_syntax:type(Arity)} of
                {atom, integer} -> {'fun', P, {function, erl_syntax:atom_value(Body), erl_syntax:integer_value(Arity)}};
                _ -> none
            end;
        module_qualifier ->
            Body = erl_syntax:module_qualifier_body(Name),
            case erl_syntax:type(Body) of
                arity_qualifier ->
                    {'fun', P, {function, erl_syntax:module_qualifier_argument(Name),
                                erl_syntax:arity_qualifier_body(Body), erl_syntax:arity_qualifier_argument(Body)}};
                _ -> none
            end;
        _ -> none
    end.
