-module(logger_std_h).
-moduledoc """
The handler of logger that writes to a terminal or a file. Events become text in the process that logs; a process of the handler's
own, with load regulation (`logger_olp`), writes the text. A file can be rotated: when it is larger than `max_no_bytes` it becomes
`NAME.0`, which becomes `NAME.1`, up to `max_no_files`; `compress_on_rotate` compresses them. A file that was moved or deleted is
opened anew, which is looked for before a write when `file_check` milliseconds have passed since the last time.
""".

-export([log/2, adding_handler/1, removing_handler/1, changing_config/3, filter_config/1, filesync/1]).
-export([normal/2, with_defaults/2, starting/2, fits/3, fixed/0, shown/2, has_file/1, open/2, write/2, sync/1, changed/2, handle_info/3, close/1]).

-include_lib("kernel/include/file.hrl").

-doc "Writes an event.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, Config) -> logger_h_common:log(Event, Config).

-doc "Has everything written that was logged before.".
-spec filesync(atom()) -> ok | {error, term()}.
filesync(Id) -> logger_h_common:filesync(?MODULE, Id).

-doc false.
-spec adding_handler(map()) -> {ok, map()} | {error, term()}.
adding_handler(Config) -> logger_h_common:adding_handler(Config).

-doc false.
-spec removing_handler(map()) -> ok.
removing_handler(Config) -> logger_h_common:removing_handler(Config).

-doc false.
-spec changing_config(set | update, map(), map()) -> {ok, map()} | {error, term()}.
changing_config(How, Old, New) -> logger_h_common:changing_config(How, Old, New).

-doc false.
-spec filter_config(map()) -> map().
filter_config(Config) -> logger_h_common:filter_config(Config).

%%% ---- the configuration ----------------------------------------------------------------------------------------

