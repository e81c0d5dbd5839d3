# What was counted is exact on connections that are used again, and stays over
# graceful restarts with another configuration: modules that come and go,
# BridgeMetrics and BridgeMetricsHandlers changed. What is said when not all can
# be counted. And so do shared structs, as long as they have their size. On
# servers of its own.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Httpd;
use HandlerBridge::Test;

use constant KEPT => 10_000;

my $program = Apache::Test::vars('httpd');
my $so      = $ENV{HBR_SO} || Apache::Test::vars('top_dir')
    . '/build/test/mod_handlerbridge.so';
my $libexec = HandlerBridge::Httpd::query('LIBEXECDIR');
my $run     = tempdir('hbr-restart.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $httpd;

chmod 0755, $run or die "$run: $!";
kept();
moved();
unloaded();
sized();
unfilled();
full();
off();
hosts();
closed();
no_memory() unless $program =~ /asan/;
done_testing;

END {
    my $status = $?;
    $httpd->stop if $httpd;
    $? = $status;
}

# ---- the server -------------------------------------------------------------

sub load {
    return join '', map { "LoadModule ${_}_module $libexec/mod_$_.so\n" } @_;
}

# Some of httpd's modules, ours, and more lines.
sub conf {
    my ($modules, $more) = @_;
    return load(@$modules) . "LoadModule handlerbridge_module $so\n"
        . ($more // '') . <<'END';
<IfDefine !CLOSED>
    <Location /count>
        SetHandler metrics_count
    </Location>
    <Location /bridge-status>
        SetHandler bridge-status
    </Location>
</IfDefine>
END
}

sub start {
    my ($modules, $more, %o) = @_;
    unlink "$run/error.log";
    $httpd = HandlerBridge::Httpd->start($run, mpm(), conf($modules, $more),
        program => $program, %o);
    until_logged('resuming normal operations', 1);
}

sub until_logged {
    my ($what, $times) = @_;
    my $end = time + 60;

    sleep 0.05 until $httpd->log_count($what) >= $times || time > $end;
    is($httpd->log_count($what), $times, "$what: $times");
}

sub command {
    my ($command, @conf) = @_;
    my $before = $httpd->log_count('resuming normal operations');

    $httpd->write_conf(mpm(), conf(@conf));
    $httpd->command($command) or die $httpd->said;
    until_logged('resuming normal operations', $before + 1);
}

sub graceful { command('graceful', @_) }

# The old children, who may still take a request, are gone.
sub renew {
    is(old_after_graceful(0, @_), 0, 'the old ones are gone');
}

# How many old children are left after a graceful restart, when it was waited
# for all but so many that are at work.
sub old_after_graceful {
    my ($busy, @how) = @_;
    my %old = map { $_ => 1 } $httpd->children;
    my $end = time + 60;
    my $left;

    graceful(@how);
    sleep 0.05 while ($left = grep { $old{$_} } $httpd->children) > $busy
        && time < $end;
    return $left;
}

sub stop {
    $httpd->stop;
    is_deeply([grep { /exit signal|Sanitizer|runtime error/ } $httpd->log], [],
        'nothing crashed');
    undef $httpd;
}

sub ask {
    my ($path, @curl) = @_;
    return HandlerBridge::Test::run_curl('GET',
        qw(curl --silent --show-error --include --noproxy * --max-time 30),
        @curl, 'http://127.0.0.1:' . $httpd->port . $path);
}

sub status { return decode_json(ask('/bridge-status?format=json')->{body}) }

sub counted {
    my ($name) = @_;
    my ($of) = grep { $_->{name} eq $name } @{ status()->{handlers} };
    return $of;
}

sub counted_until {
    my ($is) = @_;
    my $end = time + 30;
    my $of;

    do { $of = counted('metrics_count') } until $is->($of) || time > $end;
    return $of;
}

# ---- restarts ---------------------------------------------------------------

# No child is ended for there are too many, and the old ones are gone each time:
# no connection is lost.
sub kept {
    my $most = (mpm() eq 'prefork' ? 'MaxSpareServers 100'
        : 'MaxSpareThreads 1000') . "\n";

    start([], $most);
    for my $round (1 .. 3) {
        my $url = 'http://127.0.0.1:' . $httpd->port . '/count';
        my $out = `ab -k -q -n @{[KEPT]} -c 8 $url 2>&1`;
        like($out, qr/^Complete requests:\s+@{[KEPT]}\nFailed requests:\s+0$/m,
            'ab -k') or diag $out;
        my $of = counted_until(sub { $_[0]{requests} >= $round * KEPT });
        is($of->{$_->[0]}, $round * $_->[1] * KEPT, "$_->[0] is exact")
            for ['requests', 1], ['bytes_out', 10];
        is($of->{classes}{'2xx'}, $of->{requests}, '2xx, too');
        is($of->{own}[$_]{count}, $of->{requests}, 'its own, too') for 0, 1;
        my $sum = 0;
        $sum += $_ for @{ $of->{histogram} };
        is($sum, $of->{requests}, 'the histogram has them all');
        is($of->{in_flight}, 0, 'none is in flight');
        renew([], $most) if $round < 3;
    }
    stop();
}

# Ours is loaded to another place of the parent's memory, and where it was there
# is another, or none.
sub moved {
    start([]);
    ask('/count') for 1 .. 3;
    renew([qw(lua dav dav_fs md session)]);
    ask('/count') for 1 .. 2;
    is(counted('metrics_count')->{requests}, 5, 'behind other modules');
    renew([]);
    ask('/count');
    is(counted('metrics_count')->{requests}, 6, 'and without them again');
    stop();
}

# A handler goes, and comes back; so does mod_status.
sub unloaded {
    my $first = 'LoadModule first_module ' . dirname($so)
        . "/outside/mod_first.so\n<Location /first>\nSetHandler first-answer\n"
        . "</Location>\n";
    my $server_status =
        "<Location /server-status>\nSetHandler server-status\n</Location>\n";
    start([], $first);
    is(ask('/first')->{status}, 200, 'a module of its own') for 1 .. 2;
    renew(['status'], $server_status);
    my $of = counted('first-answer');
    is_deeply([@$of{qw(requests loaded file methods)}],
        [2, JSON::PP::false, '', ''], 'its numbers stay without it')
        or diag explain $of;
    like(ask('/bridge-status')->{body},
        qr{first-answer</a><span class="sum">no longer loaded<}, 'in the list');
    like(ask('/bridge-status?handler=first-answer')->{body},
        qr/It is no longer loaded; its numbers stay/, 'and on its page');
    like(ask('/bridge-status?format=openmetrics')->{body},
        qr/^handlerbridge_requests_total\{handler="first-answer",class="2xx"\} 2$/m,
        'for Prometheus');
    like(ask('/server-status?auto')->{body},
        qr/^HandlerBridge\.first-answer\.Requests: 2$/m, 'for mod_status');
    renew([], $first);
    ask('/first');
    $of = counted('first-answer');
    is($of->{requests}, 3, 'and go on with it');
    ok($of->{loaded}, 'which is there again');
    stop();
}

# Of a module, small or large, whose handler has a shared struct.
sub with_shared {
    my ($name) = @_;
    return "LoadModule ${name}_module " . dirname($so)
        . "/outside/mod_$name.so\n<Location /sized>\nSetHandler sized-count\n"
        . "</Location>\n";
}

# The struct is there while a handler has the name and the size.
sub sized {
    my ($small, $large) = map { with_shared($_) } qw(small large);

    start([], $small);
    is(ask('/sized')->{body}, "$_ in 8 bytes\n", 'a shared struct')
        for 101 .. 102;
    renew([qw(lua dav)], $small);
    is(ask('/sized')->{body}, "103 in 8 bytes\n", 'stays');
    renew([], $large);
    is(ask('/sized')->{body}, "$_ in 12288 bytes\n", 'one of another size')
        for 101 .. 102;
    command('restart', [], $large);
    is(ask('/sized')->{body}, "103 in 12288 bytes\n", 'stays, too');
    command('restart', [qw(lua dav)], $small);
    is(ask('/sized')->{body}, "101 in 8 bytes\n", 'the first has gone');
    renew([]);
    renew([], $small);
    is(ask('/sized')->{body}, "101 in 8 bytes\n", 'as one without a handler');
    stop();
}

# It answers 503 while its struct cannot be filled, and nobody else does.
sub unfilled {
    local $ENV{HBR_SIZED_FAILS} = "$run/fails";
    my $small = with_shared('small');

    open my $fh, '>', $ENV{HBR_SIZED_FAILS} or die "$run: $!";
    close $fh;
    start([], $small);
    is(ask('/sized')->{status}, 503, 'it cannot be filled');
    is(ask('/count')->{status}, 200, 'another handler');
    cmp_ok($httpd->log_count(qr/:error\].*HBR0377: sized-count: shared_init failed/),
        '>', 0, 'a line tells');
    unlink $ENV{HBR_SIZED_FAILS};
    renew([], $small);
    is(ask('/sized')->{body}, "101 in 8 bytes\n", 'the next child tries again');
    stop();
}

# Never a wrong place: who has none is not counted.
sub full {
    start([], "BridgeMetricsHandlers 3\n");
    until_logged(qr/:warn\].*HBR0304: \d+ of \d+ handlers are not counted, .*BridgeMetricsHandlers is 3/, 1);
    ask('/count') for 1 .. 5;
    my $all = status();
    my @counted = grep { $_->{counted} } @{ $all->{handlers} };
    my %not = map { $_->{name} => $_ } grep { !$_->{counted} }
        @{ $all->{handlers} };
    is(scalar @counted, 3, 'three are counted');
    is($all->{missed}, scalar keys %not, 'the others are not');
    is($not{metrics_count}{requests}, 0, 'this one, too');
    is_deeply([grep { $_->{requests} > 0 && $_->{name} ne 'bridge-status' }
        @counted], [], 'nor for another') or diag explain \@counted;
    like(ask('/bridge-status')->{body},
        qr/\d+ handlers are not counted, .*raise BridgeMetricsHandlers/,
        'the page says so');
    renew([], "BridgeMetricsHandlers 300\n");
    until_logged(qr/:notice\].*HBR0303: BridgeMetricsHandlers 300 counts from the next start on; until then it is 3$/, 1);
    is(status()->{missed}, $all->{missed}, 'as it says');
    stop();
}

