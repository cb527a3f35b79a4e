/* response.c - `response`: what an answer means.
 *
 * Success has to be shown: the status and, where answers are read, conditions on the body. An empty
 * body, one that cannot be read and a code nobody declared are never success. What is no success is
 * looked up in the classes, always in the same order, so that "310000 with the word timestamp" can
 * mean a wrong clock and 310000 alone a wrong key. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/i18n.h>

#define WAIT_DEFAULT (60 * SW_SECOND)
#define WAIT_MAX     (3600 * SW_SECOND) /* asking again once an hour harms no gateway */

enum { CODE_SHOWN = 64, ERROR_SHOWN = 160 };

/* Tried in this order. */
static const struct {
    const char *word;
    enum sw_answer answer;
} class_rows[CLASSES] = {
    {"rate_limited", SW_ANSWER_RATE_LIMITED},
    {"retry", SW_ANSWER_RETRY},
    {"clock", SW_ANSWER_DISABLED}, /* somebody has to set our clock */
    {"renonce", SW_ANSWER_RETRY},  /* every attempt has a new nonce */
    {"disabled", SW_ANSWER_DISABLED},
    {"permanent", SW_ANSWER_PERMANENT},
};

/* ---- loading ---- */

static void add_status(struct loader *l, const struct sw_yaml *y, struct statuses *out)
{
    struct sw_str s;
    int64_t n;

    if (!sw_yaml_text(y, &s, l->diag))
        return;
    if (s.n == 3 && s.p[0] >= '1' && s.p[0] <= '5' && sw_str_is(sw_str_sub(s, 1, 2), "xx"))
        out->at[out->n++] = (struct status_range){(s.p[0] - '0') * 100, (s.p[0] - '0') * 100 + 99};
    else if (sw_str_int(s, &n) && n >= 100 && n <= 599)
        out->at[out->n++] = (struct status_range){(int)n, (int)n};
    else
        sw_diag_add(l->diag, SW_ERROR, y->at, _("expected a status such as 200 or 2xx"));
}

static void load_statuses(struct loader *l, const struct sw_yaml *y, struct statuses *out)
{
    out->at = SW_ARENA_ARRAY(l->keep, struct status_range, y->kind == SW_YLIST ? y->count : 1);
    if (y->kind != SW_YLIST) {
        add_status(l, y, out);
        return;
    }
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        add_status(l, v, out);
}

/* The keys path, eq, in, exists, match of `map` into *c. */
static void load_condition(struct loader *l, const struct sw_yaml *map, struct condition *c)
{
    const struct sw_yaml *path = sw_yaml_get(map, "path");
    const struct sw_yaml *eq = sw_yaml_get(map, "eq");
    const struct sw_yaml *in = sw_yaml_get(map, "in");
    const struct sw_yaml *exists = sw_yaml_get(map, "exists");
    const struct sw_yaml *match = sw_yaml_get(map, "match");
    int tests = (eq != NULL) + (in != NULL) + (exists != NULL);
    bool there = true;

    c->has_path = path != NULL;
    if (path != NULL)
        sw_load_path(l, path, &c->path);
    if (path != NULL && l->p->response.parse != PARSE_JSON)
        sw_diag_add(l->diag, SW_ERROR, path->at, _("a path needs parse: json"));
    if (tests != (path != NULL))
        sw_diag_add(l->diag, SW_ERROR, map->at, _("path needs one of eq, in, exists"));
    if (eq != NULL || in != NULL)
        sw_load_scalars(l, eq != NULL ? eq : in, &c->values);
    if (exists != NULL && sw_yaml_bool(exists, &there, l->diag))
        c->test = there ? TEST_EXISTS : TEST_MISSING;
    if (match != NULL)
        c->match = sw_load_pattern(l, match, REG_NOSUB);
}

