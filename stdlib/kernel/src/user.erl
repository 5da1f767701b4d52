-module(user).
-moduledoc "The I/O server of the node's own standard input and output, registered as `user`.".

%% One process serves requests of the I/O protocol. Output is done at once, also while a
%% reader waits for input; input requests are served one after the other. A helper process does the
%% blocking reads, on demand, so that nothing is taken from the input that nobody asked for.

-export([start/0, start/1, start_group/1]).
%% Called by the helper process
-export([reader/1]).

-record(state, {reader :: pid(),                % who reads from the device: a helper, or the driver of the terminal
                group = false :: boolean(),     % it serves a terminal's job
                shell :: undefined | pid(),     % the shell of a terminal's job
                remote = none :: none | node(), % the shell runs there, and says what may follow a text
                reading = false :: boolean(),   % the helper is busy
                hint = "" :: unicode:chardata(), % shown below the next prompt of a terminal
                asked = false :: boolean(),     % the prompt of the first request is on the device
                buffer = [] :: string() | eof,  % characters read and not yet asked for
                rest = <<>> :: binary(),        % bytes of an unfinished character
                pending = [] :: list(),         % input requests, oldest first
                encoding = unicode :: unicode | latin1,
                binary = false :: boolean(),
                echo = true :: boolean(),
                expand_fun :: undefined | fun()}).

-doc "Starts the server for the standard input and output and registers it.".
-spec start() -> pid().
start() -> start(helper).

-doc "Starts the server; the input comes from the given process, or from a helper of its own.".
-spec start(helper | pid()) -> pid().
start(Input) ->
    start_server(fun(Self) ->
                         register(user, Self),
                         #state{reader = case Input of
                                             helper -> spawn_link(?MODULE, reader, [Self]);
                                             Driver -> Driver
                                         end}
                 end).

-doc "Starts the server of a terminal's job. The driver of the terminal reads for it, and tells it to start the shell.".
-spec start_group(pid()) -> pid().
start_group(Driver) ->
    start_server(fun(_) ->
                         link(Driver),
                         #state{reader = Driver, group = true}
                 end).

start_server(State) ->
    Parent = self(),
    Pid = spawn(fun() ->
                        process_flag(trap_exit, true),
                        Self = self(),
                        group_leader(Self, Self),
                        Start = State(Self),
                        Parent ! {Self, started},
                        serve(Start)
                end),
    receive {Pid, started} -> Pid end.

-doc false.
reader(Server) ->
    receive
        {read, From, Prompt, Mode, Initial} ->
            From ! {self(), gerl_io:read(Prompt, Mode, Initial)},
            reader(Server)
    end.

