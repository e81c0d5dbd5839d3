# The measures that need one connection: CPU time, instructions, and how a file
# is read. Each compares two requests, ours and theirs, and gives what
# Bench::Report shows:
#
#   { unit, ratio, spread => [low, high], ours, theirs, rounds => [[o, t] ...],
#     disturbed => rounds thrown away }
#
# The two take turns, so that what changes on the machine changes for both; a
# ratio is that of two neighbours. Of the ratios the median counts. The spread
# is where the true median lies with 95 % by the order of the ratios alone (the
# sign test); with fewer than 6 rounds it is from the smallest to the largest.
package Bench::Measure;

use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use Time::HiRes qw(sleep time);

use Bench::Callgrind ();
use Bench::Client ();
use Bench::Cpu ();

use constant {
    # Of the machine's CPU time that others may take in a round.
    OTHERS_MAX => 0.10,
    # So many rounds are tried, in multiples of those that are wanted.
    TRIES      => 2,
    # How often both sides are started for the rounds of a case.
    STARTS     => 3,
    # How long a side of a round takes at least.
    SECONDS    => 0.2,
    TIMES_MAX  => 2000,
    WARM_UP    => 50,
    # The client rests that long before a request, so that httpd is always
    # found waiting: whether it has to wait is some hundred instructions.
    REST_SECONDS => 0.001,
};

# ---- what all of them do ----------------------------------------------------

# Runs round() until there are enough that nobody disturbed. When there are too
# few of them all count, and the result says so.
sub rounds {
    my ($wanted, $pids, $round, $say) = @_;
    my (@quiet, @noisy);

    while (@quiet < $wanted && @quiet + @noisy < TRIES * $wanted) {
        $say->(@quiet + 1, $wanted);
        my $then = Bench::Cpu::begin(@$pids);
        my $pair = $round->();
        push @{ Bench::Cpu::others($then) > OTHERS_MAX ? \@noisy : \@quiet },
            $pair;
    }
    return @quiet >= 3 || @quiet == $wanted
        ? (\@quiet, scalar @noisy, 0)
        : ([ @quiet, @noisy ], scalar @noisy, 1);
}

sub result {
    my ($unit, $rounds, $disturbed, $noisy) = @_;
    my @ratios = sort { $a <=> $b } map { $_->[0] / $_->[1] } @$rounds;

    return { unit => $unit, ratio => median(@ratios),
             spread => [ @ratios[spread(scalar @ratios)] ],
             ours => median(map { $_->[0] } @$rounds),
             theirs => median(map { $_->[1] } @$rounds),
             rounds => $rounds, disturbed => $disturbed, noisy => $noisy };
}

