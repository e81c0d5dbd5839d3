# mod_session_socache over each provider, in a server of its own: Redis that is
# killed, comes back, hangs; memcached; dbm; what a restart keeps.
# t/session_socache.t has sessions themselves.
use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path);
use File::Temp ();
use HTTP::Tiny ();
use Time::HiRes qw(sleep time);
use Test::More;

use Apache::Test ();

use HandlerBridge::Httpd;
use HandlerBridge::Memcached;
use HandlerBridge::Redis;
use HandlerBridge::Visitor;
use HandlerBridge::Test;

use constant { MANY => 1500, PLACES => 472 };

my $vars  = Apache::Test::vars();
my $count = 0;
my $conf;
local $ENV{HBR_HTTPD} = $vars->{httpd};

redis();
back_in_time();
memcached();
shmcb();
shmcb_full();
dbm();
too_small();
done_testing;

sub body { return $_[0]{body} =~ s/\n\z//r =~ s/\n/ /gr }

# A server with this SessionSocache and a browser that asks it.
sub server {
    my ($socache, $more) = @_;
    my $dir = "$vars->{serverroot}/state/stores-" . $count++;

    make_path($dir);
    chmod 0777, $dir;
    $conf = <<"END";
@{[modules()]}
SessionSocache $socache
SessionSocacheWait 10000
<Location />
    SetHandler hss-probe
    Session On
    SessionSocacheCookie sid
</Location>
<Location /long>
    SessionMaxAge 7776000
</Location>
<Location /api>
    SetHandler session
    ErrorDocument 404 /api?do=show
</Location>
<Location /api_read>
    SetHandler session_read
</Location>
<IfModule mpm_prefork_module>
    StartServers 2
    MaxSpareServers 2
    MaxRequestWorkers 4
</IfModule>
<IfModule !mpm_prefork_module>
    StartServers 2
    ServerLimit 2
    ThreadsPerChild 8
    MinSpareThreads 8
    MaxSpareThreads 16
    MaxRequestWorkers 16
</IfModule>
Mutex file:$dir
@{[$more // '']}
END
    my $httpd = HandlerBridge::Httpd->start($dir, mpm(), $conf);
    return ($httpd, HandlerBridge::Visitor->new(port => $httpd->port));
}

sub modules {
    my $file = slurp("$vars->{t_conf}/modules.conf");
    return join '', map { "$_\n" }
        $file =~ /^(LoadModule (?:session\w*|socache_\w+|hss_probe|handlerbridge)_module .*)$/mg;
}

# SessionSocacheWait: short for a store that hangs, and long for one that may be
# slow.
sub waits {
    my ($httpd, $ms) = @_;

    $httpd->write_conf(mpm(), $conf =~ s/^SessionSocacheWait \K.*/$ms/mr);
    restarted($httpd);
}

# Gracefully; those that were there before are gone.
sub restarted {
    my ($httpd) = @_;
    my @before = $httpd->children;
    my $end    = time + 60;

    $httpd->command('graceful') or die $httpd->said;
    sleep 0.05 while time < $end && grep { kill 0, $_ } @before;
}

sub timed {
    my ($asks) = @_;
    my $start = time;
    my $answer = $asks->();
    return ($answer, time - $start);
}

sub redis {
    my $redis = HandlerBridge::Redis->start;
    my ($httpd, $b) = server('redis:127.0.0.1:' . $redis->port);

    $b->ask('/?set=a:1');
    is(body($b->ask('/?get')), 'a=1', 'Redis keeps a session');
    my @keys = @{ $redis->command('KEYS', '*') };
    is(scalar(@keys), 1, 'under one key');
    like($keys[0], qr/^session:[0-9a-f]{40}\z/i, 'a digest');
    my $id = $b->cookie('sid');
    unlike("@keys " . $redis->command('GET', $keys[0]), qr/$id/i,
           'no id is in Redis');
    cmp_ok(abs($redis->command('TTL', $keys[0]) - 1800), '<', 10,
           'Redis ends it: SessionSocacheTimeout, 30 minutes');
    is($b->ask('/?big=60000&save')->{status}, 200, '60 KB');
    is(body($b->ask('/?get')), 'a=1 big=' . 'b' x 100, 'are kept');
    $b->ask('/?renew');
    is(scalar(grep { !/:656E6473/i } @{ $redis->command('KEYS', '*') }), 1,
       'a new id takes the key with it');
    restarted($httpd);
    is(body($b->ask('/?get')), 'a=1 big=' . 'b' x 100,
       'a restart of httpd keeps it');
    ended_under_load($httpd);
    away($redis, $httpd, $b);
    waits($httpd, 500);
    hanging($redis, $httpd, $b);
    crowd($redis, $httpd, $b);
    waits($httpd, 10_000);
    handlers($redis, $httpd, $b);
    $b->ask('/?abandon');
    is(scalar(grep { !/70726F6265|:656E6473/i } @{ $redis->command('KEYS', '*') }),
       0, 'abandoned: gone from Redis, but for marks of those that were ended');
    my ($mark) = grep { /:656E6473/i } @{ $redis->command('KEYS', '*') };
    cmp_ok($redis->command('TTL', $mark), '<=', 122, 'which go in two minutes');
    unlike(join('', $httpd->log), qr/$id/, 'no id is in the log');
    $httpd->stop;
}

# Each of the others' requests pushes the expiry, and so writes.
sub ended_under_load {
    my ($httpd) = @_;
    my $url = 'http://127.0.0.1:' . $httpd->port . '/long?get';
    my $back = 0;

    for my $round (1 .. 12) {
        my $b = HandlerBridge::Visitor->new(port => $httpd->port);
        $b->ask('/long?set=a:1');
        my $id = $b->cookie('sid');
        my $ab = open my $others, '-|',
            "exec ab -q -t 60 -n 999999 -c 8 -C sid=$id '$url' 2>&1"
            or die "ab: $!";
        sleep 0.3;
        $b->ask('/?abandon');
        sleep 0.2;
        kill 'TERM', $ab;
        close $others;
        $b->put('sid', $id);
        $back++ if body($b->ask('/?get')) ne '';
    }
    is($back, 0, 'who ends a session ends it, whatever else runs');
}

# include/handlerbridge/session.h over it.
sub handlers {
    my ($redis, $httpd, $visitor) = @_;
    my $b = HandlerBridge::Visitor->new(port => $httpd->port);

    is(body($b->ask("/api?do=count")), $_, "a handler counts $_") for 1 .. 3;
    my $old = $b->cookie('sid');
    is($b->ask('/api?do=login')->{status}, 303, 'login');
    isnt($b->cookie('sid'), $old, 'another id');
    is(body($b->ask('/api_read?do=show')), 'new=0 count=3 user=ann', 'kept');
    is(body($b->ask('/api?do=status&n=404')), 'new=0 count=3 user=ann a=set',
       'an ErrorDocument');
    my $new = $b->cookie('sid');
    $b->put('sid', $old);
    is(body($b->ask('/api_read?do=show')), 'new=1', 'the old id is dead');
    $b->put('sid', $new);
    $redis->stop;
    my $r = $b->ask('/api_read?do=show');
    is($r->{status}, 503, 'it cannot be loaded');
    is($r->{headers}{'retry-after'}, 5, 'Retry-After');
    $r = HandlerBridge::Visitor->new(port => $httpd->port)->ask('/api?do=login');
    is($r->{status}, 503, 'it cannot be saved');
    is($r->{headers}{'retry-after'}, 5, 'Retry-After');
    ok(!exists $r->{headers}{$_}, "no $_") for qw(location set-cookie);
    like(join('', $httpd->log), qr/HBR0352.*HBR0356/s, 'both are logged');
    $redis->start_again;
    my $end = time + 60;
    my $good = 0;
    while ($good < 20 && time < $end) {
        $good = $visitor->ask('/?set=a:1&save')->{status} == 200 ? $good + 1 : 0;
        sleep 0.1;
    }
}

# Many at once, most of whom leave their jobs behind.
sub crowd {
    my ($redis, $httpd, $b) = @_;
    my $url = 'http://127.0.0.1:' . $httpd->port . '/api?do=count';
    my $id = $b->cookie('sid');

    $redis->pause;
    my ($out, $took) = timed(sub { `ab -q -s 60 -n 100 -c 100 -C sid=$id '$url' 2>&1` });
    like($out, qr/Non-2xx responses:\s+100$/m, 'Redis hangs: a hundred are told so');
    cmp_ok($took, '<', 40, 'soon');
    $redis->resume;
    my $end = time + 60;
    my $good = 0;
    while ($good < 20 && time < $end) {
        $good = $b->ask('/?get')->{status} == 200 ? $good + 1 : 0;
        sleep 0.1;
    }
    is($good, 20, 'and go on');
    unlike(body($b->ask('/?get')), qr/count/, 'what failed does not come later');
    is($httpd->log_count(qr/AH00052|AddressSanitizer/), 0, 'no child died');
}

# None of it may look like a session that has no entries.
sub away {
    my ($redis, $httpd, $b) = @_;
    my $before = $httpd->log_count(qr/HSS0010/);
    my $start  = time;
    my %status;

    $redis->stop;
    $status{ $b->ask('/?get')->{status} }++ for 1 .. 30;
    is(join(' ', %status), '503 30', 'Redis is away: reading fails');
    is($b->ask('/?set=b:2&save')->{status}, 503, 'and writing');
    is(HandlerBridge::Visitor->new(port => $httpd->port)
        ->ask('/?set=b:2&save')->{status}, 503, "and a newcomer's");
    is(body(HandlerBridge::Visitor->new(port => $httpd->port)->ask('/?get')),
       '', 'who only reads is not disturbed');
    my $lines = $httpd->log_count(qr/HSS0010/) - $before;
    cmp_ok($lines, '<=', 4 * (1 + int((time - $start) / 5)),
           'the log has a line per process in some seconds');
    cmp_ok($lines, '>=', 1, 'and has one');
    $redis->start_again;
    # The client library tries a server that failed again after five seconds.
    my $end = time + 60;
    my $good = 0;
    while ($good < 20 && time < $end) {
        $good = $b->ask('/?set=b:2&save')->{status} == 200 ? $good + 1 : 0;
        sleep 0.1;
    }
    is($good, 20, 'Redis is back, and so are sessions');
    is(body($b->ask('/?get')), 'b=2', 'kept again');
}

# docs/scaling.md: with RedisConnPoolTTL, five seconds after Redis is back. Two
# more for what a loaded machine makes of it.
sub back_in_time {
    my $redis = HandlerBridge::Redis->start;
    my ($httpd, $b) = server('redis:127.0.0.1:' . $redis->port,
                             "RedisConnPoolTTL 2s\n");

    $b->ask("/?set=a:$_") for 1 .. 20;
    $redis->stop;
    $redis->start_again;
    sleep 2.5;
    is(join(' ', map { $b->ask("/?set=a:$_&save")->{status} } 1 .. 20),
       join(' ', (200) x 20), 'away while nobody asked: nobody sees it');
    $redis->stop;
    is($b->ask('/?set=a:2&save')->{status}, 503, 'Redis is away') for 1 .. 10;
    sleep 2;
    is($b->ask('/?set=a:2&save')->{status}, 503, 'still');
    $redis->start_again;
    my $back = time;
    my $failed = $back;
    while (time < $back + 12) {
        $failed = time if $b->ask('/?set=a:3&save')->{status} != 200;
        sleep 0.05;
    }
    cmp_ok($failed - $back, '<', 7, 'back: well within five seconds');
    is(body($b->ask('/?get')), 'a=3', 'and sessions are kept');
    $httpd->stop;
}

sub hanging {
    my ($redis, $httpd, $b) = @_;
    my ($waited, $may, $times, $status, $good);

    # Again, when a machine that is slow makes it look as if all had waited.
    for (1 .. 4) {
        ($waited, $may, $times, $status) = hang($redis, $httpd, $b);
        $redis->resume;
        my $end = time + 60;
        $good = 0;
        while ($good < 20 && time < $end) {
            $good = body($b->ask('/?get')) eq 'b=2' ? $good + 1 : 0;
            sleep 0.1;
        }
        last if $waited <= $may;
    }
    is(join(' ', %$status), '503 24', 'Redis hangs: 503');
    is(scalar(grep { $_ > 10 } @$times), 0,
       'within SessionSocacheWait, and a little');
    cmp_ok($waited, '<=', $may, 'others at once: one tries for all');
    ok($httpd->log_count(qr/HSS0011: .*SessionSocacheWait \(500 ms\)/),
       'the log names the directive');
    is($good, 20, 'it goes on, and nothing is lost');
    # A child whose threads hang ends all the same.
    $redis->pause;
    $b->ask('/?get') for 1 .. 3;
    my (undef, $took) = timed(sub {
        my @before = $httpd->children;
        $httpd->command('restart') or die $httpd->said;
        my $end = time + 60;
        sleep 0.1 while time < $end && grep { kill 0, $_ } @before;
    });
    cmp_ok($took, '<', 10, 'httpd restarts while Redis hangs');
    $redis->resume;
    my $end = time + 60;
    sleep 0.1 while body($b->ask('/?get')) ne 'b=2' && time < $end;
    is(body($b->ask('/?get')), 'b=2', 'and goes on');
}

# How many of 24 waited, and how many may have: a process tries once in two seconds
# (of its clock, which are a second at least), and waits for half a one. And how
# long each took, and what they were told.
sub hang {
    my ($redis, $httpd, $b) = @_;
    my @children = $httpd->children;
    my (@times, %status);

    my (undef, $usual) = timed(sub { $b->ask('/?get') for 1 .. 8 });
    $redis->pause;
    my (undef, $all) = timed(sub {
        for (1 .. 24) {
            my ($answer, $took) = timed(sub { $b->ask('/?get') });
            push @times, $took;
            $status{ $answer->{status} }++;
        }
    });
    return (scalar(grep { $_ >= 0.5 + $usual / 16 } @times),
            @children * (1 + $all / 1.5), \@times, \%status);
}

sub memcached {
    my $memcached = HandlerBridge::Memcached->start;
    my ($httpd, $b) = server('memcache:127.0.0.1:' . $memcached->port);

    $b->ask('/?set=a:1');
    is(body($b->ask('/?get')), 'a=1', 'memcached keeps a session');
    is($b->ask('/?big=60000&save')->{status}, 200, '60 KB');
    is(body($b->ask('/?get')), 'a=1 big=' . 'b' x 100, 'are kept');
    $b->ask('/long?set=l:1');
    like($b->set_cookie('sid') // '', qr/; Max-Age=77759\d\d\z/, 'ninety days');
    like(body($b->ask('/long?get')), qr/l=1/,
         'more than memcached takes for a time');
    waits($httpd, 500);
    $memcached->pause;
    my ($answer, $took) = timed(sub { $b->ask('/?get') });
    is($answer->{status}, 503, 'it hangs: 503');
    cmp_ok($took, '<', 15, 'in time, though apr_memcache has no time-out');
    $memcached->resume;
    my $end = time + 60;
    sleep 0.2 while time < $end && $b->ask('/?get')->{status} != 200;
    like(body($b->ask('/?get')), qr/l=1/, 'it goes on');
    $memcached->stop;
    is($b->ask('/?get')->{status}, 503, 'killed: 503') for 1 .. 3;
    $httpd->stop;
}

sub shmcb {
    my ($httpd, $b) = server('shmcb:logs_session(1048576)');

    $b->ask('/?set=a:1');
    is($b->ask('/?big=60000&save')->{status}, 200, 'shmcb: 60 KB in 1 MB');
    is(body($b->ask('/?get')), 'a=1 big=' . 'b' x 100, 'are kept');
    restarted($httpd);
    my $r = $b->ask('/?get');
    is($r->{status} . body($r), 200, 'a restart makes a new, empty one');
    is($b->ask('/?set=a:1&save')->{status}, 200, 'which works');
    is(body($b->ask('/?get')), 'a=1', 'as the old one did');
    $httpd->stop;
}

# The ids of so many new sessions, in the order they were made.
sub many {
    my ($httpd, $count) = @_;
    my $http = HTTP::Tiny->new;
    my $url = 'http://127.0.0.1:' . $httpd->port . '/?set=user:ann&set=n:';

    return map {
        my $r = $http->get("$url$_");
        ($r->{headers}{'set-cookie'} // '') =~ /^sid=([0-9a-f]{32})/ ? $1 : ''
    } 1 .. $count;
}

# What is found under each id: n, or '' where there is no session; other answers
# as they are.
sub found {
    my ($httpd, @ids) = @_;
    my $http = HTTP::Tiny->new;
    my $url = 'http://127.0.0.1:' . $httpd->port . '/?get';

    return map {
        my $r = $http->get($url, { headers => { Cookie => "sid=$_" } });
        my ($n) = $r->{content} =~ /^n=(\d+)$/m;
        $r->{status} == 200 ? $n // '' : "$r->{status} $r->{content}";
    } @ids;
}

# More sessions than docs/session-socache.md counts places: the oldest go, and
# are no error but no session. Each is where its digest says, so the edge is not
# sharp.
sub shmcb_full {
    my ($httpd, $b) = server('shmcb:full_session(131072)',
                             "SessionSocacheMaxSize 512\n");
    my @ids = many($httpd, MANY);
    is(scalar(grep { $_ eq '' } @ids), 0, MANY . ' visitors, each has one');
    my @found = found($httpd, @ids);
    is(scalar(grep { $_ ne '' && $found[$_ - 1] ne $_ && $found[$_ - 1] ne '' }
        1 .. MANY), 0, 'what is found is theirs, and nobody sees an error');
    my $alive = grep { $_ ne '' } @found;
    ok($alive <= PLACES && $alive > PLACES - 40, "there is room for $alive");
    is(join(' ', @found[-100 .. -1]), join(' ', MANY - 99 .. MANY),
       'the last ones have theirs');
    is(join('', @found[0 .. 299]), '', 'the first ones none any more');
    $b->put('sid', $ids[0]);
    is(body($b->ask('/api_read?do=show')), 'new=1', 'a handler sees a new one');
    is(body($b->ask('/api?do=count')), 1, 'and begins it');
    isnt($b->cookie('sid'), $ids[0], 'under a new id');
    is(body($b->ask('/api?do=count')), 2, 'which lasts');
    is_deeply([grep { /HSS|AH018|HBR035/ } $httpd->log_grave], [],
              'nothing of it is in the log');
    $httpd->stop;
}

sub dbm {
    my ($httpd, $b) = server('dbm:session_dbm',
                             "SessionSocacheMaxSize 800\n");

    $b->ask('/?set=a:1');
    is(body($b->ask('/?get')), 'a=1', 'dbm keeps a session');
    is($b->ask('/?big=700&save')->{status}, 200, '700 bytes');
    is($b->ask('/?big=900&save')->{status}, 503, 'more is refused');
    $httpd->stop;
}

# Found when the server starts, and not by a visitor.
sub too_small {
    my $died = !eval { server('dbm:small_dbm'); 1 };
    my $dir  = "$vars->{serverroot}/state/stores-" . ($count - 1);

    ok($died, 'a store that is too small: httpd does not start');
    like(slurp("$dir/error.log") // '',
         qr/HSS0003: SessionSocache dbm: .*SessionSocacheMaxSize \(65536 bytes\)/,
         'the log names both directives');
}
