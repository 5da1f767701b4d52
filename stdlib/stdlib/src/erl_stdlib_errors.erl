-module(erl_stdlib_errors).
-moduledoc "Explains why functions of binary, ets, io, json, lists, maps, math, re and unicode failed (EEP 54).".

-export([format_error/2]).

-define(NAT, {int, 0, infinity}).
-define(BITS, <<"is a bitstring (expected a binary)">>).
-define(CHARS, <<"not valid character data (an iodata term)">>).
-define(CHAR, <<"not a valid character">>).
-define(REPLACEMENT, <<"not a valid replacement">>).
-define(ITERATOR, <<"not a map or an iterator">>).
-define(OPTIONS, <<"invalid options">>).
-define(BINARIES, <<"not a flat list of binaries">>).

-doc "What is wrong with the arguments of the call that heads the stack trace.".
-spec format_error(term(), [tuple()]) -> map().
format_error(_, [{Module, Name, Args, Location} | _]) when is_list(Args) ->
    Info = proplists:get_value(error_info, Location, #{}),
    Cause = maps:get(cause, Info, none),
    case Module of
        ets -> gerl_explain_ets:explain(Name, Args, Cause);
        io -> gerl_explain_io:explain(Name, Args, Cause);
        math -> gerl_explain:map(math(Name, Args), Args, Cause);
        _ ->
            Remarks = case special(Module, Name, Args, Cause) of
                          table -> gerl_explain:table(remarks(Module), Name, length(Args));
                          Special -> Special
                      end,
            case Remarks of
                #{} -> Remarks;
                _ -> gerl_explain:numbered(texts(Remarks, Args, Cause))
            end
    end;
format_error(Reason, [{json, _, _, Location} | _]) -> json(Reason, maps:get(cause, proplists:get_value(error_info, Location, #{}), none));
format_error(_, _) -> #{}.

%% Kinds that only this module knows; all others are gerl_explain's.
texts([R | Rs], [A | As], Cause) ->
    [case own(R, A) of
         none -> maps:get(1, gerl_explain:map([R], [A], Cause), ok);
         Text -> Text
     end | texts(Rs, As, Cause)];
texts(_, _, _) -> [].

own(bin, V) when is_bitstring(V), not is_binary(V) -> ?BITS;
own(bin, V) -> gerl_explain:remark(binary, V);
own({bin, Remark}, V) when is_binary(V) -> gerl_explain:remark(Remark, V);
own({bin, _}, V) -> own(bin, V);
own(endian, V) -> unless(lists:member(V, [big, little]), <<"must be 'big' or 'little'">>);
own(hex_case, V) -> unless(lists:member(V, [lowercase, uppercase]), <<"not 'uppercase' or 'lowercase'">>);
own(pattern, V) -> works(fun() -> binary:match(<<"a">>, V) end, <<"not a valid pattern">>);
own(bin_replacement, V) -> unless(is_binary(V) orelse is_function(V, 1), ?REPLACEMENT);
own(re_replacement, V) -> unless(is_function(V, 1) orelse gerl_explain:remark(iodata, V) =:= ok, ?REPLACEMENT);
own(text, V) ->
    Valid = try unicode:characters_to_binary(V) of Done -> is_binary(Done) catch error:_ -> false end,
    unless(Valid, ?CHARS);
own(encoding, V) -> works(fun() -> unicode:characters_to_binary(<<"a">>, V) end, <<"not a valid encoding">>);
own(iterable, V) ->
    Fits = is_map(V) orelse try maps:next(V) of _ -> true catch error:_ -> false end,
    unless(Fits, ?ITERATOR);
own(order, V) ->
    unless(V =:= undefined orelse V =:= ordered orelse V =:= reversed orelse is_function(V, 2),
           <<"not 'undefined', 'ordered', 'reversed', or a fun that takes two arguments">>);
own(regexp, V) ->
    case compiles(V) of
        ok -> ok;
        no -> works(fun() -> re:run("", V) end, <<"neither an iodata term nor a compiled regular expression">>);
        Text -> Text
    end;
own(_, _) -> none.

unless(true, _) -> ok;
unless(false, Text) -> Text.

works(Fun, Text) ->
    try Fun() of
        _ -> ok
    catch
        error:_ -> Text
    end.

%% ok, `no` or the text of the fault in a regular expression.
compiles(Re) ->
    try re:compile(Re) of
        {ok, _} -> ok;
        {error, {Fault, At}} ->
            unicode:characters_to_binary(
              io_lib:format("could not parse regular expression~n~ts on character ~p", [Fault, At]))
    catch
        error:_ -> no
    end.

remarks(binary) ->
    [{[bin, ?NAT], [at, copy]},
     {[bin], [bin_to_list, copy, decode_unsigned, encode_hex, referenced_byte_size]},
     {[<<"not a valid pattern">>], [compile_pattern]},
     {[bin, endian], [decode_unsigned]},
     {[?NAT], [encode_unsigned]},
     {[?NAT, endian], [encode_unsigned]},
     {[bin, hex_case], [encode_hex]},
     {[{bad, iodata}], [list_to_bin]},
     {[?BINARIES], [longest_common_prefix, longest_common_suffix]},
     {[bin, pattern], [match, matches, split]},
     {[bin, pattern, bin_replacement], [replace]}];
remarks(maps) ->
    [{[fun2, iterable], [filter, filtermap, foreach, map]},
     {['_', {bad, map}], [find, get, is_key, remove, take]},
     {['_', {bad, map}, '_'], [get]},
     {['_', '_', {bad, map}], [put, update]},
     {[fun3, '_', iterable], [fold]},
     {[list, '_'], [from_keys]},
     {[list], [from_list]},
     {[fun1, list], [groups_from_list]},
     {[fun1, fun1, list], [groups_from_list]},
     {[map, map], [intersect, merge]},
     {[fun3, map, map], [intersect_with, merge_with]},
     {[map], [iterator]},
     {[map, order], [iterator]},
     {[{bad, map}], [keys, size, values]},
     {[<<"not a valid iterator">>], [next]},
     {[?ITERATOR], [to_list]},
     {['_', fun1, map], [update_with]},
     {['_', fun1, '_', map], [update_with]},
     {[list, map], [with, without]}];
remarks(lists) ->
    [{['_', {int, 1, infinity}, list], [keyfind, keymember, keysearch]},
     {['_', list], [member]},
     {[list, '_'], [reverse]}];
remarks(erl_features) -> [{[<<"unknown feature">>], [info]}];
remarks(re) ->
    [{[{bad, iodata}], [compile]},
     {[<<"not an exported regular expression">>], [import]},
     {[iodata, regexp], [run, split]},
     {[iodata, regexp, {cause, badopt, ?OPTIONS, '_'}], [run, split]},
     {[iodata, regexp, re_replacement], [replace]},
     {[iodata, regexp, re_replacement, {cause, badopt, ?OPTIONS, '_'}], [replace]}];
remarks(unicode) ->
    [{[?CHARS], [characters_to_binary, characters_to_list, characters_to_nfc_binary, characters_to_nfc_list,
                 characters_to_nfd_binary, characters_to_nfd_list, characters_to_nfkc_binary, characters_to_nfkc_list,
                 characters_to_nfkd_binary, characters_to_nfkd_list]},
     {[text, encoding], [characters_to_binary, characters_to_list]},
     {[text, encoding, encoding], [characters_to_binary, characters_to_list]},
     {[?CHAR], [category, is_whitespace, is_id_start, is_id_continue]}];
remarks(_) -> [].

replace_options([global | Rest]) -> replace_options(Rest);
replace_options([{scope, {From, Len}} | Rest]) -> is_integer(From) andalso is_integer(Len) andalso replace_options(Rest);
replace_options([{insert_replaced, _} | Rest]) -> replace_options(Rest);
replace_options(Rest) -> Rest =:= [].

%% What depends on several arguments, or is no question of kinds.
special(binary, decode_hex, [Hex], _) when is_binary(Hex), byte_size(Hex) rem 2 =:= 1 ->
    [<<"must contain an even number of bytes">>];
special(binary, decode_hex, [Hex], _) when is_binary(Hex) -> [<<"must only contain hex digits 0-9, A-F, and a-f">>];
special(binary, decode_hex, [_], _) -> [bin];
special(binary, unhex, [Text], _) -> [<<Text/binary, " is not a valid hex">>];
special(binary, Name, [<<>>], _) when Name =:= first; Name =:= last -> [<<"a zero-sized binary is not allowed">>];
special(binary, Name, [_], _) when Name =:= first; Name =:= last -> [bin];
special(binary, join, [_, Separator], _) when not is_binary(Separator) -> ['_', bin];
special(binary, join, [_, _], _) -> [{list, <<"not a list of binaries">>}];
special(binary, Name, [Bin, {Pos, Len}], _) when is_integer(Pos), is_integer(Len), Name =:= part orelse Name =:= bin_to_list ->
    case is_binary(Bin) andalso Pos =< byte_size(Bin) of
        true -> ['_', {bad, range}];
        false -> [bin, '_']
    end;
special(binary, Name, [_, _], _) when Name =:= part; Name =:= bin_to_list -> [bin, <<"not a valid {Pos,Length} tuple">>];
special(binary, Name, [Bin, Pos, Len], _) when Name =:= part; Name =:= bin_to_list ->
    case is_binary(Bin) andalso is_integer(Pos) andalso Pos >= 0 andalso is_integer(Len) of
        true when Pos > byte_size(Bin) -> ['_', {bad, range}];
        true -> ['_', '_', {bad, range}];
        false -> [bin, ?NAT, integer]
    end;
special(binary, Name, [_, _, Options] = Args, _) when Name =:= match; Name =:= matches; Name =:= split ->
    case texts([bin, pattern], Args, none) of
        [ok, ok] ->
            case Options of
                [{scope, {From, Len}}] when is_integer(From), is_integer(Len), Name =/= split ->
                    ['_', '_', <<"specified part is not wholly inside binary">>];
                _ -> ['_', '_', ?OPTIONS]
            end;
        _ -> [bin, pattern]
    end;
special(binary, replace, [_, _, New, Options] = Args, Cause) ->
    Remarks = [bin, pattern, bin_replacement],
    case Cause =:= badopt orelse own(bin_replacement, New) =:= ok andalso not replace_options(Options) orelse texts(Remarks, Args, none) =:= [ok, ok, ok] of
        true -> Remarks ++ [?OPTIONS];
        false -> Remarks
    end;
special(lists, seq, [From, To, Step] = Args, _) ->
    case gerl_explain:map([integer, integer, integer], Args, none) of
        None when map_size(None) =:= 0 ->
            ['_', '_', if
                           Step =< 0, From - Step =< To -> <<"not a positive increment">>;
                           true -> <<"not a negative increment">>
                       end];
        Some -> Some
    end;
special(maps, get, [_, Map], _) when is_map(Map) -> [<<"not present in map">>];
special(maps, update, [_, _, Map], _) when is_map(Map) -> [<<"not present in map">>];
special(re, compile, [Re, _], Cause) ->
    [case compiles(Re) of
         ok -> '_';
         no -> {bad, iodata};
         Text -> Text
     end | [?OPTIONS || Cause =:= badopt]];
special(re, inspect, [Compiled, Item], _) ->
    Re = works(fun() -> re:inspect(Compiled, namelist) end, <<"not a compiled regular expression">>),
    gerl_explain:numbered([Re, case Re =:= ok orelse not is_atom(Item) of
                                   true -> <<"not a valid item">>;
                                   false -> ok
                               end]);
special(_, _, _, _) -> table.

%% Functions with a domain complain about it where the argument is a number.
math(fmod, [_, Y]) when Y == 0 -> [number, {fine, <<"is outside the domain for this function">>}];
math(Name, [_]) ->
    Bounded = lists:member(Name, [acos, acosh, asin, atanh, log, log10, log2, sqrt]),
    [case Bounded of true -> {number, <<"is outside the domain for this function">>}; false -> number end];
math(_, Args) -> [number || _ <- Args].

json({invalid_byte, Byte}, #{position := At}) ->
    Sign = if Byte > 31, Byte < 127 -> [" '", Byte, $']; true -> "" end,
    #{general => unicode:characters_to_binary(
                   io_lib:format("invalid byte 16#~2.16.0B~ts at byte position ~w", [Byte, Sign, At]))};
json(_, _) -> #{}.
