# handlers/hello.c, and through it what every handler gets from the bridge:
# methods, HEAD, the query's decoding, path info, keep-alive, errors by Accept.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Test;

# Query => what hello greets (WHATWG URL 5.1).
my @greetings = (
    [''                  => 'world'],
    ['?'                 => 'world'],
    ['?name=Ann'         => 'Ann'],
    ['?name=a+b'         => 'a b'],
    ['?name=%41%20%2B'   => 'A +'],
    ['?name=%zz%4'       => '%zz%4'],
    ['?name=x&name=y'    => 'x'],
    ['?other=1&name=z'   => 'z'],
    ['?NAME=x'           => 'world'],
    ['?name='            => ''],
    ['?name'             => ''],
    ['?name=a=b'         => 'a=b'],
    ['?name=a%26b;c'     => 'a&b;c'],
    ['?&&name=q&'        => 'q'],
    ['?name=%C3%A9'      => "\xc3\xa9"],
    ['?name=%3Cb%3E'     => '<b>'],
    ['?name=%25n%25s'    => '%n%s'],
);
# Accept => type of the bridge's own error responses.
my @accepts = (
    ['text/html,application/xhtml+xml,*/*;q=0.8' => qr{^text/html}],
    ['application/json'                          => qr{^application/problem\+json}],
    ['application/problem+json'                  => qr{^application/problem\+json}],
    ['text/plain'                                => qr{^text/plain}],
    ['image/png'                                 => qr{^text/plain}],
);

my $mark = log_mark();

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    body_and_head($ask);
    methods($ask);
    greetings($ask);
    path_info($ask);
    refused_queries($ask);
    errors_by_accept($ask);
});
normal_requests_log_nothing();
keep_alive();
done_testing;

sub body_and_head {
    my $ask = shift;

    my $get = $ask->('/hello');
    is($get->{status}, 200, 'GET');
    is($get->{body}, "Hello, world!\n", 'the greeting');
    is($get->{headers}{'content-type'}, 'text/plain; charset=utf-8');
    is($get->{headers}{'content-length'}, 14, 'its length is known');

    my $head = $ask->('/hello', method => 'HEAD');
    is($head->{status}, 200, 'HEAD');
    is($head->{body}, '', 'HEAD has no body');
    is($head->{headers}{'content-length'}, 14, "but GET's length");
    my @same = map { names_and_values($_) } $get, $head;
    is($same[1], $same[0], "and GET's header fields (RFC 9110 9.3.2)");

    my $again = $ask->('/hello', headers => ['Range: bytes=0-4']);
    like($again->{status}, qr/^20[06]\z/, 'a Range does no harm');
    is($ask->('/hello?' . 'x' x 7000)->{status}, 200, 'a long query');
    like($ask->('/hello?' . 'x' x 100_000)->{status}, qr/^4(?:14|31)\z|^0\z/,
             'an over-long one');
}

# All header fields but Date, as one string.
sub names_and_values {
    my $answer = shift;
    return join "\n", sort map { lc($_->[0]) . ": $_->[1]" }
        grep { lc $_->[0] ne 'date' } @{ $answer->{list} };
}

sub methods {
    my $ask = shift;

    my $post = $ask->('/hello', method => 'POST', body => 'name=x');
    is($post->{status}, 405, 'POST is not declared');
    like(header_set($post, 'Allow'), qr/^GET HEAD(?: OPTIONS)?\z/);
    like($post->{body}, qr/\S/, 'the response says something');

    my $options = $ask->('/hello', method => 'OPTIONS');
    like($options->{status}, qr/^20[04]\z/, 'OPTIONS is answered');
    like(header_set($options, 'Allow'), qr/^GET HEAD(?: OPTIONS)?\z/);
    is($options->{body}, '', 'without a body');

    for my $method (qw(FOO DELETE get)) {
        my $r = $ask->('/hello', method => $method);
        like($r->{status}, qr/^405\z/, "$method");
        like(header_set($r, 'Allow'), qr/^GET HEAD/, "Allow for $method");
    }

    my $show = $ask->('/show', method => 'DELETE');
    is($show->{status}, 405, 'show takes GET and POST');
    like(header_set($show, 'Allow'), qr/^GET HEAD(?: OPTIONS)? POST\z/);
    like($ask->('/show', method => 'POST', body => 'a=b')->{body},
             qr/^method=POST$/m, 'POST where it is declared');
    is($ask->('/hello', method => 'PUT', body => 'x' x 50_000)->{status},
             405, 'a body that nobody reads');
}

sub greetings {
    my $ask = shift;
    for (@greetings) {
        my ($query, $name) = @$_;
        my $r = $ask->("/hello$query");
        is($r->{body}, "Hello, $name!\n", $query);
        is($r->{headers}{'content-length'}, 9 + length $name, $query);
    }
}

