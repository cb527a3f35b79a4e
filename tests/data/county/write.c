/* write.c - one event as a line of CloudEvents 1.0 JSON, right or spoilt.
 *
 * Each source has habits of its own, as real departments have: whom it names as subject, whether
 * amounts are numbers or texts, whether it writes local time or UTC. */
#include "event.h"
#include "source.h"
#include <shouwang/base/json.h>
#include <stdio.h>
#include <string.h>

enum { UTC_PLUS_8 = 8 * 3600, BULK = 70000 };

enum subject { OF_HOUSEHOLD, OF_PERSON, OF_VILLAGE, OF_CADRE, OF_TEAM };

static const char *const bill_kinds[] = {"inpatient", "outpatient", "chronic"};
static const char *const payers[] = {"serious", "relief", "commercial", "manual"};
static const char *const lost_reasons[] = {"cut", "closed", "back", "ill", "other"};
static const char *const income_kinds[] = {"wage", "business", "property", "transfer"};
static const char *const spends[] = {"food", "rent", "rigid", "other"};
static const char *const grades[] = {"A", "B", "C", "D"};
static const char *const hazards[] = {"hail", "flood", "drought", "wind", "frost", "quake", "fire"};
static const char *const outcomes[] = {"injury", "disabled", "death"};
static const char *const report_kinds[] = {"ill",      "school",  "disabled",
                                           "disaster", "jobless", "other"};

struct line {
    const struct county *c;
    const struct event *e;
    struct fault spoilt; /* zero: right */
    struct sw_jw w;
};

static void put_listed(struct line *l);
static void put_unlisted(struct line *l);
static void put_phone(struct line *l);
static void put_leader(struct line *l);

