#!/bin/bash
# Storms and silences through the command line: a line written wrong is held, listed, discarded by
# name; a silence is shown before it is made, refused when too broad, made, listed and ended.
. "$(dirname "$0")/lib.sh"

write_config
small_county
echo "H100423,610999101201,王五,none,3,60000,true" >>"$work/county/households.csv"
echo "P3,H100423,王五" >>"$work/county/persons.csv"
cat >>"$work/rules/messages.yaml" <<END
storm: {factor: 10, least: 1, days: 28}
silence: {share: 0.5, longest: 90d}
END
start_daemon
shouwang import --as-of "$(date -u -d '-40 days' +%F)" "$work/county" >/dev/null 2>&1
{
    event b1 medical.bill household/H100422 '{"person":"P2","kind":"inpatient","self_paid":3000}'
    event b2 medical.bill household/H100423 '{"person":"P3","kind":"inpatient","self_paid":3000}'
} | shouwang publish - >/dev/null 2>&1
is "$(status_of .county.open_cases)" 0 "two bills of 3000 yuan are below every line"

# ---- a line of 20000 written as 2000 ----------------------------------------------------------------
sed -i 's/^\(med_line_other.*value: \)20000, min: 5000/\12000, min: 1000/' "$work/rules/params.yaml"
shouwang reload >/dev/null
is_held() { [ "$(status_of .county.storms)" = 1 ]; }
wait_for 10 is_held
is "$(status_of .county.storms)" 1 "new lines that raise many are held"
is "$(shouwang queue show --json | wc -l)" 0 "and not one message has left"
like "$(shouwang status)" "shouwang storm list" "status says so"
text=$(shouwang storm list)
like "$text" "held" "it is on the list"
is "$(shouwang storm list --json | jq -r .state)" held "also for programs"
out=$(shouwang storm discard 1 --by 李主任 2>&1)
is $? 1 "without a reason nothing is done"
like "$out" "--by and --reason are wanted" "and it is said why"
out=$(shouwang storm discard 7 --by 李主任 --reason 少写一个零 2>&1)
is $? 1 "a storm that is none"
like "$out" "there is no storm/7" "is said to be none"
shouwang storm discard 1 --by 李主任 --reason 少写一个零 2>/dev/null
is $? 0 "discarded"
is "$(shouwang storm list --json | jq -r '.state + " " + .by + " " + .reason')" \
    "discarded 李主任 少写一个零" "with name and reason"
is "$(status_of .county.letters)" 0 "nothing waits any more"

# ---- silences --------------------------------------------------------------------------------------
until=$(county_date -d '+10 days' +%F)
text=$(shouwang silence add --household H100421 --until "$until" --preview)
is $? 0 "whom a silence would hush is shown"
like "$text" "H100421" "with the household"
is "$(shouwang silence list --json | wc -l)" 0 "and nothing is done"
shouwang silence add --area 610999000000 --until "$until" --preview >/dev/null 2>&1
is $? 1 "over the whole county: too broad already when shown"
out=$(shouwang silence add --area 610999000000 --until "$until" --by 李主任 --reason 太吵 2>&1)
is $? 1 "and refused when made"
like "$out" "too broad" "with the reason"
shouwang silence add --household H100421 --until "$until" --by 王干部 --reason 昨天刚去过 2>/dev/null
is $? 0 "one household, until a day, by somebody, for a reason"
is "$(shouwang silence list --json | jq -r '.state + " " + .household + " " + .until + " " + .by')" \
    "active H100421 $until 王干部" "is on the list"
shouwang silence end 1 --by 王干部 --reason 情况有变 2>/dev/null
is $? 0 "ended before its time"
is "$(shouwang silence list --json | jq -r '.state + " " + .ended_by')" "ended 王干部" "by name"

stop_daemon
done_testing
