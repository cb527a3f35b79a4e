/* match.c - which person an event is about: by id, by identity number, or by what the county has
 * decided; never by name alone.
 *
 * What a source says of a person - number, name, birth, village - is told as a whole, and a hash
 * of that whole is what the county decides about (registry.match). A number that the decision names
 * stands for the person from then on, unless somebody is registered with it: so it is all one
 * whether registration, decision or event comes first. Whose name or birth is not what is
 * registered under the number is for the county to look at, and nobody's until it has. */
#include "event_parts.h"
#include "registry_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/veil.h>

enum { MATCH_BITS = 48, LETTERS = MATCH_BITS / 4 };

/* ---- hashes ------------------------------------------------------------------------------- */

static uint64_t short_hash(const struct sw_registry *r, const struct sw_buf *text)
{
    uint64_t hash = sw_siphash(r->key, text->p, text->n) & ((UINT64_C(1) << MATCH_BITS) - 1);

    return hash == 0 ? 1 : hash;
}

uint64_t sw_told_of(const struct sw_registry *r, struct sw_str subject, const struct sw_who *who)
{
    struct sw_str token;
    bool numbered =
        sw_subject_split(subject, SW_IDNO_SUBJECT, &token) && sw_idno_wrong(token) == NULL;
    struct sw_buf text = {0};
    uint64_t hash;

    sw_buf_str(&text, subject);
    sw_buf_char(&text, '\n');
    sw_buf_str(&text, who->name);
    sw_buf_printf(&text, "\n%d\n", who->has_birth ? who->birth : SW_DAY_NEVER);
    if (!numbered) /* villages are written in many ways, and a number is enough */
        sw_buf_str(&text, who->area);
    hash = short_hash(r, &text);
    sw_buf_free(&text);
    return hash;
}

/* What the county decides about a number, whoever tells it. */
static uint64_t number_key(const struct sw_registry *r, struct sw_str token)
{
    struct sw_buf text = {0};
    uint64_t hash;

    sw_buf_printf(&text, "number %.*s", SW_STR_ARG(token));
    hash = short_hash(r, &text);
    sw_buf_free(&text);
    return hash;
}

uint64_t sw_name_hash(const struct sw_registry *r, struct sw_str token)
{
    struct sw_str shown;
    uint64_t hash;

    if (!sw_veil_name(token, &shown))
        return 0;
    hash = sw_siphash(r->key, token.p, token.n);
    return hash == 0 ? 1 : hash;
}

void sw_match_letters(uint64_t hash, char out[SW_MATCH_SIZE])
{
    for (size_t i = 0; i < LETTERS; i++)
        out[i] = (char)('a' + (hash >> (MATCH_BITS - 4 - 4 * i) & 15));
    out[LETTERS] = '\0';
}

bool sw_match_number(struct sw_str letters, uint64_t *hash)
{
    *hash = 0;
    if (letters.n != LETTERS)
        return false;
    for (size_t i = 0; i < letters.n; i++) {
        if (letters.p[i] < 'a' || letters.p[i] > 'p')
            return false;
        *hash = *hash << 4 | (uint64_t)(letters.p[i] - 'a');
    }
    return true;
}

/* ---- decisions ---------------------------------------------------------------------------- */

