-module(gerl_json).
-moduledoc "The parts of json that are built in: what is right is read and written here, errors are found by json itself.".

-export([decode/1, escape/2]).

-doc "The value of a JSON text, in a tuple; false if anything is wrong with it.".
-spec decode(binary()) -> {json:decode_value()} | false.
decode(_Text) -> erlang:nif_error(undef).

-doc "A text with its quotes, backslashes, control characters and all characters behind Last escaped; false if it is not UTF-8.".
-spec escape(binary(), Last :: char()) -> binary() | false.
escape(_Text, _Last) -> erlang:nif_error(undef).
