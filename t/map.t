# BridgeMap, BridgeUnmap, BridgeRequire and BridgeMethods against a real httpd:
# which entry a request gets to, what it is told, and that a mapping opens
# nothing that is closed and shows no file's source. t/unit/map.c and
# t/unit/pattern.c have what patterns mean.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Test;

my $SOURCE = qr/THE SOURCE OF A FILE/;

# URL => what the answer says: "handler key=value ...", or a status.
my %answers = (
    # order, patterns, parameters
    '/map/first'                     => 'mapped title=first path_info=',
    '/map/first/'                    => 404,
    '/map/first/more'                => 404,
    '/map/FIRST'                     => 404,
    '/map/fi%72st'                   => 'mapped title=first uri=/map/first',
    '/map//first'                    => 'mapped title=first uri=/map/first',
    '/map/x/../first'                => 'mapped title=first',
    '/map/./first'                   => 'mapped title=first',
    '/map/x/%2e%2e/first'            => 'mapped title=first',
    '/map/../../map/first'           => 400,
    '/map/first%2f'                  => 404,
    '/map/first%00'                  => 404,
    '/map/two'                       => 'mapped',
    '/map/three'                     => 'mapped',
    '/map/slash/'                    => 'mapped path_info=',
    '/map/slash'                     => 404,
    '/map/number/42'                 => 'mapped id=42 key=- title=none',
    '/map/number/-7'                 => 'mapped id=-7',
    '/map/number/9223372036854775808' => 'mapped id=- title=key'
        . ' key=9223372036854775808',
    '/map/number/a%20b'              => 'mapped id=- title=key key=a%20b',
    '/map/number/%ff%fe'             => 'mapped title=key key=%ff%fe',
    '/map/number/%c3%a4'             => 'mapped title=key key=%c3%a4',
    '/map/number/%25s%25n'           => 'mapped title=key key=%25s%25n',
    '/map/number/'                   => 404,
    '/map/number/1/2'                => 404,
    '/map/day/2026-11-21/a/b.c'      => 'mapped day=2026-11-21 rest=a/b.c'
        . ' path_info=',
    '/map/day/2026-02-30/a'          => 404,
    '/map/day/2026-11-21/'           => 404,
    '/map/tree'                      => 'mapped_any path_info=',
    '/map/tree/'                     => 'mapped_any path_info=/',
    '/map/tree/a/b'                  => 'mapped_any path_info=/a/b',
    '/map/treehouse'                 => 404,
    '/map/no/such/folder/x.mapped'   => 'mapped path_info=',
    '/map/x.MAPPED'                  => 'mapped',
    '/map/x.mapped.other'            => 404,
    '/map/x.mapped/more'             => 404,
    '/map/.mapped'                   => 404,
    # files
    '/map/real.mapped'               => 'mapped path_info=',
    '/map/real.mapped?x=1'           => 'mapped',
    '/map/real.mapped/more'          => 404,
    '/map/real.mapped/'              => 404,
    '/map/tree/real.txt'             => 'mapped_any path_info=/real.txt',
    # the nearer section's first
    '/map/near'                      => 'mapped title=location',
    '/map/directory/page.txt'        => 'mapped title=directory',
    '/map/directory/x.directory'     => 'mapped title=directory',
    '/map/x.directory'               => 'mapped title=outer',
    '/map/files/exact.txt'           => 'mapped title=files',
    '/map/if?if'                     => 'mapped title=if',
    '/map/if'                        => 404,
    '/map/htaccess/page.txt'         => 'mapped title=htaccess size=11',
    '/map/htaccess/x.nearer'         => 'mapped title=htaccess',
    # taken away
    '/map/htaccess/none.mapped'      => 404,
    '/map/taken/once'                => 'mapped title=second',
    '/map/taken/all'                 => 404,
    '/map/taken/inherited/x'         => 'mapped title=first',
    '/map/taken/inherited/second/x'  => 'mapped title=second',
    '/map/taken/inherited/none'      => 404,
    '/map/taken/inherited/none/again' => 'mapped title=again',
    '/map/taken/cleared/x.mapped'    => 404,
    '/map/taken/cleared/mine/first'  => 404,
    '/map/taken/cleared/mine/second' => 'mapped',
    # SetHandler and AddHandler
    '/map/set/x'                     => 'show path_info=/x',
    '/map/set/nearer'                => 'mapped title=nearer',
    '/map/set/nearer/x'              => 'show path_info=/nearer/x',
    '/map/set/none/x'                => 404,
    '/map/set/same/mapped'           => 'mapped title=same',
    '/map/set/same/other'            => 'show path_info=/other',
    '/map/tree/off'                  => 404,
    '/map/tree/off/x'                => 404,
    '/map/both/real.both'            => 'mapped title=both',
    '/map/both/virtual.both'         => 'mapped title=both',
    '/map/both/none.both'            => 'show',
    # access
    '/map/denied/real.mapped'        => 403,
    '/map/denied/virtual.mapped'     => 403,
    '/map/denied-htaccess/real.mapped' => 403,
    '/map/denied-htaccess/virtual.mapped' => 403,
    '/map/auth/x'                    => 401,
    '/map/auth/real.mapped'          => 401,
    # declared inputs
    '/map/input/7'                   => qr/\Anumber 7, given 1\n/,
    '/map/input/100'                 => 400,
    '/map/input/x'                   => 400,
    '/map/input-rest/7'              => qr/\Anumber 7, given 1\n/,
    '/map/input-rest'                => qr/\Anumber 0, given 0\n/,
    # the disk
    '/map/require/file/none'         => 404,
    '/map/require/sub'               => 'mapped title=directory',
    '/map/require/real.file'         => 'mapped',
    '/map/require/none.file'         => 404,
    '/map/require/real.file/more'    => 404,
    '/map/require/real.txt'          => 'mapped',
    '/map/require/file/real.txt'     => 'mapped path_info=/real.txt',
    '/map/require/file/real.txt/more' => 404,
    '/map/require/scope/first'       => 'mapped title=none',
    '/map/require/set'               => 404,
    '/map/require/set/x'             => 404,
    '/map/require/set/not/x'         => 'show path_info=/not/x',
    # path info
    '/map/info/one'                  => 'mapped path_info=',
    '/map/info/one/more'             => 404,
    '/map/info/short/below/x'        => 'mapped title=short path_info=/below/x',
    '/map/info/on/one/more/x'        => 'mapped path_info=/more/x',
    '/map/info/on/x.mapped/more'     => 'mapped path_info=/more',
    '/map/info/off/one/more'         => 404,
    '/map/info/off/tree/more'        => 'mapped path_info=/more',
    '/map/info/off/set'              => 'show path_info=',
    '/map/info/off/set/more'         => 404,
    # declining
    '/map/declined/x'                => 'mapped title=last path_info=/x',
    '/map/declined/twice'            => 'mapped title=last path_info=/twice',
    '/map/declined/next'             => 'mapped title=next',
    '/map/declined/required'         => 'mapped title=last',
    '/map/real.declined'             => 404,
    '/map/real.refused'              => 404,
    # other modules
    '/map/folder/'                   => 'mapped title=folder uri=/map/folder/',
    '/map/tree/redirected'           => 302,
    '/map-only/'                     => 'mapped title=index'
        . ' uri=/map-only/index.only',
    '/map/virtual/'                  => 404,
    '/map-alias/real.aliased'        => 'mapped',
    '/map-alias/virtual.aliased'     => 'mapped',
    '/map/rewritten/42'              => 'mapped id=42 uri=/map/number/42',
    '/map/rewritten/away.mapped'     => 'mapped id=43 uri=/map/number/43',
    '/map/rewritten/forbidden.mapped' => 403,
    '/map/rewritten/forced.mapped'   => 'show',
);

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    answers($ask);
    methods($ask);
    never_the_source($ask);
    dav($ask);
    access($ask);
    other_modules($ask);
});
virtual_hosts();
slashes();
rewriting();
in_htaccess();
mistaken_at_start();
done_testing;

