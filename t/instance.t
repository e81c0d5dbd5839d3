# Handlers' instances in a real httpd: pooled ones are never shared, bounded,
# ended when idle and when the child ends.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

use constant {
    MAX  => 2,      # as in t/conf/instance.conf.in
    WAIT => 1.5,
    IDLE => 3,
};

my $threaded = mpm() ne 'prefork';

lifetimes();
create_fails();
never_shared();
broken();
comes_back();
nested();
full() if $threaded;
rewritten_waits() if $threaded;
idle();
graceful();
in_flight() if !$threaded;
directives();
done_testing;

# The instance that answered.
sub instance {
    my $r = shift;
    $r->{body} =~ /<(\d+) (\d+) (\d+) (\d+)>/ or return {};
    return { pid => $1, number => $2, uses => $3, met => $4 };
}

# So many at once; each answer has its time.
sub together {
    my ($count, $path, %o) = @_;
    my @readers;

    for (1 .. $count) {
        my $pid = open my $out, '-|';
        defined $pid or die "fork: $!";
        if (!$pid) {
            my $start = time;
            my $r     = fetch($path, %o);
            printf "%d %.3f %s %s\n", $r->{status}, time - $start,
                $r->{headers}{'retry-after'} // '-', $r->{body} =~ s/\n/ /gr;
            close STDOUT;
            require POSIX;
            POSIX::_exit(0);
        }
        push @readers, $out;
    }
    return map {
        my ($status, $seconds, $retry, $body) = split ' ', readline($_), 4;
        +{ status => $status, seconds => $seconds, retry => $retry,
           body => $body // '' };
    } @readers;
}

sub lifetimes {
    each_protocol(sub {
        my $protocol = shift;
        my (%each, %process, $uses);
        my $from = log_mark();
        for (1 .. 10) {
            my $r = instance(fetch('/instance/each', protocol => $protocol));
            $each{"$r->{pid} $r->{number}"}++;
            is($r->{uses}, 1, 'per request: used once');
            my $p = instance(fetch('/instance/process',
                                   protocol => $protocol));
            $process{ $p->{pid} }{ $p->{number} } = 1;
            my $q = instance(fetch('/instance/pooled', protocol => $protocol));
            $uses += $q->{uses} > 1;
        }
        is(scalar(keys %each), 10, 'a new one each time');
        ok(log_wait($from, qr/instance_each: ended $_\b/), "$_ is ended")
            for map { s/(\d+) (\d+)/$2 in $1/r } keys %each;
        is(scalar(grep { keys %$_ > 1 } values %process), 0,
           'per process: one in each');
        ok($uses, 'pooled: used again');
    });
    my $socket = raw_open();
    my $from   = log_mark();
    print $socket "GET /instance/each HTTP/1.1\r\nHost: localhost\r\n\r\n";
    $socket->flush;
    like(raw_read($socket, until => qr/<.*>/), qr/ 200 /, 'kept alive');
    ok(log_wait($from, qr/instance_each: ended/),
       'ended with the response, not with the connection');
    close $socket;
}

# 503 for the request that needed it; the next one tries again.
sub create_fails {
    my $from = log_mark();
    my %status;
    my $good = 0;
    for (1 .. 400) {
        my $status = fetch('/instance/late')->{status};
        $status{$status}++;
        $good = $status == 200 ? $good + 1 : 0;
        last if $good == 30;
    }
    ok($status{503}, 'create failed: 503');
    is($good, 30, 'and later ones do not');
    is(scalar(grep { /HBR0250: instance_late: / } log_since($from)),
       $status{503}, 'a line for each');

    my $r = fetch('/instance/unmade');
    is($r->{status}, 503, 'the one of the process could not be made');
    is(fetch('/instance/process')->{status}, 200, 'the others work');
    ok(scalar(grep { /HBR0251: instance_unmade: create failed/ } log_since(0)),
       'said at the start of the child');
}

sub never_shared {
    each_protocol(sub {
        my $protocol = shift;
        my @all = map { together(6, '/instance/pooled?ms=20',
                                 protocol => $protocol) } 1 .. 10;
        my @good = grep { $_->{status} == 200 } @all;
        is(scalar(@good), 60, "$protocol: all are answered");
        is(scalar(grep { instance($_)->{met} } @good), 0,
           'and none met another');
    });
}

sub broken {
    my $from = log_mark();
    my $r    = instance(fetch('/instance/pooled?broken=1'));
    # At once: after IDLE seconds a whole one is ended, too.
    my @again = grep { $_->{pid} == $r->{pid}
                       && $_->{number} == $r->{number} }
        map { instance(fetch('/instance/pooled')) } 1 .. 20;
    is(scalar(@again), 0, 'a broken one is not used again');
    ok(log_wait($from, qr/ended $r->{number} in $r->{pid}\b/), 'but ended');
}

# Errors, and clients that go away: more of them than the pools have places.
sub comes_back {
    for my $n (1 .. 4 * MAX) {
        is(fetch('/instance/pooled?status=500')->{status}, 500, 'an error');
        my $r = fetch('/instance/document?status=404');
        is($r->{status}, 404, 'an ErrorDocument of the same handler');
        ok(instance($r)->{number}, 'which answers');
    }
    my $from = log_mark();
    for (1 .. 4 * MAX) {
        my $socket = raw_open();
        print $socket "GET /instance/slow?ms=100 HTTP/1.1\r\n"
            . "Host: localhost\r\n\r\n";
        $socket->flush;
        raw_read($socket, until => qr/begun in/);
        close $socket;
    }
    sleep 1;
    is(scalar(grep { $_->{status} != 200 }
              map { together(MAX, '/instance/slow') } 1 .. 5), 0,
       'clients that go away leave the instances there');
    is(scalar(grep { /HBR0252/ } log_since($from)), 0, 'nobody was refused');
}

# A subrequest of mod_include reaches the handler that waits for it.
sub nested {
    each_protocol(sub {
        my $protocol = shift;
        my $r = fetch('/instance/nested?depth=1', protocol => $protocol);
        my @numbers = $r->{body} =~ /<(\d+)>/g;
        is(scalar(@numbers), 2, "$protocol: both answer");
        isnt($numbers[0], $numbers[1], 'with an instance each');

        my $from = log_mark();
        my $took = quickest(WAIT, sub {
            $r = fetch('/instance/nested?depth=2', protocol => $protocol);
        });
        cmp_ok($took, '<', WAIT, 'it does not wait for itself');
        @numbers = $r->{body} =~ /<(\d+)>/g;
        is(scalar(@numbers), MAX, 'there are no more than the pool has');
        like($r->{body}, qr/error/, 'mod_include says that one is missing');
        ok(log_wait($from, qr/HBR0252: instance_nested: .*BridgePoolMax/),
           'and the log which directive');
    });
}

sub full {
    each_protocol(sub {
        my $protocol = shift;
        # What so many cost this machine when none of them waits.
        my ($slow) = sort { $b <=> $a } map { $_->{seconds} }
            together(16, '/instance/each', protocol => $protocol);
        my $from = log_mark();
        my @all  = together(16, '/instance/pooled?ms=3000',
                            protocol => $protocol);
        my @good    = grep { $_->{status} == 200 } @all;
        my @refused = grep { $_->{status} == 503 } @all;
        my %in;
        # One that came when another had ended may have that one's.
        $in{ instance($_)->{pid} }{ instance($_)->{number} } = 1 for @good;

        is(@good + @refused, 16, "$protocol: 200 or 503");
        is(scalar(grep { keys %$_ > MAX } values %in), 0,
           'no child has more than BridgePoolMax at once');
        ok(scalar(@refused), 'some find none');
        is(scalar(grep { $_->{retry} ne '5' } @refused), 0, 'Retry-After');
        is(scalar(grep { $_->{body} !~ /BridgePoolMax/ } @refused), 0,
           'the directive is named');
        is(scalar(grep { $_->{seconds} < WAIT - 0.1
                         || $_->{seconds} > WAIT + 1.3 + 4 * $slow } @refused), 0,
           'after BridgePoolWait') or diag(map { "$_->{seconds} " } @refused);
        my @lines = grep { /HBR0252: instance_pooled: .*BridgePoolWait/ }
            log_since($from);
        is(scalar(@lines), scalar(@refused), 'a line for each');
        is(scalar(grep { !/:info\]/ } @lines), 0, 'at info');
        is(scalar(grep { /instance_pooled/ } log_grave($from)), 0,
           'and nothing worse');
    });
}

