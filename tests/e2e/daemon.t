#!/bin/bash
# The daemon and the tool as a user meets them: load, publish, look, reload, restart.
. "$(dirname "$0")/lib.sh"

write_config
small_county
start_daemon
ok $? "the daemon becomes ready"
is "$(curl -s "http://127.0.0.1:$http_port/-/healthy")" healthy "it says it is healthy"

# ---- tables in -----------------------------------------------------------------------------------
out=$(shouwang import "$work/county" 2>&1)
ok $? "a registry loads"
like "$out" "13 stored, 0 known already, 0 refused" "every row is stored"
out=$(shouwang import "$work/county/households.csv" 2>&1)
like "$out" "0 stored, 2 known already" "the same table again changes nothing"
printf 'id,area,members_n\nH7,610999101201,5\nH8,1234,2\nH9,610999101201,many\n"H10,x\n' \
    >"$work/households-more.csv"
out=$(shouwang import "$work/households-more.csv" 2>&1)
is $? 1 "a table with bad rows is told by the exit code"
like "$out" 'households-more.csv:3: area: "1234" is not registered' "an unknown area by line"
like "$out" 'households-more.csv:4: members_n must be a whole number, not "many"' "a bad number by line"
like "$out" "households-more.csv:5: a quote is opened and not closed" "a broken row by line"
is "$(status_of .county.households)" 3 "good rows stay"

# ---- events in -----------------------------------------------------------------------------------
event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}' \
    >"$work/events.jsonl"
event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}' \
    >>"$work/events.jsonl"
event b2 medical.bil household/H100421 '{}' >>"$work/events.jsonl"
echo '{"specversion":"1.0",' >>"$work/events.jsonl"
out=$(shouwang publish "$work/events.jsonl" 2>&1)
like "$out" "1 stored, 1 known already, 2 refused" "stored, repeated and refused are told apart"
like "$out" "events.jsonl:3: no event type medical.bil" "a refusal by line"
event b3 visit.done household/H100422 '{}' | shouwang publish - >/dev/null 2>&1
ok $? "events from a pipe"
is "$(shouwang rejected list --json | wc -l)" 4 "refused inputs are kept"
like "$(shouwang rejected list)" unknown_type "with their reason"

# ---- looking -------------------------------------------------------------------------------------
case=$(shouwang cases list --json)
is "$(echo "$case" | jq -r '.level + " " + .state + " " + .name + " " + .owner')" "orange open 张* C1" \
    "the case"
like "$(echo "$case" | jq -r '.causes[].rule')" med_ytd_poor "and its cause"
like "$(shouwang cases show 100)" "近12个月自付医疗费6000元" "the case in words"
like "$(LANGUAGE=zh_CN shouwang cases list)" 橙色 "in Chinese by LANGUAGE"
shouwang cases show 999 >/dev/null 2>&1
is $? 1 "a case that is not there"
shouwang cases shwo 2>/dev/null
is $? 2 "a wrong word is wrong usage"
is "$(shouwang status --json | jq -r .inputs.accepted)" "$(status_of .inputs.accepted)" \
    "status for programs"
curl -s "http://127.0.0.1:$http_port/metrics" >"$work/metrics"
like "$(cat "$work/metrics")" 'shouwang_rejected_total{reason="unknown_type"} 1' "metrics count refusals"
is "$(tail -1 "$work/metrics")" "# EOF" "metrics end as OpenMetrics wants"

# ---- acting --------------------------------------------------------------------------------------
out=$(shouwang case act 100 needs_help --by C1 2>&1)
ok $? "who was told acts on a case"
like "$out" "case 100: true, to be helped" "and hears where it led"
is "$(shouwang cases list --json | jq -r 'select(.case == 100) | .state')" visited "and it moves"
out=$(LANGUAGE=C shouwang case act 100 papers --by C1 2>&1)
is $? 1 "what its state does not allow"
like "$out" "“补齐手续”未受理：现在是“属实待帮扶”，不能这样办" "is refused with the reason"
out=$(LANGUAGE=C shouwang case act 100 pause --by C1 --reason 外出 --until "$(county_date -d '20 days' +%F)" 2>&1)
is $? 1 "who owns a case does not pause its clock"
like "$out" "conflict" "and is told"
shouwang case act 100 not_true --by C1 >/dev/null 2>&1
is $? 1 "not true needs a reason"

# ---- about people nobody knows -------------------------------------------------------------------
event u1 accident.report person/P9 '{"outcome":"death"}' | shouwang publish - >/dev/null 2>&1
ok $? "an event about a person who is not registered is taken"
is "$(shouwang parked list --json | jq -r '.subject + " " + .waits_for + " " + (.red | tostring)')" \
    "person/P9 person/P9 true" "and waits in a list"
like "$(shouwang parked list)" 意外 "in words"
like "$(shouwang status)" "1 SERIOUS events about people who are not registered" "status says so at once"
like "$(curl -s "http://127.0.0.1:$http_port/metrics")" "shouwang_parked_red 1" "and metrics"
printf 'id,household,name\nP9,H100422,王五\n' >"$work/more.csv"
cp "$work/more.csv" "$work/persons-more.csv"
shouwang import "$work/persons-more.csv" >/dev/null 2>&1
is "$(status_of .county.parked) $(shouwang parked list --json | wc -l)" "0 0" "until the person comes"
is "$(shouwang cases list --json | jq -r 'select(.household == "H100422") | .level')" red "and it takes effect"

