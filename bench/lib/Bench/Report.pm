# What was measured, told: tables in Markdown, a file of JSON per group, and a
# chart of all ratios beside their bounds.
package Bench::Report;

use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path);
use JSON::PP ();
use POSIX qw(strftime uname);

use Bench::Httpd ();

use constant { RESULTS => 'bench/results', FUNCTIONS => 10 };

# 'ok' or 'MISSED'; '' where there is no bound. A ratio is compared as it is
# printed. A bound of "same" is kept by what cannot be told from 1: the spread
# holds it, or lies below.
sub verdict {
    my ($case, $result) = @_;
    my $bound = $case->{bound} // return '';
    my $what = $bound eq 'same' ? ratio($result, $result->{spread}[0])
                                : $result->{value}
                                  // ratio($result, $result->{ratio});
    my $most = $bound eq 'same' ? 1 : $bound;

    return $what <= $most ? 'ok' : 'MISSED';
}

# Instructions are exact enough for a third digit.
sub ratio {
    my ($result, $ratio) = @_;

    return sprintf $result->{unit} eq 'instructions' ? '%.3f' : '%.2f', $ratio;
}

my %show = (
    'instructions'   => sub { grouped(sprintf '%.0f', $_[0]) },
    'seconds of CPU' => sub { time_text($_[0]) },
    'seconds an answer' => sub { time_text($_[0]) },
    'seconds at p99' => sub { time_text($_[0]) },
    'resident size'  => sub { sprintf '%.1f MiB', $_[0] / 1024 },
    'reads'          => sub { "$_[0] reads" },
);

sub time_text {
    my ($seconds) = @_;

    return $seconds < 0.001 ? sprintf '%.1f us', 1e6 * $seconds
                            : sprintf '%.2f ms', 1000 * $seconds;
}

sub grouped {
    my ($number) = @_;

    1 while $number =~ s/^(-?[0-9]+)([0-9]{3})/$1 $2/;
    return $number;
}

sub row {
    my ($case, $result) = @_;
    my $show = $show{ $result->{unit} };
    my $bound = $case->{bound};

    return [
        $case->{name}, $result->{unit}, $show->($result->{ours}),
        $show->($result->{theirs}),
        defined $result->{ratio} ? ratio($result, $result->{ratio}) : '',
        $result->{spread}
            ? join ' to ', map { ratio($result, $_) } @{ $result->{spread} }
            : '',
        !defined $bound ? '' : $bound eq 'same' ? 'same'
                             : "<= $bound",
        verdict($case, $result) . ($result->{noisy} ? ' (disturbed)' : '')
    ];
}

# A group's table, as text.
sub table {
    my ($group, $results) = @_;
    my @rows = map { row(@$_) } @$results;

    return "### $group->{title}\n\n"
        . rows(['', 'unit', 'ours', 'theirs', 'ratio', 'spread', 'bound', ''],
               @rows)
        . rates($results);
}

