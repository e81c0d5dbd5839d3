# A group's servers, each on a port of its own, started when a case needs them
# and stopped when the group is done. One description may run twice: as it is,
# and under callgrind.
#
#   my $servers = Bench::Servers->new($build, $group);
#   my $httpd = $servers->get('main');            # or get('main', 'callgrind')
package Bench::Servers;

use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use File::Temp qw(tempdir);

use Bench::Callgrind ();
use Bench::Httpd ();

sub new {
    my ($class, $build, $group) = @_;
    my $self = bless { build => $build, group => $group, running => {} },
        $class;

    # What the group prepares: files, databases, scripts.
    $self->{work} = tempdir('hbr-bench-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $self->{work} or die "$self->{work}: $!\n";
    $group->{prepare}->($self->{work}) if $group->{prepare};
    return $self;
}

sub get {
    my ($self, $name, $tool) = @_;

    $tool //= 'alone';
    return $self->{running}{"$name $tool"} //= $self->start($name, $tool);
}

# bridge => 0: httpd without it; modules: ours of one file each; stock: httpd's.
sub start {
    my ($self, $name, $tool) = @_;
    my $server = $self->{group}{servers}{$name}
        or die "the group has no server \"$name\"\n";
    my $own = $server->{modules} || {};
    my @load = Bench::Httpd::stock(@{ $server->{stock} || [] });

    push @load, 'handlerbridge_module ' . $self->bridge
        if $server->{bridge} // 1;
    push @load, "$_ " . Bench::Httpd::build_module($self->{build}, $own->{$_})
        for sort keys %$own;
    return Bench::Httpd->start(
        mpm => $server->{mpm} // 'worker', modules => \@load,
        conf => $server->{conf} =~ s/\@WORK\@/$self->{work}/gr,
        $tool eq 'callgrind' ? (under => \&Bench::Callgrind::under) : ());
}

sub bridge {
    my ($self) = @_;
    my $file = "$self->{build}/bench/mod_handlerbridge.so";

    return abs_path($file) // die "$file is not there: run make bench\n";
}

# The connection that a server is asked on.
sub client {
    my ($self, $httpd) = @_;

    return $self->{client}{$httpd->pid} //= $httpd->connect;
}

# Stops these, as they are: get() starts them again.
sub renew {
    my ($self, @names) = @_;

    for my $name (@names) {
        my $httpd = delete $self->{running}{"$name alone"} // next;
        my $client = delete $self->{client}{$httpd->pid};
        close $client if $client;
        $httpd->stop;
    }
}

# httpd waits for its connections, so they are closed first.
sub stop {
    my ($self) = @_;

    close $_ for values %{ $self->{client} };
    $_->stop for values %{ $self->{running} };
    delete @$self{qw(client running)};
}

1;
