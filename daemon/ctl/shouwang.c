/* shouwang.c - the command-line tool: verbs, options, help. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/version.h>
#include <shouwang/engine/ruleset.h>
#include <stdarg.h>
#include <stdlib.h>

static const struct ctl_verb verbs[] = {
    {"status", "[--json]", N_("how the daemon and the county are"), ctl_status},
    {"cases list",
     "[--state S] [--level L] [--area CODE] [--owner CADRE] [--overdue] [--all] [--limit N] "
     "[--json]",
     N_("cases, the newest first"), ctl_cases_list},
    {"cases show", "NUMBER [--json]", N_("one case with every step and message"), ctl_cases_show},
    {"case act",
     "NUMBER ACT --by CADRE [--reason TEXT] [--measure NAME] [--until DATE] [--if-state STATE] "
     "[--endpoint "
     "ADDRESS]",
     N_("act on a case for somebody who was told of it"), ctl_case_act},
    {"case states", "[FOLDER]", N_("the table of a case's life (cases.yaml), in words"),
     ctl_case_states},
    {"explain", "HOUSEHOLD|AREA [--at DATE] [--rule RULE] [--json]",
     N_("why a household or area stands where it stands, rule by rule"), ctl_explain},
    {"why", "CASE|MESSAGE|HOUSEHOLD|AREA [--json]",
     N_("every decision about it and its cause, also why nothing was sent"), ctl_why},
    {"case proof", "NUMBER [--json]",
     N_("a case as a page for the paper file that proves itself; --json: the record alone"),
     ctl_case_proof},
    {"verify", "[--log [--key-file FILE]] [--head STEPS:LINK] [DATABASE|PROOF] [--json]",
     N_("is the record of cases, or a printed proof, as it was written? --log: also by the log"),
     ctl_verify},
    {"queue show", "[--gateway G] [--case NUMBER] [--waiting] [--limit N] [--json]",
     N_("messages and what became of them"), ctl_queue_show},
    {"figures",
     "[--by all|month|level|rule|role|town|village] [--from 2026-01] [--until 2026-12] [--area "
     "CODE] "
     "[--csv|--json]",
     N_("what became of alerts: answered in time, visited, true or not, by month, rule or place"),
     ctl_figures},
    {"tasks list", "[--all] [--limit N] [--json]",
     N_("what is to be found out or done; --all: settled ones too"), ctl_tasks_list},
    {"parked list", "[--json]", N_("events that wait for households and persons to be registered"),
     ctl_parked_list},
    {"owners missing", "[--json]", N_("households nobody looks after, and who stands in for now"),
     ctl_owners_missing},
    {"phones bad", "[--json]", N_("cadres whose phone no message reaches, and their open cases"),
     ctl_phones_bad},
    {"parked drop", "ID… --reason TEXT [--by NAME] [--endpoint ADDRESS]",
     N_("let events that wait for nobody wait no longer"), ctl_parked_drop},
    {"mismatch list", "[--all] [--json]",
     N_("people whose number, name or birth does not fit; --all: declined ones too"),
     ctl_mismatch_list},
    {"mismatch accept", "ID --as PERSON [--reason TEXT] [--by NAME] [--endpoint ADDRESS]",
     N_("decide who it is: what waited takes effect, and the number is theirs"),
     ctl_mismatch_accept},
    {"mismatch decline", "ID --reason TEXT [--by NAME] [--endpoint ADDRESS]",
     N_("decide that it is nobody who is registered"), ctl_mismatch_decline},
    {"storm list", "[--json]", N_("rules that gave far more alerts than usual; what of it is held"),
     ctl_storm_list},
    {"storm release", "NUMBER --by WHO --reason WHY [--endpoint ADDRESS]",
     N_("what is held is right: send it"), ctl_storm_release},
    {"storm discard", "NUMBER --by WHO --reason WHY [--endpoint ADDRESS]",
     N_("what is held is wrong: never send it"), ctl_storm_discard},
    {"silence add",
     "[--rule R] [--area A] [--household H] [--level L] --until DATE --reason WHY --by WHO "
     "[--preview] [--endpoint ADDRESS]",
     N_("hush messages for a while; --preview: only show whom"), ctl_silence_add},
    {"silence list", "[--json]", N_("silences, the newest first"), ctl_silence_list},
    {"silence end", "NUMBER --by WHO --reason WHY [--endpoint ADDRESS]",
     N_("end a silence before its time"), ctl_silence_end},
    {"feeds list", "[--json]",
     N_("the departments: who is silent, late, or sends what looks wrong"), ctl_feeds_list},
    {"rejected list", "[--limit N] [--json]", N_("inputs that were refused, and why"),
     ctl_rejected_list},
    {"import",
     "[--feed NAME] [--history] [--quiet] [--as-of DATE] [--endpoint ADDRESS] FOLDER|FILE… | "
     "--watch [FOLDER]",
     N_("load registry and event tables, and departments' lists; or watch an inbox for them"),
     ctl_import},
    {"publish", "[--history] [--quiet] [--endpoint ADDRESS] FILE|-",
     N_("send events, one JSON text a line"), ctl_publish},
    {"history end", "[--endpoint ADDRESS]", N_("the county's past is told: go live"),
     ctl_history_end},
    {"check rules", "[--lint-fatal] [FOLDER]", N_("do the rule files compile?"), ctl_check_rules},
    {"check config", "[FILE]", N_("can the daemon start with this configuration?"),
     ctl_check_config},
    {"test rules", "[-v] [--run TEXT] [--junit FILE|-] [FOLDER] [FILE.yaml…]",
     N_("run the tests in the rule files, and those in files of their own"), ctl_test_rules},
    {"params csv", "[FOLDER]", N_("the parameters as a table for WPS or Excel (params.csv)"),
     ctl_params_csv},
    {"params yaml", "[FOLDER]", N_("the parameters as params.yaml"), ctl_params_yaml},
    {"rules list", "[FOLDER] [--json]", N_("the rules, and what each looks at"), ctl_rules_list},
    {"rules read", "[RULE] [FOLDER]", N_("rules in Chinese words, for signature"), ctl_rules_read},
    {"rules explain", "RULE [FOLDER]",
     N_("one rule for technicians: code, reads, parameters, what changes it"), ctl_rules_explain},
    {"rules preview", "[FOLDER] [--on DATE] [--limit N] [--json]",
     N_("whom rules would concern if they became active now; nothing is changed or sent"),
     ctl_rules_preview},
    {"eval", "[--code] 'EXPRESSION' | --cases FILE.jsonl",
     N_("what an expression gives, and the byte code of it"), ctl_eval},
    {"schema",
     "rules|params|areas|messages|people|cases|calendar|schema|feed|tests|config|events [FOLDER]",
     N_("the JSON Schema of a kind of file, for editors and publishers"), ctl_schema},
    {"reload", "", N_("let the daemon take the rule files anew"), ctl_reload},
    {"version", "", N_("which version this is"), ctl_version},
};

/* ---- shared ------------------------------------------------------------------------------- */

