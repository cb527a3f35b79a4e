/* Packed histories against a naive list: any order of arrival, repeats, takings-back before and
 * after, give the same live records and the same bytes. */
#include "model_help.h"

enum { EVENTS = 60 };

/* One generated event, told once or more. */
struct told {
    struct sw_event e;
    struct sw_value value[8];
};

static uint64_t random_key(struct tap_random *r)
{
    return (tap_next(r) | 1) & SW_KEY_MASK;
}

static void make_bill(struct tap_random *r, const struct sw_stream *st, struct told *t)
{
    t->e = (struct sw_event){.stream = st,
                             .has_data = true,
                             .day = 20000 + (sw_day)tap_below(r, 40),
                             .moment = (uint16_t)tap_below(r, 3),
                             .key = random_key(r),
                             .value = t->value};
    t->value[0] = (struct sw_value){.kind = SW_KPERSON, .i = tap_below(r, 5)};
    t->value[1] = (struct sw_value){.kind = SW_KENUM, .i = tap_below(r, 2)};
    t->value[2] =
        tap_below(r, 2) == 0 ? sw_value_unknown(2) : sw_value_money(tap_below(r, 1000000));
    t->value[3] = sw_value_money((int64_t)tap_below(r, 2000000) - 500000);
}

/* A third of the events take back another one, with or without a new value. */
static void make_events(struct tap_random *r, const struct sw_stream *st, struct told *t)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        make_bill(r, st, &t[i]);
        if (i > 0 && tap_below(r, 3) == 0) {
            t[i].e.reverses = t[tap_below(r, i)].e.key;
            t[i].e.has_data = tap_below(r, 2) == 0;
        }
    }
}

static void shuffle(struct tap_random *r, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = tap_below(r, i);
        uint32_t other = order[k];

        order[k] = order[i - 1];
        order[i - 1] = other;
    }
}

static void tell_all(struct tap_random *r, struct sw_history *h, struct told *t, bool *repeats)
{
    uint32_t order[EVENTS];

    shuffle(r, order, EVENTS);
    for (uint32_t i = 0; i < EVENTS; i++) {
        *repeats &= sw_history_add(h, &t[order[i]].e) == SW_RECORDED;
        while (tap_below(r, 4) == 0)
            *repeats &= sw_history_add(h, &t[order[tap_below(r, i + 1)]].e) == SW_RECORDED_REPEAT;
    }
}

/* Sum of the live bills by the plain meaning of the words. */
static int64_t naive_sum(const struct told *t, uint32_t *count)
{
    int64_t sum = 0;

    *count = 0;
    for (uint32_t i = 0; i < EVENTS; i++) {
        bool dead = !t[i].e.has_data;

        for (uint32_t k = 0; k < EVENTS; k++)
            dead |= t[k].e.reverses == t[i].e.key;
        if (dead)
            continue;
        sum += t[i].value[3].i;
        ++*count;
    }
    return sum;
}

static int64_t packed_sum(const struct sw_history *h, const struct sw_stream *st, uint32_t *count,
                          bool *sorted)
{
    struct sw_value room[8];
    struct sw_cursor c = {.stream = st->id, .room = room, .need = UINT64_MAX};
    int64_t sum = 0;
    sw_day before = 0;

    *count = 0;
    sw_history_open(h, &c);
    while (sw_history_next(st, &c)) {
        *sorted &= c.day >= before;
        before = c.day;
        sum += c.field[3].i;
        ++*count;
    }
    return sum;
}

static void test_any_order(struct tap_random *r)
{
    struct sw_schema *s = load_small(small_schema);
    const struct sw_stream *st = sw_schema_stream(s, SW_STR("medical.bill"));
    static struct told t[EVENTS];
    bool repeats = true;
    bool sums = true;
    bool bytes = true;
    bool sorted = true;

    for (int round = 0; round < 1000; round++) {
        struct sw_history a = SW_HISTORY_NONE;
        struct sw_history b = SW_HISTORY_NONE;
        uint32_t n;
        uint32_t m;

        make_events(r, st, t);
        tell_all(r, &a, t, &repeats);
        tell_all(r, &b, t, &repeats);
        sums &= naive_sum(t, &n) == packed_sum(&a, st, &m, &sorted) && n == m;
        bytes &= sw_history_length(&a) == sw_history_length(&b) &&
                 memcmp(sw_history_records(&a), sw_history_records(&b), sw_history_length(&a)) == 0;
        sw_history_free(&a);
        sw_history_free(&b);
    }
    ok_named(repeats, "1 000 histories: first tellings count, repeats do not");
    ok_named(sums, "the live bills are those a plain reading gives");
    ok_named(bytes, "another order gives the same bytes");
    ok_named(sorted, "records come by day");
    sw_schema_free(s);
}

