#!/bin/bash
# Rules as people ask for them: which there are, what each says in words, everything about one. In both
# languages, with the exit codes that scripts rely on.
. "$(dirname "$0")/lib.sh"
write_config
cd "$work" || exit 1

shouwang rules list rules >list.txt
is $? 0 "the rules are listed"
like "$(grep '^job_loss ' list.txt)" "work.lost work.hired" "with the events each reads"
shouwang rules list --json >list.jsonl
is "$(wc -l <list.jsonl)" "$(grep -c '  - rule: ' rules/*.yaml | awk -F: '{n += $2} END {print n}')" \
    "each rule of the configured folder is one line of JSON"
is "$(jq -r 'select(.rule == "job_loss") | .streams | join(" ")' list.jsonl)" "work.lost work.hired" \
    "that names its events"
is "$(jq -r 'select(.rule == "job_loss") | "\(.enabled) \(.subject) \(.from)\(.until)"' list.jsonl)" \
    "true household " "and how it stands"

shouwang rules read job_loss rules >one.txt 2>one.err
is $? 0 "one rule is read back"
like "$(head -1 one.txt)" "】计入“务工”（封顶" "with its heading"
is "$(cat one.err)" "" "and nothing is left without words"
shouwang rules read >all.txt
is "$(grep -c '^【' all.txt)" "$(wc -l <list.jsonl)" "without a name all of them are"
is "$(LANG=zh_CN.UTF-8 LC_ALL= shouwang rules read job_loss)" "$(cat one.txt)" \
    "in the same words whatever the language of the terminal"
shouwang rules read jobloss rules >/dev/null 2>near.txt
is $? 1 "a rule that is not there is a failure"
like "$(cat near.txt)" "did you mean job_loss?" "that tells the nearest"
is "$(shouwang rules read --help 2>&1 | head -1)" "usage: shouwang rules read [RULE] [FOLDER]" \
    "--help behind a verb tells how it is used"
shouwang rules read --help >/dev/null
is $? 0 "which is no failure"
shouwang rules --help >help.txt
is $? 0 "nor is it behind half a verb"
like "$(cat help.txt)" "rules explain" "that shows them all"
shouwang rules read rules extra more >/dev/null 2>&1
is $? 2 "too many words are wrong usage"

shouwang rules explain income_low rules >explain.txt
is $? 0 "a rule is explained"
for part in "  rules/" "clear: " "hh.income_12m" "p.monitor_line" "Code of when:" " to 20000元"; do
    like "$(cat explain.txt)" "$part" "with $part"
done
like "$(shouwang rules explain job_loss)" "work.hired 〔就业登记〕" "and whose silence makes it true"
shouwang rules explain >/dev/null 2>&1
is $? 2 "explain wants a rule"

cp -r rules broken
sed -i 's/work\.hired, person/work.hird, person/' broken/*.yaml
shouwang rules read broken >/dev/null 2>broken.txt
is $? 1 "rules that do not compile cannot be read"
like "$(cat broken.txt)" "work.hired" "and the finding says why"

sed -i 's/, label: 种植面积(亩)//' rules/schema.yaml
shouwang rules read hail_village rules >bare.txt 2>bare.err
like "$(cat bare.txt)" '`hh.land_mu`' "what has no label is shown as it is written"
like "$(cat bare.err)" "backquotes" "and told"
done_testing
