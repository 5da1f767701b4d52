%% What the functions of zip tell of an archive and of its files.
-record(zip_comment, {comment :: string()}).
-record(zip_file, {name :: string(), info :: file:file_info(), comment :: string(), offset :: non_neg_integer(),
                   comp_size :: non_neg_integer()}).
