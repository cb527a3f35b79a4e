/* files.c - writing the registry's six files and the two of events. */
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/csv.h>
#include <shouwang/base/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

void out_open(struct out *o, const char *dir, const char *name)
{
    struct sw_buf path = {0};

    *o = (struct out){0};
    sw_buf_printf(&path, "%s/%s", dir, name);
    o->fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (o->fd < 0)
        sw_fail(&o->err, SW_EIO, "%s: %s", path.p, strerror(errno));
    sw_buf_free(&path);
}

void out_flush(struct out *o, size_t keep)
{
    if (o->buf.n <= keep)
        return;
    if (o->err.code == SW_OK && sw_file_write_all(o->fd, o->buf.p, o->buf.n, &o->err) != SW_OK)
        sw_fail_prefix(&o->err, "writing stopped");
    sw_buf_clear(&o->buf);
}

enum sw_code out_close(struct out *o, struct sw_err *err)
{
    out_flush(o, 0);
    if (o->fd >= 0 && close(o->fd) != 0 && o->err.code == SW_OK)
        sw_fail(&o->err, SW_EIO, "close: %s", strerror(errno));
    sw_buf_free(&o->buf);
    if (err != NULL)
        *err = o->err;
    return o->err.code;
}

/* ---- rows of the registry ----------------------------------------------------------------- */

static void put(struct out *o, const char *text, bool first)
{
    sw_csv_put(&o->buf, sw_str(text), first);
}

static void put_number(struct out *o, int64_t n)
{
    sw_buf_printf(&o->buf, ",%lld", (long long)n);
}

static void put_day(struct out *o, sw_day day)
{
    char text[SW_DATE_SIZE];

    put(o, day == SW_DAY_NEVER ? "" : sw_date_format(day, text), false);
}

static void end_row(struct out *o)
{
    sw_buf_char(&o->buf, '\n');
    out_flush(o, PIECE);
}

static void put_area(struct out *o, const char *code, const char *name, const char *parent)
{
    put(o, code, true);
    put(o, name, false);
    put(o, parent, false);
    end_row(o);
}

static void write_areas(const struct county *c, struct out *o)
{
    const char *county = "610999000000";

    put_area(o, county, "清岭县", "");
    for (uint32_t t = 0; t < c->towns; t++)
        put_area(o, c->town[t].code, c->town[t].name, county);
    for (uint32_t v = 0; v < c->villages; v++)
        put_area(o, c->village[v].code, c->village[v].name, c->town[c->village[v].parent].code);
}

static void write_households(const struct county *c, struct out *o)
{
    char id[ID_SIZE];

    for (uint32_t i = 0; i < c->households; i++) {
        const struct household *h = &c->household[i];

        put(o, household_id(c, i, id), true);
        put(o, c->village[h->village].code, false);
        put(o, c->person[h->first].name, false);
        put(o, hh_kind_names[h->kind], false);
        put(o, h->dibao ? "true" : "false", false);
        put(o, h->monitored ? "true" : "false", false);
        put_day(o, h->monitored ? h->monitored_since : SW_DAY_NEVER);
        put_number(o, h->members);
        sw_buf_printf(&o->buf, h->labor < 0 ? "," : ",%d", h->labor);
        sw_buf_printf(&o->buf, h->income < 0 ? "," : ",%lld.00", (long long)(h->income / 100));
        sw_buf_printf(&o->buf, h->land < 0 ? "," : ",%d.%d", h->land / 10, h->land % 10);
        put(o, h->lived ? "true" : "false", false);
        end_row(o);
    }
}

static void write_persons(const struct county *c, struct out *o)
{
    char id[ID_SIZE];

    for (uint32_t i = 0; i < c->persons; i++) {
        const struct person *p = &c->person[i];

        put(o, person_id(c, i, id), true);
        put(o, household_id(c, p->household, id), false);
        put(o, p->name, false);
        put(o, p->woman ? "女" : "男", false);
        put_day(o, p->birth);
        put(o, relation_names[p->relation], false);
        end_row(o);
    }
}

