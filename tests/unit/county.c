/* county.c (test) - the county generator of tests/data/county: what it promises of its files.
 *
 * The program is run as a user would run it; its files are read back with the project's own
 * readers and folded into a registry, so that its figures are held against the model's. */
#include "../tap.h"
#include "county_help.h"
#include <shouwang/base/file.h>
#include <shouwang/base/json.h>
#include <shouwang/base/utf8.h>
#include <shouwang/model/registry.h>

enum { FILE_MAX = 256 << 20, SMALL = 2000, MONTHS = 12 };

static const char *const names[] = {"areas.csv",     "households.csv", "persons.csv",
                                    "cadres.csv",    "teams.csv",      "assignments.csv",
                                    "history.jsonl", "live.jsonl",     "expected.json"};
enum { AREAS, HOUSEHOLDS, PERSONS, CADRES, TEAMS, ASSIGNMENTS, HISTORY, LIVE, EXPECTED, FILES };

/* One run's files in memory. */
struct county {
    struct sw_buf file[FILES];
    struct sw_arena arena;
    struct sw_json *expected;
};

/* Runs the program into a folder of its own, reads the files and removes them. */
static struct county *make(char *seed, char *households, char *start, char *days)
{
    char dir[] = "/tmp/county-XXXXXX";
    struct county *c = calloc(1, sizeof(*c));
    struct sw_err err = {0};

    if (c == NULL || mkdtemp(dir) == NULL)
        exit(1);
    is_int(RUN_COUNTY("--seed", seed, "--households", households, "--start", start, "--days", days,
                      dir),
           0);
    for (size_t i = 0; i < FILES; i++) {
        char path[64];

        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        ok_named(sw_file_read(path, FILE_MAX, &c->file[i], &err) == SW_OK, names[i]);
        unlink(path);
    }
    rmdir(dir);
    ok(sw_json_parse(&c->arena, sw_buf_view(&c->file[EXPECTED]), &c->expected, &err) == SW_OK);
    return c;
}

static void drop(struct county *c)
{
    for (size_t i = 0; i < FILES; i++)
        sw_buf_free(&c->file[i]);
    sw_arena_free(&c->arena);
    free(c);
}

/* A number of expected.json; -1 when it is not there. */
static int64_t figure(const struct county *c, const char *part, const char *group, const char *name)
{
    const struct sw_json *j = sw_json_get(c->expected, part);
    int64_t n = -1;

    if (group != NULL)
        j = sw_json_get(j, group);
    j = sw_json_get(j, name);
    return j != NULL && sw_str_int(j->text, &n) ? n : -1;
}

/* ---- the registry's files ----------------------------------------------------------------- */

static int64_t count_rows(const struct county *c, int file)
{
    struct sw_csv csv = {.rest = sw_buf_view(&c->file[file])};
    struct sw_arena arena = {0};
    struct sw_csv_row row;
    int64_t n = -1; /* the header */

    while (sw_csv_next(&csv, &arena, &row)) {
        if (row.fault != NULL)
            note("%s:%u: %s", names[file], row.line, row.fault);
        n++;
    }
    sw_arena_free(&arena);
    return n;
}

static void test_sizes(const struct county *c, int64_t households, int64_t persons,
                       int64_t villages, int64_t towns)
{
    is_int(count_rows(c, HOUSEHOLDS), households);
    is_int(count_rows(c, PERSONS), persons);
    is_int(count_rows(c, AREAS), 1 + towns + villages);
    is_int(count_rows(c, TEAMS), villages);
    is_int(figure(c, "registry", NULL, "households"), households);
    is_int(figure(c, "registry", NULL, "persons"), persons);
    is_int(figure(c, "registry", NULL, "cadres"), count_rows(c, CADRES));
    is_int(figure(c, "registry", NULL, "assignments"), count_rows(c, ASSIGNMENTS));
}

