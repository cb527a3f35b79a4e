/* std.c - the declarations of operators and standard functions.
 *
 * Overload names and types are those of CEL's list of standard definitions. Overloads marked '+'
 * are the rule language's own: numbers of different kinds meet, money and dates are calculated
 * with. Each function has one C function for all its overloads; it looks at the kinds itself. */
#include "lang/std.h"

#define SET(...)                                                                                   \
    (const struct overload[]){__VA_ARGS__},                                                        \
        sizeof((const struct overload[]){__VA_ARGS__}) / sizeof(struct overload)

#define ORDERING(name)                                                                             \
    {name "_bool", "bbb"}, {name "_bytes", "byy"}, {name "_double", "bdd"},                        \
        {name "_duration", "brr"}, {name "_int64", "bii"}, {name "_string", "bss"},                \
        {name "_timestamp", "btt"}, {name "_uint64", "buu"}, {name "_money", "+bmm"},              \
        {name "_date", "+bzz"}, {name "_int64_double", "+bid"},                                    \
    {                                                                                              \
        name "_double_int64", "+bdi"                                                               \
    }

#define PART_OF_INSTANT(id)                                                                        \
    {id, ".it"},                                                                                   \
    {                                                                                              \
        id "_with_tz", ".its"                                                                      \
    }

