-module(calls).
-compile([nowarn_deprecated_function, nowarn_deprecated_catch]).

%% Random calls of library functions. `run From To Out` does the calls From..To and writes the number of each with a hash of its
%% value or exception; `show N` prints one. What a call is depends on its number only. Class and reason of exceptions count, of
%% built-in functions the failed function, too.

-export([main/1, one/1, arg/1, has_map/1]).

main(["show", N]) -> {Call, Result} = one(list_to_integer(N)), io:format("~s~n  ~w~n  => ~w~n", [N, Call, Result]), halt();
main(["run", From, To, Out]) ->
    {ok, File} = file:open(Out, [write, raw, delayed_write]),
    each(list_to_integer(From), list_to_integer(To), File),
    file:close(File),
    halt().

each(N, To, _) when N > To -> ok;
each(N, To, File) ->
    {_, Result} = one(N),
    file:write(File, [integer_to_list(N), $\s, integer_to_list(erlang:phash2(Result)), $\n]),
    each(N + 1, To, File).

one(N) ->
    rand:seed(exsss, {N, 7, 11}),
    {M, F, Types} = element(rand:uniform(tuple_size(calls())), calls()),
    Args = [arg(T) || T <- Types],
    {{M, F, Args}, run(M, F, Args)}.

run(M, F, As) ->
    try result(M, F, As, apply(M, F, As)) catch C:R:St -> failed(lists:member(M, [erlang, math]) orelse lists:member({M, F}, [{lists, keyfind}, {lists, member}, {lists, reverse}]), C, flat(M, norm(R, 20)), St) end.

%% Texts and encodings of maps show the order of keys, which is no matter here: only the bytes count, and of how many. Where a
%% depth cuts a text short, the order decides what is left.
result(io_lib, write, [T, _] = As, V) ->
    case has_map(T) of
        true -> written;
        false -> result(io_lib, ok, As, V)
    end;
result(M, F, As, V) ->
    case (M =:= io_lib orelse F =:= term_to_binary orelse F =:= term_to_iovec) andalso lists:any(fun has_map/1, As) of
        true -> lists:sort([C || C <- unicode:characters_to_list(V, latin1), C > $\s]);
        false -> flat(M, norm(V, 40))
    end.

has_map(M) when is_map(M) -> map_size(M) > 1 orelse has_map(maps:to_list(M));
has_map([H | T]) -> has_map(H) orelse has_map(T);
has_map(T) when is_tuple(T) -> has_map(tuple_to_list(T));
has_map(_) -> false.

failed(true, C, R, St) -> {C, R, top(St)};
failed(false, C, R, _) -> {C, R}.

flat(M, V) when M =:= string; M =:= io_lib; M =:= filename -> deep(V);
flat(unicode, {E, A, B}) -> {E, A, deep(B)};
flat(_, V) -> V.

deep(V) when is_list(V); is_binary(V) -> try unicode:characters_to_list(V) of L when is_list(L) -> L; _ -> parts(V) catch _:_ -> parts(V) end;
deep(V) when is_tuple(V) -> list_to_tuple([deep(E) || E <- tuple_to_list(V)]);
deep(V) -> V.
parts([H | T]) -> [deep(H) | parts(T)];
parts(T) -> T.

top([{M, F, A, _} | _]) when M =/= ?MODULE -> {M, F, if is_list(A) -> length(A); true -> A end};
top(_) -> none.

norm(M, D) when is_map(M) -> {'$map', lists:sort([{norm(K, D), norm(V, D)} || {K, V} <- maps:to_list(M)])};
norm([H | T], D) -> [norm(H, D) | norm(T, D)];
norm(T, D) when is_tuple(T) -> list_to_tuple([norm(E, D) || E <- tuple_to_list(T)]);
norm(X, _) when is_function(X); is_pid(X); is_reference(X); is_port(X) -> '$opaque';
norm(X, _) -> X.

u(N) -> rand:uniform(N).
pick(L) -> lists:nth(u(length(L)), L).

arg(any) -> term(3);
arg(cnt) -> u(30) - 4;
arg(T) -> case u(12) of 1 -> term(2); _ -> a(T) end.

