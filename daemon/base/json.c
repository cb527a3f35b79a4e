/* json.c - strict JSON into a flat tree, and JSON out.
 *
 * yajl does the grammar and hands numbers over as text. Three things it lets pass are checked here
 * before it sees the bytes (UTF-8, lone surrogates, U+0000) and two while the tree grows (a key
 * twice, nesting). */
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <yajl/yajl_parse.h>

enum { MEMBERS_MAX = 1024 }; /* of one object: the check for doubles is quadratic */

struct builder {
    struct sw_arena *arena;
    struct sw_str text; /* the whole message */
    struct sw_json *root;
    struct sw_json *open[SW_JSON_DEPTH]; /* containers around the place in hand */
    struct sw_json *last[SW_JSON_DEPTH]; /* their newest member */
    uint32_t depth;
    struct sw_str key;
    const char *fault;
    struct sw_str fault_key;
    bool allows_nul; /* U+0000 in strings */
};

/* Strings that yajl did not have to decode lie in the message itself. */
static struct sw_str keep(struct builder *b, const unsigned char *p, size_t n)
{
    struct sw_str s = {(const char *)p, n};

    if (s.p >= b->text.p && s.p + n <= b->text.p + b->text.n)
        return s;
    return sw_arena_str(b->arena, s);
}

static struct sw_json *add(struct builder *b, enum sw_json_kind kind)
{
    struct sw_json *v = SW_ARENA_NEW(b->arena, struct sw_json);
    struct sw_json *parent;

    v->kind = kind;
    if (b->depth == 0) {
        b->root = v;
        return v;
    }
    parent = b->open[b->depth - 1];
    if (parent->kind == SW_JOBJECT)
        v->key = b->key;
    if (parent->first == NULL)
        parent->first = v;
    else
        b->last[b->depth - 1]->next = v;
    b->last[b->depth - 1] = v;
    parent->count++;
    return v;
}

static int on_null(void *ctx)
{
    add(ctx, SW_JNULL);
    return 1;
}

static int on_boolean(void *ctx, int value)
{
    add(ctx, value ? SW_JTRUE : SW_JFALSE);
    return 1;
}

static int on_number(void *ctx, const char *p, size_t n)
{
    add(ctx, SW_JNUMBER)->text = keep(ctx, (const unsigned char *)p, n);
    return 1;
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
    struct sw_str s = keep(ctx, p, n);

    add(ctx, SW_JSTRING)->text = s;
    return 1;
}

static int open_container(struct builder *b, enum sw_json_kind kind)
{
    struct sw_json *v;

    if (b->depth == SW_JSON_DEPTH) {
        b->fault = "nested too deep";
        return 0;
    }
    v = add(b, kind);
    b->open[b->depth++] = v;
    return 1;
}

static int on_object(void *ctx)
{
    return open_container(ctx, SW_JOBJECT);
}

static int on_array(void *ctx)
{
    return open_container(ctx, SW_JARRAY);
}

static int on_close(void *ctx)
{
    struct builder *b = ctx;

    b->depth--;
    return 1;
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
    struct builder *b = ctx;
    const struct sw_json *object = b->open[b->depth - 1];

    b->key = keep(b, p, n);
    if (object->count == MEMBERS_MAX)
        b->fault = "an object with too many members";
    for (const struct sw_json *m = object->first; m != NULL; m = m->next) {
        if (sw_str_eq(m->key, b->key)) {
            b->fault = "a key twice in one object";
            b->fault_key = b->key;
        }
    }
    return b->fault == NULL;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_array,
    .yajl_end_array = on_close,
};

