# A Redis of a test's own on the loopback interface, which keeps nothing on disk.
#
#   my $redis = HandlerBridge::Redis->start;          # on a free port
#   $redis->port
#   $redis->command('GET', 'key')    its answer; dies when it does not answer
#   $redis->stop                     killed: its data are gone, its port is kept
#   $redis->start_again              empty, on the same port
#   HandlerBridge::Redis->at($port)  one that somebody else has started
#   $redis->pause, ->resume          it hangs: takes connections, says nothing
#
# It ends with the object, or when the test's process does.
package HandlerBridge::Redis;

use strict;
use warnings FATAL => 'all';

use parent 'HandlerBridge::Server';

sub at {
    my ($class, $port) = @_;
    return bless { address => $class->HERE, port => $port, owner => 0 }, $class;
}

sub name { return 'redis-server' }

# Debian's redis-tools has the server under another name and brings no service;
# the program looks at the name it is called by.
sub program {
    my ($class) = @_;
    return $class->find('redis-check-rdb') || $class->find('redis-server');
}

sub arguments {
    my ($self) = @_;

    return ('--port', $self->port, '--bind', '127.0.0.1', '--save', '',
            '--appendonly', 'no', '--dir', $self->dir);
}

sub answers {
    my ($self) = @_;
    return (eval { $self->command('PING') } // '') eq 'PONG';
}

# One command in the protocol's array form, on a connection of its own. A nil is
# undef, an array a reference.
sub command {
    my ($self, @words) = @_;
    my $socket = $self->connect or die "no connection to Redis: $!\n";

    print $socket '*' . @words . "\r\n",
        map { '$' . length($_) . "\r\n$_\r\n" } @words;
    $socket->flush;
    return reply($socket);
}

sub reply {
    my ($socket) = @_;
    my $line = $socket->getline // die "Redis does not answer\n";
    $line =~ s/\r\n\z//;
    my ($kind, $rest) = $line =~ /\A(.)(.*)\z/s;

    die "Redis: $rest\n" if $kind eq '-';
    return $rest if $kind ne '$' && $kind ne '*';
    return undef if $rest < 0;
    return [map { reply($socket) } 1 .. $rest] if $kind eq '*';
    my $bytes = '';
    while (length $bytes < $rest + 2) {
        read($socket, $bytes, $rest + 2 - length $bytes, length $bytes)
            or die "Redis stops in the middle\n";
    }
    return substr $bytes, 0, $rest;
}

1;
