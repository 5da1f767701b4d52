-module(gerl_yecc_output).
-moduledoc "Writes the module of a parser.".
-export([text/7]).

-doc "The text of the parser's module.".
-spec text(file:filename(), file:filename(), map(), map(), file:filename(), string(), map()) -> iolist().
text(Source, Output, #{header := Lines, code := Code, rules := Rules, endsymbol := End}, #{states := States}, Header, Prologue, Settings) ->
    [[[L, $\n] || L <- Lines],
     io_lib:format("-module(~tw).\n", [list_to_atom(filename:basename(Output, ".erl"))]),
     "-export([parse/1, parse_and_scan/1, format_error/1]).\n",
     "-compile({nowarn_unused_function, [{return_error, 2}]}).\n",
     own(Code, Source, Settings), $\n,
     from(Header, 0, Settings), Prologue, $\n,
     from(Output, 0, Settings),
     io_lib:format("yeccendsymbol() -> ~tw.\n\n", [End]),
     [[io_lib:format("yecctable(~w, ~tw) -> ~w;\n", [N, S, A]) || {S, A} <- Actions] || {N, Actions, _} <- States],
     "yecctable(_, _) -> error.\n\n",
     ending([io_lib:format("yeccgoto(~w, ~tw) -> ~w", [N, S, To]) || {N, _, Moves} <- States, {S, To} <- Moves]),
     ending([io_lib:format("yeccrule(~w) -> {~tw, ~w}", [N, Head, length(Symbols)]) || {N, [Head | Symbols], _, _} <- Rules]),
     ending([clause(R) || R <- Rules]),
     [action(R, Source, Settings) || R <- Rules]].

own(none, _, _) -> [];
own({Line, Code}, Source, Settings) -> [from(Source, Line - 1, Settings), Code].

from(_, _, #{file_attributes := false}) -> [];
from(File, Line, Settings) -> gerl_parsetools:file_attribute(File, Line, Settings).

ending(Clauses) -> [lists:join(";\n", Clauses), ".\n\n"].

%% An action is a function of the values that it uses.
clause({N, _, _, none}) -> io_lib:format("yeccaction(~w, _) -> '$undefined'", [N]);
clause({N, [_ | Symbols], _, Tokens}) ->
    Used = used(Tokens, length(Symbols)),
    io_lib:format("yeccaction(~w, [~s]) -> yeccaction_~w(~s)",
                  [N, lists:join(", ", [case lists:member(I, Used) of true -> variable(I); false -> "_" end || I <- lists:seq(1, length(Symbols))]),
                   N, lists:join(", ", [variable(I) || I <- Used])]).

variable(I) -> "__" ++ integer_to_list(I).

used(Tokens, Count) -> [I || I <- lists:seq(1, Count), lists:any(fun(T) -> pseudo(T) =:= I end, Tokens)].

pseudo({atom, _, A}) ->
    case atom_to_list(A) of
        [$$ | Digits] ->
            case string:to_integer(Digits) of
                {I, []} when I > 0 -> I;
                _ -> none
            end;
        _ -> none
    end;
pseudo(_) -> none.

action({_, _, _, none}, _, _) -> [];
action({N, [_ | Symbols], _, Tokens}, Source, Settings) ->
    Line = erl_scan:line(hd(Tokens)),
    [from(Source, Line - 2, Settings),
     io_lib:format("yeccaction_~w(~s) ->\n", [N, lists:join(", ", [variable(I) || I <- used(Tokens, length(Symbols))])]),
     code(Tokens, Line), ".\n\n"].

code([Token | Tokens], Line) ->
    Here = erl_scan:line(Token),
    Text = erl_scan:text(Token),
    Shown = case pseudo(Token) of
                none -> Text;
                I -> variable(I)
            end,
    [lists:duplicate(Here - Line, $\n), case Tokens of
                                            [Next | _] -> [Shown, gap(Token, Text, Next)];
                                            [] -> Shown
                                        end | code(Tokens, Here + length([C || C <- Text, C =:= $\n]))];
code([], _) -> [].

%% White space only where there was some, since `#r.f` is not `#r . f`.
gap(Token, Text, Next) ->
    {Line, Column} = erl_scan:location(Token),
    case erl_scan:location(Next) of
        {Line, Right} when Right =:= Column + length(Text) -> "";
        _ -> " "
    end.
