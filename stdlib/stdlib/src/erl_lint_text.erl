-module(erl_lint_text).
-moduledoc """
The messages of erl_lint. Internal.

A message is a template in which `$Nx` stands for the Nth element of the descriptor after its
name, written in the way x:

- `w` as a term, `p` pretty, `s` plain characters or the name of an atom
- `f` a function {F,A}, `t` a type {T,A}, `m` a function {M,F,A} without quotes, `M` one with quotes,
  `y` a type or callback {M,T,A}
- `c` a construct {What,Place}, `d` its What; `x`, `z`, `X`, `u`, `v` the parts of pairs of functions, records and modules
- `n` the function of {M,F,A}
- `g` a guess (a name, or {F,[A,...]}), `l` a place, `r` a record, `o` what to do instead
""".

-export([format/1]).

-doc "The message for a descriptor.".
-spec format(term()) -> iolist().
format({format_error, {Format, Args}}) -> io_lib:format(Format, Args);
format({Tag, duplicate_doc_attribute, Line}) -> filled(template(duplicate_doc_attribute, 2), [Tag, Line]);
format({unbound_var, Var, Guess}) -> filled("variable $1w is unbound, did you mean '$2s'?", [Var, Guess]);
format({undefined_on_load, {F, A}, Guess}) -> filled("function $1f undefined, did you mean $2g/$3w?", [{F, A}, Guess, A]);
format({undefined_field, Record, Field, Guess}) -> % the record's name comes as a list of characters here
    filled("field $2w undefined in record $1w, did you mean $3g?", [shown($r, Record), Field, Guess]);
format({redefine_spec, {_, _, _}} = D) -> filled("spec for $1M already defined", values(D));
format({bad_removed, {F, A}} = D) when F =:= '_'; A =:= '_' -> filled("at least one function matching $1f is still exported", values(D));
format({obsolete_bool_op, Old, New}) -> filled(template(obsolete_bool_op, 2), [Old, New]);
format({removed, _, {_, _, _}, _} = D) -> filled("call to $1m will fail, since it was removed in $3s; use $2m", values(D));
format({What, {_, _, _}, _, _} = D) when What =:= deprecated; What =:= unsafe ->
    filled(["$1m is ", atom_to_list(What), " and will be removed in $3s; $2o"], values(D));
format({What, {_, _, _}, _} = D) when What =:= deprecated; What =:= unsafe ->
    filled(["$1m is ", atom_to_list(What), "; $2o"], values(D));
format(D) when is_atom(D) -> template(D, 0);
format({text, Text}) -> Text;
format(D) when is_tuple(D), is_atom(element(1, D)) ->
    Values = values(D),
    filled(template(element(1, D), length(Values)), Values).

values(D) -> tl(tuple_to_list(D)).

%% A suggestion is the same whatever it is for.
template(Name, N) ->
    case plain(Name) of
        {Words, Count} when N =:= Count + 1 -> [Words, ", did you mean $", $0 + N, "g?"];
        {Words, Count} when N =:= Count -> Words;
        Words -> Words
    end.

filled(Template, Values) -> fill(lists:flatten(Template), Values).

fill([$$, N, How | Rest], Values) when N >= $1, N =< $9 -> [shown(How, lists:nth(N - $0, Values)) | fill(Rest, Values)];
fill([C | Rest], Values) -> [C | fill(Rest, Values)];
fill([], _) -> [].

