# What HandlerBridge::Redis and HandlerBridge::Memcached share: a program that is
# started on a free port of the loopback interface, killed, paused, and gone when
# the test is. A class of it has name, program, arguments and answers. It is at
# 127.0.0.1, but for start(address => '127.0.0.2').
package HandlerBridge::Server;

use strict;
use warnings FATAL => 'all';

use File::Temp ();
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes qw(sleep time);

use constant { SECONDS => 60, HERE => '127.0.0.1' };

# Several passes of the tests run at once: that a port is taken between the look
# and the start is no failure.
sub start {
    my ($class, %o) = @_;
    my $self = bless { address => HERE, dir => File::Temp->newdir,
                       owner => $$, %o }, $class;

    for (1 .. 10) {
        $self->{port} = free_port($self->{address});
        return $self if $self->launch;
    }
    die $self->name, ' does not start: ', $self->said, "\n";
}

sub port { return $_[0]{port} }
sub pid  { return $_[0]{pid} }
sub dir  { return "$_[0]{dir}" }

# What it printed.
sub said {
    my ($self) = @_;
    open my $fh, '<', "$self->{dir}/said" or return '';
    local $/;
    return <$fh> // '';
}

sub start_again {
    my ($self) = @_;
    $self->launch
        or die $self->name, ' does not start again: ', $self->said, "\n";
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    # A paused one, too, ends by this signal.
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

sub pause  { return kill 'STOP', $_[0]{pid} }
sub resume { return kill 'CONT', $_[0]{pid} }

sub launch {
    my ($self) = @_;
    my $program = $self->program
        or die $self->name, " is not installed: make deps\n";

    defined($self->{pid} = fork) or die "fork: $!";
    $self->become($program) if !$self->{pid};
    return $self->wait_for_answer;
}

# The new process. It ends with the test's even when that one is killed.
sub become {
    my ($self, $program) = @_;

    # PR_SET_PDEATHSIG
    eval { require 'syscall.ph'; syscall(SYS_prctl(), 1, 9) };
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$self->{dir}/said";
    open STDERR, '>&', \*STDOUT;
    { exec { $program } $self->name, $self->arguments }
    POSIX::_exit(127);
}

sub wait_for_answer {
    my ($self) = @_;
    my $end = time + SECONDS;

    while (time < $end) {
        return 1 if $self->answers;
        if (waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid}) {
            delete $self->{pid};
            return 0;
        }
        sleep 0.02;
    }
    $self->stop;
    return 0;
}

sub connect {
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => $self->{address},
        PeerPort => $self->port, Timeout => SECONDS);
}

# Below those that the system gives to clients: one of them might have it when a
# server that was stopped wants it again.
sub free_port {
    for (1 .. 1000) {
        my $port = 31_600 + int rand 1100;
        return $port if IO::Socket::INET->new(LocalAddr => $_[0],
            LocalPort => $port, Listen => 1, ReuseAddr => 1);
    }
    die "no free port: $!\n";
}

sub find {
    my ($class, $program) = @_;
    my ($file) = grep { -x } map { "$_/$program" }
        split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
    return $file;
}

# Not in a child of the test that has a copy.
sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->stop if $self->{owner} == $$;
}

1;
