#!/bin/bash
# A real Kannel (bearerbox and smsbox) with fake phones on free ports of 127.0.0.1, for end-to-end
# tests and for showing the service to somebody.
#
#   kannel.sh start DIR [URL]           URL: where receipts and replies go, such as
#                                       http://127.0.0.1:7480/in/sms (default; no trailing slash)
#   kannel.sh inbox DIR                 what the phones received: number, tab, text
#   kannel.sh reply DIR NUMBER TEXT     a phone answers
#   kannel.sh stop DIR
#
# start prints lines for eval: KANNEL_SEND (base of sendsms), KANNEL_USER, KANNEL_PASSWORD,
# KANNEL_SENDER, KANNEL_ADMIN, KANNEL_PIDS. Everything it writes is in DIR, which it makes.
#
# Two lines to the "carrier": fakesmsc allows one client per port, so `inbox` keeps one that only
# receives, and each reply is a short-lived one on the other port. Outgoing messages are routed to
# the first only.
set -u

PATH=$PATH:/usr/sbin # where Debian puts the boxes, and users have no path to
fakesmsc=/usr/lib/kannel/test/fakesmsc
password=kannel-$$-$RANDOM
sender=10690000

die() {
    echo "kannel.sh: $*" >&2
    exit 1
}

wait_port() { # seconds/10 to wait until somebody listens
    for _ in $(seq "$2"); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

write_config() {
    cat >"$dir/kannel.conf" <<END
group = core
admin-port = $admin
admin-interface = "127.0.0.1"
admin-password = $password
status-password = $password
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = $box
smsbox-interface = "127.0.0.1"
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = "$dir/bearerbox.log"
log-level = 0
access-log = "$dir/access.log"
store-type = file
store-location = "$dir/store/kannel.store"
dlr-storage = spool
dlr-spool = "$dir/dlr"
sms-resend-freq = 10
sms-resend-retry = 3

group = smsc
smsc = fake
smsc-id = phones
port = $phones
connect-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = replies
port = $replies
connect-allow-ip = 127.0.0.1
allowed-smsc-id = "nothing-goes-out-here"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = $box
smsbox-id = box1
sendsms-port = $send
sendsms-interface = "127.0.0.1"
log-file = "$dir/smsbox.log"
log-level = 0
access-log = "$dir/smsbox-access.log"
http-request-retry = 1000
http-queue-delay = 1
mo-recode = true

group = sendsms-user
username = alert
password = $password
max-messages = 10
concatenation = true
omit-empty = true
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
catch-all = true
get-url = "$url/mo?from=%p&to=%P&text=%a&ts=%t&smsc=%i&id=%I"
max-messages = 0
omit-empty = true
send-sender = true

group = smsbox-route
smsbox-id = box1
smsc-id = "phones;replies"
END
}

start() {
    dir=$1
    url=${2:-http://127.0.0.1:7480/in/sms}
    for tool in bearerbox smsbox "$fakesmsc" perl iconv; do
        command -v "$tool" >/dev/null || die "$tool is missing; install Debian's kannel and kannel-extras"
    done
    mkdir -p "$dir/store" "$dir/dlr" || die "cannot make $dir"
    dir=$(cd "$dir" && pwd)
    [ ! -e "$dir/pids" ] || die "$dir is in use; stop it first"
    read -r admin box send phones replies <<<"$("$(dirname "$0")/free-ports" 5 | tr '\n' ' ')"
    write_config
    : >"$dir/pids"
    bearerbox -v 4 "$dir/kannel.conf" >"$dir/bearerbox.out" 2>&1 </dev/null &
    echo $! >>"$dir/pids"
    if ! wait_port "$box" 100 || ! wait_port "$phones" 50; then
        stop "$dir"
        die "bearerbox did not start; see $dir/bearerbox.log"
    fi
    smsbox -v 4 "$dir/kannel.conf" >"$dir/smsbox.out" 2>&1 </dev/null &
    echo $! >>"$dir/pids"
    wait_port "$send" 100 || { stop "$dir"; die "smsbox did not start; see $dir/smsbox.log"; }
    # -m 0: sends nothing, only receives; the message it wants anyway is never sent.
    "$fakesmsc" -H 127.0.0.1 -r "$phones" -i 1 -m 0 "1 2 text x" >"$dir/inbox" 2>&1 </dev/null &
    echo $! >>"$dir/pids"
    printf '%s\n' "$replies" >"$dir/reply-port"
    cat <<END
KANNEL_SEND=http://127.0.0.1:$send
KANNEL_USER=alert
KANNEL_PASSWORD=$password
KANNEL_SENDER=$sender
KANNEL_ADMIN=http://127.0.0.1:$admin
KANNEL_PIDS="$(tr '\n' ' ' <"$dir/pids")"
END
}

alive() { # a zombie is not: where nobody collects orphans it would stay for ever
    [ -e "/proc/$1/status" ] && ! grep -q '^State:.*Z' "/proc/$1/status"
}

# bearerbox with replies it could not hand over ignores SIGTERM for long: two seconds, then KILL.
stop() {
    dir=$1
    [ -e "$dir/pids" ] || return 0
    pids=$(tac "$dir/pids")
    for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
    for _ in $(seq 20); do
        left=0
        for pid in $pids; do alive "$pid" && left=1; done
        [ $left = 0 ] && break
        sleep 0.1
    done
    for pid in $pids; do alive "$pid" && kill -KILL "$pid" 2>/dev/null; done
    rm -f "$dir/pids"
}

# "Got message 1: <10690000 13800138000 ucs-2 0%10%97R…>", percent-encoded UTF-16BE, or for a part of
# a long text "… udh %05%00%03<ref><total><part> data …": parts are put together.
inbox() {
    perl -ne 'next unless /Got message \d+: <\S+ (\S+) (?:udh (\S+) data|\S+) (.*)>\s*$/;
        my ($to, $udh, $text) = ($1, $2 // "", $3);
        for ($udh, $text) { tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ge; }
        my (undef, undef, undef, $ref, $total, $part) = unpack("C*", $udh);
        if (defined $part) {
            $text = $parts{$to, $ref} .= $text;
            next if $part < $total;
            delete $parts{$to, $ref};
        }
        my @units = unpack("n*", $text);
        my $out = "";
        while (@units) {
            my $c = shift @units;
            $c = 0x10000 + (($c - 0xd800) << 10) + (shift(@units) - 0xdc00)
                if $c >= 0xd800 && $c < 0xdc00 && @units;
            $out .= chr $c;
        }
        utf8::encode($out);
        $out =~ s/\n/ /g;
        print "$to\t$out\n";' "$1/inbox"
}

# fakesmsc stays connected after its last message; it is ended once it says that it has sent.
reply() {
    coded=$(printf %s "$3" | iconv -f UTF-8 -t UTF-16BE | perl -0777 -pe 's/(.)/sprintf "%%%02X", ord $1/sge')
    "$fakesmsc" -H 127.0.0.1 -r "$(cat "$1/reply-port")" -i 1 -m 1 "$2 $sender ucs2 $coded" \
        >"$1/reply" 2>&1 </dev/null &
    for _ in $(seq 100); do
        grep -q 'sent message 1' "$1/reply" && break
        sleep 0.1
    done
    sleep 0.2
    kill -TERM $! 2>/dev/null
    wait $! 2>/dev/null
    grep -q 'sent message 1' "$1/reply" || die "the reply was not sent; see $1/reply"
}

case "${1:-}:$#" in
start:2 | start:3) start "$2" "${3:-}" ;;
stop:2) stop "$2" ;;
inbox:2) inbox "$2" ;;
reply:4) reply "$2" "$3" "$4" ;;
*) sed -n '2,/^set -u/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
