-module(otp_internal).
-moduledoc "What the compiler knows about functions, types and callbacks that should not be used any more.".

-export([obsolete/3, obsolete_type/3, obsolete_callback/3]).

-type verdict() :: no | {deprecated | removed | unsafe, string()} | {deprecated | removed | unsafe, string(), string()}.

-doc "What is to be said about a call of a function: what to do instead, and the release that removes it.".
-spec obsolete(module(), atom(), arity()) -> verdict().
obsolete(Module, Function, Arity) -> gerl_text:obsolete(f, Module, Function, Arity).

-doc "What is to be said about the use of a type.".
-spec obsolete_type(module(), atom(), arity()) -> verdict().
obsolete_type(Module, Type, Arity) -> gerl_text:obsolete(t, Module, Type, Arity).

-doc "What is to be said about a callback function.".
-spec obsolete_callback(module(), atom(), arity()) -> verdict().
obsolete_callback(Module, Function, Arity) -> gerl_text:obsolete(c, Module, Function, Arity).
