/* explain.c - one household's page: what holds, what nearly holds, what is missing, and when that
 * changes by itself. The running daemon is asked, for the county lives in its memory; labels and
 * words come from the rule files, the words around them from LANG. */
#include "ctl.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/number.h>
#include <shouwang/base/url.h>

enum { RULES_MAX = 512 };

/* A rule that does not hold is shown in full when it is this near, or will hold so soon. */
#define NEARLY 0.7
enum { SOON_DAYS = 60 };

enum section { HOLDS, UNKNOWN, NEAR, REST, SECTIONS };

struct page {
    const struct sw_json *root, *household, *rules;
    const struct sw_json *rule[RULES_MAX];
    double near[RULES_MAX];
    size_t n;
    bool in_full; /* one rule was asked for: show it whatever it says */
};

/* ---- reading the answer ------------------------------------------------------------------- */

static bool is(const struct sw_json *object, const char *key, const char *word)
{
    return sw_str_is(sw_json_word(object, key), word);
}

static double number_of(const struct sw_json *object, const char *key)
{
    double d;

    return sw_double_parse(sw_json_word(object, key), &d) ? d : 0;
}

/* ---- conditions --------------------------------------------------------------------------- */

static const char *mark_of(struct sw_str holds)
{
    return sw_str_is(holds, "true")      ? "✓"
           : sw_str_is(holds, "false")   ? "✗"
           : sw_str_is(holds, "unknown") ? "?"
                                         : "!";
}

/* What a value is shown as, with its unit. */
static void put_value(const struct sw_json *v, struct sw_str unit, struct sw_buf *out)
{
    struct sw_str text = sw_json_word(v, "text");

    if (sw_str_is(unit, "比例")) /* a share is a bare number */
        unit.n = 0;
    if (text.n > 0)
        sw_buf_printf(out, "%.*s%.*s", SW_STR_ARG(text), SW_STR_ARG(unit));
    else
        sw_buf_cstr(out, sw_json_word(v, "error").n > 0 ? _("error") : _("unknown"));
}

static void value_cell(struct ctl_table *t, const struct sw_json *v, struct sw_str unit)
{
    struct sw_buf text = {0};

    put_value(v, unit, &text);
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&text);
}

/* How far the left side is from the right one. */
static void gap_cell(struct ctl_table *t, const struct sw_json *part)
{
    struct sw_str gap = sw_json_word(part, "gap");
    struct sw_buf with_unit = {0};
    struct sw_buf text = {0};
    bool over = gap.n > 0 && gap.p[0] == '-';

    if (gap.n > 0 && number_of(part, "gap") != 0) {
        sw_buf_printf(&with_unit, "%.*s%.*s", SW_STR_ARG(sw_str_sub(gap, over, gap.n - over)),
                      SW_STR_ARG(sw_json_word(part, "unit")));
        sw_buf_printf(&text, over ? _("%s over") : _("%s short"), with_unit.p);
    }
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&with_unit);
    sw_buf_free(&text);
}

static const char *group_words(struct sw_str kind)
{
    static const struct {
        const char *kind, *words;
    } of[] = {{"all", N_("all of these:")},
              {"any", N_("one of these at least:")},
              {"not", N_("not this:")},
              {"choice", N_("if the first, then the second, else the third:")}};

    for (size_t i = 0; i < SW_COUNTOF(of); i++) {
        if (sw_str_is(kind, of[i].kind))
            return _(of[i].words);
    }
    return NULL;
}

static void part_row(struct ctl_table *t, const struct sw_json *part, int64_t depth)
{
    const char *group = group_words(sw_json_word(part, "kind"));
    struct sw_str words = group != NULL ? sw_str(group) : sw_json_word(part, "words");
    struct sw_buf cell = {0};

    sw_buf_printf(&cell, "    %s", mark_of(sw_json_word(part, "holds")));
    ctl_table_cell(t, sw_buf_view(&cell));
    if (is(part, "kind", "relation")) {
        struct sw_str unit = sw_json_word(part, "unit");

        bool is_list = is(part, "sign", "in"); /* which the words name */

        value_cell(t, sw_json_get(part, "left"), unit);
        ctl_table_cell(t, is_list ? SW_STR("") : sw_json_word(part, "sign"));
        if (is_list)
            ctl_table_cell(t, SW_STR(""));
        else
            value_cell(t, sw_json_get(part, "right"), unit);
        gap_cell(t, part);
    } else {
        for (int i = 0; i < 4; i++)
            ctl_table_cell(t, SW_STR(""));
    }
    sw_buf_clear(&cell);
    sw_buf_printf(&cell, "%*s%.*s", (int)depth * 2, "", SW_STR_ARG(words));
    ctl_table_cell(t, sw_buf_view(&cell));
    sw_buf_free(&cell);
}

