/* rules.c - rows 8 to 11: thirty realistic rules over a thousand households, beside LuaJIT and
 * SQLite in the same run.
 *
 * Rules and households are made once from a seed and written in each engine's own syntax; every
 * engine must come to the same sum of points. Each rule is one program, called from C, as the
 * daemon does. Every round lets each engine run for some milliseconds of CPU time; the result is
 * the median of the rounds' ratios, so a busy machine cancels out. */
#include "allocs.h"
#include "bench.h"
#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <lualib.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/mem.h>
#include <shouwang/lang/lang.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HOUSEHOLDS = 1000, RULES = 30, FIELDS = 32, PARAMS = 12, MEMBERS = 6 };
enum { AMOUNTS = 14, COUNTS = 10, FLAGS = 6, KINDS = 2 }; /* fields by sort, in this order */

/* ---- data ------------------------------------------------------------------------------------ */

struct member {
    struct sw_value field[2]; /* ill, age */
};

struct household {
    struct sw_value field[FIELDS + 1]; /* and the members */
    struct sw_value record[MEMBERS];
    struct member member[MEMBERS];
    struct sw_list members;
};

static struct household households[HOUSEHOLDS];
static struct sw_value params[PARAMS];
static uint64_t state = 88172645463325252ULL;

static const char *const kinds[] = {"none", "out", "unstable", "edge", "sudden", "dibao"};

static int64_t below(int64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)n);
}

static struct sw_value random_field(int field)
{
    if (field < AMOUNTS)
        return sw_value_money(below(400) * 10000);
    if (field < AMOUNTS + COUNTS)
        return sw_value_int(below(120));
    if (field < AMOUNTS + COUNTS + FLAGS)
        return sw_value_bool(below(2) == 0);
    return (struct sw_value){.kind = SW_KENUM, .i = below(6)};
}

static void make_households(void)
{
    for (int i = 0; i < PARAMS; i++)
        params[i] = i < 6 ? sw_value_money(below(300) * 10000)
                          : sw_value_double((double)(1 + below(9)) / 10);
    for (int h = 0; h < HOUSEHOLDS; h++) {
        struct household *x = &households[h];

        for (int i = 0; i < FIELDS; i++)
            x->field[i] = random_field(i);
        x->members.n = (uint32_t)below(MEMBERS + 1);
        x->members.at = x->record;
        for (int m = 0; m < MEMBERS; m++) {
            x->member[m].field[0] = sw_value_bool(below(8) == 0);
            x->member[m].field[1] = sw_value_int(below(95));
            x->record[m] = (struct sw_value){.kind = SW_KRECORD, .record = x->member[m].field};
        }
        x->field[FIELDS] = (struct sw_value){.kind = SW_KLIST, .list = &x->members};
    }
}

/* ---- rules: "A12" a field, "P3" a parameter, & | ! and or not; amounts in yuan --------------- */

static char rules[RULES][256];
static int points[RULES];

static void put_comparison(struct sw_buf *out)
{
    static const char *const relation[] = {">=", "<", ">", "<="};
    long long r = below(4);

    switch (below(6)) {
    case 0:
    case 1:
        sw_buf_printf(out, "A%lld %s P%lld", (long long)below(AMOUNTS), relation[r],
                      (long long)below(6));
        break;
    case 2:
        sw_buf_printf(out, "A%lld > A%lld * P%lld", (long long)below(AMOUNTS),
                      (long long)below(AMOUNTS), (long long)(6 + below(6)));
        break;
    case 3:
        sw_buf_printf(out, "A%lld %s %lld", (long long)(AMOUNTS + below(COUNTS)), relation[r],
                      (long long)below(120));
        break;
    case 4: sw_buf_printf(out, "A%lld", (long long)(AMOUNTS + COUNTS + below(FLAGS))); break;
    default:
        sw_buf_printf(out, "!(A%lld in K%lld)",
                      (long long)(AMOUNTS + COUNTS + FLAGS + below(KINDS)), (long long)below(3));
    }
}

/* Two terms, often a third, sometimes in brackets: 65 comparisons in all. */
static void make_rules(void)
{
    for (int i = 0; i < RULES; i++) {
        struct sw_buf out = {0};

        put_comparison(&out);
        sw_buf_cstr(&out, i % 3 == 2 ? " | " : " & ");
        if (i % 6 == 0) {
            sw_buf_char(&out, '(');
            put_comparison(&out);
            sw_buf_cstr(&out, " | ");
            put_comparison(&out);
            sw_buf_char(&out, ')');
        } else {
            put_comparison(&out);
        }
        snprintf(rules[i], sizeof(rules[i]), "%s", out.p);
        points[i] = (int)(1 + below(20));
        sw_buf_free(&out);
    }
}