%% The one form of a configuration: the older forms of type name the file, and a name is absolute.
-doc false.
-spec normal(atom(), map()) -> map().
normal(Id, #{type := {file, Name}} = Own) -> normal(Id, Own#{type := file, file => Name});
normal(Id, #{type := {file, Name, Modes}} = Own) -> normal(Id, Own#{type := file, file => Name, modes => Modes});
normal(_, #{file := Name} = Own) -> Own#{file := filename:absname(Name)};
normal(_, Own) -> Own.

-doc false.
-spec with_defaults(atom(), map()) -> map().
with_defaults(Id, #{type := file} = Own) ->
    Settings = #{modes => [delayed_write, raw, append], max_no_bytes => infinity, max_no_files => 0, compress_on_rotate => false, file_check => 0},
    case maps:merge(Settings, Own) of
        #{file := _} = Full -> Full;
        Full -> Full#{file => filename:absname(atom_to_list(Id))}
    end;
with_defaults(_, #{type := _} = Own) -> Own;
with_defaults(Id, #{file := _} = Own) -> with_defaults(Id, Own#{type => file});
with_defaults(_, Own) -> Own#{type => standard_io}.

-doc false.
-spec starting(atom(), map()) -> map().
starting(Id, Own) ->
    case with_defaults(Id, Own) of
        #{type := file, modes := Modes} = Full when is_list(Modes) ->
            Kinds = [kind(M) || M <- Modes],
            Missing = [M || {M, Alike} <- [{delayed_write, [delayed_write]}, {raw, [raw]}, {append, [append, write, exclusive]}],
                            not lists:any(fun(K) -> lists:member(K, Alike) end, Kinds)],
            Full#{modes := Missing ++ Modes};
        Full -> Full
    end.

kind(Mode) when is_tuple(Mode), tuple_size(Mode) > 0 -> element(1, Mode);
kind(Mode) -> Mode.

-doc false.
-spec fits(term(), term(), map()) -> boolean().
fits(type, {device, _}, _) -> true;
fits(type, Type, _) -> lists:member(Type, [standard_io, standard_error, file]);
fits(Key, Value, #{type := file}) -> fits_file(Key, Value);
fits(_, _, _) -> false.

fits_file(file, Name) -> is_list(Name);
fits_file(modes, Modes) -> is_list(Modes);
fits_file(max_no_bytes, Bytes) -> Bytes =:= infinity orelse is_integer(Bytes) andalso Bytes > 0;
fits_file(compress_on_rotate, Compress) -> is_boolean(Compress);
fits_file(Key, Value) when Key =:= max_no_files; Key =:= file_check -> is_integer(Value) andalso Value >= 0;
fits_file(_, _) -> false.

-doc false.
-spec fixed() -> [atom()].
fixed() -> [type, file, modes].

-doc false.
-spec shown(map(), map()) -> map().
shown(Own, _) -> maps:with(fixed(), Own).

-doc false.
-spec has_file(map()) -> boolean().
has_file(#{type := Type}) -> Type =:= file.

%%% ---- writing ------------------------------------------------------------------------------------------------
%%
%% All of it happens in the handler's process. What concerns an open file is under the key `out`: the file, which file it is on the
%% disk, how much was written since it was rotated, and when it was last looked for.

-doc false.
-spec open(atom(), map()) -> {ok, map()} | {error, term()}.
open(_, #{type := file, file := Name} = Own) ->
    case opened(Own) of
        {ok, File, #file_info{size = Size} = Info} ->
            Handler = Own#{file_ctrl_pid => self(), out => {File, identity(Info), Size, erlang:monotonic_time(millisecond)}},
            arrange(Own),
            {ok, full(Handler)};
        {error, Reason} -> {error, {open_failed, Name, Reason}}
    end;
open(_, Own) -> {ok, Own#{file_ctrl_pid => self()}}.

opened(#{file := Name, modes := Modes}) ->
    _ = filelib:ensure_dir(Name),
    case file:open(Name, Modes) of
        {ok, File} ->
            case file:read_file_info(Name, [raw]) of
                {ok, Info} -> {ok, File, Info};
                {error, _} = Error ->
                    _ = file:close(File),
                    Error
            end;
        Error -> Error
    end.

identity(#file_info{major_device = Device, inode = Inode}) -> {Device, Inode}.

-doc false.
-spec write(binary(), map()) -> map().
write(Bytes, Handler) -> write_to_dev(Bytes, Handler).

write_to_dev(Bytes, #{type := file} = Handler) ->
    Looked = found(Handler),
    case Looked of
        #{out := {File, Identity, Size, Last}} ->
            Result = file:write(File, Bytes),
            full(told(write, Result, Looked#{out := {File, Identity, Size + byte_size(Bytes), Last}}));
        #{} -> Looked
    end;
write_to_dev(Bytes, #{type := Type} = Handler) ->
    Device = case Type of
                 standard_io -> user;
                 standard_error -> standard_error;
                 {device, Given} -> Given
             end,
    try io:put_chars(Device, Bytes) of _ -> Handler
    catch error:_ -> Handler
    end.

%% A fault is reported once, and again when another one has come in between.
told(_, ok, Handler) -> maps:remove(fault, Handler);
told(_, Error, #{fault := Error} = Handler) -> Handler;
told(What, Error, #{file := Name} = Handler) ->
    _ = spawn(logger, error, [#{handler => ?MODULE, failed => What, file => Name, reason => Error}]),
    Handler#{fault => Error}.

%% The file that has the name now is the one to write to.
found(#{out := {_, _, _, Last}, file_check := Pause} = Handler) ->
    case erlang:monotonic_time(millisecond) - Last < Pause of
        true -> Handler;
        false -> looked_for(Handler)
    end;
found(Handler) -> reopened(0, Handler).

looked_for(#{out := {File, Identity, Size, _}, file := Name} = Handler) ->
    case file:read_file_info(Name, [raw]) of
        {ok, #file_info{} = Info} ->
            case identity(Info) of
                Identity -> Handler#{out := {File, Identity, Size, erlang:monotonic_time(millisecond)}};
                _ -> replaced(Handler)
            end;
        {error, _} -> replaced(Handler)
    end.

replaced(#{out := {File, _, Size, _}} = Handler) ->
    _ = file:close(File),
    reopened(Size, Handler).

reopened(Size, #{type := file} = Handler) ->
    case opened(Handler) of
        {ok, File, Info} -> Handler#{out => {File, identity(Info), Size, erlang:monotonic_time(millisecond)}};
        {error, _} = Error -> told(open, Error, maps:remove(out, Handler))
    end.

-doc false.
-spec sync(map()) -> {ok | {error, term()}, map()}.
sync(#{type := file, out := {File, _, _, _}} = Handler) ->
    Result = file:datasync(File),
    {Result, looked_for(told(sync, Result, Handler))};
sync(#{type := file, fault := Error} = Handler) -> {Error, Handler};
sync(Handler) -> {ok, Handler}.

-doc false.
-spec changed(map(), map()) -> map().
changed(#{type := file} = Own, Handler) ->
    arrange(Own),
    full(maps:merge(Handler, Own));
changed(Own, Handler) -> maps:merge(Handler, Own).

-doc false.
-spec handle_info(atom(), term(), map()) -> map().
handle_info(_, _, Handler) -> Handler.

-doc false.
-spec close(map()) -> ok.
close(#{out := {File, _, _, _}}) ->
    _ = file:close(File),
    ok;
close(_) -> ok.

%%% ---- rotation -----------------------------------------------------------------------------------------------

full(#{out := {File, _, Size, _}, max_no_bytes := Max} = Handler) when is_integer(Max), Size > Max ->
    _ = file:close(File),
    rotate(Handler),
    reopened(0, Handler);
full(Handler) -> Handler.

%% From the oldest file on, each gets the next number; the last one goes.
rotate(#{file := Name, max_no_files := 0}) -> file:delete(Name);
rotate(#{file := Name, max_no_files := Count, compress_on_rotate := Compress}) ->
    End = case Compress of
              true -> ".gz";
              false -> ""
          end,
    lists:foreach(fun(N) -> file:rename(numbered(Name, N - 1) ++ End, numbered(Name, N) ++ End) end, lists:seq(Count - 1, 1, -1)),
    _ = file:rename(Name, numbered(Name, 0)),
    Compress andalso compress(numbered(Name, 0)).

numbered(Name, N) -> lists:concat([Name, ".", N]).

compress(File) -> copied(File, [raw], File ++ ".gz", [raw, compressed]).

expand(File) -> copied(File ++ ".gz", [raw, compressed], File, [raw]).

copied(From, FromModes, To, ToModes) ->
    case file:copy({From, [read | FromModes]}, {To, [write | ToModes]}) of
        {ok, _} -> file:delete(From);
        {error, enoent} -> ok;
        {error, _} -> file:delete(To)
    end.

%% Older files, which another configuration left, become what this one would have left.
arrange(#{file := Name, compress_on_rotate := Compress} = Own) ->
    Keep = case Own of
               #{max_no_bytes := infinity} -> 0;
               #{max_no_files := Count} -> Count
           end,
    Dir = filename:dirname(Name),
    Prefix = filename:basename(Name) ++ ".",
    Names = case file:list_dir(Dir) of
                {ok, All} -> All;
                {error, _} -> []
            end,
    lists:foreach(fun(Entry) ->
                          case number(Entry, Prefix) of
                              {N, _} when N >= Keep -> file:delete(filename:join(Dir, Entry));
                              {N, ""} when Compress -> compress(numbered(Name, N));
                              {N, ".gz"} when not Compress -> expand(numbered(Name, N));
                              _ -> ok
                          end
                  end, Names).

number(Entry, Prefix) ->
    case string:prefix(Entry, Prefix) of
        nomatch -> none;
        Rest ->
            case string:to_integer(Rest) of
                {N, End} when is_integer(N), N >= 0, End =:= ""; is_integer(N), N >= 0, End =:= ".gz" ->
                    case integer_to_list(N) ++ End of
                        Rest -> {N, End};
                        _ -> none
                    end;
                _ -> none
            end
    end.
