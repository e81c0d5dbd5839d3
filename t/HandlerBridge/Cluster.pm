# examples/cluster in a folder and on ports of the test's own.
#
#   my $cluster = HandlerBridge::Cluster->start($dir);
#   $cluster->url(2, '/login')        of a node; 0: of the balancer
#   $cluster->turn('node2', 'kill')   as the script says; dies when it fails
#   $cluster->members                 ( 1 => 'Init Ok', 2 => 'Init HcFl', ... )
#   $cluster->redis('GET', 'key')     what Redis answers
#   $cluster->log('node1'), ->access(1)     lines of its logs
#
# It ends with the object. CLUSTER_PORT in the environment is the first port.
package HandlerBridge::Cluster;

use strict;
use warnings FATAL => 'all';

use File::Basename qw(dirname);
use IO::Socket::INET ();
use LWP::UserAgent ();
use Time::HiRes qw(sleep time);

use HandlerBridge::Redis;
use HandlerBridge::Test qw(slurp);

use constant { PORTS => 5, SECONDS => 30 };

my $scripts = dirname(dirname(dirname(__FILE__))) . '/examples/cluster';
my $agent   = LWP::UserAgent->new(timeout => 20, no_proxy => ['127.0.0.1']);

sub start {
    my ($class, $dir) = @_;
    my $self = bless { dir => $dir, owner => $$,
                       port => $ENV{CLUSTER_PORT} || free_ports() }, $class;

    eval { $self->script('start'); 1 } or $self->give_up($@);
    return $self;
}

# What has started already is stopped when the object goes.
sub give_up {
    my ($self, $why) = @_;
    die $why, map { $self->log($_) } qw(balancer node1 node2 node3);
}

# Several tests run at once: the first of so many in a row, anywhere.
sub free_ports {
    for (1 .. 100) {
        my $first = 20_000 + PORTS * int rand 2000;
        return $first unless grep { !IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $_, Listen => 1,
            ReuseAddr => 1) } $first .. $first + PORTS - 1;
    }
    die "no @{[PORTS]} ports in a row are free\n";
}

sub script {
    my ($self, $name, @words) = @_;
    local $ENV{TMPDIR}       = $self->{dir};
    local $ENV{CLUSTER_PORT} = $self->{port};

    system("'$scripts/$name' @words > '$self->{dir}/said' 2>&1") == 0
        or die "$name @words: ", slurp("$self->{dir}/said"), "\n";
    return slurp("$self->{dir}/said");
}

sub turn {
    my ($self, $part, $what) = @_;
    return $self->script('turn', $part, $what);
}

sub stop {
    my ($self) = @_;
    return if $self->{stopped}++;
    return $self->script('stop');
}

sub place { return "$_[0]{dir}/handlerbridge-cluster-$>" }
sub url   { return "http://127.0.0.1:" . ($_[0]{port} + $_[1]) . $_[2] }

sub redis {
    my ($self, @words) = @_;
    return HandlerBridge::Redis->at($self->{port} + 4)->command(@words);
}

sub log {
    my ($self, $part) = @_;
    return split /^/, slurp($self->place . "/$part/error.log") // '';
}

# Health checks are no requests.
sub access {
    my ($self, $node) = @_;
    return grep { !m{"GET /health } }
        split /^/, slurp($self->place . "/node$node/access.log") // '';
}

# What the balancer thinks of its members.
sub members {
    my ($self) = @_;
    my $page = $self->url(0, '/balancer-manager');
    my $rows = $agent->get($page, Referer => $page)->decoded_content;
    my %members;

    while ($rows =~ m{<tr>(.*?)</tr>}gs) {
        my ($name, @cells) = map { s/<[^>]*>//gr =~ s/^\s+|\s+\z//gr }
            $1 =~ m{<td>(.*?)</td>}gs;
        my ($number) = ($name // '') =~ m{^http://127\.0\.0\.1:(\d+)} or next;
        ($members{ $number - $self->{port} }) = grep { /^Init/ } @cells;
    }
    return %members;
}

# Waits until the balancer says so of a member; seconds that it took, or undef.
sub wait_for_member {
    my ($self, $node, $state) = @_;
    my $start = time;

    while (time < $start + SECONDS) {
        my %members = $self->members;
        return time - $start if ($members{$node} // '') =~ $state;
        sleep 0.05;
    }
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $@, $!);
    eval { $self->stop; 1 } or warn $@ if $self->{owner} == $$;
}

1;
