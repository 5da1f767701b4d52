-module(unicode).
-moduledoc """
Conversions between the forms of text, normal forms and properties of characters.

Text that cannot be converted gives {error, Done, Rest}, or {incomplete, Done, Rest} where more bytes could complete it.
""".

-export([bin_is_7bit/1, characters_to_binary/1, characters_to_binary/2, characters_to_binary/3, characters_to_list/1,
         characters_to_list/2, bom_to_encoding/1, encoding_to_bom/1]).
-export([characters_to_nfc_list/1, characters_to_nfc_binary/1, characters_to_nfd_list/1, characters_to_nfd_binary/1,
         characters_to_nfkc_list/1, characters_to_nfkc_binary/1, characters_to_nfkd_list/1, characters_to_nfkd_binary/1]).
-export([category/1, is_whitespace/1, is_id_start/1, is_id_continue/1]).
-export_type([chardata/0, charlist/0, encoding/0, external_chardata/0, external_charlist/0, latin1_char/0,
              latin1_chardata/0, latin1_charlist/0, latin1_binary/0, unicode_binary/0, endian/0, category/0]).

-type encoding() :: latin1 | unicode | utf8 | utf16 | {utf16, endian()} | utf32 | {utf32, endian()}.
-type endian() :: big | little.
-type unicode_binary() :: binary().
-type charlist() :: maybe_improper_list(char() | unicode_binary() | charlist(), unicode_binary() | nil()).
-type chardata() :: charlist() | unicode_binary().
-type external_unicode_binary() :: binary().
-type external_chardata() :: external_charlist() | external_unicode_binary().
-type external_charlist() ::
          maybe_improper_list(char() | external_unicode_binary() | external_charlist(), external_unicode_binary() | nil()).
-type latin1_binary() :: binary().
-type latin1_char() :: byte().
-type latin1_chardata() :: latin1_charlist() | latin1_binary().
-type latin1_charlist() :: maybe_improper_list(latin1_char() | latin1_binary() | latin1_charlist(), latin1_binary() | nil()).
-type category() :: {letter, uppercase | lowercase | titlecase | modifier | other} |
                    {mark, non_spacing | spacing_combining | enclosing} |
                    {number, decimal | letter | other} |
                    {separator, space | line | paragraph} |
                    {other, control | format | surrogate | private | not_assigned} |
                    {punctuation, connector | dash | open | close | initial | final | other} |
                    {symbol, math | currency | modifier | other}.
-type text() :: latin1_chardata() | chardata() | external_chardata().

%%% ---- built in -------------------------------------------------------------------------------------

-doc "Whether all bytes are ASCII.".
-spec bin_is_7bit(binary()) -> boolean().
bin_is_7bit(_Bytes) -> erlang:nif_error(undef).

-doc "The text as UTF-8.".
-spec characters_to_binary(text()) -> binary() | {error | incomplete, binary(), text()}.
characters_to_binary(_Text) -> erlang:nif_error(undef).

-doc "The text, whose binaries have the given encoding, as UTF-8.".
-spec characters_to_binary(text(), encoding()) -> binary() | {error | incomplete, binary(), text()}.
characters_to_binary(_Text, _In) -> erlang:nif_error(undef).

-doc "The text, whose binaries have the first encoding, in the second one.".
-spec characters_to_binary(text(), encoding(), encoding()) -> binary() | {error | incomplete, binary(), text()}.
characters_to_binary(_Text, _In, _Out) -> erlang:nif_error(undef).

-doc "The text's code points.".
-spec characters_to_list(text()) -> [char()] | {error | incomplete, [char()], text()}.
characters_to_list(_Text) -> erlang:nif_error(undef).

-doc "The code points of text whose binaries have the given encoding.".
-spec characters_to_list(text(), encoding()) -> [char()] | {error | incomplete, [char()], text()}.
characters_to_list(_Text, _In) -> erlang:nif_error(undef).

%%% ---- byte order marks ---------------------------------------------------------------------------------

-doc "The encoding that the mark at the beginning says, and the mark's length; {latin1, 0} without one.".
-spec bom_to_encoding(binary()) -> {encoding(), non_neg_integer()}.
bom_to_encoding(Bytes) when is_binary(Bytes) ->
    Marked = [{E, byte_size(Mark)} || E <- [utf8, {utf32, big}, {utf32, little}, {utf16, big}, {utf16, little}],
                                      Mark <- [encoding_to_bom(E)],
                                      binary:longest_common_prefix([Mark, Bytes]) =:= byte_size(Mark)],
    hd(Marked ++ [{latin1, 0}]).

