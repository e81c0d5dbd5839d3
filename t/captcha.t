# The handler captcha in a real httpd, its codes in Redis, where the test reads
# them; sessions in an encrypted cookie and in shared memory. What is asked for
# is in t/unit/captcha.c; here are clients that send old cookies, and many that
# try one code at once in several processes.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Temp ();
use Test::More;

use HandlerBridge::Httpd;
use HandlerBridge::Picture qw(picture);
use HandlerBridge::Redis;
use HandlerBridge::Visitor;
use HandlerBridge::Test;

use constant { MANY => 8, ROUNDS => 30 };

my $vars  = Apache::Test::vars();
my $redis = HandlerBridge::Redis->start;
my $dir   = File::Temp->newdir(DIR => $vars->{t_logs});
local $ENV{HBR_HTTPD} = $vars->{httpd};
chmod 0777, $dir or die "$dir: $!";
my $httpd = start();

for my $where (qw(cookie store)) {
    for my $protocol (grep { $_ ne 'h2' } protocols()) {
        print "# $where, $protocol\n";
        flow($where, $protocol);
        replays($where, $protocol);
    }
    at_once($where);
    pass_at_once($where);
}
cmp_ok processes(), '>', 1, 'more than one process took part';
life();
odd_paths();
options();
cache_away();
is_deeply [grep { /exit signal/ } $httpd->log], [], 'no child died';
$httpd->stop;
done_testing;

