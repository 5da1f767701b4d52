%% What the modules of queries share.

%% A query with its options, as compiled modules and handles have it: the options of q/2, later those of the
%% evaluation with them.
-record(qlc_opt, {
    unique = false, cache = false :: boolean() | list, max_lookup = -1, join = any, tmpdir = "", lookup = any,
    max_list = 524288, tmpdir_usage = allowed
}).
-record(qlc_lc, {lc, opt}).

-record(table, {traverse, pre_fun, post_fun, info_fun, format_fun, lookup_fun, parent_fun, key_equality = '=:='}).
-record(sorting, {keys = none :: none | pos_integer() | [pos_integer()], order = ascending, unique = false,
                  options = [], tmpdir = "", usage = allowed, limit = 524288}).

%% How the answers of a query are treated; `options` are those of the query.
-record(how, {unique = false, cache = false, join = any, options = #qlc_opt{}}).

%% A source of answers. `sorted` are its answers as wholes: yes (one or none), ascending, descending or no;
%% `orders` are the columns by which they are sorted; `unique` if no answer comes twice, `cached` if it is cheap to get them again.
-record(plan, {op, sorted = no, orders = [], unique = false, cached = false}).

%% The kinds of sources (`op`). Spec is none or a match specification.
-record(from_list, {list, spec = none}).
-record(from_plan, {plan, spec}).
-record(from_table, {table, keys = none :: none | {pos_integer(), [term()]}, spec = none}).
-record(in_turn, {plans}).
-record(in_order, {plan, sorting}).
-record(passed, {name, place, plan, how}).
-record(loop, {run, code, qualifiers, how, join = none}).

%% A qualifier: {Number, Index, State, Kind}, see gerl_qlc_code. Kind is fil, skip, {gen, Plan} or a join:
-record(join, {op, first, second, choose_first, choose_second, constants}).

%% The join that was chosen: kind is {merge, Op} or {lookup, Op, Fun}. The first of the pairs is traversed, the second
%% one looked up.
-record(joined, {kind, first, column_first, second, column_second}).

%% An error term that ends an evaluation and is its value.
-define(FAILED(Term), {'$gerl_qlc_failed', Term}).
