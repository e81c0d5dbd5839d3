# What handlers share in a real httpd: sums in shared memory are exact, over all
# children and graceful restarts, and a child that dies with the lock takes
# nobody with it.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

use constant MANY => 3000;

exact();
exact_h2() if mpm() eq 'event';
apart();
killed();
ended() if mpm() eq 'prefork';
forgotten();
configuration();
done_testing;

sub counts {
    my ($of) = @_;
    my $r = fetch("/application/$of?show");
    my ($sold, $twin, $maker, $off) = $r->{body} =~ /^(\d+) (\d+) (\d+) (\d+)$/
        or return { status => $r->{status} };
    return { sold => $sold, twin => $twin, maker => $maker, off => $off };
}

sub graceful {
    my $from = log_mark();
    kill 'USR1', slurp(Apache::Test::vars('t_pid_file')) =~ /(\d+)/;
    ok(log_wait($from, qr/resuming normal operations/, 60), 'restarted');
}

# No keep-alive: see t/metrics.t.
sub ab {
    my ($path, $count) = @_;
    my $out = `ab -q -n $count -c 8 @{[url($path)]} 2>&1`;
    my ($done) = $out =~ /^Complete requests:\s+(\d+)/m;
    my ($bad)  = $out =~ /^Failed requests:\s+(\d+)/m;
    my ($no)   = $out =~ /^Non-2xx responses:\s+(\d+)/m;

    is($done, $count, "ab -n $count") or diag $out;
    is($bad + ($no // 0), 0, 'all of them well') or diag $out;
}

# Two restarts in between, the old children beside the new ones: a slow request
# keeps one of them. What the children counted each for itself adds up to it.
sub exact {
    my $from   = log_mark();
    my $before = counts('sell');
    is($before->{off}, 0, 'aligned');
    for my $round (1 .. 3) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            exec 'curl', '-sf', '-o', '/dev/null',
                url('/application/sell?ms=1500');
        }
        ab('/application/sell', MANY);
        graceful() if $round < 3;
        waitpid $pid, 0;
        is($?, 0, 'a slow one, too');
    }
    graceful();
    my $all   = 3 * (MANY + 1);
    my $after = counts('sell');
    is($after->{sold} - $before->{sold}, $all, 'the sum is exact');
    is($after->{twin} - $before->{twin}, $all, 'and its twin');
    is($after->{maker}, $before->{maker}, 'filled once');

    my ($sum, $children) = (0, 0);
    for (1 .. 300) {
        my @stopped = map { /application_sell: sold (\d+) in/ ? $1 : () }
            log_since($from);
        ($sum, $children) = (0, scalar @stopped);
        $sum += $_ for @stopped;
        last if $sum == $all;
        sleep 0.1;
    }
    is($sum, $all, 'by children, under the lock of their process');
    cmp_ok($children, '>', 3, 'of several children');
    is(scalar(grep { /HBR03(?:7|8)\d/ } log_since($from)), 0, 'nothing to say');
}

sub exact_h2 {
    for my $protocol (qw(h2c h2)) {
        my $before = counts('sell');
        my $out = `h2load -n 2000 -c 4 -m 10 @{[url('/application/sell', $protocol)]} 2>&1`;
        like($out, qr/^requests: 2000 total.* 2000 succeeded/m, 'h2load')
            or diag $out;
        is(counts('sell')->{sold} - $before->{sold}, 2000, "$protocol: exact");
    }
}

# Handlers with the same struct do not share it.
sub apart {
    my $sell = counts('sell');
    is(fetch('/application/other')->{status}, 200, 'another sells');
    is(counts('other')->{sold}, 1, 'it has a struct of its own');
    is(counts('other')->{maker}, 0, 'which began as zeros');
    is(counts('sell')->{sold}, $sell->{sold}, 'the first has not changed');
}

# A child that is killed with the lock: its request is lost, the next has the
# lock and finds what it left.
sub killed {
    my $from   = log_mark();
    my $before = counts('sell');
    isnt(fetch('/application/sell?die')->{status}, 200, 'killed with the lock');
    my $start = time;
    is(fetch('/application/sell')->{status}, 200, 'the next one has it');
    cmp_ok(time - $start, '<', 20, 'and has not waited');
    ok(log_wait($from, qr/HBR0380: application_sell: a process has ended/),
       'a line tells');
    my $after = counts('sell');
    is($after->{sold} - $before->{sold}, 2, 'what it had done stays');
    is($after->{twin} - $before->{twin}, 1, 'half of it, here');
    ab('/application/sell', 200);
    is(counts('sell')->{sold} - $after->{sold}, 200, 'and all is well again');
    is(scalar(grep { /HBR0380/ } log_since($from)), 1, 'said once');
}

# prefork ends a child from a signal's handler, in the middle of a request.
sub ended {
    my $from   = log_mark();
    my $socket = raw_open();
    print $socket "GET /application/sell?hold=30000 HTTP/1.1\r\n"
        . "Host: localhost\r\n\r\n";
    $socket->flush;
    my ($pid) = (log_wait($from, qr/holds it in \d+/) // '') =~ /in (\d+)/
        or return fail('it holds the lock');
    kill 'TERM', $pid;
    my $start = time;
    is(fetch('/application/sell')->{status}, 200, 'ended with the lock');
    cmp_ok(time - $start, '<', 20, 'nobody waits for it');
    ok(log_wait($from, qr/HBR0380: application_sell/), 'a line tells');
    close $socket;
}

sub forgotten {
    my $from = log_mark();
    is(fetch('/application/sell?keep')->{status}, 200, 'forgotten');
    is(fetch('/application/sell')->{status}, 200, 'and given back');
    ok(log_wait($from, qr/HBR0379: application_sell: .* shared struct/),
       'a line tells');
}

sub configuration {
    my @mistakes = (
        ['BridgeLimitShared 23' =>
            qr/HBR0375: \S*application\.c: handler "application_other" wants 24 bytes .* more than BridgeLimitShared 23/],
        ['BridgeLimitShared 0' => qr/more than BridgeLimitShared 0/],
        ['BridgeLimitShared 1X' => qr/BridgeLimitShared "1X": expected/],
        ['BridgeLimitShared 2G' => qr/from 0 to 1073741824/],
        ["<VirtualHost *:9>\nBridgeLimitShared 1M\n</VirtualHost>" =>
            qr/BridgeLimitShared .*not.* allowed|cannot occur/],
    );
    for (@mistakes) {
        my ($lines, $words) = @$_;
        my ($exit, $text) = httpd_t("$lines\n");
        isnt($exit, 0, "$lines is refused");
        like($text, $words, 'with these words');
    }
    for my $right ('BridgeLimitShared 24', 'BridgeLimitShared 1G', '') {
        my ($exit, $text) = httpd_t("$right\n");
        is($exit, 0, "taken: $right") or diag $text;
    }
}