/* What stands for each sign of the notation above. */
struct syntax {
    const char *field, *param, *and, * or, *not ;
    void (*set)(struct sw_buf *out, const char *field, int kind);
};

static const char *const sets[3][2] = {{"out", "edge"}, {"dibao", "none"}, {"sudden", "unstable"}};

static void set_of_ours(struct sw_buf *out, const char *field, int k)
{
    sw_buf_printf(out, "%s in [\"%s\", \"%s\"]", field, sets[k][0], sets[k][1]);
}

static void set_of_lua(struct sw_buf *out, const char *field, int k)
{
    sw_buf_printf(out, "%s == \"%s\" or %s == \"%s\"", field, sets[k][0], field, sets[k][1]);
}

static void set_of_sql(struct sw_buf *out, const char *field, int k)
{
    sw_buf_printf(out, "%s IN ('%s', '%s')", field, sets[k][0], sets[k][1]);
}

static const struct syntax ours = {"hh.f%d", "p.v%d", "&&", "||", "!", set_of_ours};
static const struct syntax lua = {"h.f%d", "p.v%d", "and", "or", "not ", set_of_lua};
static const struct syntax sql = {"f%d", "p%d", "AND", "OR", "NOT ", set_of_sql};

static void put_name(struct sw_buf *out, const char *pattern, int number)
{
    const char *at = strchr(pattern, '%');

    sw_buf_printf(out, "%.*s%d", (int)(at - pattern), pattern, number);
}

static void translate(const char *rule, const struct syntax *s, struct sw_buf *out)
{
    struct sw_buf field = {0};

    for (const char *c = rule; *c != '\0'; c++) {
        char *end = NULL;

        if (*c == 'A' || *c == 'P') {
            sw_buf_clear(&field);
            put_name(&field, *c == 'A' ? s->field : s->param, (int)strtol(c + 1, &end, 10));
            if (strncmp(end, " in K", 5) == 0) {
                s->set(out, field.p, (int)strtol(end + 5, &end, 10));
            } else {
                sw_buf_str(out, sw_buf_view(&field));
            }
            c = end - 1;
        } else if (*c == '&' || *c == '|') {
            sw_buf_cstr(out, *c == '&' ? s->and : s->or);
        } else if (*c == '!') {
            sw_buf_cstr(out, s->not );
        } else {
            sw_buf_char(out, *c);
        }
    }
    sw_buf_free(&field);
}

/* ---- timing ---------------------------------------------------------------------------------- */

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Who takes part: `once` goes through all households, which are `parts` evaluations. */
struct runner {
    const char *name;
    int64_t (*once)(void *ctx);
    void *ctx;
    double parts;
    int reference; /* the runner it is compared with */
    int64_t sum;
    double took[BENCH_ROUNDS_MAX]; /* ns per evaluation */
};

static void run_once(struct runner *r, size_t round)
{
    double begun = cpu_ns();
    int n = 0;

    do {
        r->sum = r->once(r->ctx);
        n++;
    } while (cpu_ns() - begun < 8e6);
    r->took[round] = (cpu_ns() - begun) / n / r->parts;
}

/* ---- ours ------------------------------------------------------------------------------------ */

struct engine {
    struct sw_lang *l;
    struct sw_prog *rule[RULES], *e1, *e2;
    struct sw_frame frame;
    struct sw_arena arena;
};

static struct sw_prog *compile(struct engine *e, const char *text)
{
    struct sw_diag diag = {0};
    struct sw_prog *p = sw_lang_compile(e->l, (struct sw_text){.text = sw_str(text)},
                                        sw_type_of(e->l, SW_KBOOL), &diag);

    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    SW_ASSERT(p != NULL);
    return p;
}

static const char e1_rule[] = "A0 >= P0 & (A1 < 0 | A0 > A1 * P6) & !(A30 in K1) & A14 <= 90";
static const char e2_rule[] = "A0 >= P0 & hh.members.exists(m, m.ill & m.age >= 60)";

static struct sw_enum_item items[6];
static struct sw_field_decl member_fields[2];

