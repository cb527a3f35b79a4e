/* What the loaders take and refuse, the printed JSON Schemas take and refuse: for the shipped
 * files, for a list of mistakes, and key by key. */
#include "json_schema.h"
#include "ruleset_help.h"
#include <ctl/config.h>
#include <dirent.h>
#include <shouwang/base/file.h>
#include <shouwang/delivery/gateway.h>
#include <shouwang/engine/ruletest.h>
#include <shouwang/intake/layout.h>
#include <unistd.h>

static const char small_params[] = "params: 1\n"
                                   "line: {label: 线, unit: 元, value: 100, min: 1, max: 100000}\n"
                                   "days: {label: 天, unit: 天, value: 30, min: 1, max: 365}\n"
                                   "share: {label: 比, unit: 比例, value: 0.5, min: 0, max: 1}\n";

/* ---- the loaders -------------------------------------------------------------------------- */

static bool load_folder(const char *name, const char *text)
{
    struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                {"params.yaml", sw_str(small_params)},
                                {"rules.yaml", sw_str(small_rules)},
                                {name, sw_str(text)}};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    size_t n = SW_COUNTOF(files);

    for (size_t i = 0; i + 1 < SW_COUNTOF(files); i++) {
        if (strcmp(files[i].name, name) == 0) {
            files[i].text = sw_str(text);
            n = SW_COUNTOF(files) - 1;
        }
    }
    rs = build_rules(files, n, &diag);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return rs != NULL;
}

static bool load_more_rules(const char *text)
{
    return load_folder("more.yaml", text);
}

static bool load_params(const char *text)
{
    return load_folder("params.yaml", text);
}

static bool load_areas(const char *text)
{
    return load_folder("areas.yaml", text);
}

static bool load_messages(const char *text)
{
    return load_folder("messages.yaml", text);
}

static bool load_cases(const char *text)
{
    return load_folder("cases.yaml", text);
}

static bool load_people(const char *text)
{
    return load_folder("people.yaml", text);
}

static bool load_calendar(const char *text)
{
    return load_folder("calendar.yaml", text);
}

static bool load_schema(const char *text)
{
    struct sw_diag diag = {0};
    struct sw_schema *s = sw_schema_parse(SW_STR("schema.yaml"), sw_str(text), &diag);

    sw_diag_free(&diag);
    sw_schema_free(s);
    return s != NULL;
}

static bool load_feed(const char *text)
{
    struct sw_diag diag = {0};
    struct sw_schema *schema = sw_schema_load("rules/schema.yaml", &diag);
    struct sw_layout *l = sw_layout_parse(SW_STR("feed.yaml"), sw_str(text), schema, &diag);

    sw_layout_free(l);
    sw_schema_free(schema);
    sw_diag_free(&diag);
    return l != NULL;
}

static void write_temporary(char path[], const char *text)
{
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");

    fputs(text, f);
    fclose(f);
}

static bool load_config(const char *text)
{
    char path[] = "/tmp/shouwang-config-XXXXXX";
    struct sw_diag diag = {0};
    struct sw_config *c;
    struct sw_gateways *g = NULL;

    write_temporary(path, text);
    c = sw_config_load(path, &diag);
    if (c != NULL)
        g = sw_gateways_load(c->gateways, "rules/gateways", &diag);
    unlink(path);
    sw_diag_free(&diag);
    sw_config_free(c);
    if (g != NULL)
        sw_gateways_free(g);
    return g != NULL;
}

static bool load_tests(const char *text)
{
    char path[] = "/tmp/shouwang-tests-XXXXXX";
    struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                {"params.yaml", sw_str(small_params)},
                                {"rules.yaml", sw_str(small_rules)}};
    struct sw_test_report report = {.ctx = NULL};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = build_rules(files, SW_COUNTOF(files), &diag);
    struct sw_test_file *f;
    bool good;

    write_temporary(path, text);
    f = sw_test_file_load(path, &diag);
    good = f != NULL && sw_test_file_run(f, rs, &report, &diag);
    unlink(path);
    if (f != NULL)
        sw_test_file_free(f);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return good;
}