shown($w, V) -> io_lib:format("~tw", [V]);
shown($p, V) -> io_lib:format("~p", [V]);
shown($s, V) when is_atom(V) -> atom_to_list(V);
shown($s, V) -> io_lib:format("~ts", [V]);
shown($f, {F, A}) -> io_lib:format("~tw/~w", [F, A]);
shown($t, {T, A}) -> [shown($w, T), blanks(A)];
shown($m, {M, F, As}) -> [atom_to_list(M), $:, atom_to_list(F), $/, arities(As)];
shown($M, {M, F, A}) -> io_lib:format("~tw:~tw/~w", [M, F, A]);
shown($y, {M, T, A}) -> [atom_to_list(M), $:, atom_to_list(T), blanks(A)];
shown($n, {_, F, A}) -> shown($f, {F, A});
shown($g, {F, As}) -> [atom_to_list(F), $/, arities(As)];
shown($g, V) -> shown($s, V);
shown($l, {L, C}) -> io_lib:format("(line ~w, column ~w)", [L, C]);
shown($l, L) -> io_lib:format("(line ~w)", [L]);
shown($r, {M, N}) -> io_lib:format("#~tw:~tw", [M, N]);
shown($r, V) -> shown($s, V);
shown($c, {What, Where}) -> io_lib:format("~w ~ts", [What, shown($l, Where)]);
shown($d, {What, _}) -> io_lib:format("~w", [What]);
shown($x, {FA, _}) -> shown($f, FA);
shown($z, {_, M}) -> io_lib:format("~w", [M]);
shown($X, {{F, A}, M}) -> shown($M, {M, F, A});
shown($u, {M, _}) -> io_lib:format("~w", [M]);
shown($v, {_, R}) -> shown($w, R);
shown($o, undefined) -> "see the documentation for details";
shown($o, next_version) -> ["will be removed in the next version. ", see()];
shown($o, next_major_release) -> ["will be removed in the next major release. ", see()];
shown($o, eventually) -> ["will be removed in a future release. ", see()];
shown($o, possibly) -> ["however, it is possible to use it safely under some conditions. ", see()];
shown($o, V) -> V.

see() -> "See the documentation for details".

blanks(N) -> [$(, lists:join($,, lists:duplicate(N, $_)), $)].

arities(A) when is_integer(A) -> integer_to_list(A);
arities(As) -> lists:join($,, [integer_to_list(A) || A <- As]).

%% Messages that may end in a suggestion come with the number of their values.
plain(bad_inline) -> {"inlined function $1f undefined", 1};
plain(undefined_nif) -> {"nif $1f undefined", 1};
plain(N) when N =:= undefined_function; N =:= bad_nowarn_unused_function; N =:= bad_nowarn_bif_clash ->
    {"function $1f undefined", 1};
plain(undefined_on_load) -> {"function $1f undefined", 1};
plain(undefined_record) -> {"record $1w undefined", 1};
plain(undefined_field) -> {"field $2w undefined in record $1r", 2};
plain(Name) ->
    case maps:find(Name, texts()) of
        {ok, Text} -> Text;
        error -> error({badarg, Name})
    end.

