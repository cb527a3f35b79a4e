#!/bin/bash
# test rules as technicians and CI use it: a folder with its tests, files of tests of their own, both
# languages, exit codes, --run, and JUnit's XML; and that the daemon's reload runs the same tests.
. "$(dirname "$0")/lib.sh"
write_config
cd "$work" || exit 1

is_xml() { # is_xml FILE: well-formed, by whichever reader is there
    if command -v xmllint >/dev/null; then
        xmllint --noout "$1"
    else
        perl -e 'local $/; my $s = <>; my @open; $s =~ s/^<\?xml[^>]*\?>//;
            while ($s =~ s/^([^<]*)<(\/?)([a-z]+)((?: [a-z]+="(?:[^"<&]|&(?:amp|lt|gt|quot|#\d+);)*")*)(\/?)>//) {
                my ($text, $ends, $name, $empty) = ($1, $2, $3, $5);
                $text =~ /&(?!(?:amp|lt|gt|quot|#\d+);)/ and exit 1;
                $ends ? ((pop @open // "") eq $name or exit 1) : $empty || push @open, $name;
            }
            exit($s =~ /\S/ || @open ? 1 : 0)' "$1"
    fi
}

# A small pack: the county's schema and levels, one rule with its tests.
mkdir -p pack/tests apart
cp rules/schema.yaml pack/
cat >pack/params.yaml <<END
params: 1
line: {label: 自付线, unit: 元, value: 5000, min: 0, max: 100000}
END
cat >pack/health.yaml <<END
categories: {health: {label: 因病, cap: 35}}
levels: {yellow: {label: 黄色, enter: 20, leave: 15, hold: 30, cooldown: 30}}
test_params: {line: 5000}
rules:
  - rule: bills
    label: 自付医疗费过线
    category: health
    sms: 医疗支出超线
    when: medical.bill.within(days(365)).sum(self_paid) >= p.line
    score: 20
    message: "自付{{medical.bill.within(days(365)).sum(self_paid)}}元，过{{p.line}}元"
    tests:
      - name: 刚好到线
        events: [{on: 2024-03-01, medical.bill: {person: 张三, self_paid: 5000}}]
        expect: {2024-02-29: off, 2024-03-01: on, 2025-03-01: off}
tests:
  - name: 到线即黄
    events: [{on: 2024-03-01, medical.bill: {person: 张三, self_paid: 6000}}]
    expect: {2024-03-01: {score: 20, level: yellow}}
END
cat >pack/tests/village.yaml <<END
rule_files: [..]
test_params: {line: 5000}
tests:
  - name: 各户各算
    rule: bills
    households: {甲户: {kind: out}}
    events:
      - {on: 2024-03-01, of: [甲户, 乙户], medical.bill: {person: 张三, self_paid: 5000}}
      - {on: 2024-03-02, medical.bill: {person: 张三, self_paid: 4999.99}}
    expect:
      2024-03-02: [off, {of: 甲户, points: 20}, {of: 乙户, points: 20}]
END

shouwang test rules pack >good.txt
is $? 0 "a folder whose tests pass"
is "$(cat good.txt)" "Testing pack
Testing pack/tests/village.yaml
  SUCCESS: 3 tests passed, 0 failed, 8 expectations" "those in its rule files and those in its folder tests"
is "$(shouwang test rules -v pack | grep -c '^  passed: ')" 3 "-v tells each"
like "$(shouwang test rules -v pack)" "  passed: bills 刚好到线" "by rule and name"
is "$(LANG=zh_CN.UTF-8 LC_ALL= shouwang test rules pack | tail -1)" \
    "  通过：3 个测试通过，0 个未通过，共核对 8 项预期" "in Chinese too"

shouwang test rules pack pack/tests/village.yaml >again.txt
is "$(cat again.txt)" "$(cat good.txt)" "a file named twice runs once"
(cd pack/tests && "$build/shouwang" test rules village.yaml) >file.txt
is $? 0 "a file of tests alone is run against what its rule_files: name"
is "$(cat file.txt)" "Testing village.yaml
  SUCCESS: 1 tests passed, 0 failed, 3 expectations" "and only its own tests are"
shouwang test rules --run=黄 pack >some.txt
is $? 0 "--run takes a part of a test's name"
like "$(cat some.txt)" "  2 tests left out by --run" "and tells how many it leaves out"
like "$(shouwang test rules --run bills pack)" "SUCCESS: 2 tests passed" "or of a rule's"
like "$(shouwang test rules --run 医疗费过线 pack)" "SUCCESS: 2 tests passed" "or of a rule's label"
shouwang test rules --run nonesuch pack >/dev/null 2>none.txt
is $? 1 "a part of no name is a failure"
like "$(cat none.txt)" 'no rule and no test has "nonesuch" in its name' "that is told"

sed 's/points: 20}, {of: 乙户/points: 19}, {of: 乙户/; s/rule_files: .*/rule_files: [..\/pack\/*.yaml]/' \
    pack/tests/village.yaml >apart/bad.yaml
sed -i 's/各户各算/<各户> \& "各算"/' apart/bad.yaml
shouwang test rules --junit=out.xml pack apart/bad.yaml >bad.txt
is $? 1 "a test that fails is told by the exit code"
is "$(tail -6 bad.txt)" '  FAILED: bills <各户> & "各算"
apart/bad.yaml:11: 2024-03-02 甲户: the points should be 19, not 20
    that day: condition true; the rule is on, 20 points
    its message: 自付5000元，过5000元
    甲户: score 20, level yellow, rules on: bills 20
  FAILED: 3 tests passed, 1 failed, 11 expectations' "with the place, the day and how things stood"
is_xml out.xml
is $? 0 "JUnit's XML is well-formed"
is "$(grep -c '<testsuite ' out.xml) $(grep -c '<testcase ' out.xml) $(grep -c '<failure ' out.xml)" \
    "3 4 1" "a suite per file, a case per test"
like "$(cat out.xml)" '<testsuites name="shouwang test rules" tests="4" failures="1" errors="0"' \
    "with counts"
like "$(cat out.xml)" 'classname="bills" name="&lt;各户&gt; &amp; &quot;各算&quot;"' "names are escaped"
like "$(cat out.xml)" 'classname="health" name="到线即黄"' "what is about no rule bears its file's name"
like "$(cat out.xml)" '<failure message="apart/bad.yaml:11: 2024-03-02 甲户: the points should' \
    "the failure's first line is its message"
shouwang test rules --junit - pack 2>people.txt >dash.xml
is_xml dash.xml
is $? 0 "with - the XML is all that goes to stdout"
like "$(cat people.txt)" "SUCCESS: 3 tests passed" "and people read stderr"
shouwang test rules --junit "$work/no/such/place.xml" pack >/dev/null 2>place.txt
is $? 1 "a place that cannot be written"
like "$(cat place.txt)" "no/such/place.xml: No such file" "is told"

wrong() { # wrong NAME TOLD <file: the file of tests is refused with that
    cat >apart/wrong.yaml
    shouwang test rules --junit wrong.xml pack apart/wrong.yaml >wrong.txt 2>&1
    is $? 1 "$1"
    like "$(cat wrong.txt)" "$2" "$2"
}
wrong "an interval is refused" "evaluation_interval: rules are judged day by day" <<END
evaluation_interval: 1m
tests: []
END
wrong "a rule that is not there" "apart/wrong.yaml:1:16: error: no rule bils; did you mean bills?" <<END
tests: [{rule: bils, expect: {2024-03-01: off}}]
END
is_xml wrong.xml
is $? 0 "a file that cannot be used"
like "$(cat wrong.xml)" '<error message="apart/wrong.yaml:1:16: error: no rule bils' "is an error in the XML"
like "$(tail -1 wrong.txt)" "FAILED: 3 tests passed, 0 failed" "and the others run all the same"
wrong "a rule file is no file of tests" "rules: this is a rule file; name its folder instead" <pack/health.yaml

printf 'rule_files: [nowhere]\ntests: []\n' >apart/nowhere.yaml
like "$(shouwang test rules apart/nowhere.yaml)" "rule_files: there is no apart/nowhere" "rules that are not there"
printf 'rule_files: [../pack, ../rules]\ntests: []\n' >apart/two.yaml
like "$(shouwang test rules apart/two.yaml)" "expected one folder, or files of one folder" "two folders of rules"
shouwang test rules apart/absent.yaml >absent.txt
is $? 1 "a file that is not there"
like "$(cat absent.txt)" "apart/absent.yaml: No such file" "is told"
shouwang test rules pack rules >/dev/null 2>&1
is $? 2 "two folders are wrong usage"
shouwang test rules --juint=x pack >/dev/null 2>&1
is $? 2 "so is an unknown option"
printf 'test_params: {jobless_days: 90}\ntests: [{rule: job_loss, expect: {2024-03-01: off}}]\n' >apart/bare.yaml
shouwang test rules apart/bare.yaml >bare.txt
is $? 0 "without rule_files: the configuration's rules are meant"

small_county
start_daemon
ok $? "the daemon runs"
mkdir -p rules/tests
printf 'tests: [{name: 不成立, rule: job_loss, expect: {2024-03-01: on}}]\n' >rules/tests/mine.yaml
sed -i 's/^params: .*/params: 99/' rules/params.yaml
shouwang reload >reload.txt 2>&1
is $? 1 "a test of the folder that fails keeps the daemon from new rules"
like "$(cat reload.txt)" "rules/tests/mine.yaml:1: 2024-03-01: the rule should be on, not off" "and says why"
rm rules/tests/mine.yaml
shouwang reload >reload.txt 2>&1
is $? 0 "without it they are taken"
stop_daemon TERM
is $daemon_status 0 "a clean end"
done_testing
