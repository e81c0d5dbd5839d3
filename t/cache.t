# The shared cache in a real httpd, with each provider: what handlers are
# promised holds between processes, and a cache that goes away or hangs costs a
# bounded time. Servers without one are cache_without.t's.
use strict;
use warnings FATAL => 'all';

use File::Temp ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Apache::Test ();

use HandlerBridge::CacheServer;
use HandlerBridge::Memcached ();
use HandlerBridge::Redis ();
use HandlerBridge::Test;

use constant {
    WAIT    => HandlerBridge::CacheServer::WAIT,
    TIMEOUT => 0.4,    # BridgeCacheTimeout of a server that hangs
    MANY    => 8,      # at once
};

my $number = 0;

provider('shmcb', \&stormed);
provider('redis', \&redis, HandlerBridge::Redis->start);
provider('memcache', \&memcache, HandlerBridge::Memcached->start);
more_than_fits();
name_with_two_addresses();
done_testing;

# ---- what all providers do -------------------------------------------------

sub provider {
    my ($name, $more, $server) = @_;
    my $argument = $server ? "$name:127.0.0.1:" . $server->port : $name;

    start("BridgeCache $argument\n");
    subtest $name => sub {
        values_of_all_lengths();
        limits();
        lives();
        apart();
        numbers();
        under_load();
        one_makes();
        maker_dies();
        $more->($server);
        nothing_grave();
    };
    $httpd->stop;
}

