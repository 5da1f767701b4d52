-module(erl_abstract_code).
-moduledoc "Debug information as the compiler keeps it: a module's forms.".

-export([debug_info/4]).

-doc "The code of debug information in a format.".
-spec debug_info(atom(), module(), {none | [term()], [term()]}, [term()]) -> {ok, term()} | {error, atom()}.
debug_info(_, _, {none, _}, _) -> {error, missing};
debug_info(erlang_v1, _, {Forms, _}, _) -> {ok, Forms};
debug_info(core_v1, _, _, _) -> {error, failed_conversion};
debug_info(_, _, _, _) -> {error, unknown_format}.