sub path_info {
    my $ask = shift;

    like($ask->('/show/a/b?x=1&y=2&x=3')->{body},
             qr{^path_info=/a/b\nargs=x=1&y=2&x=3$}m, 'what follows the mapping');
    like($ask->('/show')->{body}, qr/^path_info=\nargs=\(null\)$/m, 'nothing');
    like($ask->('/show/a%20b/../c/./d')->{body},
             qr{^path_info=/c/d$}m, 'decoded, and without dots');
    like($ask->('/show?x=1&y=2&x=3')->{body},
             qr/^pair x=1\npair y=2\npair x=3\n\z/m, 'pairs in order');
    is($ask->('/hello/a/b')->{status}, 200, 'hello does not mind');
}

sub refused_queries {
    my $ask = shift;

    my $nul = $ask->('/hello?name=a%00b');
    is($nul->{status}, 400, 'NUL in the query');
    like($nul->{body}, qr/NUL/, 'and says why');

    my $many = $ask->('/hello-few?a&b&c&d');
    is($many->{status}, 414, 'more parameters than allowed');
    like($many->{body}, qr/BridgeLimitParams/, 'names the directive');
    is($ask->('/hello-few?a&b&name=c')->{status}, 200, 'as many as allowed');
    is($ask->('/hello?' . join('&', 1 .. 1000))->{status}, 200,
             'as many as allowed by default');
}

sub errors_by_accept {
    my $ask = shift;

    for (@accepts) {
        my ($accept, $type) = @$_;
        my $r = $ask->('/hello', method => 'DELETE', headers => ["Accept: $accept"]);
        is($r->{status}, 405);
        like($r->{headers}{'content-type'}, $type, "405 for $accept");
        like($r->{headers}{vary}, qr/\baccept\b/i, 'it varies');
    }
    my $r = $ask->('/hello?name=%00', headers => ['Accept: application/json']);
    like($r->{body}, qr/^\{.*"status"\s*:\s*400\b.*\}\s*\z/s, 'RFC 9457');
    like($r->{body}, qr/"title"\s*:\s*"Bad Request"/);
    like($r->{body}, qr/"detail"\s*:\s*"[^"]*NUL/);
}

# Nothing of what was asked above is the operator's business, and a client
# cannot fill his log.
sub normal_requests_log_nothing {
    my @grave = log_grave($mark);
    print "# $_\n" for @grave;
    is(scalar @grave, 0, 'nothing grave in the error log');
}

# Several requests on one connection, refused ones among them. (After a 400
# httpd closes it: ap_status_drops_connection.)
sub keep_alive {
    my $request = sub {
        my ($method, $path, $last) = @_;
        return "$method $path HTTP/1.1\r\nHost: localhost\r\n"
            . ($last ? "Connection: close\r\n" : '')
            . ($method eq 'POST' ? "Content-Length: 5\r\n\r\nname=" : "\r\n");
    };
    my @asked = (['GET', '/hello?name=1', 200], ['HEAD', '/hello', 200],
                 ['POST', '/hello', 405], ['GET', '/hello/nothing', 200],
                 ['OPTIONS', '/hello', '20[04]'], ['FOO', '/hello', 405],
                 ['GET', '/hello?name=2', 200]);
    my $bytes = join '',
        map { $request->(@{ $asked[$_] }[0, 1], $_ == $#asked) } 0 .. $#asked;
    my @answers = responses(raw($bytes), methods => [map { $_->[0] } @asked]);

    is(scalar @answers, scalar @asked, 'all pipelined requests answered');
    for my $i (0 .. $#asked) {
        like($answers[$i]{status}, qr/^$asked[$i][2]\z/, "@{ $asked[$i] }[0, 1]");
    }
    is($answers[-1]{body}, "Hello, 2!\n", 'the last one is in step');

    # An Expect, a chunked body nobody reads, a hang-up in the middle.
    my ($r) = responses(raw("POST /hello HTTP/1.1\r\nHost: x\r\n"
        . "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        . "3\r\nabc\r\n0\r\n\r\n"));
    is($r->{status}, 405, 'a chunked body that nobody reads');
    raw("GET /hello HTTP/1.1\r\nHo", seconds => 0.2);
    is(fetch('/hello')->{status}, 200, 'after a hang-up');
    ($r) = responses(raw("GET /hello HTTP/1.0\r\n\r\n"));
    is($r->{body}, "Hello, world!\n", 'HTTP/1.0');
    is($r->{headers}{'content-length'}, 14);
    my @bare = responses(raw("GET /hello?name=a\0b HTTP/1.1\r\nHost: x\r\n"
        . "Connection: close\r\n\r\n"));
    is($bare[0]{status}, 400, 'a bare NUL in the request line');
    my @garbage = responses(raw("\x16\x03\x01\0\0\r\n\r\n"));
    is($garbage[0]{status}, 400, 'not HTTP at all');
    is(scalar(grep { /hello/ } log_grave($mark)), 0,
             'and no handler complained');
    is(fetch('/hello')->{status}, 200, 'still there');
    is(fetch('/hello', headers => ['Accept: garbage;;q=x,'])->{status}, 200,
             'a broken Accept');
    like(fetch('/show', headers => ["User-Agent: a\tb"])->{body},
             qr/^agent=a\tb$/m, 'a request header field');
}
