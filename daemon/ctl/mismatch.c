/* mismatch.c - people of whom it is not certain who they are: the list, and the county's word. */
#include "act.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/url.h>
#include <shouwang/model/event.h>

/* ---- the list ----------------------------------------------------------------------------- */

/* What is the matter, by `number` and `kind`. */
static const char *matter(const struct sw_json *m)
{
    static const struct {
        const char *key, *value, *text;
    } matters[] = {
        {"kind", "differs", N_("name or birth differs")},
        {"number", "shared", N_("several have this number")},
        {"number", "wrong", N_("wrong number")},
        {"number", "none", N_("no number")},
        {"number", "unknown", N_("unknown number")},
    };

    for (size_t i = 0; i < SW_COUNTOF(matters); i++) {
        if (sw_str_is(sw_json_text(m, matters[i].key), matters[i].value))
            return _(matters[i].text);
    }
    return "";
}

/* "张* 1962 石桥村 …002X": what is known of it. */
static void put_who(const struct sw_json *m, struct sw_buf *out)
{
    static const char *const keys[] = {"name", "birth_year", "area"};

    for (size_t i = 0; i < SW_COUNTOF(keys); i++) {
        if (sw_json_word(m, keys[i]).n > 0)
            sw_buf_printf(out, "%s%.*s", out->n == 0 ? "" : " ",
                          SW_STR_ARG(sw_json_word(m, keys[i])));
    }
    if (sw_json_word(m, "last_four").n > 0)
        sw_buf_printf(out, "%s…%.*s", out->n == 0 ? "" : " ",
                      SW_STR_ARG(sw_json_word(m, "last_four")));
}

static void put_list(const struct sw_json *list, struct sw_buf *out)
{
    for (const struct sw_json *v = list == NULL ? NULL : list->first; v != NULL; v = v->next)
        sw_buf_printf(out, "%s%.*s", v == list->first ? "" : "；", SW_STR_ARG(v->text));
}

static void put_candidate(struct ctl_table *t, const struct sw_json *person)
{
    struct sw_buf text = {0};

    for (size_t i = 0; i < 5; i++)
        ctl_table_cell(t, SW_STR(""));
    sw_buf_printf(&text, "→ %.*s ", SW_STR_ARG(sw_json_word(person, "person")));
    put_who(person, &text);
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&text);
}

static struct sw_str state_of(const struct sw_json *m)
{
    struct sw_str state = sw_json_word(m, "state");

    if (sw_str_is(state, "declined"))
        return sw_str(_("declined"));
    if (sw_str_is(state, "accepted"))
        return sw_str(_("decided"));
    return sw_str(sw_str_is(sw_json_word(m, "red"), "0") ? "" : _("serious"));
}

static void put_row(struct ctl_table *t, const struct sw_json *m)
{
    const struct sw_json *people = sw_json_get(m, "candidates");
    struct sw_buf who = {0};

    ctl_table_cell(t, sw_json_word(m, "id"));
    ctl_table_cell(t, sw_json_word(m, "days"));
    ctl_table_cell(t, sw_json_word(m, "events"));
    ctl_table_cell(t, state_of(m));
    ctl_table_cell(t, sw_str(matter(m)));
    put_who(m, &who);
    if (sw_json_get(m, "told") != NULL && sw_json_get(m, "told")->first != NULL) {
        sw_buf_cstr(&who, " ← ");
        put_list(sw_json_get(m, "told"), &who);
    }
    if (sw_json_word(m, "reason").n > 0)
        sw_buf_printf(&who, " (%.*s: %.*s)", SW_STR_ARG(sw_json_word(m, "by")),
                      SW_STR_ARG(sw_json_word(m, "reason")));
    ctl_table_cell(t, sw_buf_view(&who));
    sw_buf_free(&who);
    for (const struct sw_json *p = people == NULL ? NULL : people->first; p != NULL; p = p->next)
        put_candidate(t, p);
}

