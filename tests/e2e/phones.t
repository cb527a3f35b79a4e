#!/bin/bash
# Dead numbers: the operator says so twice, the county sees it, the case goes to the team's group too;
# an answer from the phone makes it good again. (H11)
. "$(dirname "$0")/lib.sh"

start_sink
echo pw >"$work/password"
echo "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" >"$work/secret"
chmod 600 "$work/password" "$work/secret"
gateways="  sms: {profile: kannel, params: {base: \"http://127.0.0.1:$sink_port\"}, secrets: {password_file: password}}
  team: {profile: standard-webhooks, params: {url: \"http://127.0.0.1:$sink_port/as/team\"}, secrets: {secret_file: secret}}"
write_config
sed -i 's/^bad_number_after: .*/bad_number_after: 2/; s/tell: \[cadre, team\]/tell: [cadre]/' "$work/rules/people.yaml"
small_county
start_daemon
shouwang import "$work/county" >/dev/null 2>&1
ok $? "the daemon runs and a registry loads"

# ---- two alerts that never arrive ----------------------------------------------------------------
alert() { # alert ID HOUSEHOLD PERSON NUMBER AMOUNT: its message's id in $message
    event "$1" medical.bill "household/$2" "{\"person\":\"$3\",\"kind\":\"inpatient\",\"self_paid\":$5}" |
        shouwang publish - >/dev/null 2>&1
    sent() { [ "$(db "select count(*) from message where receiver = '13800138001' and fate = 'accepted'")" -eq "$4" ]; }
    wait_for 10 sent "$@"
    message=$(db "select (id >> 20) || '-' || (id & 1048575) from message where receiver = '13800138001' order by id desc limit 1")
}
failed_receipt() { curl -fs "http://127.0.0.1:$http_port/in/sms/dlr?id=$message&type=2" >/dev/null; }
receipts() { [ "$(db "select count(*) from step where kind = 'receipt' and json_extract(data, '$.state') = 'failed'")" -eq "$1" ]; }

alert b1 H100421 P1 1 6000
failed_receipt
wait_for 5 receipts 1
ok $? "the first does not arrive"
is "$(shouwang phones bad --json)" "" "which is no reason to worry"
is "$(grep -c '"path":"/as/team"' "$work/sink.jsonl")" 0 "and the team's group is not told"
alert b2 H100422 P2 2 50000
failed_receipt
wait_for 5 receipts 2
ok $? "nor does the second"
is "$(shouwang phones bad --json | jq -r '.cadre + " " + .name + " " + .phone + " " + (.failures | tostring) + " " + (.cases | tostring)')" \
    "C1 王干部 138****8001 2 [100,101]" "the number is listed with its cases"
like "$(shouwang phones bad --json | jq -r .since)" "$(county_date +%Y)-" "since when"
is "$(shouwang phones bad --json | jq -r '.word | length > 0')" true "and the operator's word"
like "$(shouwang phones bad)" "138****8001" "for people, too"
like "$(LANGUAGE=zh_CN shouwang phones bad)" "失败次数" "in Chinese by LANGUAGE"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$http_port/api/v1/phones")" 200 "and over HTTP"
like "$(shouwang cases show 100)" "王干部的手机号连续2次送不到，同时通知石桥村工作队" "the case says who is told as well"
group_told() { grep -q '"path":"/as/team"' "$work/sink.jsonl"; }
wait_for 10 group_told
ok $? "and the team's group is"

# ---- a restart, an answer ------------------------------------------------------------------------
stop_daemon
start_daemon
is "$(shouwang phones bad --json | jq -r .cadre)" C1 "a restart forgets nothing"
curl -fs "http://127.0.0.1:$http_port/in/sms/mo?from=13800138001&text=100%200&id=m1" >/dev/null
none() { [ -z "$(shouwang phones bad --json)" ]; }
wait_for 5 none
ok $? "an answer makes it good again"
shouwang verify >/dev/null
ok $? "the record is whole"

# ---- people.yaml ---------------------------------------------------------------------------------
sed -i 's/^bad_number_after: .*/bad_number_after: 0/' "$work/rules/people.yaml"
out=$(shouwang check rules 2>&1)
is $? 1 "no failure at all is refused"
like "$out" "bad_number_after" "and the field named"

stop_daemon
done_testing
