# mod_session_socache over shared memory: the session from request to request,
# its id, its cookie, its end. t/session_socache_stores.t has Redis and memcached;
# t/unit/session_cookie.c and t/unit/session_job.c have the parts.
use strict;
use warnings FATAL => 'all';

use Time::HiRes qw(sleep time);
use Test::More;

use HandlerBridge::Visitor;
use HandlerBridge::Test;

my $ID = qr/[0-9a-f]{32}/;

sub browser { return HandlerBridge::Visitor->new(vhost => 'socache', @_) }
sub body { return $_[0]{body} =~ s/\n\z//r =~ s/\n/ /gr }

each_protocol(\&life);
processes();
fixation();
garbage();
renewal();
abandoning();
expiry();
cookies();
realms();
chains();
htaccess();
sizes();
writers();
mistakes();
done_testing;

sub life {
    my ($protocol) = @_;
    my $b = HandlerBridge::Visitor->new(protocol => $protocol);

    is(body($b->ask('/hss-probe?get')), '', 'a visitor has no session');
    is($b->cookie('sid'), undef, 'and gets none for reading');
    is($b->ask('/hss-probe?set=name:Jos%C3%A9&set=n:1')->{status}, 200, 'set');
    like($b->cookie('sid') // '', qr/^$ID\z/, 'there is an id');
    like($b->set_cookie('sid') // '', $protocol eq 'h2'
        ? qr{^sid=$ID; Path=/; HttpOnly; SameSite=Lax; Secure\z}
        : qr{^sid=$ID; Path=/; HttpOnly; SameSite=Lax\z},
        'RFC 6265bis 4.1: the attributes, Secure over TLS');
    my $r = $b->ask('/hss-probe?get');
    is(body($r), 'name=Jos%C3%A9 n=1', 'it is there again');
    is($b->set_cookie('sid'), undef, 'the cookie is not sent again');
    like($r->{headers}{'cache-control'} // '', qr/private/,
         'RFC 9111 5.2.2.7: it is for nobody else');
    my $id = $b->cookie('sid');
    $b->ask('/hss-probe?set=n:2');
    is($b->cookie('sid'), $id, 'a change keeps the id');
    is(body($b->ask('/hss-probe?get')), 'name=Jos%C3%A9 n=2', 'and is kept');
}

# The children share it.
sub processes {
    my $b = browser();
    my %seen;

    $b->ask('/?set=a:1');
    for (1 .. 300) {
        my @many = map { open_get($b) } 1 .. 4;
        for (map { finish_get($_) } @many) {
            return fail("lost: $_->{body}") if body($_) ne 'a=1';
            $seen{ $_->{headers}{'x-pid'} }++;
        }
        last if keys %seen > 1;
    }
    cmp_ok(scalar keys %seen, '>', 1, 'more than one process knows it');
}

sub open_get {
    my ($b) = @_;
    my $socket = raw_open('socache');
    print $socket "GET /?sleep=20 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        . 'Cookie: sid=' . $b->cookie('sid') . "\r\n\r\n";
    $socket->flush;
    return $socket;
}

sub finish_get {
    my ($answer) = responses(raw_read($_[0]));
    return $answer;
}

# An id that the store does not have is nobody's, and becomes nobody's.
sub fixation {
    my $b = browser();

    $b->put('sid', 'a' x 32);
    is(body($b->ask('/?get')), '', "an attacker's id gives no session");
    $b->ask('/?set=a:1');
    like($b->cookie('sid'), qr/^$ID\z/, 'a session has an id');
    isnt($b->cookie('sid'), 'a' x 32, 'which is not the one that was sent');
    my $other = browser();
    $other->put('sid', 'a' x 32);
    is(body($other->ask('/?get')), '', 'and that one is still unknown');
    my %ids;
    for (1 .. 20) {
        my $new = browser();
        $new->ask('/?set=a:1');
        $ids{ $new->cookie('sid') }++;
    }
    is(scalar keys %ids, 20, 'each has its own');
}

sub garbage {
    my $b = browser();
    $b->ask('/?set=a:1');
    my $id = $b->cookie('sid');
    my %read = (
        "sid=$id"                                => 'a=1',
        "x=y; sid=$id; z"                        => 'a=1',
        "sid=$id ; sid=$id"                      => 'a=1',
        "sid=junk; sid=$id"                      => 'a=1',
        'sid=' . 'b' x 32 . "; sid=$id"          => 'a=1',
        "sid = $id"                              => '',
        "SID=$id"                                => '',
        "sid=\"$id\""                            => '',
        'sid=' . uc $id                          => $id =~ /[a-f]/ ? '' : 'a=1',
        "sid=$id,"                               => '',
        "sid=${id}0"                             => '',
        'sid=' . substr($id, 1)                  => '',
        "xsid=$id"                               => '',
        'sid=' . 'f' x 7000                      => '',
        'sid'                                    => '',
        ';=;;;=sid; =' . $id                     => '',
        join('; ', map { "a$_=$_" } 1 .. 600)    => '',
        'sid=%00' . $id                          => '',
        "sid=\x{ff}\x{fe}" . substr($id, 2)      => '',
    );
    my $mark = log_mark();
    for my $cookie (sort keys %read) {
        my $r = fetch('/?get', vhost => 'socache',
                      headers => ["Cookie: $cookie"]);
        is($r->{status} . ' ' . body($r), "200 $read{$cookie}",
           'RFC 6265 5.4: ' . substr $cookie, 0, 40);
    }
    my $many = join '; ', map { sprintf 'sid=%032x', $_ } 1 .. 4;
    is(body(fetch('/?get', vhost => 'socache',
                  headers => ["Cookie: $many; sid=$id"])), '',
       'more ids than are looked up');
    my $second = browser();
    $second->ask('/?set=a:2');
    is(body(fetch('/?get', vhost => 'socache', headers => [
           "Cookie: sid=$id; sid=" . $second->cookie('sid')])), '',
       'RFC 6265 8.6: of two sessions none');
    is(scalar(log_grave($mark)), 0, 'a client fills no log');
}

sub renewal {
    my $b = browser();
    my $old = browser();

    $b->ask('/?set=a:1');
    $old->put('sid', $b->cookie('sid'));
    $b->ask('/?set=b:2&renew');
    isnt($b->cookie('sid'), $old->cookie('sid'), 'renewed: another id');
    is(body($b->ask('/?get')), 'a=1 b=2', 'the same session');
    is(body($old->ask('/?get')), '', 'the old id is dead');
    $b->ask('/?renew&save');
    is(body($b->ask('/?get')), 'a=1 b=2', 'saved by the handler itself');
}

sub abandoning {
    my $b = browser();
    my $copy = browser();

    $b->ask('/?set=a:1');
    $copy->put('sid', $b->cookie('sid'));
    $b->ask('/?abandon');
    like($b->set_cookie('sid') // '',
         qr{^sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\z},
         'RFC 6265 5.3: the cookie is ended, with its attributes');
    is(body($copy->ask('/?get')), '', 'and the session');
    $b->ask('/?abandon');
    is($b->set_cookie('sid'), undef, 'nothing to end');

    # One that is still at work when it ends does not bring it back.
    $b->ask('/?set=a:1');
    $copy->put('sid', $b->cookie('sid'));
    my $socket = raw_open('socache');
    print $socket "GET /?sleep=600&set=a:2 HTTP/1.1\r\nHost: x\r\n"
        . 'Connection: close' . "\r\nCookie: sid=" . $b->cookie('sid')
        . "\r\n\r\n";
    $socket->flush;
    sleep 0.2;
    $b->ask('/?abandon');
    like(raw_read($socket), qr{^HTTP/1.1 200 }, 'the late one answers');
    is(body($copy->ask('/?get')), '', 'the session stays ended');
}

sub expiry {
    my $b = browser();

    $b->ask('/aged?set=a:1');
    like($b->set_cookie('aged') // '', qr/; Max-Age=[1234]\z/,
         'RFC 6265 4.1.2.2: SessionMaxAge is the cookie\'s, and no more');
    sleep 2.2;
    is(body($b->ask('/aged?get')), 'a=1', 'within its age');
    like($b->set_cookie('aged') // '', qr/; Max-Age=[1234]\z/,
         'the cookie is pushed with the session');
    sleep 2.2;
    is(body($b->ask('/aged?get')), 'a=1', 'pushed by use');
    my $id = $b->cookie('aged');
    sleep 4.3;
    $b->put('aged', $id);
    is(body($b->ask('/aged?get')), '', 'over');

    $b->ask('/idle?set=a:1');
    unlike($b->set_cookie('idle') // 'Max-Age', qr/Max-Age|Expires/,
           'RFC 6265 5.3: without it, until the browser ends');
    for (1 .. 3) {
        sleep 1.6;
        is(body($b->ask('/idle?get')), 'a=1', "used, $_");
    }
    sleep 3.3;
    is(body($b->ask('/idle?get')), '', 'unused for SessionSocacheTimeout');
}

sub cookies {
    my $b = browser();

    $b->ask('/strict?set=a:1');
    is($b->set_cookie('__Secure-strict') =~ s/=$ID/=/r,
       '__Secure-strict=; Path=/strict; HttpOnly; SameSite=Strict; Secure',
       'RFC 6265bis 4.1.3.1: __Secure- is Secure');
    $b->ask('/host?set=a:1');
    is($b->set_cookie('__Host-sid') =~ s/=$ID/=/r,
       '__Host-sid=; Path=/; HttpOnly; SameSite=Lax; Secure',
       'RFC 6265bis 4.1.3.2: __Host-');
    my $off = browser(vhost => 'socache_offloaded');
    $off->ask('/?set=a:1');
    like($off->set_cookie('sid') // '', qr/; Secure\z/,
         'ServerName https://...: TLS ends before httpd');
    $b->ask('/?set=a:1&status=403');
    like($b->set_cookie('sid') // '', qr/^sid=$ID;/,
         'an error has the cookie, too');
}

# The same name on two sites of one machine.
sub realms {
    my $b = browser();
    my $other = browser(vhost => 'socache_other');

    $b->ask('/?set=admin:yes');
    $other->put('sid', $b->cookie('sid'));
    is(body($other->ask('/?get')), '', "another site's session is unknown");
    $b->ask('/other?get');
    $b->put('other', $b->cookie('sid'));
    is(body($b->ask('/other?get')), '', "and another cookie's");
    $b->forget;
    $b->ask('/shared?set=a:1');
    $other->put('sid', $b->cookie('sid'));
    is(body($other->ask('/shared?get')), 'a=1', 'SessionSocacheRealm');
    is(body($b->ask('/none?get')), '', 'Session Off');
}

# Subrequests and internal redirects have the session of their request.
sub chains {
    my $b = browser();

    $b->ask('/?set=a:1');
    my $id = $b->cookie('sid');
    is(body($b->ask('/?set=b:2&redirect=/next')), 'a=1 b=2',
       'behind an internal redirect');
    is(body($b->ask('/?get')), 'a=1 b=2', 'and saved');
    is(body($b->ask('/?set=c:3&status=404')), 'a=1 b=2 c=3',
       'in an ErrorDocument');
    is(body($b->ask('/?set=d:4&subrequest=/sub')),
       'a=1 b=2 c=3 d=4 a=1 b=2 c=3 d=4', 'in a subrequest');
    is(body($b->ask('/?get')), 'a=1 b=2 c=3 d=4', 'all of it is kept');
    is($b->cookie('sid'), $id, 'under one id');
    is(scalar(grep { /^sid=/ } @{ $b->{set} }), 0, 'which was sent once');
    $b->ask('/?set=e:5&redirect=/other%3Fset=a:1');
    is(body($b->ask('/?get')), 'a=1 b=2 c=3 d=4 e=5', 'two sessions in a chain');
}

# Its configuration ends with the request that read it: here a subrequest.
sub htaccess {
    my $b = HandlerBridge::Visitor->new;

    is($b->ask('/session-files/x?set=h:1')->{status}, 200, '.htaccess');
    like($b->set_cookie('htaccess') // '', qr{; Path=/files;}, 'its cookie');
    is(body($b->ask('/session-files/x?get')), 'h=1', 'its session');
    is(body($b->ask('/hss-probe?set=a:1&subrequest=/session-files/x')),
       'h=1 a=1', 'in a subrequest, beside another');
    is(body($b->ask('/hss-probe?get')), 'a=1', 'each keeps its own');
}

sub sizes {
    my $b = browser();

    is($b->ask('/?big=60000&save')->{status}, 200, '60 KB');
    is(body($b->ask('/?get')), 'big=' . 'b' x 100, 'is there');
    is($b->ask('/?big=120000&save')->{status}, 200, '120 KB');
    is(body($b->ask('/?get')), 'big=' . 'b' x 100, 'is there');
    my $mark = log_mark();
    is($b->ask('/?set=a:1&big=140000&save')->{status}, 503, 'too large');
    ok(log_wait($mark, qr/HSS0012:.*SessionSocacheMaxSize \(131072\)/),
       'the log names the directive');
    is(scalar(grep { /HSS0012/ } log_since($mark)), 1, 'once');
    is(body($b->ask('/?get')), 'big=' . 'b' x 100, 'the old one is kept');
}

# The last one wins, and the id stays: none loses the session.
sub writers {
    my $b = browser();

    $b->ask('/?set=a:1');
    my @sockets = map { raw_open('socache') } 1, 2;
    for my $i (0, 1) {
        my $socket = $sockets[$i];
        print $socket 'GET /?sleep=' . (1200 + 600 * $i) . "&set=w$i:1"
            . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: sid="
            . $b->cookie('sid') . "\r\n\r\n";
        $socket->flush;
    }
    like(raw_read($_), qr{^HTTP/1.1 200 (?!.*Set-Cookie)}s, 'a writer')
        for @sockets;
    is(body($b->ask('/?get')), 'a=1 w1=1', 'the last one wins');

    # One that only reads is no writer: what it pushes is the expiry.
    $b->ask('/aged?set=a:1');
    my $socket = raw_open('socache');
    print $socket "GET /aged?sleep=700 HTTP/1.1\r\nHost: x\r\n"
        . "Connection: close\r\nCookie: aged=" . $b->cookie('aged')
        . "\r\n\r\n";
    $socket->flush;
    sleep 0.2;
    $b->ask('/aged?set=b:2');
    raw_read($socket);
    is(body($b->ask('/aged?get')), 'a=1 b=2', 'a reader overwrites nothing');
}

sub mistakes {
    my @mistaken = (
        ['SessionSocache rediss:x', qr/no provider "rediss"; loaded: .*"redis"/],
        ['SessionSocache dc:x', qr/"dc" is not loaded: LoadModule socache_dc_/],
        ['SessionSocache redis', qr/SessionSocache: List of server names/],
        ['SessionSocache shmcb:x(9)', qr/SessionSocache: .*size/],
        ['SessionSocacheCookie a b=c', qr/no attribute "b"/],
        ['SessionSocacheCookie a=b', qr/"a=b" is no cookie's name.*RFC 6265/],
        ['SessionSocacheCookie', qr/is no cookie's name/],
        ['SessionSocacheCookie sid max-age=9', qr/SessionMaxAge/],
        ['SessionSocacheCookie sid version=1', qr/RFC 2109/],
        ['SessionSocacheCookie sid samesite=lacks', qr/Lax, Strict or None/],
        ['SessionSocacheCookie sid samesite=none', qr/None wants Secure/],
        ['SessionSocacheCookie sid path=x', qr/Path begins with/],
        ['SessionSocacheCookie sid domain=a_b', qr/Domain is a host's name/],
        ['SessionSocacheCookie __Host-x domain=a.b', qr/__Host-.*no Domain/],
        ['SessionSocacheCookie __host-x path=/a', qr/__Host-.*Path/],
        ['SessionSocacheMaxSize 100', qr/no size from 512 to 16777216/],
        ['SessionSocacheMaxSize 16Mx', qr/no size/],
        ['SessionSocacheMaxSize 99999999999999999999K', qr/no size/],
        ['SessionSocacheTimeout 0', qr/no time from 1000 to 2592000000/],
        ['SessionSocacheTimeout soon', qr/no time/],
        ['SessionSocacheWait 61s', qr/no time from 1 to 60000/],
        ["<Location /x>\nSessionSocache shmcb\n</Location>", qr/not allowed/],
    );
    for (@mistaken) {
        my ($conf, $wanted) = @$_;
        my ($exit, $text) = httpd_t("$conf\n");
        isnt($exit, 0, $conf);
        like($text, $wanted, 'what is wrong');
    }
    my ($exit, $text) = httpd_t(
        "SessionSocacheCookie __Secure-a path=/x; domain=x.org; SameSite=None\n"
        . "SessionSocacheWait 100\nSessionSocacheTimeout 1h\n");
    is($exit, 0, 'and what is right') or diag $text;
}
