# Requests that share one HTTP/2 connection (RFC 9113, over TCP with prior
# knowledge), for tests that ask while the server restarts: it tells a stream
# that the server had not begun from one that it cut, which curl does not.
#
#   my @answers = HandlerBridge::Streams::ask($port, '/path', '/other');
#
# One for each path: { end, status, body }. end is as in Connection.pm: whole,
# refused, cut, or none: not a byte came, and the server said that it will not
# begin this stream (GOAWAY with a lower one, 6.8; REFUSED_STREAM, 8.7) or gave
# the connection up with an error (GOAWAY): that is mod_http2's way when a request
# reaches a child that is about to end, whatever would have answered it.
#
# All requests are sent at once. No window is ever opened wider: all bodies
# together have to be less than 64 KB.
package HandlerBridge::Streams;

use strict;
use warnings FATAL => 'all';

use IO::Select ();
use IO::Socket::INET ();

use constant {
    SECONDS => 30,
    DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6,
    GOAWAY => 7,
    ACK => 1, END_STREAM => 1, END_HEADERS => 4,
    REFUSED_STREAM => 7,
};

sub ask {
    my ($port, @paths) = @_;
    my $self = bless { streams => {}, input => '', last => 2**31 };

    $self->{socket} = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => SECONDS)
        or return map { { end => 'refused' } } @paths;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $self->{socket}, join '', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        frame(SETTINGS, 0, 0, ''),
        map { $self->request($_, $paths[$_]) } 0 .. $#paths;
    while (grep { !$_->{end} } values %{ $self->{streams} }) {
        $self->read_frame or last;
    }
    return map { $self->result(2 * $_ + 1) } 0 .. $#paths;
}

sub frame {
    my ($type, $flags, $id, $payload) = @_;
    return substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $id) . $payload;
}

# HPACK (RFC 7541): GET and http from the static table, the rest as it is.
sub request {
    my ($self, $number, $path) = @_;
    my $id = 2 * $number + 1;

    $self->{streams}{$id} = { body => '' };
    return frame(HEADERS, END_STREAM | END_HEADERS, $id, "\x82\x86"
        . pack('CC/a*CC/a*', 4, $path, 1, 'localhost'));
}

# False when there are no more.
sub read_frame {
    my ($self) = @_;
    my ($type, $flags, $id, $payload);

    while (1) {
        my $length = length $self->{input} < 9 ? undef
            : unpack('N', "\0" . substr $self->{input}, 0, 3);
        last if defined $length && length $self->{input} >= 9 + $length;
        IO::Select->new($self->{socket})->can_read(SECONDS) or return 0;
        sysread $self->{socket}, $self->{input}, 65536, length $self->{input}
            or return 0;
    }
    ($type, $flags, $id) = unpack 'x3CCN', $self->{input};
    $payload = substr $self->{input}, 9,
        unpack('N', "\0" . substr $self->{input}, 0, 3);
    substr $self->{input}, 0, 9 + length $payload, '';
    $self->take($type, $flags, $id, $payload);
    return 1;
}

sub take {
    my ($self, $type, $flags, $id, $payload) = @_;
    my $stream = $self->{streams}{$id} || {};

    if (($type == SETTINGS || $type == PING) && !($flags & ACK)) {
        syswrite $self->{socket},
            frame($type, ACK, 0, $type == PING ? $payload : '');
    } elsif ($type == GOAWAY) {
        ($self->{last}, $self->{error}) = unpack 'NN', $payload;
    } elsif ($type == RST_STREAM) {
        $stream->{end} =
            unpack('N', $payload) == REFUSED_STREAM ? 'none' : 'cut';
    } elsif ($type == HEADERS) {
        # 200 has a place of its own in the table; others are not wanted.
        $stream->{status} ||= $payload =~ /\A\x88/ ? 200 : 599;
    } elsif ($type == DATA) {
        $stream->{body} .= $payload;
    }
    $stream->{end} ||= 'whole'
        if ($type == HEADERS || $type == DATA) && $flags & END_STREAM;
}

sub result {
    my ($self, $id) = @_;
    my $stream = $self->{streams}{$id};
    my $none   = $id > $self->{last} || $self->{error} && !$stream->{status};

    $stream->{end} ||= $none ? 'none' : 'cut';
    return $stream;
}

1;