static const struct function functions[] = {
    {"_?_:_", NULL, SET({"conditional", "AbAA"}), true},
    {"_&&_", NULL, SET({"logical_and", "bbb"}), true},
    {"_||_", NULL, SET({"logical_or", "bbb"}), true},
    {"!_", sw_fn_not, SET({"logical_not", "bb"}), true},
    {"-_", sw_fn_neg, SET({"negate_double", "dd"}, {"negate_int64", "ii"}, {"negate_money", "+mm"}),
     true},
    {"_==_", sw_fn_eq, SET({"equals", "bAA"}), true},
    {"_!=_", sw_fn_ne, SET({"not_equals", "bAA"}), true},
    {"_<_", sw_fn_lt, SET(ORDERING("less")), true},
    {"_<=_", sw_fn_le, SET(ORDERING("less_equals")), true},
    {"_>_", sw_fn_gt, SET(ORDERING("greater")), true},
    {"_>=_", sw_fn_ge, SET(ORDERING("greater_equals")), true},
    {"_+_", sw_fn_add,
     SET({"add_bytes", "yyy"}, {"add_double", "ddd"}, {"add_duration_duration", "rrr"},
         {"add_duration_timestamp", "trt"}, {"add_timestamp_duration", "ttr"}, {"add_int64", "iii"},
         {"add_list", "[A[A[A"}, {"add_string", "sss"}, {"add_uint64", "uuu"},
         {"add_money", "+mmm"}, {"add_date_duration", "+zzr"}, {"add_duration_date", "+zrz"},
         {"add_int64_double", "+did"}, {"add_double_int64", "+ddi"}),
     true},
    {"_-_", sw_fn_sub,
     SET({"subtract_double", "ddd"}, {"subtract_duration_duration", "rrr"},
         {"subtract_int64", "iii"}, {"subtract_timestamp_duration", "ttr"},
         {"subtract_timestamp_timestamp", "rtt"}, {"subtract_uint64", "uuu"},
         {"subtract_money", "+mmm"}, {"subtract_date_duration", "+zzr"},
         {"subtract_date_date", "+rzz"}, {"subtract_int64_double", "+did"},
         {"subtract_double_int64", "+ddi"}),
     true},
    {"_*_", sw_fn_mul,
     SET({"multiply_double", "ddd"}, {"multiply_int64", "iii"}, {"multiply_uint64", "uuu"},
         {"multiply_money_double", "+mmd"}, {"multiply_money_int64", "+mmi"},
         {"multiply_double_money", "+mdm"}, {"multiply_int64_money", "+mim"},
         {"multiply_int64_double", "+did"}, {"multiply_double_int64", "+ddi"}),
     true},
    {"_/_", sw_fn_div,
     SET({"divide_double", "ddd"}, {"divide_int64", "iii"}, {"divide_uint64", "uuu"},
         {"divide_money_money", "+dmm"}, {"divide_money_double", "+mmd"},
         {"divide_money_int64", "+mmi"}, {"divide_int64_double", "+did"},
         {"divide_double_int64", "+ddi"}),
     true},
    {"_%_", sw_fn_mod, SET({"modulo_int64", "iii"}, {"modulo_uint64", "uuu"}), true},
    {"_[_]", sw_fn_index,
     SET({"index_list", "A[Ai"}, {"index_map", "B{ABA"}, {"optional_list_index_int", "?A?[Ai"},
         {"optional_map_index_value", "?B?{ABA"}),
     true},
    {"_[?_]", sw_fn_opt_index,
     SET({"list_optindex_optional_int", "?A[Ai"}, {"optional_list_optindex_optional_int", "?A?[Ai"},
         {"map_optindex_optional_value", "?B{ABA"},
         {"optional_map_optindex_optional_value", "?B?{ABA"}),
     true},
    {"@in", sw_fn_in, SET({"in_list", "bA[A"}, {"in_map", "bA{AB"}), true},
    {"size", sw_fn_size,
     SET({"size_bytes", "iy"}, {"bytes_size", ".iy"}, {"size_list", "i[A"}, {"list_size", ".i[A"},
         {"size_map", "i{AB"}, {"map_size", ".i{AB"}, {"size_string", "is"},
         {"string_size", ".is"}),
     true},
    {"type", sw_fn_type, SET({"type", "TAA"}), true},
    {"bool", sw_fn_bool, SET({"bool_to_bool", "bb"}, {"string_to_bool", "bs"}), true},
    {"bytes", sw_fn_bytes, SET({"bytes_to_bytes", "yy"}, {"string_to_bytes", "ys"}), true},
    {"double", sw_fn_double,
     SET({"double_to_double", "dd"}, {"int64_to_double", "di"}, {"string_to_double", "ds"},
         {"uint64_to_double", "du"}, {"money_to_double", "+dm"}),
     true},
    {"duration", sw_fn_duration,
     SET({"duration_to_duration", "rr"}, {"int64_to_duration", "ri"}, {"string_to_duration", "rs"}),
     true},
    {"dyn", sw_fn_dyn, SET({"to_dyn", "*A"}), true},
    {"int", sw_fn_int,
     SET({"int64_to_int64", "ii"}, {"double_to_int64", "id"}, {"duration_to_int64", "ir"},
         {"string_to_int64", "is"}, {"timestamp_to_int64", "it"}, {"uint64_to_int64", "iu"}),
     true},
    {"string", sw_fn_string,
     SET({"string_to_string", "ss"}, {"bool_to_string", "sb"}, {"bytes_to_string", "sy"},
         {"double_to_string", "sd"}, {"duration_to_string", "sr"}, {"int64_to_string", "si"},
         {"timestamp_to_string", "st"}, {"uint64_to_string", "su"}, {"money_to_string", "+sm"},
         {"date_to_string", "+sz"}),
     true},
    {"timestamp", sw_fn_timestamp,
     SET({"timestamp_to_timestamp", "tt"}, {"int64_to_timestamp", "ti"},
         {"string_to_timestamp", "ts"}),
     true},
    {"uint", sw_fn_uint,
     SET({"uint64_to_uint64", "uu"}, {"double_to_uint64", "ud"}, {"int64_to_uint64", "ui"},
         {"string_to_uint64", "us"}),
     true},
    {"contains", sw_fn_contains, SET({"contains_string", ".bss"}), true},
    {"endsWith", sw_fn_ends_with, SET({"ends_with_string", ".bss"}), true},
    {"startsWith", sw_fn_starts_with, SET({"starts_with_string", ".bss"}), true},
    {"getDate", sw_fn_date_of_month,
     SET(PART_OF_INSTANT("timestamp_to_day_of_month_1_based"), {"date_to_day", "+.iz"}), false},
    {"getDayOfMonth", sw_fn_day_of_month,
     SET(PART_OF_INSTANT("timestamp_to_day_of_month"), {"date_to_day_of_month", "+.iz"}), false},
    {"getDayOfWeek", sw_fn_day_of_week,
     SET(PART_OF_INSTANT("timestamp_to_day_of_week"), {"date_to_day_of_week", "+.iz"}), false},
    {"getDayOfYear", sw_fn_day_of_year,
     SET(PART_OF_INSTANT("timestamp_to_day_of_year"), {"date_to_day_of_year", "+.iz"}), false},
    {"getFullYear", sw_fn_year, SET(PART_OF_INSTANT("timestamp_to_year"), {"date_to_year", "+.iz"}),
     false},
    {"getMonth", sw_fn_month, SET(PART_OF_INSTANT("timestamp_to_month"), {"date_to_month", "+.iz"}),
     false},
    {"getHours", sw_fn_hours,
     SET(PART_OF_INSTANT("timestamp_to_hours"), {"duration_to_hours", ".ir"}), false},
    {"getMinutes", sw_fn_minutes,
     SET(PART_OF_INSTANT("timestamp_to_minutes"), {"duration_to_minutes", ".ir"}), false},
    {"getSeconds", sw_fn_seconds,
     SET({"timestamp_to_seconds", ".it"}, {"timestamp_to_seconds_tz", ".its"},
         {"duration_to_seconds", ".ir"}),
     false},
    {"getMilliseconds", sw_fn_milliseconds,
     SET(PART_OF_INSTANT("timestamp_to_milliseconds"), {"duration_to_milliseconds", ".ir"}), false},
    {"optional.of", sw_fn_opt_of, SET({"optional_of", "?AA"}), true},
    {"optional.none", sw_fn_opt_none, SET({"optional_none", "?A"}), true},
    {"optional.ofNonZeroValue", sw_fn_opt_non_zero, SET({"optional_ofNonZeroValue", "?AA"}), true},
    {"hasValue", sw_fn_opt_has_value, SET({"optional_hasValue", ".b?A"}), true},
    {"value", sw_fn_opt_value, SET({"optional_value", ".A?A"}), true},
    {"or", sw_fn_opt_or, SET({"optional_or_optional", ".?A?A?A"}), true},
    {"orValue", sw_fn_opt_or_value, SET({"optional_orValue_value", ".A?AA"}), true},
    {SW_OPTIONAL_LIST, sw_fn_opt_list, SET({"optional_list", "[A?A"}), true},
    {"@first", sw_fn_opt_first, SET({"list_first", "?A[A"}), true},
    {"@flat", sw_fn_opt_flat, SET({"list_flat", "?A[?A"}), true},
    {"days", sw_fn_days, SET({"days_int64", "+ri"}, {"days_double", "+rd"}), true},
    {"years_since", sw_fn_years_since, SET({"years_since_date", "+iz"}), false},
    {"date", sw_fn_date, SET({"date_string", "+zs"}, {"date_timestamp", "+zt"}), false},
};

