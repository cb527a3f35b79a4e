/* sign.c - the steps of `sign`: a table of primitives, each with what it reads from the profile and
 * what it does with it.
 *
 * A further primitive is one more row. All `now` steps of an attempt read one clock sample and all
 * `random_hex` steps the same bytes, so a date and a time stamp can never disagree. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <stdlib.h>
#include <time.h>

enum { DIGEST_NAMES = 4, FORMAT_MAX = 64 };

static const char *const digest_names[DIGEST_NAMES] = {"md5", "sha1", "sha256", "sm3"};

struct primitive {
    const char *word;
    const char *keys[4]; /* besides the word and `when` */
    bool gives_bytes;    /* unless `out` says otherwise */
    void (*load)(struct loader *l, struct step *s, const struct sw_yaml *y,
                 const struct sw_yaml *map);
    struct sw_str (*run)(struct eval *e, const struct step *s);
};

static struct sw_str plain_text(struct loader *l, const struct sw_yaml *y)
{
    struct sw_str text = {NULL, 0};

    if (y != NULL && sw_yaml_text(y, &text, l->diag))
        text = sw_arena_str(l->keep, text);
    return text;
}

static const struct sw_yaml *need(struct loader *l, const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    if (y == NULL)
        sw_diag_add(l->diag, SW_ERROR, map->at, _("%.*s: %s is missing"), SW_STR_ARG(map->key),
                    key);
    return y;
}

static struct sw_str encode(struct eval *e, enum encoding how, const unsigned char *bytes, size_t n)
{
    struct sw_str raw = {(const char *)bytes, n};
    struct sw_buf out = {0};
    struct sw_str kept;

    if (how == OUT_RAW)
        sw_buf_str(&out, raw);
    else if (how == OUT_HEX)
        sw_hex_put(&out, raw);
    else
        sw_base64_put(&out, raw);
    kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

/* ---- text, concat ---- */

static void load_text(struct loader *l, struct step *s, const struct sw_yaml *y,
                      const struct sw_yaml *map)
{
    (void)map;
    sw_load_operand(l, y, &s->data);
}

static struct sw_str run_text(struct eval *e, const struct step *s)
{
    return sw_eval_operand(e, &s->data);
}

static void load_concat(struct loader *l, struct step *s, const struct sw_yaml *y,
                        const struct sw_yaml *map)
{
    (void)y;
    s->data = (struct operand){.kind = OPERAND_CONCAT};
    if (y->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: expected a list"), SW_STR_ARG(map->key));
        return;
    }
    s->data.parts = SW_ARENA_ARRAY(l->keep, struct operand, y->count);
    for (const struct sw_yaml *part = y->first; part != NULL; part = part->next)
        sw_load_operand(l, part, &s->data.parts[s->data.n++]);
}

/* ---- now, random_hex ---- */

static void load_now(struct loader *l, struct step *s, const struct sw_yaml *y,
                     const struct sw_yaml *map)
{
    struct sw_str format = plain_text(l, y);

    (void)map;
    if (format.n > FORMAT_MAX)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("now: longer than %d characters"), FORMAT_MAX);
    for (size_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%')
            continue;
        if (++i == format.n || strchr("YmdHMS", format.p[i]) == NULL)
            sw_diag_add(l->diag, SW_ERROR, sw_yaml_place(y, i - 1),
                        _("now: after %% only Y m d H M S (of UTC); or unix_s, unix_ms"));
    }
    if (format.n > 0 && memchr(format.p, '%', format.n) == NULL && !sw_str_is(format, "unix_s") &&
        !sw_str_is(format, "unix_ms"))
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("now: expected unix_s, unix_ms or a form such as \"%%Y-%%m-%%d\""));
    s->separator = format;
}

/* strftime() with the six letters that load_now() lets through. */
static void put_time(struct sw_buf *out, char letter, const struct tm *tm)
{
    switch (letter) {
    case 'Y': sw_buf_printf(out, "%04d", tm->tm_year + 1900); break;
    case 'm': sw_buf_printf(out, "%02d", tm->tm_mon + 1); break;
    case 'd': sw_buf_printf(out, "%02d", tm->tm_mday); break;
    case 'H': sw_buf_printf(out, "%02d", tm->tm_hour); break;
    case 'M': sw_buf_printf(out, "%02d", tm->tm_min); break;
    default: sw_buf_printf(out, "%02d", tm->tm_sec);
    }
}

