# The client: his address behind proxies, his user name, TLS and certificates,
# whether he is gone; which file a URL is; deadlines.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Temp ();
use IO::Socket::INET ();
use JSON::PP qw(decode_json);
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

my $conf = Apache::Test::vars('t_conf');
my $ca   = Apache::Test::vars('sslca') . '/' . Apache::Test::vars('sslcaorg');
my $own  = File::Temp->newdir;
my $ids  = 0;

my @tls_protocols = mpm() eq 'prefork' ? qw(http/1.1) : qw(http/1.1 h2);

make_certificates();
plain_facts();
users();
remote_addresses();
tls_facts($_), certificates($_) for @tls_protocols;
resumed_sessions();
verify_client_directive();
gone();
gone_over_tls($_) for @tls_protocols;
gone_streams() unless mpm() eq 'prefork';
patient();
files();
deadlines();
deadline_directive();
busy_database();
done_testing;

sub run_quietly {
    open my $out, '-|', "@_ 2>&1" or die "@_: $!";
    my $text = do { local $/; <$out> };
    close $out;
    die "@_: $text" if $?;
}

# Besides those of Apache::Test's CA: one's own word, another CA's, expired.
sub make_certificates {
    my $new = 'openssl req -newkey rsa:2048 -nodes -days 3';
    my $sign = 'openssl x509 -req -set_serial 77';

    run_quietly("$new -x509 -keyout $own/self.key -out $own/self.crt"
        . ' -subj /CN=client_ok');
    run_quietly("$new -x509 -keyout $own/other.key -out $own/other.crt"
        . ' -subj /CN=other');
    run_quietly("$new -keyout $own/$_.key -out $own/$_.csr -subj /CN=client_ok")
        for qw(strange expired);
    run_quietly("$sign -in $own/strange.csr -out $own/strange.crt -days 3"
        . " -CA $own/other.crt -CAkey $own/other.key");
    run_quietly("$sign -in $own/expired.csr -out $own/expired.crt -days -1"
        . " -CA $ca/certs/ca.crt -CAkey $ca/keys/ca.pem -passin pass:httpd");
}

sub tls_url { return 'https://' . hostport(shift) . shift }

# A request over TLS to a virtual host, with one of the certificates.
sub ask_tls {
    my ($vhost, $protocol, $certificate, @more) = @_;
    my @names = qw(SSL_PROTOCOL SSL_CIPHER SSL_TLS_SNI SSL_CLIENT_VERIFY
        SSL_NOTHING HTTPS HTTP:Authorization);
    my ($crt, $key) = ("$own/$certificate.crt", "$own/$certificate.key");
    ($crt, $key) = ("$ca/certs/client_ok.crt", "$ca/keys/client_ok.pem")
        if $certificate eq 'good';

    my $r = HandlerBridge::Test::run_curl(
        'GET', qw(curl --silent --show-error --globoff --include --max-time 20),
        qw(--noproxy * --insecure), $protocol eq 'h2' ? '--http2' : '--http1.1',
        ($certificate eq 'none' ? () : ('--cert', $crt, '--key', $key)), @more,
        tls_url($vhost, '/client?' . join '&', map { "tls=$_" } @names));
    $r->{facts} = decode_json($r->{body}) if $r->{status} == 200;
    return $r;
}

sub facts {
    my ($path, @more) = @_;
    my $r = fetch($path, @more);
    is $r->{status}, 200, $path;
    return decode_json($r->{body});
}

# ---- who he is --------------------------------------------------------------

sub plain_facts {
    each_protocol(sub {
        my $protocol = shift;
        return if $protocol eq 'h2';
        my $f = facts('/client?tls=SSL_PROTOCOL&tls=SSL_VERSION_INTERFACE',
                      protocol => $protocol);
        is $f->{address}, '127.0.0.1', "$protocol: address";
        is $f->{scheme}, 'http', 'scheme';
        ok !$f->{secure}, 'not secure';
        ok !$f->{gone}, 'not gone';
        is_deeply [@$f{qw(user auth_type certificate unverified)}],
            [undef, undef, undef, undef], 'nobody';
        is_deeply $f->{tls},
            { SSL_PROTOCOL => undef, SSL_VERSION_INTERFACE => undef }, 'no TLS';
    });
    my $f = facts('/client', vhost => 'client_behind');
    is $f->{scheme}, 'https', "the scheme is the client's, by ServerName";
    ok !$f->{secure}, "the connection is the proxy's";
}

