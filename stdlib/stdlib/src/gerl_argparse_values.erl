-module(gerl_argparse_values).
-moduledoc """
Values of arguments for argparse: words become terms of the type that the argument tells.
""".

-export([convert/3, initial/1, is_number/1, wanted/1]).

-compile({no_auto_import, [is_number/1]}).

-doc "The term of a word or of a list of words; one that does not suit is thrown as the parser's error.".
-spec convert(term(), argparse:argument(), argparse:cmd_path()) -> term().
convert(Word, Argument, Path) ->
    each(maps:get(type, Argument, string), Word, fun(Text, Why) -> throw({Path, Argument, Text, Why}) end).

each({list, Type}, Words, Refuse) ->
    lists:map(fun(Word) -> each(Type, Word, Refuse) end, Words);
each(Type, Word, Refuse) ->
    case term(Type, Word) of
        {ok, Term} -> Term;
        {no, Why} -> Refuse(Word, Why)
    end.

term(Type, Word) when Type =:= raw; Type =:= string -> {ok, Word};
term(binary, Word) -> {ok, unicode:characters_to_binary(Word)};
term(boolean, Word) -> truth(Word);
term(integer, Word) -> whole(Word, <<"is not an integer">>);
term(float, Word) -> real(Word);
term(atom, Word) -> existing(Word);
term({atom, unsafe}, Word) -> {ok, list_to_atom(Word)};
term({atom, Choices}, Word) -> then(existing(Word), fun(Atom) -> choice(Atom, Choices) end);
term({Number, Limits}, Word) when Number =:= integer; Number =:= float ->
    then(term(Number, Word), fun(N) -> within(N, Limits) end);
term({string, [First | _] = Choices}, Word) when is_list(First) -> choice(Word, Choices);
term({binary, [First | _] = Choices}, Word) when is_binary(First) ->
    choice(unicode:characters_to_binary(Word), Choices);
term({Text, Pattern}, Word) when Text =:= string; Text =:= binary -> term({Text, Pattern, []}, Word);
term({Text, Pattern, Options}, Word) when Text =:= string; Text =:= binary ->
    case re:run(Word, Pattern, Options) of
        nomatch -> {no, <<"does not match">>};
        {error, _} -> {no, <<"does not match">>};
        _ -> term(Text, Word)
    end;
term({custom, Fun}, Word) ->
    try
        {ok, Fun(Word)}
    catch
        error:badarg -> {no, <<"failed validation">>}
    end.

then({ok, Term}, Next) -> Next(Term);
then(No, _) -> No.

truth("true") -> {ok, true};
truth(undefined) -> {ok, true};
truth("false") -> {ok, false};
truth(_) -> {no, <<"is not a boolean">>}.

existing(Word) ->
    try
        {ok, list_to_existing_atom(Word)}
    catch
        error:badarg -> {no, <<"is not an existing atom">>}
    end.

whole(Word, Why) -> entire(string:to_integer(Word), Why).

real(Word) ->
    Why = <<"is not a number">>,
    case entire(string:to_float(Word), Why) of
        {no, _} -> whole(Word, Why);
        Float -> Float
    end.

entire({Number, []}, _) -> {ok, Number};
entire(_, Why) -> {no, Why}.

choice(Term, Choices) ->
    case lists:member(Term, Choices) of
        true -> {ok, Term};
        false -> {no, <<"is not one of the choices">>}
    end.

%% Limits are looked at in their order; a number among them begins a list of choices.
within(N, []) -> {ok, N};
within(N, [{min, Low} | _]) when N < Low -> {no, <<"is less than accepted minimum">>};
within(N, [{max, High} | _]) when N > High -> {no, <<"is greater than accepted maximum">>};
within(N, [C | _] = Choices) when is_integer(C); is_float(C) -> choice(N, Choices);
within(N, [_ | Limits]) -> within(N, Limits).

-doc "Whether a text is an integer or a float and nothing else.".
-spec is_number(term()) -> boolean().
is_number(Text) -> element(1, real(Text)) =:= ok.

-doc "The value of an argument that stands without its optional word.".
-spec initial(argparse:argument()) -> term().
initial(#{default := Term}) -> Term;
initial(Argument) ->
    Initial = #{integer => 0, float => 0.0, string => "", binary => <<>>, boolean => true},
    maps:get(maps:get(type, Argument, undefined), Initial, undefined).

-doc "Whether an option must be followed by a value.".
-spec wanted(argparse:argument()) -> boolean().
wanted(#{nargs := 'maybe'}) -> false;
wanted(#{nargs := {'maybe', _}}) -> false;
wanted(#{nargs := _}) -> true;
wanted(Option) ->
    lists:member(maps:get(action, Option, store), [store, append]) andalso
        maps:get(type, Option, string) =/= boolean.