# A child that dies meanwhile leaves nothing in flight.
sub off {
    start([]);
    is(ask('/count')->{status}, 200, 'On');
    defined(my $pid = fork) or die "fork: $!";
    if (!$pid) {
        ask('/count?ms=8000&die');
        POSIX::_exit(0);
    }
    is(counted_until(sub { $_[0]{in_flight} == 1 })->{in_flight}, 1,
        'in flight');
    # On prefork the restart's signal ends its sleep.
    my $busy = mpm() eq 'prefork' ? 0 : 1;
    is(old_after_graceful($busy, [], "BridgeMetrics Off\n"), $busy,
        'the old ones are gone, but for who is at work');
    is(ask('/count')->{status}, 200, 'Off');
    like(ask('/bridge-status')->{body}, qr/Nothing is counted: BridgeMetrics/,
        'it says so');
    is_deeply([grep { $_->{counted} } @{ status()->{handlers} }], [],
        'nothing is');
    is(ask('/bridge-status?format=openmetrics')->{body}, "# EOF\n",
        'nothing for Prometheus');
    is(ask('/bridge-status?handler=metrics_count')->{status}, 200,
        'a page of its own');
    waitpid $pid, 0;
    sleep 1; # the parent has seen its end
    renew([]);
    ask('/count');
    is_deeply([@{ counted('metrics_count') }{qw(requests in_flight)}], [2, 0],
        'On again');
    stop();
}

