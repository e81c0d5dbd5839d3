# The measures that need many connections, made by wrk: CPU time of a request and
# the time between answers among 32 connections, latency under overload, and
# memory over many requests.
# What they give is described in Bench::Measure.
package Bench::Load;

use strict;
use warnings FATAL => 'all';

use JSON::PP ();

use Bench::Cpu ();
use Bench::Measure ();

use constant {
    CONNECTIONS => 32,
    SECONDS     => 3,
    SHORT       => 1,
    # One that saturates a server gets no more than this by twice as many
    # connections.
    GAIN        => 1.05,
    MOST        => 256,
    # Memory: after so many requests nothing is to grow any more.
    SETTLED     => 50_000,
    REQUESTS    => 1_000_000,
    REQUESTS_SHORT => 100_000,
    MIX_CONNECTIONS => 4,
};

our $short = 0;

sub seconds { return $short ? SHORT : SECONDS }

# Runs wrk on one side, from so many connections.
sub wrk {
    my ($servers, $side, $connections, $seconds) = @_;
    my $httpd = $side->{httpd};
    my $file = requests_file($servers, $side->{requests} || [$side->{request}]);
    my $command = "wrk -t1 -c$connections -d${seconds}s --timeout 20s "
        . "-s bench/lib/wrk.lua http://127.0.0.1:$httpd->{port}/ -- $file";
    my $said = `$command 2>&1`;

    $? == 0 && $said =~ /^(\{"requests".*\})$/m
        or $httpd->give_up("this failed: $command\n$said");
    my $told = JSON::PP::decode_json($1);
    $told->{requests} > 0
        && !$told->{status} && !$told->{socket} && !$told->{timeout}
        or $httpd->give_up("wrk met errors: $1");
    return $told;
}

sub requests_file {
    my ($servers, $requests) = @_;
    my $file = "$servers->{work}/requests.lua";

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh "return {\n", map({
        '{' . join(',', map { lua($_) } $_->{method} // 'GET', @$_{qw(path type
            body)}) . "},\n" } @$requests), "}\n";
    close $fh or die "$file: $!\n";
    return $file;
}

sub lua {
    my ($text) = @_;

    return 'nil' unless defined $text;
    return '"' . $text =~ s/([^ !#-\[\]-~])/sprintf '\\%03d', ord $1/ger . '"';
}

# Seconds of CPU that a request takes when 32 connections ask at once.
sub load {
    my ($servers, $case, $wanted, $say) = @_;

    return Bench::Measure::over_starts($servers, $case, $wanted, sub {
        my ($side) = @_;
        wrk($servers, $side, CONNECTIONS, 1);
    }, sub {
        my ($side) = @_;
        return loaded($servers, $side);
    }, $say);
}

sub loaded {
    my ($servers, $side) = @_;
    my $pid = $side->{httpd}->pid;
    my $before = Bench::Cpu::of_process($pid);
    my $told = wrk($servers, $side, CONNECTIONS, seconds());

    return (Bench::Cpu::of_process($pid) - $before) / $told->{requests};
}

# Seconds from one answer to the next when 32 connections ask at once.
sub answers {
    my ($servers, $case, $wanted, $say) = @_;
    my $result = Bench::Measure::over_starts($servers, $case, $wanted, sub {
        my ($side) = @_;
        wrk($servers, $side, CONNECTIONS, 1);
    }, sub {
        my ($side) = @_;
        return 1 / rate($servers, $side, CONNECTIONS);
    }, $say);

    return { %$result, unit => 'seconds an answer' };
}

# The 99th percentile of latency, from twice as many connections as the server
# needs to be busy.
sub overload {
    my ($servers, $case, $wanted, $say) = @_;
    my @sides = Bench::Measure::sides($servers, $case);
    my $connections = 2 * saturating($servers, $sides[1]);
    my $result = Bench::Measure::result(
        'seconds at p99', Bench::Measure::rounds(
            $wanted, Bench::Measure::pids(@sides), sub {
                [ map { wrk($servers, $_, $connections, seconds())->{p99} }
                    @sides ];
            }, $say));

    $result->{connections} = $connections;
    return $result;
}

sub saturating {
    my ($servers, $side) = @_;
    my ($connections, $rate) = (1, rate($servers, $side, 1));

    while ($connections < MOST) {
        my $more = rate($servers, $side, 2 * $connections);
        return $connections if $more <= GAIN * $rate;
        ($connections, $rate) = (2 * $connections, $more);
    }
    return $connections;
}

sub rate {
    my ($servers, $side, $connections) = @_;
    my $told = wrk($servers, $side, $connections, seconds());

    return $told->{requests} / $told->{seconds};
}

# The resident size over many requests, from when the first of them are done.
sub memory {
    my ($servers, $case, $wanted, $say) = @_;
    my $httpd = $servers->get($case->{server} // 'main');
    my $most = $short ? REQUESTS_SHORT : REQUESTS;
    my $side = { httpd => $httpd, requests => $case->{requests} };
    my ($done, @samples) = (0);

    check_mix($servers, $httpd, $case->{requests});
    while ($done < $most) {
        $say->($done, $most);
        $done += wrk($servers, $side, MIX_CONNECTIONS, SECONDS)->{requests};
        push @samples, [ $done, resident($httpd->pid) ] if $done >= SETTLED;
    }
    return { growth(map { $_->[1] } @samples), unit => 'resident size',
             rounds => \@samples, disturbed => 0, requests => $done };
}

# A picture more or less at the moment is no growth: the last quarter's median
# against the first one's. The spread is that of all samples.
sub growth {
    my (@sizes) = @_;
    my $quarter = int(@sizes / 4) || 1;
    my $first = Bench::Measure::median(@sizes[0 .. $quarter - 1]);
    my $last = Bench::Measure::median(@sizes[-$quarter .. -1]);
    my @sorted = sort { $a <=> $b } @sizes;

    return (ratio => $last / $first, ours => $last, theirs => $first,
            spread => [ map { $_ / $first } @sorted[0, -1] ]);
}

# wrk takes any 2xx for an answer; here each is looked at.
sub check_mix {
    my ($servers, $httpd, $requests) = @_;

    for my $request (@$requests) {
        my $reply = Bench::Client::ask($httpd, $servers->client($httpd),
                                       $request);
        $reply->{status} =~ /^20[01]\z/
            or $httpd->give_up("$request->{path}: $reply->{head}");
    }
}

sub resident {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/status" or die "/proc/$pid/status: $!\n";
    while (my $line = <$fh>) {
        return $1 if $line =~ /^VmRSS:\s*([0-9]+) kB/;
    }
    die "/proc/$pid/status tells no VmRSS\n";
}

1;
