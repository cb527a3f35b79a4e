/* explain_events.c - the newest events behind a page: which bills, which losses. */
#include "explain.h"

enum { NEWEST = 6 };

/* The last records up to the day in hand, a ring. */
struct newest {
    size_t n; /* of all records */
    sw_day day[NEWEST];
    struct sw_str text[NEWEST];
};

static void put_field(struct sw_page *p, const struct sw_field *f, struct sw_value v,
                      struct sw_buf *out)
{
    if (v.kind == SW_KENUM && f->type == SW_FENUM && v.i >= 0 && (size_t)v.i < f->of->n) {
        const struct sw_enum_item *item = &f->of->items[v.i];

        sw_buf_str(out, item->label.n > 0 ? item->label : item->name);
        return;
    }
    sw_buf_str(out, f->label.n > 0 ? f->label : f->name);
    sw_value_put(p->lang, v, out);
    if (v.kind == SW_KMONEY)
        sw_buf_cstr(out, "元");
}

/* "住院，自付费用6000元": amounts, days, kinds. Neither persons nor free texts: who wrote them did
 * not write them for this. */
static struct sw_str describe(struct sw_page *p, const struct sw_stream *st,
                              const struct sw_value *field)
{
    struct sw_buf out = {0};
    struct sw_str text;

    for (uint32_t i = 0; i < st->n_fields; i++) {
        enum sw_field_type type = st->fields[i].type;

        if (field[i].kind == SW_KUNKNOWN || type == SW_FPERSON || type == SW_FAREA ||
            type == SW_FSTRING)
            continue;
        if (out.n > 0)
            sw_buf_cstr(&out, "，");
        put_field(p, &st->fields[i], field[i], &out);
    }
    text = sw_arena_str(&p->view->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

static void collect(struct sw_page *p, const struct sw_stream *st, struct newest *l)
{
    struct sw_value room[SW_FIELDS_MAX] = {{0}};
    struct sw_cursor c = {.stream = st->id, .need = UINT64_MAX, .room = room};

    p->frame.host->open(p->frame.ctx, &c);
    for (c.field = room; p->frame.host->next(p->frame.ctx, &c); c.field = room) {
        if (c.day > p->day)
            break;
        l->day[l->n % NEWEST] = c.day;
        l->text[l->n++ % NEWEST] = describe(p, st, c.field);
    }
}

static void put_stream(struct sw_page *p, const struct sw_stream *st)
{
    struct newest l = {.n = 0};
    struct sw_jw *w = &p->w;

    collect(p, st, &l);
    if (l.n == 0)
        return;
    sw_jw_object(w);
    sw_jw_member(w, "stream", st->name);
    sw_jw_member(w, "label", st->label.n > 0 ? st->label : st->name);
    sw_jw_member_int(w, "count", (int64_t)l.n);
    sw_jw_key(w, "newest");
    sw_jw_array(w);
    for (size_t k = 0; k < NEWEST && k < l.n; k++) {
        size_t i = (l.n - 1 - k) % NEWEST;

        sw_jw_object(w);
        sw_put_day(w, "day", l.day[i]);
        sw_jw_member(w, "text", l.text[i]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    sw_jw_end(w);
}

static void note_streams(const struct sw_rule *r, bool seen[SW_STREAMS_MAX])
{
    const struct sw_prog *progs[] = {r->when, r->clear, r->score, r->message};

    for (size_t i = 0; i < SW_COUNTOF(progs); i++) {
        const uint16_t *id = NULL;
        size_t n = progs[i] == NULL ? 0 : sw_prog_streams(progs[i], &id);

        for (size_t k = 0; k < n; k++)
            seen[id[k]] = true;
    }
}

void sw_explain_events(struct sw_page *p)
{
    bool seen[SW_STREAMS_MAX] = {false};

    for (uint32_t i = 0; i < p->rules->n_rules; i++) {
        if (sw_on_page(p, i) && (p->rule == SW_NONE || p->rule == i))
            note_streams(&p->rules->rule[i], seen);
    }
    if (sw_is_area(p->subject))
        return; /* the events of hundreds of households */
    sw_jw_key(&p->w, "events");
    sw_jw_array(&p->w);
    for (size_t s = 1; s < p->rules->schema->n_streams; s++) {
        if (seen[s])
            put_stream(p, &p->rules->schema->streams[s]);
    }
    sw_jw_end(&p->w);
}