/* The outermost "all of these" goes without saying. */
static void print_parts(const struct sw_json *rule, const char *key, const char *title)
{
    static const struct ctl_column columns[] = {
        {" ", CTL_LEFT},         {N_("VALUE"), CTL_RIGHT}, {" ", CTL_LEFT},
        {N_("LINE"), CTL_RIGHT}, {N_("GAP"), CTL_RIGHT},   {N_("CONDITION"), CTL_LEFT},
    };
    const struct sw_json *part = sw_json_first(rule, key);
    struct ctl_table *t;
    int64_t less = 0;

    if (part == NULL)
        return;
    if (title != NULL)
        printf("  %s\n", title);
    if (is(part, "kind", "all")) {
        part = part->next;
        less = 1;
    }
    t = ctl_table_new(columns, SW_COUNTOF(columns));
    for (; part != NULL; part = part->next) {
        int64_t depth = 0;

        sw_str_int(sw_json_word(part, "depth"), &depth);
        part_row(t, part, depth - less);
    }
    ctl_table_print(t, stdout);
}

/* ---- one rule ----------------------------------------------------------------------------- */

static void print_list(const struct sw_json *rule, const char *key, const char *title)
{
    const struct sw_json *v = sw_json_first(rule, key);

    if (v == NULL)
        return;
    printf("  %s", title);
    for (const char *between = " "; v != NULL; v = v->next, between = _(", "))
        printf("%s%.*s", between, SW_STR_ARG(v->text));
    putchar('\n');
}

/* "年自付医疗费预警线 1000元 (in 东沟村: 高寒山区)" */
static void print_params(const struct sw_json *rule)
{
    for (const struct sw_json *v = sw_json_first(rule, "params"); v != NULL; v = v->next) {
        struct sw_str area = sw_json_word(v, "area");
        struct sw_str changes = sw_json_word(v, "changes");
        struct sw_buf value = {0};

        put_value(v, sw_json_word(v, "unit"), &value);
        printf(_("  number  %.*s %s"),
               SW_STR_ARG(sw_json_word(v, "label").n > 0 ? sw_json_word(v, "label")
                                                         : sw_json_word(v, "name")),
               value.p);
        if (area.n > 0)
            printf(_(" (%.*s: %.*s)"), SW_STR_ARG(area), SW_STR_ARG(sw_json_word(v, "reason")));
        if (changes.n > 0)
            printf(_(", another one from %.*s"), SW_STR_ARG(changes));
        putchar('\n');
        sw_buf_free(&value);
    }
}

static void print_facts(const struct sw_json *rule)
{
    const struct sw_json *v = sw_json_first(rule, "facts");

    if (v == NULL)
        return;
    printf(_("  facts   "));
    for (const char *between = ""; v != NULL; v = v->next, between = _(", ")) {
        struct sw_buf value = {0};

        put_value(v, sw_json_word(v, "unit"), &value);
        printf("%s%.*s %s", between, SW_STR_ARG(sw_json_word(v, "label")), value.p);
        sw_buf_free(&value);
    }
    putchar('\n');
}

static void print_hit(const struct sw_json *rule)
{
    const struct sw_json *hit = sw_json_get(rule, "hit");
    struct sw_str since = sw_json_word(hit, "since");
    struct sw_str until = sw_json_word(hit, "until");

    if (is(hit, "state", "on"))
        printf(is(rule, "kind", "task") ? _("  the task is open since %.*s")
                                        : _("  warning since %.*s"),
               SW_STR_ARG(since));
    else if (is(hit, "state", "waiting"))
        printf(_("  holds since %.*s, a warning if it still does on %.*s"), SW_STR_ARG(since),
               SW_STR_ARG(until));
    else if (is(hit, "state", "held"))
        printf(_("  holds since %.*s, but no warning while nothing is heard of %.*s"),
               SW_STR_ARG(since), SW_STR_ARG(sw_json_word(hit, "held_by")));
    else if (is(hit, "state", "kept"))
        printf(_("  warning since %.*s, does not hold any more, kept until %.*s"),
               SW_STR_ARG(since), SW_STR_ARG(until));
    else
        return;
    if (sw_json_word(hit, "points").n > 0)
        printf(_(", %.*s points"), SW_STR_ARG(sw_json_word(hit, "points")));
    putchar('\n');
}

