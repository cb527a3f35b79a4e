#!/bin/bash
# Ten thousand spoilt rows: each is stored or refused with its line and a reason, none is lost, and the
# daemon goes on. Then a table whose quotes are spoilt too, and what the tool's exit codes say.
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
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
