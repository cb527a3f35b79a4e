/* lang_county.h - a small county for tests of the rule language: the schema and parameters of the
 * handbook's examples declared by hand, and a host that keeps one household's events.
 *
 * Texts describe data: "2024-02-10 medical.bill person=张三 self_paid=12000; …"; "@2024-04-01"
 * behind the day says when it was learned, "id=b1" names an event, "2024-02-15 reverse b1" takes it
 * back, "2024-06-01 household income_12m=36000" changes the household. */
#ifndef TESTS_LANG_COUNTY_H
#define TESTS_LANG_COUNTY_H

#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/lang/lang.h>
#include <stdlib.h>

enum { COUNTY_EVENTS = 256, COUNTY_PERSONS = 32, COUNTY_FIELDS = 8, COUNTY_HH = 0, COUNTY_P = 1 };

static const struct {
    const char *name, *items; /* "name:label name:label" */
} county_enums[] = {
    {"hh_kind",
     "none:一般农户 out:已脱贫户 unstable:脱贫不稳定户 edge:边缘易致贫户 sudden:突发严重困难户"},
    {"bill_kind", "inpatient:住院 outpatient:门诊 chronic:门诊慢特病"},
    {"hazard", "hail:冰雹 flood:洪涝 drought:干旱 wind:大风 frost:低温冻害 quake:地震 fire:火灾"},
    {"grade", "A:A级 B:B级 C:C级危房 D:D级危房"},
    {"outcome", "injury:受伤 disabled:致残 death:死亡"},
    {"spend", "food:食品 rent:租金 rigid:刚性支出 other:其他"},
    {"reason", "cut:企业裁员 back:返乡 ill:因病停工 other:其他"},
};

static const struct {
    const char *name, *label, *fields; /* "name:type name:type:label" */
    bool partial;
    uint32_t end; /* 1 + field with the last day */
} county_streams[] = {
    {"medical.bill", "医疗费结算",
     "person:person kind:enum(bill_kind) total:money self_paid:money:自付费用", false, 0},
    {"work.lost", "失业登记", "person:person reason:enum(reason)", false, 0},
    {"work.hired", "就业登记", "person:person", false, 0},
    {"disaster.hail", "冰雹预警(按村)", "severity:int:强度(1-5)", false, 0},
    {"disaster.loss", "灾损上报", "kind:enum(hazard) loss:money:损失金额", false, 0},
    {"income.record", "收入记账", "amount:money:收入金额", true, 0},
    {"spend.record", "支出记账", "kind:enum(spend) amount:money:支出金额", true, 0},
    {"edu.absence", "缺课报告", "person:person days_absent:int:缺课天数", false, 0},
    {"edu.dropout", "疑似辍学", "person:person", false, 0},
    {"edu.back", "复学", "person:person", false, 0},
    {"edu.fee", "教育支出", "person:person self_paid:money:自付学费", false, 0},
    {"house.inspect", "房屋鉴定", "grade:enum(grade):鉴定等级", false, 0},
    {"house.repaired", "危房改造完成", "", false, 0},
    {"water.outage", "断水", "", false, 0},
    {"water.restored", "恢复供水", "", false, 0},
    {"accident.report", "意外事故", "person:person outcome:enum(outcome):后果", false, 0},
    {"farm.loss", "产业损失", "amount:money:损失金额", false, 0},
    {"visit.done", "入户走访", "", false, 0},
    {"loan.issued", "小额信贷", "due:date:到期日 amount:money:金额", false, 1},
};

static const struct {
    const char *name, *type;
    bool optional;
    const char *label;
} county_household[] = {
    {"name", "string", true, "户主姓名"},
    {"township", "string", true, "乡镇"},
    {"village", "string", true, "村"},
    {"kind", "enum(hh_kind)", false, "户类型"},
    {"dibao", "bool", false, "享受低保"},
    {"monitored", "bool", false, "已纳入监测"},
    {"monitored_since", "date", true, "纳入监测日期"},
    {"members_n", "int", false, "家庭人口"},
    {"income_12m", "money", true, "近12个月家庭总收入"},
    {"land_mu", "number", true, "种植面积(亩)"},
    {"house_lived", "bool", false, "唯一住房且在住"},
};

