#!/bin/sh
# 200 kills during 20 000 events: nothing acknowledged is lost, nothing is told wrongly.
build=${SHOUWANG_BUILD:-build}
exec "$build/tests/crash/kill" "$build" "${KILLS:-200}" "${EVENTS:-20000}"
