#!/bin/sh
# The same on a disk that is full, that fails to sync, and that reads wrongly now and then.
build=${SHOUWANG_BUILD:-build}
exec "$build/tests/crash/kill" "$build" "${KILLS:-40}" "${EVENTS:-8000}" faults