static void load_conditions(struct loader *l, const struct sw_yaml *list, struct conditions *out)
{
    static const char *const keys[] = {"path", "eq", "in", "exists", "match"};

    if (list == NULL)
        return;
    if (list->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, list->at, _("%.*s: expected a list of conditions"),
                    SW_STR_ARG(list->key));
        return;
    }
    out->at = SW_ARENA_ARRAY(l->keep, struct condition, list->count);
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        if (!sw_load_is_map(l, y))
            continue;
        sw_load_keys(l, y, keys, SW_COUNTOF(keys));
        if (y->count == 0)
            sw_diag_add(l->diag, SW_ERROR, y->at, _("an empty condition holds always"));
        load_condition(l, y, &out->at[out->n++]);
    }
}

static void load_success(struct loader *l, const struct sw_yaml *y, struct response *r)
{
    static const char *const keys[] = {"status", "all", "any", "none"};

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (sw_yaml_get(y, "status") != NULL)
        load_statuses(l, sw_yaml_get(y, "status"), &r->success);
    else
        sw_diag_add(l->diag, SW_ERROR, y->at, _("success: the status is missing"));
    load_conditions(l, sw_yaml_get(y, "all"), &r->all);
    load_conditions(l, sw_yaml_get(y, "any"), &r->any);
    load_conditions(l, sw_yaml_get(y, "none"), &r->none);
    if (r->parse != PARSE_NONE && r->all.n + r->any.n == 0)
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("success: say in all or any what the answer must hold; many gateways answer "
                      "200 to a failure (parse: none if the status is really everything)"));
}

static void load_code(struct loader *l, const struct sw_yaml *y, struct response *r)
{
    static const char *const keys[] = {"regex"};
    const struct sw_yaml *regex = sw_yaml_get(y, "regex");

    r->has_code = true;
    if (y->kind != SW_YMAP) {
        sw_load_path(l, y, &r->code);
        return;
    }
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (regex == NULL)
        return;
    r->code_match = sw_load_pattern(l, regex, 0);
    if (r->code_match != NULL && r->code_match->re_nsub < 1)
        sw_diag_add(l->diag, SW_ERROR, regex->at, _("regex: put the code in parentheses"));
}

static void load_entry(struct loader *l, const struct sw_yaml *y, struct class_entry *out)
{
    static const char *const keys[] = {"code", "status", "path",  "eq",
                                       "in",   "exists", "match", "wait_s"};
    static const char *const words[] = {"timeout", "refused", "empty_body", "any"};
    const struct sw_yaml *wait = sw_yaml_get(y, "wait_s");
    int64_t seconds = 0;

    if (y->kind == SW_YSCALAR) {
        int word = sw_load_word(l, y, words, SW_COUNTOF(words));

        out->words = word < 0 ? 0 : 1U << word;
        return;
    }
    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (sw_yaml_get(y, "code") != NULL)
        sw_load_scalars(l, sw_yaml_get(y, "code"), &out->codes);
    if (sw_yaml_get(y, "status") != NULL)
        load_statuses(l, sw_yaml_get(y, "status"), &out->statuses);
    out->has_condition = sw_yaml_get(y, "path") != NULL || sw_yaml_get(y, "match") != NULL;
    load_condition(l, y, &out->condition);
    if (wait != NULL && sw_yaml_int(wait, 1, WAIT_MAX / SW_SECOND, &seconds, l->diag))
        out->wait = seconds * SW_SECOND;
    if (out->codes.n == 0 && out->statuses.n == 0 && !out->has_condition)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("expected code, status, path or match"));
}

static void load_class(struct loader *l, const struct sw_yaml *y, struct answer_class *out)
{
    if (y->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: expected a list"), SW_STR_ARG(y->key));
        return;
    }
    out->at = SW_ARENA_ARRAY(l->keep, struct class_entry, y->count);
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        load_entry(l, v, &out->at[out->n++]);
}

