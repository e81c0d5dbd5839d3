# Writes the directives, each under a comment with the entry that it comes from.
package WebConfig::Print;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);

use WebConfig::Entry qw(condition read_methods read_patterns settings);
use WebConfig::Resolve qw(all_inherited);
use WebConfig::Text qw(comment finished quoted regex);

our @EXPORT_OK = qw(print_config);

sub print_config {
    my ($config) = @_;

    $config->{conditions} = grep { condition($_) } map { @{ $_->{items} } } @{ $config->{scopes} };
    print_head($config);
    print_scope($config, $_) for @{ $config->{scopes} };
    print_types($config);
}

sub print_head {
    my ($config) = @_;
    my $from = $config->{file} eq '-' ? 'standard input' : $config->{file};

    print comment('', 'From ' . quoted($from) . ' by webconfig2bridge. Read it before you use it; '
        . 'docs/from-web.config.md says more.');
    print comment('', $_) for
        'The first line that matches counts, a nearer section\'s before an inherited one\'s.',
        'Case counts in URLs, but not in extensions. What nothing matches is httpd\'s: a file or a 404.';
    print comment('', 'The file has both sections: IIS reads <handlers> in its integrated mode, '
        . '<httpHandlers> in the classic one. Take the one that was in use.')
        if keys %{ $config->{sections} } > 1;
}

# Lines go into the scope's <Location>, what needs a regular expression behind
# it, for sections do not stand in each other.
sub print_scope {
    my ($config, $scope) = @_;
    my $path = $config->{base} . $scope->{path};
    my $in = { scope => $scope, path => $path, indent => length $path ? '    ' : '',
        lines => '', off => [], on => [], seen => {}, all => [],
        conditions => $config->{conditions} };

    close_lines($in) if $scope->{closed} && length $scope->{path};
    $in->{lines} .= comment($in->{indent}, 'accessPolicy lets handlers run again: what is mapped above '
        . 'the section that closed them is to be repeated here')
        if $scope->{open} && defined $scope->{closed} && grep { $_->{closed} } @{ $scope->{above} };
    write_item($in, $_) for @{ $scope->{items} };

    print "\n" if @{ $scope->{notes} } || length $in->{lines};
    print comment('', $_) for @{ $scope->{notes} };
    if (length $in->{lines}) {
        my ($open, $close) = enclosing($path);
        print "\n" if @{ $scope->{notes} } && !$open;
        print "$open\n" if $open;
        print $in->{lines};
        print "$close\n" if $close;
    }
    print_sections($in);
    print "\n", comment('', 'Not taken from ' . (length $scope->{path} ? 'it' : 'the file') . ': '
        . quoted(join ', ', once(@{ $scope->{elsewhere} })))
        if @{ $scope->{elsewhere} };
}

sub once {
    my %seen;
    return grep { !$seen{$_}++ } @_;
}

# Location knows wildcards: a path with a character of theirs is matched by a
# regular expression.
sub enclosing {
    my ($path) = @_;
    return unless length $path;
    return ("<Location \"$path\">", '</Location>')
        if $path =~ m{\A[A-Za-z0-9_./~+@= -]+\z};
    return ('<LocationMatch "' . regex($path, 1) . '(?:/|$)">', '</LocationMatch>');
}

# The last that matches wins with httpd, the first with IIS.
sub print_sections {
    my ($in) = @_;
    my @sections = (@{ $in->{off} }, reverse @{ $in->{on} });
    return unless @sections;

    print "\n", comment('', 'Of these sections httpd takes the last that matches: IIS\'s order turned '
        . 'round' . ($in->{conditions} ? '; all in <If>, which wins over what is not' : '') . '.')
        if @sections > 1;
    print "\n$_" for @sections;
}

sub blank { return length $_[0]{lines} ? "\n" : '' }

sub close_lines {
    my ($in) = @_;
    my @inherited = map { all_inherited($in->{scope}, $_) } qw(classic iis);

    $in->{lines} .= comment($in->{indent}, 'accessPolicy without Script: nothing that is mapped above '
        . 'runs here') . "$in->{indent}BridgeUnmap * *\n" . join '', map { sections_off($in, $_) } @inherited;
}

