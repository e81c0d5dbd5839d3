# Descriptor files: `AddHandler bridge-file .hb`. A text file names a handler
# and its options; it answers as that handler does, and its own text is never
# served, whatever the request and whatever is wrong with it.
use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path remove_tree);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

my $root  = Apache::Test::vars('documentroot');
my $dir   = "$root/descriptor";
my $MARK  = 'THE TEXT OF A DESCRIPTOR';
my $plain = 'text=none size=32 bold=0 style=plain';

make_files();
each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    answers($ask);
    methods($ask);
    off($ask);
    sections($ask);
    paths($ask);
    within($ask);
    mistakes($ask);
});
not_a_file();
htaccess();
at_start();
nearest_mapping();
handler_in_the_log();
limits();
many_files();
changes();
at_once();
under_load();
done_testing;

END { remove_tree($dir, "$root/descriptor-none") if $root }

# ---- files ------------------------------------------------------------------

sub put {
    my ($name, $text, %o) = @_;
    my $file = "$dir/$name";

    # In place, or as a new file of that name.
    my $to = $o{in_place} ? $file : "$file.new";
    open my $fh, '>:raw', $to or die "$to: $!";
    print $fh $text;
    close $fh or die "$to: $!";
    $o{in_place} or rename $to, $file or die "$file: $!";
    return $file;
}

