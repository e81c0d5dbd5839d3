# Clients of examples/cluster's balancer that go on in processes of their own:
# some log in and count, some upload; each request's end is written down.
#
#   my $load = HandlerBridge::Load->start($cluster, $dir,
#       count => 3, upload => 3);
#   ...
#   $load->end;
#   for my $request ($load->requests) {
#       # { kind, number, start, end, how, ... }; how: the status, closed, or
#       # what a server must never do
#   }
#   $load->uploads      what was acknowledged: { id => SHA-256 }
#   $load->sessions     ( { cookie, visits: the last that was acknowledged } )
package HandlerBridge::Load;

use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use POSIX ();
use Time::HiRes qw(sleep time);

use HandlerBridge::Test qw(slurp);
use HandlerBridge::ClusterVisitor;

# Bytes of an upload, and how long a client rests after a request.
use constant { SMALL => 100_000, LARGE => 2_000_000 };
my %rest = (count => 0.02, upload => 0.15);

my %works = (count => \&count, upload => \&upload);

sub start {
    my ($class, $cluster, $dir, %how_many) = @_;
    my $self = bless { cluster => $cluster, dir => $dir, clients => [] },
        $class;

    for my $kind (sort keys %how_many) {
        $self->client($kind, $_) for 1 .. $how_many{$kind};
    }
    return $self;
}

sub clients { return scalar @{ $_[0]{clients} } }

sub client {
    my ($self, $kind, $number) = @_;
    my $pid = fork // die "fork: $!";

    if ($pid) {
        push @{ $self->{clients} }, $pid;
        return;
    }
    open my $fh, '>', "$self->{dir}/$kind.$number" or POSIX::_exit(1);
    $fh->autoflush;
    srand $$;
    eval { $works{$kind}->($self, $number, $fh); 1 } or print $fh "died $@";
    POSIX::_exit(0);
}

sub going { return !-e "$_[0]{dir}/enough" && getppid() != 1 }

# How one request ended, and a rest.
sub note {
    my ($fh, $rest, $start, $how, @more) = @_;

    printf $fh "%.3f %.3f %s\n", $start, time, join ' ', $how, @more;
    sleep $how =~ /^2/ ? $rest : 0.2;
}

# The name it logged in with, and each number larger than the last one.
sub count {
    my ($self, $number, $fh) = @_;
    my $visitor = HandlerBridge::ClusterVisitor->new($self->{cluster});
    my ($last, $asked) = (0, 0);

    $visitor->post(0, '/login', { name => "client $number" });
    while ($self->going) {
        my $start  = time;
        my $answer = $visitor->get(0, '/login');
        my ($how, $json) = @$answer{qw(end json)};

        $asked++;
        if ($how eq '200') {
            $how = judge_count($json, "client $number", $last, $asked);
            $last = $json->{visits};
        }
        note($fh, $rest{count}, $start, $how, $visitor->cookie, $last);
    }
}

sub judge_count {
    my ($json, $name, $last, $asked) = @_;

    return 'logged-out' if ($json->{user} // '') ne $name;
    return "back-from-$last-to-$json->{visits}" if $json->{visits} <= $last;
    return "too-many-$json->{visits}" if $json->{visits} > $asked;
    return 200;
}

# Bytes that no other upload has; their digest is the client's own.
sub upload {
    my ($self, $number, $fh) = @_;
    my $visitor = HandlerBridge::ClusterVisitor->new($self->{cluster});
    my $bytes   = pack 'N*', map { int rand 2**32 } 1 .. LARGE / 4;

    while ($self->going) {
        my $start = time;
        my $part  = pack('d', $start)
            . substr $bytes, 0, SMALL + int rand(LARGE - SMALL);
        my $answer = $visitor->upload(0, $part);
        my $file   = ($answer->{json} // {})->{files}[0] // {};
        my $how    = $answer->{end};

        $how = 'no-number' if $how eq '201' && !$file->{id};
        note($fh, $rest{upload}, $start, $how, $file->{id} // 0,
            sha256_hex($part));
    }
}

sub end {
    my ($self) = @_;
    open my $fh, '>', "$self->{dir}/enough" or die "enough: $!";
    close $fh;
    waitpid $_, 0 for @{ $self->{clients} };
    $self->{clients} = [];
}

# So many requests have been made.
sub made {
    my ($self) = @_;
    return scalar $self->requests;
}

sub requests {
    my ($self) = @_;
    my @requests;

    for my $file (glob "$self->{dir}/count.* $self->{dir}/upload.*") {
        my ($kind, $number) = $file =~ /(\w+)\.(\d+)\z/;
        for (split /^/, slurp($file)) {
            my ($start, $end, $how, @more) = split;
            die "$file: $_" if $start eq 'died';
            push @requests, { kind => $kind, number => $number,
                start => $start, end => $end, how => $how, more => \@more };
        }
    }
    return @requests;
}

sub uploads {
    my ($self) = @_;
    return map { @{ $_->{more} } }
        grep { $_->{kind} eq 'upload' && $_->{how} eq '201' } $self->requests;
}

sub sessions {
    my ($self) = @_;
    my %last = map { $_->{number} => $_->{more} }
        grep { $_->{kind} eq 'count' } $self->requests;
    return map { { cookie => $_->[0], visits => $_->[1] } } values %last;
}

1;
