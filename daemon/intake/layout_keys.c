/* layout_keys.c - what a file of rules/feeds may hold. */
#include "layout_parts.h"
#include <shouwang/base/i18n.h>

static const struct sw_key one_header = {.kind = SW_KEY_TEXT, .lo = 1, .hi = 100};
static const struct sw_key header_text = {.kind = SW_KEY_TEXT, .lo = 1, .hi = 100};

#define HEADERS .kind = SW_KEY_LIST, .hi = 50, .item = &one_header, .or_else = &header_text

/* ---- fields ------------------------------------------------------------------------------- */

static const struct sw_key any_word = {.kind = SW_KEY_TEXT, .lo = 1};
static const struct sw_keys words = {.name = "words", .other = &any_word};
static const char *const units[] = {"元", "千元", "万元", "%", NULL}; /* enum layout_unit */

static const struct sw_key field[] = {
    {.name = "header",
     HEADERS,
     .choice = true,
     .help = N_("the column's title, or a list of the spellings it has")},
    {.name = "value",
     .kind = SW_KEY_SCALAR,
     .choice = true,
     .help = N_("the same for every row; the table has no such column")},
    {.name = "unit",
     SW_INTO(struct layout_field, unit),
     .kind = SW_KEY_WORD,
     .words = units,
     .help = N_("what the table's numbers count; amounts are stored in yuan")},
    {.name = "words",
     .kind = SW_KEY_MAP,
     .of = &words,
     .help = N_("words of the table and the value each stands for; labels in schema.yaml are "
                "understood without")},
};
const struct sw_keys sw_layout_field_keys = {SW_TABLE("feed_field", field)};

static const struct sw_key one_field = {
    .kind = SW_KEY_MAP, .of = &sw_layout_field_keys, .later = true};
static const struct sw_keys fields = {
    .name = "feed_fields", .other = &one_field, .names = SW_NAMES_WORDS};

/* ---- subject ------------------------------------------------------------------------------ */

static const struct sw_key subject[] = {
    {.name = "idno",
     HEADERS,
     .choice = true,
     .help = N_("the column with the person's identity number")},
    {.name = "person", HEADERS, .choice = true, .help = N_("the column with the person's number")},
    {.name = "household",
     HEADERS,
     .choice = true,
     .help = N_("the column with the household's number")},
    {.name = "area", HEADERS, .choice = true, .help = N_("the column with the area's code")},
};
static const struct sw_keys subject_map = {SW_TABLE("feed_subject", subject)};

/* ---- who the person is -------------------------------------------------------------------- */

static const struct sw_key who[] = {
    {.name = "name",
     HEADERS,
     .required = true,
     .help = N_("the column with the person's name; it is compared with the registered one")},
    {.name = "birth", HEADERS, .help = N_("the column with the person's day of birth")},
    {.name = "area", HEADERS, .help = N_("the column with the person's village, by code or name")},
};
static const struct sw_keys who_map = {SW_TABLE("feed_who", who)};

/* ---- the file ----------------------------------------------------------------------------- */

static const struct sw_key key_spellings = {.kind = SW_KEY_LIST, .hi = 50, .item = &one_header};
static const struct sw_key one_key = {
    .kind = SW_KEY_TEXT, .lo = 1, .hi = 100, .or_else = &key_spellings};

static const struct sw_key file[] = {
    {.name = "feed",
     SW_INTO(struct layout_file, feed),
     .lo = 1,
     .hi = 60,
     .required = true,
     .help = N_("the department, as schema.yaml calls it")},
    {.name = "event",
     SW_INTO(struct layout_file, event),
     .required = true,
     .help = N_("the type of event a row makes")},
    {.name = "files",
     .kind = SW_KEY_LIST,
     .hi = 50,
     .item = &any_word,
     .help = N_("names of files it is for, with * and ? as the shell has them")},
    {.name = "header_rows",
     SW_INTO(struct layout_file, header_rows),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 2,
     .help = N_("2: two header lines, with cells merged; titles are 医疗费用/总额 then")},
    {.name = "subject",
     .kind = SW_KEY_MAP,
     .of = &subject_map,
     .required = true,
     .help = N_("whom a row is about")},
    {.name = "who",
     .kind = SW_KEY_MAP,
     .of = &who_map,
     .help = N_("columns that tell who the person is; a row whose number is missing or spoilt goes "
                "to the county's list of mismatches by its name with birth or village")},
    {.name = "time",
     HEADERS,
     .required = true,
     .help = N_("the column that tells when it happened")},
    {.name = "stated",
     HEADERS,
     .help =
         N_("of an event with replaces: in schema.yaml: the column that tells when the list was "
            "drawn up, of which the newest counts; without, the time")},
    {.name = "key",
     .kind = SW_KEY_LIST,
     .hi = 20,
     .item = &one_key,
     .help = N_("columns that together make a repeat a repeat, such as the bill's number; without, "
                "all that is read")},
    {.name = "takes_back",
     HEADERS,
     .help = N_("the column with the key of the row that this one takes back; empty: none")},
    {.name = "batch",
     SW_INTO(struct layout_file, batch),
     .kind = SW_KEY_BOOL,
     .help = N_("true: a file is a whole batch, which is told to the daemon when its rows are in "
                "(feed.batch.closed)")},
    {.name = "fields",
     .kind = SW_KEY_MAP,
     .of = &fields,
     .help = N_("the event's fields and the columns they come from")},
    {.name = "ignore",
     .kind = SW_KEY_LIST,
     .hi = 200,
     .item = &one_header,
     .help = N_("titles of columns that are known and not read")},
    {.name = "footer",
     .kind = SW_KEY_LIST,
     .hi = 50,
     .item = &one_header,
     .help = N_("words that rows below the data begin with, beside 合计, 制表人 and the like")},
    {.name = "blank",
     .kind = SW_KEY_LIST,
     .hi = 50,
     .item = &one_header,
     .help = N_("words that mean nothing is known, beside -, /, 无 and the like")},
};
const struct sw_keys sw_layout_keys = {SW_TABLE("feed", file)};
