/* registry.c - who is who: arrays, numbers and the tree of areas. Changes come in through
 * registry_apply.c. */
#include <shouwang/base/mem.h>
#include <shouwang/model/registry.h>
#include <stdlib.h>

void sw_registry_init(struct sw_registry *r, struct sw_hash_key key)
{
    struct sw_intern *tables[] = {&r->household_id,  &r->person_id,  &r->area_code,
                                  &r->cadre_id,      &r->team_id,    &r->texts,
                                  &r->assignment_id, &r->absence_id, &r->idno};

    *r = (struct sw_registry){.key = key, .keys = SW_HISTORY_NONE};
    for (size_t i = 0; i < SW_COUNTOF(tables); i++)
        sw_intern_init(tables[i], key);
}

void sw_registry_free(struct sw_registry *r)
{
    for (uint32_t h = 0; h < r->household_id.count && r->household != NULL; h++)
        sw_history_free(&r->household[h].history);
    for (uint32_t a = 0; a < r->area_code.count && r->area != NULL; a++)
        sw_history_free(&r->area[a].history);
    sw_history_free(&r->keys);
    sw_intern_free(&r->household_id);
    sw_intern_free(&r->person_id);
    sw_intern_free(&r->area_code);
    sw_intern_free(&r->cadre_id);
    sw_intern_free(&r->team_id);
    sw_intern_free(&r->assignment_id);
    sw_intern_free(&r->absence_id);
    sw_intern_free(&r->texts);
    sw_intern_free(&r->idno);
    free(r->household);
    free(r->person);
    free(r->area);
    free(r->cadre);
    free(r->team);
    free(r->assignment);
    free(r->current_assignment);
    free(r->absence);
    free(r->current_absence);
    free(r->cadre_of_phone);
    free(r->person_of_idno);
    free(r->roll);
    free(r->match);
    *r = (struct sw_registry){0};
}

uint64_t sw_event_key(const struct sw_registry *r, struct sw_str source, struct sw_str id)
{
    unsigned char text[1024];
    uint64_t key;

    SW_ASSERT(source.n + id.n + 1 <= sizeof(text));
    memcpy(text, source.p, source.n);
    text[source.n] = '\0'; /* so that ("a", "bc") and ("ab", "c") differ */
    memcpy(text + source.n + 1, id.p, id.n);
    key = sw_siphash(r->key, text, source.n + 1 + id.n) & SW_KEY_MASK;
    return key == 0 ? 1 : key;
}

uint32_t sw_registry_household(const struct sw_registry *r, struct sw_str id)
{
    uint32_t h = sw_intern_find(&r->household_id, id);

    while (h != SW_NONE && r->household[h].merged_into != SW_NONE)
        h = r->household[h].merged_into;
    return h;
}

uint32_t sw_registry_person(const struct sw_registry *r, struct sw_str id)
{
    return sw_intern_find(&r->person_id, id);
}

uint32_t sw_registry_area(const struct sw_registry *r, struct sw_str code)
{
    uint32_t n = sw_intern_find(&r->area_code, code);

    return n == SW_NONE ? SW_NONE : r->area[n].is;
}

uint32_t sw_registry_idno(const struct sw_registry *r, struct sw_str token, uint32_t *n)
{
    uint32_t idno = sw_intern_find(&r->idno, token);
    uint32_t first = idno == SW_NONE ? SW_NONE : r->person_of_idno[idno];

    *n = 0;
    for (uint32_t p = first; p != SW_NONE; p = r->person[p].next_same_idno)
        ++*n;
    return *n == 1 ? first : SW_NONE;
}

struct sw_str sw_registry_text(const struct sw_registry *r, uint32_t text)
{
    return text == SW_NONE ? (struct sw_str){NULL, 0} : sw_intern_text(&r->texts, text);
}

struct sw_str sw_area_name(const struct sw_registry *r, uint32_t area)
{
    if (area == SW_NONE)
        return (struct sw_str){NULL, 0};
    if (r->area[r->area[area].shown].name == SW_NONE)
        return sw_area_code(r, area);
    return sw_registry_text(r, r->area[r->area[area].shown].name);
}

struct sw_str sw_area_code(const struct sw_registry *r, uint32_t area)
{
    return area == SW_NONE ? (struct sw_str){NULL, 0}
                           : sw_intern_text(&r->area_code, r->area[area].shown);
}

static bool is_code(const struct sw_registry *r, uint32_t entry, struct sw_str text)
{
    return sw_str_eq(text, sw_intern_text(&r->area_code, entry)) ||
           (r->area[entry].name != SW_NONE &&
            sw_str_eq(text, sw_registry_text(r, r->area[entry].name)));
}

bool sw_area_is_called(const struct sw_registry *r, uint32_t area, struct sw_str code_or_name)
{
    if (is_code(r, area, code_or_name))
        return true;
    for (uint32_t a = r->area[area].next_code; a != SW_NONE; a = r->area[a].next_code) {
        if (is_code(r, a, code_or_name))
            return true;
    }
    return false;
}

bool sw_area_within(const struct sw_registry *r, uint32_t area, uint32_t of)
{
    while (area != SW_NONE && area != of)
        area = r->area[area].parent;
    return area == of;
}

void sw_area_each(const struct sw_registry *r, uint32_t area,
                  void (*each)(void *ctx, uint32_t household), void *ctx)
{
    const struct sw_area *a = &r->area[area];

    for (uint32_t h = a->first_household; h != SW_NONE; h = r->household[h].next_in_area)
        each(ctx, h);
    for (uint32_t c = a->first_child; c != SW_NONE; c = r->area[c].next_sibling)
        sw_area_each(r, c, each, ctx);
}

uint32_t sw_assigned_next(const struct sw_registry *r, sw_day day, uint32_t *from)
{
    while (*from != SW_NONE) {
        const struct sw_assignment *a = &r->assignment[*from];

        *from = a->older;
        if (!a->ended && a->from <= day && day <= a->until)
            return a->who;
    }
    return SW_NONE;
}

const struct sw_absence *sw_cadre_absence(const struct sw_registry *r, uint32_t cadre, sw_day day)
{
    for (uint32_t n = r->cadre[cadre].absence; n != SW_NONE; n = r->absence[n].older) {
        const struct sw_absence *a = &r->absence[n];

        if (a->ended == 0 && a->from <= day && day <= a->until)
            return a;
    }
    return NULL;
}

bool sw_phone_read(struct sw_str s, char out[SW_PHONE_SIZE])
{
    char digits[16];
    size_t n = 0;
    size_t skip;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == ' ' || c == '-' || (c == '+' && i == 0))
            continue;
        if (c < '0' || c > '9' || n == sizeof(digits))
            return false;
        digits[n++] = c;
    }
    skip = n == 15 && memcmp(digits, "0086", 4) == 0 ? 4
           : n == 13 && memcmp(digits, "86", 2) == 0 ? 2
                                                     : 0;
    if (n - skip != 11 || digits[skip] != '1')
        return false;
    memcpy(out, digits + skip, 11);
    out[11] = '\0';
    return true;
}

uint32_t sw_registry_phone(const struct sw_registry *r, struct sw_str phone)
{
    uint32_t text = sw_intern_find(&r->texts, phone);

    return text == SW_NONE || text >= r->phones ? SW_NONE : r->cadre_of_phone[text];
}
