-module(ct_suite).
-moduledoc "Behaviour of test suites. Only `all/0` is obligatory; suites are run by `ct:run_test/1` and by the command `gerl test`.".

-export_type([ct_config/0, ct_test_def/0, ct_status/0, ct_info/0, ct_group_def/0]).

-type ct_config() :: [{atom(), term()}].
-type ct_status() :: ok | skipped | failed.
-type ct_group_name() :: atom().
-type ct_test_def() :: atom() | {group, ct_group_name()} | {group, ct_group_name(), list()} | {group, ct_group_name(), list(), list()}
                     | {testcase, atom(), list()}.
-type ct_group_def() :: {ct_group_name(), list()} | {ct_group_name(), list(), list()}.
-type ct_info() :: {timetrap, term()} | {require, term()} | {require, atom(), term()} | {userdata, term()} | {silent_connections, term()}
                 | {stylesheet, term()} | {ct_hooks, term()}.

-callback all() -> [ct_test_def()] | {skip, term()}.
-callback groups() -> [ct_group_def()].
-callback suite() -> [ct_info()].
-callback init_per_suite(ct_config()) -> ct_config() | {skip, term()} | {skip_and_save, term(), ct_config()}.
-callback end_per_suite(ct_config()) -> term() | {save_config, ct_config()}.
-callback group(ct_group_name()) -> [ct_info()].
-callback init_per_group(ct_group_name(), ct_config()) -> ct_config() | {skip, term()}.
-callback end_per_group(ct_group_name(), ct_config()) -> term() | {return_group_result, ct_status()}.
-callback init_per_testcase(atom(), ct_config()) -> ct_config() | {fail, term()} | {skip, term()}.
-callback end_per_testcase(atom(), ct_config()) -> term() | {fail, term()} | {save_config, ct_config()}.

-optional_callbacks([groups/0, suite/0, init_per_suite/1, end_per_suite/1, group/1, init_per_group/2, end_per_group/2,
                     init_per_testcase/2, end_per_testcase/2]).
