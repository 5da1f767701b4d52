-module(re).
-moduledoc "Regular expressions in Perl's syntax.".

%% Compiling and matching are in Go (bifs/re.go, package regex); replacing and splitting are made of matches.

-export([import/1, version/0, compile/1, compile/2, run/2, run/3, inspect/2, replace/3, replace/4, split/2, split/3]).

-export_type([mp/0, compile_option/0]).

-opaque mp() :: {re_pattern, term(), term(), term(), term()}.
-type nl_spec() :: cr | crlf | lf | nul | anycrlf | any.
-type compile_option() :: unicode | anchored | caseless | dollar_endonly | dotall | extended | firstline
                        | multiline | no_auto_capture | dupnames | ungreedy | {newline, nl_spec()}
                        | bsr_anycrlf | bsr_unicode | no_start_optimize | ucp | never_utf.
-type capture() :: all | all_but_first | all_names | first | none | [integer() | string() | atom()].
-type run_option() :: global | notbol | noteol | notempty | notempty_atstart | report_errors
                    | {offset, non_neg_integer()} | {match_limit, non_neg_integer()}
                    | {match_limit_recursion, non_neg_integer()} | {capture, capture()}
                    | {capture, capture(), index | list | binary} | compile_option().
-type text() :: iodata() | unicode:charlist().



-doc "The release of PCRE whose language this is.".
-spec version() -> binary().
version() -> erlang:nif_error(undef).

-doc "Compiles a pattern without options.".
-spec compile(iodata()) -> {ok, mp()} | {error, {string(), non_neg_integer()}}.
compile(_Regexp) -> erlang:nif_error(undef).

-doc "Compiles a pattern.".
-spec compile(text(), [compile_option()]) -> {ok, mp()} | {error, {string(), non_neg_integer()}}.
compile(_Regexp, _Options) -> erlang:nif_error(undef).

-doc "Looks for the first match.".
-spec run(text(), mp() | iodata()) -> {match, [term()]} | nomatch.
run(_Subject, _RE) -> erlang:nif_error(undef).

-doc "Looks for matches.".
-spec run(text(), mp() | text(), [run_option()]) -> {match, [term()]} | match | nomatch | {error, term()}.
run(_Subject, _RE, _Options) -> erlang:nif_error(undef).

-doc "The names of the groups of a compiled pattern.".
-spec inspect(mp(), namelist) -> {namelist, [binary()]}.
inspect(_MP, _Item) -> erlang:nif_error(undef).

%%% ---- replacing ---------------------------------------------------------------------------------

-doc "Replaces the first match.".
-spec replace(text(), mp() | text(), text() | fun((binary(), [binary()]) -> text())) -> iodata().
replace(Subject, RE, Replacement) ->
    try do_replace(Subject, RE, Replacement, [])
    catch throw:{?MODULE, Why} -> erlang:error(badarg, [Subject, RE, Replacement], info(Why))
    end.

-doc "Replaces the first match, or all with `global`.".
-spec replace(text(), mp() | text(), text() | fun((binary(), [binary()]) -> text()), [term()]) ->
          iodata() | unicode:charlist().
replace(Subject, RE, Replacement, Options) ->
    try do_replace(Subject, RE, Replacement, Options)
    catch throw:{?MODULE, Why} -> erlang:error(badarg, [Subject, RE, Replacement, Options], info(Why))
    end.

do_replace(Subject, RE, Replacement, Options) ->
    Own = options(Options, [return], [capture, report_errors]),
    {MP, Unicode, RunOptions} = compiled(RE, without(Options, [return])),
    Return = maps:get(return, Own, iodata),
    Text = flat(Subject, Unicode),
    Make = replacer(Replacement, Unicode),
    Pieces = case guarded(fun() -> run(Text, MP, [{capture, all, index} | RunOptions]) end) of
                 nomatch -> Text;
                 {error, _} -> Text;
                 {match, [Match | _] = Matches} when is_list(Match) -> exchange(Text, 0, Matches, Make);
                 {match, Match} -> exchange(Text, 0, [Match], Make)
             end,
    case {Return, Pieces} of
        {iodata, _} when is_binary(Pieces) -> Subject;
        {iodata, _} -> Pieces;
        {binary, _} -> flat(Pieces, Unicode);
        {list, _} -> to_list(flat(Pieces, Unicode), Unicode)
    end.

exchange(Text, From, [[{At, Length} | _] = Match | Rest], Make) ->
    New = Make(Text, Match),
    add(binary:part(Text, From, max(At - From, 0)), add(New, exchange(Text, At + Length, Rest, Make)));
