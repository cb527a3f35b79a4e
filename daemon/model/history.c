/* history.c - everything known about one subject, packed. The layout is drawn in history.h. */
#include "history_parts.h"
#include "replace_parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

static void put_header(unsigned char *record, uint8_t stream, uint64_t key)
{
    memset(record, 0, HEADER);
    record[AT_STREAM] = stream;
    record[AT_LENGTH] = HEADER;
    memcpy(record + AT_KEY, &key, HEADER - AT_KEY);
}

/* ---- fields ------------------------------------------------------------------------------- */

static unsigned char *put_varint(unsigned char *p, uint64_t v)
{
    while (v >= 0x80) {
        *p++ = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    *p++ = (unsigned char)v;
    return p;
}

static inline const unsigned char *get_varint(const unsigned char *p, uint64_t *out)
{
    uint64_t v = *p & 0x7f;

    for (unsigned int shift = 7; (*p++ & 0x80) != 0; shift += 7)
        v |= (uint64_t)(*p & 0x7f) << shift;
    *out = v;
    return p;
}

static uint64_t zigzag(int64_t i)
{
    return (uint64_t)i << 1 ^ (uint64_t)(i >> 63);
}

static inline int64_t unzigzag(uint64_t u)
{
    return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
}

static unsigned char *put_field(unsigned char *p, const struct sw_field *f, struct sw_value v)
{
    switch (f->type) {
    case SW_FMONEY:
    case SW_FINT:
    case SW_FDATE: return put_varint(p, zigzag(v.i));
    case SW_FENUM:
    case SW_FPERSON:
    case SW_FAREA: return put_varint(p, (uint64_t)v.i);
    case SW_FBOOL: *p = v.b; return p + 1;
    case SW_FNUMBER: memcpy(p, &v.d, sizeof(v.d)); return p + sizeof(v.d);
    case SW_FSTRING: break;
    }
    p = put_varint(p, v.n);
    if (v.n > 0)
        memcpy(p, v.s, v.n);
    return p + v.n;
}

static const uint8_t kind_of[] = {
    [SW_FMONEY] = SW_KMONEY, [SW_FINT] = SW_KINT,       [SW_FNUMBER] = SW_KDOUBLE,
    [SW_FBOOL] = SW_KBOOL,   [SW_FDATE] = SW_KDATE,     [SW_FSTRING] = SW_KSTRING,
    [SW_FENUM] = SW_KENUM,   [SW_FPERSON] = SW_KPERSON, [SW_FAREA] = SW_KPERSON,
};

static inline const unsigned char *get_field(const unsigned char *p, const struct sw_field *f,
                                             struct sw_value *v)
{
    uint64_t u;

    *v = (struct sw_value){.kind = kind_of[f->type]};
    switch (f->type) {
    case SW_FMONEY:
    case SW_FINT:
    case SW_FDATE:
        p = get_varint(p, &u);
        v->i = unzigzag(u);
        return p;
    case SW_FENUM:
    case SW_FPERSON:
    case SW_FAREA:
        p = get_varint(p, &u);
        v->i = (int64_t)u;
        return p;
    case SW_FBOOL: v->b = *p != 0; return p + 1;
    case SW_FNUMBER: memcpy(&v->d, p, sizeof(v->d)); return p + sizeof(v->d);
    case SW_FSTRING: break;
    }
    p = get_varint(p, &u);
    v->n = (uint32_t)u;
    v->s = (const char *)p;
    return p + u;
}

static inline const unsigned char *skip_field(const unsigned char *p, const struct sw_field *f)
{
    uint64_t length;

    switch (f->type) {
    case SW_FBOOL: return p + 1;
    case SW_FNUMBER: return p + sizeof(double);
    case SW_FSTRING: p = get_varint(p, &length); return p + length;
    case SW_FMONEY:
    case SW_FINT:
    case SW_FDATE:
    case SW_FENUM:
    case SW_FPERSON:
    case SW_FAREA: break;
    }
    while ((*p++ & 0x80) != 0) {}
    return p;
}

static bool is_present(const unsigned char *bits, uint32_t field)
{
    return (bits[field / 8] >> field % 8 & 1) != 0;
}

static uint32_t pack(unsigned char record[RECORD_MAX], const struct sw_event *e)
{
    const struct sw_stream *st = e->stream;
    unsigned char *bits = record + HEADER;
    unsigned char *p = bits + st->presence;
    uint32_t length;

    memset(bits, 0, st->presence);
    for (uint32_t i = 0; i < st->n_fields; i++) {
        if (e->value[i].kind == SW_KUNKNOWN)
            continue;
        bits[i / 8] |= (unsigned char)(1U << i % 8);
        p = put_field(p, &st->fields[i], e->value[i]);
    }
    if (st->replaces != SW_REPLACES_NONE) {
        memcpy(p, &e->stated, STATED);
        p += STATED;
    }
    length = (uint32_t)(p - record);
    put_header(record, (uint8_t)st->id, e->key);
    sw_put16(record + AT_DAY, (uint16_t)e->day);
    sw_put16(record + AT_MOMENT, e->moment);
    if (length >= LONG) {
        memmove(record + HEADER + LONG_BYTES, record + HEADER, length - HEADER);
        length += LONG_BYTES;
        sw_put16(record + HEADER, (uint16_t)length);
    }
    record[AT_LENGTH] = (unsigned char)(length < LONG ? length : LONG);
    return length;
}

static void pack_note(unsigned char record[HEADER], uint64_t key, uint8_t flags)
{
    put_header(record, NO_STREAM, key);
    record[AT_LENGTH] |= flags;
}

/* ---- records ------------------------------------------------------------------------------ */

/* Rooms are such that malloc's pieces are multiples of 32 bytes:
 * what one history outgrew then fits another. Long ones grow in larger steps, since each step
 * copies them to memory nobody has touched for long. */
static size_t room_of(uint32_t length)
{
    size_t step = length < 512 ? 32 : length < 1024 ? 128 : 256;

    return ((AT_RECORDS + (size_t)length + 8 + step - 1) & ~(step - 1)) - 8;
}

uint32_t sw_history_length(const struct sw_history *h)
{
    uint32_t length = 0;

    if (h->bytes != NULL)
        memcpy(&length, h->bytes, sizeof(length));
    return length;
}

const unsigned char *sw_history_records(const struct sw_history *h)
{
    return sw_records_of(h);
}

unsigned char *sw_history_resize(struct sw_history *h, uint32_t length)
{
    if (length == 0) {
        sw_history_free(h);
        return NULL;
    }
    if (h->bytes == NULL || room_of(length) != room_of(sw_history_length(h)))
        h->bytes = sw_realloc(h->bytes, room_of(length));
    memcpy(h->bytes, &length, sizeof(length));
    return h->bytes + AT_RECORDS;
}

void sw_history_free(struct sw_history *h)
{
    free(h->bytes);
    *h = SW_HISTORY_NONE;
}

/* A history is read from memory nobody has touched for long: the lines are asked for all at once,
 * since one after another each costs a tenth of a microsecond. */
enum { LINE = 64, LINES_AHEAD = 4, LINES_MOST = 40 };

void sw_history_prefetch(const struct sw_history *h)
{
    for (uint32_t i = 0; h->bytes != NULL && i < LINES_AHEAD; i++)
        __builtin_prefetch(h->bytes + (size_t)i * LINE);
}

static void prefetch_rest(const unsigned char *p, uint32_t length)
{
    for (uint32_t at = LINES_AHEAD * LINE; at < length && at < LINES_MOST * LINE; at += LINE)
        __builtin_prefetch(p + at);
}

/* The record with this key among those from `at` on, NULL: none. */
static unsigned char *find_from(unsigned char *p, uint32_t at, uint32_t length, uint64_t key)
{
    for (; at < length; at += sw_length_of(p + at)) {
        if (sw_key_of(p + at) == key)
            return p + at;
    }
    return NULL;
}

unsigned char *sw_history_find(const struct sw_history *h, uint64_t key)
{
    unsigned char *p = sw_records_of(h);
    uint32_t length = sw_history_length(h);

    prefetch_rest(p, length);
    return find_from(p, 0, length, key);
}

/* Stream, day and moment as one number. */
static uint64_t order_of(const unsigned char *record)
{
    uint64_t v = sw_get64(record);

    return (v & 0xff) << 32 | (v & 0xffff0000) | (v >> 32 & 0xffff);
}

/* The order of records: stream, day, moment, key. Of two facts of one moment the one that came
 * later stands behind: who loads a table again means the second one. */
static bool is_before(const unsigned char *a, const unsigned char *b, bool facts)
{
    uint64_t x = order_of(a);
    uint64_t y = order_of(b);

    return x != y ? x < y : facts || sw_key_of(a) < sw_key_of(b);
}

static void insert_at(struct sw_history *h, uint32_t at, const unsigned char *record,
                      uint32_t length)
{
    uint32_t old = sw_history_length(h);
    unsigned char *p = sw_history_resize(h, old + length);

    memmove(p + at + length, p + at, old - at);
    memcpy(p + at, record, length);
}

/* Where a record belongs, looked for from the record at `at` on. */
static uint32_t place_of(const struct sw_history *h, const unsigned char *record, bool facts,
                         uint32_t at)
{
    const unsigned char *p = sw_history_records(h);
    uint32_t length = sw_history_length(h);

    while (at < length && is_before(p + at, record, facts))
        at += sw_length_of(p + at);
    return at;
}

bool sw_history_insert(struct sw_history *h, const unsigned char *record, uint32_t length,
                       bool facts)
{
    if (sw_history_length(h) + length > HISTORY_MAX)
        return false;
    insert_at(h, place_of(h, record, facts, 0), record, length);
    return true;
}

/* The record with this one's key, NULL: none; *place is where this one belongs. One pass for both.
 */
static unsigned char *locate(const struct sw_history *h, const unsigned char *record, bool facts,
                             uint32_t *place)
{
    unsigned char *p = sw_records_of(h);
    uint32_t length = sw_history_length(h);
    uint64_t key = sw_key_of(record);
    uint32_t at = 0;

    prefetch_rest(p, length);
    for (; at < length && is_before(p + at, record, facts); at += sw_length_of(p + at)) {
        if (sw_key_of(p + at) == key)
            return p + at;
    }
    *place = at;
    return find_from(p, at, length, key);
}

void sw_history_remove(struct sw_history *h, unsigned char *record)
{
    uint32_t length = sw_length_of(record);
    uint32_t old = sw_history_length(h);
    size_t behind = old - (size_t)(record - sw_records_of(h)) - length;

    memmove(record, record + length, behind);
    sw_history_resize(h, old - length);
}

bool sw_history_has(const struct sw_history *h, uint64_t key)
{
    const unsigned char *record = sw_history_find(h, key);

    return record != NULL && !sw_is_waiting(record);
}

bool sw_history_is_note(const struct sw_history *h, uint64_t key)
{
    const unsigned char *record = sw_history_find(h, key);

    return record != NULL && record[AT_STREAM] == NO_STREAM && !sw_is_waiting(record) &&
           !sw_is_trace(record);
}

uint32_t sw_history_stream_of(const struct sw_history *h, uint64_t key)
{
    const unsigned char *record = sw_history_find(h, key);

    return record == NULL || record[AT_STREAM] == NO_STREAM ? SW_NONE : record[AT_STREAM];
}

enum sw_recorded sw_history_note(struct sw_history *h, uint64_t key)
{
    unsigned char record[HEADER];

    if (sw_history_has(h, key))
        return SW_RECORDED_REPEAT;
    pack_note(record, key, 0);
    return sw_history_insert(h, record, HEADER, false) ? SW_RECORDED : SW_RECORDED_FULL;
}

/* The event that is taken back dies; one that has not come yet will be dead on arrival. */
static bool take_back(struct sw_history *h, uint64_t key)
{
    unsigned char *record = sw_history_find(h, key);
    unsigned char waiting[HEADER];

    if (record != NULL) {
        if (!sw_is_waiting(record))
            record[AT_LENGTH] |= DEAD;
        return true;
    }
    pack_note(waiting, key, WAITING);
    return sw_history_insert(h, waiting, HEADER, false);
}

enum sw_recorded sw_history_add(struct sw_history *h, const struct sw_event *e)
{
    unsigned char record[RECORD_MAX];
    unsigned char *old;
    uint32_t length = HEADER;
    uint32_t place = 0;
    bool facts = e->has_data && e->stream->facts;

    if (e->has_data)
        length = pack(record, e);
    else
        pack_note(record, e->key, 0);
    old = locate(h, record, facts, &place);
    if (old != NULL && !sw_is_waiting(old))
        return SW_RECORDED_REPEAT;
    if (sw_history_length(h) + RECORD_MAX > HISTORY_MAX)
        return SW_RECORDED_FULL;
    if (old != NULL) { /* its taking-back was here first */
        sw_history_remove(h, old);
        record[AT_LENGTH] |= DEAD;
        insert_at(h, place_of(h, record, facts, 0), record, length);
    } else {
        insert_at(h, place, record, length);
    }
    if (e->reverses != 0 && e->reverses != e->key)
        SW_ASSERT(take_back(h, e->reverses));
    return SW_RECORDED;
}

/* ---- reading ------------------------------------------------------------------------------ */

void sw_history_open(const struct sw_history *h, struct sw_cursor *c)
{
    const unsigned char *p = sw_history_records(h);
    const unsigned char *end = p == NULL ? NULL : p + sw_history_length(h);

    while (p != end && p[AT_STREAM] < c->stream)
        p += sw_length_of(p);
    c->at = p;
    c->to = end;
    c->field = c->room;
}

void sw_history_index(const struct sw_history *h, const unsigned char **begin, size_t n)
{
    const unsigned char *p = sw_history_records(h);
    const unsigned char *end = p == NULL ? NULL : p + sw_history_length(h);
    size_t stream = 0;

    for (; p != end; p += sw_length_of(p)) {
        while (stream <= n && stream <= p[AT_STREAM])
            begin[stream++] = p;
    }
    while (stream <= n)
        begin[stream++] = end;
}

bool sw_history_next(const struct sw_stream *st, struct sw_cursor *c)
{
    const unsigned char *p = c->at;
    const unsigned char *record;
    const unsigned char *bits;

    while (p != c->to && p[AT_STREAM] == st->id &&
           (sw_has_flag(p, FLAGS) || sw_get16(p + AT_DAY) < c->since))
        p += sw_length_of(p);
    c->at = p;
    if (p == c->to || p[AT_STREAM] != st->id)
        return false;
    record = p;
    c->at = p + sw_length_of(p);
    c->day = sw_get16(record + AT_DAY);
    bits = sw_content_of(record);
    p = bits + st->presence;
    for (uint32_t i = 0; i < st->n_fields && c->need >> i != 0; i++) {
        if (is_present(bits, i))
            p = (c->need >> i & 1) != 0 ? get_field(p, &st->fields[i], &c->room[i])
                                        : skip_field(p, &st->fields[i]);
        else
            c->room[i] = sw_value_unknown(i);
    }
    return true;
}

void sw_history_facts(const struct sw_history *h, const struct sw_stream *facts, sw_day day,
                      struct sw_value *value, sw_day *until)
{
    struct sw_value room[SW_FIELDS_MAX];
    struct sw_cursor c = {.stream = SW_FACTS, .room = room, .need = UINT64_MAX};

    for (uint32_t i = 0; i < facts->n_fields; i++) {
        value[i] = sw_value_unknown(i);
        until[i] = SW_DAY_NEVER;
    }
    sw_history_open(h, &c);
    while (sw_history_next(facts, &c)) {
        for (uint32_t i = 0; i < facts->n_fields; i++) {
            if (room[i].kind == SW_KUNKNOWN)
                continue;
            if (c.day <= day)
                value[i] = room[i];
            else if (until[i] == SW_DAY_NEVER)
                until[i] = c.day;
        }
    }
}

/* ---- another schema ----------------------------------------------------------------------- */

/* The value of a field under its new declaration; unknown when it has no place there. */
static struct sw_value carry(const struct sw_field *from, const struct sw_field *to,
                             struct sw_value v)
{
    if (from->type != to->type || v.kind == SW_KUNKNOWN)
        return sw_value_unknown(0);
    if (from->type == SW_FENUM) {
        v.i = sw_enum_find(to->of, from->of->items[v.i].name);
        if (v.i < 0)
            return sw_value_unknown(0);
    }
    return v;
}

static const struct sw_stream *stream_there(const struct sw_schema *to, const struct sw_stream *st)
{
    return st->id == SW_FACTS ? &to->streams[SW_FACTS] : sw_schema_stream(to, st->name);
}

/* One record of `st` under the schema `to`, into `out`; its length. Events of a type that is gone
 * leave their key, so that a repeat is still a repeat. */
static uint32_t convert_record(const unsigned char *record, const struct sw_schema *from,
                               const struct sw_schema *to, unsigned char *out, bool *facts)
{
    const struct sw_stream *st = &from->streams[record[AT_STREAM]];
    struct sw_value old[SW_FIELDS_MAX];
    struct sw_value value[SW_FIELDS_MAX];
    unsigned char live[RECORD_MAX];
    struct sw_cursor c = {.need = UINT64_MAX,
                          .room = old,
                          .at = live,
                          .to = live + sw_length_of(record),
                          .stream = st->id};
    struct sw_event e = {.stream = stream_there(to, st), .key = sw_key_of(record), .value = value};
    uint8_t flags = sw_replaces_alike(from, to, st->id) ? FLAGS : DEAD;
    uint32_t length;

    *facts = e.stream != NULL && e.stream->facts;
    if (e.stream == NULL) {
        pack_note(out, e.key, 0);
        return HEADER;
    }
    memcpy(live, record, sw_length_of(record));
    live[AT_LENGTH] &= (unsigned char)~FLAGS; /* reading skips the dead */
    SW_ASSERT(sw_history_next(st, &c));
    for (uint32_t i = 0; i < e.stream->n_fields; i++) {
        uint32_t there;
        const struct sw_field *f = sw_stream_field(st, e.stream->fields[i].name, &there);

        value[i] = f == NULL ? sw_value_unknown(0) : carry(f, &e.stream->fields[i], old[there]);
    }
    e.day = c.day;
    e.moment = sw_get16(live + AT_MOMENT);
    e.stated = sw_stated_there(st, live, to);
    length = pack(out, &e);
    out[AT_LENGTH] |= record[AT_LENGTH] & flags;
    return length;
}

void sw_history_convert(struct sw_history *h, const struct sw_schema *from,
                        const struct sw_schema *to)
{
    struct sw_history old = *h;
    const unsigned char *p = sw_history_records(&old);
    uint32_t length = sw_history_length(&old);
    uint32_t place = 0; /* of the one before: mostly the next belongs behind it */

    *h = SW_HISTORY_NONE;
    for (uint32_t at = 0; at < length; at += sw_length_of(p + at)) {
        unsigned char record[RECORD_MAX];
        uint32_t n = HEADER;
        bool facts = false;

        if (p[at + AT_STREAM] == NO_STREAM)
            memcpy(record, p + at, HEADER);
        else
            n = convert_record(p + at, from, to, record, &facts);
        if (place > 0 && !is_before(sw_history_records(h) + place, record, facts))
            place = 0;
        place = place_of(h, record, facts, place);
        insert_at(h, place, record, n); /* may grow beyond what more may be added to */
    }
    sw_history_free(&old);
    sw_history_resettle(h, from, to);
}
