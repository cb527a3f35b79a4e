/* layout_parts.h - a file of rules/feeds as it is read, before it is checked. Private to intake. */
#ifndef INTAKE_LAYOUT_PARTS_H
#define INTAKE_LAYOUT_PARTS_H

#include <shouwang/intake/layout.h>

enum layout_unit { UNIT_YUAN, UNIT_THOUSAND, UNIT_TEN_THOUSAND, UNIT_PERCENT };

struct layout_field {
    enum layout_unit unit;
};

struct layout_file {
    struct sw_str feed, event;
    int64_t header_rows;
    bool batch;
};

extern const struct sw_keys sw_layout_field_keys;

#endif
