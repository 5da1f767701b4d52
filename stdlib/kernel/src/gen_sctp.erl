-module(gen_sctp).
-moduledoc "Associations of SCTP. The node has no SCTP: a socket cannot be opened, as on systems without that protocol.".

-export([open/0, open/1, open/2, close/1, listen/2, connect/3, connect/4, connect/5, connect_init/3, connect_init/4, connect_init/5,
         connectx_init/3, connectx_init/4, connectx_init/5, peeloff/2, eof/2, abort/2, send/3, send/4, recv/1, recv/2, error_string/1,
         controlling_process/2]).

-export_type([assoc_id/0, sctp_socket/0, option/0]).

-type assoc_id() :: term().
-type sctp_socket() :: port().
-type option() :: {atom(), term()} | inet | inet6 | list | binary.

-doc "Opens a socket.".
-spec open() -> {error, inet:posix()}.
open() -> open([]).

-doc "Opens a socket at a port or with options.".
-spec open(inet:port_number() | [option()]) -> {error, inet:posix()}.
open(Port) when is_integer(Port) -> open(Port, []);
open(Options) -> open(0, Options).

-doc "Opens a socket at a port with options.".
-spec open(inet:port_number() | atom(), [option()]) -> {error, inet:posix()}.
open(Port, Options) when is_integer(Port), is_list(Options); is_list(Port), is_list(Options) ->
    Fits = fun({Name, _}) -> is_atom(Name);
              (Name) -> lists:member(Name, [inet, inet6, list, binary])
           end,
    lists:all(Fits, Options) orelse error(badarg, [Port, Options]),
    {error, eprotonosupport};
open(Port, Options) -> error(badarg, [Port, Options]).

%% There are no sockets, so no argument is one.
no_socket(Arguments) -> error(badarg, Arguments).

-doc "Closes a socket.".
-spec close(sctp_socket()) -> no_return().
close(S) -> no_socket([S]).

-doc "Makes a socket take associations.".
-spec listen(sctp_socket(), boolean() | integer()) -> no_return().
listen(S, On) -> no_socket([S, On]).

-doc "Begins an association.".
-spec connect(sctp_socket(), term(), [option()]) -> no_return().
connect(S, Address, Options) -> no_socket([S, Address, Options]).
-doc "Begins an association.".
-spec connect(sctp_socket(), term(), term(), term()) -> no_return().
connect(S, Address, Port, Options) -> no_socket([S, Address, Port, Options]).
-doc "Begins an association within a time.".
-spec connect(sctp_socket(), term(), term(), [option()], timeout()) -> no_return().
connect(S, Address, Port, Options, Timeout) -> no_socket([S, Address, Port, Options, Timeout]).

-doc "Begins an association without waiting for it.".
-spec connect_init(sctp_socket(), term(), [option()]) -> no_return().
connect_init(S, Address, Options) -> no_socket([S, Address, Options]).
-doc "Begins an association without waiting for it.".
-spec connect_init(sctp_socket(), term(), term(), term()) -> no_return().
connect_init(S, Address, Port, Options) -> no_socket([S, Address, Port, Options]).
-doc "Begins an association without waiting for it.".
-spec connect_init(sctp_socket(), term(), term(), [option()], timeout()) -> no_return().
connect_init(S, Address, Port, Options, Timeout) -> no_socket([S, Address, Port, Options, Timeout]).

-doc "Begins an association with several addresses.".
-spec connectx_init(sctp_socket(), [term()], [option()]) -> no_return().
connectx_init(S, Addresses, Options) -> no_socket([S, Addresses, Options]).
-doc "Begins an association with several addresses.".
-spec connectx_init(sctp_socket(), [term()], term(), term()) -> no_return().
connectx_init(S, Addresses, Port, Options) -> no_socket([S, Addresses, Port, Options]).
-doc "Begins an association with several addresses.".
-spec connectx_init(sctp_socket(), [term()], term(), [option()], timeout()) -> no_return().
connectx_init(S, Addresses, Port, Options, Timeout) -> no_socket([S, Addresses, Port, Options, Timeout]).

-doc "Makes a socket of an association.".
-spec peeloff(sctp_socket(), term()) -> no_return().
peeloff(S, Association) -> no_socket([S, Association]).

-doc "Ends an association in order.".
-spec eof(sctp_socket(), term()) -> no_return().
eof(S, Association) -> no_socket([S, Association]).

-doc "Ends an association at once.".
-spec abort(sctp_socket(), term()) -> no_return().
abort(S, Association) -> no_socket([S, Association]).

-doc "Sends a message.".
-spec send(sctp_socket(), term(), iodata()) -> no_return().
send(S, How, Data) -> no_socket([S, How, Data]).
-doc "Sends a message on a stream of an association.".
-spec send(sctp_socket(), term(), integer(), iodata()) -> no_return().
send(S, Association, Stream, Data) -> no_socket([S, Association, Stream, Data]).

-doc "Receives a message.".
-spec recv(sctp_socket()) -> no_return().
recv(S) -> no_socket([S]).
-doc "Receives a message within a time.".
-spec recv(sctp_socket(), timeout()) -> no_return().
recv(S, Timeout) -> no_socket([S, Timeout]).

-doc "Makes another process the owner of a socket.".
-spec controlling_process(sctp_socket(), pid()) -> no_return().
controlling_process(S, Pid) -> no_socket([S, Pid]).

-doc "What a number of an error says.".
-spec error_string(integer()) -> ok | string() | unknown_error.
error_string(0) -> ok;
error_string(N) when is_integer(N), N >= 1, N =< 13 ->
    lists:nth(N, ["Invalid Stream Identifier", "Missing Mandatory Parameter", "Stale Cookie Error", "Out of Resource",
                  "Unresolvable Address", "Unrecognized Chunk Type", "Invalid Mandatory Parameter", "Unrecognized Parameters",
                  "No User Data", "Cookie Received While Shutting Down", "Restart of an Association with New Addresses",
                  "User Initiated Abort", "Protocol Violation"]);
error_string(N) when is_integer(N) -> unknown_error;
error_string(N) -> error(badarg, [N]).
