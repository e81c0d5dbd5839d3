# BridgeVirtual: URLs that are no files. What is tried is to get in: whatever
# access control, redirections, proxies and aliases say of a URL holds as it
# does without, in both orders of LoadModule. The servers are of this suite's
# own: its order of modules would be every suite's.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha1_base64);
use File::Path qw(make_path remove_tree);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep);

use Apache::Test ();
use HandlerBridge::Test;

my $SOURCE = qr/THE SOURCE OF A FILE/;

my $vars = Apache::Test::vars();
my $dir  = "$vars->{t_logs}/virtual";
my $pid;

# What is the same with and without.
my @same = (
    # path info
    ['/virtual/',               200, path_info => '/'],
    ['/virtual/a/b.txt',        200, path_info => '/a/b.txt'],
    ['/virtual/x/',             200, path_info => '/x/'],
    ['/virtual/map/a.m',        200, path_info => ''],
    ['/virtual/map/item/7',     200, path_info => ''],
    ['/virtual/map/none',       404],
    ['/match/a/b',              200, path_info => '/a/b'],
    ['/virtualx',               404],
    ['/VIRTUAL/x',              404],
    # the same URL in other words
    ['/%76irtual/secret',       403],
    ['//virtual//secret',       403],
    ['/virtual/./secret',       403],
    ['/virtual/x/../secret',    403],
    ['/virtual/%2e%2e/virtual/secret', 403],
    ['/virtual/../../secret',   400],
    ['/virtual%2fsecret',       404],
    ['/virtual/x%2f..%2fsecret', 404],
    ['/virtual/secret/',        200, path_info => '/secret/'],
    ['/virtual/Secret',         200, path_info => '/Secret'],
    # who may
    ['/virtual/basic',          401],
    ['/virtual/basic/x',        200, headers => [user('bob', 'secret')]],
    ['/virtual/basic/x',        401, headers => [user('bob', 'wrong')]],
    ['/virtual//basic',         401],
    ['/virtual/any',            401],
    ['/virtual/any',            401, headers => [user('bob', 'secret')]],
    ['/virtual/any',            200, headers => [user('ann', 'secret')]],
    ['/virtual/nobody',         403],
    ['/virtual/nobody/x',       403],
    ['/virtual/nobody',         403, method => 'POST'],
    ['/virtual/nobody',         403, method => 'OPTIONS'],
    ['/virtual/method',         200],
    ['/virtual/method',         403, method => 'POST'],
    ['/virtual/if',             200],
    ['/virtual/if?deny',        403],
    ['/match/secret',           403],
    ['/virtual/error',          403, path_info => '/document'],
    ['/virtual/error-walked',   403],
    # who comes first
    ['/virtual/redirected',     302],
    ['/virtual/forbidden',      403],
    ['/virtual/moved',          302],
    ['/virtual/proxied/x',      503],
    ['/virtual/proxied-here/x', 503],
    ['/virtual/proxied-rule',   503],
    ['/virtual/aliased/x',      403],
    ['/virtual/script/x',       403],
    ['/~denied/x',              403],
    ['/virtual/to-file',        403],
    ['/virtual/to-secret',      403],
    ['/in/a',                   200, path_info => '/a'],
    ['/in/secret',              403],
    ['/in/nobody',              403],
    ['/in/basic',               401],
    # rules in a <Location>
    ['/virtual/rules/x',        200, path_info => '/rules/x'],
    ['/virtual/rules/no',       403],
    ['/virtual/rules/away',     302],
    ['/virtual/rules/within',   200, path_info => '/redirected-to'],
    ['/virtual/rules/denied',   403],
    ['/virtual/rules/proxy',    503],
    # and the rest
    ['/virtual/bare/none',      404],
    ['/virtual/views',          200, path_info => '/views'],
    ['/mime/a.byname',  200],
    ['/mime/a.other',   404],
    ['/virtual/required/none',  404],
    ['/virtual/map/required/a.need', 404],
    ['/virtual/x',              405, method => 'DELETE'],
    ['/virtual/x',              200, method => 'HEAD'],
);

# URL => with, without. <Directory>, <Files> and .htaccess are passed over, and
# so are the files.
my %differs = (
    '/virtual'                          => [200, 301],
    '/virtual/file.txt'                 => [200, 403],
    '/virtual/denied/x'                 => [200, 403],
    '/virtual/override/x'               => [200, 403],
    '/virtual/override-switch/x'        => [200, 500],
    '/virtual/status'                   => [404, 200],
    '/virtual/ssi/page.shtml'           => [200, 200],
    '/virtual/bare/file.txt'            => [404, 403],
    '/match.declined'                   => [404, 404],
    '/mapping/exact.txt'                => [404, 200],
    '/index.html'                       => [404, 200],
    '/'                                 => [404, 200],
    '/virtual/required'                 => [404, 404],
);

