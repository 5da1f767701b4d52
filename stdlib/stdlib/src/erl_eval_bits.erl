-module(erl_eval_bits).
-moduledoc false.

%% Segments of binaries, for erl_eval: their types, and how a value is taken from the front of a bitstring.

-export([segment_type/2, take_segment/3]).

segment_type(default, Types) -> segment_type([], Types);
segment_type(Given, Value) when is_list(Given) ->
    Pick = fun(Options, Default) ->
                   case [O || O <- Given, lists:member(O, Options)] of
                       [O | _] -> O;
                       [] -> Default
                   end
           end,
    Type0 = Pick([integer, float, binary, bytes, bitstring, bits, utf8, utf16, utf32],
                 case Value of {string, _, _} -> integer; _ -> integer end),
    Type = case Type0 of bytes -> binary; bits -> bitstring; _ -> Type0 end,
    Unit0 = [U || {unit, U} <- Given],
    Unit = case {Unit0, Type} of
               {[U | _], _} -> U;
               {[], binary} -> 8;
               {[], _} -> 1
           end,
    Endian = case Pick([big, little, native], big) of
                 native -> native_endian();
                 Named -> Named
             end,
    {Type, Pick([signed, unsigned], unsigned), Endian, Unit}.

native_endian() ->
    case <<1:16/native>> of
        <<1:16/little>> -> little;
        _ -> big
    end.

take_segment(Bits, _, {utf8, _, _, _}) -> taken(case Bits of <<V/utf8, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(Bits, _, {utf16, _, little, _}) ->
    taken(case Bits of <<V/utf16-little, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(Bits, _, {utf16, _, _, _}) -> taken(case Bits of <<V/utf16, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(Bits, _, {utf32, _, little, _}) ->
    taken(case Bits of <<V/utf32-little, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(Bits, _, {utf32, _, _, _}) -> taken(case Bits of <<V/utf32, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(Bits, default, {integer, Sign, Endian, _}) -> take_integer(Bits, 8, Sign, Endian);
take_segment(Bits, Size, {integer, Sign, Endian, Unit}) -> take_integer(Bits, Size * Unit, Sign, Endian);
take_segment(Bits, default, {float, Sign, Endian, _}) -> take_segment(Bits, 64, {float, Sign, Endian, 1});
take_segment(Bits, Size, {float, _, Endian, Unit}) ->
    N = Size * Unit,
    taken(case {Endian, Bits} of
              {big, <<V:N/float, R/bitstring>>} -> {V, R};
              {little, <<V:N/float-little, R/bitstring>>} -> {V, R};
              _ -> none
          end);
take_segment(Bits, default, {binary, _, _, Unit}) when bit_size(Bits) rem Unit =:= 0 -> {Bits, <<>>};
take_segment(Bits, default, {bitstring, _, _, _}) -> {Bits, <<>>};
take_segment(Bits, Size, {Type, _, _, Unit}) when is_integer(Size), Type =:= binary orelse Type =:= bitstring ->
    N = Size * Unit,
    taken(case Bits of <<V:N/bitstring, R/bitstring>> -> {V, R}; _ -> none end);
take_segment(_, _, _) -> throw(nomatch).

take_integer(Bits, N, unsigned, big) -> taken(case Bits of <<V:N, R/bitstring>> -> {V, R}; _ -> none end);
take_integer(Bits, N, signed, big) -> taken(case Bits of <<V:N/signed, R/bitstring>> -> {V, R}; _ -> none end);
take_integer(Bits, N, unsigned, _) -> taken(case Bits of <<V:N/little, R/bitstring>> -> {V, R}; _ -> none end);
take_integer(Bits, N, signed, _) ->
    taken(case Bits of <<V:N/little-signed, R/bitstring>> -> {V, R}; _ -> none end).

taken(none) -> throw(too_short);
taken(Result) -> Result.
