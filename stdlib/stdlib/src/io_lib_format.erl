-module(io_lib_format).
-moduledoc "The inner names of io_lib's format functions, which older programs call.".

-export([fwrite/2, fwrite/3, fwrite_bin/2, fwrite_bin/3, fwrite_g/1, indentation/2, scan/2, unscan/1,
         build/1, build/2, build_bin/1, build_bin/2]).

-type parts() :: [char() | io_lib:format_spec()].

-doc "The same as `io_lib:format/2`.".
-spec fwrite(io:format(), [term()]) -> io_lib:chars().
fwrite(Format, Args) -> io_lib:fwrite(Format, Args).

-doc "The same as `io_lib:format/3`.".
-spec fwrite(io:format(), [term()], [{chars_limit, integer()}]) -> io_lib:chars().
fwrite(Format, Args, Options) -> io_lib:fwrite(Format, Args, Options).

-doc "The same as `io_lib:bformat/2`.".
-spec fwrite_bin(io:format(), [term()]) -> unicode:unicode_binary().
fwrite_bin(Format, Args) -> io_lib:bformat(Format, Args).

-doc "The same as `io_lib:bformat/3`.".
-spec fwrite_bin(io:format(), [term()], [{chars_limit, integer()}]) -> unicode:unicode_binary().
fwrite_bin(Format, Args, Options) -> io_lib:bformat(Format, Args, Options).

-doc "The shortest text of a float that gives the same float when it is read.".
-spec fwrite_g(float()) -> string().
fwrite_g(Float) when is_float(Float) -> lists:flatten(io_lib:write(Float)).

-doc "The same as `io_lib:indentation/2`.".
-spec indentation(string(), integer()) -> integer().
indentation(Text, Column) -> io_lib:indentation(Text, Column).

-doc "The same as `io_lib:scan_format/2`.".
-spec scan(io:format(), [term()]) -> parts().
scan(Format, Args) -> io_lib:scan_format(Format, Args).

-doc "The same as `io_lib:unscan_format/1`.".
-spec unscan(parts()) -> {io:format(), [term()]}.
unscan(Parts) -> io_lib:unscan_format(Parts).

-doc "The same as `io_lib:build_text/1`.".
-spec build(parts()) -> io_lib:chars().
build(Parts) -> io_lib:build_text(Parts).

-doc "The same as `io_lib:build_text/2`.".
-spec build(parts(), [{chars_limit, integer()}]) -> io_lib:chars().
build(Parts, Options) -> io_lib:build_text(Parts, Options).

-doc "Like `build/1`, as UTF-8.".
-spec build_bin(parts()) -> unicode:unicode_binary().
build_bin(Parts) -> unicode:characters_to_binary(build(Parts)).

-doc "Like `build/2`, as UTF-8.".
-spec build_bin(parts(), [{chars_limit, integer()}]) -> unicode:unicode_binary().
build_bin(Parts, Options) -> unicode:characters_to_binary(build(Parts, Options)).