static void print_changes(const struct page *p, const struct sw_json *rule)
{
    const struct sw_json *when = sw_json_get(rule, "when_changes");
    const struct sw_json *hit = sw_json_get(rule, "hit_changes");
    struct sw_str day = sw_json_word(when, "day");
    bool task = is(rule, "kind", "task");

    if (is(when, "to", "true"))
        printf(_("  by time alone it holds from %.*s\n"), SW_STR_ARG(day));
    else if (is(when, "to", "false"))
        printf(_("  by time alone it does not hold any more from %.*s\n"), SW_STR_ARG(day));
    else if (when != NULL)
        printf(_("  by time alone it cannot be told any more from %.*s\n"), SW_STR_ARG(day));
    else
        printf(_("  time alone changes nothing until %.*s\n"),
               SW_STR_ARG(sw_json_word(p->root, "looked_until")));
    day = sw_json_word(hit, "day");
    if (is(hit, "to", "on"))
        printf(task ? _("  then a task on %.*s\n") : _("  then a warning on %.*s\n"),
               SW_STR_ARG(day));
    else if (hit != NULL)
        printf(task ? _("  the task is settled on %.*s\n") : _("  the warning is lifted on %.*s\n"),
               SW_STR_ARG(day));
}

static const char *verdict_word(const struct sw_json *rule)
{
    static const struct {
        const char *truth, *word;
    } of[] = {{"true", N_("holds")},
              {"false", N_("does not hold")},
              {"unknown", N_("cannot be told")},
              {"error", N_("went wrong")}};

    if (!sw_json_is_true(rule, "in_force"))
        return _("not in force");
    for (size_t i = 0; i < SW_COUNTOF(of); i++) {
        if (is(rule, "truth", of[i].truth))
            return _(of[i].word);
    }
    return "";
}

static void print_rule(const struct page *p, const struct sw_json *rule)
{
    bool holds = is(rule, "truth", "true");

    printf("\n%s %.*s  %s", mark_of(sw_json_word(rule, "truth")),
           SW_STR_ARG(sw_json_word(rule, "label")), verdict_word(rule));
    if (sw_json_word(rule, "category_label").n > 0)
        printf(_(", %.*s"), SW_STR_ARG(sw_json_word(rule, "category_label")));
    if (sw_json_word(rule, "points").n > 0 && (holds || number_of(rule, "points") != 0))
        printf(holds ? _(", %.*s points") : _(", would be %.*s points"),
               SW_STR_ARG(sw_json_word(rule, "points")));
    if (is(rule, "kind", "task"))
        fputs(_(", a task"), stdout);
    printf("  (%.*s)\n", SW_STR_ARG(sw_json_word(rule, "rule")));
    if (holds)
        printf("  %.*s\n", SW_STR_ARG(sw_json_word(rule, "message")));
    if (sw_json_word(rule, "error").n > 0)
        printf("  %.*s\n", SW_STR_ARG(sw_json_word(rule, "error")));
    print_list(rule, "missing", _("missing"));
    print_parts(rule, "parts", NULL);
    print_parts(rule, "clear_parts", _("and is over when"));
    print_params(rule);
    print_facts(rule);
    print_hit(rule);
    print_changes(p, rule);
}

/* ---- the household ------------------------------------------------------------------------ */

static void print_standing(const struct page *p)
{
    const struct sw_json *h = p->household;
    const struct sw_json *next = sw_json_get(h, "next_level");

    printf(_("level %.*s, %.*s points"), SW_STR_ARG(sw_json_word(h, "level_label")),
           SW_STR_ARG(sw_json_word(h, "score")));
    if (next != NULL && number_of(next, "enter") > number_of(h, "score"))
        printf(_("; %.4g more to %.*s"), number_of(next, "enter") - number_of(h, "score"),
               SW_STR_ARG(sw_json_word(next, "label")));
    if (sw_json_word(h, "level_falls").n > 0)
        printf(_("; falls on %.*s"), SW_STR_ARG(sw_json_word(h, "level_falls")));
    putchar('\n');
    for (const struct sw_json *c = sw_json_first(h, "categories"); c != NULL; c = c->next) {
        printf("  %.*s %.*s", SW_STR_ARG(sw_json_word(c, "label")),
               SW_STR_ARG(sw_json_word(c, "points")));
        if (number_of(c, "counted") < number_of(c, "points"))
            printf(_(", capped at %.*s"), SW_STR_ARG(sw_json_word(c, "cap")));
        putchar('\n');
    }
}

