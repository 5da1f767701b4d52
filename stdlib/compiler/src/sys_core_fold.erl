-module(sys_core_fold).
-moduledoc """
Texts of the warnings about clauses that cannot match, values that nobody uses and operations that always fail.

The compiler itself finds them; this module only has the function that error information of theirs names.
""".

-export([format_error/1]).

-doc "The text of a warning.".
-spec format_error(term()) -> io_lib:chars().
format_error({text, Text}) -> Text;
format_error(Other) -> io_lib:format("~tp", [Other]).
