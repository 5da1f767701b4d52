-module(gerl_syntax_term).
-moduledoc "Trees of terms, terms of trees, and trees of expressions that make trees.".

-export([abstract/1, concrete/1, is_literal/1, meta/1]).

-doc "See `erl_syntax:abstract/1`.".
-spec abstract(term()) -> erl_syntax:syntaxTree().
abstract([]) -> erl_syntax:nil();
abstract(Term) when is_atom(Term) -> erl_syntax:atom(Term);
abstract(Term) when is_integer(Term) -> erl_syntax:integer(Term);
abstract(Term) when is_float(Term) -> erl_syntax:float(Term);
abstract(Term) when is_tuple(Term) -> erl_syntax:tuple([abstract(E) || E <- tuple_to_list(Term)]);
abstract(Term) when is_map(Term) ->
    erl_syntax:map_expr([erl_syntax:map_field_assoc(abstract(K), abstract(V)) || {K, V} <- maps:to_list(Term)]);
abstract(Term) when is_bitstring(Term) ->
    Bytes = bit_size(Term) div 8,
    <<Whole:Bytes/binary, Rest/bitstring>> = Term,
    Fields = [erl_syntax:binary_field(erl_syntax:integer(B)) || <<B>> <= Whole],
    erl_syntax:binary(Fields ++ last_bits(Rest));
abstract([_ | _] = Term) ->
    case io_lib:printable_list(Term) of
        true -> erl_syntax:string(Term);
        false -> elements(Term, [])
    end;
abstract(Term) -> error({badarg, Term}).

last_bits(<<>>) -> [];
last_bits(Bits) ->
    Size = bit_size(Bits),
    <<Value:Size>> = Bits,
    [erl_syntax:binary_field(erl_syntax:integer(Value), erl_syntax:integer(Size), [])].

elements([E | Rest], Done) -> elements(Rest, [abstract(E) | Done]);
elements([], Done) -> erl_syntax:list(lists:reverse(Done));
elements(Tail, Done) -> erl_syntax:list(lists:reverse(Done), abstract(Tail)).

-doc "See `erl_syntax:concrete/1`.".
-spec concrete(erl_syntax:syntaxTree()) -> term().
concrete(Node) ->
    case erl_syntax:type(Node) of
        atom -> erl_syntax:atom_value(Node);
        integer -> erl_syntax:integer_value(Node);
        float -> erl_syntax:float_value(Node);
        char -> erl_syntax:char_value(Node);
        string -> erl_syntax:string_value(Node);
        nil -> [];
        list ->
            [concrete(E) || E <- erl_syntax:list_prefix(Node)] ++ case erl_syntax:list_suffix(Node) of none -> []; Suffix -> concrete(Suffix) end;
        tuple -> list_to_tuple([concrete(E) || E <- erl_syntax:tuple_elements(Node)]);
        map_expr ->
            Fields = maps:from_list([association(F) || F <- erl_syntax:map_expr_fields(Node)]),
            case erl_syntax:map_expr_argument(Node) of
                none -> Fields;
                Argument -> maps:merge(concrete(Argument), Fields)
            end;
        binary -> << <<(segment(F))/bitstring>> || F <- erl_syntax:binary_fields(Node) >>;
        arity_qualifier -> pair(erl_syntax:arity_qualifier_body(Node), erl_syntax:arity_qualifier_argument(Node));
        _ -> error({badarg, Node})
    end.

association(Field) ->
    case erl_syntax:type(Field) of
        map_field_assoc -> {concrete(erl_syntax:map_field_assoc_name(Field)), concrete(erl_syntax:map_field_assoc_value(Field))};
        _ -> error({badarg, Field})
    end.

%% A name and its arity: a pair of terms in attributes, of nodes that are no literals elsewhere.
pair(Name, Arity) ->
    case {erl_syntax:type(Name), erl_syntax:type(Arity)} of
        {atom, integer} when element(1, Name) =:= tree, element(1, Arity) =:= tree -> {erl_syntax:atom_value(Name), erl_syntax:integer_value(Arity)};
        _ -> {Name, Arity}
    end.

%% A segment's value is that of a binary with this segment alone.
segment(Field) ->
    Whole = erl_syntax:revert(erl_syntax:binary([Field])),
    Body = case erl_syntax:type(Field) of
               binary_field -> erl_syntax:binary_field_body(Field);
               _ -> Field
           end,
    {Value, Size} = sized(Body),
    [is_literal(T) orelse error({badarg, T}) || T <- [Value, Size], T =/= none],
    {value, Bits, _} = erl_eval:expr(full(Whole), []),
    Bits.

