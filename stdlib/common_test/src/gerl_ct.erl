-module(gerl_ct).
-moduledoc """
Runs the suites of Common Test. Internal; `ct:run_test/1` and `gerl test` call it.

Every step is told to a fun as an event:

- `{suite_begin, Suite, Count}`, `{suite_end, Suite, Milliseconds}`
- `{case_end, Suite, GroupPath, Case, Result, Milliseconds, Log, Comment}` with `Result` one of `ok`, `{failed, Reason}`,
  `{skipped, Reason}` (the suite's own wish) and `{auto_skipped, Reason}` (what it needs failed). `Case` may also be `init_per_suite`,
  `{init_per_group, Group}` and so on, when these fail.
""".

-export([suite/3, describe/1]).

-export_type([result/0, event/0]).

-type result() :: ok | {failed, term()} | {skipped, term()} | {auto_skipped, term()}.
-type event() :: tuple().

-define(LIMIT, 30 * 60 * 1000).

%% suite-wide facts; props of the groups we are in; tell: the fun that gets events.
-record(c, {suite, tell, terminal, limit, path = [], only = all, scale = 1}).

-doc """
Runs a suite. Options: `data_dir`, `priv_dir`, `cases` (a list of names), `groups` (names), `seed` for shuffled groups, `multiply_timetraps`,
`config` (pairs that every test case gets), `terminal` (a fun for what `ct:pal` prints).
""".
-spec suite(module(), map(), fun((event()) -> term())) -> ok.
suite(Suite, Options, Tell) ->
    Start = now_ms(),
    Only = {maps:get(groups, Options, all), maps:get(cases, Options, all)},
    C0 = #c{suite = Suite, tell = Tell, terminal = maps:get(terminal, Options, fun(_) -> ok end),
            only = Only, scale = maps:get(multiply_timetraps, Options, 1)},
    case maps:find(seed, Options) of
        {ok, Seed} -> rand:seed(exsss, Seed);
        error -> ok
    end,
    Tests = tests(Suite, Only),
    Tell({suite_begin, Suite, count(Tests)}),
    case Tests of
        {error, Reason} -> done(init_per_suite, {failed, Reason}, 0, [], "", C0);
        {skip, Reason} -> skip_all(defined(Suite), {skipped, Reason}, C0);
        _ ->
            Info = info(Suite, suite, []),
            C = C0#c{limit = limit_of(Info, ?LIMIT)},
            Config = maps:get(config, Options, []) ++
                [{data_dir, maps:get(data_dir, Options, "./")}, {priv_dir, maps:get(priv_dir, Options, "./")}],
            in_suite(Tests, Config, Info, C)
    end,
    Tell({suite_end, Suite, now_ms() - Start}).

now_ms() -> erlang:monotonic_time(millisecond).

%%% ---- what there is to run ----------------------------------------------------------------------
%% A test is {tc, Name, Properties} or {group, Name, Properties, Tests}.

tests(Suite, Only) ->
    try
        case Suite:all() of
            {skip, Why} -> {skip, Why};
            All -> chosen(expanded(All, groups(Suite), []), Only)
        end
    catch
        throw:{bad_test, What} -> {error, What};
        Class:Reason:Trace -> {error, {Class, Reason, Trace}}
    end.

groups(Suite) ->
    case erlang:function_exported(Suite, groups, 0) of
        true -> Suite:groups();
        false -> []
    end.

expanded(Tests, Groups, Override) -> [one(T, Groups, Override) || T <- Tests].

one({group, Name}, Groups, Override) -> group(Name, default, Override, Groups);
one({group, Name, Properties}, Groups, Override) -> group(Name, Properties, Override, Groups);
one({group, Name, Properties, Subs}, Groups, _) -> group(Name, Properties, as_list(Subs), Groups);
one({group, _Suite, Name, Properties, Subs}, Groups, _) -> group(Name, Properties, as_list(Subs), Groups);
one({testcase, Case, Properties}, _, _) -> {tc, Case, Properties};
one({Name, Properties, Tests}, Groups, Override) when is_list(Tests) -> {group, Name, Properties, expanded(Tests, Groups, Override)};
one({Name, Tests}, Groups, Override) when is_atom(Name), is_list(Tests) -> {group, Name, [], expanded(Tests, Groups, Override)};
one(Case, _, _) when is_atom(Case) -> {tc, Case, []};
one({_Suite, Case}, _, _) when is_atom(Case) -> {tc, Case, []};
one(Other, _, _) -> throw({bad_test, {bad_return, Other}}).

as_list(L) when is_list(L) -> L;
as_list(X) -> [X].

