/* check_message.c - findings about names nobody declared, each with the name that may be meant.
 *
 * What a name would have been shows in its first part: p. is for parameters, hh. for the
 * household's own fields, another first part that streams begin with is a stream's. */
#include "lang/check.h"
#include <shouwang/base/i18n.h>

enum { NAMES_MAX = 512 };

/* Names to choose a suggestion from. */
struct names {
    struct sw_str at[NAMES_MAX];
    size_t n;
};

static void add_name(struct names *list, struct sw_str name)
{
    if (list->n < NAMES_MAX)
        list->at[list->n++] = name;
}

static struct sw_str nearest(const struct names *list, struct sw_str name)
{
    return sw_str_nearest(name, list->at, list->n);
}

static const char *const parameter = N_("parameter");
static const char *const household_field = N_("household field");
static const char *const event_stream = N_("event stream");
static const char *const rule = N_("rule");
static const char *const period = N_("period");
static const char *const rule_tag = N_("tag");
static const char *const any_name = N_("name");

static void report(struct checker *ck, const struct node *n, const char *thing, struct sw_str name,
                   struct sw_str near)
{
    if (near.n == 0)
        sw_check_error(ck, n, _("there is no %s %.*s"), _(thing), SW_STR_ARG(name));
    else
        sw_check_error(ck, n, _("there is no %s %.*s; did you mean %.*s?"), _(thing),
                       SW_STR_ARG(name), SW_STR_ARG(near));
}

/* Every global name and let that begins with `prefix`, without it when `cut`. */
static void collect(const struct sw_lang *l, struct sw_str prefix, bool cut, struct names *list)
{
    for (size_t i = 0; i < l->n_lets; i++) {
        if (sw_str_starts(l->let[i]->name, prefix))
            add_name(list, sw_str_sub(l->let[i]->name, cut ? prefix.n : 0, SIZE_MAX));
    }
    for (uint32_t i = 0; i < l->names.count; i++) {
        if (sw_str_starts(l->symbol[i]->name, prefix))
            add_name(list, sw_str_sub(l->symbol[i]->name, cut ? prefix.n : 0, SIZE_MAX));
    }
}

static void collect_streams(const struct sw_lang *l, struct names *list)
{
    for (uint32_t i = 0; i < l->names.count; i++) {
        if (l->symbol[i]->kind == SYM_STREAM)
            add_name(list, l->symbol[i]->name);
    }
}

/* p.edu_lien, hh.incom: the part behind the point is what is wrong. */
static bool report_member(struct checker *ck, const struct node *n, struct sw_str name)
{
    static const struct {
        const char *prefix;
        const char *const *thing;
    } spaces[] = {{"p.", &parameter}, {"hh.", &household_field}};

    for (size_t i = 0; i < SW_COUNTOF(spaces); i++) {
        struct sw_str prefix = sw_str(spaces[i].prefix);
        struct sw_str member = sw_str_sub(name, prefix.n, SIZE_MAX);
        struct names list = {.n = 0};

        if (!sw_str_starts(name, prefix))
            continue;
        collect(ck->l, prefix, true, &list);
        if (list.n == 0 && *spaces[i].thing == household_field)
            sw_check_error(ck, n, _("%.*s: nothing of %s can be used here"), SW_STR_ARG(name),
                           spaces[i].prefix);
        else
            report(ck, n, *spaces[i].thing, member, nearest(&list, member));
        return true;
    }
    return false;
}

static bool shares_first_part(struct sw_str a, struct sw_str b)
{
    struct sw_str x;
    struct sw_str y;

    return sw_str_split(&a, '.', &x) && sw_str_split(&b, '.', &y) && sw_str_eq(x, y);
}

static bool report_stream(struct checker *ck, const struct node *n, struct sw_str name)
{
    struct names list = {.n = 0};
    struct sw_str near;
    bool related = false;

    collect_streams(ck->l, &list);
    for (size_t i = 0; i < list.n; i++)
        related |= shares_first_part(list.at[i], name);
    near = nearest(&list, name);
    if (!related && near.n == 0)
        return false;
    report(ck, n, event_stream, name, near);
    return true;
}

static const struct scope *event_scope(const struct checker *ck)
{
    const struct scope *s = ck->scope;

    while (s != NULL && s->kind == SCOPE_LOOP)
        s = s->up;
    return s;
}