END { stop_server() if $pid }
$SIG{$_} = sub { exit 2 } for qw(INT TERM HUP);

for my $order ('before', 'after') {
    start_server($order);
    for my $protocol ('http/1.1', mpm() eq 'event' ? 'h2c' : ()) {
        note("the bridge loaded $order the others, $protocol");
        as_without($protocol);
        no_files($protocol);
    }
    unusual();
    here_and_there();
    crooked();
    told_once();
    stop_server();
}
where_it_may_stand();
warnings_at_start();
done_testing;

# ---- the server -------------------------------------------------------------

# The suite's modules and those that translate names, ours before or after.
sub modules {
    my ($order) = @_;
    my ($ours, @others);

    for (grep { !m{/outside/} } split /^/, slurp("$vars->{t_conf}/modules.conf")) {
        /^LoadModule handlerbridge_/ ? $ours = $_ : push @others, $_;
    }
    my ($libexec) = $others[0] =~ m{(\S+)/mod_mpm_};
    my %loaded = map { /^LoadModule (\w+)_module/ ? ($1 => 1) : () } @others;
    push @others, map { "LoadModule ${_}_module $libexec/mod_$_.so\n" }
        grep { !$loaded{$_} } qw(userdir vhost_alias);
    return $order eq 'before' ? ($ours, @others) : (@others, $ours);
}

sub start_server {
    my ($order) = @_;

    remove_tree($dir);
    make_path($dir);
    chmod 0777, $dir;
    spew("$dir/modules.conf", modules($order));
    spew("$dir/users", 'ann:{SHA}' . sha1_base64('secret') . "=\n",
         'bob:{SHA}' . sha1_base64('secret') . "=\n");
    my @command = ($vars->{httpd}, '-d', $vars->{serverroot},
        '-C', qq(Include "$dir/modules.conf"),
        '-C', 'ServerName localhost', '-D', 'HBR_VIRTUAL', '-D', 'FOREGROUND',
        ($> == 0 ? ('-C', "User $vars->{user}", '-C', "Group $vars->{group}")
                 : ()),
        '-f', "$vars->{t_conf}/virtual.conf");

    defined($pid = fork) or die "fork: $!";
    if (!$pid) {
        # Prefork's parent signals all of its group, which is not to be ours.
        setpgrp 0, 0;
        open STDOUT, '>', "$dir/output" or die "$dir/output: $!";
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!";
    }
    for (1 .. 200) {
        return if fetch('/virtual', vhost => 'virtual')->{status} == 200;
        sleep 0.05;
    }
    die "it does not start:\n", slurp("$dir/output") // '',
        slurp("$dir/error_log") // '';
}

sub stop_server {
    my $status = $?;

    kill 'TERM', $pid;
    waitpid $pid, 0;
    undef $pid;
    $? = $status;
}

sub spew {
    my ($file, @text) = @_;

    open my $fh, '>', $file or die "$file: $!";
    print $fh @text;
    close $fh or die "$file: $!";
}

sub user {
    return 'Authorization: Basic ' . encode_base64("$_[0]:$_[1]", '');
}

# ---- the same with and without ----------------------------------------------

# What of the answer has to be the same: status, where it leads, what a handler
# saw.
sub gist {
    my ($r, $vhost) = @_;
    my $at = hostport($vhost);
    my $to = $r->{headers}{location} // '-';

    $to =~ s/\Q$at\E/HERE/;
    my @seen = $r->{body} =~ /^((?:uri|path_info|user)=.*)$/mg;
    return join ' ', $r->{status}, $to,
        $r->{headers}{'www-authenticate'} // '-', @seen;
}

sub as_without {
    my ($protocol) = @_;

    for (@same) {
        my ($url, $status, %o) = @$_;
        my $path_info = delete $o{path_info};
        my $what = join ' ', $o{method} // 'GET', $url;
        # Virtual hosts for h2c have it on the same port.
        my $r = fetch($url, vhost => 'virtual', %o,
            $protocol eq 'h2c' ? (curl => ['--http2-prior-knowledge']) : ());
        my $walked = fetch($url, vhost => 'virtual_off', %o);

        is($r->{status}, $status, $what) or diag $r->{error} // '';
        is(gist($r, 'virtual'), gist($walked, 'virtual_off'),
           "$what: the same with the walk");
        like($r->{body}, qr/^path_info=\Q$path_info\E$/m, "$what: path info")
            if defined $path_info;
        unlike($r->{body}, $SOURCE, "$what: no file");
    }
}