static const struct {
    const char *name;
    enum source source;
    enum subject subject;
    bool person;      /* data.person */
    const char *word; /* name of the enum field */
    const char *const *words;
    const char *count, *money; /* names of the fields */
    void (*more)(struct line *l);
} types[TYPES] = {
    [BILL] = {"medical.bill", YIBAO, OF_PERSON, false, "kind", bill_kinds, NULL, "self_paid", NULL},
    [REFUND] = {"medical.refund", YIBAO, OF_PERSON, false, "payer", payers, NULL, "amount", NULL},
    [LOST] = {"work.lost", RENSHE, OF_HOUSEHOLD, true, "reason", lost_reasons, NULL, NULL, NULL},
    [HIRED] = {"work.hired", RENSHE, OF_HOUSEHOLD, true, NULL, NULL, NULL, NULL, NULL},
    [INCOME] = {"income.record", RUHU, OF_HOUSEHOLD, false, "kind", income_kinds, NULL, "amount",
                NULL},
    [SPEND] = {"spend.record", RUHU, OF_HOUSEHOLD, false, "kind", spends, NULL, "amount", NULL},
    [ABSENCE] = {"edu.absence", JIAOYU, OF_PERSON, true, NULL, NULL, "days_absent", NULL, NULL},
    [DROPOUT] = {"edu.dropout", JIAOYU, OF_PERSON, true, NULL, NULL, NULL, NULL, NULL},
    [BACK] = {"edu.back", JIAOYU, OF_PERSON, true, NULL, NULL, NULL, NULL, NULL},
    [FEE] = {"edu.fee", JIAOYU, OF_PERSON, true, NULL, NULL, NULL, "self_paid", NULL},
    [INSPECT] = {"house.inspect", ZHUJIAN, OF_HOUSEHOLD, false, "grade", grades, NULL, NULL, NULL},
    [REPAIRED] = {"house.repaired", ZHUJIAN, OF_HOUSEHOLD, false, NULL, NULL, NULL, NULL, NULL},
    [OUTAGE] = {"water.outage", SHUILI, OF_VILLAGE, false, NULL, NULL, NULL, NULL, NULL},
    [RESTORED] = {"water.restored", SHUILI, OF_VILLAGE, false, NULL, NULL, NULL, NULL, NULL},
    [HAIL] = {"disaster.hail", QIXIANG, OF_VILLAGE, false, NULL, NULL, "severity", NULL, NULL},
    [LOSS] = {"disaster.loss", YINGJI, OF_HOUSEHOLD, false, "kind", hazards, NULL, "loss", NULL},
    [ACCIDENT] = {"accident.report", GONGAN, OF_HOUSEHOLD, true, "outcome", outcomes, NULL, NULL,
                  NULL},
    [FARM] = {"farm.loss", NONGYE, OF_HOUSEHOLD, false, NULL, NULL, NULL, "amount", NULL},
    [OVERDUE] = {"loan.overdue", YINHANG, OF_HOUSEHOLD, false, NULL, NULL, NULL, "amount", NULL},
    [REPAID] = {"loan.repaid", YINHANG, OF_HOUSEHOLD, false, NULL, NULL, NULL, NULL, NULL},
    [AID] = {"aid.paid", MINZHENG, OF_HOUSEHOLD, false, NULL, NULL, NULL, "amount", NULL},
    [REPORT] = {"self.report", HOTLINE, OF_HOUSEHOLD, false, "kind", report_kinds, NULL, NULL,
                NULL},
    [VISIT] = {"visit.done", XIANGZHEN, OF_HOUSEHOLD, false, NULL, NULL, NULL, NULL, NULL},
    [SURVEYED] = {"registry.household", XIANGCUN, OF_HOUSEHOLD, false, NULL, NULL, NULL,
                  "income_12m", NULL},
    [LISTED] = {"registry.household", XIANGCUN, OF_HOUSEHOLD, false, "kind", hh_kind_names, NULL,
                NULL, put_listed},
    [UNLISTED] = {"registry.household", XIANGCUN, OF_HOUSEHOLD, false, NULL, NULL, NULL, NULL,
                  put_unlisted},
    [NEW_PHONE] = {"registry.cadre", XIANGCUN, OF_CADRE, false, NULL, NULL, NULL, NULL, put_phone},
    [NEW_LEADER] = {"registry.team", XIANGCUN, OF_TEAM, false, NULL, NULL, NULL, NULL, put_leader},
};

const char *event_type_name(enum type t)
{
    return types[t].name;
}

enum source event_source(enum type t)
{
    return types[t].source;
}

uint8_t event_has(enum type t)
{
    return (uint8_t)((types[t].money != NULL ? NEEDS_MONEY : 0) |
                     (types[t].word != NULL ? NEEDS_WORD : 0) |
                     (types[t].count != NULL ? NEEDS_COUNT : 0) |
                     (types[t].person ? NEEDS_PERSON : 0) |
                     (types[t].subject == OF_VILLAGE ? NEEDS_AREA : 0) |
                     (types[t].subject <= OF_PERSON ? NEEDS_HOUSEHOLD : 0));
}

/* ---- data --------------------------------------------------------------------------------- */

/* The member `name` with the JSON text `raw`, unless the line's fault is about this field. */
static void put_field(struct line *l, uint8_t field, const char *name, const char *raw)
{
    const struct fault *s = &l->spoilt;

    if (s->field == field && s->no_field)
        return;
    if (s->field == field && s->rename != NULL)
        name = s->rename;
    if (s->field == field && s->raw != NULL)
        raw = s->raw;
    sw_jw_key(&l->w, name);
    sw_jw_raw(&l->w, sw_str(raw));
}

static void put_money(struct line *l, const char *name, int64_t fen)
{
    char text[48];
    const char *quote = sources[types[l->e->type].source].text_amounts ? "\"" : "";

    snprintf(text, sizeof(text), "%s%lld.%02d%s", quote, (long long)(fen / 100), (int)(fen % 100),
             quote);
    put_field(l, NEEDS_MONEY, name, text);
}

