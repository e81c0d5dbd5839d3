# What is left of a handler that crashes: one line that names it, the signal
# passed on to whom it was for, and a server that goes on. The server is one of
# this suite's own, for what crashes takes its child with it.
use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path remove_tree);
use POSIX qw(SIGABRT SIGBUS SIGFPE SIGILL SIGSEGV);
use Test::More;
use Time::HiRes qw(sleep time);

use Apache::Test ();
use HandlerBridge::Test;

my $vars = Apache::Test::vars();
my $dir  = "$vars->{t_logs}/crash";
my $asan = $vars->{httpd} =~ /asan/;
my $pid;

# httpd names signals in its own words.
my %number = (SIGSEGV => SIGSEGV, SIGBUS => SIGBUS, SIGFPE => SIGFPE,
              SIGILL => SIGILL, SIGABRT => SIGABRT);

END { stop_server() if $pid }
$SIG{$_} = sub { exit 2 } for qw(INT TERM HUP);
start_server();

for my $protocol ('http/1.1', mpm() eq 'prefork' ? () : 'h2c') {
    each_way($protocol);
}
parts();
chosen();
late();
cores();
raised();
hostile_urls();
other_logs();
twice();
neighbours() if mpm() eq 'prefork';
ends_cleanly();
done_testing;

# ---- the server -------------------------------------------------------------

sub start_server {
    remove_tree($dir);
    make_path("$dir/cores");
    chmod 0777, $dir, "$dir/cores";
    my @command = ($vars->{httpd}, '-d', $vars->{serverroot},
        '-C', qq(Include "$vars->{t_conf}/modules.conf"),
        '-C', 'ServerName localhost', '-D', 'HBR_CRASH', '-D', 'FOREGROUND',
        ($> == 0 ? ('-C', "User $vars->{user}", '-C', "Group $vars->{group}")
                 : ()),
        '-f', "$vars->{t_conf}/crash.conf");

    defined($pid = fork) or die "fork: $!";
    if (!$pid) {
        # Prefork's parent signals all of its group, which is not to be ours.
        setpgrp 0, 0;
        # Where a core file goes that does not go to CoreDumpDirectory.
        chdir $dir or die "$dir: $!";
        open STDOUT, '>', "$dir/output" or die "$dir/output: $!";
        open STDERR, '>&', \*STDOUT;
        exec 'sh', '-c', 'ulimit -c unlimited 2> /dev/null; exec "$@"', 'sh',
            @command or die "sh: $!";
    }
    goes_on() or die "it does not start:\n", slurp("$dir/output") // '',
        slurp("$dir/error_log") // '';
}

sub stop_server {
    my $status = $?;

    kill 'TERM', $pid;
    waitpid $pid, 0;
    undef $pid;
    $? = $status;
}

# A child that ended is replaced within a second or two.
sub goes_on {
    for (1 .. 600) {
        my $r = fetch('/crash', vhost => 'crash');
        return 1 if $r->{status} == 200 && $r->{body} eq "alive\n";
        sleep 0.05;
    }
    return 0;
}