/* ---- one file ----------------------------------------------------------------------------- */

static const struct kind {
    const char *name;
    const struct sw_keys *keys;
    bool (*load)(const char *text);
} kinds[] = {
    {"rules", &sw_rule_file_keys, load_more_rules}, {"params", &sw_params_keys, load_params},
    {"areas", &sw_areas_keys, load_areas},          {"messages", &sw_messages_keys, load_messages},
    {"calendar", &sw_calendar_keys, load_calendar}, {"schema", &sw_schema_keys, load_schema},
    {"config", &sw_config_keys, load_config},       {"tests", &sw_test_file_keys, load_tests},
    {"feed", &sw_layout_keys, load_feed},           {"cases", &sw_cases_keys, load_cases},
    {"people", &sw_people_keys, load_people},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    exit(printf("Bail out! no kind %s\n", name));
}

static struct sw_json *schema_of(struct sw_arena *arena, const struct kind *k)
{
    struct sw_buf text = {0};
    struct sw_json *schema = NULL;
    struct sw_err err = {.code = SW_OK};

    sw_keys_schema(k->keys, k->name, &text);
    if (sw_json_parse(arena, sw_arena_str(arena, sw_buf_view(&text)), &schema, &err) != SW_OK)
        exit(printf("Bail out! schema of %s: %s\n", k->name, err.text));
    sw_buf_free(&text);
    return schema;
}

/* As an editor would judge the text. */
static bool is_valid(const struct kind *k, struct sw_str text)
{
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    const struct sw_json *schema = schema_of(&arena, k);
    const struct sw_yaml *y = sw_yaml_parse(&arena, SW_STR("f.yaml"), text, &diag);
    bool good = y != NULL && validate(schema, schema, yaml_as_json(&arena, y));

    sw_diag_free(&diag);
    sw_arena_free(&arena);
    return good;
}

/* ---- the shipped files -------------------------------------------------------------------- */

static void check_shipped(const char *kind, const char *path)
{
    struct sw_buf text = {0};
    struct sw_err err;

    ok_named(sw_file_read(path, 4 << 20, &text, &err) == SW_OK, path);
    ok_named(is_valid(find_kind(kind), sw_buf_view(&text)), path);
    sw_buf_free(&text);
}

static bool ends(const char *name, const char *end)
{
    size_t n = strlen(name);

    return n >= strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

/* Every file of a folder; how many there were. */
static size_t check_folder(const char *folder, const char *kind_of_others)
{
    static const char *const special[] = {"schema",   "params", "areas", "messages",
                                          "calendar", "cases",  "people"};
    DIR *dir = opendir(folder);
    size_t n = 0;

    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char path[300];
        const char *kind = kind_of_others;

        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        for (size_t i = 0; i < SW_COUNTOF(special); i++) {
            if (strncmp(e->d_name, special[i], strlen(special[i])) == 0)
                kind = special[i];
        }
        if (ends(e->d_name, ".yaml")) {
            check_shipped(kind, path);
            n++;
        }
    }
    if (dir != NULL)
        closedir(dir);
    return n;
}

static void test_shipped(void)
{
    ok_named(check_folder("rules", "rules") >= 8, "the rule folder was there");
    ok_named(check_folder("rules/tests", "tests") >= 1, "so were tests in files of their own");
    ok_named(check_folder("rules/feeds", "feed") >= 3, "so were tables of departments");
    check_shipped("config", "systemd/shouwang.yaml");
}

/* ---- mistakes ----------------------------------------------------------------------------- */

#define FEED                                                                                              \
    "feed: 银行\nevent: loan.extended\nsubject: {household: 户编号}\ntime: [日期, 办理日期]\n" \
    "fields: {due: {header: 到期日}"
#define RULE "rules: [{rule: a, label: l, category: health, when: true, score: 1, message: m"

