%% What the modules of Dets share.

%% How a table is opened (dets:open_file/2).
-record(how, {
    file, type = set :: set | bag | duplicate_bag, keypos = 1, repair = true :: boolean() | force,
    min = default :: default | pos_integer(), max = default :: default | pos_integer(), ram = false, auto_save = 180000,
    access = read_write :: read | read_write, delayed_write = {3000, 14000}
}).

%% A file that is open. `m`, `n` and `next` are the state of linear hashing: there are `next` slots, those below `n` are split
%% already. `parts` and `segments` are where the slots are on the file, `cached` contents of segments, `collections` how many
%% collections there are of each power of two. `held` are blocks that were freed while the table was fixed, none if it is not: they are
%% not used again before it is let go. `last` is the collection that was read last, {Slot, Size, Address, Bytes}: keys that follow each other
%% are often asked for together.
-record(file, {
    fd, name, type, keypos, m, n = 0, next, min, max, objects = 0, keys = 0, collections = #{}, hash = phash2, md5 = true,
    base, space, held = none, lists_at = 0, parts = #{}, segments = #{}, cached = #{}, last = none
}).

%% Error terms are thrown with this mark by what works on files.
-define(FAILED(Reason), {'$gerl_dets_failed', Reason}).