sub users {
    is fetch('/client/private')->{status}, 401, 'nobody';
    my $f = facts('/client/private', curl => ['--user', 'ann:secret']);
    is $f->{user}, 'ann', 'user';
    is $f->{auth_type}, 'Basic', 'RFC 7617';
    $f = facts('/client', curl => ['--user', 'ann:secret']);
    is $f->{user}, undef, 'a name that nobody asked for is not believed';
    is $f->{auth_type}, undef, 'nor its scheme';

    # RFC 9110 15.5.2: the answer to a wrong password comes out of the place
    # that asks for a right one, and httpd gives it the name that was claimed.
    for my $who (undef, 'ann:wrong', 'ann:secret') {
        my $as = defined $who ? $who : 'nobody';
        my $r = fetch('/client/refused', $who ? (curl => ['--user', $who]) : (),
                      vhost => 'client_files');
        is $r->{status}, $as eq 'ann:secret' ? 200 : 401, $as;
        $f = decode_json($r->{body});
        my $user = $as eq 'ann:secret' ? 'ann' : undef;
        is $f->{user}, $user, 'who he is';
        is $f->{auth_type}, $user && 'Basic', 'how that is known';
        is_deeply $f->{variables}, [$user, $user && 'Basic'], 'as a variable';
        my $path = '/client/refused/map?do=map&path=/client/refused/map/x';
        $f = decode_json(fetch($path, $who ? (curl => ['--user', $who]) : (),
                               vhost => 'client_files')->{body});
        is $f->{result}, $user ? 'found' : 'forbidden', 'what he may read';
    }
}

# mod_remoteip walks X-Forwarded-For from the right for as long as it trusts.
sub remote_addresses {
    my @rows = (
        ['client_behind', '203.0.113.9', '203.0.113.9', 'a trusted proxy'],
        ['client_behind', '198.51.100.1, 203.0.113.9', '203.0.113.9',
         'what the client himself wrote before it'],
        ['client_behind', undef, '127.0.0.1', 'it tells nothing'],
        ['client_behind', 'rubbish', '127.0.0.1', 'it tells rubbish'],
        ['client_direct', '203.0.113.9', '127.0.0.1', 'a stranger'],
        ['client_direct', '192.0.2.7', '127.0.0.1', 'posing as the proxy'],
        ['http/1.1', '203.0.113.9', '127.0.0.1', 'no proxy at all'],
    );

    for (@rows) {
        my ($vhost, $told, $address, $what) = @$_;
        my $f = facts('/client', vhost => $vhost,
            headers => [defined $told ? "X-Forwarded-For: $told" : ()]);
        is $f->{address}, $address, $what;
    }
}

# ---- TLS --------------------------------------------------------------------

sub tls_facts {
    my $protocol = shift;
    my $f = ask_tls('client_verified', $protocol, 'none')->{facts};

    ok $f->{secure}, "$protocol: secure";
    is $f->{scheme}, 'https', 'scheme';
    ok !$f->{gone}, 'not gone';
    like $f->{tls}{SSL_PROTOCOL}, qr/^TLSv1\.[23]\z/, 'protocol';
    like $f->{tls}{SSL_CIPHER}, qr/^[A-Z0-9_-]+\z/, 'cipher';
    my ($host) = hostport('client_verified') =~ /^(.*):/;
    is $f->{tls}{SSL_TLS_SNI}, $host, 'RFC 6066 3' if $host !~ /^[\d.]+\z/;
    is $f->{tls}{SSL_NOTHING}, undef, 'no such thing';
    is $f->{tls}{HTTPS}, undef, 'TLS alone';
    is $f->{tls}{'HTTP:Authorization'}, undef, 'and no secret';
    is_deeply [@$f{qw(certificate unverified)}], [undef, undef], 'shown none';

    $f = ask_tls('client_verified', $protocol, 'none', '--tls-max', '1.2')
        ->{facts};
    is $f->{tls}{SSL_PROTOCOL}, 'TLSv1.2', 'an older client';
}