static const struct {
    const char *name, *unit;
    double value;
    const char *label;
} county_params[] = {
    {"med_line_poor", "元", 5000, "脱贫户年自付医疗费预警线"},
    {"med_line_other", "元", 20000, "一般农户年自付医疗费预警线"},
    {"med_full", "元", 40000, "年自付医疗费满分线"},
    {"med_ratio", "比例", 0.4, "自付医疗费占收入比例"},
    {"med_floor", "元", 3000, "比例规则的起算金额"},
    {"outpatient_line", "元", 500, "月门诊慢特病自付线"},
    {"jobless_days", "天", 90, "失业多少天未再就业"},
    {"hail_severity", "级", 3, "冰雹强度"},
    {"hail_land", "亩", 2, "受灾种植面积下限"},
    {"disaster_line", "元", 8000, "90天灾损预警线"},
    {"disaster_full", "元", 40000, "90天灾损满分线"},
    {"monitor_line", "元", 7800, "人均年收入监测线"},
    {"rigid_min", "元", 10000, "收支失衡的刚性支出下限"},
    {"absent_days", "天", 10, "30天缺课天数"},
    {"edu_line", "元", 10000, "年教育自付预警线"},
    {"water_days", "天", 7, "断水天数"},
    {"farm_ratio", "比例", 0.3, "产业损失占收入比例"},
    {"income_default", "元", 20000, "收入不详时按此估算"},
    {"visit_days", "天", 60, "监测户走访间隔"},
};

static const char *const county_poor_kinds[] = {"out", "unstable", "edge", "sudden"};
static const char *const county_hazards[] = {"hail", "flood", "drought", "wind", "frost"};

/* One thing that happened. */
struct county_event {
    uint16_t stream;
    sw_day day, learned, reversed; /* reversed: the day it was taken back, SW_DAY_NEVER */
    char id[16];
    struct sw_value field[COUNTY_FIELDS];
};

/* A change of the household's own data. */
struct county_change {
    sw_day day;
    uint32_t slot;
    struct sw_value value;
};

struct county {
    struct sw_lang *l;
    struct sw_arena arena;
    const struct sw_type *enum_type[SW_COUNTOF(county_enums)];
    struct sw_enum_item item[SW_COUNTOF(county_enums)][8];
    struct sw_stream_decl stream[SW_COUNTOF(county_streams)];
    struct sw_field_decl field[SW_COUNTOF(county_streams)][COUNTY_FIELDS];
    struct sw_value hh[SW_COUNTOF(county_household)];
    struct sw_value p[SW_COUNTOF(county_params)];
    sw_day p_until[SW_COUNTOF(county_params)];
    sw_day hh_until[SW_COUNTOF(county_household)];
    struct sw_str person[COUNTY_PERSONS];
    size_t n_persons;
    struct county_event event[COUNTY_EVENTS];
    size_t n_events;
    struct county_change change[16];
    size_t n_changes;
    sw_day learned; /* what was learned later does not exist yet */
    struct sw_frame frame;
};

/* ---- declarations ---------------------------------------------------------------------------- */

static const struct sw_type *county_type(struct county *c, struct sw_str text)
{
    static const struct {
        const char *name;
        enum sw_kind kind;
    } simple[] = {{"money", SW_KMONEY},  {"int", SW_KINT},       {"number", SW_KDOUBLE},
                  {"bool", SW_KBOOL},    {"string", SW_KSTRING}, {"date", SW_KDATE},
                  {"person", SW_KPERSON}};

    for (size_t i = 0; i < SW_COUNTOF(simple); i++) {
        if (sw_str_is(text, simple[i].name))
            return sw_type_of(c->l, simple[i].kind);
    }
    for (size_t i = 0; i < SW_COUNTOF(county_enums); i++) {
        if (sw_str_is(sw_str_sub(text, 5, text.n - 6), county_enums[i].name))
            return c->enum_type[i];
    }
    abort();
}

