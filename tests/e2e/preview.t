#!/bin/bash
# rules preview: what a change of rules would bring is shown before it is saved, by the database alone; what
# it then brings is exactly that. Looking changes nothing and needs no service.
. "$(dirname "$0")/lib.sh"

write_config
small_county
echo 'storm: {factor: 10, least: 30, days: 28}' >>"$work/rules/messages.yaml"
echo '610999102000,青山镇,610999000000' >>"$work/county/areas.csv"
echo '610999102201,东沟村,610999102000' >>"$work/county/areas.csv"
echo 'C9,县专班,13800138009' >>"$work/county/cadres.csv"
echo 'T9,县防返贫专班,C9,' >>"$work/county/teams.csv"
echo 'A9,,610999000000,,T9,2026-01-01,' >>"$work/county/assignments.csv"
for n in $(seq 10 49); do # forty households that spent 3000 yuan each, ten of them in another township
    [ "$n" -lt 40 ] && village=610999101201 || village=610999102201
    echo "H1005$n,$village,王五,none,3,60000,true" >>"$work/county/households.csv"
    echo "PX$n,H1005$n,王五" >>"$work/county/persons.csv"
done
start_daemon
shouwang import --as-of "$(date -u -d '-40 days' +%F)" "$work/county" >/dev/null 2>&1
for n in $(seq 10 49); do
    event "b$n" medical.bill "household/H1005$n" '{"person":"PX'"$n"'","kind":"inpatient","self_paid":3000}'
done | shouwang publish - >/dev/null 2>&1
is "$(status_of .county.open_cases)" 0 "forty bills of 3000 yuan are below every line"

# What must be as it was: log, record, cases, messages, tasks and the snapshot.
state() {
    db "SELECT pos, n_step, head FROM part; SELECT count(*), max(id) FROM message; SELECT count(*) FROM cases;
        SELECT count(*) FROM bundle; SELECT count(*) FROM task;"
    cat "$work/data/shouwang.snapshot" 2>/dev/null | sha256sum
}
preview() { shouwang rules preview "$@"; }
shown() { jq -r "$1" "$work/preview.json"; }

# ---- nothing changes -------------------------------------------------------------------------------
before=$(state)
like "$(preview)" "nothing changes: these rules are in force" "the rules in force bring nothing new"
cp -r "$work/rules" "$work/other"
echo "# 只多一行说明" >>"$work/other/params.yaml"
like "$(preview "$work/other")" "nothing changes: no household, no place, no message (42 households)" \
    "nor does a remark"

# ---- a line of 20000 written as 2000 ---------------------------------------------------------------
sed -i 's/^\(med_line_other.*value: \)20000, min: 5000/\12000, min: 1000/' "$work/other/params.yaml"
preview --json "$work/other" >"$work/preview.json"
is $? 0 "a zero less is looked at"
is "$(shown '.households | "\(.of) \(.changed) \(.new) \(.up) \(.down) \(.out)"')" "42 40 40 0 0 0" \
    "forty of 42 households would be on a level"
is "$(shown '[.towns[] | "\(.place) \(.up)"] | join(", ")')" "大溪镇 30, 青山镇 10" "in two townships"
is "$(shown '.storms[] | "\(.rule) \(.held) \(.usual)"')" "med_ytd_other 40 0" "which the storm guard would hold"
is "$(shown '.messages | "\(.more) \(.receivers) \(.kinds[0].kind)"')" "1 1 storm" "telling the county alone"
is "$(shown '.list | length')" 20 "twenty of them are named"
is "$(preview --json --limit 1000 "$work/other" | jq '.list | length')" 40 "or all"
text=$(LC_ALL= LANG=zh_CN.UTF-8 LANGUAGE=zh_CN preview "$work/other")
like "$text" "有变化的 40 户（全县 42 户）：新增预警 40，升级 0，降级 0，撤销 0" "in Chinese too"
like "$text" "新增和升级的在 2 个乡镇，最多的是大溪镇（30 户）" "with the places"
like "$text" "预警激增，会扣住：40 户，“一般农户有人本年度自付医疗费过线”" "and what would be held"
is "$(state)" "$before" "looking changed nothing: no input, no step, no message, no task, no snapshot"
is "$(status_of .rules.digest)" "$(shown .active)" "and the rules in force are what they were"

