/* replay.h - what every fuzz target shares: its entry, and a main() that feeds it files where no
 * fuzzer does (tests/fuzz/corpus.t). Included once, by the target. */
#ifndef TESTS_FUZZ_REPLAY_H
#define TESTS_FUZZ_REPLAY_H

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef SW_LIBFUZZER
int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];

    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");

        if (f == NULL) {
            perror(argv[i]);
            return 1;
        }
        LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof(bytes), f));
        fclose(f);
    }
    return argc > 1 ? 0 : 2;
}
#endif

#endif
