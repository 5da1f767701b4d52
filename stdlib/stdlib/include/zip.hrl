%% What zip:list_dir/1 gives.
-record(zip_file, {name :: string(), info :: term(), comment :: string(), offset :: non_neg_integer(),
                   comp_size :: non_neg_integer()}).
-record(zip_comment, {comment :: string()}).
