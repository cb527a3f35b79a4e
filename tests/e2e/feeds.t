#!/bin/bash
# Lists as departments send them: a GB18030 table with title and footer rows and one bad row in a
# hundred goes in row by row, the bad ones are told by line and kept; the same list again counts
# once, also when the daemon is killed in the middle; an inbox works through files that are complete,
# and goes on where it was when it is killed; what a list has paid so far this year replaces what the
# list before said. (H04, H12)
. "$(dirname "$0")/lib.sh"
rows=${ROWS:-20000}

write_config
echo "inbox: inbox" >>"$SHOUWANG_CONFIG"
small_county
for n in $(seq 1 200); do echo "H9$n,610999101201,户$n,none,3,60000,true"; done >>"$work/county/households.csv"
printf 'id,household,name,idno\nP1,H100421,张三,11010519491231002X\nP2,H100422,李四,440524188001010014\n' >"$work/county/persons.csv"
for n in $(seq 1 200); do echo "Q$n,H9$n,人$n,"; done >>"$work/county/persons.csv"
sed -i 's/^subject: .*/subject: {person: 人员编号}/' "$work/rules/feeds/医保局.yaml"
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a registry loads"

month_end() { # month_end ROWS MARK: a list in UTF-8; every hundredth row is bad
    perl -e '
        my ($rows, $mark) = @ARGV;
        my @bad = (["1.1E+17", "2026/3/5", "500"], ["Q3", "3月", "500"], ["Q3", "2026/3/5", "5x"], ["Q7", "2036/3/5", "5"]);
        print "平川县2026年3月住院结算清单,,,,,,,\n,,,,,,单位：元,\n";
        print "序号,姓名,人员编号,医疗类别,结算日期,医疗总费用,个人负担,结算单号\n";
        for my $n (1 .. $rows) {
            my ($id, $day, $paid) = ("Q" . (1 + $n % 200), "2026/3/" . (1 + $n % 28), 10 + $n % 90);
            ($id, $day, $paid) = @{$bad[$n / 100 % 4]} if $n % 100 == 50;
            print "$n,人$n,$id,", ($n % 2 ? "普通住院" : "门诊"), ",$day,\"1,200.50\",$paid,$mark$n\n";
        }
        print "合计,,,,,24000,9000,\n制表人：王五,,,审核：赵六,,,,\n";' "$1" "$2"
}
sums() { grep -o '[0-9]* stored, [0-9]* known already, [0-9]* refused' "$1" | tail -1; }

# ---- a month end ---------------------------------------------------------------------------------

bad=$((rows / 100))
list="$work/医保局3月.csv"
month_end "$rows" JS | iconv -f UTF-8 -t GB18030 >"$list"
begun=$(date +%s.%N)
"$build/shouwang" import "$list" 2>"$work/import.txt" &
tool=$!
peak=0
while kill -0 $tool 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' /proc/$tool/status 2>/dev/null)
    [ "${now:-0}" -gt "$peak" ] && peak=$now
    sleep 0.02
done
wait $tool
is $? 1 "bad rows are told by the exit code"
echo "# $rows rows ($(stat -c %s "$list") bytes) in $(awk "BEGIN { printf \"%.2f\", $(date +%s.%N) - $begun }") s; the tool took $((peak / 1024)) MiB, the daemon $(($(awk '/VmRSS/ { print $2 }' /proc/$daemon_pid/status) / 1024)) MiB"
is "$(sums "$work/import.txt")" "$((rows - bad)) stored, 0 known already, $bad refused" "all good rows are in"
like "$(cat "$work/import.txt")" "GB18030, commas, titles in line 3" "encoding, separator and header are told"
is "$(grep -c "3月.csv:[0-9]*: " "$work/import.txt")" "$bad" "every bad row is told by its line"
like "$(grep "3月.csv:53:" "$work/import.txt")" "column 人员编号: Excel has turned a long number into 1.1E+17" "with column and reason"
like "$(grep "3月.csv:353:" "$work/import.txt")" "2036-03-05" "the daemon's reasons too"
is "$(wc -l <"$list.rejected.csv")" $((bad + 1)) "and kept beside the list"
like "$(sed -n 2p "$list.rejected.csv")" '50,人50,1.1E+17,门诊,2026/3/5,"1,200.50",500,JS50,53,column' "with its line and the reason behind its cells"
is "$(db "select count(*) from event where body like '%table/医保局%'")" $((rows - bad)) "the log has as many events"

