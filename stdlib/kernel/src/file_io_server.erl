-module(file_io_server).
-moduledoc "The process behind an open file: serves requests of module file and of the I/O protocol. Internal.".

%% What was read from the file and not yet asked for stays in `buffer` as bytes, so that the place
%% in the file is known whatever the encoding.

-export([start_link/3, format_error/1]).

-record(state, {file :: file:fd(),
                owner :: reference(),
                binary :: boolean(),
                encoding :: unicode:encoding(),
                sound = true :: boolean() | unknown, % whether the buffer is in the encoding
                buffer = <<>> :: binary()}).

-define(CHUNK, 8192).

-doc "Opens a file for the process Owner: the server ends with it.".
-spec start_link(pid(), binary(), [file:mode()]) -> {ok, pid()} | {error, term()}.
start_link(Owner, Name, Modes) ->
    case encoding(Modes, latin1, []) of
        {error, _} = Error -> Error;
        {Encoding, Rest} ->
            Leader = group_leader(),
            {Server, Monitor} =
                spawn_monitor(fun() ->
                                      group_leader(Leader, self()),
                                      open(Owner, Name, Rest, Encoding)
                              end),
            receive
                {Server, opened} ->
                    demonitor(Monitor, [flush]),
                    {ok, Server};
                {'DOWN', Monitor, process, Server, {open, Error}} -> Error;
                {'DOWN', Monitor, process, Server, Reason} -> {error, Reason}
            end
    end.

encoding([{encoding, Encoding} | Rest], Was, Others) ->
    case known(Encoding) of
        error -> {error, badarg};
        Known -> encoding(Rest, case Was of latin1 -> Known; _ -> Was end, Others)
    end;
encoding([Mode | Rest], Encoding, Others) ->
    encoding(Rest, Encoding, [Mode | Others]);
encoding([], Encoding, Others) -> {Encoding, lists:reverse(Others)};
encoding(_, _, _) -> {error, badarg}.

known(latin1) -> latin1;
known(unicode) -> unicode;
known(utf8) -> unicode;
known(utf16) -> {utf16, big};
known(utf32) -> {utf32, big};
known({Utf, Endian} = Encoding) when Utf =:= utf16 orelse Utf =:= utf32, Endian =:= big orelse Endian =:= little ->
    Encoding;
known(_) -> error.

