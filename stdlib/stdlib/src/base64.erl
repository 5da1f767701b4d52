-module(base64).
-moduledoc "Base64 (RFC 4648, RFC 2045): bytes as text of 64 characters.".

-export([encode/1, encode/2, encode_to_string/1, encode_to_string/2, decode/1, decode/2, decode_to_string/1,
         decode_to_string/2, mime_decode/1, mime_decode/2, mime_decode_to_string/1, mime_decode_to_string/2,
         format_error/2]).

-export_type([base64_binary/0, base64_string/0, base64_alphabet/0, base64_mode/0, options/0]).

-type base64_alphabet() :: $A..$Z | $a..$z | $0..$9 | $+ | $/ | $- | $_ | $=.
-type base64_string() :: [base64_alphabet()].
-type base64_binary() :: binary().
-type base64_mode() :: standard | urlsafe.
-type options() :: #{padding => boolean(), mode => base64_mode()}.
-type data() :: [byte()] | binary().

-define(STANDARD, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").
-define(URLSAFE, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").

%%% ---- encoding ----------------------------------------------------------------------------------

-doc "Bytes in the standard alphabet, with padding.".
-spec encode(data()) -> base64_binary().
encode(Data) when is_binary(Data); is_list(Data) -> encode(Data, #{}).

-doc "Bytes in the alphabet and with or without the padding that the options tell.".
-spec encode(data(), options()) -> base64_binary().
encode(Data, Options) when is_list(Data), is_map(Options) ->
    case lists:all(fun(B) -> is_integer(B) andalso B >= 0 andalso B < 256 end, Data) of
        true -> encode(list_to_binary(Data), Options);
        false -> spilling(Data, alphabet(standard) ++ alphabet(urlsafe), mode(Options), padding(Options))
    end;
encode(Data, Options) when is_binary(Data), is_map(Options) ->
    gerl_base64:encode(Data, mode(Options) =:= urlsafe, padding(Options)).

-doc "As encode/1, as a string.".
-spec encode_to_string(data()) -> base64_string().
encode_to_string(Data) when is_binary(Data); is_list(Data) -> binary_to_list(encode(Data)).

-doc "As encode/2, as a string.".
-spec encode_to_string(data(), options()) -> base64_string().
encode_to_string(Data, Options) when is_map(Options), is_binary(Data);
                                     is_map(Options), is_list(Data) ->
    binary_to_list(encode(Data, Options)).

%% Numbers of which one is no byte, three by three. What is no number fails as arithmetic; bits beyond a byte spill over into those
%% before it; a first sextet that is none may fall into the other alphabet, which stands beside the wanted one.
spilling([A, B, C | Rest], Both, Mode, Padding) ->
    Word = (A bsl 16) bor (B bsl 8) bor C,
    First = char(Word bsr 18, Both, Mode),
    Others = << <<(char((Word bsr Shift) band 63, Both, Mode))>> || Shift <- [12, 6, 0] >>,
    <<First, Others/binary, (spilling(Rest, Both, Mode, Padding))/binary>>;
spilling([A, B], Both, Mode, Padding) ->
    Text = [char(A bsr 2, Both, Mode), char(((A band 3) bsl 4) bor (B bsr 4), Both, Mode), char((B band 15) bsl 2, Both, Mode)],
    list_to_binary([Text | [$= || Padding]]);
spilling([A], Both, Mode, Padding) ->
    list_to_binary([char(A bsr 2, Both, Mode), char((A band 3) bsl 4, Both, Mode) | ["==" || Padding]]);
spilling([], _, _, _) -> <<>>.

char(N, Both, standard) when N >= 0, N < 128 -> lists:nth(N + 1, Both);
char(N, Both, urlsafe) when N >= -64, N < 64 -> lists:nth(N + 65, Both);
char(_, _, _) -> erlang:error(badarg).

alphabet(standard) -> ?STANDARD;
alphabet(urlsafe) -> ?URLSAFE.

mode(#{mode := urlsafe}) -> urlsafe;
mode(#{}) -> standard.

padding(#{padding := false}) -> false;
padding(#{}) -> true.

%%% ---- decoding ----------------------------------------------------------------------------------

-doc "The bytes of a text; white space does not count, anything else foreign is an error.".
-spec decode(base64_string() | base64_binary()) -> binary().
decode(Text) when is_binary(Text); is_list(Text) -> decode(Text, #{}).

-doc "The bytes of a text, in the alphabet and with or without required padding as the options tell.".
-spec decode(base64_string() | base64_binary(), options()) -> binary().
decode(Text, Options) when is_binary(Text), is_map(Options);
                           is_list(Text), is_map(Options) ->
    Mode = mode(Options),
    case quick(Text, Mode) of
        Bytes when is_binary(Bytes) -> Bytes;
        error ->
            decoded(symbols(Text, Mode), padding(Options), bits, <<>>)
    end.

%% The usual case: all characters are of the alphabet, and the padding is there.
quick(Text, Mode) when is_binary(Text) -> gerl_base64:decode(Text, Mode =:= urlsafe);
quick(Text, Mode) ->
    try list_to_binary(Text) of
        Bytes -> quick(Bytes, Mode)
    catch
        error:badarg -> error
    end.

-doc "As decode/1, as a string.".
-spec decode_to_string(base64_string() | base64_binary()) -> string().
decode_to_string(Text) when is_binary(Text); is_list(Text) -> decode_to_string(Text, #{}).

-doc "As decode/2, as a string.".
-spec decode_to_string(base64_string() | base64_binary(), options()) -> string().
decode_to_string(Text, Options) when is_binary(Text), is_map(Options);
                                     is_list(Text), is_map(Options) ->
    Mode = mode(Options),
    binary_to_list(case quick(Text, Mode) of
                       Bytes when is_binary(Bytes) -> Bytes;
                       error -> decoded(symbols(Text, Mode), padding(Options), numbers, <<>>)
                   end).

%% A text as sextets, the atom eq, and bad for what is not of the alphabet.
symbols(Text, Mode) when is_binary(Text) -> chars(binary_to_list(Text), values(Mode));
symbols(Text, Mode) -> chars(Text, values(Mode)).

chars(Text, Values) -> [symbol(Char, Values) || Char <- Text, not is_space(Char)].

symbol(Char, Values) ->
    case Values of
        #{Char := Value} -> Value;
        #{} when is_integer(Char), Char >= 0, Char =< 255 -> bad;
        #{} when is_number(Char) -> erlang:error(badarg);
        #{} -> erlang:error(badarith)
    end.

is_space(Char) -> Char =:= $\s orelse Char =:= $\t orelse Char =:= $\n orelse Char =:= $\r.

values(Mode) ->
    maps:from_list([{$=, eq} | lists:zip(alphabet(Mode), lists:seq(0, 63))]).

%% Foreign characters fail when a group is put together: for a string as numbers, else as bits, and in the last group always so.
decoded([A, B, eq, eq | Rest], _, _, Acc) -> ended(Rest, two(A, B, Acc));
decoded([A, B, C, eq | Rest], _, _, Acc) -> ended(Rest, three(A, B, C, Acc));
decoded([A, B, C, D | Rest], Padding, bits, Acc) -> decoded(Rest, Padding, bits, <<Acc/binary, A:6, B:6, C:6, D:6>>);
decoded([A, B, C, D | Rest], Padding, numbers, Acc) ->
    decoded(Rest, Padding, numbers, <<Acc/binary, ((A bsl 18) bor (B bsl 12) bor (C bsl 6) bor D):24>>);
decoded([], _, _, Acc) -> Acc;
decoded([A, B, eq], false, _, Acc) -> two(A, B, Acc);
decoded([A, B, C], false, _, Acc) -> three(A, B, C, Acc);
decoded([A, B], false, _, Acc) -> two(A, B, Acc);
decoded([_, _ | _], true, _, _) -> missing_padding().

two(A, B, Acc) -> <<Acc/binary, A:6, (B bsr 4):2>>.

three(A, B, C, Acc) -> <<Acc/binary, A:6, B:6, (C bsr 2):4>>.

%% Nothing may follow the padding.
ended(Rest, Decoded) ->
    case Rest of
        [] -> Decoded;
        [Value | _] -> erlang:error({case_clause, Value})
    end.

-spec missing_padding() -> no_return().
missing_padding() ->
    erlang:error(missing_padding, none, [{error_info, #{}}]).

%%% ---- decoding of mail --------------------------------------------------------------------------

-doc "The bytes of a text; everything that is not of the alphabet is passed over.".
-spec mime_decode(base64_string() | base64_binary()) -> binary().
mime_decode(Text) when is_binary(Text); is_list(Text) -> mime_decode(Text, #{}).

-doc "As mime_decode/1, with options.".
-spec mime_decode(base64_string() | base64_binary(), options()) -> binary().
mime_decode(Text, Options) when is_binary(Text), is_map(Options);
                                is_list(Text), is_map(Options) ->
    Known = [S || S <- symbols(Text, mode(Options)), S =/= bad],
    mime(Known, padding(Options), <<>>).

-doc "As mime_decode/1, as a string.".
-spec mime_decode_to_string(base64_string() | base64_binary()) -> string().
mime_decode_to_string(Text) when is_binary(Text); is_list(Text) -> binary_to_list(mime_decode(Text)).

-doc "As mime_decode/2, as a string.".
-spec mime_decode_to_string(base64_string() | base64_binary(), options()) -> string().
mime_decode_to_string(Text, Options) when is_binary(Text), is_map(Options);
                                          is_list(Text), is_map(Options) ->
    binary_to_list(mime_decode(Text, Options)).

%% Padding counts only where the text ends.
mime([eq | Rest], Padding, Acc) -> mime(Rest, Padding, Acc);
mime([A, eq | Rest], Padding, Acc) -> mime([A | Rest], Padding, Acc);
mime([A, B, eq | Rest], Padding, Acc) ->
    case lists:dropwhile(fun(V) -> V =:= eq end, Rest) of
        [] -> two(A, B, Acc);
        More -> mime([A, B | More], Padding, Acc)
    end;
mime([A, B, C, eq | Rest], Padding, Acc) ->
    case lists:dropwhile(fun(V) -> V =:= eq end, Rest) of
        [] -> three(A, B, C, Acc);
        More -> mime([A, B, C | More], Padding, Acc)
    end;
mime([A, B, C, D | Rest], Padding, Acc) -> mime(Rest, Padding, <<Acc/binary, A:6, B:6, C:6, D:6>>);
mime([], _, Acc) -> Acc;
mime([A, B, C], false, Acc) -> three(A, B, C, Acc);
mime([A, B], false, Acc) -> two(A, B, Acc);
mime([_, _ | _], true, _) -> missing_padding().

%%% ---- errors ------------------------------------------------------------------------------------

-doc false.
-spec format_error(term(), erlang:stacktrace()) -> map().
format_error(missing_padding, _) ->
    #{general =>
          "data to decode is missing final = padding characters, "
          "if this is intended, use the `padding => false` option"};
format_error(_, _) ->
    #{}.
