-module(gerl_inet_address).
-moduledoc "Internet addresses as text and as tuples. Internal.".

-export([v4/1, v4_strict/1, v6/1, v6_strict/1, text/1, family/1, given/1]).

-doc "The family of an address tuple, or `none`.".
-spec family(term()) -> inet | inet6 | none.
family(T) when tuple_size(T) =:= 4; tuple_size(T) =:= 8 ->
    Limit = case tuple_size(T) of 4 -> 255; 8 -> 65535 end,
    Fits = fun(N) -> is_integer(N) andalso N >= 0 andalso N =< Limit end,
    case lists:all(Fits, tuple_to_list(T)) of
        true when Limit =:= 255 -> inet;
        true -> inet6;
        false -> none
    end;
family(_) -> none.

-doc "The family and the tuple of an address, which may be given as text.".
-spec given(term()) -> {inet | inet6, inet:ip_address()} | none.
given(Text) when is_list(Text) ->
    case inet:parse_address(Text) of
        {ok, Address} -> given(Address);
        _ -> none
    end;
given(Address) ->
    case family(Address) of
        none -> none;
        Family -> {Family, Address}
    end.

-doc "An IPv4 address in one to four parts, each decimal, octal or hexadecimal; the last part fills what is left.".
-spec v4(term()) -> {ok, inet:ip4_address()} | error.
v4(Text) ->
    try [number(P) || P <- parts(Text, $.)] of
        Numbers when length(Numbers) =< 4 -> fill(Numbers);
        _ -> error
    catch throw:bad -> error
    end.

%% The numbers in front are bytes, the last one is as wide as the rest of the address.
fill(Numbers) ->
    {Front, [Last]} = lists:split(length(Numbers) - 1, Numbers),
    Width = 8 * (4 - length(Front)),
    case lists:all(fun(N) -> N < 256 end, Front) andalso Last < 1 bsl Width of
        true ->
            Head = << <<N>> || N <- Front >>,
            {ok, list_to_tuple(binary_to_list(<<Head/binary, Last:Width>>))};
        false -> error
    end.

-doc "An IPv4 address in four decimal parts.".
-spec v4_strict(term()) -> {ok, inet:ip4_address()} | error.
v4_strict(Text) ->
    case is_list(Text) andalso v4(Text) of
        {ok, _} = Found ->
            %% a zero in front would make it octal or hexadecimal
            Parts = parts(Text, $.),
            case length(Parts) =:= 4 andalso not lists:any(fun([$0, _ | _]) -> true; (_) -> false end, Parts) of
                true -> Found;
                false -> error
            end;
        _ -> error
    end.

parts(Text, Separator) when length(Text) >= 0 ->
    case lists:all(fun is_integer/1, Text) of
        true -> [lists:flatten(P) || P <- string:split(Text, [Separator], all)];
        false -> throw(bad)
    end;
parts([_ | _], _) -> erlang:error(function_clause);
parts(_, _) -> throw(bad).

number("0x" ++ Digits) -> number(Digits, 16);
number("0X" ++ Digits) -> number(Digits, 16);
number("0" ++ [_ | _] = Digits) -> number(Digits, 8);
number([$+, Digit | Digits]) -> number([Digit | Digits], 10);
number([$-, Digit | Digits]) ->
    case number([Digit | Digits], 10) of
        0 -> 0;
        _ -> throw(bad)
    end;
number(Digits) -> number(Digits, 10).

number(Digits, Base) when Digits =/= [], length(Digits) =< 40 ->
    lists:foldl(fun(C, N) -> N * Base + digit(C, Base) end, 0, Digits);
number(_, _) -> throw(bad).

digit(C, Base) ->
    Value = if
        C >= $0, C =< $9 -> C - $0;
        C >= $a, C =< $f -> C - $a + 10;
        C >= $A, C =< $F -> C - $A + 10;
        true -> Base
    end,
    case Value < Base of
        true -> Value;
        false -> throw(bad)
    end.

-doc "An IPv6 address, or an IPv4 address mapped to one.".
-spec v6(term()) -> {ok, inet:ip6_address()} | error.
v6(Text) ->
    case v4(Text) of
        {ok, Address} -> {ok, inet:ipv4_mapped_ipv6_address(Address)};
        error -> v6_strict(Text)
    end.

