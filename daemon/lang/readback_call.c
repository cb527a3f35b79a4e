/* readback_call.c - functions, and loops over lists, in words. */
#include "lang/readback.h"

enum { TAGGED_TOLD = 10 };

/* ---- functions ------------------------------------------------------------------------------- */

/* "$0" and "$1" are the arguments. */
static const struct phrase {
    const char *name;
    uint32_t n_args;
    const char *yes, *no; /* no: of a condition */
} phrases[] = {
    {"known", 1, "$0已知", "$0不详"},
    {"contains", 2, "$0含有$1", "$0不含$1"},
    {"startsWith", 2, "$0以$1开头", "$0不以$1开头"},
    {"endsWith", 2, "$0以$1结尾", "$0不以$1结尾"},
    {"int", 1, "$0取整", NULL},
    {"double", 1, "$0", NULL},
    {"string", 1, "$0", NULL},
    {"date", 1, "$0", NULL},
    {"getFullYear", 1, "$0的年份", NULL},
    {"getMonth", 1, "$0的月份（从0数起）", NULL},
    {"getDate", 1, "$0是几号", NULL},
    {"getDayOfMonth", 1, "$0是几号（从0数起）", NULL},
    {"getDayOfWeek", 1, "$0是星期几（星期日为0）", NULL},
    {"getDayOfYear", 1, "$0是当年第几天（从0数起）", NULL},
};

static const struct phrase *phrase_of(const struct node *n)
{
    for (size_t i = 0; i < SW_COUNTOF(phrases); i++) {
        if (sw_is_call(n, phrases[i].name) && n->n_args == phrases[i].n_args)
            return &phrases[i];
    }
    return NULL;
}

static void tell_phrase(struct teller *t, const struct node *n, const char *words)
{
    for (const char *c = words; *c != '\0'; c++) {
        if (*c == '$')
            sw_tell(t, n->arg[*++c - '0'], TIGHT_WORD);
        else
            sw_buf_char(t->out, *c);
    }
}

static void tell_fired(struct teller *t, const struct node *n, bool yes)
{
    sw_say(t, "规则【");
    if (t->names->rule != NULL)
        t->names->rule(t->names->ctx, n->index, t->out);
    else
        sw_buf_str(t->out, sw_value_text(n->arg[0]->value));
    sw_say(t, yes ? "】成立" : "】不成立");
}

/* The rules that carry a tag by their labels, while they are few: 规则【甲】【乙】中已成立的类数.
 */
static void tell_count_fired(struct teller *t, const struct node *n)
{
    const struct tag *tag = &t->l->tag[n->index];

    if (t->names->rule == NULL || tag->n > TAGGED_TOLD) {
        sw_buf_printf(t->out, "带“%.*s”标记的规则", SW_STR_ARG(tag->name));
    } else {
        sw_say(t, "规则");
        for (size_t i = 0; i < tag->n; i++) {
            sw_say(t, "【");
            t->names->rule(t->names->ctx, tag->at[i].rule, t->out);
            sw_say(t, "】");
        }
    }
    sw_say(t, "中已成立的类数");
}

/* From a at lo to b at hi; nothing below lo. */
static void tell_ramp(struct teller *t, const struct node *n)
{
    struct sw_str outer = t->unit;

    t->unit = (struct sw_str){NULL, 0};
    sw_say(t, "从");
    sw_tell(t, n->arg[3], TIGHT_WORD);
    sw_say(t, "分起，随");
    sw_tell(t, n->arg[0], TIGHT_WORD);
    sw_say(t, "由");
    sw_tell(t, n->arg[1], TIGHT_WORD);
    sw_say(t, "升到");
    sw_tell(t, n->arg[2], TIGHT_WORD);
    sw_say(t, "按比例升至");
    sw_tell(t, n->arg[4], TIGHT_WORD);
    sw_say(t, "分");
    t->unit = outer;
}

bool sw_is_extreme(const struct node *n)
{
    return sw_is_call(n, "math.least") || sw_is_call(n, "math.greatest");
}

static void tell_extreme(struct teller *t, const struct node *n)
{
    for (uint32_t i = 0; i < n->n_args; i++) {
        if (i > 0)
            sw_say(t, i + 1 == n->n_args ? "与" : "、");
        sw_tell(t, n->arg[i], TIGHT_PRODUCT);
    }
    if (n->n_args == 2)
        sw_say(t, sw_is_call(n, "math.least") ? "两者中较小的" : "两者中较大的");
    else
        sw_say(t, sw_is_call(n, "math.least") ? "中最小的" : "中最大的");
}

