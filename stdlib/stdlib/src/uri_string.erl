-module(uri_string).
-moduledoc """
URIs (RFC 3986): taking apart, putting together, normal forms, references, percent-encoding and HTML 5 queries.

A URI is a list or a binary, and results have the form of the argument; where both occur the result is a list.
What is wrong comes back as {error, Kind, Where}.
""".

-export([parse/1, recompose/1, normalize/1, normalize/2, resolve/2, resolve/3, transcode/2]).
-export([allowed_characters/0, percent_decode/1, quote/1, quote/2, unquote/1]).
-export([compose_query/1, compose_query/2, dissect_query/1]).
-export_type([error/0, uri_map/0, uri_string/0]).

-type uri_string() :: iodata().
-type error() :: {error, atom(), term()}.
-type uri_map() :: #{fragment => unicode:chardata(), host => unicode:chardata(), path => unicode:chardata(),
                     port => non_neg_integer() | undefined, query => unicode:chardata(), scheme => unicode:chardata(),
                     userinfo => unicode:chardata()}.

-define(DIGITS, "0123456789").
-define(LETTERS, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").
-define(SUB_DELIMS, "!$&'()*+,;=").

%%% ---- characters ------------------------------------------------------------------------------------

-doc "Which characters each part of a URI may have unencoded.".
-spec allowed_characters() -> [{atom(), list()}].
allowed_characters() ->
    [{Part, lists:sort(characters(Part))}
     || Part <- [scheme, userinfo, host, ipv4, ipv6, regname, path, query, fragment, reserved, unreserved]].

characters(scheme) -> ?LETTERS ?DIGITS "+-.";
characters(unreserved) -> ?LETTERS ?DIGITS "-._~";
characters(reserved) -> ?SUB_DELIMS ":/?#[]@";
characters(ipv4) -> ?DIGITS ".";
characters(ipv6) -> ?DIGITS "ABCDEFabcdef:.";
characters(host) -> characters(unreserved) ++ ?SUB_DELIMS ":";
characters(regname) -> characters(unreserved) ++ ?SUB_DELIMS "%";
characters(userinfo) -> characters(unreserved) ++ ?SUB_DELIMS "%:";
characters(path) -> characters(unreserved) ++ ?SUB_DELIMS "%:@/";
characters(query) -> characters(path) ++ "?";
characters(fragment) -> characters(query).

allowed(C, Part) when C >= $a, C =< $z; C >= $A, C =< $Z -> Part =/= ipv6 orelse is_hex(C);
allowed(C, _Part) when C >= $0, C =< $9 -> true;
allowed(C, unreserved) -> C =:= $- orelse C =:= $. orelse C =:= $_ orelse C =:= $~;
allowed(C, scheme) -> C =:= $+ orelse C =:= $- orelse C =:= $.;
allowed(C, ipv6) -> C =:= $: orelse C =:= $.;
allowed(C, regname) -> lists:member(C, "-._~" ?SUB_DELIMS "%");
allowed(C, userinfo) -> lists:member(C, "-._~" ?SUB_DELIMS "%:");
allowed(C, path) -> lists:member(C, "/-._~" ?SUB_DELIMS "%:@");
allowed(C, _QueryOrFragment) -> lists:member(C, "/?-._~" ?SUB_DELIMS "%:@").

%%% ---- parsing ------------------------------------------------------------------------------------------

-doc "The parts of a URI or of a relative reference.".
-spec parse(uri_string()) -> uri_map() | error().
parse(Text) when is_binary(Text) -> caught(fun() -> parts(characters_of(Text), fun unicode:characters_to_binary/1) end);
parse(Text) when is_list(Text) -> caught(fun() -> parts(characters_of(Text), fun(Part) -> Part end) end).

caught(Run) ->
    try Run()
    catch throw:{error, _, _} = Error -> Error
    end.

invalid(What) -> throw({error, invalid_uri, What}).

characters_of(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Chars;
        _ -> error(function_clause)
    end.

parts(Chars, Form) ->
    {Scheme, Rest} = scheme(Chars),
    {Before, Fragment} = cut($#, Rest),
    {Hierarchy, Query} = cut(query_mark, Before),
    {Authority, Path} = authority(Hierarchy),
    Named = [{scheme, Scheme}] ++ authority_parts(Authority) ++
        [{path, check(Path, path)}, {query, check(Query, query)}, {fragment, check(Fragment, fragment)}],
    Scheme =:= none andalso Authority =:= none andalso first_segment(Path),
    #{Name => case Part of
                  _ when Name =:= port -> Part;
                  _ -> Form(Part)
              end || {Name, Part} <- Named, Part =/= none}.

%% The text before a mark and after it; none if the mark is missing.
cut(query_mark, Chars) -> cut($?, Chars);
cut(Mark, Chars) ->
    case lists:splitwith(fun(C) -> C =/= Mark end, Chars) of
        {Before, [Mark | After]} -> {Before, After};
        {Before, []} -> {Before, none}
    end.

scheme([C | _] = Chars) when C >= $a, C =< $z; C >= $A, C =< $Z ->
    case lists:splitwith(fun(D) -> allowed(D, scheme) end, Chars) of
        {Scheme, [$: | Rest]} -> {Scheme, Rest};
        _ -> {none, Chars}
    end;
scheme(Chars) -> {none, Chars}.

%% Without a scheme, no colon may stand before the first slash.
first_segment(Path) ->
    Segment = lists:takewhile(fun(C) -> C =/= $/ end, Path),
    lists:member($:, Segment) andalso invalid(":").

check(none, _Part) -> none;
check(Chars, Part) ->
    case lists:dropwhile(fun(C) -> allowed(C, Part) end, Chars) of
        [] -> Chars;
        [C | _] -> invalid([C])
    end.

authority("//" ++ Rest) -> lists:splitwith(fun(C) -> C =/= $/ end, Rest);
authority(Path) -> {none, Path}.

authority_parts(none) -> [];
authority_parts(Authority) ->
    case cut($@, Authority) of
        {HostPort, none} -> host_parts(HostPort);
        {User, HostPort} -> [{userinfo, check(User, userinfo)} | host_parts(HostPort)]
    end.

host_parts("[" ++ Rest) ->
    case lists:splitwith(fun(C) -> allowed(C, ipv6) end, Rest) of
        {Address, "]" ++ After} ->
            is_ipv6(Address) orelse invalid(Address),
            [{host, Address} | port_parts(After)];
        {_, []} -> invalid(<<>>);
        {_, [C | _]} -> invalid([C])
    end;
host_parts(Chars) ->
    {Host, After} = lists:splitwith(fun(C) -> C =/= $: end, Chars),
    [{host, check(Host, regname)} | port_parts(After)].

port_parts([]) -> [];
port_parts(":") -> [{port, undefined}];
port_parts(":" ++ Digits) ->
    case lists:dropwhile(fun(C) -> C >= $0 andalso C =< $9 end, Digits) of
        [] -> [{port, list_to_integer(Digits)}];
        [C | _] -> invalid([C])
    end;
port_parts([C | _]) -> invalid([C]).

%% Eight groups of hexadecimal digits; the last two may be an IPv4 address, and :: stands for zeros once.
is_ipv6(Address) ->
    case lists:member($:, Address) andalso string:split(Address, "::") of
        false -> false;
        [Left, Right] -> string:find(Right, "::") =:= nomatch andalso groups(Left) + groups(Right) =< 7;
        [All] -> groups(All) =:= 8
    end.

groups([]) -> 0;
groups(Text) ->
    Groups = string:split(Text, ":", all),
    {Early, [Last]} = lists:split(length(Groups) - 1, Groups),
    Wrong = 100,
    case lists:all(fun is_group/1, Early) of
        false -> Wrong;
        true ->
            case {is_group(Last), is_ipv4(Last)} of
                {true, _} -> length(Groups);
                {_, true} -> length(Groups) + 1;
                _ -> Wrong
            end
    end.

is_group(Text) -> Text =/= [] andalso length(Text) =< 4 andalso lists:all(fun is_hex/1, Text).

is_ipv4(Text) ->
    Bytes = string:split(Text, ".", all),
    length(Bytes) =:= 4 andalso
        lists:all(fun(B) ->
                      B =/= [] andalso length(B) =< 3 andalso lists:all(fun(C) -> C >= $0 andalso C =< $9 end, B)
                          andalso list_to_integer(B) < 256
                  end, Bytes).

is_hex(C) -> C >= $0 andalso C =< $9 orelse C >= $a andalso C =< $f orelse C >= $A andalso C =< $F.

%%% ---- putting together -------------------------------------------------------------------------------------

-doc "The URI that the parts make.".
-spec recompose(uri_map()) -> uri_string() | error().
recompose(Map) when is_map(Map) ->
    caught(fun() ->
               is_map_key(path, Map) andalso known_parts(Map) orelse throw({error, invalid_map, Map}),
               Text = text_of(Map),
               Parts = maps:values(maps:remove(port, Map)),
               case lists:all(fun is_binary/1, Parts) of
                   true -> unicode:characters_to_binary(Text);
                   false -> Text
               end
           end);
recompose(_) -> error(function_clause).

%% Keys that are no parts of a URI are wrong.
known_parts(Map) -> maps:keys(Map) -- [scheme, userinfo, host, port, path, query, fragment] =:= [].

text_of(#{path := Path0} = Map) ->
    Part = fun(Name, Before, Allowed) ->
               case Map of
                   #{Name := Value} -> Before ++ encoded(plain(Value), Allowed);
                   _ -> ""
               end
           end,
    Scheme = case Map of
                 #{scheme := S} -> scheme_text(plain(S)) ++ ":";
                 _ -> ""
             end,
    Authority = case Map of
                    #{host := Host} -> authority_text(Map, plain(Host));
                    #{userinfo := _} -> "//" ++ Part(userinfo, "", userinfo);
                    #{port := _} -> error(function_clause);
                    _ -> ""
                end,
    Path = case encoded(plain(Path0), path) of
               [C | _] = Relative when C =/= $/, Authority =/= "" -> "/" ++ Relative;
               Other -> Other
           end,
    Scheme ++ Authority ++ Path ++ Part(query, "?", query) ++ Part(fragment, "#", fragment).

scheme_text(Scheme) ->
    case lists:all(fun(C) -> allowed(C, scheme) end, Scheme) of
        true -> Scheme;
        false -> throw({error, invalid_scheme, Scheme})
    end.

authority_text(Map, Host) ->
    User = case Map of
               #{userinfo := U} -> encoded(plain(U), userinfo) ++ "@";
               _ -> ""
           end,
    Name = case is_ipv6(Host) of
               true -> "[" ++ Host ++ "]";
               false -> encoded(Host, regname)
           end,
    Port = case Map of
               #{port := undefined} -> ":";
               #{port := N} -> ":" ++ integer_to_list(N);
               _ -> ""
           end,
    "//" ++ User ++ Name ++ Port.

plain(Value) when is_list(Value); is_binary(Value) -> unicode:characters_to_list(Value);
plain(_) -> error(function_clause).

encoded([C | Chars], Part) ->
    case allowed(C, Part) of
        true -> [C | encoded(Chars, Part)];
        false -> encode_unless(false, C) ++ encoded(Chars, Part)
    end;
encoded([], _Part) -> [].

encode_unless(true, C) -> [C];
encode_unless(false, C) -> lists:flatmap(fun percent/1, binary_to_list(<<C/utf8>>)).

percent(Byte) -> [$%, digit(Byte bsr 4), digit(Byte band 15)].

digit(N) when N < 10 -> $0 + N;
digit(N) -> $A - 10 + N.

%%% ---- normal forms --------------------------------------------------------------------------------------------

-doc "The URI in normal form: case, percent-encoding, dots in the path, default ports.".
-spec normalize(uri_string() | uri_map()) -> uri_string() | error().
normalize(Uri) -> normalize(Uri, []).

-doc "normalize/1; [return_map] gives the parts.".
-spec normalize(uri_string() | uri_map(), [return_map]) -> uri_string() | uri_map() | error().
normalize(Uri, Options) when Options =:= []; Options =:= [return_map] -> finish(Options, given(Uri, fun(Map) -> caught(fun() -> normal(Map) end) end)).

given(Map, Next) when is_map(Map) -> Next(Map);
given(Text, Next) ->
    case parse(Text) of
        Map when is_map(Map) -> Next(Map);
        Error -> Error
    end.

finish(Options, Result) when Options =/= [], Options =/= [return_map] ->
    case Result of
        {error, _, _} -> Result;
        _ -> error({case_clause, Options})
    end;
finish(_Options, {error, _, _} = Error) -> Error;
finish([return_map], Map) -> Map;
finish([], Map) -> recompose(Map).

normal(Map) ->
    Lower = fun(Text) -> string:lowercase(Text) end,
    Cased = #{Name => case Name of
                          scheme -> Lower(Part);
                          host -> triplets(Lower(Part));
                          _ when Name =:= userinfo; Name =:= path; Name =:= query; Name =:= fragment -> triplets(Part);
                          _ -> Part % of keys that are no parts of a URI, too
                      end || Name := Part <- Map},
    without_dots(empty_path(default_port(Cased))).

default_port(#{port := undefined} = Map) -> maps:remove(port, Map);
default_port(#{scheme := Scheme, port := Port} = Map) ->
    case {plain(Scheme), Port} of
        Known when Known =:= {"http", 80}; Known =:= {"https", 443}; Known =:= {"ftp", 21}; Known =:= {"ssh", 22};
                   Known =:= {"sftp", 22}; Known =:= {"tftp", 69} ->
            maps:remove(port, Map);
        _ -> Map
    end;
default_port(Map) -> Map.

empty_path(#{scheme := Scheme, path := Path} = Map) ->
    case {plain(Path), plain(Scheme)} of
        {"", S} when S =:= "http"; S =:= "https" ->
            Map#{path := like(Path, "/")};
        _ -> Map
    end;
empty_path(Map) -> Map.

like(Model, Chars) when is_binary(Model) -> unicode:characters_to_binary(Chars);
like(_Model, Chars) -> Chars.

%% Encoded characters that need no encoding are decoded, the others get capital digits.
triplets(Text) -> like(Text, triplet(plain(Text))).

triplet([$%, A, B | Rest] = Text) ->
    is_hex(A) andalso is_hex(B) orelse throw({error, invalid_percent_encoding, list_to_binary(lists:sublist(Text, 3))}),
    case list_to_integer([A, B], 16) of
        C when C < 128 ->
            case allowed(C, unreserved) of
                true -> [C | triplet(Rest)];
                false -> percent(C) ++ triplet(Rest)
            end;
        C -> percent(C) ++ triplet(Rest)
    end;
triplet([C | Rest]) -> [C | triplet(Rest)];
triplet([]) -> [].

remove_dots(Path) -> like(Path, dots(plain(Path), [])).

%% Out has the segments so far in reverse, each with the slash before it.
dots("../" ++ Rest, Out) -> dots(Rest, Out);
dots("./" ++ Rest, Out) -> dots(Rest, Out);
dots("/./" ++ Rest, Out) -> dots("/" ++ Rest, Out);
dots("/.", Out) -> dots("/", Out);
dots("/../" ++ Rest, Out) -> dots("/" ++ Rest, tail(Out));
dots("/..", Out) -> dots("/", tail(Out));
dots(Dots, Out) when Dots =:= "."; Dots =:= ".."; Dots =:= "" -> lists:append(lists:reverse(Out));
dots([First | Rest], Out) ->
    {Segment, After} = lists:splitwith(fun(C) -> C =/= $/ end, Rest),
    dots(After, [[First | Segment] | Out]).

tail([_ | Rest]) -> Rest;
tail([]) -> [].

%%% ---- references -------------------------------------------------------------------------------------------------

-doc "The URI that a reference means where Base is the URI at hand.".
-spec resolve(uri_string() | uri_map(), uri_string() | uri_map()) -> uri_string() | error().
resolve(Reference, Base) -> resolve(Reference, Base, []).

-doc "resolve/2; [return_map] gives the parts.".
-spec resolve(uri_string() | uri_map(), uri_string() | uri_map(), [return_map]) -> uri_string() | uri_map() | error().
resolve(Reference, Base, Options) ->
    finish(Options, given(Reference, fun(#{scheme := _} = R) -> without_dots(R); % whatever the base is
                                        (R) -> given(Base, fun(B) -> target(R, B) end)
                                     end)).

%% What is no part of a URI stays, and makes the result invalid.
target(R, #{scheme := Scheme} = Base) ->
    Foreign = maps:without([scheme, userinfo, host, port, path, query, fragment], R),
    maps:merge(Foreign, (inside(R, Base))#{scheme => Scheme});
target(_R, _Base) -> {error, invalid_scheme, ""}.

without_dots(Map) -> Map#{path => remove_dots(maps:get(path, Map, <<>>))}.

inside(#{host := _} = R, _Base) -> without_dots(R);
inside(R, Base) ->
    Path = maps:get(path, R, <<>>),
    Place = maps:with([userinfo, host, port], Base),
    New = case plain(Path) of
              "" ->
                  Query = maps:with([query], case R of
                                                 #{query := _} -> R;
                                                 _ -> Base
                                             end),
                  maps:merge(maps:with([path], Base), Query);
              "/" ++ _ -> without_dots(maps:with([path, query], R));
              Relative ->
                  Merged = merged(Relative, Base),
                  Kind = if is_list(Path) -> Path; true -> map_get(path, Base) end,
                  without_dots((maps:with([query], R))#{path => like(Kind, Merged)})
          end,
    maps:merge(maps:merge(Place, New), maps:without([userinfo, host, port, path, query], R)).

%% The base's path up to its last slash, and the reference's.
merged(Relative, #{path := BasePath} = Base) ->
    Directory = case plain(BasePath) of
                    "" when is_map_key(host, Base) -> "/";
                    Path -> lists:reverse(lists:dropwhile(fun(C) -> C =/= $/ end, lists:reverse(Path)))
                end,
    Directory ++ Relative.

%%% ---- percent-encoding ----------------------------------------------------------------------------------------------

-doc "All characters but the unreserved ones percent-encoded.".
-spec quote(unicode:chardata()) -> unicode:chardata().
quote(Text) -> quote(Text, "").

-doc "quote/1 that also leaves the characters of Safe as they are.".
-spec quote(unicode:chardata(), string()) -> unicode:chardata().
quote(Text, Safe) when is_list(Text); is_binary(Text) ->
    Keep = fun(C) -> allowed(C, unreserved) orelse Safe =/= [] andalso lists:member(C, Safe) end,
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) ->
            %% A character that is safe becomes one byte, whatever it is, as in OTP: only those of ASCII can be safe.
            Bytes = << <<Byte>> || C <- Chars, Byte <- encode_unless(Keep(C), C) >>,
            if is_binary(Text) -> Bytes;
               true -> unicode:characters_to_list(Bytes)
            end;
        {error, _, Rest} when is_binary(Text) -> throw({error, invalid_input, Rest});
        {incomplete, _, Rest} when is_binary(Text) -> throw({error, invalid_input, Rest});
        _ -> throw({error, invalid_input, Text})
    end;
quote(_, _) -> error(function_clause).

-doc "The text with its percent-encoded characters decoded.".
-spec unquote(unicode:chardata()) -> unicode:chardata().
unquote(Text) when is_list(Text); is_binary(Text) ->
    percent_decode(Text);
unquote(_) -> error(function_clause).

-doc "A URI, or the parts of one, with all percent-encoded characters decoded.".
-spec percent_decode(uri_string() | uri_map()) ->
          uri_string() | uri_map() | {error, {invalid, {atom(), {term(), term()}}}} | error().
percent_decode(Map) when is_map(Map) -> decode_parts(maps:to_list(Map), Map);
percent_decode(Text) when is_binary(Text) -> decode(Text);
percent_decode(Text) when is_list(Text) -> caught(fun() -> decode(Text) end);
percent_decode(_) -> error(function_clause).

decode_parts([{Name, _} | Rest], Map) when Name =/= userinfo, Name =/= host, Name =/= path, Name =/= query, Name =/= fragment -> decode_parts(Rest, Map);
decode_parts([{Name, Part} | Rest], Map) ->
    try decode(Part) of
        Decoded -> decode_parts(Rest, Map#{Name := Decoded})
    catch
        throw:{error, _, _} = Error when is_binary(Part) -> Error;
        throw:{error, Kind, Where} -> {error, {invalid, {Name, {Kind, Where}}}}
    end;
decode_parts([], Map) -> Map.

decode(Text) ->
    Bytes = decoded_bytes(if is_binary(Text) -> Text;
                             true -> unicode:characters_to_binary(Text)
                          end, <<>>),
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> like(Text, Chars);
        _ -> throw({error, invalid_utf8, Bytes})
    end.

decoded_bytes(<<$%, A, B, Rest/binary>>, Acc) ->
    is_hex(A) andalso is_hex(B) orelse throw({error, invalid_percent_encoding, <<$%, A, B>>}),
    decoded_bytes(Rest, <<Acc/binary, (list_to_integer([A, B], 16))>>);
decoded_bytes(<<C, Rest/binary>>, Acc) -> decoded_bytes(Rest, <<Acc/binary, C>>);
decoded_bytes(<<>>, Acc) -> Acc.

-doc "The URI with its percent-encoded characters in another encoding: {in_encoding, E} and {out_encoding, E}.".
-spec transcode(uri_string(), [{in_encoding | out_encoding, unicode:encoding()}]) -> uri_string() | error().
transcode(Text, Options) when is_list(Text); is_binary(Text) ->
    In = proplists:get_value(in_encoding, Options, utf8),
    Out = proplists:get_value(out_encoding, Options, utf8),
    Text =/= [] andalso Text =/= <<>> orelse error(function_clause),
    caught(fun() ->
               Chars = converted(Text, In, Text),
               New = recode(Chars, In, Out),
               case Text of
                   _ when is_list(Text) -> New;
                   _ -> unicode:characters_to_binary(New, utf8, Out)
               end
           end).

converted(Text, In, Shown) ->
    try unicode:characters_to_list(Text, In) of
        Chars when is_list(Chars) -> Chars;
        _ -> throw({error, invalid_input, Shown})
    catch
        error:badarg -> unicode:characters_to_list(Text)
    end.

recode([$% | _] = Chars, In, Out) ->
    {Bytes, Rest} = triplet_bytes(Chars, []),
    Decoded = converted(Bytes, In, Bytes),
    case unicode:characters_to_binary(Decoded, utf8, Out) of
        New when is_binary(New) -> lists:flatmap(fun percent/1, binary_to_list(New)) ++ recode(Rest, In, Out);
        _ -> throw({error, invalid_input, Bytes})
    end;
recode([C | Chars], In, Out) -> [C | recode(Chars, In, Out)];
recode([], _In, _Out) -> [].

triplet_bytes([$%, A, B | Rest] = Chars, Bytes) ->
    is_hex(A) andalso is_hex(B) orelse throw({error, invalid_percent_encoding, Chars}),
    triplet_bytes(Rest, [list_to_integer([A, B], 16) | Bytes]);
triplet_bytes(Rest, Bytes) -> {list_to_binary(lists:reverse(Bytes)), Rest}.

%%% ---- queries ---------------------------------------------------------------------------------------------------------

-doc "The query of a form's names and values (HTML 5), in UTF-8.".
-spec compose_query([{unicode:chardata(), unicode:chardata() | true}]) -> uri_string() | error().
compose_query(Pairs) -> compose_query(Pairs, [{encoding, utf8}]).

-doc "compose_query/1 in the encoding of the option {encoding, latin1 | utf8}.".
-spec compose_query([{unicode:chardata(), unicode:chardata() | true}], [{encoding, atom()}]) -> uri_string() | error().
compose_query([], _Options) -> [];
compose_query([_ | _] = Pairs, Options) ->
    Encoding = case Options of
                   [{encoding, Named}] -> Named;
                   _ -> {}
               end,
    caught(fun() ->
               Texts = [query_pair(Pair, Encoding) || Pair <- Pairs],
               Text = lists:append(lists:join("&", Texts)),
               Parts = lists:append([tuple_to_list(Pair) || Pair <- Pairs]),
               case lists:all(fun(Part) -> is_binary(Part) orelse Part =:= true end, Parts) of
                   true -> list_to_binary(Text);
                   false -> Text
               end
           end);
compose_query(_, _) -> error(function_clause).

query_pair({Name, true}, Encoding) -> form(Name, Encoding);
query_pair({Name, Value}, Encoding) -> form(Name, Encoding) ++ "=" ++ form(Value, Encoding);
query_pair(_, _Encoding) -> error(function_clause).

form(Text, {}) -> throw({error, invalid_input, Text});
form(Text, Encoding) when Encoding =/= utf8, Encoding =/= unicode, Encoding =/= latin1, is_list(Text) ->
    throw({error, invalid_encoding, Encoding});
form(Text, Encoding) when is_list(Text); is_binary(Text) ->
    Chars = case unicode:characters_to_list(Text) of
                Good when is_list(Good) -> Good;
                _ when is_binary(Text) -> {bytes, binary_to_list(Text)};
                _ -> throw({error, invalid_input, Text})
            end,
    case Chars of
        {bytes, Bytes} -> lists:flatmap(fun form_byte/1, Bytes);
        _ -> lists:flatmap(fun(C) -> form_char(C, Encoding) end, Chars)
    end;
form(Text, _Encoding) -> throw({error, invalid_input, Text}).

form_char(C, latin1) when C > 255 -> lists:flatmap(fun form_byte/1, "&#" ++ integer_to_list(C) ++ ";");
form_char(C, latin1) -> form_byte(C);
form_char(C, _Utf8) -> lists:flatmap(fun form_byte/1, binary_to_list(<<C/utf8>>)).

form_byte($\s) -> "+";
form_byte(C) when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9 -> [C];
form_byte(C) when C =:= $*; C =:= $-; C =:= $.; C =:= $_ -> [C];
form_byte(C) -> percent(C).

-doc "The names and values of a form's query.".
-spec dissect_query(uri_string()) -> [{unicode:chardata(), unicode:chardata() | true}] | error().
dissect_query(Text) when is_list(Text); is_binary(Text) ->
    caught(fun() ->
               case unicode:characters_to_list(Text) of
                   [] -> [];
                   Chars when is_list(Chars) -> [field(Field, Text) || Field <- fields(Chars, [])];
                   {error, _, Rest} when is_binary(Text) -> throw({error, invalid_character, [binary:first(Rest)]});
                   {_, _, Rest} -> throw({error, invalid_input, iolist_to_binary(Rest)})
               end
           end);
dissect_query(_) -> error(function_clause).

%% An ampersand before a number sign and digits belongs to a character reference.
fields("&#" ++ Rest = Chars, Field) ->
    case lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 end, Rest) of
        {[_ | _] = Digits, ";" ++ After} -> fields(After, lists:reverse("&#" ++ Digits ++ ";", Field));
        _ -> [lists:reverse(Field) | fields(tl(Chars), [])]
    end;
fields("&" ++ Rest, Field) -> [lists:reverse(Field) | fields(Rest, [])];
fields([C | Rest], Field) -> fields(Rest, [C | Field]);
fields([], Field) -> [lists:reverse(Field)].

field(Field, Text) ->
    case cut($=, Field) of
        {Name, none} -> {unform(Name, Text), true};
        {Name, Value} -> {unform(Name, Text), unform(Value, Text)}
    end.

unform(Part, Text) ->
    Bytes = form_bytes(Part),
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> like(Text, references(Chars));
        {_, _, Rest} -> throw({error, invalid_input, [binary:first(Rest)]})
    end.

form_bytes(Chars) -> iolist_to_binary(unform_chars(Chars)).

unform_chars([$+ | Rest]) -> [$\s | unform_chars(Rest)];
unform_chars([$%, A, B | Rest] = Chars) ->
    is_hex(A) andalso is_hex(B) orelse throw({error, invalid_percent_encoding, Chars}),
    [list_to_integer([A, B], 16) | unform_chars(Rest)];
unform_chars([C | Rest]) -> [<<C/utf8>> | unform_chars(Rest)];
unform_chars([]) -> [].

references("&#" ++ Rest) ->
    case lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 end, Rest) of
        {[_ | _] = Digits, ";" ++ After} -> [list_to_integer(Digits) | references(After)];
        {[], [C | _]} -> throw({error, invalid_input, [C]});
        _ -> error(function_clause)
    end;
references([C | Rest]) -> [C | references(Rest)];
references([]) -> [].
