#!/bin/bash
# Ten thousand spoilt rows: each is stored or refused with its line and a reason, none is lost, and the
# daemon goes on. Then a table whose quotes are spoilt too, and what the tool's exit codes say. Last,
# rows whose identity number is missing or spoilt: by name with birth or village they reach the county's
# list, and once it has said who it is, the household is judged.
. "$(dirname "$0")/lib.sh"
rows=${ROWS:-10000}
seed=${SEED:-$RANDOM}
echo "# seed $seed (SEED=$seed repeats this run)"

write_config
small_county
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
ok $? "a registry loads"

# The registry's tables in whatever encoding a spreadsheet saves: names come out the same.
printf 'id,household,name,birth\nP71,H100421,赵一,1949-12-31\nP72 , H100422,钱二,1950-01-01\n' >"$work/persons-utf8.csv"
iconv -f UTF-8 -t GB18030 "$work/persons-utf8.csv" >"$work/persons-gb.csv"
shouwang import "$work/persons-gb.csv" 2>"$work/import.txt"
like "$(cat "$work/import.txt")" "2 stored, 0 known already, 0 refused" "a registry's table in GB18030, with blanks around cells"
shouwang import "$work/persons-utf8.csv" 2>"$work/import.txt"
like "$(cat "$work/import.txt")" "0 stored, 2 known already, 0 refused" "the same in UTF-8 is the same"
is "$(db "select count(*) from event where body like '%~赵*%' or body like '%person/P72\"%'")" 2 "names and numbers are as they should be"
cp "$work/persons-utf8.csv" "$work/persons-odd.csv"
printf 'P89,H100421,\xff赵,1950-01-01\n' >>"$work/persons-odd.csv"
shouwang import "$work/persons-odd.csv" 2>"$work/import.txt"
like "$(cat "$work/import.txt")" "persons-odd.csv:4: bytes that do not fit the file's encoding" "a spoilt name is refused by its line"
printf '{"specversion":"1.0","id":"x","source":"e2e","type":"registry.person","subject":"person/P99","data":{"household":"H100421","name":"\xd5\xd4\xd2\xbb"}}\n' |
    shouwang publish - >"$work/publish.txt" 2>&1
is $? 1 "an event that is no UTF-8 is refused"
like "$(cat "$work/publish.txt")" "this is not UTF-8 text" "with the reason, though only its name is wrong"
printf '编号,户,姓名\nP73,H100421,孙三\n' >"$work/persons-zh.csv"
like "$(shouwang import "$work/persons-zh.csv" 2>&1)" "the first line names no column id" "a table without the column that says who is told as a whole"

spoil() { # spoil MARKS: rows with up to three bytes replaced, left out, doubled or put in
    perl -e '
        my ($rows, $seed, $marks) = @ARGV;
        srand $seed;
        my @marks = split //, $marks;
        push @marks, map chr, 0x00, 0x7f, 0x80, 0xc3, 0xff;
        print "id,area,name,kind,members_n,income_12m,house_lived\n";
        for my $n (1 .. $rows) {
            my $row = "H2$n,610999101201,王五$n,none," . int(rand 9) . "," . int(rand 90000) . ",true";
            for (1 .. int rand 4) {
                my $at = int rand length $row;
                my $mark = $marks[rand @marks];
                my $how = int rand 4;
                $how == 0 ? substr($row, $at, 1, $mark)
              : $how == 1 ? substr($row, $at, 1, "")
              : $how == 2 ? substr($row, $at, 0, $mark)
              :             substr($row, $at, 0, substr($row, $at, 1 + int rand 20));
            }
            print "$row\n";
        }' "$rows" "$seed" "$1"
}

sum_of() { # stored + known + refused, as the last line of the import says
    sed -n 's/^\([0-9]*\) stored, \([0-9]*\) known already, \([0-9]*\) refused$/\1 \2 \3/p' "$1" |
        { read -r a b c; echo $((a + b + c)); }
}

