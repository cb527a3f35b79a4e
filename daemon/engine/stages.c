/* stages.c - the stages of a clock (`clocks` in messages.yaml): at which share of the time that a
 * deadline leaves people are reminded, and whom else is told. */
#include "parts.h"
#include <shouwang/base/i18n.h>

enum { AT_MAX = 1000 };

static const char *const doings[] = {"remind", "escalate", NULL}; /* enum sw_stage_does */
static const char *const vacant[] = {"next", "hold", NULL};       /* enum sw_stage_vacant */

static const struct sw_key stage[] = {
    {.name = "at",
     SW_INTO(struct sw_stage, at),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = AT_MAX,
     .required = true,
     .help = N_("percent of the time that the deadline leaves; 100 is the deadline")},
    {.name = "do",
     SW_INTO(struct sw_stage, does),
     .kind = SW_KEY_WORD,
     .words = doings,
     .required = true,
     .help = N_("remind: the owner once more; escalate: the team of the next area upwards")},
    {.name = "nobody",
     SW_INTO(struct sw_stage, vacant),
     .kind = SW_KEY_WORD,
     .words = vacant,
     .help = N_("escalating to an area without anybody: next goes further up (also when left out), "
                "hold waits there for the stage after this one")},
    {.name = "every",
     SW_INTO(struct sw_stage, every),
     .kind = SW_KEY_INT,
     .lo = 10,
     .hi = AT_MAX,
     .help = N_("of the last stage: again after so many percent more, until somebody answers")},
};
static const struct sw_keys stage_keys = {SW_TABLE("stage", stage)};
static const struct sw_key one_stage = {.kind = SW_KEY_MAP, .of = &stage_keys, .later = true};
static const struct sw_key stages = {.kind = SW_KEY_LIST, .item = &one_stage, .later = true};
const struct sw_keys sw_clocks_keys = {.name = "clocks", .other = &stages};

static void load_stage(struct sw_stages *s, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_stage *last = s->n == 0 ? NULL : &s->at[s->n - 1];
    struct sw_stage it = {.at = 0};

    if (!sw_keys_read(&stage_keys, y, &it, diag))
        return;
    if (s->n == STAGES_MAX)
        sw_diag_add(diag, SW_ERROR, y->at, _("more than %d stages"), STAGES_MAX);
    else if (last != NULL && it.at < last->at)
        sw_diag_add(diag, SW_ERROR, y->at, _("stages go from the earliest on: %d comes after %d"),
                    (int)it.at, (int)last->at);
    else if (last != NULL && last->every > 0)
        sw_diag_add(diag, SW_ERROR, y->at, _("only the last stage can come again (every)"));
    else
        s->at[s->n++] = it;
}

static void load_stages(struct sw_stages *s, const struct sw_yaml *list, struct sw_diag *diag)
{
    s->n = 0;
    if (list->kind != SW_YLIST)
        return;
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next)
        load_stage(s, y, diag);
}

void sw_load_clocks(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag)
{
    const struct sw_yaml *all = map == NULL ? NULL : sw_yaml_get(map, "all");
    struct sw_stages usual = {.n = 0};

    if (map == NULL || map->kind != SW_YMAP)
        return;
    if (all != NULL)
        load_stages(&usual, all, diag);
    for (size_t l = 0; l <= LEVELS_MAX; l++)
        rs->wording.stages[l] = usual;
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        size_t level = 1;

        while (level <= rs->n_levels && !sw_str_eq(rs->level[level].name, y->key))
            level++;
        if (level <= rs->n_levels)
            load_stages(&rs->wording.stages[level], y, diag);
        else if (y != all)
            sw_diag_add(diag, SW_ERROR, y->key_at, _("no level %.*s"), SW_STR_ARG(y->key));
    }
}

int32_t sw_stages_next(const struct sw_stages *s, int32_t done)
{
    const struct sw_stage *last;

    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].at > done)
            return s->at[i].at;
    }
    last = s->n == 0 ? NULL : &s->at[s->n - 1];
    if (last == NULL || last->every == 0)
        return 0;
    return last->at + ((done - last->at) / last->every + 1) * last->every;
}
