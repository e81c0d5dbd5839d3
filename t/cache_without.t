# The shared cache that is not there: none is configured, its lock cannot be had,
# or its directives are wrong. Handlers answer, and the log says why.
use strict;
use warnings FATAL => 'all';

use Test::More;

use Apache::Test ();

use HandlerBridge::CacheServer;
use HandlerBridge::Httpd ();
use HandlerBridge::Test;

without();
no_lock();
lock_is_gone_for_a_child();
semaphore_removed();
directives();
done_testing;

# ---- no cache --------------------------------------------------------------

sub without {
    start("BridgeCache none\n");
    is(ask('/cache/get'), 'away', 'none: no value');
    is(ask('/cache/fetch'), value(3, 0), '... but one that is made');
    ok($httpd->log_count('HBR0360.*BridgeCache is none'), '... logged');
    $httpd->stop;
    start('', module_lines() =~ s/^.*socache_shmcb.*\n//gmr);
    is(ask('/cache/get'), 'away', 'no mod_socache_shmcb: no value');
    ok($httpd->log_count('HBR0360.*LoadModule'), '... and how to get one');
    $httpd->stop;
    start('');
    ask('/cache/set?length=5');
    is(ask('/cache/get'), value(5, 0), 'shmcb without being asked for');
    is(ask('/cache/get', 'three'), 'none', 'another space');
    $httpd->stop;
}

# ---- no lock ---------------------------------------------------------------

# Where nobody can make a file, root neither.
sub no_lock {
    my $gone = "Mutex file:/proc handlerbridge-cache\n";

    ok(!eval { start("BridgeCache shmcb\n$gone"); 1 },
        'no place for the lock: httpd does not start');
    like(start_log(), qr/HBR0369: the shared cache shmcb cannot/,
        '... and says so');
    start($gone);
    is($httpd->log_count('HBR0369'), 1, '... but where nobody asked for it');
    is(ask('/cache/get'), 'away', '... handlers have none');
    is(ask('/cache/fetch'), value(3, 0), '... and answer');
    ok($httpd->log_count('HBR0360.*HBR0369'), '... and the log tells them');
    $httpd->stop;
}

# flock() is of a file that each child opens.
sub lock_is_gone_for_a_child {
    my $folder = folder();

    mkdir "$folder/lock" or die "mkdir: $!";
    chmod 0777, "$folder/lock";
    start("BridgeCache shmcb\nMutex flock:$folder/lock handlerbridge-cache\n");
    is(ask('/cache/set?length=5'), 'ok', 'a lock file');
    rename "$folder/lock", "$folder/away" or die "rename: $!";
    kill 'KILL', $httpd->children;
    until_answers();
    is(ask('/cache/get'), 'away', '... is gone: new children have no cache');
    is(ask('/cache/fetch'), value(3, 0), '... and answer');
    ok($httpd->log_count(':crit.*HBR0367'), '... and say so when they begin');
    ok($httpd->log_count('HBR0360.*HBR0367'), '... and at the first call');
    is(ask('/cache/increment?key=n'), "away\n0", '... no number');
    rename "$folder/away", "$folder/lock" or die "rename: $!";
    kill 'KILL', $httpd->children;
    until_answers();
    is(ask('/cache/get'), value(5, 0), '... back: the value is there');
    $httpd->stop;
}

sub semaphore_removed {
    my $folder = apart_as_root('-i', ':')
        or return pass('a semaphore is removed: only as root');

    start("BridgeCache shmcb\nMutex sysvsem handlerbridge-cache\n", undef,
        program => "$folder/httpd");
    is(ask('/cache/set?length=5'), 'ok', 'a semaphore');
    my $in = 'nsenter -i -t ' . $httpd->parent;
    my @all = `$in ipcs -s` =~ /^0x\S+\s+(\d+)/mg;
    ok(@all > 0, '... is found');
    system("$in ipcrm -s $_") for @all;
    is(ask('/cache/get'), 'away', '... and removed: no value');
    is(ask('/cache/increment?key=n'), "away\n0", '... no number');
    is(ask('/cache/fetch'), value(3, 0), '... but one that is made');
    ok($httpd->log_count(':error.*HBR0367'), '... and the log says so');
    $httpd->stop;
}

sub directives {
    my %refused = (
        'BridgeCache dbm:/tmp/x' => qr/takes no "dbm": it cannot do/,
        'BridgeCache redsi:x' => qr/takes no "redsi".*shmcb, redis, memcache/,
        'BridgeCache redis' => qr/redis takes redis:/,
        'BridgeCache redis:h:99999' => qr/no HOST:PORT/,
        'BridgeCache redis://:secret@h/x' => qr/no number of a database/,
        'BridgeCache memcache:' => qr/there is none/,
        'BridgeCache shmcb:x(12)' => qr/size has to be/,
        'BridgeCache shmcb:x(9000)' => qr/size has to be/,
        'BridgeCacheTimeout -1' => qr/BridgeCacheTimeout "-1"/,
        'BridgeLimitCacheValue 1T' => qr/BridgeLimitCacheValue "1T"/,
        'BridgeCacheSecret /nowhere' => qr/cannot be read/,
    );

    for my $line (sort keys %refused) {
        my ($exit, $text) = httpd_t("$line\n");
        isnt($exit, 0, $line);
        like($text, $refused{$line}, '... says why');
        unlike($text, qr/secret\@/, '... without a secret');
    }
    for my $line ('BridgeCache none', 'BridgeCache shmcb',
        'BridgeCache shmcb:(1048576)', 'BridgeCache redis:[::1]:1',
        'BridgeCache memcache:a,b:2', 'BridgeCacheSpace x') {
        is((httpd_t("$line\n"))[0], 0, $line);
    }
}
