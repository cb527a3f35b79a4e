/* events.c - the texts. A bill is a template whose places are overwritten, which costs 50 ns. */
#include "events.h"
#include <shouwang/base/date.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VILLAGE = 200, VILLAGES_A_TOWN = 10, ID_DIGITS = 10, NUMBER_DIGITS = 7 };

#define COUNTY "610999000000"

/* What snprintf made of an event, `n` letters in `room`. */
static void send_text(struct feed *f, const char *text, int n, size_t room)
{
    bench_must(n > 0 && (size_t)n < room, "room for an event of %d bytes", n);
    memcpy(feed_event(f, (size_t)n), text, (size_t)n);
}

/* ---- registry ----------------------------------------------------------------------------- */

static void put(struct feed *f, const char *kind, const char *subject, const char *data)
{
    char text[1000];
    int n = snprintf(text, sizeof(text),
                     "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"bench/%s\","
                     "\"type\":\"registry.%s\",\"subject\":\"%s/%s\","
                     "\"time\":\"2020-01-01T00:00:00+08:00\",\"data\":{%s}}",
                     subject, kind, kind, kind, subject, data);

    send_text(f, text, n, sizeof(text));
}

/* Three digits for a town in the county and three for a village in its town. */
static void village_code(char code[24], uint32_t village)
{
    uint32_t town = village / VILLAGES_A_TOWN;

    bench_must(town < 900, "a county of %u villages", village);
    snprintf(code, 24, "610999%03u%03u", 100 + town, 1 + village % VILLAGES_A_TOWN);
}

static void put_area(struct feed *f, const char *code, const char *kind, uint32_t number)
{
    char data[100];

    snprintf(data, sizeof(data), "\"name\":\"第%u%s\"", number, kind);
    put(f, "area", code, data);
}

static void put_team(struct feed *f, uint32_t village, const char *code)
{
    char id[16];
    char data[200];

    snprintf(id, sizeof(id), "T%u", village);
    snprintf(data, sizeof(data), "\"name\":\"第%u村驻村工作队\",\"gateway\":\"team\"", village);
    put(f, "team", id, data);
    snprintf(data, sizeof(data), "\"area\":\"%s\",\"team\":\"%s\",\"from\":\"2020-01-01\"", code,
             id);
    id[0] = 'A';
    put(f, "assignment", id, data);
}

void events_villages(struct feed *f, uint32_t households)
{
    uint32_t villages = (households + VILLAGE - 1) / VILLAGE;
    char code[24];

    put(f, "area", COUNTY, "\"name\":\"清岭县\"");
    for (uint32_t v = 0; v < villages; v++) {
        village_code(code, v);
        if (v % VILLAGES_A_TOWN == 0) {
            char town[24];

            snprintf(town, sizeof(town), "%.9s000", code);
            put_area(f, town, "镇", v / VILLAGES_A_TOWN);
        }
        put_area(f, code, "村", v);
        put_team(f, v, code);
    }
    feed_flush(f);
}

void events_households(struct feed *f, uint32_t first, uint32_t n)
{
    static const char *const names[] = {"王秀英", "李建国", "张桂兰", "刘志强",
                                        "陈玉梅", "杨德福", "赵春花", "黄文才"};

    for (uint32_t h = first; h < first + n; h++) {
        char id[16];
        char code[24];
        char data[400];

        snprintf(id, sizeof(id), "H%07u", h);
        village_code(code, h / VILLAGE);
        snprintf(data, sizeof(data),
                 "\"area\":\"%s\",\"name\":\"%s\",\"kind\":\"none\",\"dibao\":false,"
                 "\"monitored\":false,\"members_n\":4,\"labor_n\":2,\"income_12m\":80000.00,"
                 "\"land_mu\":4.5,\"house_lived\":true",
                 code, names[h % SW_COUNTOF(names)]);
        put(f, "household", id, data);
    }
    feed_flush(f);
}

void events_persons(struct feed *f, uint32_t first, uint32_t n)
{
    for (uint32_t h = first; h < first + n; h++) {
        char id[16];
        char data[100];

        snprintf(id, sizeof(id), "P%07u", h);
        snprintf(data, sizeof(data), "\"household\":\"H%07u\"", h);
        put(f, "person", id, data);
    }
    feed_flush(f);
}

/* ---- bills -------------------------------------------------------------------------------- */

/* Attributes the schema does not know are kept in the log and otherwise passed over. */
static const char bill[] =
    "{\"specversion\":\"1.0\",\"id\":\"SSSS-0000000000\",\"source\":\"https://ybj.example/settle\","
    "\"type\":\"medical.bill\",\"subject\":\"household/H0000000\","
    "\"time\":\"YYYY-MM-DDT09:30:00+08:00\",\"datacontenttype\":\"application/json\","
    "\"institution\":\"清岭县人民医院\",\"department\":\"心血管内科\",\"region\":\"大溪镇石桥村\","
    "\"remark\":\"出院即时结算，已扣除基本医保统筹支付\","
    "\"data\":{\"person\":\"P0000000\",\"kind\":KKKKKKKKKKKK,\"total\":  00000.00,"
    "\"self_paid\":   AAAAAAAA}}";

static const char *const kinds[] = {"\"inpatient\" ", "\"outpatient\"", "\"chronic\"   ",
                                    "\"inpatient\" "};

