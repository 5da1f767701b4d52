-module(gerl_resolver).
-moduledoc "Puts questions to name servers. Internal.".

-export([options/1, ask/5]).

-include("gerl_dns.hrl").

%% The largest question over UDP without EDNS.
-define(UDP_LIMIT, 512).

-doc "The options of a question: given ones, else those of inet_db.".
-spec options([term()]) -> map().
options(Given) ->
    Names = [nameservers, alt_nameservers, timeout, retry, servfail_retry_timeout, inet6, usevc, edns, udp_payload_size, dnssec_ok, recurse],
    Own = maps:from_list([case O of
                              {Name, Value} -> {Name, Value};
                              Name -> negated(atom_to_list(Name), Name)
                          end || O <- Given]),
    Standard = maps:from_list([{N, inet_db:res_option(N)} || N <- Names, not is_map_key(N, Own)]),
    Chosen = maps:merge(Standard, Own),
    %% servers of the caller's choice have no others to fall back on
    case {is_map_key(nameservers, Own), is_map_key(alt_nameservers, Own)} of
        {true, false} -> Chosen#{alt_nameservers => []};
        _ -> Chosen
    end.

negated("no" ++ Name, _) -> {list_to_atom(Name), false};
negated(_, Name) -> {Name, true}.

-doc "The answer to a question.".
-spec ask(string(), term(), term(), map(), integer() | infinity) -> {ok, term()} | {error, term()}.
ask(Domain, Class, Type, #{nameservers := Servers, alt_nameservers := Others} = Options, Deadline) ->
    case try_servers(Servers, Domain, Class, Type, Options, Deadline) of
        {error, Reason} = Error when Others =/= [] ->
            case Reason =:= timeout andalso gerl_inet_names:left(Deadline) =:= 0 of
                true -> Error;
                false -> simpler(try_servers(Others, Domain, Class, Type, Options, Deadline), Options)
            end;
        Result -> simpler(Result, Options)
    end.

simpler({error, {nxdomain, _}} = Error, Options) ->
    case maps:get(nxdomain_reply, Options, false) of
        true -> Error;
        false -> {error, nxdomain}
    end;
simpler(Result, _) -> Result.

try_servers([], _, _, _, _, _) -> {error, nxdomain};
try_servers(Servers, Domain, Class, Type, Options, Deadline) ->
    <<Id:16>> = crypto:strong_rand_bytes(2),
    Extra = case Options of
        #{edns := false} -> [];
        #{edns := Version, udp_payload_size := Size, dnssec_ok := DO} ->
            [#dns_rr_opt{udp_payload_size = Size, version = Version, do = DO}]
    end,
    Query = #dns_query{domain = Domain, type = Type, class = Class},
    Message = #dns_rec{header = #dns_header{id = Id, opcode = 'query', rd = recursion(Options)}, qdlist = [Query], arlist = Extra},
    try inet_dns:encode(Message) of
        Bytes -> rounds(0, Servers, {Bytes, Id, Query}, Options, Deadline, {error, timeout})
    catch error:_ -> {error, formerr}
    end.

recursion(#{recurse := R}) -> R =/= false andalso R =/= 0.

%% Each round asks all servers that are left, with twice the patience of the one before.
rounds(N, Servers, _, #{retry := Retry}, _, Last) when Servers =:= []; N >= Retry -> Last;
rounds(N, Servers, Question, #{retry := Retry, timeout := Timeout} = Options, Deadline, Last) ->
    Patience = (Timeout bsl N) div Retry,
    case round(Servers, Question, Options, Patience, Deadline, [], Last) of
        {final, Result} -> Result;
        {left, Left, Error} -> rounds(N + 1, Left, Question, Options, Deadline, Error)
    end.

round([], _, _, _, _, Kept, Last) -> {left, lists:reverse(Kept), Last};
round([Server | More], Question, Options, Patience, Deadline, Kept, Last) ->
    case gerl_inet_names:left(Deadline) of
        0 -> {final, kept_error(Last)};
        Left ->
            case one(Server, Question, Options, min_time(Patience, Left)) of
                {ok, _} = Answer -> {final, Answer};
                {error, {nxdomain, _}} = Error -> {final, Error};
                {error, {qfmterror, _}} = Error -> {final, Error};
                {error, {servfail, _}} = Error ->
                    pause(maps:get(servfail_retry_timeout, Options), More, Kept, Deadline),
                    round(More, Question, Options, Patience, Deadline, [Server | Kept], Error);
                {error, timeout} -> round(More, Question, Options, Patience, Deadline, [Server | Kept], kept_error(Last));
                {error, _} = Error -> round(More, Question, Options, Patience, Deadline, Kept, Error)
            end
    end.

%% A failure that a server told of says more than silence.
kept_error({error, {_, _}} = Last) -> Last;
kept_error(_) -> {error, timeout}.

min_time(Time, infinity) -> Time;
min_time(Time, Left) -> min(Time, Left).

%% When all servers have failed, another round does not begin at once.
pause(Time, [], _, Deadline) -> timer:sleep(min_time(Time, gerl_inet_names:left(Deadline)));
pause(_, _, _, _) -> ok.

one(Server, {Bytes, _, _} = Question, #{usevc := true}, Time) when is_binary(Bytes) -> over_tcp(Server, Question, Time);
one(Server, {Bytes, _, _} = Question, #{edns := EDNS, udp_payload_size := Size}, Time) ->
    Limit = case EDNS of
        false -> ?UDP_LIMIT;
        _ -> max(Size, ?UDP_LIMIT)
    end,
    case byte_size(Bytes) =< Limit of
        false -> over_tcp(Server, Question, Time);
        true ->
            case over_udp(Server, Question, Time) of
                {truncated, _} -> over_tcp(Server, Question, Time);
                Result -> Result
            end
    end.

family(Address) when tuple_size(Address) =:= 8 -> inet6;
family(_) -> inet.

over_udp({Address, Port}, {Bytes, _, _} = Question, Time) ->
    case gen_udp:open(0, [binary, {active, false}, family(Address)]) of
        {ok, Socket} ->
            try
                case gen_udp:connect(Socket, Address, Port) of
                    ok ->
                        case gen_udp:send(Socket, Bytes) of
                            ok -> replies(Socket, Question, gerl_inet_names:deadline(Time));
                            Error -> Error
                        end;
                    Error -> Error
                end
            after gen_udp:close(Socket)
            end;
        Error -> Error
    end.

replies(Socket, Question, Deadline) ->
    case gen_udp:recv(Socket, 0, gerl_inet_names:left(Deadline)) of
        {ok, {_, _, Reply}} ->
            case judge(Reply, Question) of
                ignore -> replies(Socket, Question, Deadline);
                Verdict -> Verdict
            end;
        Error -> Error
    end.

over_tcp({Address, Port}, {Bytes, _, _} = Question, Time) ->
    Deadline = gerl_inet_names:deadline(Time),
    case gen_tcp:connect(Address, Port, [binary, {active, false}, {packet, 2}, family(Address)], Time) of
        {ok, Socket} ->
            try
                case gen_tcp:send(Socket, Bytes) of
                    ok ->
                        case gen_tcp:recv(Socket, 0, gerl_inet_names:left(Deadline)) of
                            {ok, Reply} ->
                                case judge(Reply, Question) of
                                    ignore -> {error, formerr};
                                    {truncated, Message} -> {ok, Message};
                                    Verdict -> Verdict
                                end;
                            Error -> Error
                        end;
                    Error -> Error
                end
            after gen_tcp:close(Socket)
            end;
        Error -> Error
    end.

%% What a reply says. Those to other questions do not count.
judge(<<Id:16, 1:1, _/bitstring>> = Reply, {_, Id, Query}) ->
    case inet_dns:decode(Reply) of
        {ok, #dns_rec{header = #dns_header{rcode = Code, tc = Cut}, qdlist = Asked} = Message} ->
            case Asked =:= [] andalso Code =/= 0 orelse same(Asked, Query) of
                true -> verdict(Code, Cut, Message);
                false -> ignore
            end;
        {error, _} = Error -> Error
    end;
judge(_, _) -> ignore.

same([#dns_query{domain = Domain, type = Type, class = Class}], #dns_query{domain = Asked, type = Type, class = Class}) ->
    inet_db:eq_domains(no_dot(Domain), no_dot(Asked));
same(_, _) -> false.

no_dot(Domain) -> string:trim(Domain, trailing, ".").

verdict(0, true, Message) -> {truncated, Message};
verdict(0, false, Message) -> {ok, Message};
verdict(Code, _, Message) ->
    Reasons = #{1 => qfmterror, 2 => servfail, 3 => nxdomain, 4 => notimp, 5 => refused, 16 => badvers},
    {error, {maps:get(Code, Reasons, unknown), Message}}.