shouwang import "$list" 2>"$work/import.txt"
is "$(sums "$work/import.txt")" "0 stored, $((rows - bad)) known already, $bad refused" "the same list again changes nothing"

sed -e 's/1\.1E+17/Q50/; s/,3月,/,2026-03-09,/; s/,5x,/,5,/; s,2036/3/5,2026/3/9,' "$list.rejected.csv" >"$work/医保局3月补.csv"
shouwang import "$work/医保局3月补.csv" 2>"$work/import.txt"
ok $? "the kept rows, corrected, go in"
is "$(sums "$work/import.txt")" "$bad stored, 0 known already, 0 refused" "all of them"
ok $([ ! -e "$work/医保局3月补.csv.rejected.csv" ]; echo $?) "and nothing is kept"

sed -e "s/Q50,/Q777,/; s/,JS/,WS/; 2q" "$work/医保局3月补.csv" >"$work/医保局3月等.csv"
shouwang import "$work/医保局3月等.csv" 2>"$work/import.txt"
ok $? "who is not registered yet stops no row"
like "$(cat "$work/import.txt")" "1 rows: 1 stored (1 of them wait for who is not registered), 0 known" "and is told"
like "$(shouwang parked list)" "person/Q777" "and the list of those that wait has it"

printf 'PK\003\004..xl/workbook.xml' >"$work/医保局4月.csv"
shouwang import "$work/医保局4月.csv" 2>"$work/import.txt"
is $? 1 "a workbook is refused whatever its name"
like "$(cat "$work/import.txt")" "save it as CSV" "with what to do"
mv "$work/医保局4月.csv" "$work/四月.xlsx"
shouwang import "$work/四月.xlsx" 2>"$work/import.txt"
is $? 1 "by the name workbooks have, too"
like "$(cat "$work/import.txt")" "save it as CSV" "with what to do, not which feed to name"
mv "$work/四月.xlsx" "$work/医保局4月.csv"
shouwang import --feed 医保 "$work/医保局4月.csv" 2>"$work/import.txt"
like "$(cat "$work/import.txt")" "no feed 医保; there are " "an unknown feed is told with those that there are"

# ---- the example of the page for the county's IT -------------------------------------------------

block() { awk -v want="$1" '/^```/ { on = on ? 0 : substr($0, 4) == want && !seen[want]++; next } on' "$top/rules/feeds/README.md"; }
mkdir "$work/page"
block csv | iconv -f UTF-8 -t GB18030 >"$work/page/医保局3月.csv"
cp -r "$work/rules" "$work/page/rules"
block yaml >"$work/page/rules/feeds/医保局.yaml"
sed 's#^rules: .*#rules: page/rules#' "$SHOUWANG_CONFIG" >"$work/page.yaml"
shouwang --config "$work/page.yaml" import "$work/page/医保局3月.csv" 2>"$work/import.txt"
is "$(sums "$work/import.txt")" "2 stored, 0 known already, 2 refused" "the page's example does what the page says"
like "$(cat "$work/import.txt")" "医保局3月.csv:7: column 医疗类别: " "with its reasons"
shown=$(block console | sed -n 's/^医保局3月.csv:\([0-9]*\):.*/\1/p' | tr '\n' ' ')
is "$(sed -n 's/.*3月.csv:\([0-9]*\):.*/\1/p' "$work/import.txt" | tr '\n' ' ')" "$shown" "in the lines it shows"

