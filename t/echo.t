# handlers/echo.c, and through it how the bridge reads bodies: forms of both
# encodings, chunks, slow and broken senders, every limit with its directive.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use HTTP::Request::Common qw(POST);
use JSON::PP ();
use LWP::UserAgent ();
use MIME::Base64 qw(decode_base64);
use Test::More;
use Time::HiRes qw(sleep time);

use Apache::Test ();
use HandlerBridge::Test;

my $json  = JSON::PP->new->utf8;
my $spool = Apache::Test::vars('serverroot') . '/state/spool';
my $mark  = log_mark();
my @keys  = qw(method path path_info query form cookies headers files
               body_length body_sha256);

use constant CRLF => "\r\n";
use constant {
    FORM => 'Content-Type: application/x-www-form-urlencoded',
    TEXT => 'Content-Type: text/plain',
    PART => 'Content-Type: multipart/form-data; boundary=X',
};

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    request_line($ask);
    methods($ask);
    not_utf8($ask);
    urlencoded($ask);
    multipart($ask);
    unknown_length($ask);
    limits($ask);
    httpd_limit($ask);
    nuls($ask);
    bad_multipart($ask);
});
order_of_headers();
by_lwp();
by_curl();
slow_sender();
cut_off();
wrong_lengths();
refused_then_next();
expectation();
trailers();
json_bodies();
read_twice();
spooled();
if (grave() && diag 'grave lines follow') { diag $_ for grave() }
is(scalar grave(), 0, 'nothing grave was logged but what was meant to be');
too_slow();
done_testing;

# What an operator would have to look at: what the tests below ask for is not.
sub grave {
    return grep { !/HBR0050|HBR0051|body_probe: 500 |echo: 503 / }
        log_grave($mark);
}

sub shown {
    my ($r, $name) = @_;
    is($r->{status}, 200, $name) or diag $r->{error} // '', $r->{body};
    return $r->{status} == 200 ? $json->decode($r->{body}) : {};
}

sub refused {
    my ($r, $status, $pattern, $name) = @_;
    is($r->{status}, $status, $name) or diag $r->{error} // '';
    like($r->{body}, $pattern, "$name: why");
}

# A form by hand: [field header, bytes] each; the fields are complete lines.
sub parts {
    return join('', map { '--X' . CRLF . "Content-Disposition: form-data; $_->[0]"
        . CRLF . CRLF . $_->[1] . CRLF } @_) . '--X--' . CRLF;
}

sub request_line {
    my $ask = shift;
    my $r   = $ask->('/echo/any%20path/%C3%A4?a=1&b=&a=2&c&=d&e=%2B+%26',
                     headers => ['Cookie: s=1; t="x y"; s=2']);
    my $e   = shown($r, 'a GET');

    is_deeply([sort keys %$e], [sort @keys], 'its keys');
    like($r->{headers}{'content-type'}, qr{^application/json});
    is($r->{headers}{'cache-control'}, 'no-store');
    is($e->{method}, 'GET');
    is($e->{path}, "/echo/any path/\xe4");
    is($e->{path_info}, "/any path/\xe4");
    is_deeply($e->{query}, [[a => 1], [b => ''], [a => 2], [c => ''],
                            ['', 'd'], [e => '+ &']], 'the query, in order');
    is_deeply($e->{cookies}, [[s => 1], [t => '"x y"'], [s => 2]],
        'the cookies, in order');
    is_deeply([$e->{form}, $e->{files}], [[], []]);
    is($e->{body_length}, 0);
    is($e->{body_sha256}, sha256_hex(''));
}

sub methods {
    my $ask = shift;

    for my $method (qw(POST PUT PATCH DELETE OPTIONS PROPFIND FOO)) {
        my $r = $ask->('/echo', method => $method, body => 'bytes',
                       headers => [TEXT]);
        my $e = shown($r, $method);
        is($e->{method}, $method);
        is($e->{body_length}, 5);
        is($e->{body_sha256}, sha256_hex('bytes'));
    }
    my $head = $ask->('/echo', method => 'HEAD');
    is($head->{status}, 200, 'HEAD');
    is($head->{body}, '');
}

