# Sessions against a real httpd: mod_session_cookie with mod_session_crypto, and
# mod_session_dbd on SQLite. httpd's traps, stores that are gone, and the cookie
# that tools/session.conf makes.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Path qw(make_path remove_tree);
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Httpd;
use HandlerBridge::Test;

my $state = Apache::Test::vars('serverroot') . '/state/session';
my %databases = (main => "$state/main.db", away => "$state/there/away.db");
my @stores    = qw(session_cookie session_dbd session_socache);
my ($vhost, %jar, %given);

make_databases();
for (@stores) {
    $vhost = $_;
    print "# $vhost\n";
    counts();
    values_and_names();
    login();
    abandon();
    flash();
    expiry();
    garbage();
    responses_of_all_kinds();
    nothing_written($_) for grep { $_ ne 'h2' } protocols();
    error_documents();
    late();
    two_writers();
    concurrency();
}
over_http2();
expired_and_redirected($_) for @stores;
undecodable_and_redirected();
idle();
size_limit();
session_header();
intervals();
subrequests();
what_is_missing();
store_away();
snippet();
over_tls();
mod_session_is_missing();
no_secrets();
is_deeply [grep { /HBR\d+: .*core dumped|AH00052/ } log_since(0)], [],
    'no child died';
done_testing;

sub sql {
    my ($database, $text) = @_;
    my $out = `sqlite3 -cmd '.timeout 10000' '$databases{$database}' "$text"`;
    return $out;
}

# httpd's children are not always the user who runs this.
sub make_databases {
    make_path("$state/there");
    chmod 0777, $state, "$state/there" or die "$state: $!";
    for my $name (sort keys %databases) {
        unlink glob "$databases{$name}*";
        sql($name, 'PRAGMA journal_mode = WAL; CREATE TABLE session '
            . '(key CHAR(36) PRIMARY KEY, value TEXT, expiry BIGINT)');
        chmod 0666, glob "$databases{$name}*" or die "$databases{$name}: $!";
    }
    my $good = 0;
    for (1 .. 400) {    # each child finds the database that came late
        $good = fetch('/session?do=count', vhost => 'session_dbd')->{status}
            == 200 ? $good + 1 : 0;
        last if $good == 30;
        sleep 0.05 unless $good;
    }
    is $good, 30, 'the database is found';
}

# Of a session that keeps its id the client has the cookie already.
sub keeps_id { return $vhost eq 'session_socache' }

# A request with the cookie that the answer before has left.
sub ask {
    my ($path, %o) = @_;
    my @cookie = $jar{$vhost} ? ("Cookie: session=$jar{$vhost}") : ();
    my $r = fetch($path, vhost => $vhost, %o,
        headers => [@cookie, @{ $o{headers} || [] }]);

    my @set = grep { lc $_->[0] eq 'set-cookie' && $_->[1] =~ /^session=/ }
        @{ $r->{list} };
    $r->{set} = scalar @set;
    for (@set) {
        my ($value) = $_->[1] =~ /^session=([^;]*)/;
        $r->{cookie} = $_->[1];
        if ($_->[1] =~ /Max-Age=0/ || !length $value) { delete $jar{$vhost} }
        else { $jar{$vhost} = $value; $given{$value}++ }
    }
    return $r;
}

sub afresh { delete $jar{$vhost} }

sub counts {
    afresh();
    for my $n (1 .. 4) {
        my $r = ask('/session?do=count');
        is $r->{body}, "$n\n", "count $n";
        is $r->{set}, $n > 1 && keeps_id() ? 0 : 1, 'one cookie';
        is $r->{headers}{'cache-control'}, 'no-cache, private', 'private, once';
        ok !exists $r->{headers}{vary}, 'no Vary: Cookie';
    }
    is ask('/session?do=count', method => 'HEAD')->{status}, 200, 'HEAD';
    is ask('/session?do=count')->{body}, "6\n", 'counts, too';
    is ask('/session_read?do=show')->{body}, "new=0\ncount=6\n", 'a reader';
    my $r = ask('/session?do=show');
    is $r->{set}, 0, 'what was not changed is not saved';
    is $r->{headers}{'cache-control'}, 'no-cache, private', 'but private';
}

