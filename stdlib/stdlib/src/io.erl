-module(io).
-moduledoc "Input and output through I/O servers: the caller's group leader, a registered name, or a file.".

%% Output
-export([put_chars/1, put_chars/2, nl/0, nl/1, write/1, write/2, format/1, format/2, format/3,
         fwrite/1, fwrite/2, fwrite/3]).
%% Input
-export([get_chars/2, get_chars/3, get_line/1, get_line/2, get_password/0, get_password/1,
         read/1, read/2, read/3, read/4, fread/2, fread/3,
         scan_erl_exprs/1, scan_erl_exprs/2, scan_erl_exprs/3, scan_erl_exprs/4,
         scan_erl_form/1, scan_erl_form/2, scan_erl_form/3, scan_erl_form/4,
         parse_erl_exprs/1, parse_erl_exprs/2, parse_erl_exprs/3, parse_erl_exprs/4,
         parse_erl_form/1, parse_erl_form/2, parse_erl_form/3, parse_erl_form/4]).
%% The device
-export([columns/0, columns/1, rows/0, rows/1, getopts/0, getopts/1, setopts/1, setopts/2,
         printable_range/0, request/1, request/2, requests/1, requests/2]).

-export_type([device/0, format/0, server_no_data/0]).

-type device() :: atom() | pid() | tuple().
-type format() :: atom() | string() | binary().
-type server_no_data() :: {error, term()} | eof.

%%% ---- output -------------------------------------------------------------------------------

