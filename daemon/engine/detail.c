/* detail.c - a rule as a technician wants to see it: texts, code, what it looks at and shares with
 * other rules, what its parameters are worth and where they differ, what changes it by itself. */
#include "words.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>

struct detail {
    const struct sw_ruleset *rs;
    const struct sw_rule *rule;
    sw_day today;
    struct sw_buf *out;
    struct rule_prog prog[RULE_PROGS];
    size_t n_progs;
    bool has_title; /* of the part being written: empty parts are left out */
};

static void title(struct detail *d, const char *text)
{
    if (!d->has_title)
        sw_buf_printf(d->out, "\n%s\n", text);
    d->has_title = true;
}

static void put_date(struct detail *d, sw_day day)
{
    char date[SW_DATE_SIZE];

    sw_buf_cstr(d->out, sw_date_format(day, date));
}

/* ---- texts and code ----------------------------------------------------------------------- */

static void put_text(struct detail *d, const struct sw_yaml *y)
{
    if (y != NULL && y->kind == SW_YSCALAR)
        sw_buf_printf(d->out, "  %.*s:%u  %.*s: %.*s\n", SW_STR_ARG(y->at.file), y->at.line,
                      SW_STR_ARG(y->key), SW_STR_ARG(y->text));
}

static void put_texts(struct detail *d)
{
    static const char *const keys[] = {"when", "clear", "score", "list", "message"};
    const struct sw_yaml *let = sw_yaml_get(d->rule->source, "let");

    d->has_title = false;
    title(d, _("As it is written:"));
    for (const struct sw_yaml *y = let == NULL ? NULL : let->first; y != NULL; y = y->next)
        put_text(d, y);
    for (size_t i = 0; i < SW_COUNTOF(keys); i++)
        put_text(d, sw_yaml_get(d->rule->source, keys[i]));
}

static void put_code(struct detail *d)
{
    for (size_t p = 0; p < d->n_progs; p++) {
        sw_buf_printf(d->out, _("\nCode of %s:\n"), d->prog[p].name);
        sw_prog_put(d->prog[p].prog, d->out);
    }
}

/* ---- reads -------------------------------------------------------------------------------- */

/* Reads of events, or rules asked with fired(). */
typedef size_t numbers_of(const struct sw_prog *p, const uint32_t **numbers);

/* Whether a rule names `number`; `lang`: only in this session, NULL: in any. */
static bool names(const struct detail *d, const struct sw_rule *rule, numbers_of *of,
                  const struct sw_lang *lang, uint32_t number)
{
    struct rule_prog progs[RULE_PROGS];
    size_t n_progs = sw_rule_progs(d->rs, rule, progs);

    for (size_t p = 0; p < n_progs; p++) {
        const uint32_t *named = NULL;
        size_t n = of(progs[p].prog, &named);

        for (size_t i = 0; i < n; i++) {
            if ((lang == NULL || progs[p].lang == lang) && named[i] == number)
                return true;
        }
    }
    return false;
}

/* With the other rules that share it. */
static void put_read(struct detail *d, const struct rule_prog *of, uint32_t number)
{
    const char *between = _("; shared with ");

    title(d, _("Reads of events:"));
    sw_buf_printf(d->out, "  #%u ", number);
    sw_prog_read_put(of->prog, number, d->out);
    for (size_t i = 0; i < d->rs->n_rules; i++) {
        const struct sw_rule *other = &d->rs->rule[i];

        if (other == d->rule || !names(d, other, sw_prog_reads, of->lang, number))
            continue;
        sw_buf_printf(d->out, "%s%.*s", between, SW_STR_ARG(other->name));
        between = ", ";
    }
    sw_buf_char(d->out, '\n');
}

/* Whether one of the programs before number `p` makes the read: it is told already. */
static bool was_read(const struct detail *d, size_t p, uint32_t number)
{
    for (size_t k = 0; k < p; k++) {
        const uint32_t *reads = NULL;
        size_t n = sw_prog_reads(d->prog[k].prog, &reads);

        for (size_t i = 0; i < n; i++) {
            if (d->prog[k].lang == d->prog[p].lang && reads[i] == number)
                return true;
        }
    }
    return false;
}

static void put_reads(struct detail *d)
{
    d->has_title = false;
    for (size_t p = 0; p < d->n_progs; p++) {
        const uint32_t *reads = NULL;
        size_t n = sw_prog_reads(d->prog[p].prog, &reads);

        for (size_t i = 0; i < n; i++) {
            if (!was_read(d, p, reads[i]))
                put_read(d, &d->prog[p], reads[i]);
        }
    }
}

/* ---- what it looks at --------------------------------------------------------------------- */