const struct function *sw_std_find(struct sw_str name)
{
    for (size_t i = 0; i < SW_COUNTOF(functions); i++) {
        if (sw_str_is(name, functions[i].name))
            return &functions[i];
    }
    return NULL;
}

const struct function *sw_std_operator(enum op op)
{
    return sw_std_find(sw_str(sw_op_function(op)));
}

uint32_t sw_overload_args(const struct overload *o)
{
    uint32_t n = 0;

    /* Every complete type ends in a letter that takes no parameter; '{' takes two. */
    for (const char *s = sw_overload_types(o); *s != '\0'; s++) {
        if (strchr("[?T", *s) != NULL)
            continue;
        n = *s == '{' ? n - 1 : n + 1;
    }
    return n - 1; /* the result */
}

/* ---- what is left out ------------------------------------------------------------------------ */

static const struct {
    const char *name; /* a trailing '.' stands for everything under it */
    char style;       /* '.' receiver, '(' plain */
    uint32_t n_args;  /* with the receiver; 0: any */
    const char *feature;
} refused[] = {
    {"matches", '.', 0, "regex"},
    {"matches", '(', 0, "regex"},
    {"regex.", '(', 0, "regex"},
    {"math.", '(', 0, "math"},
    {"strings.", '(', 0, "strings"},
    {"charAt", '.', 0, "strings"},
    {"format", '.', 0, "strings"},
    {"indexOf", '.', 0, "strings"},
    {"join", '.', 0, "strings"},
    {"lastIndexOf", '.', 0, "strings"},
    {"lowerAscii", '.', 0, "strings"},
    {"upperAscii", '.', 0, "strings"},
    {"quote", '.', 0, "strings"},
    {"replace", '.', 0, "strings"},
    {"reverse", '.', 0, "strings"},
    {"split", '.', 0, "strings"},
    {"substring", '.', 0, "strings"},
    {"trim", '.', 0, "strings"},
    {"base64.", '(', 0, "encoders"},
    {"json.", '(', 0, "encoders"},
    {"sets.", '(', 0, "sets"},
    {"lists.", '(', 0, "lists"},
    {"sort", '.', 0, "lists"},
    {"sortBy", '.', 0, "lists"},
    {"distinct", '.', 1, "lists"},
    {"flatten", '.', 0, "lists"},
    {"slice", '.', 0, "lists"},
    {"cel.bind", '(', 0, "cel.bind"},
    {"cel.", '(', 0, "cel.block"},
    {"proto.", '(', 0, "proto"},
    {"transformList", '.', 0, "comprehensions2"},
    {"transformMap", '.', 0, "comprehensions2"},
    {"transformMapEntry", '.', 0, "comprehensions2"},
    {"all", '.', 4, "comprehensions2"},
    {"exists", '.', 4, "comprehensions2"},
    {"exists_one", '.', 4, "comprehensions2"},
    {"existsOne", '.', 4, "comprehensions2"},
    {"optMap", '.', 0, "optional"},
    {"optFlatMap", '.', 0, "optional"},
    {"unwrap", '.', 0, "optional"},
    {"unwrapOpt", '.', 0, "optional"},
    {"optional.", '(', 0, "optional"},
    {"first", '.', 1, "lists"},
    {"last", '.', 1, "lists"},
    {"ip", '(', 0, "network"},
    {"ip.", '(', 0, "network"},
    {"isIP", '(', 0, "network"},
    {"cidr", '(', 0, "network"},
    {"isCIDR", '(', 0, "network"},
    {"family", '.', 0, "network"},
    {"isUnspecified", '.', 0, "network"},
    {"isLoopback", '.', 0, "network"},
    {"isGlobalUnicast", '.', 0, "network"},
    {"isLinkLocalMulticast", '.', 0, "network"},
    {"isLinkLocalUnicast", '.', 0, "network"},
    {"containsIP", '.', 0, "network"},
    {"containsCIDR", '.', 0, "network"},
    {"masked", '.', 0, "network"},
    {"prefixLength", '.', 0, "network"},
    {"isCanonical", '.', 0, "network"},
};

const char *sw_std_refused(struct sw_str name, bool is_member, uint32_t n_args)
{
    for (size_t i = 0; i < SW_COUNTOF(refused); i++) {
        size_t n = strlen(refused[i].name);
        bool whole = refused[i].name[n - 1] == '.';

        if ((refused[i].style == '.') != is_member ||
            (refused[i].n_args != 0 && refused[i].n_args != n_args))
            continue;
        if (whole ? sw_str_starts(name, (struct sw_str){refused[i].name, n})
                  : sw_str_is(name, refused[i].name))
            return refused[i].feature;
    }
    return NULL;
}