group(Name, Properties, Override, Groups) ->
    {Own, Tests} = case lists:keyfind(Name, 1, Groups) of
                       {_, P, T} -> {P, T};
                       {_, T} -> {[], T};
                       false -> throw({bad_test, {group_not_found, Name}})
                   end,
    Used = case {lists:keyfind(Name, 1, Override), Properties} of
               {false, default} -> Own;
               {false, _} -> Properties;
               {Found, _} ->
                   case element(2, Found) of default -> Own; P2 -> P2 end
           end,
    {group, Name, Used, expanded(Tests, Groups, Override)}.

%% Groups and cases that were asked for by name.
chosen(Tests, {all, all}) -> Tests;
chosen(Tests, {Groups, Cases}) -> lists:filtermap(fun(T) -> wanted(T, Groups, Cases) end, Tests).

wanted({tc, Name, _}, all, Cases) -> Cases =:= all orelse lists:member(Name, Cases);
wanted({tc, _, _}, _, _) -> false;
wanted({group, Name, Properties, Tests}, Groups, Cases) ->
    Inner = case Groups =/= all andalso lists:member(Name, Groups) of
                true -> all;
                false -> Groups
            end,
    case chosen(Tests, {Inner, Cases}) of
        [] -> false;
        Left -> {true, {group, Name, Properties, Left}}
    end.

count(Tests) when is_list(Tests) -> lists:sum([count(T) || T <- Tests]);
count({tc, _, _}) -> 1;
count({group, _, Properties, Tests}) -> max(1, proplists:get_value(repeat, Properties, 1)) * count(Tests);
count({_, _}) -> 0.

-doc "The tests of a suite as a tree: `{tc, Name, Properties}` and `{group, Name, Properties, Tests}`.".
-spec describe(module()) -> list() | {error | skip, term()}.
describe(Suite) -> tests(Suite, {all, all}).

defined(Suite) ->
    case tests(Suite, {all, all}) of
        Tests when is_list(Tests) -> Tests;
        _ -> []
    end.

%% suite/0, group/1 and Case/0 give lists of facts.
info(Suite, Function, Arguments) ->
    case erlang:function_exported(Suite, Function, length(Arguments)) of
        true -> lists:flatten([apply(Suite, Function, Arguments)]);
        false -> []
    end.

limit_of(Info, Default) ->
    case lists:keyfind(timetrap, 1, Info) of
        {timetrap, Time} -> test_server:milliseconds(Time);
        false -> Default
    end.

%%% ---- suites and groups -------------------------------------------------------------------------

