/* hash.h - SipHash-2-4: a keyed 64-bit hash that outsiders cannot make collide.
 * Layer: base. Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012. */
#ifndef SHOUWANG_BASE_HASH_H
#define SHOUWANG_BASE_HASH_H

#include <shouwang/base/str.h>

struct sw_hash_key {
    uint64_t k0, k1;
};

uint64_t sw_siphash(struct sw_hash_key key, const void *bytes, size_t n);

#endif
