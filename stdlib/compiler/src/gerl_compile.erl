-module(gerl_compile).
-moduledoc "Files as the compiler's interface and the shell's commands need them. Internal.".

-export([header/1, exists/1, read/1, basename/1]).

-doc "Whether a file can be read.".
-spec exists(unicode:chardata()) -> boolean().
exists(File) ->
    case read(File) of
        {ok, _} -> true;
        {error, _} -> false
    end.

-doc "The text of one of the library's own headers; Name begins with its application.".
-spec header(string()) -> {ok, binary()} | error.
header(Name) -> gerl_text:header(Name).

-doc "The contents of a file.".
-spec read(unicode:chardata()) -> {ok, binary()} | {error, atom()}.
read(File) -> gerl_text:read_image(unicode:characters_to_list(File)).

-doc "The last part of a file name.".
-spec basename(string()) -> string().
basename(Name) -> lists:reverse(lists:takewhile(fun(C) -> C =/= $/ end, lists:reverse(Name))).