sub certificates {
    my $protocol = shift;
    my $pem = slurp("$ca/certs/client_ok.crt");
    $pem =~ s/.*(?=-----BEGIN)//s;

    for my $vhost (qw(client_verified client_any)) {
        my $f = ask_tls($vhost, $protocol, 'good')->{facts};
        my $c = $f->{certificate};
        is $f->{unverified}, undef, "$vhost, $protocol: a good certificate";
        ok $c->{verified}, 'verified';
        is $c->{problem}, undef, 'without a problem';
        like $c->{subject}, qr/\bCN=client_ok,OU=httpd-test,O=ASF\b/, 'subject';
        like $c->{issuer}, qr/\bCN=ca,OU=httpd-test,O=ASF\b/, 'issuer';
        is $c->{common_name}, 'client_ok', 'name';
        is $c->{email}, 'test-dev@httpd.apache.org', 'e-mail';
        like $c->{serial}, qr/^[0-9A-F]+\z/, 'serial';
        is $c->{pem}, $pem, 'all of it';
        ok $c->{not_before} <= time && $c->{not_before} > time - 86400 * 366,
            'valid from';
        is $c->{not_after} - $c->{not_before}, 365 * 86400, 'for a year';
    }

    for (['self', qr/self-signed/], ['strange', qr/verif|issuer/]) {
        my ($name, $problem) = @$_;
        my $f = ask_tls('client_any', $protocol, $name)->{facts};
        is $f->{certificate}, undef, "$name: not verified";
        ok !$f->{unverified}{verified}, 'which is said';
        like $f->{unverified}{problem}, $problem, 'and why';
        is $f->{unverified}{common_name}, 'client_ok', 'it bears a good name';
        is ask_tls('client_verified', $protocol, $name)->{status}, 0,
            'mod_ssl refuses it where it verifies';
    }
    is ask_tls($_, $protocol, 'expired')->{status}, 0,
        "$_: mod_ssl refuses an expired one"
        for qw(client_verified client_any);
}

# Two connections, the second resumes the first one's session; the facts of each.
sub resume {
    my ($vhost, $version, $crt, $key) = @_;
    my $session = "$own/session";
    my $request = "GET /client?tls=SSL_SESSION_RESUMED&tls=SSL_CLIENT_VERIFY "
        . "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    my @facts;

    unlink $session;
    for my $how ('-sess_out', '-sess_in') {
        my $in = File::Temp->new;
        print $in $request;
        close $in or die "$in: $!";
        open my $out, '-|', "(cat $in; sleep 0.5) | openssl s_client -$version"
            . " -quiet -connect " . hostport($vhost)
            . " -cert $crt -key $key $how $session 2>/dev/null"
            or die "openssl: $!";
        my $bytes = do { local $/; <$out> };
        close $out;
        my ($r) = responses($bytes);
        push @facts, $r && $r->{status} == 200 ? decode_json($r->{body}) : {};
    }
    return @facts;
}

# RFC 5246 7.3, RFC 8446 2.2. mod_ssl keeps no note in a TLS 1.2 session that
# it let a certificate in unverified, and calls it a SUCCESS afterwards.
sub resumed_sessions {
    my @good = ("$ca/certs/client_ok.crt", "$ca/keys/client_ok.pem");

    for my $version (qw(tls1_2 tls1_3)) {
        for my $name (qw(self strange)) {
            my @bad = resume('client_any', $version, "$own/$name.crt",
                             "$own/$name.key");
            is $bad[1]{tls}{SSL_SESSION_RESUMED}, 'Resumed',
                "$name, $version: a session is resumed";
            for (@bad) {
                is $_->{certificate}, undef, 'it is not verified by that';
                ok $_->{unverified} && !$_->{unverified}{verified}, 'but shown';
            }
            like $bad[1]{unverified}{problem},
                $version eq 'tls1_2' ? qr/resumed TLS session/ : qr/verif|self/,
                'with its problem';
        }
    }
    my ($first, $second) = resume('client_any', 'tls1_3', @good);
    is $second->{tls}{SSL_SESSION_RESUMED}, 'Resumed', 'a good one, TLS 1.3';
    ok $first->{certificate}{verified}, 'is verified';
    ok $second->{certificate}{verified}, 'and stays so';
}