exchange(Text, From, [], _Make) ->
    case binary:part(Text, From, byte_size(Text) - From) of
        <<>> -> [];
        Rest -> Rest
    end.

add(<<>>, Rest) -> Rest;
add(New, Rest) -> [New | Rest].

%% The function from a match to what takes its place.
replacer(F, _Unicode) when is_function(F, 2) ->
    fun(Text, [Whole | Groups]) -> F(part(Text, Whole), [part(Text, G) || G <- Groups]) end;
replacer(Replacement, Unicode) ->
    case items(flat(Replacement, Unicode), <<>>) of
        [] -> fun(_Text, _Match) -> [] end;
        [Literal] when is_binary(Literal) -> fun(_Text, _Match) -> Literal end;
        Items -> fun(Text, Match) -> [chosen(Item, Text, Match) || Item <- Items] end
    end.

chosen(N, Text, Match) when is_integer(N), N < length(Match) -> part(Text, lists:nth(N + 1, Match));
chosen(N, _Text, _Match) when is_integer(N) -> <<>>;
chosen(Literal, _Text, _Match) -> Literal.

part(_Text, {-1, _}) -> <<>>;
part(Text, {At, Length}) -> binary:part(Text, At, Length).

%% A replacement as literal binaries and numbers of groups. After \\g a number must follow, \\0 is no group.
items(<<"\\g{", Rest/binary>>, Literal) ->
    case number(Rest, none) of
        {N, <<"}", After/binary>>} when is_integer(N) -> item(N, After, Literal);
        _ -> bad()
    end;
items(<<"\\g">>, Literal) -> items(<<>>, <<Literal/binary, "g">>);
items(<<"\\g", Rest/binary>>, Literal) ->
    case number(Rest, none) of
        {none, _} -> bad();
        {N, After} -> item(N, After, Literal)
    end;
items(<<"\\", C, Rest/binary>>, Literal) when C >= $1, C =< $9 ->
    {N, After} = number(<<C, Rest/binary>>, none),
    item(N, After, Literal);
items(<<"\\", C, Rest/binary>>, Literal) -> items(Rest, <<Literal/binary, C>>);
items(<<"&", Rest/binary>>, Literal) -> item(0, Rest, Literal);
items(<<C, Rest/binary>>, Literal) -> items(Rest, <<Literal/binary, C>>);
items(<<>>, <<>>) -> [];
items(<<>>, Literal) -> [Literal].

item(N, Rest, <<>>) -> [N | items(Rest, <<>>)];
item(N, Rest, Literal) -> [Literal, N | items(Rest, <<>>)].

number(<<C, Rest/binary>>, none) when C >= $0, C =< $9 -> number(Rest, C - $0);
number(<<C, Rest/binary>>, N) when C >= $0, C =< $9 -> number(Rest, N * 10 + C - $0);
number(Rest, N) -> {N, Rest}.

%%% ---- splitting ---------------------------------------------------------------------------------

-doc "Splits at every match.".
-spec split(text(), mp() | text()) -> [term()].
split(Subject, RE) ->
    try do_split(Subject, RE, [])
    catch throw:{?MODULE, Why} -> erlang:error(badarg, [Subject, RE], info(Why))
    end.

-doc "Splits at every match, or at the first ones.".
-spec split(text(), mp() | text(), [term()]) -> [term()].
split(Subject, RE, Options) ->
    try do_split(Subject, RE, Options)
    catch throw:{?MODULE, Why} -> erlang:error(badarg, [Subject, RE, Options], info(Why))
    end.

do_split(Subject, RE, Options) ->
    Own = options(Options, [return, parts, group, trim], [capture, global, report_errors]),
    {MP, Unicode, RunOptions} = compiled(RE, without(Options, [return, parts, group, trim])),
    Text = flat(Subject, Unicode),
    Matches = guarded(fun() -> separators(Text, MP, [{capture, all, index} | RunOptions]) end),
    {Limit, Trim} = case Own of
                        #{parts := 0} -> {infinity, true};
                        #{parts := N} -> {N, false};
                        _ -> {infinity, false}
                    end,
    Rows = rows(Text, 0, Matches, element(2, MP), Limit),
    Convert = case maps:get(return, Own, binary) of
                  list -> fun(Part) -> to_list(Part, Unicode) end;
                  _ -> fun(Part) -> Part end
              end,
    Kept = case Trim orelse Text =:= <<>> of
               true -> trim(lists:reverse(Rows), maps:is_key(group, Own));
               false -> Rows
           end,
    case Own of
        #{group := true} -> [[Convert(Part) || Part <- Row] || Row <- Kept];
        _ -> [Convert(Part) || Row <- Kept, Part <- Row]
    end.

