-module(binary).
-moduledoc "Binaries: parts, searching, replacing, numbers.".

%% All but replace is in Go (bifs/binary.go).

%% Bytes and parts
-export([at/2, first/1, last/1, part/2, part/3, bin_to_list/1, bin_to_list/2, bin_to_list/3,
         list_to_bin/1, copy/1, copy/2, referenced_byte_size/1, longest_common_prefix/1,
         longest_common_suffix/1]).

%% Numbers and text
-export([encode_unsigned/1, encode_unsigned/2, decode_unsigned/1, decode_unsigned/2,
         encode_hex/1, encode_hex/2, decode_hex/1, join/2]).

%% Searching
-export([compile_pattern/1, match/2, match/3, matches/2, matches/3, split/2, split/3]).

%% Replacing
-export([replace/3, replace/4]).

-export_type([cp/0, part/0]).

-opaque cp() :: {am | bm, reference()}.
-type part() :: {Start :: non_neg_integer(), Length :: integer()}.
-type pattern() :: binary() | [binary(), ...] | cp().
-type split_option() :: {scope, part()} | trim | global | trim_all.
-type replace_option() :: global | {scope, part()}
                        | {insert_replaced, non_neg_integer() | [non_neg_integer()]}.
-type replacement() :: binary() | fun((binary()) -> binary()).

