#!/bin/bash
# A household's page from the running daemon: what holds and by how much, what is missing, when it
# changes by itself, on another day; and what is said when it cannot be told.
. "$(dirname "$0")/lib.sh"

write_config
small_county
sed -i 's/^\(H100422,.*\),60000,true$/\1,,true/' "$work/county/households.csv"
out=$(shouwang explain H100421 2>&1)
is $? 1 "without a daemon there is no page"
like "$out" "explain asks the running shouwangd" "and it is said why"
start_daemon
shouwang import --as-of "$(date -u -d '-40 days' +%F)" "$work/county" >/dev/null 2>&1
{
    event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}'
    event b2 medical.bill household/H100422 '{"person":"P2","kind":"inpatient","self_paid":9000}'
} | shouwang publish - >/dev/null 2>&1
url="http://127.0.0.1:$http_port/api/v1/explain"
status=$(curl -s "http://127.0.0.1:$http_port/api/v1/status")
today=$(echo "$status" | jq -r .county.day)
day() { date -u -d "$today $1" +%F; } # day "+365 days"
rule() { jq -r --arg r "$1" ".rules[] | select(.rule == \$r) | $2"; } # rule NAME .path

# ---- a household with a bill ---------------------------------------------------------------------
page=$(shouwang explain H100421 --json)
ok $? "a page for programs"
is "$(echo "$page" | jq -r '.household.name + " " + .household.place + " " + .day')" \
    "张* 大溪镇石桥村 $today" "whose it is, and of which day"
pages=0
for id in H100421 610999101201 610999101000 610999000000; do
    pages=$((pages + $(shouwang explain $id --json | jq '.rules | length')))
done
is $pages "$(echo "$status" | jq -r .rules.count)" \
    "every rule is on the page of the household, its village, township or county"
is "$(echo "$page" | rule med_oop_12m '.truth + " " + .hit.state')" "true on" "the rule that holds"
is "$(echo "$page" | rule med_oop_12m '.parts[0] | "\(.left.value) \(.sign) \(.right.value) \(.gap)"')" \
    "6000 >= 5000 -1000" "its values and the gap"
is "$(echo "$page" | rule med_oop_12m '.params[] | select(.name == "med_line_poor") | .text + .unit')" \
    "5000元" "the parameter it read"
is "$(echo "$page" | rule med_oop_12m '.when_changes | .day + " " + .to')" "$(day '+365 days') false" \
    "the day on which the bill leaves the window"
is "$(echo "$page" | jq -r .household.case.number)" \
    "$(shouwang cases list --json | jq -r 'select(.household == "H100421") | .case')" "its case"
before=$(status_of .store.position)
text=$(shouwang explain H100421)
like "$text" "✓ 近12个月自付医疗费过高  holds" "a page for people"
like "$text" "6000元  >=  5000元  1000元 over" "with the values side by side"
like "$text" "by time alone it does not hold any more from $(day '+365 days')" "and the day it ends"
is "$(echo "$page" | jq -r '.events[] | select(.stream == "medical.bill") | .newest[0] | .day + " " + .text')" \
    "$today 住院，自付费用6000元" "the bill itself"
like "$text" "== newest events" "and the newest events at the end"
like "$text" "== the rest" "the others below it, a line each"
holds=$(echo "$text" | grep -n '^== holds' | cut -d: -f1)
rest=$(echo "$text" | grep -n '^== the rest' | cut -d: -f1)
[ "${holds:-0}" -gt 0 ] && [ "$holds" -lt "${rest:-0}" ]
ok $? "what holds comes first"
is "$(shouwang explain H100421 --rule med_oop_12m --json | jq '.rules | length')" 1 "one rule alone"
is "$(status_of .store.position)" "$before" "looking leaves nothing in the log"

# ---- one whose income nobody told ----------------------------------------------------------------
page=$(shouwang explain H100422 --json)
is "$(echo "$page" | rule med_burden '.truth + " " + .missing[0]')" "unknown 近12个月家庭总收入" \
    "what is missing, by its label"
like "$(shouwang explain H100422)" "missing 近12个月家庭总收入" "also for people"

# ---- a village -----------------------------------------------------------------------------------
page=$(shouwang explain 610999101201 --json)
is "$(echo "$page" | jq -r '.household | .kind + " " + .place')" "village 大溪镇石桥村" \
    "an area has a page of its own"
is "$(echo "$page" | jq '[.rules[] | select(.rule == "med_oop_12m")] | length')" 0 \
    "without the rules about households"
like "$(shouwang explain 610999101201)" "大溪镇石桥村  (610999101201)" "also for people"
like "$(shouwang explain 石桥村)" "大溪镇石桥村  (610999101201)" "and under its name"

# ---- other days ----------------------------------------------------------------------------------
page=$(shouwang explain H100421 --at "$(day '-1 day')" --json)
is "$(echo "$page" | rule med_oop_12m '.truth + " " + .when_changes.day + " \(has("hit"))"')" \
    "false $today false" "the day before the bill, without hits"
page=$(shouwang explain H100421 --at "$(day '+364 days')" --json)
is "$(echo "$page" | rule med_oop_12m '.truth')" true "the last day of the window"
page=$(shouwang explain H100421 --at "$(day '+365 days')" --json)
is "$(echo "$page" | rule med_oop_12m '.truth + " \(.parts[0].left.value)"')" "false 0" "the day after"
like "$(shouwang explain H100421 --at "$(day '+365 days')")" "by conditions alone" "which is said"

# ---- what cannot be told -------------------------------------------------------------------------
out=$(shouwang explain H999 2>&1)
is $? 1 "a household that is not there"
is "$out" "shouwang: there is no household or area H999" "is named"
out=$(shouwang explain H100421 --at 2026-02-30 2>&1)
is $? 1 "a day that is not there"
like "$out" '"2026-02-30" is no date' "is named too"
out=$(shouwang explain H100421 --rule med_oop_12n 2>&1)
like "$out" "did you mean med_oop_12m?" "a rule with a slip of the pen"
shouwang explain 2>/dev/null
is $? 2 "no household is wrong usage"
code() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
is "$(code "$url?household=H999")" 404 "404"
is "$(code "$url?household=H100421&at=tomorrow")" 400 "400"
is "$(code "$url")" 400 "no household: 400"
is "$(code -H 'X-Forwarded-For: 10.0.0.9' "$url?household=H100421")" 403 "from elsewhere: 403"
is "$(code -X POST "$url?household=H100421")" 405 "only GET"

# ---- new rules -----------------------------------------------------------------------------------
sed -i 's/^med_line_poor: \(.*\)value: 5000/med_line_poor: \1value: 5500/' "$work/rules/params.yaml"
shouwang reload >/dev/null
wait_for 5 sh -c "[ \"\$(curl -s '$url?household=H100421' | jq -r .ruleset)\" != \
    \"$(echo "$page" | jq -r .ruleset)\" ]"
is "$(shouwang explain H100421 --json | rule med_oop_12m '.parts[0].right.value')" 5500 \
    "after a reload the page is made with the new numbers"
done_testing
