# What the suites share beyond Apache::Test: answers as plain hashes, the same
# checks over HTTP/1.1, h2c and h2 over TLS, raw bytes on a socket, and the
# error log.
#
#   use HandlerBridge::Test;
#
#   my $r = fetch('/hello?name=x', method => 'HEAD', protocol => 'h2c');
#   $r->{status}, $r->{headers}{'content-type'}, $r->{body}
#
#   each_protocol(sub {
#       my $protocol = shift;
#       is(fetch('/hello', protocol => $protocol)->{status}, 200);
#   });
#
# An answer is { status, reason, version, headers, list, body }: headers by
# lower-case name, repeated ones joined with ", "; list has them all in order as
# [name, value]. status is 0 when there was no answer, or a broken one; error
# then says why.
package HandlerBridge::Test;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);
use File::Temp ();
use IO::Select ();
use IO::Socket::INET ();
use Time::HiRes qw(sleep time);

use Apache::Test ();

our @EXPORT = qw(
    mpm protocols each_protocol url hostport
    fetch raw raw_open raw_read responses
    header_set log_mark log_since log_wait log_grave quickest in_time
    httpd_t slurp
);

# event, worker or prefork
sub mpm { return $ENV{HBR_MPM} || 'event' }

# The protocols of this run; in scalar context, for plans, how many. httpd has
# no HTTP/2 on prefork, and one pass with it is enough elsewhere.
sub protocols {
    my @protocols = mpm() eq 'event' ? qw(http/1.1 h2c h2) : qw(http/1.1);
    return @protocols;
}

# Calls a function with each protocol's name. For a plan:
# plan tests => 3 + 4 * protocols()
sub each_protocol {
    my $check = shift;
    for my $protocol (protocols()) {
        print "# $protocol\n";
        $check->($protocol);
    }
}

# host:port of the server that speaks a protocol, or of a virtual host's name
sub hostport {
    my $protocol = shift || 'http/1.1';
    my $config   = Apache::Test::config();
    my %vhost    = (h2c => 'h2c', h2 => $config->{vars}{ssl_module_name});
    my $name     = $vhost{$protocol} || $protocol;

    return "$config->{vars}{servername}:$config->{vars}{port}"
        if $name eq 'http/1.1';
    my $vhost = $config->{vhosts}{$name} or die "no virtual host $name";
    return $vhost->{hostport};
}

# Names of virtual hosts that have TLS end with _tls.
sub url {
    my ($path, $protocol) = @_;
    my $scheme = ($protocol || '') =~ /^h2\z|_tls\z/ ? 'https' : 'http';
    return "$scheme://" . hostport($protocol) . $path;
}

my %curl_flags = (
    'http/1.1' => ['--http1.1'],
    h2c        => ['--http2-prior-knowledge'],
    h2         => ['--http2', '--insecure'],
);

# One request by curl: fetch(PATH, method => 'GET', protocol => 'http/1.1',
# headers => ['Accept: text/html'], body => BYTES, vhost => NAME,
# curl => [more options]). The path goes out as it is.
sub fetch {
    my ($path, %o) = @_;
    my $protocol = $o{protocol} || 'http/1.1';
    my $method   = $o{method} || 'GET';
    my $where    = $o{vhost} ? url($path, $o{vhost}) : url($path, $protocol);

    my @command = (
        qw(curl --silent --show-error --globoff --path-as-is --include),
        qw(--max-time 60 --noproxy *), @{ $curl_flags{$protocol} },
        ($method eq 'HEAD' ? '--head' : ('--request', $method)),
        map({ ('--header', $_) } @{ $o{headers} || [] }),
        @{ $o{curl} || [] });

    my $body;
    if (defined $o{body}) {
        $body = File::Temp->new;
        binmode $body;
        print $body $o{body};
        close $body or die "$body: $!";
        push @command, '--data-binary', "\@$body";
    }
    return run_curl($method, @command, $where);
}

sub run_curl {
    my ($method, @command) = @_;
    my $errors = File::Temp->new;

    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', $errors;
        exec @command or die "curl: $!";
    }
    binmode $out;
    my $bytes = do { local $/; <$out> };
    close $out;
    my $exit = $? >> 8;

    my ($answer) = responses($bytes, until_close => 1, methods => [$method]);
    $answer ||= { status => 0, headers => {}, list => [], body => '' };
    $answer->{exit} = $exit;
    if ($exit) {
        $answer->{error} = "curl exit $exit: " . (slurp("$errors") // '');
        $answer->{error} =~ s/\n+\z//;
    }
    return $answer;
}

