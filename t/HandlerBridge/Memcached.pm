# A memcached of a test's own on the loopback interface. As HandlerBridge::Redis,
# but for the commands:
#
#   my $memcached = HandlerBridge::Memcached->start;
#   $memcached->port, ->stop, ->start_again, ->pause, ->resume
#   $memcached->command('get key')   the answer's first line
package HandlerBridge::Memcached;

use strict;
use warnings FATAL => 'all';

use parent 'HandlerBridge::Server';

sub name { return 'memcached' }

sub program {
    my ($class) = @_;
    return $class->find('memcached');
}

# It does not run as root.
sub arguments {
    my ($self) = @_;

    return ('-l', $self->{address}, '-p', $self->port, '-U', 0,
            $> == 0 ? ('-u', 'nobody') : ());
}

sub answers {
    my ($self) = @_;
    return (eval { $self->command('version') } // '') =~ /^VERSION/;
}

sub command {
    my ($self, $command) = @_;
    my $socket = $self->connect or die "no connection to memcached: $!\n";

    print $socket "$command\r\n";
    $socket->flush;
    my $line = $socket->getline // die "memcached does not answer\n";
    return $line =~ s/\r\n\z//r;
}

1;