static void write_cadres(const struct county *c, struct out *o)
{
    char id[ID_SIZE];

    for (uint32_t i = 0; i < c->cadres; i++) {
        put(o, cadre_id(i, id), true);
        put(o, c->cadre[i].name, false);
        put(o, cadre_phone(c, i, id), false);
        end_row(o);
    }
}

static void write_teams(const struct county *c, struct out *o)
{
    char id[ID_SIZE];

    for (uint32_t v = 0; v < c->villages; v++) {
        put(o, team_id(c, v, id), true);
        sw_buf_printf(&o->buf, ",%s驻村工作队", c->village[v].name);
        put(o, cadre_id(v, id), false);
        put(o, c->opt.gateway, false);
        end_row(o);
    }
}

static void write_assignments(const struct county *c, struct out *o)
{
    char id[ID_SIZE];

    for (uint32_t i = 0; i < c->posts; i++) {
        const struct post *p = &c->post[i];
        bool of_team = p->cadre == NOBODY;

        sw_buf_printf(&o->buf, "A%06u", i + 1);
        put(o, of_team ? "" : household_id(c, p->subject, id), false);
        put(o, of_team ? c->village[p->subject].code : "", false);
        put(o, of_team ? "" : cadre_id(p->cadre, id), false);
        put(o, of_team ? team_id(c, p->subject, id) : "", false);
        put_day(o, p->from);
        put_day(o, p->until);
        end_row(o);
    }
}

enum sw_code files_registry(const struct county *c, struct sw_err *err)
{
    static const struct {
        const char *name, *header;
        void (*rows)(const struct county *c, struct out *o);
    } files[] = {
        {"areas.csv", "code,name,parent\n", write_areas},
        {"households.csv",
         "id,area,name,kind,dibao,monitored,monitored_since,members_n,labor_n,income_12m,land_mu,"
         "house_lived\n",
         write_households},
        {"persons.csv", "id,household,name,sex,birth,relation\n", write_persons},
        {"cadres.csv", "id,name,phone\n", write_cadres},
        {"teams.csv", "id,name,leader,gateway\n", write_teams},
        {"assignments.csv", "id,household,area,cadre,team,from,until\n", write_assignments},
    };
    enum sw_code rc = SW_OK;

    for (size_t i = 0; i < SW_COUNTOF(files) && rc == SW_OK; i++) {
        struct out o;

        out_open(&o, c->opt.dir, files[i].name);
        sw_buf_cstr(&o.buf, files[i].header);
        files[i].rows(c, &o);
        rc = out_close(&o, err);
    }
    return rc;
}

/* ---- events ------------------------------------------------------------------------------- */

static void count(struct tally *t, const struct event *e)
{
    int64_t days = (e->recorded - e->at) / 86400;

    t->lines++;
    t->role[e->role]++;
    if (e->role == FAULTY)
        t->fault[e->fault]++;
    if (e->role != GOOD)
        return;
    t->good[e->type]++;
    if (days >= (int64_t)SW_COUNTOF(t->late))
        days = SW_COUNTOF(t->late) - 1;
    t->late[days < 0 ? 0 : days]++;
}

enum sw_code files_events(const struct county *c, const struct event_list *l, const char *name,
                          struct tally *tally, struct sw_err *err)
{
    uint32_t *order = event_order(l);
    struct out o;

    SW_ASSERT(n_faults <= SW_COUNTOF(tally->fault));
    *tally = (struct tally){0};
    out_open(&o, c->opt.dir, name);
    for (size_t i = 0; i < l->n; i++) {
        const struct event *e = &l->at[order[i]];

        event_write(c, l, e, &o.buf);
        sw_buf_char(&o.buf, '\n');
        out_flush(&o, PIECE);
        count(tally, e);
    }
    free(order);
    return out_close(&o, err);
}