enum { NUMBER_LETTERS = 8 };

/* Places in the template, found once: the text is constant. */
static struct {
    size_t source, id, household, day, person, kind, total, self_paid, n;
} place;

static size_t find(const char *mark)
{
    const char *at = strstr(bill, mark);

    bench_must(at != NULL, "the bill's %s", mark);
    return (size_t)(at - bill);
}

static void find_places(void)
{
    if (place.n != 0)
        return;
    place.source = find("SSSS-");
    place.id = find("-0000000000") + 1;
    place.household = find("H0000000") + 1;
    place.day = find("YYYY-MM-DD");
    place.person = find("P0000000") + 1;
    place.kind = find("KKKKKKKKKKKK");
    place.total = find("  00000.00");
    place.self_paid = find("AAAAAAAA");
    place.n = sizeof(bill) - 1;
    bench_must(place.n <= BILL_BYTES, "a bill of %zu bytes", place.n);
}

static void put_digits(char *p, uint64_t v, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
}

/* The dates of the last BILL_DAYS_MAX days: [0] is today. */
static char dates[BILL_DAYS_MAX][SW_DATE_SIZE];

struct bills bills_new(const char source[5], uint32_t days)
{
    struct bills b = {.source = source, .days = days, .dice = UINT64_C(0x9e3779b97f4a7c15)};

    find_places();
    bench_must(days > 0 && days <= BILL_DAYS_MAX, "%u days", days);
    b.today = (uint32_t)((time(NULL) + 8 * 3600) / 86400); /* in the county, eight hours east */
    for (uint32_t d = 0; d < BILL_DAYS_MAX; d++)
        sw_date_format((sw_day)(b.today - d), dates[d]);
    return b;
}

uint32_t bills_below(struct bills *b, uint32_t n)
{
    b->dice ^= b->dice << 13; /* xorshift64, Marsaglia 2003 */
    b->dice ^= b->dice >> 7;
    b->dice ^= b->dice << 17;
    return (uint32_t)((b->dice >> 32) * n >> 32);
}

/* `amount` in yuan and `cents`, right-aligned in eight places. */
static void put_amount(char *p, uint32_t yuan, uint32_t cents)
{
    char text[16];

    snprintf(text, sizeof(text), "%5u.%02u", yuan, cents);
    memcpy(p, text, NUMBER_LETTERS);
}

static void fill(struct bills *b, char *out, uint32_t household, uint32_t day)
{
    memset(out + place.n, ' ', BILL_BYTES - place.n); /* white space behind the object is JSON */
    memcpy(out, bill, place.n);
    memcpy(out + place.source, b->source, 4);
    put_digits(out + place.id, b->next++, ID_DIGITS);
    put_digits(out + place.household, household, NUMBER_DIGITS);
    put_digits(out + place.person, household, NUMBER_DIGITS);
    memcpy(out + place.day, dates[day], 10);
    memcpy(out + place.kind, kinds[b->next % SW_COUNTOF(kinds)], 12);
}

void bills_small(struct bills *b, char out[BILL_BYTES], uint32_t household)
{
    uint32_t paid = bills_below(b, 20000);

    fill(b, out, household, bills_below(b, b->days));
    memcpy(out + place.total, "   1000.00", 10);
    memcpy(out + place.self_paid, "  100.00", NUMBER_LETTERS);
    put_digits(out + place.self_paid + 2, 100 + paid / 100, 3);
    put_digits(out + place.self_paid + 6, paid % 100, 2);
}

/* The other things a year brings, in the county's proportions (tests/data/county/README.md). */
void events_other(struct feed *f, struct bills *b, uint32_t pass, uint32_t household)
{
    static const struct {
        const char *type, *data;
    } kinds_of[] = {
        {"income.record", "\"kind\":\"wage\",\"amount\":"},
        {"visit.done", NULL},
        {"aid.paid", "\"amount\":"},
        {"income.record", "\"kind\":\"business\",\"amount\":"},
        {"spend.record", "\"kind\":\"rigid\",\"amount\":"},
        {"income.record", "\"kind\":\"wage\",\"amount\":"},
        {"visit.done", NULL},
        {"aid.paid", "\"amount\":"},
    };
    size_t kind = pass % SW_COUNTOF(kinds_of);
    char data[100] = "";
    char text[400];
    int n;

    if (kinds_of[kind].data != NULL)
        snprintf(data, sizeof(data), "%s%u", kinds_of[kind].data, 50 + bills_below(b, 3000));
    n = snprintf(
        text, sizeof(text),
        "{\"specversion\":\"1.0\",\"id\":\"%010llu\",\"source\":\"bench/%s\",\"type\":\"%s\","
        "\"subject\":\"household/H%07u\",\"time\":\"%sT09:30:00+08:00\",\"data\":{%s}}",
        (unsigned long long)b->next++, b->source, kinds_of[kind].type, household,
        dates[bills_below(b, b->days)], data);
    send_text(f, text, n, sizeof(text));
}

void bills_large(struct bills *b, char out[BILL_BYTES], uint32_t household)
{
    fill(b, out, household, 0);
    memcpy(out + place.kind, kinds[0], 12); /* a hospital stay, not monthly medicine */
    memcpy(out + place.total, "  90000.00", 10);
    put_amount(out + place.self_paid, 25000, 0);
}
