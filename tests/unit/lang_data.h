/* lang_data.h - the CEL test data, one JSON value per line, from where it lies: $SW_CEL_DATA or
 * shared/data/cel beside the checkout. It is not part of the project. */
#ifndef TESTS_LANG_DATA_H
#define TESTS_LANG_DATA_H

#include <shouwang/base/arena.h>
#include <shouwang/base/file.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

struct data_file {
    struct sw_arena arena;
    struct sw_json **line;
    size_t n, cap;
};

/* Writes the path to `out`. */
static inline const char *data_path(const char *name, struct sw_buf *out)
{
    const char *dir = getenv("SW_CEL_DATA");

    sw_buf_printf(out, "%s/%s", dir == NULL ? "../shared/data/cel" : dir, name);
    return out->p;
}

/* False: there is no such file. */
static inline bool data_load(struct data_file *f, const char *name)
{
    struct sw_buf path = {0};
    struct sw_buf text = {0};
    struct sw_err err;
    struct sw_str rest;
    struct sw_str one;

    *f = (struct data_file){.line = NULL};
    if (sw_file_read(data_path(name, &path), 64 << 20, &text, &err) == SW_OK) {
        rest = sw_arena_str(&f->arena, sw_buf_view(&text));
        while (sw_str_split(&rest, '\n', &one)) {
            f->line = sw_grow(f->line, &f->cap, f->n + 1, sizeof(struct sw_json *));
            if (one.n > 0 && sw_json_parse_data(&f->arena, one, &f->line[f->n], &err) == SW_OK)
                f->n++;
        }
    }
    sw_buf_free(&path);
    sw_buf_free(&text);
    return f->n > 0;
}

static inline void data_free(struct data_file *f)
{
    sw_arena_free(&f->arena);
    free(f->line);
}

#endif
