-module(file_sorter).
-moduledoc """
Sorting of terms in files, merging sorted files, and checking whether files are sorted.

A file is a sequence of objects, each with its length in front (4 bytes, or as the option header says). Input may
also come from a fun and output go to one. Objects are sorted in memory; the options about temporary files (no_files,
size, tmpdir) are accepted and have no effect.
""".

-export([sort/1, sort/2, sort/3, keysort/2, keysort/3, keysort/4]).
-export([merge/2, merge/3, keymerge/3, keymerge/4, check/1, check/2, keycheck/2, keycheck/3]).
-export_type([reason/0]).

-type input() :: [file:name()] | file:name() | fun((read | close) -> term()).
-type output() :: file:name() | fun((term()) -> term()).
-type key_pos() :: pos_integer() | [pos_integer()].
-type options() :: [option()] | option().
-type option() :: {compressed, boolean()} | {header, pos_integer()} | {no_files, pos_integer()} | {tmpdir, file:name()}
                | {format, binary_term | term | binary | fun((binary()) -> term())} | {size, non_neg_integer()}
                | {order, ascending | descending | fun((term(), term()) -> boolean())} | {unique, boolean()}.
-type reason() :: bad_object | {bad_object | bad_term | premature_eof, file:name()}
                | {file_error, file:name(), file:posix() | badarg | system_limit}.
-type result() :: ok | {error, reason()} | term().

-record(how, {header = 4, format = binary_term, order = ascending, unique = false, compressed = false, keys = none}).

%%% ---- sorting and merging --------------------------------------------------------------------------------

-doc "Sorts a file in place.".
-spec sort(file:name()) -> result().
sort(File) -> sort([File], File).
-doc "Sorts the objects of files, or of a fun, into a file, or a fun.".
-spec sort(input(), output()) -> result().
sort(Input, Output) -> sort(Input, Output, []).
-doc "sort/2 with options.".
-spec sort(input(), output(), options()) -> result().
sort(Input, Output, Options) -> run(Input, Output, how(Options, none)).

-doc "Sorts a file in place by the elements at positions.".
-spec keysort(key_pos(), file:name()) -> result().
keysort(Keys, File) -> keysort(Keys, [File], File).
-doc "Sorts tuples by the elements at positions.".
-spec keysort(key_pos(), input(), output()) -> result().
keysort(Keys, Input, Output) -> keysort(Keys, Input, Output, []).
-doc "keysort/3 with options.".
-spec keysort(key_pos(), input(), output(), options()) -> result().
keysort(Keys, Input, Output, Options) -> run(Input, Output, how(Options, positions(Keys))).

-doc "Merges sorted files.".
-spec merge([file:name()], output()) -> result().
merge(Files, Output) -> merge(Files, Output, []).
-doc "merge/2 with options.".
-spec merge([file:name()], output(), options()) -> result().
merge(Files, Output, Options) when is_list(Files) -> run(Files, Output, how(Options, none)).

-doc "Merges files that are sorted by the elements at positions.".
-spec keymerge(key_pos(), [file:name()], output()) -> result().
keymerge(Keys, Files, Output) -> keymerge(Keys, Files, Output, []).
-doc "keymerge/3 with options.".
-spec keymerge(key_pos(), [file:name()], output(), options()) -> result().
keymerge(Keys, Files, Output, Options) when is_list(Files) -> run(Files, Output, how(Options, positions(Keys))).

run(Input, Output, How) ->
    try
        {Pairs, Value} = input(Input, How),
        output(Output, in_order(Pairs, How), Value, How)
    catch
        throw:{sorter, Reply} -> Reply
    end.

fail(Reason) -> throw({sorter, {error, Reason}}).

%%% ---- options ------------------------------------------------------------------------------------------------