/* The person, or with the fault `other_household` one who lives elsewhere. */
static void put_person(struct line *l)
{
    uint32_t person = l->e->person;
    char id[ID_SIZE];
    char raw[ID_SIZE + 2];

    if (l->spoilt.stranger)
        person = l->c->person[person].household == 0 ? l->c->persons - 1 : 0;
    snprintf(raw, sizeof(raw), "\"%s\"", person_id(l->c, person, id));
    put_field(l, NEEDS_PERSON, "person", raw);
}

static void put_listed(struct line *l)
{
    char since[SW_DATE_SIZE];

    sw_jw_key(&l->w, "monitored");
    sw_jw_bool(&l->w, true);
    sw_jw_member(&l->w, "monitored_since",
                 sw_str(sw_date_format((sw_day)(l->e->at / 86400), since)));
}

static void put_unlisted(struct line *l)
{
    sw_jw_key(&l->w, "monitored");
    sw_jw_bool(&l->w, false);
}

/* A number of its own: behind those of all cadres. */
static void put_phone(struct line *l)
{
    char phone[ID_SIZE];

    sw_jw_member(&l->w, "name", sw_str(l->c->cadre[l->e->subject].name));
    sw_jw_member(&l->w, "phone", sw_str(cadre_phone(l->c, l->c->cadres + l->e->subject, phone)));
}

static void put_leader(struct line *l)
{
    const struct area *village = &l->c->village[l->e->subject];
    char leader[ID_SIZE];
    struct sw_buf name = {0};

    sw_buf_printf(&name, "%s驻村工作队", village->name);
    sw_jw_member(&l->w, "name", sw_buf_view(&name));
    sw_jw_member(&l->w, "leader", sw_str(cadre_id(l->e->person, leader)));
    if (l->c->opt.gateway[0] != '\0')
        sw_jw_member(&l->w, "gateway", sw_str(l->c->opt.gateway));
    sw_buf_free(&name);
}

static bool has_data(const struct event *e)
{
    uint8_t fields = NEEDS_MONEY | NEEDS_WORD | NEEDS_COUNT | NEEDS_PERSON;

    return (event_has(e->type) & fields) != 0 || types[e->type].more != NULL;
}

static void put_data(struct line *l)
{
    const struct event *e = l->e;
    char raw[48];

    sw_jw_key(&l->w, "data");
    sw_jw_object(&l->w);
    if (types[e->type].person)
        put_person(l);
    if (types[e->type].word != NULL && e->word != NO_WORD) {
        snprintf(raw, sizeof(raw), "\"%s\"", types[e->type].words[e->word]);
        put_field(l, NEEDS_WORD, types[e->type].word, raw);
    }
    if (types[e->type].count != NULL) {
        snprintf(raw, sizeof(raw), "%d", e->count);
        put_field(l, NEEDS_COUNT, types[e->type].count, raw);
    }
    if (e->total > 0) {
        snprintf(raw, sizeof(raw), "%lld.%02d", (long long)(e->total / 100), (int)(e->total % 100));
        put_field(l, 0, "total", raw);
    }
    if (types[e->type].money != NULL)
        put_money(l, types[e->type].money, e->money);
    if (types[e->type].more != NULL)
        types[e->type].more(l);
    sw_jw_end(&l->w);
}

/* ---- attributes --------------------------------------------------------------------------- */

static void put_source(struct line *l)
{
    const struct event *e = l->e;
    char text[64];

    if (types[e->type].source == XIANGZHEN)
        snprintf(text, sizeof(text), "/%s/%s",
                 l->c->town[l->c->village[l->c->household[e->subject].village].parent].code,
                 sources[XIANGZHEN].path);
    else
        snprintf(text, sizeof(text), "/610999/%s", sources[types[e->type].source].path);
    sw_jw_member(&l->w, "source", sw_str(text));
}

