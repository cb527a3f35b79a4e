#!/bin/bash
# What shouwang schema prints is JSON Schema to others too: to jq, and to Python's jsonschema where it
# is installed (tests/unit/schema_files.c and schema_events.c say what it must mean).
. "$(dirname "$0")/lib.sh"

shouwang() { "$build/shouwang" "$@"; }
draft=https://json-schema.org/draft/2020-12/schema

cd "$top"
own="params areas messages calendar cases people schema" # kinds with one file of that name in a rule folder
for kind in rules $own feed config tests events; do
    folder=
    [ $kind = events ] && folder=rules
    shouwang schema $kind $folder >"$work/$kind.json"
    is "$? $(jq -r '."$schema"' "$work/$kind.json")" "0 $draft" "$kind is printed"
    jq -r '.. | objects | ."$ref"? // empty | ltrimstr("#/$defs/")' "$work/$kind.json" |
        sort -u >"$work/referred"
    jq -r '."$defs" | keys[]' "$work/$kind.json" | sort -u >"$work/defined"
    is "$(comm -23 "$work/referred" "$work/defined")" "" "$kind: what is referred to is there"
done
shouwang schema words >/dev/null 2>&1
is $? 2 "a kind that does not exist is wrong usage"
shouwang schema rules extra >/dev/null 2>&1
is $? 2 "so is a folder where none is read"
shouwang schema events "$work" >/dev/null 2>"$work/out"
is $? 1 "a folder without schema.yaml has no events"
like "$(cat "$work/out")" "schema.yaml" "and the missing file is named"
mkdir "$work/bad"
printf 'schema: 1\nevents: {a: {fields: {x: {type: mony}}}}\n' >"$work/bad/schema.yaml"
like "$(shouwang schema events "$work/bad" 2>&1)" "schema.yaml:2:33: error: type: expected one of" \
    "mistakes in schema.yaml are told with their place"

python=
for p in python3 /usr/bin/python3; do
    [ -z "$python" ] && $p -c 'import jsonschema.validators as v, yaml; v.Draft202012Validator' \
        2>/dev/null && python=$p
done
if [ -z "$python" ]; then
    echo "# python3-jsonschema or python3-yaml is not installed: no second opinion"
    done_testing
    exit 0
fi

cat >"$work/validate.py" <<'PYTHON'
# validate.py SCHEMA FILE…: YAML by 1.2's core rules (as editors read it), or one JSON text a line.
import json, re, sys, jsonschema.validators, yaml

class Reader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}

for tag, pattern in (('bool', 'true|false'), ('null', '~|null|'), ('int', '[-+]?[0-9]+'),
                     ('float', r'[-+]?[0-9]+\.[0-9]*([eE][-+]?[0-9]+)?')):
    Reader.add_implicit_resolver('tag:yaml.org,2002:' + tag, re.compile('^(%s)$' % pattern), None)

schema = json.load(open(sys.argv[1]))
judge = jsonschema.validators.Draft202012Validator
judge.check_schema(schema)
for path in sys.argv[2:]:
    text = open(path, encoding='utf-8').read()
    found = [json.loads(line) for line in text.splitlines()] if path.endswith('.jsonl') \
        else [yaml.load(text, Reader)]
    for n, value in enumerate(found):
        for e in judge(schema).iter_errors(value):
            print('%s:%d: %s: %s' % (path, n + 1, '/'.join(map(str, e.absolute_path)), e.message))
PYTHON
judge() { kind=$1; shift; "$python" "$work/validate.py" "$work/$kind.json" "$@" 2>&1; }

for kind in $own; do
    is "$(judge $kind rules/$kind.yaml)" "" "Python: $kind.yaml is valid"
done
is "$(judge rules $(ls rules/*.yaml | grep -vE "/(${own// /|})\.yaml$"))" "" \
    "Python: every rule file is valid"
is "$(judge tests rules/tests/*.yaml)" "" "Python: every file of tests is valid"
is "$(judge config systemd/shouwang.yaml)" "" "Python: the example configuration is valid"
sed 's/label:/labl:/' rules/base.yaml >"$work/base.yaml"
like "$(judge rules "$work/base.yaml")" "'labl' was unexpected" "Python: a mistyped key is found"

event='{"specversion":"1.0","id":"1","source":"t","type":"medical.bill","subject":"household/H1"'
echo "$event,\"data\":{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":5}}" >"$work/good.jsonl"
echo "$event,\"data\":{\"person\":\"P1\",\"kind\":\"inpatent\",\"self_paid\":5}}" >"$work/bad.jsonl"
is "$(judge events "$work/good.jsonl")" "" "Python: an event is valid"
like "$(judge events "$work/bad.jsonl")" "data/kind: 'inpatent' is not one of" \
    "Python: a wrong word in an event is found, by its field"
done_testing