spoil ',;#/-.0123456789aA ' >"$work/households-spoilt.csv"
shouwang import "$work/households-spoilt.csv" >/dev/null 2>"$work/import.txt"
is $? 1 "a table with bad rows is told by the exit code"
is "$(sum_of "$work/import.txt")" "$rows" "each row is stored, known or refused"
refused=$(sed -n 's/.* \([0-9]*\) refused$/\1/p' "$work/import.txt")
echo "# $refused of $rows refused"
ok $((refused <= rows / 20)) "a good share of them is refused"
like "$(grep -m1 -a 'csv:[0-9]*: ' "$work/import.txt")" "csv:" "with the line"
is "$(db 'select count(*) from rejected where length(reason) < 3 or length(text) < 3')" 0 \
    "all that were refused have a reason and a text"
wait_for 5 curl -fs "http://127.0.0.1:$http_port/-/healthy"
ok $? "the daemon is healthy"

spoil '",'\'' ' >"$work/households-quotes.csv"
shouwang import "$work/households-quotes.csv" >/dev/null 2>"$work/import.txt"
is $? 1 "spoilt quotes are told too"
ok $(($(sum_of "$work/import.txt") > rows || $(sum_of "$work/import.txt") < rows * 9 / 10)) \
    "and cost the rows around them at most"
event after medical.bill household/H100421 '{"person":"P1","kind":"inpatient","self_paid":6000}' |
    shouwang publish - >/dev/null 2>&1
ok $? "events go in as before"
is "$(shouwang cases list --json | jq -r .household)" H100421 "and are judged"

# ---- no number, or a spoilt one ------------------------------------------------------------------
cat >"$work/rules/feeds/县医院.yaml" <<END
feed: 医保局
event: medical.bill
files: ["县医院*.csv"]
subject: {idno: 证件号码}
who: {name: 姓名, birth: 出生日期, area: 所在村}
time: 结算日期
key: [结算单号]
fields: {kind: {header: 类别}, self_paid: {header: 个人负担}}
END
shouwang check rules "$work/rules" >/dev/null
ok $? "a table's columns for name, birth and village are declared"
printf 'id,household,name,birth,idno\nP2,H100422,欧阳修远,1980-05-06,\n' >"$work/county/persons.csv"
shouwang import "$work/county/persons.csv" >/dev/null 2>&1
today=$(county_date +%Y/%-m/%-d)
cat >"$work/县医院.csv" <<END
姓名,证件号码,出生日期,所在村,结算日期,类别,个人负担,结算单号
欧阳·修远,1.1E+17,1980/5/6,大溪镇石桥村,$today,住院,90000,X1
孙七妹,,1990年5月6日,,$today,住院,90000,X2
钱八斤,,,,$today,住院,90000,X3
,1.1E+17,1980/5/6,石桥村,$today,住院,90000,X4
END
shouwang import "$work/县医院.csv" 2>"$work/import.txt"
is $? 1 "rows that tell neither number nor name with birth or village are refused"
is "$(sed -n 's/.*县医院.csv:\([0-9]*\): .*nor is there a name.*/\1/p' "$work/import.txt" | tr '\n' ' ')" "4 5 " \
    "by their lines, with the reason"
is "$(status_of .county.parked) $(status_of .county.doubtful)" "2 2" "the others wait"
list=$(shouwang mismatch list --json)
is "$(echo "$list" | jq -r '[.kind, .number, .name, .birth_year, .area, (.candidates | map(.person) | join(","))] | join(" ")')" \
    "candidate none 欧* 1980 大溪镇石桥村 P2
nobody none 孙* 1990  " "for the county, with whom they could be"
is "$(shouwang cases list --json | jq -r 'select(.household == "H100422") | .id')" "" "nobody is judged by a name"
shouwang mismatch accept "$(echo "$list" | jq -r 'select(.name == "欧*") | .id')" --as P2 --by 专干刘 2>/dev/null
ok $? "the county says who it is"
is "$(shouwang cases list --json | jq -r 'select(.household == "H100422") | .level')" orange "the household is judged"
shouwang import "$work/县医院.csv" 2>"$work/import.txt"
like "$(cat "$work/import.txt")" "0 stored, 2 known already, 2 refused" "the same list again is nothing new"
printf '欧阳修远\n欧阳·修远\n孙七妹\n钱八斤\n' >"$work/names.txt"
is "$(cat "$work"/data/* "$work/daemon.log" | LC_ALL=C grep -a -c -F -f "$work/names.txt")" 0 "no name of them is kept"
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
