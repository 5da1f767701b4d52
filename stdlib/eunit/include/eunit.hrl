%% What a module with EUnit tests includes. Functions whose names end in _test (tests) and _test_ (generators of tests)
%% are exported by themselves, and a function test/0 runs them all.
%%
%% Switches, to be defined before this file is included:
%%   NOTEST        no test code: TEST, EUNIT and the automatic exports are off, unless TEST is defined as well
%%   EUNIT_NOAUTO  nothing is exported by itself
%%   NOASSERT      assertions do nothing
%%   NODEBUG       the debugging macros print nothing

-ifndef(EUNIT_HRL).
-define(EUNIT_HRL, true).

-ifdef(TEST).
-undef(NOTEST).
-endif.

-ifdef(DEBUG).
-undef(NODEBUG).
-endif.

-ifdef(NOTEST).
-undef(EUNIT).
-else.
-ifndef(ASSERT).
-define(ASSERT, true).
-endif.
-ifndef(TEST).
-define(TEST, true).
-endif.
-ifndef(EUNIT).
-define(EUNIT, true).
-endif.
-endif.

-ifndef(EUNIT_NOAUTO).
-ifdef(NOTEST).
-compile({parse_transform, eunit_striptests}).
-else.
-compile({parse_transform, eunit_autoexport}).
-endif.
-endif.

-include_lib("stdlib/include/assert.hrl").

%%% ---- small expressions ----

-ifndef(LET).
-define(LET(X, Y, Z), ((fun(X) -> (Z) end)(Y))).
-endif.
-ifndef(IF).
-define(IF(B, T, F), (case (B) of true -> (T); false -> (F) end)).
-endif.
-ifndef(MATCHES).
-define(MATCHES(G, E), (case (E) of G -> true; _ -> false end)).
-endif.
-ifndef(UNDER_EUNIT).
-define(UNDER_EUNIT,
        (case erlang:process_info(erlang:group_leader(), current_function) of
             {current_function, {eunit_proc, _, _}} -> true;
             _ -> false
         end)).
-endif.
-ifndef(capturedOutput).
-define(capturedOutput, (case ?UNDER_EUNIT of true -> eunit_proc:get_output(); false -> "" end)).
-endif.

%%% ---- tests as terms: {Line, Fun} ----

-ifndef(_test).
-define(_test(Expr), {?LINE, fun() -> (Expr) end}).
-endif.
-define(_assert(BoolExpr), ?_test(?assert(BoolExpr))).
-define(_assertNot(BoolExpr), ?_test(?assertNot(BoolExpr))).
-define(_assertMatch(Guard, Expr), ?_test(?assertMatch(Guard, Expr))).
-define(_assertNotMatch(Guard, Expr), ?_test(?assertNotMatch(Guard, Expr))).
-define(_assertEqual(Expect, Expr), ?_test(?assertEqual(Expect, Expr))).
-define(_assertNotEqual(Unexpected, Expr), ?_test(?assertNotEqual(Unexpected, Expr))).
-define(_assertException(Class, Term, Expr), ?_test(?assertException(Class, Term, Expr))).
-define(_assertError(Term, Expr), ?_test(?assertError(Term, Expr))).
-define(_assertExit(Term, Expr), ?_test(?assertExit(Term, Expr))).
-define(_assertThrow(Term, Expr), ?_test(?assertThrow(Term, Expr))).
-define(_assertNotException(Class, Term, Expr), ?_test(?assertNotException(Class, Term, Expr))).

%%% ---- commands of the operating system ----

-define(gerl_command(What, N, Cmd, Text),
        ((fun() ->
              case eunit_lib:command(Cmd) of
                  {(N), Output__} -> Output__;
                  {Status__, _} ->
                      ?gerl_fails(What, [{command, (Cmd)}, {expected_status, (N)}, {status, Status__}])
              end
          end)())).
-define(cmdStatus(N, Cmd), ?gerl_command(command_failed, N, Cmd, (??Cmd))).
-define(_cmdStatus(N, Cmd), ?_test(?cmdStatus(N, Cmd))).
-define(cmd(Cmd), ?cmdStatus(0, Cmd)).
-define(_cmd_(Cmd), ?_test(?cmd(Cmd))).
-define(_cmd(Cmd), ?_test(?cmd(Cmd))).
-ifdef(NOASSERT).
-define(assertCmdStatus(N, Cmd), ok).
-define(assertCmdOutput(T, Cmd), ok).
-else.
-define(assertCmdStatus(N, Cmd), begin ?gerl_command(assertCmd_failed, N, Cmd, (??Cmd)), ok end).
-define(assertCmdOutput(T, Cmd),
        ((fun() ->
              case eunit_lib:command(Cmd) of
                  {_, (T)} -> ok;
                  {_, Output__} ->
                      ?gerl_fails(assertCmdOutput_failed, [{command, (Cmd)}, {expected_output, (T)}, {output, Output__}])
              end
          end)())).
-endif.
-define(assertCmd(Cmd), ?assertCmdStatus(0, Cmd)).
-define(_assertCmdStatus(N, Cmd), ?_test(?assertCmdStatus(N, Cmd))).
-define(_assertCmd(Cmd), ?_test(?assertCmd(Cmd))).
-define(_assertCmdOutput(T, Cmd), ?_test(?assertCmdOutput(T, Cmd))).

%%% ---- debugging: to the terminal, past the capturing of output ----

-ifdef(NODEBUG).
-define(debugMsg(S), ok).
-define(debugHere, ok).
-define(debugFmt(S, As), ok).
-define(debugVal(E), (E)).
-define(debugVal(E, D), (E)).
-define(debugTime(S, E), (E)).
-else.
-ifndef(EUNIT_DEBUG_VAL_DEPTH).
-define(EUNIT_DEBUG_VAL_DEPTH, 15).
-endif.
-define(debugMsg(S), eunit_lib:debug(?FILE, ?LINE, S)).
-define(debugHere, (?debugMsg("<-"))).
-define(debugFmt(S, As), ?debugMsg(io_lib:format((S), (As)))).
-define(debugVal(E, D),
        ((fun(Value__) -> ?debugFmt("~ts = ~tP", [(??E), Value__, D]), Value__ end)(E))).
-define(debugVal(E), ?debugVal(E, ?EUNIT_DEBUG_VAL_DEPTH)).
-define(debugTime(S, E), eunit_lib:debug_time(?FILE, ?LINE, S, fun() -> (E) end)).
-endif.

-endif.