# The first column's text stands left, that of the others right.
sub rows {
    my @rows = @_;
    my @width = map {
        my $column = $_;
        (sort { $b <=> $a } map { length $_->[$column] } @rows)[0] || 1;
    } 0 .. $#{ $rows[0] };
    my $format = "| %-$width[0]s |"
        . join('', map { " %${_}s |" } @width[1 .. $#width]) . "\n";

    my $text = sprintf $format, @{ shift @rows };
    $text .= join '', '|-', '-' x $width[0], '-|',
        map({ '-' x ($_ + 1) . ':|' } @width[1 .. $#width]), "\n";
    $text .= sprintf $format, @$_ for @rows;
    return $text;
}

# What a case says besides: answers per second, connections, system calls.
sub rates {
    my ($results) = @_;
    my $text = '';

    for (@$results) {
        my ($case, $result) = @$_;
        my @said;
        push @said, sprintf '%.0f answers a second on one connection, theirs '
            . '%.0f', @{ $result->{per_second} }
            if $case->{rate} && $result->{per_second};
        push @said, "$result->{connections} connections"
            if $result->{connections};
        push @said, grouped($result->{requests}) . ' requests'
            if $result->{requests};
        push @said, 'system calls on the file: ' . join ', theirs ', map {
            my $calls = $_;
            join ' ', map { "$_ $calls->{$_}" } sort keys %$calls
        } @{ $result->{calls} } if $result->{calls};
        $text .= "- $case->{name}: " . join('; ', @said) . "\n" if @said;
    }
    return $text eq '' ? '' : "\n$text";
}

# Where a case that missed its bound spends its instructions.
sub profiles {
    my ($results) = @_;
    my $text = '';

    for (@$results) {
        my ($case, $result) = @$_;
        my $profile = $result->{profile} or next;
        next unless verdict($case, $result) eq 'MISSED';
        $text .= "\n$case->{name}: instructions per request, by function\n\n"
            . "    more than theirs\n" . functions($profile->{more})
            . "    the most\n" . functions($profile->{most});
    }
    return $text;
}

sub functions {
    my ($functions) = @_;
    my $last = $#$functions < FUNCTIONS ? $#$functions : FUNCTIONS - 1;

    return join '', map { sprintf "    %12.1f  %s\n", @$_ }
        @$functions[0 .. $last];
}

# bench/results/NAME.json and NAME.md.
sub keep {
    my ($name, $group, $results) = @_;

    make_path(RESULTS);
    write_file("$name.json", JSON::PP->new->canonical->pretty->encode({
        group => $name, title => $group->{title}, %{ machine() },
        cases => [ map {
            my ($case, $result) = @$_;
            { name => $case->{name}, bound => $case->{bound},
              verdict => verdict($case, $result), %$result };
        } @$results ]
    }));
    write_file("$name.md", table($group, $results) . profiles($results));
}

sub write_file {
    my ($name, $text) = @_;
    my $file = RESULTS . "/$name";

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";
}

sub machine {
    my %machine = (
        when => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
        system => join(' ', (uname())[0, 2, 4]),
        httpd => Bench::Httpd::apxs('HTTPD_VERSION'), processors => 0,
        processor => '');

    open my $fh, '<', '/proc/cpuinfo' or return \%machine;
    while (my $line = <$fh>) {
        $machine{processors}++ if $line =~ /^processor\s*:/;
        $machine{processor} = $1 if $line =~ /^model name\s*: (.*)$/;
    }
    return \%machine;
}

# All groups that were ever measured here: results.md, results.svg.
sub summary {
    my @files = sort glob RESULTS . '/*.json';
    my ($text, @bars) = ('');

    for my $file (@files) {
        open my $fh, '<', $file or die "$file: $!\n";
        my $kept = JSON::PP::decode_json(do { local $/; <$fh> });
        my @results = map { [ $_, $_ ] } @{ $kept->{cases} };
        $text .= table($kept, \@results) . "\n";
        push @bars, map { { %$_, name => "$kept->{group}: $_->{name}" } }
            grep { defined $_->{bound} && defined $_->{ratio} }
            @{ $kept->{cases} };
    }
    my $machine = machine();
    write_file('results.md', "$machine->{processors} x $machine->{processor}, "
               . "$machine->{system}, httpd $machine->{httpd}\n\n$text");
    chart(@bars) if @bars;
}

# A bar of each ratio, in parts of its bound: what is longer than 1 missed it.
sub chart {
    my (@bars) = @_;
    my $y = @bars;

    write_file('chart.dat', join '', map {
        my $bound = $_->{bound} eq 'same' ? 1 : $_->{bound};
        sprintf "%d %.4f %.4f %.4f %d \"%s\"\n", $y--, map({ $_ / $bound }
            $_->{ratio}, @{ $_->{spread} }), $_->{verdict} eq 'MISSED',
            $_->{name} =~ s/"/'/gr;
    } @bars);
    system('gnuplot', '-e', sprintf("data='%s'; out='%s'; rows=%d",
                                    RESULTS . '/chart.dat',
                                    RESULTS . '/results.svg', scalar @bars),
           'bench/lib/chart.gnuplot') == 0
        or die "gnuplot drew no chart\n";
}

1;
