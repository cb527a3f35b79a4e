/* table_kind.c - what a file is by what stands in it; names lie (an .xls is often a web page). */
#include "table_parts.h"
#include <shouwang/base/i18n.h>

#define SAVE_AS                                                                                    \
    N_("it is an Excel workbook; open it in WPS or Excel and save it as CSV (另存为 → CSV)")

static bool has(struct sw_str s, const char *what)
{
    return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static const char *in_zip(struct sw_str s)
{
    if (has(s, "xl/workbook") || has(s, "xl/worksheets"))
        return SAVE_AS;
    if (has(s, "word/document"))
        return N_("it is a Word document; put the table into WPS or Excel and save it as CSV");
    if (has(s, "opendocument.spreadsheet"))
        return N_("it is an OpenDocument table; open it and save it as CSV");
    return N_("it is a ZIP archive; unpack it and hand in the CSV files");
}

/* The start of the text in small ASCII letters. */
static bool begins_as_page(struct sw_str s)
{
    char start[512];
    size_t n = s.n < sizeof(start) - 1 ? s.n : sizeof(start) - 1;

    for (size_t i = 0; i < n; i++)
        start[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
    s = sw_str_trim((struct sw_str){start, n});
    if (sw_str_starts(s, SW_STR("\xef\xbb\xbf")))
        s = sw_str_sub(s, 3, s.n);
    return s.n > 0 && s.p[0] == '<' &&
           (has(s, "<html") || has(s, "<table") || has(s, "<?xml") || has(s, "<!doctype"));
}

const char *sw_table_not_a_text(struct sw_str bytes)
{
    static const struct {
        struct sw_str magic;
        const char *what;
    } kinds[] = {
        {{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8},
         N_("it is an old Excel or Word file (.xls, .doc); open it in WPS or Excel and save it as "
            "CSV (另存为 → CSV)")},
        {{"%PDF", 4}, N_("it is a PDF; ask the department for the table as CSV")},
        {{"Rar!", 4}, N_("it is a RAR archive; unpack it and hand in the CSV files")},
        {{"7z\xbc\xaf\x27\x1c", 6}, N_("it is a 7z archive; unpack it and hand in the CSV files")},
        {{"\x1f\x8b", 2}, N_("it is packed with gzip; unpack it and hand in the CSV file")},
        {{"\xff\xd8\xff", 3}, N_("it is a picture; ask the department for the table as CSV")},
        {{"\x89PNG", 4}, N_("it is a picture; ask the department for the table as CSV")},
    };
    bool utf16 =
        sw_str_starts(bytes, SW_STR("\xff\xfe")) || sw_str_starts(bytes, SW_STR("\xfe\xff"));

    if (sw_str_trim(bytes).n == 0)
        return N_("it is empty");
    if (sw_str_starts(bytes, SW_STR("PK\x03\x04")) || sw_str_starts(bytes, SW_STR("PK\x05\x06")))
        return in_zip(bytes);
    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        if (sw_str_starts(bytes, kinds[i].magic))
            return kinds[i].what;
    }
    if (begins_as_page(bytes))
        return N_("it is a web page or XML whatever its name says; open it in WPS or Excel and "
                  "save it as CSV (另存为 → CSV)");
    if (!utf16 && memchr(bytes.p, '\0', bytes.n) != NULL)
        return N_("it is no text; hand in the table as CSV");
    return NULL;
}