sub values_and_names {
    afresh();
    my @pairs = (['Name', 'x'], ['name', 'y'], ['NAME', ''], ['a%26b%3D', '%26='],
                 ['expiry', 'mine'], ['%C3%A4', '%25%0A+'], ['%5E', '%5E']);
    is ask("/aged?do=set&name=$_->[0]&value=$_->[1]")->{body}, "set\n", "@$_"
        for @pairs;
    is join("\n", sort split /^/, ask('/aged?do=show')->{body}),
        join("\n", sort "new=0\n", "Name=x\n", "name=y\n", "NAME=\n",
             "a&b==&=\n", "expiry=mine\n", "\xc3\xa4=%\n", " \n", "^=^\n"),
        'all came back';
    ask('/aged?do=clear');
    # mod_session_dbd with SessionMaxAge has a row for it, the others nothing.
    is ask('/aged?do=show')->{body},
        $vhost eq 'session_dbd' ? "new=0\n" : "new=1\n", 'all are cleared';
}

# Over the redirect that follows a login.
sub login {
    afresh();
    ask('/session?do=count');
    my $old = $jar{$vhost};
    my $r = ask('/session?do=login');
    is $r->{status}, 303, 'a redirect';
    is $r->{headers}{location}, '/welcome', 'to there';
    is $r->{set}, 1, 'with a cookie';
    isnt $jar{$vhost}, $old, 'a new one';
    is ask('/session_read')->{body}, "new=0\ncount=1\nuser=ann\n", 'logged in';
    if ($vhost ne 'session_cookie') {
        local $jar{$vhost} = $old;
        is ask('/session_read')->{body}, "new=1\n", 'the old id is dead';
    }
    if ($vhost eq 'session_dbd') {
        is sql('main', "SELECT count(*) FROM session WHERE key = '$old'"),
            "0\n", 'and gone';
    }
}

sub abandon {
    for my $where ('/session', '/aged') {
        afresh();
        my $rows = sql('main', 'SELECT count(*) FROM session');
        ask("$where?do=count");
        my $r = ask("$where?do=abandon");
        is $r->{body}, "gone\n", "$where: abandoned";
        is $r->{set}, 1, 'one cookie';
        like $r->{cookie}, qr/^session=;.*Max-Age=0/, 'that ends the one';
        like $r->{cookie}, qr{Path=/}, 'of the same path';
        ok !$jar{$vhost}, 'the client has none';
        is sql('main', 'SELECT count(*) FROM session'), $rows,
            'nor has the database' if $vhost eq 'session_dbd';
        is ask("$where?do=count")->{body}, "1\n", 'a new one begins';
    }
    afresh();
    is ask('/session?do=abandon')->{set}, 0, 'none is nothing to end';
}

sub flash {
    afresh();
    is ask('/session?do=flash_set')->{status}, 303, 'set, and redirected';
    is ask('/session?do=show')->{body}, "new=0\n", 'others do not see it';
    is ask('/session?do=flash')->{body}, "On its way.\n", 'once';
    is ask('/session?do=flash')->{body}, "none\n", 'and not again';
}

# PR 56052: what is set after a session has expired is kept.
sub expiry {
    afresh();
    is ask('/short?do=set&name=old&value=1')->{status}, 200, 'a short session';
    sleep 2.3;
    my $mark = log_mark();
    my $r = ask('/short?do=set&name=new&value=2');
    is $r->{status}, 200, 'a write after it has expired';
    is $r->{set}, 1, 'one cookie';
    my $kept = in_time(0.9, sub {
        ask('/short?do=set&name=new&value=2');
        return ask('/short?do=show')->{body};
    });
    is $kept, "new=0\nnew=2\n", 'is kept';
    is_deeply [grep { /AH01818|AH01819|AH01822/ } log_since($mark)], [],
        'and mod_session complains of nothing';
    # One that takes longer than its session had left.
    afresh();
    ask('/short?do=set&name=a&value=1');
    is ask('/short?do=slow&n=2')->{status}, 200, 'it expires meanwhile';
    is ask('/session?do=show')->{body}, "new=0\na=slow\n", 'and is kept';
}

# PR 58171
sub garbage {
    my @cookies = ('x', 'A' x 64, 'A' x 4000, '=', '%00', '&&=&', ';', '"',
                   'count=7', '00000000-0000-0000-0000-000000000000',
                   "' OR 1=1 --");
    my $mark = log_mark();
    for my $where ('/session', '/aged') {
        for (@cookies) {
            $jar{$vhost} = $_;
            is ask("$where?do=show")->{body}, "new=1\n", 'garbage is none';
            $jar{$vhost} = $_;
            my $r = ask("$where?do=count");
            is $r->{body}, "1\n", 'and a new one begins';
            is $r->{set}, 1, 'with one cookie';
            is ask("$where?do=count")->{body}, "2\n", 'that lasts';
        }
    }
    is_deeply [grep { /HBR/ } log_grave($mark)], [], 'no line of ours';
}

