/* proof.h - the proof of a case as one document. Private to ctl.
 *
 * The document is JSON; what people read on paper is made from it by sw_proof_page() and nothing
 * else, so that `shouwang verify FILE` can make it once more and compare. Steps' `data` and the
 * case's `causes` are JSON texts inside strings: a hash is over their bytes. */
#ifndef CTL_PROOF_H
#define CTL_PROOF_H

#include "ctl.h"
#include <shouwang/base/json.h>
#include <shouwang/store/record.h>

#define PROOF_FORMAT "shouwang proof 1"
/* The first line of the page begins with it. */
#define PROOF_TITLE "防返贫预警个案台账"
/* Stands in a line of its own between the page and the JSON. */
#define PROOF_MARK "-----以下为机读记录，请勿改动-----"

/* The whole document of a case, appended to `out`. SW_ENOTFOUND: there is no such case. */
enum sw_code sw_proof_make(struct sw_query *q, int64_t number, struct sw_buf *out,
                           struct sw_err *err);
/* The page of a document, in Chinese. */
void sw_proof_page(const struct sw_json *proof, struct sw_buf *out);
/* One step as the page has it; `offset`: seconds east of UTC. */
void sw_proof_step(const struct sw_json *step, int32_t offset, struct sw_arena *arena,
                   struct sw_buf *out);
void sw_proof_step_json(struct sw_jw *w, const struct sw_sealed_step *s);

#endif
