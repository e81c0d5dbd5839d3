# What takes what away: <remove>, <clear>, keys that come twice, and entries of
# a scope that another one below it inherits.
package WebConfig::Resolve;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);

use WebConfig::Entry qw(read_entry);

our @EXPORT_OK = qw(all_inherited resolve);

sub key_of {
    my ($item) = @_;
    my $given = $item->{given};
    return lc($item->{flavour} eq 'classic'
        ? ($given->{verb} // '') . '|' . ($given->{path} // '') : $given->{name} // '');
}

sub resolve {
    my ($config, $scope) = @_;
    my @ordered;

    $scope->{above} = [ ancestors($config, $scope) ];
    $scope->{open} = !closed($scope);
    for my $item (@{ $scope->{items} }) {
        if ($item->{kind} eq 'add') {
            read_entry($config, $item);
            resolve_add($scope, $item, \@ordered);
            next;
        }
        resolve_remove($scope, $item) if $item->{kind} eq 'remove';
        resolve_clear($scope, $item) if $item->{kind} eq 'clear';
        push @ordered, $item;
    }
    $scope->{items} = \@ordered;
}

# The nearest accessPolicy decides.
sub closed {
    my ($scope) = @_;
    my ($nearest) = grep { defined $_->{closed} } $scope, @{ $scope->{above} };
    return $nearest && $nearest->{closed};
}

sub resolve_add {
    my ($scope, $item, $ordered) = @_;
    my $key = key_of($item);
    my $live = $scope->{live}{ $item->{flavour} } ||= {};
    my $old = $live->{$key};

    $item->{gone} = 'accessPolicy has no Script' unless $scope->{open} || $item->{deny};
    if ($item->{flavour} eq 'iis') {
        ($old) = grep { key_of($_) eq $key } all_inherited($scope, 'iis') unless $old;
        $item->{gone} = "line $old->{line} has that name: IIS refuses a second one" if $old;
    } elsif ($old) {
        $live->{$key} = $item;
        return replace($old, $item, $ordered);
    }
    $live->{$key} ||= $item;
    push @$ordered, $item;
}

sub resolve_clear {
    my ($scope, $item) = @_;
    my $flavour = $item->{flavour};

    $_->{gone} ||= "taken away by <clear> in line $item->{line}"
        for values %{ $scope->{live}{$flavour} || {} };
    $item->{targets} = [ all_inherited($scope, $flavour) ];
    $scope->{live}{$flavour} = {};
    $scope->{cleared}{$flavour} = 1;
}

# Classic: the same verb and path again silently puts the new type into the
# earlier one's place.
sub replace {
    my ($old, $item, $ordered) = @_;
    my ($at) = grep { $ordered->[$_] == $old } 0 .. $#$ordered;

    $old->{gone} = "line $item->{line} has the same verb and path, and replaces it";
    push @{ $item->{notes} }, "stands here because it takes the place of line $old->{line}";
    splice @$ordered, $at + 1, 0, $item;
}

sub resolve_remove {
    my ($scope, $item) = @_;
    my $key = key_of($item);

    if (my $own = delete $scope->{live}{ $item->{flavour} }{$key}) {
        $own->{gone} = "taken away by <remove> in line $item->{line}";
        push @{ $item->{notes} }, "takes line $own->{line} away";
        $item->{done} = 1;
        return;
    }
    my ($target) = grep { key_of($_) eq $key } all_inherited($scope, $item->{flavour});
    return unless $target;
    push @{ $item->{notes} }, "takes line $target->{line} away, here and below";
    $item->{targets} = [$target];
    $scope->{removed}{ $target->{line} } = 1;
}

# The nearest first.
sub ancestors {
    my ($config, $scope) = @_;
    return reverse grep {
        $_ != $scope && ($_->{path} eq ''
            || lc($scope->{path}) =~ m{\A\Q@{[ lc $_->{path} ]}\E/})
    } @{ $config->{scopes} };
}

# The entries above a scope that it sees, the nearest's first.
sub all_inherited {
    my ($scope, $flavour) = @_;
    my %removed = %{ $scope->{removed} };
    my @entries;

    return if $scope->{cleared}{$flavour};
    for my $above (@{ $scope->{above} }) {
        my @live = values %{ $above->{live}{$flavour} || {} };
        push @entries, sort { $a->{line} <=> $b->{line} }
            grep { !$removed{ $_->{line} } && !$_->{gone} } @live;
        last if $above->{cleared}{$flavour};
        %removed = (%removed, %{ $above->{removed} });
    }
    return @entries;
}

1;