static void declare(struct engine *e)
{
    const struct sw_str none = {NULL, 0};
    const struct sw_type *kind;

    for (int i = 0; i < 6; i++)
        items[i].name = sw_str(kinds[i]);
    kind = sw_type_enum(e->l, SW_STR("kind"), items, 6);
    for (int i = 0; i < FIELDS; i++) {
        const struct sw_type *t = households[0].field[i].kind == SW_KENUM
                                      ? kind
                                      : sw_type_of(e->l, (enum sw_kind)households[0].field[i].kind);

        sw_lang_var(e->l, sw_arena_printf(&e->arena, "hh.f%d", i), t, 0, (uint32_t)i, false, none,
                    none);
    }
    for (int i = 0; i < PARAMS; i++)
        sw_lang_var(e->l, sw_arena_printf(&e->arena, "p.v%d", i),
                    sw_type_of(e->l, (enum sw_kind)params[i].kind), 1, (uint32_t)i, false, none,
                    none);
    member_fields[0] =
        (struct sw_field_decl){.name = SW_STR("ill"), .type = sw_type_of(e->l, SW_KBOOL)};
    member_fields[1] =
        (struct sw_field_decl){.name = SW_STR("age"), .type = sw_type_of(e->l, SW_KINT)};
    sw_lang_var(e->l, SW_STR("hh.members"),
                sw_type_list(e->l, sw_type_record(e->l, SW_STR("member"), member_fields, 2)), 0,
                FIELDS, false, none, none);
}

static void start_ours(struct engine *e)
{
    *e = (struct engine){.l = sw_lang_new(SW_LANG_RULES)};
    declare(e);
    for (int i = 0; i <= RULES + 1; i++) {
        struct sw_buf text = {0};

        translate(i < RULES ? rules[i] : i == RULES ? e1_rule : e2_rule, &ours, &text);
        *(i < RULES ? &e->rule[i] : i == RULES ? &e->e1 : &e->e2) = compile(e, text.p);
        sw_buf_free(&text);
    }
    sw_lang_seal(e->l);
    e->frame = (struct sw_frame){.bank = {NULL, params}, .arena = &e->arena};
}

static int64_t run_ours(void *ctx)
{
    struct engine *e = ctx;
    int64_t sum = 0;

    for (int h = 0; h < HOUSEHOLDS; h++) {
        e->frame.bank[0] = households[h].field;
        e->frame.budget = 100000;
        sw_frame_begin(&e->frame);
        for (int i = 0; i < RULES; i++)
            sum += sw_eval_truth(e->rule[i], &e->frame, NULL) == SW_TRUE ? points[i] : 0;
    }
    return sum;
}

static int64_t run_one(struct engine *e, const struct sw_prog *p)
{
    int64_t n = 0;

    for (int h = 0; h < HOUSEHOLDS; h++) {
        e->frame.bank[0] = households[h].field;
        e->frame.budget = 100000;
        n += sw_eval_truth(p, &e->frame, NULL) == SW_TRUE;
    }
    return n;
}

static int64_t run_e1(void *ctx)
{
    struct engine *e = ctx;

    return run_one(e, e->e1);
}

static int64_t run_e2(void *ctx)
{
    struct engine *e = ctx;

    return run_one(e, e->e2);
}

/* ---- LuaJIT ---------------------------------------------------------------------------------- */

enum { LUA_HOUSEHOLD = 1000, LUA_RULE = 100000 };

static void push_value(lua_State *L, struct sw_value v)
{
    if (v.kind == SW_KBOOL)
        lua_pushboolean(L, v.b);
    else if (v.kind == SW_KENUM)
        lua_pushstring(L, kinds[v.i]);
    else
        lua_pushnumber(L, v.kind == SW_KDOUBLE ? v.d : (double)v.i);
}

static void push_household(lua_State *L, const struct household *h)
{
    lua_newtable(L);
    for (int i = 0; i < FIELDS; i++) {
        char name[8];

        snprintf(name, sizeof(name), "f%d", i);
        push_value(L, h->field[i]);
        lua_setfield(L, -2, name);
    }
    lua_newtable(L);
    for (uint32_t m = 0; m < h->members.n; m++) {
        lua_newtable(L);
        push_value(L, h->member[m].field[0]);
        lua_setfield(L, -2, "ill");
        push_value(L, h->member[m].field[1]);
        lua_setfield(L, -2, "age");
        lua_rawseti(L, -2, (int)m + 1);
    }
    lua_setfield(L, -2, "members");
}

static void load_lua(lua_State *L, const char *text, int number)
{
    if (luaL_dostring(L, text) != 0) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RULE + number);
}