a(int) -> int();
a(small) -> u(40) - 8;
a(pos) -> u(12);
a(base) -> u(35) + 1;
a(float) -> flt();
a(num) -> case u(3) of 1 -> flt(); _ -> int() end;
a(atom) -> atom();
a(bin) -> bin();
a(bits) -> bits();
a(str) -> str();
a(list) -> list(3);
a(ilist) -> [int() || _ <- lists:seq(1, u(8))];
a(plist) -> [{term(1), term(2)} || _ <- lists:seq(1, u(6) - 1)];
a(tlist) -> [tuple(2) || _ <- lists:seq(1, u(5) - 1)];
a(tuple) -> tuple(3);
a(map) -> map(3);
a(iodata) -> iodata(3);
a(chars) -> chars(3);
a(bool) -> pick([true, false]);
a(enc) -> pick([latin1, utf8, unicode, utf16, {utf16, little}, utf32, {utf32, little}, {utf16, big}]);
a(endian) -> pick([big, little]);
a(etf) -> T = term(3), B = term_to_binary(T), case u(3) =:= 1 andalso not has_map(T) of true -> mutate(B); false -> B end;
a(t2bopt) -> pick([[], [compressed], [{compressed, 0}], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [deterministic], [bad]]);
a(fopt) -> pick([[], [{decimals, u(20)}], [{decimals, u(10)}, compact], [{scientific, u(18)}], [short], [compact], [{decimals, 300}], [{scientific, 0}]]);
a(numstr) -> numstr();
a(numbin) -> list_to_binary(numstr());
a(fmt) -> fmt();
a(cmp) -> pick([fun(A, B) -> A =< B end, fun(A, B) -> A >= B end]);
a(f1) -> pick([fun(X) -> X end, fun(X) -> {X} end, fun(X) -> X + 1 end, fun is_atom/1, fun(X) -> element(1, X) end]);
a(p1) -> pick([fun is_integer/1, fun is_atom/1, fun(X) -> X > 0 end, fun(_) -> true end]);
a(f2) -> pick([fun(X, Y) -> {X, Y} end, fun(X, Y) -> X + Y end, fun(X, _) -> X end]);
a(p2) -> pick([fun(X, Y) -> X =< Y end, fun(_, V) -> is_integer(V) end]);
a(f3) -> pick([fun(K, V, A) -> [{K, V} | A] end, fun(_, V, A) -> {V, A} end]);
a(pl) -> {u(6) - 1, u(9) - 5};
a(pat) -> pick([bin3(), [bin3(), bin3()], <<>>]);
a(bin3) -> bin3();
a(big) -> big();
a(date) -> {u(4000) - 500, u(13), u(32)};
a(secs) -> u(1000000000000) - 500000000000;
a(re) -> pick(["a", "a*b", "[a-c]+", "(a)(b)?", "^.", "\\d+", "(", "a|b|", "(?i)AB", "x{2,3}", "\\w\\s", "(?<n>a+)", "[^a]", "a.c", "$"]);
a(reopt) -> pick([[], [global], [{capture, all, list}], [{capture, none}], [global, {capture, first, binary}], [caseless], [{offset, 1}], [anchored], [multiline, dotall], [unicode], [bad], [{return, list}]]).

bin3() -> list_to_binary([pick("abc") || _ <- lists:seq(1, u(3))]).

