# Where the bridge meets the rest of httpd: ErrorDocuments, mod_include's
# fragments, other modules' filters and header fields, statuses that httpd does
# not know, bodies that never come, children that end.
use strict;
use warnings FATAL => 'all';

use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

my $TEXT = "the handler's text";

my $mark = log_mark();

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub {
        my ($path, @more) = @_;
        return fetch($path =~ m{^/protocol-} ? $path : "/protocol$path", protocol => $protocol, @more);
    };

    error_documents($ask);
    fragments($ask);
    redirects($ask);
    types_of_streams($ask);
    filters($ask, $protocol);
    statuses($ask);
    caching($ask);
    withheld($ask);
    path_info($ask);
    compressed($ask);
    html($ask);
    unsent_failure($ask);
    replaced_sources($ask);
});
root_location();
early_fields();
ranges_are_logged();
lengths();
hang_up();
body_that_never_comes();
strict_directive();
stop_at_a_signal() if mpm() eq 'prefork';
stop_after_all();
done_testing;

# ---- an ErrorDocument that a handler makes ----------------------------------

# RFC 9110 15.5: the status is the error's, whatever the document's own tag and
# the request's conditions say.
sub error_documents {
    my $ask = shift;
    my @conditions = ([], ['If-None-Match: "v1"'], ['If-None-Match: *'],
                      ['Range: bytes=0-1'], ['Range: bytes=500-'],
                      ['If-Match: "v2"'], ['If-Match: "v1"', 'Range: bytes=1-']);

    for my $headers (@conditions) {
        my $what = join(', ', @$headers) || 'no condition';
        my $r = $ask->('/made?do=fail', headers => $headers);
        is($r->{status}, 404, "a handler's 404 document, $what");
        is($r->{body}, $TEXT, 'whole');
        is($r->{headers}{'content-range'}, undef, 'no range of it');

        $r = $ask->('/made?do=word', headers => $headers);
        is($r->{status}, 500, "500, $what");
        is($r->{body}, '0123456789', 'from bytes');
    }

    for my $headers (['If-None-Match: "v1"'], ['If-Match: "v2"']) {
        my $r = $ask->('/made?do=fail&n=409', headers => $headers);
        is($r->{status}, 409, "a document that asks for @$headers");
        is($r->{body}, $TEXT, 'asks in vain');
    }

    my $r = $ask->('/made', method => 'DELETE');
    is($r->{status}, 405, 'a method that is not taken');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS POST', 'with Allow');
    is($r->{body}, $TEXT);
    $r = $ask->('/made?do=challenge', headers => ['If-None-Match: "v1"']);
    is($r->{status}, 401, 'who are you?');
    is($r->{headers}{'www-authenticate'}, 'Bearer realm="tests"',
       'with its challenge, once');
    is($r->{body}, $TEXT);
    $r = $ask->('/made?do=fail&n=410');
    is($r->{status}, 410, 'a document that streams');
    is($r->{body}, $TEXT);
    $r = $ask->('/made?do=fail&n=403');
    is($r->{status}, 403, 'a document that fails has the bridge\'s words');
    like($r->{body}, qr/403 Forbidden/);
    $r = $ask->('/made?do=fail', method => 'HEAD');
    is($r->{status}, 404, 'HEAD');
    $r = $ask->('/made?do=fail', method => 'POST', body => 'x' x 1000);
    is($r->{status}, 404, 'POST');
    is($r->{body}, $TEXT);
    $r = $ask->('/made?do=fail', headers => ['Accept: text/html']);
    like($r->{headers}{vary}, qr/\baccept\b/i, 'it varies');
    $r = $ask->('/made?do=fail', headers => ['Accept: application/json']);
    like($r->{headers}{vary}, qr/\baccept\b/i, 'for JSON is not it');
    like($r->{body}, qr/"status":404/);
    is($ask->('?etag=v1', headers => ['If-None-Match: "v1"'])->{status}, 304,
       'asked for by itself it has conditions');
}

# ---- mod_include ------------------------------------------------------------