static inline void county_declare_enums(struct county *c)
{
    for (size_t i = 0; i < SW_COUNTOF(county_enums); i++) {
        struct sw_str rest = sw_str(county_enums[i].items);
        struct sw_str one;
        size_t n = 0;

        while (sw_str_split(&rest, ' ', &one)) {
            sw_str_split(&one, ':', &c->item[i][n].name);
            c->item[i][n++].label = one;
        }
        c->enum_type[i] = sw_type_enum(c->l, sw_str(county_enums[i].name), c->item[i], n);
    }
}

static inline void county_declare_streams(struct county *c)
{
    for (size_t i = 0; i < SW_COUNTOF(county_streams); i++) {
        struct sw_str rest = sw_str(county_streams[i].fields);
        struct sw_str one;

        c->stream[i] = (struct sw_stream_decl){.name = sw_str(county_streams[i].name),
                                               .label = sw_str(county_streams[i].label),
                                               .fields = c->field[i],
                                               .id = (uint16_t)i,
                                               .partial = county_streams[i].partial,
                                               .end = county_streams[i].end};
        while (rest.n > 0 && sw_str_split(&rest, ' ', &one)) {
            struct sw_str name;
            struct sw_str type;

            sw_str_split(&one, ':', &name);
            sw_str_split(&one, ':', &type);
            c->field[i][c->stream[i].n_fields++] = (struct sw_field_decl){
                .name = name, .label = one, .type = county_type(c, type), .optional = true};
        }
        sw_lang_stream(c->l, &c->stream[i]);
    }
}

static inline void county_declare_params(struct county *c)
{
    for (size_t i = 0; i < SW_COUNTOF(county_params); i++) {
        struct sw_str unit = sw_str(county_params[i].unit);
        double v = county_params[i].value;
        enum sw_kind kind = sw_str_is(unit, "元")                            ? SW_KMONEY
                            : sw_str_is(unit, "天") || sw_str_is(unit, "级") ? SW_KINT
                                                                             : SW_KDOUBLE;

        c->p[i] = kind == SW_KMONEY ? sw_value_money((int64_t)(v * 100))
                  : kind == SW_KINT ? sw_value_int((int64_t)v)
                                    : sw_value_double(v);
        c->p_until[i] = SW_DAY_NEVER;
        sw_lang_var(c->l, sw_arena_printf(&c->arena, "p.%s", county_params[i].name),
                    sw_type_of(c->l, kind), COUNTY_P, (uint32_t)i, false,
                    sw_str(county_params[i].label), unit);
    }
}

static inline void county_declare_household(struct county *c)
{
    for (size_t i = 0; i < SW_COUNTOF(county_household); i++) {
        c->hh[i] = sw_value_unknown(0);
        c->hh_until[i] = SW_DAY_NEVER;
        sw_lang_var(c->l, sw_arena_printf(&c->arena, "hh.%s", county_household[i].name),
                    county_type(c, sw_str(county_household[i].type)), COUNTY_HH, (uint32_t)i,
                    county_household[i].optional, sw_str(county_household[i].label),
                    (struct sw_str){NULL, 0});
    }
}

static inline void county_declare_list(struct county *c, const char *name,
                                       const char *const *entries, size_t n)
{
    struct sw_text text[8];

    for (size_t i = 0; i < n; i++)
        text[i] = (struct sw_text){.text = sw_str(entries[i]), .file = SW_STR("rules.yaml")};
    sw_lang_list(c->l, sw_str(name), text, n);
}

static inline struct sw_text county_text(const char *expression)
{
    return (struct sw_text){.text = sw_str(expression), .file = SW_STR("rules.yaml")};
}

static inline void county_begin(struct county *c)
{
    *c = (struct county){.l = sw_lang_new(SW_LANG_RULES)};
    county_declare_enums(c);
    county_declare_streams(c);
    county_declare_params(c);
    county_declare_household(c);
    sw_lang_period(c->l, SW_STR("school_year"), 9, 1);
}

