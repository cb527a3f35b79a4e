/* verify.c - proves the invariants of code.h for one code; prints code.
 *
 * Follows the code once from front to back and keeps, for each instruction, the set of registers
 * that every way to it has written. Since jumps lead ahead, all ways to an instruction are known
 * when it is reached; LOOP must find everything written that its NEXT may read. */
#include "lang/code.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

static const struct {
    const char *name, *operands, *doc;
} table[] = {
#define X(name, operands, doc) {#name, operands, doc},
    SW_OPS(X)
#undef X
};

const char *sw_op_operands(enum op_code op)
{
    return table[op].operands;
}

struct registers {
    uint64_t bit[4];
    bool is_reached;
};

struct check {
    const struct code *code;
    struct registers *at; /* before each instruction */
    size_t n_reads;
    const char *fault;
};

static void write_register(struct registers *r, uint32_t n)
{
    r->bit[n / 64] |= UINT64_C(1) << n % 64;
}

static bool is_written(const struct registers *r, uint32_t n)
{
    return (r->bit[n / 64] >> n % 64 & 1) != 0;
}

/* Another way leads to instruction `to` with these registers written. */
static void flow(struct check *k, size_t to, const struct registers *with)
{
    struct registers *r = &k->at[to];

    for (int i = 0; i < 4; i++)
        r->bit[i] = r->is_reached ? r->bit[i] & with->bit[i] : with->bit[i];
    r->is_reached = true;
}

static void fail(struct check *k, const char *why)
{
    if (k->fault == NULL)
        k->fault = why;
}

static void check_value(struct check *k, uint16_t o, const struct registers *r)
{
    uint32_t index = SW_OPERAND_INDEX(o);

    if (SW_OPERAND_SPACE(o) == IN_CONSTANT && index >= k->code->n_constants)
        fail(k, "no such constant");
    if (SW_OPERAND_SPACE(o) == IN_REGISTER &&
        (index >= k->code->n_registers || !is_written(r, index)))
        fail(k, "a register is read before it is written");
    if (SW_OPERAND_SPACE(o) == IN_GROUP && index >= FIELDS_BOUND_MAX)
        fail(k, "no such value of a group");
    if (SW_OPERAND_SPACE(o) == IN_EVENT && index >= 64)
        fail(k, "no such field");
}

/* The first operand: what it writes and needs. */
static void check_a(struct check *k, const struct ins *i, struct registers *r)
{
    char how = sw_op_operands((enum op_code)i->op)[0];
    uint32_t last = i->a + (how == 't' ? 2U : 0U);

    if (how == '-')
        return;
    if (last >= k->code->n_registers)
        fail(k, "no such register");
    else if (how == 'u' && !is_written(r, i->a))
        fail(k, "a register is read before it is written");
    else if ((i->op == I_NEXT || i->op == I_LOOP) &&
             (!is_written(r, i->a) || !is_written(r, i->a + 1U)))
        fail(k, "a loop without a beginning");
    else if (how == 'w' || i->op == I_EACH)
        write_register(r, i->a);
}

static void check_plain(struct check *k, char how, uint16_t x, const struct registers *r)
{
    if (how == 'v')
        check_value(k, x, r);
    else if (how == 'k' && x >= k->code->n_constants)
        fail(k, "no such constant");
    else if (how == 'f' && x >= k->code->n_natives)
        fail(k, "no such function");
}

static void check_jump(struct check *k, size_t from, size_t to, const struct registers *r)
{
    if (to <= from || to >= k->code->n_ins)
        fail(k, "a jump that does not lead ahead");
    else
        flow(k, to, r);
}

static void check_loop(struct check *k, size_t from, const struct ins *i, const struct registers *r)
{
    if (i->d > from || i->d == 0 || k->code->ins[i->d - 1].op != I_NEXT ||
        k->code->ins[i->d - 1].a != i->a) {
        fail(k, "LOOP must lead back behind its NEXT");
        return;
    }
    for (int n = 0; n < 4; n++) {
        if ((k->at[i->d].bit[n] & ~r->bit[n]) != 0)
            fail(k, "a loop loses a register");
    }
}

/* CALL takes a run of registers, EACH names one for its fault. */
static void check_special(struct check *k, const struct ins *i, struct registers *r)
{
    if (i->op == I_CALL) {
        for (uint32_t n = 0; n < i->c; n++) {
            if (i->b + n >= k->code->n_registers || !is_written(r, i->b + n))
                fail(k, "a call's argument is not written");
        }
    } else if (i->op == I_EACH) {
        if (i->c >= k->code->n_registers)
            fail(k, "no such register");
        write_register(r, i->a + 1U);
    } else if (i->op == I_NEXT || i->op == I_LOOP) {
        write_register(r, i->a + 2U);
    } else if (i->op == I_READ && i->b >= k->n_reads) {
        fail(k, "no such read");
    }
}

