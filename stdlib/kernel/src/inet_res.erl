-module(inet_res).
-moduledoc """
A client of DNS.

Questions go to the name servers that `inet_db` knows or that the option `nameservers` names, over UDP, or over TCP when the answer is too long
or the option `usevc` asks for it. All servers are asked in turn, `retry` times, with growing patience.
""".

-export([resolve/3, resolve/4, resolve/5, lookup/3, lookup/4, lookup/5, nslookup/3, nslookup/4, nnslookup/4, nnslookup/5]).
-export([gethostbyname/1, gethostbyname/2, gethostbyname/3, gethostbyname/4, gethostbyname_tm/3, gethostbyname_tm/4, gethostbyaddr/1,
         gethostbyaddr/2, gethostbyaddr/3, gethostbyaddr_tm/2, gethostbyaddr_tm/3, getbyname/2, getbyname/3, getbyname/4,
         getbyname_tm/3, getbyname_tm/4, dns_msg/1]).

-export_type([dns_name/0, dns_class/0, dns_rr_type/0, dns_data/0, dns_msg/0, res_option/0, res_error/0, nameserver/0, hostent/0]).

-include("gerl_dns.hrl").

-type dns_name() :: string() | atom().
-type dns_class() :: in | chaos | hs | any | integer().
-type dns_rr_type() :: a | aaaa | any | caa | cname | gid | hinfo | ns | mb | md | mf | mg | minfo | mr | mx | naptr | null | ptr | soa |
                       spf | srv | txt | uid | uinfo | unspec | uri | wks | integer().
-type dns_data() :: dns_name() | inet:ip_address() | tuple() | [string()] | binary().
-type dns_msg() :: term().
-type nameserver() :: {inet:ip_address(), inet:port_number()}.
-type res_option() :: {alt_nameservers | nameservers, [nameserver()]} | {edns, 0 | false} | {inet6 | recurse | usevc | dnssec_ok, boolean()} |
                      {retry | timeout | udp_payload_size | servfail_retry_timeout, integer()} | {nxdomain_reply, boolean()}.
-type res_error() :: formerr | qfmterror | servfail | nxdomain | notimp | refused | badvers | timeout.
-type hostent() :: inet:hostent().
-type failure() :: {error, inet:posix() | res_error() | {res_error(), dns_msg()}}.

%%% ---- questions -----------------------------------------------------------------------------------

-doc "Asks for the records of a name.".
-spec resolve(dns_name() | inet:ip_address(), dns_class(), dns_rr_type()) -> {ok, dns_msg()} | failure().
resolve(Name, Class, Type) -> resolve(Name, Class, Type, [], infinity).

-doc "Asks for the records of a name, with options.".
-spec resolve(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [res_option() | atom()]) -> {ok, dns_msg()} | failure().
resolve(Name, Class, Type, Options) -> resolve(Name, Class, Type, Options, infinity).

-doc """
Asks for the records of a name, with options, within a time.

The answer is a message as `inet_dns` has them. When there is no such name the answer is `{error, nxdomain}`, or, with the option
`nxdomain_reply`, `{error, {nxdomain, Message}}`; other errors that a server told of come with its message.
""".
-spec resolve(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [res_option() | atom()], timeout()) ->
          {ok, dns_msg()} | failure().
resolve(Name, Class, Type, Options, Timeout) ->
    case domain(Name) of
        {ok, Domain} -> gerl_resolver:ask(Domain, Class, Type, gerl_resolver:options(Options), gerl_inet_names:deadline(Timeout));
        Error -> Error
    end.

%% The name to ask for: an address has one in a tree of its own.
domain({A, B, C, D} = Address) ->
    case gerl_inet_address:family(Address) of
        inet -> {ok, lists:flatten(io_lib:format("~b.~b.~b.~b.in-addr.arpa", [D, C, B, A]))};
        none -> {error, formerr}
    end;
domain(Address) when tuple_size(Address) =:= 8 ->
    case gerl_inet_address:family(Address) of
        inet6 ->
            Digits = [hd(string:lowercase(integer_to_list(N, 16))) || <<N:4>> <= << <<W:16>> || W <- tuple_to_list(Address) >>],
            {ok, lists:append([[D, $.] || D <- lists:reverse(Digits)]) ++ "ip6.arpa"};
        none -> {error, formerr}
    end;
domain(Name) when is_atom(Name) -> domain(atom_to_list(Name));
domain(Name) when is_list(Name) ->
    case inet_parse:visible_string(Name) of
        true -> {ok, Name};
        false -> {error, formerr}
    end;
domain(_) -> {error, formerr}.