static void test_fields(void)
{
    struct sw_schema *s = load_small(small_schema);
    const struct sw_stream *st = sw_schema_stream(s, SW_STR("note"));
    struct sw_value v[6];
    struct sw_value room[6];
    struct sw_event e = {.stream = st, .has_data = true, .day = 20000, .key = 9, .value = v};
    struct sw_cursor c = {.stream = st->id, .room = room, .need = UINT64_MAX};
    struct sw_history h = SW_HISTORY_NONE;
    char text[600];
    bool long_texts = true;

    for (uint32_t i = 0; i < 6; i++)
        v[i] = sw_value_unknown(0);
    v[1] = sw_value_str(SW_STR("守望"));
    v[3] = sw_value_date(-5);
    v[4] = sw_value_double(0.1);
    v[5] = sw_value_bool(true);
    is_int(sw_history_add(&h, &e), SW_RECORDED);
    sw_history_open(&h, &c);
    ok(sw_history_next(st, &c));
    is_int(c.field[0].kind, SW_KUNKNOWN);
    is_str(sw_value_text(c.field[1]), "守望");
    is_int(c.field[3].i, -5);
    ok(c.field[4].d == 0.1 && c.field[5].b);
    ok(!sw_history_next(st, &c));
    is_int(sw_history_note(&h, 9), SW_RECORDED_REPEAT);
    is_int(sw_history_note(&h, 10), SW_RECORDED);
    ok(sw_history_has(&h, 10) && !sw_history_has(&h, 11));
    for (size_t n = 200; n < 600; n++) { /* around the length that takes more bytes */
        memset(text, 'x', n);
        v[1] = sw_value_str((struct sw_str){text, n});
        e.key = 1000 + n;
        e.day = 20001 + (sw_day)n;
        long_texts &= sw_history_add(&h, &e) == SW_RECORDED;
    }
    c = (struct sw_cursor){.stream = st->id, .room = room, .need = UINT64_MAX};
    sw_history_open(&h, &c);
    ok(sw_history_next(st, &c));
    for (size_t n = 200; n < 600; n++)
        long_texts &= sw_history_next(st, &c) && c.field[1].n == n && c.day == 20001 + (sw_day)n;
    ok_named(long_texts && !sw_history_next(st, &c), "short and long records side by side");
    sw_history_free(&h);
    sw_schema_free(s);
}

static void add_fact(struct sw_history *h, const struct sw_schema *s, sw_day day, uint16_t moment,
                     uint64_t key, int64_t income)
{
    const struct sw_stream *facts = &s->streams[SW_FACTS];
    struct sw_value v[SW_FIELDS_MAX];
    struct sw_event e = {
        .stream = facts, .has_data = true, .day = day, .moment = moment, .key = key, .value = v};
    uint32_t i = 0;

    for (uint32_t k = 0; k < facts->n_fields; k++)
        v[k] = sw_value_unknown(k);
    sw_stream_field(facts, SW_STR("income_12m"), &i);
    v[i] = sw_value_money(income);
    sw_history_add(h, &e);
}

static void test_facts(void)
{
    struct sw_schema *s = load_small(small_schema);
    const struct sw_stream *facts = &s->streams[SW_FACTS];
    struct sw_value v[SW_FIELDS_MAX];
    sw_day until[SW_FIELDS_MAX];
    struct sw_history h = SW_HISTORY_NONE;
    uint32_t i = 0;

    sw_stream_field(facts, SW_STR("income_12m"), &i);
    add_fact(&h, s, 20010, 5, 3, 300); /* the later word of that day, told first */
    add_fact(&h, s, 20010, 4, 2, 200);
    add_fact(&h, s, 20000, 0, 1, 100);
    sw_history_facts(&h, facts, 19999, v, until);
    is_int(v[i].kind, SW_KUNKNOWN);
    is_int(until[i], 20000);
    sw_history_facts(&h, facts, 20009, v, until);
    is_int(v[i].i, 100);
    is_int(until[i], 20010);
    sw_history_facts(&h, facts, 20010, v, until);
    is_int(v[i].i, 300);
    is_int(until[i], SW_DAY_NEVER);
    sw_history_free(&h);
    sw_schema_free(s);
}

