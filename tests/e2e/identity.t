#!/bin/bash
# People whose number, name or birth does not fit: the county's list, its word, and what becomes of
# the events that waited; and no name of them is kept anywhere.
. "$(dirname "$0")/lib.sh"

write_config
small_county
printf 'id,household,name,birth,idno\nP1,H100421,张三丰,1949-12-31,11010519491231002X\nP2,H100422,欧阳修远,1980-05-06,\n' \
    >"$work/county/persons.csv"
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a corner of a county"

bill='{"kind":"inpatient","self_paid":90000}'
{
    event a1 medical.bill person-idno/11010519491231002X "$bill" ',"personname":"章三丰"'
    event a2 medical.bill person-idno/440524188001010014 "$bill" ',"personname":"欧阳·修远","personbirth":"1980-05-06","personarea":"石桥村"'
    event a3 accident.report person-name/孙七妹 '{"outcome":"death"}' ',"personarea":"石桥村"'
} | shouwang publish - >/dev/null 2>&1
ok $? "three events about people who do not fit are taken"
is "$(status_of .county.parked) $(status_of .county.doubtful)" "3 2" "they wait"
like "$(shouwang status)" "2 of them are about somebody to be decided on" "status says so"
list=$(shouwang mismatch list --json)
is "$(echo "$list" | jq -r '[.kind, .number, .name, (.candidates | map(.person) | join(","))] | join(" ")')" \
    "differs known 章* P1
candidate unknown 欧* P2
nobody none 孙* " "the county's list"
is "$(echo "$list" | jq -r 'select(.name == "欧*") | [.last_four, .birth_year, .area, .candidates[0].agrees[]] | map(tostring) | join(" ")')" \
    "0014 1980 石桥村 name birth area" "with what is known of them"
like "$(LANGUAGE=zh_CN shouwang mismatch list)" "姓名或出生日期不一致" "in Chinese by LANGUAGE"
id_of() { shouwang mismatch list --json | jq -r --arg n "$1" 'select(.name == $n) | .id'; }

shouwang mismatch accept "$(id_of '欧*')" 2>/dev/null
is $? 2 "nobody is accepted without --as"
out=$(shouwang mismatch accept "$(id_of '欧*')" --as P99 2>&1)
is $? 1 "nor as somebody who is not registered"
like "$out" "no person P99 is registered" "which is told"
out=$(shouwang mismatch accept abcdefghijkl --as P2 2>&1)
like "$out" "no mismatch abcdefghijkl" "an id that is not in the list"
out=$(shouwang mismatch accept "$(id_of '欧*')" --as P2 --by 专干刘 2>&1)
ok $? "the county says who it is"
like "$out" "P2: 欧* 1980 大溪镇石桥村, household H100422" "and sees whom it means"
is "$(shouwang cases list --json | jq -r .household)" H100422 "the bill takes effect"
like "$(shouwang cases show 100 2>&1)" 专干刘 "the case says who decided"
event a4 medical.bill person-idno/440524188001010014 "$bill" | shouwang publish - >/dev/null 2>&1
is "$(status_of .county.parked)" 2 "the number is theirs from now on"

shouwang mismatch decline "$(id_of '章*')" 2>/dev/null
is $? 2 "declining needs a reason"
shouwang mismatch decline "$(id_of '章*')" --reason 外县同名 --by 专干刘 2>/dev/null
ok $? "the county says that it is nobody here"
is "$(shouwang mismatch list --json | jq -r 'select(.name == "章*") | .state + " " + .by + " " + .reason')" \
    "declined 专干刘 外县同名" "which stays to be seen"
like "$(shouwang mismatch list)" 孙 "the list shows what is open"
ok $(($(shouwang mismatch list | grep -c 章) != 0)) "and not what was declined"
like "$(shouwang mismatch list --all)" 外县同名 "but for --all"

out=$(shouwang parked drop "$(id_of '孙*')" 2>&1)
is $? 2 "dropping needs a reason"
handle=$(shouwang parked list --json | jq -r 'select(.id == "a3") | .handle')
shouwang parked drop "$handle" "$(id_of '章*')" --reason 不是我县的人 --by 专干刘 2>/dev/null
ok $? "one event and all of a person are dropped"
is "$(status_of .county.parked) $(shouwang mismatch list --all | grep -c 章)" "0 0" "nothing waits"
out=$(shouwang parked drop "$handle" --reason 再来一次 2>&1)
is $? 1 "what waits no longer cannot be dropped"
like "$out" "no such event waits" "which is told"
is "$(db "select count(*) from event where body like '%parked.drop%' and body like '%专干刘%'")" 2 "the log has who dropped"
{
    event b1 medical.bill household/H100999 "${bill/{/{\"person\":\"P98\",}"
    event b2 medical.bill household/H100999 "${bill/{/{\"person\":\"P98\",}"
    event b3 medical.bill household/H100999 '{}' ',"reverses":"b1"' | sed 's/"data":{},//'
} | shouwang publish - >/dev/null 2>&1
is "$(shouwang parked list --json | jq -r 'select(.withdrawn) | .id')" b1 "what is taken back while it waits is marked"
is "$(shouwang parked list | grep -c withdrawn)" 1 "and people see it"
shouwang parked drop $(shouwang parked list --json | jq -r .handle) --reason 测试 --by 专干刘 2>/dev/null
is "$(status_of .county.parked)" 0 "it can be dropped like the others"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$http_port/api/v1/mismatches?person=P77")" 404 "nobody"

# ---- no name is kept -------------------------------------------------------------------------------
printf '张三丰\n欧阳修远\n欧阳·修远\n章三丰\n孙七妹\n' >"$work/names.txt"
none_in() { cat "$@" | LC_ALL=C grep -a -o -F -f "$work/names.txt" | sort -u | wc -l; }
state=$(status_of .county)
is "$(none_in "$work"/data/*)" 0 "no name in the database and its WAL"
is "$(none_in "$work"/daemon.log)" 0 "nor in the log"
stop_daemon
is "$(none_in "$work"/data/*)" 0 "nor in the snapshot"
rm -f "$work"/data/*.snapshot
start_daemon
is "$(status_of '.county | del(.judged)')" "$(echo "$state" | jq 'del(.judged)')" "the log alone gives the same county"
event a5 medical.bill person-idno/440524188001010014 "$bill" | shouwang publish - >/dev/null 2>&1
is "$(status_of .county.parked)" 0 "and the same decisions"
stop_daemon
done_testing