static lua_State *start_lua(void)
{
    lua_State *L = luaL_newstate();
    struct sw_buf text = {0};

    luaL_openlibs(L);
    lua_newtable(L);
    for (int i = 0; i < PARAMS; i++) {
        char name[8];

        snprintf(name, sizeof(name), "v%d", i);
        push_value(L, params[i]);
        lua_setfield(L, -2, name);
    }
    lua_setglobal(L, "p");
    for (int h = 0; h < HOUSEHOLDS; h++) {
        push_household(L, &households[h]);
        lua_rawseti(L, LUA_REGISTRYINDEX, LUA_HOUSEHOLD + h);
    }
    for (int i = 0; i <= RULES; i++) {
        sw_buf_clear(&text);
        sw_buf_cstr(&text, "local p = p; return function(h) return ");
        translate(i < RULES ? rules[i] : e1_rule, &lua, &text);
        sw_buf_cstr(&text, " end");
        load_lua(L, text.p, i);
    }
    load_lua(L,
             "local p = p; return function(h) if not (h.f0 >= p.v0) then return false end "
             "for _, m in ipairs(h.members) do if m.ill and m.age >= 60 then return true end end "
             "return false end",
             RULES + 1);
    sw_buf_free(&text);
    return L;
}

static bool call_lua(lua_State *L, int rule, int household)
{
    bool fired;

    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RULE + rule);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_HOUSEHOLD + household);
    lua_call(L, 1, 1);
    fired = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return fired;
}

static int64_t run_lua(void *ctx)
{
    int64_t sum = 0;

    for (int h = 0; h < HOUSEHOLDS; h++) {
        for (int i = 0; i < RULES; i++)
            sum += call_lua(ctx, i, h) ? points[i] : 0;
    }
    return sum;
}

static int64_t run_lua_e1(void *ctx)
{
    int64_t n = 0;

    for (int h = 0; h < HOUSEHOLDS; h++)
        n += call_lua(ctx, RULES, h);
    return n;
}

static int64_t run_lua_e2(void *ctx)
{
    int64_t n = 0;

    for (int h = 0; h < HOUSEHOLDS; h++)
        n += call_lua(ctx, RULES + 1, h);
    return n;
}

/* ---- SQLite ---------------------------------------------------------------------------------- */

struct database {
    sqlite3 *db;
    sqlite3_stmt *rule[RULES];
};

static void must(struct database *d, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(d->db));
        abort();
    }
}

static void put_sql_value(struct sw_buf *out, struct sw_value v)
{
    if (v.kind == SW_KENUM)
        sw_buf_printf(out, ", '%s'", kinds[v.i]);
    else if (v.kind == SW_KDOUBLE)
        sw_buf_printf(out, ", %.1f", v.d);
    else
        sw_buf_printf(out, ", %lld", v.kind == SW_KBOOL ? (long long)v.b : (long long)v.i);
}

static void start_sqlite(struct database *d)
{
    struct sw_buf text = {0};

    must(d, sqlite3_open(":memory:", &d->db));
    sw_buf_cstr(&text, "CREATE TABLE h(id INTEGER PRIMARY KEY");
    for (int i = 0; i < FIELDS; i++)
        sw_buf_printf(&text, ", f%d", i);
    for (int i = 0; i < PARAMS; i++)
        sw_buf_printf(&text, ", p%d", i);
    sw_buf_char(&text, ')');
    must(d, sqlite3_exec(d->db, text.p, NULL, NULL, NULL));
    for (int h = 0; h < HOUSEHOLDS; h++) {
        sw_buf_clear(&text);
        sw_buf_printf(&text, "INSERT INTO h VALUES(%d", h);
        for (int i = 0; i < FIELDS + PARAMS; i++)
            put_sql_value(&text, i < FIELDS ? households[h].field[i] : params[i - FIELDS]);
        sw_buf_char(&text, ')');
        must(d, sqlite3_exec(d->db, text.p, NULL, NULL, NULL));
    }
    for (int i = 0; i < RULES; i++) {
        sw_buf_clear(&text);
        sw_buf_cstr(&text, "SELECT ");
        translate(rules[i], &sql, &text);
        sw_buf_cstr(&text, " FROM h WHERE id = ?1");
        must(d, sqlite3_prepare_v2(d->db, text.p, -1, &d->rule[i], NULL));
    }
    sw_buf_free(&text);
}

