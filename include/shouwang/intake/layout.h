/* layout.h - what a department's table looks like: rules/feeds/NAME.yaml, one per kind of list.
 * Layer: intake. Immutable after loading; borrows the schema it was checked against. */
#ifndef SHOUWANG_INTAKE_LAYOUT_H
#define SHOUWANG_INTAKE_LAYOUT_H

#include <shouwang/model/schema.h>

#define SW_LAYOUT_COLUMNS 96

/* What a spelling in the table stands for. */
struct sw_layout_word {
    struct sw_str word, item;
};

/* A column that is read. Two may read the same cell. */
struct sw_layout_column {
    struct sw_str *header; /* its spellings as sw_layout_plain() gives them */
    size_t n_headers;      /* 0: a constant */
    struct sw_str label;   /* the first spelling, as written */
    struct sw_str constant;
    const struct sw_field *field; /* NULL: subject, who, time, key and takes_back */
    const struct sw_layout_word *word;
    size_t n_words;
    int64_t shift; /* decimal places from the table's unit to the schema's: 4 for 万元 */
    bool required; /* the table must have it */
};

/* What a row says of the person beside the number. */
enum sw_layout_who { SW_WHO_NAME, SW_WHO_BIRTH, SW_WHO_AREA, SW_WHO_COLUMNS };

enum sw_layout_subject { SW_BY_IDNO, SW_BY_PERSON, SW_BY_HOUSEHOLD, SW_BY_AREA };

struct sw_layout {
    struct sw_arena arena;
    struct sw_str name; /* of the file, without folder and .yaml */
    struct sw_str path;
    const struct sw_schema *schema;
    const struct sw_stream *stream;
    struct sw_str feed;
    int64_t header_rows;
    bool batch; /* a file is a whole batch */
    enum sw_layout_subject subject;
    struct sw_layout_column column[SW_LAYOUT_COLUMNS];
    size_t n_columns;
    size_t subject_column, time_column, takes_back_column, stated_column; /* SIZE_MAX: none */
    size_t who_column[SW_WHO_COLUMNS];                                    /* SIZE_MAX: none */
    size_t key_column[SW_LAYOUT_COLUMNS];
    size_t n_keys; /* 0: the whole row is the key */
    struct sw_str *ignore, *footer, *blank, *file;
    size_t n_ignore, n_footer, n_blank, n_files;
};

extern const struct sw_keys sw_layout_keys; /* what the file holds */

/* NULL when there is any error finding. Free with sw_layout_free(). */
struct sw_layout *sw_layout_load(const char *path, const struct sw_schema *schema,
                                 struct sw_diag *diag);
struct sw_layout *sw_layout_parse(struct sw_str file, struct sw_str text,
                                  const struct sw_schema *schema, struct sw_diag *diag);
void sw_layout_free(struct sw_layout *l);

/* All of FOLDER/feeds, by name. False when one has an error; the good ones are there. */
struct sw_layouts {
    struct sw_layout **layout;
    size_t n;
};
bool sw_layouts_load(const char *folder, const struct sw_schema *schema, struct sw_layouts *out,
                     struct sw_diag *diag);
void sw_layouts_free(struct sw_layouts *all);

/* Is the layout for a file of this name (without folder)? */
bool sw_layout_is_for(const struct sw_layout *l, const char *file);
/* A header as it is compared: without blanks, full-width characters as plain ones, small letters.
 */
struct sw_str sw_layout_plain(struct sw_arena *arena, struct sw_str text);

#endif