# "mapped title=x": show's answer has no handler line.
sub says {
    my ($r, $expected, $what) = @_;

    if (ref $expected) {
        is($r->{status}, 200, $what);
        return like($r->{body}, $expected, "$what: the body");
    }
    return is($r->{status}, $expected, $what) if $expected =~ /\A\d+\z/;
    my ($handler, @facts) = split / /, $expected;
    is($r->{status}, 200, $what) or diag($r->{body});
    if ($handler eq 'show') {
        like($r->{body}, qr/^agent=/m, "$what: show");
    } else {
        like($r->{body}, qr/\Ahandler=$handler\n/, "$what: $handler");
    }
    for (@facts) {
        s/%([0-9a-f]{2})/chr hex $1/ge;
        like($r->{body}, qr/^\Q$_\E$/m, "$what: $_");
    }
}

sub answers {
    my $ask = shift;

    for my $url (sort keys %answers) {
        my $r = $ask->($url);
        says($r, $answers{$url}, $url);
        unlike($r->{body}, $SOURCE, "$url: not the file");
    }
}

# RFC 9110 15.5.6, 9.3.7: Allow is the resource's, not one entry's.
sub methods {
    my $ask = shift;
    my %url = (
        '/map/verbs'          => 'DELETE GET HEAD OPTIONS PUT',
        '/map/verbs/narrowed' => 'GET HEAD OPTIONS',
        '/map/real.mapped'    => 'GET HEAD OPTIONS POST',
        '/map/declined/next'  => 'GET HEAD OPTIONS POST PUT',
        '/map/verbs/chosen'   => 'GET HEAD OPTIONS',
        '/map/first'          => 'GET HEAD OPTIONS POST',
    );

    for my $url (sort keys %url) {
        for my $method (qw(PATCH FOO get)) {
            my $r = $ask->($url, method => $method);
            is($r->{status}, 405, "$method $url");
            is(header_set($r, 'Allow'), $url{$url}, "$method $url: Allow")
                unless $url =~ /chosen/;
        }
        next if $url =~ /chosen/;
        my $r = $ask->($url, method => 'OPTIONS');
        is($r->{status}, 200, "OPTIONS $url");
        is(header_set($r, 'Allow'), $url{$url}, "OPTIONS $url: Allow");
        is($r->{body}, '', "OPTIONS $url: no body");
    }

    says($ask->('/map/verbs'), 'mapped method=GET', 'GET /map/verbs');
    says($ask->('/map/verbs', method => 'PUT', body => 'x'),
         'mapped_put method=PUT', 'PUT /map/verbs');
    says($ask->('/map/verbs', method => 'DELETE'), 'mapped_put',
         'DELETE /map/verbs');
    my $r = $ask->('/map/verbs', method => 'HEAD');
    is($r->{status}, 200, 'HEAD /map/verbs');
    is($r->{body}, '', 'HEAD /map/verbs: no body');
    says($ask->('/map/verbs/any', method => 'OPTIONS'), 'mapped_any',
         'OPTIONS goes to an entry that takes it');
    says($ask->('/map/verbs/any', method => 'BREW'), 'mapped_any', 'BREW');

    $r = $ask->('/map/verbs/narrowed', method => 'PUT', body => 'x');
    is($r->{status}, 405, 'an entry that BridgeMethods switches off');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS', "the others' Allow");

    # BridgeMethods lets PUT through, the chosen handler does not take it.
    $r = $ask->('/map/verbs/chosen', method => 'PUT', body => 'x');
    is($r->{status}, 405, 'PUT of a chosen handler');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS',
       'its Allow holds nothing that BridgeMethods does not let through');
    says($ask->('/map/verbs/chosen'), 'mapped', 'GET of a chosen handler');
    is($ask->('/map/verbs/chosen', method => 'POST', body => 'x')->{status},
       405, 'POST is not let through');

    is($ask->('/map/declined/next', method => 'POST', body => 'x')->{status},
       404, 'all decline');
}

