# What callgrind counted in an httpd, from one mark to the next.
#
# Nobody tells callgrind when to count: a request for a page that is not there
# makes httpd call the function MARK, and callgrind writes its counts there and
# begins anew. Two marks with nothing between them cost what a mark costs.
package Bench::Callgrind;

use strict;
use warnings FATAL => 'all';

use constant MARK => 'ap_send_error_response';

# The words of the command that httpd is to run under.
sub under {
    my ($dir) = @_;

    return ('valgrind', '--tool=callgrind', '--vgdb=no', '--quiet',
            "--callgrind-out-file=$dir/out/counts", '--dump-before=' . MARK,
            '--compress-strings=no', '--compress-pos=no');
}

# The file of a mark; the first is 1.
sub counts_of {
    my ($httpd, $mark) = @_;

    return $httpd->dir . "/out/counts.$mark";
}

sub total_of {
    my ($httpd, $file) = @_;

    open my $fh, '<', $file or $httpd->give_up("callgrind wrote no $file: $!");
    while (my $line = <$fh>) {
        return $1 if $line =~ /^(?:summary|totals): ([0-9]+)/;
    }
    $httpd->give_up("$file holds no total");
}

# What callgrind wrote, per request: {self, total, calls => {function => cost}}
# by function. Calls that were under way at a mark stand there with a count of
# 0, and callgrind_annotate takes their cost for the caller's own; hence this.
sub read_counts {
    my ($file, $requests) = @_;
    my (%function, %at, $calls);

    open my $fh, '<', $file or die "$file: $!\n";
    while (my $line = <$fh>) {
        if ($line =~ /^(c?)(ob|fl|fi|fe|fn)=(.*)$/) {
            enter(\%at, $1, $2, $3);
        } elsif ($line =~ /^calls=([0-9]+)/) {
            $calls = $1;
        } elsif ($line =~ /^[0-9]+ ([0-9]+)$/) {
            my $cost = $1 / $requests;
            my $of = $function{$at{name}} ||= { self => 0, total => 0 };
            if (defined $calls) {
                $of->{calls}{$at{callee}} += $cost if $calls > 0;
                delete @at{qw(cob cfi)};
            } else {
                $of->{self} += $cost;
            }
            $of->{total} += $cost unless defined $calls && $calls == 0;
            undef $calls;
        }
    }
    close $fh or die "$file: $!\n";
    return \%function;
}

# A callee is in its caller's object and file unless said otherwise; fi and fe
# tell of code that was inlined from another file.
sub enter {
    my ($at, $callee, $what, $value) = @_;

    return if $what =~ /^f[ie]\z/ && !$callee;
    $value =~ s{.*/}{} if $what ne 'fn';
    if ($what ne 'fn') {
        $at->{$callee ? $what eq 'ob' ? 'cob' : 'cfi' : $what} = $value;
    } elsif ($callee) {
        $at->{callee} = name_of($at->{cob} // $at->{ob},
                                $at->{cfi} // $at->{fl}, $value);
    } else {
        $at->{name} = name_of($at->{ob}, $at->{fl}, $value);
    }
}

sub name_of {
    my ($object, $file, $function) = @_;

    return $object eq 'mod_handlerbridge.so' ? "bridge: $file $function"
                                             : "$object: $function";
}

# By how much each function, by itself, spends more in the first of two counts:
# [difference, name], the greatest first.
sub differences {
    my ($ours, $theirs) = @_;
    my %more = map { $_ => $ours->{$_}{self} } keys %$ours;

    $more{$_} = ($more{$_} // 0) - $theirs->{$_}{self} for keys %$theirs;
    return map { [ $more{$_}, $_ ] }
        sort { $more{$b} <=> $more{$a} || $a cmp $b } keys %more;
}

1;