sub responses_of_all_kinds {
    afresh();
    my $n = 0;
    is ask('/session?do=status&n=404')->{status}, 404, 'a 404';
    is ask('/session?do=show')->{body}, "new=0\na=set\n", 'is saved';
    ask('/session?do=clear');
    is ask('/session?do=status&n=500')->{status}, 500, 'a 500';
    unlike ask('/session?do=show')->{body}, qr/a=set/, 'is not';
    for my $tag ('"x"', '"tag"') {
        my $r = ask('/session?do=tagged', headers => ["If-None-Match: $tag"]);
        is $r->{status}, $tag eq '"tag"' ? 304 : 200, 'a condition';
        is ask('/session_read')->{body}, "new=0\ncount=" . ++$n . "\n", 'saved';
    }
    is ask('/session?do=stream')->{body}, "3\nend\n", 'a stream';
    is ask('/session_read')->{body}, "new=0\ncount=3\n", 'saved';
}

# RFC 9110 9.3.2, 9.3.7, 15.4.5, 15.5: what writes nothing begins no session,
# and keeps the client's as it is.
sub nothing_written {
    my ($protocol) = @_;
    my @how = (protocol => $protocol);
    my @rows = (
        [200, '/session?do=show', method => 'HEAD'],
        [200, '/session_read?do=show', method => 'HEAD'],
        [200, '/session?do=seen'],
        [304, '/session?do=seen', headers => ['If-None-Match: "tag"']],
        [304, '/session_read?do=seen', method => 'HEAD',
            headers => ['If-None-Match: "tag"']],
        [412, '/session?do=seen', headers => ['If-Match: "x"']],
        [206, '/session?do=seen', headers => ['Range: bytes=0-1']],
        [404, '/session?do=fail&n=404'],
        [500, '/session_read?do=fail&n=500'],
        [200, '/session', method => 'OPTIONS'],
        [200, '/session_read', method => 'OPTIONS'],
        [405, '/session', method => 'DELETE'],
        [405, '/session_read?do=count', method => 'POST', body => 'x'],
        [400, '/session?do=nothing'],
        [200, '/session?do=none', method => 'HEAD'],
    );
    for my $cookie ('none', 'one') {
        afresh();
        ask('/session?do=count') if $cookie eq 'one';
        my $kept = $jar{$vhost};
        my $rows = sql('main', 'SELECT count(*) FROM session');
        for (@rows) {
            my ($status, $path, %o) = @$_;
            my $r = ask($path, @how, %o);
            my $what = ($o{method} || 'GET') . " $path, $protocol, $cookie";
            is $r->{status}, $status, $what;
            is $r->{set}, 0, '... sets no cookie';
            is $r->{headers}{'cache-control'}, 'no-cache, private',
                '... and is private';
        }
        is $jar{$vhost}, $kept, 'the client has what it had';
        is sql('main', 'SELECT count(*) FROM session'), $rows, 'no row is made'
            if $vhost eq 'session_dbd';
        is ask('/session_read?do=show', @how)->{body},
            $kept ? "new=0\ncount=1\n" : "new=1\n", 'and so has the store';
    }
}

# The session goes along, is saved once, and stays private.
sub error_documents {
    afresh();
    my $r = ask('/document?do=status&n=404');
    is $r->{status}, 404, 'a 404 with an ErrorDocument';
    is $r->{body}, "new=0\na=set\n", 'which sees what was set';
    is $r->{set}, 1, 'one cookie';
    is $r->{headers}{'cache-control'}, 'no-cache, private', 'private';
    is ask('/session_read')->{body}, "new=0\na=set\n", 'saved';
    afresh();
    $r = ask('/document?do=status&n=410');
    is $r->{body}, "none\n", 'one that does not look at it';
    is $r->{set}, 1, 'one cookie';
    is $r->{headers}{'cache-control'}, 'no-cache, private', 'private';
    is ask('/session_read')->{body}, "new=0\na=set\n", 'saved';
    return if $vhost eq 'session_dbd';
    afresh();
    $r = ask('/text?do=status&n=410');
    is $r->{body}, 'It is gone.', 'a text';
    is $r->{headers}{'cache-control'}, 'no-cache, private', 'is private, too';
    is ask('/session_read')->{body}, "new=0\na=set\n", 'saved';
}