texts() ->
    #{%% modules and attributes
      undefined_module => "no module definition",
      redefine_module => "redefining module",
      pmod_unsupported => "parameterized modules are no longer supported",
      non_latin1_module_unsupported => "module names with non-latin1 characters are not supported",
      empty_module_name => "the module name must not be empty",
      bad_module_name => "the module name must be an atom",
      blank_module_name => "the module name must contain at least one visible character",
      ctrl_chars_in_module_name => "the module name must not contain control characters",
      attribute => "attribute $1w after function definitions",
      invalid_fa_attribute => "badly formed attribute $1w",
      invalid_deprecated => "badly formed deprecated attribute $1w",
      bad_deprecated => "deprecated function $1f undefined or not exported",
      invalid_removed => "badly formed removed attribute $1w",
      bad_removed => "removed function $1f is still exported",
      invalid_unsafe => "badly formed unsafe attribute $1w",
      bad_unsafe => "unsafe function $1f undefined or not exported",
      disallowed_nowarn_bif_clash => "compile directive nowarn_bif_clash is no longer allowed --\n"
          "use explicit module names or -compile({no_auto_import, [F/A]})",
      bad_on_load => "badly formed on_load attribute: $1w",
      multiple_on_loads => "more than one on_load attribute",
      bad_on_load_arity => "function $1f has wrong arity (must be 0)",
      duplicate_doc_attribute => "redefining documentation attribute ($1p) previously set at line $2p",
      no_load_nif => "nifs defined, but no call to erlang:load_nif/2",
      nif_inline => "inlining is enabled - local calls to NIFs may call their Erlang implementation instead",
      bad_dialyzer_attribute => "badly formed dialyzer attribute: $1w",
      bad_dialyzer_option => "unknown dialyzer warning option: $1w",
      future_feature => "atom '$2p' is reserved in the experimental feature '$1p'",
      %% functions
      export_all => "export_all flag enabled - all functions will be exported",
      duplicated_export => "function $1f already exported",
      redefine_function => "function $1f already defined",
      define_import => "defining imported function $1f",
      fun_import => "creating a fun from imported name $1f is not allowed",
      unused_function => "function $1f is unused",
      unexported_function => "function $1m is not exported",
      too_many_arguments => "too many arguments ($1w) -- maximum allowed is 255",
      invalid_call => "invalid function call",
      missing_qlc_hrl => "qlc:q/$1w called, but \"qlc.hrl\" not included",
      call_to_redefined_bif => "ambiguous call of overridden auto-imported BIF $1f --\n"
          "use erlang:$1f or \"-compile({no_auto_import,[$1f]}).\" to resolve name clash",
      redefine_bif_import => "import directive overrides auto-imported BIF $1f --\n"
          "use \"-compile({no_auto_import,[$1f]}).\" to resolve name clash",
      %% what is old
      obsolete_bool_op => "$1s is deprecated; use the short circuiting $2s instead.\n"
          "The $1s operator, which always evaluates both sides, could be\nremoved in a future version of Erlang/OTP.\n"
          "Note that the 'and' and 'or' operators have unexpected precedence, so\n"
          "that e.g. `X > 3 or is_tuple(X)` parses as `X > (3 or is_tuple(X))`.\n"
          "Compile directive 'nowarn_obsolete_bool_op' can be used to suppress\nwarnings in selected modules.",
      removed => "$1m is removed; $2o",
      removed_type => "the type $1y is removed; $2o",
      removed_callback => "the callback $1y is removed; $2o",
      deprecated_type => "the type $1y is deprecated; $2o",
      deprecated_callback => "the callback $1y is deprecated; $2o",
      deprecated_catch => "'catch ...' is deprecated; please use 'try ... catch ... end' instead.\n"
          "Compile directive 'nowarn_deprecated_catch' can be used to suppress\nwarnings in selected modules.",
      obsolete_guard => "$1f as a type test is obsolete and will be\nremoved in OTP 30; use is_$1f instead.",
      obsolete_guard_overridden => "obsolete $1s/1 (meaning is_$1s/1) is illegal when there is a\n"
          "local/imported function named is_$1p/1",
      match_float_zero => "matching on the float 0.0 will no longer also match -0.0 in OTP 27.\n"
          "If you specifically intend to match 0.0 alone, write +0.0 instead.",
      match_alias_pats => "a pattern `P1=P2` where both sides are constructors\n"
          "may yield an error in a future version of Erlang/OTP.\n"
          "Note that a pattern such as `{a,B}={Y,Z} -> ...` can always be\nwritten in a unified form `{a=Y,B=Z} -> ...`.\n"
          "Compile directive 'nowarn_match_alias_pats' can be used to suppress\nwarnings in selected modules.",
      old_abstract_code => "abstract code generated before Erlang/OTP 19.0 and\nhaving typed record fields cannot be compiled",
      %% patterns, guards, expressions
      update_literal => "expression updates a literal",
      illegal_zip_generator => "only generators are allowed in a zip generator.",
      compr_assign => "matches using '=' are not allowed in comprehension qualifiers\n"
          "unless the experimental 'compr_assign' language feature is enabled.\n"
          "With 'compr_assign' enabled, a match 'P = E' will behave as a\nstrict generator 'P <:- [E]'.\"",
      illegal_map_exact_in_comprehension => "illegal map association, did you mean to use `=>`?",
      illegal_map_assoc_in_pattern => "illegal pattern, did you mean to use `:=`?",
      illegal_map_construction => "only association operators '=>' are allowed in map construction",
      illegal_pattern => "illegal pattern",
      illegal_expr => "illegal expression",
      illegal_guard_expr => "illegal guard expression",
      illegal_guard_local_call => "call to local/imported function $1f is illegal in guard",
      %% records
      redefine_record => "record $1w already defined",
      redefine_field => "field $2w already defined in record $1r",
      redefine_local_record => "record $1r is already defined locally",
      undefined_native_record => "native record $1w undefined",
      novalue => "field $2w is not initialized in native record $1r",
      illegal_native_record_default => "illegal default value for field $2w in native record $1w",
      native_record_illegal_record_index => "syntax #$1w.$2w is only supported for tuple records",
      native_record_in_guard => "creating a record in a guard is only supported for tuple records",
      native_record_illegal_multi_field_init => "multi-field initialization (assigning to _) is only supported for tuple records",
      native_record_already_exported => "native record $1w already exported",
      native_record_field_types => "native records do not allow special field types",
      native_record_illegal_record_info => "record_info/2 is only supported for tuple records",
      native_record_header => "record $1w is defined in a header file",
      tuple_record_export => "tuple records cannot be exported; only native records can",
      bad_export_record => "badly formed -export_record(); expected a list of record names",
      bad_multi_field_init => "'_' initializes no omitted fields",
      illegal_record_info => "illegal record info",
      field_name_is_variable => "field $2w is not an atom or _ in record $1w",
      wildcard_in_update => "meaningless use of _ in update of record $1w",
      unused_record => "record $1w is unused",
      untyped_record => "record $1w has field(s) without type information",
      invalid_record => "invalid record expression",
      %% variables
      unbound_var => "variable $1w is unbound",
      unsafe_var => "variable $1w unsafe in $2c",
      variable_in_record_def => "variable $1w in record definition",
      shadowed_var => "variable $1w shadowed in $2w",
      unused_var => "variable $1w is unused",
      stacktrace_guard => "stacktrace variable $1w must not be used in a guard",
      stacktrace_bound => "stacktrace variable $1w must not be previously bound",
      match_underscore_var => "variable $1w is already bound. If you mean to ignore this\n"
          "value, use '_' or a different underscore-prefixed name",
      match_underscore_var_pat => "variable $1w is bound multiple times in this pattern.\n"
          "If you mean to ignore this value, use '_' or\na different underscore-prefixed name",
      %% binaries
      undefined_bittype => "bit type $1w undefined",
      bittype_mismatch => "conflict in $3s specification for bit field: '$1p' and '$2p'",
      bittype_unit => "a bit unit size must not be specified unless a size is specified too",
      illegal_bitsize => "illegal bit size",
      illegal_bitsize_local_call => "call to local/imported function $1f is illegal\nin a size expression for a binary segment",
      non_integer_bitsize => "a size expression in a pattern evaluates to a non-integer value;\nthis pattern cannot possibly match",
      unsized_binary_not_at_end => "a binary field without size is only allowed at the end of a binary pattern",
      typed_literal_string => "a literal string in a binary pattern must not have a type or a size",
      utf_bittype_size_or_unit => "neither size nor unit must be given for segments of type utf8/utf16/utf32",
      bad_bitsize => "bad $1s bit size",
      unsized_binary_in_bin_gen_pattern => "binary fields without size are not allowed in patterns of bit string generators",
      %% behaviours
      conflicting_behaviours => "conflicting behaviours -- callback $1f required by both '$2p' and '$4p' $3l",
      undefined_behaviour_func => "undefined callback function $1f (behaviour '$2w')",
      undefined_behaviour => "behaviour $1w undefined",
      undefined_behaviour_callbacks => "behaviour $1w callback functions are undefined",
      ill_defined_behaviour_callbacks => "behaviour $1w callback functions erroneously defined",
      ill_defined_optional_callbacks => "behaviour $1w optional callback functions erroneously defined",
      behaviour_info => "cannot define callback attibute for $1n when behaviour_info is defined",
      redefine_optional_callback => "optional callback $1f duplicated",
      undefined_callback => "callback $1n is undefined",
      %% types and specs
      singleton_typevar => "type variable $1w is only used once (is unbound)",
      bad_export_type => "bad export_type declaration",
      duplicated_export_type => "type $1f already exported",
      undefined_type => "type $1t undefined",
      unused_type => "type $1t is unused",
      redefine_builtin_type => "local redefinition of built-in type: $1t",
      renamed_type => "type $1w() is now called $2w(); please use the new name instead",
      redefine_type => "type $1t already defined",
      type_syntax => "bad $1w type",
      redefine_spec => "spec for $1f already defined",
      redefine_callback => "callback $1f already defined",
      bad_callback => "explicit module not allowed for callback $1M",
      bad_module => "spec for function $1M from other module",
      spec_fun_undefined => "spec for undefined function $1f",
      missing_spec => "missing specification for function $1f",
      spec_wrong_arity => "spec has wrong arity",
      callback_wrong_arity => "callback has wrong arity",
      not_exported_opaque => "opaque type $1t is not exported",
      %% a pair inside
      redefine_import => "function $1x already imported from $1z",
      unused_import => "import $1X is unused",
      redefine_imported_record => "record $1v already imported from $1u",
      exported_var => "variable $1w exported from $2c",
      export_var_subexpr => "variable $1w exported from $2c.\n"
          "Exporting bindings from subexpressions other than block expressions is\n"
          "deprecated and may yield an error in a future version of Erlang/OTP.\n"
          "Please move the binding of $1w out of the $2d.\n"
          "Compile directive 'nowarn_export_var_subexpr' can be used to suppress\nwarnings in selected modules."}.
