%% io_lib:format and reading lines from a file.
-module(output).
-export([main/1]).
-include("rounds.hrl").

main(["format_w"]) -> format("~w", [term()], 4000);
main(["format_p"]) -> format("~p", [term()], 4000);
main(["format_s"]) -> format("~s: ~ts~n", ["a text of some length", <<"another one">>], 160000);
main(["format_numbers"]) -> format("~b ~8.2.0f ~g ~.16b ~10w|", [123456, 3.14159, 2.5e10, 255, 77], 60000);
main(["format_columns"]) -> format("~-20s|~20s|~*c~n", ["left", "right", 10, $=], 120000);
main(["write_strings"]) -> format("~p ~tp", ["a plain text", [16#416, 16#43b]], 150000);
main(["file_read_line"]) ->
    Name = lines(),
    rounds(?ROUNDS(16), fun() -> read(Name, [read, raw, binary, read_ahead], fun file:read_line/1) end),
    file:delete(Name);
main(["io_get_line"]) ->
    Name = lines(),
    rounds(?ROUNDS(2), fun() -> read(Name, [read, binary], fun(F) -> io:get_line(F, '') end) end),
    file:delete(Name);
main(["file_read_file"]) ->
    Name = lines(),
    rounds(?ROUNDS(30), fun() -> {ok, B} = file:read_file(Name), length(binary:split(B, <<"\n">>, [global])) end),
    file:delete(Name).

format(Format, Arguments, N) ->
    rounds(?ROUNDS(N), fun() -> iolist_size(unicode:characters_to_binary(io_lib:format(Format, Arguments))) end).

term() ->
    [{person, I, "a name", <<"a binary">>, #{age => I, tags => [friend, colleague]}, I / 4} || I <- lists:seq(1, 20)].

lines() ->
    Name = filename:join(os:getenv("TMPDIR", "/tmp"), "gerl_bench_lines_" ++ os:getpid()),
    ok = file:write_file(Name, [[integer_to_list(I), " is the number of this line\n"] || I <- lists:seq(1, ?SIZE(50000))]),
    Name.

read(Name, Modes, Line) ->
    {ok, File} = file:open(Name, Modes),
    Sum = count(File, Line, 0),
    ok = file:close(File),
    Sum.

count(File, Line, Sum) ->
    case Line(File) of
        {ok, B} -> count(File, Line, Sum + byte_size(B));
        B when is_binary(B) -> count(File, Line, Sum + byte_size(B));
        eof -> Sum
    end.