/* Where the decision about `told` is, or would be. */
static uint32_t place_of(const struct sw_registry *r, uint64_t told)
{
    uint32_t from = 0;
    uint32_t to = r->matches;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (r->match[middle].told < told)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct sw_match *sw_match_find(const struct sw_registry *r, uint64_t told)
{
    uint32_t at = place_of(r, told);

    return at < r->matches && r->match[at].told == told ? &r->match[at] : NULL;
}

const struct sw_match *sw_match_of_number(const struct sw_registry *r, struct sw_str token)
{
    return r->matches == 0 ? NULL : sw_match_find(r, number_key(r, token));
}

/* The newer decision holds, by when it was made; of one moment the same one in any order. */
static bool is_newer(const struct sw_match *a, const struct sw_match *b)
{
    if (a->day != b->day)
        return a->day > b->day;
    return a->moment != b->moment ? a->moment > b->moment : a->key > b->key;
}

static void decide(struct sw_registry *r, const struct sw_match *m)
{
    uint32_t at = place_of(r, m->told);

    if (at < r->matches && r->match[at].told == m->told) {
        if (is_newer(m, &r->match[at]))
            r->match[at] = *m;
        return;
    }
    r->match = sw_grow(r->match, &r->match_cap, r->matches + 1, sizeof(*r->match));
    memmove(&r->match[at + 1], &r->match[at], (r->matches - at) * sizeof(*r->match));
    r->match[at] = *m;
    r->matches++;
}

enum { MATCH_PERSON, MATCH_IDNO, MATCH_BY, MATCH_REASON };

const struct sw_field sw_match_fields[SW_MATCH_FIELDS] = {
    {.name = {"person", 6}, .type = SW_FSTRING, .optional = true, .min = SW_NOT_BLANK},
    {.name = {"idno", 4}, .type = SW_FSTRING, .optional = true},
    {.name = {"by", 2}, .type = SW_FSTRING, .min = SW_NOT_BLANK},
    {.name = {"reason", 6}, .type = SW_FSTRING, .optional = true, .min = SW_NOT_BLANK},
};

enum sw_refusal sw_apply_match(struct sw_change *c)
{
    bool accepts = sw_change_given(c, MATCH_PERSON);
    struct sw_match m = {.key = c->event.key, .day = c->event.day, .moment = c->event.moment};
    struct sw_str idno;
    enum sw_refusal rc;

    if (!sw_match_number(c->id, &m.told)) {
        sw_fail(c->err, SW_EINVALID,
                _("the subject of registry.match must be match/ID with the 12 letters that the "
                  "list of mismatches shows"));
        return SW_REFUSED_ENVELOPE;
    }
    if (!sw_change_given(c, MATCH_BY))
        return sw_change_missing(c, "by");
    if (!accepts && !sw_change_given(c, MATCH_REASON))
        return sw_change_missing(c, "reason");
    rc = sw_change_idno(c, &idno);
    if (rc != SW_ACCEPTED || sw_change_seen(c, &c->r->keys))
        return rc;
    m.person = sw_change_text_number(c, MATCH_PERSON);
    m.by = sw_change_text_number(c, MATCH_BY);
    m.reason = sw_change_text_number(c, MATCH_REASON);
    c->changed.match = m.told;
    decide(c->r, &m);
    if (idno.n == 0 || !accepts)
        return SW_ACCEPTED;
    c->changed.idno = idno;
    m.told = number_key(c->r, idno);
    decide(c->r, &m);
    return SW_ACCEPTED;
}

/* ---- the name and birth of who is registered ---------------------------------------------- */

static bool is_older(const struct sw_change *c, sw_day day, uint16_t moment)
{
    return c->event.day < day || (c->event.day == day && c->event.moment < moment);
}

void sw_person_take_told(struct sw_change *c, uint32_t person)
{
    struct sw_person *p = &c->r->person[person];
    struct sw_str shown;
    uint32_t name;
    uint32_t birth;

    if (sw_stream_field(c->event.stream, SW_STR("name"), &name) != NULL &&
        c->event.stream->fields[name].type == SW_FSTRING &&
        sw_veil_name(sw_change_text(c, name), &shown) &&
        (p->name == 0 || !is_older(c, p->name_since, p->name_moment))) {
        p->name = sw_name_hash(c->r, sw_change_text(c, name));
        p->shown = sw_intern_add(&c->r->texts, shown);
        p->name_since = c->event.day;
        p->name_moment = c->event.moment;
    }
    if (sw_stream_field(c->event.stream, SW_STR("birth"), &birth) != NULL &&
        c->event.stream->fields[birth].type == SW_FDATE && sw_change_given(c, birth) &&
        (p->birth == SW_DAY_NEVER || !is_older(c, p->birth_since, p->birth_moment))) {
        p->birth = (sw_day)c->event.value[birth].i;
        p->birth_since = c->event.day;
        p->birth_moment = c->event.moment;
    }
}

enum sw_fit sw_name_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who)
{
    uint64_t told = sw_name_hash(r, who->name);

    if (told == 0 || r->person[person].name == 0)
        return SW_FIT_UNKNOWN;
    return told == r->person[person].name ? SW_FITS : SW_FIT_NOT;
}

enum sw_fit sw_birth_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who)
{
    if (!who->has_birth || r->person[person].birth == SW_DAY_NEVER)
        return SW_FIT_UNKNOWN;
    return who->birth == r->person[person].birth ? SW_FITS : SW_FIT_NOT;
}

static bool ends_with(struct sw_str text, struct sw_str end)
{
    return end.n >= 6 && text.n > end.n && memcmp(text.p + text.n - end.n, end.p, end.n) == 0;
}

/* A village as its code, its name, or a name with that of its town before it. */
enum sw_fit sw_area_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who)
{
    uint32_t area = r->household[r->person[person].household].area;

    if (who->area.n == 0 || area == SW_NONE)
        return SW_FIT_UNKNOWN;
    for (; area != SW_NONE && r->area[area].parent != SW_NONE; area = r->area[area].parent) {
        if (sw_area_is_called(r, area, who->area) || ends_with(who->area, sw_area_name(r, area)))
            return SW_FITS;
    }
    return SW_FIT_NOT;
}

/* ---- an event's person -------------------------------------------------------------------- */

static enum sw_refusal not_registered(struct sw_event *e, const char *kind, struct sw_str id,
                                      struct sw_err *err)
{
    e->missing_kind = kind;
    e->missing = id;
    sw_fail(err, SW_ENOTFOUND, _("%s/%.*s is not registered"), kind, SW_STR_ARG(id));
    return SW_REFUSED_UNKNOWN_SUBJECT;
}