static void load_classes(struct loader *l, const struct sw_yaml *y, struct response *r)
{
    const char *keys[CLASSES + 1] = {[CLASSES] = "default"};
    const struct sw_yaml *otherwise = sw_yaml_get(y, "default");
    int word;

    for (size_t i = 0; i < CLASSES; i++)
        keys[i] = class_rows[i].word;
    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    for (size_t i = 0; i < CLASSES; i++) {
        const struct sw_yaml *class = sw_yaml_get(y, keys[i]);

        if (class != NULL)
            load_class(l, class, &r->classes[i]);
    }
    if (otherwise == NULL) {
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("classes: default is missing; it decides what an unknown code means"));
        return;
    }
    word = sw_load_word(l, otherwise, keys, CLASSES);
    r->otherwise = word < 0 ? 0 : (size_t)word;
}

void sw_load_response(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"parse", "success", "code", "classes"};
    static const char *const parses[] = {"json", "text", "none"};
    struct response *r = &l->p->response;
    const struct sw_yaml *parse = sw_yaml_get(y, "parse");
    int word = 0;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (parse != NULL)
        word = sw_load_word(l, parse, parses, SW_COUNTOF(parses));
    r->parse = word < 0 ? PARSE_JSON : (enum parse)word;
    if (sw_yaml_get(y, "success") == NULL || sw_yaml_get(y, "classes") == NULL) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("response: success or classes is missing"));
        return;
    }
    if (sw_yaml_get(y, "code") != NULL)
        load_code(l, sw_yaml_get(y, "code"), r);
    load_success(l, sw_yaml_get(y, "success"), r);
    load_classes(l, sw_yaml_get(y, "classes"), r);
}

/* ---- judging ---- */

struct answer {
    const struct sw_gateway *gw;
    const struct sw_http_result *result;
    struct sw_json *tree; /* NULL: not JSON, or not to be read */
    const char *text;     /* the body with a NUL behind it */
    struct sw_str code;   /* empty: none */
};

static bool has_status(const struct statuses *list, int status)
{
    for (size_t i = 0; i < list->n; i++) {
        if (status >= list->at[i].lo && status <= list->at[i].hi)
            return true;
    }
    return false;
}

static bool has_value(const struct condition *c, const struct sw_json *v)
{
    switch (c->test) {
    case TEST_EXISTS: return v != NULL;
    case TEST_MISSING: return v == NULL;
    case TEST_IN: break;
    }
    for (size_t i = 0; i < c->values.n; i++) {
        if (sw_scalar_is(&c->values.at[i], v))
            return true;
    }
    return false;
}

static bool holds(const struct condition *c, const struct answer *a)
{
    if (c->has_path && !has_value(c, sw_path_json(&c->path, a->tree)))
        return false;
    return c->match == NULL || regexec(c->match, a->text, 0, NULL, 0) == 0;
}

static size_t count_holding(const struct conditions *list, const struct answer *a)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        n += holds(&list->at[i], a);
    return n;
}

static bool is_success(const struct response *r, const struct answer *a)
{
    if (!has_status(&r->success, a->result->status))
        return false;
    if (r->parse == PARSE_NONE)
        return true;
    if (a->result->body.n == 0 || (r->parse == PARSE_JSON && a->tree == NULL))
        return false;
    return count_holding(&r->all, a) == r->all.n && count_holding(&r->none, a) == 0 &&
           (r->any.n == 0 || count_holding(&r->any, a) > 0);
}

static struct sw_str read_code(const struct response *r, const struct answer *a)
{
    struct sw_str none = {NULL, 0};
    regmatch_t group[2];
    const struct sw_json *v;

    if (!r->has_code)
        return none;
    if (r->code_match != NULL) {
        if (regexec(r->code_match, a->text, 2, group, 0) != 0 || group[1].rm_so < 0)
            return none;
        return (struct sw_str){a->text + group[1].rm_so, (size_t)(group[1].rm_eo - group[1].rm_so)};
    }
    v = sw_path_json(&r->code, a->tree);
    return v != NULL && (v->kind == SW_JNUMBER || v->kind == SW_JSTRING) ? v->text : none;
}

