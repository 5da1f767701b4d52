-module(erl_lint_vars).
-moduledoc "Which variables of their surroundings funs use. Internal.".

-export([funs/2]).

-type tree() :: #{term() => {[atom()], tree()}}.

-doc "For each fun among expressions: the bound variables that it uses, and the same for the funs inside it.".
-spec funs([term()], ordsets:ordset(atom())) -> tree().
funs(Exprs, Bound) ->
    {_, Tree} = sequence(Exprs, Bound),
    Tree.

%% Both parts of a result: the variables bound afterwards, and the funs found.
sequence(Nodes, Bound) ->
    lists:foldl(fun(N, {B, Found}) -> {B1, Found1} = node(N, B), {B1, maps:merge(Found, Found1)} end, {Bound, #{}}, Nodes).

node({'fun', _, {clauses, Clauses}} = Fun, Bound) -> {Bound, #{Fun => enclosed(Clauses, Bound)}};
node({named_fun, _, Name, Clauses} = Fun, Bound) ->
    {Used, Inside} = enclosed(Clauses, ordsets:add_element(Name, Bound)),
    {Bound, #{Fun => {ordsets:del_element(Name, Used), Inside}}};
node({Kind, _, Template, Qualifiers}, Bound) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {_, Found} = sequence(Qualifiers ++ [Template], Bound),
    {Bound, Found};
node({var, _, '_'}, Bound) -> {Bound, #{}};
node({var, _, V}, Bound) -> {ordsets:add_element(V, Bound), #{}};
node(Tuple, Bound) when is_tuple(Tuple) -> sequence(tuple_to_list(Tuple), Bound);
node(List, Bound) when is_list(List) -> sequence(List, Bound);
node(_, Bound) -> {Bound, #{}}.

enclosed(Clauses, Bound) ->
    Parts = [clause(C, Bound) || C <- Clauses],
    {ordsets:union([U || {U, _} <- Parts]), lists:foldl(fun({_, F}, All) -> maps:merge(All, F) end, #{}, Parts)}.

%% Variables of the head are new ones.
clause({clause, _, Head, Guard, Body}, Bound) ->
    Own = names(Head),
    Visible = ordsets:subtract(Bound, Own),
    {_, Found} = sequence([Guard, Body], ordsets:union(Visible, Own)),
    {ordsets:intersection(Visible, names([Guard, Body])), Found}.

names({var, _, '_'}) -> [];
names({var, _, V}) when is_atom(V) -> [V];
names(Tuple) when is_tuple(Tuple) -> names(tuple_to_list(Tuple));
names([H | T]) -> ordsets:union(names(H), names(T));
names(_) -> [].