/* The lists and macros of the example rules. */
static inline void county_declare_rules(struct county *c, struct sw_diag *diag)
{
    county_declare_list(c, "poor_kinds", county_poor_kinds, SW_COUNTOF(county_poor_kinds));
    county_declare_list(c, "farm_hazards", county_hazards, SW_COUNTOF(county_hazards));
    sw_lang_macro(c->l, SW_STR("med_paid_12m"),
                  county_text("medical.bill.within(days(365)).sum(self_paid)"), diag);
    sw_lang_macro(c->l, SW_STR("edu_paid_12m"),
                  county_text("edu.fee.within(days(365)).sum(self_paid)"), diag);
}

static inline void county_end(struct county *c)
{
    sw_reads_free(c->frame.reads);
    sw_arena_free(&c->arena);
    sw_lang_free(c->l);
}

/* ---- data ------------------------------------------------------------------------------------ */

static inline sw_day county_day(const char *text)
{
    sw_day day = 0;

    if (!sw_date_parse(sw_str(text), &day))
        abort();
    return day;
}

static inline struct sw_value county_person(struct county *c, struct sw_str name)
{
    size_t i = 0;

    while (i < c->n_persons && !sw_str_eq(c->person[i], name))
        i++;
    if (i == c->n_persons)
        c->person[c->n_persons++] = sw_arena_str(&c->arena, name);
    return (struct sw_value){.kind = SW_KPERSON, .i = (int64_t)i};
}

static inline struct sw_value county_value(struct county *c, const struct sw_type *t,
                                           struct sw_str text)
{
    size_t n;
    const struct sw_enum_item *items = sw_type_items(t, &n);
    int64_t i = 0;
    double d = 0;
    sw_day day = 0;

    for (size_t k = 0; k < n; k++) {
        if (sw_str_eq(items[k].name, text))
            return (struct sw_value){.kind = SW_KENUM, .i = (int64_t)k};
    }
    switch ((int)sw_type_kind(t)) {
    case SW_KMONEY: return sw_fen_parse(text, &i) ? sw_value_money(i) : sw_value_unknown(0);
    case SW_KINT: return sw_str_int(text, &i) ? sw_value_int(i) : sw_value_unknown(0);
    case SW_KDOUBLE: return sw_double_parse(text, &d) ? sw_value_double(d) : sw_value_unknown(0);
    case SW_KBOOL: return sw_value_bool(sw_str_is(text, "true"));
    case SW_KDATE: return sw_date_parse(text, &day) ? sw_value_date(day) : sw_value_unknown(0);
    case SW_KPERSON: return county_person(c, text);
    default: return sw_value_str(sw_arena_str(&c->arena, text));
    }
}

static inline uint32_t county_slot(struct sw_str name)
{
    for (uint32_t i = 0; i < SW_COUNTOF(county_household); i++) {
        if (sw_str_is(name, county_household[i].name))
            return i;
    }
    abort();
}

/* "kind=none members_n=4" */
static inline void county_household_is(struct county *c, struct sw_str text, sw_day from)
{
    struct sw_str one;
    struct sw_str key;

    while (text.n > 0 && sw_str_split(&text, ' ', &one)) {
        uint32_t slot;
        struct sw_value v;

        sw_str_split(&one, '=', &key);
        slot = county_slot(key);
        v = county_value(c, county_type(c, sw_str(county_household[slot].type)), one);
        if (from == 0)
            c->hh[slot] = v;
        else
            c->change[c->n_changes++] = (struct county_change){from, slot, v};
    }
}

/* Events stay sorted by day, equal days in order of telling. */
static inline struct county_event *county_insert(struct county *c, uint16_t stream, sw_day day)
{
    size_t at = c->n_events;

    while (at > 0 && c->event[at - 1].day > day) {
        c->event[at] = c->event[at - 1];
        at--;
    }
    c->n_events++;
    c->event[at] = (struct county_event){
        .stream = stream, .day = day, .learned = day, .reversed = SW_DAY_NEVER};
    for (int i = 0; i < COUNTY_FIELDS; i++)
        c->event[at].field[i] = sw_value_unknown(0);
    return &c->event[at];
}

