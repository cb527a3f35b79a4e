/* sqlite_read.c - what a start reads back: the log's tail, the messages under way, a bundle; and
 * what others read in the same columns. */
#include "sqlite.h"
#include <shouwang/base/i18n.h>

static enum sw_code fail_gap(const struct sw_db *db, int64_t found, int64_t wanted,
                             struct sw_err *err)
{
    return sw_fail(err, SW_EBAD,
                   _("database %s is damaged: its log has %lld where %lld should be; restore a "
                     "backup"),
                   db->path, (long long)found, (long long)wanted);
}

struct sw_input sw_get_input(struct sw_use *u)
{
    struct sw_input in;

    in.seq = sw_get_int(u);
    in.now = sw_get_int(u);
    in.kind = (enum sw_input_kind)sw_get_int(u);
    in.body = sw_get_str(u);
    return in;
}

struct sw_step_row sw_get_step(struct sw_use *u)
{
    struct sw_step_row s;

    s.number = sw_get_int(u);
    s.at = sw_get_int(u);
    s.kind = sw_get_str(u);
    s.actor = sw_get_str(u);
    s.text = sw_get_str(u);
    s.seq = sw_get_int(u);
    s.data = sw_get_str(u);
    return s;
}

struct sw_outbox_row sw_get_outbox(struct sw_use *u, char id[MESSAGE_ID_SIZE])
{
    struct sw_outbox_row r = {.attempts = 0};
    struct sw_message_row *m = &r.message;

    m->id = sw_message_id(sw_get_int(u), id);
    m->number = sw_get_int(u); /* NULL reads as 0 */
    m->kind = sw_get_str(u);
    m->gateway = sw_get_str(u);
    m->to = sw_get_str(u);
    m->body = sw_get_str(u);
    m->created = sw_get_int(u);
    m->expires = sw_get_int(u);
    r.state = (enum sw_outbox_state)sw_get_int(u);
    r.attempts = (uint32_t)sw_get_int(u);
    r.next_at = sw_get_int(u);
    return r;
}

enum sw_code sw_use_bundle(struct sw_use *u, struct sw_str digest, struct sw_buf *out,
                           struct sw_err *err)
{
    bool found;
    enum sw_code rc;

    sw_put_str(u, digest);
    found = sw_use_row(u);
    if (found)
        sw_buf_str(out, sw_get_str(u));
    rc = sw_use_end(u, err);
    if (rc == SW_OK && !found)
        rc = sw_fail(err, SW_ENOTFOUND, _("the log has no rules with digest %.*s"),
                     SW_STR_ARG(digest));
    return rc;
}

enum sw_code sw_use_meta(struct sw_use *u, const char *name, void *out, size_t size, bool *found,
                         struct sw_err *err)
{
    *found = false;
    sw_put_str(u, sw_str(name));
    if (sw_use_row(u)) {
        struct sw_str value = sw_get_str(u);

        *found = value.n == size;
        if (*found)
            memcpy(out, value.p, size);
    }
    return sw_use_end(u, err);
}

enum sw_code sw_store_read_log(void *handle, int64_t after,
                               bool (*row)(void *ctx, const struct sw_input *in), void *ctx,
                               struct sw_err *err)
{
    struct sw_store *s = handle;
    struct sw_use u = sw_use(&s->db, TEXT_READ_LOG);
    int64_t next = after + 1;
    struct sw_input in;
    bool dense = true;
    enum sw_code rc;

    sw_put_int(&u, after);
    while (dense && sw_use_row(&u)) {
        in = sw_get_input(&u);
        dense = in.seq == next++;
        if (dense && !row(ctx, &in))
            break;
    }
    rc = sw_use_end(&u, err);
    return rc == SW_OK && !dense ? fail_gap(&s->db, in.seq, next - 1, err) : rc;
}

enum sw_code sw_store_read_outbox(void *handle,
                                  bool (*row)(void *ctx, const struct sw_outbox_row *m), void *ctx,
                                  struct sw_err *err)
{
    struct sw_store *s = handle;
    struct sw_use u = sw_use(&s->db, TEXT_READ_OUTBOX);
    char id[MESSAGE_ID_SIZE];
    struct sw_outbox_row m;

    while (sw_use_row(&u)) {
        m = sw_get_outbox(&u, id);
        if (!row(ctx, &m))
            break;
    }
    return sw_use_end(&u, err);
}

enum sw_code sw_store_read_bundle(void *handle, struct sw_str digest, struct sw_buf *out,
                                  struct sw_err *err)
{
    struct sw_store *s = handle;
    struct sw_use u = sw_use(&s->db, TEXT_READ_BUNDLE);

    return sw_use_bundle(&u, digest, out, err);
}
