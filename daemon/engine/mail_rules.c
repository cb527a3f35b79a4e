/* mail_rules.c - what messages.yaml says of when and how much people are told: quiet hours,
 * budgets, grouping, the storm guard, silences. What it says nothing of is not done. */
#include "parts.h"
#include <shouwang/base/i18n.h>

#define CLOCK_PATTERN "^([01][0-9]|2[0-3]):[0-5][0-9]$"

enum { GROUP_MINUTES_MAX = 1440, BUDGET_MAX = 1000, STORM_LEAST_MAX = 100000 };

/* A map as it stands in the file, before clock times are numbers. */
struct raw {
    struct sw_str area, from, until, digest;
    int32_t day, month;
    uint8_t first; /* 0: at once, 1: waits too */
};

/* ---- keys --------------------------------------------------------------------------------- */

#define CLOCK_KEY(label, field, must, text)                                                        \
    {                                                                                              \
        .name = label, SW_INTO(struct raw, field), .pattern = CLOCK_PATTERN, .required = must,     \
        .wanted = N_("a time of day such as \"21:00\""), .help = text                              \
    }

static const struct sw_key county_hours[] = {
    {.name = "area",
     SW_INTO(struct raw, area),
     .required = true,
     .help = N_("the county: its name or its code of 12 digits")},
    CLOCK_KEY("from", from, true, N_("from when on nobody is written to")),
    CLOCK_KEY("until", until, true, N_("until when")),
};
static const struct sw_keys county_hours_keys = {SW_TABLE("county_quiet", county_hours)};
static const struct sw_key one_county = {.kind = SW_KEY_MAP, .of = &county_hours_keys};
static const struct sw_key a_level = {.kind = SW_KEY_TEXT};

static const struct sw_key quiet[] = {
    CLOCK_KEY("from", from, true, N_("from when on nobody is written to")),
    CLOCK_KEY("until", until, true, N_("until when; what was to be said is said then")),
    {.name = "levels",
     .kind = SW_KEY_LIST,
     .item = &a_level,
     .help = N_("the levels that wait; without this all but the highest")},
    {.name = "counties",
     .kind = SW_KEY_LIST,
     .item = &one_county,
     .later = true,
     .help = N_("counties with hours of their own")},
};
const struct sw_keys sw_quiet_keys = {SW_TABLE("quiet", quiet)};

static const struct sw_key budget[] = {
    {.name = "day",
     SW_INTO(struct sw_mail_rules, per_day),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = BUDGET_MAX,
     .required = true,
     .help = N_("texts to one person a day; the rest goes into the next morning's digest")},
    {.name = "month",
     SW_INTO(struct sw_mail_rules, per_month),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = BUDGET_MAX,
     .required = true,
     .help = N_("the same, of a calendar month")},
    {.name = "digest",
     .pattern = CLOCK_PATTERN,
     .required = true,
     .wanted = N_("a time of day such as \"21:00\""),
     .help = N_("when the digest of what was too much goes out")},
};
const struct sw_keys sw_budget_keys = {SW_TABLE("budget", budget)};

static const char *const firsts[] = {"now", "waits", NULL};

static const struct sw_key group[] = {
    {.name = "minutes",
     SW_INTO(struct sw_mail_rules, group_minutes),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = GROUP_MINUTES_MAX,
     .required = true,
     .help = N_("new cases of one cause in one village within so many minutes make one text")},
    {.name = "first",
     SW_INTO(struct sw_mail_rules, group_first_waits),
     .kind = SW_KEY_WORD,
     .words = firsts,
     .help = N_("the first of them goes at once, or waits for the others too; red never waits")},
};
const struct sw_keys sw_group_keys = {SW_TABLE("group", group)};

static const struct sw_key storm[] = {
    {.name = "factor",
     SW_INTO(struct sw_mail_rules, storm_factor),
     .kind = SW_KEY_NUMBER,
     .lo = 2,
     .hi = 1000,
     .required = true,
     .help = N_("so many times a rule's usual alerts of a day are held for a supervisor")},
    {.name = "least",
     SW_INTO(struct sw_mail_rules, storm_least),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = STORM_LEAST_MAX,
     .required = true,
     .help = N_("so many alerts of a rule a day are never held")},
    {.name = "days",
     SW_INTO(struct sw_mail_rules, storm_days),
     .kind = SW_KEY_INT,
     .lo = 7,
     .hi = STORM_DAYS_MAX,
     .help = N_("of how many days the usual number is learned")},
    {.name = "local",
     SW_INTO(struct sw_mail_rules, storm_local),
     .kind = SW_KEY_NUMBER,
     .lo = 0.5,
     .hi = 1,
     .help = N_("when this share of them lies in one village or township they befell it, and are "
                "not held")},
};
const struct sw_keys sw_storm_keys = {SW_TABLE("storm", storm)};

