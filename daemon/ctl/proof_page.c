/* proof_page.c - a case's proof as a page for the paper file. Chinese whatever the locale says: it
 * is read in the county, and it must come out the same wherever it is checked. */
#include "proof.h"
#include <shouwang/base/zone.h>
#include <stdlib.h>

/* ---- words -------------------------------------------------------------------------------- */

static const struct {
    const char *word, *label;
} labels[] = {
    {"raised", "预警"},
    {"risen", "等级上升"},
    {"cause", "新增原因"},
    {"lowered", "等级下降"},
    {"eased", "已无等级"},
    {"cause_gone", "原因消除"},
    {"changed", "分数变化"},
    {"withdrawn", "记录撤销"},
    {"not_sent", "未发送"},
    {"no_owner", "无人可通知"},
    {"bad_number", "号码失效"},
    {"nobody_above", "上级无人"},
    {"message", "消息"},
    {"receipt", "回执"},
    {"acknowledged", "收到"},
    {"needs_help", "属实，需帮扶"},
    {"helped", "属实，已帮扶"},
    {"not_true", "不属实"},
    {"unreached", "未遇"},
    {"passed_up", "上交"},
    {"unclear", "答复不明"},
    {"answer_refused", "答复未受理"},
    {"moved", "随户转移"},
    {"member_gone", "成员转走"},
    {"merged", "并入他案"},
    {"joined", "他案并入"},
    {"recoded", "区划调整"},
    {"replaced", "数据被新数取代"},
    {"unlisted", "不在新名单上"},
    {"closed", "办结"},
    {"past", "补录期间消除"},
    {"late", "迟到的事件"},
    {"reminded", "催办"},
    {"nobody_to_remind", "无人可催"},
    {"overdue", "超过时限"},
    {"escalated", "逐级上报"},
    {"escalation_held", "上报停在这一级"},
    {"resumed", "恢复计时"},
    {"handed_over", "换人负责"},
    {"fallback", "上级代管"},
    {"returned", "交还"},
    {"deferred", "推迟发送"},
    {"held", "扣住待放行"},
    {"muted", "静默中"},
    {"unmuted", "静默结束"},
    {"sent", "合并或补发"},
    {"released", "放行"},
    {"discarded", "作废"},
    {"state_gone", "状态取消"},
    {"measure", "落实措施"},
    {"green", "绿色通道"},
    {"papers", "补齐手续"},
    {"applied", "申请纳入"},
    {"agreed", "同意"},
    {"disagreed", "不同意"},
    {"proposed", "提出解除"},
    {"contradicted", "意见不一"},
    {"relapsed", "反弹"},
    {"due", "到期"},
    {"again", "再次预警"},
    {"came_back", "解除后又有预警"},
    {"measure_unlisted", "目录外措施"},
    {"measure_mismatch", "措施不对应"},
    {"words_missing", "缺少原因"},
    {"engine", "系统"},
    {"gateway", "网关"},
    {"accepted", "网关已受理"},
    {"buffered", "运营商待投"},
    {"delivered", "已送达"},
    {"failed", "未送达"},
    {"rejected", "网关拒收"},
    {"expired", "逾时未发出"},
};

/* A word the page has no Chinese for stands as it is. */
static struct sw_str label_of(struct sw_str word)
{
    for (size_t i = 0; i < SW_COUNTOF(labels); i++) {
        if (sw_str_is(word, labels[i].word))
            return sw_str(labels[i].label);
    }
    return word;
}

/* "2026-03-01 09:00:00" */
static void put_when(struct sw_buf *out, sw_time at, int32_t offset)
{
    char text[SW_RFC3339_SIZE];
    struct sw_str when = sw_str(sw_rfc3339_format(at, offset, text));

    sw_buf_printf(out, "%.*s %.*s", SW_STR_ARG(sw_str_sub(when, 0, 10)),
                  SW_STR_ARG(sw_str_sub(when, 11, 8)));
}

/* ---- a step ------------------------------------------------------------------------------- */

static void put_value(struct sw_buf *out, const char *indent, const char *what,
                      const struct sw_json *v)
{
    sw_buf_printf(out, "%s%s：%.*s = %.*s%.*s", indent, what, SW_STR_ARG(sw_json_word(v, "label")),
                  SW_STR_ARG(sw_json_word(v, "text")), SW_STR_ARG(sw_json_word(v, "unit")));
    if (sw_json_word(v, "area").n > 0)
        sw_buf_printf(out, "（%.*s，%.*s，%.*s）", SW_STR_ARG(sw_json_word(v, "area")),
                      SW_STR_ARG(sw_json_word(v, "reason")),
                      SW_STR_ARG(sw_json_word(v, "decided_by")));
    else if (sw_json_word(v, "rests_on").n > 0)
        sw_buf_printf(out, "（%.*s）", SW_STR_ARG(sw_json_word(v, "rests_on")));
    sw_buf_char(out, '\n');
}