sub never_the_source {
    my $ask = shift;
    my %status = (GET => 404, POST => 404, PUT => 405, DELETE => 405,
                  FOO => 405, PROPFIND => 405, TRACE => 405);

    for my $method (sort keys %status) {
        for my $url (qw(/map/real.refused /map/real.declined)) {
            my $r = $ask->($url, method => $method,
                           $method =~ /^P/ ? (body => 'x') : ());
            is($r->{status}, $status{$method}, "$method $url");
            unlike($r->{body}, $SOURCE, "$method $url: not the file");
        }
    }
    unlike($ask->('/map/real.mapped', headers => ['Range: bytes=0-'])->{body},
           $SOURCE, 'a Range: not the file');
    is($ask->('/map/require/real.file', method => 'POST', body => 'x')->{status},
       405, 'POST of a file that a mapping requires');
}

# COPY would give the file a name that is not mapped.
sub dav {
    my $ask = shift;
    my %there = (
        method  => 'COPY',
        headers => ['Destination: ' . url('/map/dav/copy.txt'), 'Overwrite: T'],
    );

    SKIP: {
        skip 'mod_dav is not there', 6
            unless $ask->('/map/dav/', method => 'PROPFIND',
                          headers => ['Depth: 0'])->{status} == 207;
        for my $method (qw(PROPFIND PUT DELETE LOCK)) {
            is($ask->('/map/dav/real.mapped', method => $method,
                      $method eq 'PUT' ? (body => 'x') : ())->{status}, 405,
               "$method of a mapped file where Dav is On");
        }
        is($ask->('/map/dav/real.mapped', %there)->{status}, 405, 'COPY');
        isnt($ask->('/map/dav/copy.txt')->{status}, 200, 'there is no copy');
    }
}

