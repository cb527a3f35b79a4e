/* The county as a reader of the database has it, beside the service that owns it: from a snapshot
 * and the rest of the log, from the log alone, from a snapshot that is damaged, foreign or ahead;
 * always the service's own state, and the files stay as they are. */
#include "part_help.h"
#include "store_fixture.h"
#include <shouwang/base/file.h>
#include <shouwang/engine/preview.h>

enum { HOUSEHOLDS = 3000 };

static char snapshot[600];

static struct sw_part *open_part(const char *keeps)
{
    struct sw_part_conf conf = {
        .backend = &sw_backend_sqlite,
        .where = db_path,
        .snapshot = keeps,
        .hooks = {NULL, tell_clock, claim_none, keep_message, keep_change, NULL, bail_out},
        .rules = shipped_rules(),
    };

    return open_part_with(&conf);
}

static void bill(struct sw_part *p)
{
    tell(p, "medical.bill", "household/H1",
         "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":6000}");
}

static void make_county(struct sw_part *p)
{
    tell(p, "registry.area", "area/6109", "{\"name\":\"县\"}");
    tell(p, "registry.household", "household/H1",
         "{\"area\":\"6109\",\"name\":\"张三\",\"kind\":\"unstable\",\"members_n\":4}");
    tell(p, "registry.person", "person/P1", "{\"household\":\"H1\",\"name\":\"张三\"}");
    bill(p);
    for (int h = 2; h < HOUSEHOLDS; h++) { /* so many that the snapshot has several blocks */
        char subject[40];

        snprintf(subject, sizeof(subject), "household/H%d", h);
        tell(p, "registry.household", subject, "{\"area\":\"6109\",\"name\":\"李四\"}");
    }
}

static uint64_t bytes_of(const char *path)
{
    struct sw_buf text = {0};
    struct sw_err err;
    uint64_t sum = 0;

    if (sw_file_read(path, 1 << 30, &text, &err) == SW_OK)
        sum = sw_siphash((struct sw_hash_key){1, 2}, text.p, text.n) | 1;
    sw_buf_free(&text);
    return sum;
}

/* What a reader has is what the service has; where it stands in the log, too. */
static void is_same(const struct sw_part *p, const char *what)
{
    struct sw_query *q;
    struct sw_engine *e = NULL;
    struct sw_part_counts counts;
    struct sw_err err = {.text = ""};
    int64_t pos = 0;
    uint64_t before = bytes_of(snapshot);
    enum sw_code rc = sw_query_open(&q, db_path, &err);

    sw_part_count(p, &counts);
    if (rc == SW_OK) {
        rc = sw_query_engine(q, snapshot, &e, &pos, &err);
        sw_query_close(q);
    }
    if (rc != SW_OK)
        note("%s", err.text);
    ok_named(rc == SW_OK && pos == counts.pos &&
                 sw_engine_digest(e) == sw_engine_digest(sw_part_engine(p)),
             what);
    ok_named(bytes_of(snapshot) == before, "and the snapshot is as it was");
    sw_engine_free(e);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

static void write_snapshot(const struct sw_buf *text, size_t flipped)
{
    FILE *f = fopen(snapshot, "we");

    if (f == NULL)
        exit(2);
    if (flipped < text->n)
        text->p[flipped] ^= 1;
    fwrite(text->p, 1, text->n, f);
    fclose(f);
    if (flipped < text->n)
        text->p[flipped] ^= 1;
}

static void test_reading(void)
{
    struct sw_part *p = open_part(snapshot);
    struct sw_buf text = {0};
    struct sw_err err;

    make_county(p);
    is_same(p, "without a snapshot the log is read");
    sw_part_close(p);
    p = open_part(NULL); /* the snapshot stays behind from here on */
    is_same(p, "a snapshot at the log's end");
    bill(p);
    clock_now += 40 * 86400 * SW_SECOND;
    while (sw_part_pass_time(p)) {}
    is_same(p, "a snapshot, and what came after it");
    ok_named(sw_file_read(snapshot, 1 << 30, &text, &err) == SW_OK, "there is one");
    is_int_named(mode_of(snapshot), mode_of(db_path), "who may read the database may read it");
    write_snapshot(&text, 40);
    is_same(p, "a snapshot with a damaged head");
    write_snapshot(&text, 1000);
    is_same(p, "a snapshot damaged in its first block");
    ok_named(text.n > 300000, "it has several");
    write_snapshot(&text, text.n - 10);
    is_same(p, "a snapshot damaged at its end");
    write_snapshot(&text, SIZE_MAX);
    is_same(p, "the good one again");
    sw_buf_free(&text);
    sw_part_close(p);
}

/* An older copy of the database beside a newer snapshot. */
static void test_ahead(void)
{
    struct sw_part *p = open_part(snapshot);
    struct sw_query *q;
    char older[700];
    struct sw_err err;

    snprintf(older, sizeof(older), "%s/older.db", folder);
    if (sw_query_open(&q, db_path, &err) != SW_OK || sw_query_backup(q, older, &err) != SW_OK)
        exit(2);
    sw_query_close(q);
    bill(p);
    sw_part_close(p);
    remove_database();
    if (rename(older, db_path) != 0)
        exit(2);
    p = open_part(NULL);
    is_same(p, "a snapshot ahead of an older database is not used, and not removed");
    sw_part_close(p);
    unlink(snapshot);
}

static void test_nothing_yet(void)
{
    struct sw_part *p;
    struct sw_query *q;
    struct sw_engine *e = NULL;
    struct sw_buf out = {0};
    struct sw_ruleset *rules = shipped_rules();
    struct sw_preview asked = {.rules = rules, .now = clock_now};
    struct sw_err err = {.code = SW_OK};
    int64_t pos = 0;

    remove_database();
    p = open_part(NULL);
    if (sw_query_open(&q, db_path, &err) != SW_OK)
        exit(2);
    is_int_named(sw_query_engine(q, snapshot, &e, &pos, &err), SW_ENOTFOUND,
                 "an empty log has no county");
    ok_named(e == NULL && pos == 0, "so there is no engine");
    sw_query_close(q);
    is_int_named(sw_engine_preview(sw_part_engine(p), &asked, &out, NULL, &err), SW_EINVALID,
                 "and nothing can be said of rules");
    is_int_named((int64_t)out.n, 0, "nor is it");
    sw_buf_free(&out);
    sw_ruleset_free(rules);
    sw_part_close(p);
}

int main(void)
{
    make_folder();
    snprintf(snapshot, sizeof(snapshot), "%s/test.snapshot", folder);
    test_reading();
    test_ahead();
    test_nothing_yet();
    return done_testing();
}