static struct sw_str run_now(struct eval *e, const struct step *s)
{
    time_t seconds = (time_t)sw_floor_div(e->attempt->now, SW_SECOND);
    struct sw_str form = s->separator;
    struct sw_buf out = {0};
    struct sw_str kept;
    struct tm tm;

    if (sw_str_is(form, "unix_s"))
        return sw_arena_printf(e->arena, "%lld", (long long)seconds);
    if (sw_str_is(form, "unix_ms"))
        return sw_arena_printf(e->arena, "%lld",
                               (long long)sw_floor_div(e->attempt->now, SW_SECOND / 1000));
    gmtime_r(&seconds, &tm);
    for (size_t i = 0; i < form.n; i++) {
        if (form.p[i] == '%')
            put_time(&out, form.p[++i], &tm);
        else
            sw_buf_char(&out, form.p[i]);
    }
    kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

static void load_random(struct loader *l, struct step *s, const struct sw_yaml *y,
                        const struct sw_yaml *map)
{
    int64_t bytes = 16;

    (void)map;
    sw_yaml_int(y, 4, 16, &bytes, l->diag);
    s->count = (size_t)bytes;
}

static struct sw_str run_random(struct eval *e, const struct step *s)
{
    return encode(e, OUT_HEX, e->attempt->random, s->count);
}

/* ---- join, json ---- */

static const struct symbol *load_input_name(struct loader *l, const struct sw_yaml *y,
                                            struct step *s)
{
    struct sw_str name = {NULL, 0};

    if (sw_yaml_text(y, &name, l->diag))
        s->input = sw_load_symbol(l, y, name, 0);
    return s->input;
}

static void load_join(struct loader *l, struct step *s, const struct sw_yaml *y,
                      const struct sw_yaml *map)
{
    s->separator = plain_text(l, sw_yaml_get(map, "sep"));
    s->prefix = plain_text(l, sw_yaml_get(map, "prefix"));
    if (y->kind != SW_YLIST) {
        if (load_input_name(l, y, s) != NULL && s->input->shape != SHAPE_LIST)
            sw_diag_add(l->diag, SW_ERROR, y->at, _("join: %s is no list"), y->text.p);
        return;
    }
    s->items = SW_ARENA_ARRAY(l->keep, struct phrase, y->count);
    for (const struct sw_yaml *item = y->first; item != NULL; item = item->next)
        sw_load_phrase(l, item, &s->items[s->n_items++]);
}

/* Items that are absent are left out; nothing but absent items is absent itself. */
static struct sw_str run_join(struct eval *e, const struct step *s)
{
    size_t n = s->input != NULL ? 1 : s->n_items; /* a message has one receiver */
    struct sw_buf out = {0};
    struct sw_str kept = {NULL, 0};
    bool is_first = true;

    for (size_t i = 0; i < n; i++) {
        struct sw_str item =
            s->input != NULL ? sw_eval_symbol(e, s->input) : sw_eval_phrase(e, &s->items[i]);

        if (item.p == NULL)
            continue;
        if (!is_first)
            sw_buf_str(&out, s->separator);
        sw_buf_str(&out, s->prefix);
        sw_buf_str(&out, item);
        is_first = false;
    }
    if (!is_first)
        kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

static void load_json(struct loader *l, struct step *s, const struct sw_yaml *y,
                      const struct sw_yaml *map)
{
    (void)map;
    if (load_input_name(l, y, s) != NULL && s->input->shape != SHAPE_LIST &&
        s->input->shape != SHAPE_JSON)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("json: %s is neither a list nor JSON"), y->text.p);
}

static struct sw_str run_json(struct eval *e, const struct step *s)
{
    struct sw_str value = sw_eval_symbol(e, s->input);
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_json *tree;
    struct sw_str kept;

