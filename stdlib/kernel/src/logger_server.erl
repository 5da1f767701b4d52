-module(logger_server).
-moduledoc "The process behind `logger`: takes log events of the runtime and writes them as reports.".

-export([start/0, report/4]).

-doc "Starts the server and registers it as logger, the name to which the runtime sends its events.".
-spec start() -> pid().
start() ->
    Parent = self(),
    Pid = spawn(fun() ->
                        register(logger, self()),
                        Parent ! {self(), started},
                        loop()
                end),
    receive {Pid, started} -> Pid end.

loop() ->
    receive
        {log, Level, Format, Args, Metadata} ->
            report(Level, Format, Args, Metadata),
            loop();
        {sync, From, Ref} ->
            From ! {Ref, ok},
            loop();
        _ ->
            loop()
    end.

-doc "Writes one report: a head line with level and time, then the text.".
-spec report(atom(), io:format(), [term()], map()) -> ok.
report(Level, Format, Args, Metadata) ->
    Head = ["=", title(Level), " REPORT==== ", timestamp(maps:get(time, Metadata, erlang:system_time(microsecond))),
            " ===\n"],
    Text = try
               io_lib:format(Format, Args)
           catch
               _:_ -> io_lib:format("FORMAT ERROR: ~tp - ~tp~n", [Format, Args])
           end,
    io:put_chars(user, [Head, Text, $\n]).

title(Level) -> string:uppercase(atom_to_list(Level)).

timestamp(Micros) ->
    {{Year, Month, Day}, {Hour, Minute, Second}} =
        erlang:universaltime_to_localtime(erlang:posixtime_to_universaltime(Micros div 1000000)),
    io_lib:format("~w-~s-~4..0w::~2..0w:~2..0w:~2..0w.~6..0w",
                  [Day, month(Month), Year, Hour, Minute, Second, Micros rem 1000000]).

month(N) ->
    element(N, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}).
