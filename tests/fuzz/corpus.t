#!/bin/sh
# What fuzzing found or grew once, through the same targets again, without a fuzzer.
build=${SHOUWANG_BUILD:-build}
n=0
for target in tests/fuzz/*.c; do
    name=$(basename "$target" .c)
    n=$((n + 1))
    if "$build/tests/fuzz/$name" tests/fuzz/corpus/"$name"/* >/dev/null; then
        echo "ok $n - $name: $(ls tests/fuzz/corpus/"$name" | wc -l) inputs"
    else
        echo "not ok $n - $name"
        bad=1
    fi
done
echo "1..$n"
exit ${bad:-0}