static const struct sw_key silence[] = {
    {.name = "share",
     SW_INTO(struct sw_mail_rules, silence_share),
     .kind = SW_KEY_NUMBER,
     .lo = 0.001,
     .hi = 1,
     .required = true,
     .help = N_("the largest share of all households that one silence may hush")},
    {.name = "longest",
     SW_INTO(struct sw_mail_rules, silence_longest),
     .kind = SW_KEY_DAYS,
     .lo = 1,
     .hi = SW_KEY_DAYS_MAX,
     .required = true,
     .help = N_("how long a silence may last")},
};
const struct sw_keys sw_silence_keys = {SW_TABLE("silence", silence)};

/* ---- loading ------------------------------------------------------------------------------ */

/* "21:00" to minutes of the day; the pattern was checked. */
static int32_t minutes_of(struct sw_str text)
{
    if (text.n != 5)
        return 0;
    return ((text.p[0] - '0') * 10 + text.p[1] - '0') * 60 + (text.p[3] - '0') * 10 + text.p[4] -
           '0';
}

static uint32_t level_named(const struct sw_ruleset *rs, const struct sw_yaml *y,
                            struct sw_diag *diag)
{
    for (uint32_t l = 1; l <= rs->n_levels; l++) {
        if (sw_str_eq(rs->level[l].name, y->text))
            return l;
    }
    sw_diag_add(diag, SW_ERROR, y->at, _("no level %.*s"), SW_STR_ARG(y->text));
    return 0;
}

static bool read_hours(const struct sw_keys *keys, const struct sw_yaml *y,
                       struct sw_quiet_hours *out, struct sw_diag *diag)
{
    struct raw raw = {.day = 0};

    if (y->kind != SW_YMAP || !sw_keys_read(keys, y, &raw, diag))
        return false;
    *out = (struct sw_quiet_hours){raw.area, minutes_of(raw.from), minutes_of(raw.until)};
    return true;
}

static void load_quiet(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_mail_rules *m = &rs->mail;
    const struct sw_yaml *levels = sw_yaml_get(y, "levels");
    const struct sw_yaml *counties = sw_yaml_get(y, "counties");

    if (!read_hours(&sw_quiet_keys, y, &m->quiet, diag))
        return;
    m->quiet_levels = 1; /* a correction to who has no level any more */
    for (uint32_t l = 1; l < rs->n_levels && levels == NULL; l++)
        m->quiet_levels |= UINT32_C(1) << l;
    for (y = levels == NULL ? NULL : levels->first; y != NULL; y = y->next)
        m->quiet_levels |= UINT32_C(1) << level_named(rs, y, diag);
    if (counties == NULL)
        return;
    m->county = SW_ARENA_ARRAY(&rs->arena, struct sw_quiet_hours, counties->count);
    for (y = counties->first; y != NULL; y = y->next)
        m->n_counties += read_hours(&county_hours_keys, y, &m->county[m->n_counties], diag);
}

static bool is_within(const struct sw_quiet_hours *h, int32_t minute)
{
    return h->from > h->until ? minute >= h->from || minute < h->until
                              : minute >= h->from && minute < h->until;
}

static void load_budget(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_mail_rules *m = &rs->mail;
    const struct sw_yaml *digest = sw_yaml_get(y, "digest");

    if (!sw_keys_read(&sw_budget_keys, y, m, diag) || digest == NULL)
        return;
    m->digest_at = minutes_of(digest->text);
    if (is_within(&m->quiet, m->digest_at))
        sw_diag_add(diag, SW_ERROR, digest->at, _("digest: lies in the quiet hours"));
    if (m->per_month < m->per_day)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "month")->at,
                    _("month: less than day: allows nobody a full day"));
}

void sw_load_mail(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    static const struct {
        const char *name;
        const struct sw_keys *keys;
    } plain[] = {
        {"group", &sw_group_keys}, {"storm", &sw_storm_keys}, {"silence", &sw_silence_keys}};
    struct sw_mail_rules *m = &rs->mail;
    const struct sw_yaml *y;

    *m = (struct sw_mail_rules){.storm_days = 28, .storm_local = 0.8};
    if ((y = sw_yaml_get(root, "quiet")) != NULL && y->kind == SW_YMAP)
        load_quiet(rs, y, diag);
    if ((y = sw_yaml_get(root, "budget")) != NULL && y->kind == SW_YMAP)
        load_budget(rs, y, diag);
    for (size_t i = 0; i < SW_COUNTOF(plain); i++) {
        if ((y = sw_yaml_get(root, plain[i].name)) != NULL && y->kind == SW_YMAP)
            sw_keys_read(plain[i].keys, y, m, diag);
    }
}