is "$(db "select count(*) from event where body like '%feed.batch.closed%'")" 0 "no batch is told where none is declared"
echo "batch: true" >>"$work/page/rules/feeds/医保局.yaml"
sed -i 's/JS00/BS00/' "$work/page/医保局3月.csv"
shouwang --config "$work/page.yaml" import "$work/page/医保局3月.csv" "$work/page/医保局3月.csv" "$work/page/医保局3月.csv.rejected.csv" 2>"$work/import.txt"
is "$(sums "$work/import.txt")" "2 stored, 2 known already, 6 refused" "a batch is no row"
is "$(db "select json_extract(body, '$.subject'), json_extract(body, '$.data.rows') from event where body like '%feed.batch.closed%'")" "feed/医保局|4" "it is told once, when its rows are in"

# A list that repeats rows of the one before, and one of its own twice, is not short.
{ sed '6,$d' "$work/page/医保局3月.csv"; sed -n '5{s/BS002/BS009/;p;p}' "$work/page/医保局3月.csv"; } >"$work/page/医保局4月.csv"
shouwang --config "$work/page.yaml" import "$work/page/医保局4月.csv" 2>"$work/import.txt"
is "$(sums "$work/import.txt")" "1 stored, 3 known already, 0 refused" "a list with rows of the one before"
is "$(status_of '.feeds[] | select(.name == "医保局") | .troubles | length')" 0 "is whole"

sed -i 's/self_paid:/self_payed:/' "$work/page/rules/feeds/医保局.yaml"
shouwang check rules "$work/page/rules" >"$work/check.txt"
is $? 1 "a mistake in a feed's file is found with the rules'"
like "$(cat "$work/check.txt")" "feeds/医保局.yaml:11:3: error: medical.bill has no field self_payed; did you mean self_paid?" "with its place"

# ---- lists that replace: so far this year, month by month ----------------------------------------

last=$(($(county_date +%Y) - 1))
year_list() { # year_list DAY ROW…: what each has paid by then
    printf '证件号码,截止日期,年初至今自付\n' >"$work/page/累计$1.csv"
    for row in "${@:2}"; do echo "${row%,*},$last-$1,${row#*,}" >>"$work/page/累计$1.csv"; done
    shouwang --config "$work/page.yaml" import --feed 累计 "$work/page/累计$1.csv" 2>"$work/import.txt"
}
case_of() { db "select round(score, 2) from cases where household = '$1'"; }
cat >"$work/page/rules/feeds/累计.yaml" <<'END'
feed: 医保局
event: medical.year
subject: {person: [证件号码]}
time: [截止日期]
key: [证件号码]
batch: true
fields: {self_paid: {header: 年初至今自付}}
END
for rules in "$work/rules" "$work/page/rules"; do
    perl -0pi -e 's/\nevents:\n/\nevents:\n  medical.year: {label: 年初至今自付, feed: 医保局, replaces: year, fields: {person: {type: person}, self_paid: {type: money, label: 自付}}}\n/' "$rules/schema.yaml"
    cat >"$rules/year.yaml" <<'END'
rules:
  - rule: year_bills
    label: 一年自付过线
    category: health
    sms: 医疗支出过线
    when: medical.year.within(days(800)).sum(self_paid) >= 18000
    score: medical.year.within(days(800)).sum(self_paid) / 750
    message: "自付{{medical.year.within(days(800)).sum(self_paid)}}元"
END
done
sed -i 's/self_payed:/self_paid:/' "$work/page/rules/feeds/医保局.yaml"
shouwang reload >"$work/reload.txt" 2>&1
ok $? "rules about a list that replaces become active"
mkdir "$work/more"
for table in households persons; do head -1 "$work/county/$table.csv" >"$work/more/$table.csv"; done
for n in 301 302; do
    echo "H9$n,610999101201,户$n,none,3,60000,true" >>"$work/more/households.csv"
    echo "Q$n,H9$n,人$n," >>"$work/more/persons.csv"
