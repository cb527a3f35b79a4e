#!/bin/bash
# Households' ids of 11 digits in a county whose code begins with 13, as all of Hebei's do: they look like
# phones, and stay ids where ids stand. Phones do not stay anywhere, nor do such numbers elsewhere.
. "$(dirname "$0")/lib.sh"

write_config
mkdir "$work/county"
printf 'code,name\n130123000000,正定县\n130123101000,正定镇\n130123101201,东村\n' >"$work/county/areas.csv"
cat >"$work/county/households.csv" <<END
id,area,name,kind,members_n,income_12m
13012300001,130123101201,张三13012399999,unstable,4,60000
13012300002,130123101201,李四,none,3,60000
13812300003,130123101201,王五,none,3,60000
END
printf 'id,household,name\nP1,13012300001,张三\n13012300009,13012300002,李四\n' >"$work/county/persons.csv"
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >"$work/told.txt" 2>&1
ok $? "households with such ids"
{
    event b1 medical.bill household/13012300001 '{"person":"P1","kind":"inpatient","self_paid":9000}'
    event b2 medical.bill person/P1 '{"kind":"inpatient","self_paid":10}'
    event 13012388888 medical.bill household/13012300002 '{"person":"13012300009","kind":"inpatient","self_paid":30000}'
    event b4 registry.household household/13012300004 '{"area":"130123101201","from":"13012300001"}'
} | shouwang publish - >>"$work/told.txt" 2>&1
ok $? "are found by them"
is "$(shouwang cases list --json | jq -r .household | sort | xargs)" "13012300001 13012300002" "and shown by them"
like "$(shouwang explain 13012300001)" "13012300001" "and asked for by them"
{ db "select body from event"; db "select * from cases"; shouwang explain 13012300001; } >>"$work/told.txt"
for number in 13012399999 13812300003 13012388888 13012300009; do
    is "$(grep -c "$number" "$work/told.txt")" 0 "$number, which is none, is nowhere"
done
event m1 medical.bill household/13012300001 '{"person":"P1","kind":"inpatient","self_paid":13800138000.50}' |
    shouwang publish - >"$work/told.txt" 2>&1
like "$(cat "$work/told.txt")" "self_paid must be an amount in yuan" "an amount as long as a phone is refused by its field"
like "$(cat "$work/told.txt")" "an amount has ten digits at most" "with the reason"
stop_daemon
done_testing