/* "28.25分" */
static void put_points(struct sw_buf *out, const struct sw_json *v, const char *key)
{
    char text[64];

    snprintf(text, sizeof(text), "%.*s", SW_STR_ARG(sw_json_word(v, key)));
    sw_buf_printf(out, "%.4g分", strtod(text, NULL));
}

static void put_ground(struct sw_buf *out, const struct sw_json *ground)
{
    static const char indent[] = "       ";

    for (const struct sw_json *v = sw_json_first(ground, "params"); v != NULL; v = v->next)
        put_value(out, indent, "参数", v);
    for (const struct sw_json *v = sw_json_first(ground, "facts"); v != NULL; v = v->next)
        put_value(out, indent, "户情", v);
    for (const struct sw_json *s = sw_json_first(ground, "events"); s != NULL; s = s->next) {
        for (const struct sw_json *e = sw_json_first(s, "newest"); e != NULL; e = e->next)
            sw_buf_printf(out, "%s事实：%.*s %.*s %.*s\n", indent,
                          SW_STR_ARG(sw_json_word(e, "day")), SW_STR_ARG(sw_json_word(s, "label")),
                          SW_STR_ARG(sw_json_word(e, "text")));
    }
}

/* The causes of a step, each with what its rule has read. */
static void put_causes(struct sw_buf *out, const struct sw_json *data)
{
    for (const struct sw_json *c = sw_json_first(data, "causes"); c != NULL; c = c->next) {
        const struct sw_json *g = sw_json_first(data, "grounds");

        sw_buf_printf(out, "     原因：%.*s（规则 %.*s，", SW_STR_ARG(sw_json_word(c, "label")),
                      SW_STR_ARG(sw_json_word(c, "rule")));
        put_points(out, c, "points");
        sw_buf_printf(out, "）%.*s\n", SW_STR_ARG(sw_json_word(c, "text")));
        while (g != NULL && !sw_str_eq(sw_json_word(g, "rule"), sw_json_word(c, "rule")))
            g = g->next;
        put_ground(out, g);
    }
}

/* By id, and by name where the record has it. */
static void put_person(struct sw_buf *out, const char *what, struct sw_str id, struct sw_str name)
{
    sw_buf_printf(out, "%s%.*s%s%.*s", what, SW_STR_ARG(id), name.n > 0 ? " " : "",
                  SW_STR_ARG(name));
}

static void put_state(struct sw_buf *out, const struct sw_json *data, int32_t offset)
{
    if (sw_json_word(data, "row").n == 0)
        return; /* about a message */
    sw_buf_printf(out, "     此后：%.*s，%.*s ", SW_STR_ARG(sw_json_word(data, "state_label")),
                  SW_STR_ARG(sw_json_word(data, "level_label")));
    put_points(out, data, "score");
    if (sw_json_word(data, "outcome").n > 0)
        sw_buf_printf(out, "，结果：%.*s", SW_STR_ARG(sw_json_word(data, "outcome_label")));
    if (sw_json_word(data, "owner").n > 0)
        put_person(out, "，责任人 ", sw_json_word(data, "owner"), sw_json_word(data, "owner_name"));
    if (sw_json_int(data, "due_us") > 0) {
        sw_buf_cstr(out, "，期限 ");
        put_when(out, sw_json_int(data, "due_us"), offset);
    }
    sw_buf_printf(out, "；规则集 %.*s\n", 12, sw_json_word(data, "rules").p);
}

void sw_proof_step(const struct sw_json *step, int32_t offset, struct sw_arena *arena,
                   struct sw_buf *out)
{
    struct sw_json *data = NULL;
    struct sw_err err;

    if (sw_json_word(step, "data").n > 0 &&
        sw_json_parse(arena, sw_json_word(step, "data"), &data, &err) != SW_OK)
        data = NULL;
    put_when(out, sw_json_int(step, "at_us"), offset);
    sw_buf_printf(out, "  %.*s（", SW_STR_ARG(label_of(sw_json_word(step, "kind"))));
    put_person(out, "", label_of(sw_json_word(step, "actor")), sw_json_word(data, "actor_name"));
    sw_buf_printf(out, "）%.*s\n", SW_STR_ARG(sw_json_word(step, "text")));
    if (data == NULL)
        return;
    put_causes(out, data);
    put_state(out, data, offset);
}

/* ---- the page ----------------------------------------------------------------------------- */