sub write_item {
    my ($in, $item) = @_;
    my $out = comment($in->{indent}, $item->{shown});

    $out .= comment($in->{indent}, "  $_") for @{ $item->{notes} };
    $out .= add_lines($in, $item) if $item->{kind} eq 'add';
    $out .= remove_lines($in, $item) if $item->{kind} eq 'remove';
    $out .= clear_lines($in, $item) if $item->{kind} eq 'clear';
    $in->{lines} .= blank($in) . $out;
}

sub add_lines {
    my ($in, $item) = @_;
    my $indent = $in->{indent};

    return comment($indent, "  none: $item->{gone}") if $item->{gone};
    return comment($indent, "  none: $item->{none}") if $item->{none};
    return deny_lines($in, $item) if $item->{deny};
    return join '', map { entry_lines($in, $item, $_) } @{ $item->{patterns} };
}

sub bridge_map {
    my ($item, $pattern) = @_;
    return "BridgeMap $item->{methods} $pattern->{text} $item->{type}{name}"
        . ($item->{require} ? " require=$item->{require}" : '');
}

sub entry_lines {
    my ($in, $item, $pattern) = @_;
    my $indent = $in->{indent};
    my $line = bridge_map($item, $pattern);
    my $twin = $in->{seen}{"$item->{methods} $pattern->{text}"};

    if ($twin && $twin->{type} == $item->{type}) {
        return comment($indent, "  none: the same as line $twin->{line}");
    }
    $in->{seen}{"$item->{methods} $pattern->{text}"} ||= $item;
    if ($pattern->{line}) {
        my @settings = settings($item);
        push @{ $in->{on} }, section($in, $item, $pattern, @settings) if @settings;
        return overlaps($in, $item, $pattern) . "$indent$line\n";
    }
    push @{ $in->{on} }, section($in, $item, $pattern, settings($item),
        conditional($in, $item, "SetHandler $item->{type}{name}"));
    return comment($indent, quoted("  \"$pattern->{text}\": no BridgeMap pattern says that; see the "
        . '<LocationMatch> for it below')) . overlaps($in, $item, $pattern);
}

sub conditional {
    my ($in, $item, @lines) = @_;
    return @lines unless $in->{conditions};
    my $condition = $item && condition($item) || 'true';
    return ("<If \"$condition\">", (map { "    $_" } @lines), '</If>');
}

sub section {
    my ($in, $item, $pattern, @lines) = @_;
    my $regex = $pattern->{regex};

    # Below a path the suffix starts at any slash behind it.
    if (length $in->{path} && $regex !~ /\A\^/) {
        $regex = regex($in->{path}, 1) . "(?:/.*)?$regex";
    }
    # A refusal also counts with more behind the name.
    $regex .= $item->{path_info} || $item->{deny} ? '(?:/|$)' : '$';
    return comment('', quoted("line $item->{line}: \"$pattern->{text}\""))
        . "<LocationMatch \"(?i)$regex\">\n"
        . join('', map { "    $_\n" } @lines) . "</LocationMatch>\n";
}

# BridgeMap lines and sections are not in one order.
sub overlaps {
    my ($in, $item, $pattern) = @_;
    my $kind = $pattern->{line} ? 'line' : 'section';
    my @others = grep {
        $_->{kind} ne $kind && share_method($_->{item}, $item) && meet($_->{text}, $pattern->{text})
    } @{ $in->{all} };
    my @lines = once(map { $_->{item}{line} } @others);

    push @{ $in->{all} }, { kind => $kind, text => $pattern->{text}, item => $item };
    return '' unless @lines;
    return comment($in->{indent}, '  where both match, IIS asks first: line ' . join(', ', @lines)
        . '. httpd keeps no order between BridgeMap and <LocationMatch>: make them exclude each other');
}

sub share_method {
    my ($left, $right) = map { $_->{methods} } @_;
    return 1 if $left eq '*' || $right eq '*';
    return scalar grep { ",$right," =~ /,\Q$_\E,/ } split /,/, $left;
}