how(Options, Keys) when is_list(Options) -> lists:foldl(fun option/2, #how{keys = Keys}, Options);
how(Option, Keys) -> how([Option], Keys).

option({header, N}, How) when is_integer(N), N > 0 -> How#how{header = N};
option({format, term}, How) -> How#how{format = term};
option({format, F}, How) when F =:= binary; F =:= binary_term; is_function(F, 1) -> How#how{format = F};
option({order, O}, How) when O =:= ascending; O =:= descending -> How#how{order = O};
option({order, O}, #how{keys = none} = How) when is_function(O, 2) -> How#how{order = O};
option({unique, U}, How) when is_boolean(U) -> How#how{unique = U};
option(unique, How) -> How#how{unique = true};
option({compressed, C}, How) when is_boolean(C) -> How#how{compressed = C};
option(compressed, How) -> How#how{compressed = true};
option({no_files, N}, How) when is_integer(N), N > 1 -> How;
option({size, N}, How) when is_integer(N), N >= 0 -> How;
option({tmpdir, Dir}, How) when is_list(Dir) -> How;
option(Option, _How) -> error({badarg, Option}).

positions(N) when is_integer(N), N > 0 -> [N];
positions([_ | _] = Keys) ->
    [positions(N) || N <- Keys],
    Keys;
positions(Other) -> error({badarg, Other}).

%%% ---- input and output -----------------------------------------------------------------------------------------

%% Pairs of a term and the object that stands for it.
input(Fun, How) when is_function(Fun, 1) -> from_fun(Fun(read), Fun, How, []);
input([C | _] = File, How) when is_integer(C) -> input([File], How);
input(Files, How) when is_list(Files) -> {lists:append([from_file(File, How) || File <- Files]), none};
input(File, How) when is_atom(File); is_binary(File) -> input([File], How).

from_fun(end_of_input, _Fun, _How, Acc) -> {lists:append(lists:reverse(Acc)), none};
from_fun({end_of_input, Value}, _Fun, _How, Acc) -> {lists:append(lists:reverse(Acc)), {value, Value}};
from_fun({Objects, Next}, _Fun, How, Acc) when is_list(Objects), is_function(Next, 1) ->
    from_fun(Next(read), Next, How, [[{term_of(Object, How, none), Object} || Object <- Objects] | Acc]);
from_fun(Reply, Fun, _How, _Acc) ->
    Fun(close),
    throw({sorter, Reply}).

term_of(Object, #how{format = term}, _File) -> Object;
term_of(Object, #how{format = binary}, _File) when is_binary(Object) -> Object;
term_of(Object, #how{format = Format}, File) when is_binary(Object) ->
    try
        case Format of
            binary_term -> binary_to_term(Object);
            _ -> Format(Object)
        end
    catch
        _:_ -> fail(bad(bad_object, File))
    end;
term_of(_Object, _How, File) -> fail(bad(bad_object, File)).

bad(Kind, none) -> Kind;
bad(Kind, File) -> {Kind, File}.

from_file(File, #how{format = term}) ->
    case file:consult(File) of
        {ok, Terms} -> [{Term, Term} || Term <- Terms];
        {error, Reason} when is_atom(Reason) -> fail({file_error, File, Reason});
        {error, _} -> fail({bad_term, File})
    end;
from_file(File, How) ->
    case file:read_file(File) of
        {ok, <<31, 139, _/binary>> = Bytes} when How#how.compressed -> objects(zlib:gunzip(Bytes), How#how.header * 8, File, How);
        {ok, Bytes} -> objects(Bytes, How#how.header * 8, File, How);
        {error, Reason} -> fail({file_error, File, Reason})
    end.

objects(<<>>, _Bits, _File, _How) -> [];
objects(Bytes, Bits, File, How) ->
    case Bytes of
        <<Size:Bits, Object:Size/binary, Rest/binary>> ->
            [{term_of(Object, How, File), Object} | objects(Rest, Bits, File, How)];
        _ -> fail({premature_eof, File})
    end.

output(Fun, Pairs, Value, _How) when is_function(Fun, 1) ->
    Begun = case Value of
                none -> Fun;
                _ -> Fun(Value)
            end,
    to_fun([Object || {_, Object} <- Pairs], Begun);
output(File, Pairs, _Value, #how{format = term}) ->
    written(file:write_file(File, [io_lib:format("~tp.~n", [Term]) || {Term, _} <- Pairs]), File);
output(File, Pairs, _Value, #how{header = Header, compressed = Compressed}) ->
    Bytes = [[<<(byte_size(Object)):(Header * 8)>>, Object] || {_, Object} <- Pairs],
    written(file:write_file(File, if Compressed -> zlib:gzip(Bytes); true -> Bytes end), File).

to_fun(Objects, Fun) when is_function(Fun, 1) ->
    {Some, Rest} = lists:split(min(1000, length(Objects)), Objects),
    case Some of
        [] -> Fun(close);
        _ -> to_fun(Rest, Fun(Some))
    end;
to_fun(_Objects, Reply) -> Reply.

written(ok, _File) -> ok;
written({error, Reason}, File) -> fail({file_error, File, Reason}).

%%% ---- order -----------------------------------------------------------------------------------------------------

in_order(Pairs, How) ->
    Sorted = lists:sort(fun({A, _}, {B, _}) -> may_precede(A, B, How) end, Pairs),
    case How#how.unique of
        true -> without_copies(Sorted, How);
        false -> Sorted
    end.

may_precede(A, B, #how{order = Order, keys = Keys}) ->
    case Order of
        ascending -> key(A, Keys) =< key(B, Keys);
        descending -> key(A, Keys) >= key(B, Keys);
        _ -> Order(A, B)
    end.

key(Term, none) -> Term;
key(Term, Keys) -> [element(N, Term) || N <- Keys].

without_copies([{A, _} = First | [{B, _} | Rest] = More], How) ->
    case may_precede(B, A, How) of
        true -> without_copies([First | Rest], How);
        false -> [First | without_copies(More, How)]
    end;
without_copies(Few, _How) -> Few.

%%% ---- checking ----------------------------------------------------------------------------------------------------

-doc "Whether a file is sorted: {ok, []}, or where the first object stands that is out of order.".
-spec check(file:name()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
check(File) -> check([File], []).
-doc "check/1 for several files, with options.".
-spec check([file:name()], options()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
check(Files, Options) -> checked(Files, how(Options, none)).

-doc "Whether a file is sorted by the elements at positions.".
-spec keycheck(key_pos(), file:name()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
keycheck(Keys, File) -> keycheck(Keys, [File], []).
-doc "keycheck/2 for several files, with options.".
-spec keycheck(key_pos(), [file:name()], options()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
keycheck(Keys, Files, Options) -> checked(Files, how(Options, positions(Keys))).

checked(Files, How) ->
    try {ok, lists:append([misplaced(from_file(File, How), 2, File, How) || File <- Files])}
    catch throw:{sorter, Reply} -> Reply
    end.

misplaced([{A, _} | [{B, _} | _] = Rest], Position, File, How) ->
    Wrong = not may_precede(A, B, How) orelse How#how.unique andalso may_precede(B, A, How),
    case Wrong of
        true -> [{File, Position, B}];
        false -> misplaced(Rest, Position + 1, File, How)
    end;
misplaced(_, _Position, _File, _How) -> [].