sub verify_client_directive {
    my ($exit, $text) = httpd_t("SSLVerifyClient perhaps\n");
    isnt $exit, 0, 'SSLVerifyClient is mod_ssl\'s';
    like $text, qr/SSLVerifyClient: Invalid argument 'perhaps'/, 'to refuse';
    ($exit, $text) = httpd_t("SSLVerifyClient optional_no_ca\n");
    is $exit, 0, 'and to take' or diag $text;
}

# ---- gone? ------------------------------------------------------------------

sub wait_path {
    my ($id, $seconds) = @_;
    return "/client?do=wait&id=$id&seconds=" . ($seconds || 20);
}

sub new_id { return 'client' . ++$ids . 'x' . $$ }

# Opens a connection, sends bytes, and waits until the handler waits for him.
sub waiting {
    my ($where, $bytes, $id) = @_;
    my $mark   = log_mark();
    my $socket = raw_open($where);

    syswrite $socket, $bytes;
    ok log_wait($mark, qr/client: $id is waited for/), "$id is asked for";
    return ($socket, $mark);
}

sub saw {
    my ($mark, $id, $what, $how) = @_;
    my $start = time;

    like log_wait($mark, qr/client: $id is (?:gone|there)/),
        qr/is $what\z/, $how;
    cmp_ok time - $start, '<', 10, 'at once' if $what eq 'gone';
}

sub get {
    my ($path, @fields) = @_;
    return join "\r\n", "GET $path HTTP/1.1", 'Host: x', @fields, '', '';
}

sub gone {
    my %ways = (
        'closes' => sub { close $_[0] },
        'resets' => sub {
            setsockopt $_[0], SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
            close $_[0];
        },
        'shuts down his half' => sub { shutdown $_[0], 1 },
        'asks once more and closes' => sub {
            syswrite $_[0], get('/client');
            sleep 0.1;
            close $_[0];
        },
    );

    for my $how (sort keys %ways) {
        my $id = new_id();
        my ($socket, $mark) = waiting('http/1.1', get(wait_path($id)), $id);
        sleep 0.2;
        $ways{$how}->($socket);
        saw($mark, $id, 'gone', "a client who $how");
    }

    # RFC 9293 3.6: his other half is open, and what is written is for him.
    my $id = new_id();
    my $answer = raw(get(wait_path($id), 'Connection: close'), shutdown => 1);
    like $answer, qr/\r\n\r\ngone\z/, 'who shut down his half gets the answer';

    # A body that was announced and does not come.
    $id = new_id();
    my ($socket, $mark) = waiting('http/1.1',
        "POST " . wait_path($id) . " HTTP/1.1\r\nHost: x\r\n"
            . "Content-Length: 10\r\n\r\n12345", $id);
    close $socket;
    saw($mark, $id, 'gone', 'a client who goes in the middle of his body');
}

# curl that ends itself says goodbye (close_notify, RFC 8446 6.1; GOAWAY, RFC
# 9113 6.8) before it closes; one that is killed does not.
sub gone_over_tls {
    my $protocol = shift;

    for my $how (qw(INT KILL)) {
        my $id   = new_id();
        my $mark = log_mark();
        my $pid  = fork;
        defined $pid or die "fork: $!";
        if (!$pid) {
            open STDOUT, '>', '/dev/null';
            open STDERR, '>', '/dev/null';
            exec qw(curl --silent --insecure --noproxy *),
                ($how eq 'KILL' ? () : qw(--max-time 3)),
                $protocol eq 'h2' ? '--http2' : '--http1.1',
                tls_url('client_verified', wait_path($id))
                or die "curl: $!";
        }
        ok log_wait($mark, qr/client: $id is waited for/), "$id is asked for";
        kill 'KILL', $pid if $how eq 'KILL';
        waitpid $pid, 0;
        saw($mark, $id, 'gone', "$protocol over TLS, curl "
            . ($how eq 'KILL' ? 'is killed' : 'gives up'));
    }
}

# ---- HTTP/2, by hand --------------------------------------------------------

use constant { HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6,
               GOAWAY => 7 };

