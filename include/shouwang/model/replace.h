/* replace.h - rows that take the place of older ones, instead of adding to them.
 * Layer: model. Streams that schema.yaml declares with `replaces:` hold statements: "so far this
 * year this person has paid 21 000", "this household gets the allowance". Of all statements about
 * the same subject, with the same key, within the same period, one stands: the newest that was not
 * taken back, by the time it was stated (recordedtime, else time), then by day and moment, then by
 * the event's key. The others stay in the history, marked, and are read by nobody.
 *
 * A whole list (sw_roll) also says who is not in it any more. It counts from when all its rows have
 * arrived, so half a list takes nobody away; then no statement older than the list stands, unless
 * the list had a row for it that was taken back.
 *
 * All of this is a function of the set of events, never of their order. */
#ifndef SHOUWANG_MODEL_REPLACE_H
#define SHOUWANG_MODEL_REPLACE_H

#include <shouwang/model/registry.h>

/* First day of the period around `day` within which rows of the stream replace one another. */
sw_day sw_period_start(const struct sw_schema *s, const struct sw_stream *st, sw_day day);

/* What an event did that was recorded just now, beside standing there itself. */
struct sw_settled {
    bool silent;   /* nothing that anybody can read has changed: a newer statement stands */
    bool replaced; /* a statement that stood gave way to it */
};

/* True when sw_settle() has to be asked: never for events that only add. */
static inline bool sw_may_replace(const struct sw_schema *s, const struct sw_event *e)
{
    return e->stream->replaces != SW_REPLACES_NONE || (e->reverses != 0 && s->any_replaces);
}

/* Mark anew which statements stand that the event, recorded in `h`, or the one it takes back
 * compete with. */
struct sw_settled sw_settle(const struct sw_registry *r, const struct sw_schema *s,
                            struct sw_history *h, const struct sw_event *e);

/* ---- whole lists -------------------------------------------------------------------------- */

/* A list was closed, or a row arrived (recorded or parked) that may be of one: the number of the
 * list that is whole since now, SW_NONE: none. Numbers are good until the next call. */
uint32_t sw_roll_close(struct sw_registry *r, const struct sw_schema *s,
                       const struct sw_batch_told *told, uint32_t needed, uint32_t parked,
                       bool *news);
uint32_t sw_roll_arrived(struct sw_registry *r, const struct sw_schema *s,
                         const struct sw_event *e);
/* How many rows of a list that was closed have arrived; SW_NONE: a newer one is whole. */
uint32_t sw_roll_rows(const struct sw_registry *r, const struct sw_schema *s,
                      const struct sw_batch_told *told);
/* Take from a history what the list has not any more; true: something was. */
bool sw_roll_sweep(const struct sw_schema *s, const struct sw_roll *roll, struct sw_history *h);
/* The newest list of a feed that is not whole yet, NULL: none. */
const struct sw_roll *sw_roll_pending(const struct sw_registry *r, const struct sw_schema *s,
                                      uint32_t feed);
/* The lists follow their streams, by name, to another schema; those of a stream that replaces
 * otherwise now are forgotten. */
void sw_rolls_convert(struct sw_registry *r, const struct sw_schema *from,
                      const struct sw_schema *to);

#endif
