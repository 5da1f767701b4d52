%% What a Common Test suite includes.

-include_lib("stdlib/include/assert.hrl").

-ifndef(CT_HRL).
-define(CT_HRL, true).

%% The value of a key of the configuration that a test case gets.
-define(config, test_server:lookup_config).
-define(line, ).

%% A node for the test case: options or arguments, and the same of another release.
-define(CT_PEER_NAME(Case), test_server:peer_name(?MODULE_STRING, Case)).
-define(CT_PEER_NAME(), ?CT_PEER_NAME(?FUNCTION_NAME)).
-define(CT_PEER(Options), test_server:start_peer(Options, ?MODULE, ?FUNCTION_NAME)).
-define(CT_PEER(), ?CT_PEER([])).
-define(CT_PEER_REL(Options, Release, Dir), test_server:start_peer(Options, ?MODULE, ?FUNCTION_NAME, Release, Dir)).

%% Processes that hooks of Common Test may run in.
-define(CT_HOOK_INIT_PROCESS, ct_util_server).
-define(CT_HOOK_TERMINATE_PROCESS, ct_util_server).

%% Importance of what is logged.
-define(STD_IMPORTANCE, 50).
-define(LOW_IMPORTANCE, 25).
-define(HI_IMPORTANCE, 75).
-define(MIN_IMPORTANCE, 0).
-define(MAX_IMPORTANCE, 99).
-define(STD_VERBOSITY, 50).
-define(MIN_VERBOSITY, 0).
-define(LOW_VERBOSITY, 25).
-define(HI_VERBOSITY, 75).
-define(MAX_VERBOSITY, 100).

-endif.