static void print_head(const struct page *p)
{
    const struct sw_json *h = p->household;
    const struct sw_json *c = sw_json_get(h, "case");
    struct sw_str day = sw_json_word(p->root, "day");
    struct sw_str owner = sw_json_text(sw_json_get(c, "owner"), "name");
    struct sw_str cadre = sw_json_text(sw_json_get(h, "assigned"), "name");

    printf(_("%.*s %.*s (%.*s), as of %.*s\n"), SW_STR_ARG(sw_json_word(h, "place")),
           SW_STR_ARG(sw_json_word(h, "name")), SW_STR_ARG(sw_json_word(h, "id")), SW_STR_ARG(day));
    if (!sw_str_eq(day, sw_json_word(p->root, "today")))
        printf(_("from today's knowledge, by conditions alone: what waits, is kept or held is "
                 "known of today (%.*s) only\n"),
               SW_STR_ARG(sw_json_word(p->root, "today")));
    print_standing(p);
    if (c != NULL)
        printf(_("case %.*s %s, owner %.*s\n"), SW_STR_ARG(sw_json_word(c, "number")),
               ctl_label(sw_json_word(c, "state")),
               SW_STR_ARG(owner.n > 0 ? owner : sw_str(_("nobody"))));
    else if (cadre.n > 0)
        printf(_("no open case; %.*s looks after it\n"), SW_STR_ARG(cadre));
    else
        printf(_("no open case\n"));
}

/* ---- sections ----------------------------------------------------------------------------- */

static bool has_hit(const struct sw_json *rule)
{
    struct sw_str state = sw_json_word(sw_json_get(rule, "hit"), "state");

    return state.n > 0 && !sw_str_is(state, "off");
}

static bool holds_soon(const struct page *p, const struct sw_json *rule)
{
    const struct sw_json *change = sw_json_get(rule, "when_changes");
    sw_day from;
    sw_day day;

    return is(change, "to", "true") && sw_date_parse(sw_json_word(p->root, "day"), &from) &&
           sw_date_parse(sw_json_word(change, "day"), &day) && day - from <= SOON_DAYS;
}

static enum section section_of(const struct page *p, size_t i)
{
    const struct sw_json *r = p->rule[i];

    if (has_hit(r) || (sw_json_is_true(r, "in_force") && is(r, "truth", "true")))
        return HOLDS;
    if (!sw_json_is_true(r, "in_force"))
        return REST;
    if (is(r, "truth", "unknown") || is(r, "truth", "error"))
        return UNKNOWN;
    return p->near[i] >= NEARLY || holds_soon(p, r) ? NEAR : REST;
}

/* The nearest first; rules alike keep the order of their files. */
static void sort_rules(struct page *p)
{
    for (const struct sw_json *r = p->rules->first; r != NULL && p->n < RULES_MAX; r = r->next) {
        double near = number_of(r, "near");
        size_t i = p->n++;

        for (; i > 0 && p->near[i - 1] < near; i--) {
            p->rule[i] = p->rule[i - 1];
            p->near[i] = p->near[i - 1];
        }
        p->rule[i] = r;
        p->near[i] = near;
    }
}

static size_t count_section(const struct page *p, enum section s)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        n += section_of(p, i) == s;
    return n;
}

/* The gap of the first relation that does not hold. */
static void first_gap(struct ctl_table *t, const struct sw_json *rule)
{
    static const struct sw_json none = {.kind = SW_JOBJECT};
    const struct sw_json *part = sw_json_first(rule, "parts");

    while (part != NULL && (!is(part, "holds", "false") || sw_json_word(part, "gap").n == 0))
        part = part->next;
    gap_cell(t, part == NULL ? &none : part);
}

static void print_rest(const struct page *p)
{
    static const struct ctl_column columns[] = {{N_("RULE"), CTL_LEFT},
                                                {N_("VERDICT"), CTL_LEFT},
                                                {N_("GAP"), CTL_RIGHT},
                                                {N_("HOLDS FROM"), CTL_LEFT}};
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (size_t i = 0; i < p->n; i++) {
        const struct sw_json *r = p->rule[i];
        const struct sw_json *change = sw_json_get(r, "when_changes");

        if (section_of(p, i) != REST)
            continue;
        ctl_table_cell(t, sw_json_word(r, "label"));
        ctl_table_cell(t, sw_str(verdict_word(r)));
        first_gap(t, r);
        ctl_table_cell(t, is(change, "to", "true") ? sw_json_word(change, "day") : SW_STR(""));
    }
    ctl_table_print(t, stdout);
}

