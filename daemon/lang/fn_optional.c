/* fn_optional.c - selecting from maps, and CEL's optionals. */
#include "lang/native.h"
#include "lang/type.h"
#include <shouwang/base/i18n.h>

static struct sw_value optional_of(struct native *c, struct sw_value v)
{
    struct sw_value *held = sw_arena_alloc(c->arena, sizeof(*held));

    *held = v;
    return (struct sw_value){.kind = SW_KOPTIONAL, .optional = held};
}

static struct sw_value none(void)
{
    return (struct sw_value){.kind = SW_KOPTIONAL, .optional = NULL};
}

struct sw_value sw_select(struct native *c, struct sw_value target, struct sw_value name)
{
    const struct sw_value *found;

    if (target.kind == SW_KOPTIONAL)
        return sw_select_optional(c, target, name);
    if (target.kind != SW_KMAP)
        return sw_value_error(sw_no_overload);
    found = sw_map_find(target.map, name);
    return found == NULL ? sw_value_error(N_("no such key")) : *found;
}

struct sw_value sw_select_has(struct sw_value target, struct sw_value name)
{
    if (target.kind == SW_KOPTIONAL && target.optional == NULL)
        return sw_value_bool(false);
    if (target.kind == SW_KOPTIONAL)
        return sw_select_has(*target.optional, name);
    if (target.kind != SW_KMAP)
        return sw_value_error(sw_no_overload);
    return sw_value_bool(sw_map_find(target.map, name) != NULL);
}

struct sw_value sw_select_optional(struct native *c, struct sw_value target, struct sw_value name)
{
    const struct sw_value *found;

    if (target.kind == SW_KOPTIONAL) {
        if (target.optional == NULL)
            return target;
        target = *target.optional;
    }
    if (target.kind != SW_KMAP)
        return sw_value_error(N_("no such key"));
    found = sw_map_find(target.map, name);
    return found == NULL ? none() : optional_of(c, *found);
}

/* target[?index], and plain indexing of an optional. */
struct sw_value sw_fn_opt_index(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value inner[2] = {arg[0], arg[1]};
    struct sw_value found;

    if (arg[0].kind == SW_KOPTIONAL) {
        if (arg[0].optional == NULL)
            return arg[0];
        inner[0] = *arg[0].optional;
    }
    if (inner[0].kind != SW_KLIST && inner[0].kind != SW_KMAP)
        return sw_value_error(sw_no_overload);
    found = sw_fn_index(c, inner, n);
    return found.kind == SW_KERROR ? none() : optional_of(c, found);
}

struct sw_value sw_fn_opt_of(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)n;
    return optional_of(c, arg[0]);
}

struct sw_value sw_fn_opt_none(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)arg;
    (void)n;
    return none();
}

static bool is_zero(struct sw_value v)
{
    switch ((int)v.kind) {
    case SW_KNULL: return true;
    case SW_KBOOL: return !v.b;
    case SW_KINT:
    case SW_KUINT: return v.u == 0;
    case SW_KDOUBLE: return v.d == 0;
    case SW_KSTRING:
    case SW_KBYTES: return v.n == 0;
    case SW_KLIST: return v.list->n == 0;
    case SW_KMAP: return v.map->n == 0;
    case SW_KDURATION: return v.i == 0 && v.n == 0;
    case SW_KOPTIONAL: return v.optional == NULL;
    default: return false;
    }
}

struct sw_value sw_fn_opt_non_zero(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)n;
    return is_zero(arg[0]) ? none() : optional_of(c, arg[0]);
}

struct sw_value sw_fn_opt_has_value(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind != SW_KOPTIONAL)
        return sw_value_error(sw_no_overload);
    return sw_value_bool(arg[0].optional != NULL);
}

struct sw_value sw_fn_opt_value(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind != SW_KOPTIONAL)
        return sw_value_error(sw_no_overload);
    return arg[0].optional == NULL ? sw_value_error(N_("optional.none() dereference"))
                                   : *arg[0].optional;
}

struct sw_value sw_fn_opt_or(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind != SW_KOPTIONAL || arg[1].kind != SW_KOPTIONAL)
        return sw_value_error(sw_no_overload);
    return arg[0].optional != NULL ? arg[0] : arg[1];
}

struct sw_value sw_fn_opt_or_value(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind != SW_KOPTIONAL)
        return sw_value_error(sw_no_overload);
    return arg[0].optional != NULL ? *arg[0].optional : arg[1];
}

struct sw_value sw_fn_opt_list(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_list *list;

    (void)n;
    if (arg[0].kind != SW_KOPTIONAL)
        return sw_value_error(sw_no_overload);
    list = sw_list_new(c->arena, 1);
    if (arg[0].optional != NULL)
        sw_list_push(list, *arg[0].optional);
    return (struct sw_value){.kind = SW_KLIST, .list = list};
}

struct sw_value sw_fn_opt_first(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)n;
    if (arg[0].kind != SW_KLIST)
        return sw_value_error(sw_no_overload);
    return arg[0].list->n == 0 ? none() : optional_of(c, arg[0].list->at[0]);
}

struct sw_value sw_fn_opt_flat(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind != SW_KLIST)
        return sw_value_error(sw_no_overload);
    if (arg[0].list->n == 0)
        return none();
    return arg[0].list->at[0].kind == SW_KOPTIONAL ? arg[0].list->at[0]
                                                   : sw_value_error(sw_no_overload);
}