# Waits for lines that match in one of its logs: all of them.
sub found {
    my ($name, $mark, $pattern, $seconds) = @_;
    my $end = time + ($seconds // 30);

    while (1) {
        my @lines = grep { $_ =~ $pattern } since($name, $mark);
        return @lines if @lines || time > $end;
        sleep 0.05;
    }
}

sub since {
    my ($name, $mark) = @_;
    my $text = slurp("$dir/$name") // '';
    return split /\n/, substr $text, $mark;
}

sub size { return -s "$dir/$_[0]" || 0 }

# ---- one crash --------------------------------------------------------------

# The line for a signal in a request.
sub line_for {
    my ($signal, $method, $uri) = @_;

    return qr{^\[[A-Z][a-z]{2}\ [A-Z][a-z]{2}\ \d\d\ \d\d:\d\d:\d\d\.\d{6}
              \ \d{4}\ UTC\]\ \[handlerbridge:crit\]\ \[pid\ \d+:tid\ \d+\]
              \ \[client\ 127\.0\.0\.1:\d+\]
              \ HBR0230:\ crash:\ $signal\ in\ $method\ "\Q$uri\E"\z}x;
}

# Asks, and sees how the server takes it: returns the answer.
sub crash {
    my ($path, $signal, %o) = @_;
    my $log    = $o{log} // 'error_log';
    my $method = $o{method} // 'GET';
    my $shown  = $o{shown} // $path;
    my %mark   = map { $_ => size($_) } 'error_log', $log;
    my $what   = "$method $path" . ($o{protocol} ? ", $o{protocol}" : '');

    my $r = $o{ask} ? $o{ask}->() : fetch(
        "$path?password=secret", vhost => $o{vhost} // 'crash',
        method => $method, protocol => $o{protocol}, body => $o{body});
    my ($end) = found('error_log', $mark{error_log}, qr/exit signal/);
    $end //= 'nothing';
    like($end, qr/exit signal [^(]+\($number{$signal}\)/,
         "$what: httpd sees the signal");
    my @lines = found($log, $mark{$log}, qr/HBR0230/, $o{none} ? 0 : 30);
    ok(goes_on(), 'the next request is answered');
    $r->{cores} = unlink glob "$dir/cores/*";
    unlink "$dir/core", glob "$dir/core.*";
    is(scalar(grep { /secret/ } since($log, $mark{$log})), 0, 'no query');
    is(scalar(found('error_log', $mark{error_log}, qr/exit signal/)), 1,
       'one child is gone');
    return is(scalar @lines, 0, 'no handler is named'), $r if $o{none};

    is(scalar @lines, 1, 'one line');
    my ($line) = (@lines, 'no line');
    like($line, line_for($signal, $method, $shown), 'with all there is');
    my ($child) = $line =~ /\[pid (\d+)/;
    like($end, qr/pid $child exit/, 'of that process') if $child;
    return $r;
}

# ---- what is tried ----------------------------------------------------------

sub each_way {
    my $protocol = shift;
    my @rows = (['/crash/null', 'SIGSEGV'], ['/crash/overflow', 'SIGSEGV'],
                ['/crash/abort', 'SIGABRT'], ['/crash/divide', 'SIGFPE']);

    for ($protocol eq 'http/1.1' ? @rows : @rows[0, 1]) {
        my $r = crash(@$_, protocol => $protocol);
        is($r->{status}, 0, 'the client has no answer');
        ok($r->{exit}, 'but a connection that was cut');
    }
    my $r = crash('/crash/source', 'SIGSEGV', protocol => $protocol);
    # HTTP/2's head is another thread's to send, which may come too late.
    is($r->{status}, 200, 'a source begins') if $protocol eq 'http/1.1';
    ok($r->{exit}, 'one that crashes in its second piece is cut');
    cmp_ok(length $r->{body}, '<', 10_000_000, 'and not whole');
    crash('/crash/null/body', 'SIGSEGV', protocol => $protocol,
          method => 'POST', body => 'x' x 1000);
}

# A handler's response that has another's in it: who of both it was.
sub parts {
    my $in = crash('/crash/in-part', 'SIGSEGV', shown => '/crash/null/part');
    is($in->{status}, 0, 'the inner one');
    crash('/crash/after-part', 'SIGSEGV');
}

# The handler that a factory chose, and not the factory.
sub chosen {
    crash('/chosen/null?handler=crash', 'SIGSEGV', shown => '/chosen/null',
          ask => sub {
        fetch('/chosen/null?handler=crash&password=secret', vhost => 'crash')
    });
}

# The response was over, and so was its handler.
sub late {
    crash('/crash/late', 'SIGSEGV', none => 1);
}

# httpd's handler still runs, and on a stack where there is room for it.
sub cores {
    my $pattern = slurp('/proc/sys/kernel/core_pattern') // '/';
    return note('core files go elsewhere here') if $pattern =~ m{[|/]};
    return note('sanitizers make no core files') if $asan;

    for my $way ('null', 'overflow') {
        my $mark = size('error_log');
        my $r = crash("/crash/$way", 'SIGSEGV');
        is($r->{cores}, 1, "$way: a core file in CoreDumpDirectory");
        is(scalar(found('error_log', $mark, qr/possible coredump in/)), 1,
           'and httpd says so');
    }
}

sub raised {
    crash("/crash/raise/$_", $_, ask => sub {
        fetch("/crash/raise/$_?password=secret&signal=$_", vhost => 'crash')
    }) for 'SIGBUS', 'SIGILL', 'SIGSEGV';
}

# What a client sends is never a line of its own, nor a long one.
sub hostile_urls {
    my $forged = '%0A[pid%201]%20HBR0230:%20hello:%20SIGSEGV';
    my @rows = (
        ["/crash/null/$forged",
         '/crash/null/\x0a[pid 1] HBR0230: hello: SIGSEGV'],
        ["/crash/null/%0d%09%1b[31m%7f%22%5c'%25n%25s%c3%a4\xc3\xa4",
         q{/crash/null/\x0d\x09\x1b[31m\x7f\"\\\\'%n%s\xc3\xa4\xc3\xa4}],
        ['/crash/null/' . 'a' x 7900,
         '/crash/null/' . 'a' x (512 - length '/crash/null/') . '...'],
    );
    for (@rows) {
        my ($path, $shown) = @$_;
        crash('a hostile URL', 'SIGSEGV', shown => $shown, ask => sub {
            return { body => raw("GET $path?secret HTTP/1.1\r\n"
                . "Host: localhost\r\n\r\n", where => 'crash') };
        });
    }
}

sub other_logs {
    my $mark = size('error_log');

    crash('/crash/null', 'SIGSEGV', vhost => 'crash_own', log => 'own_log');
    crash('/crash/null', 'SIGSEGV', vhost => 'crash_piped',
          log => 'piped_log');
    is(scalar(grep { /HBR0230/ } since('error_log', $mark)), 0,
       "not in the main server's");
    crash('/crash/null', 'SIGSEGV', vhost => 'crash_syslog');
}

# When even that much cannot be told, it still ends.
sub twice {
    crash('/crash/twice', 'SIGSEGV', none => 1);
}

# On prefork a request is alone in its child.
sub neighbours {
    my $socket = raw_open('crash');

    print $socket "GET /crash/rest HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n";
    $socket->flush;
    my $begun = raw_read($socket, until => qr/\r\n\r\n\w+\r\n\d+\n/);
    like($begun, qr/^\d+$/m, 'a request is under way');
    crash('/crash/null', 'SIGSEGV');
    like(raw_read($socket), qr/rested/, 'it ends well');
}

# A child that ends without a crash is not said to have had one.
sub ends_cleanly {
    my $mark = size('error_log');

    kill 'USR1', $pid;
    ok(found('error_log', $mark, qr/resuming normal operations/),
       'a graceful restart');
    ok(goes_on(), 'and new children');
    is(scalar(grep { /HBR0230|exit signal/ } since('error_log', $mark)), 0,
       'without a crash');
    crash('/crash/null', 'SIGSEGV');
}