static int32_t hex4(struct sw_str s, size_t at)
{
    int32_t value = 0;

    for (size_t i = at; i < at + 4; i++) {
        char c = i < s.n ? s.p[i] : '\0';
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The escapes that are good JSON and bad text; wrong escapes are left for yajl to refuse. */
static const char *check_escapes(struct sw_str s, bool allows_nul, size_t *where)
{
    for (size_t at = 0; at + 1 < s.n;) {
        const char *slash = memchr(s.p + at, '\\', s.n - at - 1);
        int32_t unit;

        if (slash == NULL)
            break;
        at = (size_t)(slash - s.p);
        *where = at;
        if (s.p[at + 1] != 'u') {
            at += 2;
            continue;
        }
        unit = hex4(s, at + 2);
        at += 6;
        if (unit == 0 && !allows_nul)
            return "U+0000 in a string";
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return "half a surrogate pair";
        if (unit >= 0xd800 && unit <= 0xdbff) {
            int32_t low =
                at + 1 < s.n && s.p[at] == '\\' && s.p[at + 1] == 'u' ? hex4(s, at + 2) : -1;

            if (low < 0xdc00 || low > 0xdfff)
                return "half a surrogate pair";
            at += 6;
        }
    }
    return NULL;
}

/* yajl's text is "lexical error: invalid char …\n   <context>\n": keep its first line. */
static enum sw_code fail_grammar(yajl_handle h, struct sw_str text, struct sw_err *err)
{
    unsigned char *why = yajl_get_error(h, 0, (const unsigned char *)text.p, text.n);
    struct sw_str line = sw_str((const char *)why);
    struct sw_str first = {NULL, 0};

    sw_str_split(&line, '\n', &first);
    sw_fail(err, SW_EINVALID, "not JSON at byte %zu: %.*s", yajl_get_bytes_consumed(h),
            SW_STR_ARG(first));
    yajl_free_error(h, why);
    return SW_EINVALID;
}

/* yajl's own memory: some pieces for each text, which malloc would cost a fifth of the parsing.
 * They come from the arena, with their size in front. */
enum { SIZE_ROOM = 16 };

static void *take(void *ctx, size_t size)
{
    char *p = sw_arena_alloc(ctx, SIZE_ROOM + size);

    memcpy(p, &size, sizeof(size));
    return p + SIZE_ROOM;
}

static void give_back(void *ctx, void *p)
{
    (void)ctx;
    (void)p;
}

static void *take_again(void *ctx, void *p, size_t size)
{
    size_t old = 0;
    void *more;

    if (p != NULL)
        memcpy(&old, (char *)p - SIZE_ROOM, sizeof(old));
    if (size <= old)
        return p;
    more = take(ctx, size);
    if (old > 0)
        memcpy(more, p, old);
    return more;
}

static enum sw_code run_yajl(struct builder *b, struct sw_err *err)
{
    yajl_alloc_funcs memory = {take, take_again, give_back, b->arena};
    yajl_handle h = yajl_alloc(&callbacks, &memory, b);
    enum sw_code rc = SW_OK;
    yajl_status status;

    SW_ASSERT(h != NULL);
    status = yajl_parse(h, (const unsigned char *)b->text.p, b->text.n);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(h);
    if (b->fault != NULL && b->fault_key.p != NULL)
        rc = sw_fail(err, SW_EINVALID, "%s: \"%.*s\"", b->fault, SW_STR_ARG(b->fault_key));
    else if (b->fault != NULL)
        rc = sw_fail(err, SW_EINVALID, "%s", b->fault);
    else if (status != yajl_status_ok)
        rc = fail_grammar(h, b->text, err);
    yajl_free(h);
    return rc;
}

static enum sw_code parse(struct builder *b, struct sw_json **out, struct sw_err *err)
{
    struct sw_str text = b->text;
    size_t bad = sw_utf8_check(text);
    const char *fault;
    enum sw_code rc;

    *out = NULL;
    if (bad < text.n)
        return sw_fail(err, SW_EINVALID, "not UTF-8 at byte %zu", bad);
    fault = check_escapes(text, b->allows_nul, &bad);
    if (fault != NULL)
        return sw_fail(err, SW_EINVALID, "%s at byte %zu", fault, bad);
    rc = run_yajl(b, err);
    if (rc == SW_OK)
        *out = b->root;
    return rc;
}

enum sw_code sw_json_parse(struct sw_arena *arena, struct sw_str text, struct sw_json **out,
                           struct sw_err *err)
{
    struct builder b = {.arena = arena, .text = text};

    return parse(&b, out, err);
}

enum sw_code sw_json_parse_data(struct sw_arena *arena, struct sw_str text, struct sw_json **out,
                                struct sw_err *err)
{
    struct builder b = {.arena = arena, .text = text, .allows_nul = true};

    return parse(&b, out, err);
}

struct sw_json *sw_json_get(const struct sw_json *object, const char *key)
{
    if (object == NULL || object->kind != SW_JOBJECT)
        return NULL;
    for (struct sw_json *m = object->first; m != NULL; m = m->next) {
        if (sw_str_is(m->key, key))
            return m;
    }
    return NULL;
}

struct sw_str sw_json_text(const struct sw_json *object, const char *key)
{
    const struct sw_json *m = sw_json_get(object, key);

    return m != NULL && m->kind == SW_JSTRING ? m->text : (struct sw_str){NULL, 0};
}

struct sw_str sw_json_word(const struct sw_json *object, const char *key)
{
    const struct sw_json *m = sw_json_get(object, key);

    return m == NULL || m->kind == SW_JNULL || m->kind == SW_JARRAY || m->kind == SW_JOBJECT
               ? (struct sw_str){NULL, 0}
               : m->text;
}

int64_t sw_json_int(const struct sw_json *object, const char *key)
{
    const struct sw_json *m = sw_json_get(object, key);
    int64_t n = 0;

    return m != NULL && m->kind == SW_JNUMBER && sw_str_int(m->text, &n) ? n : 0;
}

const struct sw_json *sw_json_first(const struct sw_json *object, const char *key)
{
    const struct sw_json *list = sw_json_get(object, key);

    return list == NULL ? NULL : list->first;
}

bool sw_json_is_true(const struct sw_json *object, const char *key)
{
    const struct sw_json *m = sw_json_get(object, key);

    return m != NULL && m->kind == SW_JTRUE;
}

/* The comma or nothing before a value or key. */
static void separate(struct sw_jw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth > 0 && w->more[w->depth - 1])
        sw_buf_char(w->out, ',');
    if (w->depth > 0)
        w->more[w->depth - 1] = true;
}

static void begin(struct sw_jw *w, bool is_array)
{
    separate(w);
    SW_ASSERT(w->depth < SW_JSON_DEPTH);
    w->more[w->depth] = false;
    w->is_array[w->depth++] = is_array;
    sw_buf_char(w->out, is_array ? '[' : '{');
}

void sw_jw_object(struct sw_jw *w)
{
    begin(w, false);
}

void sw_jw_array(struct sw_jw *w)
{
    begin(w, true);
}

void sw_jw_end(struct sw_jw *w)
{
    SW_ASSERT(w->depth > 0);
    sw_buf_char(w->out, w->is_array[--w->depth] ? ']' : '}');
}

static void put_string(struct sw_buf *out, struct sw_str s)
{
    size_t from = 0;

    sw_buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        sw_buf_put(out, s.p + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\')
            sw_buf_printf(out, "\\%c", c);
        else if (c == '\n')
            sw_buf_cstr(out, "\\n");
        else
            sw_buf_printf(out, "\\u%04x", c);
    }
    if (from < s.n)
        sw_buf_put(out, s.p + from, s.n - from);
    sw_buf_char(out, '"');
}

void sw_jw_key_str(struct sw_jw *w, struct sw_str key)
{
    separate(w);
    put_string(w->out, key);
    sw_buf_char(w->out, ':');
    w->after_key = true;
}

void sw_jw_key(struct sw_jw *w, const char *key)
{
    sw_jw_key_str(w, sw_str(key));
}

void sw_jw_str(struct sw_jw *w, struct sw_str s)
{
    separate(w);
    put_string(w->out, s);
}

void sw_jw_cstr(struct sw_jw *w, const char *s)
{
    sw_jw_str(w, sw_str(s));
}

void sw_jw_raw(struct sw_jw *w, struct sw_str json)
{
    separate(w);
    sw_buf_str(w->out, json);
}

void sw_jw_int(struct sw_jw *w, int64_t i)
{
    separate(w);
    sw_buf_printf(w->out, "%lld", (long long)i);
}

void sw_jw_double(struct sw_jw *w, double d)
{
    char text[SW_DOUBLE_SIZE];

    sw_jw_raw(w, sw_str(sw_double_format(d, text)));
}

void sw_jw_bool(struct sw_jw *w, bool b)
{
    sw_jw_raw(w, b ? SW_STR("true") : SW_STR("false"));
}

void sw_jw_value(struct sw_jw *w, const struct sw_json *v)
{
    switch (v->kind) {
    case SW_JNULL: sw_jw_raw(w, SW_STR("null")); return;
    case SW_JFALSE: sw_jw_bool(w, false); return;
    case SW_JTRUE: sw_jw_bool(w, true); return;
    case SW_JNUMBER: sw_jw_raw(w, v->text); return;
    case SW_JSTRING: sw_jw_str(w, v->text); return;
    case SW_JARRAY: sw_jw_array(w); break;
    case SW_JOBJECT: sw_jw_object(w); break;
    }
    for (const struct sw_json *m = v->first; m != NULL; m = m->next) {
        if (v->kind == SW_JOBJECT)
            sw_jw_key_str(w, m->key);
        sw_jw_value(w, m);
    }
    sw_jw_end(w);
}

void sw_jw_member(struct sw_jw *w, const char *key, struct sw_str s)
{
    sw_jw_key(w, key);
    sw_jw_str(w, s);
}

void sw_jw_member_int(struct sw_jw *w, const char *key, int64_t i)
{
    sw_jw_key(w, key);
    sw_jw_int(w, i);
}

/* ---- strings that stand in no whole text --------------------------------------------------- */

/* The character that the escape \uXXXX at `at` stands for, or the pair of them; -1: none. */
static int32_t escaped(struct sw_str s, size_t *at)
{
    int32_t high = hex4(s, *at + 2);
    int32_t low;

    if (high < 0)
        return -1;
    *at += 6;
    if (high < 0xd800 || high > 0xdbff || s.n < *at + 6 || s.p[*at] != '\\' || s.p[*at + 1] != 'u')
        return high;
    low = hex4(s, *at + 2);
    if (low < 0xdc00 || low > 0xdfff)
        return high;
    *at += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

void sw_json_unescape(struct sw_str raw, struct sw_buf *out)
{
    for (size_t at = 0; at < raw.n;) {
        char bytes[4];
        int32_t c;

        if (raw.p[at] != '\\' || at + 1 == raw.n) {
            sw_buf_char(out, raw.p[at++]);
        } else if (raw.p[at + 1] != 'u') {
            sw_buf_char(out, raw.p[at + 1] == 'n' || raw.p[at + 1] == 't' ? ' ' : raw.p[at + 1]);
            at += 2;
        } else if ((c = escaped(raw, &at)) >= 0) {
            sw_buf_put(out, bytes, sw_utf8_put(bytes, (uint32_t)c));
        } else {
            at += 2;
        }
    }
}
