-module(sys_core_fold).
-moduledoc """
Texts of the warnings about clauses that cannot match, values that nobody uses and operations that always fail.

The compiler itself finds them; this module only has the function that error information of theirs names.
""".

-export([format_error/1]).

-doc "The text of a warning.".
-spec format_error(term()) -> io_lib:chars().
format_error({text, Text}) -> Text;
format_error({ignored, useless_building}) -> "a term is constructed, but never used";
format_error({ignored, {no_effect, {erlang, Operator, 2}}}) ->
    io_lib:format("use of operator ~p has no effect", [Operator]);
format_error({failed, bad_call}) -> "invalid function call";
format_error({failed, bad_map_update}) -> "map update will fail with a 'badmap' exception";
format_error({nomatch, no_clause}) -> "no clause will ever match";
format_error({nomatch, {shadow, Line, {Name, Arity}}}) ->
    io_lib:format("this clause for ~ts/~B cannot match ~ts", [Name, Arity, because({shadow, Line})]);
format_error({nomatch, Reason}) -> ["this clause cannot match ", because(Reason)];
format_error(Other) -> io_lib:format("~tp", [Other]).

because(guard) -> "because its guard evaluates to 'false'";
because(clause_type) -> "because of different types/sizes";
because(shadow) -> "because a previous clause always matches";
because({shadow, Line}) -> io_lib:format("because a previous clause at line ~p always matches", [Line]).