static void note_default(struct teller *t, struct sw_str what, const char *instead)
{
    struct sw_buf told = {0};

    if (t->names->defaulted == NULL)
        return;
    sw_buf_str(&told, what);
    sw_buf_cstr(&told, instead);
    t->names->defaulted(t->names->ctx, sw_buf_view(&told));
    sw_buf_free(&told);
}

/* The opposite of x.orValue(true): 不满足“x”（不详时按满足）. */
static bool tell_opposite_default(struct teller *t, const struct node *n)
{
    const struct node *value = sw_tell_behind(n->arg[0]);
    const struct node *literal = sw_tell_behind(n->arg[1]);
    size_t from = t->out->n + strlen("不满足“");
    size_t to;

    if ((value->kind != N_IDENT && value->kind != N_SELECT) || literal->kind != N_LITERAL)
        return false;
    sw_say(t, "不满足“");
    sw_tell(t, value, TIGHT_WORD);
    to = t->out->n;
    sw_buf_printf(t->out, "”（不详时按%s）", literal->value.b ? "满足" : "不满足");
    note_default(t, sw_str_sub(sw_buf_view(t->out), from, to - from),
                 literal->value.b ? "不详时按是" : "不详时按否");
    return true;
}

/* x.orValue(y): x（不详时取y） */
static void tell_default(struct teller *t, const struct node *n)
{
    size_t from = t->out->n;
    struct sw_str whole;
    size_t split;

    sw_tell(t, n->arg[0], TIGHT_WORD);
    split = t->out->n - from;
    sw_buf_printf(t->out, "（不详时%s", sw_is_clause(n) ? "按" : "取");
    sw_tell_side(t, n->arg[1], n->arg[0]->unit);
    whole = sw_str_sub(sw_buf_view(t->out), from, SIZE_MAX);
    note_default(t, sw_str_sub(whole, 0, split), whole.p + split + strlen("（"));
    sw_say(t, "）");
}

/* size(x), x.size(): of the household's members 人数. */
static void tell_size(struct teller *t, const struct node *n)
{
    const struct node *of = sw_tell_behind(n->arg[0]);
    bool is_records = of->type->form == TYPE_LIST && of->type->param[0]->form == TYPE_RECORD;

    sw_tell(t, of, TIGHT_WORD);
    sw_say_of(t);
    sw_say(t, is_records ? "人数" : sw_type_is(of->type, SW_KSTRING) ? "字数" : "个数");
}

/* ---- ages ------------------------------------------------------------------------------------ */

/* A date that years are counted from as an age: its label says that somebody was born. */
static bool is_birth(const struct node *n)
{
    struct sw_str label = {NULL, 0};

    n = sw_tell_behind(n);
    if (n->kind == N_IDENT && n->bind == BIND_VAR)
        label = n->symbol->label;
    else if (n->kind == N_SELECT && n->arg[0]->type->form == TYPE_RECORD)
        label = n->arg[0]->type->fields[n->index].label;
    return sw_str_is(label, "出生日期") || sw_str_is(label, "出生年月") || sw_str_is(label, "生日");
}

void sw_tell_years(struct teller *t, const struct node *n)
{
    if (is_birth(n->arg[0])) {
        sw_say(t, "年龄");
        return;
    }
    sw_tell(t, n->arg[0], TIGHT_WORD);
    sw_say(t, "至今的整年数");
}

/* 年满60周岁, 不满16周岁; 纳入监测日期至今满3年. More than n whole years are n + 1 at least. */
bool sw_tell_years_relation(struct teller *t, const struct node *years, enum op op,
                            const struct node *n)
{
    bool is_age = is_birth(years->arg[0]);
    const struct node *number = sw_tell_behind(n);
    bool is_less = op == OP_LT || op == OP_LE;
    bool is_next = op == OP_GT || op == OP_LE;

    if (!sw_type_is(number->type, SW_KINT) || (is_next && number->kind != N_LITERAL))
        return false;
    if (op == OP_EQ || op == OP_NE) {
        sw_tell_years(t, years);
        sw_say(t, op == OP_EQ ? "等于" : "不等于");
        sw_tell_side(t, number, is_age ? SW_STR("周岁") : SW_STR(""));
        return true;
    }
    if (!is_age) {
        sw_tell(t, years->arg[0], TIGHT_WORD);
        sw_say(t, "至今");
    }
    sw_say(t, is_less ? "不满" : is_age ? "年满" : "满");
    if (number->kind == N_LITERAL)
        sw_buf_printf(t->out, "%lld%s", (long long)number->value.i + is_next,
                      is_age ? "周岁" : "年");
    else
        sw_tell(t, number, TIGHT_WORD);
    return true;
}

