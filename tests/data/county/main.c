/* main.c - county: a whole invented county for tests, from one number.
 *
 *     county --seed 7 --start 2026-11-21 --households 18490 OUTDIR
 *
 * README.md beside this file says what is in OUTDIR afterwards and why. */
#include "files.h"
#include <errno.h>
#include <getopt.h>
#include <shouwang/base/number.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: county --seed N [options] OUTDIR\n"
    "  --seed N             the same number gives the same bytes\n"
    "  --start YYYY-MM-DD   the live day (2026-11-21); the history ends the day before\n"
    "  --days N             length of the history in days, 30 to 1000 (365)\n"
    "  --households N       size of the county, 20 to 500000 (18490)\n"
    "  --scale X            the same as a multiple: 0.1 is 1849 households\n"
    "  --gateway NAME       gateway of every team's group (team); \"\" for none\n";

static int fail_usage(const char *what, const char *value)
{
    fprintf(stderr, "county: %s %s\n%s", what, value, usage);
    return 2;
}

static bool read_number(const char *text, int64_t lo, int64_t hi, int64_t *out)
{
    return sw_str_int(sw_str(text), out) && *out >= lo && *out <= hi;
}

/* "0.1" of a full county; hundredths are enough. */
static bool read_scale(const char *text, int64_t *out)
{
    int64_t hundredths;

    if (!sw_fen_parse(sw_str(text), &hundredths) || hundredths <= 0 || hundredths > 10000)
        return false;
    *out = (hundredths * FULL_HOUSEHOLDS + 50) / 100;
    return *out >= HOUSEHOLDS_MIN && *out <= HOUSEHOLDS_MAX;
}

static bool read_option(struct options *o, int letter, const char *value, bool *has_seed)
{
    int64_t n = 0;
    bool good = true;

    switch (letter) {
    case 's':
        good = read_number(value, 0, INT64_MAX, &n);
        o->seed = (uint64_t)n;
        *has_seed = good;
        break;
    case 'b': good = sw_date_parse(sw_str(value), &o->start); break;
    case 'd':
        good = read_number(value, 30, 1000, &n);
        o->days = (int32_t)n;
        break;
    case 'h':
        good = read_number(value, HOUSEHOLDS_MIN, HOUSEHOLDS_MAX, &n);
        o->households = (uint32_t)n;
        break;
    case 'x':
        good = read_scale(value, &n);
        o->households = (uint32_t)n;
        break;
    case 'g': o->gateway = value; break;
    default: return false;
    }
    return good;
}

/* 0, or the exit code. */
static int read_options(struct options *o, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"start", required_argument, NULL, 'b'},
        {"days", required_argument, NULL, 'd'},
        {"households", required_argument, NULL, 'h'},
        {"scale", required_argument, NULL, 'x'},
        {"gateway", required_argument, NULL, 'g'},
        {NULL, 0, NULL, 0},
    };
    bool has_seed = false;
    int letter;

    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (letter == '?')
            return fail_usage("", "");
        if (!read_option(o, letter, optarg, &has_seed))
            return fail_usage("cannot use", optarg);
    }
    if (!has_seed)
        return fail_usage("--seed is missing", "");
    if (optind + 1 != argc)
        return fail_usage("give one folder to write to", "");
    o->dir = argv[optind];
    return 0;
}

static enum sw_code write_all(struct county *c, struct sw_err *err)
{
    struct year y;
    struct live l;
    struct tally history;
    struct tally live;
    enum sw_code rc = files_registry(c, err);

    year_tell(&y, c);
    live_tell(&l, c);
    if (rc == SW_OK)
        rc = files_events(c, &y.list, "history.jsonl", &history, err);
    if (rc == SW_OK)
        rc = files_events(c, &l.list, "live.jsonl", &live, err);
    if (rc == SW_OK)
        rc = files_expected(&y, &history, &l, &live, err);
    live_free(&l);
    year_free(&y);
    return rc;
}

int main(int argc, char **argv)
{
    struct county c = {.opt = {.start = sw_day_of(2026, 11, 21),
                               .days = 365,
                               .households = FULL_HOUSEHOLDS,
                               .gateway = "team"}};
    struct sw_err err = {0};
    int rc = read_options(&c.opt, argc, argv);

    if (rc != 0)
        return rc;
    if (mkdir(c.opt.dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "county: %s: %s\n", c.opt.dir, strerror(errno));
        return 1;
    }
    land_build(&c);
    people_build(&c);
    posts_build(&c);
    if (write_all(&c, &err) != SW_OK) {
        fprintf(stderr, "county: %s\n", err.text);
        rc = 1;
    }
    county_free(&c);
    return rc;
}
