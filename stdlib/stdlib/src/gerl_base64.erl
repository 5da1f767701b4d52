-module(gerl_base64).
-moduledoc "The parts of base64 that are built in.".

-export([encode/3, decode/2]).

-doc "Bytes as text, in the alphabet for URLs or the standard one, with or without padding.".
-spec encode(binary(), Urlsafe :: boolean(), Padding :: boolean()) -> binary().
encode(_Bytes, _Urlsafe, _Padding) -> erlang:nif_error(undef).

-doc "The bytes of a text with padding and without white space; error for any other.".
-spec decode(binary(), Urlsafe :: boolean()) -> binary() | error.
decode(_Text, _Urlsafe) -> erlang:nif_error(undef).