-doc "The data of the records of a name; none when something is wrong.".
-spec lookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type()) -> [dns_data()].
lookup(Name, Class, Type) -> lookup(Name, Class, Type, [], infinity).

-doc "The data of the records of a name, with options.".
-spec lookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [res_option() | atom()]) -> [dns_data()].
lookup(Name, Class, Type, Options) -> lookup(Name, Class, Type, Options, infinity).

-doc "The data of the records of a name, with options, within a time.".
-spec lookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [res_option() | atom()], timeout()) -> [dns_data()].
lookup(Name, Class, Type, Options, Timeout) ->
    case resolve(Name, Class, Type, Options, Timeout) of
        {ok, #dns_rec{anlist = Answers}} ->
            Fits = fun(Wanted, Is) -> Wanted =:= any orelse Wanted =:= Is end,
            [Data || #dns_rr{type = T, class = C, data = Data} <- Answers, Fits(Type, T), Fits(Class, C)];
        _ -> []
    end.

-doc "Asks for the records of a name; errors have no messages.".
-spec nslookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type()) -> {ok, dns_msg()} | {error, inet:posix() | res_error()}.
nslookup(Name, Class, Type) -> plainly(resolve(Name, Class, Type)).

-doc "Asks for the records of a name within a time, or from name servers of the caller's choice.".
-spec nslookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), timeout() | [nameserver()]) ->
          {ok, dns_msg()} | {error, inet:posix() | res_error()}.
nslookup(Name, Class, Type, Timeout) when is_integer(Timeout), Timeout >= 0; Timeout =:= infinity ->
    plainly(resolve(Name, Class, Type, [], Timeout));
nslookup(Name, Class, Type, Servers) -> nnslookup(Name, Class, Type, Servers).

-doc "Asks name servers of the caller's choice for the records of a name.".
-spec nnslookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [nameserver()]) ->
          {ok, dns_msg()} | {error, inet:posix() | res_error()}.
nnslookup(Name, Class, Type, Servers) -> nnslookup(Name, Class, Type, Servers, infinity).

-doc "Asks name servers of the caller's choice for the records of a name, within a time.".
-spec nnslookup(dns_name() | inet:ip_address(), dns_class(), dns_rr_type(), [nameserver()], timeout()) ->
          {ok, dns_msg()} | {error, inet:posix() | res_error()}.
nnslookup(Name, Class, Type, Servers, Timeout) -> plainly(resolve(Name, Class, Type, [{nameservers, Servers}], Timeout)).

plainly({error, {qfmterror, _}}) -> {error, einval};
plainly({error, {Reason, _}}) -> {error, Reason};
plainly(Other) -> Other.

-doc false.
-spec dns_msg(term()) -> term().
dns_msg({Field, Value}) when is_atom(Field) -> {Field, dns_msg(Value)};
dns_msg([First | Rest]) -> [dns_msg(First) | dns_msg(Rest)];
dns_msg(Term) ->
    case inet_dns:record_type(Term) of
        undefined -> Term;
        Kind -> {Kind, dns_msg(inet_dns:Kind(Term))}
    end.

%%% ---- hosts ---------------------------------------------------------------------------------------