sub nothing_grave {
    is_deeply([grep { /exit signal|AH\d+:.*(?:error|can't)/i } $httpd->log],
        [], 'nothing grave in the log') or diag join '', $httpd->log;
}

sub values_of_all_lengths {
    for my $length (0, 1, 10_000, 65_496, 65_497, 300_000, 1_048_576) {
        is(ask("/cache/set?key=v&length=$length&seed=3"), 'ok',
            "set $length bytes");
        is(ask('/cache/get?key=v'), value($length, 3), '... get');
    }
    is(ask('/cache/set?key=v&length=200000&seed=4'), 'ok', 'set another');
    is(ask('/cache/get?key=v'), value(200_000, 4), '... get it');
    is(ask('/cache/take?key=v'), value(200_000, 4), '... take it');
    is(ask('/cache/take?key=v'), 'none', '... once');
    is(ask('/cache/add?key=v&length=5'), 'ok', 'add');
    is(ask('/cache/add?key=v&length=6'), 'exists', '... once');
    is(ask('/cache/remove?key=v'), 'ok', 'remove');
    is(ask('/cache/get?key=v'), 'none', '... and it is gone');
    is(ask('/cache/remove?key=v'), 'ok', 'remove what is not there');
}

sub limits {
    is(ask('/cache/set?length=1048577'), 'too long', 'over the limit');
    is(ask('/small/set?length=1001'), 'too long', 'over a smaller limit');
    is(ask('/small/set?length=1000'), 'ok', '... within it');
    is(ask('/cache/get?key=' . 'k' x 1025), 'invalid', 'a key too long');
    is(ask('/cache/set?ms=0'), 'invalid', 'no lifetime');
}

# memcached counts whole seconds.
sub lives {
    my $ms = 3000;

    ask("/cache/set?key=short&length=7&ms=$ms");
    ask("/cache/set?key=long&length=100000&ms=$ms&slide=1");
    is(ask('/cache/get?key=short'), value(7, 0), 'it lives');
    for (1 .. 4) {
        sleep 1;
        is(ask('/cache/get?key=long'), value(100_000, 0), 'it is read');
    }
    is(ask('/cache/get?key=short'), 'none', 'its time is over');
    sleep $ms / 1000 + 0.2;
    is(ask('/cache/get?key=long'), 'none', 'the one that slid, too');
}

sub apart {
    ask('/cache/set?key=apart&length=9');
    is(ask('/other/get?key=apart'), 'none', 'another handler');
    is(ask('/cache/get?key=apart', 'two'), 'none', 'another virtual host');
    is(ask('/cache/get?key=apart'), value(9, 0), 'the same');
}

sub numbers {
    is(ask('/cache/increment?key=n&by=-5'), "ok\n-5", 'from 0');
    is(ask('/cache/increment?key=n&by=8'), "ok\n3", 'added');
    is(ask('/cache/get?key=n'), 'none', 'it is no value');
    is(ask('/cache/increment?key=m&by=9223372036854775807'),
        "ok\n9223372036854775807", 'the greatest');
    is(ask('/cache/increment?key=m'), "range\n0", 'one more');
    is(ask('/cache/increment?key=m&by=-1'), "ok\n9223372036854775806",
        'it was left as it was');
    is(ask('/cache/increment?key=t&ms=3000'), "ok\n1", 'a short one');
    sleep 0.5;
    is(ask('/cache/increment?key=t&ms=60000'), "ok\n2", '... lives');
    sleep 3;
    is(ask('/cache/increment?key=t&ms=60000'), "ok\n1",
        '... no longer than it was told at first');
}

sub under_load {
    my $url = 'http://127.0.0.1:' . $httpd->port;
    my @got;

    system("ab -q -n 1000 -c 20 -H 'Host: one.example' "
        . "'$url/cache/increment?key=load' > /dev/null 2>&1") == 0
        or fail('ab runs');
    is(ask('/cache/increment?key=load&by=0'), "ok\n1000",
        '1000 times one is 1000');
    for my $length (10, 150_000) {
        for my $round (1, 2) {
            my $key = "race-$length-$round";
            @got = together(MANY,
                sub { ask("/cache/add?key=$key&length=$length&seed=$_[0]") });
            is(scalar(grep { $_ eq 'ok' } @got), 1, "add $length: one wins");
            my ($winner) = grep { $got[$_ - 1] eq 'ok' } 1 .. MANY;
            is(ask("/cache/get?key=$key"), value($length, $winner),
                '... and it is his');
            @got = together(MANY, sub { ask("/cache/take?key=$key") });
            is(scalar(grep { /^ok/ } @got), 1, "take $length: one gets it");
            is((grep { /^ok/ } @got)[0], value($length, $winner), '... whole');
        }
    }
    writers();
}

# Readers see one writer's value or the other's, never both's.
sub writers {
    my %whole = map { value(150_000, $_) => 1 } 1, 2;
    my @got = together(6, sub {
        my ($i) = @_;
        return join '', map {
            $i < 3 ? ask("/cache/set?key=both&length=150000&seed=$i") && ''
                : do {
                    my $r = ask('/cache/get?key=both');
                    $r eq 'none' || $whole{$r} ? '' : "wrong: $r";
                }
        } 1 .. 10;
    });

    is(join('', @got), '', 'no value of two writers');
    ok($whole{ ask('/cache/get?key=both') }, 'the last one stays');
}

sub made { return (split /\n/, ask('/cache/increment?key=made&by=0'))[1] }

sub one_makes {
    my $before = made();
    my @got = together(MANY, sub { ask('/cache/fetch?key=f&takes=700') });

    is(scalar(grep { $_ eq value(3, 0) } @got), MANY, 'all get the value');
    is(made() - $before, 1, 'one has made it');
}

# The one who makes it is gone: the next does it at once.
sub maker_dies {
    my @got;
    my $taken = took(sub {
        @got = together(2, sub {
            sleep 0.3 if $_[0] == 2;
            return ask('/cache/fetch?key=dies&die=' . ($_[0] == 1 ? 1 : 0));
        });
    });

    is($got[1], value(3, 0), 'a maker dies: another makes it');
    cmp_ok($taken, '<', WAIT, '... and does not wait for the dead');
    killed();
    @got = together(2, sub {
        sleep 0.2 if $_[0] == 2;
        return ask('/wait/fetch?key=slow&takes=' . ($_[0] == 1 ? 1500 : 0));
    });
    is($got[1], value(3, 0), 'who has waited in vain makes it');
}

# Killed in the middle, by a signal that no handler sees.
sub killed {
    my @got = together(2, sub {
        return ask('/cache/fetch?key=killed&takes=2500') if $_[0] == 1;
        sleep 0.4;
        my $child = fork;
        if (!$child) {
            sleep 0.4;
            kill 'KILL', $httpd->children;
            POSIX::_exit(0);
        }
        waitpid $child, 0;
        my $answer;
        for (1 .. 20) {
            $answer = ask('/cache/fetch?key=killed&takes=0');
            last if $answer !~ /^5/;
            sleep 0.2;
        }
        return $answer;
    });

    is($got[1], value(3, 0), 'children killed: the next makes it');
}

# Children are killed in the middle of everything, the lock of all processes among
# it, and the server is restarted: nobody waits for the dead, and nothing that is
# read is wrong.
sub stormed {
    my %whole = map { value(90_000, $_) => 1 } 1, 2;
    my $end = time + 6;
    my $killer = fork // die "fork: $!";

    if (!$killer) {
        for (my $i = 0; time < $end; $i++) {
            sleep 0.25;
            kill 'KILL', grep { rand() < 0.7 } $httpd->children;
            kill 'USR1', $httpd->parent if $i % 8 == 4;
        }
        POSIX::_exit(0);
    }
    my @got = together(6, sub {
        my ($i) = @_;
        my ($done, @wrong) = (0);
        while (time < $end) {
            my $way = int rand 4;
            my $r = $way == 0 ? ask('/cache/set?key=storm&length=90000&seed='
                    . (1 + $i % 2))
                : $way == 1 ? ask('/cache/get?key=storm')
                : $way == 2 ? ask('/cache/increment?key=storm')
                : ask("/cache/fetch?key=storm-$done&takes=20");
            my $well = $way == 0 ? $r eq 'ok'
                : $way == 1 ? $r eq 'none' || exists $whole{$r}
                : $way == 2 ? $r =~ /\Aok\n\d+\z/ : $r eq value(3, 0);
            $done++ if $well;
            push @wrong, "$way: $r" if !$well && $r !~ /\A59/;
        }
        return join "\n", $done, @wrong;
    });
    waitpid $killer, 0;
    my @wrong = map { my @l = split /\n/; @l[1 .. $#l] } @got;
    is("@wrong", '', 'children killed under load: nothing wrong is read');
    cmp_ok((split /\n/, $_)[0], '>', 10, '... and work goes on') for @got;
    until_answers();
    cmp_ok(took(sub {
        is(ask('/cache/set?key=calm&length=70000'), 'ok', 'afterwards: set');
        is(ask('/cache/get?key=calm'), value(70_000, 0), '... get');
        is(ask('/cache/increment?key=calm'), "ok\n1", '... add');
        is(ask('/cache/fetch?key=calm-2'), value(3, 0), '... make');
    }), '<', WAIT, '... at once');
}

# ---- servers elsewhere -----------------------------------------------------

sub goes_and_returns {
    my ($server, $what) = @_;

    is(ask('/cache/set?key=stays&length=5'), 'ok', "$what is there");
    $server->stop;
    is(ask('/cache/get?key=stays'), 'away', "$what is gone");
    is(ask('/cache/fetch?key=stays'), value(3, 0),
        '... and the handler still answers');
    cmp_ok(took(sub { ask('/cache/get?key=stays') for 1 .. 20 }), '<', 6,
        '... at no cost');
    $server->start_again;
    sleep 1.2;
    ask('/cache/set?key=stays&length=5') for 1 .. 3 * MANY;
    is(ask('/cache/get?key=stays'), value(5, 0), "$what is back");
    ok($httpd->log_count('HBR0361'), 'the log says that it went');
    ok($httpd->log_count('HBR0362'), '... and that it is back');
}

# One tries once in a second; the others do not wait.
sub hangs {
    my ($server, $what, $provider) = @_;
    my @times;

    nothing_grave();
    $httpd->stop;
    start("BridgeCache $provider:127.0.0.1:" . $server->port . "\n", undef,
        timeout => TIMEOUT);
    is(ask('/cache/set?key=stays&length=5'), 'ok', "$what answers");
    $server->pause;
    ask('/late/get?key=stays');
    @times = map { took(sub { ask('/cache/get?key=stays') }) } 1 .. 10;
    is(scalar(grep { $_ > TIMEOUT + 5 } @times), 0,
        "$what hangs: nobody waits for longer than BridgeCacheTimeout");
    cmp_ok(took(sub { is(ask('/cache/fetch?key=hung'), value(3, 0), 'a value') }),
        '<', 4 * TIMEOUT + 5, '... is made in time');
    # 40 times BridgeCacheTimeout, if each waited; prefork has too many children.
    cmp_ok(took(sub { ask('/cache/get?key=stays') for 1 .. 40 }), '<',
        40 * TIMEOUT * 0.75, '... and mostly not at all') if mpm() ne 'prefork';
    $server->resume;
    sleep 1.2;
    ask('/cache/get?key=stays') for 1 .. 3 * MANY;
    is(ask('/cache/set?key=stays&length=5'), 'ok', '... until it goes on');
}

sub redis {
    my ($server) = @_;
    my ($key) = @{ $server->command('KEYS', 'hbr:*') };

    like($key, qr/\Ahbr:[0-9a-f]{64}\z/, 'keys are digests');
    full($server);    # first: complaints are said once a minute
    ask('/cache/increment?key=load');
    ask('/cache/set?key=forged&length=4');
    for my $name (@{ $server->command('KEYS', 'hbr:*') }) {
        $server->command('SET', $name, 'what another program wrote');
    }
    is(ask('/cache/get?key=forged'), 'none', 'not ours: there is none');
    is((split /\n/, ask('/cache/increment?key=load'))[0], 'away',
        'no number: it cannot be added to');
    $server->command('FLUSHALL');
    goes_and_returns($server, 'Redis');
    hangs($server, 'Redis', 'redis');
    secret($server);
}

# It evicts, or takes nothing more; both is told apart from being away. What
# connections have counts as its memory, and prefork has many.
sub full {
    my ($server) = @_;
    my $away = $httpd->log_count('HBR0361');

    $server->command('CONFIG', 'SET', 'maxmemory', '8mb');
    $server->command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
    my %got;
    my @set = map { ask("/cache/set?key=e$_&length=100000&seed=$_") } 1 .. 120;
    is(scalar(grep { $_ eq 'ok' } @set), 120, '120 values of 100 kB');
    for my $i (1 .. 120) {
        my $r = ask("/cache/get?key=e$i");
        $got{ $r eq 'none' ? 'none' : $r eq value(100_000, $i) ? 'right'
            : 'wrong' }++;
    }
    ok($got{none} && $got{right} && !$got{wrong}, 'Redis evicts')
        or diag explain \%got;
    $server->command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    $server->command('CONFIG', 'SET', 'maxmemory', '1');
    is(ask('/cache/set?key=e&length=5'), 'away', 'it has no memory');
    is(ask('/cache/get?key=e'), 'none', '... but answers');
    is(ask('/cache/fetch?key=e'), value(3, 0), '... and a value is made');
    ok($httpd->log_count('HBR0372.*OOM'), '... the log says so');
    is($httpd->log_count('HBR0361'), $away, '... and not that it is away');
    $server->command('CONFIG', 'SET', 'maxmemory', '0');
}

# ACLs and a password, from the directive or from a file; none of it in the log.
sub secret {
    my ($server) = @_;
    my $port = $server->port;
    my $folder = File::Temp->newdir(DIR => Apache::Test::vars('t_logs'));
    my $file = "$folder/secret";

    $server->command('ACL', 'SETUSER', 'bridge', 'on', '>s3cr@t', '~hbr:*',
        '+@all');
    open my $fh, '>', $file or die "$file: $!";
    print $fh "bridge:s3cr\@t\n";
    close $fh;
    for my $conf ("BridgeCache redis://bridge:s3cr\@t\@127.0.0.1:$port/3\n",
        "BridgeCache redis:127.0.0.1:$port\nBridgeCacheSecret $file\n") {
        $httpd->stop;
        start($conf);
        is(ask('/cache/set?key=s&length=5'), 'ok', 'with a password');
        is(ask('/cache/get?key=s'), value(5, 0), '... get');
    }
    $httpd->stop;
    start("BridgeCache redis://bridge:wr0ng\@127.0.0.1:$port\n");
    is(ask('/cache/get?key=s'), 'away', 'with a wrong one');
    ok($httpd->log_count('WRONGPASS'), '... and the log says so');
    is($httpd->log_count('wr0ng\b|s3cr'), 0, '... without it');
}

sub memcache {
    my ($server) = @_;

    goes_and_returns($server, 'memcached');
    hangs($server, 'memcached', 'memcache');
}

# "localhost" often has two, and servers listen at one: at the one that the
# system's resolver, which sorts them, does not name first.
sub name_with_two_addresses {
    my $hosts = folder();
    my $mount = "mount --bind $hosts/hosts /etc/hosts";

    open my $fh, '>', "$hosts/hosts" or die "$hosts: $!";
    print $fh map { "$_ two-ways localhost\n" } '::1', '127.0.0.1', '127.0.0.2';
    close $fh or die "$hosts: $!";
    my $folder = apart_as_root('-m', $mount);
    return pass('a name with two addresses: only as root') if !$folder
        || `unshare -m sh -c '$mount && getent ahosts two-ways'` !~ /127.0.0.2/;
    my $server = HandlerBridge::Memcached->start(address => '127.0.0.2');
    start('BridgeCache memcache:two-ways:' . $server->port . "\n", undef,
        program => "$folder/httpd");
    is(ask('/cache/set?length=5'), 'ok', 'a name with two addresses');
    is(ask('/cache/get'), value(5, 0), '... one of which answers');
    is($httpd->log_count('HBR0361'), 0, '... is not away');
    $server->stop;
    ask('/cache/get');
    is(ask('/cache/get'), 'away', '... until neither does');
    $httpd->stop;
}

# ---- room -------------------------------------------------------------------

# 124 places, which is 131072 / 1056: the oldest go, and there is none of them.
sub more_than_fits {
    start("BridgeCache shmcb:(131072)\n");
    my @set = map { ask("/cache/set?key=$_&length=10&seed=$_") } 1 .. 400;
    is(scalar(grep { $_ eq 'ok' } @set), 400, 'shmcb takes more than fits');
    my @got = map { ask("/cache/get?key=$_") } 1 .. 400;
    is(scalar(grep { $got[$_ - 1] ne 'none'
        && $got[$_ - 1] ne value(10, $_) } 1 .. 400), 0, '... all or nothing');
    my $kept = grep { $_ ne 'none' } @got;
    ok($kept > 60 && $kept <= 124, "... $kept of them are there");
    is($got[-$_], value(10, 401 - $_), '... the last ones') for 1 .. 3;
    is(scalar(grep { $_ ne 'none' } @got[0 .. 99]), 0, '... not the first');
    is_deeply([grep { /HBR03[67]/ } $httpd->log], [],
        '... and no complaint');
    $httpd->stop;
}
