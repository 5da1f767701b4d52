-module(gerl_qlc_plan).
-moduledoc """
Plans of evaluations: a handle becomes a tree of #plan{} (gerl_qlc.hrl).

Sources are built from the leaves: sources of generators are evaluated here, keys are chosen for look-ups,
specifications for tables and lists, a join for two generators. Then the tree is made smaller: layers that only
make answers unique or cached fall together, and nothing is cached that is read once.
""".

-export([of_source/2]).

-include("gerl_qlc.hrl").

-doc "The plan of a handle or a list, with the options of the evaluation.".
-spec of_source(term(), #qlc_opt{}) -> #plan{}.
of_source(Source, Options) -> lean(build(opened(Source), Options), first).

opened({qlc_handle, #qlc_lc{opt = {qlc_opt, Unique, Cache, Max}} = Query}) ->
    Query#qlc_lc{opt = #qlc_opt{unique = Unique, cache = Cache, max_lookup = Max}};
opened({qlc_handle, Handle}) -> Handle;
opened(List) when is_list(List) -> List.

%%% ---- building -------------------------------------------------------------------------------------

build(List, Options) when is_list(List) ->
    case List of
        [_, _ | _] -> layered(#plan{op = #from_list{list = List}, cached = true}, uncached_unless_unique(Options));
        _ -> short(List)
    end;
build(#table{info_fun = Info} = Table, Options) ->
    Unique = asked(Info, is_unique_objects) =:= true,
    Plan = #plan{op = #from_table{table = Table}, orders = table_orders(Info), unique = Unique},
    layered(Plan, case Unique orelse not Options#qlc_opt.unique of true -> Options#qlc_opt{cache = false}; false -> Options end);
build({append, Sources}, Options) ->
    Parts = lists:append([append_parts(build(opened(S), Options)) || S <- Sources]),
    case Parts of
        [] -> short([]);
        [Part] -> Part;
        _ -> layered(#plan{op = #in_turn{plans = Parts}, cached = lists:all(fun(P) -> P#plan.cached end, Parts)}, Options)
    end;
build({sort, Sorting, Source}, Options) ->
    sorted(Sorting, build(opened(Source), Options), Options);
build(#qlc_lc{lc = Code, opt = #qlc_opt{} = Own} = Handle, Options) ->
    Cache = case Options#qlc_opt.cache of false -> Own#qlc_opt.cache; All -> All end,
    Query = Options#qlc_opt{unique = Own#qlc_opt.unique orelse Options#qlc_opt.unique, cache = Cache, join = Own#qlc_opt.join,
                            lookup = Own#qlc_opt.lookup, max_lookup = Own#qlc_opt.max_lookup},
    case Code() of
        {simple_v1, Name, Source, Place} ->
            Query#qlc_opt.lookup =:= true andalso error(no_lookup_to_carry_out, [{lookup, true}]),
            passed(Name, Place, evaluated(Source, Options), Query);
        {qlc_v1, Run, Written, Qualifiers, Facts} ->
            query(Run, Written, Qualifiers, Facts, Query, Options);
        _ ->
            error({unsupported_qlc_handle, {qlc_handle, Handle}})
    end;
build(Other, _) ->
    error({unsupported_qlc_handle, {qlc_handle, Other}}).

short(List) -> #plan{op = #from_list{list = List}, sorted = yes, unique = true, cached = true}.

append_parts(#plan{op = #from_list{list = [], spec = none}}) -> [];
append_parts(#plan{op = #in_turn{plans = Plans}}) -> Plans;
append_parts(Plan) -> [Plan].

evaluated(Source, Options) ->
    case Source() of
        {qlc_handle, _} = Handle -> build(opened(Handle), Options);
        List when is_list(List) -> build(List, Options);
        {error, qlc, _} = Error -> throw(?FAILED(Error));
        Other -> error(badarg, [Other])
    end.

uncached_unless_unique(#qlc_opt{unique = true} = Options) -> Options;
uncached_unless_unique(Options) -> Options#qlc_opt{cache = false}.

%% A layer on top that makes answers unique or caches them, if that is asked for and not so already.
layered(#plan{unique = Unique, cached = Cached} = Plan, #qlc_opt{unique = WantUnique, cache = WantCache} = Options) ->
    case WantUnique andalso not Unique orelse WantCache =/= false andalso not Cached of
        true -> passed('SQV', 1, Plan, Options);
        false -> Plan
    end.

passed(Name, Place, #plan{unique = Is, cached = Cached} = Plan, #qlc_opt{unique = Unique, cache = Cache} = Options) ->
    no_join(Options),
    Caches = case Unique orelse not Cached of true -> Cache; false -> false end,
    How = #how{unique = Unique andalso not Is, cache = Caches, options = Options},
    Plan#plan{op = #passed{name = Name, place = Place, plan = Plan, how = How}, unique = Is orelse Unique,
              cached = Cached orelse Caches =/= false}.

no_join(#qlc_opt{join = any}) -> ok;
no_join(#qlc_opt{join = Join}) -> error(no_join_to_carry_out, [{join, Join}]).

asked(undefined, _) -> undefined;
asked(Info, What) -> Info(What).

table_orders(Info) ->
    case asked(Info, is_sorted_key) =:= true andalso asked(Info, keypos) of
        Position when is_integer(Position) -> [Position];
        _ -> []
    end.

sorted(_, #plan{sorted = yes} = Plan, _) ->
    Plan;
sorted(#sorting{keys = Keys, order = Order, tmpdir = Dir} = Sorting0, #plan{unique = Unique} = Plan, Options) ->
    Sorting1 = case Unique andalso Keys =:= none of
        true -> Sorting0#sorting{unique = false, options = [O || O <- Sorting0#sorting.options, O =/= unique, element_1(O) =/= unique]};
        false -> Sorting0
    end,
    Sorting = Sorting1#sorting{usage = Options#qlc_opt.tmpdir_usage,
                               tmpdir = case Options#qlc_opt.tmpdir of "" -> Dir; Global -> Global end},
    {Sorted, Orders} =
        case {Keys, Order} of
            {none, Fun} when is_function(Fun) -> {no, []};
            {none, _} -> {Order, []};
            {[First | _], ascending} -> {no, [First]};
            {Key, ascending} -> {no, [Key]};
            _ -> {no, []}
        end,
    #plan{op = #in_order{plan = Plan, sorting = Sorting}, cached = true, sorted = Sorted, orders = Orders,
          unique = Unique orelse Sorting#sorting.unique}.

element_1(Tuple) when is_tuple(Tuple) -> element(1, Tuple);
element_1(_) -> none.

%%% ---- queries --------------------------------------------------------------------------------------

query(Run, Written, Qualifiers0, Facts, Query, Options) ->
    {Qualifiers, Changed} = lists:mapfoldl(fun
        ({N, Index, State, {gen, Join}}, Acc) when element(1, Join) =:= join -> {{N, Index, State, Join}, Acc};
        ({N, Index, State, {gen, Source}}, Acc) ->
            {Plan, Change} = generator(N, evaluated(Source, Options), Facts, Query),
            {{N, Index, State, {gen, Plan}}, Change ++ Acc};
        (Filter, Acc) -> {Filter, Acc}
    end, [], Qualifiers0),
    Query#qlc_opt.lookup =:= true andalso not lists:any(fun({_, Looks, _}) -> Looks end, Changed)
        andalso error(no_lookup_to_carry_out, [{lookup, true}]),
    case Changed of
        [{N, _, all}] ->
            %% The specification, or the look-up, is the whole query.
            no_join(Query),
            {_, _, _, {gen, Plan}} = lists:keyfind(N, 1, Qualifiers),
            Plan;
        _ ->
            Join = gerl_qlc_join:choose(Qualifiers, Changed, Facts, Query),
            loop(Run, Written, Qualifiers, Changed, Facts, Query, Join)
    end.

%% A generator with look-up or specification: {Plan, [{Number, whether it looks up, filters not needed any more}]}.
generator(N, #plan{op = #from_table{table = Table, keys = none, spec = none} = Op} = Plan, Facts, Query) ->
    {Spec, InSpec} = specification(N, Facts),
    case {gerl_qlc_lookup:keys(Table, N, Facts, Query), Spec} of
        {none, none} ->
            {Plan, []};
        {none, _} ->
            case is_function(Table#table.traverse, 1) of
                true ->
                    Chosen = layered(Plan#plan{op = Op#from_table{spec = Spec}, unique = false}, Query),
                    {Chosen, [{N, false, InSpec}]};
                false -> {Plan, []}
            end;
        {{Keys, {_, Skips}}, none} ->
            {Plan#plan{op = Op#from_table{keys = Keys}}, [{N, true, Skips}]};
        {{Keys, {Tag, Skips}}, [{Head, Guard, Body}]} ->
            %% What the keys make true need not be tested again.
            Left =
                case InSpec =:= Skips orelse Tag =:= InSpec of
                    true when Head =:= '$1', Body =:= ['$1']; Body =:= ['$_'], Head =:= '$1' -> none;
                    true -> [{Head, [], Body}];
                    false -> [{Head, Guard, Body}]
                end,
            {Plan#plan{op = Op#from_table{keys = Keys, spec = Left}}, [{N, true, InSpec}]}
    end;
generator(N, #plan{op = #from_list{list = []}} = Plan, Facts, _) ->
    {_, InSpec} = specification(N, Facts),
    {Plan, [{N, false, InSpec}]};
generator(N, #plan{op = #from_list{} = Op} = Plan, Facts, Query) ->
    case specification(N, Facts) of
        {none, _} -> {Plan, []};
        {Spec, InSpec} ->
            New = case Op of
                #from_list{spec = none} -> Plan#plan{op = Op#from_list{spec = Spec}, cached = false, unique = false};
                _ -> #plan{op = #from_plan{plan = Plan, spec = Spec}}
            end,
            {layered(New, Query), [{N, false, InSpec}]}
    end;
generator(_, Plan, _, _) ->
    {Plan, []}.

specification(N, Facts) ->
    case (Facts(match_specs))(N) of
        undefined -> {none, []};
        {no_match_spec, Filters} -> {none, Filters};
        {Spec, Filters} -> {Spec, Filters}
    end.

loop(Run, Written, Qualifiers0, Changed, Facts, #qlc_opt{unique = Unique, cache = Cache, join = JoinOption} = Query, Join) ->
    {Joined, JoinSkips, Sorts, Looked} =
        case Join of
            none -> {none, [], [], none};
            {#joined{kind = {lookup, _, _}} = J, Skips, []} -> {J, Skips, [], J#joined.second};
            {J, Skips, ToSort} -> {J, Skips, ToSort, none}
        end,
    Skips1 = lists:append([Fs || {N, _, Fs} <- Changed, N =/= Looked, is_list(Fs)]) ++ JoinSkips,
    Qualifiers = [qualifier(Q, Skips1, Sorts, {Looked, Changed}, Query) || Q <- Qualifiers0],
    #plan{op = #loop{run = Run, code = Written, qualifiers = Qualifiers, join = Joined,
                     how = #how{unique = Unique, cache = Cache, join = JoinOption, options = Query}},
          unique = Unique, cached = Cache =/= false,
          orders = gerl_qlc_join:orders(Qualifiers, Joined, Facts)}.

qualifier({N, Index, State, {gen, Plan}}, _, Sorts, {Looked, Changed}, Query) ->
    Plan1 =
        case lists:keyfind(N, 1, Sorts) of
            {N, Column} -> for_merge(Plan, Column, Query);
            false -> Plan
        end,
    %% Objects that are looked up by a join's key see no specification: its filters are evaluated.
    Plan2 =
        case Plan1#plan.op of
            #from_table{} = Op when N =:= Looked ->
                case lists:keymember(N, 1, Changed) of
                    true -> Plan1#plan{op = Op#from_table{spec = none}};
                    false -> Plan1
                end;
            _ -> Plan1
        end,
    {N, Index, State, {gen, Plan2}};
qualifier({N, Index, State, fil}, Skips, _, _, _) ->
    {N, Index, State, case lists:member(N, Skips) of true -> skip; false -> fil end};
qualifier(Join, _, _, _, _) -> Join.

for_merge(Plan, Column, #qlc_opt{tmpdir = Dir, tmpdir_usage = Usage}) ->
    Sorting = #sorting{keys = Column, options = [{tmpdir, Dir} || Dir =/= ""], tmpdir = Dir, usage = Usage},
    #plan{op = #in_order{plan = Plan, sorting = Sorting}, orders = [Column]}.

%%% ---- making it smaller ----------------------------------------------------------------------------

%% Position is `first` for what is read once: the first generator of a query, and what is in it.
lean(#plan{op = #passed{plan = #plan{op = #passed{how = Inner} = Below}, how = How} = Op} = Plan, Position) ->
    Cache = case Inner#how.cache of false -> How#how.cache; Own -> Own end,
    Name = case Below#passed.name of 'SQV' -> Op#passed.name; Other -> Other end,
    Both = How#how{cache = Cache, unique = How#how.unique orelse Inner#how.unique},
    lean(Plan#plan{op = Op#passed{name = Name, plan = Below#passed.plan, how = Both}}, Position);
lean(#plan{op = #passed{plan = Inner, how = How} = Op} = Plan, Position) ->
    Lean = lean(Inner, first),
    case once(How, Position) of
        #how{unique = false, cache = false} -> Lean;
        How1 -> Plan#plan{op = Op#passed{plan = Lean, how = How1}}
    end;
lean(#plan{op = #loop{qualifiers = Qualifiers, how = How} = Op} = Plan, Position) ->
    {Lean, _} = lists:mapfoldl(fun
        ({N, Index, State, {gen, Inner}}, At) -> {{N, Index, State, {gen, lean(Inner, At)}}, again};
        (Other, At) -> {Other, At}
    end, first, Qualifiers),
    Plan#plan{op = Op#loop{qualifiers = Lean, how = once(How, Position)}};
lean(#plan{op = #in_turn{plans = Plans} = Op} = Plan, Position) ->
    Plan#plan{op = Op#in_turn{plans = [lean(P, Position) || P <- Plans]}};
lean(#plan{op = #in_order{plan = Inner} = Op} = Plan, Position) ->
    Plan#plan{op = Op#in_order{plan = lean(Inner, Position)}};
lean(Plan, _) ->
    Plan.

once(How, first) -> How#how{cache = false};
once(How, again) -> How.
