# Handlers in modules of their own (include/handlerbridge_module.h), compiled
# with the installed headers alone: loaded before mod_handlerbridge and after it,
# they are mapped, checked and suggested like its own; what cannot be taken stops
# httpd with a sentence that says what to do.
use strict;
use warnings FATAL => 'all';

use File::Basename qw(dirname);
use File::Temp ();
use Test::More;

use HandlerBridge::Test;

my $folder = dirname($ENV{HBR_SO} || 'build/test/mod_handlerbridge.so')
    . '/outside';

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    answers($ask);
    prints($ask);
    older($ask);
});
starts();
names();
orders();
refusals();
exports();
done_testing;

sub load {
    my ($name) = @_;
    return "LoadModule ${name}_module $folder/mod_$name.so\n";
}

# first and second have a file name and its static identifiers in common: httpd
# loads with RTLD_GLOBAL, and each has to find its own.
sub answers {
    my $ask = shift;

    for my $name (qw(first second)) {
        for my $url ("/outside/$name", "/mapping/folder/x.$name") {
            my $r = $ask->("$url?name=you");

            is($r->{status}, 200, $url);
            is($r->{body}, "$name answers you, again\n", "$url: its answer");
            is($r->{headers}{'content-type'}, 'text/plain; charset=utf-8',
               "$url: its type");
        }
    }
    my $r = $ask->('/outside/first', method => 'DELETE');
    is($r->{status}, 405, 'the bridge knows its methods');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS', 'and allows them');
    like($ask->('/outside/own')->{body},
         qr{\Aa word of its own over HTTP/\d},
         'a module with a directive of its own, and the request_rec');
}

sub prints {
    my $ask  = shift;
    my $mark = log_mark();

    is($ask->('/outside/print?how=text')->{body}, "3 <text> 0.50 %\n",
       'hbr_text');
    my $r = $ask->('/outside/print?how=all&number=9',
                   headers => ['Accept: text/plain']);
    is($r->{body}, join("\n", '<p title="&lt;&quot;&amp;">    9|&lt;   |'
        . '1099511627776</p>', '<raw> x 1 started', '1', ''),
       'hbr_html, hbr_printf, what start left, hbr_negotiate');
    is($r->{headers}{'content-type'}, 'text/html; charset=utf-8',
       'hbr_html sets the type');
    ok(log_wait($mark, qr/:notice\].*first-print: printed 9 of first/),
       'hbr_log');

    $r = $ask->('/outside/print?how=error&number=2');
    is($r->{status}, 409, 'hbr_error');
    like($r->{body}, qr/Conflict number 2/, 'its sentence');
    is($ask->('/outside/print?how=bare-error')->{status}, 410,
       'hbr_error without one');
    $r = $ask->('/outside/print?how=bytes', headers => ['Range: bytes=2-4']);
    is($r->{status}, 206, 'hbr_bytes: a range');
    is($r->{body}, '234', 'of its bytes');
    $r = $ask->('/outside/print?how=x&number=10');
    is($r->{status}, 400, 'its inputs are checked');
    like($r->{body}, qr/number/, 'and the input is named');
}

# t/abi/1.0: compiled with the headers as they were then.
sub older {
    my $ask = shift;
    my $r   = $ask->('/outside/abi?name=%3Cx%3E&number=7&tag=a&tag=b');

    is($r->{status}, 200, 'a module of version 1.0');
    is($r->{body}, "<p>&lt;x&gt; 7 started</p>\n<i>a</i>\n<i>b</i>\n1 0\n",
       'its inputs, its start, its output');
    is($r->{headers}{'x-abi'}, '1.0', 'its header field');
    like($ask->('/outside/abi')->{body}, qr/<p>nobody 4 started.*^0 0$/ms,
         'its fallbacks');
    is($ask->('/outside/abi?number=10')->{status}, 400, 'its bounds');
    is($ask->('/outside/abi?tag=1&tag=2&tag=3&tag=4')->{status}, 400,
       'its own kind of bound');

    $r = $ask->('/outside/abi-whole', headers => ['Range: bytes=-10']);
    is($r->{status}, 206, 'version 1.0: a range');
    is($r->{body}, '0123456789', 'its bytes');
    is($r->{headers}{etag}, '"abi"', 'its tag');
}

sub starts {
    my $log = slurp(Apache::Test::vars('t_logs') . '/error_log');

    like($log, qr/:notice\].*first-print: start of first, 7/,
         'hbr_child_log in start');
    like($log, qr/:notice\].*abi-1\.0: version 1\.0/, 'and in version 1.0');
}