%% Where to split. A part begins where the one before ended: an empty match there splits nothing.
separators(Text, MP, Options) ->
    case run(Text, MP, [global | Options]) of
        {match, All} -> apart(All, 0);
        _ -> []
    end.

apart([[{At, 0} | _] | Rest], At) -> apart(Rest, At);
apart([[{At, Length} | _] = Match | Rest], _End) -> [Match | apart(Rest, At + Length)];
apart([], _End) -> [].

%% Each row is a part and the groups of the match behind it.
rows(Text, From, [_ | _], _Groups, 1) -> [[binary:part(Text, From, byte_size(Text) - From)]];
rows(Text, From, [[{At, Length} | Captured] | Rest], Groups, Limit) ->
    Row = [part(Text, G) || G <- Captured] ++ lists:duplicate(Groups - length(Captured), <<>>),
    Left = case Limit of infinity -> infinity; _ -> Limit - 1 end,
    [[binary:part(Text, From, At - From) | Row] | rows(Text, At + Length, Rest, Groups, Left)];
rows(Text, From, [], _Groups, _Limit) -> [[binary:part(Text, From, byte_size(Text) - From)]].

%% Drops the empty parts at the end of reversed rows.
trim([Row | Rest], Group) ->
    case lists:all(fun(Part) -> Part =:= <<>> end, Row) of
        true -> trim(Rest, Group);
        false when Group -> lists:reverse(Rest, [Row]);
        false -> lists:reverse(Rest, [lists:reverse(lists:dropwhile(fun(Part) -> Part =:= <<>> end, lists:reverse(Row)))])
    end;
trim([], _Group) -> [].

%%% ---- what both need ----------------------------------------------------------------------------

bad() -> throw({?MODULE, badarg}).
bad_option() -> throw({?MODULE, badopt}).

%% Options that are wrong are remarked upon; the others are looked at anyway.
info(badopt) -> [{error_info, #{module => erl_stdlib_errors, cause => badopt}}];
info(badarg) -> [{error_info, #{module => erl_stdlib_errors}}].

guarded(F) ->
    try F() catch error:Reason when Reason =:= badarg; Reason =:= function_clause -> bad() end.

%% The values of the options that are ours; those that make no sense here are refused.
options(Options, Mine, Refused) when is_list(Options) ->
    try lists:foldl(fun(O, Acc) -> option(O, Mine, Refused, Acc) end, #{}, Options)
    catch error:Reason when Reason =:= badarg; Reason =:= function_clause -> bad_option()
    end;
options(_Options, _Mine, _Refused) -> bad_option().

option(Option, Mine, Refused, Acc) ->
    Key = if tuple_size(Option) > 1 -> element(1, Option); true -> Option end,
    case {lists:member(Key, Refused), lists:member(Key, Mine), Option} of
        {true, _, _} -> bad_option();
        {_, false, _} -> Acc;
        {_, _, {return, R}} when R =:= list; R =:= binary; R =:= iodata -> Acc#{return => R};
        {_, _, {parts, N}} when is_integer(N), N >= 0; N =:= infinity -> Acc#{parts => N};
        {_, _, group} -> Acc#{group => true};
        {_, _, trim} -> Acc#{parts => 0};
        _ -> bad_option()
    end.

without(Options, Keys) ->
    [O || O <- Options, not lists:member(if tuple_size(O) > 1 -> element(1, O); true -> O end, Keys)].

compiled({re_pattern, _, Unicode, _, _} = MP, Options) -> {MP, Unicode =:= 1, Options};
compiled(RE, Options) ->
    IsRun = fun({K, _}) -> K =:= offset orelse K =:= match_limit orelse K =:= match_limit_recursion;
               (O) -> lists:member(O, [global, notbol, noteol, notempty, notempty_atstart, report_errors])
            end,
    {RunOptions, CompileOptions} = lists:partition(IsRun, Options),
    case guarded(fun() -> compile(RE, CompileOptions) end) of
        {ok, MP} -> {MP, element(3, MP) =:= 1, RunOptions};
        {error, _} -> bad()
    end.

flat(Text, _Unicode) when is_binary(Text) -> Text;
flat(Text, false) -> guarded(fun() -> iolist_to_binary(Text) end);
flat(Text, true) ->
    case guarded(fun() -> unicode:characters_to_binary(Text) end) of
        Flat when is_binary(Flat) -> Flat;
        _ -> bad()
    end.

to_list(Text, true) -> unicode:characters_to_list(Text);
to_list(Text, false) -> binary_to_list(Text).

-doc "The pattern that compile/2 with the option export made.".
-spec import(term()) -> mp().
import(_Exported) -> erlang:nif_error(undef).
