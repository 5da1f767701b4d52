-module(gerl_syntax_node).
-moduledoc """
How the nodes of erl_syntax are represented.

A node is `{tree, Type, Attributes, Data}`, or, around a form of erl_parse that was given attributes,
`{wrapper, Type, Attributes, Form}`. Attributes are `{attr, Position, Annotations, Comments}` with the comments
`none` or `{com, Before, After}`.
""".

-export([tree/2, at/2, attributes/1, attributes/2, given/1, changed/3, position/1]).

-doc "A new node.".
-spec tree(atom(), term()) -> tuple().
tree(record_expr, {record_expr, Record, [_, _] = Names, Fields}) -> tree(record_expr, {record_expr, Record, erl_syntax:list(Names), Fields});
tree(receive_expr, {receive_expr, Clauses, none, [_ | _]}) -> tree(receive_expr, {receive_expr, Clauses, none, []});
tree(Type, Data) -> {tree, Type, {attr, 0, [], none}, Data}.

-doc "The node with another position.".
-spec at(term(), tuple()) -> tuple().
at(Pos, Node) ->
    gerl_syntax_forms:type(unwrapped(Node)) =/= false orelse error({badarg, Node}),
    {attr, _, Annotations, Comments} = attributes(Node),
    attributes(Node, {attr, Pos, Annotations, Comments}).

-doc "The attributes that a node was given: those of anything else are empty, and its position does not count.".
-spec given(term()) -> tuple().
given({tree, _, Attributes, _}) -> Attributes;
given({wrapper, _, Attributes, _}) -> Attributes;
given(_) -> {attr, 0, [], none}.

-doc "The node with another value at a place in its attributes.".
-spec changed(term(), 3 | 4, term()) -> tuple().
changed(Node, At, Value) ->
    gerl_syntax_forms:type(unwrapped(Node)) =/= false orelse error({badarg, Node}),
    attributes(Node, setelement(At, attributes(Node), Value)).

unwrapped({tree, _, _, _}) -> {nil, 0};
unwrapped({wrapper, _, _, _}) -> {nil, 0};
unwrapped(Node) -> Node.

-doc "The attributes of a node or form.".
-spec attributes(term()) -> tuple().
attributes({tree, _, Attributes, _}) -> Attributes;
attributes({wrapper, _, Attributes, _}) -> Attributes;
attributes(Form) -> {attr, position(Form), [], none}.

-doc "The node with other attributes; a form gets a wrapper.".
-spec attributes(term(), tuple()) -> tuple().
attributes(Node, Attributes) when element(1, Node) =:= tree; element(1, Node) =:= wrapper -> setelement(3, Node, Attributes);
attributes(Form, Attributes) ->
    case gerl_syntax_forms:type(Form) of
        false -> error({badarg, Form});
        Type -> {wrapper, Type, Attributes, Form}
    end.

-doc "The position in a form of erl_parse.".
-spec position(term()) -> term().
position({Marker, {Pos, _, _}}) when Marker =:= error; Marker =:= warning -> Pos;
position({typed_record_field, Field, _}) -> position(Field);
position(Form) -> element(2, Form).
