-module(logger_std_h).
-moduledoc """
The handler of logger that writes to a terminal or a file. Events become text in the process that logs; a
process of the handler's own writes the text. A caller waits when too much is on its way already.
""".

-export([log/2, adding_handler/1, removing_handler/1, changing_config/3, filter_config/1, filesync/1]).
-export([writer/2]).

-define(SYNC_LENGTH, 10).

-doc "Writes an event.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, #{config := #{writer := Writer}, formatter := {Formatter, FormatterConfig}}) ->
    Text = try Formatter:format(Event, FormatterConfig)
           catch _:Reason:Stack -> io_lib:format("FORMATTER CRASH: ~tp~n~tp~n", [maps:get(msg, Event), {Reason, Stack}])
           end,
    Bytes = unicode:characters_to_binary(Text),
    case process_info(Writer, message_queue_len) of
        {_, N} when N < ?SYNC_LENGTH, Writer =/= self() -> Writer ! {write, Bytes};
        _ -> ask(Writer, {write, Bytes})
    end,
    ok.

ask(Writer, Request) ->
    Ref = monitor(process, Writer),
    Writer ! {Request, self(), Ref},
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

-doc "Has everything written that was logged before.".
-spec filesync(atom()) -> ok | {error, term()}.
filesync(Id) ->
    case logger_server:handler(Id) of
        {ok, #{module := ?MODULE, config := #{writer := Writer}}} -> ask(Writer, sync);
        _ -> {error, {badarg, {filesync, [Id]}}}
    end.

-doc false.
adding_handler(#{id := Id} = Config) ->
    case checked(maps:merge(#{type => standard_io}, maps:get(config, Config, #{}))) of
        {ok, Own} ->
            Parent = self(),
            Writer = spawn(fun() -> start_writer(Parent, Id, Own) end),
            Ref = monitor(process, Writer),
            receive
                {Writer, ok} ->
                    demonitor(Ref, [flush]),
                    {ok, Config#{config => Own#{writer => Writer}}};
                {Writer, Error} ->
                    demonitor(Ref, [flush]),
                    Error;
                {'DOWN', Ref, _, _, Reason} -> {error, Reason}
            end;
        Error -> Error
    end.

checked(#{type := Type} = Own) when Type =:= standard_io; Type =:= standard_error ->
    {ok, maps:merge(limits(), Own)};
checked(#{type := {device, _}} = Own) -> {ok, maps:merge(limits(), Own)};
checked(#{type := {file, Name}} = Own) -> checked(Own#{type := file, file => Name});
checked(#{type := {file, Name, Modes}} = Own) -> checked(Own#{type := file, file => Name, modes => Modes});
checked(#{type := file, file := _} = Own) ->
    Files = #{max_no_bytes => infinity, max_no_files => 0, compress_on_rotate => false, file_check => 0,
              modes => [raw, append, delayed_write], filesync_repeat_interval => 5000},
    {ok, maps:merge(maps:merge(limits(), Files), Own)};
checked(#{file := _, type := standard_io} = Own) -> checked(Own#{type := file});
checked(Own) -> {error, {invalid_config, ?MODULE, Own}}.

limits() ->
    #{burst_limit_enable => true, burst_limit_max_count => 500, burst_limit_window_time => 1000,
      drop_mode_qlen => 200, flush_qlen => 1000, overload_kill_enable => false,
      overload_kill_mem_size => 3000000, overload_kill_qlen => 20000,
      overload_kill_restart_after => 5000, sync_mode_qlen => ?SYNC_LENGTH}.

-doc false.
removing_handler(#{config := #{writer := Writer}}) ->
    _ = ask(Writer, stop),
    ok.

-doc false.
changing_config(How, #{config := #{writer := Writer, type := Type} = Old} = _, #{config := New0} = Config) ->
    Base = case How of
               set -> maps:with([type, file, modes], Old);
               update -> Old
           end,
    New = maps:merge(limits(), maps:merge(Base, New0)),
    case maps:get(type, New) of
        Type -> {ok, Config#{config := New#{writer => Writer}}};
        _ ->
            {error, {illegal_config_change, ?MODULE, #{type => Type}, maps:with([type], New)}}
    end;
changing_config(_, #{config := Old}, Config) -> {ok, Config#{config => Old}}.

-doc false.
filter_config(#{config := Own} = Config) -> Config#{config := maps:remove(writer, Own)}.

%%% ---- the process that writes --------------------------------------------------------------------------------

start_writer(Parent, Id, Own) ->
    process_flag(trap_exit, true),
    register_as(list_to_atom(lists:concat([?MODULE, "_", Id]))),
    case open(Own) of
        {ok, Out} ->
            Parent ! {self(), ok},
            ?MODULE:writer(Out, Own);
        {error, _} = Error -> Parent ! {self(), Error}
    end.

register_as(Name) ->
    try register(Name, self()) catch error:badarg -> true end.

open(#{type := standard_io}) -> {ok, {device, user}};
open(#{type := standard_error}) -> {ok, {device, standard_error}};
open(#{type := {device, Device}}) -> {ok, {device, Device}};
open(#{type := file, file := Name, modes := Modes}) ->
    _ = filelib:ensure_dir(Name), % what is wrong shows when the file is opened
    case file:open(Name, lists:usort([raw, append | lists:delete(write, Modes)])) of
        {ok, File} -> {ok, {file, File, size_of(Name)}};
        {error, Reason} -> {error, {file, Reason, Name}}
    end.

size_of(Name) -> filelib:file_size(Name).

-doc false.
writer(Out, Own) ->
    receive
        {write, Bytes} -> ?MODULE:writer(write(Bytes, Out, Own), Own);
        {{write, Bytes}, From, Ref} ->
            Out1 = write(Bytes, Out, Own),
            From ! {Ref, ok},
            ?MODULE:writer(Out1, Own);
        {sync, From, Ref} ->
            From ! {Ref, ok},
            ?MODULE:writer(Out, Own);
        {stop, From, Ref} ->
            close(Out),
            From ! {Ref, ok};
        _ -> ?MODULE:writer(Out, Own)
    end.

write(Bytes, {device, Device} = Out, _) ->
    try io:put_chars(Device, Bytes) catch error:_ -> ok end,
    Out;
write(Bytes, {file, File, Size}, Own) ->
    _ = file:write(File, Bytes),
    rotated({file, File, Size + byte_size(Bytes)}, Own).

%% A full file becomes Name.0, which became Name.1 before, and so on.
rotated({file, File, Size}, #{max_no_bytes := Max, max_no_files := Count, file := Name} = Own)
  when is_integer(Max), Size >= Max ->
    _ = file:close(File),
    lists:foreach(fun(N) -> file:rename(numbered(Name, N - 1), numbered(Name, N)) end, lists:seq(Count - 1, 1, -1)),
    case Count of
        0 -> file:delete(Name);
        _ -> file:rename(Name, numbered(Name, 0))
    end,
    case open(Own) of
        {ok, Out} -> Out;
        {error, Reason} -> exit(Reason)
    end;
rotated(Out, _) -> Out.

numbered(Name, N) -> lists:concat([Name, ".", N]).

close({file, File, _}) -> file:close(File);
close(_) -> ok.
