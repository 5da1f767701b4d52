%% Assertions for tests and for code that checks itself. An assertion that holds gives ok; one that does not raises an
%% error {Assertion, Facts}, where Facts is a list of pairs: module, line, comment (if one was given), expression, ...
%%
%% -define(NOASSERT, true) before this file is included turns all of them off, unless ASSERT is defined as well.

-ifndef(ASSERT_HRL).
-define(ASSERT_HRL, true).

-ifndef(ASSERT).
-ifdef(TEST).
-define(ASSERT, true).
-endif.
-endif.

-ifdef(ASSERT).
-undef(NOASSERT).
-endif.

%% Every assertion runs in a fun of its own, so that its variables do not collide with those around it.
-define(gerl_fails(What, Facts), erlang:error({What, [{module, ?MODULE}, {line, ?LINE} | Facts]})).

-ifdef(NOASSERT).

-define(assert(BoolExpr), ok).
-define(assert(BoolExpr, Comment), ok).
-define(assertNot(BoolExpr), ok).
-define(assertNot(BoolExpr, Comment), ok).
-define(assertMatch(Guard, Expr), ok).
-define(assertMatch(Guard, Expr, Comment), ok).
-define(assertNotMatch(Guard, Expr), ok).
-define(assertNotMatch(Guard, Expr, Comment), ok).
-define(assertEqual(Expect, Expr), ok).
-define(assertEqual(Expect, Expr, Comment), ok).
-define(assertNotEqual(Unexpected, Expr), ok).
-define(assertNotEqual(Unexpected, Expr, Comment), ok).
-define(assertException(Class, Term, Expr), ok).
-define(assertException(Class, Term, Expr, Comment), ok).
-define(assertNotException(Class, Term, Expr), ok).
-define(assertNotException(Class, Term, Expr, Comment), ok).

-else.

-define(gerl_bool(Wanted, BoolExpr, Text, Note),
        ((fun() ->
              %% a truth that the compiler does not know: what it knows of BoolExpr is no reason to warn of a clause
              Wanted__ = is_process_alive(self()) =:= Wanted,
              case (BoolExpr) of
                  Wanted__ -> ok;
                  Answer__ ->
                      ?gerl_fails(assert,
                                  Note ++ [{expression, Text}, {expected, Wanted},
                                           if
                                               Answer__ =:= not Wanted__ -> {value, Answer__};
                                               true -> {not_boolean, Answer__}
                                           end])
              end
          end)())).
-define(assert(BoolExpr), ?gerl_bool(true, BoolExpr, (??BoolExpr), [])).
-define(assert(BoolExpr, Comment), ?gerl_bool(true, BoolExpr, (??BoolExpr), [{comment, (Comment)}])).
-define(assertNot(BoolExpr), ?gerl_bool(false, BoolExpr, (??BoolExpr), [])).
-define(assertNot(BoolExpr, Comment), ?gerl_bool(false, BoolExpr, (??BoolExpr), [{comment, (Comment)}])).

-define(gerl_match(Guard, Expr, Pattern, Text, Note),
        ((fun() ->
              case (Expr) of
                  Guard -> ok;
                  Other__ ->
                      ?gerl_fails(assertMatch, Note ++ [{expression, Text}, {pattern, Pattern}, {value, Other__}])
              end
          end)())).
-define(assertMatch(Guard, Expr), ?gerl_match(Guard, Expr, (??Guard), (??Expr), [])).
-define(assertMatch(Guard, Expr, Comment), ?gerl_match(Guard, Expr, (??Guard), (??Expr), [{comment, (Comment)}])).

-define(gerl_no_match(Guard, Expr, Pattern, Text, Note),
        ((fun() ->
              Value__ = (Expr),
              case Value__ of
                  Guard -> ?gerl_fails(assertNotMatch, Note ++ [{expression, Text}, {pattern, Pattern}, {value, Value__}]);
                  _ -> ok
              end
          end)())).
-define(assertNotMatch(Guard, Expr), ?gerl_no_match(Guard, Expr, (??Guard), (??Expr), [])).
-define(assertNotMatch(Guard, Expr, Comment), ?gerl_no_match(Guard, Expr, (??Guard), (??Expr), [{comment, (Comment)}])).