-doc "The entry of the host with a name.".
-spec gethostbyname(dns_name()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname(Name) ->
    case inet_db:res_option(inet6) of
        true -> gethostbyname(Name, inet6);
        false -> gethostbyname(Name, inet)
    end.

-doc "The entry of the host with a name, with addresses of a family.".
-spec gethostbyname(dns_name(), inet | inet6) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname(Name, Family) -> gethostbyname(Name, Family, infinity).

-doc "The entry of the host with a name, with addresses of a family, within a time.".
-spec gethostbyname(dns_name(), inet | inet6, timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname(Name, Family, Timeout) -> gethostbyname(Name, Family, [], Timeout).

-doc false.
-spec gethostbyname(dns_name(), inet | inet6, [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname(Name, inet, Options, Timeout) -> by_name(Name, a, gerl_inet_names:deadline(Timeout), Options);
gethostbyname(Name, inet6, Options, Timeout) -> by_name(Name, aaaa, gerl_inet_names:deadline(Timeout), Options);
gethostbyname(_, _, _, _) -> {error, einval}.

-doc false.
-spec gethostbyname_tm(dns_name(), inet | inet6, timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname_tm(Name, Family, Timeout) -> gethostbyname(Name, Family, Timeout).

-doc false.
-spec gethostbyname_tm(dns_name(), inet | inet6, [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyname_tm(Name, Family, Options, Timeout) -> gethostbyname(Name, Family, Options, Timeout).

-doc "The records of a type that a name has, as an entry of a host.".
-spec getbyname(dns_name(), dns_rr_type()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname(Name, Type) -> getbyname(Name, Type, infinity).

-doc "The records of a type that a name has, as an entry of a host, within a time.".
-spec getbyname(dns_name(), dns_rr_type(), timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname(Name, Type, Timeout) -> getbyname(Name, Type, [], Timeout).

-doc false.
-spec getbyname(dns_name(), dns_rr_type(), [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname(Name, Type, Options, Timeout) -> by_name(Name, Type, gerl_inet_names:deadline(Timeout), Options).

-doc false.
-spec getbyname_tm(dns_name(), dns_rr_type(), timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname_tm(Name, Type, Timeout) -> getbyname(Name, Type, Timeout).

-doc false.
-spec getbyname_tm(dns_name(), dns_rr_type(), [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
getbyname_tm(Name, Type, Options, Timeout) -> getbyname(Name, Type, Options, Timeout).

by_name(Name, Type, Deadline, Options) when is_atom(Name) -> by_name(atom_to_list(Name), Type, Deadline, Options);
by_name(Name, Type, Deadline, Options) when is_list(Name) ->
    case inet_parse:visible_string(Name) of
        true -> first_found(candidates(Name), Type, Deadline, gerl_resolver:options(Options), {error, nxdomain});
        false -> {error, formerr}
    end;
by_name(_, _, _, _) -> {error, formerr}.

%% A name with a dot is tried as it is before the domains that are searched, one without dots behind them.
candidates(Name) ->
    Found = [Name ++ "." ++ D || D <- inet_db:get_searchlist()],
    case {lists:suffix(".", Name), lists:member($., Name)} of
        {true, _} -> [lists:droplast(Name)];
        {false, true} -> [Name | Found];
        {false, false} -> Found ++ [Name]
    end.

first_found([], _, _, _, Error) -> Error;
first_found([Name | More], Type, Deadline, Options, _) ->
    case from_cache_or_server(Name, Type, Deadline, Options) of
        {ok, _} = Found -> Found;
        {error, nxdomain} = Error -> first_found(More, Type, Deadline, Options, Error);
        Error -> Error
    end.

from_cache_or_server(Name, Type, Deadline, Options) ->
    case inet_db:getbyname(Name, Type) of
        {ok, _} = Found -> Found;
        _ ->
            case gerl_resolver:ask(Name, in, Type, Options, Deadline) of
                {ok, Message} ->
                    inet_db:res_cache_answer(Message),
                    inet_db:res_hostent_by_domain(Name, Type, Message);
                Error -> plainly(Error)
            end
    end.

-doc "The entry of the host with an address.".
-spec gethostbyaddr(inet:ip_address() | string()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr(Address) -> gethostbyaddr(Address, infinity).

-doc "The entry of the host with an address, within a time.".
-spec gethostbyaddr(inet:ip_address() | string(), timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr(Address, Timeout) -> gethostbyaddr(Address, [], Timeout).

-doc false.
-spec gethostbyaddr(inet:ip_address() | string(), [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr(Text, Options, Timeout) when is_list(Text) ->
    case inet:parse_address(Text) of
        {ok, Address} -> gethostbyaddr(Address, Options, Timeout);
        _ -> {error, formerr}
    end;
gethostbyaddr(Given, Options, Timeout) ->
    Address = case Given of
        {0, 0, 0, 0, 0, 16#ffff, G, H} -> {G bsr 8, G band 255, H bsr 8, H band 255};
        _ -> Given
    end,
    case domain(Address) of
        {ok, Domain} when is_tuple(Address) ->
            case inet_db:gethostbyaddr(Domain, Address) of
                {ok, _} = Found -> Found;
                _ -> ask_for_address(Domain, Address, gerl_inet_names:deadline(Timeout), gerl_resolver:options(Options))
            end;
        _ -> {error, formerr}
    end.

ask_for_address(Domain, Address, Deadline, Options) ->
    case gerl_resolver:ask(Domain, in, ptr, Options, Deadline) of
        {ok, Message} ->
            inet_db:res_cache_answer(Message),
            inet_db:res_gethostbyaddr(Domain, Address, Message);
        Error -> plainly(Error)
    end.

-doc false.
-spec gethostbyaddr_tm(inet:ip_address() | string(), timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr_tm(Address, Timeout) -> gethostbyaddr(Address, Timeout).

-doc false.
-spec gethostbyaddr_tm(inet:ip_address() | string(), [res_option()], timeout()) -> {ok, hostent()} | {error, inet:posix() | res_error()}.
gethostbyaddr_tm(Address, Options, Timeout) -> gethostbyaddr(Address, Options, Timeout).
