/* source.h - the departments that report, and how late and in what style each does.
 * Private to tests/data/county. */
#ifndef COUNTY_SOURCE_H
#define COUNTY_SOURCE_H

#include "event.h"

enum source {
    YIBAO,     /* 医保局, medical insurance */
    RENSHE,    /* 人社局, work */
    RUHU,      /* 入户核实, notes of home visits */
    JIAOYU,    /* 教育局, schools */
    ZHUJIAN,   /* 住建局, housing */
    SHUILI,    /* 水利局, water */
    QIXIANG,   /* 气象局, weather */
    YINGJI,    /* 应急局, emergencies */
    GONGAN,    /* 公安局, police */
    NONGYE,    /* 农业农村局, farming */
    YINHANG,   /* 银行, bank */
    MINZHENG,  /* 民政局, civil affairs */
    HOTLINE,   /* 12317 */
    XIANGZHEN, /* 乡镇, each town by itself */
    XIANGCUN,  /* keeps the registry */
    SOURCES
};

enum habit {
    AT_ONCE,     /* within the hour */
    WITHIN_DAYS, /* half of it in two days, some after weeks */
    WEEKLY,      /* a list on Friday afternoon */
    TEN_DAYS,    /* a list in the night before the 1st, 11th and 21st */
    MONTHLY      /* a list on the 5th */
};

struct source_habit {
    const char *path;   /* of the `source` attribute, behind /610999/ */
    const char *prefix; /* of its ids */
    enum habit habit;
    uint16_t late; /* per thousand that comes one to five months later than usual */
    bool utc, text_amounts, content_type;
};

extern const struct source_habit sources[SOURCES];

enum source event_source(enum type t);
/* When the source knew of what happened at `at` (local seconds, both). */
int64_t source_knows(struct dice *d, enum source s, int64_t at);

#endif
