-module(error_handler).
-moduledoc "What happens when a function is called that is not there: its module is loaded, or the call fails with undef.".

-export([undefined_function/3, undefined_lambda/3, raise_undef_exception/3, stub_function/3]).

-doc "Called in the place of Module:Function(Args) when there is no such function.".
-spec undefined_function(module(), atom(), [term()]) -> term().
undefined_function(Module, Function, Args) ->
    Loaded = is_there(Module),
    Exports = fun(Name, Arity) -> Loaded andalso erlang:function_exported(Module, Name, Arity) end,
    case {Exports(Function, length(Args)), Exports('$handle_undefined_function', 2)} of
        {true, _} -> apply(Module, Function, Args);
        {false, true} -> Module:'$handle_undefined_function'(Function, Args);
        {false, false} -> raise_undef_exception(Module, Function, Args)
    end.

is_there(Module) -> element(1, code:ensure_loaded(Module)) =:= module.

-doc "Called in the place of a fun whose module is not there.".
-spec undefined_lambda(module(), fun(), [term()]) -> term().
undefined_lambda(Module, Fun, Args) ->
    is_there(Module) orelse erlang:error({badfun, Fun}),
    apply(Fun, Args).

-doc "Raises undef as if the call had been made by the caller of the error handler.".
-spec raise_undef_exception(module(), atom(), [term()]) -> no_return().
raise_undef_exception(Module, Function, Args) -> crash({Module, Function, Args, []}).

%% Who traces erlang:error/1 sees each call of a function that does not exist. The frames of this module do not belong
%% to the trace.
crash(Missing) ->
    try
        erlang:error(undef)
    catch
        _:Reason:Stack -> erlang:raise(error, Reason, [Missing | [F || F <- Stack, element(1, F) =/= ?MODULE]])
    end.

-doc false.
stub_function(Module, Function, Args) -> raise_undef_exception(Module, Function, Args).
