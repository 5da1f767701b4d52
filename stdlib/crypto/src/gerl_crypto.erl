-module(gerl_crypto).
-moduledoc "Cryptography as the node has it. Internal; the functions are built in.".

-export([hash/2, hash_init/1, hash_update/2, hash_final/1, hash_info/1, hash_xof/3, mac_init/3, mac_update/2,
         mac_final/1, pbkdf2/5, rand_bytes/1, hash_equals/2, exor/2, mod_pow/3, cipher_init/5, cipher_update/2,
         cipher_final/1, cipher_data/1, aead/7, generate/3, compute/4, sign/5, verify/6, rsa/5,
         encapsulate/2, decapsulate/3, hash_final_xof/2]).

hash(_A, _B) -> erlang:nif_error(undef).
hash_init(_A) -> erlang:nif_error(undef).
hash_update(_A, _B) -> erlang:nif_error(undef).
hash_final(_A) -> erlang:nif_error(undef).
hash_info(_A) -> erlang:nif_error(undef).
hash_xof(_A, _B, _C) -> erlang:nif_error(undef).
mac_init(_A, _B, _C) -> erlang:nif_error(undef).
mac_update(_A, _B) -> erlang:nif_error(undef).
mac_final(_A) -> erlang:nif_error(undef).
pbkdf2(_A, _B, _C, _D, _E) -> erlang:nif_error(undef).
rand_bytes(_A) -> erlang:nif_error(undef).
hash_equals(_A, _B) -> erlang:nif_error(undef).
exor(_A, _B) -> erlang:nif_error(undef).
mod_pow(_A, _B, _C) -> erlang:nif_error(undef).
cipher_init(_A, _B, _C, _D, _E) -> erlang:nif_error(undef).
cipher_update(_A, _B) -> erlang:nif_error(undef).
cipher_final(_A) -> erlang:nif_error(undef).
cipher_data(_A) -> erlang:nif_error(undef).
aead(_A, _B, _C, _D, _E, _F, _G) -> erlang:nif_error(undef).
generate(_A, _B, _C) -> erlang:nif_error(undef).
compute(_A, _B, _C, _D) -> erlang:nif_error(undef).
sign(_A, _B, _C, _D, _E) -> erlang:nif_error(undef).
verify(_A, _B, _C, _D, _E, _F) -> erlang:nif_error(undef).
rsa(_A, _B, _C, _D, _E) -> erlang:nif_error(undef).
encapsulate(_A, _B) -> erlang:nif_error(undef).
decapsulate(_A, _B, _C) -> erlang:nif_error(undef).
hash_final_xof(_A, _B) -> erlang:nif_error(undef).