    if (value.p == NULL)
        return value;
    if (s->input->shape == SHAPE_LIST) {
        sw_jw_array(&w);
        sw_jw_str(&w, value);
        sw_jw_end(&w);
    } else if (sw_json_parse(e->arena, value, &tree, NULL) == SW_OK) {
        sw_jw_value(&w, tree);
    } else {
        return sw_eval_fail(e, _("the event is not JSON"));
    }
    kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

/* ---- digest, hmac ---- */

static void load_out(struct loader *l, struct step *s, const struct sw_yaml *map)
{
    static const char *const words[] = {"raw", "hex_lower", "base64"};
    const struct sw_yaml *y = need(l, map, "out");
    int out = y == NULL ? 0 : sw_load_word(l, y, words, SW_COUNTOF(words));

    s->out = out < 0 ? OUT_RAW : (enum encoding)out;
}

/* The name of a digest may be a parameter; then the trial request at load time checks it. */
static void load_algorithm(struct loader *l, struct step *s, const struct sw_yaml *y)
{
    sw_load_phrase(l, y, &s->algorithm);
    if (s->algorithm.n == 1 && s->algorithm.at[0].symbol == NULL)
        sw_load_word(l, y, digest_names, DIGEST_NAMES);
}

static const char *algorithm_name(struct eval *e, const struct step *s)
{
    struct sw_str name = sw_eval_phrase(e, &s->algorithm);

    for (size_t i = 0; i < DIGEST_NAMES; i++) {
        if (sw_str_is(name, digest_names[i]))
            return digest_names[i];
    }
    sw_eval_fail(e, _("no such digest; there are md5, sha1, sha256 and sm3"));
    return NULL;
}

static void load_digest(struct loader *l, struct step *s, const struct sw_yaml *y,
                        const struct sw_yaml *map)
{
    load_algorithm(l, s, y);
    sw_load_operand(l, need(l, map, "data"), &s->data);
    load_out(l, s, map);
}

static struct sw_str run_digest(struct eval *e, const struct step *s)
{
    unsigned char out[SW_DIGEST_MAX];
    struct sw_str data = sw_eval_operand(e, &s->data);
    const char *name = algorithm_name(e, s);

    if (data.p == NULL || name == NULL)
        return (struct sw_str){NULL, 0};
    return encode(e, s->out, out, sw_digest(name, data, out));
}

static void load_hmac(struct loader *l, struct step *s, const struct sw_yaml *y,
                      const struct sw_yaml *map)
{
    load_digest(l, s, y, map);
    sw_load_operand(l, need(l, map, "key"), &s->key);
}

static struct sw_str run_hmac(struct eval *e, const struct step *s)
{
    unsigned char out[SW_DIGEST_MAX];
    struct sw_str data = sw_eval_operand(e, &s->data);
    struct sw_str key = sw_eval_operand(e, &s->key);
    const char *name = algorithm_name(e, s);

    if (data.p == NULL || key.p == NULL || name == NULL)
        return (struct sw_str){NULL, 0};
    return encode(e, s->out, out, sw_hmac(name, key, data, out));
}

/* ---- base64 ---- */

static struct sw_str run_base64(struct eval *e, const struct step *s)
{
    struct sw_str data = sw_eval_operand(e, &s->data);

    if (data.p == NULL)
        return data;
    return encode(e, OUT_BASE64, (const unsigned char *)data.p, data.n);
}

static void load_base64_decode(struct loader *l, struct step *s, const struct sw_yaml *y,
                               const struct sw_yaml *map)
{
    static const char *const keys[] = {"strip_prefix", "value"};
    static const char *const raw[] = {"raw"};
    const struct sw_yaml *out = sw_yaml_get(map, "out");

    if (out != NULL)
        sw_load_word(l, out, raw, 1);
    if (y->kind != SW_YMAP) {
        sw_load_operand(l, y, &s->data);
        return;
    }
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    s->prefix = plain_text(l, sw_yaml_get(y, "strip_prefix"));
    sw_load_operand(l, need(l, y, "value"), &s->data);
}

static struct sw_str run_base64_decode(struct eval *e, const struct step *s)
{
    struct sw_str text = sw_eval_operand(e, &s->data);
    struct sw_buf out = {0};
    struct sw_str kept = {NULL, 0};