static void put_id(struct line *l, const char *attribute, const struct event *of)
{
    struct sw_civil day = sw_civil_of((sw_day)(of->at / 86400));
    char text[64];

    snprintf(text, sizeof(text), "%s%04d%02d%02d%06u", sources[types[of->type].source].prefix,
             day.year, day.month, day.day, of->serial);
    sw_jw_member(&l->w, attribute, sw_str(text));
}

static void put_subject(struct line *l)
{
    const struct county *c = l->c;
    const struct event *e = l->e;
    char id[ID_SIZE];
    char text[ID_SIZE + 16];

    switch (types[e->type].subject) {
    case OF_HOUSEHOLD:
        snprintf(text, sizeof(text), "household/%s", household_id(c, e->subject, id));
        break;
    case OF_PERSON: snprintf(text, sizeof(text), "person/%s", person_id(c, e->person, id)); break;
    case OF_VILLAGE: snprintf(text, sizeof(text), "area/%s", c->village[e->subject].code); break;
    case OF_CADRE: snprintf(text, sizeof(text), "cadre/%s", cadre_id(e->subject, id)); break;
    case OF_TEAM: snprintf(text, sizeof(text), "team/%s", team_id(c, e->subject, id)); break;
    }
    sw_jw_member(&l->w, "subject", sw_str(l->spoilt.subject == NULL ? text : l->spoilt.subject));
}

static void put_instant(struct line *l, const char *attribute, int64_t local, bool utc)
{
    char text[SW_RFC3339_SIZE];

    sw_rfc3339_format((local - UTC_PLUS_8) * SW_SECOND, utc ? 0 : UTC_PLUS_8, text);
    sw_jw_member(&l->w, attribute, sw_str(text));
}

static void put_attributes(struct line *l, const struct event_list *list)
{
    const struct event *e = l->e;
    const struct fault *s = &l->spoilt;
    const struct source_habit *habit = &sources[types[e->type].source];

    sw_jw_member(&l->w, "specversion", sw_str(s->version == NULL ? "1.0" : s->version));
    if (!s->no_id)
        put_id(l, "id", e);
    if (s->twice)
        put_id(l, "id", e);
    put_source(l);
    sw_jw_member(&l->w, "type", sw_str(s->type == NULL ? types[e->type].name : s->type));
    if (!s->no_subject)
        put_subject(l);
    if (s->time != NULL)
        sw_jw_member(&l->w, "time", sw_str(s->time));
    else
        put_instant(l, "time", e->at, habit->utc);
    if (!list->live)
        put_instant(l, "recordedtime", e->recorded, false);
    if (e->reverses != NOBODY)
        put_id(l, "reverses", &list->at[e->reverses]);
    if (habit->content_type)
        sw_jw_member(&l->w, "datacontenttype", SW_STR("application/json"));
}

/* A scan of the receipt where the bureau's clerk put it: into the event. */
static void put_bulk(struct line *l)
{
    struct sw_buf scan = {0};

    for (size_t i = 0; i < BULK; i += 4)
        sw_buf_cstr(&scan, "/9j/");
    sw_jw_member(&l->w, "scan", sw_buf_view(&scan));
    sw_buf_free(&scan);
}

void event_write(const struct county *c, const struct event_list *list, const struct event *e,
                 struct sw_buf *out)
{
    struct line l = {.c = c, .e = e, .w = {.out = out}};
    size_t from = out->n;

    if (e->role == FAULTY)
        l.spoilt = faults[e->fault];
    if (l.spoilt.array)
        sw_jw_array(&l.w);
    sw_jw_object(&l.w);
    put_attributes(&l, list);
    if (l.spoilt.bulk)
        put_bulk(&l);
    if (has_data(e) && e->role != TAKE_BACK && !l.spoilt.no_data)
        put_data(&l);
    sw_jw_end(&l.w);
    if (l.spoilt.array)
        sw_jw_end(&l.w);
    if (l.spoilt.cut)
        out->n = from + (out->n - from) * 2 / 3;
}
