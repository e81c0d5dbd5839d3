# Whose CPU time it was: a process's own, by the nanosecond, and what the rest
# of the machine did meanwhile.
#
# The kernel keeps the account of every thread in /proc/PID/task/*/schedstat,
# but settles it only when the thread rests; so it is read until it has stopped
# growing.
package Bench::Cpu;

use strict;
use warnings FATAL => 'all';

use POSIX qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep time);

use constant REST_SECONDS => 0.004;

my $ticks = sysconf(_SC_CLK_TCK);

# Seconds of CPU, user and system, of all threads. None of them ends while
# httpd runs.
sub of_process {
    my ($pid) = @_;
    my $last = -1;

    while ((my $now = now($pid)) != $last) {
        $last = $now;
        sleep REST_SECONDS;
    }
    return $last;
}

sub now {
    my ($pid) = @_;
    my $sum = 0;

    for my $file (glob "/proc/$pid/task/*/schedstat") {
        open my $fh, '<', $file or die "$file: $!\n";
        $sum += (split ' ', scalar <$fh>)[0];
    }
    $sum > 0 or die "/proc tells no CPU time (schedstat)\n";
    return $sum / 1e9;
}

# begin(PIDS) and others(what it gave): the share of the machine's CPU time that
# neither these processes nor this one and its children took, nor was idle;
# what a hypervisor stole is among it.
sub begin {
    my (@pids) = @_;

    return { pids => \@pids, at => time, busy => busy(), own => own(@pids) };
}

sub others {
    my ($then) = @_;
    my $passed = (time - $then->{at}) * processors();
    my $others = busy() - $then->{busy} - (own(@{ $then->{pids} })
                                           - $then->{own});

    return $passed > 0 && $others > 0 ? $others / $passed : 0;
}

sub own {
    my $sum = 0;

    $sum += now($_) for @_;
    $sum += $_ for times;
    return $sum;
}

# user nice system idle iowait irq softirq steal; guests are among user's.
sub busy {
    open my $fh, '<', '/proc/stat' or die "/proc/stat: $!\n";
    my @column = (split ' ', scalar <$fh>)[1 .. 8];
    my $sum = 0;

    $sum += $_ for @column[0, 1, 2, 5, 6, 7];
    return $sum / $ticks;
}

sub processors {
    my $count = 0;

    open my $fh, '<', '/proc/stat' or die "/proc/stat: $!\n";
    /^cpu[0-9]/ and $count++ while <$fh>;
    return $count || 1;
}

1;
