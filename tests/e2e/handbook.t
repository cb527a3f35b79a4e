#!/bin/bash
# The handbook rules/README.md does what it says: its commands are run in its order, its files are
# written as it tells, and what it shows is what comes.
#
# A ```console block holds commands behind "$ " and what they print. "…" stands for any text, on a line
# of its own for any lines; counts of rules, tests and parameters may differ. A ```yaml block that
# begins with "# 新文件 PATH" or "# 追加到 PATH" is that file, or its new end.
. "$(dirname "$0")/lib.sh"
export LANGUAGE=zh_CN
unset SHOUWANG_CONFIG
PATH=$build:$PATH
mkdir "$work/here"
cp -r "$top/rules" "$work/here/rules"
cd "$work/here" || exit 1

# One block a file: NUMBER.yaml or NUMBER.console, in the handbook's order.
awk -v dir="$work/block" '
    /^```(yaml|console)$/ { kind = substr($0, 4); n++; file = sprintf("%s-%03d.%s", dir, n, kind); next }
    /^```/ { file = "" }
    file != "" { print > file }' "$top/rules/README.md"

write_file() { # write_file BLOCK: true when it was one to write
    case $(head -1 "$1") in
    "# 新文件 "*) tail -n +2 "$1" >"$(head -1 "$1" | cut -d' ' -f3)" ;;
    "# 追加到 "*) tail -n +2 "$1" >>"$(head -1 "$1" | cut -d' ' -f3)" ;;
    *) return 1 ;;
    esac
}

run_console() { # run_console BLOCK: each command and what it prints
    perl -e '
        use utf8;
        binmode STDOUT, ":utf8";
        open my $in, "<:utf8", $ARGV[0] or die;
        my ($command, @want, $bad);
        sub check {
            return if !defined $command;
            open my $p, "-|:utf8", "bash", "-c", "$command 2>&1" or die;
            my $got = join "", <$p>;
            close $p;
            $got =~ s/\r//g; # tables end their lines as spreadsheets do
            my $pattern = join "", map { $_ eq "…\n" ? "(?:.*\n)*?" : quotemeta($_) } @want;
            $pattern =~ s/\\?…/.*?/g;
            $pattern =~ s/(\d+)(?=\\ (?:\\?条规则|\\?个测试|\\?项预期))/\\d+/g;
            return if $got =~ /\A$pattern\z/;
            $bad = 1;
            print "# \$ $command\n", map { "#   got: $_" } $got =~ /.*\n?/g;
            print "\n", map { "#  want: $_" } @want;
        }
        while (<$in>) {
            if (/^\$ (.*)/) { check(); $command = $1; @want = () }
            else { push @want, $_ }
        }
        check();
        exit($bad ? 1 : 0)' "$1"
}

blocks=0
for block in "$work"/block-*; do
    case $block in
    *.yaml) write_file "$block" && blocks=$((blocks + 1)) ;;
    *.console)
        blocks=$((blocks + 1))
        run_console "$block"
        ok $? "$(grep -m1 '^\$' "$block")"
        ;;
    esac
done
test $blocks -ge 10
ok $? "the handbook has examples"
done_testing
