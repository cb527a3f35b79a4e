#!/bin/sh
# Rules beside LuaJIT and SQLite; needs libluajit-5.1-dev and libsqlite3-dev. B: build folder.
set -e
cd "$(dirname "$0")/../.."
: "${B:=build}" "${CC:=gcc}"
make -s B="$B" "$B/libshouwang.a"
"$CC" -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Iinclude $(pkg-config --cflags luajit) \
    -o "$B/tests-bench-rules" tests/bench/rules.c "$B/libshouwang.a" \
    $(pkg-config --libs luajit sqlite3) -lyaml -lyajl -lcrypto -lm
exec "$B/tests-bench-rules"