# ---- what the walk would have found -----------------------------------------

sub no_files {
    my ($protocol) = @_;

    for my $url (sort keys %differs) {
        my @curl = $protocol eq 'h2c'
            ? (curl => ['--http2-prior-knowledge']) : ();
        my $r = fetch($url, vhost => 'virtual', @curl);

        is($r->{status}, $differs{$url}[0], "$url");
        unlike($r->{body}, $SOURCE, "$url: no file");
        is(fetch($url, vhost => 'virtual_off')->{status}, $differs{$url}[1],
           "$url with the walk");
    }
    my $r = fetch('/virtual/status', vhost => 'virtual');
    ok((grep { /HBR0280: .*server-status/ } log_lines()), 'the log says why');
    unlike($r->{body}, qr/Server Status/i, 'nothing of server-status');
}

sub log_lines { return split /\n/, slurp("$dir/error_log") // '' }

# What is core's to answer is core's.
sub unusual {
    my %first = map {
        my $host = $_;
        $host => [map { raw("$_\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                            where => $host) =~ /^(.*?)\r\n/ ? $1 : 'nothing' }
            'OPTIONS * HTTP/1.1', 'TRACE /virtual HTTP/1.1',
            'TRACE /virtual/nobody HTTP/1.1', 'GET virtual HTTP/1.1',
            'GET * HTTP/1.1', 'GET http://localhost/virtual/secret HTTP/1.1',
            'GET http://localhost HTTP/1.1']
    } 'virtual', 'virtual_off';
    my @with = @{ $first{virtual} };
    my @without = @{ $first{virtual_off} };

    like($with[0], qr/ 200 /, 'OPTIONS *');
    like($with[3], qr/ 400 /, 'no path');
    like($with[5], qr/ 403 /, 'a whole URL');
    # Without the walk there is no index.html.
    like(pop @with, qr/ 404 /, 'a URL without a path');
    pop @without;
    is_deeply(\@with, \@without, 'as with the walk');
}

# ---- nested sections, other hosts -------------------------------------------

sub here_and_there {
    my %status = (
        '/virtual/denied/x'       => 200,
        '/virtual/walked'         => 403,
        '/virtual/walked/x'       => 403,
        '/virtual/walked/again'   => 200,
        '/virtual/walked/again/x' => 200,
        '/virtual//walked//x'     => 403,
        '/virtual/./walked/x'     => 403,
        '/virtual/x/../walked/x'  => 403,
        '/virtual/%77alked/x'     => 403,
        '/virtual/out/x'          => 403,
        '/virtual/out/again'      => 200,
        '/virtual/leave/x'        => 403,
        '/outside/denied/x'       => 200,
        '/outside/walked/x'       => 403,
        '/outside/secret'         => 403,
        '/pattern/x'              => 200,
        '/pattern/../virtual/walked/x' => 403,
        '/virtual/override-switch/file.txt' => 500,
    );

    for my $url (sort keys %status) {
        my $r = fetch($url, vhost => 'virtual_some');
        is($r->{status}, $status{$url}, "here and there: $url");
        unlike($r->{body}, $SOURCE);
    }
    documents();
    my $page = fetch('/virtual/ssi/page.shtml', vhost => 'virtual_some');
    is($page->{status}, 200, 'a page of the disk');
    like($page->{body}, qr/\[method=GET\nuri=.*^path_info=\/part$/ms,
         'has a virtual part');
    my $r = fetch('/virtual/x', vhost => 'virtual_secure');
    is($r->{status}, 301, 'http to https');
    is($r->{headers}{location}, 'https://localhost/virtual/x', 'where to');
}

sub documents {
    for my $url ('/virtual/bare/file.txt', '/elsewhere/none') {
        my $r = fetch($url, vhost => 'virtual_some');
        is($r->{status}, 404, "$url has an ErrorDocument");
        like($r->{body}, qr/^path_info=\/document$/m, 'a virtual one');
    }
}

# <LocationMatch> sees an encoded slash before it is decoded, and the folder
# that it leads to is walked to.
sub crooked {
    for my $url ('/match%2f..%2fvirtual/denied/x', '/match/..%2fvirtual/denied/x',
                 '/match%2f%2e%2e%2fvirtual/walked/x') {
        my $r = fetch($url, vhost => 'virtual_slashes');
        like($r->{status}, qr/^40[034]\z/, "$url is not let in");
        unlike($r->{body}, qr/^method=/m, "$url: nor answered");
    }
    is(fetch('/virtual/denied/x', vhost => 'virtual_slashes')->{status}, 403,
       'the folder is denied');
}

sub told_once {
    is(scalar(grep { /HBR0281: BridgeVirtual is On \(.*line \d+, and elsewhere/ }
                  log_lines()), 1, 'told once at start');
    is(scalar(grep { /HBR0282: .*line \d+: Require in <Files/ } log_lines()), 1,
       'what is put aside is warned of once');
    is(scalar(grep { /HBR0283: / } log_lines()), 2, 'and each BridgeRequire');
    is(scalar(grep { /exit signal/ } log_lines()), 0, 'no crash');
}

# ---- httpd -t ---------------------------------------------------------------

sub where_it_may_stand {
    my %around = (
        ''                            => 1,
        '<VirtualHost *:9>'           => 1,
        '<Location /a>'               => 1,
        '<LocationMatch /a>'          => 1,
        '<Directory /a>'              => 0,
        '<DirectoryMatch /a>'         => 0,
        '<Files a>'                   => 0,
        '<If "true">'                 => 0,
    );

    for my $section (sort keys %around) {
        my ($name) = $section =~ /<(\w+)/;
        my ($exit, $text) = httpd_t(
            "$section\nBridgeVirtual On\n" . ($name ? "</$name>\n" : ''));
        my $what = $name ? "in <$name>" : 'in the server';

        is($exit, 0, $what) if $around{$section};
        next if $around{$section};
        isnt($exit, 0, "not $what");
        like($text, qr/line 2 of FILE:\nBridgeVirtual/, 'file and line');
    }
    my ($exit) = httpd_t(
        "<Location /a>\n<Limit GET>\nBridgeVirtual On\n</Limit>\n</Location>\n");
    isnt($exit, 0, 'not in <Limit>');
    ($exit) = httpd_t(
        "<Location /a>\n<If \"true\">\nBridgeVirtual On\n</If>\n</Location>\n");
    isnt($exit, 0, 'not in <If> in <Location>');
}

sub warnings_at_start {
    my $on = "<Location /a>\nBridgeVirtual On\n</Location>\n";
    my $in = sub { "<$_[0]>\n$_[1]\n</" . ($_[0] =~ /(\w+)/)[0] . ">\n" };
    # lines, how many warnings, what they say
    my @rows = (
        [$on, 0],
        [$on . $in->('Directory /srv', 'Require all denied'), 1,
         qr/HBR0282: FILE line 5: Require in <Directory \/srv> .*FILE line 2\)/],
        [$on . $in->('Directory /srv', 'Require all granted'), 0],
        [$on . $in->('Directory />', 'Require all denied') =~ s/>>/>/r, 0],
        [$on . $in->('FilesMatch "^\.ht"', 'Require all denied'), 0],
        [$on . $in->('Files ".ht*"', 'Require all denied'), 0],
        [$on . $in->('Files "a"', 'AuthType Basic'), 1, qr/AuthType in <Files/],
        [$on . $in->('DirectoryMatch "a"', 'BridgeMap GET *.x hello'), 1,
         qr/BridgeMap in <DirectoryMatch/],
        [$on . $in->('Directory /srv',
                     $in->('RequireAny', 'Require user x')), 1,
         qr/FILE line 6: Require in <Directory/],
        [$on =~ s/On/Off/r . $in->('Directory /srv', 'Require all denied'), 0],
        [$in->('VirtualHost *:9', $on)
         . $in->('VirtualHost *:8',
                 $in->('Directory /srv', 'Require all denied')), 0],
        [$in->('VirtualHost *:9', $on)
         . $in->('Directory /srv', 'Require all denied'), 1, qr/HBR0282/],
        [$on . $in->('Location /a/b', 'BridgeRequire file'), 1,
         qr/HBR0283: FILE line 5: BridgeRequire file: .*FILE line 2\)/],
        [$on . $in->('Location /a/b', "BridgeRequire file\nBridgeVirtual Off"),
         0],
        [$on . $in->('Location /a/b', 'BridgeRequire none'), 0],
        [$on . $in->('Location /b', 'BridgeRequire file'), 0],
        [$on . "BridgeRequire file\n", 1, qr/HBR0283/],
    );

    for (@rows) {
        my ($conf, $count, $pattern) = @$_;
        my ($exit, $text) = httpd_t($conf);
        my $what = join ' ', split /\n/, $conf;

        is($exit, 0, "taken: $what") or diag($text);
        is(scalar(() = $text =~ /HBR028[23]/g), $count, 'so many warnings')
            or diag($text);
        like($text, $pattern, 'which name file and line') if $pattern;
        unlike($text, qr/HBR0281/, 'without what is told at start');
    }
}
