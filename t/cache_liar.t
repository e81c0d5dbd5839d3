# Cache servers that answer slowly, too much, or what is no answer: a handler is
# told that there is nothing, in time, and no child dies or grows.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Temp ();
use HTTP::Tiny ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Httpd ();
use HandlerBridge::Liar ();
use HandlerBridge::Test;

use constant {
    TIMEOUT => 0.4,         # BridgeCacheTimeout
    REST    => 1.1,         # after a failure the server is left alone
    GROWTH  => 64 << 10,    # kB that a child may need more
};

my $liar = HandlerBridge::Liar->start;
my ($httpd, $dir);

redis();
memcached();
done_testing;

# ---- a server ---------------------------------------------------------------

# One child: what is told to it is not told to another.
sub start {
    my ($cache) = @_;
    my $threads = mpm() eq 'prefork'
        ? "StartServers 1\nMinSpareServers 1\nMaxSpareServers 1\n"
        . "MaxRequestWorkers 1\nServerLimit 1\n"
        : "StartServers 1\nServerLimit 1\nThreadsPerChild 8\n"
        . "MaxRequestWorkers 8\nMinSpareThreads 1\nMaxSpareThreads 8\n";
    my $vars = Apache::Test::vars();
    my %seen;
    my @modules = grep { /handlerbridge_module|mod_watchdog/ && !$seen{$_}++ }
        map { split /^/, slurp($_) // '' }
        "$vars->{t_conf}/modules.conf", "$vars->{t_conf}/httpd.conf";

    $dir = File::Temp->newdir(DIR => $vars->{t_logs});
    chmod 0755, $dir;
    $httpd = HandlerBridge::Httpd->start("$dir", mpm(), join('', @modules,
        $threads, "BridgeCache $cache", $liar->port, "\nBridgeCacheTimeout ",
        TIMEOUT * 1000, "\nKeepAlive Off\n",
        "<Location /cache>\nSetHandler cache\n</Location>\n"));
}

sub ask {
    my ($path) = @_;
    my $r = HTTP::Tiny->new(timeout => 30)
        ->get('http://127.0.0.1:' . $httpd->port . "/cache$path");

    return $r->{success} ? $r->{content} =~ s/\n.*\z//sr
        : "$r->{status} $r->{content}";
}

# kB that it has had at most.
sub most {
    my ($child) = $httpd->children;
    my ($kb) = (slurp("/proc/$child/status") // '') =~ /^VmHWM:\s*(\d+)/m;
    return $kb // 0;
}

# What it says is true; on a machine that is slow it may be late.
sub answers {
    my $told;
    for (1 .. 5) {
        $told = ask('/get');
        last if $told eq 'none';
        sleep REST;
    }
    is($told, 'none', 'it answers');
}

# What the server says, the call, and what the handler is told.
sub lie {
    my ($what, $says, $call, $told) = @_;
    my $before = most();

    sleep REST;
    $liar->says(ref $says ? $says : sub { print { $_[0] } $says });
    my $start = time;
    like(ask($call), $told, "$what: $call");
    cmp_ok(time - $start, '<', 2 * TIMEOUT + 5, '... in time');
    cmp_ok(most() - $before, '<', GROWTH, '... and in little memory');
}

sub trickle {
    my ($first, $byte) = @_;
    return sub {
        my ($socket) = @_;
        print $socket $first;
        for (1 .. 200) { print $socket $byte; sleep 0.05 }
    };
}

sub flood {
    my ($first, $piece) = @_;
    return sub {
        my ($socket) = @_;
        print $socket $first;
        while (1) { print $socket $piece or last }
    };
}

sub once_and_end {
    my ($text) = @_;
    return sub { my ($socket) = @_; print $socket $text; POSIX::_exit(0) };
}

# The child is the first one still.
sub well {
    my ($child) = @_;

    is(join(' ', $httpd->children), $child, 'the child lives');
    is_deeply([grep { /exit signal|Sanitizer|runtime error/ } $httpd->log], [],
        'nothing crashed');
    $httpd->stop;
}

# ---- Redis ------------------------------------------------------------------

sub redis {
    my $none = qr/\A(?:away|none)\z/;

    start('redis:127.0.0.1:');
    $liar->says(sub { print { $_[0] } "\$-1\r\n" });
    answers();
    my $child = join ' ', $httpd->children;
    lie('bytes that trickle', trickle("\$100000\r\n", 'x'), '/get', $none);
    lie('a line that trickles', trickle('', '+'), '/get', $none);
    lie('a value without end', flood("\$500000000\r\n", 'x' x 65536), '/get',
        $none);
    lie('a line without end', flood('+', 'x' x 65536), '/get', $none);
    lie('an error without end', flood('-', 'x' x 65536), '/set', $none);
    lie('answers without end', flood('', ":1\r\n" x 10000), '/get', $none);
    lie('an array of two thousand million', flood("*2000000000\r\n",
        ":1\r\n" x 10000), '/get', $none);
    lie('a wide array', flood("*1000000\r\n", ":1\r\n" x 10000), '/get', $none);
    lie('a deep array', "*1\r\n" x 100000, '/get', $none);
    lie('an array where a value is', "*1\r\n\$1\r\na\r\n", '/get', $none);
    for my $text ("\$-2\r\n", "\$-9223372036854775808\r\n",
        "\$99999999999999999999\r\n", "\$9223372036854775807\r\n",
        "*-2\r\n", ":x\r\n", "\0\0\0\0", "HTTP/1.1 400 Bad Request\r\n\r\n",
        "\$3\r\nabcXX") {
        lie($text =~ s/([^\x21-\x7e])/sprintf '\x%02x', ord $1/ger, $text,
            '/get', $none);
    }
    lie('an end in the middle', once_and_end("\$100\r\nabc"), '/get', $none);
    lie('nothing where two are', "+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n",
        '/increment', $none);
    lie('arrays where numbers are', "+OK\r\n+QUEUED\r\n+QUEUED\r\n"
        . "*2\r\n*0\r\n*1\r\n\$-1\r\n", '/increment', $none);
    lie('nils where numbers are', "+OK\r\n+QUEUED\r\n+QUEUED\r\n"
        . "*2\r\n\$-1\r\n\$-1\r\n", '/take', $none);
    two_answers();
    is(ask('/fetch'), 'ok', 'and a value is made');
    well($child);
    secret();
}

# The second is no answer to what is asked next.
sub two_answers {
    sleep REST;
    $liar->says(sub { print { $_[0] } ":0\r\n:7\r\n" });
    is(ask('/remove'), 'away', 'two answers to one question');
    sleep REST;
    $liar->says(sub {
        my ($socket, $request) = @_;
        print $socket $request =~ /GET/ ? "\$-1\r\n" : ":0\r\n";
    });
    answers();
}

# Servers repeat what they were asked for.
sub secret {
    start('redis://someone:s3cr3t@127.0.0.1:');
    $liar->says(sub {
        print { $_[0] } "-ERR unknown command `AUTH`, with args beginning "
            . "with: `someone`, `s3cr3t`, \r\n";
    });
    is(ask('/get'), 'away', 'AUTH is unknown');
    ok($httpd->log_count('HBR0361.*AUTH'), '... and the log says so');
    is($httpd->log_count('s3cr3t'), 0, '... without the password');
    $httpd->stop;
}

# ---- memcached --------------------------------------------------------------

# A value under the key that was asked for.
sub value {
    my ($length, $bytes) = @_;
    return sub {
        my ($socket, $request) = @_;
        my ($key) = $request =~ /^gets (\S+)/;
        print $socket "VALUE $key 0 $length 1\r\n$bytes" if $key;
    };
}

sub exists_always {
    my ($socket, $request) = @_;
    my ($key) = $request =~ /^gets (\S+)/;

    print $socket $key ? "VALUE $key 0 250000 1\r\n" . 'x' x 250000 . "\r\nEND\r\n"
        : "EXISTS\r\n" if $key || $request =~ /^cas/;
}

sub memcached {
    my $none = qr/\A(?:away|none)\z/;

    start('memcache:127.0.0.1:');
    $liar->says(sub { print { $_[0] } "END\r\n" });
    answers();
    my $child = join ' ', $httpd->children;
    lie('a line that trickles', trickle('', 'V'), '/get', $none);
    lie('a line without end', flood('VALUE ', 'x' x 65536), '/get', $none);
    lie('answers without end', flood('', "END\r\n" x 10000), '/get', $none);
    lie('a value without end', value(262144, 'x' x 1000000), '/get', $none);
    for my $length ('-1', '262145', '99999999999999999999', '', 'x', '1x') {
        lie("a value of \"$length\"", value($length, "a\r\nEND\r\n"), '/get',
            $none);
    }
    lie('one of another length', value(3, "abcdef\r\nEND\r\n"), '/get', $none);
    lie('one without its end', value(3, "abc\r\nOK\r\n"), '/get', $none);
    lie('one of another key', "VALUE x 0 1 1\r\na\r\nEND\r\n", '/get', $none);
    lie('words', "\0\0\r\n", '/get', $none);
    lie('an end in the middle', once_and_end('VAL'), '/get', $none);
    lie('a number that is none', "x\r\n", '/increment', $none);
    lie('always another', \&exists_always, '/take', $none);
    lie('never there', sub {
        print { $_[0] } $_[1] =~ /^incr/ ? "NOT_FOUND\r\n"
            : $_[1] =~ /^add/ ? "NOT_STORED\r\n" : ''
    }, '/increment', $none);
    lie('two answers', "NOT_FOUND\r\nDELETED\r\n", '/remove', $none);
    is(ask('/fetch'), 'ok', 'and a value is made');
    well($child);
}