sub fragments {
    my $ask  = shift;
    my $body = "<p>before</p>\n$TEXT\n0123456789\n$TEXT\n<p>after</p>\n";
    my @conditions = ('If-None-Match: "v1"', 'If-None-Match: *',
                      'If-Match: "v2"', 'If-Modified-Since: '
                          . 'Thu, 01 Jan 2032 00:00:00 GMT');

    is($ask->('/protocol-files/page.shtml')->{body}, $body, 'mod_include');
    for (@conditions) {
        my $r = $ask->('/protocol-files/page.shtml', headers => [$_]);
        next if $r->{status} =~ /^(?:304|412)\z/;
        is($r->{body}, $body, "the page's $_ is not its parts'");
    }
    # httpd cuts the page that it made; nobody cuts the parts of it.
    for (['0-1', 0, 2], ['5-30', 5, 26], ['0-', 0, length $body]) {
        my ($range, $first, $length) = @$_;
        my $r = $ask->('/protocol-files/page.shtml', headers => ["Range: bytes=$range"]);
        is($r->{body},
           $r->{status} == 206 ? substr($body, $first, $length) : $body,
           "the page's Range: bytes=$range is not its parts'");
    }
    # Where the page has conditions of its own, they are the page's alone.
    my $r = $ask->('/protocol-files/full.shtml',
                   headers => ['If-None-Match: "v1"']);
    is($r->{body}, "<p>before</p>\n0123456789\n<p>after</p>\n",
       'a page with a date');
    ok($r->{headers}{'last-modified'}, 'that is, with Last-Modified');
    is($ask->('/protocol-files/broken.shtml', headers => ["Accept: $_"])->{body},
       "<p>before</p>\n" . "[no such part]\n" x 3 . "<p>after</p>\n",
       "a part that fails is mod_include's to tell of ($_)")
        for 'text/html', 'application/json';
}

# ---- the response's head ----------------------------------------------------

sub redirects {
    my $ask = shift;
    my $r = $ask->('?do=redirect&n=42&control=max-age%3D60');

    is($r->{status}, 302, 'a redirect');
    like($r->{headers}{location}, qr{/elsewhere/42\z},
         "to where a buffer of the handler's said");
    is($r->{headers}{'cache-control'}, 'max-age=60', 'and for how long');
}

sub types_of_streams {
    my $ask = shift;
    for ('?do=flush', '/unbuffered?do=flush', '/unbuffered',
         '/unbuffered?do=lines', '/unbuffered?do=lines&n=5000') {
        my $r = $ask->($_);
        is($r->{status}, 200, $_);
        is($r->{headers}{'content-type'}, 'text/plain; charset=utf-8',
           "$_: its type");
    }
}

