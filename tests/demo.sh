#!/bin/bash
# demo.sh BUILD - the main job in a minute, on real parts and an invented county: a year of events is
# told, then a live day arrives; alerts go out through a real Kannel to fake phones and as signed
# webhooks to the teams, cadres answer, cases move. Everything runs from BUILD/demo on free ports of
# 127.0.0.1 and is stopped at the end. `make demo` builds what it needs.
#
#   SEED=7 SECONDS_LIVE=36 ANSWERS=12     change the county, the length of the live day, the replies
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$top/build}" && pwd)
work=$build/demo
seed=${SEED:-7}
live_seconds=${SECONDS_LIVE:-36}
answers=${ANSWERS:-12}
kannel=$top/tests/e2e/kannel.sh
export SHOUWANG_CONFIG=$work/shouwang.yaml
unset NOTIFY_SOCKET WATCHDOG_USEC
# A small system has no zh_CN locale; C.UTF-8 is always there and LANGUAGE chooses the texts.
case ${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in zh*) chinese=1 ;; *) chinese=0 ;; esac
[ $chinese = 1 ] && export LANGUAGE=zh_CN
export LC_ALL=C.UTF-8
bold='' dim='' green='' plain=''
[ -t 1 ] && bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' plain=$'\e[0m'

say() { # say ENGLISH 中文
    if [ $chinese = 1 ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}
title() { printf '\n%s' "$bold"; say "$1" "$2"; printf '%s' "$plain"; }
die() {
    say "demo: $1" "演示：$2" >&2
    [ -s "$work/daemon.log" ] && tail -5 "$work/daemon.log" >&2
    exit 1
}

pids=""
stop_all() {
    for pid in $pids; do kill "$pid" 2>/dev/null; done
    for pid in $pids; do wait "$pid" 2>/dev/null; done
    [ -d "$work/kannel" ] && "$kannel" stop "$work/kannel" >/dev/null 2>&1
    pids=""
}
trap stop_all EXIT
trap 'exit 130' INT TERM

wait_for() { # wait_for SECONDS COMMAND…
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

shouwang() { "$build/shouwang" "$@"; }
status_of() { shouwang status --json | jq -r "$1"; }

# ---- parts --------------------------------------------------------------------------------------

make_county() {
    # The live day is today, but its events happen up to ten in the morning.
    start=$(TZ=Asia/Shanghai date +%F)
    [ "$(TZ=Asia/Shanghai date +%-H)" -ge 10 ] || start=$(TZ=Asia/Shanghai date -d yesterday +%F)
    "$build/tests/data/county/county" --seed "$seed" --start "$start" "$work/county" ||
        die "the county cannot be made" "造不出县的数据"
}

start_parts() {
    read -r router_port http_port <<<"$("$top/tests/e2e/free-ports" 2 | tr '\n' ' ')"
    eval "$("$kannel" start "$work/kannel" "http://127.0.0.1:$http_port/in/sms")"
    [ -n "${KANNEL_SEND:-}" ] || die "Kannel does not start" "短信网关 Kannel 没有启动"
    "$build/tests/e2e/sink" "$work/team.jsonl" >"$work/sink.port" 2>"$work/sink.log" &
    pids="$pids $!"
    wait_for 5 test -s "$work/sink.port" || die "the teams' platform does not start" "工作队的平台没有启动"
    (umask 077
        printf '%s\n' "$KANNEL_PASSWORD" >"$work/password"
        printf 'whsec_%s\n' "$(head -c 24 /dev/urandom | base64)" >"$work/secret")
    cat >"$SHOUWANG_CONFIG" <<END
data: data
rules: $top/rules
intake: {router: ["tcp://127.0.0.1:$router_port"]}
http: {listen: "127.0.0.1:$http_port"}
gateways:
  sms:
    profile: kannel
    params: {base: "$KANNEL_SEND", username: "$KANNEL_USER", sender: "$KANNEL_SENDER", our_base: "http://127.0.0.1:$http_port"}
    secrets: {password_file: password}
  team:
    profile: standard-webhooks
    params: {url: "http://127.0.0.1:$(cat "$work/sink.port")/ok"}
    secrets: {secret_file: secret}
END
    mkdir -p "$work/data"
    "$build/shouwangd" --config "$SHOUWANG_CONFIG" 2>"$work/daemon.log" &
    daemon=$!
    pids="$pids $daemon"
    wait_for 20 shouwang status || die "the daemon does not start" "守望没有启动"
}

tell_history() {
    first=$(jq -r .history.first_day "$work/county/expected.json")
    SHOUWANG_PROGRESS=1 shouwang import --history --as-of "$first" "$work/county" ||
        die "the registry was not loaded" "名册没有装进去"
    SHOUWANG_PROGRESS=1 shouwang publish --history --quiet "$work/county/history.jsonl"
    shouwang history end || die "the history did not end" "历史没有讲完"
    say "(refused lines are planted in the county on purpose; \`shouwang rejected list\` shows each with its reason:)" \
        "（被拒绝的是县里故意埋下的坏数据；shouwang rejected list 逐条说明原因：）"
    shouwang rejected list --limit 4
}

# ---- the live day -------------------------------------------------------------------------------

seen=0         # texts shown so far
answered=" "   # phones that have answered: one each
turn=0
replies=0
moves=0

publish_live() { # in the background, as departments do: now and then a line
    lines=$(wc -l <"$work/county/live.jsonl")
    perl -e '$| = 1; my $pause = shift; while (<STDIN>) { print; select undef, undef, undef, $pause }' \
        "$(perl -e 'printf "%.4f", $ARGV[0] / $ARGV[1]' "$live_seconds" "$lines")" \
        <"$work/county/live.jsonl" | shouwang publish --quiet - >"$work/live.out" 2>&1
}

show_texts() { # what came since the last look, as the phones show it; the same text only once
    "$kannel" inbox "$work/kannel" >"$work/inbox.txt"
    total=$(wc -l <"$work/inbox.txt")
    [ "$total" -gt "$seen" ] || return 0
    tail -n +$((seen + 1)) "$work/inbox.txt" | awk -F'\t' '!had[$2]++' | head -3 |
        while IFS=$'\t' read -r phone text; do
            printf '  %s%s%s  %s\n' "$dim" "$phone" "$plain" "$text"
        done
    [ $((total - seen)) -le 3 ] || say "  ${dim}… $((total - seen)) texts in this moment${plain}" \
        "  ${dim}……这一刻共 $((total - seen)) 条短信${plain}"
    seen=$total
}

state_of() { # state_of CASE: as the tool shows it
    shouwang cases show "$1" | sed -n '2s/^.*[;；] *//p'
}

# A handset answers the alert of case $code, first as its owner is asked to, then as told.
reply() { # reply WORD; true when the case moved
    before=$(state_of "$code")
    say "  ${green}$phone answers \"$1\"${plain}" "  ${green}$phone 回复“$1”${plain}"
    "$kannel" reply "$work/kannel" "$phone" "$1" >/dev/null 2>&1 || return 1
    replies=$((replies + 1))
    has_moved() { [ "$(state_of "$code")" != "$before" ]; }
    wait_for 1 has_moved || return 1
    moves=$((moves + 1))
    moved=$code
    say "  ${green}case $code: $before → $(state_of "$code")${plain}" \
        "  ${green}个案 $code：$before → $(state_of "$code")${plain}"
}

handsets=(1 2 １ 3 嗯嗯 4)
answer_one() { # the newest alert on a phone that has not answered yet
    [ $replies -lt "$answers" ] || return 0
    read -r phone code <<<"$(tac "$work/inbox.txt" | awk -F'\t' -v done="$answered" '
        !index(done, " " $1 " ") && match($2, /预警.*编号[0-9]+/) {
            sub(/.*编号/, "", $2); print $1, $2 + 0; exit }')"
    [ -n "${code:-}" ] || return 0
    answered="$answered$phone "
    word=${handsets[$((turn++ % ${#handsets[@]}))]}
    reply "$word" && return 0
    # Several open cases, or not understood: the phone was asked back and answers with the code.
    [ "$word" = 嗯嗯 ] && word=1
    [ "$word" = 3 ] && word=34 # not true: asked for the reason
    show_texts
    reply "$code $word"
}

go_live() {
    publish_live &
    publisher=$!
    pids="$pids $publisher"
    while kill -0 "$publisher" 2>/dev/null; do
        sleep 0.7
        show_texts
        answer_one
    done
    wait "$publisher"
    quiet() { [ "$(status_of '[.gateways[] | .waiting + .in_flight] | add')" = 0 ]; }
    wait_for 15 quiet
    sleep 1 # receipts
    show_texts
}

# ---- the end ------------------------------------------------------------------------------------

summary() {
    status=$(shouwang status --json)
    shouwang queue show --limit 100000 --json >"$work/queue.jsonl"
    row() { # row ENGLISH 中文 VALUE
        label=$1
        [ $chinese = 0 ] || label=$2
        printf '  %s: %s\n' "$label" "$3"
    }
    of() { jq -r "$1" <<<"$status"; }
    row "events accepted" "收下的事件" "$(of .inputs.accepted)"
    row "events rejected" "拒绝的事件" "$(of '"\(.inputs.rejected)  " + (.inputs.rejected_by_reason | to_entries | map("\(.key) \(.value)") | join(", "))')"
    row "duplicates" "重复的事件" "$(of .inputs.duplicates)"
    row "households scored" "研判的户次" "$(of .county.judged)"
    row "cases opened" "立案" "$(of .county.cases)"
    row "cases open now" "未结" "$(of .county.open_cases)"
    row "messages by outcome" "消息结果" \
        "$(jq -rs 'group_by([.gateway, .state, .fate]) | map("\(.[0].gateway) \(if .[0].fate == "" then .[0].state else .[0].fate end) \(length)") | join(", ")' "$work/queue.jsonl")"
    row "replies" "手机回复" "$replies"
    row "cases they moved" "推动的个案" "$moves"
    for gateway in sms team; do
        row "event → message through $gateway, p50 / p99" "事件到消息（$gateway）p50 / p99" \
            "$(of ".gateways[] | select(.name == \"$gateway\") | \"\(.taken_p50_us / 1000 | round) / \(.taken_p99_us / 1000 | round) ms\"")"
    done
}

leave() {
    all="$daemon $pids $(cat "$work/kannel/pids" 2>/dev/null)"
    stop_all
    for pid in $all; do
        # A zombie is nobody: where no one collects orphans it would stay.
        grep -qs '^State:.*[^Z] (' "/proc/$pid/status" && die "process $pid is still running" "进程 $pid 还在运行"
    done
    say "Everything is stopped. The county's database and logs are in $work." \
        "都已停下。县的数据库和日志在 $work。"
}

rm -rf "$work"
mkdir -p "$work/county"
title "1. A county of nobody: 11 towns, 87 villages" "一、一个虚构的县：11 个乡镇，87 个村"
make_county
start_parts
title "2. Its registry and a year of its past" "二、名册和一年的历史"
tell_history
title "3. Where it stands" "三、现在的情况"
shouwang status
title "4. Live: events arrive, phones ring, cadres answer" "四、上线：事件到来，手机响起，干部回复"
go_live
[ -z "${moved:-}" ] || {
    title "5. One of the cases" "五、其中一个个案"
    shouwang cases show "$moved"
}
title "6. What happened" "六、结果"
summary
leave
