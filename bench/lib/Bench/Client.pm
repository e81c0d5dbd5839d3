# Asks a server and reads the whole answer: one keep-alive connection, one
# request at a time.
#
#   my $reply = Bench::Client::ask($httpd, $socket, $request);
#   $reply->{status}  $reply->{head}  $reply->{body}
#
# A request is { method, path, type, body, fields }; all but path may be left
# out; fields are more lines of its head. What does not answer ends the program.
package Bench::Client;

use strict;
use warnings FATAL => 'all';

use constant { REPLY_SECONDS => 120, PIECE => 262144 };

sub ask {
    my ($httpd, $socket, $request) = @_;
    my $text = head($request);

    local $SIG{ALRM} = sub { $httpd->give_up("no reply to $request->{path}") };
    alarm REPLY_SECONDS;
    send_all($socket, $text)
        && (!defined $request->{body} || send_all($socket, $request->{body}))
        or warn "$request->{path}: httpd closed the connection\n";
    my $reply = read_reply($httpd, $socket, $request);
    alarm 0;
    return $reply;
}

sub head {
    my ($request) = @_;
    my $method = $request->{method} // 'GET';
    my $text = "$method $request->{path} HTTP/1.1\r\nHost: localhost\r\n";

    $text .= "Content-Type: $request->{type}\r\n" if defined $request->{type};
    $text .= 'Content-Length: ' . length($request->{body}) . "\r\n"
        if defined $request->{body};
    return $text . ($request->{fields} // '') . "\r\n";
}

sub send_all {
    my $socket = shift;
    my $sent = 0;

    while ($sent < length $_[0]) {
        $sent += syswrite($socket, $_[0], length($_[0]) - $sent, $sent)
            // return 0;
    }
    return 1;
}

sub read_reply {
    my ($httpd, $socket, $request) = @_;
    my $more = sub {
        sysread $socket, $_[0], PIECE, length $_[0]
            or $httpd->give_up("$request->{path}: httpd closed the connection:"
                               . ' ' . substr $_[0], 0, 1000);
    };
    my $reply = '';

    $more->($reply) until $reply =~ /\r\n\r\n/;
    my $end = $+[0];
    my $head = substr $reply, 0, $end, '';
    my ($status) = $head =~ /\AHTTP\/1\.1 ([0-9]{3}) /
        or $httpd->give_up("$request->{path}: $head");
    if ($head =~ /^Transfer-Encoding: chunked\r$/mi) {
        $reply = unchunked($reply, $more);
    } elsif ($head =~ /^Content-Length: ([0-9]+)\r$/mi) {
        my $length = $1;
        $more->($reply) while length $reply < $length;
    } else {
        $httpd->give_up("$request->{path}: an answer of no length: $head");
    }
    return { status => $status, head => $head, body => $reply };
}

sub unchunked {
    my ($rest, $more) = @_;
    my ($body, $at) = ('', 0);

    while (1) {
        my $end;
        $more->($rest) while ($end = index $rest, "\r\n", $at) < 0;
        my $length = hex substr $rest, $at, $end - $at;
        $at = $end + 2;
        $more->($rest) while length $rest < $at + $length + 2;
        return $body if $length == 0;
        $body .= substr $rest, $at, $length;
        $at += $length + 2;
    }
}

1;