static int64_t run_sqlite(void *ctx)
{
    struct database *d = ctx;
    int64_t sum = 0;

    for (int h = 0; h < HOUSEHOLDS; h++) {
        for (int i = 0; i < RULES; i++) {
            sqlite3_bind_int(d->rule[i], 1, h);
            must(d, sqlite3_step(d->rule[i]));
            sum += sqlite3_column_int(d->rule[i], 0) != 0 ? points[i] : 0;
            sqlite3_reset(d->rule[i]);
        }
    }
    return sum;
}

/* ---- results ------------------------------------------------------------------------------- */

enum { OURS, LUAJIT, SQLITE, E1, E1_LUAJIT, E2, E2_LUAJIT, RUNNERS };

/* Every engine comes to the sum of the one it is compared with. */
static void check_sums(const struct runner *r)
{
    for (int i = 0; i < RUNNERS; i++)
        bench_must(r[i].sum == r[r[i].reference].sum, "runner %d: %lld, but %s: %lld", i,
                   (long long)r[i].sum, r[r[i].reference].name, (long long)r[r[i].reference].sum);
}

static void tell(int row, const struct runner *r, const struct runner *reference, size_t rounds)
{
    char measured[64];
    char theirs[64];

    snprintf(measured, sizeof(measured), "%.1f ns", bench_median(r->took, rounds));
    snprintf(theirs, sizeof(theirs), "%.1f ns %s", bench_median(reference->took, rounds),
             reference->name);
    bench_row(row, measured, theirs, r->took, reference->took, rounds);
}

/* What evaluating every rule for every household asks for; the first time readies storage. */
static void tell_allocations(struct engine *e)
{
    double count;
    char text[64];

    run_ours(e);
    count = -(double)allocs();
    run_ours(e);
    run_e1(e);
    run_e2(e);
    count += (double)allocs();
    snprintf(text, sizeof(text), "%.0f in %d", count, HOUSEHOLDS * (RULES + 2));
    bench_row(11, text, "-", &count, NULL, 1);
}

int main(int argc, char **argv)
{
    struct bench b = bench_begin(argc, argv);
    size_t rounds = (size_t)bench_number("BENCH_RULE_ROUNDS", BENCH_ROUNDS_MAX, 3);
    static struct engine e;
    static struct database d;
    lua_State *L;

    (void)b;
    bench_must(rounds <= BENCH_ROUNDS_MAX, "BENCH_RULE_ROUNDS above %d", BENCH_ROUNDS_MAX);
    make_households();
    make_rules();
    start_ours(&e);
    L = start_lua();
    start_sqlite(&d);

    struct runner r[RUNNERS] = {
        [OURS] = {"ours", run_ours, &e, HOUSEHOLDS * RULES, LUAJIT},
        [LUAJIT] = {"LuaJIT", run_lua, L, HOUSEHOLDS * RULES, LUAJIT},
        [SQLITE] = {"SQLite", run_sqlite, &d, HOUSEHOLDS * RULES, LUAJIT},
        [E1] = {"ours", run_e1, &e, HOUSEHOLDS, E1_LUAJIT},
        [E1_LUAJIT] = {"LuaJIT", run_lua_e1, L, HOUSEHOLDS, E1_LUAJIT},
        [E2] = {"ours", run_e2, &e, HOUSEHOLDS, E2_LUAJIT},
        [E2_LUAJIT] = {"LuaJIT", run_lua_e2, L, HOUSEHOLDS, E2_LUAJIT},
    };

    for (size_t round = 0; round < rounds; round++) {
        for (int i = 0; i < RUNNERS; i++)
            run_once(&r[i], round);
    }
    check_sums(r);
    tell(8, &r[OURS], &r[LUAJIT], rounds);
    tell(9, &r[E1], &r[E1_LUAJIT], rounds);
    tell(10, &r[E2], &r[E2_LUAJIT], rounds);
    tell_allocations(&e);
    bench_note(8, "SQLite, 30 prepared statements by row id: %.0f ns a rule, ours %.4f of it",
               bench_median(r[SQLITE].took, rounds),
               bench_median(r[OURS].took, rounds) / bench_median(r[SQLITE].took, rounds));
    bench_note(8, "%s; 30 rules in 65 comparisons, 1 000 households, every engine the same sums",
               LUAJIT_VERSION);
    for (int i = 0; i < RULES; i++)
        sqlite3_finalize(d.rule[i]);
    sqlite3_close(d.db);
    lua_close(L);
    sw_lang_free(e.l);
    sw_arena_free(&e.arena);
    return 0;
}
