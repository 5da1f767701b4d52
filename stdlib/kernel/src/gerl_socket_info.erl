-module(gerl_socket_info).
-moduledoc "Overviews of the sockets of module socket, and of what the system can do. Internal.".

-export([summary/0, print/2, chooser/1, supports/0, supports/1]).

-doc "What is known of all sockets together.".
-spec summary() -> map().
summary() ->
    All = [socket:info(S) || S <- gerl_socket:all()],
    Count = fun(Key, Value) -> length([I || I <- All, map_get(Key, I) =:= Value]) end,
    Counters = #{num_cnt_bits => 64, num_sockets => length(All), num_dinet => Count(domain, inet), num_dinet6 => Count(domain, inet6),
                 num_dlocal => Count(domain, local), num_tstreams => Count(type, stream), num_tdgrams => Count(type, dgram),
                 num_tseqpkgs => Count(type, seqpacket), num_pip => Count(protocol, ip), num_psctp => Count(protocol, sctp),
                 num_ptcp => Count(protocol, tcp), num_pudp => Count(protocol, udp)},
    Debug = gerl_socket:setting(debug, undefined),
    #{counters => Counters, debug => Debug, socket_debug => Debug, use_registry => gerl_socket:setting(use_registry, undefined),
      load_nif_result => ok, iow => false, eei => true, iov_max => 1024, io_backend => #{name => unix_essio}}.

-doc "The test that a rule of which_sockets/1 stands for; false: there is no such rule.".
-spec chooser(term()) -> fun((map()) -> boolean()) | false.
chooser(Pid) when is_pid(Pid) -> fun(#{owner := O}) -> O =:= Pid end;
chooser(F) when is_function(F, 1) -> F;
chooser(Name) ->
    Keys = [{domain, [inet, inet6, local]}, {type, [stream, dgram, seqpacket]}, {protocol, [sctp, tcp, udp]}],
    case [K || {K, Names} <- Keys, lists:member(Name, Names)] of
        [Key] -> fun(Info) -> map_get(Key, Info) =:= Name end;
        [] -> false
    end.

-doc "Prints columns about sockets.".
-spec print([socket:socket()], socket:info_keys() | default) -> ok.
print(Sockets, default) ->
    print(Sockets, [domain, type, protocol, fd, owner, local_address, remote_address, recv, sent, state]);
print([], _) -> ok;
print(Sockets, Keys) ->
    Rows = [[heading(K) || K <- Keys] | [[cell(K, S, socket:info(S)) || K <- Keys] || S <- Sockets]],
    Widths = lists:foldl(fun(R, Ws) -> [max(length(C), W) || {C, W} <- lists:zip(R, Ws)] end, [0 || _ <- Keys], Rows),
    lists:foreach(fun(R) -> io:format("~ts~n", [[[C, lists:duplicate(W + 1 - length(C), $\s)] || {C, W} <- lists:zip(R, Widths)]]) end,
                  Rows).

heading(Key) ->
    flat(lists:join($\s, [string:titlecase(W) || W <- string:split(atom_to_list(Key), "_", all)])).

flat(Text) -> lists:flatten(Text).

cell(domain, _, #{domain := D}) -> text(D);
cell(type, _, #{type := T}) -> string:uppercase(text(T));
cell(protocol, _, #{protocol := P}) -> string:uppercase(text(P));
cell(owner, _, #{owner := O}) -> text(O);
cell(recv, _, #{counters := #{read_byte := N}}) -> text(N);
cell(sent, _, #{counters := #{write_byte := N}}) -> text(N);
cell(fd, S, _) ->
    case socket:getopt(S, otp, fd) of
        {ok, N} -> text(N);
        _ -> " "
    end;
cell(local_address, S, #{protocol := P}) -> address(socket:sockname(S), P);
cell(remote_address, S, #{protocol := P}) -> address(socket:peername(S), P);
cell(state, _, #{rstates := [], wstates := []}) -> " ";
cell(state, _, #{rstates := R, wstates := W}) -> states(R) ++ "," ++ states(W);
cell(_, _, _) -> " ".

text(Term) -> flat(io_lib:format("~w", [Term])).

states([]) -> " - ";
states(States) -> flat(lists:join($:, [short(S) || S <- States])).

short(State) ->
    Letters = #{accepting => "A", bound => "BD", busy => "BY", connected => "CD", connecting => "CG", listen => "LN", listening => "LG",
                open => "O", selected => "SD"},
    maps:get(State, Letters, string:uppercase(atom_to_list(State))).

address({ok, #{family := local, path := Path}}, _) -> "local:" ++ unicode:characters_to_list(Path);
address({ok, #{addr := Address, port := Port}}, Protocol) ->
    Host = case Address of
        {127, 0, 0, 1} -> "localhost";
        {0, 0, 0, 0, 0, 0, 0, 1} -> "localhost";
        _ ->
            case lists:usort(tuple_to_list(Address)) of
                [0] -> "*";
                _ -> inet:ntoa(Address)
            end
    end,
    Host ++ ":" ++ service(Port, Protocol);
address(_, _) -> " ".

service(Port, Protocol) ->
    case gerl_services:name(Port, Protocol) of
        {ok, Name} -> Name ++ " (" ++ integer_to_list(Port) ++ ")";
        _ -> integer_to_list(Port)
    end.

-doc "Everything that may or may not be there.".
-spec supports() -> list().
supports() ->
    [{K, supports(K)} || K <- [ioctl_requests, ioctl_flags, options, msg_flags, protocols]] ++
        [{sctp, false}, {ipv6, true}, {local, true}, {netns, gerl_socket:table(system) =:= linux}, {sendfile, true}].

-doc "What of a kind is there.".
-spec supports(term()) -> list().
supports(Kind) when Kind =:= options; Kind =:= msg_flags; Kind =:= protocols; Kind =:= ioctl_requests; Kind =:= ioctl_flags ->
    gerl_socket:table(Kind);
supports(_) -> [].
