#!/usr/bin/perl
# load.pl HOUSEHOLDS PERSONS WATCHED ROWS FOLDER - a county to be loaded, and its month-end list.
#
# Writes the registry's tables, list.csv with ROWS settlements as a department sends them (title,
# footer), one in a hundred of them bad, and bad.tsv: the line of each bad row and what must be said
# of it. No dice: the same numbers give the same bytes. Identity numbers are well-formed and
# nobody's: the region 610998 does not exist.
use strict;
use warnings;
use utf8;

my ($households, $persons, $watched, $rows, $dir) = @ARGV;
my $villages = int(($households + 945) / 946);    # 112 of 106 000
my @kinds = qw(unstable edge sudden);

sub table {
    my ($name, $layer, $each) = @_;
    open my $f, ">:$layer", "$dir/$name" or die "$dir/$name: $!\n";
    $each->($f);
    close $f or die "$dir/$name: $!\n";
}

# Person n: born between 1930 and 2019, 27 of one day at most.
sub idno {
    my ($n) = @_;
    my $day = $n % 28 + 1;
    my $month = int($n / 28) % 12 + 1;
    my $year = 1930 + int($n / 336) % 90;
    my $body = sprintf "610998%04d%02d%02d%03d", $year, $month, $day, 1 + int($n / 30240);
    my @weight = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2);
    my $sum = 0;
    $sum += substr($body, $_, 1) * $weight[$_] for 0 .. 16;
    return $body . substr("10X98765432", $sum % 11, 1);
}

sub area { sprintf "6109991%02d2%02d", int($_[0] / 20), $_[0] % 20 }

table("areas.csv", "utf8", sub {
    my $f = shift;
    print $f "code,name,parent\n610999000000,平川县,\n";
    printf $f "6109991%02d000,第%d镇,610999000000\n", $_, $_ + 1 for 0 .. int(($villages - 1) / 20);
    printf $f "%s,第%d村,6109991%02d000\n", area($_), $_ + 1, int($_ / 20) for 0 .. $villages - 1;
});
table("cadres.csv", "utf8", sub {
    my $f = shift;
    print $f "id,name,phone\n";
    printf $f "C%d,责任人,139%08d\n", $_, $_ for 0 .. $villages * 8 - 1;
});
table("teams.csv", "utf8", sub {
    my $f = shift;
    print $f "id,name,leader\n";
    printf $f "T%d,第%d村工作队,C%d\n", $_, $_ + 1, $_ for 0 .. $villages - 1;
});
table("households.csv", "utf8", sub {
    my $f = shift;
    print $f "id,area,name,kind,monitored,members_n,income_12m,house_lived\n";
    for my $n (0 .. $households - 1) {
        my $is_watched = int(($n + 1) * $watched / $households) > int($n * $watched / $households);
        printf $f "H%d,%s,张三,%s,%s,%d,%d,true\n", $n, area($n % $villages),
            $is_watched ? $kinds[$n % 3] : "none", $is_watched ? "true" : "false",
            int($persons / $households) + ($n < $persons % $households), 30000 + $n % 400 * 100;
    }
});
table("persons.csv", "utf8", sub {
    my $f = shift;
    print $f "id,household,name,idno\n";
    printf $f "P%d,H%d,张三,%s\n", $_, $_ % $households, idno($_) for 0 .. $persons - 1;
});
table("assignments.csv", "utf8", sub {
    my $f = shift;
    print $f "id,household,area,cadre,team,from,until\n";
    printf $f "A%d,,%s,,T%d,2026-01-01,\n", $_, area($_), $_ for 0 .. $villages - 1;
    printf $f "B%d,H%d,,C%d,,2026-01-01,\n", $_, $_, $_ % ($villages * 8) for 0 .. $households - 1;
});

# What is wrong with a bad row, which cell has it (0: the number, 1: kind, 2: day, 3: amount), and what is said.
my @bad = (
    [0, "1.1E+17", "Excel has turned a long number into 1.1E+17"],
    [0, "610998193001010010", "check digit"],
    [0, "", "证件号码: nothing stands here"],
    [2, "3月", "3月"],
    [2, "2099/3/5", "2099-03-05"],
    [3, "五百", "五百"],
    [3, "", "个人负担: nothing stands here"],
    [1, "看病", "看病"],
);
open my $told, ">:utf8", "$dir/bad.tsv" or die "$dir/bad.tsv: $!\n";
table("list.csv", "utf8", sub {
    my $f = shift;
    print $f "平川县2026年3月结算清单,,,,,,,\r\n序号,姓名,证件号码,医疗类别,结算日期,医疗总费用,个人负担,结算单号\r\n";
    for my $n (1 .. $rows) {
        my @cell = (idno($n * 7 % $persons), $n % 2 ? "普通住院" : "普通门诊",
            "2026/3/" . (1 + $n % 28), $n % 200 == 7 ? 6000 + $n % 900 : 10 + $n % 900);
        if ($n % 100 == 50) {
            my $b = $bad[$n / 100 % @bad];
            $cell[$b->[0]] = $b->[1];
            printf $told "%d\t%s\n", $n + 2, $b->[2];
        }
        printf $f "%d,张三,%s,%s,%s,\"%s\",%s,JS%d\r\n", $n, @cell[0 .. 2], "12,000.00", $cell[3], $n;
    }
    print $f "合计,,,,,,,\r\n";
});
close $told;
