# A server on the loopback interface that takes what it is sent and answers what
# a test has told it to, whether that is a protocol's or not.
#
#   my $liar = HandlerBridge::Liar->start;
#   $liar->port
#   $liar->says(sub { my ($socket, $request) = @_; print $socket "END\r\n" });
#
# The function is called for each piece of bytes that comes, in a process of the
# connection's own, and may do with the socket what it likes: it ends when the
# other side is gone. Connections there are keep the function of their time: they
# are closed when another is told.
package HandlerBridge::Liar;

use strict;
use warnings FATAL => 'all';

use IO::Socket::INET ();
use POSIX ();

sub start {
    my ($class) = @_;
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
        or die "no port: $!\n";

    return bless { socket => $socket, owner => $$ }, $class;
}

sub port { return $_[0]{socket}->sockport }

sub says {
    my ($self, $function) = @_;

    $self->quiet;
    defined($self->{pid} = fork) or die "fork: $!";
    return if $self->{pid};
    POSIX::setpgid(0, 0);
    $SIG{CHLD} = 'IGNORE';
    while (my $peer = $self->{socket}->accept) {
        talk($peer, $function) if !fork;
    }
    POSIX::_exit(0);
}

sub talk {
    my ($peer, $function) = @_;

    $SIG{PIPE} = sub { POSIX::_exit(0) };
    $peer->autoflush(1);
    while (sysread $peer, my $request, 1 << 20) {
        $function->($peer, $request);
    }
    POSIX::_exit(0);
}

# Its process and those of its connections end.
sub quiet {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    kill 'KILL', -$pid, $pid;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->quiet if $self->{owner} == $$;
}

1;
