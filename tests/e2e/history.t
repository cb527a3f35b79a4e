#!/bin/bash
# A county's past is told before it goes live: nobody is messaged, what is still so afterwards is an
# open case, live inputs wait, and a past that comes too late is refused.
. "$(dirname "$0")/lib.sh"

start_sink
echo "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" >"$work/secret"
chmod 600 "$work/secret"
gateways="  team: {profile: standard-webhooks, params: {url: \"http://127.0.0.1:$sink_port/ok\"}, secrets: {secret_file: secret}}"
write_config
small_county
start_daemon
ok $? "the daemon runs"
shouwang import --history --as-of 2025-12-01 "$work/county" >/dev/null 2>&1
ok $? "a registry as of a day gone by"
is "$(status_of .county.in_history)" true "a history has begun"

recently=$(county_date -d '-20 days' +%FT10:00:00+08:00)
{
    event h1 house.inspect household/H100421 '{"grade":"D"}' ',"time":"2026-01-10T10:00:00+08:00"'
    event h2 house.repaired household/H100421 '{}' ',"time":"2026-02-10T10:00:00+08:00"'
    event h3 medical.bill household/H100422 '{"person":"P2","kind":"inpatient","self_paid":30000}' \
        ",\"time\":\"$recently\""
} >"$work/history.jsonl"
out=$(shouwang publish --history "$work/history.jsonl" 2>&1)
like "$out" "3 stored, 0 known already, 0 refused" "the past"
out=$(event f1 house.inspect household/H100421 '{"grade":"D"}' \
    ',"time":"2026-01-10T10:00:00+08:00","recordedtime":"2100-01-10T10:00:00+08:00"' |
    shouwang publish --history - 2>&1)
is $? 1 "what was recorded in the future is refused"
like "$out" "recordedtime lies ahead" "with a reason"
status_day=$(status_of .county.day)
ok $((${status_day%%-*} > $(county_date +%Y))) "and does not take the county's clock along"

event l1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":9000}' |
    shouwang publish - >"$work/live.out" 2>&1 &
live_pid=$!
wait_for 5 grep -q "waiting: the county's history is being told" "$work/live.out"
ok $? "a live publisher waits and is told why"
is "$(db 'select count(*) from message')" 0 "nobody is messaged about the past"
shouwang history end
ok $? "the history ends"
wait "$live_pid"
ok $? "the live event goes in"
is "$(status_of .county.in_history)" false "the county is live"
is "$(shouwang cases list --json --all | jq -r 'select(.household == "H100422") | .state')" open \
    "what is still so is an open case"
is "$(shouwang cases list --json --all | jq -r 'select(.household == "H100421") | .state' | sort | xargs)" \
    "closed open" "what was mended in the past is a closed one"
arrived() { [ "$(jq -rs 'map(.body | fromjson | select(.data.tail == "0421")) | length' "$work/sink.jsonl")" -eq 1 ]; }
wait_for 5 arrived
ok $? "the live one is alerted"

out=$(shouwang publish --history "$work/history.jsonl" 2>&1)
is $? 1 "a past that comes too late is an error"
like "$out" "this county is live already" "and said so"
shouwang history end
ok $? "ending it again changes nothing"
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
