/* versions.c - by which rules and numbers: what rule files say of themselves, what of it bounds
 * their rules, and what a case remembers of it. */
#include "parts.h"
#include <shouwang/base/i18n.h>

/* ---- rule files --------------------------------------------------------------------------- */

static struct sw_str base_name(struct sw_str path)
{
    const char *slash = path.n == 0 ? NULL : memrchr(path.p, '/', path.n);

    return slash == NULL ? path : sw_str_sub(path, (size_t)(slash - path.p) + 1, path.n);
}

void sw_load_rule_file(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    struct sw_rule_file *f = &rs->file[rs->n_files++];
    const struct sw_yaml *effective = sw_yaml_get(root, "effective");

    *f = (struct sw_rule_file){
        .file = base_name(root->at.file), .from = INT32_MIN, .until = SW_DAY_NEVER, .root = root};
    sw_keys_read(&sw_rule_file_keys, root, f, diag);
    if (f->schema != 0 && f->schema != rs->schema->version)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(root, "schema")->at,
                    _("these rules were written for schema %lld and schema.yaml is %lld; see what "
                      "changed there, then write schema: %lld here"),
                    (long long)f->schema, (long long)rs->schema->version,
                    (long long)rs->schema->version);
    if (f->until < f->from)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(effective, "until")->at,
                    _("until lies before from"));
}

void sw_bound_rule(const struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_rule *r,
                   struct sw_diag *diag)
{
    const struct sw_rule_file *f = rs->file;

    while (f->root != root)
        f++;
    if (r->from < f->from)
        r->from = f->from;
    if (r->until > f->until)
        r->until = f->until;
    if (r->until < r->from && f->from <= f->until)
        sw_diag_add(diag, SW_ERROR, r->at,
                    _("%.*s holds on no day: look at its from and until, and at effective"),
                    SW_STR_ARG(r->name));
}

size_t sw_ruleset_files(const struct sw_ruleset *rs, const struct sw_rule_file **files)
{
    *files = rs->file;
    return rs->n_files;
}

int64_t sw_ruleset_params(const struct sw_ruleset *rs)
{
    return rs->params_version;
}

/* ---- who reads a parameter ---------------------------------------------------------------- */

static bool rule_reads(const struct sw_rule *r, uint32_t param)
{
    const struct sw_prog *progs[] = {r->when, r->clear, r->score, r->message, r->list};

    for (size_t i = 0; i < SW_COUNTOF(progs); i++) {
        if (sw_prog_looks_at(progs[i], BANK_PARAMS, param))
            return true;
    }
    return false;
}

void sw_check_unused(const struct sw_ruleset *rs, struct sw_diag *diag)
{
    for (uint32_t p = 0; p < rs->n_params; p++) {
        bool used = false;

        for (size_t i = 0; i < rs->n_rules && !used; i++)
            used = rule_reads(&rs->rule[i], p);
        if (!used)
            sw_diag_add(diag, SW_WARNING, rs->param[p].at, _("no rule uses the parameter %.*s"),
                        SW_STR_ARG(rs->param[p].name));
    }
}

/* ---- what a case rests on ----------------------------------------------------------------- */

static void put_between(struct sw_buf *out)
{
    if (out->n > 0)
        sw_buf_cstr(out, "，");
}

static void put_files(const struct sw_ruleset *rs, struct sw_buf *out)
{
    for (size_t i = 0; i < rs->n_files; i++) {
        const struct sw_rule_file *f = &rs->file[i];

        if (f->ruleset.n == 0 && f->version.n == 0)
            continue;
        put_between(out);
        sw_buf_printf(out, "%.*s%s%.*s", SW_STR_ARG(f->ruleset.n > 0 ? f->ruleset : f->file),
                      f->version.n > 0 ? " " : "", SW_STR_ARG(f->version));
    }
    if (rs->params_version > 0) {
        put_between(out);
        sw_buf_printf(out, "参数第%lld版", (long long)rs->params_version);
    }
}

