/* wording.c - the texts of messages (messages.yaml), and filling them in.
 *
 * What a text message may carry is settled here and nowhere else: place, masked name, the last four
 * of the household's number, a cause class, a deadline, the case number. No full name, amount,
 * diagnosis or identity number; a group's webhook gets the same facts as fields. */
#include "parts.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* Used where messages.yaml says nothing. */
static const struct sw_wording defaults = {
    .signature = TEXT("守望防返贫"),
    .alert = TEXT("{{level}}预警:{{place}}{{name}}(尾号{{tail}}){{cause}},请{{deadline}}入户核实。"
                  "编号{{case}},{{reply}}"),
    .rise = TEXT("升为{{level}}:{{place}}{{name}}(尾号{{tail}}){{cause}},请{{deadline}}入户核实。"
                 "编号{{case}},{{reply}}"),
    .cause =
        TEXT("新情况({{level}}):{{place}}{{name}}(尾号{{tail}}){{cause}}。编号{{case}},{{reply}}"),
    .withdrawn = TEXT(
        "更正:编号{{case}},{{place}}{{name}}(尾号{{tail}})的预警原因已不成立,不必再为此入户。"),
    .area_alert = TEXT("{{level}}预警:{{place}}{{cause}},涉及{{count}}户,请{{deadline}}核实处置。"
                       "编号{{case}},{{reply}}"),
    .area_rise = TEXT("升为{{level}}:{{place}}{{cause}},涉及{{count}}户,请{{deadline}}核实处置。"
                      "编号{{case}},{{reply}}"),
    .area_cause =
        TEXT("新情况({{level}}):{{place}}{{cause}},涉及{{count}}户。编号{{case}},{{reply}}"),
    .area_withdrawn = TEXT("更正:编号{{case}},{{place}}的预警原因已不成立,不必再为此核实。"),
    .remind = TEXT("催办:{{place}}{{name}}(尾号{{tail}}){{level}}预警{{left}},请尽快办理。编号"
                   "{{case}},{{reply}}"),
    .escalate = TEXT("督办:{{place}}(尾号{{tail}}){{level}}预警{{left}}尚未办理,请督促。编号"
                     "{{case}},{{reply}}"),
    .area_remind = TEXT("催办:{{place}}{{level}}预警{{left}},请尽快办理。编号{{case}},{{reply}}"),
    .area_escalate =
        TEXT("督办:{{place}}{{level}}预警{{left}}尚未办理,请督促。编号{{case}},{{reply}}"),
    .copy = TEXT("抄送({{level}}):{{place}}{{name}}(尾号{{tail}}){{cause}},已请责任人"
                 "{{deadline}}核实。编号{{case}}"),
    .area_copy = TEXT("抄送({{level}}):{{place}}{{cause}},涉及{{count}}户,已请责任人{{deadline}}"
                      "核实。编号{{case}}"),
    .handover = TEXT("转由您负责({{level}}):{{place}}{{name}}(尾号{{tail}}){{cause}}。"
                     "编号{{case}},{{reply}}"),
    .area_handover =
        TEXT("转由您负责({{level}}):{{place}}{{cause}},涉及{{count}}户。编号{{case}},{{reply}}"),
    .handover_many =
        TEXT("{{count}}件在办预警转由您负责,编号{{cases}},名单请向县里要,按编号回复。"),
    .owners_missing = TEXT("责任人缺位:{{count}}户没有帮扶责任人,{{cases}}件在办预警无人负责,"
                           "请尽快明确。"),
    .phones_bad = TEXT("号码失效:{{count}}个手机号连续送不到({{names}}),请核对更正。"),
    .clarify = TEXT("没有看懂。编号{{case}}请只回一个数字:{{reply}}"),
    .clarify_many = TEXT("您有{{count}}件在办,请回编号加数字,如{{case}} 1。在办编号:{{cases}}"),
    .nothing_open = TEXT("您名下现在没有待核的预警,或编号有误。"),
    .many =
        TEXT("{{level}}预警{{count}}户:{{place}}{{cause}},请{{deadline}}入户核实。编号{{cases}},"
             "回编号加数字"),
    .digest = TEXT("早间汇总{{count}}件:{{cases}}。请尽快核实,回编号加数字"),
    .storm_alert = TEXT("预警激增:{{rule}}今日{{count}}户,平常{{usual}}户,已暂扣未发。"
                        "请核对后放行或作废,激增号{{number}}"),
    .ask = TEXT("编号{{case}}{{place}}{{name}}(尾号{{tail}}){{state}},请{{until}}办理。{{reply}}"),
    .area_ask = TEXT("编号{{case}}{{place}}{{state}},请{{until}}办理。{{reply}}"),
    .refused = TEXT("编号{{case}}未受理:{{why}}。"),
    .why = TEXT("编号{{case}}不属实的原因请回{{reasons}},或回3加空格写几个字。"),
    .words = TEXT("编号{{case}}请写明再回一次:{{case}} {{digit}} 后面加空格写几个字。"),
    .feed_alert = TEXT("数据报警:{{feed}}{{trouble}}。请联系核实,恢复后自动解除。"),
    .feeds_alert = TEXT("数据报警:{{count}}个部门数据异常:{{feed}}。请登录查看,恢复后自动解除。"),
    .reply = TEXT("回1需帮2已帮3不实4未遇"),
};

void sw_load_wording(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    rs->wording = defaults;
    for (size_t i = 0; i <= LEVELS_MAX; i++)
        rs->wording.deadline[i].text = SW_STR("尽快");
    if (root == NULL)
        return;
    sw_keys_read(&sw_messages_keys, root, &rs->wording, diag);
    sw_load_deadlines(rs, sw_yaml_get(root, "deadline"), diag);
    sw_load_clocks(rs, sw_yaml_get(root, "clocks"), diag);
    sw_load_mail(rs, root, diag);
}

static void put_pair(struct sw_buf *out, struct sw_str name, const struct sw_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sw_str_is(name, pairs[i].name))
            sw_buf_str(out, pairs[i].value);
    }
}

/* "{{name}}" once, never scanned again: a value that contains braces stays text. */
static void fill(struct sw_buf *out, struct sw_str wording, const struct sw_pair *pairs, size_t n)
{
    for (size_t at = 0; at < wording.n;) {
        struct sw_str rest = sw_str_sub(wording, at, wording.n);
        const char *end =
            sw_str_starts(rest, SW_STR("{{")) ? memmem(rest.p, rest.n, "}}", 2) : NULL;

        if (end == NULL) {
            sw_buf_char(out, rest.p[0]);
            at++;
            continue;
        }
        put_pair(out, sw_str_trim(sw_str_sub(rest, 2, (size_t)(end - rest.p) - 2)), pairs, n);
        at += (size_t)(end - rest.p) + 2;
    }
}

struct sw_str sw_fill(struct sw_engine *e, struct sw_str wording, const struct sw_pair *pairs,
                      size_t n)
{
    struct sw_buf out = {0};
    struct sw_str text;

    sw_buf_printf(&out, "【%.*s】", SW_STR_ARG(e->rules->wording.signature));
    fill(&out, wording, pairs, n);
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}