# Statuses without a line in httpd's table: the same on all protocols.
sub statuses {
    my $ask = shift;

    for my $status (299, 418, 499, 599) {
        my $r = $ask->("?status=$status");
        is($r->{status}, $status, "status $status");
        is($r->{body}, $TEXT);
        next if $status < 400;
        $r = $ask->("/made?do=fail&n=$status");
        is($r->{status}, $status, "an error $status");
        like($r->{body}, qr/^$status .*the handler's reason/s);
    }
    is($ask->("?status=$_")->{status}, $_, "status $_") for 200, 201, 203, 400, 451, 508;
    my $r = $ask->('?do=fail&n=416');
    is($r->{status}, 416, "a handler's own 416");
    is($r->{headers}{'content-range'}, undef, 'has no Content-Range');
}

sub caching {
    my $ask = shift;

    my $r = $ask->('?do=fail&control=no-store');
    is($r->{headers}{'cache-control'}, 'no-store', 'an error not to be kept');
    $r = $ask->('?do=fail&control=max-age%3D60');
    is($r->{headers}{'cache-control'}, undef, 'an error is not to be kept long');
    $r = $ask->('/made?do=fail&control=no-store');
    is($r->{headers}{'cache-control'}, 'no-store', 'with an ErrorDocument');
}

sub withheld {
    my $ask = shift;
    my @secrets = ('Authorization: Basic YTpi', 'Proxy-Authorization: Basic YTpi',
                   'Proxy: http://evil/', 'X-Open: yes');

    for (qw(HTTP_AUTHORIZATION HTTP_Authorization HTTP_authorization
            HTTP_PROXY_AUTHORIZATION HTTP_PROXY-AUTHORIZATION
            HTTP_Proxy-Authorization HTTP_PROXY HTTP_proxy)) {
        is($ask->("?do=variable&v=$_", headers => \@secrets)->{body}, '(null)',
           "$_ is withheld");
    }
    is($ask->("?do=variable&v=$_", headers => \@secrets)->{body}, 'yes', $_)
        for qw(HTTP_X_OPEN HTTP_X-Open);
}

# What `Header set ... early` set stands there before the handler runs; once.
sub early_fields {
    my $ask = sub { fetch("/protocol$_[0]", vhost => 'protocol_early') };

    my $r = $ask->('?do=clear');
    is($r->{headers}{'x-early'}, "httpd's", 'hbr_clear() keeps early fields');
    is($r->{headers}{'x-mine'}, undef, "not the handler's own");
    is($ask->($_)->{headers}{'x-early'}, "httpd's", "$_: once")
        for '?do=text', '?do=fail', '?do=redirect', '/made?do=fail';
    # httpd's own text has none of them, with any handler.
    is($ask->('/said?do=fail')->{headers}{'x-early'}, undef, 'a text');
}

# ---- where the handler is named ---------------------------------------------

sub path_info {
    my $ask = shift;
    # Location => what follows it in the URL => what path_info is
    my @rows = (
        ['/path/slash', '/', '/'], ['/path/slash', '/a/b', '/a/b'],
        ['/path/quoted', '', ''], ['/path/quoted', '/a', '/a'],
        ['/path/if', '', ''], ['/path/if', '/a/b', '/a/b'],
        ['/path/else', '/a/b', '/a/b'],
        ['/path/limit', '', ''], ['/path/limit', '/a/b', '/a/b'],
        ['/path/outer', '/x', '/x'],
        ['/path/outer', '/inner/y', '/inner/y'],
        # What no Location names, httpd finds by the files there are.
        ['/protocol-files/file.act', '', ''], ['/protocol-files/file.act', '/a/b', '/a/b'],
        ['/protocol-files/real/file.act', '', ''], ['/protocol-files/real/file.act', '/a/b', '/a/b'],
    );
    for (@rows) {
        my ($location, $rest, $info) = @$_;
        my $r = $ask->("$location$rest?do=path");
        my $script = $location =~ /-/ ? "$location$rest"
                                      : "/protocol$location$rest";
        $script =~ s/\Q$info\E\z// if length $info;
        is($r->{body}, "$info|$info|$script",
           "$location$rest: path_info, PATH_INFO, SCRIPT_NAME");
    }
}

sub root_location {
    for (['/none', '/none', ''], ['/a/b', '/a/b', '']) {
        my ($url, $info, $script) = @$_;
        is(fetch("$url?do=path", vhost => 'protocol_root')->{body},
           "$info|$info|$script", "<Location />: $url");
    }
}

# ---- other modules' filters -------------------------------------------------

# RFC 9110 15.4.5: the 304 has the tag and the Vary that the 200 had.
sub compressed {
    my $ask = shift;
    my @gzip = ('Accept-Encoding: gzip');

    for my $way ('do=lines&n=100', 'do=flush', 'do=source&n=5000') {
        my $path  = "/compressed?$way&etag=v1";
        my $first = $ask->($path, headers => \@gzip);
        my $tag   = $first->{headers}{etag};
        is($first->{status}, 200, $path);
        is($first->{headers}{'content-encoding'}, 'gzip', 'compressed');
        is($tag, '"v1-gzip"', 'under a tag of its own');
        my $second = $ask->($path,
            headers => [@gzip, "If-None-Match: $tag"]);
        is($second->{status}, 304, 'known by that tag');
        is($second->{headers}{etag}, $tag, 'which the 304 names');
        is(header_set($second, 'Vary'), 'Accept-Encoding', 'and what it varies by');
    }
}

sub filters {
    my ($ask, $protocol) = @_;

    is($ask->('/substituted?do=lines&n=3')->{body}, "line 0\nline 1\nline 2\n",
       'a filter that is content');
    my $from = log_mark();
    for ('do=lines&n=1&v=x', 'do=html&n=200', 'do=source&n=5000') {
        my $r = $ask->("/substituted?$_");
        next if /lines/;
        is($r->{status}, 500, "$_: a filter that is not gives a 500");
        unlike($r->{body}, qr/sss|\[\s+7/, 'and nothing of the body');
    }
    ok(log_wait($from, qr/HBR0026/), 'the log says so');
    is(scalar(grep { /HBR0023/ } log_since($from)), 0,
       'and does not blame the client');

    # It fails when a part has left: the client must not take it for whole.
    my $late;
    my $took = quickest(2, sub {
        $late = $ask->('/substituted?do=line&n=20000',
                       curl => ['--max-time', 8]);
    });
    ok($late->{exit}, 'a filter that fails late: the client can tell');
    cmp_ok($took, '<', 2, 'at once');
}

# ---- failures that cannot and can be told -----------------------------------

sub html {
    my $ask = shift;

    my $r = $ask->('?do=html&v=%3Cb%3E&n=600');
    is($r->{status}, 200, 'a number that is 600 wide');
    is(length $r->{body}, 600 + length '<p>&lt;b&gt;</p>[]');
    $r = $ask->('?do=html&n=1100');
    is($r->{status}, 500, 'one that is wider than any');
    unlike($r->{body}, qr/\[/);
    $r = $ask->('?do=html_late&n=1100');
    ok($r->{exit}, 'after the commit: cut');
}

sub unsent_failure {
    my $ask = shift;

    for ('?do=word', '/unbuffered?do=word') {
        my $r = $ask->($_);
        is($r->{status}, 500, "$_: nothing has left, so it is a clean 500");
        is($r->{exit}, 0, 'and whole');
        unlike($r->{body}, qr/a word/);
    }
}

sub replaced_sources {
    my $ask = shift;

    for (qw(clear bytes json file)) {
        my $from = log_mark();
        my $r = $ask->("?do=source&n=200000&v=$_");
        is($r->{status}, 200, "$_ inside a source's read");
        is($r->{body}, 's' x 200000, 'the source is as it was');
        ok(log_wait($from, qr/HBR0030.*inside a source's read/), 'logged');
        is(scalar(grep { /exit signal/ } log_since($from)), 0, 'the child lives');
    }
}

# The access log has what the client asked for, and nobody cuts twice.
# Content-Length (RFC 9110 8.6) and the access log's %B: also where a filter
# makes the body longer.
sub lengths {
    my $log = Apache::Test::vars('t_logs') . '/protocol_bytes_log';
    my $at  = -s $log || 0;
    my @asked = (
        ['?do=lines&n=3', 21], ['?do=bytes', 10],
        ['/substituted', 3 + length $TEXT], # "the mishandler's text"
        ['?do=source&n=5000', 5000], ['?do=fail', undef],
    );

    for my $i (0 .. $#asked) {
        my ($path, $length) = @{ $asked[$i] };
        my $r = fetch("/protocol$path", headers => ["X-Mark: length$i"]);
        $length //= length $r->{body};
        $asked[$i][1] = $length;
        is(length $r->{body}, $length, "$path: the length");
        is($r->{headers}{'content-length'}, $length, 'is told');
        my $head = fetch("/protocol$path", method => 'HEAD',
                         headers => ["X-Mark: head$i"]);
        is($head->{headers}{'content-length'}, $length, 'to HEAD as well')
            if $path !~ /substituted/;
    }
    my $end = time + 30;
    my $lines;
    sleep 0.05 until ($lines = substr slurp($log), $at) =~ /^head$#asked /m
        || time > $end;
    for my $i (0 .. $#asked) {
        like($lines, qr/^length$i $asked[$i][1]$/m, "$asked[$i][0]: %B");
        like($lines, qr/^head$i 0$/m, 'of HEAD');
    }
}

sub ranges_are_logged {
    my $log = Apache::Test::vars('t_logs') . '/protocol_log';
    my $at  = -s $log || 0;
    my %asked = (
        one   => ['?do=bytes', 'bytes=2-4', 206, '234'],
        tail  => ['?do=bytes', 'bytes=-2', 206, '89'],
        text  => ['?do=text&etag=v1', 'bytes=4-10', 206, 'handler'],
        whole => ['?do=text', 'bytes=4-10', 200, $TEXT],
        line  => ['?do=lines', 'bytes=0-1,4-5', 200,
                  "line 0\nline 1\nline 2\n"],
    );
    for (sort keys %asked) {
        my ($path, $range, $status, $body) = @{ $asked{$_} };
        my $r = fetch("/protocol$path",
                      headers => ["Range: $range", "X-Mark: $_"]);
        is($r->{status}, $status, "$path, $range");
        is($r->{body}, $body);
    }
    my $several = fetch('/protocol?do=bytes',
                        headers => ['Range: bytes=0-1,8-9', 'X-Mark: several']);
    is($several->{status}, 206, 'several ranges');
    is(scalar(() = $several->{body} =~ /^Content-Range: bytes/mg), 2,
       'two parts');
    like($several->{body}, qr/\r\n\r\n01\r\n.*\r\n\r\n89\r\n/s, 'which are those');
    like($several->{headers}{'content-type'}, qr{^multipart/byteranges; boundary=},
         'in one multipart');

    my ($lines, $end) = ('', time + 30);
    while (time < $end) {
        $lines = substr slurp($log) // '', $at;
        last if $lines =~ /^several /m;
        sleep 0.05;
    }
    like($lines, qr/^$_ $asked{$_}[2] range=\Q$asked{$_}[1]\E$/m, "logged: $_")
        for sort keys %asked;
    like($lines, qr/^several 206 range=bytes=0-1,8-9$/m, 'logged: several');
}

# A client that does not stay is news for who looks for it.
sub hang_up {
    my $from = log_mark();

    for (1 .. 3) {
        my $socket = raw_open();
        print $socket "GET /protocol?do=source&n=50000000 HTTP/1.1\r\n"
            . "Host: localhost\r\n\r\n";
        $socket->flush;
        sysread $socket, my $bytes, 1000;
        close $socket;
    }
    my $line = log_wait($from, qr/HBR0023/);
    ok($line, 'a hang-up is logged');
    like($line, qr/:info\]/, 'at level info');
    is(scalar(grep { /HBR/ } log_grave($from)), 0, 'and nothing worse');
}

# ---- HTTP/2: a body that is announced and never comes -----------------------

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $stream) . $payload;
}

# A header field as a literal that is not indexed (RFC 7541 6.2.2).
sub literal {
    my ($name, $value) = @_;
    return pack('CCa*Ca*', 0, length $name, $name, length $value, $value);
}

# Sends the head alone; how long until the response's head came, and its end;
# and the connection.
sub wait_for_answer {
    my $path   = shift;
    my $socket = raw_open('h2c') or return;
    my $head   = join '', map { literal(@$_) } [':method', 'POST'],
        [':path', $path], [':scheme', 'http'], [':authority', 'localhost'],
        ['content-length', '100'];

    syswrite $socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, '')
        . frame(1, 4, 1, $head);
    my ($start, $bytes, $answered) = (time, '');
    while (time - $start < 8) {
        IO::Select->new($socket)->can_read(8) or last;
        sysread $socket, $bytes, 65536, length $bytes or last;
        while (length $bytes >= 9) {
            my $length = unpack 'N', "\0" . substr $bytes, 0, 3;
            last if length $bytes < 9 + $length;
            my ($type, $flags, $stream) = unpack 'CCN', substr $bytes, 3, 6;
            substr $bytes, 0, 9 + $length, '';
            next if $stream != 1;
            $answered = time - $start if $type == 1;
            return ($answered, time - $start, $socket)
                if $type == 3 || $type <= 1 && $flags & 1;
        }
    }
    return ($answered, undef);
}

sub body_that_never_comes {
    return unless grep { $_ eq 'h2c' } protocols();

    for ('/protocol/made?do=fail', '/protocol?do=fail', '/protocol?do=text',
         '/protocol/said?do=fail', '/hello') {
        my ($answered, $ended);
        for my $try (1 .. 5) {
            ($answered, $ended) = wait_for_answer($_);
            last if defined $ended && $ended < 2.5
                && defined $answered && $answered < 1.5;
        }
        ok(defined $answered && $answered < 1.5, "$_: answered at once")
            or diag($answered // 'never');
        ok(defined $ended && $ended < 2.5, "$_: and ended")
            or diag($ended // 'never');
    }
    # Who waits for the body on HTTP/2 (body.c) does not wait long.
    my ($ended, $free);
    my $took = quickest(3, sub {
        my $from = log_mark();
        (undef, $ended, my $socket) =
            wait_for_answer('/protocol/stopping?length=100');
        $free = log_wait($from, qr/release runs/);
        close $socket if $socket;
    });
    ok(defined $ended, 'a response that is no error');
    ok($free, 'the worker is free');
    cmp_ok($took, '<', 3, 'soon');
}

# ---- BridgeStrict -----------------------------------------------------------

sub strict_directive {
    my @refused = (
        ["<VirtualHost *:9>\n  BridgeStrict Off\n</VirtualHost>\n", 2],
        ["<Location /a>\n\n  BridgeStrict Off\n</Location>\n", 3],
        ["<VirtualHost *:9>\n  BridgeStrict Off\n  SetHandler shwo\n"
         . "</VirtualHost>\n", 2],
        ["<Directory />\n  BridgeStrict On\n</Directory>\n", 2],
        ["\nBridgeStrict Perhaps\n", 2],
        ["BridgeStrict On\nSetHandler shwo\n", 2],
        ["BridgeStrict Off\nBridgeStrict On\nSetHandler shwo\n", 3],
    );
    for (@refused) {
        my ($conf, $line) = @$_;
        my ($exit, $text) = httpd_t($conf);
        isnt($exit, 0, "refused: $conf");
        like($text, qr/line $line of FILE/, 'with file and line');
    }
    my @taken = (
        "SetHandler shwo\nBridgeStrict Off\n",
        "<Location /a>\n  SetHandler shwo\n</Location>\nBridgeStrict Off\n",
        "<VirtualHost *:9>\n  SetHandler shwo\n</VirtualHost>\n"
            . "bridgestrict OFF\n",
        "SetHandler shwo\n<IfModule handlerbridge_module>\n"
            . "  BridgeStrict Off\n</IfModule>\n",
        "<IfModule mod_handlerbridge.c>\n<IfModule !no_such_module>\n"
            . "BridgeStrict Off\n</IfModule>\n</IfModule>\nSetHandler shwo\n",
        qq(BridgeStrict "Off"\nSetHandler shwo\n),
        "BridgeStrict On\nBridgeStrict Off\nSetHandler shwo\n",
    );
    for my $conf (@taken) {
        my ($exit, $text) = httpd_t($conf);
        is($exit, 0, "taken: $conf") or diag($text);
    }
}

# ---- the end of a child -----------------------------------------------------

# prefork destroys a child's pool from a signal's handler.
sub stop_at_a_signal {
    my $from   = log_mark();
    my $socket = raw_open();

    print $socket "GET /protocol/stopping?seconds=2 HTTP/1.1\r\n"
        . "Host: localhost\r\n\r\n";
    $socket->flush;
    my ($pid) = (log_wait($from, qr/read rests/) // '') =~ /rests in (\d+)/
        or return fail('the read rests');
    kill 'TERM', $pid;
    raw_read($socket, seconds => 5);
    for (1 .. 300) {
        last unless kill 0, $pid;
        sleep 0.1;
    }
    ok(!kill(0, $pid), 'a child that is ended in the middle of a read ends');
    my @lines = grep { /\b$pid\b/ } log_since($from);
    is(scalar(grep { /stop runs/ } @lines), 0, 'without stop');
    is(scalar(grep { /dead/ } @lines), 0, 'and releases while its data lives');
    is(scalar(grep { /exit signal/ } log_since($from)), 0, 'and does not crash');
    is(fetch('/hello')->{status}, 200, 'others go on');
}

# All requests are served before a graceful restart ends a child.
sub stop_after_all {
    my $from   = log_mark();
    my $socket = raw_open();

    print $socket "GET /protocol/stopping?seconds=1 HTTP/1.1\r\n"
        . "Host: localhost\r\nConnection: close\r\n\r\n";
    $socket->flush;
    my ($pid) = (log_wait($from, qr/read rests/) // '') =~ /rests in (\d+)/
        or return fail('the read rests');
    kill 'USR1', slurp(Apache::Test::vars('t_pid_file')) =~ /(\d+)/;
    my ($r) = responses(raw_read($socket));
    is($r->{body}, 'a' x 600000, 'the request is served to its end');
    ok(log_wait($from, qr/stop runs in $pid\b/, 60), 'stop runs then');
    my @steps = map { /(release|stop) runs in $pid\b/ ? $1 : () }
        log_since($from);
    is("@steps", 'release stop', 'after what the request deferred');
    like(log_wait($from, qr/release runs in $pid/), qr/alive/,
         'which has its data');
    for (1 .. 100) {
        last if fetch('/hello')->{status} == 200;
        sleep 0.1;
    }
    is(fetch('/hello')->{status}, 200, 'new children answer');
    is(scalar(grep { /exit signal/ } log_since($from)), 0, 'none has crashed');
}