static void put_streams(struct detail *d, sw_ids_of *of, const char *what)
{
    bool has[SW_STREAMS_MAX] = {false};

    d->has_title = false;
    sw_rule_streams(d->rs, d->rule, of, has);
    for (size_t i = 0; i < d->rs->schema->n_streams; i++) {
        const struct sw_stream *st = &d->rs->schema->streams[i];

        if (!has[i])
            continue;
        title(d, what);
        sw_buf_printf(d->out, "  %.*s 〔%.*s〕", SW_STR_ARG(st->name), SW_STR_ARG(st->label));
        if (st->feed.n > 0)
            sw_buf_printf(d->out, _(" from %.*s"), SW_STR_ARG(st->feed));
        sw_buf_cstr(d->out, st->partial ? _(", not complete\n") : "\n");
    }
}

/* Facts that programs of one session look at: of households, or of the area. */
static bool looks_at(const struct detail *d, bool household, uint32_t slot)
{
    for (size_t p = 0; p < d->n_progs; p++) {
        if ((d->prog[p].lang == d->rs->lang) == household &&
            sw_prog_looks_at(d->prog[p].prog, BANK_HOUSEHOLD, slot))
            return true;
    }
    return false;
}

static void put_facts(struct detail *d)
{
    const struct sw_stream *facts = &d->rs->schema->streams[SW_FACTS];

    d->has_title = false;
    for (uint32_t i = 0; i < facts->n_fields; i++) {
        if (!looks_at(d, true, i))
            continue;
        title(d, _("Facts:"));
        sw_buf_printf(d->out, "  hh.%.*s %.*s\n", SW_STR_ARG(facts->fields[i].name),
                      SW_STR_ARG(facts->fields[i].label));
    }
    if (looks_at(d, true, SW_FIELDS_MAX)) {
        title(d, _("Facts:"));
        sw_buf_cstr(d->out, "  members 家庭成员\n");
    }
    if (looks_at(d, false, AREA_NAME) || looks_at(d, false, AREA_HOUSEHOLDS)) {
        title(d, _("Facts:"));
        sw_buf_cstr(d->out, "  area.name, area.households 地区、户数\n");
    }
}

/* Does a rule ask about another with fired()? */
static bool asks(const struct detail *d, const struct sw_rule *rule, const struct sw_rule *other)
{
    return names(d, rule, sw_prog_rules, NULL, (uint32_t)(other - d->rs->rule));
}

/* The rules it asks about, or that ask about it. */
static void put_rules(struct detail *d, bool asked, const char *what)
{
    d->has_title = false;
    for (size_t i = 0; i < d->rs->n_rules; i++) {
        const struct sw_rule *other = &d->rs->rule[i];

        if (asked ? !asks(d, d->rule, other) : !asks(d, other, d->rule))
            continue;
        title(d, what);
        sw_buf_printf(d->out, "  %.*s %.*s\n", SW_STR_ARG(other->name), SW_STR_ARG(other->label));
    }
}

/* ---- parameters --------------------------------------------------------------------------- */

static void put_override(struct detail *d, const struct sw_override *o)
{
    sw_buf_printf(d->out, "      %.*s ", SW_STR_ARG(o->area));
    sw_param_put(&d->rs->param[o->param], o->value, d->out);
    if (o->from != INT32_MIN) {
        sw_buf_cstr(d->out, _(" from "));
        put_date(d, o->from);
    }
    if (o->until != SW_DAY_NEVER) {
        sw_buf_cstr(d->out, _(" until "));
        put_date(d, o->until);
    }
    if (o->by.n > 0)
        sw_buf_printf(d->out, _(" by %.*s"), SW_STR_ARG(o->by));
    sw_buf_printf(d->out, "  %.*s:%u\n", SW_STR_ARG(o->at.file), o->at.line);
}

static void put_param(struct detail *d, uint32_t param)
{
    const struct sw_param *p = &d->rs->param[param];
    struct sw_value now = sw_value_unknown(0);

    for (size_t i = 0; i < p->n && p->value[i].from <= d->today; i++)
        now = p->value[i].value;
    title(d, _("Parameters:"));
    sw_buf_printf(d->out, "  p.%.*s “%.*s” ", SW_STR_ARG(p->name), SW_STR_ARG(p->label));
    if (now.kind == SW_KUNKNOWN)
        sw_buf_cstr(d->out, _("has no value yet"));
    else
        sw_param_put(p, now, d->out);
    sw_buf_cstr(d->out, _("; may be "));
    sw_param_put(p, p->min, d->out);
    sw_buf_cstr(d->out, _(" to "));
    sw_param_put(p, p->max, d->out);
    sw_buf_char(d->out, '\n');
    for (size_t i = 0; i < d->rs->n_overrides; i++) {
        if (d->rs->override[i].param == param)
            put_override(d, &d->rs->override[i]);
    }
}

