#!/bin/bash
# The key behind the tokens lives in a file of its own: made at the first start, nowhere in the database;
# taken out of a database that still has it, whenever the process dies meanwhile; and no other key, and
# none, is ever accepted in its place.
. "$(dirname "$0")/lib.sh"

write_config
small_county
printf 'id,household,name,birth,idno\nP1,H100421,张三,1949-12-31,11010519491231002X\n' >"$work/county/persons.csv"
key=$work/data/shouwang.key
base=$work/data/shouwang.db
start_daemon
ok $? "the daemon runs"
shouwang import "$work/county" >/dev/null 2>&1
bill='{"kind":"inpatient","self_paid":90000}'
event a1 medical.bill person-idno/11010519491231002X "$bill" | shouwang publish - >/dev/null 2>&1
is "$(shouwang cases list --json | jq -r .household)" H100421 "somebody is found by number"

is "$(stat -c '%a %s' "$key")" "600 33" "the first start makes the key's file, for nobody else to read"
meta() { db "select group_concat(name, ' ') from (select name from meta order by name)"; }
is "$(meta)" "id key_print" "the database has only its print"
places() { # files that hold the key, as bytes or as text
    perl -e 'my $hex = shift; my $raw = pack "H*", $hex;
        for (@ARGV) { open my $f, "<:raw", $_ or next; local $/; my $t = <$f> // "";
            print "$_ " if index($t, $raw) >= 0 || index($t, $hex) >= 0 }' "$(cat "$key")" "$@"
}
is "$(places "$work"/data/* "$work/daemon.log")" "$key " "nor is it in the WAL or the log"
shouwang verify --log >/dev/null
ok $? "the log is read once more with it"
shouwang rules preview "$work/rules" >/dev/null
ok $? "so is what other rules would bring"
sqlite3 "$base" ".backup $work/copy.db"
shouwang verify --log --key-file "$key" "$work/copy.db" >/dev/null
ok $? "that of a copy, too"
out=$(shouwang verify --log --key-file "$work/none" "$work/copy.db" 2>&1)
like "$out" "none is missing" "not without it"
before=$(status_of '.county | del(.judged)')
stop_daemon
is "$(places "$work"/data/*)" "$key " "nor is it in the snapshot"

fails() { # fails PART NAME: the daemon does not start and says why
    timeout 20 "$build/shouwangd" --config "$SHOUWANG_CONFIG" 2>"$work/fails.log"
    is $? 1 "$2"
    like "$(cat "$work/fails.log")" "$1" "which is told"
}
again() { # again NAME: it starts and knows what it knew
    rm -f "$work"/data/*.snapshot
    start_daemon
    is "$(status_of '.county | del(.judged)')" "$before" "$1"
    event a1 medical.bill person-idno/11010519491231002X "$bill" | shouwang publish - >"$work/again.txt" 2>&1
    is "$(status_of '.county | del(.judged)')" "$before" "and whom the numbers mean"
    stop_daemon
}
kept=$(cat "$key")

# ---- another key, or none ------------------------------------------------------------------------
mv "$key" "$work/kept"
fails "shouwang.key is missing" "no start without the key"
ok $([ ! -e "$key" ]; echo $?) "no new one is made"
echo 00112233445566778899aabbccddeeff >"$key" && chmod 600 "$key"
fails "is that of another database" "nor with another one"
echo "${kept%?}" >"$key"
fails "is damaged" "nor with a part of it"
echo "$kept" >"$key" && chmod 644 "$key"
fails "everybody may read" "nor with one that everybody may read"
mv "$work/kept" "$key"
again "with its own it goes on"

# ---- a database of a version before --------------------------------------------------------------
put_key() { sqlite3 "$base" "insert into meta values ('key', x'$1')"; }
put_key "$kept" && sqlite3 "$base" "delete from meta where name = 'key_print'; pragma user_version = 5"
rm "$key"
again "the key is taken out of an old database"
is "$(cat "$key") $(meta)" "$kept id key_print" "into the file"
is "$(places "$work"/data/*)" "$key " "and stays nowhere else"
put_key "$kept" && sqlite3 "$base" "delete from meta where name = 'key_print'"
printf 0011 >"$key.new"
again "killed when the file was there: it is the same key"
is "$(cat "$key") $(meta)" "$kept id key_print" "and the database lets go of it"
put_key "$kept"
echo 00112233445566778899aabbccddeeff >"$key"
fails "is that of another database" "the key of another database is never written over"
is "$(cat "$key") $(meta)" "00112233445566778899aabbccddeeff id key key_print" "nor is ours lost"
rm "$key"
again "out of the way, ours takes its place"

# ---- elsewhere -----------------------------------------------------------------------------------
mkdir "$work/credentials" "$work/etc"
mv "$key" "$work/etc/county.key"
echo "key_file: etc/county.key" >>"$SHOUWANG_CONFIG"
again "the configuration names the file"
mv "$work/etc/county.key" "$work/credentials/shouwang.key"
chmod 400 "$work/credentials/shouwang.key"
export CREDENTIALS_DIRECTORY="$work/credentials"
again "or systemd hands it in"
ok $([ ! -e "$key" ] && [ ! -e "$work/etc/county.key" ]; echo $?) "and nothing is written"
done_testing