sub late {
    afresh();
    my $mark = log_mark();
    my $r = ask('/session?do=late');
    like $r->{error}, qr/curl exit/, 'a change after the first byte is cut';
    like log_wait($mark, qr/HBR0353/),
        qr/session: hbr_session_set\(\) comes too late.*done by hbr_flush/,
        'and logged';
    ok !$jar{$vhost}, 'nothing is set';
}

# Neither an id nor what is in an encrypted cookie.
sub no_secrets {
    my $log = join '', log_since(0);
    my @told = grep { index($log, $_) >= 0 } keys %given;

    cmp_ok scalar(keys %given), '>', 20, 'cookies were given';
    is_deeply \@told, [], 'and none of them is in the log';
}

# Documented: the later one's whole session stays.
sub two_writers {
    afresh();
    ask('/session?do=set&name=first&value=0');
    my $cookie = $jar{$vhost};
    my $mark = log_mark();
    my $pid = open my $pipe, '-|';
    defined $pid or die "fork: $!";
    if (!$pid) {
        print ask('/session?do=slow&name=second&n=2')->{cookie} // '';
        close STDOUT;
        require POSIX;
        POSIX::_exit(0);
    }
    ok log_wait($mark, qr/session: slow has its session/), 'one is at work';
    is ask('/session?do=set&name=first&value=1')->{status}, 200, 'meanwhile';
    my ($last) = (readline($pipe) // '') =~ /^session=([^;]*)/;
    $jar{$vhost} = $last // $cookie;
    close $pipe;
    is ask('/session_read')->{body}, "new=0\nfirst=0\nsecond=slow\n",
        'the last one wins';
}

sub concurrency {
    afresh();
    ask('/session?do=count');
    my $cookie = $jar{$vhost};
    for my $path ('/session?do=count', '/session_read?do=show') {
        my $out = `ab -q -k -n 200 -c 8 -C 'session=$cookie' 'http://${\ hostport($vhost)}$path' 2>&1`;
        like $out, qr/Complete requests:\s+200\b/, "$path: all are answered";
        unlike $out, qr/Non-2xx/, 'and well';
    }
}

sub over_http2 {
    return unless grep { $_ eq 'h2c' } protocols();
    $vhost = 'session_cookie';
    afresh();
    is ask('/session?do=count', protocol => 'h2c')->{body}, "$_\n", "h2c $_"
        for 1 .. 3;
    is ask('/session?do=login', protocol => 'h2c')->{status}, 303, 'login';
    is ask('/session_read', protocol => 'h2c')->{body},
        "new=0\ncount=3\nuser=ann\n", 'logged in';
    my $out = `h2load -n 200 -c 4 -m 4 -H 'Cookie: session=$jar{$vhost}' 'http://${\ hostport($vhost)}/session?do=count' 2>&1`;
    like $out, qr/200 2xx, 0 3xx, 0 4xx, 0 5xx/, 'many at once';
    like ask('/session?do=late', protocol => 'h2c')->{error}, qr/curl exit/,
        'late is reset';
}

# The session that is fresh because the old one expired is the ErrorDocument's.
sub expired_and_redirected {
    ($vhost) = @_;
    afresh();
    ask('/short?do=set&name=old&value=1');
    sleep 2.3;
    my $r = ask('/document?do=status&n=404');
    is $r->{body}, "new=0\na=set\n", 'expired, written, and redirected';
    is $r->{set}, 1, 'one cookie';
    is ask('/session_read')->{body}, "new=0\na=set\n", 'saved';
}

# So is one that began because the client's cannot be read.
sub undecodable_and_redirected {
    $vhost = 'session_socache';
    afresh();
    ask('/session?do=count');
    my $r = ask('/locked?do=status&n=404');
    is $r->{body}, "new=0\na=set\n", 'unreadable, written, and redirected';
    is $r->{set}, 1, 'one cookie';
    is ask('/locked?do=show')->{body}, "new=0\na=set\n", 'saved';
}

# SessionSocacheTimeout, as SessionMaxAge.
sub idle {
    $vhost = 'session_socache';
    afresh();
    ask('/idle?do=set&name=a&value=1');
    is ask('/idle?do=slow&n=2')->{status}, 200, 'it ends meanwhile';
    is ask('/session_read')->{body}, "new=0\na=slow\n", 'and is kept';
    # Ended by another, it is not.
    my $cookie = $jar{$vhost};
    ask('/session?do=abandon');
    $jar{$vhost} = $cookie;
    is ask('/session_read')->{body}, "new=1\n", 'no replay';
}

# RFC 6265 6.1: 4096 bytes of name, value and attributes.
sub size_limit {
    $vhost = 'session_cookie';
    afresh();
    my $most = 2800 - 24 - 3;
    my $r = ask("/aged?do=fill&n=$most");
    is $r->{body}, "filled\n", 'as long as may be';
    cmp_ok length $r->{cookie}, '<=', 4096, 'fits a cookie, encrypted';
    like ask('/session_read')->{body}, qr/^a=v{$most}$/m, 'and comes back';
    my $mark = log_mark();
    is ask('/aged?do=fill&n=' . ($most + 1))->{status}, 500, 'longer';
    like log_wait($mark, qr/HBR0355/),
        qr/2801 bytes long, more than BridgeLimitSession \(2800\)/, 'logged';
    my ($exit, $text) = httpd_t("BridgeLimitSession lots\n");
    like $text, qr/BridgeLimitSession "lots": expected a whole number/,
        'a bad limit';
}

# What the filter would have done is done.
sub session_header {
    $vhost = 'session_cookie';
    afresh();
    my $r = ask('/header?do=header&value=Site%3Dx%2526y%26gone%3D%26b%3D2');
    is $r->{body}, "1\n", 'SessionHeader';
    ok !exists $r->{headers}{'x-session'}, 'is not shown to the client';
    is $r->{set}, 1, 'one cookie';
    is ask('/session_read')->{body}, "new=0\ncount=1\nSite=x&y\nb=2\n",
        'its values are in the session';
    ask('/session?do=count');
    is ask('/session_read')->{body}, "new=0\ncount=2\nSite=x&y\nb=2\n",
        'and stay as they were';
    # Where nothing was changed, the filter does it itself.
    afresh();
    ask('/session?do=count');
    ask('/header?do=show');
    is ask('/session_read')->{body}, "new=0\ncount=1\n", 'without a header';
}

sub intervals {
    $vhost = 'session_cookie';
    afresh();
    ask('/interval?do=count');
    is ask('/interval?do=show')->{set}, 0, 'SessionExpiryUpdateInterval';
    is ask('/interval?do=count')->{set}, 1, 'a change is saved all the same';
    is ask('/aged?do=show')->{set}, 1, 'without it mod_session refreshes';
}

sub subrequests {
    $vhost = 'session_cookie';
    afresh();
    ask('/session?do=set&name=a&value=1');
    my $mark = log_mark();
    my $r = ask('/include/page.shtml');
    like $r->{body}, qr/^read: new=0\na=1\n$/m, 'an included handler reads';
    like log_wait($mark, qr/HBR0357/),
        qr/session: hbr_session_set_int\(\) in a subrequest/, 'but does not write';
    is ask('/session_read')->{body}, "new=0\na=1\n", 'nothing has changed';
}

sub missing {
    my ($host, $path, $tag, $words, $what) = @_;
    my $mark = log_mark();
    is fetch($path, vhost => $host)->{status}, 500, $what;
    like log_wait($mark, qr/$tag/), $words, 'and what is missing';
}

sub what_is_missing {
    missing('session_cookie', '/off?do=count', 'HBR0351',
        qr/session: hbr_session_int\(\) needs a session.*"Session On"/,
        'Session Off');
    missing('session_none', '/session_read', 'HBR0351',
        qr/hbr_session_is_new\(\).*"Session On"/, 'no Session');
    missing('session_none', '/session', 'HBR0351', qr/a store \(SessionCookieName/,
        'no store');
    missing('session_cookie', '/excluded', 'HBR0351', qr/SessionExclude/,
        'SessionExclude');
    missing('session_cookie', '/session_undeclared', 'HBR0350',
        qr/session_undeclared: hbr_session_is_new\(\) needs \.session = HBR_SESSION_READ/,
        'undeclared');
    missing('session_cookie', '/session_read?do=set', 'HBR0350',
        qr/session_read: hbr_session_set\(\) needs \.session = HBR_SESSION_WRITE/,
        'undeclared to write');
    is fetch('/session_undeclared?do=none', vhost => 'session_none')->{body},
        "none\n", 'who needs none needs nothing';
}

sub store_away {
    $vhost = 'session_away';
    afresh();
    for (1 .. 50) {
        last if ask('/session?do=count')->{status} == 200;
        sleep 0.1;
    }
    ok $jar{$vhost}, 'a session';
    for my $round (1 .. 2) {
        rename "$state/there", "$state/elsewhere" or die "rename: $!";
        my $mark = log_mark();
        my $r = ask('/session_read');
        is $r->{status}, 503, 'it cannot be loaded';
        is $r->{headers}{'retry-after'}, 5, 'Retry-After';
        like $r->{body}, qr/The session is not available\./, 'a sentence';
        like log_wait($mark, qr/HBR0352/), qr/the session cannot be loaded/,
            'logged';
        my $cookie = delete $jar{$vhost};
        $mark = log_mark();
        $r = ask('/session?do=login');
        is $r->{status}, 503, 'it cannot be saved';
        is $r->{set}, 0, 'no cookie';
        ok !exists $r->{headers}{location}, 'nothing of the response';
        is $r->{headers}{'retry-after'}, 5, 'Retry-After';
        like $r->{body}, qr/The session could not be saved\./, 'a sentence';
        like log_wait($mark, qr/HBR0356/), qr/the session cannot be saved/,
            'logged';
        is scalar(grep { /AH01822/ } log_since($mark)), 1,
            'and tried once only';
        is ask('/session?do=stream')->{status}, 503, 'nor for a stream';
        is ask('/document?do=login')->{body}, 'Sorry.', 'an ErrorDocument';
        $jar{$vhost} = $cookie;
        rename "$state/elsewhere", "$state/there" or die "rename: $!";
        is ask('/session?do=count')->{status}, 200, 'and back';
    }
}

# RFC 6265 5.2, draft-ietf-httpbis-rfc6265bis 5.4.7
sub snippet {
    $vhost = 'session_snippet';
    afresh();
    my $r = ask('/session?do=count');
    like $r->{cookie}, qr/;\s*$_(?:;|$)/, "the snippet says $_"
        for 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Max-Age=3600';
    unlike $jar{$vhost}, qr/count/, 'nobody can read it';
    is ask('/session?do=count')->{body}, "2\n", 'it works';
}

# RFC 6265bis 4.1.2.5: Secure where TLS is, at the session's begin, at a new id
# and at its end.
sub over_tls {
    for my $protocol (mpm() eq 'event' ? qw(http/1.1 h2) : 'http/1.1') {
        my @how = (protocol => $protocol, curl => ['--insecure']);
        for (qw(session_tls session_snippet_tls)) {
            $vhost = $_;
            afresh();
            for my $do (qw(count login abandon)) {
                my $r = ask("/session?do=$do", @how);
                is $r->{set}, 1, "$vhost, $protocol: $do sets the cookie";
                like $r->{cookie} // '', qr/;\s*Secure(?:;|\z)/, '... Secure';
            }
            is ask('/session?do=count', @how)->{body}, "$_\n", "count $_"
                for 1, 2;
        }
    }
    $vhost = 'session_socache';
    afresh();
    for my $do (qw(count login abandon)) {
        my $r = ask("/session?do=$do");
        is $r->{set}, 1, "without TLS: $do sets the cookie";
        unlike $r->{cookie} // '', qr/Secure/i, '... not Secure';
    }
}

sub mod_session_is_missing {
    my $dir = "$state/without";
    my $so  = slurp(Apache::Test::vars('t_conf') . '/modules.conf')
        =~ /^(LoadModule handlerbridge_module \S+)$/m ? $1 : die;

    remove_tree($dir);
    make_path($dir);
    chmod 0777, $dir or die "$dir: $!";
    local $ENV{HBR_HTTPD} = Apache::Test::vars('httpd');
    my $httpd = HandlerBridge::Httpd->start($dir, mpm(),
        "$so\n<Location />\nSetHandler session\nRequire all granted\n</Location>");
    my $url = 'http://127.0.0.1:' . $httpd->port . '/';
    is `curl -s -o /dev/null -w '%{http_code}' $url`, 500, 'no mod_session';
    like join('', $httpd->log), qr/HBR0351: session: .*LoadModule session_module/,
        'and the line to add';
    $httpd->stop;
}