/* A field goes, one comes, an enum is reordered, a stream disappears. */
static void test_convert(void)
{
    static const char changed[] =
        "schema: 2\nenums: {bill_kind: {outpatient: 门诊, inpatient: 住院}}\n"
        "household: {income_12m: {type: money}}\n"
        "events:\n  extra: {}\n"
        "  medical.bill: {fields: {hospital: {type: string}, self_paid: {type: money}, "
        "kind: {type: enum(bill_kind)}}}\n";
    struct sw_schema *a = load_small(small_schema);
    struct sw_schema *b = load_small(changed);
    const struct sw_stream *st = sw_schema_stream(b, SW_STR("medical.bill"));
    struct sw_value v[8] = {{.kind = SW_KPERSON, .i = 3},
                            {.kind = SW_KENUM, .i = 0},
                            {.kind = SW_KUNKNOWN},
                            {.kind = SW_KMONEY, .i = 777}};
    struct sw_value hail[1] = {{.kind = SW_KINT, .i = 4}};
    struct sw_value room[8];
    struct sw_event bill = {.stream = sw_schema_stream(a, SW_STR("medical.bill")),
                            .has_data = true,
                            .day = 20000,
                            .key = 5,
                            .value = v};
    struct sw_event gone = {.stream = sw_schema_stream(a, SW_STR("disaster.hail")),
                            .has_data = true,
                            .day = 20001,
                            .key = 6,
                            .value = hail};
    struct sw_cursor c = {.stream = st->id, .room = room, .need = UINT64_MAX};
    struct sw_history h = SW_HISTORY_NONE;

    sw_history_add(&h, &bill);
    sw_history_add(&h, &gone);
    sw_history_convert(&h, a, b);
    sw_history_open(&h, &c);
    ok(sw_history_next(st, &c));
    is_int(c.day, 20000);
    is_int(c.field[0].kind, SW_KUNKNOWN);
    is_int(c.field[1].i, 777);
    is_int_named(c.field[2].i, 1, "an enum value keeps its name, not its number");
    ok(!sw_history_next(st, &c));
    ok_named(sw_history_has(&h, 6), "an event of a type that is gone is still a repeat");
    sw_history_free(&h);
    sw_schema_free(a);
    sw_schema_free(b);
}

/* The same happens under two schemas whose streams and fields stand in another order. */
static const char one_order[] =
    "schema: 1\nhousehold: {members_n: {type: int}}\nperson: {birth: {type: date}, labor: {type: "
    "bool}}\n"
    "events:\n"
    "  bill: {fields: {a: {type: int}, b: {type: string, optional: true}}}\n"
    "  note: {fields: {t: {type: string}}}\n";
static const char other_order[] =
    "schema: 2\nhousehold: {income: {type: money}, members_n: {type: int}}\n"
    "person: {labor: {type: bool}, job: {type: string}, birth: {type: date}}\n"
    "events:\n"
    "  note: {fields: {c: {type: int, optional: true}, d: {type: int, optional: true}, e: {type: "
    "int, optional: true}, f: {type: int, optional: true}, g: {type: int, optional: true}, h: "
    "{type: int, optional: true}, i: {type: int, optional: true}, j: {type: int, optional: true}, "
    "t: {type: string}}}\n"
    "  more: {}\n"
    "  bill: {fields: {b: {type: string, optional: true}, a: {type: int}}}\n";

static const struct sw_stream *stream_there(const struct sw_schema *s, const struct sw_stream *st)
{
    return st->id == SW_FACTS ? &s->streams[SW_FACTS] : sw_schema_stream(s, st->name);
}

static void tell_to(struct sw_history *h, const struct sw_schema *s, const struct told *t)
{
    struct sw_value value[SW_FIELDS_MAX];
    struct sw_event e = t->e;

    e.stream = stream_there(s, e.stream);
    e.value = value;
    for (uint32_t i = 0; i < e.stream->n_fields; i++) {
        uint32_t from;

        value[i] = sw_value_unknown(i);
        if (sw_stream_field(t->e.stream, e.stream->fields[i].name, &from) != NULL)
            value[i] = t->value[from];
    }
    sw_history_add(h, &e);
}