sub not_utf8 {
    my $ask = shift;
    my $e = shown($ask->('/echo/%E4?a=%FF&%80=1&s=%ED%A0%80',
        method => 'POST', body => 'f=%C0%AF', headers => [FORM]), 'no UTF-8');
    my $bytes = sub { ref $_[0] eq 'HASH' ? decode_base64($_[0]{base64})
                                          : 'text' };

    is($bytes->($e->{path}), "/echo/\xe4");
    is($bytes->($e->{query}[0][1]), "\xff");
    is($bytes->($e->{query}[1][0]), "\x80", 'a name as well');
    is($bytes->($e->{query}[2][1]), "\xed\xa0\x80", 'a surrogate is none');
    is($bytes->($e->{form}[0][1]), "\xc0\xaf", 'an overlong form is none');
}

# WHATWG URL Standard 5.1.
sub urlencoded {
    my $ask  = shift;
    my $body = 'a=1&b=x+y&a=2&&c&=v&d=%zz%4&%61=%C3%A4;x&e=a=b';
    my $e    = shown($ask->('/echo?a=query', method => 'POST', body => $body,
        headers => ['Content-Type: application/X-WWW-form-urlencoded; charset=x']),
        'urlencoded');

    is_deeply($e->{form}, [[a => 1], [b => 'x y'], [a => 2], [c => ''],
        ['', 'v'], [d => '%zz%4'], [a => "\xe4;x"], [e => 'a=b']], 'in order');
    is_deeply($e->{query}, [[a => 'query']], 'not mixed with the query');
    is($e->{body_length}, length $body, 'the length of what was sent');
    is($e->{body_sha256}, sha256_hex($body), 'its digest');
    is_deeply(shown($ask->('/echo', method => 'POST', body => '',
        headers => [FORM]), 'an empty form')->{form}, []);
}

# RFC 7578.
sub multipart {
    my $ask   = shift;
    my $bytes = join '', map { chr } 0 .. 255;
    my $body  = parts(
        ['name="a"', '1'],
        ['name="f"; filename="one.bin"' . CRLF . 'Content-Type: image/png',
         $bytes],
        ['name="a"', "2\r\n--X-not"],
        ['name="f"; filename=""' . CRLF . 'Content-Type: application/octet-stream',
         ''],
        ['name="g"; filename="C:\\dir\\%22q%22 ' . "\xc3\xa4\xf0\x9f\x98\x80.txt\"",
         ''],
        ['name="h"; filename="../../etc/passwd"', 'x']);
    my $e = shown($ask->('/echo', method => 'POST', body => $body,
                         headers => [PART]), 'multipart');

    is_deeply($e->{form}, [[a => 1], [a => "2\r\n--X-not"]], 'the fields');
    is_deeply($e->{files}, [
        file('f', 'one.bin', 'image/png', $bytes),
        file('f', '', 'application/octet-stream', ''),
        file('g', "\"q\" \xe4\x{1f600}.txt", 'application/octet-stream', ''),
        file('h', 'passwd', 'application/octet-stream', 'x')], 'the files');
    is($e->{body_length}, length $body, 'the length of what was sent');
    is($e->{body_sha256}, sha256_hex($body), 'its digest');
}

sub file {
    my ($field, $name, $type, $bytes) = @_;
    return { field => $field, filename => $name, content_type => $type,
             size => length $bytes, sha256 => sha256_hex($bytes) };
}

# Chunks on HTTP/1.1, no Content-Length on HTTP/2.
sub unknown_length {
    my $ask  = shift;
    my $many = 'x' x 300_000;

    for my $case ([FORM, 'a=1&b=2'], [TEXT, $many], [TEXT, ''],
                  [PART, parts(['name="f"; filename="f"', $many])]) {
        my ($type, $body) = @$case;
        my $e = shown($ask->('/echo', method => 'POST', body => $body,
            headers => [$type, 'Transfer-Encoding: chunked']),
            'no length, ' . length $body);
        is($e->{body_length}, length $body);
        is($e->{body_sha256}, sha256_hex($body));
    }
}