sub median {
    my @sorted = sort { $a <=> $b } @_;

    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

# The places of the smallest and the largest that an interval of 95 % reaches:
# as far in as the chance that so few of n ratios lie outside is 2.5 %.
sub spread {
    my ($n) = @_;
    my ($low, $sum, $term) = (-1, 0, 0.5 ** $n);

    while (($sum += $term) <= 0.025) {
        $low++;
        $term *= ($n - $low) / ($low + 1);
    }
    $low = 0 if $low < 0;
    return ($low, $n - 1 - $low);
}

# One request; its answer has to be the one that was checked.
sub ask {
    my ($side) = @_;
    my $reply = Bench::Client::ask(@$side{qw(httpd client request)});

    defined $side->{body} or return $reply;
    $reply->{status} == 200 && $reply->{body} eq $side->{body}
        or $side->{httpd}->give_up("$side->{request}{path} gives another reply:"
                                   . " $reply->{head}");
    return $reply;
}

# Both sides, asked once: their answers are checked against what the case says
# they are, and where it says nothing against each other.
sub sides {
    my ($servers, $case, $tool) = @_;
    my @sides = map {
        my $httpd = $servers->get($_->{server} // 'main', $tool);
        { httpd => $httpd, client => $servers->client($httpd), request => $_ };
    } @$case{qw(ours theirs)};
    my @replies = ask($sides[0]);

    # What theirs is asked may depend on what ours answered.
    $sides[1]{request} = { %{ $case->{theirs} },
                           path => $case->{theirs}{path}->($replies[0]) }
        if ref $case->{theirs}{path};
    push @replies, ask($sides[1]);
    for my $at (0, 1) {
        my ($side, $reply) = ($sides[$at], $replies[$at]);
        my $answer = $side->{request}{answer};

        $reply->{status} == 200
            && (!defined $answer || $reply->{body} eq $answer)
            or $side->{httpd}->give_up("$side->{request}{path}: $reply->{head}"
                                       . substr $reply->{body}, 0, 2000);
        $side->{body} = $reply->{body};
    }
    check_same($case, @replies)
        unless defined $case->{ours}{answer} && defined $case->{theirs}{answer};
    return @sides;
}

sub check_same {
    my ($case, @replies) = @_;

    if ($case->{same}) {
        my $why = $case->{same}->(@replies) or return;
        die "$case->{name}: $why\n";
    }
    return if $replies[0]{body} eq $replies[1]{body};
    die "$case->{name}: the answers differ:\n", map {
        length($_->{body}) . ' bytes, SHA-256 ' . sha256_hex($_->{body}) . ': '
            . substr($_->{body}, 0, 500) . "\n" } @replies;
}

# ---- CPU time ---------------------------------------------------------------

sub cpu {
    my ($servers, $case, $wanted, $say) = @_;
    my @tally = map { { asked => 0, passed => 0 } } 1, 2;
    my $result = over_starts($servers, $case, $wanted, sub {
        my ($side, $at) = @_;
        $side->{times} = $case->{times} // times_for($side);
        $side->{tally} = $tally[$at];
    }, \&seconds, $say);

    $result->{per_second} = [ map { $_->{asked} / $_->{passed} } @tally ];
    return $result;
}

# Where a process happens to lie in memory makes its requests dearer or cheaper
# by a tenth and more. So both sides are started anew for a part of the rounds.
sub over_starts {
    my ($servers, $case, $wanted, $prepare, $cost, $say) = @_;
    my $starts = $wanted < STARTS ? $wanted : STARTS;
    my ($disturbed, $noisy, @rounds) = (0, 0);

    for my $start (1 .. $starts) {
        $servers->renew(map { $_->{server} // 'main' } @$case{qw(ours theirs)})
            if $start > 1;
        my @sides = sides($servers, $case);
        $prepare->($sides[$_], $_) for 0, 1;
        my ($some, @others) = rounds(
            int(($wanted + $start - 1) / $starts), pids(@sides),
            sub { [ map { $cost->($_) } @sides ] }, $say);
        push @rounds, @$some;
        $disturbed += $others[0];
        $noisy ||= $others[1];
    }
    return result('seconds of CPU', \@rounds, $disturbed, $noisy);
}

# Of one server or two.
sub pids {
    my %pids = map { $_->{httpd}->pid => 1 } @_;

    return [ sort keys %pids ];
}

# How often a side is to be asked for a round that is long enough.
sub times_for {
    my ($side) = @_;
    my ($begin, $count) = (time, 0);

    while (time < $begin + SECONDS && $count < TIMES_MAX) {
        ask($side);
        $count++;
    }
    return $count;
}

sub seconds {
    my ($side) = @_;
    my $before = Bench::Cpu::of_process($side->{httpd}->pid);
    my $begin = time;

    ask($side) for 1 .. $side->{times};
    $side->{tally}{passed} += time - $begin;
    $side->{tally}{asked} += $side->{times};
    return (Bench::Cpu::of_process($side->{httpd}->pid) - $before)
        / $side->{times};
}

# ---- instructions -----------------------------------------------------------

sub instructions {
    my ($servers, $case, $wanted, $say) = @_;
    my @sides = sides($servers, $case, 'callgrind');
    my @rounds;

    for my $side (@sides) {
        $side->{times} = $case->{times} // 200;
        ask($side) for 1 .. ($side->{times} < WARM_UP ? 2 : WARM_UP);
        $side->{empty} = empty($side);
    }
    for my $round (1 .. $wanted) {
        $say->($round, $wanted);
        push @rounds, [ map { count($_) } @sides ];
    }
    my $result = result('instructions', \@rounds, 0, 0);
    $result->{profile} = profile(@sides);
    return $result;
}

# Marks are counted per server, whichever side makes them.
sub mark {
    my ($side) = @_;
    my $httpd = $side->{httpd};

    Bench::Client::ask($httpd, $side->{client}, { path => '/to/nobody' });
    return Bench::Callgrind::counts_of($httpd, ++$httpd->{marks});
}

# What a mark costs by itself.
sub empty {
    my ($side) = @_;

    mark($side) for 1 .. 2;
    return median(map {
        Bench::Callgrind::total_of($side->{httpd}, mark($side))
    } 1 .. 3);
}

sub count {
    my ($side) = @_;

    mark($side);
    for (1 .. $side->{times}) {
        sleep REST_SECONDS;
        ask($side);
    }
    unlink $side->{counts} if $side->{counts};
    $side->{counts} = mark($side);
    return (Bench::Callgrind::total_of($side->{httpd}, $side->{counts})
            - $side->{empty}) / $side->{times};
}

# Where ours spends more, and where it spends most: [instructions, function].
sub profile {
    my ($ours, $theirs) = @_;
    my @counts = map {
        Bench::Callgrind::read_counts($_->{counts}, $_->{times})
    } $ours, $theirs;
    my @more = Bench::Callgrind::differences(@counts);
    my @most = Bench::Callgrind::differences($counts[0], {});

    return { more => [ grep { defined && $_->[0] > 0 } @more[0 .. 14] ],
             most => [ grep { defined } @most[0 .. 14] ] };
}

# ---- how a file is read -----------------------------------------------------

# How often each side reads() bytes of the file $case->{file} into its memory.
# sendfile() and mmap() do not.
sub reads {
    my ($servers, $case) = @_;
    my @sides = sides($servers, $case);
    my @calls = map { traced($servers, $case, $_) } @sides;

    return { unit => 'reads', value => $calls[0]{reads}, rounds => [],
             ours => $calls[0]{reads}, theirs => $calls[1]{reads},
             calls => \@calls, disturbed => 0 };
}

sub traced {
    my ($servers, $case, $side) = @_;
    my $out = "$servers->{work}/strace";
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        { exec 'strace', '-f', '-q', '-y', '-o', $out, '-e',
            'trace=read,readv,pread64,preadv,sendfile,mmap', '-p',
            $side->{httpd}->pid }
        POSIX::_exit(127);
    }
    # -f takes every thread; strace says nothing when it has them.
    sleep 1;
    ask($side);
    kill 'INT', $pid;
    waitpid $pid, 0;
    return calls_in($out, $case->{file});
}

sub calls_in {
    my ($out, $file) = @_;
    my %calls = (reads => 0, sendfile => 0, mmap => 0);

    open my $fh, '<', $out or die "strace wrote no $out: $!\n";
    while (my $line = <$fh>) {
        $line =~ m{<[^>]*/\Q$file\E>} or next;
        my ($call) = $line =~ /\b(\w+)\(/ or next;
        $calls{ $call =~ /read/ ? 'reads' : $call }++;
    }
    $calls{reads} + $calls{sendfile} + $calls{mmap} > 0
        or die "strace saw nobody touch $file\n";
    return \%calls;
}

1;
