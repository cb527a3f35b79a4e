/* readback_stream.c - chains that read events, in words.
 *
 *   近365天〔医疗费结算〕中属于住院的自付费用合计
 *   window   stream      condition  fold
 *
 * Windows that begin today stand in front of the stream, what chooses among its events behind it in
 * the order it was written, and the fold is the noun that all of it qualifies. */
#include "lang/readback.h"
#include "lang/stream.h"

/* ---- windows --------------------------------------------------------------------------------- */

/* Periods have no labels of their own: those that counties use, else the day each begins. */
static void tell_period(struct teller *t, const struct node *n)
{
    static const struct {
        const char *name, *words;
    } known[] = {
        {"school_year", "本学年"}, {"heating_season", "本采暖季"}, {"plan_year", "本年度"}};
    struct sw_str name = sw_value_text(n->arg[1]->value);
    const struct named *p = sw_session_period(t->l, name);
    const char *words = "本期";

    for (size_t i = 0; i < SW_COUNTOF(known); i++) {
        if (sw_str_is(name, known[i].name))
            words = known[i].words;
    }
    sw_buf_printf(t->out, "%s（%d月%d日起）", words, p->month, p->day);
}

static void tell_months(struct teller *t, const struct node *n)
{
    const struct node *months = sw_tell_behind(n->arg[1]);

    sw_say(t, "近");
    sw_tell(t, months, TIGHT_WORD);
    sw_say(t, months->kind == N_LITERAL ? "个整月" : "的整月");
}

static void tell_windows(struct teller *t, const struct node *n)
{
    n = sw_tell_behind(n);
    if (n->kind == N_IDENT)
        return;
    tell_windows(t, n->arg[0]);
    switch ((int)n->index) {
    case STEP_WITHIN:
        sw_say(t, "近");
        sw_tell_days(t, n->arg[1]);
        break;
    case STEP_BETWEEN:
        sw_tell_days(t, n->arg[2]);
        sw_say(t, "前到");
        sw_tell_days(t, n->arg[1]);
        sw_say(t, "前");
        break;
    case STEP_YEAR: sw_say(t, "今年"); break;
    case STEP_PERIOD: tell_period(t, n); break;
    case STEP_BY_MONTH: tell_months(t, n); break;
    default: break;
    }
}

/* ---- which events ---------------------------------------------------------------------------- */

static const struct node *first_of(const struct node *n)
{
    for (n = sw_tell_behind(n); n->kind != N_IDENT;)
        n = sw_tell_behind(n->arg[0]);
    return n;
}

static void tell_stream(struct teller *t, const struct sw_stream_decl *stream)
{
    if (stream->label.n > 0) {
        sw_buf_printf(t->out, "〔%.*s〕", SW_STR_ARG(stream->label));
        return;
    }
    sw_buf_printf(t->out, "`%.*s`", SW_STR_ARG(stream->name));
    t->failed = true;
}

/* Whom a field of persons names: 户 where events of an area are told by household, else 人. */
static const char *who_is(const struct sw_field_decl *field)
{
    return sw_str_is(field->label, "户") ? "户" : "人";
}

/* A field that events are gathered by. */
static void tell_by(struct teller *t, const struct sw_stream_decl *stream, size_t index)
{
    if (sw_type_is(stream->fields[index].type, SW_KPERSON))
        sw_say(t, who_is(&stream->fields[index]));
    else
        sw_tell_field(t, stream->fields, stream->n_fields, index);
}

/* 同一人 */
static void tell_same(struct teller *t, const struct sw_stream_decl *stream, struct sw_str key)
{
    size_t index = 0;

    while (!sw_str_eq(stream->fields[index].name, key)) /* the checker saw to it */
        index++;
    sw_say(t, "（同一");
    tell_by(t, stream, index);
    sw_say(t, "）");
}

/* A condition on the events of `stream`. */
static void tell_condition(struct teller *t, const struct sw_stream_decl *stream,
                           const struct node *n)
{
    const struct sw_stream_decl *outer = t->stream;

    t->stream = stream;
    sw_say(t, "中");
    sw_tell_inside(t, n);
    sw_say_of(t);
    t->stream = outer;
}

/* 〔失业登记〕中…的, without windows. */
static void tell_chosen(struct teller *t, const struct node *n);

static void tell_unless(struct teller *t, const struct node *n)
{
    bool is_chosen = sw_tell_behind(n->arg[1])->kind != N_IDENT;

    sw_say(t, is_chosen ? "中之后没有（" : "中之后没有");
    tell_chosen(t, n->arg[1]);
    sw_say(t, is_chosen ? "）的" : "的");
    if (n->n_args > 2)
        tell_same(t, n->type->stream, n->arg[2]->name);
}

static void tell_key(struct teller *t, const struct node *n)
{
    sw_say(t, "（按");
    tell_by(t, n->type->stream, n->arg[1]->index);
    sw_say(t, "）");
}

static void tell_chosen(struct teller *t, const struct node *n)
{
    n = sw_tell_behind(n);
    if (n->kind == N_IDENT) {
        tell_stream(t, n->symbol->stream);
        return;
    }
    tell_chosen(t, n->arg[0]);
    switch ((int)n->index) {
    case STEP_OLDER:
        sw_say(t, "中已满");
        sw_tell_days(t, n->arg[1]);
        sw_say_of(t);
        break;
    case STEP_OPEN: sw_say(t, "中仍在有效期内的"); break;
    case STEP_ENDS:
        sw_say(t, "中");
        sw_tell_days(t, n->arg[1]);
        sw_say(t, "内到期的");
        break;
    case STEP_WHERE: tell_condition(t, n->type->stream, n->arg[1]); break;
    case STEP_UNLESS: tell_unless(t, n); break;
    case STEP_BY: tell_key(t, n); break;
    case STEP_BY_MONTH: sw_say(t, "（按月）"); break;
    default: break;
    }
}