done
shouwang import "$work/more" >/dev/null 2>&1
year_list 02-28 Q301,18000 Q302,19000
ok $? "the list of February goes in"
is "$(case_of H9301) $(case_of H9302)" "24.0 25.33" "and raises two cases"
year_list 03-31 Q301,21000
is "$(case_of H9301)" "28.0" "March replaces February: 21 000, not 39 000"
wait_for 10 sh -c "[ \"\$(sqlite3 -readonly '$work/data/shouwang.db' \"select score from cases where household = 'H9302'\")\" = 0.0 ]"
ok $? "who is not in it any more is taken away"
like "$(db "select group_concat(kind) from step where number = (select number from cases where household = 'H9302')")" "unlisted" "with the reason in the case"
year_list 02-28 Q301,18000 Q302,19000
is "$(sums "$work/import.txt")" "0 stored, 2 known already, 0 refused" "February again is known already"
year_list 01-31 Q301,50000
is "$(sums "$work/import.txt") $(case_of H9301)" "1 stored, 0 known already, 0 refused 28.0" "January, late, changes nothing"
year_list 04-30 Q301,24000 Q302,1x
is "$(case_of H9301) $(case_of H9302)" "32.0 0.0" "a list with a bad row is not whole yet"
like "$(status_of '.feeds[] | select(.name == "医保局") | .troubles | tostring')" "short" "which is shown as the feed's trouble"

# ---- killed in the middle ------------------------------------------------------------------------

month_end "$rows" KS >"$work/医保局5月.csv"
shouwang import "$work/医保局5月.csv" 2>"$work/import.txt" &
tool=$!
wait_for 20 sh -c "[ \$(sqlite3 -readonly '$work/data/shouwang.db' \"select count(*) from event where body like '%KS%' or seq > $((rows + 2000))\") -gt 0 ]"
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
ok $? "the daemon is killed while a list comes in, and started again"
wait $tool
is "$(grep -c 'csv: .*rows: ' "$work/import.txt")" 1 "the list goes on to its end"
is "$(db "select count(*) from event where body like '%table/医保局%' and body like '%medical.bill%'")" $((6 + rows + rows - bad)) "each row counts once"

# ---- the inbox -----------------------------------------------------------------------------------

watch() {
    "$build/shouwang" import --watch --settle 1 2>>"$work/inbox.log" &
    watcher=$!
    pids="$pids $watcher"
}
watch
wait_for 10 test -d "$work/inbox/failed"
ok $? "the folder is made where there is none"
kill -TERM $watcher
wait $watcher
month_end 1000 A | iconv -f UTF-8 -t GB18030 >"$work/inbox/医保局a.csv"
month_end 1000 B >"$work/inbox/医保局b.csv"
echo "nobody knows this" >"$work/inbox/都不认识.csv"
month_end 1000 D >"$work/inbox/医保局d.csv.part"
watch
wait_for 20 test -e "$work/inbox/failed/都不认识.csv"
ok $? "an inbox is worked through in order of name"
ok $([ -e "$work/inbox/done/医保局a.csv" ] && [ -e "$work/inbox/done/医保局b.csv" ]; echo $?) "good lists go to done/"
like "$(cat "$work/inbox/done/医保局a.csv.report.txt")" "1000 rows: 990 stored, 0 known already, 10 refused" "with a report"
is "$(wc -l <"$work/inbox/done/医保局b.csv.rejected.csv")" 11 "and the refused rows"
like "$(cat "$work/inbox/failed/都不认识.csv.report.txt")" "no feed is for files of this name" "others go to failed/ with the reason"
ok $([ -e "$work/inbox/医保局d.csv.part" ]; echo $?) "a file that is still being written stays"
shouwang import --watch --settle 1 2>"$work/second.txt"
is $? 1 "a second process is refused"
like "$(cat "$work/second.txt")" "another process" "and told why"

month_end "$rows" E >"$work/inbox/.医保局e.csv"
before=$(db 'select max(seq) from event')
mv "$work/inbox/.医保局e.csv" "$work/inbox/医保局e.csv"
wait_for 20 sh -c "[ \$(sqlite3 -readonly '$work/data/shouwang.db' 'select max(seq) from event') -gt $before ]"
kill -9 $watcher
wait $watcher 2>/dev/null
ok $([ -e "$work/inbox/医保局e.csv" ]; echo $?) "killed in the middle, the file is still there"
watch
wait_for 30 test -e "$work/inbox/done/医保局e.csv"
ok $? "and is worked through again"
is "$(db "select count(*) from event where seq > $before and body like '%table/医保局%'")" $((rows - bad)) "each row counts once"

