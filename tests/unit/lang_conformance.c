/* The conformance suite of the Common Expression Language, if it lies beside the checkout: every
 * case passes or uses an extension that is left out by name. $SW_CEL_DATA names another folder.
 * Includes the tool's verb, which does the same by hand: shouwang eval --cases FILE. */
#include "../../daemon/ctl/eval.c"
#include "../tap.h"
#include "lang_data.h"
#include <unistd.h>

int main(void)
{
    struct sw_buf path = {0};
    char *argv[] = {(char[]){"eval"}, (char[]){"--cases"}, NULL};

    data_path("conformance-dev.jsonl", &path);
    if (access(path.p, R_OK) != 0) {
        printf("1..0 # SKIP no conformance suite here\n");
    } else {
        argv[2] = path.p;
        is_int_named(ctl_eval(NULL, 3, argv), 0, "no case fails");
    }
    sw_buf_free(&path);
    return tap_count == 0 ? 0 : done_testing();
}