sub access {
    my $ask = shift;

    for my $method (qw(GET POST PUT OPTIONS FOO)) {
        is($ask->('/map/denied/real.mapped', method => $method)->{status}, 403,
           "$method where it is denied");
        is($ask->('/map/auth/x', method => $method)->{status}, 401,
           "$method without a password");
    }
    my @wrong = ('--user', 'user:wrong');
    my @right = ('--user', 'user:secret');
    is($ask->('/map/auth/x', curl => \@wrong)->{status}, 401, 'a wrong one');
    says($ask->('/map/auth/x', curl => \@right), 'mapped path_info=/x',
         'the right one');
}

sub other_modules {
    my $ask = shift;
    my $r = $ask->('/map/missing/x');

    is($r->{status}, 404, 'an ErrorDocument that is mapped');
    like($r->{body}, qr/^title=error$/m, 'answers');
    like($r->{body}, qr/^method=GET$/m, 'with GET');
    $r = $ask->('/map/missing/posted', method => 'POST', body => 'x');
    is($r->{status}, 404, 'the ErrorDocument of a POST that is declined');
    like($r->{body}, qr/^title=error$/m, 'answers');
    like($r->{body}, qr/^method=GET$/m, 'with GET');

    $r = $ask->('/map/missing/real.declined');
    is($r->{status}, 404, 'the ErrorDocument of a file that is declined');
    like($r->{body}, qr/^title=error$/m, 'answers, and not the file');

    $r = $ask->('/map/page.shtml');
    like($r->{body}, qr/\Abefore handler=mapped\n.* after/s, 'an include');
    like($r->{body}, qr{^uri=/map/included\.mapped$}m, 'with its URL');
    $r = $ask->('/map/denied.shtml');
    unlike($r->{body}, qr/handler=/, 'an include of what is denied');

    # The fast redirect of mod_dir brings the mapping's methods with it.
    is($ask->('/map-only/', method => 'POST', body => 'x')->{status}, 405,
       'POST to a folder whose index is mapped for GET');
}

sub virtual_hosts {
    says(fetch('/map/first', vhost => 'map_vhost'), 'mapped title=vhost',
         "a virtual host's own come first");
    says(fetch('/map/x.mapped', vhost => 'map_vhost'), 'mapped_any',
         'it takes an inherited one away');
    says(fetch('/map/two', vhost => 'map_vhost'), 'mapped', 'and has the rest');
    says(fetch('/map/x.mapped'), 'mapped', 'the main server keeps its own');

    is(fetch('/map/first', vhost => 'map_bare')->{status}, 404,
       'BridgeUnmap * * in a virtual host');
    is(fetch('/map/tree', vhost => 'map_bare')->{status}, 301,
       'a folder is a folder again');
    says(fetch('/map/directory/page.txt', vhost => 'map_bare'),
         'mapped title=directory', 'its sections have theirs');
    says(fetch('/map-only/', vhost => 'map_bare'),
         'mapped title=index path_info=', 'an index in a folder without a map');
    is(fetch('/map-only/', vhost => 'map_bare', method => 'POST', body => 'x')
           ->{status}, 405, 'with the methods of its mapping');
}

sub slashes {
    my @on = (vhost => 'map_slashes');
    my %on = (
        '/map/first'              => 'mapped title=first',
        '/map//first'             => 'mapped title=first',
        '//map/first'             => 'mapped title=first',
        '/map%2ffirst'            => 'mapped title=first uri=/map/first',
        '/map/x%2f..%2ffirst'     => 'mapped title=first',
        '/map/tree//a//b'         => 'mapped_any path_info=/a/b',
        '/map//denied/x.mapped'   => 403,
        '/map//auth//x'           => 401,
        '/map/number/a%2fb'       => 404,
        '/map//real.mapped'       => 'mapped',
        '/map//tree/real.txt'     => 'mapped_any path_info=/real.txt',
    );
    for my $url (sort keys %on) {
        my $r = fetch($url, @on);
        says($r, $on{$url}, "slashes as they come: $url");
        unlike($r->{body}, $SOURCE, "$url: not the file");
    }
    says(fetch('/map/number/a%2fb', vhost => 'map_nodecode'),
         'mapped key=a%252fb', 'AllowEncodedSlashes NoDecode');
    is(fetch('/map/number/a%2fb')->{status}, 404, 'AllowEncodedSlashes Off');
}

