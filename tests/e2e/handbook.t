#!/bin/bash
# handbook.t [--renew] - the handbook rules/README.md does what it says: its commands are run in its
# order, its files are written as it tells, and what it shows is what comes. --renew writes what came
# into it.
#
# A ```console block holds commands behind "$ " and what they print; a line "…" stands for any lines,
# and how many rules and tests there are may differ. A ```yaml block that begins with "# 新文件 PATH"
# or "# 追加到 PATH" is that file, or its new end.
. "$(dirname "$0")/lib.sh"
export LANGUAGE=zh_CN
unset SHOUWANG_CONFIG
export PATH=$build:$PATH
mkdir "$work/here"
cp -r "$top/rules" "$work/here/rules"
cd "$work/here" || exit 1

perl -e '
    use strict;
    use warnings;
    use utf8;
    binmode STDOUT, ":utf8";
    my ($path, $renew) = @ARGV;
    open my $in, "<:utf8", $path or die "$path: $!";
    my @lines = <$in>;
    close $in;
    my (@out, $n);

    sub run { # what a command prints
        open my $p, "-|:utf8", "bash", "-c", "$_[0] 2>&1" or die;
        my $text = join "", <$p>;
        close $p;
        $text =~ s/\r//g; # tables end their lines as spreadsheets do
        return $text;
    }
    sub plain { # without how many rules and tests there are
        my ($text) = @_;
        $text =~ s/^(.*(?:条规则|个测试|--run).*)$/my $l = $1; $l =~ s!\d+!N!g; $l/gem;
        return $text;
    }
    sub fits {
        my ($want, $got) = @_;
        my $pattern = join "", map { $_ eq "…\n" ? "(?:.*\n)*?" : quotemeta } plain($want) =~ /.*\n/g;
        return plain($got) =~ /\A$pattern\z/;
    }
    sub compare { # one command and what the handbook says it prints
        my ($command, $want) = @_;
        my $got = run($command);
        my $good = fits($want, $got);
        $n++;
        print $good || $renew ? "ok" : "not ok", " $n - \$ $command\n";
        print map({ "#   got: $_" } $got =~ /.*\n?/g), "\n", map({ "#  want: $_" } $want =~ /.*\n/g)
            if !$good && !$renew;
        if (!$good && $want =~ /^…\n\z/m) { # renewed, it is as long as it was
            my @got = $got =~ /.*\n/g;
            my $shown = () = $want =~ /\n/g;
            $got = join "", @got[0 .. $shown - 2], "…\n" if @got >= $shown;
        }
        push @out, "\$ $command\n", $good ? $want : $got;
    }

    sub names { # what `pattern` finds in the pack
        my ($pattern, @files) = @_;
        my %found;
        for my $file (@files) {
            open my $f, "<:utf8", $file or die "$file: $!";
            $found{$_} = 1 for map { /$pattern/ ? $1 : () } <$f>;
        }
        return %found;
    }
    sub catalogue { # the table names every rule, and only rules and parameters that there are
        my ($table) = $_[0] =~ /^## 十、(.*?)^## /ms;
        my %named = map { $_ => 1 } $table =~ /`([a-z][a-z0-9_]*)`/g;
        my %rule = names(qr/^  - rule: ([a-z0-9_]+)/, grep { !/local/ } glob "rules/*.yaml");
        my %there = (%rule, names(qr/^([a-z0-9_]+):/, "rules/params.yaml"), main_earner => 1);
        my @lacks = grep { !$named{$_} } sort keys %rule;
        my @strange = grep { !$there{$_} } sort keys %named;
        $n++;
        print @lacks || @strange ? "not ok" : "ok", " $n - the catalogue and the pack\n";
        print "# not in the catalogue: @lacks\n# not in the pack: @strange\n" if @lacks || @strange;
    }

    while (defined(my $line = shift @lines)) {
        push @out, $line;
        next if $line !~ /^```(yaml|console)$/;
        my $kind = $1;
        my @body;
        push @body, shift @lines while $lines[0] ne "```\n";
        if ($kind eq "console") {
            my ($command, $want) = (undef, "");
            for (@body, "\$ \n") {
                if (!/^\$ (.*)/) { $want .= $_; next }
                compare($command, $want) if defined $command;
                ($command, $want) = ($1, "");
            }
            next;
        }
        push @out, @body;
        if (@body && $body[0] =~ /^# (新文件|追加到) (\S+)/) {
            open my $f, $1 eq "新文件" ? ">:utf8" : ">>:utf8", $2 or die "$2: $!";
            print $f @body[1 .. $#body];
        }
    }
    catalogue(join "", @out);
    print "1..$n\n";
    if ($renew) {
        open my $f, ">:utf8", $path or die "$path: $!";
        print $f @out;
    }' "$top/rules/README.md" "${1:-}" | tee "$work/results"
! grep -q '^not ok' "$work/results" || failed=1