# One handler in two virtual hosts is counted once, and mapped twice.
sub hosts {
    my $host = "<VirtualHost *>\nServerName %s\n<Location /%s>\n"
        . "SetHandler metrics_other\n</Location>\n</VirtualHost>\n";
    start([], sprintf($host x 2, qw(one.test here two.test there)));
    is(ask('/here', '-H', 'Host: one.test')->{status}, 200, 'one');
    is(ask('/there', '-H', 'Host: two.test')->{status}, 200, 'two')
        for 1 .. 2;
    my $of = counted('metrics_other');
    is($of->{requests}, 3, 'together');
    is_deeply([map { "$_->{server} $_->{section}" } @{ $of->{mappings} }],
        ['one.test <Location /here>', 'two.test <Location /there>'],
        'two mappings') or diag explain $of->{mappings};
    stop();
}

# Nobody sees it where nobody has mapped it.
sub closed {
    start([], "Define CLOSED\n");
    for my $path (qw(/bridge-status /bridge-status/ /count/bridge-status / /x)) {
        my $r = ask($path);
        is($r->{status}, 404, "not at $path");
        unlike($r->{body}, qr/metrics_count/, 'and nothing of it');
    }
    stop();
}

# The memory cannot be had; everything else works.
sub no_memory {
    my $small = mpm() eq 'prefork' ? '' : "ThreadStackSize 262144\n";
    start([], "BridgeMetricsHandlers 10000\n$small",
        first => 'ulimit -v 1000000');
    until_logged(qr/:warn\].*HBR0302: there is no shared memory to count in/, 1);
    is(ask('/count')->{status}, 200, 'a request');
    is_deeply([grep { $_->{counted} } @{ status()->{handlers} }], [],
        'that is not counted');
    stop();
}
