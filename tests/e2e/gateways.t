#!/bin/bash
# Slow, dead, failing and hanging gateways delay neither scoring nor each other; once they recover,
# everything pending arrives, each message with one and the same id.
. "$(dirname "$0")/lib.sh"

start_sink
dead_port=$(free_ports 1)
echo "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" >"$work/secret"
chmod 600 "$work/secret"
echo pw >"$work/password"
chmod 600 "$work/password"
webhook() { # webhook NAME URL
    echo "  $1: {profile: standard-webhooks, params: {url: \"$2\"}, secrets: {secret_file: secret}}"
}
gateways=$(
    echo "  sms: {profile: kannel, params: {base: \"http://127.0.0.1:$sink_port\"}, secrets: {password_file: password}}"
    for name in good slow error hang busy; do webhook $name "http://127.0.0.1:$sink_port/as/$name"; done
    webhook dead "http://127.0.0.1:$dead_port/hook"
)
write_config
for name in slow error hang busy; do sink_mode $name $name; done

# Six villages, each with a team whose group hangs on another gateway.
mkdir -p "$work/county"
{
    echo "code,name,parent"
    echo "610999000000,平川县,"
    echo "610999101000,大溪镇,610999000000"
    for i in 1 2 3 4 5 6; do echo "61099910120$i,第$i村,610999101000"; done
} >"$work/county/areas.csv"
echo "id,area,kind,members_n" >"$work/county/households.csv"
echo "id,household" >"$work/county/persons.csv"
echo "id,name,leader,gateway" >"$work/county/teams.csv"
echo "id,area,team" >"$work/county/assignments.csv"
i=0
for name in good slow error hang busy dead; do
    i=$((i + 1))
    echo "T$i,第$i队,,$name" >>"$work/county/teams.csv"
    echo "A$i,61099910120$i,T$i" >>"$work/county/assignments.csv"
    for k in $(seq 1 30); do
        echo "H$i-$k,61099910120$i,unstable,3" >>"$work/county/households.csv"
        echo "P$i-$k,H$i-$k" >>"$work/county/persons.csv"
    done
done
start_daemon
ok $? "ready"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "six villages"

for k in $(seq 1 30); do
    for i in 1 2 3 4 5 6; do
        event "b$i-$k" medical.bill "household/H$i-$k" "{\"person\":\"P$i-$k\",\"kind\":\"inpatient\",\"self_paid\":6000}"
    done
done >"$work/events.jsonl"
begin=$(date +%s%N)
shouwang publish "$work/events.jsonl" >/dev/null 2>&1
ok $? "180 alerts"
spent=$((($(date +%s%N) - begin) / 1000000))
[ $spent -lt 5000 ]
ok $? "scoring does not wait for gateways ($spent ms)"

good() { [ "$(grep -c '"path":"/as/good"' "$work/sink.jsonl")" -eq 30 ]; }
wait_for 5 good
ok $? "the good gateway has its 30 messages while the others are ill"
is "$(status_of '.gateways[] | select(.name=="good") | .accepted')" 30 "and has taken them"
[ "$(status_of '.gateways[] | select(.name=="dead") | .waiting + .in_flight')" -eq 30 ]
ok $? "the dead one's wait"

# They recover: the dead one begins to listen, the others come to their senses.
for name in slow error hang busy; do sink_mode $name ok; done
"$build/tests/e2e/sink" "$work/dead.jsonl" "$dead_port" >/dev/null 2>>"$work/sink.log" &
pids="$pids $!"
all_in() { [ "$(db "select count(*) from message where fate='accepted'")" -eq 180 ]; }
wait_for 90 all_in
ok $? "everything pending arrives after they recover"
is "$(db 'select count(*) from message')" 180 "one message per alert"
cat "$work/sink.jsonl" "$work/dead.jsonl" | jq -r '."webhook-id"' | sort -u >"$work/ids"
is "$(wc -l <"$work/ids")" 180 "as many ids as messages"
shouwang queue show --limit 1000 --json | jq -r .id | sort >"$work/ids.db"
diff "$work/ids" "$work/ids.db" | head -5 | sed "s/^/# /"; cmp -s "$work/ids" "$work/ids.db"
ok $? "the ids are the messages' own"
repeats=$(cat "$work/sink.jsonl" "$work/dead.jsonl" | jq -r '."webhook-id" + " " + .body' | sort -u | wc -l)
is "$repeats" 180 "a message sent again carries the same id and the same text"
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