/* ---- folds ----------------------------------------------------------------------------------- */

static bool is_date(const struct node *n)
{
    return sw_type_is(n->type, SW_KDATE);
}

/* What is folded: the argument, or what .map() in front made of each event. */
static const struct node *folded(const struct node *n)
{
    const struct node *from;

    if (n->n_args > 1)
        return sw_tell_behind(n->arg[1]);
    from = sw_tell_behind(n->arg[0]);
    while (from->kind != N_IDENT && from->index != STEP_MAP)
        from = sw_tell_behind(from->arg[0]);
    return from->kind == N_IDENT ? NULL : sw_tell_behind(from->arg[1]);
}

static void tell_value(struct teller *t, enum step fold, const struct node *of)
{
    switch ((int)fold) {
    case FOLD_COUNT: sw_say(t, "次数"); return;
    case FOLD_DAYS_SINCE: sw_say(t, "最近一次至今的天数"); return;
    case FOLD_MAX: sw_say(t, is_date(of) ? "最晚的" : "最高"); break;
    case FOLD_MIN: sw_say(t, is_date(of) ? "最早的" : "最低"); break;
    case FOLD_AVG: sw_say(t, "平均"); break;
    case FOLD_DISTINCT:
        if (sw_type_is(of->type, SW_KPERSON) && of->kind == N_IDENT && of->bind == BIND_FIELD) {
            sw_buf_printf(t->out, "%s数", who_is(&t->stream->fields[of->index]));
            return;
        }
        sw_say(t, "不同");
        break;
    case FOLD_LATEST: sw_say(t, of == NULL ? "最近一次" : "最近一次的"); break;
    default: break;
    }
    if (of != NULL)
        sw_tell(t, of, TIGHT_WORD);
    if (fold == FOLD_SUM)
        sw_say(t, "合计");
    if (fold == FOLD_DISTINCT)
        sw_say(t, "的个数");
}

void sw_tell_group_value(struct teller *t, const struct node *n)
{
    tell_value(t, (enum step)n->index, n->n_args > 0 ? sw_tell_behind(n->arg[0]) : NULL);
}

/* 有〔医疗费结算〕中属于住院的 */
static void tell_existence(struct teller *t, const struct node *n, bool yes)
{
    const struct sw_stream_decl *stream = first_of(n)->symbol->stream;

    tell_windows(t, n->arg[0]);
    sw_say(t, yes ? "有" : "没有");
    tell_chosen(t, n->arg[0]);
    if (n->n_args > 1)
        tell_condition(t, stream, n->arg[1]);
}

/* By whom groups are made: one of them, and how many there are. */
static const struct group_words {
    const char *of, *one, *number;
} group_words[] = {
    {"月", "一个月", "月数"}, {"人", "人", "人数"}, {"户", "一户", "户数"}, {"", "一组", "组数"}};

static const struct group_words *words_of(const struct node *by)
{
    const struct sw_field_decl *field;
    const char *of = "月";
    size_t i = 0;

    if (by->index == STEP_BY) {
        field = &by->type->stream->fields[by->arg[1]->index];
        of = sw_type_is(field->type, SW_KPERSON) ? who_is(field) : "";
    }
    while (strcmp(group_words[i].of, of) != 0)
        i++;
    return &group_words[i];
}

static void tell_groups(struct teller *t, const struct node *n, bool yes)
{
    const struct node *by = sw_tell_behind(n->arg[0]);
    const struct group_words *words = words_of(by);
    const struct sw_stream_decl *stream = t->stream;
    int32_t key = t->key;

    tell_windows(t, by);
    tell_chosen(t, by);
    if (n->index == FOLD_GROUPS_EXIST)
        sw_buf_printf(t->out, "%s%s", yes ? "有" : "没有", words->one);
    t->stream = by->type->stream;
    t->key = by->index == STEP_BY ? (int32_t)by->arg[1]->index : -1;
    if (n->n_args > 1)
        sw_tell_inside(t, n->arg[1]);
    t->stream = stream;
    t->key = key;
    if (n->index != FOLD_GROUPS_EXIST && n->n_args > 1)
        sw_say_of(t);
    if (n->index != FOLD_GROUPS_EXIST)
        sw_say(t, words->number);
}

void sw_tell_fold(struct teller *t, const struct node *n, bool yes)
{
    const struct sw_stream_decl *outer = t->stream;
    struct sw_str unit = t->unit;

    t->unit = (struct sw_str){NULL, 0};
    if (n->arg[0]->type->form == TYPE_GROUPS) {
        tell_groups(t, n, yes);
    } else if (n->index == FOLD_EXISTS) {
        tell_existence(t, n, yes);
    } else {
        tell_windows(t, n->arg[0]);
        tell_chosen(t, n->arg[0]);
        t->stream = first_of(n)->symbol->stream;
        tell_value(t, (enum step)n->index, folded(n));
        t->stream = outer;
    }
    t->unit = unit;
}
