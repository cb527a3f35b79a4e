#!/bin/bash
# Event in, household scored, message out through a real Kannel to a fake phone, receipt back, the
# cadre's one digit back, case moved.
. "$(dirname "$0")/lib.sh"
[ -x /usr/lib/kannel/test/fakesmsc ] || skip_all "Kannel is not installed"

kannel="$top/tests/e2e/kannel.sh"
echo pw >"$work/password"
chmod 600 "$work/password"
gateways="  {}"
write_config # for the ports; the gateway's are known only when Kannel runs
eval "$("$kannel" start "$work/kannel" "http://127.0.0.1:$http_port/in/sms")"
[ -n "${KANNEL_SEND:-}" ]
ok $? "Kannel runs"
echo "$KANNEL_PASSWORD" >"$work/password"
cat >>"$SHOUWANG_CONFIG" <<END
END
sed -i '/^gateways:/,$d' "$SHOUWANG_CONFIG"
cat >>"$SHOUWANG_CONFIG" <<END
gateways:
  sms:
    profile: kannel
    params: {base: "$KANNEL_SEND", username: "$KANNEL_USER", sender: "$KANNEL_SENDER", our_base: "http://127.0.0.1:$http_port"}
    secrets: {password_file: password}
END
small_county
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a corner of a county"
"$build/tests/e2e/listen" "ipc://$work/said" "$work/heard" 2>>"$work/listen.log" &
pids="$pids $!"

inbox() { "$kannel" inbox "$work/kannel" | grep "^$1" | cut -f2; }
has_text() { inbox "$1" | grep -q -F "$2"; }
case_is() { [ "$(shouwang cases show "$1" --json | jq -r .state)" = "$2" ]; }

event b1 medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}' |
    shouwang publish - >/dev/null 2>&1
wait_for 10 has_text 13800138001 编号100
ok $? "the cadre's phone gets the alert"
is "$(inbox 13800138001 | head -1)" \
    "【平川县防返贫】橙色预警:大溪镇石桥村张*(尾号0421)医疗支出超线,请5个工作日内入户核实。编号100,回1需帮2已帮3不实4未遇" \
    "in Chinese, to the letter"
wait_for 10 has_text 13800138002 编号100
ok $? "the team's leader too"
delivered() { [ "$(db "select count(*) from message where fate='delivered'")" -eq 2 ]; }
wait_for 10 delivered
ok $? "receipts come back"

"$kannel" reply "$work/kannel" 13800138001 "嗯嗯" >/dev/null 2>&1
wait_for 10 has_text 13800138001 没有看懂
ok $? "an unclear answer gets one question"
"$kannel" reply "$work/kannel" 13900000000 "1" >/dev/null 2>&1
"$kannel" reply "$work/kannel" 13800138001 " １ " >/dev/null 2>&1
wait_for 10 case_is 100 visited
ok $? "one full-width digit moves the case"
is "$(shouwang cases show 100 --json | jq -r '.steps[-1].actor + " " + .steps[-1].kind')" "C1 needs_help" \
    "by the cadre who answered"
heard() { grep -q "^visit.result" "$work/heard"; }
wait_for 5 heard
ok $? "who subscribed hears what the visit found"
is "$(grep '^visit.result' "$work/heard" | cut -f2 | jq -c '[.subject, .data.case, .data.step, .data.state]')" \
    '["household/H100421",100,"needs_help","visited"]' "of whom, and what"
is "$(inbox 13900000000)" "" "a stranger gets no answer"
is "$(db "select count(*) from message where gateway = 'sms' and (fate is null or fate not in ('delivered','accepted'))")" 0 \
    "no message is left over"
! grep -q -E '1380013800[0-9]|张三|self_paid' "$work/daemon.log"
ok $? "the log names nobody"
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