# r->prev is set, but nobody in this thread holds an instance.
sub rewritten_waits {
    my @all = together(10, '/instance/rewritten?ms=100');
    is(scalar(grep { $_->{status} == 200 } @all), 10,
       'a request behind an internal redirect waits as any other');
}

sub idle {
    my $from = log_mark();
    my %seen;
    for (1 .. 10) {
        my $r = instance(fetch('/instance/pooled'));
        $seen{"$r->{number} in $r->{pid}"} = 1;
    }
    if ($threaded) {
        ok(log_wait($from, qr/instance_pooled: ended $_\b/),
           "$_ is ended without a request")
            for keys %seen;
    }
    else {
        # A request may end what an earlier test has left idle.
        my $after = log_mark();
        sleep IDLE + 2;
        # Nor has a child that httpd has one too many of, and ends.
        my %gone = map { /instance_process: stop in (\d+)/ ? ($1 => 1) : () }
            log_since($after);
        is(scalar(grep { /instance_pooled: ended \d+ in (\d+)/ && !$gone{$1} }
                  log_since($after)), 0,
           'not by a thread, where a child has but one');
    }
    my @again = map { instance(fetch('/instance/pooled')) } 1 .. 20;
    is(scalar(grep { $seen{"$_->{number} in $_->{pid}"} } @again), 0,
       'idle ones are not used again');
}