/* The declared names a bare word in an event's condition may have been meant for. */
static void report_in_event(struct checker *ck, const struct node *n, const struct scope *scope,
                            struct sw_str name)
{
    const struct sw_type *record = sw_record_of(ck, scope->stream);
    struct names list = {.n = 0};
    struct sw_str near;

    collect(ck->l, (struct sw_str){NULL, 0}, false, &list);
    near = nearest(&list, name);
    list.n = 0;
    for (size_t i = 0; i < record->n; i++)
        add_name(&list, record->fields[i].name);
    if (near.n > 0 && nearest(&list, name).n == 0)
        report(ck, n, any_name, name, near);
    else if (scope->kind == SCOPE_GROUP && sw_type_field(record, name) >= 0)
        sw_check_error(ck, n, _("a group has many %.*s: write sum(%.*s), max(%.*s) or the like"),
                       SW_STR_ARG(name), SW_STR_ARG(name), SW_STR_ARG(name));
    else
        sw_unknown_field(ck, n, record, name);
}

void sw_unknown_name(struct checker *ck, const struct node *n, struct sw_str name)
{
    const struct scope *scope = event_scope(ck);
    bool dotted = name.n > 0 && memchr(name.p, '.', name.n) != NULL;
    struct names list = {.n = 0};

    if (dotted && (report_member(ck, n, name) || report_stream(ck, n, name)))
        return;
    if (!dotted && scope != NULL) {
        report_in_event(ck, n, scope, name);
        return;
    }
    collect(ck->l, (struct sw_str){NULL, 0}, false, &list);
    for (const struct scope *s = ck->scope; s != NULL; s = s->up) {
        if (s->kind == SCOPE_LOOP)
            add_name(&list, s->local->name);
    }
    report(ck, n, any_name, name, nearest(&list, name));
}

void sw_unknown_field(struct checker *ck, const struct node *n, const struct sw_type *record,
                      struct sw_str name)
{
    struct names list = {.n = 0};
    struct sw_str label[NAMES_MAX];
    struct sw_buf there = {0};

    for (size_t i = 0; i < record->n; i++)
        add_name(&list, record->fields[i].name);
    for (size_t i = 0; i < list.n; i++)
        label[i] = record->fields[i].label;
    sw_put_choices(&there, name, list.at, label, list.n);
    sw_check_error(ck, n, _("%.*s has no field %.*s%s"), SW_STR_ARG(record->name), SW_STR_ARG(name),
                   there.p);
    sw_buf_free(&there);
}

void sw_unknown_item(struct checker *ck, struct sw_place at, const struct sw_type *e,
                     struct sw_str name, struct sw_str owner)
{
    struct names list = {.n = 0};
    struct sw_str label[NAMES_MAX];
    struct sw_buf there = {0};

    for (size_t i = 0; i < e->n; i++)
        add_name(&list, e->items[i].name);
    for (size_t i = 0; i < list.n; i++)
        label[i] = e->items[i].label;
    sw_put_choices(&there, name, list.at, label, list.n);
    sw_diag_add(ck->diag, SW_ERROR, at, _("%.*s has no value \"%.*s\"%s"), SW_STR_ARG(owner),
                SW_STR_ARG(name), there.p);
    sw_buf_free(&there);
}

void sw_unknown_rule(struct checker *ck, const struct node *n, struct sw_str name)
{
    struct names list = {.n = 0};
    struct sw_str near;

    for (size_t i = 0; i < ck->l->n_rules; i++)
        add_name(&list, ck->l->rule[i].name);
    near = nearest(&list, name);
    report(ck, n, rule, name, near);
}

void sw_unknown_period(struct checker *ck, const struct node *n, struct sw_str name)
{
    struct names list = {.n = 0};

    for (size_t i = 0; i < ck->l->n_periods; i++)
        add_name(&list, ck->l->period[i].name);
    report(ck, n, period, name, nearest(&list, name));
}

void sw_unknown_tag(struct checker *ck, const struct node *n, struct sw_str name)
{
    struct names list = {.n = 0};

    for (size_t i = 0; i < ck->l->n_tags; i++)
        add_name(&list, ck->l->tag[i].name);
    report(ck, n, rule_tag, name, nearest(&list, name));
}