static const struct {
    const char *kind;
    bool good;
    const char *text;
} cases[] = {
    {"rules", true, RULE ", tests: []}]\n"},
    {"rules", true, RULE ", for: 3, keep: 3d, unknown: false, enabled: false, tags: [x, 2]}]\n"},
    {"rules", true, "rules: [{rule: a, kind: task, label: l, when: true, message: m}]\n"},
    {"rules", true, "effective: {from: 2024-02-29}\nlists: {a: [x, 1]}\nmacros: {m: 1 + 1}\n"},
    {"rules", false, "ruels: []\n"},
    {"rules", false, "rules: {}\n"},
    {"rules", false, "rules: [a]\n"},
    {"rules", false, RULE ", wehn: true}]\n"},
    {"rules", false, RULE ", for: 1.5}]\n"},
    {"rules", false, RULE ", keep: 2w}]\n"},
    {"rules", false, RULE ", cooldown: 9999}]\n"},
    {"rules", false, RULE ", unknown: maybe}]\n"},
    {"rules", false, RULE ", kind: chore}]\n"},
    {"rules", false, RULE ", enabled: no}]\n"},
    {"rules", false, RULE ", sms: 一二三四五六七八九十一}]\n"},
    {"rules", false, RULE ", from: 2024-02-30}]\n"},
    {"rules", false, RULE ", let: [x]}]\n"},
    {"rules", false, RULE ", tests: {}}]\n"},
    {"rules", false, RULE ", tests: [{expect: {2024-13-01: on}}]}]\n"},
    {"rules", false, RULE ", tests: [{name: x}]}]\n"},
    {"rules", false, RULE ", tests: [{events: [{no: 2024-01-01}], expect: {}}]}]\n"},
    {"rules", false, "rules: [{label: l, category: health, when: true, score: 1, message: m}]\n"},
    {"rules", false,
     "rules: [{rule: \"\", label: l, category: health, when: true, score: 1, "
     "message: m}]\n"},
    {"rules", false, "rules: [{rule: a, category: health, when: true, score: 1, message: m}]\n"},
    {"rules", false, "rules: [{rule: a, label: l, when: true, score: 1, message: m}]\n"},
    {"rules", false, "rules: [{rule: a, label: l, kind: risk, when: true, message: m}]\n"},
    {"rules", false, "rules: [{rule: a, label: l, category: health, score: 1, message: m}]\n"},
    {"rules", false,
     "rules: [{rule: a, label: l, category: health, when: [1], score: 1, "
     "message: m}]\n"},
    {"rules", false, "rules: [{rule: a, label: l, category: health, when: true, score: 1}]\n"},
    {"rules", false, "categories: {a: {label: x}}\n"},
    {"rules", false, "categories: {a: {label: x, cap: 1001}}\n"},
    {"rules", false, "categories: {a: {label: x, cap: many}}\n"},
    {"rules", false, "categories: {a: x}\n"},
    {"rules", false, "lists: {a: x}\n"},
    {"rules", false, "lists: {a: [[x]]}\n"},
    {"rules", false, "macros: {a: {b: c}}\n"},
    {"rules", false, "effective: {form: 2024-01-01}\n"},
    {"rules", false, "effective: 2024-01-01\n"},
    {"rules", false, "schema: three\n"},
    {"rules", false, "test_params: {line: x}\n"},
    {"people", true, "roles: {c: {label: 县, of: county}}\nroutes: []\n"},
    {"people", true,
     "routes: [{route: a, levels: [yellow], owner: [cadre], tell: [], copy: [county]}]\n"},
    {"people", true, "routes: [{route: a, areas: [某镇], rules: [bill]}]\nneeds_owner: true\n"},
    {"people", false, "roles: {c: {label: 县, of: province}}\n"},
    {"people", false, "roles: {c: {of: county}}\n"},
    {"people", false, "roles: {c: county}\n"},
    {"people", false, "roles: [c]\n"},
    {"people", false, "routes: {a: b}\n"},
    {"people", false, "routes: [a]\n"},
    {"people", false, "routes: [{levels: [red]}]\n"},
    {"people", false, "routes: [{route: a, owners: [cadre]}]\n"},
    {"people", false, "routes: [{route: a, owner: cadre}]\n"},
    {"people", false, "routes: [{route: a, owner: [[cadre]]}]\n"},
    {"people", false, "needs_owner: [true]\n"},
    {"people", true, "bad_number_after: 1\n"},
    {"people", false, "bad_number_after: 0\n"},
    {"people", false, "bad_number_after: soon\n"},
    {"params", true, small_params},
    {"params", false, "params: 0\n"},
    {"params", false, "params: 1\nline: 3\n"},
    {"params", false, "Line: {value: 1, min: 1, max: 2}\n"},
    {"params", false, "line: {min: 1, max: 2}\n"},
    {"params", false, "line: {value: 1, values: [{value: 1}], min: 1, max: 2}\n"},
    {"params", false, "line: {value: 1, max: 2}\n"},
    {"params", false, "line: {value: one, min: 1, max: 2}\n"},
    {"params", false, "line: {values: [{from: 2024-1-1, value: 1}], min: 1, max: 2}\n"},
    {"params", false, "line: {values: [{from: 2024-01-01}], min: 1, max: 2}\n"},
    {"params", false, "line: {values: {from: 2024-01-01}, min: 1, max: 2}\n"},
    {"params", false, "line: {value: 1, min: 1, max: 2, lable: x}\n"},
    {"areas", true, "overrides: [{area: A, until: 2024-12-31, set: {line: 5}, reason: r}]\n"},
    {"areas", true, "overrides: []\n"},
    {"areas", false, "override: []\n"},
    {"areas", false, "overrides: {}\n"},
    {"areas", false, "overrides: [{set: {line: 5}, reason: r}]\n"},
    {"areas", false, "overrides: [{area: A, set: {line: 5}}]\n"},
    {"areas", false, "overrides: [{area: A, reason: r}]\n"},
    {"areas", false, "overrides: [{area: A, set: [line], reason: r}]\n"},
    {"areas", false, "overrides: [{area: A, set: {line: low}, reason: r}]\n"},
    {"areas", false, "overrides: [{area: A, from: soon, set: {line: 5}, reason: r}]\n"},
    {"messages", true, "signature: 平川县\ndeadline: {yellow: 10天内}\n"},
    {"messages", false, "signatur: 平川县\n"},
    {"messages", false, "signature: [平川县]\n"},
    {"messages", false, "deadline: soon\n"},
    {"calendar", true, "2026: {holidays: [{name: 元旦, from: 2026-01-01}]}\n"},
    {"calendar", true,
     "2026: {notice: 7, holidays: [{name: 元旦, from: 2026-01-01, to: 2026-01-03}], workdays: "
     "[2026-01-04]}\n"},
    {"calendar", true, "hours: {from: '09:00', to: '17:00'}\n"},
    {"calendar", false, "hours: {from: nine, to: '17:00'}\n"},
    {"calendar", true, "{}\n"},
    {"calendar", false, "next: {holidays: [{name: 元旦, from: 2026-01-01}]}\n"},
    {"calendar", false, "26: {holidays: [{name: 元旦, from: 2026-01-01}]}\n"},
    {"calendar", false, "2026: {}\n"},
    {"calendar", false, "2026: [2026-01-01]\n"},
    {"calendar", false, "2026: {holidays: [2026-01-01]}\n"},
    {"calendar", false, "2026: {holidays: [{name: 元旦}]}\n"},
    {"calendar", false, "2026: {holidays: [{from: 2026-01-01}]}\n"},
    {"calendar", false, "2026: {holidays: [{name: 元旦, from: 2026-1-1}]}\n"},
    {"calendar", false, "2026: {holidays: [{name: 元旦, from: 2026-01-01, till: 2026-01-03}]}\n"},
    {"calendar", false, "2026: {holidays: [{name: 元旦, from: 2026-01-01}], workdays: [Sunday]}\n"},
    {"feed", true, FEED "}\n"},
    {"feed", true, FEED "}\nkey: [编号, [a, b]]\nfiles: [\"*.csv\"]\n"},
    {"feed", true,
     FEED "}\nheader_rows: 2\nbatch: true\nignore: [序号]\nfooter: [合计]\nblank: [无]\n"},
    {"feed", false, "event: loan.issued\nsubject: {household: 户}\ntime: 日期\n"},
    {"feed", false, FEED ", x: {}}\n"},
    {"feed", false, FEED ", x: {header: 金额, value: 1}}\n"},
    {"feed", false, FEED ", x: {header: 金额, unit: 亿元}}\n"},
    {"feed", false, FEED ", x: 金额}\n"},
    {"feed", false, FEED "}\nheader_rows: 3\n"},
    {"feed", false, FEED "}\nbatch: always\n"},
    {"feed", false, FEED "}\nkey: 编号\n"},
    {"feed", false, FEED "}\nfiles: a.csv\n"},
    {"feed", false, FEED "}\ntitles: 2\n"},
    {"feed", false, "feed: 银行\nevent: loan.repaid\nsubject: {}\ntime: 日期\n"},
    {"feed", false,
     "feed: 银行\nevent: loan.repaid\nsubject: {person: a, household: b}\ntime: 日期\n"},
    {"schema", true, small_schema},
    {"schema", true, "schema: 1\nperiods: {term: 09-01}\nevents: {a: {scope: area}}\n"},
    {"schema", false, "events: {a: {}}\n"},
    {"schema", false, "schema: 1\n"},
    {"schema", false, "schema: one\nevents: {a: {}}\n"},
    {"schema", false, "schema: 1\nevents: {A: {}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {scope: town}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {coverage: half}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {fields: {x: {type: mony}}}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {fields: {x: {label: x}}}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {fields: {x: {type: int, min: low}}}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {fields: {x.y: {type: int}}}}\n"},
    {"schema", false, "schema: 1\nevents: {a: {}}\nperiods: {term: 9-1}\n"},
    {"schema", false, "schema: 1\nevents: {a: {}}\nenums: {e: [x]}\n"},
    {"schema", false, "schema: 1\nevents: {a: {}}\nhousehold: {name: string}\n"},
    {"config", true, "data: d\nrules: r\n"},
    {"config", true,
     "data: d\nrules: r\nintake: {router: [\"ipc:///x\"], credit: 100}\n"
     "gateways:\n  sms: {profile: kannel, secrets: {password: x}, concurrency: 2, "
     "rate: [{count: 1, window_s: 1}]}\n"},
    {"config", false, "rules: r\n"},
    {"config", false, "data: \"\"\nrules: r\n"},
    {"config", false, "dta: d\ndata: d\nrules: r\n"},
    {"config", false, "data: d\nrules: r\nlog: {level: loud}\n"},
    {"config", false, "data: d\nrules: r\nlog: info\n"},
    {"config", false, "data: d\nrules: r\nintake: {router: \"ipc:///x\"}\n"},
    {"config", false, "data: d\nrules: r\nintake: {credit: 99}\n"},
    {"config", false, "data: d\nrules: r\nintake: {allow_remote: yes}\n"},
    {"config", false, "data: d\nrules: r\nintake: {sub: [{topics: [a]}]}\n"},
    {"config", false, "data: d\nrules: r\nintake: {sub: [{connect: a, topics: a}]}\n"},
    {"config", false, "data: d\nrules: r\nhttp: {connections: 0}\n"},
    {"config", false, "data: d\nrules: r\ngateways: {sms: kannel}\n"},
    {"config", false, "data: d\nrules: r\ngateways: {sms: {secrets: {password: x}}}\n"},
    {"config", false,
     "data: d\nrules: r\ngateways: {sms: {profile: kannel, secrets: {password: x},"
     " concurrency: 0}}\n"},
    {"config", false,
     "data: d\nrules: r\ngateways: {sms: {profile: kannel, secrets: {password: x},"
     " rate: [{count: 1}]}}\n"},
    {"tests", true,
     "tests: [{rule: bill, events: [{on: 2024-02-10, medical.bill: {person: a, "
     "paid: 5}}], expect: {2024-02-10: off}}]\n"},
    {"tests", false, "test: []\n"},
    {"tests", false, "rule_files: x\ntests: []\n"},
    {"tests", false, "tests: [{rule: bill, expct: {2024-02-10: off}}]\n"},
    {"tests", false, "tests: [{rule: bill, expect: {soon: off}}]\n"},
    {"tests", false, "tests: [{rule: bill, interval: 1d, expect: {2024-02-10: off}}]\n"},
    {"tests", false, "tests: [{rule: bill, expect: {2024-02-10: of}}]\n"},
};