# A mistaken name is compared with the names of all modules.
sub names {
    my ($exit, $text) = httpd_t("SetHandler frist-answer\n");

    isnt($exit, 0, 'a mistaken name');
    like($text, qr/did you mean "first-answer"/, 'the nearest is in a module');
    like($text, qr/has: .*\bhello\b.*\bsecond-answer\b/,
         "mod_handlerbridge's names and the modules'");
    ($exit, $text) = httpd_t("AddHandler second-answre .x\n");
    like($text, qr/did you mean "second-answer"/, 'AddHandler');
    ($exit, $text) = httpd_t("SetHandler helo\n");
    like($text, qr/did you mean "hello"/, "mod_handlerbridge's own still");

    ($exit, $text) = httpd_t("\n", more => ['-D', 'DUMP_BRIDGE']);
    like($text, qr{^ +first-answer .*/outside/mod_first\.so  }m,
         'the listing names the module that a handler comes from');
}

# httpd -t with these lines in place of the suite's modules of our own.
sub httpd_t_loading {
    my ($conf, @lines) = @_;
    my $vars = Apache::Test::vars();
    my $file = File::Temp->new(DIR => $vars->{t_logs}, SUFFIX => '.conf');
    my @all  = split /^/, slurp("$vars->{t_conf}/modules.conf");

    print $file grep { !m{\bhandlerbridge_module |\Q$folder\E/} } @all;
    print $file @lines;
    close $file or die "$file: $!";
    return httpd_t($conf, modules => "$file");
}

sub orders {
    my $vars = Apache::Test::vars();
    my ($bridge) = grep { /\bhandlerbridge_module / }
        split /^/, slurp("$vars->{t_conf}/modules.conf");
    my @first = (load('first'));
    my $conf  = "SetHandler frist-answer\n";

    for (['before', @first, $bridge], ['after', $bridge, @first],
         ['between', @first, $bridge, load('second')]) {
        my ($how, @lines) = @$_;
        my ($exit, $text) = httpd_t_loading($conf, @lines);
        like($text, qr/did you mean "first-answer"/, "loaded $how: known");
        ($exit, $text) = httpd_t_loading("SetHandler first-answer\n", @lines);
        is($exit, 0, "loaded $how: taken") or diag($text);
    }

    my ($exit, $text) = httpd_t_loading("SetHandler hello\n", $bridge);
    is($exit, 0, 'no such module: taken') or diag($text);
    ($exit, $text) = httpd_t_loading("BridgeBuffer 1K\n", @first);
    isnt($exit, 0, 'mod_handlerbridge is missing: refused');
    like($text, qr/HBR0240: the handlers of first_module need/,
         'which module, before any directive is looked at');
    like($text, qr/add "LoadModule handlerbridge_module /, 'what to do');
}

sub refusals {
    my %says = (
        major => [qr/compiled for version 99\.\d+ /,
                  qr/this bridge is (?!99)\d+\.\d+/,
                  qr/install a newer mod_handlerbridge, or compile it again/],
        minor => [qr/compiled for version \d+\.99 /,
                  qr/this bridge is \d+\.(?!99)\d+/,
                  qr/install a newer mod_handlerbridge, or compile it again/],
        short => [qr/more functions than this bridge/,
                  qr/install the mod_handlerbridge that belongs to/],
        twin  => [qr/handler "first-answer": /,
                  qr{\Q$folder\E/mod_first\.so \(t/outside/first/handler\.c\)}],
        nothing => [qr/declares no handler/],
    );
    for my $name (sort keys %says) {
        my ($exit, $text) = httpd_t(load($name) . "SetHandler first-answer\n");

        isnt($exit, 0, "$name: refused");
        unlike($text, qr/Syntax OK/);
        like($text, qr{HBR0241: \Q$folder\E/mod_$name\.so \(t/outside/$name/},
             "$name: the file is named");
        like($text, $_, "$name: what is wrong") for @{ $says{$name} };
    }
}

# What is global in one module is so in httpd's whole process.
sub exports {
    for my $name (qw(first second own abi_1_0)) {
        open my $out, '-|', 'readelf', '--dyn-syms', '-W',
            "$folder/mod_$name.so" or die "readelf: $!";
        my @shown = map { (split)[7] } grep {
            /^\s*\d+:/ && !/ (?:UND|LOCAL|HIDDEN) /
        } <$out>;
        close $out or die "readelf failed\n";
        is_deeply(\@shown, ["${name}_module"],
                  "mod_$name.so shows its record and nothing else");
    }
}
