#!/bin/bash
# The record of a case: a proof on paper that proves itself, the chain in the database, and one page
# that says why.
. "$(dirname "$0")/lib.sh"

start_sink
echo pw >"$work/password"
echo "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" >"$work/secret"
chmod 600 "$work/password" "$work/secret"
gateways="  sms: {profile: kannel, params: {base: \"http://127.0.0.1:$sink_port\"}, secrets: {password_file: password}}
  team: {profile: standard-webhooks, params: {url: \"http://127.0.0.1:$sink_port/as/team\"}, secrets: {secret_file: secret}}"
write_config
small_county
start_daemon
shouwang import --as-of "$(date -u -d '-40 days' +%F)" "$work/county" >/dev/null 2>&1
{
    event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}'
    event b2 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":"many"}'
    event b3 medical.bill household/H100422 '{"person":"P2","kind":"inpatient","self_paid":100}'
} | shouwang publish - >/dev/null 2>&1
accepted() { [ "$(db "select count(*) from message where fate = 'accepted'")" -eq 3 ]; }
wait_for 10 accepted
ok $? "an alert to a cadre, a leader and a group"
first=$(db "select (id >> 20) || '-' || (id & 1048575) from message where receiver = '13800138001'")
curl -fs "http://127.0.0.1:$http_port/in/sms/dlr?id=$first&type=1" >/dev/null
curl -fs "http://127.0.0.1:$http_port/in/sms/dlr?id=$first&type=1" >/dev/null
wait_for 5 sh -c "$build/shouwang cases show 100 | grep -q delivered"
curl -fs "http://127.0.0.1:$http_port/in/sms/mo?from=13800138001&text=1&id=m1" >/dev/null
answered() { [ "$(db "select count(*) from step where kind = 'needs_help'")" -eq 1 ]; }
wait_for 5 answered
ok $? "a receipt and an answer"

# ---- the record ----------------------------------------------------------------------------------
is "$(db "select group_concat(kind, ' ') from (select kind from step where kind <> 'receipt' order by id)")" \
    "raised message message message needs_help" "every decision and message is a step"
is "$(db "select count(*) from step where kind = 'receipt' and json_extract(data, '$.state') = 'delivered'")" 1 \
    "a receipt that comes twice is one step"
out=$(shouwang verify)
is $? 0 "the record is as it was written"
head=$(echo "$out" | sed -n 's/^its end: //p')
like "$head" "$(db 'select count(*) from step'):" "its end has the number of steps"
out=$(shouwang verify --log 2>&1)
is $? 0 "the log brings about the same steps"

# ---- the proof -----------------------------------------------------------------------------------
shouwang case proof 100 >"$work/proof.txt"
ok $? "a proof"
text=$(cat "$work/proof.txt")
like "$text" "防返贫预警个案台账  第100号" "in Chinese"
like "$text" "参数：" "with the parameters in force"
like "$text" "住院，自付费用6000元" "the facts"
like "$text" "- rule: med_oop_12m" "the text of the rule"
like "$text" "短信→王干部（138****8001）" "who was written to"
like "$text" "已送达" "what became of it"
like "$text" "属实，需帮扶" "and the answer"
case $text in *13800138001*) ok 1 "without a phone number" ;; *) ok 0 "without a phone number" ;; esac
out=$(cd / && SHOUWANG_CONFIG=/nonexistent shouwang verify "$work/proof.txt")
is $? 0 "it can be checked by itself, without database and configuration"
like "$out" "case 100" "and says which case it was"
shouwang case proof 100 --json >"$work/proof.json"
shouwang verify "$work/proof.json" >/dev/null
is $? 0 "also the record alone"
sed 's/$/\r/' "$work/proof.txt" >"$work/dos.txt"
shouwang verify "$work/dos.txt" >/dev/null
is $? 0 "also with the line ends of another system"