static void put_head(struct sw_buf *out, const struct sw_json *proof, int32_t offset)
{
    const struct sw_json *c = sw_json_get(proof, "case");

    sw_buf_printf(out, PROOF_TITLE "  第%.*s号\n\n", SW_STR_ARG(sw_json_word(c, "number")));
    sw_buf_printf(out, "对象：%.*s %.*s %.*s（区划 %.*s）\n", SW_STR_ARG(sw_json_word(c, "place")),
                  SW_STR_ARG(sw_json_word(c, "name")), SW_STR_ARG(sw_json_word(c, "household")),
                  SW_STR_ARG(sw_json_word(c, "area")));
    sw_buf_cstr(out, "立案：");
    put_when(out, sw_json_int(c, "opened_us"), offset);
    sw_buf_cstr(out, "\n打印：");
    put_when(out, sw_json_int(proof, "printed_us"), offset);
    sw_buf_printf(out, "  守望 %.*s\n", SW_STR_ARG(sw_json_word(proof, "program")));
}

static void put_steps(struct sw_buf *out, const struct sw_json *proof, int32_t offset)
{
    struct sw_arena arena = {0};
    int n = 0;

    sw_buf_cstr(out, "\n一、经过\n\n");
    for (const struct sw_json *s = sw_json_first(proof, "steps"); s != NULL; s = s->next) {
        sw_arena_reset(&arena);
        sw_buf_printf(out, "%d. ", ++n);
        sw_proof_step(s, offset, &arena, out);
        sw_buf_printf(out, "     总第%.*s步，指纹 %.*s\n", SW_STR_ARG(sw_json_word(s, "position")),
                      SW_STR_ARG(sw_json_word(s, "hash")));
    }
    sw_arena_free(&arena);
}

static void put_messages(struct sw_buf *out, const struct sw_json *proof, int32_t offset)
{
    sw_buf_cstr(out, "\n二、消息\n\n");
    for (const struct sw_json *m = sw_json_first(proof, "messages"); m != NULL; m = m->next) {
        sw_buf_printf(out, "%.*s  ", SW_STR_ARG(sw_json_word(m, "id")));
        put_when(out, sw_json_int(m, "created_us"), offset);
        sw_buf_printf(out, "  %.*s %.*s", SW_STR_ARG(sw_json_word(m, "gateway")),
                      SW_STR_ARG(sw_json_word(m, "to")));
        if (sw_json_word(m, "fate").n > 0) {
            sw_buf_printf(out, "  %.*s ", SW_STR_ARG(label_of(sw_json_word(m, "fate"))));
            put_when(out, sw_json_int(m, "fate_at_us"), offset);
        }
        sw_buf_printf(out, "\n     %.*s\n", SW_STR_ARG(sw_json_word(m, "body")));
    }
}

static void put_rules(struct sw_buf *out, const struct sw_json *proof)
{
    sw_buf_cstr(out, "\n三、规则原文\n");
    for (const struct sw_json *r = sw_json_first(proof, "rules"); r != NULL; r = r->next) {
        struct sw_str text = sw_json_word(r, "text");
        struct sw_str line;

        sw_buf_printf(out, "\n规则 %.*s，%.*s，规则集 %.*s\n原文指纹 %.*s\n",
                      SW_STR_ARG(sw_json_word(r, "rule")), SW_STR_ARG(sw_json_word(r, "file")),
                      SW_STR_ARG(sw_json_word(r, "digest")), SW_STR_ARG(sw_json_word(r, "sha256")));
        while (text.n > 0 && sw_str_split(&text, '\n', &line))
            sw_buf_printf(out, "  | %.*s\n", SW_STR_ARG(line));
    }
}

static void put_foot(struct sw_buf *out, const struct sw_json *proof)
{
    const struct sw_json *record = sw_json_get(proof, "record");
    struct sw_str end = SW_STR("");

    for (const struct sw_json *s = sw_json_first(proof, "steps"); s != NULL; s = s->next)
        end = sw_json_word(s, "hash");
    sw_buf_printf(out, "\n四、校验\n\n本案链尾 %.*s\n", SW_STR_ARG(end));
    sw_buf_printf(out, "总链 共%.*s步，链尾 %.*s\n", SW_STR_ARG(sw_json_word(record, "steps")),
                  SW_STR_ARG(sw_json_word(record, "link")));
    sw_buf_cstr(out, "核对本文件：shouwang verify 本文件\n");
    sw_buf_printf(out, "核对数据库：shouwang verify --head %.*s:%.*s\n",
                  SW_STR_ARG(sw_json_word(record, "steps")),
                  SW_STR_ARG(sw_json_word(record, "link")));
}

void sw_proof_page(const struct sw_json *proof, struct sw_buf *out)
{
    int32_t offset = (int32_t)sw_json_int(proof, "utc_offset_s");

    put_head(out, proof, offset);
    put_steps(out, proof, offset);
    put_messages(out, proof, offset);
    put_rules(out, proof);
    put_foot(out, proof);
}