static void show_rows(const struct sw_json *list, bool all)
{
    static const struct ctl_column columns[] = {
        {N_("ID"), CTL_LEFT},      {N_("DAYS"), CTL_RIGHT},
        {N_("EVENTS"), CTL_RIGHT}, {N_("STATE"), CTL_LEFT},
        {N_("MATTER"), CTL_LEFT},  {N_("WHO, AND WHO IT COULD BE"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *m = list->first; m != NULL; m = m->next) {
        if (all || !sw_str_is(sw_json_text(m, "state"), "declined"))
            put_row(t, m);
    }
    ctl_table_print(t, stdout);
}

static void show_open(const struct sw_json *list)
{
    show_rows(list, false);
}

static void show_all(const struct sw_json *list)
{
    show_rows(list, true);
}

int ctl_mismatch_list(struct ctl *c, int argc, char **argv)
{
    bool all = ctl_flag(&argc, argv, "--all");

    return ctl_show_list(c, argc, argv, "/api/v1/mismatches", NULL, all ? show_all : show_open);
}

/* ---- decisions ---------------------------------------------------------------------------- */

/* The daemon's answer to a question; NULL: there is none, which was told. */
static struct sw_json *ask(struct ctl *c, struct sw_arena *arena, const char *path, int *status)
{
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    struct sw_json *answer = NULL;

    *status = ctl_request(c, "GET", path, &body, &err);
    if (*status == 0)
        ctl_fail(_("the daemon does not answer: %s"), err.text);
    else if (*status == 200 &&
             sw_json_parse(arena, sw_arena_str(arena, sw_buf_view(&body)), &answer, &err) != SW_OK)
        ctl_fail(_("the daemon does not answer: %s"), err.text);
    sw_buf_free(&body);
    return answer;
}

/* The entry of the list with this id; NULL: there is none, which was told. */
static const struct sw_json *find(struct ctl *c, struct sw_arena *arena, const char *id)
{
    int status;
    const struct sw_json *list = ask(c, arena, "/api/v1/mismatches", &status);

    for (const struct sw_json *m = list == NULL ? NULL : list->first; m != NULL; m = m->next) {
        if (sw_str_is(sw_json_text(m, "id"), id))
            return m;
    }
    if (list != NULL)
        ctl_fail(_("no mismatch %s; see shouwang mismatch list"), id);
    return NULL;
}

/* True when the person is registered; shows who that is. */
static bool show_person(struct ctl *c, struct sw_arena *arena, const char *person)
{
    struct sw_buf path = {0};
    struct sw_buf who = {0};
    const struct sw_json *answer;
    int status;

    sw_buf_cstr(&path, "/api/v1/mismatches?person=");
    sw_url_encode(&path, sw_str(person));
    answer = ask(c, arena, path.p, &status);
    if (status == 404)
        ctl_fail(_("no person %s is registered"), person);
    if (answer != NULL) {
        put_who(answer, &who);
        fprintf(stderr, _("%s: %.*s, household %.*s\n"), person, SW_STR_ARG(sw_buf_view(&who)),
                SW_STR_ARG(sw_json_text(answer, "household")));
    }
    sw_buf_free(&path);
    sw_buf_free(&who);
    return answer != NULL;
}

/* `person` NULL: it is nobody of these; `idno` NULL: the person keeps the number registered. */
static int decide(struct ctl *c, const struct act *a, const char *id, const char *person,
                  const char *idno)
{
    const struct act_word data[] = {{"person", person}, {"idno", idno}};
    char subject[300];
    int status;

    snprintf(subject, sizeof(subject), "match/%s", id);
    status = act_send(c, a, "registry.match", subject, data, SW_COUNTOF(data));
    if (status == CTL_GOOD)
        fprintf(stderr, person != NULL ? _("%s is accepted\n") : _("%s is declined\n"), id);
    return status;
}

int ctl_mismatch_accept(struct ctl *c, int argc, char **argv)
{
    const char *person = ctl_option(&argc, argv, "--as");
    struct sw_arena arena = {0};
    const struct sw_json *m;
    struct act a;
    int status = CTL_FAILED;

    act_options(&a, &argc, argv);
    if (ctl_unknown_options(argc, argv) || argc != 2 || person == NULL)
        return CTL_USAGE;
    m = find(c, &arena, argv[1]);
    if (m != NULL && show_person(c, &arena, person)) {
        /* A number that somebody is registered with stays theirs. */
        bool free_number = sw_str_is(sw_json_text(m, "number"), "unknown") ||
                           sw_str_is(sw_json_text(m, "number"), "shared");
        struct sw_str idno = sw_json_text(m, "idno");

        status = decide(
            c, &a, argv[1], person,
            free_number && idno.n > 0 ? sw_arena_printf(&arena, "%.*s", SW_STR_ARG(idno)).p : NULL);
    }
    sw_arena_free(&arena);
    return status;
}

int ctl_mismatch_decline(struct ctl *c, int argc, char **argv)
{
    struct sw_arena arena = {0};
    struct act a;
    int status = CTL_FAILED;

    act_options(&a, &argc, argv);
    if (ctl_unknown_options(argc, argv) || argc != 2 || a.reason == NULL)
        return CTL_USAGE;
    if (find(c, &arena, argv[1]) != NULL)
        status = decide(c, &a, argv[1], NULL, NULL);
    sw_arena_free(&arena);
    return status;
}

int ctl_parked_drop(struct ctl *c, int argc, char **argv)
{
    struct act a;
    int status = CTL_GOOD;

    act_options(&a, &argc, argv);
    if (ctl_unknown_options(argc, argv) || argc < 2 || a.reason == NULL)
        return CTL_USAGE;
    for (int i = 1; i < argc; i++) {
        char subject[300];

        snprintf(subject, sizeof(subject), "parked/%s", argv[i]);
        if (act_send(c, &a, SW_PARKED_DROP, subject, NULL, 0) != CTL_GOOD)
            status = CTL_FAILED;
        else
            fprintf(stderr, _("%s is dropped\n"), argv[i]);
    }
    return status;
}
