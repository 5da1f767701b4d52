-module(gerl_json_scan).
-moduledoc """
Finds out where a JSON value ends in text that arrives piece by piece, looking at every byte once.

The state is what may come next and the arrays and objects that are open. Text in strings is not looked at closely;
who decodes the whole value does that.
""".

-export([start/0, more/2]).
-export_type([state/0]).

-opaque state() :: {atom() | tuple(), [array | object]}.

-doc "Before the first byte.".
-spec start() -> state().
start() -> {value, []}.

-doc "Looks at more text: whether the value is complete or wrong (done), or the state for the next piece.".
-spec more(binary(), state()) -> done | state().
more(Text, {Mode, Open}) -> scan(Text, Mode, Open).

scan(<<>>, Mode, Open) -> {Mode, Open};
scan(<<C, Rest/binary>>, string, Open) ->
    case C of
        $" -> ended(Rest, Open);
        $\\ -> scan(Rest, escape, Open);
        _ -> scan(Rest, string, Open)
    end;
scan(<<C, Rest/binary>>, name, Open) ->
    case C of
        $" -> scan(Rest, colon, Open);
        $\\ -> scan(Rest, name_escape, Open);
        _ -> scan(Rest, name, Open)
    end;
scan(<<_, Rest/binary>>, escape, Open) -> scan(Rest, string, Open);
scan(<<_, Rest/binary>>, name_escape, Open) -> scan(Rest, name, Open);
scan(<<C, Rest/binary>> = Text, {number, Part}, Open) ->
    case number(Part, C) of
        none -> ended(Text, Open);
        Next -> scan(Rest, {number, Next}, Open)
    end;
scan(<<C, Rest/binary>>, {word, [C | Cs]}, Open) ->
    case Cs of
        [] -> ended(Rest, Open);
        _ -> scan(Rest, {word, Cs}, Open)
    end;
scan(<<_, _/binary>>, {word, _}, _Open) -> done;
scan(<<C, Rest/binary>>, Mode, Open) when C =:= $\s; C =:= $\n; C =:= $\r; C =:= $\t -> scan(Rest, Mode, Open);
scan(<<C, Rest/binary>>, Mode, Open) ->
    case {Mode, C, Open} of
        {first, $], [_ | Outer]} -> ended(Rest, Outer);
        {_, _, _} when Mode =:= value; Mode =:= first -> value(C, Rest, Open);
        {first_name, $}, [_ | Outer]} -> ended(Rest, Outer);
        {_, $", _} when Mode =:= first_name; Mode =:= next_name -> scan(Rest, name, Open);
        {colon, $:, _} -> scan(Rest, value, Open);
        {ended, $,, [array | _]} -> scan(Rest, value, Open);
        {ended, $,, [object | _]} -> scan(Rest, next_name, Open);
        {ended, $], [array | Outer]} -> ended(Rest, Outer);
        {ended, $}, [object | Outer]} -> ended(Rest, Outer);
        _ -> done
    end.

ended(_Rest, []) -> done;
ended(Rest, Open) -> scan(Rest, ended, Open).

value($", Rest, Open) -> scan(Rest, string, Open);
value($[, Rest, Open) -> scan(Rest, first, [array | Open]);
value(${, Rest, Open) -> scan(Rest, first_name, [object | Open]);
value($t, Rest, Open) -> scan(Rest, {word, "rue"}, Open);
value($f, Rest, Open) -> scan(Rest, {word, "alse"}, Open);
value($n, Rest, Open) -> scan(Rest, {word, "ull"}, Open);
value(C, Rest, Open) ->
    case number(start, C) of
        none -> done;
        Part -> scan(Rest, {number, Part}, Open)
    end.

%% The part of a number that a character leads to.
number(start, $-) -> minus;
number(Part, $0) when Part =:= start; Part =:= minus -> zero;
number(Part, C) when C >= $0, C =< $9 ->
    case Part of
        zero -> none;
        dot -> frac;
        frac -> frac;
        _ when Part =:= e; Part =:= sign; Part =:= exp -> exp;
        _ -> int
    end;
number(Part, $.) when Part =:= zero; Part =:= int -> dot;
number(Part, C) when C =:= $e orelse C =:= $E, Part =:= zero orelse Part =:= int orelse Part =:= frac -> e;
number(e, C) when C =:= $+; C =:= $- -> sign;
number(_, _) -> none.