tampered() { # tampered SED NAME: the proof with one passage changed is found out
    sed "$1" "$work/proof.txt" >"$work/changed.txt"
    cmp -s "$work/proof.txt" "$work/changed.txt" && { ok 1 "$2 (nothing was changed)"; return; }
    out=$(shouwang verify "$work/changed.txt" 2>&1)
    is $? 1 "$2"
}
tampered '0,/自付费用6000元/s//自付费用9000元/' "a fact changed on the page"
like "$out" "of the page" "and the line is named"
tampered '$s/自付费用6000元/自付费用9000元/' "a fact changed in the record"
tampered '$s/"kind":"needs_help"/"kind":"not_true"/' "an answer"
tampered '$s/"at_us":\([0-9]*\),/"at_us":\10,/' "a time"
tampered '$s/"level":"\(yellow\|orange\|red\)","outcome"/"level":"none","outcome"/' "the case's level"
tampered '$s/请/勿/' "the text of a message"
tampered '$s/- rule: med/- rule: mad/' "the text of a rule"
jq -c 'del(.steps[1])' "$work/proof.json" >"$work/less.json"
shouwang verify "$work/less.json" >/dev/null
is $? 1 "a step left out"
jq -c '.steps |= [.[1], .[0]] + .[2:]' "$work/proof.json" >"$work/swap.json"
shouwang verify "$work/swap.json" >/dev/null
is $? 1 "steps in another order"
shouwang case proof 999 >/dev/null 2>&1
is $? 1 "there is no proof of a case that is not there"
shouwang verify "$SHOUWANG_CONFIG" >/dev/null 2>&1
is $? 1 "another file is no proof"

# ---- why -----------------------------------------------------------------------------------------
out=$(shouwang why H100421)
ok $? "why, of a household"
like "$out" "== 个案 100" "its case"
like "$out" "medical.bill household/H100421（来源 e2e，编号 b1）" "what brought it about"
like "$out" "== 没有受理的输入" "what was refused"
like "$out" "短信答复" "the answer"
like "$out" "有在办个案" "where it stands now"
like "$(shouwang why "$first")" "消息 $first" "why, of a message"
like "$(shouwang why 100)" "== 个案 100" "why, of a case"
out=$(shouwang why H100422)
like "$out" "没有个案" "why nothing was sent"
like "$out" "没有在办个案" "and where it stands"
is "$(shouwang why H100421 --json | jq -r '.cases[0].steps[0].kind + " " + .standing.id + " \(.refused | length)"')" \
    "raised H100421 1" "for programs"
shouwang why H999 >/dev/null
ok $? "a household nobody knows has no case"

# ---- tampering with the database -----------------------------------------------------------------
stop_daemon
like "$(shouwang why H100422)" "服务没有运行" "without the daemon it says so"
cp "$work/data/shouwang.db" "$work/copy.db"
shouwang verify "$work/copy.db" >/dev/null
is $? 0 "a copy is as good"
spoil() { # spoil SQL NAME: found, and the step named
    cp "$work/data/shouwang.db" "$work/copy.db"
    sqlite3 "$work/copy.db" "$1"
    out=$(shouwang verify "$work/copy.db" 2>&1)
    is $? 1 "$2"
}
spoil "update step set data = replace(data, '6000', '6001') where id = 1" "one digit of a step"
like "$out" ", case 100: it is not as it was written" "with step and case"
spoil "delete from step where id = 2" "a step taken out"
spoil "delete from step where id = (select max(id) from step)" "the last step taken off"
spoil "update message set body = replace(body, '预警', '通知')" "the text of a message"
spoil "update cases set level = 'none'" "the level of a case"
spoil "update bundle set body = replace(body, '5000', '9000')" "the rules that decided"
like "$out" "are gone, or other than they were" "and says so"
spoil "delete from bundle" "rules taken out"
cp "$work/data/shouwang.db" "$work/copy.db"
is "$(shouwang verify --json "$work/copy.db" | jq -c .)" '{"wrong":[],"good":true}' "for programs"
shouwang verify --head "$head" "$work/copy.db" >/dev/null
is $? 0 "the end that was noted is still there"
shouwang verify --head "${head%:*}:$(printf %064d 7)" "$work/copy.db" >/dev/null
is $? 1 "a record that was rewritten as a whole is another than the one noted"
done_testing