# ---- rules ---------------------------------------------------------------------------------------
cp "$work/rules/health.yaml" "$work/health.good"
sed -i 's/sum(self_paid) >= p.drug_line/sum(self_payed) >= p.drug_line/' "$work/rules/health.yaml"
out=$(shouwang check rules 2>&1)
is $? 1 "check finds a misspelt field"
like "$out" "self_paid" "and suggests the right one"
rules_before=$(grep -c '^  - rule: ' "$work"/rules/*.yaml | awk -F: '{ n += $2 } END { print n }')
kill -HUP "$daemon_pid"
wait_for 5 grep -q 'msg="refused, the old ones stay"' "$work/daemon.log"
ok $? "SIGHUP refuses bad rules"
like "$(grep 'the old ones stay' "$work/daemon.log" | head -1)" "health.yaml:" "with file and line"
is "$(status_of .rules.last_reload_good)" false "and status says so"
is "$(status_of .rules.count)" "$rules_before" "the old rules stay"
cp "$work/health.good" "$work/rules/health.yaml"
sed -i 's/    score: 6$/    score: 7/' "$work/rules/health.yaml"
shouwang test rules >"$work/test.out" 2>&1
is $? 1 "tests that no longer hold"
like "$(cat "$work/test.out")" "the points should be 6, not 7" "are told"
out=$(shouwang reload 2>&1)
is $? 1 "and such rules are not taken"
like "$out" "test failed: drug_burden" "and the reason comes back"
cp "$work/health.good" "$work/rules/health.yaml"
sed -i 's/^med_line_poor: \(.*\)value: 5000/med_line_poor: \1value: 5500/' "$work/rules/params.yaml"
out=$(shouwang test rules)
ok $? "a tuned number breaks no test"
like "$out" "SUCCESS" "all pass"
before=$(status_of .rules.digest)
shouwang reload >/dev/null
ok $? "and is taken"
wait_for 5 sh -c "[ \"\$(curl -s http://127.0.0.1:$http_port/api/v1/status | jq -r .rules.digest)\" != $before ]"
ok $? "at once"

# ---- the numbers as a table, as a Chinese office program saves it ----------------------------------
shouwang params csv >"$work/params.csv"
ok $? "the parameters as a table"
shouwang params yaml >"$work/params.yaml"
cp "$work/params.csv" "$work/rules/params.csv"
like "$(shouwang check rules)" "params.yaml is here too" "one of the two forms only"
rm "$work/rules/params.yaml"
is "$(shouwang params yaml | md5sum)" "$(md5sum <"$work/params.yaml")" "the table has the same values"
sed -e '1s/^\xef\xbb\xbf//' -e 's/^params,\([^,]*\),,[0-9]*,/params,\1,,8,/' \
    -e 's/^water_days,\([^,]*\),天,[0-9]*,/water_days,\1,天,７,/' "$work/params.csv" |
    iconv -f UTF-8 -t GB18030 >"$work/rules/params.csv"
printf 'overrides:\n  - {area: 石桥村, set: {med_line_poor: 4000}, reason: 高寒, by: 专班}\n%s\n' \
    '  - {area: 石桥乡, set: {med_line_poor: 3000}, reason: 写错}' >"$work/rules/areas.yaml"
out=$(shouwang reload 2>&1)
ok $? "in GB18030, with full-width digits, it is taken"
like "$out" "areas.yaml:3:12: warning: no area is called 石桥乡, so this changes nothing; did you mean 石桥村?" \
    "a place nobody knows is told"
wait_for 5 sh -c "[ \"\$(curl -s http://127.0.0.1:$http_port/api/v1/status | jq -r .rules.params)\" = 8 ]"
ok $? "its edition is active"
out=$(shouwang status)
like "$out" "parameters, edition 8" "status names it"
like "$out" "$(sed -n 's/^version: //p' "$work/rules/base.yaml") (base.yaml)" "and the edition of the rules"
like "$out" "warning, areas.yaml: no area is called 石桥乡" "and what is odd"
event b9 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":60000}' |
    shouwang publish - >/dev/null 2>&1
like "$(shouwang cases show 100)" "参数第8版，石桥村 " "a case remembers by which numbers it came about"

# ---- one owner, clean end, quick start -----------------------------------------------------------
out=$("$build/shouwangd" --config "$SHOUWANG_CONFIG" 2>&1)
is $? 1 "a second daemon on the same data ends"
like "$out" "in use by process $daemon_pid" "and says whose it is"
position=$(status_of .store.position)
stop_daemon TERM
is $daemon_status 0 "SIGTERM ends it cleanly"
test -s "$work/data/shouwang.snapshot"
ok $? "with a snapshot"
out=$(shouwang status 2>&1)
is $? 1 "status without a daemon fails"
like "$out" "cases.open" "but shows what is in the database"
start_daemon
is "$(status_of .store.position)" "$position" "it goes on where it was"
is "$(status_of .store.snapshot_position)" "$position" "from the snapshot"
stop_daemon KILL
rm "$work/data/shouwang.snapshot"
start_daemon
is "$(status_of .county.households)" 3 "without the snapshot it reads the log"
like "$(shouwang cases list --json | jq -r .causes[].rule)" med_ytd_poor "with the same result"
stop_daemon TERM

# ---- configuration -------------------------------------------------------------------------------
sed 's/^data:/dtaa:/' "$SHOUWANG_CONFIG" >"$work/bad.yaml"
out=$("$build/shouwangd" --config "$work/bad.yaml" 2>&1)
is $? 1 "an unknown key is refused"
like "$out" "bad.yaml:1:1: error: unknown key dtaa; did you mean data?" "with its place"
sed 's/127.0.0.1:[0-9]*"\]/0.0.0.0:1"]/' "$SHOUWANG_CONFIG" >"$work/bad.yaml"
like "$("$build/shouwangd" --check-config --config "$work/bad.yaml" 2>&1)" allow_remote \
    "listening for strangers must be asked for"
done_testing
