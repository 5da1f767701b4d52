-module(erl_eval_forms).
-moduledoc "Parts of erl_eval that look at forms only. Internal.".

-export([guard_expr/1, as_expr/2, subst_values_for_vars/2, partial_eval/1]).

-doc "A guard test under its present name.".
-spec guard_expr(term()) -> term().
%% Old names of type tests are allowed in guards.
guard_expr({call, A, {atom, A1, Name}, [_] = Args} = Call) ->
    case lists:member(Name, [atom, binary, float, function, integer, list, number, pid, port,
                             reference, tuple]) of
        true -> {call, A, {atom, A1, list_to_atom("is_" ++ atom_to_list(Name))}, Args};
        false -> Call
    end;
guard_expr(Expr) ->
    Expr.

-doc "A part of a fun expression that may be a plain value.".
-spec as_expr(term(), atom | integer) -> term().
as_expr(Value, atom) when is_atom(Value) -> {atom, 0, Value};
as_expr(Value, integer) when is_integer(Value) -> {integer, 0, Value};
as_expr(Expr, _) -> Expr.

-doc "Puts values in the place of bound variables.".
-spec subst_values_for_vars(term(), erl_eval:binding_struct()) -> term().
subst_values_for_vars({var, Anno, Name} = Var, Bs) ->
    case erl_eval:binding(Name, Bs) of
        {value, Value} -> {value, Anno, Value};
        unbound -> Var
    end;
subst_values_for_vars(Tuple, Bs) when is_tuple(Tuple) ->
    list_to_tuple(subst_values_for_vars(tuple_to_list(Tuple), Bs));
subst_values_for_vars([Head | Tail], Bs) ->
    [subst_values_for_vars(Head, Bs) | subst_values_for_vars(Tail, Bs)];
subst_values_for_vars(Other, _) ->
    Other.

-doc "Replaces expressions of constants by their values.".
-spec partial_eval(term()) -> term().
partial_eval(Expr) ->
    try plain_value(Expr) of
        V when is_integer(V) -> {integer, element(2, Expr), V};
        V when is_float(V) -> {float, element(2, Expr), V};
        V when is_atom(V) -> {atom, element(2, Expr), V};
        _ -> Expr
    catch
        _:_ -> Expr
    end.

%% Everything has a value, or nothing is evaluated.
plain_value({op, _, Op, Left, Right}) -> erlang:Op(plain_value(Left), plain_value(Right));
plain_value({op, _, Op, Arg}) -> erlang:Op(plain_value(Arg));
plain_value({Kind, _, V}) when Kind =:= integer; Kind =:= float; Kind =:= char; Kind =:= atom -> V;
plain_value({tuple, _, Elems}) -> list_to_tuple([plain_value(E) || E <- Elems]);
plain_value({cons, _, Head, Tail}) -> [plain_value(Head) | plain_value(Tail)];
plain_value({nil, _}) -> [].