static void print_sections(const struct page *p)
{
    static const char *const titles[SECTIONS] = {N_("holds"), N_("cannot be told"),
                                                 N_("nearly holds"), N_("the rest")};

    for (enum section s = HOLDS; s < SECTIONS; s++) {
        size_t n = count_section(p, s);

        if (n == 0)
            continue;
        if (!p->in_full)
            printf("\n== %s (%zu)\n", _(titles[s]), n);
        if (s == REST && !p->in_full) {
            print_rest(p);
            continue;
        }
        for (size_t i = 0; i < p->n; i++) {
            if (section_of(p, i) == s)
                print_rule(p, p->rule[i]);
        }
    }
}

/* The newest events of the streams that the rules look at. */
static void print_events(const struct sw_json *root)
{
    static const struct ctl_column columns[] = {
        {N_("DATE"), CTL_LEFT}, {N_("EVENT"), CTL_LEFT}, {N_("WHAT"), CTL_LEFT}};
    const struct sw_json *stream = sw_json_first(root, "events");
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    if (stream != NULL)
        printf("\n== %s\n", _("newest events"));
    for (const struct sw_json *s = stream; s != NULL; s = s->next) {
        for (const struct sw_json *e = sw_json_first(s, "newest"); e != NULL; e = e->next) {
            ctl_table_cell(t, sw_json_word(e, "day"));
            ctl_table_cell(t, sw_json_word(s, "label"));
            ctl_table_cell(t, sw_json_word(e, "text"));
        }
    }
    ctl_table_print(t, stream != NULL ? stdout : NULL);
}

/* The households that an area's rules choose. */
static void print_lists(const struct sw_json *root)
{
    for (const struct sw_json *l = sw_json_first(root, "lists"); l != NULL; l = l->next) {
        printf(_("\n== %.*s: %.*s households to look at\n"), SW_STR_ARG(sw_json_word(l, "label")),
               SW_STR_ARG(sw_json_word(l, "count")));
        for (const struct sw_json *h = sw_json_first(l, "households"); h != NULL; h = h->next)
            printf("%.*s  %.*s %.*s\n", SW_STR_ARG(sw_json_word(h, "household")),
                   SW_STR_ARG(sw_json_word(h, "place")), SW_STR_ARG(sw_json_word(h, "name")));
    }
}

static void show(const struct sw_json *root, bool in_full)
{
    static struct page p;

    p = (struct page){.root = root, .in_full = in_full};
    p.household = sw_json_get(root, "household");
    p.rules = sw_json_get(root, "rules");
    if (p.rules == NULL)
        return;
    sort_rules(&p);
    print_head(&p);
    print_sections(&p);
    print_lists(root);
    print_events(root);
}

/* ---- the verb ----------------------------------------------------------------------------- */

static void put_query(struct sw_buf *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    sw_buf_printf(path, "%c%s=", strchr(path->p, '?') == NULL ? '?' : '&', name);
    sw_url_encode(path, sw_str(value));
}

static int show_answer(const struct ctl *c, const struct sw_buf *body, bool in_full)
{
    struct sw_arena arena = {0};
    struct sw_json *root = NULL;
    struct sw_err err = {.code = SW_OK};
    int result = CTL_GOOD;

    if (c->json)
        fwrite(body->p, 1, body->n, stdout);
    else if (sw_json_parse(&arena, sw_buf_view(body), &root, &err) == SW_OK)
        show(root, in_full);
    else
        result = ctl_fail(_("the daemon's answer cannot be read: %s"), err.text);
    sw_arena_free(&arena);
    return result;
}

int ctl_explain(struct ctl *c, int argc, char **argv)
{
    const char *at = ctl_option(&argc, argv, "--at");
    const char *rule = ctl_option(&argc, argv, "--rule");
    struct sw_buf path = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    int result;
    int status;

    if (ctl_unknown_options(argc, argv) || argc != 2)
        return CTL_USAGE;
    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    sw_buf_cstr(&path, "/api/v1/explain");
    put_query(&path, "household", argv[1]);
    put_query(&path, "at", at);
    put_query(&path, "rule", rule);
    status = ctl_request(c, "GET", path.p, &body, &err);
    if (status == 200)
        result = show_answer(c, &body, rule != NULL);
    else if (status == 0)
        result = ctl_fail(_("the daemon does not answer (%s); explain asks the running shouwangd"),
                          err.text);
    else
        result = ctl_fail("%.*s", SW_STR_ARG(sw_str_trim(sw_buf_view(&body))));
    sw_buf_free(&path);
    sw_buf_free(&body);
    return result;
}