-define(INFO, [{error_info, #{module => erl_stdlib_errors}}]).

%%% ---- bytes and parts ---------------------------------------------------------------------------

-doc "The byte at a position.".
-spec at(binary(), Pos :: non_neg_integer()) -> byte().
at(_Subject, _Pos) -> erlang:nif_error(undef).

-doc "The first byte.".
-spec first(binary()) -> byte().
first(_Subject) -> erlang:nif_error(undef).

-doc "The last byte.".
-spec last(binary()) -> byte().
last(_Subject) -> erlang:nif_error(undef).

-doc "A part, given as `{Pos, Length}`; a negative length reaches backwards.".
-spec part(binary(), part()) -> binary().
part(_Subject, _Part) -> erlang:nif_error(undef).

-doc "A part.".
-spec part(binary(), Pos :: non_neg_integer(), Length :: integer()) -> binary().
part(_Subject, _Pos, _Length) -> erlang:nif_error(undef).

-doc "The bytes as a list.".
-spec bin_to_list(binary()) -> [byte()].
bin_to_list(_Subject) -> erlang:nif_error(undef).

-doc "The bytes of a part as a list.".
-spec bin_to_list(binary(), part()) -> [byte()].
bin_to_list(_Subject, _Part) -> erlang:nif_error(undef).

-doc "The bytes of a part as a list.".
-spec bin_to_list(binary(), Pos :: non_neg_integer(), Length :: integer()) -> [byte()].
bin_to_list(_Subject, _Pos, _Length) -> erlang:nif_error(undef).

-doc "The bytes of an iolist.".
-spec list_to_bin(iolist()) -> binary().
list_to_bin(_List) -> erlang:nif_error(undef).

-doc "A copy that does not refer to a larger binary.".
-spec copy(binary()) -> binary().
copy(_Subject) -> erlang:nif_error(undef).

-doc "The binary N times over.".
-spec copy(binary(), N :: non_neg_integer()) -> binary().
copy(_Subject, _N) -> erlang:nif_error(undef).

-doc "The size of the binary that this one is a part of.".
-spec referenced_byte_size(binary()) -> non_neg_integer().
referenced_byte_size(_Subject) -> erlang:nif_error(undef).

-doc "The length of what the binaries begin with in common.".
-spec longest_common_prefix([binary(), ...]) -> non_neg_integer().
longest_common_prefix(_Binaries) -> erlang:nif_error(undef).

-doc "The length of what the binaries end with in common.".
-spec longest_common_suffix([binary(), ...]) -> non_neg_integer().
longest_common_suffix(_Binaries) -> erlang:nif_error(undef).

%%% ---- numbers and text --------------------------------------------------------------------------

-doc "The bytes of an integer, the highest one first.".
-spec encode_unsigned(non_neg_integer()) -> binary().
encode_unsigned(_Integer) -> erlang:nif_error(undef).

-doc "The bytes of an integer.".
-spec encode_unsigned(non_neg_integer(), big | little) -> binary().
encode_unsigned(_Integer, _Endianness) -> erlang:nif_error(undef).

-doc "The integer that bytes stand for, the highest one first.".
-spec decode_unsigned(binary()) -> non_neg_integer().
decode_unsigned(_Subject) -> erlang:nif_error(undef).

-doc "The integer that bytes stand for.".
-spec decode_unsigned(binary(), big | little) -> non_neg_integer().
decode_unsigned(_Subject, _Endianness) -> erlang:nif_error(undef).

-doc "The bytes as hexadecimal digits, letters in upper case.".
-spec encode_hex(binary()) -> binary().
encode_hex(_Subject) -> erlang:nif_error(undef).

-doc "The bytes as hexadecimal digits.".
-spec encode_hex(binary(), uppercase | lowercase) -> binary().
encode_hex(_Subject, _Case) -> erlang:nif_error(undef).

-doc "The bytes that hexadecimal digits stand for.".
-spec decode_hex(binary()) -> binary().
decode_hex(_Digits) -> erlang:nif_error(undef).

-doc "The binaries one after the other with a separator between them.".
-spec join([binary()], Separator :: binary()) -> binary().
join(_Binaries, _Separator) -> erlang:nif_error(undef).

%%% ---- searching ---------------------------------------------------------------------------------

-doc "A pattern prepared for searching it often.".
-spec compile_pattern(binary() | [binary()]) -> cp().
compile_pattern(_Pattern) -> erlang:nif_error(undef).

-doc "The first occurrence of a pattern.".
-spec match(binary(), pattern()) -> part() | nomatch.
match(_Subject, _Pattern) -> erlang:nif_error(undef).

-doc "The first occurrence of a pattern within a part.".
-spec match(binary(), pattern(), [{scope, part()}]) -> part() | nomatch.
match(_Subject, _Pattern, _Options) -> erlang:nif_error(undef).

-doc "All occurrences of a pattern that do not overlap.".
-spec matches(binary(), pattern()) -> [part()].
matches(_Subject, _Pattern) -> erlang:nif_error(undef).

-doc "All occurrences of a pattern within a part.".
-spec matches(binary(), pattern(), [{scope, part()}]) -> [part()].
matches(_Subject, _Pattern, _Options) -> erlang:nif_error(undef).

-doc "What is in front of the first occurrence of a pattern and what is behind.".
-spec split(binary(), pattern()) -> [binary()].
split(_Subject, _Pattern) -> erlang:nif_error(undef).

-doc "What lies between the occurrences of a pattern.".
-spec split(binary(), pattern(), [split_option()]) -> [binary()].
split(_Subject, _Pattern, _Options) -> erlang:nif_error(undef).

%%% ---- replacing ---------------------------------------------------------------------------------

-doc "Like replace/4 without options: the first occurrence.".
-spec replace(binary(), pattern(), replacement()) -> binary().
replace(Subject, Pattern, Replacement) ->
    try
        substitute(Subject, Pattern, Replacement, [])
    catch
        throw:badarg -> erlang:error(badarg, [Subject, Pattern, Replacement], ?INFO)
    end.

-doc "The binary with the first occurrence of a pattern replaced, or with all of them (`global`).".
-spec replace(binary(), pattern(), replacement(), [replace_option()]) -> binary().
replace(Subject, Pattern, Replacement, Options) ->
    try
        substitute(Subject, Pattern, Replacement, Options)
    catch
        throw:badarg -> erlang:error(badarg, [Subject, Pattern, Replacement, Options], ?INFO)
    end.

substitute(Subject, Pattern, Replacement, Options) when is_list(Options) ->
    {Scope, Global, Inserts} = replace_options(Options, [], false, []),
    New = replacer(Replacement, Inserts),
    Found = try
                case Global of
                    true -> matches(Subject, Pattern, Scope);
                    false -> [Part || Part <- [match(Subject, Pattern, Scope)], Part =/= nomatch]
                end
            catch
                error:badarg -> throw(badarg)
            end,
    case Found of
        [] -> Subject;
        _ -> assemble(Subject, 0, Found, New)
    end;
substitute(_Subject, _Pattern, _Replacement, _Options) ->
    throw(badarg).

replace_options([global | Rest], Scope, _Global, Inserts) ->
    replace_options(Rest, Scope, true, Inserts);
replace_options([{scope, _} = Scope | Rest], _Scope, Global, Inserts) ->
    replace_options(Rest, [Scope], Global, Inserts);
replace_options([{insert_replaced, At} | Rest], Scope, Global, _Inserts) ->
    replace_options(Rest, Scope, Global, if is_list(At) -> lists:sort(At); true -> [At] end);
replace_options([], Scope, Global, Inserts) ->
    {Scope, Global, Inserts};
replace_options(_, _Scope, _Global, _Inserts) ->
    throw(badarg).

%% A fun from what is replaced to what stands there afterwards.
replacer(Fun, _Inserts) when is_function(Fun, 1) -> Fun;
replacer(New, []) when is_binary(New) -> fun(_Old) -> New end;
replacer(New, Inserts) when is_binary(New) ->
    Pieces = pieces(New, 0, Inserts),
    fun(Old) -> lists:join(Old, Pieces) end;
replacer(_, _) -> throw(badarg).

%% The replacement cut at the places where what is replaced goes in.
pieces(New, From, [At | Rest]) when is_integer(At), At >= From, At =< byte_size(New) ->
    [part(New, From, At - From) | pieces(New, At, Rest)];
pieces(New, From, []) ->
    [part(New, From, byte_size(New) - From)];
pieces(_New, _From, _Inserts) ->
    throw(badarg).

assemble(Subject, From, Found, New) ->
    try
        list_to_binary(assemble_1(Subject, From, Found, New))
    catch
        error:badarg -> throw(badarg)
    end.

assemble_1(Subject, From, [{Pos, Length} | Found], New) ->
    [part(Subject, From, Pos - From), New(part(Subject, Pos, Length))
     | assemble_1(Subject, Pos + Length, Found, New)];
assemble_1(Subject, From, [], _New) ->
    [part(Subject, From, byte_size(Subject) - From)].