static void check_one(struct check *k, size_t at)
{
    const struct ins *i = &k->code->ins[at];
    const char *how = sw_op_operands((enum op_code)i->op);
    struct registers r = k->at[at];
    struct registers leaving;

    check_plain(k, how[1], i->b, &r);
    check_plain(k, how[2], i->c, &r);
    check_plain(k, how[3], i->d, &r);
    leaving = r;
    check_a(k, i, &r);
    check_special(k, i, &r);
    if (k->fault != NULL)
        return;
    /* A jump leaves with what the instruction wrote, too: EACH with the register of its fault,
     * OR_VALUE and IF with theirs. NEXT leaves without an element. */
    if (i->op == I_EACH)
        write_register(&leaving, i->c);
    else if (i->op != I_NEXT)
        leaving = r;
    if (how[2] == 'j')
        check_jump(k, at, i->c, &leaving);
    if (how[3] == 'j' || (how[3] == 'o' && i->d < SW_AT_LAST))
        check_jump(k, at, i->d, i->op == I_IF ? &k->at[at] : &leaving);
    if (how[3] == 'o' && i->d == SW_AT_LAST &&
        (at + 1 == k->code->n_ins || i[1].op != I_RETURN ||
         i[1].b != SW_OPERAND(IN_REGISTER, i->a)))
        fail(k, "a last term must stand before its RETURN");
    if (how[3] == 'l')
        check_loop(k, at, i, &r);
    if (i->op == I_IF || i->op == I_OR_VALUE)
        r = k->at[at]; /* going on, nothing was written */
    if (i->op != I_RETURN && i->op != I_JUMP) {
        if (at + 1 == k->code->n_ins)
            fail(k, "the code runs off its end");
        else
            flow(k, at + 1, &r);
    }
}

const char *sw_code_verify(const struct code *code, size_t n_reads, uint32_t *where)
{
    struct check k = {.code = code, .n_reads = n_reads};
    const struct registers none = {.is_reached = true};

    k.at = sw_calloc(code->n_ins + 1, sizeof(*k.at));
    if (code->n_ins == 0 || code->n_ins > CODE_MAX || code->n_registers > REGISTERS_MAX)
        fail(&k, "too large");
    else
        flow(&k, 0, &none);
    for (*where = 0; k.fault == NULL && *where < code->n_ins; (*where)++) {
        if (code->ins[*where].op >= SW_COUNTOF(table))
            fail(&k, "no such instruction");
        else if (k.at[*where].is_reached)
            check_one(&k, *where);
        if (k.fault != NULL)
            break;
    }
    free(k.at);
    return k.fault;
}

/* ---- listing --------------------------------------------------------------------------------- */

static void put_value(const struct code *code, uint16_t o, struct sw_buf *out)
{
    uint32_t index = SW_OPERAND_INDEX(o);
    unsigned space = SW_OPERAND_SPACE(o);

    if (space == IN_REGISTER)
        sw_buf_printf(out, " r%u", index);
    else if (space == IN_EVENT)
        sw_buf_printf(out, " event.%u", index);
    else if (space == IN_GROUP)
        sw_buf_printf(out, " group.%u", index);
    else if (space != IN_CONSTANT)
        sw_buf_printf(out, " bank%u.%u", space, index);
    else {
        sw_buf_char(out, ' ');
        sw_value_put(NULL, code->constant[index], out);
    }
}

static void put_operand(const struct code *code, char how, uint16_t x, struct sw_buf *out)
{
    switch (how) {
    case 'v': put_value(code, x, out); break;
    case 'k':
        sw_buf_char(out, ' ');
        sw_value_put(NULL, code->constant[x], out);
        break;
    case 'j':
    case 'l': sw_buf_printf(out, " ->%u", x); break;
    case 'i': sw_buf_printf(out, " %u", x); break;
    case 'f': sw_buf_printf(out, " f%u", x); break;
    case 'o':
        if (x >= SW_AT_LAST)
            sw_buf_cstr(out, x == SW_AT_LAST ? " ->last" : " ->end");
        else
            sw_buf_printf(out, " ->%u", x);
        break;
    default: break;
    }
}

void sw_code_put(const struct code *code, struct sw_buf *out)
{
    for (uint32_t n = 0; n < code->n_ins; n++) {
        const struct ins *i = &code->ins[n];
        const char *how = table[i->op].operands;

        sw_buf_printf(out, "%4u %-12s", n, table[i->op].name);
        if (how[0] != '-')
            sw_buf_printf(out, " r%u", i->a);
        put_operand(code, how[1], i->b, out);
        put_operand(code, how[2], i->c, out);
        put_operand(code, how[3], i->d, out);
        sw_buf_char(out, '\n');
    }
}
