# Chromium, spoken to over two pipes (--remote-debugging-pipe), so that no driver
# is needed.
#
#   my $browser = HandlerBridge::Browser->start($dir);
#   $browser->go($url);
#   $browser->evaluate('document.title');
#   $browser->wait_for('document.images.length > 3');
#   $browser->call('Page.captureScreenshot');     # any method of the protocol
#   $browser->complaints                          # what its log has
#   $browser->stop;
#
# $dir is there: its profile and its output go into it.
package HandlerBridge::Browser;

use strict;
use warnings FATAL => 'all';

use Fcntl qw(F_DUPFD);
use IO::Select ();
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use POSIX ();
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->utf8;

# It reads from 3 and writes to 4.
sub start {
    my ($class, $dir) = @_;
    my $self = bless { dir => $dir, last => 0, heard => '', events => [] },
        $class;
    pipe my $theirs_in, $self->{to} or die "pipe: $!";
    pipe $self->{from}, my $theirs_out or die "pipe: $!";

    $self->{pid} = fork // die "fork: $!";
    run_browser($dir, $theirs_in, $theirs_out) unless $self->{pid};
    close $theirs_in;
    close $theirs_out;
    my $target = $self->call('Target.createTarget', { url => 'about:blank' });
    $self->{session} = $self->call('Target.attachToTarget',
        { targetId => $target->{targetId}, flatten => JSON::PP::true })
        ->{sessionId};
    $self->call("$_.enable") for qw(Page DOM Log);
    return $self;
}

sub run_browser {
    my ($dir, $theirs_in, $theirs_out) = @_;
    # Out of the way first: either may be 3 or 4 already.
    my $in  = fcntl $theirs_in, F_DUPFD, 10 or die "fcntl: $!";
    my $out = fcntl $theirs_out, F_DUPFD, 10 or die "fcntl: $!";

    POSIX::dup2($in, 3);
    POSIX::dup2($out, 4);
    open STDOUT, '>', "$dir/browser.log" or die "$dir/browser.log: $!";
    open STDERR, '>&', \*STDOUT or die "dup: $!";
    exec qw(chromium --headless --no-sandbox --disable-gpu --hide-scrollbars
        --no-first-run --disable-dev-shm-usage --no-proxy-server
        --remote-debugging-pipe), "--user-data-dir=$dir/profile",
        'about:blank' or POSIX::_exit(1);
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
}

# Messages end with a NUL.
sub hear {
    my ($self, $seconds) = @_;
    my $end = time + $seconds;

    while ($self->{heard} !~ /\0/) {
        my $left = $end - time;
        die "the browser says nothing: $self->{dir}/browser.log\n"
            if $left <= 0
            || !IO::Select->new($self->{from})->can_read($left)
            || !sysread $self->{from}, $self->{heard}, 65536,
                length $self->{heard};
    }
    $self->{heard} =~ s/\A([^\0]*)\0//;
    return $json->decode($1);
}

sub call {
    my ($self, $method, $params) = @_;
    my $id = ++$self->{last};
    my $message = { id => $id, method => $method, params => $params || {} };

    $message->{sessionId} = $self->{session} if $self->{session};
    syswrite $self->{to}, $json->encode($message) . "\0"
        or die "the browser ended\n";
    while (1) {
        my $answer = $self->hear(30);
        if (!defined $answer->{id}) {
            push @{ $self->{events} }, $answer;
        } elsif ($answer->{id} == $id) {
            die "$method: $answer->{error}{message}\n" if $answer->{error};
            return $answer->{result};
        }
    }
}

sub complaints {
    my ($self) = @_;
    return map { $_->{params}{entry}{text} }
        grep { $_->{method} eq 'Log.entryAdded' } @{ $self->{events} };
}

sub evaluate {
    my ($self, $text) = @_;
    my $result = $self->call('Runtime.evaluate',
        { expression => $text, returnByValue => JSON::PP::true });

    die "$text: ", $json->encode($result->{exceptionDetails}), "\n"
        if $result->{exceptionDetails};
    return $result->{result}{value};
}

# Until an expression is true; the page may be on its way to another.
sub wait_for {
    my ($self, $text) = @_;
    for (1 .. 150) {
        my $value = eval { $self->evaluate($text) };
        return $value if $value;
        sleep 0.1;
    }
    die "in vain: $text\n";
}

sub go {
    my ($self, $url) = @_;
    my $text = $json->allow_nonref->encode($url);

    $self->call('Page.navigate', { url => $url });
    $self->wait_for("location.href === $text && "
        . "document.readyState === 'complete'");
}

# How wide the window is, and which colours the user likes: light or dark.
sub look {
    my ($self, $width, $height, $scheme) = @_;
    $self->call('Emulation.setDeviceMetricsOverride',
        { width => $width, height => $height, deviceScaleFactor => 1,
          mobile => $width < 600 ? JSON::PP::true : JSON::PP::false });
    $self->call('Emulation.setEmulatedMedia', { features =>
        [{ name => 'prefers-color-scheme', value => $scheme }] });
}

sub screenshot {
    my ($self, $file) = @_;
    my $shot = $self->call('Page.captureScreenshot', { format => 'png' });
    open my $fh, '>:raw', $file or die "$file: $!";
    print $fh decode_base64($shot->{data});
    close $fh or die "$file: $!";
}

1;
