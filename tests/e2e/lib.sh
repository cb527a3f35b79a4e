# lib.sh - what end-to-end tests share: TAP, a daemon of their own in a folder of their own, on free
# ports of 127.0.0.1. Sourced by *.t; everything started is stopped when the test ends.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${SHOUWANG_BUILD:-$top/build}
work=$(mktemp -d "${TMPDIR:-/tmp}/shouwang-e2e-XXXXXX")
PATH=$PATH:/usr/sbin
export LC_ALL=C.UTF-8 SHOUWANG_CONFIG="$work/shouwang.yaml"
unset LANGUAGE LANG NOTIFY_SOCKET WATCHDOG_USEC
count=0
failed=0
pids=""

finish() {
    status=$?
    for pid in $pids; do kill "$pid" 2>/dev/null; done
    for pid in $pids; do wait "$pid" 2>/dev/null; done
    [ -x "$top/tests/e2e/kannel.sh" ] && [ -d "$work/kannel" ] &&
        "$top/tests/e2e/kannel.sh" stop "$work/kannel" >/dev/null 2>&1
    if [ $failed -ne 0 ] || [ $status -ne 0 ]; then
        for log in "$work"/*.log; do
            [ -s "$log" ] && { echo "# --- $(basename "$log")"; tail -30 "$log" | sed 's/^/# /'; }
        done
    fi
    rm -rf "$work"
    exit $((failed || status))
}
trap finish EXIT
trap 'exit 1' INT TERM

ok() { # ok STATUS NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        failed=1
    fi
}

is() { # is GOT WANT NAME
    if [ "$1" = "$2" ]; then
        ok 0 "$3"
    else
        ok 1 "$3"
        printf '#  got %s\n# want %s\n' "$1" "$2"
    fi
}

like() { # like TEXT PART NAME
    case $1 in
    *"$2"*) ok 0 "$3" ;;
    *) ok 1 "$3"; printf '%s\n' "$1" | sed 's/^/#  got /'; echo "# want …$2…" ;;
    esac
}

# Days as the county counts them: the machine's day is another one for some hours.
county_date() { TZ=Asia/Shanghai date "$@"; }

done_testing() { echo "1..$count"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

free_ports() { "$top/tests/e2e/free-ports" "$1"; } # one a line

wait_for() { # wait_for SECONDS COMMAND…: until it succeeds
    tries=$(($1 * 20))
    shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
        tries=$((tries - 1))
    done
    return 1
}

# write_config: $gateways (YAML, indented by two) is the gateways: section.
write_config() {
    set -- $(free_ports 2)
    router_port=$1
    http_port=$2
    rm -rf "$work/rules"
    cp -r "$top/rules" "$work/rules"
    # Tests are run at night too, and send more than a person is sent in a month.
    sed -i '/^# ---- 少打扰/,$d' "$work/rules/messages.yaml"
    mkdir -p "$work/data"
    cat >"$SHOUWANG_CONFIG" <<END
data: data
rules: rules
intake: {router: ["tcp://127.0.0.1:$router_port"], pub: ["ipc://$work/said"]}
http: {listen: "127.0.0.1:$http_port"}
gateways:
${gateways:-"  {}"}
END
}

start_daemon() { # the log is $work/daemon.log
    "${daemon:-$build/shouwangd}" --config "$SHOUWANG_CONFIG" 2>>"$work/daemon.log" &
    daemon_pid=$!
    pids="$pids $daemon_pid"
    wait_for 20 curl -fs "http://127.0.0.1:$http_port/-/ready"
}

stop_daemon() { # stop_daemon [SIGNAL]; its exit status
    kill -"${1:-TERM}" "$daemon_pid"
    wait "$daemon_pid" 2>/dev/null
    daemon_status=$?
}

shouwang() { "$build/shouwang" "$@"; }
status_of() { curl -fs "http://127.0.0.1:$http_port/api/v1/status" | jq -r "$1"; } # status_of .path
db() { sqlite3 -readonly "$work/data/shouwang.db" "$1"; }

start_sink() { # the gateways' other end; requests in $work/sink.jsonl, its port in $sink_port
    : >"$work/sink.jsonl"
    "$build/tests/e2e/sink" "$work/sink.jsonl" >"$work/sink.port" 2>"$work/sink.log" &
    pids="$pids $!"
    wait_for 5 test -s "$work/sink.port"
    sink_port=$(cat "$work/sink.port")
}
sink_mode() { curl -fs "http://127.0.0.1:$sink_port/mode?name=$1&mode=$2" >/dev/null; }

# A corner of a county: two households, two cadres, a team with a group.
small_county() {
    mkdir -p "$work/county"
    cat >"$work/county/areas.csv" <<END
code,name,parent
610999000000,平川县,
610999101000,大溪镇,610999000000
610999101201,石桥村,610999101000
END
    cat >"$work/county/households.csv" <<END
id,area,name,kind,members_n,income_12m,house_lived
H100421,610999101201,张三,unstable,4,60000,true
H100422,610999101201,李四,none,3,60000,true
END
    printf 'id,household,name\nP1,H100421,张三\nP2,H100422,李四\n' >"$work/county/persons.csv"
    cat >"$work/county/cadres.csv" <<END
id,name,phone
C1,王干部,13800138001
C2,赵队长,13800138002
END
    printf 'id,name,leader,gateway\nT1,石桥村工作队,C2,team\n' >"$work/county/teams.csv"
    cat >"$work/county/assignments.csv" <<END
id,household,area,cadre,team,from,until
A1,H100421,,C1,,2026-01-01,
A2,H100422,,C1,,2026-01-01,
A3,,610999101201,,T1,2026-01-01,
END
}

event() { # event ID TYPE SUBJECT DATA [MORE]: one CloudEvent
    printf '{"specversion":"1.0","id":"%s","source":"e2e","type":"%s","subject":"%s","data":%s%s}\n' \
        "$1" "$2" "$3" "$4" "${5:-}"
}
