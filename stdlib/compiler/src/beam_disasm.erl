-module(beam_disasm).
-moduledoc "The instructions of .beam files as Erlang terms.".

-export([file/1, format_error/1]).
-export_type([instruction/0, code/0]).

-type instruction() :: atom() | tuple().
-type code() :: [{function, atom(), arity(), pos_integer(), [instruction()]}].

-doc """
The code of a module: a record `beam_file` with its name, exports with their labels, attributes, compile
information and functions. File is the name of a file (with or without `.beam`) or its contents.
""".
-spec file(file:name() | binary()) ->
          {beam_file, module(), [{atom(), arity(), pos_integer()}], [term()], [term()], code()}
              | {error, beam_lib | beam_disasm, term()}.
file(<<"FOR1", _/binary>> = Binary) -> code(Binary, Binary);
file(Binary) when is_binary(Binary) -> code(Binary, Binary);
file(Name) ->
    Extended = filename:rootname(Name, ".beam") ++ ".beam",
    case file:read_file(Extended) of
        {ok, Binary} -> code(Binary, Extended);
        {error, Reason} -> {error, beam_lib, {file_error, Extended, Reason}}
    end.

code(Binary, Source) ->
    case gerl_text:disassemble(Binary) of
        {ok, Module, Exports, Attributes, Info, Functions} ->
            {beam_file, Module, Exports, Attributes, Info, Functions};
        error -> {error, beam_lib, {not_a_beam_file, Source}}
    end.

-doc "The text of an error that file/1 gave.".
-spec format_error({error, module(), term()} | term()) -> io_lib:chars().
format_error({error, Module, Reason}) when Module =/= ?MODULE -> Module:format_error(Reason);
format_error(Reason) -> io_lib:format("~tp", [Reason]).