-doc "The byte order mark of an encoding.".
-spec encoding_to_bom(encoding()) -> binary().
encoding_to_bom(Encoding) when Encoding =:= utf8; Encoding =:= unicode -> <<16#FEFF/utf8>>;
encoding_to_bom(utf16) -> <<16#FEFF/utf16>>;
encoding_to_bom({utf16, big}) -> <<16#FEFF/utf16-big>>;
encoding_to_bom({utf16, little}) -> <<16#FEFF/utf16-little>>;
encoding_to_bom(utf32) -> <<16#FEFF/utf32>>;
encoding_to_bom({utf32, big}) -> <<16#FEFF/utf32-big>>;
encoding_to_bom({utf32, little}) -> <<16#FEFF/utf32-little>>;
encoding_to_bom(latin1) -> <<>>.

%%% ---- normal forms ----------------------------------------------------------------------------------------

%% What is no text is an error of the function that was called, with an explanation.
-define(explained(Work, Text),
        try Work
        catch
            throw:badarg -> erlang:error(badarg, [Text], [{error_info, #{module => erl_stdlib_errors}}])
        end).

-doc "The text's code points in canonical composition.".
-spec characters_to_nfc_list(chardata()) -> [char()] | {error, [char()], chardata()}.
characters_to_nfc_list(Text) -> ?explained(normal(nfc, list, Text), Text).

-doc "The text as UTF-8 in canonical composition.".
-spec characters_to_nfc_binary(chardata()) -> unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfc_binary(Text) -> ?explained(normal(nfc, binary, Text), Text).

-doc "The text's code points in canonical decomposition.".
-spec characters_to_nfd_list(chardata()) -> [char()] | {error, [char()], chardata()}.
characters_to_nfd_list(Text) -> ?explained(normal(nfd, list, Text), Text).

-doc "The text as UTF-8 in canonical decomposition.".
-spec characters_to_nfd_binary(chardata()) -> unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfd_binary(Text) -> ?explained(normal(nfd, binary, Text), Text).

-doc "The text's code points in compatibility composition.".
-spec characters_to_nfkc_list(chardata()) -> [char()] | {error, [char()], chardata()}.
characters_to_nfkc_list(Text) -> ?explained(normal(nfkc, list, Text), Text).

-doc "The text as UTF-8 in compatibility composition.".
-spec characters_to_nfkc_binary(chardata()) -> unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfkc_binary(Text) -> ?explained(normal(nfkc, binary, Text), Text).

-doc "The text's code points in compatibility decomposition.".
-spec characters_to_nfkd_list(chardata()) -> [char()] | {error, [char()], chardata()}.
characters_to_nfkd_list(Text) -> ?explained(normal(nfkd, list, Text), Text).

-doc "The text as UTF-8 in compatibility decomposition.".
-spec characters_to_nfkd_binary(chardata()) -> unicode_binary() | {error, unicode_binary(), chardata()}.
characters_to_nfkd_binary(Text) -> ?explained(normal(nfkd, binary, Text), Text).

normal(Form, Kind, Text) ->
    try code_points(Text, []) of
        {Points, all} -> result(Form, Kind, Points);
        {Points, Bad} -> {error, result(Form, Kind, Points), Bad}
    catch
        error:_ -> throw(badarg)
    end.

result(Form, list, Points) -> unicode_util:normalize(Form, Points);
result(Form, binary, Points) ->
    case characters_to_binary(unicode_util:normalize(Form, Points)) of
        Normal when is_binary(Normal) -> Normal;
        _ -> throw(badarg)
    end.

%% Surrogates count as code points here.
code_points(Text, Acc) ->
    case characters_to_list(Text) of
        Points when is_list(Points) -> {lists:reverse(Acc, Points), all};
        _ -> one_by_one(Text, Acc)
    end.

one_by_one(Text, Acc) ->
    case unicode_util:cp(Text) of
        [C | Rest] -> one_by_one(Rest, [C | Acc]);
        [] -> {lists:reverse(Acc), all};
        {error, Bad} -> {lists:reverse(Acc), Bad}
    end.

%%% ---- properties ---------------------------------------------------------------------------------------------

-doc "The general category of a character.".
-spec category(char()) -> category().
category(C) -> ?explained(property(fun unicode_util:category/1, C), C).

-doc "Whether a character is white space.".
-spec is_whitespace(char()) -> boolean().
is_whitespace(C) -> ?explained(property(white_space, C), C).

-doc "Whether an identifier may begin with a character.".
-spec is_id_start(char()) -> boolean().
is_id_start(C) -> ?explained(property(id_start, C), C).

-doc "Whether a character may stand in an identifier.".
-spec is_id_continue(char()) -> boolean().
is_id_continue(C) -> ?explained(property(id_continue, C), C).

property(_, C) when not (is_integer(C) andalso C >= 0 andalso C < 16#110000) -> throw(badarg);
property(Name, C) when is_atom(Name) -> unicode_util:has_property(Name, C);
property(Find, C) -> Find(C).
