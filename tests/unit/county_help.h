/* county_help.h - the invented county of tests/data/county: running its program, and the rows of
 * its tables as the events they stand for. */
#ifndef TESTS_COUNTY_HELP_H
#define TESTS_COUNTY_HELP_H

#include <shouwang/base/csv.h>
#include <shouwang/base/json.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char county_program[4096];

/* The program lies beside this test in the build folder. */
static inline void find_county(const char *self)
{
    const char *slash = strrchr(self, '/');
    int n = slash == NULL ? 0 : (int)(slash - self) + 1;

    snprintf(county_program, sizeof(county_program), "%.*s../data/county/county", n, self);
}

/* Its exit code. `argv` ends with NULL. */
static inline int run_county(char *const argv[])
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) != NULL)
            execv(county_program, argv);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define RUN_COUNTY(...) run_county((char *const[]){county_program, __VA_ARGS__, NULL})

/* Columns whose cells are JSON as they stand. */
static inline bool county_cell_is_raw(struct sw_str column)
{
    static const char *const raw[] = {"dibao",      "monitored", "members_n",  "labor_n",
                                      "income_12m", "land_mu",   "house_lived"};

    for (size_t i = 0; i < SW_COUNTOF(raw); i++) {
        if (sw_str_is(column, raw[i]))
            return true;
    }
    return false;
}

/* A row of the registry as the event it stands for. */
static inline void put_county_row(struct sw_buf *out, const char *entity,
                                  const struct sw_csv_row *header, const struct sw_csv_row *row)
{
    struct sw_jw w = {.out = out};

    sw_buf_clear(out);
    sw_buf_printf(out,
                  "{\"specversion\":\"1.0\",\"source\":\"csv\",\"id\":\"%s/%.*s\",\"type\":"
                  "\"registry.%s\",\"subject\":\"%s/%.*s\",\"data\":",
                  entity, SW_STR_ARG(row->field[0]), entity, entity, SW_STR_ARG(row->field[0]));
    sw_jw_object(&w);
    for (size_t i = 1; i < row->n; i++) {
        if (row->field[i].n == 0)
            continue;
        sw_jw_key_str(&w, header->field[i]);
        if (county_cell_is_raw(header->field[i]))
            sw_jw_raw(&w, row->field[i]);
        else
            sw_jw_str(&w, row->field[i]);
    }
    sw_jw_end(&w);
    sw_buf_char(out, '}');
}

#endif