# RFC 9113 4.1
sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    $payload = '' unless defined $payload;
    return substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $stream) . $payload;
}

# RFC 7541: GET, http, and path and authority in full length
sub head {
    my ($path) = @_;
    my $host = hostport('h2c');
    return "\x82\x86\x04" . chr(length $path) . $path . "\x01"
        . chr(length $host) . $host;
}

sub h2_waiting {
    my ($id, $seconds) = @_;
    return waiting('h2c', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . frame(SETTINGS, 0, 0)
        . frame(HEADERS, 5, 1, head(wait_path($id, $seconds))), $id);
}

sub gone_streams {
    my ($id, $other) = (new_id(), new_id());
    my ($socket, $mark) = h2_waiting($id);
    syswrite $socket, frame(HEADERS, 5, 3, head(wait_path($other, 3)));
    ok log_wait($mark, qr/client: $other is waited for/), 'a second stream';
    syswrite $socket, frame(RST_STREAM, 0, 1, pack 'N', 8);
    saw($mark, $id, 'gone', 'RFC 9113 6.4: a stream that is reset');
    saw($mark, $other, 'there', 'the other one is waited for');
    close $socket;

    $id = new_id();
    ($socket, $mark) = h2_waiting($id);
    close $socket;
    saw($mark, $id, 'gone', 'a connection that is closed');

    $id = new_id();
    ($socket, $mark) = h2_waiting($id, 2);
    syswrite $socket, frame(PING, 0, 0, 'x' x 8);
    syswrite $socket, frame(GOAWAY, 0, 0, pack 'NN', 0, 0);
    saw($mark, $id, 'there',
        'RFC 9113 6.8: who asks for nothing more still waits for this');
    close $socket;
}

# ---- still there ------------------------------------------------------------

sub patient {
    my ($one, $two) = (new_id(), new_id());
    my $answers = raw(get(wait_path($one, 2))
        . get(wait_path($two, 1), 'Connection: close'));
    my @answers = responses($answers);
    is_deeply [map { $_->{body} } @answers], ['there', 'there'],
        'RFC 9112 9.3.2: who has asked twice is there';

    for my $protocol (@tls_protocols) {
        my $id = new_id();
        my $r  = HandlerBridge::Test::run_curl('GET',
            qw(curl --silent --insecure --include --noproxy *),
            $protocol eq 'h2' ? '--http2' : '--http1.1',
            tls_url('client_verified', wait_path($id, 1)));
        is $r->{body}, 'there', "$protocol over TLS: a silent client is there";
    }
    my $r = fetch(wait_path(new_id(), 1), method => 'POST',
                  body => 'x' x 5_000_000);
    is $r->{body}, 'there', 'as is one whose body waits to be read';
}

# ---- files ------------------------------------------------------------------

sub files {
    my $root = Apache::Test::vars('documentroot');
    my %maps = (
        '/mapping/file.txt'    => "$root/mapping/file.txt",
        '/mapping/no such.txt' => "$root/mapping/no such.txt",
        '/no/such/folder.txt'  => "$root/no/such/folder.txt",
        '/client-alias/a%b?c'  => "$root/mapping/a%b?c",
        '/mapping/./x'         => "$root/mapping/x",
        '/client'              => "$root/client",
    );
    my %refused = (
        '/../etc/passwd'       => 'invalid',
        '/mapping/../x'        => 'invalid',
        '//host/x'             => 'invalid',
        'http://localhost/x'   => 'invalid',
        'mapping'              => 'invalid',
        ''                     => 'invalid',
        '/client-denied/x'     => 'forbidden',
        '/client-private/x'    => 'forbidden',
        '/client-moved/x'      => 'none',
        '/client-proxied/x'    => 'none',
        '/mapping'             => 'none',
    );
    my $ask = sub {
        my ($path, @more) = @_;
        $path =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
        return decode_json(fetch("/client?do=map&path=$path", @more)->{body});
    };

    each_protocol(sub {
        my $protocol = shift;
        is_deeply $ask->($_, protocol => $protocol),
            { result => 'found', file => $maps{$_} }, "$protocol: $_ is a file"
            for sort keys %maps;
        is_deeply $ask->($_, protocol => $protocol),
            { result => $refused{$_}, file => undef },
            "$protocol: '$_' is $refused{$_}" for sort keys %refused;
    });
    is_deeply $ask->('/client-private/x', curl => ['--user', 'ann:secret']),
        { result => 'found', file => "$root/client-private/x" },
        'it is the client who may';
    is fetch('/client/hidden/x', vhost => 'client_files')->{status}, 403,
        'an expression hides a part of what a section opens';
    is $ask->('/client/hidden/x', vhost => 'client_files')->{result},
        'forbidden', 'here too';
    is $ask->('/client/hid/x', vhost => 'client_files')->{result}, 'found',
        'and nothing more';
    is_deeply $ask->('/client-private/x', curl => ['--user', 'ann:wrong']),
        { result => 'forbidden', file => undef }, 'or may not';
}