# A connection for bytes of one's own; undef when it is refused.
sub raw_open {
    my ($where) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => hostport($where), Proto => 'tcp', Timeout => 10);
    binmode $socket if $socket;
    return $socket;
}

# Reads from a connection until it is closed, until so many seconds went by (30),
# or until what was read matches.
sub raw_read {
    my ($socket, %o) = @_;
    my $select = IO::Select->new($socket);
    my $end    = time + ($o{seconds} || 30);
    my $bytes  = '';

    while ((my $left = $end - time) > 0) {
        last unless $select->can_read($left);
        last unless sysread $socket, $bytes, 65536, length $bytes;
        last if $o{until} && $bytes =~ $o{until};
    }
    return $bytes;
}

# Sends bytes as they are and returns all that comes back until the server
# closes (ask for "Connection: close", or give seconds => 1, or until => qr//).
# An array is sent with a little pause between its pieces.
sub raw {
    my ($bytes, %o) = @_;
    my $socket = raw_open($o{where}) or return '';
    local $SIG{PIPE} = 'IGNORE';

    my @pieces = ref $bytes ? @$bytes : ($bytes);
    while (@pieces) {
        my $piece = shift @pieces;
        my $sent  = 0;
        while ($sent < length $piece) {
            my $n = syswrite $socket, $piece, length($piece) - $sent, $sent;
            last unless defined $n;
            $sent += $n;
        }
        sleep 0.05 if @pieces;
    }
    shutdown $socket, 1 if $o{shutdown};
    my $answer = raw_read($socket, %o);
    close $socket;
    return $answer;
}

# Takes bytes apart into HTTP/1 answers (of curl's -i, too): a list of them.
# methods: those of the requests, in order, for HEAD has no body; until_close:
# what follows the last head is its body, whatever the fields say (curl has
# taken the chunks apart).
sub responses {
    my ($bytes, %o) = @_;
    my @methods = @{ $o{methods} || [] };
    my @answers;

    while (defined $bytes && length $bytes) {
        my $answer = take_head(\$bytes);
        push @answers, $answer;
        last if $answer->{error};
        if ($answer->{status} >= 100 && $answer->{status} < 200) {
            pop @answers;
            next;
        }
        my $method = @methods ? shift @methods : 'GET';
        take_body($answer, \$bytes, $method, $o{until_close});
    }
    return @answers;
}

sub take_head {
    my $bytes = shift;

    my $broken = sub {
        return { status => 0, error => "$_[0]: " . substr($$bytes, 0, 200),
                 headers => {}, list => [], body => '' };
    };
    $$bytes =~ s/\A(.*?)\r?\n\r?\n//s or return $broken->('no whole head');
    my ($status_line, @lines) = split /\r?\n/, $1;
    my ($version, $status, $reason) =
        $status_line =~ m{^HTTP/([\d.]+) (\d{3})(?: (.*))?\z}
        or return $broken->("no status line ($status_line)");

    my (%headers, @list);
    for my $line (@lines) {
        my ($name, $value) = $line =~ /^([^:\s]+):[ \t]*(.*?)[ \t]*\z/
            or return $broken->("no header field ($line)");
        push @list, [$name, $value];
        my $key = lc $name;
        $headers{$key} =
            exists $headers{$key} ? "$headers{$key}, $value" : $value;
    }
    return { status => 0 + $status, reason => $reason, version => $version,
             headers => \%headers, list => \@list, body => '' };
}

sub take_body {
    my ($answer, $bytes, $method, $until_close) = @_;
    my $length = $answer->{headers}{'content-length'};

    return if $method eq 'HEAD' || $answer->{status} =~ /^(?:204|304)\z/;
    if (!$until_close
        && ($answer->{headers}{'transfer-encoding'} || '') eq 'chunked') {
        while ($$bytes =~ s/\A([0-9a-fA-F]+)[^\r\n]*\r\n//) {
            my $size = hex $1;
            $answer->{body} .= substr $$bytes, 0, $size, '';
            $$bytes =~ s/\A\r\n//;
            return if $size == 0;
        }
        $answer->{error} = 'chunks end early';
        return;
    }
    if (!$until_close && defined $length) {
        $answer->{error} = 'body ends early' if length $$bytes < $length;
        $answer->{body} = substr $$bytes, 0, $length, '';
        return;
    }
    $answer->{body} = $$bytes;
    $$bytes = '';
}

