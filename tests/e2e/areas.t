#!/bin/bash
# A village gets another code: lists asked for by either code, or by a town's, show the same cases,
# those that ended under the old code too. (H08)
. "$(dirname "$0")/lib.sh"

write_config
small_county
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a corner of a county"
{
    event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":9000}'
    event b2 medical.bill household/H100422 '{"person":"P2","kind":"inpatient","self_paid":30000}'
} | shouwang publish - >/dev/null 2>&1
ok $? "two cases in a village"
cat >"$work/areas-new.csv" <<END
code,name,parent,replaces,from
610999102000,青山镇,610999000000,,
610999102501,新石桥村,610999102000,610999101201,$(county_date +%F)
END
shouwang import "$work/areas-new.csv" >/dev/null 2>&1
ok $? "it gets another code, in another town"
event b3 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":500}' |
    shouwang publish - >/dev/null 2>&1

cases() { shouwang cases list --all --json --area "$1" | jq -r .household | sort | xargs; }
is "$(cases 610999102501)" "H100421 H100422" "the new code shows its cases"
is "$(cases 610999101201)" "H100421 H100422" "and so does the old one"
is "$(cases 610999102000)" "H100421 H100422" "and the town it is in now"
is "$(cases 610999101)" "H100421 H100422" "and the beginning of the old code"
is "$(shouwang figures --area 610999101201 --json | jq -s 'map(.opened) | add')" 2 "figures count by either code too"
is "$(cases 610999103)" "" "and no other"
stop_daemon
is "$(cases 610999102501)" "H100421 H100422" "the new code also when the daemon is down"
like "$(shouwang cases list --area 610999101201 2>&1)" "other codes of 610999101201" "when others are left out, and that is said"
done_testing
