-module(gerl_report).
-moduledoc """
How the library's reports become text. Each kind of report describes its parts: lines, or sentences for
`single_line`, made of text and of terms. They become one format string, so that terms are broken where
the line has come to and share the number of characters allowed. Internal.
""".

-export([options/1, lines/2, sentences/2, sentence/2, text/2, legacy/1]).
-export([cause/1, client/1, client_lines/1, client_sentences/1]).

-export_type([options/0, part/0]).

-type options() :: #{depth := unlimited | pos_integer(),
                     chars_limit := unlimited | pos_integer(),
                     single_line := boolean(),
                     encoding := utf8 | unicode | latin1,
                     _ => _}.
-type part() :: string() | newline | {term, term()} | {brief, term()} | {whole, term()} | {named, string()} | {column, pos_integer(), term()}.

-doc "The options of a report callback with all defaults.".
-spec options(map()) -> options().
options(Options) ->
    maps:merge(#{depth => unlimited, chars_limit => unlimited, single_line => false, encoding => utf8},
               Options).

-doc "The options for a callback of one argument, which gives a format string and its arguments.".
-spec legacy(term()) -> options().
legacy(_Report) -> options(#{depth => error_logger:get_format_depth()}).

-doc "Format and arguments for lines of parts; an empty line is left out.".
-spec lines([[part()]], options()) -> {string(), [term()]}.
lines(Lines, Options) ->
    format(lists:append([Line ++ ["\n"] || Line <- Lines, Line =/= []]), Options).

-doc "Format and arguments for sentences in one line; an empty one is left out.".
-spec sentences([[part()]], options()) -> {string(), [term()]}.
sentences(Sentences, Options) ->
    format(lists:append(lists:join([" "], [S ++ ["."] || S <- Sentences, S =/= []])), Options).

-doc "Format and arguments for parts without a full stop.".
-spec sentence([part()], options()) -> {string(), [term()]}.
sentence(Parts, Options) -> format(Parts, Options).

-doc "The text of a format and its arguments within the number of characters that the options allow.".
-spec text({string(), [term()]}, options()) -> unicode:chardata().
text({Format, Args}, #{chars_limit := Limit}) when is_integer(Limit) ->
    io_lib:format(Format, Args, [{chars_limit, Limit}]);
text({Format, Args}, _) ->
    io_lib:format(Format, Args).

format(Parts, Options) ->
    Single = maps:get(single_line, Options),
    Modifier = case Options of #{encoding := latin1} -> ""; #{} -> "t" end,
    {Letter, Depth} = case Options of
                          #{depth := unlimited} -> {"p", []};
                          #{depth := D} -> {"P", [D]}
                      end,
    Width = if Single -> "0"; true -> "" end,
    Each = fun({term, T}) -> {["~", Width, Modifier, Letter], [T | Depth]};
              ({column, _, T}) when Single -> {["~0", Modifier, Letter], [T | Depth]};
              ({column, N, T}) -> {["~.", integer_to_list(N), Modifier, Letter], [T | Depth]};
              (newline) -> {"~n", []};
              ({whole, T}) -> {["~0", Modifier, "p"], [T]};
              ({named, T}) -> {["~", Modifier, "s"], [T]}; % text that is cut as terms are
              ({brief, T}) -> {["~", Width, "p"], [T]};
              (Text) -> {[if C =:= $~ -> "~~"; true -> C end || C <- Text], []}
           end,
    {Formats, Args} = lists:unzip([Each(P) || P <- Parts]),
    {lists:flatten(Formats), lists:append(Args)}.

%%% ---- what reports tell ---------------------------------------------------------------------------

-doc "A reason as it is told: a call of a function that is not there is told by what is missing.".
-spec cause(term()) -> term().
cause({undef, [{M, F, A, _} = Call | Stack]} = Reason) when is_atom(M), is_atom(F), is_list(A) ->
    Loaded = erlang:module_loaded(M),
    Exported = Loaded andalso erlang:function_exported(M, F, length(A)),
    if
        Exported -> Reason;
        Loaded -> {'function not exported', [Call | Stack]};
        true -> {'module could not be loaded', [Call | Stack]}
    end;
cause(Reason) -> Reason.

-doc "What is known of the process whose request was being served.".
-spec client(term()) -> undefined | {pid(), remote | dead | {pid() | atom(), list()}}.
client({Pid, _Tag}) -> client(Pid);
client(Pid) when is_pid(Pid), node(Pid) =/= node() -> {Pid, remote};
client(Pid) when is_pid(Pid) ->
    case process_info(Pid, [registered_name, current_stacktrace]) of
        [{_, []}, {_, Stack}] -> {Pid, {Pid, Stack}};
        [{_, Name}, {_, Stack}] -> {Pid, {Name, Stack}};
        undefined -> {Pid, dead}
    end;
client(_) -> undefined.

-doc "Lines about the client.".
-spec client_lines(term()) -> [[part()]].
client_lines(undefined) -> [];
client_lines({Pid, dead}) -> [["** Client ", {brief, Pid}, " is dead"]];
client_lines({Pid, remote}) -> [["** Client ", {brief, Pid}, " is remote on node ", {brief, node(Pid)}]];
client_lines({_, {Name, Stack}}) ->
    [["** Client ", {term, Name}, " stacktrace"], ["** ", {term, Stack}]].

-doc "A sentence about the client, with the innermost calls only.".
-spec client_sentences(term()) -> [[part()]].
client_sentences(undefined) -> [];
client_sentences({Pid, dead}) -> [["Client ", {brief, Pid}, " is dead"]];
client_sentences({Pid, remote}) -> [["Client ", {brief, Pid}, " is remote on node ", {brief, node(Pid)}]];
client_sentences({_, {Name, Stack}}) ->
    [["Client ", {term, Name}, " stacktrace: ", {term, lists:sublist(Stack, 4)}]].
