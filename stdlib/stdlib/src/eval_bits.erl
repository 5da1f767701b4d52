-module(eval_bits).
-moduledoc """
Construction of binaries for erl_eval. What a segment of the wrong kind raises, and in which function, is part of what the shell shows:
the names and arities of the functions here are those of OTP.
""".

-export([expr_grp/5]).

%% What stands for the size of a segment without one; a size may be any term.
-define(NO_SIZE, {no, size}).

-type eval() :: fun((term(), Bs) -> {value, term(), Bs}).

-doc "Evaluates the segments of a binary, each with the bindings from before, and builds it.".
-spec expr_grp([tuple()], Bs, eval(), fun((Bs, Bs) -> Bs), term()) -> {value, bitstring(), Bs}.
expr_grp(Segments, Bs, Eval, Merge, _Anno) ->
    {Values, Bs1} = evaluated(Segments, 1, Bs, Bs, Eval, Merge, []),
    Binary = create_binary(Values, []),
    {value, Binary, Bs1}.

%% {Position, Value, Size, {Type, Signedness, Endianness, Unit}} for each value; those of a string share the position.
evaluated([{bin_element, A, {string, _, Chars}, Size, Types} | Rest], N, Bs0, Bs, Eval, Merge, Done) ->
    {S, Bs1} = size(Size, Bs0, Eval),
    S =:= ?NO_SIZE orelse is_integer(S) andalso S >= 0 orelse error(badarg),
    Type = erl_eval_bits:segment_type(Types, {string, A, Chars}),
    Values = [{N, C, S, Type} || C <- Chars],
    evaluated(Rest, N + 1, Bs0, Merge(Bs1, Bs), Eval, Merge, lists:reverse(Values, Done));
evaluated([{bin_element, _, Expr, Size, Types} | Rest], N, Bs0, Bs, Eval, Merge, Done) ->
    {value, Value, Bs1} = Eval(Expr, Bs0),
    {S, Bs2} = size(Size, Bs0, Eval),
    Type = erl_eval_bits:segment_type(Types, Expr),
    evaluated(Rest, N + 1, Bs0, Merge(Bs2, Merge(Bs1, Bs)), Eval, Merge, [{N, Value, S, Type} | Done]);
evaluated([], _, _, Bs, _, _, Done) -> {lists:reverse(Done), Bs}.

size(default, Bs, _) -> {?NO_SIZE, Bs};
size(Expr, Bs, Eval) ->
    {value, Size, Bs1} = Eval(Expr, Bs),
    {Size, Bs1}.

%% The error information of an exception says which segment it is about.
create_binary([{N, Value, Size, {Type, Sign, Endian, Unit}} | Values], Done) ->
    Bits = try eval_exp_field1(Value, Size, Unit, Type, Endian, Sign, N, none, none)
           catch
               error:Reason:Frames ->
                   [{M, F, A, Where} | Stack] = Frames,
                   Placed = [case Item of
                                 {error_info, Info} -> {error_info, Info#{override_segment_position => N}};
                                 _ -> Item
                             end || Item <- Where],
                   erlang:raise(error, case Reason of badarith -> badarg; _ -> Reason end, [{M, F, A, Placed} | Stack])
           end,
    create_binary(Values, [Bits | Done]);
create_binary([], Done) -> list_to_bitstring(lists:reverse(Done)).

eval_exp_field1(Value, ?NO_SIZE, Unit, binary, Endian, Sign, _, _, _) ->
    0 = bit_size(Value) * 0,
    eval_exp_field(Value, default, Unit, binary, Endian, Sign);
eval_exp_field1(Value, ?NO_SIZE, Unit, Type, Endian, Sign, _, _, _) ->
    eval_exp_field(Value, default, Unit, Type, Endian, Sign);
eval_exp_field1(Value, Size, Unit, Type, Endian, Sign, _, _, _) ->
    eval_exp_field(Value, Size * Unit, Unit, Type, Endian, Sign).

eval_exp_field(V, _, _, utf8, _, _) -> <<V/utf8>>;
eval_exp_field(V, _, _, utf16, big, _) -> <<V/utf16>>;
eval_exp_field(V, _, _, utf16, little, _) -> <<V/utf16-little>>;
eval_exp_field(V, _, _, utf16, native, _) -> <<V/utf16-native>>;
eval_exp_field(V, _, _, utf32, big, _) -> <<V/utf32>>;
eval_exp_field(V, _, _, utf32, little, _) -> <<V/utf32-little>>;
eval_exp_field(V, _, _, utf32, native, _) -> <<V/utf32-native>>;
eval_exp_field(V, default, Unit, integer, Endian, Sign) -> eval_exp_field(V, 8, Unit, integer, Endian, Sign);
eval_exp_field(V, Bits, _, integer, big, _) -> <<V:Bits>>;
eval_exp_field(V, Bits, _, integer, little, _) -> <<V:Bits/little>>;
eval_exp_field(V, Bits, _, integer, native, _) -> <<V:Bits/native>>;
eval_exp_field(V, default, Unit, float, Endian, Sign) -> eval_exp_field(V, 64, Unit, float, Endian, Sign);
eval_exp_field(V, Bits, _, float, big, _) -> <<V:Bits/float>>;
eval_exp_field(V, Bits, _, float, little, _) -> <<V:Bits/float-little>>;
eval_exp_field(V, Bits, _, float, native, _) -> <<V:Bits/float-native>>;
eval_exp_field(V, default, Unit, binary, _, _) ->
    bit_size(V) rem Unit =:= 0 orelse error(badarg),
    V;
eval_exp_field(V, default, _, bitstring, _, _) -> <<V/bitstring>>;
eval_exp_field(V, Bits, 8, binary, _, _) when Bits rem 8 =:= 0 ->
    Bytes = Bits div 8,
    <<V:Bytes/binary>>;
eval_exp_field(V, Bits, _, _, _, _) -> <<V:Bits/bitstring>>.
