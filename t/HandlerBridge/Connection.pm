# A connection to httpd which tells how a request on it ended: for tests that
# ask while the server restarts.
#
#   my $connection = HandlerBridge::Connection->new($port, keep => 1);
#   my $answer = $connection->ask('/path');      # or begin() and finish()
#   $answer->{end}, $answer->{status}, $answer->{body}
#
# end is
#   whole    the answer has all its bytes
#   refused  there was no connection to be had
#   none     not a byte came back on a connection that had been used before: a
#            server may close an idle one at any time, and the request was on
#            its way just then (RFC 9112 9.3.1); a client asks again
#   cut      anything else: the request was begun, and the answer is not whole
#
# With keep the connection is used again as long as both sides want to; that the
# server had closed it is looked for before each request, and counted in
# {closed}.
package HandlerBridge::Connection;

use strict;
use warnings FATAL => 'all';

use IO::Select ();
use IO::Socket::INET ();

use HandlerBridge::Test qw(responses);

use constant SECONDS => 30;

sub new {
    my ($class, $port, %with) = @_;

    return bless { port => $port, keep => $with{keep}, closed => 0 }, $class;
}

sub ask {
    my ($self, $path) = @_;

    return $self->begin($path) || $self->finish;
}

# Sends a request. Nothing is returned when that was possible.
sub begin {
    my ($self, $path) = @_;
    my $wish = $self->{keep} ? '' : "Connection: close\r\n";

    $self->look_for_close if $self->{socket};
    $self->{reused} = defined $self->{socket};
    $self->{bytes}  = '';
    $self->{socket} ||= IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $self->{port},
        Timeout => SECONDS) or return { end => 'refused' };
    local $SIG{PIPE} = 'IGNORE';
    # When it fails, reading does, too.
    syswrite $self->{socket},
        "GET $path HTTP/1.1\r\nHost: localhost\r\n$wish\r\n";
    return;
}

sub look_for_close {
    my ($self) = @_;

    return unless IO::Select->new($self->{socket})->can_read(0);
    $self->{closed}++;
    $self->hang_up;
}

sub hang_up {
    my ($self) = @_;

    close delete $self->{socket};
}

# Reads until what came matches; false when it ends before.
sub read_until {
    my ($self, $pattern) = @_;

    while ($self->{bytes} !~ $pattern) {
        $self->read_more or return 0;
    }
    return 1;
}

sub read_more {
    my ($self) = @_;

    IO::Select->new($self->{socket})->can_read(SECONDS) or return 0;
    return sysread $self->{socket}, $self->{bytes}, 65536,
        length $self->{bytes};
}

# Reads the answer.
sub finish {
    my ($self) = @_;
    my $answer;

    while (!($answer = $self->whole)) {
        next if $self->read_more;
        $answer = { end => $self->{reused} && $self->{bytes} eq ''
                        ? 'none' : 'cut' };
        last;
    }
    $self->hang_up if !$self->{keep} || $answer->{end} ne 'whole'
        || ($answer->{headers}{connection} || '') =~ /\bclose\b/i;
    return $answer;
}

sub whole {
    my ($self) = @_;

    return if $self->{bytes} !~ /\r\n\r\n/;
    my ($answer) = responses($self->{bytes});
    return if $answer->{error};
    # The last chunk's empty line belongs to it.
    return if $answer->{headers}{'transfer-encoding'}
        && $self->{bytes} !~ /\r\n0\r\n\r\n\z/;
    $answer->{end} = 'whole';
    return $answer;
}

1;
