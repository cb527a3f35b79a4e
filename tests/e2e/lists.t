#!/bin/bash
# What people look up: words that choose rows are checked, times are the county's, and what is
# mistyped is told with what was meant.
. "$(dirname "$0")/lib.sh"

write_config
small_county
start_daemon
shouwang import --as-of "$(date -u -d '-40 days' +%F)" "$work/county" >/dev/null 2>&1
event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}' |
    shouwang publish - >/dev/null 2>&1
case_there() { [ -n "$(shouwang cases list --json)" ]; }
wait_for 10 case_there
ok $? "a case"
shouwang case act 100 needs_help --by C2 >/dev/null 2>&1
stop_daemon

# ---- persons by id and name: without the daemon --------------------------------------------------
out=$(shouwang cases show 100)
like "$out" "owner C1 王干部; opened" "whose the case is"
like "$out" "C2 赵队长" "who acted"
like "$(shouwang case proof 100)" "（C2 赵队长）" "and on the paper"
like "$(shouwang case proof 100)" "，责任人 C1 王干部" "whose it was then"

# ---- words that choose rows: without the daemon --------------------------------------------------
refused() { # refused NAME WANT WORD…: exit code 1, and the words there are
    name=$1 want=$2
    shift 2
    out=$(shouwang "$@" 2>&1)
    is $? 1 "$name"
    like "$out" "$want" "$name: and says what there is"
}
refused "a state" "--state: there is no foo; there is open (待核实), acknowledged" cases list --state foo
refused "a level" "--level: there is no purple; there is none, yellow, orange, red" cases list --level purple
refused "nearly a level" "did you mean orange?" cases list --level oragne
refused "an area" '"12x" is no area' cases list --area 12x
refused "a fate" "--fate: there is no foo; there is accepted" queue show --fate foo
refused "an area of figures" '"石桥村" is no area' figures --area 石桥村
out=$(shouwang figures --from 2026-05 --until 2026-04 2>&1)
is $? 2 "a period that ends before it begins"
like "$out" "--from 2026-05 lies behind --until 2026-04" "and says so"
out=$(shouwang figures --from 2026-13 2>&1)
is $? 2 "no month"
like "$out" "2026-13 is no month" "and says so"
is "$(shouwang figures --by rule --csv | head -c 8 | od -An -tx1 | tr -d ' \n')" "efbbbf72756c652c" \
    "a spreadsheet is told that figures are UTF-8"
is "$(shouwang cases list --state visited --level orange --area 610999 --json 2>/dev/null | jq .case)" 100 "right words"
like "$(shouwang cases list --area 123 2>&1)" "no such case in an area whose code begins with 123" \
    "a code nobody lives under"
like "$(shouwang cases list --owner G99999 2>&1)" "no such case of an owner G99999" "a cadre nobody knows"
mv "$work/rules" "$work/away"
shouwang cases list --state foo >/dev/null 2>&1
is $? 0 "without rules nobody knows better"
mv "$work/away" "$work/rules"

# ---- times ---------------------------------------------------------------------------------------
opened=$(shouwang cases list --json | jq '.opened_us / 1000000 | floor')
for zone in UTC America/New_York; do
    like "$(TZ=$zone shouwang cases list)" "$(TZ=Asia/Shanghai date -d "@$opened" '+%F %T')" \
        "the county's time on a machine in $zone"
    like "$(TZ=$zone shouwang case proof 100)" "$(TZ=Asia/Shanghai date -d "@$opened" '+%F %T')" \
        "and on the paper"
done
sed -i 's|^timezone:.*|timezone: "-03:30"|' "$work/rules/schema.yaml"
like "$(shouwang cases show 100)" "$(TZ=UTC+03:30 date -d "@$opened" '+%F %T')" "of another county"
mv "$work/rules" "$work/away"
like "$(TZ=America/New_York shouwang cases list)" "$(TZ=America/New_York date -d "@$opened" '+%F %T')" \
    "the machine's without rules"
mv "$work/away" "$work/rules"

# ---- the table of a case's life ------------------------------------------------------------------
sed -i 's/{label: 属实待帮扶, role: cadre, deadline: {days: 10, levels/{label: 属实待帮扶, role: cadre, deadline: {work_hours: 6, levels/' \
    "$work/rules/cases.yaml"
out=$(shouwang case states)
like "$out" "visited 属实待帮扶（帮扶责任人，黄色6个工作小时、橙色6个工作小时、红色2个工作日）" "roles and times in words"
like "$out" "clearance 拟解除（提出人以外的人，" "who it is not, too"

# ---- verbs ---------------------------------------------------------------------------------------
out=$(shouwang verfy x 2>&1)
is $? 2 "no verb"
is "$out" "shouwang: there is no verb verfy; did you mean verify? (see shouwang help)" "what was meant"
is "$(shouwang cases lsit 2>&1)" "shouwang: there is no verb cases lsit; did you mean cases list? (see shouwang help)" \
    "of two words"
is "$(shouwang parked 2>&1)" "shouwang: there is no verb parked; there is parked list, parked drop (see shouwang help)" \
    "half a verb"
is "$(shouwang frobnicate 2>&1)" "shouwang: there is no verb frobnicate (see shouwang help)" "and nothing like it"

# ---- a proof that was cut off --------------------------------------------------------------------
shouwang case proof 100 >"$work/proof.txt"
for part in 90 50 3; do # percent
    head -c $(($(stat -c %s "$work/proof.txt") * part / 100)) "$work/proof.txt" >"$work/cut.txt"
    out=$(shouwang verify "$work/cut.txt" 2>&1)
    is $? 1 "a proof cut off after $part percent"
    like "$out" "its end is missing" "and says so"
done
like "$(LANGUAGE=zh_CN shouwang verify "$work/cut.txt" 2>&1)" "缺了后面" "in Chinese"
sed '$s/,"/"/' "$work/proof.txt" >"$work/spoilt.txt"
like "$(shouwang verify "$work/spoilt.txt" 2>&1)" "was changed and cannot be read" "one that was changed is told apart"
like "$(shouwang verify "$SHOUWANG_CONFIG" 2>&1)" "neither a database nor a proof" "and another file"
done_testing