void sw_tell_call(struct teller *t, const struct node *n)
{
    const struct phrase *phrase = phrase_of(n);

    if (sw_is_on_stream(n))
        sw_tell_fold(t, n, true);
    else if (n->bind == BIND_GROUP)
        sw_tell_group_value(t, n);
    else if (n->op != OP_NONE)
        sw_tell_operator(t, n);
    else if (phrase != NULL)
        tell_phrase(t, n, phrase->yes);
    else if (sw_is_call(n, "days"))
        sw_tell_days(t, n);
    else if (sw_is_call(n, "fired"))
        tell_fired(t, n, true);
    else if (sw_is_call(n, "years_since"))
        sw_tell_years(t, n);
    else if (sw_is_call(n, "count_fired"))
        tell_count_fired(t, n);
    else if (sw_is_call(n, "ramp"))
        tell_ramp(t, n);
    else if (sw_is_call(n, "size"))
        tell_size(t, n);
    else if (sw_is_call(n, "orValue"))
        tell_default(t, n);
    else if (sw_is_extreme(n))
        tell_extreme(t, n);
    else
        sw_tell_source(t, n);
}

/* ---- lists ----------------------------------------------------------------------------------- */

void sw_tell_loop(struct teller *t, const struct node *n, bool yes)
{
    if (sw_is_on_stream(n)) {
        sw_tell_fold(t, n, yes);
        return;
    }
    sw_tell(t, n->arg[0], TIGHT_WORD);
    switch ((enum loop)n->op) {
    case LOOP_ALL: sw_say(t, yes ? "全都满足（" : "并非全都满足（"); break;
    case LOOP_EXISTS: sw_say(t, yes ? "中有" : "中没有"); break;
    case LOOP_ONE: sw_say(t, yes ? "中恰有一个" : "中并非恰有一个"); break;
    case LOOP_FILTER: sw_say(t, "中"); break;
    case LOOP_MAP:
    case LOOP_MAP_IF: break;
    }
    if (n->op == LOOP_MAP_IF) {
        sw_say(t, "中");
        sw_tell_inside(t, n->arg[1]);
    }
    sw_say(t, n->op == LOOP_MAP_IF || n->op == LOOP_MAP ? "的" : "");
    if (n->op == LOOP_MAP_IF || n->op == LOOP_MAP)
        sw_tell(t, n->arg[n->n_args - 1], TIGHT_WORD);
    else
        sw_tell_inside(t, n->arg[1]);
    if (n->op == LOOP_ALL)
        sw_say(t, "）");
    else if (n->op != LOOP_MAP && n->op != LOOP_MAP_IF)
        sw_say_of(t);
}

bool sw_tell_opposite_call(struct teller *t, const struct node *n)
{
    const struct phrase *phrase = phrase_of(n);

    if (sw_is_on_stream(n))
        sw_tell_fold(t, n, false);
    else if (sw_is_call(n, "orValue"))
        return tell_opposite_default(t, n);
    else if (sw_is_call(n, "fired"))
        tell_fired(t, n, false);
    else if (phrase != NULL && phrase->no != NULL)
        tell_phrase(t, n, phrase->no);
    else
        return false;
    return true;
}

enum tightness sw_tightness_of_call(const struct node *n)
{
    const struct phrase *phrase = phrase_of(n);

    if (sw_is_on_stream(n))
        return sw_is_clause(n) ? TIGHT_CLAUSE : TIGHT_WORD;
    if (sw_is_call(n, "fired") || (phrase != NULL && phrase->no != NULL))
        return TIGHT_CLAUSE;
    return sw_is_call(n, "ramp") || sw_is_extreme(n) ? TIGHT_NOT : TIGHT_WORD;
}