# ---- deadlines --------------------------------------------------------------

sub deadlines {
    my @rows = (['/client', 400], ['/client/short', 150]);

    each_protocol(sub {
        my $protocol = shift;
        is fetch('/client?do=time', protocol => $protocol)->{body}, 'none',
            "$protocol: no deadline is the default";
    });
    for (@rows) {
        my ($path, $deadline) = @$_;
        my ($first, $spent) = split / /,
            fetch("$path?do=time", vhost => 'client_deadline')->{body};
        cmp_ok $first, '<=', $deadline, "$path: less than $deadline ms are left";
        cmp_ok $first, '>', 0, 'but some';
        cmp_ok $spent, '>=', $deadline, 'then none';
        cmp_ok $spent, '<', $deadline + 8000, 'soon after';
    }
    is fetch('/client/none?do=time', vhost => 'client_deadline')->{body},
        'none', '0 takes it away';
}

sub deadline_directive {
    my @mistakes = ('-1', '5s', '1K', '86400001', '99999999999999999999');

    for (@mistakes) {
        my ($exit, $text) = httpd_t("BridgeDeadline $_\n");
        isnt $exit, 0, "BridgeDeadline $_";
        like $text, qr/line 1 of FILE:\nBridgeDeadline .*from 0 to 86400000/s,
            'what is known';
    }
    for my $number (0, 86400000) {
        my ($exit, $text) = httpd_t("BridgeDeadline $number\n");
        is $exit, 0, "BridgeDeadline $number" or diag $text;
    }
}

# One who waits for the only connection gives up at his deadline. On prefork each
# process has one: a few are enough to see that.
sub busy_database {
    my $many = mpm() eq 'prefork' ? 3 : 8;
    my $rows = 1_000_000;
    for (;; $rows *= 2) {
        my $start = time;
        my $r = fetch("/client?do=slow&n=$rows", vhost => 'client_database');
        return is $r->{body}, $rows, 'a slow query alone'
            if $r->{body} ne $rows;
        last if time - $start > 1;
    }
    my $mark = log_mark();
    my @pids = map {
        my $pid = fork;
        defined $pid or die "fork: $!";
        if (!$pid) {
            fetch("/client?do=slow&n=$rows", vhost => 'client_database');
            require POSIX;
            POSIX::_exit(0);
        }
        $pid;
    } 1 .. $many;
    sleep 0.3;
    my @hurried = map {
        my $start = time;
        my $r = fetch('/client/hurried?do=slow&n=1', vhost => 'client_database');
        $r->{seconds} = time - $start;
        $r;
    } 1 .. 4;
    waitpid $_, 0 for @pids;

    my @busy = grep { $_->{status} == 503 } @hurried;
    if (mpm() eq 'prefork') {
        is @busy, 0, 'a process of its own waits for nobody';
    } else {
        ok @busy > 0, 'one who waits beyond his deadline gives up';
        is scalar(grep { $_->{body} !~ /in time \(BridgeDeadline\)/ } @busy), 0,
            'and is told what bounds it';
        is scalar(grep { $_->{seconds} > 15 } @busy), 0, 'in time';
        like log_wait($mark, qr/HBR0210/),
            qr/client: no database connection came free within BridgeDeadline/,
            'as is the log';
    }
    is fetch('/client/hurried?do=slow&n=1', vhost => 'client_database')
        ->{status}, 200, 'afterwards';
}