int ctl_fail(const char *fmt, ...)
{
    va_list ap;

    fputs("shouwang: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return CTL_FAILED;
}

static void take_out(int *argc, char **argv, int at, int n)
{
    for (int i = at; i + n <= *argc; i++)
        argv[i] = argv[i + n];
    *argc -= n;
}

const char *ctl_option(int *argc, char **argv, const char *name)
{
    size_t n = strlen(name);

    for (int i = 1; i < *argc; i++) {
        const char *value = NULL;

        if (strcmp(argv[i], name) == 0 && i + 1 < *argc) {
            value = argv[i + 1];
            take_out(argc, argv, i, 2);
        } else if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
            value = argv[i] + n + 1;
            take_out(argc, argv, i, 1);
        }
        if (value != NULL)
            return value;
    }
    return NULL;
}

bool ctl_flag(int *argc, char **argv, const char *name)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            take_out(argc, argv, i, 1);
            return true;
        }
    }
    return false;
}

bool ctl_unknown_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            ctl_fail(i + 1 == argc ? _("unknown option %s, or a value is missing behind it")
                                   : _("unknown option %s"),
                     argv[i]);
            return true;
        }
    }
    return false;
}

const struct sw_config *ctl_config(struct ctl *c)
{
    struct sw_diag diag = {0};

    if (c->config == NULL) {
        c->config = sw_config_load(c->config_path, &diag);
        sw_diag_print(&diag, stderr);
        sw_diag_free(&diag);
    }
    return c->config;
}

int ctl_version(struct ctl *c, int argc, char **argv)
{
    (void)c;
    (void)argc;
    (void)argv;
    printf("shouwang %s\n", SW_VERSION);
    return CTL_GOOD;
}