/* Longest run of digits anywhere: an identity-card number has 17. */
static size_t longest_number(struct sw_str s)
{
    size_t longest = 0;
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        n = s.p[i] >= '0' && s.p[i] <= '9' ? n + 1 : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void test_texts(const struct county *c)
{
    struct sw_str households = sw_buf_view(&c->file[HOUSEHOLDS]);

    for (size_t i = 0; i < HISTORY; i++) {
        struct sw_str file = sw_buf_view(&c->file[i]);

        ok_named(sw_utf8_check(file) == file.n, names[i]);
        ok_named(longest_number(file) < 15, "no number as long as an identity card's");
    }
    ok(memmem(c->file[PERSONS].p, c->file[PERSONS].n, "·", strlen("·")) != NULL);
    ok(memmem(households.p, households.n, ",sudden,", 8) != NULL);
}

/* ---- the fold ----------------------------------------------------------------------------- */

struct fold {
    struct sw_schema *schema;
    struct sw_registry registry;
    struct sw_arena arena;
    int64_t accepted, repeats, refused[SW_REFUSALS], unread;
    int64_t month[SW_STREAMS_MAX][MONTHS]; /* accepted, told once: by the month they happened in */
    int64_t unsorted, bad_amounts, early;  /* lines recorded before the one before, and so on */
    sw_time last;
    struct sw_err err; /* of the last refusal */
};

static bool apply_row(struct fold *f, struct sw_str text, sw_time now)
{
    struct sw_envelope in;
    struct sw_changed changed;

    return sw_envelope_read(&f->arena, text, &in, &f->err) == SW_ACCEPTED &&
           sw_registry_apply(&f->registry, &f->arena, f->schema, &in, now, &changed, &f->err) ==
               SW_ACCEPTED &&
           !changed.repeat;
}

/* Every row of a file is accepted: every id it refers to is there. */
static void load_file(struct fold *f, const struct county *c, int file, const char *entity,
                      sw_time now)
{
    struct sw_csv csv = {.rest = sw_buf_view(&c->file[file])};
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_csv_row header;
    struct sw_csv_row row;
    int64_t refused = 0;

    sw_csv_next(&csv, &arena, &header);
    while (sw_csv_next(&csv, &arena, &row)) {
        put_county_row(&text, entity, &header, &row);
        sw_arena_reset(&f->arena);
        if (!apply_row(f, sw_buf_view(&text), now) && refused++ == 0)
            note("%s:%u: %s", names[file], row.line, f->err.text);
    }
    is_int_named(refused, 0, names[file]);
    sw_buf_free(&text);
    sw_arena_free(&arena);
}

static bool load_registry(struct fold *f, const struct county *c, sw_time now)
{
    static const char *const entities[] = {"area",  "household", "person",
                                           "cadre", "team",      "assignment"};
    struct sw_diag diag = {0};

    *f = (struct fold){.schema = sw_schema_load("rules/schema.yaml", &diag)};
    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    if (!ok(f->schema != NULL))
        return false;
    sw_registry_init(&f->registry, (struct sw_hash_key){1, 2});
    for (int file = AREAS; file <= ASSIGNMENTS; file++)
        load_file(f, c, file, entities[file], now);
    return true;
}

static void free_fold(struct fold *f)
{
    sw_registry_free(&f->registry);
    sw_schema_free(f->schema);
    sw_arena_free(&f->arena);
}

/* "9500.50": digits, a point, two digits, and not nothing. */
static bool is_amount(struct sw_str s)
{
    int64_t fen;

    return s.n >= 4 && s.p[s.n - 3] == '.' && sw_str_int(sw_str_sub(s, 0, s.n - 3), &fen) &&
           sw_str_int(sw_str_sub(s, s.n - 2, 2), &fen) && !sw_str_is(s, "0.00") && s.p[0] != '-';
}

static void check_amounts(struct fold *f, const struct sw_event *e, const struct sw_json *data)
{
    for (uint32_t i = 0; i < e->stream->n_fields; i++) {
        const struct sw_field *field = &e->stream->fields[i];
        char name[64];
        const struct sw_json *v;

        if (field->type != SW_FMONEY)
            continue;
        snprintf(name, sizeof(name), "%.*s", SW_STR_ARG(field->name));
        v = sw_json_get(data, name);
        if (v != NULL && !is_amount(v->text))
            f->bad_amounts++;
    }
}

static void count(struct fold *f, const struct sw_event *e, const struct sw_envelope *in)
{
    struct sw_history *h = e->is_area ? &f->registry.area[e->subject].history
                                      : &f->registry.household[e->subject].history;

    if (sw_history_add(h, e) != SW_RECORDED) {
        f->repeats++;
        return;
    }
    f->accepted++;
    f->early += in->has_known && in->time > in->known;
    if (e->has_data && in->reverses.n == 0 && in->has_known)
        f->month[e->stream->id][sw_civil_of(e->day).month - 1]++;
    if (e->has_data)
        check_amounts(f, e, in->data);
}

/* One line, as the engine would take it. `now`: when the line has no time of recording. */
static void take(struct fold *f, struct sw_str line, sw_time now)
{
    struct sw_envelope in;
    struct sw_event e;
    enum sw_refusal why = sw_envelope_read(&f->arena, line, &in, &f->err);
    struct sw_changed changed;

    if (why == SW_ACCEPTED && in.has_known) {
        f->unsorted += in.known < f->last;
        now = f->last = in.known;
    }
    if (why == SW_ACCEPTED && sw_str_starts(in.type, SW_STR("registry."))) {
        why = sw_registry_apply(&f->registry, &f->arena, f->schema, &in, now, &changed, &f->err);
        f->accepted += why == SW_ACCEPTED && !changed.repeat;
        f->repeats += why == SW_ACCEPTED && changed.repeat;
    } else if (why == SW_ACCEPTED) {
        why = sw_event_read(&f->arena, f->schema, &f->registry, &in, now, &e, &f->err);
        if (why == SW_ACCEPTED)
            count(f, &e, &in);
    }
    f->refused[why]++;
}

static int64_t take_all(struct fold *f, const struct sw_buf *file, sw_time now)
{
    struct sw_str rest = sw_buf_view(file);
    struct sw_str line;
    int64_t lines = 0;

    while (sw_str_split(&rest, '\n', &line)) {
        if (line.n == 0)
            continue;
        sw_arena_reset(&f->arena);
        take(f, line, now);
        lines++;
    }
    return lines;
}

/* The counts of expected.json and of the fold are the same, refusal for refusal. */
static void test_counts(const struct county *c, const struct fold *f, const char *part,
                        int64_t lines)
{
    is_int(lines, figure(c, part, NULL, "lines"));
    is_int(f->accepted, figure(c, part, NULL, "good") + figure(c, part, NULL, "taken_back") +
                            figure(c, part, NULL, "corrections"));
    is_int(f->repeats, figure(c, part, NULL, "repeats"));
    for (int r = SW_ACCEPTED + 1; r < SW_REFUSALS; r++) {
        const char *reason = sw_refusal_name((enum sw_refusal)r);
        int64_t want = figure(c, part, "faulty_by_reason", reason);

        is_int_named(f->refused[r], want < 0 ? 0 : want, reason);
    }
}

/* ---- what the year looks like ------------------------------------------------------------- */

static const int64_t *months_of(const struct fold *f, const char *type)
{
    return f->month[sw_schema_stream(f->schema, sw_str(type))->id];
}

static int64_t sum_months(const int64_t month[MONTHS], uint32_t which)
{
    int64_t n = 0;

    for (uint32_t m = 0; m < MONTHS; m++)
        n += (which >> m & 1) != 0 ? month[m] : 0;
    return n;
}

/* Bounds per 1000 households and year, wide enough for any seed at this size. */
static void test_shares(const struct county *c, const struct fold *f)
{
    static const struct {
        const char *type;
        int64_t from, to;
    } bounds[] = {
        {"medical.bill", 1500, 2400}, {"medical.refund", 50, 140},   {"work.lost", 30, 70},
        {"work.hired", 35, 95},       {"income.record", 1200, 1700}, {"spend.record", 330, 520},
        {"edu.absence", 15, 50},      {"edu.fee", 200, 380},         {"house.inspect", 18, 60},
        {"water.outage", 5, 16},      {"disaster.loss", 4, 300},     {"accident.report", 1, 12},
        {"loan.repaid", 60, 110},     {"aid.paid", 550, 950},        {"self.report", 12, 45},
        {"visit.done", 850, 1200},
    };
    size_t types = 0;

    for (size_t i = 0; i < SW_COUNTOF(bounds); i++) {
        int64_t n = sum_months(months_of(f, bounds[i].type), 0xfff) * 1000 / SMALL;

        if (!ok_named(n >= bounds[i].from && n <= bounds[i].to, bounds[i].type))
            note("%s: %" PRId64 " per 1000 households", bounds[i].type, n);
    }
    for (size_t s = 1; s < f->schema->n_streams; s++)
        types += sum_months(f->month[s], 0xfff) > 0;
    ok(types >= 15);
    ok(figure(c, "history", NULL, "lines") > 4 * SMALL);
}

static void test_seasons(const struct fold *f)
{
    enum { JAN = 1, FEB = 2, MAR = 4, AUG = 128, SEP = 256, OCT = 512 };
    const int64_t *lost = months_of(f, "work.lost");
    const int64_t *fees = months_of(f, "edu.fee");
    const int64_t *absence = months_of(f, "edu.absence");

    ok(sum_months(lost, JAN | FEB | OCT) * 100 > sum_months(lost, 0xfff) * 38);
    ok(sum_months(fees, FEB | MAR | AUG | SEP) == sum_months(fees, 0xfff));
    ok(fees[1] > 0 && fees[8] > 0);
    is_int(absence[7], 0);
}

static void test_noise(const struct county *c)
{
    int64_t lines = figure(c, "history", NULL, "lines");
    int64_t changed =
        figure(c, "history", NULL, "taken_back") + figure(c, "history", NULL, "corrections");
    int64_t median = figure(c, "history", "days_late", "median");

    ok(changed * 1000 > lines * 5 && changed * 1000 < lines * 16);
    ok(figure(c, "history", NULL, "reversals_before_the_original") > 0);
    ok(figure(c, "history", NULL, "told_anew_after_reversal") > 0);
    ok(figure(c, "history", NULL, "repeats") * 1000 > lines * 3);
    ok(figure(c, "history", NULL, "faulty") * 1000 >= lines * 29 / 10);
    ok(median >= 1 && median <= 8);
    ok(figure(c, "history", "days_late", "of_99_percent") > 45);
}

/* Bills taken back leave nothing, wherever in the order the taking-back came. */
static int64_t live_bills(const struct fold *f, struct sw_str household, sw_day from)
{
    const struct sw_stream *st = sw_schema_stream(f->schema, SW_STR("medical.bill"));
    struct sw_value room[SW_FIELDS_MAX];
    struct sw_cursor cursor = {.stream = st->id, .room = room, .need = UINT64_MAX};
    uint32_t h = sw_registry_household(&f->registry, household);
    int64_t fen = 0;
    uint32_t field;

    sw_stream_field(st, SW_STR("self_paid"), &field);
    sw_history_open(&f->registry.household[h].history, &cursor);
    while (sw_history_next(st, &cursor)) {
        if (cursor.day >= from)
            fen += room[field].i;
    }
    return fen;
}

static void test_scenes(const struct county *c, const struct fold *f, sw_day start)
{
    const struct sw_json *live = sw_json_get(c->expected, "live");
    const struct sw_json *back = sw_json_get(live, "bill_taken_back_or_lowered");
    const struct sw_json *bills = sw_json_get(sw_json_get(live, "alerts"), "bill_of_other");
    int64_t wrong = 0;

    ok(back != NULL && back->count > 0 && bills != NULL && bills->count > 0);
    for (const struct sw_json *h = back->first; h != NULL; h = h->next)
        wrong += live_bills(f, h->text, start - 3) > 900 * 100;
    is_int_named(wrong, 0, "bills that stay after they were taken back");
    for (const struct sw_json *s = sw_json_get(live, "alerts")->first; s != NULL; s = s->next) {
        for (const struct sw_json *id = s->first; id != NULL; id = id->next)
            wrong += sw_registry_household(&f->registry, id->text) == SW_NONE &&
                     sw_registry_area(&f->registry, id->text) == SW_NONE;
    }
    is_int_named(wrong, 0, "scenes of households that do not exist");
    ok(memmem(c->file[LIVE].p, c->file[LIVE].n, "recordedtime", 12) == NULL);
}

/* Registry, history and live day, one after the other; false when there is no schema. */
static bool fold_all(struct fold *f, const struct county *c, sw_day start, sw_day days)
{
    const sw_time day = INT64_C(86400) * SW_SECOND;
    int64_t lines;

    if (!load_registry(f, c, (start - days) * day))
        return false;
    lines = take_all(f, &c->file[HISTORY], 0);
    test_counts(c, f, "history", lines);
    is_int_named(f->unsorted, 0, "lines out of the order of recordedtime");
    is_int_named(f->early, 0, "lines recorded before it happened");
    f->accepted = f->repeats = 0;
    memset(f->refused, 0, sizeof(f->refused));
    lines = take_all(f, &c->file[LIVE], start * day + day / 4);
    test_counts(c, f, "live", lines);
    is_int_named(f->bad_amounts, 0, "amounts that are not positive with two decimals");
    return true;
}

static void test_small(const struct county *c)
{
    const sw_day start = sw_day_of(2026, 11, 21);
    struct fold f;

    test_sizes(c, SMALL, 4849, 9, 1);
    test_texts(c);
    if (!fold_all(&f, c, start, 365))
        return;
    test_shares(c, &f);
    test_seasons(&f);
    test_noise(c);
    test_scenes(c, &f, start);
    free_fold(&f);
}

/* The same promises for a hamlet, a short history and another year. */
static void test_tiny(void)
{
    struct county *c = make("3", "40", "2024-03-01", "45");
    struct fold f;

    test_sizes(c, 40, 97, 1, 1);
    if (fold_all(&f, c, sw_day_of(2024, 3, 1), 45))
        free_fold(&f);
    drop(c);
}

static void test_seeds(const struct county *c, char *seed)
{
    struct county *again = make(seed, "2000", "2026-11-21", "365");
    struct county *other = make("987654321", "2000", "2026-11-21", "365");

    for (size_t i = 0; i < FILES; i++) {
        ok_named(sw_str_eq(sw_buf_view(&c->file[i]), sw_buf_view(&again->file[i])), names[i]);
        if (i != AREAS && i != TEAMS) /* places are the same in every county */
            ok_named(!sw_str_eq(sw_buf_view(&c->file[i]), sw_buf_view(&other->file[i])),
                     "another seed, other bytes");
    }
    drop(again);
    drop(other);
}

static void test_full(char *seed)
{
    struct county *c = make(seed, "18490", "2026-11-21", "365");
    int64_t lines = figure(c, "history", NULL, "lines");

    test_sizes(c, 18490, 44831, 87, 11);
    ok(lines >= 80000 && lines <= 130000);
    ok(figure(c, "live", NULL, "lines") >= 380 && figure(c, "live", NULL, "lines") <= 440);
    drop(c);
}

static void test_usage(void)
{
    is_int(RUN_COUNTY("/tmp"), 2);
    is_int(RUN_COUNTY("--seed", "x", "/tmp"), 2);
    is_int(RUN_COUNTY("--seed", "1", "--start", "2026-02-30", "/tmp"), 2);
    is_int(RUN_COUNTY("--seed", "1", "--households", "3", "/tmp"), 2);
    is_int(RUN_COUNTY("--seed", "1", "/proc/no/such/folder"), 1);
}

int main(int argc, char **argv)
{
    char *seed = getenv("SEED") == NULL ? "7" : getenv("SEED");
    struct county *small;

    (void)argc;
    note("seed %s (SEED=… tries another)", seed);
    find_county(argv[0]);
    small = make(seed, "2000", "2026-11-21", "365");
    test_small(small);
    test_tiny();
    test_seeds(small, seed);
    test_full(seed);
    test_usage();
    drop(small);
    return done_testing();
}
