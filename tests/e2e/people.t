#!/bin/bash
# People: households without a cadre are listed for who runs the county; assignments and leave come as
# tables and take effect at once; wrong rows are told by line. (S72, S77, S78)
. "$(dirname "$0")/lib.sh"

write_config
small_county
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a registry loads"
event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":7000}' |
    shouwang publish - >/dev/null 2>&1
ok $? "an event opens a case"
case_of() { shouwang cases list --json | jq -r "select(.household == \"$1\") | $2"; }
is "$(case_of H100421 .owner)" C1 "it is the cadre's"
is "$(shouwang owners missing --json | jq -r .household)" "" "nobody is without one"

# ---- the cadre leaves ----------------------------------------------------------------------------
today=$(county_date +%F)
yesterday=$(county_date -d yesterday +%F)
mkdir "$work/rotation"
printf 'id,household,cadre,from,until\nA1,H100421,C1,2020-01-01,%s\n' "$yesterday" >"$work/rotation/assignments.csv"
shouwang import "$work/rotation/assignments.csv" >/dev/null 2>&1
ok $? "an assignment ends"
is "$(case_of H100421 .owner)" C2 "the case is the team's at once"
like "$(shouwang cases show 100)" "没有帮扶责任人，由驻村工作队负责" "and says why"
is "$(shouwang owners missing --json | jq -r '.household + " " + .acting + " " + .role + " " + (.case | tostring)')" \
    "H100421 C2 驻村工作队 100" "the household is listed"
like "$(shouwang owners missing)" "H100421" "for people, too"
like "$(LANGUAGE=zh_CN shouwang owners missing)" "角色" "in Chinese by LANGUAGE"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$http_port/api/v1/owners")" 200 "and over HTTP"

# ---- leave ---------------------------------------------------------------------------------------
cat >"$work/rotation/absences.csv" <<END
id,cadre,from,until,stand_in,cancelled
L1,C2,$today,$today,C1,
L2,C99,$today,$today,C1,
L3,C1,$today,$today,C1,
L4,C1,$today,$today,C2,true
END
out=$(shouwang import "$work/rotation/absences.csv" 2>&1)
is $? 1 "a table of leave, two rows of it wrong"
like "$out" 'absences.csv:3: ' "the line of a cadre nobody knows"
like "$out" 'absences.csv:4: ' "and of one who stands in for himself"
is "$(case_of H100421 .owner)" C2 "the owner stays"
like "$(shouwang cases show 100)" "由王干部代办" "the case says who stands in"
is "$(shouwang owners missing --json | jq -r .acting)" C1 "and so does the list"

# ---- people.yaml ---------------------------------------------------------------------------------
sed -i 's/owner: \[cadre/owner: [cader/' "$work/rules/people.yaml"
out=$(shouwang check rules 2>&1)
is $? 1 "a role that is not there is refused"
like "$out" "people.yaml:" "with the place"
like "$out" "cadre" "and what was meant"
shouwang schema people | jq -e '."$defs".route.properties.owner' >/dev/null
ok $? "its JSON Schema is printed"

stop_daemon
done_testing
