%% What a Common Test suite includes.

-include_lib("stdlib/include/assert.hrl").

-ifndef(CT_HRL).
-define(CT_HRL, true).

%% The value of a key of the configuration that a test case gets.
-define(config(Name, Data), test_server:lookup_config(Name, Data)).
-define(line, ).

%% Importance of what is logged.
-define(STD_IMPORTANCE, 50).
-define(LOW_IMPORTANCE, 25).
-define(HI_IMPORTANCE, 75).
-define(MIN_IMPORTANCE, 0).
-define(MAX_IMPORTANCE, 99).
-define(STD_VERBOSITY, 50).
-define(MIN_VERBOSITY, 0).
-define(MAX_VERBOSITY, 100).

-endif.
