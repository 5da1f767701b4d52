%% Compares the forms of the files in DIR/old with those of the same names in DIR/new, positions left out:
%% erl -noshell -s same_forms main -extra DIR
-module(same_forms).

-export([main/0]).

main() ->
    [Dir] = init:get_plain_arguments(),
    {ok, Names} = file:list_dir(filename:join(Dir, "old")),
    Bad = [N || N <- Names, forms(Dir, "old", N) =/= forms(Dir, "new", N)],
    [io:format("other forms: ~ts~n", [N]) || N <- Bad],
    io:format("~w files, ~w with other forms~n", [length(Names), length(Bad)]),
    halt(case Bad of [] -> 0; _ -> 1 end).

forms(Dir, Which, Name) ->
    File = filename:join([Dir, Which, Name]),
    {ok, Forms} = epp:parse_file(File, [{includes, []}, {source_name, "x.erl"}]),
    [plain(F) || F <- Forms, element(1, F) =/= eof].

%% Errors (missing headers) have no annotations; calls in documentation have theirs where nobody maps them.
plain({Kind, {_, Module, Reason}}) when Kind =:= error; Kind =:= warning -> {Kind, Module, Reason};
plain(Form) -> without(erl_parse:map_anno(fun(_) -> 0 end, Form)).

without({attribute, _, file, {_, _}}) -> file;
without({attribute, _, doc, Doc}) when is_map(Doc) -> doc;
without(Form) -> Form.