    if (text.p == NULL)
        return text;
    if (sw_str_starts(text, s->prefix))
        text = sw_str_sub(text, s->prefix.n, text.n);
    if (sw_base64_decode(&out, text))
        kept = sw_eval_keep(e, sw_buf_view(&out));
    else
        sw_eval_fail(e, _("base64_decode: the value is not base64"));
    sw_buf_free(&out);
    return kept;
}

/* ---- the table ---- */

static const struct primitive primitives[] = {
    {"text", {NULL}, false, load_text, run_text},
    {"now", {NULL}, false, load_now, run_now},
    {"random_hex", {NULL}, false, load_random, run_random},
    {"join", {"sep", "prefix"}, false, load_join, run_join},
    {"json", {NULL}, false, load_json, run_json},
    {"digest", {"data", "out"}, false, load_digest, run_digest},
    {"hmac", {"key", "data", "out"}, false, load_hmac, run_hmac},
    {"base64", {NULL}, false, load_text, run_base64},
    {"base64_decode", {"out"}, true, load_base64_decode, run_base64_decode},
    {"concat", {NULL}, true, load_concat, run_text},
};

static const struct primitive *find_primitive(const struct sw_yaml *map)
{
    for (size_t i = 0; i < SW_COUNTOF(primitives); i++) {
        if (sw_yaml_get(map, primitives[i].word) != NULL)
            return &primitives[i];
    }
    return NULL;
}

/* Words of all primitives, and what this one may have besides. */
static void check_keys(struct loader *l, const struct sw_yaml *map, const struct primitive *how)
{
    const char *known[SW_COUNTOF(primitives) + SW_COUNTOF(how->keys) + 1] = {"when"};
    size_t n = 1;

    if (how == NULL) {
        for (size_t i = 0; i < SW_COUNTOF(primitives); i++)
            known[n++] = primitives[i].word;
    } else {
        known[n++] = how->word;
        for (size_t i = 0; i < SW_COUNTOF(how->keys) && how->keys[i] != NULL; i++)
            known[n++] = how->keys[i];
    }
    sw_load_keys(l, map, known, n);
}

static void declare_step(struct loader *l, const struct sw_yaml *map)
{
    const struct primitive *how = find_primitive(map);
    const struct sw_yaml *out = sw_yaml_get(map, "out");
    struct symbol *s = sw_load_declare(l, map->key, map->key_at, FROM_STEP);
    bool is_raw = how != NULL && how->gives_bytes;

    if (s == NULL)
        return;
    if (out != NULL && out->kind == SW_YSCALAR)
        is_raw = sw_str_is(out->text, "raw");
    s->shape = is_raw ? SHAPE_RAW : SHAPE_TEXT;
    l->p->steps[s->index].how = how;
}

static void load_when(struct loader *l, struct step *s, const struct sw_yaml *y)
{
    struct sw_str name;

    if (y != NULL && sw_yaml_text(y, &name, l->diag))
        s->when = sw_load_symbol(l, y, name, 0);
}

static void load_step(struct loader *l, const struct sw_yaml *map)
{
    const struct symbol *symbol = sw_profile_symbol(l->p, map->key);
    const struct primitive *how = find_primitive(map);
    struct step *s;

    check_keys(l, map, how);
    if (how == NULL && map->count == 0)
        sw_diag_add(l->diag, SW_ERROR, map->at, _("%.*s: says nothing to do"),
                    SW_STR_ARG(map->key));
    if (how == NULL || symbol == NULL || symbol->from != FROM_STEP)
        return;
    s = &l->p->steps[symbol->index];
    *s = (struct step){.how = how}; /* a name declared twice comes by twice */
    l->node = symbol->index;
    load_when(l, s, sw_yaml_get(map, "when"));
    how->load(l, s, sw_yaml_get(map, how->word), map);
    l->node = NODE_REST;
}

static bool is_step(const struct sw_yaml *entry)
{
    return entry->kind == SW_YMAP && entry->count == 1 && entry->first->kind == SW_YMAP;
}

/* Names first: a step may use one that stands behind it. */
void sw_load_sign(struct loader *l, const struct sw_yaml *list)
{
    if (list->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, list->at, _("sign: expected a list of steps"));
        return;
    }
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        if (is_step(y))
            declare_step(l, y->first);
        else
            sw_diag_add(l->diag, SW_ERROR, y->at, _("a step is written - name: {what: …}"));
    }
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        if (is_step(y))
            load_step(l, y->first);
    }
}

struct sw_str sw_eval_step(struct eval *e, uint32_t index)
{
    const struct step *s = &e->gw->profile->steps[index];

    if (e->is_done[index] || e->has_failed)
        return e->step[index];
    e->is_done[index] = true;
    if (s->when == NULL || sw_eval_symbol(e, s->when).p != NULL)
        e->step[index] = s->how->run(e, s);
    return e->step[index];
}