-doc "An IPv6 address. The number of a zone behind a percent sign is the second word of a link-local address if it begins with 0.".
-spec v6_strict(term()) -> {ok, inet:ip6_address()} | error.
v6_strict(Text) ->
    try
        [Address | Zone] = parts(Text, $%),
        case {words(Address), Zone} of
            {Words, []} when length(Words) =:= 8 -> {ok, list_to_tuple(Words)};
            {[Link, 0 | Rest], [Name | _]} when length(Rest) =:= 6, Link =:= 16#fe80 orelse Link =:= 16#ff02 ->
                {ok, list_to_tuple([Link, zone(Name) | Rest])};
            _ -> error
        end
    catch throw:bad -> error
    end.

%% The number of a zone; names mean nothing here.
zone("0" ++ Digits) ->
    try list_to_integer(Digits) of
        N when N >= 0, N =< 16#ffff -> N;
        _ -> throw(bad)
    catch error:badarg -> 0
    end;
zone(_) -> 0.

words(Text) ->
    case string:split(Text, "::") of
        [All] -> groups(All);
        [Front, Back] ->
            %% the two colons stand for at least one zero
            F = some_groups(Front),
            B = some_groups(Back),
            case 8 - length(F) - length(B) of
                Gap when Gap >= 1 -> F ++ lists:duplicate(Gap, 0) ++ B;
                _ -> throw(bad)
            end
    end.

some_groups([]) -> [];
some_groups(Text) -> groups(Text).

groups(Text) ->
    case lists:reverse(parts(Text, $:)) of
        [Last | Front] ->
            lists:append([group(G) || G <- lists:reverse(Front)]) ++
                case lists:member($., Last) of
                    true -> embedded(Last);
                    false -> group(Last)
                end
    end.

group(Digits) when Digits =/= [], length(Digits) =< 4 -> [number(Digits, 16)];
group(_) -> throw(bad).

embedded(Text) ->
    case v4_strict(Text) of
        {ok, {A, B, C, D}} -> [A * 256 + B, C * 256 + D];
        error -> throw(bad)
    end.

-doc "The text of an address tuple.".
-spec text(term()) -> string() | error.
text(Address) ->
    case family(Address) of
        inet -> dotted(tuple_to_list(Address));
        inet6 -> colons(tuple_to_list(Address));
        none -> error
    end.

dotted(Bytes) -> lists:flatten(lists:join($., [integer_to_list(B) || B <- Bytes])).

colons([0, 0, 0, 0, 0, 0, A, B]) when A =/= 0; B > 1 -> "::" ++ tail_text(A, B);
colons([0, 0, 0, 0, 0, 16#ffff, A, B]) -> "::ffff:" ++ tail_text(A, B);
colons([Link, Zone | Rest]) when Zone =/= 0, Link =:= 16#fe80 orelse Link =:= 16#ff02 ->
    colons([Link, 0 | Rest]) ++ "%0" ++ integer_to_list(Zone);
colons(Words) ->
    case longest_zeros(Words, 0, {0, 0}) of
        {_, Length} when Length < 2 -> hexes(Words);
        {Start, Length} ->
            {Front, Rest} = lists:split(Start, Words),
            hexes(Front) ++ "::" ++ hexes(lists:nthtail(Length, Rest))
    end.

tail_text(A, B) -> dotted([A bsr 8, A band 255, B bsr 8, B band 255]).

hexes(Words) -> lists:flatten(lists:join($:, [string:lowercase(integer_to_list(W, 16)) || W <- Words])).

%% The first of the longest runs of zeros.
longest_zeros([], _, Best) -> Best;
longest_zeros([0 | _] = Words, At, {_, Length} = Best) ->
    Run = length(lists:takewhile(fun(W) -> W =:= 0 end, Words)),
    longest_zeros(lists:nthtail(Run, Words), At + Run,
                  case Run > Length of true -> {At, Run}; false -> Best end);
longest_zeros([_ | Words], At, Best) -> longest_zeros(Words, At + 1, Best).