# A list that grows while it is watched is taken when it has stopped growing.
month_end 400 F >"$work/f.csv"
for part in 1 2 3 4 5 6; do
    head -c $((part * $(stat -c %s "$work/f.csv") / 6)) "$work/f.csv" | tail -c +$((1 + $(stat -c %s "$work/inbox/医保局f.csv" 2>/dev/null || echo 0))) >>"$work/inbox/医保局f.csv"
    sleep 0.5
done
wait_for 20 test -e "$work/inbox/done/医保局f.csv"
like "$(cat "$work/inbox/done/医保局f.csv.report.txt")" "400 rows: 396 stored, 0 known already, 4 refused" "a growing file is taken when it is whole"
month_end 400 F >"$work/inbox/医保局f.csv"
wait_for 20 test -e "$work/inbox/done/医保局f.csv.2"
ok $? "the same name again overwrites nothing"
like "$(cat "$work/inbox/done/医保局f.csv.2.report.txt")" "400 rows: 0 stored, 396 known already, 4 refused" "and counts nothing twice"
# What cannot be read holds up nobody.
truncate -s 1025M "$work/inbox/cadres-big.csv"
printf 'id,name,phone\nC76,李干部,13800138076\n' >"$work/inbox/cadres-small.csv"
wait_for 20 test -e "$work/inbox/done/cadres-small.csv"
ok $? "a file behind one that is too large is worked through"
like "$(cat "$work/inbox/failed/cadres-big.csv.report.txt" 2>&1)" "larger than 1 GiB" "which goes to failed/ with the reason"
rm -f "$work/inbox/failed/cadres-big.csv"
# The registry's tables, too, in the order in which one needs the other, whatever their names.
{
    echo "id,household,area,cadre,team,from,until"
    echo "A77,H77,,C77,,2026-01-01,"
    echo "A78,H7777,,C77,,2026-01-01,"
} >"$work/inbox/assignments-new.csv"
printf 'id,name,phone\nC77,孙干部,13800138077\n' | iconv -f UTF-8 -t GB18030 >"$work/inbox/cadres-new.csv"
printf 'id,area,name,members_n\nH77,610999101201,吴七,3\nH78,610999101299,无此村,3\nH79,610999101201,"吴九,3\n' >"$work/inbox/households-new.csv"
wait_for 20 test -e "$work/inbox/done/assignments-new.csv"
ok $? "tables of the registry are worked through"
like "$(cat "$work/inbox/done/cadres-new.csv.report.txt")" "the registry's cadres, GB18030" "in any encoding"
like "$(cat "$work/inbox/done/assignments-new.csv.report.txt")" "2 rows: 1 stored, 0 known already, 1 refused" "those last that need the others"
like "$(cat "$work/inbox/done/households-new.csv.report.txt")" "3 rows: 1 stored, 0 known already, 2 refused" "with a report"
like "$(cat "$work/inbox/done/households-new.csv.report.txt")" "households-new.csv:3: " "by line"
is "$(grep -c 'H78\|H79' "$work/inbox/done/households-new.csv.rejected.csv")" 2 "and the refused rows"
sed 's/610999101299/610999101201/; 3d' "$work/inbox/done/households-new.csv.rejected.csv" >"$work/inbox/households-again.csv"
wait_for 20 test -e "$work/inbox/done/households-again.csv"
like "$(cat "$work/inbox/done/households-again.csv.report.txt")" "1 rows: 1 stored" "which go in when they are corrected"
kill -TERM $watcher
wait $watcher
is $? 0 "a clean end of the watching"
stop_daemon TERM
is $daemon_status 0 "and of the daemon"
done_testing