open(Owner, Name, Modes, Encoding) ->
    case file:raw_open(Name, [binary | Modes]) of
        {ok, File} ->
            Monitor = monitor(process, Owner),
            Owner ! {self(), opened},
            serve(#state{file = File, owner = Monitor, binary = lists:member(binary, Modes), encoding = Encoding});
        Error -> exit({open, Error})
    end.

serve(#state{owner = Owner} = State) ->
    receive
        {file_request, From, ReplyAs, Request} ->
            {Next, Reply, State1} = file_request(Request, State),
            From ! {file_reply, ReplyAs, Reply},
            go_on(Next, State1);
        {io_request, From, ReplyAs, Request} ->
            {Next, Reply, State1} = io_request(Request, State),
            From ! {io_reply, ReplyAs, Reply},
            go_on(Next, State1);
        {'DOWN', Owner, _, _, Reason} ->
            exit(Reason);
        _ ->
            serve(State)
    end.

go_on(go_on, State) -> serve(State);
go_on({stop, Reason}, _) -> exit(Reason).

%%% ---- requests of module file -----------------------------------------------------------------

file_request(close, State) ->
    {{stop, normal}, file:raw(State#state.file, close), State};
file_request({read_handle_info, Options}, State) ->
    {go_on, file:read_file_info(State#state.file, Options), State};
file_request({position, At}, State) ->
    {Reply, State1} = position(At, State),
    {go_on, Reply, State1};
file_request({pread, At, Count}, State) ->
    case position(At, State) of
        {{ok, _}, State1} ->
            {Reply, State2} = input(fun(S) -> take_chars(Count, S) end, latin1, State1),
            {go_on, case Reply of
                        Data when is_list(Data); is_binary(Data) -> {ok, Data};
                        Other -> Other
                    end, State2};
        {Error, State1} -> {go_on, Error, State1}
    end;
file_request({pwrite, At, Data}, State) ->
    case position(At, State) of
        {{ok, _}, State1} ->
            Reply = try iolist_to_binary(Data) of
                        Bytes -> file:raw(State1#state.file, {write, Bytes})
                    catch
                        error:badarg -> {error, badarg}
                    end,
            {go_on, Reply, State1};
        {Error, State1} -> {go_on, Error, State1}
    end;
file_request(Request, State) ->
    State1 = settle(State),
    {go_on, file:raw(State1#state.file, Request), State1}.

%% Moves; what was read ahead is given up.
position(At, State) ->
    State1 = settle(State),
    {file:raw(State1#state.file, {position, At}), State1}.

settle(#state{buffer = <<>>} = State) -> State;
settle(#state{buffer = Buffer, file = File} = State) ->
    _ = file:raw(File, {position, {cur, -byte_size(Buffer)}}),
    State#state{buffer = <<>>}.

%%% ---- the I/O protocol ------------------------------------------------------------------------

io_request({put_chars, Encoding, Chars}, State) -> put_chars(Chars, Encoding, State);
io_request({put_chars, Encoding, M, F, Args}, State) ->
    try apply(M, F, Args) of
        Chars -> put_chars(Chars, Encoding, State)
    catch
        _:_ -> {go_on, {error, F}, State}
    end;
io_request({put_chars, Chars}, State) -> put_chars(Chars, latin1, State);
io_request({put_chars, M, F, Args}, State) -> io_request({put_chars, latin1, M, F, Args}, State);
io_request({get_line, Encoding, _Prompt}, State) -> io_input(fun(S) -> take_line(0, S) end, Encoding, State);
io_request({get_line, _Prompt}, State) -> io_input(fun(S) -> take_line(0, S) end, latin1, State);
io_request({get_chars, Encoding, _Prompt, Count}, State) ->
    io_input(fun(S) -> take_chars(Count, S) end, Encoding, State);
io_request({get_chars, _Prompt, Count}, State) -> io_input(fun(S) -> take_chars(Count, S) end, latin1, State);
io_request({get_until, _Encoding, _Prompt, M, F, Args}, State) -> get_until([], M, F, Args, State);
io_request({get_until, _Prompt, M, F, Args}, State) -> get_until([], M, F, Args, State);
io_request({setopts, Options}, State) -> set_options(Options, State);
io_request(getopts, #state{binary = Binary, encoding = Encoding} = State) ->
    {go_on, [{binary, Binary}, {encoding, Encoding}], State};
io_request({requests, Requests}, State) -> all(Requests, ok, State);
io_request(Request, State) -> {go_on, {error, {error, Request}}, State}.

all([Request | Rest], Reply, State) when not is_tuple(Reply); element(1, Reply) =/= error ->
    case io_request(Request, State) of
        {go_on, Reply1, State1} -> all(Rest, Reply1, State1);
        Stop -> Stop
    end;
all(_, Reply, State) -> {go_on, Reply, State}.

put_chars(Chars, From, #state{encoding = To} = State) ->
    State1 = settle(State),
    case unicode:characters_to_binary(Chars, From, To) of
        Bytes when is_binary(Bytes) ->
            %% A file that cannot be written is over, as in OTP.
            case file:raw(State1#state.file, {write, Bytes}) of
                ok -> {go_on, ok, State1};
                Error -> {{stop, normal}, Error, State1}
            end;
        {_, _, _} -> {{stop, {no_translation, From, To}}, {error, {no_translation, From, To}}, State1}
    end.

set_options([binary | Rest], State) -> set_options(Rest, State#state{binary = true});
set_options([list | Rest], State) -> set_options(Rest, State#state{binary = false});
set_options([{binary, Value} | Rest], State) when is_boolean(Value) -> set_options(Rest, State#state{binary = Value});
set_options([{encoding, Encoding} | Rest], State) ->
    case known(Encoding) of
        error -> {go_on, {error, enotsup}, State};
        Known -> set_options(Rest, State#state{encoding = Known})
    end;
set_options([], State) -> {go_on, ok, State};
set_options(_, State) -> {go_on, {error, enotsup}, State}.

%%% ---- input -----------------------------------------------------------------------------------

io_input(Take, Encoding, State) ->
    case input(Take, Encoding, State) of
        {{error, {no_translation, _, _} = Reason} = Error, State1} -> {{stop, Reason}, Error, State1};
        {Reply, State1} -> {go_on, Reply, State1}
    end.

%% Take gives {Bytes, State}, in the file's encoding; the reply is in what was asked for.
input(Take, Asked, #state{encoding = Encoding, binary = Binary} = State) ->
    case Take(State) of
        {Bytes, State1} when is_binary(Bytes), Binary, Encoding =:= Asked -> {Bytes, State1};
        {Bytes, State1} when is_binary(Bytes), Binary ->
            case unicode:characters_to_binary(Bytes, Encoding, Asked) of
                Data when is_binary(Data) -> {Data, State1};
                _ -> {{error, {no_translation, Encoding, Asked}}, State1}
            end;
        {Bytes, State1} when is_binary(Bytes), Encoding =:= latin1 -> {binary_to_list(Bytes), State1};
        {Bytes, State1} when is_binary(Bytes) ->
            Chars = unicode:characters_to_list(Bytes, Encoding),
            case is_list(Chars) andalso (Asked =/= latin1 orelse lists:all(fun(C) -> C < 256 end, Chars)) of
                true -> {Chars, State1};
                false when is_list(Chars) -> {{error, {no_translation, Encoding, Asked}}, State1};
                false -> {{error, invalid_unicode}, State1}
            end;
        Other -> Other
    end.

%% Reads more into the buffer: {ok, State} | eof | {error, Reason}.
more(#state{file = File, buffer = Buffer} = State) ->
    case file:raw(File, {read, ?CHUNK}) of
        {ok, Bytes} -> {ok, State#state{sound = unknown, buffer = <<Buffer/binary, Bytes/binary>>}};
        Other -> Other
    end.

%% Whatever is left when the file is at its end.
rest(eof, #state{buffer = <<>>} = State) -> {eof, State};
rest(eof, #state{buffer = Buffer} = State) -> {Buffer, State#state{buffer = <<>>}};
rest(Error, State) -> {Error, State}.

take_line(From, #state{buffer = Buffer, encoding = Encoding} = State) ->
    LineBreak = line_break(Encoding),
    case find(Buffer, LineBreak, From) of
        nomatch ->
            case more(State) of
                {ok, State1} -> take_line(max(0, byte_size(Buffer) - byte_size(LineBreak) + 1), State1);
                End -> rest(End, State)
            end;
        At ->
            End = At + byte_size(LineBreak),
            <<Line:End/binary, Rest/binary>> = Buffer,
            {plain(Line, LineBreak, Encoding), State#state{buffer = Rest}}
    end.

line_break(OneByte) when is_atom(OneByte) -> <<"\n">>;
line_break(Encoding) -> unicode:characters_to_binary("\n", latin1, Encoding).

%% A line break starts at a multiple of its size.
find(Buffer, <<"\n">> = LineBreak, From) ->
    case binary:match(Buffer, LineBreak, [{scope, {From, byte_size(Buffer) - From}}]) of
        {At, _} -> At;
        nomatch -> nomatch
    end;
find(Buffer, LineBreak, From) ->
    Unit = byte_size(LineBreak),
    case binary:match(Buffer, LineBreak, [{scope, {From, byte_size(Buffer) - From}}]) of
        {At, _} when At rem Unit =:= 0 -> At;
        {At, _} -> find(Buffer, LineBreak, At + 1);
        nomatch -> nomatch
    end.

%% CR LF at the end of a line comes as LF.
plain(Line, <<"\n">>, _) ->
    Length = byte_size(Line) - 2,
    case Line of
        <<Before:Length/binary, "\r\n">> -> <<Before/binary, $\n>>;
        _ -> Line
    end;
plain(Line, LineBreak, Encoding) ->
    Return = unicode:characters_to_binary("\r\n", latin1, Encoding),
    Length = byte_size(Line) - byte_size(Return),
    case Length >= 0 andalso binary:part(Line, Length, byte_size(Return)) of
        Return -> <<(binary:part(Line, 0, Length))/binary, LineBreak/binary>>;
        _ -> Line
    end.

take_chars(0, State) -> {<<>>, State};
take_chars(Count, #state{sound = unknown, buffer = Buffer, encoding = Encoding} = State) ->
    Sound = Encoding =:= latin1 orelse case unicode:characters_to_list(Buffer, Encoding) of
                                           {error, _, _} -> false;
                                           _ -> true
                                       end,
    take_chars(Count, State#state{sound = Sound});
%% All that was read is looked at, as OTP does, which tells early that a file is in another encoding.
take_chars(_, #state{sound = false} = State) -> {{error, invalid_unicode}, State};
take_chars(Count, #state{buffer = Buffer, encoding = Encoding} = State) ->
    case bytes_of(Count, Buffer, Encoding) of
        {ok, Size} ->
            <<Taken:Size/binary, Rest/binary>> = Buffer,
            {Taken, State#state{buffer = Rest}};
        more ->
            case more(State) of
                {ok, State1} -> take_chars(Count, State1);
                End -> rest(End, State)
            end
    end.

%% How many bytes Count characters at the beginning of a buffer take.
bytes_of(Count, Buffer, latin1) when byte_size(Buffer) >= Count -> {ok, Count};
bytes_of(_, _, latin1) -> more;
bytes_of(Count, Buffer, Encoding) -> bytes_of(Count, Buffer, Encoding, byte_size(Buffer)).

bytes_of(0, Left, _, Size) -> {ok, Size - byte_size(Left)};
bytes_of(Count, <<_/utf8, Left/binary>>, unicode, Size) -> bytes_of(Count - 1, Left, unicode, Size);
bytes_of(Count, <<_/utf16-big, Left/binary>>, {utf16, big} = E, Size) -> bytes_of(Count - 1, Left, E, Size);
bytes_of(Count, <<_/utf16-little, Left/binary>>, {utf16, little} = E, Size) -> bytes_of(Count - 1, Left, E, Size);
bytes_of(Count, <<_:32, Left/binary>>, {utf32, _} = E, Size) -> bytes_of(Count - 1, Left, E, Size);
bytes_of(_, Left, _, Size) when byte_size(Left) >= 4 -> {ok, Size}; % not in this encoding: the reply will tell
bytes_of(_, _, _, _) -> more.

get_until(Continuation, M, F, Args, #state{buffer = <<>>} = State) ->
    case more(State) of
        {ok, State1} -> get_until(Continuation, M, F, Args, State1);
        eof -> step(Continuation, eof, <<>>, M, F, Args, State);
        Error -> {go_on, Error, State}
    end;
get_until(Continuation, M, F, Args, #state{buffer = Buffer, encoding = Encoding} = State) ->
    case unicode:characters_to_list(Buffer, Encoding) of
        Chars when is_list(Chars) -> step(Continuation, Chars, <<>>, M, F, Args, State);
        {incomplete, [], _} ->
            case more(State) of
                {ok, State1} -> get_until(Continuation, M, F, Args, State1);
                _ -> {go_on, {error, invalid_unicode}, State}
            end;
        {incomplete, Chars, Rest} -> step(Continuation, Chars, Rest, M, F, Args, State);
        {error, [], _} -> {{stop, invalid_unicode}, {error, invalid_unicode}, State};
        {error, Chars, Rest} -> step(Continuation, Chars, iolist_to_binary(Rest), M, F, Args, State)
    end.

step(Continuation, Chars, Undecoded, M, F, Args, #state{encoding = Encoding} = State) ->
    try apply(M, F, [Continuation, Chars | Args]) of
        {done, Result, eof} -> {go_on, Result, State#state{buffer = <<>>}};
        {done, Result, Left} ->
            Bytes = unicode:characters_to_binary(Left, unicode, Encoding),
            {go_on, Result, State#state{buffer = <<Bytes/binary, Undecoded/binary>>}};
        {more, Continuation1} -> get_until(Continuation1, M, F, Args, State#state{buffer = Undecoded});
        _ -> {{stop, bad_return}, {error, F}, State}
    catch
        _:_ -> {go_on, {error, F}, State}
    end.

-doc "The message for an error that reading finds.".
-spec format_error(term()) -> string().
format_error(invalid_unicode) -> "cannot translate from UTF-8";
format_error({_, ?MODULE, Reason}) -> format_error(Reason);
format_error(Reason) -> file:format_error(Reason).