sub rewriting {
    my @protocols = grep { $_ ne 'h2' } protocols();

    for my $protocol (@protocols) {
        my $ask = sub {
            fetch($_[0], vhost => 'map_rewrite', protocol => $protocol)
        };
        says($ask->('/short/42'), 'mapped id=42 uri=/map/number/42',
             "$protocol: RewriteRule [PT]");
        is($ask->('/gone')->{status}, 410, "$protocol: RewriteRule [G]");
        says($ask->('/forced/x'), 'show', "$protocol: RewriteRule [H]");
    }
    SKIP: {
        skip 'mod_proxy_http is not there', 4
            unless fetch('/map/tree/p', vhost => 'map_rewrite')->{body}
                =~ /mapped/;
        says(fetch('/map/tree/proxied', vhost => 'map_rewrite'),
             'mapped title=first', 'ProxyPass');
        says(fetch('/map/tree/p', vhost => 'map_rewrite'),
             'mapped title=first', 'RewriteRule [P]');
    }
}

sub in_htaccess {
    my $mark = log_mark();
    my $r = fetch('/map/htaccess-not/page.txt');

    is($r->{status}, 500, 'BridgeMap where AllowOverride lacks FileInfo');
    unlike($r->{body}, $SOURCE);
    ok(log_wait($mark, qr/BridgeMap not allowed here/), 'the log says so');

    # It is cleared, and so httpd's own.
    $mark = log_mark();
    like(fetch('/map/htaccess-clears/real.mapped')->{body}, $SOURCE,
         'BridgeUnmap * * in .htaccess');
    ok(log_wait($mark, qr/HBR0260: .*BridgeUnmap GET \/nobody\/has\/this/),
       'a BridgeUnmap of nothing is a log line');
    my @lines = grep { /HBR0260/ } log_since($mark);
    is(@lines, 1, 'one');

    $mark = log_mark();
    fetch('/map/htaccess-clears/real.mapped', vhost => 'map_bare');
    ok(log_wait($mark, qr/HBR0260/), 'also where nothing is mapped');
}

