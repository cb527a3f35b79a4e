/* checksum.c - four independent lanes keep the multiplier busy: one multiplication depends only on
 * the one 32 bytes before. */
#include "checksum.h"
#include <string.h>

enum { LANES = 4, STRIDE = LANES * 8 };

/* Odd, with no pattern in their bits: the golden ratio and splitmix64's constants. */
#define ODD UINT64_C(0x9e3779b97f4a7c15)
static const uint64_t start[LANES] = {UINT64_C(0xbf58476d1ce4e5b9), UINT64_C(0x94d049bb133111eb),
                                      UINT64_C(0x2545f4914f6cdd1d), UINT64_C(0xd1342543de82ef95)};

static inline uint64_t step(uint64_t lane, uint64_t word)
{
    uint64_t x = (lane ^ word) * ODD;

    return x << 29 | x >> 35;
}

static inline uint64_t word_at(const unsigned char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

uint64_t sw_checksum(uint64_t seed, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t a = start[0] ^ seed;
    uint64_t b = start[1] ^ seed;
    uint64_t c = start[2] ^ seed;
    uint64_t d = start[3] ^ seed;
    size_t left = n;
    unsigned char tail[STRIDE] = {0};

    for (; left >= STRIDE; left -= STRIDE, p += STRIDE) {
        a = step(a, word_at(p));
        b = step(b, word_at(p + 8));
        c = step(c, word_at(p + 16));
        d = step(d, word_at(p + 24));
    }
    if (left > 0)
        memcpy(tail, p, left);
    a = step(a, word_at(tail));
    b = step(b, word_at(tail + 8));
    c = step(c, word_at(tail + 16));
    d = step(d, word_at(tail + 24));
    return step(step(step(step(step(seed, a), b), c), d), n); /* n: zeros at the end count */
}
