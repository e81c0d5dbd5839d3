# What is counted in a real httpd is what was asked, to the last one: over all
# children, graceful restarts and the death of a child. And where a request's time goes:
# BridgeSlow, notes, Server-Timing (W3C Server Timing), traceparent (W3C Trace
# Context, Level 1).
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

use constant {
    MANY  => 3000,
    KEPT  => 20_000,
    TRACE => '4bf92f3577b34da6a3ce929d0e0e4736',
    SPAN  => '00f067aa0ba902b7',
};

my $threaded = mpm() ne 'prefork';
my $notes    = Apache::Test::vars('t_logs') . '/metrics_log';
my $number   = qr/\d+\.\d{3}/;
my @PARTS    = qw(before wait db read handler write);

exact();
exact_kept();
exact_h2() if mpm() eq 'event';
trouble();
server_limit();
in_flight();
dies();
pooled();
slow();
slow_write();
slow_wait();
notes();
server_timing();
traceparent();
directives();
done_testing;

sub counted {
    my $of = shift;
    my $r  = fetch("/metrics/show?of=$of");
    return $r->{status} == 200 ? decode_json($r->{body}) : {};
}

# The difference of two readings.
sub grown {
    my ($before, $after, $what) = @_;
    return ($after->{$what} // 0) - ($before->{$what} // 0);
}

# Waits until a reading is as it is to be; returns the last one.
sub counted_until {
    my ($of, $is) = @_;
    my $end = time + 30;
    my $now;

    do {
        sleep 0.05 if $now;
        $now = counted($of);
    } until $is->($now) || time > $end;
    return $now;
}

sub graceful {
    my $from = log_mark();
    kill 'USR1', slurp(Apache::Test::vars('t_pid_file')) =~ /(\d+)/;
    ok(log_wait($from, qr/resuming normal operations/, 60), 'restarted');
}

# So many, each well answered. No keep-alive here (t/restart.t): a child too many
# is ended, and its connections with it.
sub ab {
    my ($path, $count) = @_;
    my $out = `ab -q -n $count -c 8 @{[url($path)]} 2>&1`;
    my ($done) = $out =~ /^Complete requests:\s+(\d+)/m;
    my ($bad)  = $out =~ /^Failed requests:\s+(\d+)/m;
    my ($no)   = $out =~ /^Non-2xx responses:\s+(\d+)/m;

    is($done, $count, "ab -n $count") or diag $out;
    is($bad + ($no // 0), 0, 'all of them well') or diag $out;
}

# Two restarts in between, the old children beside the new ones.
sub exact {
    my $before = counted('metrics_count');
    for my $round (1 .. 3) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            exec 'curl', '-sf', '-o', '/dev/null', url('/metrics/count?ms=1500');
        }
        ab('/metrics/count', MANY);
        graceful() if $round < 3;
        waitpid $pid, 0;
        is($?, 0, 'a slow one, too');
    }
    my $all   = 3 * (MANY + 1);
    my $after = counted_until('metrics_count',
        sub { grown($before, $_[0], 'requests') >= $all });
    is(grown($before, $after, $_), $all, "$_ is exact")
        for qw(requests 2xx count hour);
    is(grown($before, $after, 'bytes_out'), 10 * $all, 'bytes out, too');
    is($after->{own}{$_} - $before->{own}{$_}, $all, "its own $_, too")
        for qw(sold render);
    is($after->{in_flight}, 0, 'none is in flight');
    is($after->{since}, $before->{since}, 'counting began before');
    cmp_ok($after->{max}, '>=', 1_500_000, 'the longest');
    cmp_ok($after->{p50}, '<=', $after->{p99}, 'quantiles in order');
    cmp_ok($after->{p99}, '<', 1_500_000, 'few are slow');
}

# Connections that are used again, while the server restarts twice. One that it
# closes may take a request along that was not answered, or an answer that did
# not arrive: at least what arrived was counted, and no more than was asked.
sub exact_kept {
    my $before = counted('metrics_count');
    my $command = 'ab -k -q -n ' . KEPT . " -c 8 @{[url('/metrics/count')]}";
    open my $ab, '-|', "$command 2>&1" or die "ab: $!";
    graceful() for 1 .. 2;
    my $out = do { local $/; <$ab> };
    close $ab;
    my ($kept) = $out =~ /^Keep-Alive requests:\s+(\d+)/m;
    my ($body) = $out =~ /^HTML transferred:\s+(\d+)/m;
    my $after = counted_until('metrics_count',
        sub { grown($before, $_[0], 'requests') * 10 >= ($body // 0) });
    cmp_ok($kept // 0, '>', 0.9 * KEPT, 'ab -k') or diag $out;
    cmp_ok($body // 0, '>', 9 * KEPT, 'most of it was answered') or diag $out;
    my $all = grown($before, $after, 'requests');
    cmp_ok($all, '>=', $body / 10, 'what arrived was counted');
    cmp_ok($all, '<=', KEPT, 'what nobody asked was not');
    is(grown($before, $after, $_), $all, "$_ is the same")
        for qw(2xx count hour);
    is(grown($before, $after, 'bytes_out'), 10 * $all, 'bytes out, too');
    is($after->{in_flight}, 0, 'none is in flight');
}

sub exact_h2 {
    for my $protocol (qw(h2c h2)) {
        my $before = counted('metrics_other');
        my $out = `h2load -n 2000 -c 4 -m 10 @{[url('/metrics/other', $protocol)]} 2>&1`;
        like($out, qr/^requests: 2000 total.* 2000 succeeded/m, 'h2load')
            or diag $out;
        is(grown($before, counted('metrics_other'), 'requests'), 2000,
           "$protocol: exact");
    }
}

sub trouble {
    my $before = counted('metrics_count');
    my $refused = fetch('/metrics/small', method => 'POST', body => 'x' x 11);
    is($refused->{status}, 413, 'too much');
    fetch('/metrics/count?status=500&secret=1');
    fetch('/metrics/count/"<b>?status=502');
    fetch('/metrics/count', method => 'DELETE');
    fetch('/metrics/count', method => 'POST', body => 'x' x 20);
    my $after = counted('metrics_count');
    is(grown($before, $after, '4xx'), 2, '413 and 405');
    is(grown($before, $after, '5xx'), 2, '500 and 502');
    is(grown($before, $after, 'errors'), 2, 'which are errors');
    is(grown($before, $after, 'bytes_in'), 20, 'bytes in');
    is($after->{limits}{BridgeLimitBody}, 1, 'the limit that was hit');
    is_deeply([@{ $after->{last} }[0, 1]],
              [{ status => 502, path => '/metrics/count/"<b>' },
               { status => 500, path => '/metrics/count' }],
              'the last errors, without a query');
}

# httpd's own limit: the bridge refuses a body whose length is told, httpd one
# that is found too long as it comes.
sub server_limit {
    each_protocol(sub {
        for my $field ('X: y', 'Transfer-Encoding: chunked') {
            my $before = counted('metrics_count');
            my $r = fetch('/metrics/httpd', method => 'POST', body => 'x' x 11,
                          headers => [$field], protocol => $_[0]);
            is($r->{status}, 413, "$field: too much for httpd");
            my $after = counted_until('metrics_count',
                sub { $_[0]{requests} > $before->{requests} });
            is(grown($before, $after, '4xx'), 1, 'counted');
            is(grown($before->{limits}, $after->{limits}, 'LimitRequestBody'),
               1, 'for its directive');
        }
    });
}

# A request that is answered, seen while it is under way.
sub in_background {
    my ($path) = @_;
    my $socket = raw_open();

    print $socket "GET $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n";
    $socket->flush;
    return $socket;
}

sub in_flight {
    my @sockets = map { in_background('/metrics/other?ms=4000') } 1 .. 2;
    my $now = counted_until('metrics_other', sub { $_[0]{in_flight} == 2 });
    is($now->{in_flight}, 2, 'two in flight');
    raw_read($_) for @sockets;
    is(counted('metrics_other')->{in_flight}, 0, 'and then none');
}

# What was in flight in a child that died is not for ever.
sub dies {
    my $socket = in_background('/metrics/other?ms=5000');
    counted_until('metrics_other', sub { $_[0]{in_flight} == 1 });
    my $dies = in_background('/metrics/other?ms=2500&die');
    my $now = counted_until('metrics_other', sub { $_[0]{in_flight} == 2 });
    is($now->{in_flight}, 2, 'two in flight');
    raw_read($dies);
    raw_read($socket);
    $now = counted_until('metrics_other', sub { $_[0]{in_flight} == 0 });
    is($now->{in_flight}, 0, 'its end leaves none behind');
}

sub pooled {
    my $socket = in_background('/metrics/pooled?ms=2500');
    my $now = counted_until('metrics_pooled', sub { $_[0]{in_use} == 1 });
    is($now->{in_use}, 1, 'an instance in use');
    raw_read($socket);
    $now = counted_until('metrics_pooled', sub { $_[0]{idle} == 1 });
    is($now->{idle}, 1, 'which is idle then');
    is($now->{in_use}, 0, 'and not in use');
}

# The line of a slow request: what it says of each part.
sub slow_line {
    my ($from) = @_;
    my $line = log_wait($from, qr/HBR0300/) // return {};
    my %of;

    @of{qw(total before wait db read handler write)} = $line =~
        /took ($number) ms: ($number) before the handler, ($number) waiting for an instance, ($number) in the database, ($number) reading the body, ($number) in the handler, ($number) writing \(BridgeSlow 150\)/;
    return { line => $line, %of };
}

# Asks until a part alone was slow, a few times at most: a machine that has much
# to do makes others so now and then. What the line then says, and the lines.
sub slow_alone {
    my ($part, $ask) = @_;
    my ($of, @lines);

    for (1 .. 8) {
        my $from = log_mark();
        $ask->();
        $of    = slow_line($from);
        @lines = grep { /HBR0300/ } log_since($from);
        last if @lines == 1
            && !grep { $_ ne $part && $of->{$_} >= 100 } @PARTS;
    }
    cmp_ok($of->{$_}, '<', 100, "not $_") for grep { $_ ne $part } @PARTS;
    return ($of, @lines);
}

sub slow {
    my ($of, @lines) = slow_alone(handler => sub {
        fetch('/metrics/count', vhost => 'metrics');
        fetch('/metrics/patient?ms=300', vhost => 'metrics');
        fetch('/metrics/count?ms=300&secret=1', vhost => 'metrics');
    });
    is(scalar @lines, 1, 'one line for one');
    like($of->{line}, qr/:warn\].*HBR0300: metrics_count: GET \/metrics\/count took/,
         'BridgeSlow');
    unlike($of->{line}, qr/secret/, 'without the query');
    like($of->{line}, qr/, trace [0-9a-f]{32}$/, 'with the trace');
    cmp_ok($of->{handler}, '>=', 300, 'the handler was slow');

    ($of) = slow_alone(read => sub {
        raw(["POST /metrics/count HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n"
             . "Connection: close\r\n\r\nabc", '', '', '', '', '', '', 'def'],
            where => 'metrics');
    });
    cmp_ok($of->{read}, '>=', 150, 'the body was slow');

    ($of) = slow_alone(db => sub {
        my $from = log_mark();
        my $n    = 500_000;
        do {
            $n *= 2;
            fetch("/metrics/db?n=$n", vhost => 'metrics');
        } until $n > 100_000_000 || grep { /HBR0300/ } log_since($from);
    });
    cmp_ok($of->{db}, '>=', 100, 'the database was slow');
}

# A client who reads nothing for a while; the sockets' buffers hold much less.
sub slow_write {
    my ($of) = slow_alone(write => sub {
        my $socket = raw_open('metrics');
        print $socket "GET /metrics/count?kb=30000 HTTP/1.1\r\nHost: x\r\n"
            . "Connection: close\r\n\r\n";
        $socket->flush;
        sleep 0.6;
        raw_read($socket);
        close $socket;
    });
    cmp_ok($of->{write}, '>=', 300, 'writing was slow');
}

# Two instances for all (t/conf/instance.conf.in), and three who want one.
sub slow_wait {
    return unless $threaded;
    my $line;
    for (1 .. 5) {
        last if $line = wait_for_instances();
    }
    ok($line, 'an instance was waited for');
}

sub wait_for_instances {
    my $from = log_mark();
    my @pids = map {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            open STDOUT, '>', '/dev/null';
            exec 'curl', '-s', url('/metrics/pooled?ms=800', 'metrics');
        }
        $pid;
    } 1 .. 12;
    waitpid $_, 0 for @pids;
    my ($line) = grep { /HBR0300.* (\d+)\.\d+ waiting/ && $1 >= 200 }
        log_since($from);
    return $line;
}

# Waits for a line of the access log.
sub noted {
    my ($path) = @_;
    for (1 .. 600) {
        my ($line) = reverse grep { /^\Q$path\E / }
            split /\n/, slurp($notes) // '';
        return split ' ', $line if $line;
        sleep 0.05;
    }
    return;
}

sub notes {
    fetch('/metrics/count/noted?ms=20', vhost => 'metrics',
          headers => ["traceparent: 00-@{[TRACE]}-@{[SPAN]}-01"]);
    my (undef, $handler, $time, $wait, $db, $read, $own, $write, $trace) =
        noted('/metrics/count/noted');
    is($handler, 'metrics_count', 'hbr-handler');
    cmp_ok($time, '>=', 20_000, 'hbr-time-us');
    cmp_ok($own, '>=', 20_000, 'hbr-handler-us');
    cmp_ok($own + $wait + $db + $read + $write, '<=', $time, 'the parts');
    is($trace, TRACE, 'hbr-trace-id');
    fetch('/metrics/unnoted', vhost => 'metrics');
    is(join(' ', noted('/metrics/unnoted')), '/metrics/unnoted - - - - - - - -',
       'BridgeNotes Off');
}

sub server_timing {
    my $form = join ', ', map { "$_;dur=$number" }
        qw(total before wait db read handler);
    each_protocol(sub {
        my $protocol = shift;
        my $r = fetch('/metrics/timed?ms=30', protocol => $protocol);
        like($r->{headers}{'server-timing'}, qr/^$form\z/, 'Server-Timing');
        my ($ms) = $r->{headers}{'server-timing'} =~ /handler;dur=($number)/;
        cmp_ok($ms, '>=', 30, 'what the handler took');
        $r = fetch('/metrics/timed?kb=100', protocol => $protocol);
        is(length $r->{body}, 102400, 'a stream');
        like($r->{headers}{'server-timing'}, qr/^$form\z/, 'with it, too');
        is(fetch('/metrics/count', protocol => $protocol)
               ->{headers}{'server-timing'}, undef, 'Off where it is not On');
    });
}

# W3C Trace Context 3.2, 4.3
sub traceparent {
    my $good = "00-@{[TRACE]}-@{[SPAN]}-01";
    my $ask = sub {
        my $r = fetch('/metrics/count?trace', @_);
        return split /[ \n]/, $r->{body};
    };
    each_protocol(sub {
        my @how = (protocol => shift);
        my ($id, $parent) = $ask->(@how, headers => ["traceparent: $good"]);
        is($id, TRACE, 'taken over');
        like($parent, qr/^00-@{[TRACE]}-(?!@{[SPAN]})[0-9a-f]{16}-01\z/,
             'for those that are asked');
        my ($other, $new) = $ask->(@how);
        like($other, qr/^[0-9a-f]{32}\z/, 'made');
        like($new, qr/^00-$other-[0-9a-f]{16}-00\z/, 'not recorded');
        ($id) = $ask->(@how, headers => ["traceparent: cc-@{[TRACE]}-@{[SPAN]}-00-more"]);
        is($id, TRACE, 'of a version to come');
        for my $bad (["traceparent: $good-more"], ["traceparent: \U$good"],
                     ["traceparent: ff-@{[TRACE]}-@{[SPAN]}-01"],
                     ["traceparent: $good", "traceparent: $good"]) {
            ($id) = $ask->(@how, headers => $bad);
            isnt($id, TRACE, "not taken: @$bad");
            like($id, qr/^[0-9a-f]{32}\z/, 'but made');
        }
    });
}

sub directives {
    for (["BridgeSlow -1", qr/BridgeSlow "-1": expected a whole number from 0/],
         ["BridgeSlow 1s", qr/BridgeSlow "1s": expected a whole number/],
         ["BridgeNotes Maybe", qr/BridgeNotes must be On or Off/],
         ["BridgeMetricsHandlers 0", qr/from 1 to 10000, not "0"/],
         ["<Location />\nBridgeMetrics Off\n</Location>",
          qr/BridgeMetrics not allowed/]) {
        my ($conf, $says) = @$_;
        my ($exit, $text) = httpd_t($conf);
        isnt($exit, 0, "$conf is refused");
        like($text, $says, 'and why');
    }
    my ($exit, $text) = httpd_t("BridgeSlow 5000\nBridgeMetrics Off\n"
        . "BridgeMetricsHandlers 7\nBridgeTrace On\nBridgeServerTiming On\n");
    is($exit, 0, 'all of them') or diag $text;
}
