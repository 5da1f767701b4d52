-module(error_logger_file_h).
-moduledoc "Event handler of `error_logger` that writes events to a file; `error_logger:logfile/1` adds it.".

-behaviour(gen_event).

-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2, code_change/3]).

-doc "Opens the file, empty.".
-spec init(file:name() | {file:name(), term()}) -> {ok, term()} | {error, term()}.
init({Name, {error_logger, _}}) -> init(Name);
init(Name) ->
    Opened = file:open(Name, [write, {encoding, unicode}]),
    case Opened of
        {ok, Device} -> {ok, #{device => Device, filename => Name}};
        _ -> Opened
    end.

-doc "Closes the file.".
-spec terminate(term(), term()) -> term().
terminate(_, #{device := Device}) -> file:close(Device);
terminate(_, _) -> ok.

-doc "Writes what concerns this node.".
-spec handle_event(term(), term()) -> {ok, term()}.
handle_event(Event, State) ->
    _ = case Event of
            {_, Leader, _} when node(Leader) =/= node() -> elsewhere;
            {Tag, _, {Pid, What, More}} -> write(text(Tag, What, More), Pid, State);
            _ -> ignored
        end,
    {ok, State}.

write(none, _, _) -> ok;
write({Title, Text}, Pid, #{device := Device}) -> io:put_chars(Device, [heading(Title), node_of(Pid), Text]).

-doc "Ends when the file does.".
-spec handle_info(term(), term()) -> {ok, term()} | remove_handler.
handle_info(Message, #{device := Device} = State) ->
    case Message of
        {'EXIT', Device, _} -> remove_handler;
        _ -> {ok, State}
    end.

-doc "The name of the file is `filename`.".
-spec handle_call(term(), term()) -> {ok, term(), term()}.
handle_call(Query, State) ->
    {ok, case Query of filename -> map_get(filename, State); _ -> {error, bad_query} end, State}.

-doc false.
-spec code_change(term(), term(), term()) -> {ok, term()}.
code_change(_, State, _) -> {ok, State}.

text(error, Format, Args) -> {"ERROR", told(Format, Args)};
text(warning_msg, Format, Args) -> {"WARNING", told(Format, Args)};
text(info_msg, Format, Args) -> {"INFO", told(Format, Args)};
text(error_report, std_error, Report) -> {"ERROR", listed(Report)};
text(warning_report, std_warning, Report) -> {"WARNING", listed(Report)};
text(info_report, std_info, Report) -> {"INFO", listed(Report)};
text(_, _, _) -> none.

heading(Title) ->
    {{Year, Month, Day}, {Hour, Minute, Second}} = calendar:local_time(),
    Name = element(Month, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}),
    io_lib:format("=~ts REPORT==== ~w-~ts-~w::~2..0w:~2..0w:~2..0w ===~n", [Title, Day, Name, Year, Hour, Minute, Second]).

node_of(Pid) when is_pid(Pid), node(Pid) =/= node() -> io_lib:format("** at node ~w **~n", [node(Pid)]);
node_of(_) -> [].

told(Format, Args) ->
    try [io_lib:format(Format, Args), $\n]
    catch error:_ -> io_lib:format("ERROR: ~tp - ~tp~n", [Format, Args])
    end.

listed(Report) ->
    case is_list(Report) andalso not io_lib:printable_unicode_list(Report) of
        true -> [case Item of
                     {Key, Value} -> io_lib:format("    ~tp: ~tp~n", [Key, Value]);
                     _ -> io_lib:format("    ~tp~n", [Item])
                 end || Item <- Report];
        false when is_list(Report) -> io_lib:format("~ts~n", [Report]);
        false -> io_lib:format("~tp~n", [Report])
    end.