full({bin, P, [{bin_element, _, _, _, _}] = Segments}) -> {bin, P, Segments};
full({bin, P, [Value]}) -> {bin, P, [{bin_element, P, Value, default, default}]}.

sized(Body) ->
    case erl_syntax:type(Body) of
        size_qualifier -> {erl_syntax:size_qualifier_body(Body), erl_syntax:size_qualifier_argument(Body)};
        _ -> {Body, none}
    end.

-doc "See `erl_syntax:is_literal/1`.".
-spec is_literal(erl_syntax:syntaxTree()) -> boolean().
is_literal(Node) ->
    case erl_syntax:type(Node) of
        Type when Type =:= atom; Type =:= integer; Type =:= float; Type =:= char; Type =:= string; Type =:= nil -> true;
        list ->
            lists:all(fun is_literal/1, erl_syntax:list_prefix(Node)) andalso
                (erl_syntax:list_suffix(Node) =:= none orelse is_literal(erl_syntax:list_suffix(Node)));
        tuple -> lists:all(fun is_literal/1, erl_syntax:tuple_elements(Node));
        map_expr ->
            (erl_syntax:map_expr_argument(Node) =:= none orelse is_literal(erl_syntax:map_expr_argument(Node))) andalso
                lists:all(fun is_association/1, erl_syntax:map_expr_fields(Node));
        binary -> lists:all(fun is_segment/1, erl_syntax:binary_fields(Node));
        _ -> false
    end.

is_association(Field) ->
    erl_syntax:type(Field) =:= map_field_assoc andalso
        is_literal(erl_syntax:map_field_assoc_name(Field)) andalso is_literal(erl_syntax:map_field_assoc_value(Field)).

is_segment(Field) ->
    case erl_syntax:type(Field) of
        binary_field ->
            {Value, Size} = sized(erl_syntax:binary_field_body(Field)),
            is_literal(Value) andalso (Size =:= none orelse is_literal(Size));
        _ -> is_literal(Field)
    end.

-doc "See `erl_syntax:meta/1`.".
-spec meta(erl_syntax:syntaxTree()) -> erl_syntax:syntaxTree().
meta(Node) ->
    case erl_syntax:type(Node) =:= variable andalso lists:member(meta_var, erl_syntax:get_ann(Node)) of
        true -> erl_syntax:set_ann(Node, lists:delete(meta_var, erl_syntax:get_ann(Node)));
        false -> with_comments(set_postcomments, erl_syntax:get_postcomments(Node), Node)
    end.

with_comments(set_postcomments, After, Node) ->
    with_comments(set_precomments, erl_syntax:get_precomments(Node), attach(set_postcomments, After, maker(Node)));
with_comments(set_precomments, Before, Maker) -> attach(set_precomments, Before, Maker).

attach(_, [], Maker) -> Maker;
attach(Function, Comments, Maker) -> call(Function, [Maker, trees(Comments)]).

trees(List) -> erl_syntax:list([meta(T) || T <- List]).

call(Function, Arguments) -> erl_syntax:application(erl_syntax:atom(erl_syntax), erl_syntax:atom(Function), Arguments).

maker(Node) ->
    case erl_syntax:type(Node) of
        list -> call(list, [trees(erl_syntax:list_prefix(Node)) | case erl_syntax:list_suffix(Node) of none -> []; T -> [meta(T)] end]);
        tuple -> call(tuple, [trees(erl_syntax:tuple_elements(Node))]);
        Type when Type =:= atom; Type =:= integer; Type =:= float; Type =:= char; Type =:= string -> call(Type, [bare(Node)]);
        variable -> call(variable, [erl_syntax:string(erl_syntax:variable_literal(Node))]);
        operator -> call(operator, [erl_syntax:atom(erl_syntax:operator_name(Node))]);
        comment ->
            Lines = erl_syntax:list([erl_syntax:string(L) || L <- erl_syntax:comment_text(Node)]),
            call(comment, [Lines]);
        text -> call(text, [erl_syntax:string(erl_syntax:text_string(Node))]);
        error_marker -> call(error_marker, [abstract(erl_syntax:error_marker_info(Node))]);
        warning_marker -> call(warning_marker, [abstract(erl_syntax:warning_marker_info(Node))]);
        Type when Type =:= nil; Type =:= underscore; Type =:= eof_marker -> call(Type, []);
        Type ->
            Groups = [trees(G) || G <- erl_syntax:subtrees(Node)],
            call(make_tree, [erl_syntax:atom(Type), erl_syntax:list(Groups)])
    end.

bare(Node) -> erl_syntax:remove_comments(Node).