serve(State) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            serve(request(From, ReplyAs, Request, State));
        {Reader, Input} when Reader =:= State#state.reader ->
            serve(input(Input, State#state{reading = false}));
        {start_shell, {Node, M, start, Args}} ->
            Expand = fun(Before) -> erpc:call(Node, edlin_expand, expand, [Before], 5000) end,
            serve(start_shell(gerl_remote_shell, start, [Node, M, Args], State#state{remote = Node, expand_fun = Expand}));
        {start_shell, {M, F, Args}} ->
            serve(start_shell(M, F, Args, State));
        interrupt ->
            serve(interrupt(State));
        {'EXIT', Reader, _} when Reader =:= State#state.reader ->
            exit(reader_died);
        {'EXIT', Shell, Reason} when Shell =:= State#state.shell ->
            exit(Reason);
        _ ->
            serve(State)
    end.

start_shell(M, F, Args, State) ->
    try apply(M, F, Args) of
        Shell when is_pid(Shell) ->
            link(Shell),
            State#state{shell = Shell};
        _ -> exit(normal)
    catch
        Class:Reason:Stack ->
            Text = io_lib:format("*** ERROR: the shell ~0tp could not be started: ~0tp~n", [{M, F, Args}, {Class, Reason, Stack}]),
            _ = gerl_io:write(1, unicode:characters_to_binary(Text)),
            exit(normal)
    end.

%% A shell that waits for input gets none; one that evaluates is told to stop that.
interrupt(#state{pending = [{From, ReplyAs, _, _} | Rest]} = State) ->
    reply(From, ReplyAs, {error, interrupted}),
    State#state{pending = Rest, reading = false, asked = false, buffer = []};
interrupt(#state{shell = Shell} = State) ->
    _ = [exit(Shell, interrupt) || is_pid(Shell)],
    State.

%%% ---- requests ------------------------------------------------------------------------------

request(From, ReplyAs, Request, State) ->
    case kind(Request) of
        input ->
            advance(State#state{pending = State#state.pending ++ [{From, ReplyAs, Request, start}]});
        other ->
            {Reply, State1} = perform(Request, State),
            reply(From, ReplyAs, Reply),
            State1
    end.

reply(From, ReplyAs, Reply) ->
    From ! {io_reply, ReplyAs, Reply},
    ok.

kind({get_chars, _, _, _}) -> input;
kind({get_line, _, _}) -> input;
kind({get_until, _, _, _, _, _}) -> input;
kind({get_chars, _, _}) -> input;
kind({get_line, _}) -> input;
kind({get_until, _, _, _, _}) -> input;
kind({get_password, _}) -> input;
kind(_) -> other.

perform({put_chars, Encoding, Chars}, State) ->
    case to_binary(Chars, Encoding) of
        Bytes when is_binary(Bytes) -> {write(Bytes, State), State};
        _ -> {{error, {put_chars, Encoding, Chars}}, State}
    end;
perform({put_chars, unicode, io_lib, format, [Format, Args]}, State) ->
    try gerl_io:format(Format, Args, -1) of
        Text -> {write(Text, State), State}
    catch
        _:_ -> {{error, format}, State}
    end;
perform({put_chars, Encoding, M, F, Args}, State) ->
    try apply(M, F, Args) of
        Chars ->
            case to_binary(Chars, Encoding) of
                Bytes when is_binary(Bytes) -> {write(Bytes, State), State};
                _ -> {{error, F}, State}
            end
    catch
        _:_ -> {{error, F}, State}
    end;
perform({put_chars, Chars}, State) ->
    perform({put_chars, latin1, Chars}, State);
perform({put_chars, M, F, Args}, State) ->
    perform({put_chars, latin1, M, F, Args}, State);
perform({requests, Requests}, State) ->
    perform_all(Requests, ok, State);
perform({setopts, Options}, State) ->
    set_options(Options, State);
perform(getopts, #state{group = Group, binary = Binary, echo = Echo, encoding = Encoding, expand_fun = Expand} = S) ->
    Terminal = gerl_io:is_terminal(),
    {[{expand_fun, Group andalso case Expand of undefined -> fun edlin_expand:expand/2; _ -> Expand end},
      {echo, Group andalso Echo},
      {line_history, false},
      {log, none},
      {binary, Binary},
      {encoding, Encoding},
      {terminal, Terminal}, {stdout, Terminal}, {stderr, Terminal}, {stdin, Terminal}], S};
perform({hint, Text}, State) ->
    {ok, State#state{hint = Text}};
perform({get_geometry, What}, State) ->
    {case {What, gerl_io:geometry()} of
         {columns, {Columns, _}} -> Columns;
         {rows, {_, Rows}} -> Rows;
         _ -> {error, enotsup}
     end, State};
perform(Request, State) ->
    {{error, {error, Request}}, State}.

perform_all([Request | Rest], ok, State) ->
    {Reply, State1} = perform(Request, State),
    perform_all(Rest, Reply, State1);
perform_all([], Reply, State) ->
    {Reply, State};
perform_all(_, Error, State) ->
    {Error, State}.

to_binary(Chars, latin1) ->
    try iolist_to_binary(Chars) of
        Bytes -> unicode:characters_to_binary(Bytes, latin1, unicode)
    catch
        _:_ -> to_binary(Chars, unicode)
    end;
to_binary(Chars, _) ->
    try unicode:characters_to_binary(Chars, unicode, unicode)
    catch error:badarg -> error
    end.

%% Characters that the device's encoding lacks are written as \x{Hex}.
write(Bytes, #state{encoding = unicode}) ->
    gerl_io:write(1, Bytes);
write(Bytes, #state{encoding = latin1}) ->
    Latin1 = [if C =< 255 -> C;
                 true -> ["\\x{", integer_to_list(C, 16), $}]
              end || C <- unicode:characters_to_list(Bytes)],
    gerl_io:write(1, iolist_to_binary(Latin1)).

set_options([], State) ->
    {ok, State};
set_options([binary | Rest], State) ->
    set_options(Rest, State#state{binary = true});
set_options([list | Rest], State) ->
    set_options(Rest, State#state{binary = false});
set_options([{binary, Value} | Rest], State) when is_boolean(Value) ->
    set_options(Rest, State#state{binary = Value});
set_options([{echo, Value} | Rest], State) when is_boolean(Value) ->
    set_options(Rest, State#state{echo = Value});
set_options([{expand_fun, Fun} | Rest], #state{remote = Remote} = State) when is_function(Fun) ->
    %% a function of another node is of no use here
    set_options(Rest, case Remote of none -> State#state{expand_fun = Fun}; _ -> State end);
set_options([{encoding, Encoding} | Rest], State) when Encoding =:= unicode; Encoding =:= utf8 ->
    set_options(Rest, State#state{encoding = unicode});
set_options([{encoding, latin1} | Rest], State) ->
    set_options(Rest, State#state{encoding = latin1});
set_options(_, State) ->
    {{error, enotsup}, State}.

%%% ---- input ---------------------------------------------------------------------------------

%% Serves input requests from the buffer as far as it reaches, then asks for more.
advance(#state{pending = []} = State) ->
    State;
advance(#state{reading = true} = State) ->
    State;
advance(#state{pending = [{From, ReplyAs, Request, Progress} | Rest], buffer = Buffer} = State) ->
    Mode = mode(Request),
    case Progress =:= start andalso Mode =:= expression andalso gerl_io:is_terminal() of
        true when is_list(Buffer) ->
            %% what is left of the last input is edited again
            Left = case string:trim(Buffer) of [] -> []; _ -> Buffer end,
            ask(Request, Mode, unicode:characters_to_binary(Left), State#state{pending = [{From, ReplyAs, Request, {cont, []}} | Rest]});
        _ ->
            %% what is in the buffer already is asked for as well, unless it was typed at a terminal
            _ = [gerl_io:write(1, prompt(Request)) || not State#state.asked, Progress =:= start, is_list(Buffer), Buffer =/= [],
                                                      not gerl_io:is_terminal()],
            case take(Request, Progress, Buffer) of
                {done, Reply, Left} ->
                    reply(From, ReplyAs, encode_reply(Reply, Request, State)),
                    advance(State#state{pending = Rest, buffer = Left, asked = false});
                {more, Progress1} ->
                    ask(Request, Mode, <<>>, State#state{pending = [{From, ReplyAs, Request, Progress1} | Rest]})
            end
    end.

ask(Request, Mode, Initial, #state{reader = Reader, hint = Hint} = State) ->
    Reader ! {read, self(), prompt(Request), Mode,
              case Mode of
                  expression when is_binary(Initial), Hint =/= "" -> {fresh, Initial, unicode:characters_to_binary(Hint)};
                  _ -> Initial
              end},
    State#state{reading = true, asked = true, buffer = [], hint = ""}.

%% A terminal edits an expression as a whole, however many lines it has.
mode({get_until, _, _, erl_scan, tokens, _}) -> expression;
mode({get_until, _, _, io_lib, scan_erl_exprs, _}) -> expression;
mode({get_until, _, _, _, _, [erl_scan, tokens | _]}) -> expression;
mode({get_password, _}) -> password;
mode({get_password, _, _}) -> password;
mode(_) -> line.

%% What may follow the text before the cursor is put into the line, or shown below it.
input({expand, Before}, #state{pending = [{_, _, Request, _} | _], expand_fun = Expand} = State) ->
    {Insert, Below} = expansion(Expand, lists:reverse(unicode:characters_to_list(Before))),
    ask(Request, mode(Request), {resume, unicode:characters_to_binary(Insert), unicode:characters_to_binary(Below)}, State);
input({ok, Bytes}, #state{rest = Rest, encoding = Encoding, buffer = Buffer} = State) ->
    {Chars, Rest1} = decode(<<Rest/binary, Bytes/binary>>, Encoding),
    Buffer1 = case Buffer of eof -> Chars; _ -> Buffer ++ Chars end,
    advance(State#state{buffer = Buffer1, rest = Rest1});
input(eof, State) ->
    advance(State#state{buffer = eof, rest = <<>>});
input({error, Reason}, #state{pending = [{From, ReplyAs, _, _} | Rest]} = State) ->
    reply(From, ReplyAs, {error, Reason}),
    advance(State#state{pending = Rest});
input(_, State) ->
    advance(State).

expansion(Expand, Reversed) when is_function(Expand) ->
    try
        case if is_function(Expand, 2) -> Expand(Reversed, []); true -> Expand(Reversed) end of
            {_, Insert, []} -> {Insert, ""};
            {_, Insert, [C | _] = Text} when is_integer(C) -> {Insert, Text};
            {_, Insert, Matches} -> {Insert, edlin_expand:format_matches(Matches, columns())}
        end
    catch
        _:_ -> {"", ""}
    end;
expansion(_, _) -> {"", ""}.

columns() ->
    case gerl_io:geometry() of
        {Columns, _} -> Columns;
        undefined -> 80
    end.

decode(Bytes, latin1) ->
    {binary_to_list(Bytes), <<>>};
decode(Bytes, unicode) ->
    case unicode:characters_to_list(Bytes, unicode) of
        Chars when is_list(Chars) -> {Chars, <<>>};
        {incomplete, Chars, Rest} when byte_size(Rest) < 4 -> {Chars, Rest};
        {_, Chars, Rest} -> {Chars ++ binary_to_list(iolist_to_binary(Rest)), <<>>}
    end.

%% take(Request, Progress, Buffer) -> {done, Reply, BufferLeft} | {more, Progress}.
take({get_line, _Encoding, _Prompt}, Progress, Buffer) -> take_line(Progress, Buffer);
take({get_line, _Prompt}, Progress, Buffer) -> take_line(Progress, Buffer);
take({get_password, _}, Progress, Buffer) -> take_line(Progress, Buffer);
take({get_chars, _Encoding, _Prompt, N}, Progress, Buffer) -> take_chars(Progress, N, Buffer);
take({get_chars, _Prompt, N}, Progress, Buffer) -> take_chars(Progress, N, Buffer);
take({get_until, _Encoding, _Prompt, M, F, Args}, Progress, Buffer) ->
    take_until(Progress, M, F, Args, Buffer);
take({get_until, _Prompt, M, F, Args}, Progress, Buffer) ->
    take_until(Progress, M, F, Args, Buffer).

take_line(start, eof) -> {done, eof, []};
take_line(Before, eof) -> {done, Before, eof_after(Before)};
take_line(start, Buffer) -> take_line([], Buffer);
take_line(Before, Buffer) ->
    case split_line(Buffer, []) of
        {Line, Rest} -> {done, Before ++ Line, Rest};
        none when Buffer =:= [], Before =:= [] -> {more, start};
        none -> {more, Before ++ Buffer}
    end.

eof_after(_) -> eof.

split_line([$\n | Rest], Line) -> {lists:reverse(Line, [$\n]), Rest};
split_line([Char | Rest], Line) -> split_line(Rest, [Char | Line]);
split_line([], _Line) -> none.

take_chars(start, _N, eof) -> {done, eof, []};
take_chars(Before, _N, eof) -> {done, Before, eof};
take_chars(start, N, Buffer) -> take_chars([], N, Buffer);
take_chars(Before, N, Buffer) ->
    Chars = Before ++ Buffer,
    case length(Chars) >= N of
        true ->
            {Taken, Rest} = lists:split(N, Chars),
            {done, Taken, Rest};
        false when Chars =:= [] -> {more, start};
        false -> {more, Chars}
    end.

take_until(start, M, F, Args, Buffer) -> take_until({cont, []}, M, F, Args, Buffer);
take_until(Progress, _M, _F, _Args, []) -> {more, Progress};
take_until({cont, Continuation}, M, F, Args, Buffer) ->
    try apply(M, F, [Continuation, Buffer | Args]) of
        {done, Result, Rest} -> {done, Result, after_done(Result, Rest, M)};
        {more, Continuation1} -> {more, {cont, Continuation1}};
        _ -> {done, {error, F}, []}
    catch
        _:_ -> {done, {error, F}, []}
    end.

%% What follows a mistake of the scanner is shown and dropped on a terminal.
after_done(_, eof, _) -> eof;
after_done({error, _, _}, [_ | _] = Rest, erl_scan) ->
    case gerl_io:is_terminal() of
        true ->
            _ = [gerl_io:write(1, unicode:characters_to_binary(Rest)) || string:trim(Rest) =/= []],
            [];
        false -> Rest
    end;
after_done(_, Rest, _) -> Rest.

encode_reply(Reply, Request, #state{binary = true}) when is_list(Reply),
                                                        element(1, Request) =/= get_until ->
    unicode:characters_to_binary(Reply, unicode, unicode);
encode_reply(Reply, _Request, _State) ->
    Reply.

prompt({get_line, _, Prompt}) -> prompt_text(Prompt);
prompt({get_line, Prompt}) -> prompt_text(Prompt);
prompt({get_chars, _, Prompt, _}) -> prompt_text(Prompt);
prompt({get_chars, Prompt, _}) -> prompt_text(Prompt);
prompt({get_until, _, Prompt, _, _, _}) -> prompt_text(Prompt);
prompt({get_until, Prompt, _, _, _}) -> prompt_text(Prompt);
prompt(_) -> <<>>.

prompt_text({format, Format, Args}) ->
    unicode:characters_to_binary(io_lib:format(Format, Args));
prompt_text(Prompt) when is_atom(Prompt) ->
    atom_to_binary(Prompt, utf8);
prompt_text(Prompt) ->
    case unicode:characters_to_binary(Prompt) of
        Text when is_binary(Text) -> Text;
        _ -> unicode:characters_to_binary(io_lib:format("~p", [Prompt]))
    end.
