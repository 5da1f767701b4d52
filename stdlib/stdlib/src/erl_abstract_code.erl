-module(erl_abstract_code).
-moduledoc "Debug information as the compiler keeps it: a module's forms.".

-export([debug_info/4]).

-doc "The code of debug information in a format.".
-spec debug_info(atom(), module(), {none | [term()], [term()]}, [term()]) -> {ok, term()} | {error, atom()}.
debug_info(Format, _Module, {Kept, _Options}, _Extra) ->
    if
        Kept =:= none -> {error, missing};
        Format =:= erlang_v1 -> {ok, Kept};
        true -> {error, maps:get(Format, #{core_v1 => failed_conversion}, unknown_format)}
    end.