sub modules {
    my %seen;
    my @lines = grep { /(?:session(?:_cookie|_crypto|_socache)?|socache_shmcb
        |handlerbridge|http2|watchdog)_module/x }
        map { split /^/, slurp($_) // '' }
        "$vars->{t_conf}/modules.conf", "$vars->{t_conf}/httpd.conf";
    return join '', grep { /^\s*LoadModule/ && !$seen{$_}++ } @lines;
}

sub start {
    my $threads = mpm() eq 'prefork'
        ? "StartServers 6\nMinSpareServers 6\nMaxRequestWorkers 20\n"
        : "StartServers 2\nThreadsPerChild 12\nMinSpareThreads 24\n"
        . "MaxSpareThreads 36\nMaxRequestWorkers 36\n";
    my $http2 = mpm() eq 'event' ? "Protocols h2c http/1.1\n" : '';

    return HandlerBridge::Httpd->start("$dir", mpm(),
        modules() . $threads . $http2 . <<"END");
BridgeCache redis:127.0.0.1:@{[ $redis->port ]}
BridgeCacheTimeout 2000
Mutex file:$dir
LogFormat "%P %r" process
CustomLog $dir/access.log process
<Location />
    BridgeVirtual On
    Require all granted
</Location>
<LocationMatch "/captcha">
    SetHandler captcha
</LocationMatch>
<LocationMatch "/guestbook">
    SetHandler guestbook
</LocationMatch>
<Location /cookie>
    Session On
    SessionCookieName session Path=/
    SessionCryptoPassphrase test-passphrase
</Location>
<Location /cookie/captcha>
    SetHandler captcha
</Location>
<Location /store>
    Session On
    SessionSocacheCookie session
</Location>
<Location /store/captcha>
    SetHandler captcha
</Location>
<Location "/store/a:b \\"é&">
    SetHandler captcha
</Location>
BridgeMap GET,POST /store/mapped/é,/store/mapped/é/** captcha
END
}

sub browser {
    my ($protocol) = @_;
    return HandlerBridge::Visitor->new(port => $httpd->port),
        $protocol ? (protocol => $protocol) : ();
}

# The digits that were made last: there are no others.
sub code {
    for my $key (@{ $redis->command('KEYS', '*') }) {
        my $value = $redis->command('GET', $key) // next;
        return $1 if $value =~ /([0-9]{4,10})\0+\z/;
    }
    return undef;
}

sub forget_codes { $redis->command('FLUSHALL') }

sub begin {
    my ($browser, $where, @how) = @_;
    forget_codes();
    my $r = $browser->ask("/$where/captcha?other", @how);
    is $r->{status}, 200, 'the page';
    return $r;
}

sub try {
    my ($browser, $where, $code, @how) = @_;
    return $browser->ask("/$where/captcha", method => 'POST',
        body => "code=$code", @how)->{status};
}

sub wrong { return $_[0] =~ tr/0-9/1-90/r }

sub flow {
    my ($where, $protocol) = @_;
    my ($b, @how) = browser($protocol);

    is $b->ask("/$where/guestbook", @how)->{status}, 303, 'nobody has passed';
    my $r = begin($b, $where, @how);
    is $r->{headers}{'cache-control'}, 'no-store', 'RFC 9111 5.2.2.5';
    $r = $b->ask("/$where/captcha/picture", @how);
    is picture($r->{body}), 'png 300x90', 'the picture';
    is $r->{headers}{'cache-control'}, 'no-store', 'RFC 9111 5.2.2.5';
    is $b->ask("/$where/captcha/picture", @how)->{body}, $r->{body},
        'is the same again';
    my $sound = $b->ask("/$where/captcha/sound", @how);
    is $sound->{headers}{'content-type'}, 'audio/wav', 'the sound';
    my $part = $b->ask("/$where/captcha/sound", @how,
        headers => ['Range: bytes=1000-']);
    is $part->{status}, 206, 'RFC 9110 14.2: a part of it';
    is $part->{body}, substr($sound->{body}, 1000), 'fits the whole';
    for my $path ("/$where/captcha", "/$where/captcha/picture",
        "/$where/captcha/sound") {
        is $b->ask($path, method => 'HEAD', @how)->{status}, 200, "HEAD $path";
    }
    my $code = code();
    is try($b, $where, wrong($code), @how), 422, 'wrong digits';
    is try($b, $where, $code, @how), 422, 'the right ones are late';
    begin($b, $where, @how);
    is try($b, $where, code(), @how), 200, 'right digits';
    is $b->ask("/$where/guestbook", @how)->{body}, "signed\n", 'passed';
    is $b->ask("/$where/guestbook", @how)->{status}, 303, 'once';
    is $b->ask("/$where/captcha/no", @how)->{status}, 404, 'no such path';
    $r = $b->ask("/$where/captcha", method => 'DELETE', @how);
    is $r->{status}, 405, 'RFC 9110 15.5.6';
    is header_set($r, 'Allow'), 'GET HEAD OPTIONS POST', 'Allow';
}

# A cookie that was sent already.
sub replays {
    my ($where, $protocol) = @_;

    for my $right (0, 1) {
        my ($b, @how) = browser($protocol);
        begin($b, $where, @how);
        my ($old, $code) = ($b->cookie('session'), code());
        ok $old, 'a session';
        is try($b, $where, $right ? $code : wrong($code), @how),
            $right ? 200 : 422, $right ? 'a success' : 'a failure';
        my $after = $b->cookie('session');
        $b->put('session', $old);
        is try($b, $where, $code, @how), 422, 'the old cookie is too late';
        $b->put('session', $old);
        isnt $b->ask("/$where/guestbook", @how)->{status}, 200,
            'and has not passed' if $where eq 'cookie' || !$right;
        next unless $right;
        for my $round (1 .. 3) {
            $b->put('session', $after);
            is $b->ask("/$where/guestbook", @how)->{status},
                $round == 1 ? 200 : 303, "a pass is good once: $round";
        }
    }
}

# All requests but their last byte, then the last bytes: the statuses.
sub together {
    my ($bytes) = @_;
    my $last = chop $bytes;
    my @sockets = map {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $httpd->port, Proto => 'tcp') or die "connect: $!";
        syswrite $socket, $bytes;
        $socket;
    } 1 .. MANY;

    syswrite $_, $last for @sockets;
    return map {
        my $answer = do { local $/; readline $_ } // '';
        $answer =~ m{\AHTTP/1.1 (\d+)} ? $1 : 0;
    } @sockets;
}

sub at_once {
    my ($where) = @_;
    my %statuses;

    for my $round (1 .. ROUNDS) {
        my ($b) = browser();
        forget_codes();
        $b->ask("/$where/captcha");
        my $form = 'code=' . code();
        my @got = together("POST /$where/captcha HTTP/1.1\r\nHost: x\r\n"
            . "Connection: close\r\nAccept: application/json\r\n"
            . 'Cookie: session=' . $b->cookie('session') . "\r\n"
            . "Content-Type: application/x-www-form-urlencoded\r\n"
            . 'Content-Length: ' . length($form) . "\r\n\r\n$form");
        $statuses{ join ' ', sort @got }++;
    }
    is_deeply \%statuses, { join(' ', 200, (422) x (MANY - 1)) => ROUNDS },
        "$where: of many at once one passes";
}

sub pass_at_once {
    my ($where) = @_;
    my %statuses;

    for my $round (1 .. ROUNDS / 3) {
        my ($b) = browser();
        forget_codes();
        $b->ask("/$where/captcha");
        try($b, $where, code());
        my @got = together("GET /$where/guestbook HTTP/1.1\r\nHost: x\r\n"
            . "Connection: close\r\n"
            . 'Cookie: session=' . $b->cookie('session') . "\r\n\r\n");
        $statuses{ join ' ', sort @got }++;
    }
    is_deeply \%statuses,
        { join(' ', 200, (303) x (MANY - 1)) => ROUNDS / 3 },
        "$where: and a pass is spent by one";
}

sub processes {
    my %pids = map { /^(\d+) POST/ ? ($1 => 1) : () }
        split /^/, slurp("$dir/access.log");
    return scalar keys %pids;
}

# The cache lets it go by itself.
sub life {
    my ($b) = browser();
    begin($b, 'store');
    my ($key) = grep { ($redis->command('GET', $_) // '') =~ /[0-9]{6}\0+\z/ }
        @{ $redis->command('KEYS', '*') };
    my $left = $redis->command('PTTL', $key);
    ok $left > 250_000 && $left <= 300_000, "it has a life: $left ms";
    my $code = code();
    $redis->command('DEL', $key);
    is try($b, 'store', $code), 422, 'and is worth nothing after it';
}

# RFC 3986 5.2: the links, as a browser would resolve them.
sub odd_paths {
    my %last = (
        '/store/a%3Ab%20%22%C3%A9%26'  => './a%3Ab%20%22%C3%A9%26',
        '/store/mapped/%C3%A9'         => './%C3%A9',
        '/store/captcha/'              => '.',
    );

    for my $path (sort keys %last) {
        my ($b) = browser();
        my $r = $b->ask($path);
        is $r->{status}, 200, $path;
        like $r->{body}, qr/action="\Q$last{$path}\E"/, 'its form';
        my ($src) = $r->{body} =~ /src="([^"]+picture)"/;
        my $picture = ($path =~ s{[^/]*\z}{}r) . ($src =~ s{\A\./}{}r);
        is picture($b->ask($picture)->{body}), 'png 300x90', $picture;
    }
}

sub options {
    my %says = (
        'digits 3'   => qr/"digits".*"?3"?.*between 4 and 10|"digits".*4.*10/s,
        'digits 11'  => qr/"digits".*4.*10/s,
        'life 29'    => qr/"life".*30.*3600/s,
        'life 3601'  => qr/"life".*30.*3600/s,
        'digit 6'    => qr/"digit".*did you mean "digits"/s,
    );

    for my $line (sort keys %says) {
        my ($exit, $text) = httpd_t("<Location /c>\nSetHandler captcha\n"
            . "BridgeSet captcha $line\n</Location>\n");
        isnt $exit, 0, "BridgeSet captcha $line";
        like $text, $says{$line}, 'and why';
    }
}

# What an operator looks at.
sub log_lines {
    return grep { /:(?:warn|error|crit|alert|emerg)\]/ } $httpd->log;
}

sub lines_since {
    my @lines = log_lines();
    return @lines[$_[0] .. $#lines];
}

sub away_lines {
    return scalar grep { /HBR0361: the shared cache is away/ } log_lines();
}

sub cache_away {
    my ($b) = browser();
    begin($b, 'cookie');
    my ($before, $away) = (scalar(() = log_lines()), away_lines());
    $redis->stop;
    for my $path ('', '/picture', '/sound') {
        my $r = $b->ask("/cookie/captcha$path");
        is $r->{status}, 503, "the cache is away: $path";
        is $r->{headers}{'retry-after'}, 5, 'RFC 9110 10.2.3';
    }
    is try($b, 'cookie', '123456'), 503, 'nobody passes';
    # As of any 503: one line of each request, and one of each process' cache.
    is_deeply [(map { /HBR0032: captcha: 503 / ? 'answer' : $_ } grep
        { !/HBR0361/ } lines_since($before))],
        [('answer') x 4], 'one line of each';
    my $told = away_lines() - $away;
    ok $told >= 1 && $told <= $httpd->children, "and $told of the cache";
    $redis->start_again;
    # Each process finds that by itself.
    my $status = 0;
    for (1 .. 100) {
        $status = $b->ask('/cookie/captcha')->{status};
        $status = try($b, 'cookie', code()) if $status == 200;
        last if $status == 200;
        select undef, undef, undef, 0.1;
    }
    is $status, 200, 'and back, with new digits';
}