in_suite(Tests, Config, Info, C) ->
    case required(Info) of
        {error, Reason} -> skip_all(Tests, {auto_skipped, Reason}, C);
        ok ->
            case step(init_per_suite, [Config], C) of
                none ->
                    _ = all(Tests, Config, C, []),
                    ok;
                {{value, {skip, Reason}}, _} -> skip_all(Tests, {skipped, Reason}, C);
                {{value, {skip_and_save, Reason, _}}, _} -> skip_all(Tests, {skipped, Reason}, C);
                {{value, Next}, _} when is_list(Next) ->
                    _ = all(Tests, Next, C, []),
                    ended(end_per_suite, [Next], C);
                {Outcome, {Log, Comment, Time}} ->
                    Reason = reason(Outcome),
                    done(init_per_suite, {failed, Reason}, Time, Log, Comment, C),
                    skip_all(Tests, {auto_skipped, {failed, {C#c.suite, init_per_suite, Reason}}}, C)
            end
    end.

required(Info) ->
    Missing = [Key || {require, Key} <- Info, ct:get_config(Key) =:= undefined]
        ++ [Key || {require, _, Key} <- Info, ct:get_config(Key) =:= undefined],
    case Missing of
        [] -> ok;
        [Key | _] -> {error, {require_failed, {not_available, Key}}}
    end.

%% Calls a function of the suite if it exports it.
step(Function, Arguments, #c{suite = Suite} = C) ->
    case erlang:function_exported(Suite, Function, length(Arguments)) of
        false -> none;
        true ->
            Start = now_ms(),
            {Outcome, Log, Comment} = run(fun() -> apply(Suite, Function, Arguments) end, C#c.limit, C),
            {Outcome, {Log, Comment, now_ms() - Start}}
    end.

run(Fun, Limit, #c{terminal = Terminal, scale = Scale, suite = Suite}) ->
    Time = case Limit of infinity -> infinity; _ -> round(Limit * Scale) end,
    gerl_ct_case:run(Fun, #{limit => Time, terminal => Terminal}, Suite).

%% end_per_suite and end_per_group: what goes wrong there is reported and harms nobody.
ended(Function, Arguments, C) ->
    case step(Function, Arguments, C) of
        none -> undefined;
        {{value, Value}, _} -> Value;
        {Outcome, {Log, Comment, Time}} ->
            Name = case Arguments of [Group, _] -> {Function, Group}; _ -> Function end,
            done(Name, {failed, reason(Outcome)}, Time, Log, Comment, C),
            undefined
    end.

%% Tests one after the other; the results, and what a case saved for the next.
all(Tests, Config, C, Results) -> all(Tests, Config, C, Results, false).

all([], _, _, Results, _) -> lists:reverse(Results);
all([Test | Rest], Config, C, Results, Sequence) ->
    {Result, Next} = test(Test, Config, C),
    case Sequence andalso Result =:= failed of
        true ->
            skip_all(Rest, {auto_skipped, {failed, {C#c.suite, name(Test)}}}, C),
            lists:reverse(Results, [failed | [skipped || _ <- Rest]]);
        false -> all(Rest, Next, C, [Result | Results], Sequence)
    end.

name({tc, Name, _}) -> Name;
name({group, Name, _, _}) -> {group, Name}.

test({tc, Name, Properties}, Config, C) ->
    Times = proplists:get_value(repeat, Properties, 1),
    lists:foldl(fun(_, {Worst, Conf}) ->
                        {Result, Next} = testcase(Name, Conf, C),
                        {worst([Worst, Result]), Next}
                end, {ok, Config}, lists:seq(1, max(1, Times)));
test({group, Name, Properties, Tests}, Config, C) ->
    {repeated(Name, Properties, Tests, Config, C, repeat_of(Properties)), Config}.

repeat_of(Properties) ->
    Known = [{Kind, N} || {Kind, N} <- Properties, lists:member(Kind, [repeat, repeat_until_any_ok, repeat_until_any_fail,
                                                                       repeat_until_all_ok, repeat_until_all_fail])],
    case Known of
        [] -> {repeat, 1};
        [Repeat | _] -> Repeat
    end.

repeated(Name, Properties, Tests, Config, C, {Kind, Times}) ->
    {Result, Results} = group_once(Name, Properties, Tests, Config, C),
    Left = case Times of forever -> forever; _ -> Times - 1 end,
    case Left =:= 0 orelse enough(Kind, Results) of
        true -> Result;
        false ->
            Later = repeated(Name, Properties, Tests, Config, C, {Kind, Left}),
            case Kind of
                repeat -> worst([Result, Later]);
                _ -> Later
            end
    end.

enough(repeat, _) -> false;
enough(repeat_until_any_ok, Results) -> lists:member(ok, Results);
enough(repeat_until_any_fail, Results) -> lists:member(failed, Results);
enough(repeat_until_all_ok, Results) -> lists:all(fun(R) -> R =:= ok end, Results);
enough(repeat_until_all_fail, Results) -> lists:all(fun(R) -> R =:= failed end, Results).

group_once(Name, Properties, Tests, Config0, #c{suite = Suite, path = Path} = C0) ->
    Info = info(Suite, group, [Name]),
    C = C0#c{path = Path ++ [Name], limit = limit_of(Info, C0#c.limit)},
    Facts = {tc_group_properties, [{name, Name} | Properties]},
    Outer = [{P, V} || {P, V} <- [{tc_group_path, outer_path(Config0)}], V =/= []],
    Config = [Facts | Outer] ++ lists:keydelete(tc_group_properties, 1, lists:keydelete(tc_group_path, 1, Config0)),
    case step(init_per_group, [Name, Config], C) of
        none -> group_done(Name, members(Properties, Tests, Config, C), Config, C, none);
        {{value, {skip, Reason}}, _} ->
            skip_all(Tests, {skipped, Reason}, C),
            {skipped, [skipped]};
        {{value, Next}, _} when is_list(Next) -> group_done(Name, members(Properties, Tests, Next, C), Next, C, ended);
        {Outcome, {Log, Comment, Time}} ->
            Reason = reason(Outcome),
            done({init_per_group, Name}, {failed, Reason}, Time, Log, Comment, C),
            skip_all(Tests, {auto_skipped, {failed, {Suite, init_per_group, Reason}}}, C),
            {failed, [failed]}
    end.

outer_path(Config) ->
    case lists:keyfind(tc_group_properties, 1, Config) of
        {_, Properties} -> [Properties | proplists:get_value(tc_group_path, Config, [])];
        false -> []
    end.

group_done(_, Results, _, _, none) -> {worst(Results), Results};
group_done(Name, Results, Config, C, ended) ->
    Status = {tc_group_result, [{Kind, [R || R <- Results, R =:= Which]} || {Kind, Which} <- [{ok, ok}, {skipped, skipped}, {failed, failed}]]},
    case ended(end_per_group, [Name, [Status | Config]], C) of
        {return_group_result, Result} -> {Result, Results};
        _ -> {worst(Results), Results}
    end.

members(Properties, Tests0, Config, C) ->
    Tests = case shuffle_of(Properties) of
                no -> Tests0;
                yes -> shuffled(Tests0);
                Seed ->
                    rand:seed(exsss, Seed),
                    shuffled(Tests0)
            end,
    case proplists:get_bool(parallel, Properties) of
        true -> at_once(Tests, Config, C);
        false -> all(Tests, Config, C, [], proplists:get_bool(sequence, Properties))
    end.

shuffle_of(Properties) ->
    case proplists:get_value(shuffle, Properties, no) of
        true -> yes;
        Other -> Other
    end.

shuffled(Tests) -> [T || {_, T} <- lists:sort([{rand:uniform(), T} || T <- Tests])].

at_once(Tests, Config, C) ->
    Self = self(),
    Running = [begin
                   {_, Monitor} = spawn_monitor(fun() -> Self ! {at_once, self(), element(1, test(T, Config, C))} end),
                   Monitor
               end || T <- Tests],
    [receive
         {'DOWN', Monitor, process, Pid, _} ->
             receive {at_once, Pid, Result} -> Result after 0 -> failed end
     end || Monitor <- Running].

worst(Results) ->
    case lists:member(failed, Results) of
        true -> failed;
        false ->
            case Results =/= [] andalso lists:all(fun(R) -> R =:= skipped end, Results) of
                true -> skipped;
                false -> ok
            end
    end.

skip_all(Tests, Result, C) -> lists:foreach(fun(T) -> skip(T, Result, C) end, Tests).

skip({tc, Name, _}, Result, C) -> done(Name, Result, 0, [], "", C);
skip({group, Name, _, Tests}, Result, #c{path = Path} = C) -> skip_all(Tests, Result, C#c{path = Path ++ [Name]}).

%%% ---- test cases --------------------------------------------------------------------------------

testcase(Name, Config, #c{suite = Suite} = C) ->
    Info = try info(Suite, Name, []) catch _:_ -> [] end,
    Start = now_ms(),
    {Result, Log, Comment, Next} =
        case {erlang:function_exported(Suite, Name, 1), required(Info)} of
            {false, _} -> {{failed, {undef, {Suite, Name, 1}}}, [], "", Config};
            {true, {error, Reason}} -> {{auto_skipped, Reason}, [], "", Config};
            {true, ok} -> one_case(Name, Config, limit_of(Info, C#c.limit), C)
        end,
    done(Name, Result, now_ms() - Start, Log, Comment, C),
    {class(Result), Next}.

class(ok) -> ok;
class({failed, _}) -> failed;
class({_, _}) -> skipped.

%% init, the case and end run in one process, so that links made by init last; after a time limit or the death of that
%% process end runs in one of its own.
one_case(Name, Config, Limit, #c{suite = Suite} = C) ->
    Self = self(),
    Ref = make_ref(),
    Body = fun() ->
                   case init(Suite, Name, Config) of
                       {go, Used} ->
                           Self ! {Ref, used, Used},
                           Outcome = outcome(fun() -> Suite:Name(Used) end),
                           Self ! {Ref, outcome, Outcome},
                           {Outcome, finish(Suite, Name, Used, Outcome)};
                       Stop -> {Stop, undefined}
                   end
           end,
    {Ran, Log, Comment} = run(Body, Limit, C),
    Used = receive {Ref, used, U} -> U after 0 -> Config end,
    Early = receive {Ref, outcome, O} -> O after 0 -> none end,
    case Ran of
        {value, {Outcome, End}} -> judged(Outcome, End, Log, Comment, Config);
        {timetrap, Time, Trace} ->
            Outcome = case Early of none -> {timetrap, Time, Trace}; _ -> Early end,
            {Log2, _} = late_end(Suite, Name, Used, {timetrap, Time, Trace}, C),
            judged(Outcome, undefined, [Log, Log2], Comment, Config);
        {crashed, Class, Reason, Trace} ->
            {Log2, End} = late_end(Suite, Name, Used, {crashed, Class, Reason, Trace}, C),
            judged({crashed, Class, Reason, Trace}, End, [Log, Log2], Comment, Config)
    end.

init(Suite, Name, Config) ->
    case erlang:function_exported(Suite, init_per_testcase, 2) of
        false -> {go, Config};
        true ->
            try Suite:init_per_testcase(Name, Config) of
                {skip, Reason} -> {skip, Reason};
                {skip_and_save, Reason, _} -> {skip, Reason};
                {fail, Reason} -> {fail, Reason};
                {auto_skip, Reason} -> {auto_skip, Reason};
                Used when is_list(Used) -> {go, Used};
                Other -> {auto_skip, {failed, {Suite, init_per_testcase, {bad_return, Other}}}}
            catch
                Class:Reason:Trace ->
                    io:format("init_per_testcase: ~tp~n", [{Class, Reason, Trace}]),
                    {auto_skip, {failed, {Suite, init_per_testcase, shown(Class, Reason, Trace)}}}
            end
    end.

outcome(Fun) ->
    try {value, Fun()}
    catch Class:Reason:Trace -> {crashed, Class, Reason, Trace}
    end.

finish(Suite, Name, Config, Outcome) ->
    case erlang:function_exported(Suite, end_per_testcase, 2) of
        false -> undefined;
        true -> outcome(fun() -> Suite:end_per_testcase(Name, [{tc_status, status(Outcome)} | Config]) end)
    end.

late_end(Suite, Name, Config, Outcome, C) ->
    {Ran, Log, _} = run(fun() -> finish(Suite, Name, Config, Outcome) end, C#c.limit, C),
    {Log, case Ran of {value, Value} -> Value; _ -> undefined end}.

status({value, {skip, Reason}}) -> {skipped, Reason};
status({value, _}) -> ok;
status({timetrap, Time, _}) -> {failed, {timetrap_timeout, Time}};
status({crashed, throw, {skip, Reason}, _}) -> {skipped, Reason};
status({crashed, _, _, _} = Crash) -> {failed, reason(Crash)}.

judged({skip, Reason}, _, Log, Comment, Config) -> {{skipped, Reason}, Log, Comment, Config};
judged({auto_skip, Reason}, _, Log, Comment, Config) -> {{auto_skipped, Reason}, Log, Comment, Config};
judged({fail, Reason}, _, Log, Comment, Config) -> {{failed, Reason}, Log, Comment, Config};
judged(Outcome, End, Log, Comment0, Config) ->
    Comment = case Outcome of {value, {comment, Text}} -> Text; _ -> Comment0 end,
    Result = case {Outcome, End} of
                 {_, {value, {fail, Reason}}} -> {failed, Reason};
                 {{value, {skip, Reason}}, _} -> {skipped, Reason};
                 {{value, {skip_and_save, Reason, _}}, _} -> {skipped, Reason};
                 {{value, {skipped, Reason}}, _} -> {skipped, Reason};
                 {{value, {fail, Reason}}, _} -> {failed, Reason};
                 {{value, {failed, Reason}}, _} -> {failed, Reason};
                 {{value, _}, _} -> ok;
                 {{crashed, throw, {skip, Reason}, _}, _} -> {skipped, Reason};
                 {Bad, _} -> {failed, reason(Bad)}
             end,
    {Result, Log, Comment, saved(Outcome, End, Config)}.

%% {save_config, C} of a case reaches the next one as saved_config.
saved({value, {save_config, Saved}}, _, Config) -> with_saved(Saved, Config);
saved({value, {skip_and_save, _, Saved}}, _, Config) -> with_saved(Saved, Config);
saved(_, {value, {save_config, Saved}}, Config) -> with_saved(Saved, Config);
saved(_, _, Config) -> Config.

with_saved(Saved, Config) -> [{saved_config, Saved} | lists:keydelete(saved_config, 1, Config)].

reason({timetrap, Time, _}) -> {timetrap_timeout, Time};
reason({crashed, Class, Reason, Trace}) -> shown(Class, Reason, Trace);
reason({value, Other}) -> {bad_return, Other}.

shown(exit, {test_case_failed, _} = Reason, _) -> Reason;
shown(error, Reason, Trace) -> {Reason, own(Trace)};
shown(throw, Reason, Trace) -> {{nocatch, Reason}, own(Trace)};
shown(exit, Reason, _) -> Reason.

own(Trace) ->
    [F || F <- Trace, not lists:member(element(1, F), [gerl_ct, gerl_ct_case])].

done(Case, Result, Time, Log, Comment, #c{suite = Suite, path = Path, tell = Tell}) ->
    Tell({case_end, Suite, Path, Case, Result, Time, Log, Comment}).
