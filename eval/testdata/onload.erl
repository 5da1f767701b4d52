-module(onload).
-export([t_info/0, value/0]).
-on_load(init/0).

init() -> persistent_put(ok).

persistent_put(X) -> gerl_flag(X).
gerl_flag(ok) -> ok.

value() -> 42.

t_info() ->
    Info = onload:module_info(),
    Keys = [K || {K, _} <- Info],
    {Keys, lists_sort(onload:module_info(exports)), onload:module_info(module), byte_size(onload:module_info(md5)),
     erlang:function_exported(onload, value, 0), erlang:function_exported(onload, value, 1),
     erlang:module_loaded(onload), erlang:module_loaded(no_such_module), value(),
     try erlang:get_module_info(no_such_module) catch error:badarg -> badarg end}.

lists_sort([]) -> [];
lists_sort([P|T]) -> lists_sort([X || X <- T, X < P]) ++ [P] ++ lists_sort([X || X <- T, X >= P]).
