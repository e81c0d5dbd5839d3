# How a URL gets to a handler: httpd's own SetHandler and AddHandler wherever
# they may stand; what undoes them; mistaken names; and that a request for a
# name that is ours never ends in a file's source.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Test;

my $SOURCE = qr/THE SOURCE OF A FILE/;

# URL => path_info.
my %mapped = (
    '/mapping/location'               => '',
    '/mapping/location/'              => '/',
    '/mapping/location/a/b'           => '/a/b',
    '/mapping/UPPER/x'                => '/x',
    '/mapping/real.show'              => '',
    '/mapping/real.show/more'         => '/more',
    '/mapping/virtual.show'           => '',
    '/mapping/folder/virtual.show'    => '',
    '/mapping/exact.txt'              => '',
    '/mapping/directory/page.txt'     => '',
    '/mapping/directory/none.txt'     => '',
    '/mapping/htaccess/page.txt'      => '',
    '/mapping/htaccess/virtual'       => '',
    # Behind a regular expression nobody knows what follows: httpd's path info.
    '/mapping-match/no/such/x.show'   => '/no/such/x.show',
    '/mapping-regex/no/such/x.show'   => '/no/such/x.show',
    '/mapping-regex/~/x.show'         => '/~/x.show',
    '/mapping-quoted/no/such'         => '/no/such',
    # httpd's rule: SetHandler none undoes a SetHandler, RemoveHandler an
    # AddHandler, neither the other.
    '/mapping/none/plain.show'        => '',
    '/mapping/directory/removed/a.show' => '',
);
my %not_mapped = (
    '/mapping/locationx'              => 404,
    '/mapping/location/none'          => 404,
    '/mapping/removed/plain.show'     => 200,
    '/mapping/removed/virtual.show'   => 404,
    '/mapping/directory/none/a.txt'   => 200,
    '/mapping/virtual.other'          => 404,
    '/mapping/folder/'                => 200,
);

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    mapped($ask);
    not_mapped($ask);
    never_the_source($ask);
});
mistaken_in_htaccess();
mistaken_at_start();
done_testing;

sub mapped {
    my $ask = shift;

    for my $url (sort keys %mapped) {
        my $r = $ask->($url);
        is($r->{status}, 200, $url);
        like($r->{body}, qr/\Amethod=GET\nuri=/, "$url: show answers");
        like($r->{body}, qr/^path_info=\Q$mapped{$url}\E$/m, "$url: path info");
        unlike($r->{body}, $SOURCE, "$url: not the file");
    }
}

sub not_mapped {
    my $ask = shift;

    for my $url (sort keys %not_mapped) {
        my $r = $ask->($url);
        is($r->{status}, $not_mapped{$url}, $url);
        unlike($r->{body}, qr/^method=GET$/m, "$url: show does not answer");
        like($r->{body}, $SOURCE, "$url: the file, as httpd serves it")
            if $not_mapped{$url} == 200;
    }
}

# design.md 4: once the name is ours, default_handler has no say.
sub never_the_source {
    my $ask = shift;
    my %status = (GET => 404, POST => 404, PUT => 405, DELETE => 405,
                  FOO => 405, PROPFIND => 405);

    for my $method (sort keys %status) {
        my $r = $ask->('/mapping/real.declined', method => $method,
                       $method =~ /^P/ ? (body => 'x') : ());
        is($r->{status}, $status{$method}, "$method of a handler that declines");
        unlike($r->{body}, $SOURCE, "$method: not the file");
    }
    is($ask->('/mapping/virtual.declined')->{status}, 404, 'no file either');
    unlike($ask->('/mapping/real.declined', headers => ['Range: bytes=0-'])
               ->{body}, $SOURCE, 'a Range: not the file');
    my $trace = $ask->('/mapping/real.show', method => 'TRACE');
    is($trace->{status}, 405, 'TRACE');
    unlike($trace->{body}, $SOURCE);
}

sub mistaken_in_htaccess {
    my $mark = log_mark();
    my $r    = fetch('/mapping/mistaken/page.txt');

    is($r->{status}, 500, 'a mistaken name in .htaccess');
    unlike($r->{body}, $SOURCE);
    ok(log_wait($mark, qr/\.htaccess: .*"shwo".*"show"/),
       'the log names the file, the name and the nearest one');
}

# Configurations for httpd -t; undef: taken, otherwise what is said.
sub mistaken_at_start {
    my @known = (qr/\bdecline\b/, qr/\bhello\b/, qr/\bshow\b/);
    my @mistaken = (
        ['SetHandler', "SetHandler shwo\n", 1, 'shwo', 'show'],
        ['SetHandler in a section',
         "<Location /a>\n  SetHandler helo\n</Location>\n", 2, 'helo', 'hello'],
        ['with capitals', "\nSetHandler Hallo\n", 2, 'Hallo', 'hello'],
        ['AddHandler', "AddHandler shwo .a .b\n", 1, 'shwo', 'show'],
        ['AddHandler in a section',
         "<Directory />\n\n  AddHandler declin .x\n</Directory>\n", 3,
         'declin', 'decline'],
        ['in a virtual host',
         "<VirtualHost *:9>\n  SetHandler heello\n</VirtualHost>\n", 2,
         'heello', 'hello'],
    );
    for (@mistaken) {
        my ($what, $conf, $line, $name, $nearest) = @$_;
        my ($exit, $text) = httpd_t($conf);
        isnt($exit, 0, "$what: refused");
        like($text, qr/line $line of FILE/, "$what: file and line");
        like($text, qr/"\Q$name\E"/, "$what: the name");
        like($text, qr/did you mean "\Q$nearest\E"/, "$what: the nearest one");
        like($text, $_, "$what: the known names") for @known;
    }

    my @taken = (
        "SetHandler show\n", "SetHandler SHOW\n", "SetHandler none\n",
        "SetHandler server-status\n", "AddHandler type-map var\n",
        "SetHandler someone-elses\n", "AddHandler show .x .y\n",
        qq(SetHandler "proxy:fcgi://localhost:9/"\n),
        qq(SetHandler "expr=%{req:x}"\n),
        "BridgeStrict Off\nSetHandler shwo\nAddHandler helo .x\n",
    );
    for my $conf (@taken) {
        my ($exit, $text) = httpd_t($conf);
        is($exit, 0, "taken: $conf") or diag($text);
    }

    my ($exit, $text) =
        httpd_t("<Location /a>\nBridgeLimitParams many\n</Location>\n");
    isnt($exit, 0, 'a limit that is no number');
    like($text, qr/line 2 of FILE.*BridgeLimitParams/s, 'file, line, directive');
}
