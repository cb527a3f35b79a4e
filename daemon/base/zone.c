/* zone.c - from instants to local days.
 *
 * Reads the 64-bit block of a TZif file (RFC 8536). The POSIX rule in its footer is not read:
 * Debian ships files that list every transition up to 2037, after which the last offset stays. */
#include <shouwang/base/file.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/zone.h>
#include <stdlib.h>

struct sw_zone {
    char *name;
    size_t n;        /* transitions */
    int64_t *at;     /* seconds since 1970, ascending */
    int32_t *offset; /* offset[i] holds from at[i] on */
    int32_t first;   /* before at[0]; for ever when n == 0 */
};

void sw_zone_free(struct sw_zone *z)
{
    if (z == NULL)
        return;
    free(z->name);
    free(z->at);
    free(z->offset);
    free(z);
}

struct sw_str sw_zone_name(const struct sw_zone *z)
{
    return z == NULL ? SW_STR("UTC") : sw_str(z->name);
}

/* "+08:00" or "-05:30" in seconds. */
static bool parse_fixed(struct sw_str s, int32_t *offset)
{
    int64_t hours;
    int64_t minutes;

    if (sw_str_is(s, "UTC")) {
        *offset = 0;
        return true;
    }
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' ||
        !sw_str_int(sw_str_sub(s, 1, 2), &hours) || !sw_str_int(sw_str_sub(s, 4, 2), &minutes) ||
        hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset = (int32_t)(hours * 3600 + minutes * 60) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

static int64_t big_endian(const char *p, size_t n)
{
    uint64_t v = (p[0] & 0x80) != 0 ? ~UINT64_C(0) : 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[i];
    return (int64_t)v;
}

/* The counts of one header, and where its data begins. */
struct block {
    size_t isut, isstd, leap, time, type, chars, data;
};

static bool read_header(struct sw_str file, size_t at, struct block *b)
{
    size_t count[6];

    if (file.n < at + 44 || memcmp(file.p + at, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < 6; i++) {
        int64_t v = big_endian(file.p + at + 20 + 4 * i, 4);

        if (v < 0 || v > 100000)
            return false;
        count[i] = (size_t)v;
    }
    *b = (struct block){count[0], count[1], count[2], count[3], count[4], count[5], at + 44};
    return true;
}

static size_t block_size(const struct block *b, size_t time_size)
{
    return b->time * (time_size + 1) + b->type * 6 + b->chars + b->leap * (time_size + 4) +
           b->isstd + b->isut;
}

static bool read_tzif(struct sw_zone *z, struct sw_str file)
{
    struct block b;
    const char *types;

    if (!read_header(file, 0, &b) || file.p[4] < '2' ||
        !read_header(file, b.data + block_size(&b, 4), &b) || file.n < b.data + block_size(&b, 8) ||
        b.type == 0)
        return false;
    types = file.p + b.data + b.time * 9;
    z->n = b.time;
    z->at = sw_calloc(b.time, sizeof(*z->at));
    z->offset = sw_calloc(b.time, sizeof(*z->offset));
    z->first = (int32_t)big_endian(types, 4);
    for (size_t i = 0; i < b.time; i++) {
        size_t type = (unsigned char)file.p[b.data + b.time * 8 + i];

        if (type >= b.type)
            return false;
        z->at[i] = big_endian(file.p + b.data + i * 8, 8);
        z->offset[i] = (int32_t)big_endian(types + type * 6, 4);
    }
    return true;
}

static bool is_zone_name(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("/_+-", c) != NULL && i > 0)))
            return false;
    }
    return s.n > 0 && s.n < 64;
}

enum sw_code sw_zone_load(struct sw_zone **out, struct sw_str name, struct sw_err *err)
{
    const char *dir = getenv("TZDIR");
    struct sw_zone *z = sw_calloc(1, sizeof(*z));
    struct sw_buf path = {0};
    struct sw_buf file = {0};
    enum sw_code rc = SW_OK;

    z->name = sw_str_dup(name);
    if (parse_fixed(name, &z->first))
        goto out;
    if (!is_zone_name(name)) {
        rc = sw_fail(err, SW_EINVALID,
                     "\"%.*s\" is no time zone; write a name such as "
                     "Asia/Shanghai or an offset such as +08:00",
                     SW_STR_ARG(name));
        goto out;
    }
    sw_buf_printf(&path, "%s/%s", dir == NULL ? "/usr/share/zoneinfo" : dir, z->name);
    if (sw_file_read(path.p, 1 << 20, &file, err) != SW_OK)
        rc = sw_fail(err, SW_ENOTFOUND, "no time zone %s (looked for %s)", z->name, path.p);
    else if (!read_tzif(z, sw_buf_view(&file)))
        rc = sw_fail(err, SW_EBAD, "%s is no TZif file of version 2 or later", path.p);
out:
    sw_buf_free(&path);
    sw_buf_free(&file);
    if (rc != SW_OK) {
        sw_zone_free(z);
        z = NULL;
    }
    *out = z;
    return rc;
}

int32_t sw_zone_offset(const struct sw_zone *z, sw_time at)
{
    int64_t second = sw_floor_div(at, SW_SECOND);
    size_t lo = 0;
    size_t hi;

    if (z == NULL)
        return 0;
    hi = z->n;
    if (hi > 0 && second >= z->at[hi - 1])
        return z->offset[hi - 1];
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (z->at[mid] <= second)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo == 0 ? z->first : z->offset[lo - 1];
}

sw_day sw_zone_day(const struct sw_zone *z, sw_time at)
{
    return (sw_day)sw_floor_div(sw_floor_div(at, SW_SECOND) + sw_zone_offset(z, at), 86400);
}

sw_time sw_zone_midnight(const struct sw_zone *z, sw_day day)
{
    int64_t local = (int64_t)day * 86400;
    sw_time guess = (local - sw_zone_offset(z, local * SW_SECOND)) * SW_SECOND;

    /* Once more with the offset that holds there: the zone may have changed near midnight. */
    return (local - sw_zone_offset(z, guess)) * SW_SECOND;
}