%% Raised in the name of the exported function Name that was called with Args: having
%% called output/4 last, it is no longer on the stack.
output_failed(Reason, Cause, Name, Args) ->
    Error = case Reason of
                terminated -> terminated;
                calling_self -> calling_self;
                {no_translation, _, _} -> no_translation;
                _ -> badarg
            end,
    {current_stacktrace, Stack} = erlang:process_info(self(), current_stacktrace),
    IsOurs = fun({M, _, _, _}) -> M =:= ?MODULE orelse M =:= erlang end,
    {[{_, _, _, Location} | _], Callers} = lists:splitwith(IsOurs, Stack),
    Info = {error_info, #{cause => Cause, module => erl_stdlib_errors}},
    erlang:raise(error, Error, [{?MODULE, Name, Args, Location ++ [Info]} | Callers]).

output(Device, Request, Name, Args) ->
    case ask(Device, protocol(Request)) of
        ok -> ok;
        {here, Reason} -> output_failed(Reason, {io, Reason}, Name, Args);
        {error, Reason} -> output_failed(Reason, {device, Reason}, Name, Args)
    end.

-doc "Another name of format/3.".
-spec fwrite(device(), format(), [term()]) -> ok.
fwrite(Device, Format, Args) ->
    output(Device, {fwrite, Format, Args}, fwrite, [Device, Format, Args]).

-doc "Another name of format/2.".
-spec fwrite(format(), [term()]) -> ok.
fwrite(Format, Args) -> output(default_output(), {fwrite, Format, Args}, fwrite, [Format, Args]).

-doc "Another name of format/1.".
-spec fwrite(format()) -> ok.
fwrite(Format) -> output(default_output(), {fwrite, Format, []}, fwrite, [Format]).

-doc "Writes Args to a device as Format says.".
-spec format(device(), format(), [term()]) -> ok.
format(Device, Format, Args) ->
    output(Device, {format, Format, Args}, format, [Device, Format, Args]).

-doc "Writes Args as Format says.".
-spec format(format(), [term()]) -> ok.
format(Format, Args) -> output(default_output(), {format, Format, Args}, format, [Format, Args]).

-doc "Writes the text that Format describes; it takes no arguments.".
-spec format(format()) -> ok.
format(Format) -> output(default_output(), {format, Format, []}, format, [Format]).

-doc "Writes a term to a device as `~w` does.".
-spec write(device(), term()) -> ok.
write(Device, Term) ->
    output(Device, {write, Term}, write, [Device, Term]).

-doc "Writes a term as `~w` does.".
-spec write(term()) -> ok.
write(Term) -> output(default_output(), {write, Term}, write, [Term]).

-doc "Writes a line break to a device.".
-spec nl(device()) -> ok.
nl(Device) -> output(Device, {put_chars, unicode, "\n"}, nl, [Device]).

-doc "Writes a line break to the standard output.".
-spec nl() -> ok.
nl() -> output(default_output(), {put_chars, unicode, "\n"}, nl, []).

-doc "Writes chardata to a device.".
-spec put_chars(device(), unicode:chardata()) -> ok.
put_chars(Device, Chars) -> output(Device, {put_chars, unicode, Chars}, put_chars, [Device, Chars]).

-doc "Writes chardata to the standard output.".
-spec put_chars(unicode:chardata()) -> ok.
put_chars(Chars) ->
    output(default_output(), {put_chars, unicode, Chars}, put_chars, [Chars]).

%%% ---- input --------------------------------------------------------------------------------

%% What the scanner's tokens are; Where is the start and perhaps options.
tokens(Device, Prompt, Where) -> request(Device, {get_until, unicode, Prompt, erl_scan, tokens, Where}).

%% The tokens as a function of erl_parse reads them.
parse(Device, Prompt, Where, Parser) ->
    case tokens(Device, Prompt, Where) of
        {ok, Tokens, End} ->
            {Outcome, Result} = erl_parse:Parser(Tokens),
            {Outcome, Result, End};
        Nothing -> Nothing
    end.

-doc "Reads and parses a form.".
-spec parse_erl_form(term()) -> term().
parse_erl_form(Prompt) -> parse(default_input(), Prompt, [1, []], parse_form).
-doc "Reads and parses a form from a device.".
-spec parse_erl_form(device(), term()) -> term().
parse_erl_form(Device, Prompt) -> parse(Device, Prompt, [1, []], parse_form).
-doc "Reads and parses a form; positions count from Start.".
-spec parse_erl_form(device(), term(), erl_anno:location()) -> term().
parse_erl_form(Device, Prompt, Start) -> parse(Device, Prompt, [Start, []], parse_form).
-doc "Reads and parses a form with options for the scanner.".
-spec parse_erl_form(device(), term(), erl_anno:location(), list()) -> term().
parse_erl_form(Device, Prompt, Start, Options) -> parse(Device, Prompt, [Start, Options], parse_form).

-doc "Reads and parses expressions.".
-spec parse_erl_exprs(term()) -> term().
parse_erl_exprs(Prompt) -> parse(default_input(), Prompt, [1, []], parse_exprs).
-doc "Reads and parses expressions from a device.".
-spec parse_erl_exprs(device(), term()) -> term().
parse_erl_exprs(Device, Prompt) -> parse(Device, Prompt, [1, []], parse_exprs).
-doc "Reads and parses expressions; positions count from Start.".
-spec parse_erl_exprs(device(), term(), erl_anno:location()) -> term().
parse_erl_exprs(Device, Prompt, Start) -> parse(Device, Prompt, [Start, []], parse_exprs).
-doc "Reads and parses expressions with options for the scanner.".
-spec parse_erl_exprs(device(), term(), erl_anno:location(), list()) -> term().
parse_erl_exprs(Device, Prompt, Start, Options) -> parse(Device, Prompt, [Start, Options], parse_exprs).

-doc "Reads the tokens of a form.".
-spec scan_erl_form(term()) -> term().
scan_erl_form(Prompt) -> tokens(default_input(), Prompt, [1, []]).
-doc "Reads the tokens of a form from a device.".
-spec scan_erl_form(device(), term()) -> term().
scan_erl_form(Device, Prompt) -> tokens(Device, Prompt, [1, []]).
-doc "Reads the tokens of a form; positions count from Start.".
-spec scan_erl_form(device(), term(), erl_anno:location()) -> term().
scan_erl_form(Device, Prompt, Start) -> tokens(Device, Prompt, [Start, []]).
-doc "Reads the tokens of a form with options for the scanner.".
-spec scan_erl_form(device(), term(), erl_anno:location(), list()) -> term().
scan_erl_form(Device, Prompt, Start, Options) -> tokens(Device, Prompt, [Start, Options]).

-doc "Reads the tokens of expressions up to a full stop.".
-spec scan_erl_exprs(term()) -> term().
scan_erl_exprs(Prompt) -> tokens(default_input(), Prompt, [1, []]).
-doc "Reads the tokens of expressions from a device.".
-spec scan_erl_exprs(device(), term()) -> term().
scan_erl_exprs(Device, Prompt) -> tokens(Device, Prompt, [1, []]).
-doc "Reads the tokens of expressions; positions count from Start.".
-spec scan_erl_exprs(device(), term(), erl_anno:location()) -> term().
scan_erl_exprs(Device, Prompt, Start) -> tokens(Device, Prompt, [Start, []]).
-doc "Reads the tokens of expressions with options for the scanner.".
-spec scan_erl_exprs(device(), term(), erl_anno:location(), list()) -> term().
scan_erl_exprs(Device, Prompt, Start, Options) -> tokens(Device, Prompt, [Start, Options]).

-doc "Reads input from a device as the format string describes.".
-spec fread(device(), term(), format()) -> {ok, [term()]} | {error, term()} | server_no_data().
fread(Device, Prompt, Format) ->
    request(Device, {get_until, unicode, Prompt, io_lib, fread, [Format]}).

-doc "Reads input as the format string describes.".
-spec fread(term(), format()) -> {ok, [term()]} | {error, term()} | server_no_data().
fread(Prompt, Format) -> fread(default_input(), Prompt, Format).

-doc "Reads a term from a device with options for the scanner.".
-spec read(device(), term(), erl_anno:location(), list()) -> {ok, term(), erl_anno:location()} | {eof, erl_anno:location()} | {error, term(), erl_anno:location()} | {error, term()}.
read(Device, Prompt, Start, Options) -> parse(Device, Prompt, [Start, Options], parse_term).

-doc "Reads a term from a device; positions count from Start.".
-spec read(device(), term(), erl_anno:location()) -> {ok, term(), erl_anno:location()} | {eof, erl_anno:location()} | {error, term(), erl_anno:location()} | {error, term()}.
read(Device, Prompt, Start) -> parse(Device, Prompt, [Start, []], parse_term).

-doc "Reads a term from a device.".
-spec read(device(), term()) -> {ok, term()} | server_no_data() | {error, term()}.
read(Device, Prompt) ->
    case parse(Device, Prompt, [1], parse_term) of
        {eof, _Where} -> eof;
        {Outcome, Result, _Where} -> {Outcome, Result};
        Nothing -> Nothing
    end.

-doc "Reads a term that ends with a full stop.".
-spec read(term()) -> {ok, term()} | server_no_data() | {error, term()}.
read(Prompt) -> read(default_input(), Prompt).

-doc "Reads a line that the terminal does not show from a device.".
-spec get_password(device()) -> string() | binary() | server_no_data().
get_password(Device) -> request(Device, {get_password, unicode}).

-doc "Reads a line that the terminal does not show.".
-spec get_password() -> string() | binary() | server_no_data().
get_password() -> get_password(default_input()).

-doc "Reads a line from a device.".
-spec get_line(device(), term()) -> string() | binary() | server_no_data().
get_line(Device, Prompt) -> request(Device, {get_line, unicode, Prompt}).

-doc "Reads a line, its line break included.".
-spec get_line(term()) -> string() | binary() | server_no_data().
get_line(Prompt) -> get_line(default_input(), Prompt).

-doc "Reads Count characters from a device.".
-spec get_chars(device(), term(), non_neg_integer()) -> string() | binary() | server_no_data().
get_chars(Device, Prompt, Count) when is_integer(Count), Count >= 0 ->
    request(Device, {get_chars, unicode, Prompt, Count}).

-doc "Reads Count characters from the standard input.".
-spec get_chars(term(), non_neg_integer()) -> string() | binary() | server_no_data().
get_chars(Prompt, Count) -> get_chars(default_input(), Prompt, Count).

%%% ---- the device -----------------------------------------------------------------------------

default_input() -> group_leader().

default_output() -> group_leader().

%% Short forms of requests that callers may use.
protocol({format, Format, Args}) -> {put_chars, unicode, io_lib, format, [Format, Args]};
protocol({fwrite, Format, Args}) -> {put_chars, unicode, io_lib, fwrite, [Format, Args]};
protocol({write, Term}) -> {put_chars, unicode, io_lib, write, [Term]};
protocol({put_chars, Chars}) -> {put_chars, unicode, Chars};
protocol(nl) -> {put_chars, unicode, "\n"};
protocol({get_chars, Prompt, N}) -> {get_chars, unicode, Prompt, N};
protocol({get_line, Prompt}) -> {get_line, unicode, Prompt};
protocol({get_until, Prompt, M, F, A}) -> {get_until, unicode, Prompt, M, F, A};
protocol({fread, Prompt, Format}) -> {get_until, unicode, Prompt, io_lib, fread, [Format]};
protocol(Request) -> Request.

exchange(Pid, _Request) when Pid =:= self() ->
    {here, calling_self};
exchange(Pid, Request) ->
    Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {io_request, self(), Ref, Request},
    receive
        %% The reply does not come through the alias, so the monitor is still there.
        {io_reply, Ref, Reply} -> demonitor(Ref, [flush]), Reply;
        {'DOWN', Ref, _, _, _} -> {here, terminated}
    end.

-doc "Sends several requests at once.".
-spec requests(device(), [term()]) -> term().
requests(Device, Requests) -> request(Device, {requests, [protocol(R) || R <- Requests]}).

-doc "Sends several requests at once to the standard output.".
-spec requests([term()]) -> term().
requests(Requests) -> requests(default_output(), Requests).

%% {here, Reason}: the request did not reach a device.
ask(standard_io, Request) ->
    exchange(group_leader(), Request);
ask(Pid, Request) when is_pid(Pid) ->
    exchange(Pid, Request);
ask(Name, Request) when is_atom(Name) ->
    case whereis(Name) of
        undefined -> {here, arguments};
        Pid -> exchange(Pid, Request)
    end;
ask({file_descriptor, Module, _} = Device, Request) ->
    Module:io_request(Device, Request);
ask(_, _) ->
    {here, arguments}.

-doc "Sends a request of the I/O protocol and waits for the reply.".
-spec request(device(), term()) -> term().
request(Device, Request) ->
    case ask(Device, protocol(Request)) of
        {here, Reason} -> {error, Reason};
        Reply -> Reply
    end.

-doc "Sends a request of the I/O protocol to the standard output and waits for the reply.".
-spec request(term()) -> term().
request(Request) -> request(default_output(), Request).

-doc "Which characters io_lib takes for printable: unicode or latin1.".
-spec printable_range() -> unicode | latin1.
printable_range() -> erlang:nif_error(undef).

-doc "Sets options of a device.".
-spec setopts(device(), [term()]) -> ok | {error, term()}.
setopts(Device, Options) -> request(Device, {setopts, Options}).

-doc "Sets options of the standard input and output.".
-spec setopts([term()]) -> ok | {error, term()}.
setopts(Options) -> setopts(default_input(), Options).

-doc "The options of a device.".
-spec getopts(device()) -> [term()] | {error, term()}.
getopts(Device) -> request(Device, getopts).

-doc "The options of the standard input and output.".
-spec getopts() -> [term()] | {error, term()}.
getopts() -> getopts(default_input()).

geometry(Device, What) ->
    case request(Device, {get_geometry, What}) of
        N when is_integer(N), N > 0 -> {ok, N};
        _ -> {error, enotsup}
    end.

-doc "The height of a device, if it has one.".
-spec rows(device()) -> {ok, pos_integer()} | {error, enotsup}.
rows(Device) -> geometry(Device, rows).

-doc "The height of the standard output, if it has one.".
-spec rows() -> {ok, pos_integer()} | {error, enotsup}.
rows() -> rows(default_output()).

-doc "The width of a device, if it has one.".
-spec columns(device()) -> {ok, pos_integer()} | {error, enotsup}.
columns(Device) -> geometry(Device, columns).

-doc "The width of the standard output, if it has one.".
-spec columns() -> {ok, pos_integer()} | {error, enotsup}.
columns() -> columns(default_output()).
