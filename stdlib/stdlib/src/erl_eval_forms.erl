-module(erl_eval_forms).
-moduledoc "Parts of erl_eval that look at forms only. Internal.".

-export([guard_expr/1, as_expr/2]).

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