-define(gerl_equal(Expect, Expr, Text, Note),
        ((fun() ->
              Expected__ = (Expect),
              case (Expr) of
                  Expected__ -> ok;
                  Value__ ->
                      ?gerl_fails(assertEqual, Note ++ [{expression, Text}, {expected, Expected__}, {value, Value__}])
              end
          end)())).
-define(assertEqual(Expect, Expr), ?gerl_equal(Expect, Expr, (??Expr), [])).
-define(assertEqual(Expect, Expr, Comment), ?gerl_equal(Expect, Expr, (??Expr), [{comment, (Comment)}])).

-define(gerl_differ(Unexpected, Expr, Text, Note),
        ((fun() ->
              Avoided__ = (Unexpected),
              case (Expr) of
                  Avoided__ -> ?gerl_fails(assertNotEqual, Note ++ [{expression, Text}, {value, Avoided__}]);
                  _ -> ok
              end
          end)())).
-define(assertNotEqual(Unexpected, Expr), ?gerl_differ(Unexpected, Expr, (??Expr), [])).
-define(assertNotEqual(Unexpected, Expr, Comment), ?gerl_differ(Unexpected, Expr, (??Expr), [{comment, (Comment)}])).

-define(gerl_exception_facts(ClassText, TermText, Text, Note, Outcome),
        Note ++ [{expression, Text}, {pattern, "{ " ++ ClassText ++ " , " ++ TermText ++ " , [...] }"}, Outcome]).
-define(gerl_raises(Class, Term, Expr, ClassText, TermText, Text, Note),
        ((fun() ->
              try (Expr) of
                  Result__ ->
                      ?gerl_fails(assertException, ?gerl_exception_facts(ClassText, TermText, Text, Note, {unexpected_success, Result__}))
              catch
                  Class:Term -> ok;
                  Kind__:Reason__:Trace__ ->
                      ?gerl_fails(assertException,
                                  ?gerl_exception_facts(ClassText, TermText, Text, Note,
                                                        {unexpected_exception, {Kind__, Reason__, Trace__}}))
              end
          end)())).
-define(assertException(Class, Term, Expr), ?gerl_raises(Class, Term, Expr, (??Class), (??Term), (??Expr), [])).
-define(assertException(Class, Term, Expr, Comment),
        ?gerl_raises(Class, Term, Expr, (??Class), (??Term), (??Expr), [{comment, (Comment)}])).

-define(gerl_does_not_raise(Class, Term, Expr, ClassText, TermText, Text, Note),
        ((fun() ->
              try (Expr) of
                  _ -> ok
              catch
                  Kind__:Reason__:Trace__ ->
                      case Kind__ of
                          Class ->
                              case Reason__ of
                                  Term ->
                                      ?gerl_fails(assertNotException,
                                                  ?gerl_exception_facts(ClassText, TermText, Text, Note,
                                                                        {unexpected_exception,
                                                                         {Kind__, Reason__, Trace__}}));
                                  _ -> ok
                              end;
                          _ -> ok
                      end
              end
          end)())).
-define(assertNotException(Class, Term, Expr), ?gerl_does_not_raise(Class, Term, Expr, (??Class), (??Term), (??Expr), [])).
-define(assertNotException(Class, Term, Expr, Comment),
        ?gerl_does_not_raise(Class, Term, Expr, (??Class), (??Term), (??Expr), [{comment, (Comment)}])).

-endif.

-define(assertError(Term, Expr), ?assertException(error, Term, Expr)).
-define(assertError(Term, Expr, Comment), ?assertException(error, Term, Expr, Comment)).
-define(assertExit(Term, Expr), ?assertException(exit, Term, Expr)).
-define(assertExit(Term, Expr, Comment), ?assertException(exit, Term, Expr, Comment)).
-define(assertThrow(Term, Expr), ?assertException(throw, Term, Expr)).
-define(assertThrow(Term, Expr, Comment), ?assertException(throw, Term, Expr, Comment)).

-endif.