int() -> case u(6) of 1 -> u(10) - 5; 2 -> u(1000) - 500; 3 -> pick([0, 1, -1, 255, 256, 65535, 16#7FFFFFFF, 16#FFFFFFFF, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 59, (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63), 1 bsl 64]); 4 -> big(); _ -> u(1 bsl 40) - (1 bsl 39) end.
big() -> S = pick([1, -1]), S * (u(1 bsl 62) bsl u(130)) + u(1 bsl 60).
flt() -> case u(6) of 1 -> pick([0.0, -0.0, 1.0, -1.0, 0.1, 1.0e308, 1.7976931348623157e308, 5.0e-324, 1.0e22, 1.0e21, 123456789012345680.0, 9007199254740992.0, 9007199254740993.0, 1.0e-7, 0.5, 1.5, 2.5]); 2 -> (u(2000) - 1000) / 8; 3 -> rand:uniform() * 1.0e10; 4 -> float(int()); _ -> case <<(u(1 bsl 64) - 1):64>> of <<X/float>> -> X; _ -> 1.25 end end.
atom() -> pick([a, b, foo, bar, true, false, ok, error, undefined, '', 'hello world', [], infinity, utf8, 'ÅÄ', 'Ω', nil, 'A', z1, '1a', 'a@b', 'and']).
bin() -> case u(5) of 1 -> <<>>; 2 -> list_to_binary([u(256) - 1 || _ <- lists:seq(1, u(100))]); 3 -> unicode:characters_to_binary(str()); _ -> list_to_binary([pick("abcABC 0123xyz,;") || _ <- lists:seq(1, u(12))]) end.
bits() -> case u(2) of 1 -> bin(); _ -> B = bin(), N = u(bit_size(B) + 1) - 1, <<R:N/bitstring, _/bitstring>> = B, R end.
chr() -> case u(8) of 1 -> u(255); 2 -> pick([16#391, 16#20AC, 16#1F600, 16#E5, 16#FEFF, 16#D7FF, 16#E000, 16#10FFFF, 0, $\n, $\t, 16#301]); _ -> pick("abc xyzABC019_-.,'\"\\") end.
str() -> [chr() || _ <- lists:seq(1, u(10) - 1)].
list(0) -> []; list(D) -> case u(5) of 1 -> str(); 2 -> [int() || _ <- lists:seq(1, u(8))]; 3 -> [term(D - 1) | pick([[], a, [b], 1])]; _ -> [term(D - 1) || _ <- lists:seq(1, u(6) - 1)] end.
tuple(D) -> list_to_tuple([term(D - 1) || _ <- lists:seq(1, u(5) - 1)]).
map(D) -> maps:from_list([{term(D - 1), term(D - 1)} || _ <- lists:seq(1, case u(8) of 1 -> u(60); _ -> u(5) - 1 end)]).
iodata(0) -> bin(); iodata(D) -> case u(5) of 1 -> u(256) - 1; 2 -> bin(); 3 -> [u(255) || _ <- lists:seq(1, 4)]; _ -> [iodata(D - 1) || _ <- lists:seq(1, u(4))] end.
chars(0) -> str(); chars(D) -> case u(5) of 1 -> [chr()]; 2 -> unicode:characters_to_binary(str()); 3 -> str(); _ -> [chars(D - 1) || _ <- lists:seq(1, u(4))] end.
term(D) when D =< 0 -> case u(5) of 1 -> int(); 2 -> atom(); 3 -> flt(); 4 -> bin(); _ -> u(10) end;
term(D) -> case u(13) of 1 -> list(D); 2 -> tuple(D); 3 -> map(D); 4 -> bits(); 5 -> str(); 6 -> int(); 7 -> flt(); 8 -> atom(); 9 -> bin(); 10 -> [term(D - 1), term(D - 1)]; 11 -> {term(D - 1), term(D - 1)}; _ -> term(0) end.
mutate(B) -> N = u(byte_size(B)) - 1, <<X:N/binary, _, Y/binary>> = B, case u(2) of 1 -> <<X/binary, (u(256) - 1), Y/binary>>; _ -> X end.
numstr() -> case u(6) of 1 -> integer_to_list(int()); 2 -> float_to_list(flt()); 3 -> float_to_list(flt(), [short]); 4 -> integer_to_list(abs(int()), 16); 5 -> "+" ++ integer_to_list(u(99)); _ -> pick(["1.0e5", "1e5", "1.", ".5", "-0.0", " 1", "1 ", "0x1", "12345678901234567890", "1.0E+10", "-", "", "1_000", "1.0e400", "1.0e-400", "16#FF"]) end.
fmt() -> lists:append([pick(["~w", "~p", "~s", "~ts", "~tp", "~tw", "~b", "~.2f", "~e", "~g", "~c", "~10w", "~-10w|", "~5.2.0f", "~P", "~W", "~10.5s", "~.16b", "~.8B", "~+", "~#", "~x", "~n", "~~", "~i", "~0p", "abc", " "]) || _ <- lists:seq(1, u(3))]).

calls() -> persistent(fun() -> list_to_tuple([{M, F, As} || {M, L} <- table(), {F, As} <- L]) end).
persistent(F) -> case get(calls) of undefined -> X = F(), put(calls, X), X; X -> X end.

table() ->
  [{erlang, [{abs,[num]},{'+',[num,num]},{'-',[num,num]},{'*',[num,num]},{'/',[num,num]},{'div',[int,int]},{'rem',[int,int]},{'band',[int,int]},{'bor',[int,int]},{'bxor',[int,int]},{'bnot',[int]},{'bsl',[int,cnt]},{'bsr',[int,small]},{'-',[num]},{'+',[any]},
    {'==',[any,any]},{'=:=',[any,any]},{'<',[any,any]},{'>=',[any,any]},{'/=',[num,num]},{'<',[num,num]},{'==',[num,num]},{max,[any,any]},{min,[num,num]},
    {'++',[list,list]},{'--',[list,list]},{'--',[ilist,ilist]},{'not',[bool]},{'and',[bool,bool]},{'xor',[bool,bool]},
    {adler32,[iodata]},{crc32,[iodata]},{crc32,[pos,iodata]},{md5,[iodata]},{phash2,[any]},{phash2,[any,pos]},{phash,[any,pos]},{atom_to_list,[atom]},{atom_to_binary,[atom,enc]},{atom_to_binary,[atom]},{append_element,[tuple,any]},
    {binary_part,[bin,pl]},{binary_part,[bin,small,small]},{binary_to_atom,[bin]},{binary_to_atom,[bin,enc]},{binary_to_existing_atom,[cnt]},{binary_to_float,[numbin]},{binary_to_integer,[numbin]},{binary_to_integer,[numbin,base]},{binary_to_list,[bin]},{binary_to_list,[bin,pos,pos]},{bitstring_to_list,[bits]},{bit_size,[bits]},{byte_size,[bits]},
    {ceil,[num]},{floor,[num]},{round,[num]},{trunc,[num]},{float,[num]},{delete_element,[pos,tuple]},{insert_element,[pos,tuple,any]},{element,[pos,tuple]},{setelement,[pos,tuple,any]},{external_size,[any]},{external_size,[any,t2bopt]},
    {float_to_list,[float]},{float_to_list,[float,fopt]},{float_to_binary,[float,fopt]},{float_to_binary,[float]},{hd,[list]},{tl,[list]},{integer_to_list,[int]},{integer_to_list,[int,base]},{integer_to_binary,[int,base]},{iolist_size,[iodata]},{iolist_to_binary,[iodata]},{iolist_to_binary,[any]},{iolist_to_iovec,[cnt]},
    {is_map_key,[any,map]},{is_record,[tuple,atom,pos]},{is_record,[tuple,atom]},{is_function,[any,small]},{length,[list]},{list_to_atom,[str]},{list_to_binary,[iodata]},{list_to_bitstring,[iodata]},{list_to_float,[numstr]},{list_to_integer,[numstr]},{list_to_integer,[numstr,base]},{list_to_tuple,[list]},{make_tuple,[cnt,any]},{make_tuple,[cnt,any,plist]},{map_get,[any,map]},{map_size,[map]},{size,[any]},{split_binary,[bin,small]},{tuple_size,[tuple]},{tuple_to_list,[tuple]},
    {binary_to_term,[etf]},{binary_to_term,[bin]},{term_to_binary,[any]},{term_to_iovec,[any]},{universaltime_to_posixtime,[any]},{posixtime_to_universaltime,[cnt]},{convert_time_unit,[int,pos,pos]},{fun_to_list,[any]},{list_to_pid,[str]},{list_to_existing_atom,[cnt]}]},
   {lists, [{keyfind,[any,pos,tlist]},{keymember,[any,pos,tlist]},{keysearch,[any,pos,tlist]},{member,[any,list]},{reverse,[list]},{reverse,[list,any]},{sort,[list]},{sort,[cmp,list]},{usort,[list]},{keysort,[pos,tlist]},{ukeysort,[pos,tlist]},{keystore,[any,pos,tlist,tuple]},{keydelete,[any,pos,tlist]},{keyreplace,[any,pos,tlist,tuple]},{keytake,[any,pos,tlist]},{merge,[list,list]},{umerge,[list,list]},{nth,[pos,list]},{nthtail,[pos,list]},{sublist,[list,pos]},{sublist,[list,pos,pos]},{seq,[cnt,cnt]},{seq,[cnt,cnt,cnt]},{sum,[ilist]},{max,[list]},{min,[list]},{last,[list]},{droplast,[list]},{flatten,[list]},{flatlength,[list]},{append,[list]},{append,[list,list]},{subtract,[list,list]},{delete,[any,list]},{duplicate,[cnt,any]},{zip,[list,list]},{zip3,[list,list,list]},{unzip,[plist]},{map,[f1,list]},{filter,[p1,list]},{foldl,[f2,any,list]},{foldr,[f2,any,list]},{partition,[p1,list]},{splitwith,[p1,list]},{takewhile,[p1,list]},{dropwhile,[p1,list]},{all,[p1,list]},{any,[p1,list]},{search,[p1,list]},{split,[pos,list]},{prefix,[str,str]},{suffix,[list,list]},{join,[any,list]},{concat,[list]},{enumerate,[list]},{enumerate,[int,list]},{uniq,[list]},{mapfoldl,[f2,any,list]},{zipwith,[f2,list,list]},{keymap,[f1,pos,tlist]},{keymerge,[pos,tlist,tlist]},{flatmap,[f1,list]},{filtermap,[p1,list]}]},
   {maps, [{filter,[p2,map]},{filtermap,[p2,map]},{map,[f2,map]},{find,[any,map]},{from_keys,[list,any]},{from_list,[plist]},{get,[any,map]},{get,[any,map,any]},{is_key,[any,map]},{merge,[map,map]},{put,[any,any,map]},{remove,[any,map]},{size,[map]},{take,[any,map]},{update,[any,any,map]},{update_with,[any,f1,map]},{update_with,[any,f1,any,map]},{with,[list,map]},{without,[list,map]},{intersect,[map,map]},{merge_with,[f3,map,map]},{intersect_with,[f3,map,map]},{groups_from_list,[f1,list]}]},
   {binary, [{at,[bin,small]},{bin_to_list,[bin,pl]},{bin_to_list,[bin,small,small]},{copy,[bin,cnt]},{decode_unsigned,[bin,endian]},{encode_unsigned,[int,endian]},{encode_unsigned,[int]},{encode_hex,[bin]},{decode_hex,[bin]},{first,[bin]},{last,[bin]},{list_to_bin,[iodata]},{longest_common_prefix,[list]},{longest_common_suffix,[list]},{match,[bin,pat]},{matches,[bin,pat]},{part,[bin,pl]},{split,[bin,pat]},{replace,[bin,pat,bin3]}]},
   {string, [{length,[chars]},{uppercase,[chars]},{lowercase,[chars]},{titlecase,[chars]},{casefold,[chars]},{reverse,[chars]},{trim,[chars]},{slice,[chars,small]},{slice,[chars,small,small]},{split,[chars,str]},{find,[chars,str]},{prefix,[chars,str]},{equal,[chars,chars]},{to_graphemes,[chars]},{pad,[chars,cnt]},{lexemes,[chars,str]},{to_integer,[numstr]},{to_float,[numstr]},{next_codepoint,[chars]},{next_grapheme,[chars]},{is_empty,[chars]},{jaro_similarity,[str,str]},{replace,[chars,str,str]},{nth_lexeme,[chars,pos,str]},{take,[chars,str]},{chomp,[chars]},
      {tokens,[str,str]},{strip,[str]},{str,[str,str]},{substr,[str,pos]},{to_upper,[str]},{centre,[str,cnt]},{join,[list,str]}]},
   {unicode, [{characters_to_binary,[chars]},{characters_to_binary,[iodata,enc]},{characters_to_binary,[chars,enc,enc]},{characters_to_list,[chars]},{characters_to_list,[iodata,enc]},{characters_to_list,[any]}]},
   {math, [{ceil,[num]},{floor,[num]},{fmod,[num,num]},{sqrt,[num]},{exp,[small]},{pow,[small,small]}]},
   {io_lib, [{format,[fmt,list]},{write,[any]},{print,[any]},{write_atom,[atom]},{write_string,[str]},{format,[fmt,ilist]},{printable_list,[list]},{char_list,[list]},{write,[any,pos]},{deep_char_list,[list]},{write_atom_as_latin1,[atom]},{write_string_as_latin1,[str]}]},
   {re, [{run,[bin,re,reopt]},{run,[str,re]},{split,[bin,re]},{replace,[bin,re,bin3]},{replace,[bin,re,bin3,reopt]}]},
   {calendar, [{date_to_gregorian_days,[date]},{day_of_the_week,[date]},{valid_date,[date]},{gregorian_days_to_date,[cnt]},{gregorian_seconds_to_datetime,[secs]},{iso_week_number,[date]},{is_leap_year,[int]},{last_day_of_the_month,[int,pos]},{seconds_to_daystime,[secs]},{seconds_to_time,[int]}]},
   {base64, [{encode,[bin]},{decode,[bin]},{decode,[str]},{mime_decode,[bin]}]},
   {proplists, [{get_value,[any,list]},{get_all_values,[any,plist]},{to_map,[plist]},{compact,[plist]},{delete,[any,plist]},{is_defined,[any,plist]},{unfold,[list]}]},
   {ordsets, [{from_list,[list]},{union,[list,list]},{subtract,[list,list]},{is_subset,[list,list]}]},
   {filename, [{join,[str,str]},{basename,[str]},{dirname,[str]},{extension,[str]},{rootname,[str]},{split,[str]},{basename,[str,str]}]},
   {erl_scan, [{string,[str]}]}].
