/* rules_yaml.c - any text as rule files: nothing crashes, what builds keeps its promises.
 *
 * Input: rules.yaml, then behind lines of "%%" areas.yaml, messages.yaml and params.yaml, as many
 * as there are. Promises: findings or a ruleset, never both and never neither; a ruleset reads back
 * in words, runs its tests, builds again with explanations, and comes out of the log as it went in.
 * Build with clang -fsanitize=fuzzer -DSW_LIBFUZZER; without, main() replays files. */
#include "../unit/ruleset_help.h"
#include "replay.h"
#include <shouwang/base/mem.h>
#include <shouwang/engine/describe.h>
#include <shouwang/engine/ruletest.h>

enum { TEXT_MAX = 16384, TESTS_MAX = 20, TODAY = 19800 /* 2024-03-18 */ };

static const char schema[] =
    "schema: 3\n"
    "timezone: Asia/Shanghai\n"
    "periods: {school_year: 09-01}\n"
    "enums:\n"
    "  hh_kind: {none: 一般农户, out: 已脱贫户}\n"
    "  bill_kind: {inpatient: 住院, chronic: 慢特病}\n"
    "  level: {none: 无, yellow: 黄色, red: 红色}\n"
    "feeds: {人社局: {period: 7d}}\n"
    "person:\n"
    "  birth: {type: date, label: 出生日期}\n"
    "  student: {type: bool, label: 在校}\n"
    "household:\n"
    "  name: {type: string, optional: true, label: 户主}\n"
    "  township: {type: string, optional: true, label: 乡镇}\n"
    "  village: {type: string, optional: true, label: 村}\n"
    "  kind: {type: enum(hh_kind), label: 户类型}\n"
    "  monitored: {type: bool, optional: true, label: 已纳入监测}\n"
    "  since: {type: date, optional: true, label: 纳入日期}\n"
    "  income: {type: money, optional: true, label: 收入}\n"
    "events:\n"
    "  medical.bill: {label: 医疗费, fields: {person: {type: person}, kind: {type: "
    "enum(bill_kind)}, paid: {type: money, label: 自付}}}\n"
    "  work.lost: {label: 失业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  work.hired: {label: 就业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  hail: {label: 冰雹, scope: area, fields: {severity: {type: int, optional: true}}}\n"
    "  loan: {label: 贷款, end: due, fields: {due: {type: date, label: 到期}, amount: {type: "
    "money}}}\n"
    "  alert.raised: {label: 预警, feed: engine, fields: {level: {type: enum(level)}, score: "
    "{type: number}}}\n"
    "  income.record: {label: 收入记账, coverage: partial, fields: {amount: {type: money}}}\n";

static const char params[] = "params: 7\n"
                             "days: {label: 多少天, unit: 天, value: 90, min: 30, max: 365}\n"
                             "share: {unit: 比例, value: 0.5, min: 0.1, max: 1}\n"
                             "line: {unit: 元, min: 1, max: 9000, values: [{value: 5000}, {from: "
                             "2024-03-01, value: 600}]}\n";

static const char *const names[] = {"rules.yaml", "areas.yaml", "messages.yaml", "params.yaml"};

/* The input cut at its lines of "%%"; files that are not there are left out, params.yaml is as
 * above then. */
static size_t cut(struct sw_str text, struct rule_file *files)
{
    size_t n = 0;

    files[n++] = (struct rule_file){"schema.yaml", sw_str(schema)};
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        const char *end = text.n == 0 ? NULL : memmem(text.p, text.n, "\n%%\n", 4);
        size_t size = end == NULL ? text.n : (size_t)(end - text.p) + 1;

        files[n++] = (struct rule_file){names[i], sw_str_sub(text, 0, size)};
        if (end == NULL)
            break;
        text = sw_str_sub(text, size + 3, text.n);
    }
    if (n < SW_COUNTOF(names) + 1)
        files[n++] = (struct rule_file){"params.yaml", sw_str(params)};
    return n;
}

/* Each rule in words and for technicians. */
static void describe(const struct sw_ruleset *rs)
{
    struct sw_buf out = {0};

    for (size_t i = 0; i < sw_ruleset_rules(rs); i++) {
        size_t before = out.n;

        sw_rule_read(rs, i, &out);
        SW_ASSERT(out.n > before);
        sw_rule_explain(rs, i, TODAY, &out);
    }
    sw_ruleset_params_put(rs, SW_PARAMS_YAML, &out);
    sw_buf_free(&out);
}

static bool wanted(void *ctx, const struct sw_test_case *test)
{
    size_t *left = ctx;

    (void)test;
    return *left > 0 && (*left)-- > 0;
}

static void run_tests(struct sw_ruleset *rs)
{
    size_t left = TESTS_MAX;
    struct sw_test_report report = {.ctx = &left, .wanted = wanted};

    sw_ruleset_test(rs, &report);
    SW_ASSERT(report.passed + report.failed == TESTS_MAX - left);
}

/* The log keeps the bundle as one text: what comes back is the same and builds. */
static void keep(const struct sw_ruleset *rs)
{
    struct sw_buf packed = {0};
    struct sw_diag diag = {0};
    struct sw_bundle *b;
    struct sw_ruleset *again;

    sw_bundle_pack(sw_ruleset_bundle(rs), &packed);
    b = sw_bundle_unpack(sw_buf_view(&packed), NULL);
    SW_ASSERT(b != NULL && strcmp(b->digest, sw_ruleset_digest(rs)) == 0);
    again = sw_ruleset_build(b, "", &diag);
    SW_ASSERT(again != NULL && sw_ruleset_rules(again) == sw_ruleset_rules(rs));
    sw_ruleset_free(again);
    sw_diag_free(&diag);
    sw_buf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rule_file files[SW_COUNTOF(names) + 2];
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_ruleset *rs;
    struct sw_ruleset *explained;

    if (size > TEXT_MAX)
        return 0;
    rs = build_rules(files, cut((struct sw_str){(const char *)data, size}, files), &diag);
    SW_ASSERT((rs == NULL) == (diag.errors > 0));
    sw_diag_format(&diag, &out);
    SW_ASSERT((out.n > 0) == (diag.errors + diag.warnings > 0));
    if (rs != NULL) {
        describe(rs);
        run_tests(rs);
        keep(rs);
        explained = sw_ruleset_explained(rs);
        SW_ASSERT(explained != NULL);
        sw_ruleset_free(explained);
    }
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&out);
    return 0;
}