static enum sw_refusal doubt(struct sw_event *e, enum sw_doubt what, const char *kind,
                             struct sw_str id)
{
    e->doubt = what;
    e->missing_kind = kind;
    e->missing = id;
    return SW_REFUSED_UNKNOWN_SUBJECT;
}

/* person-idno/NUMBER, of which the token is left: one person, not none and not two. */
static enum sw_refusal find_by_idno(const struct sw_registry *r, struct sw_str token,
                                    const struct sw_who *who, struct sw_event *e, uint32_t *person,
                                    struct sw_err *err)
{
    const char *wrong = sw_idno_wrong(token);
    const struct sw_match *decided;
    uint32_t n;

    if (wrong != NULL) {
        sw_fail(err, SW_EINVALID, _("what stands behind person-idno/ is no identity number: %s"),
                wrong);
        return who->name.n == 0 ? SW_REFUSED_BAD_FIELD
                                : doubt(e, SW_DOUBT_WRONG, SW_IDNO_SUBJECT, token);
    }
    *person = sw_registry_idno(r, token, &n);
    if (*person != SW_NONE)
        return SW_ACCEPTED;
    decided = sw_match_of_number(r, token);
    if (decided != NULL) {
        struct sw_str id = sw_registry_text(r, decided->person);

        *person = sw_registry_person(r, id);
        return *person == SW_NONE ? not_registered(e, "person", id, err) : SW_ACCEPTED;
    }
    sw_fail(err, SW_ENOTFOUND,
            n == 0 ? _("nobody is registered with the identity number ending in %.*s")
                   : _("several persons are registered with the identity number ending in %.*s"),
            SW_STR_ARG(sw_veil_tail(token)));
    return doubt(e, n == 0 ? SW_DOUBT_UNKNOWN : SW_DOUBT_SHARED, SW_IDNO_SUBJECT, token);
}

/* person-name/NAME, of which the token is left. */
static enum sw_refusal find_by_name(struct sw_str token, struct sw_event *e, struct sw_err *err)
{
    struct sw_str shown;

    if (!sw_veil_name(token, &shown)) {
        sw_fail(err, SW_EINVALID, _("the subject is person-name/ with no name behind it"));
        return SW_REFUSED_BAD_FIELD;
    }
    sw_fail(err, SW_ENOTFOUND, _("somebody without an identity number; the county decides who"));
    return doubt(e, SW_DOUBT_UNNUMBERED, SW_NAME_SUBJECT, token);
}

/* Decided already: true with *rc. */
static bool find_decided(const struct sw_registry *r, struct sw_event *e, uint32_t *person,
                         enum sw_refusal *rc, struct sw_err *err)
{
    const struct sw_match *m = r->matches == 0 ? NULL : sw_match_find(r, e->told);
    struct sw_str id;

    if (m == NULL || m->person == SW_NONE)
        return false;
    id = sw_registry_text(r, m->person);
    *person = sw_registry_person(r, id);
    *rc = *person == SW_NONE ? not_registered(e, "person", id, err) : SW_ACCEPTED;
    return true;
}

bool sw_find_person(const struct sw_registry *r, const struct sw_envelope *in, struct sw_event *e,
                    uint32_t *person, enum sw_refusal *rc, struct sw_err *err)
{
    struct sw_who who = in->who;
    struct sw_str id;
    bool by_idno = sw_subject_split(in->subject, SW_IDNO_SUBJECT, &id);
    bool by_name = !by_idno && sw_subject_split(in->subject, SW_NAME_SUBJECT, &id);

    *person = SW_NONE;
    if (!by_idno && !by_name && !sw_subject_split(in->subject, "person", &id))
        return false;
    if (by_name)
        who.name = id;
    if (by_idno || by_name || who.name.n > 0 || who.has_birth)
        e->told = sw_told_of(r, in->subject, &who);
    if (e->told != 0 && find_decided(r, e, person, rc, err))
        return true;
    if (by_idno) {
        *rc = find_by_idno(r, id, &who, e, person, err);
    } else if (by_name) {
        *rc = find_by_name(id, e, err);
    } else {
        *person = sw_registry_person(r, id);
        *rc = *person == SW_NONE ? not_registered(e, "person", id, err) : SW_ACCEPTED;
    }
    if (*rc == SW_ACCEPTED && (sw_name_fits(r, *person, &who) == SW_FIT_NOT ||
                               sw_birth_fits(r, *person, &who) == SW_FIT_NOT)) {
        e->differs_from = *person;
        *person = SW_NONE;
        *rc = doubt(e, SW_DOUBT_DIFFERS, by_idno ? SW_IDNO_SUBJECT : "person", id);
        sw_fail(err, SW_ENOTFOUND,
                _("the name or day of birth is not that of the person who is registered; the "
                  "county decides who it is"));
    }
    return true;
}