# [what, configuration, line, patterns that are said]; FILE is the file.
sub mistaken_at_start {
    my @mistaken = (
        ['too little', "BridgeMap GET /x\n", 1, qr/METHODS PATTERN/],
        ['an unknown handler', "\nBridgeMap GET /x mappd\n", 2,
         qr/"mappd"/, qr/did you mean "mapped"/, qr/mod_handlerbridge has: /],
        ['in lower case', "BridgeMap get /x mapped\n", 1, qr/"GET"/],
        ['a pattern', "BridgeMap GET /x/{id mapped\n", 1, qr/BridgeMap: .*\{id/],
        ['one of several patterns', "BridgeMap GET /x,/y/{id:tin} mapped\n", 1,
         qr/tin/],
        ['methods the handler has not', "BridgeMap PUT /x mapped\n", 1,
         qr/answers none of PUT/, qr/GET, HEAD, POST/],
        ['no pair', "BridgeMap GET /x mapped title\n", 1,
         qr/"title" is no key=value/],
        ['require', "BridgeMap GET /x mapped require=files\n", 1,
         qr/"files" is none of file, directory, either and none/],
        ['BridgeRequire', "BridgeRequire maybe\n", 1,
         qr/BridgeRequire "maybe" is none of/],
        ['BridgeMethods', "BridgeMethods GET, put\n", 1, qr/"PUT"/],
        ['no BridgeMethods', "BridgeMethods\n", 1, qr/no method/],
        ['a Location it cannot match',
         "<Location /app>\n  BridgeMap GET /users mapped\n</Location>\n", 2,
         qr{no URL below <Location /app> matches /users}],
        ['in a Limit', "<Location /a>\n<Limit GET>\n"
         . "BridgeMap GET /a mapped\n</Limit>\n</Location>\n", 3,
         qr/BridgeMap .*<Limit>/],
        ['BridgeUnmap in a Limit', "<Location /a>\n<Limit GET>\n"
         . "BridgeUnmap * *\n</Limit>\n</Location>\n", 3,
         qr/BridgeUnmap .*<Limit>/],
        map([$_->[0], "<Location /a>\n<Limit GET>\n$_->[0] $_->[1]\n"
             . "</Limit>\n</Location>\n", 3, qr/$_->[0] .*<Limit>/],
            ['BridgeRequire', 'file'], ['BridgeMethods', 'GET'],
            ['BridgeSet', 'mapped size 9']),
        ['a pattern of BridgeUnmap', "BridgeUnmap GET /{\n", 1,
         qr/BridgeUnmap: /],
    );
    for (@mistaken) {
        my ($what, $conf, $line, @said) = @$_;
        my ($exit, $text) = httpd_t($conf);
        isnt($exit, 0, "$what: refused");
        like($text, qr/line $line of FILE/, "$what: file and line");
        like($text, $_, "$what: $_") for @said;
    }

    # Those that are known only when all is read.
    my @missing = (
        ['of nothing', "BridgeUnmap GET /x\n", 1],
        ['of other methods', "BridgeMap GET /x mapped\nBridgeUnmap * /x\n", 2],
        ['of another text',
         "BridgeMap GET /x/{a} mapped\nBridgeUnmap GET /x/{b}\n", 2],
        ['before it', "BridgeUnmap GET /x\nBridgeMap GET /x mapped\n", 1],
        ['twice', "BridgeMap GET /x mapped\nBridgeUnmap GET /x\n"
         . "BridgeUnmap GET /x\n", 3],
        ["of a section's, in the server",
         "<Location /x>\nBridgeMap GET /x mapped\n</Location>\n"
         . "BridgeUnmap GET /x\n", 4],
        ["of another virtual host's",
         "<VirtualHost *:9>\nBridgeMap GET /x mapped\n</VirtualHost>\n"
         . "<VirtualHost *:8>\nBridgeUnmap GET /x\n</VirtualHost>\n", 5],
        ["of a virtual host's, in the server",
         "<VirtualHost *:9>\nBridgeMap GET /x mapped\n</VirtualHost>\n"
         . "BridgeUnmap GET /x\n", 4],
        ['in a section, of nothing',
         "<Location /x>\nBridgeUnmap GET /x\n</Location>\n", 2],
    );
    for (@missing) {
        my ($what, $conf, $line) = @$_;
        my ($exit, $text) = httpd_t($conf);
        isnt($exit, 0, "BridgeUnmap $what: refused");
        like($text, qr/HBR0261: FILE line $line: BridgeUnmap .* no BridgeMap/,
             "BridgeUnmap $what: file and line");
    }

    my @taken = (
        "BridgeMap GET /x mapped\nBridgeUnmap GET /x\n",
        "BridgeUnmap * *\n",
        "BridgeMap GET /x mapped\n"
            . "<VirtualHost *:9>\nBridgeUnmap GET /x\n</VirtualHost>\n",
        "<VirtualHost *:9>\nBridgeUnmap GET /x\n</VirtualHost>\n"
            . "BridgeMap GET /x mapped\n",
        "BridgeMap GET /x mapped\n<Directory />\nBridgeUnmap GET /x\n"
            . "</Directory>\n",
        "<VirtualHost *:9>\n<Location /x>\nBridgeUnmap GET /x\n</Location>\n"
            . "BridgeMap GET /x mapped\n</VirtualHost>\n",
        "BridgeMap GET,PUT /x MAPPED title=x size=1 require=file\n",
        "<Location /app>\nBridgeMap * *.x,/app/x,/{a},/** mapped\n</Location>\n",
        "<Location /app/x>\nAcceptPathInfo On\nBridgeMap * /app,/{a} mapped\n"
            . "</Location>\n",
        qq(BridgeMap "GET, POST" /x mapped "title=two words"\n),
        "BridgeMethods GET, POST\nBridgeRequire None\n",
        qq(BridgeMethods "GET, POST"\n),
        join('', map { "BridgeMap GET /x/$_ mapped\n" } 1 .. 1000),
    );
    for my $conf (@taken) {
        my ($exit, $text) = httpd_t($conf);
        is($exit, 0, 'taken: ' . substr $conf, 0, 60) or diag($text);
    }

    # A method without effect is taken, and told.
    my ($exit, $text) = httpd_t(
        "\nBridgeMap GET,PUT,OPTIONS,BREW /x mapped\nBridgeMap GET /y mapped\n"
        . "BridgeMap * /z mapped\nBridgeMap PUT,BREW /any mapped_any\n");
    is($exit, 0, 'methods that the handler has not beside one it has');
    my @told = $text =~ /HBR0262: FILE line 2: .*"mapped" does not answer (\w+)/g;
    is("@told", 'PUT BREW', 'are told');
    is(() = $text =~ /HBR0262/g, 2, 'and no others');
}