sub graceful {
    my $r = instance(fetch('/instance/pooled'));
    my $p = instance(fetch('/instance/process'));
    my $from = log_mark();

    kill 'USR1', slurp(Apache::Test::vars('t_pid_file')) =~ /(\d+)/;
    ok(log_wait($from,
                qr/instance_pooled: ended $r->{number} in $r->{pid}\b/, 60),
       'a pooled one is ended with its child');
    ok(log_wait($from,
                qr/instance_process: ended $p->{number} in $p->{pid}\b/, 60),
       'and the one of the process');
    ok(log_wait($from, qr/instance_process: stop in $p->{pid}\b/, 60),
       'and stop runs');
    my @steps = map { /instance_process: (ended|stop).* in $p->{pid}\b/
                      ? $1 : () } log_since($from);
    is("@steps", 'ended stop', 'after it');
    for (1 .. 100) {
        last if fetch('/instance/pooled')->{status} == 200;
        sleep 0.1;
    }
    is(fetch('/instance/pooled')->{status}, 200, 'new children answer');
    is(scalar(grep { /exit signal/ } log_since($from)), 0, 'none has crashed');
}

# prefork destroys a child's pool from a signal's handler.
sub in_flight {
    my $socket = raw_open();
    my $from   = log_mark();

    print $socket "GET /instance/slow?ms=30000 HTTP/1.1\r\n"
        . "Host: localhost\r\n\r\n";
    $socket->flush;
    my ($pid) = raw_read($socket, until => qr/begun in \d+ /) =~ /in (\d+)/
        or return fail('it is at work');
    kill 'TERM', $pid;
    raw_read($socket);
    for (1 .. 150) {
        last unless kill 0, $pid;
        sleep 0.1;
    }
    ok(!kill(0, $pid), 'a child that is ended in the middle of a request ends');
    my @lines = grep { /\bin $pid\b/ } log_since($from);
    is(scalar(grep { /ended|stop/ } @lines), 0, 'nothing else is ended then');
    is(scalar(grep { /exit signal/ } log_since($from)), 0, 'nor crashes');
    is(fetch('/instance/pooled')->{status}, 200, 'others go on');
}

sub directives {
    my @mistakes = (
        ['BridgePoolMax -1'   => qr/BridgePoolMax takes a number from 0 to/],
        ['BridgePoolMax few'  => qr/BridgePoolMax .* not "few"/],
        ['BridgePoolMax 100001' => qr/BridgePoolMax takes/],
        ['BridgePoolWait 5s'  => qr/BridgePoolWait .* not "5s"/],
        ['BridgePoolWait -1'  => qr/BridgePoolWait takes a number from 0 to/],
        ['BridgePoolIdle 1.5' => qr/BridgePoolIdle .* not "1.5"/],
        ['BridgePoolIdle'     => qr/BridgePoolIdle takes one argument/],
    );
    for (@mistakes) {
        my ($line, $words) = @$_;
        my ($exit, $text) = httpd_t("$line\n");
        isnt($exit, 0, "$line is refused");
        like($text, $words, 'with these words');
        like($text, qr{line 1 of FILE}, 'and its place');
    }
    for my $name (qw(BridgePoolMax BridgePoolWait BridgePoolIdle)) {
        my ($exit, $text) =
            httpd_t("<VirtualHost *:9>\n$name 5\n</VirtualHost>\n");
        isnt($exit, 0, "$name is the whole server's");
        like($text, qr{line 2 of FILE}, 'and its place');
    }
    my ($exit, $text) =
        httpd_t("BridgePoolMax 0\nBridgePoolWait 0\nBridgePoolIdle 0\n");
    is($exit, 0, 'what is right is taken') or diag($text);
}