static void make_any(struct tap_random *r, const struct sw_schema *s, struct told *t)
{
    const struct sw_stream *st = &s->streams[tap_below(r, (uint32_t)s->n_streams)];

    t->e = (struct sw_event){.stream = st,
                             .has_data = true,
                             .day = 20000 + (sw_day)tap_below(r, 5),
                             .moment = (uint16_t)tap_below(r, 2),
                             .key = random_key(r)};
    for (uint32_t i = 0; i < st->n_fields; i++) {
        switch ((int)st->fields[i].type) {
        case SW_FSTRING: t->value[i] = sw_value_str(SW_STR("a text of some length")); break;
        case SW_FBOOL: t->value[i] = sw_value_bool(tap_below(r, 2) == 0); break;
        case SW_FDATE: t->value[i] = sw_value_date(10000 + (sw_day)tap_below(r, 3000)); break;
        case SW_FPERSON:
        case SW_FAREA:
            t->value[i] = (struct sw_value){.kind = SW_KPERSON, .i = tap_below(r, 3)};
            break;
        default: t->value[i] = sw_value_int(tap_below(r, 100000)); break;
        }
        if (i > 0 && tap_below(r, 4) == 0)
            t->value[i] = sw_value_unknown(i);
    }
}

/* Told under one schema and converted, a history has the bytes of one told under the other. */
static void test_convert_any(struct tap_random *r)
{
    struct sw_schema *a = load_small(one_order);
    struct sw_schema *b = load_small(other_order);
    int differ = 0;

    for (int round = 0; round < 300; round++) {
        struct sw_history ours = SW_HISTORY_NONE;
        struct sw_history want = SW_HISTORY_NONE;
        struct told t[40];

        for (size_t i = 0; i < SW_COUNTOF(t); i++) {
            make_any(r, a, &t[i]);
            if (i > 0 && tap_below(r, 5) == 0)
                t[i].e.reverses = tap_below(r, 3) == 0 ? random_key(r) : t[i - 1].e.key;
            tell_to(&ours, a, &t[i]);
            tell_to(&want, b, &t[i]);
        }
        sw_history_convert(&ours, a, b);
        differ += sw_history_length(&ours) != sw_history_length(&want) ||
                  memcmp(sw_history_records(&ours), sw_history_records(&want),
                         sw_history_length(&ours)) != 0;
        sw_history_free(&ours);
        sw_history_free(&want);
    }
    is_int_named(differ, 0, "300 converted histories are as if told under the new schema");
    sw_schema_free(a);
    sw_schema_free(b);
}

/* Records may grow by a byte each: a full history then is longer than any may become by events. */
static void test_convert_full(void)
{
    struct sw_schema *a = load_small(one_order);
    struct sw_schema *b = load_small(other_order);
    struct sw_value v[1] = {
        sw_value_str(SW_STR("fifty characters and more, so that one meets the end"))};
    struct sw_event e = {
        .stream = sw_schema_stream(a, SW_STR("note")), .has_data = true, .day = 20000, .value = v};
    struct sw_history h = SW_HISTORY_NONE;
    uint32_t full;

    while (sw_history_add(&h, &e) == SW_RECORDED)
        e.key++;
    full = sw_history_length(&h);
    sw_history_convert(&h, a, b);
    is_int_named(sw_history_length(&h), full + e.key, "a full history converts too");
    sw_history_free(&h);
    sw_schema_free(a);
    sw_schema_free(b);
}

/* A table of persons loaded twice on one day: the second load holds, whatever the keys. */
static void test_person_facts(void)
{
    struct sw_schema *s = load_small(one_order);
    struct sw_history h = SW_HISTORY_NONE;
    struct sw_value v[3] = {
        {.kind = SW_KPERSON, .i = 1}, sw_value_unknown(0), sw_value_bool(false)};
    struct sw_value room[3];
    struct sw_event e = {
        .stream = s->persons, .has_data = true, .day = 20000, .key = 9, .value = v};
    struct sw_cursor c = {.stream = s->persons->id, .room = room, .need = UINT64_MAX};

    sw_history_add(&h, &e);
    e.key = 3;
    v[2] = sw_value_bool(true);
    sw_history_add(&h, &e);
    sw_history_open(&h, &c);
    ok(sw_history_next(s->persons, &c) && !c.field[2].b);
    ok_named(sw_history_next(s->persons, &c) && c.field[2].b, "what came later stands behind");
    sw_history_free(&h);
    sw_schema_free(s);
}

int main(void)
{
    struct tap_random r = tap_seed();

    test_any_order(&r);
    test_fields();
    test_facts();
    test_person_facts();
    test_convert();
    test_convert_any(&r);
    test_convert_full();
    return done_testing();
}