# ---- it comes out as it was shown ------------------------------------------------------------------
cp "$work/other/params.yaml" "$work/rules/params.yaml"
shouwang reload >/dev/null
is_held() { [ "$(status_of .county.storms)" = 1 ]; }
wait_for 10 is_held
is "$(status_of .county.open_cases)" "$(shown .cases.opened)" "saved, it opens as many cases as were shown"
is "$(status_of '.county.by_level | "\(.red) \(.orange) \(.yellow) \(.none)"')" \
    "$(shown '[.households.levels[].after | tostring] | join(" ")')" "on the same levels"
is "$(shouwang storm list --json | jq -r '"\(.rule) \(.held)"')" "$(shown '.storms[] | "\(.rule) \(.held)"')" \
    "held as was shown"
is "$(db 'SELECT count(*) FROM message')" "$(shown .messages.more)" "with as many messages"

# ---- without the service, from the log alone, and far ahead ------------------------------------------
stop_daemon
before=$(state)
like "$(preview)" "these rules are in force" "a service that is down is not missed"
sed -i 's/value: 2000, min: 1000/value: 20000, min: 5000/' "$work/other/params.yaml"
preview --json "$work/other" >"$work/preview.json"
is "$(shown '"\(.households.out) \(.cases.closed) \(.messages.more)"')" "40 40 0" "to take it back ends them all"
mv "$work/data/shouwang.snapshot" "$work/kept"
is "$(preview --json "$work/other")" "$(cat "$work/preview.json")" "without a snapshot the log says the same"
mv "$work/kept" "$work/data/shouwang.snapshot"
cp "$work/rules/params.yaml" "$work/other/params.yaml"
soon=$(county_date -d '+30 days' +%F)
sed -i "s/^    - {from: 2026-01-01, value: 9000.*/&\n    - {from: $soon, value: 20000, source: 试算}/" "$work/other/params.yaml"
like "$(preview "$work/other")" "Numbers or rules change on $soon, too: --on $soon shows that day" \
    "what changes later is told"
preview --json --on "$soon" "$work/other" >"$work/preview.json" 2>"$work/progress"
is "$(grep -c '^days .* 100%  60/60' "$work/progress")" 1 "with both copies' days counted while they pass"
is "$(shown '"\(.day) \(.by_rule[] | select(.rule == "income_low") | "\(.before) \(.begins)")"')" "$soon 0 1" \
    "and can be looked at"
sed -i '/rule: med_ytd_poor/,/tests:/s/28, 35)/20, 35)/' "$work/other/health.yaml"
out=$(preview "$work/other" 2>"$work/failures")
is $? 1 "rules of which a test fails"
like "$out" "nothing changes: no household" "are shown all the same"
like "$(cat "$work/failures")" "test failed: med_ytd_poor" "with what fails"
like "$(cat "$work/failures")" "the service does not take these rules" "and that the service refuses them"
is "$(state)" "$before" "all of it without a change"

# ---- what cannot be ---------------------------------------------------------------------------------
sed -i 's/^med_line_other.*value: 2000,/&x/' "$work/other/params.yaml"
out=$(preview "$work/other" 2>&1)
is $? 1 "a folder with an error"
like "$out" "params.yaml:" "is told where it is wrong"
printf 'overrides:\n  - {area: 石桥寸, from: 2026-06-01, until: 2027-12-31, set: {hail_land: 1}, reason: 汛期, by: 会议}\n' \
    >"$work/rules/areas.yaml"
out=$(preview 2>&1)
like "$out" "石桥寸" "a place that nobody knows is found before the rules are saved"
for wrong in "--on tomorrow" "--on 2020-01-01" "--on 2099-01-01"; do
    out=$(preview $wrong 2>&1)
    is "$? $(grep -c 'within a year' <<<"$out")" "1 1" "$wrong is refused"
done
preview one two >/dev/null 2>&1
is $? 2 "two folders are one too many"
preview --limit x >/dev/null 2>&1
is $? 2 "and x is no number"
mv "$work/data/shouwang.key" "$work/key"
out=$(preview 2>&1)
is $? 1 "without the key of the database"
like "$out" "shouwang.key is missing" "nobody can be recognised"
mv "$work/key" "$work/data/shouwang.key"
mv "$work/data" "$work/away"
mkdir "$work/data"
out=$(preview 2>&1)
is $? 1 "without a database"
like "$out" "there is no database" "there is nothing to look at"
done_testing
