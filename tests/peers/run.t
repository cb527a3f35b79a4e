#!/bin/bash
# Both checks with npm's clients: our signatures verified, our protocol spoken by a stranger.
. "$(dirname "$0")/../e2e/lib.sh"
command -v node >/dev/null || skip_all "no node"
[ -d "$top/tests/peers/node_modules" ] || skip_all "run npm ci in tests/peers first"

write_config
start_daemon || exit 1
cd "$top/tests/peers" || exit 1
node publish.mjs "tcp://127.0.0.1:$router_port" "http://127.0.0.1:$http_port/api/v1/status" >"$work/publish.tap"
ok $? "npm's zeromq and cloudevents publish"
sed 's/^/    /' "$work/publish.tap"
stop_daemon TERM
is $daemon_status 0 "the daemon ends cleanly"
node standardwebhooks.mjs "$build/tests/peers/post_webhook" >"$work/webhooks.tap"
ok $? "npm's standardwebhooks verifies"
sed 's/^/    /' "$work/webhooks.tap"
done_testing