static void test_cases(void)
{
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        const struct kind *k = find_kind(cases[i].kind);
        const char *what = cases[i].good ? "taken" : "refused";
        char name[400];

        snprintf(name, sizeof(name), "%s by the loader of %s: %.*s", what, k->name,
                 (int)strcspn(cases[i].text, "\n"), cases[i].text);
        ok_named(k->load(cases[i].text) == cases[i].good, name);
        snprintf(name, sizeof(name), "%s by the schema of %s: %.*s", what, k->name,
                 (int)strcspn(cases[i].text, "\n"), cases[i].text);
        ok_named(is_valid(k, sw_str(cases[i].text)) == cases[i].good, name);
    }
}

/* ---- every key ---------------------------------------------------------------------------- */

enum { SEEN_MAX = 64 };

struct walk {
    const struct sw_json *schema;
    const struct sw_keys *seen[SEEN_MAX];
    size_t n_seen, keys, lost, silent;
};

static void walk_table(struct walk *w, const struct sw_keys *keys);

static void walk_shape(struct walk *w, const struct sw_key *k)
{
    for (; k != NULL; k = k->or_else) {
        if (k->of != NULL)
            walk_table(w, k->of);
        if (k->item != NULL)
            walk_shape(w, k->item);
    }
}

static void walk_table(struct walk *w, const struct sw_keys *keys)
{
    const struct sw_json *properties;

    for (size_t i = 0; i < w->n_seen; i++) {
        if (w->seen[i] == keys)
            return;
        if (strcmp(w->seen[i]->name, keys->name) == 0 && w->lost++ < 5)
            note("two tables are called %s", keys->name);
    }
    w->seen[w->n_seen++] = keys;
    properties =
        sw_json_get(sw_json_get(sw_json_get(w->schema, "$defs"), keys->name), "properties");
    for (size_t i = 0; i < keys->n; i++) {
        const struct sw_key *k = &keys->key[i];
        bool printed = sw_json_get(properties, k->name) != NULL;

        w->keys++;
        if (printed == (k->refused != NULL) && w->lost++ < 5)
            note("%s of %s", k->name, keys->name);
        if (k->help == NULL && k->refused == NULL && w->silent++ < 5)
            note("%s of %s says nothing to people", k->name, keys->name);
        walk_shape(w, k);
    }
    if (keys->other != NULL)
        walk_shape(w, keys->other);
}

static void test_every_key(void)
{
    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        struct sw_arena arena = {0};
        struct walk w = {.schema = schema_of(&arena, &kinds[i])};

        walk_table(&w, kinds[i].keys);
        note("%s: %zu tables, %zu keys", kinds[i].name, w.n_seen, w.keys);
        ok_named(w.keys > 0 && w.n_seen < SEEN_MAX, kinds[i].name);
        is_int_named((int64_t)w.lost, 0, "every key of a table is in its definition");
        is_int_named((int64_t)w.silent, 0, "every key says what it is for");
        sw_arena_free(&arena);
    }
}

int main(void)
{
    test_shipped();
    test_cases();
    test_every_key();
    return done_testing();
}
