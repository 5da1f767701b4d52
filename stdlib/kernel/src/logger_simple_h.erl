-module(logger_simple_h).
-moduledoc """
The handler of a node without any other: its process, `logger_simple_h`, writes events to the standard output, in the format of old. What came first it
keeps, and logs it again once there is a handler `default` in its place. Its name as a handler is `simple`. Internal.
""".

-behaviour(logger_handler).

-export([adding_handler/1, removing_handler/1, log/2]).

%% So many events are logged again.
-define(KEPT, 20).
-define(FORMAT, #{legacy_header => true, single_line => false, depth => unlimited, time_offset => ""}).

-doc "Starts the process; an error if another one has its name.".
-spec adding_handler(logger:handler_config()) -> {ok, logger:handler_config()} | {error, term()}.
adding_handler(Config) ->
    Adder = self(),
    {Process, Monitor} = spawn_monitor(fun() -> take_name(Adder) end),
    receive
        {Process, named} ->
            demonitor(Monitor, [flush]),
            {ok, Config};
        {'DOWN', Monitor, _, _, Reason} -> {error, Reason}
    end.

take_name(Adder) ->
    try register(?MODULE, self()) of
        true ->
            process_flag(message_queue_data, off_heap),
            Adder ! {self(), named},
            collect(?KEPT, [])
    catch
        error:badarg -> exit({handler_process_name_already_exists, ?MODULE})
    end.

-doc "Ends the process after what it was given.".
-spec removing_handler(logger:handler_config()) -> ok.
removing_handler(_Config) ->
    Monitor = monitor(process, ?MODULE),
    _ = [Process ! {?MODULE, finish} || Process <- [whereis(?MODULE)], is_pid(Process)],
    receive {'DOWN', Monitor, _, _, _} -> ok end.

-doc "Gives the process an event; what it would not show unless everything is shown is dropped at once.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, _Config) ->
    case {shown(Event) orelse logger:allow(debug, ?MODULE), whereis(?MODULE)} of
        {false, _} -> ok;
        {true, undefined} -> write(Event);
        {true, Process} ->
            Process ! {?MODULE, Event},
            ok
    end.

%% Reports of progress and the like are not for the screen.
shown(#{meta := #{error_logger := #{tag := info_report, type := Type}}}) -> Type =:= std_info;
shown(_) -> true.

%%% ---- the process ---------------------------------------------------------------------------------------------

%% Room for as many events as the number says; the number goes on below zero for those that found none.
collect(Room, Events) ->
    receive
        {?MODULE, finish} -> hand_over(Room, lists:reverse(Events));
        {?MODULE, #{meta := #{time := _}} = Event} ->
            _ = shown(Event) andalso write(Event),
            collect(Room - 1, if Room > 0 -> [Event | Events]; true -> Events end);
        _ -> collect(Room, Events)
    end.

hand_over(Room, Events) ->
    case logger:get_handler_config(default) of
        {ok, _} ->
            lists:foreach(fun again/1, Events),
            Room < 0 andalso logger:info("Simple handler buffer full, dropped ~w messages", [-Room]);
        {error, _} -> ok
    end.

again(#{level := Level, msg := {Kind, What}, meta := Meta}) when Kind =:= string; Kind =:= report -> logger:log(Level, What, Meta);
again(#{level := Level, msg := {Format, Args}, meta := Meta}) -> logger:log(Level, Format, Args, Meta).

%% An event that cannot be made a text is shown as it is.
write(Event) ->
    Text = try unicode:characters_to_list(logger_formatter:format(Event, ?FORMAT)) of
               Chars when is_list(Chars) -> Chars;
               _ -> raw(Event)
           catch _:_ -> raw(Event)
           end,
    true = erlang:display_string(stdout, Text),
    ok.

raw(#{level := Level, msg := Told}) -> lists:flatten(io_lib:format("~w: ~0tp~n", [Level, Told])).
