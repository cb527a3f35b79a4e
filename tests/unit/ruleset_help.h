/* ruleset_help.h - rule folders written in a test: files by name, what building them gives. */
#ifndef TESTS_RULESET_HELP_H
#define TESTS_RULESET_HELP_H

#include <shouwang/base/json.h>
#include <shouwang/engine/ruleset.h>

/* A county small enough to write beside a test. */
static const char small_schema[] =
    "schema: 3\n"
    "timezone: Asia/Shanghai\n"
    "household:\n"
    "  name: {type: string, optional: true, label: 户主}\n"
    "  township: {type: string, optional: true, label: 乡镇}\n"
    "  village: {type: string, optional: true, label: 村}\n"
    "  income: {type: money, optional: true, label: 收入}\n"
    "events:\n"
    "  medical.bill: {label: 医疗费, fields: {person: {type: person}, paid: {type: money}}}\n"
    "  work.lost: {label: 失业, fields: {person: {type: person}}}\n";

/* Uses the parameters line (元), days (天) and share (比例). */
static const char small_rules[] =
    "categories: {health: {label: 因病, cap: 30}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}}\n"
    "rules:\n"
    "  - rule: bill\n"
    "    label: 医疗费过高\n"
    "    category: health\n"
    "    when: medical.bill.within(days(p.days)).sum(paid) >= p.line * p.share\n"
    "    score: 10\n"
    "    message: 过线{{p.line}}\n"
    "    tests:\n"
    "      - name: 一笔\n"
    "        household: {}\n"
    "        events: [{on: 2024-02-10, medical.bill: {person: 张三, paid: 50000}}]\n"
    "        expect: {2024-02-09: off, 2024-02-10: 10}\n";

struct rule_file {
    const char *name;
    struct sw_str text;
};

/* The ruleset of some files, NULL after an error; findings go to `diag`. */
static inline struct sw_ruleset *build_rules(const struct rule_file *files, size_t n,
                                             struct sw_diag *diag)
{
    struct sw_buf packed = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_err err = {.code = SW_OK};
    struct sw_bundle *b;

    sw_jw_object(&w);
    for (size_t i = 0; i < n; i++)
        sw_jw_member(&w, files[i].name, files[i].text);
    sw_jw_end(&w);
    b = sw_bundle_unpack(sw_buf_view(&packed), &err);
    sw_buf_free(&packed);
    if (b == NULL)
        sw_diag_add(diag, SW_ERROR, (struct sw_place){0}, "%s", err.text);
    return b == NULL ? NULL : sw_ruleset_build(b, "", diag);
}

#endif