/* ---- dispatch ----------------------------------------------------------------------------- */

static int usage(FILE *to, int status)
{
    fprintf(to, _("usage: shouwang [--config FILE] VERB …\n\n"));
    for (size_t i = 0; i < SW_COUNTOF(verbs); i++)
        fprintf(to, "  %-14s %s\n%*s%s%s", verbs[i].name, _(verbs[i].help),
                verbs[i].usage[0] == '\0' ? 0 : 19, "", verbs[i].usage,
                verbs[i].usage[0] == '\0' ? "" : "\n");
    fprintf(to,
            _("\nThe configuration is %s unless --config or $SHOUWANG_CONFIG names another.\n"
              "Exit codes: 0 good, 1 invalid or failed, 2 wrong usage, 3 warnings with "
              "--lint-fatal.\n"),
            SW_CONFIG_PATH);
    return status;
}

/* How many words of argv the verb's name takes, 0: it is another verb. */
static int match(const struct ctl_verb *v, int argc, char **argv)
{
    struct sw_str rest = sw_str(v->name);
    struct sw_str word;
    int n = 0;

    while (sw_str_split(&rest, ' ', &word)) {
        if (n >= argc || !sw_str_is(word, argv[n]))
            return 0;
        n++;
    }
    return n;
}

/* What was meant, when it is nearly a verb; else the verbs that begin with the same word. */
static int unknown_verb(int argc, char **argv)
{
    struct sw_str names[SW_COUNTOF(verbs)];
    struct sw_str group[SW_COUNTOF(verbs)];
    struct sw_buf typed = {0};
    struct sw_buf there = {0};
    size_t n = 0;

    sw_buf_cstr(&typed, argv[1]);
    for (size_t i = 0; i < SW_COUNTOF(verbs); i++) {
        struct sw_str rest = sw_str(verbs[i].name);
        struct sw_str word;

        names[i] = rest;
        if (sw_str_split(&rest, ' ', &word) && sw_str_is(word, argv[1]))
            group[n++] = names[i];
    }
    if (n == 0)
        sw_put_choices(&there, sw_buf_view(&typed), names, NULL, SW_COUNTOF(verbs));
    if (argc > 2 && argv[2][0] != '-' && there.n == 0) {
        sw_buf_printf(&typed, " %s", argv[2]);
        if (n == 0)
            sw_put_choices(&there, sw_buf_view(&typed), names, NULL, SW_COUNTOF(verbs));
    }
    if (n > 0)
        sw_put_choices(&there, sw_buf_view(&typed), group, NULL, n);
    ctl_fail(_("there is no verb %s%s (see shouwang help)"), typed.p, there.p);
    sw_buf_free(&typed);
    sw_buf_free(&there);
    return CTL_USAGE;
}

static int run_verb(struct ctl *c, const struct ctl_verb *v, int argc, char **argv)
{
    int status;

    if (ctl_flag(&argc, argv, "--help")) {
        printf(_("usage: shouwang %s %s\n"), v->name, v->usage);
        printf("  %s\n", _(v->help));
        return CTL_GOOD;
    }
    status = v->run(c, argc, argv);
    if (status == CTL_USAGE)
        fprintf(stderr, _("usage: shouwang %s %s\n"), v->name, v->usage);
    return status;
}

int main(int argc, char **argv)
{
    struct ctl c = {.config_path = getenv("SHOUWANG_CONFIG")};
    const char *path;
    int status = -1;

    sw_i18n_init();
    path = ctl_option(&argc, argv, "--config");
    if (path != NULL)
        c.config_path = path;
    if (c.config_path == NULL)
        c.config_path = SW_CONFIG_PATH;
    c.json = ctl_flag(&argc, argv, "--json");
    ctl_when_begin(&c);
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0))
        return usage(stdout, CTL_GOOD);
    for (size_t i = 0; i < SW_COUNTOF(verbs) && status < 0; i++) {
        int n = match(&verbs[i], argc - 1, argv + 1);

        if (n > 0)
            status = run_verb(&c, &verbs[i], argc - n, argv + n);
    }
    if (status < 0 && ctl_flag(&argc, argv, "--help"))
        status = usage(stdout, CTL_GOOD);
    if (status < 0)
        status = argc > 1 ? unknown_verb(argc, argv) : usage(stderr, CTL_USAGE);
    ctl_when_end();
    sw_ruleset_free(c.rules);
    sw_config_free(c.config);
    return status;
}