# [Location, the largest body that is taken, one that is not, the directive]
sub limited {
    my $f = sub { parts(map { [qq(name="$_"; filename="n"), $_[0]] } @_[1 .. $#_]) };
    return (
        ['body', TEXT, 'x' x 1000, 'x' x 1001, 'BridgeLimitBody'],
        ['body', FORM, 'a=' . 'x' x 998, 'a=' . 'x' x 999, 'BridgeLimitBody'],
        ['file', PART, $f->('x' x 1000, 'f'), $f->('x' x 1001, 'f'),
         'BridgeLimitFile'],
        ['files', PART, $f->('x', 1 .. 2), $f->('x', 1 .. 3),
         'BridgeLimitFiles'],
        ['file-name', PART, parts(['name=f; filename="' . 'n' x 10 . '"', 1]),
         parts(['name=f; filename="' . 'n' x 11 . '"', 1]),
         'BridgeLimitFileName'],
        ['name', FORM, 'n' x 10 . '=1', 'n' x 11 . '=1', 'BridgeLimitName'],
        ['name', PART, parts(['name="' . 'n' x 10 . '"', 1]),
         parts(['name="' . 'n' x 11 . '"', 1]), 'BridgeLimitName'],
        ['params', FORM, 'a&b&c', 'a&b&c&d', 'BridgeLimitParams'],
        ['params', PART, parts(map { ["name=$_", 1] } 1 .. 3),
         parts(map { ["name=$_", 1] } 1 .. 4), 'BridgeLimitParams'],
        ['part-fields', PART, parts(['name="a"' . CRLF . 'X: 1', 1]),
         parts(['name="a"' . CRLF . 'X: 1' . CRLF . 'Y: 1', 1]),
         'BridgeLimitPartFields'],
        ['part-header', PART, parts(['name="a"' . CRLF . 'X: ' . 'x' x 100, 1]),
         parts(['name="a"' . CRLF . 'X: ' . 'x' x 200, 1]),
         'BridgeLimitPartHeader'],
        ['parts', PART, parts(map { ["name=$_", 1] } 1 .. 3),
         parts(map { ["name=$_", 1] } 1 .. 4), 'BridgeLimitParts'],
        ['preamble', PART, 'x' x 10 . CRLF . parts(['name="a"', 1]),
         'x' x 11 . CRLF . parts(['name="a"', 1]), 'BridgeLimitPreamble'],
        ['preamble', PART, parts(['name="a"', 1]) . 'x' x 8,
         parts(['name="a"', 1]) . 'x' x 9, 'BridgeLimitPreamble'],
        ['value', FORM, 'a=' . 'x' x 100, 'a=' . 'x' x 101, 'BridgeLimitValue'],
        ['value', PART, parts(['name="a"', 'x' x 100]),
         parts(['name="a"', 'x' x 101]), 'BridgeLimitValue'],
    );
}

sub limits {
    my $ask = shift;

    for my $case (limited()) {
        my ($where, $type, $good, $bad, $directive) = @$case;
        for my $chunked ([], ['Transfer-Encoding: chunked']) {
            my @ask = ("/echo/$where", method => 'POST');
            my $name = "$directive, " . (split ' ', $type)[1]
                . (@$chunked ? ', no length' : '');
            shown($ask->(@ask, body => $good, headers => [$type, @$chunked]),
                "$name: as much as may be");
            my $r = $ask->(@ask, body => $bad, headers => [$type, @$chunked]);
            refused($r, 413, qr/\b\Q$directive\E\b/, "$name: one more");
        }
    }
    my $r = $ask->('/echo/body', method => 'POST', body => 'x' x 1001,
        headers => [TEXT, 'Accept: application/json']);
    is($json->decode($r->{body})->{status}, 413, 'for programs, too');
    # 0 is no bound: the default would be 16 MB.
    my $many = 'x' x (17 << 20);
    is(shown($ask->('/echo/none', method => 'POST', body => $many,
        headers => [TEXT]), 'BridgeLimitBody 0')->{body_length}, 17 << 20);
    is(shown($ask->('/echo/none', method => 'POST', headers => [PART],
        body => parts(['name="f"; filename="f"', $many])), 'BridgeLimitFile 0')
        ->{files}[0]{size}, 17 << 20);
    refused($ask->('/echo', method => 'POST', body => $many, headers => [TEXT]),
        413, qr/BridgeLimitBody/, 'the default');
    refused($ask->('/echo/params', headers => ['Cookie: a=1; b=2; c=3; d=4']),
        431, qr/BridgeLimitParams/, 'too many cookies');
}

# httpd's own limit: for an announced length the bridge answers and names it,
# for chunks httpd does.
sub httpd_limit {
    my $ask = shift;
    my @ask = ('/echo/httpd', method => 'POST');

    shown($ask->(@ask, body => 'x' x 1000, headers => [TEXT]),
        'LimitRequestBody: as much as may be');
    for my $n (1001, 300_000) {
        refused($ask->(@ask, body => 'x' x $n, headers => [TEXT]), 413,
            qr/LimitRequestBody/, "LimitRequestBody: $n bytes");
    }
    my $r = $ask->(@ask, body => 'x' x 1001,
                   headers => [TEXT, 'Transfer-Encoding: chunked']);
    is($r->{status}, 413, 'LimitRequestBody, no length');
}

sub nuls {
    my $ask = shift;
    my @ask = ('/echo', method => 'POST');

    for my $body ('a=%00', 'a%00=1', "a=\0", 'x=1&a=b%00c') {
        refused($ask->(@ask, body => $body, headers => [FORM]), 400, qr/NUL/,
            'a NUL in a form');
    }
    refused($ask->(@ask, body => parts(['name="a"', "x\0y"]),
        headers => [PART]), 400, qr/NUL/, 'a NUL in a field');
    refused($ask->(@ask, body => parts(["name=\"a\0b\"", 'x']),
        headers => [PART]), 400, qr/control character/, 'a NUL in a name');
    is(shown($ask->(@ask, body => "\0\0", headers => [TEXT]),
        'NULs in other bodies')->{body_length}, 2);
}

# Each is a 400.
sub malformed {
    my $d = 'Content-Disposition: form-data; name="a"';
    my $good = parts(['name="a"', '1']);
    return (
        ['no body', PART, ''],
        ['no boundary line', PART, 'just text'],
        ['no final boundary', PART, substr($good, 0, -4)],
        ['a boundary of its own', PART, $good =~ s/--X/--Y/gr],
        ['no boundary parameter', 'Content-Type: multipart/form-data', $good],
        ['two boundary parameters',
         'Content-Type: multipart/form-data; boundary=X; boundary=X', $good],
        ['a boundary of 71', 'Content-Type: multipart/form-data; boundary='
         . 'x' x 71, $good],
        ['an empty boundary', 'Content-Type: multipart/form-data; boundary=""',
         $good],
        ['a part without disposition', PART,
         "--X\r\nContent-Type: text/plain\r\n\r\n1\r\n--X--\r\n"],
        ['a part without header', PART, "--X\r\n\r\n1\r\n--X--\r\n"],
        ['a part without name', PART, parts(['filename="f"', '1'])],
        ['no form-data', PART, "--X\r\nContent-Disposition: attachment; "
         . "name=a\r\n\r\n1\r\n--X--\r\n"],
        ['two dispositions', PART, "--X\r\n$d\r\n$d\r\n\r\n1\r\n--X--\r\n"],
        ['a bare LF in a header', PART,
         "--X\r\nContent-Disposition: form-data;\n name=a\r\n\r\n1\r\n--X--\r\n"],
        ['a header field that is none', PART,
         "--X\r\n$d\r\nno colon\r\n\r\n1\r\n--X--\r\n"],
        ['an unended quote', PART, parts(['name="a', '1'])],
        ['a name that is not UTF-8', PART, parts(["name=\"\xff\"", '1'])],
        ['a file name that is not UTF-8', PART,
         parts(["name=a; filename=\"\xe4\"", '1'])],
        ['filename* without filename (RFC 7578 4.2)', PART,
         parts(["name=a; filename*=utf-8''f.txt", '1'])],
        ['multipart in multipart', PART, parts(
            ['name="a"' . CRLF . 'Content-Type: multipart/mixed; boundary=Y',
             '1'])],
        ['base64', PART, parts(
            ['name="a"' . CRLF . 'Content-Transfer-Encoding: base64', 'MQ=='])],
    );
}

sub bad_multipart {
    my $ask = shift;

    for my $case (malformed()) {
        my ($name, $type, $body) = @$case;
        refused($ask->('/echo', method => 'POST', body => $body,
            headers => [$type]), 400, qr/^400 Bad Request\n\n\w.*\.\n\z/,
            $name);
    }
}

# ---- one protocol, other clients ----------------------------------------------

sub head {
    my ($line, @fields) = @_;
    return join CRLF, "$line HTTP/1.1", 'Host: localhost', @fields, '', '';
}

sub answer {
    my ($bytes) = @_;
    my ($r) = responses($bytes);
    return $r || { status => 0, headers => {}, body => '', error => 'nothing' };
}

sub order_of_headers {
    my @fields = (['X-Last', 'z'], ['Accept', 'a/b'], ['x-FIRST', "caf\xc3\xa9"],
                  ['Connection', 'close']);
    my $e = shown(answer(raw(head('GET /echo', map { "$_->[0]: $_->[1]" } @fields))),
        'header fields');

    $fields[2][1] = "caf\xe9";
    is_deeply($e->{headers}, [['Host', 'localhost'], @fields],
        'in order of arrival, names as they came');
}

sub by_lwp {
    my $agent = LWP::UserAgent->new(timeout => 20, no_proxy => ['localhost']);
    my $r = $agent->request(POST url('/echo'), Content_Type => 'form-data',
        Content => [text => "two\r\nlines",
                    file => [undef, 'a b.txt', Content_Type => 'text/x',
                             Content => 'bytes']]);
    my $e = shown({ status => $r->code, body => $r->content }, 'LWP');

    is_deeply($e->{form}, [[text => "two\r\nlines"]]);
    is_deeply($e->{files}, [file('file', 'a b.txt', 'text/x', 'bytes')]);
    $r = $agent->request(POST url('/echo'), [a => "\xc3\xa4", a => 2]);
    $e = shown({ status => $r->code, body => $r->content }, 'LWP, urlencoded');
    is_deeply($e->{form}, [[a => "\xe4"], [a => 2]]);
}

# curl writes a quote as %22, and a backslash as it is when it is asked to
# escape as browsers do.
sub by_curl {
    my $e = shown(fetch('/echo', method => 'POST', curl => ['--form', 'a=1',
        '--form', "f=\@/etc/hostname;filename=\"q\\\"u \xc3\xa4.txt\";type=text/a",
        '--form', 'g=@/etc/hostname;filename=x;y=z']), 'curl');
    my $bytes = slurp('/etc/hostname');

    is_deeply($e->{form}, [[a => 1]]);
    is_deeply($e->{files}[0], file('f', "q\"u \xe4.txt", 'text/a', $bytes));
    is($e->{files}[1]{sha256}, sha256_hex($bytes));
}

# Byte by byte over the boundary, a pause between.
sub slow_sender {
    my $body = parts(['name="a"', 'slow'],
                     ['name="f"; filename="f"', "\r\n--\r\n--X\r"]);
    my @head = head('POST /echo', PART, 'Content-Length: ' . length $body,
                    'Connection: close');

    my $e = shown(answer(raw([@head, map { substr $body, $_ * 5, 5 }
        0 .. length($body) / 5])), 'a slow sender');
    is_deeply($e->{form}, [[a => 'slow']]);
    is_deeply($e->{files}, [file('f', 'f', 'application/octet-stream',
                                 "\r\n--\r\n--X\r")]);
    @head = head('POST /echo', FORM, 'Transfer-Encoding: chunked',
                 'Connection: close');
    $e = shown(answer(raw([@head, (map { "1\r\n$_\r\n" } split //, 'a=%41+b'),
                           "0\r\n\r\n"])), 'a slow sender of chunks');
    is_deeply($e->{form}, [[a => 'A b']]);
}

# The client goes away in the middle.
sub cut_off {
    my $body = parts(['name="a"', 'x' x 5000]);

    for my $case ([FORM, 'a=1'], [PART, substr $body, 0, 100],
                  [TEXT, 'x' x 100_000]) {
        my ($type, $sent) = @$case;
        my $r = answer(raw(head('POST /echo', $type, 'Content-Length: 1000000')
            . $sent, shutdown => 1));
        refused($r, 400, qr/ended too early/, 'cut off, ' . length $sent);
    }
    my $r = answer(raw(head('POST /echo', FORM, 'Transfer-Encoding: chunked')
        . "3\r\na=1\r\n", shutdown => 1));
    is($r->{status}, 400, 'chunks cut off');
    # Not even waiting for an answer.
    for (1 .. 5) {
        my $socket = raw_open();
        syswrite $socket, head('POST /echo', PART, 'Content-Length: 1000000')
            . $body;
        close $socket;
    }
    ok(log_wait($mark, qr/HBR0032: echo: 400 .* ended too early/),
        'the log tells');
}

sub wrong_lengths {
    my @next = responses(raw(head('POST /echo', TEXT, 'Content-Length: 3')
        . 'abcGARBAGE' . CRLF . CRLF));
    is($next[0]{status}, 200, 'a length that is too small');
    is($json->decode($next[0]{body})->{body_length}, 3);
    is($next[1]{status}, 400, 'what follows is no request');

    for my $length ('-1', '1,1', '0x10', '9' x 20, '3 3', '', '+3') {
        my @all = responses(raw(head('POST /echo', TEXT,
            "Content-Length: $length", 'Connection: close') . 'abc',
            shutdown => 1));
        is($all[0]{status}, 400, "length '$length'") or diag $all[0]{body};
    }
    for my $chunks ("zz\r\nabc\r\n", "-1\r\nabc\r\n",
                    "fffffffffffffffff\r\nabc\r\n", "3\r\nabcdef\r\n0\r\n\r\n") {
        my ($r) = responses(raw(head('POST /echo', TEXT,
            'Transfer-Encoding: chunked', 'Connection: close') . $chunks,
            shutdown => 1));
        like($r->{status}, qr/^4(?:00|13)\z/, 'a bad chunk') or diag $chunks;
    }
}

# What was refused is not taken for a request, and what comes behind it is
# answered where the connection lives on.
sub refused_then_next {
    my $inner = head('GET /hello?name=smuggled', 'Connection: close');
    my $next  = head('GET /hello?name=next', 'Connection: close');

    for my $path ('/echo/body', '/echo/httpd') {
        my $body = $inner . 'x' x 2000;
        my $text = raw(head("POST $path", TEXT, 'Content-Length: '
            . length $body) . $body . $next);
        my @all = responses($text);
        is($all[0]{status}, 413, "$path: refused");
        unlike($text, qr/smuggled/, 'what it sent is no request');
        is(scalar @all, 1, 'the connection is closed');
        is($all[0]{headers}{connection}, 'close');
    }
    # Nobody reads the body of a 405; httpd throws it away.
    my $text = raw(head('POST /hello', TEXT, 'Content-Length: ' . length $inner)
        . $inner . $next);
    my @all = responses($text);
    is($all[0]{status}, 405, 'a method that is refused');
    is($all[1]{body}, "Hello, next!\n", 'the next request is answered');
    unlike($text, qr/smuggled/);
    @all = responses(raw(head('POST /echo', FORM, 'Content-Length: 3') . 'a=1'
        . head('POST /echo', FORM, 'Transfer-Encoding: chunked')
        . "3\r\nb=2\r\n0\r\n\r\n" . $next));
    is_deeply([map { $_->{status} } @all], [200, 200, 200], 'three in a row');
    is_deeply($json->decode($all[1]{body})->{form}, [[b => 2]]);
}

# RFC 9110 10.1.1: asked for the body, or refused before a byte of it.
sub expectation {
    my @fields = (TEXT, 'Expect: 100-continue', 'Connection: close');
    my $socket = raw_open();

    syswrite $socket, head('POST /echo', @fields, 'Content-Length: 4');
    my $text = raw_read($socket, until => qr/\r\n\r\n/);
    like($text, qr{^HTTP/1\.1 100 Continue\r\n}, 'it is asked for the body');
    syswrite $socket, 'body';
    is(shown(answer(raw_read($socket)), 'then it is read')->{body_length}, 4);
    close $socket;

    for my $case (['/echo/body', 413], ['/echo/httpd', 413], ['/hello', 405],
                  ['/probe-body?as=json', 415]) {
        my ($path, $status) = @$case;
        $socket = raw_open();
        syswrite $socket, head("POST $path", @fields, 'Content-Length: 4000');
        $text = raw_read($socket, until => qr/\r\n\r\n./s);
        like($text, qr{^HTTP/1\.1 $status }, "$path is refused at once");
        unlike($text, qr/100 Continue/, 'with no wish for the body');
        close $socket;
    }
}

sub trailers {
    my @all = responses(raw(head('POST /echo', FORM,
        'Transfer-Encoding: chunked', 'Trailer: X-Trailer')
        . "3\r\na=1\r\n0\r\nX-Trailer: 1\r\nCookie: c=1\r\n\r\n"
        . head('GET /hello', 'Connection: close')));
    my $e = shown($all[0], 'trailers');

    is_deeply($e->{form}, [[a => 1]]);
    is_deeply($e->{cookies}, [], 'are ignored');
    is(scalar(grep { $_->[0] eq 'X-Trailer' } @{ $e->{headers} }), 0);
    is($all[1]{status}, 200, 'and do not disturb the next request');
}

sub json_bodies {
    my $ask = sub {
        my ($body, $type) = @_;
        return fetch('/probe-body?as=json', method => 'POST', body => $body,
            headers => ['Content-Type: ' . ($type || 'application/json')]);
    };
    my $good = '{"a":[1,{"b":"\u00e4"}]}';

    for my $type ('application/json', 'application/json; charset=utf-8',
                  'application/merge-patch+json') {
        is_deeply(shown($ask->($good, $type), $type),
            { a => [1, { b => "\xe4" }] });
    }
    is($ask->($_)->{status}, 200, $_) for '"text"', 'null', '[]', '[[[[[]]]]]';
    refused($ask->($good, 'text/json-no'), 415, qr{application/json}, 'a type');
    refused($ask->($_), 400, qr/not valid JSON: line \d+, column/, "JSON $_")
        for '', '{', '{"a":1,}', "{'a':1}", '[1] x', "[\"\xff\"]", '[NaN]';
    refused($ask->('{"a":1,"a":2}'), 400, qr/member twice/, 'a member twice');
    refused($ask->('[[[[[[]]]]]]'), 413, qr/BridgeLimitJSONDepth/, 'too deep');
    refused($ask->('[' x 900), 413, qr/BridgeLimitJSONDepth/, 'far too deep');
    is($ask->('"' . 'x' x 998 . '"')->{status}, 200, '1000 bytes');
    refused($ask->('"' . 'x' x 999 . '"'), 413, qr/BridgeLimitJSON\b/,
        '1001 bytes');
    refused(fetch('/probe-body', method => 'POST', body => 'x' x 101,
        headers => [TEXT]), 413, qr/longer than 100 bytes\./,
        'a limit of the handler');
}

sub read_twice {
    my $here = log_mark();
    my $r = fetch('/probe-body?as=twice', method => 'POST', body => 'x',
                  headers => [TEXT]);

    is($r->{status}, 500, 'a body read twice');
    ok(log_wait($here, qr/HBR0050: body_probe: hbr_body\(\) wants .* hbr_body_stream\(\) has/),
        'the log names both');
}

sub spooled {
    my $body = parts(['name="f"; filename="f"', 'x' x 200_000],
                     ['name="g"; filename="g"', 'short'],
                     ['name="h"; filename="h"', 'longer than ten']);
    my $e = shown(fetch('/echo/spool', method => 'POST', body => $body,
                        headers => [PART]), 'files on disk');

    is_deeply($e->{files}, [
        file('f', 'f', 'application/octet-stream', 'x' x 200_000),
        file('g', 'g', 'application/octet-stream', 'short'),
        file('h', 'h', 'application/octet-stream', 'longer than ten')]);
    refused(fetch('/echo/spool', method => 'POST',
        body => substr($body, 0, 199_000), headers => [PART]), 400, qr/boundary/,
        'a file that is cut off');
    my $here = log_mark();
    refused(fetch('/echo/full', method => 'POST', body => $body,
        headers => [PART]), 503, qr/cannot be stored/, 'no place for it');
    is(scalar(grep { /HBR0051/ } log_since($here)), 1, 'one line tells');
    opendir my $dir, $spool or die "$spool: $!";
    is_deeply([grep { !/^\.\.?\z/ } readdir $dir], [], 'nothing is left');
}

# RequestReadTimeout body=5: half a body, and then nothing.
sub too_slow {
    my $socket = raw_open();
    my $start  = time;

    syswrite $socket, head('POST /echo', FORM, 'Content-Length: 100') . 'a=1';
    my $r = answer(raw_read($socket));
    is($r->{status}, 408, 'a sender who stops') or diag $r->{error};
    cmp_ok(time - $start, '>', 4, 'is waited for');
    close $socket;
}
