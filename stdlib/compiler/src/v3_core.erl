-module(v3_core).
-moduledoc """
Texts of the warnings about keys that a map expression gives twice.

The module is what error information of such warnings names, as in OTP; nothing else of OTP's module of this name is here.
""".

-export([format_error/1]).

-doc "The text of a warning of this kind.".
-spec format_error(term()) -> io_lib:chars().
format_error({text, Said}) -> Said;
format_error(Term) -> io_lib:format("~tp", [Term]).