static void put_params(struct detail *d)
{
    d->has_title = false;
    for (uint32_t i = 0; i < d->rs->n_params; i++) {
        if (sw_rule_uses_param(d->rs, d->rule, i))
            put_param(d, i);
    }
}

/* ---- what changes by time alone ----------------------------------------------------------- */

static void on_turn(void *ctx, enum sw_turn turn, struct sw_str source)
{
    static const char *const words[] = {
        [SW_TURN_OUT] = N_("the day an event drops out of it"),
        [SW_TURN_IN] = N_("the day an event is old enough for it"),
        [SW_TURN_IN_OUT] = N_("the days an event comes in and drops out"),
        [SW_TURN_END] = N_("the days on which events end, or their end comes near"),
        [SW_TURN_YEAR] = N_("1 January"),
        [SW_TURN_PERIOD] = N_("the day the period begins anew"),
        [SW_TURN_MONTH] = N_("the first of a month"),
        [SW_TURN_TODAY] = N_("the one day the comparison turns; any other use: every day"),
        [SW_TURN_BIRTHDAY] = N_("the day on which one more year is complete"),
        [SW_TURN_SINCE] = N_("the one day the comparison turns; any other use: every day"),
    };
    struct detail *d = ctx;
    struct sw_buf line = {0};

    title(d, _("Days on which it can change while nothing happens:"));
    sw_buf_printf(&line, "\n  %.*s: %s\n", SW_STR_ARG(source), _(words[turn]));
    /* When and points often look at the same: each is told once. */
    if (strstr(d->out->p, line.p) == NULL)
        sw_buf_cstr(d->out, line.p + 1);
    sw_buf_free(&line);
}

/* The next day after today on which a parameter changes somewhere. */
static sw_day param_turns(const struct detail *d, uint32_t param)
{
    const struct sw_param *p = &d->rs->param[param];
    sw_day next = SW_DAY_NEVER;

    for (size_t i = 0; i < p->n; i++) {
        if (p->value[i].from > d->today && p->value[i].from < next)
            next = p->value[i].from;
    }
    for (size_t i = 0; i < d->rs->n_overrides; i++) {
        const struct sw_override *o = &d->rs->override[i];

        if (o->param != param)
            continue;
        if (o->from > d->today && o->from < next)
            next = o->from;
        if (o->until != SW_DAY_NEVER && o->until >= d->today && o->until + 1 < next)
            next = o->until + 1;
    }
    return next;
}

static void put_turns(struct detail *d)
{
    bool is_daily = false;

    d->has_title = false;
    for (size_t p = 0; p < d->n_progs; p++) {
        sw_prog_turns(d->prog[p].prog, on_turn, d);
        is_daily |= sw_prog_daily(d->prog[p].prog);
    }
    for (uint32_t i = 0; i < d->rs->n_params; i++) {
        sw_day day = sw_rule_uses_param(d->rs, d->rule, i) ? param_turns(d, i) : SW_DAY_NEVER;

        if (day == SW_DAY_NEVER)
            continue;
        title(d, _("Days on which it can change while nothing happens:"));
        sw_buf_printf(d->out, "  p.%.*s: ", SW_STR_ARG(d->rs->param[i].name));
        put_date(d, day);
        sw_buf_char(d->out, '\n');
    }
    if (is_daily)
        sw_buf_cstr(d->out, _("It is evaluated anew every day.\n"));
}

void sw_rule_explain(const struct sw_ruleset *rs, size_t rule, sw_day today, struct sw_buf *out)
{
    struct detail d = {.rs = rs, .rule = &rs->rule[rule], .today = today, .out = out};

    d.n_progs = sw_rule_progs(rs, d.rule, d.prog);
    sw_buf_printf(out, "%.*s  %.*s:%u\n", SW_STR_ARG(d.rule->name), SW_STR_ARG(d.rule->at.file),
                  d.rule->at.line);
    if (!sw_rule_read(rs, rule, out))
        sw_buf_cstr(out, _("What stands in backquotes has no words or no label.\n"));
    put_texts(&d);
    put_reads(&d);
    put_streams(&d, sw_prog_streams, _("Event streams:"));
    put_streams(&d, sw_prog_absences, _("Their silence makes it true:"));
    put_facts(&d);
    put_params(&d);
    put_rules(&d, true, _("Asks with fired():"));
    put_rules(&d, false, _("Asked about by:"));
    put_turns(&d);
    put_code(&d);
}
