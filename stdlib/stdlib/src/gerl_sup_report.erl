-module(gerl_sup_report).
-moduledoc "How the reports of supervisors and supervisor bridges become text. Internal.".

-export([legacy/2, text/3]).

-type kind() :: supervisor | bridge.

-doc "Format and arguments of a report.".
-spec legacy(kind(), map()) -> {string(), [term()]}.
legacy(Kind, #{report := Fields} = Report) -> format(Kind, Fields, gerl_report:legacy(Report)).

-doc "The text of a report.".
-spec text(kind(), map(), map()) -> unicode:chardata().
text(Kind, #{report := Fields}, Options0) ->
    Options = gerl_report:options(Options0),
    gerl_report:text(format(Kind, Fields, Options), Options).

format(Kind, Fields, #{single_line := true} = Options) ->
    gerl_report:sentences([sentence(Kind, Key, Value, Options) || {Key, Value} <- Fields], Options);
format(Kind, Fields, Options) ->
    gerl_report:sentence(lists:append([["    ", atom_to_list(Key), ": ", {term, limited(Kind, Key, Value, Options)}, newline]
                                       || {Key, Value} <- Fields]), Options).

sentence(_, supervisor, Name, _) -> ["Supervisor: ", {term, Name}];
sentence(_, errorContext, Context, Options) -> ["Context: ", {term, cut(Context, Options)}];
sentence(_, reason, Reason, Options) -> ["Reason: ", {term, cut(Reason, Options)}];
sentence(Kind, started, Child, _) -> [{named, "Started:"}, " " | child(Kind, Child)];
sentence(Kind, offender, Child, _) -> [{named, "Offender:"}, " " | child(Kind, Child)].

%% A supervisor's child is told by its identity, a bridge's by its module or call.
child(supervisor, [{Key, Process}, {id, Id} | _]) -> pairs(whole, [{id, Id}, {Key, Process}]);
child(bridge, [{pid, _}, {mod, _}] = Child) -> pairs(whole, Child);
child(bridge, Child) -> pairs(term, Child).

pairs(How, Pairs) -> lists:append(lists:join([","], [[atom_to_list(Key), "=", {How, Value}] || {Key, Value} <- Pairs])).

%% What may be large is cut before it is laid out, so that what stays is not spread over lines.
limited(_, supervisor, Name, _) -> Name;
limited(bridge, offender, Child, _) -> Child;
limited(bridge, started, Child, Options) ->
    [case Field of
         {mfa, {M, F, Args}} -> {mfa, {M, F, [cut(Arg, Options) || Arg <- Args]}};
         _ -> Field
     end || Field <- Child];
limited(_, _, Value, Options) -> cut(Value, Options).

cut(Term, #{depth := unlimited}) -> Term;
cut(Term, #{depth := Depth}) -> io_lib:limit_term(Term, Depth).
