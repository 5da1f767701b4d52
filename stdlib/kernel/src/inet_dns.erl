-module(inet_dns).
-moduledoc """
Messages of DNS: their records, and how they look on the wire.

Each kind of record (`msg`, `header`, `dns_query`, `rr`) has functions that give its fields, and functions that make or change one.
""".

-export([decode/1, decode/2, encode/1, encode/2, record_type/1, update_id/2]).
-export([msg/1, msg/2, make_msg/0, make_msg/1, make_msg/2, make_msg/3]).
-export([header/1, header/2, make_header/0, make_header/1, make_header/2, make_header/3]).
-export([dns_query/1, dns_query/2, make_dns_query/0, make_dns_query/1, make_dns_query/2, make_dns_query/3]).
-export([rr/1, rr/2, make_rr/0, make_rr/1, make_rr/2, make_rr/3]).

-include("gerl_dns.hrl").

-type message() :: #dns_rec{}.
-type resource() :: #dns_rr{} | #dns_rr_opt{}.
-type fields() :: [{atom(), term()}].

%%% ---- records -------------------------------------------------------------------------------------

%% The fields that can be seen of each record, with their places.
fields(dns_rec) -> [{header, #dns_rec.header}, {qdlist, #dns_rec.qdlist}, {anlist, #dns_rec.anlist}, {nslist, #dns_rec.nslist},
                    {arlist, #dns_rec.arlist}];
fields(dns_header) -> [{id, #dns_header.id}, {qr, #dns_header.qr}, {opcode, #dns_header.opcode}, {aa, #dns_header.aa},
                       {tc, #dns_header.tc}, {rd, #dns_header.rd}, {ra, #dns_header.ra}, {pr, #dns_header.pr},
                       {rcode, #dns_header.rcode}];
fields(dns_query) -> [{domain, #dns_query.domain}, {type, #dns_query.type}, {class, #dns_query.class},
                      {unicast_response, #dns_query.unicast_response}];
fields(dns_rr) -> [{domain, #dns_rr.domain}, {type, #dns_rr.type}, {class, #dns_rr.class}, {ttl, #dns_rr.ttl}, {data, #dns_rr.data},
                   {func, #dns_rr.func}];
fields(dns_rr_opt) -> [{domain, #dns_rr_opt.domain}, {type, #dns_rr_opt.type}, {udp_payload_size, #dns_rr_opt.udp_payload_size},
                       {ext_rcode, #dns_rr_opt.ext_rcode}, {version, #dns_rr_opt.version}, {z, #dns_rr_opt.z},
                       {data, #dns_rr_opt.data}, {do, #dns_rr_opt.do}].

all(Record) -> [{Name, element(At, Record)} || {Name, At} <- fields(element(1, Record))].

get(Record, Names) when is_list(Names) -> [get(Record, N) || N <- Names];
get(Record, Name) ->
    case lists:keyfind(Name, 1, fields(element(1, Record))) of
        {_, At} -> element(At, Record);
        false -> error(function_clause)
    end.

set(Record, Values) ->
    Known = fields(element(1, Record)),
    lists:foldl(fun({Name, Value}, R) ->
                        case lists:keyfind(Name, 1, Known) of
                            {_, At} -> setelement(At, R, Value);
                            false -> error(function_clause)
                        end
                end, Record, Values).

-doc "The fields of a message.".
-spec msg(message()) -> fields().
msg(#dns_rec{} = M) -> all(M).

-doc "A field of a message, or a list of some.".
-spec msg(message(), atom() | [atom()]) -> term().
msg(#dns_rec{} = M, Names) -> get(M, Names).

-doc "An empty message.".
-spec make_msg() -> message().
make_msg() -> #dns_rec{}.

-doc "A message with some fields.".
-spec make_msg(fields()) -> message().
make_msg(Fields) when is_list(Fields) -> set(#dns_rec{}, Fields).

-doc "A message with a field, or with other fields than a given one.".
-spec make_msg(atom() | message(), term()) -> message().
make_msg(#dns_rec{} = M, Fields) when is_list(Fields) -> set(M, Fields);
make_msg(Name, Value) when is_atom(Name) -> set(#dns_rec{}, [{Name, Value}]).

-doc "A message with another value in a field.".
-spec make_msg(message(), atom(), term()) -> message().
make_msg(#dns_rec{} = M, Name, Value) -> set(M, [{Name, Value}]).

-doc "The fields of a header.".
-spec header(#dns_header{}) -> fields().
header(#dns_header{} = H) -> all(H).

-doc "A field of a header, or a list of some.".
-spec header(#dns_header{}, atom() | [atom()]) -> term().
header(#dns_header{} = H, Names) -> get(H, Names).

-doc "A header of zeros.".
-spec make_header() -> #dns_header{}.
make_header() -> #dns_header{}.

-doc "A header with some fields.".
-spec make_header(fields()) -> #dns_header{}.
make_header(Fields) when is_list(Fields) -> set(#dns_header{}, Fields).

-doc "A header with a field, or with other fields than a given one.".
-spec make_header(atom() | #dns_header{}, term()) -> #dns_header{}.
make_header(#dns_header{} = H, Fields) when is_list(Fields) -> set(H, Fields);
make_header(Name, Value) when is_atom(Name) -> set(#dns_header{}, [{Name, Value}]).

-doc "A header with another value in a field.".
-spec make_header(#dns_header{}, atom(), term()) -> #dns_header{}.
make_header(#dns_header{} = H, Name, Value) -> set(H, [{Name, Value}]).

-doc "The fields of a question.".
-spec dns_query(#dns_query{}) -> fields().
dns_query(#dns_query{} = Q) -> all(Q).

-doc "A field of a question, or a list of some.".
-spec dns_query(#dns_query{}, atom() | [atom()]) -> term().
dns_query(#dns_query{} = Q, Names) -> get(Q, Names).

-doc "A question without anything.".
-spec make_dns_query() -> #dns_query{}.
make_dns_query() -> #dns_query{}.

-doc "A question with some fields.".
-spec make_dns_query(fields()) -> #dns_query{}.
make_dns_query(Fields) when is_list(Fields) -> set(#dns_query{}, Fields).

-doc "A question with a field, or with other fields than a given one.".
-spec make_dns_query(atom() | #dns_query{}, term()) -> #dns_query{}.
make_dns_query(#dns_query{} = Q, Fields) when is_list(Fields) -> set(Q, Fields);
make_dns_query(Name, Value) when is_atom(Name) -> set(#dns_query{}, [{Name, Value}]).

-doc "A question with another value in a field.".
-spec make_dns_query(#dns_query{}, atom(), term()) -> #dns_query{}.
make_dns_query(#dns_query{} = Q, Name, Value) -> set(Q, [{Name, Value}]).

-doc "The fields of a resource record.".
-spec rr(resource()) -> fields().
rr(R) when is_record(R, dns_rr); is_record(R, dns_rr_opt) -> all(R).

-doc "A field of a resource record, or a list of some.".
-spec rr(resource(), atom() | [atom()]) -> term().
rr(R, Names) when is_record(R, dns_rr); is_record(R, dns_rr_opt) -> get(R, Names).

-doc "A resource record without anything.".
-spec make_rr() -> resource().
make_rr() -> #dns_rr{}.

-doc "A resource record with some fields; of the type opt it is a record of its own.".
-spec make_rr(fields()) -> resource().
make_rr(Fields) when is_list(Fields) ->
    case lists:keyfind(type, 1, Fields) of
        {_, opt} -> set(#dns_rr_opt{}, Fields);
        _ -> set(#dns_rr{}, Fields)
    end.

-doc "A resource record with a field, or with other fields than a given one.".
-spec make_rr(atom() | resource(), term()) -> resource().
make_rr(R, Fields) when is_tuple(R), is_list(Fields) -> set(R, Fields);
make_rr(Name, Value) when is_atom(Name) -> make_rr([{Name, Value}]).

-doc "A resource record with another value in a field.".
-spec make_rr(resource(), atom(), term()) -> resource().
make_rr(R, Name, Value) when is_record(R, dns_rr); is_record(R, dns_rr_opt) -> set(R, [{Name, Value}]).

-doc "Which kind of record a term is.".
-spec record_type(term()) -> msg | header | dns_query | rr | undefined.
record_type(Record) ->
    case Record of
        #dns_rec{} -> msg;
        #dns_header{} -> header;
        #dns_query{} -> dns_query;
        #dns_rr{} -> rr;
        #dns_rr_opt{} -> rr;
        _ -> undefined
    end.

-doc "A message on the wire with another identification.".
-spec update_id(binary(), 0..65535) -> binary().
update_id(<<_:16, Rest/binary>>, Id) -> <<Id:16, Rest/binary>>.

%%% ---- names of numbers ----------------------------------------------------------------------------

types() ->
    [{a, 1}, {ns, 2}, {md, 3}, {mf, 4}, {cname, 5}, {soa, 6}, {mb, 7}, {mg, 8}, {mr, 9}, {null, 10}, {wks, 11}, {ptr, 12}, {hinfo, 13},
     {minfo, 14}, {mx, 15}, {txt, 16}, {aaaa, 28}, {loc, 29}, {srv, 33}, {naptr, 35}, {opt, 41}, {spf, 99}, {uinfo, 100}, {uid, 101},
     {gid, 102}, {unspec, 103}, {tsig, 250}, {ixfr, 251}, {axfr, 252}, {mailb, 253}, {maila, 254}, {any, 255}, {uri, 256}, {caa, 257}].

classes() -> [{in, 1}, {chaos, 3}, {hs, 4}, {none, 254}, {any, 255}].

opcodes() -> [{query, 0}, {iquery, 1}, {status, 2}, {notify, 4}, {update, 5}].

named(Number, Table) ->
    case lists:keyfind(Number, 2, Table) of
        {Name, _} -> Name;
        false -> Number
    end.

numbered(Number, _) when is_integer(Number) -> Number;
numbered(Name, Table) ->
    case lists:keyfind(Name, 1, Table) of
        {_, Number} -> Number;
        false -> error({case_clause, Name})
    end.

%% What the data of a type are made of. Names may be cut short on the wire, plain ones may not.
layout(Type) ->
    case Type of
        a -> [{address, 1, 4}];
        aaaa -> [{address, 2, 8}];
        mx -> [16, name];
        soa -> [name, name, 32, 32, 32, 32, 32];
        srv -> [16, 16, 16, name];
        naptr -> [16, 16, small_text, small_text, text, plain_name];
        hinfo -> [text, text];
        minfo -> [name, name];
        wks -> [{address, 1, 4}, 8, rest];
        uri -> [16, 16, rest_text];
        caa -> [8, small_text, rest_text];
        txt -> [texts];
        spf -> [texts];
        null -> [rest];
        _ when is_integer(Type) -> [rest];
        _ ->
            case lists:member(Type, [ns, md, mf, cname, mb, mg, mr, ptr]) of
                true -> [name];
                false -> none
            end
    end.

%%% ---- from the wire -------------------------------------------------------------------------------

-doc "Reads a message.".
-spec decode(binary()) -> {ok, message()} | {error, formerr}.
decode(Bytes) when is_binary(Bytes) ->
    try {ok, message(Bytes)}
    catch throw:formerr -> {error, formerr}
    end.

-doc false.
-spec decode(binary(), term()) -> {ok, message()} | {error, formerr}.
decode(Bytes, _) -> decode(Bytes).

message(<<Id:16, QR:1, Op:4, AA:1, TC:1, RD:1, RA:1, PR:1, _:2, Code:4, Qs:16, As:16, Ns:16, Xs:16, _/binary>> = All) ->
    {Questions, At1} = times(Qs, fun(At) -> question(All, At) end, 12),
    {Answers, At2} = times(As, fun(At) -> resource(All, At) end, At1),
    {Authorities, At3} = times(Ns, fun(At) -> resource(All, At) end, At2),
    {More, At4} = times(Xs, fun(At) -> resource(All, At) end, At3),
    At4 =:= byte_size(All) orelse throw(formerr),
    #dns_rec{header = #dns_header{id = Id, qr = QR =:= 1, opcode = named(Op, opcodes()), aa = AA =:= 1, tc = TC =:= 1, rd = RD =:= 1,
                                  ra = RA =:= 1, pr = PR =:= 1, rcode = Code},
             qdlist = Questions, anlist = Answers, nslist = Authorities, arlist = More};
message(_) -> throw(formerr).

times(Count, F, At) -> times(Count, F, At, []).

times(0, _, At, Acc) -> {lists:reverse(Acc), At};
times(N, F, At, Acc) ->
    {Element, Next} = F(At),
    times(N - 1, F, Next, [Element | Acc]).

question(All, At) ->
    {Domain, Next} = name(All, At),
    case All of
        <<_:Next/binary, Type:16, Flag:1, Class:15, _/binary>> ->
            {#dns_query{domain = Domain, type = named(Type, types()), class = class(Class), unicast_response = Flag =:= 1}, Next + 4};
        _ -> throw(formerr)
    end.

%% The top bit of a class is a flag of multicast DNS.
class(Number) -> named(Number, classes()).

resource(All, At) ->
    {Domain, Next} = name(All, At),
    case All of
        <<_:Next/binary, 41:16, Size:16, Code:8, Version:8, DO:1, Z:15, Length:16, Data:Length/binary, _/binary>> ->
            {#dns_rr_opt{domain = Domain, udp_payload_size = Size, ext_rcode = Code, version = Version, z = Z, data = Data, do = DO =:= 1},
             Next + 10 + Length};
        <<_:Next/binary, TypeNumber:16, Flag:1, Class:15, TTL:32/signed, Length:16, _:Length/binary, _/binary>> ->
            Type = named(TypeNumber, types()),
            From = Next + 10,
            Data = case layout(Type) of
                none -> binary:part(All, From, Length);
                _ when Class =/= 1, Type =:= a orelse Type =:= aaaa orelse Type =:= wks -> binary:part(All, From, Length);
                Layout -> pieces(Layout, All, From, From + Length)
            end,
            {#dns_rr{domain = Domain, type = Type, class = class(Class), ttl = TTL, data = Data, func = Flag =:= 1}, From + Length};
        _ -> throw(formerr)
    end.

%% The data between two places: one piece is itself, several are a tuple.
pieces(Layout, All, From, End) ->
    case lists:mapfoldl(fun(Kind, At) -> piece(Kind, All, At, End) end, From, Layout) of
        {[One], End} -> One;
        {Several, End} -> list_to_tuple(Several);
        _ -> throw(formerr)
    end.

piece(Bits, All, At, End) when is_integer(Bits), At + Bits div 8 =< End ->
    <<_:At/binary, N:Bits, _/binary>> = All,
    {N, At + Bits div 8};
piece({address, Width, Count}, All, At, End) when At + Width * Count =< End ->
    {list_to_tuple([N || <<N:Width/unit:8>> <= binary:part(All, At, Width * Count)]), At + Width * Count};
piece(name, All, At, End) ->
    case name(All, At) of
        {Name, Next} when Next =< End -> {Name, Next};
        _ -> throw(formerr)
    end;
piece(plain_name, All, At, End) -> piece(name, All, At, End);
piece(text, All, At, End) when At < End ->
    case binary:at(All, At) of
        Length when At + 1 + Length =< End -> {binary_to_list(All, At + 2, At + 1 + Length), At + 1 + Length};
        _ -> throw(formerr)
    end;
piece(small_text, All, At, End) ->
    {Text, Next} = piece(text, All, At, End),
    {lower(Text), Next};
piece(texts, _, End, End) -> {[], End};
piece(texts, All, At, End) ->
    {Text, Next} = piece(text, All, At, End),
    {Texts, Last} = piece(texts, All, Next, End),
    {[Text | Texts], Last};
piece(rest, All, At, End) -> {binary:part(All, At, End - At), End};
piece(rest_text, All, At, End) -> {binary_to_list(binary:part(All, At, End - At)), End};
piece(_, _, _, _) -> throw(formerr).

lower(Text) -> [case C >= $A andalso C =< $Z of true -> C + 32; false -> C end || C <- Text].

%% A name: the place behind it is where its first part ends.
name(All, At) -> name(All, At, [], none, 0, 0).

-define(MAX_JUMPS, 127).

name(All, At, Labels, Behind, Jumps, Size) ->
    case All of
        _ when Size > 255 -> throw(formerr);
        <<_:At/binary, 0, _/binary>> -> {dotted(Labels), behind(Behind, At + 1)};
        <<_:At/binary, 0:2, Length:6, Label:Length/binary, _/binary>> ->
            name(All, At + 1 + Length, [Label | Labels], Behind, Jumps, Size + 1 + Length);
        <<_:At/binary, 3:2, To:14, _/binary>> when Jumps < ?MAX_JUMPS ->
            name(All, To, Labels, behind(Behind, At + 2), Jumps + 1, Size);
        _ -> throw(formerr)
    end.

behind(none, At) -> At;
behind(Behind, _) -> Behind.

dotted([]) -> ".";
dotted(Labels) -> lists:append(lists:join(".", [escaped(binary_to_list(L)) || L <- lists:reverse(Labels)])).

escaped([C | Rest]) when C =:= $.; C =:= $\\ -> [$\\, C | escaped(Rest)];
escaped([C | Rest]) -> [C | escaped(Rest)];
escaped([]) -> [].

%%% ---- to the wire ---------------------------------------------------------------------------------

-doc "Writes a message.".
-spec encode(message()) -> binary().
encode(#dns_rec{header = H, qdlist = Qs, anlist = As, nslist = Ns, arlist = Xs}) ->
    Head = <<(H#dns_header.id):16, (bit(H#dns_header.qr)):1, (numbered(H#dns_header.opcode, opcodes())):4, (bit(H#dns_header.aa)):1,
             (bit(H#dns_header.tc)):1, (bit(H#dns_header.rd)):1, (bit(H#dns_header.ra)):1, (bit(H#dns_header.pr)):1, 0:2,
             (H#dns_header.rcode):4, (length(Qs)):16, (length(As)):16, (length(Ns)):16, (length(Xs)):16>>,
    Asked = lists:foldl(fun put_question/2, {Head, #{}}, Qs),
    {Bytes, _} = lists:foldl(fun put_resource/2, Asked, As ++ Ns ++ Xs),
    Bytes.

-doc false.
-spec encode(message(), term()) -> binary().
encode(Message, _) -> encode(Message).

bit(true) -> 1;
bit(false) -> 0;
bit(N) when is_integer(N) -> N.

put_question(#dns_query{domain = Domain, type = Type, class = Class, unicast_response = Flag}, State) ->
    {Bytes, Known} = put_name(Domain, State),
    {<<Bytes/binary, (numbered(Type, types())):16, (bit(Flag)):1, (numbered(Class, classes())):15>>, Known}.

put_resource(#dns_rr_opt{domain = Domain, udp_payload_size = Size, ext_rcode = Code, version = Version, z = Z, data = Data, do = DO}, State) ->
    {Bytes, Known} = put_name(Domain, State),
    Rest = iolist_to_binary(Data),
    {<<Bytes/binary, 41:16, Size:16, Code:8, Version:8, (bit(DO)):1, Z:15, (byte_size(Rest)):16, Rest/binary>>, Known};
put_resource(#dns_rr{domain = Domain, type = Type, class = Class, ttl = TTL, data = Data, func = Flag}, State) ->
    {Front, Known1} = put_name(Domain, State),
    Head = <<Front/binary, (numbered(Type, types())):16, (bit(Flag)):1, (numbered(Class, classes())):15, TTL:32>>,
    At = byte_size(Head) + 2,
    {<<_:At/binary, Written/binary>>, Known} = put_data(layout(Type), Data, {<<Head/binary, 0:16>>, Known1}),
    {<<Head/binary, (byte_size(Written)):16, Written/binary>>, Known}.

put_data(none, Data, {Bytes, Known}) when is_binary(Data) -> {<<Bytes/binary, Data/binary>>, Known};
put_data([_], Data, {Bytes, Known}) when is_binary(Data) -> {<<Bytes/binary, Data/binary>>, Known};
put_data([Kind], Data, State) -> put_piece(Kind, Data, State);
put_data(Layout, Data, State) when is_list(Layout), tuple_size(Data) =:= length(Layout) ->
    lists:foldl(fun({Kind, Piece}, S) -> put_piece(Kind, Piece, S) end, State, lists:zip(Layout, tuple_to_list(Data)));
put_data(_, _, _) -> error(function_clause).

put_piece(name, Name, State) -> put_name(Name, State);
put_piece(Kind, Piece, {Bytes, Known}) -> {<<Bytes/binary, (plain(Kind, Piece))/binary>>, Known}.

plain(Bits, N) when is_integer(Bits) -> <<N:Bits>>;
plain({address, Width, Count}, Address) when tuple_size(Address) =:= Count -> << <<N:Width/unit:8>> || N <- tuple_to_list(Address) >>;
plain(plain_name, Name) -> << <<(label(L))/binary>> || L <- labels(Name) ++ [<<>>] >>;
plain(texts, Texts) -> << <<(plain(text, T))/binary>> || T <- Texts >>;
plain(Kind, Text) ->
    Bytes = unicode:characters_to_binary(Text, latin1, latin1),
    case Kind of
        rest -> Bytes;
        rest_text -> Bytes;
        _ when byte_size(Bytes) < 256 -> <<(byte_size(Bytes)), Bytes/binary>>
    end.

label(Label) when byte_size(Label) < 64 -> <<(byte_size(Label)), Label/binary>>.

%% A name, of which the end may be a reference to where it was written before.
put_name(Name, State) -> put_labels(labels(Name), State).

put_labels([], {Bytes, Known}) -> {<<Bytes/binary, 0>>, Known};
put_labels([Label | More] = Labels, {Bytes, Known}) ->
    case Known of
        #{Labels := At} -> {<<Bytes/binary, 3:2, At:14>>, Known};
        _ when Label =:= <<>> -> error(function_clause);
        _ ->
            Place = byte_size(Bytes),
            Noted = case Place < 1 bsl 14 of
                true -> Known#{Labels => Place};
                false -> Known
            end,
            put_labels(More, {<<Bytes/binary, (label(Label))/binary>>, Noted})
    end.

labels(Name) when is_atom(Name) -> labels(atom_to_list(Name));
labels(Name) when Name =:= ""; Name =:= "." -> [];
labels(Name) -> labels(Name, [], []).

labels([$\\, C | Rest], Label, Acc) -> labels(Rest, [C | Label], Acc);
labels(".", Label, Acc) -> labels([], Label, Acc);
labels([$. | Rest], Label, Acc) -> labels(Rest, [], [done(Label) | Acc]);
labels([C | Rest], Label, Acc) -> labels(Rest, [C | Label], Acc);
labels([], Label, Acc) -> lists:reverse(Acc, [done(Label)]).

done(Label) -> list_to_binary(lists:reverse(Label)).