# Whether some path ends in both patterns.
sub meet {
    my ($left, $right) = @_;
    my @left = meet_tokens($left);
    my @right = meet_tokens($right);
    my %seen;
    my @todo = ([0, 0]);

    while (my $at = shift @todo) {
        my ($i, $j) = @$at;
        next if $seen{"$i,$j"}++;
        my ($l, $r) = ($left[$i], $right[$j]);
        return 1 if !defined $l && !defined $r;
        if (defined $l && $l =~ /\A\*/) {
            push @todo, [$i + 1, $j];
            push @todo, [$i, $j + 1] if defined $r && ($l eq '**' || $r ne '/');
        }
        if (defined $r && $r =~ /\A\*/) {
            push @todo, [$i, $j + 1];
            push @todo, [$i + 1, $j] if defined $l && ($r eq '**' || $l ne '/');
        }
        next if !defined $l || !defined $r;
        push @todo, [$i + 1, $j + 1] if $l eq $r || $l eq '?' && $r ne '/' || $r eq '?' && $l ne '/';
    }
    return 0;
}

sub meet_tokens {
    my ($text) = @_;
    return ($text =~ m{\A/} ? () : ('**', '/')), split //, lc $text;
}

sub deny_lines {
    my ($in, $item) = @_;
    my $methods = $item->{methods} =~ tr/,/ /r;
    my @lines = $methods eq '*' ? 'Require all denied'
        : ("<Limit $methods>", '    Require all denied', '</Limit>');

    for my $pattern (@{ $item->{patterns} }) {
        push @{ $in->{off} }, section($in, $item, $pattern, @lines);
    }
    return comment($in->{indent}, '  nobody gets these: see the <LocationMatch> for it below. It counts '
        . 'before every mapping, and the answer is 403');
}

sub remove_lines {
    my ($in, $item) = @_;
    my $indent = $in->{indent};

    return '' if $item->{done};
    return join '', map { unmap($in, $_) } @{ $item->{targets} } if $item->{targets};
    return comment($indent, '  none: no entry of that name is in this file; IIS\'s own ones are not in httpd')
        if $item->{flavour} eq 'iis';
    return comment($indent, '  none: the entry is above this file (machine.config), and httpd maps nothing by itself');
}

sub unmap {
    my ($in, $target) = @_;
    my $out = '';

    return comment($in->{indent}, "  line $target->{line} is a refusal: Require all granted in the "
        . '<LocationMatch> for it would let them be served') if $target->{deny};
    return comment($in->{indent}, "  line $target->{line} mapped nothing here") if $target->{none};
    for my $pattern (@{ $target->{patterns} }) {
        if ($pattern->{line}) {
            $out .= "$in->{indent}BridgeUnmap $target->{methods} $pattern->{text}\n";
        } else {
            $out .= off($in, $target, $pattern);
        }
    }
    return $out;
}

sub off {
    my ($in, $target, $pattern) = @_;
    push @{ $in->{off} }, section($in, $target, $pattern,
        conditional($in, undef, 'SetHandler none'));
    return comment($in->{indent}, quoted("  \"$pattern->{text}\" of line $target->{line}: see the "
        . '<LocationMatch> for it below'));
}

sub clear_lines {
    my ($in, $item) = @_;
    my $out = comment($in->{indent}, '  all that is inherited; SetHandler and AddHandler of sections above '
        . 'stay: SetHandler none, RemoveHandler');

    $out .= "$in->{indent}BridgeUnmap * *\n";
    return join '', $out, map { $_->{deny} ? unmap($in, $_) : sections_off($in, $_) } @{ $item->{targets} };
}

# What BridgeUnmap does not reach.
sub sections_off {
    my ($in, $target) = @_;
    return '' if $target->{none} || $target->{deny};
    return join '', map { off($in, $target, $_) }
        grep { !$_->{line} } @{ $target->{patterns} };
}

sub print_types {
    my ($config) = @_;
    my @types = grep { $_->{used} } @{ $config->{types} };

    print "\n";
    return print comment('', 'No handler is needed for this.') unless @types;
    print comment('', 'The handlers that it needs, by the name in HBR_HANDLER() or .name:');
    my ($width) = sort { $b <=> $a } map { length $_->{name} } @types;
    print finished(sprintf '#   %-*s  %s', $width, $_->{name}, quoted($_->{text})) for @types;
}

1;