sub make_files {
    my $simple = "# $MARK\nhandler described\n";

    remove_tree($dir, "$root/descriptor-none");
    make_path(map { "$dir/$_" } qw(off/on folder set whole accept require error
        mapped allowed denied directory.hb));
    make_path("$root/descriptor-none/on");
    put($_, $simple) for qw(a.hb found.hb index.hb off/a.hb off/on/a.hb
        off/on/b.hb set/a.hb whole/a.hb accept/a.hb require/a.hb mapped/a.hb
        mapped/nearer.hb by-name.txt capitals.txt other.txt folder/any.txt
        two.hb.txt);
    put('full.hb', "$simple\ntext \"Good \\\"morning\\\"\"\nsize 8\nbold on\n"
        . "style round\n");
    put('windows.hb', "\xef\xbb\xbf# $MARK\r\nhandler described\r\n"
        . "size \\\r\n  9\r\n");
    put('set/own.hb', "$simple\nsize 16\n");
    put('no-options.hb', "# $MARK\nhandler hello\n");
    put('decline.hb', "# $MARK\nhandler decline\n");
    put('page.shtml', qq([<!--#include file="full.hb" -->])
        . qq([<!--#include virtual="set/own.hb/x" -->]\n));
    put('../descriptor-none/a.hb', $simple);
    put('../descriptor-none/on/a.hb', $simple);
}

# ---- what it answers --------------------------------------------------------

sub is_described {
    my ($r, $wanted, $what) = @_;

    is($r->{status}, 200, "$what: 200");
    is($r->{body}, "described $wanted\n", "$what: what is set");
}

sub never_served {
    my ($r, $what) = @_;
    unlike($r->{body} . join('', map { @$_ } @{ $r->{list} }), qr/$MARK/,
           "$what: not the text");
}

sub answers {
    my $ask = shift;

    is_described($ask->('/descriptor/a.hb'), "GET $plain path=", 'a.hb');
    is_described($ask->('/descriptor/full.hb'), 'GET text=Good "morning" '
        . 'size=8 bold=1 style=round path=', 'full.hb');
    is_described($ask->('/descriptor/windows.hb'), 'GET text=none size=9 '
        . 'bold=0 style=plain path=', "a Windows editor's");
    is_described($ask->("/descriptor/$_.txt"), "GET $plain path=",
        "SetHandler: $_") for 'by-name', 'capitals', 'folder/any', 'two.hb';
    like($ask->('/descriptor/no-options.hb?name=you')->{body}, qr/you/,
         'a handler without options');
    # httpd's own affair: a name that nothing maps.
    like($ask->('/descriptor/other.txt')->{body}, qr/$MARK/, 'other.txt');

    my $r = $ask->('/descriptor/decline.hb');
    is($r->{status}, 404, 'a handler that declines');
    never_served($r, 'declined');
    $r = $ask->('/descriptor/a.hb', headers => ['Range: bytes=0-9']);
    never_served($r, 'a range');
}

# RFC 9110 15.5.6: the handler's methods are the file's.
sub methods {
    my $ask = shift;

    is_described($ask->('/descriptor/a.hb', method => 'POST', body => 'x'),
        "POST $plain path=", 'POST');
    my $head = $ask->('/descriptor/full.hb', method => 'HEAD');
    is($head->{status}, 200, 'HEAD');
    is($head->{headers}{'content-length'},
       1 + length $ask->('/descriptor/full.hb')->{body},
       'HEAD: its length, one letter more than GET says');
    for my $method (qw(PUT DELETE PATCH PROPFIND FOO TRACE)) {
        my $r = $ask->('/descriptor/a.hb', method => $method,
                       $method eq 'PUT' ? (body => 'handler x') : ());
        is($r->{status}, 405, $method);
        is(header_set($r, 'Allow'), 'GET HEAD OPTIONS POST', "$method: Allow")
            if $method ne 'TRACE';
        never_served($r, $method);
    }
    my $r = $ask->('/descriptor/a.hb', method => 'OPTIONS');
    is($r->{status}, 200, 'OPTIONS');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS POST', 'OPTIONS: Allow');
    is(header_set($ask->('/descriptor/no-options.hb', method => 'OPTIONS'),
                  'Allow'),
       header_set(fetch('/hello', method => 'OPTIONS'), 'Allow'),
       "another handler's");
}

sub off {
    my $ask = shift;

    for my $path ('/descriptor/off/a.hb', '/descriptor/off/on/b.hb',
                  '/descriptor-none/a.hb') {
        for my $method (qw(GET POST DELETE OPTIONS)) {
            my $mark = log_mark();
            my $r    = $ask->($path, method => $method);
            is($r->{status}, 403, "Off: $method $path");
            never_served($r, "Off: $method $path");
            ok(log_wait($mark, qr{HBR0270: \S+\Q$path\E: BridgeFiles is Off}),
               'and the log names the directive');
        }
    }
    is_described($ask->($_), "GET $plain path=", "On again: $_")
        for '/descriptor/off/on/a.hb', '/descriptor-none/on/a.hb';
}

sub sections {
    my $ask = shift;

    is_described($ask->('/descriptor/set/a.hb'), 'GET text=around size=64 '
        . 'bold=0 style=plain path=', 'BridgeSet around');
    is_described($ask->('/descriptor/set/own.hb'), 'GET text=around size=16 '
        . 'bold=0 style=plain path=', "the file's own over it");
    is_described($ask->('/descriptor-alias/own.hb'), 'GET text=around size=16 '
        . 'bold=0 style=plain path=', 'Alias');
    my $r = $ask->('/descriptor/set/a.hb', method => 'POST');
    is($r->{status}, 405, 'BridgeMethods');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS', 'BridgeMethods: Allow');
    $r = $ask->('/descriptor/require/a.hb');
    is($r->{status}, 404, 'BridgeRequire directory');
    never_served($r, 'BridgeRequire');
}

sub paths {
    my $ask = shift;

    is_described($ask->('/descriptor/a.hb/extra/x'),
        "GET $plain path=/extra/x", 'path info');
    is_described($ask->('/descriptor/accept/a.hb/extra'),
        "GET $plain path=/extra", 'AcceptPathInfo On');
    is_described($ask->('/descriptor/folder/any.txt/extra'),
        "GET $plain path=/extra", 'path info behind a folder');
    my $r = $ask->('/descriptor/whole/a.hb/extra');
    is($r->{status}, 404, 'AcceptPathInfo Off');
    never_served($r, 'AcceptPathInfo Off');
    is_described($ask->('/descriptor/whole/a.hb'), "GET $plain path=",
        'AcceptPathInfo Off without any');
    is($ask->("/descriptor/$_")->{status}, 404, $_)
        for 'missing.hb', 'missing.hb/extra', 'folder/missing';
    is_described($ask->('/descriptor/'), "GET $plain path=", 'DirectoryIndex');
}

# Requests within the server.
sub within {
    my $ask = shift;

    is($ask->('/descriptor/page.shtml')->{body}, <<'END', 'mod_include');
[described GET text=Good "morning" size=8 bold=1 style=round path=
][described GET text=around size=16 bold=0 style=plain path=/x
]
END
    my $r = $ask->('/descriptor/error/nothing');
    is($r->{status}, 404, 'ErrorDocument');
    is($r->{body}, "described GET $plain path=\n", "ErrorDocument: the file's");
}

sub mistakes {
    my $ask  = shift;
    my @rows = (
        ['', qr/it names no handler: "handler NAME" is missing/],
        ["# $MARK\n", qr/it names no handler/],
        ["# $MARK\nhandler descrbed\n",
         qr/line 2: there is no handler "descrbed", did you mean "described"\?; mod_handlerbridge has: .*\bhello\b/],
        ["handler bridge-file\n# $MARK",
         qr/line 1: there is no handler "bridge-file"/],
        ["# $MARK\nsize 3\nhandler described\n",
         qr/line 2: "size" comes before "handler NAME"/],
        ["handler described\n\n# $MARK\nsise 9\n",
         qr/line 4: the handler "described" has no option "sise", did you mean "size"\? It has: text, size, bold, style/],
        ["handler described\n# $MARK\nsize 7\n",
         qr/line 3: option "size" of the handler "described" is "7", but .*8/],
        ["handler described\nstyle $MARK\n", qr/line 2: .*stands behind/],
        ["handler described\nsize 9\nbold on\nsize 9\n# $MARK\n",
         qr/line 4: a second "size"/],
        ["handler hello\nsize 9\n# $MARK\n",
         qr/line 2: the handler "hello" has no options, and so no "size"/],
        ["handler described\ntext \"$MARK\n", qr/line 2: a quote is not/],
        ["handler described\ntext \"\xff$MARK\"\n", qr/line 2: .*UTF-8/],
        ["h\0a\0n\0# $MARK", qr/line 1: a NUL byte/],
        ["handler described\n# $MARK" . 'x' x 65536,
         qr/larger than 65536 bytes/],
    );
    for (@rows) {
        my ($text, $said) = @$_;
        my $mark = log_mark();

        put('mistake.hb', $text);
        my $r = $ask->('/descriptor/mistake.hb');
        is($r->{status}, 500, "500: $said");
        never_served($r, $said);
        my $line = log_wait($mark, qr/HBR0271/) // 'nothing';
        like($line, qr{HBR0271: \Q$dir\E/mistake\.hb: $said}, 'and the log');
        is(scalar(grep { /HBR\d/ } log_since($mark)), 1, 'one line');
    }
}

# ---- what is no file of text ------------------------------------------------

sub not_a_file {
    # Other users' children: nobody may read it.
    put('unreadable.hb', "# $MARK\nhandler described\n");
    chmod 0, "$dir/unreadable.hb";
    my $mark = log_mark();
    my $r    = fetch('/descriptor/unreadable.hb');
    is($r->{status}, 403, 'unreadable');
    ok(log_wait($mark, qr{HBR0272: \S+unreadable\.hb: cannot read}),
       'the log says so');
    chmod 0644, "$dir/unreadable.hb";
    is(fetch('/descriptor/unreadable.hb')->{status}, 200, 'readable again');

    is(fetch('/descriptor/directory.hb')->{status}, 301, 'a directory');
    is(fetch('/descriptor/directory.hb/')->{status}, 404, 'and its index');
    POSIX::mkfifo("$dir/fifo.hb", 0644) or die "mkfifo: $!";
    my $start = time;
    $r = fetch('/descriptor/fifo.hb');
    is($r->{status}, 404, 'a FIFO');
    cmp_ok(time - $start, '<', 20, 'is not waited for');

    symlink 'full.hb', "$dir/link.hb" or die "symlink: $!";
    like(fetch('/descriptor/link.hb')->{body}, qr/morning/, 'a symbolic link');
    unlink "$dir/link.hb";
    symlink 'a.hb', "$dir/link.hb" or die "symlink: $!";
    is_described(fetch('/descriptor/link.hb'), "GET $plain path=",
        'which leads elsewhere');
    unlink "$dir/link.hb";
    is(fetch('/descriptor/link.hb')->{status}, 404, 'or nowhere');
}

# ---- configuration ----------------------------------------------------------

sub htaccess {
    put('allowed/.htaccess', "BridgeSet described text htaccess\n"
        . "<Files x.txt>\nSetHandler bridge-file\n</Files>\n");
    put('allowed/x.txt', "# $MARK\nhandler described\n");
    is_described(fetch('/descriptor/allowed/x.txt'), 'GET text=htaccess '
        . 'size=32 bold=0 style=plain path=', '.htaccess maps and sets');
    put('denied/.htaccess', "BridgeFiles On\n");
    put('denied/a.hb', "# $MARK\nhandler described\n");
    my $mark = log_mark();
    my $r    = fetch('/descriptor/denied/a.hb');
    is($r->{status}, 500, 'BridgeFiles is not for .htaccess');
    never_served($r, '.htaccess');
    ok(log_wait($mark, qr/BridgeFiles not allowed here/), 'and httpd says so');
}

sub at_start {
    my @mistaken = (
        ['AddHandler bridge-fil .hb', 'bridge-fil', 'bridge-file'],
        ['SetHandler Bridgefile', 'Bridgefile', 'bridge-file'],
        ['AddHandler bridge-dfile .hb', 'bridge-dfile', 'bridge-file'],
        ['SetHandler descibed', 'descibed', 'described'],
    );
    for (@mistaken) {
        my ($conf, $name, $nearest) = @$_;
        my ($exit, $text) = httpd_t("$conf\n");
        isnt($exit, 0, $conf);
        like($text, qr/line 1 of FILE/, 'file and line');
        like($text, qr/no handler "$name", did you mean "$nearest"\? /,
             'and the nearest name');
        like($text, qr/\bhello\b.*, and bridge-file for descriptor files/,
             'and the known ones');
    }
    for my $conf ("AddHandler bridge-file .hb\n", "SetHandler BRIDGE-FILE\n",
                  "BridgeFiles On\n<VirtualHost *:9>\nBridgeFiles Off\n"
                      . "</VirtualHost>\n<Location /x>\nBridgeFiles On\n"
                      . "</Location>\n",
                  "BridgeStrict Off\nAddHandler bridge-fil .hb\n") {
        my ($exit, $text) = httpd_t($conf);
        is($exit, 0, "taken: $conf") or diag($text);
    }
    my ($exit, $text) = httpd_t("BridgeFiles Maybe\n");
    isnt($exit, 0, 'neither On nor Off');
}

sub nearest_mapping {
    is_described(fetch('/descriptor/mapped/a.hb'), 'GET text=line size=32 '
        . 'bold=0 style=plain path=', 'BridgeMap wins over AddHandler');
    my $r = fetch('/descriptor/mapped/a.hb', method => 'POST');
    is($r->{status}, 405, 'for other methods, too');
    is_described(fetch('/descriptor/mapped/nearer.hb'), "GET $plain path=",
        'a nearer SetHandler over it');
}

sub handler_in_the_log {
    my $log = Apache::Test::vars('t_logs') . '/descriptor_log';
    my $end = time + 30;
    my $text;

    fetch('/descriptor/full.hb/logged');
    sleep 0.05 until ($text = slurp($log)) =~ m{/logged} || time > $end;
    like($text, qr{^/descriptor/full\.hb/logged described$}m,
         '%R is the handler that answers');
}

# ---- the cache --------------------------------------------------------------

# The clock of a file's times cannot be set; nothing is kept before it settled.
sub settle { sleep 2.2 }

sub limits {
    my $full = "handler described\ntext x\n#";

    put('long.hb', $full . 'x' x (65536 - length $full));
    is_described(fetch('/descriptor/long.hb'), 'GET text=x size=32 bold=0 '
        . 'style=plain path=', 'as large as may be');
}

# One connection, so that requests follow each other closely.
sub keep_alive {
    my $socket = raw_open();

    return sub {
        my $path = shift;
        print $socket "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n";
        $socket->flush;
        my $bytes = '';
        while ($bytes !~ /\r\n\r\n.*\n\z/s) {
            sysread $socket, $bytes, 65536, length $bytes or last;
        }
        return $bytes;
    };
}

# More than are kept, in a circle: each is right each time.
sub many_files {
    my $wrong = 0;

    for my $i (1 .. 1100) {
        put("many$i.hb", "handler described\ntext t$i\n", in_place => 1);
    }
    settle();
    for my $round (1 .. 3) {
        my $ask;
        for my $i (1 .. 1100) {
            $ask = keep_alive() if $i % 50 == 1;
            $wrong++ unless $ask->("/descriptor/many$i.hb") =~ /text=t$i /;
        }
    }
    is($wrong, 0, '1100 files, three times');
    unlink glob "$dir/many*.hb";
}

sub text_of {
    my ($name) = @_;
    my ($text) = fetch("/descriptor/$name")->{body} =~ / text=(\S*)/;
    return $text;
}

# What tells that a file is another one: one thing at a time.
sub changes {
    my $file = put('change.hb', "handler described\ntext one\n");
    my $old  = time - 1000;

    utime $old, $old, $file;
    settle();
    is(text_of('change.hb'), 'one', 'kept');
    # RFC 9110 has nothing to say: cp -p, rsync --times --inplace.
    put('change.hb', "handler described\ntext two\n", in_place => 1);
    utime $old, $old, $file;
    is(text_of('change.hb'), 'two', 'in place, as long, its time set back');
    settle();
    is(text_of('change.hb'), 'two', 'kept');
    put('change.hb', "handler described\ntext six\n");
    utime $old, $old, $file;
    is(text_of('change.hb'), 'six', 'another file of the name');
    settle();
    is(text_of('change.hb'), 'six', 'kept');
    put('change.hb', "handler described\nsize 3\n", in_place => 1);
    is(fetch('/descriptor/change.hb')->{status}, 500, 'now a mistake');
    settle();
    is(fetch('/descriptor/change.hb')->{status}, 500, 'kept, too');
    put('change.hb', "handler described\ntext ten\n", in_place => 1);
    is(text_of('change.hb'), 'ten', 'mended');
    unlink $file;
    is(fetch('/descriptor/change.hb')->{status}, 404, 'gone');
    put('change.hb', "handler described\ntext new\n");
    is(text_of('change.hb'), 'new', 'back');
}

# Written and asked for within one tick of the file system's clock. Linux 6.13
# and later tell such changes apart by themselves on some file systems.
sub at_once {
    my $ask   = keep_alive();
    my $stale = 0;

    for my $i (1 .. 90) {
        my $text = 'n' . (100 + $i);
        put('once.hb', "handler described\ntext $text\n", in_place => 1);
        $stale++ unless $ask->('/descriptor/once.hb') =~ / text=$text /;
    }
    is($stale, 0, 'what was just written is what answers');
}

# Clients ask while files are replaced: each answer is one of the whole ones.
sub under_load {
    my $mark = log_mark();
    my @clients;

    put("load$_.hb", "handler described\ntext first\nsize 10\n") for 1 .. 3;
    for my $client (1 .. 4) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            my ($bad, $ask) = (0);
            for my $i (0 .. 599) {
                $ask = keep_alive() if $i % 60 == 0;
                my $bytes = $ask->('/descriptor/load' . ($i % 3 + 1) . '.hb');
                $bad++ unless $bytes =~ / text=first size=10 /
                    || $bytes =~ / text=other size=20 /;
            }
            POSIX::_exit($bad > 0);
        }
        push @clients, $pid;
    }
    my $failed = 0;
    my $end    = time + 90;
    my $round  = 0;
    while (@clients && time < $end) {
        $round++;
        put("load" . ($round % 3 + 1) . '.hb', $round % 2
            ? "handler described\ntext first\nsize 10\n"
            : "handler described\ntext other\nsize 20\n");
        sleep 0.001;
        my $pid = waitpid -1, POSIX::WNOHANG();
        next if $pid <= 0;
        $failed += $? != 0;
        @clients = grep { $_ != $pid } @clients;
    }
    kill 'KILL', @clients;
    is(scalar @clients, 0, 'all clients end');
    is($failed, 0, 'and saw whole files only');
    is(scalar(grep { /load\d\.hb/ } log_grave($mark)), 0, 'nothing was logged');
}
