-module(erl_comment_scan).
-moduledoc """
The comments of a source text.

A comment is `{Line, Column, Indentation, Lines}`: where its first `%` stands, how far behind the code before it (or
the left margin), and its lines without that `%`.
""".

-export([file/1, string/1, scan_lines/1, join_lines/1]).
-export_type([comment/0]).

-type comment() :: {Line :: integer(), Column :: integer(), Indentation :: integer(), Text :: [string()]}.
-type commentLine() :: {Line :: integer(), Column :: integer(), Indent :: integer(), Text :: string()}.

-doc "The comments of a file. Exits with `{read, Reason}` if it cannot be read.".
-spec file(file:filename()) -> [comment()].
file(Name) ->
    case file:read_file(Name) of
        {ok, Bytes} ->
            Encoding = case epp:read_encoding(Name) of none -> epp:default_encoding(); E -> E end,
            case unicode:characters_to_list(Bytes, Encoding) of
                Text when is_list(Text) -> string(Text);
                _ -> string(binary_to_list(Bytes))
            end;
        {error, Reason} -> exit({read, Reason})
    end.

-doc "The comments of a text.".
-spec string(string()) -> [comment()].
string(Text) -> lists:reverse(join_lines(scan_lines(Text))).

-doc "The lines with comments, each a comment of its own with one string as text, last line first.".
-spec scan_lines(string()) -> [commentLine()].
scan_lines(Text) -> scan(Text, 1, 1, 1, []).

%% End is the column behind the last character that is no space on the line.
scan([$\n | Rest], Line, _, _, Found) -> scan(Rest, Line + 1, 1, 1, Found);
scan([$\t | Rest], Line, Column, End, Found) -> scan(Rest, Line, tab(Column), End, Found);
scan([C | Rest], Line, Column, End, Found) when C =:= $\s; C =:= $\r -> scan(Rest, Line, Column + 1, End, Found);
scan([$% | Rest], Line, Column, End, Found) ->
    {Text, After} = lists:splitwith(fun(C) -> C =/= $\n end, Rest),
    scan(After, Line, Column, End, [{Line, Column, Column - End, string:trim(Text, trailing, "\s\t\r")} | Found]);
scan([$$ | Rest], Line, Column, _, Found) -> character(Rest, Line, Column + 1, Found);
scan([Quote | Rest], Line, Column, _, Found) when Quote =:= $"; Quote =:= $' ->
    case Rest of
        [$", $" | More] when Quote =:= $" -> heredoc(More, Line, Column + 3, Found);
        _ -> quoted(Rest, Quote, Line, Column + 1, Found)
    end;
scan([_ | Rest], Line, Column, _, Found) -> scan(Rest, Line, Column + 1, Column + 1, Found);
scan([], _, _, _, Found) -> Found.

tab(Column) -> Column - (Column - 1) rem 8 + 8.

character([$\\, C | Rest], Line, Column, Found) when C =/= $\n -> scan(Rest, Line, Column + 2, Column + 2, Found);
character([C | Rest], Line, Column, Found) when C =/= $\n -> scan(Rest, Line, Column + 1, Column + 1, Found);
character(Rest, Line, Column, Found) -> scan(Rest, Line, Column, Column, Found).

quoted([Quote | Rest], Quote, Line, Column, Found) -> scan(Rest, Line, Column + 1, Column + 1, Found);
quoted([$\\, $\n | Rest], Quote, Line, _, Found) -> quoted(Rest, Quote, Line + 1, 1, Found);
quoted([$\\, _ | Rest], Quote, Line, Column, Found) -> quoted(Rest, Quote, Line, Column + 2, Found);
quoted([$\n | Rest], Quote, Line, _, Found) -> quoted(Rest, Quote, Line + 1, 1, Found);
quoted([$\t | Rest], Quote, Line, Column, Found) -> quoted(Rest, Quote, Line, tab(Column), Found);
quoted([_ | Rest], Quote, Line, Column, Found) -> quoted(Rest, Quote, Line, Column + 1, Found);
quoted([], _, _, _, Found) -> Found.

%% A string in three or more quotes ends with a line that starts with as many.
heredoc(Text, Line, Column, Found) ->
    {More, Rest} = lists:splitwith(fun(C) -> C =:= $" end, Text),
    {FirstLine, After} = lists:splitwith(fun(C) -> C =/= $\n end, Rest),
    case After =/= [] andalso string:trim(FirstLine) =:= "" of
        true -> heredoc_lines(tl(After), lists:duplicate(3 + length(More), $"), Line + 1, Found);
        false when More =:= [] -> quoted(Text, $", Line, Column, Found);
        false -> scan(Rest, Line, Column + length(More), Column + length(More), Found)
    end.

heredoc_lines([], _, _, Found) -> Found;
heredoc_lines(Text, Quotes, Line, Found) ->
    {Spaces, Rest} = lists:splitwith(fun(C) -> C =:= $\s orelse C =:= $\t end, Text),
    case lists:prefix(Quotes, Rest) of
        true ->
            Column = length(Spaces) + length(Quotes) + 1,
            scan(lists:nthtail(length(Quotes), Rest), Line, Column, Column, Found);
        false ->
            case lists:dropwhile(fun(C) -> C =/= $\n end, Rest) of
                [$\n | Next] -> heredoc_lines(Next, Quotes, Line + 1, Found);
                [] -> Found
            end
    end.

-doc "Comments of several lines of single lines: those that follow each other in the same column, with nothing but space before them.".
-spec join_lines([commentLine()]) -> [comment()].
join_lines(Lines) -> join(Lines, []).

join([{Line, Column, Indent, Text} | Rest], []) -> join(Rest, [{Line, Column, Indent, [Text]}]);
join([{Line, Column, Indent, Text} | Rest], [{Next, Column, Margin, Texts} | Done]) when Line + 1 =:= Next, Margin + 1 =:= Column ->
    join(Rest, [{Line, Column, Indent, [Text | Texts]} | Done]);
join([{Line, Column, Indent, Text} | Rest], Done) -> join(Rest, [{Line, Column, Indent, [Text]} | Done]);
join([], Done) -> lists:reverse(Done).