# A header field that is a list, as a sorted string: "GET, HEAD" and "HEAD,GET"
# are the same.
sub header_set {
    my ($answer, $name) = @_;
    my $value = $answer->{headers}{lc $name};
    return undef unless defined $value;
    return join ' ', sort grep { length } split /[,\s]+/, $value;
}

sub error_log { return Apache::Test::vars('t_logs') . '/error_log' }

# Where the error log ends now, for log_since and log_wait.
sub log_mark { return -s error_log() || 0 }

# The lines that were logged since a mark.
sub log_since {
    my $mark = shift;
    open my $fh, '<', error_log() or return;
    seek $fh, $mark, 0;
    chomp(my @lines = <$fh>);
    return @lines;
}

# Waits for a line that matches, so many seconds (30) at most: httpd may log after
# the answer has left. Returns the line, or undef.
sub log_wait {
    my ($mark, $pattern, $seconds) = @_;
    my $end = time + ($seconds || 30);

    while (1) {
        my ($line) = grep { $_ =~ $pattern } log_since($mark);
        return $line if defined $line || time > $end;
        sleep 0.05;
    }
}

# What a child says when it starts, with no client yet, of what some suites have
# broken on purpose: databases that are not there, and what cannot be made.
my $AT_START = qr/\[dbd:|HBR0203: |HBR0209: |HBR0251: instance_unmade:/;

# The lines since a mark that an operator would have to look at. A child may start
# at any time, and what it says then is not for the suite that happens to run.
sub log_grave {
    my $mark = shift;
    return grep { !/$AT_START/ || /\[client / }
        grep { /:(?:emerg|alert|crit|error|warn)\]/ } log_since($mark);
}

# The seconds of the quickest of up to five calls of a function; the first that
# takes less than so many is enough. What waits does so each time; a machine that
# has much to do makes a call slow now and then.
sub quickest {
    my ($enough, $function) = @_;
    my $least;

    for (1 .. 5) {
        my $start = time;
        $function->();
        my $took = time - $start;
        $least = $took if !defined $least || $took < $least;
        last if $least < $enough;
    }
    return $least;
}

# What a function returns, which has to be done before something expires: it is
# called again, ten times at most, when it took longer than so many seconds, for
# then it has shown nothing but that the machine is slow.
sub in_time {
    my ($seconds, $function) = @_;
    my @got;

    for (1 .. 10) {
        my $start = time;
        @got = $function->();
        last if time - $start < $seconds;
    }
    return wantarray ? @got : $got[0];
}

# What `httpd -t` says about a configuration of one's own: (exit status, text).
# The modules are the suite's, or those that a file loads; in the text FILE stands
# for the configuration's name. modules => FILE, more => ['-D', 'NAME'] for httpd.
sub httpd_t {
    my ($conf, %o) = @_;
    my $vars = Apache::Test::vars();
    my $file = File::Temp->new(DIR => $vars->{t_logs}, SUFFIX => '.conf');

    my $modules = $o{modules} || "$vars->{t_conf}/modules.conf";
    print $file $conf;
    close $file or die "$file: $!";
    # What must stand before it goes in by -C, so that its first line is 1.
    my @command = ($vars->{httpd}, '-t', '-d', $vars->{serverroot},
        '-C', qq(Include "$modules"),
        '-C', 'ServerName localhost', '-C', 'Listen 127.0.0.1:9',
        '-C', qq(ErrorLog "$vars->{t_logs}/httpd_t_log"), '-f', "$file",
        @{ $o{more} || [] });

    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!";
    }
    my $text = do { local $/; <$out> } // '';
    close $out;
    my $exit = $? >> 8;
    $text =~ s/\Q$file\E/FILE/g;
    return ($exit, $text);
}

sub slurp {
    my $file = shift;
    open my $fh, '<:raw', $file or return undef;
    local $/;
    return <$fh>;
}

1;