/* The word that stands for this kind of result, 0: none does. */
static unsigned int word_of(const struct sw_http_result *result)
{
    switch (result->end) {
    case SW_HTTP_NOT_SENT: return WORD_REFUSED;
    case SW_HTTP_UNKNOWN: return WORD_TIMEOUT;
    case SW_HTTP_ANSWERED: break;
    }
    return result->body.n == 0 ? WORD_EMPTY : 0;
}

static bool is_entry(const struct class_entry *entry, const struct answer *a)
{
    if (entry->words != 0)
        return (entry->words & (word_of(a->result) | WORD_ANY)) != 0;
    if (a->result->end != SW_HTTP_ANSWERED)
        return false;
    return (entry->codes.n == 0 ||
            (a->code.n > 0 && sw_scalars_have_text(&entry->codes, a->code))) &&
           (entry->statuses.n == 0 || has_status(&entry->statuses, a->result->status)) &&
           (!entry->has_condition || holds(&entry->condition, a));
}

/* Which row of class_rows; *entry stays NULL when only the default says so. */
static size_t find_class(const struct response *r, const struct answer *a,
                         const struct class_entry **entry)
{
    for (size_t i = 0; i < CLASSES; i++) {
        for (size_t k = 0; k < r->classes[i].n; k++) {
            if (is_entry(&r->classes[i].at[k], a)) {
                *entry = &r->classes[i].at[k];
                return i;
            }
        }
    }
    return a->result->end == SW_HTTP_ANSWERED ? r->otherwise : 1; /* no answer: retry */
}

static sw_time wait_for(const struct answer *a, const struct class_entry *entry,
                        enum sw_answer answer)
{
    const struct limits *lim = &a->gw->profile->limits;
    sw_time wait = entry == NULL ? 0 : entry->wait;
    int64_t seconds;

    if (answer != SW_ANSWER_RETRY && answer != SW_ANSWER_RATE_LIMITED)
        return 0;
    if (wait == 0 && answer == SW_ANSWER_RATE_LIMITED)
        wait = lim->cooldown > 0 ? lim->cooldown : WAIT_DEFAULT;
    if (sw_str_int(a->result->retry_after, &seconds) && seconds > 0)
        wait = seconds < WAIT_MAX / SW_SECOND ? seconds * SW_SECOND : WAIT_MAX;
    return wait < WAIT_MAX ? wait : WAIT_MAX;
}

static struct sw_str describe(const struct answer *a, struct sw_arena *arena)
{
    struct sw_str shown;

    if (a->result->end != SW_HTTP_ANSWERED)
        return sw_safe_text(a->gw, arena, sw_str(a->result->error), ERROR_SHOWN);
    if (a->code.n == 0)
        return sw_arena_printf(arena, "HTTP %d", a->result->status);
    shown = sw_safe_text(a->gw, arena, a->code, CODE_SHOWN);
    return sw_arena_printf(arena, _("HTTP %d, code %.*s"), a->result->status, SW_STR_ARG(shown));
}

enum sw_answer sw_gateway_judge(const struct sw_gateway *gw, const struct sw_http_result *result,
                                struct sw_arena *arena, sw_time *wait, struct sw_str *detail)
{
    const struct response *r = &gw->profile->response;
    struct answer a = {.gw = gw, .result = result};
    const struct class_entry *entry = NULL;
    enum sw_answer answer;

    a.text = sw_arena_str(arena, result->body).p;
    if (r->parse == PARSE_JSON && sw_json_parse(arena, result->body, &a.tree, NULL) != SW_OK)
        a.tree = NULL;
    if (result->end == SW_HTTP_ANSWERED)
        a.code = read_code(r, &a);
    *detail = describe(&a, arena);
    *wait = 0;
    if (result->end == SW_HTTP_ANSWERED && is_success(r, &a))
        return SW_ANSWER_ACCEPTED;
    answer = class_rows[find_class(r, &a, &entry)].answer;
    *wait = wait_for(&a, entry, answer);
    return answer;
}