static inline void county_reverse(struct county *c, struct sw_str id, sw_day day)
{
    for (size_t i = 0; i < c->n_events; i++) {
        if (sw_str_is(id, c->event[i].id))
            c->event[i].reversed = day;
    }
}

static inline void county_fields_are(struct county *c, struct county_event *e, struct sw_str text)
{
    const struct sw_stream_decl *s = &c->stream[e->stream];
    struct sw_str one;
    struct sw_str key;

    while (text.n > 0 && sw_str_split(&text, ' ', &one)) {
        sw_str_split(&one, '=', &key);
        if (sw_str_is(key, "id"))
            snprintf(e->id, sizeof(e->id), "%.*s", SW_STR_ARG(one));
        for (size_t i = 0; i < s->n_fields; i++) {
            if (sw_str_eq(s->fields[i].name, key))
                e->field[i] = county_value(c, s->fields[i].type, one);
        }
    }
}

static inline void county_tell(struct county *c, struct sw_str one)
{
    struct sw_str when;
    struct sw_str what;
    sw_day day = 0;
    sw_day learned;

    one = sw_str_trim(one);
    sw_str_split(&one, ' ', &when);
    sw_date_parse(sw_str_sub(when, 0, 10), &day);
    learned = day;
    if (when.n > 10)
        sw_date_parse(sw_str_sub(when, 11, 10), &learned);
    sw_str_split(&one, ' ', &what);
    if (sw_str_is(what, "reverse")) {
        county_reverse(c, one, day);
        return;
    }
    if (sw_str_is(what, "household")) {
        county_household_is(c, one, day);
        return;
    }
    for (uint16_t i = 0; i < SW_COUNTOF(county_streams); i++) {
        if (sw_str_is(what, county_streams[i].name)) {
            struct county_event *e = county_insert(c, i, day);

            e->learned = learned;
            county_fields_are(c, e, one);
        }
    }
}

static inline void county_events_are(struct county *c, const char *text)
{
    struct sw_str rest = sw_str(text);
    struct sw_str one;

    c->n_events = c->n_changes = 0;
    while (rest.n > 0 && sw_str_split(&rest, ';', &one))
        county_tell(c, one);
}

/* ---- the host -------------------------------------------------------------------------------- */

static inline void county_open(void *ctx, struct sw_cursor *cursor)
{
    const struct county *c = ctx;

    cursor->from = cursor->at = c->event;
    cursor->to = c->event + c->n_events;
}

static inline bool county_next(void *ctx, struct sw_cursor *cursor)
{
    const struct county *c = ctx;
    const struct county_event *e = cursor->at;
    const struct county_event *to = cursor->to;

    while (e != to &&
           (e->stream != cursor->stream || e->learned > c->learned || e->reversed <= c->learned))
        e++;
    cursor->at = e == to ? e : e + 1;
    if (e == to)
        return false;
    cursor->day = e->day;
    cursor->field = e->field;
    return true;
}

static const struct sw_host county_host = {county_open, county_next};

/* A frame for `day`, on which everything learned until then is known. */
static inline struct sw_frame *county_frame(struct county *c, sw_day day)
{
    struct sw_frame *f = &c->frame;

    if (f->reads == NULL)
        f->reads = sw_reads_new(c->l);
    for (size_t i = 0; i < c->n_changes; i++) {
        if (c->change[i].day <= day)
            c->hh[c->change[i].slot] = c->change[i].value;
    }
    c->learned = day;
    f->bank[COUNTY_HH] = c->hh;
    f->bank[COUNTY_P] = c->p;
    f->until[COUNTY_HH] = c->hh_until;
    f->until[COUNTY_P] = c->p_until;
    f->host = &county_host;
    f->ctx = c;
    f->arena = &c->arena;
    f->today = day;
    f->budget = 100000;
    sw_frame_begin(f);
    return f;
}

#endif
