%% The options that compilers called by erl_compile get.
-record(options, {includes = [] :: [file:filename()], outdir = "." :: file:filename(), output_type = undefined :: atom(),
                  defines = [] :: [atom() | {atom(), term()}], warning = 1 :: non_neg_integer(), verbose = false :: boolean(),
                  optimize = 999, specific = [] :: [term()], outfile = "" :: file:filename(), cwd :: file:filename()}).