static bool is_read_by_causes(const struct sw_engine *e, uint32_t subject, uint32_t param)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && rule_reads(&e->rules->rule[hits[i].rule], param))
            return true;
    }
    return false;
}

/* "青山镇 一般农户年自付医疗费预警线=15000元（2024-01-01至2024-12-31，高寒山区，县专班第12次会议）"
 */
static void put_override(const struct sw_ruleset *rs, const struct sw_override *o,
                         struct sw_buf *out)
{
    const struct sw_param *p = &rs->param[o->param];
    char day[SW_DATE_SIZE];

    put_between(out);
    sw_buf_printf(out, "%.*s %.*s=", SW_STR_ARG(o->area),
                  SW_STR_ARG(p->label.n > 0 ? p->label : p->name));
    sw_value_put(rs->lang, o->value, out);
    sw_buf_printf(out, "%.*s（", SW_STR_ARG(p->unit));
    if (o->from != INT32_MIN)
        sw_buf_printf(out, "%s起，", sw_date_format(o->from, day));
    if (o->until != SW_DAY_NEVER)
        sw_buf_printf(out, "%s止，", sw_date_format(o->until, day));
    sw_buf_str(out, o->reason);
    if (o->by.n > 0)
        sw_buf_printf(out, "，%.*s", SW_STR_ARG(o->by));
    sw_buf_cstr(out, "）");
}

struct sw_str sw_versions_of(struct sw_engine *e, uint32_t subject)
{
    uint32_t area = sw_place_of(e, subject);
    struct sw_buf out = {0};
    struct sw_str text;

    put_files(e->rules, &out);
    for (size_t i = 0; i < e->rules->n_overrides; i++) {
        const struct sw_override *o = &e->rules->override[i];

        if (o->from <= e->today && e->today <= o->until &&
            is_read_by_causes(e, subject, o->param) &&
            sw_override_at(e->rules, &e->registry, area, e->today, o->param) == o)
            put_override(e->rules, o, &out);
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* ---- places ------------------------------------------------------------------------------- */

static bool is_known(const struct sw_registry *r, const struct sw_override *o)
{
    for (uint32_t a = 0; a < r->area_code.count; a++) {
        if (r->area[a].is == a && sw_override_concerns(o, r, a))
            return true;
    }
    return false;
}

static void unknown_area(const struct sw_registry *r, const struct sw_override *o,
                         struct sw_diag *diag)
{
    struct sw_arena arena = {0};
    struct sw_str *names = SW_ARENA_ARRAY(&arena, struct sw_str, r->area_code.count);
    struct sw_str near;

    for (uint32_t a = 0; a < r->area_code.count; a++)
        names[a] = sw_area_name(r, r->area[a].is);
    near = sw_str_nearest(o->area, names, r->area_code.count);
    if (near.n > 0)
        sw_diag_add(diag, SW_WARNING, o->at,
                    _("no area is called %.*s, so this changes nothing; did you mean %.*s?"),
                    SW_STR_ARG(o->area), SW_STR_ARG(near));
    else
        sw_diag_add(diag, SW_WARNING, o->at, _("no area is called %.*s, so this changes nothing"),
                    SW_STR_ARG(o->area));
    sw_arena_free(&arena);
}

void sw_engine_check_areas(const struct sw_engine *e, const struct sw_ruleset *rs,
                           struct sw_diag *diag)
{
    for (size_t i = 0; i < rs->n_overrides && e->registry.area_code.count > 0; i++) {
        const struct sw_override *o = &rs->override[i];
        bool told = i > 0 && o[-1].at.line == o->at.line &&
                    o[-1].at.column == o->at.column; /* each `set` makes several of one entry */

        if (!told && !is_known(&e->registry, o))
            unknown_area(&e->registry, o, diag);
    }
}
