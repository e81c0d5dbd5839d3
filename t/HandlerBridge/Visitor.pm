# A browser as far as sessions go: it keeps cookies by name, sends them, and
# tells what was set. t/outside/hss_probe says what can be asked.
#
#   my $browser = HandlerBridge::Visitor->new(vhost => 'socache');
#   my $answer = $browser->ask('/path?set=a:1');
#   $browser->cookie('sid')          its value, or undef
#   $browser->set_cookie('sid')      the last answer's Set-Cookie for it
#   $browser->put('sid', 'value')    by hand
#
# With port => N it asks a server of the test's own.
package HandlerBridge::Visitor;

use strict;
use warnings FATAL => 'all';

use HandlerBridge::Test;

sub new {
    my ($class, %o) = @_;
    return bless { %o, jar => {}, set => [] }, $class;
}

sub ask {
    my ($self, $path, %o) = @_;
    my @cookies = map { "$_=$self->{jar}{$_}" } sort keys %{ $self->{jar} };
    my @headers = @{ $o{headers} || [] };

    push @headers, 'Cookie: ' . join '; ', @cookies if @cookies;
    my $answer = fetch($path, %o, headers => \@headers, $self->where);
    $self->{set} = [map { $_->[1] } grep { lc $_->[0] eq 'set-cookie' }
        @{ $answer->{list} }];
    $self->keep($_) for @{ $self->{set} };
    return $answer;
}

# curl goes to the port, whatever the URL says.
sub where {
    my ($self) = @_;

    return (curl => ['--connect-to', "::127.0.0.1:$self->{port}"])
        if $self->{port};
    return map { $self->{$_} ? ($_ => $self->{$_}) : () } qw(vhost protocol);
}

sub keep {
    my ($self, $field) = @_;
    my ($name, $value) = $field =~ /^([^=]+)=([^;]*)/ or return;

    $self->{jar}{$name} = $value;
    delete $self->{jar}{$name} if $field =~ /; Max-Age=0(?:;|\z)/;
}

sub cookie { return $_[0]{jar}{$_[1]} }
sub put    { $_[0]{jar}{$_[1]} = $_[2] }
sub forget { %{ $_[0]{jar} } = () }

sub set_cookie {
    my ($self, $name) = @_;
    my ($field) = grep { /^\Q$name\E=/ } @{ $self->{set} };
    return $field;
}

1;
