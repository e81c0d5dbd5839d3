# Reads a web.config into scopes (the file itself and each <location>) of items
# in their order: add, remove, clear, or a note.
#
# A file is not trusted: its size is bounded, entities are not expanded, nothing
# is fetched. A refusal is a die() with { text, line }.
package WebConfig::Read;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);
use XML::LibXML ();

use WebConfig::Text qw(quoted);

our @EXPORT_OK = qw(read_config);

use constant MOST_BYTES => 1 << 20;

# What a section is called, by the element around it.
my %SECTION = (httpHandlers => 'classic', handlers => 'iis');
my %GROUP = map { $_ => 1 } qw(configuration system.web system.webServer);

# { scopes, both }; the outermost scope first.
sub read_config {
    my ($file) = @_;
    my $root = parse(read_input($file));
    my $config = { scopes => [], by_path => {}, sections => {} };
    my $outside = $root->localname eq 'configuration' ? '' : '-';

    collect($config, $root, scope($config, ''), $outside);
    $config->{scopes} = [ sort { depth($a) <=> depth($b) } @{ $config->{scopes} } ];
    return $config;
}

sub fail {
    my ($text, $line) = @_;
    die { text => $text, line => $line };
}

sub read_input {
    my ($name) = @_;
    my $in = \*STDIN;

    if ($name ne '-') {
        undef $in;
        utf8::encode(my $path = $name);
        open $in, '<', $path or fail("$!");
    }
    binmode $in;
    my $got = read $in, my $bytes, MOST_BYTES + 1;
    defined $got or fail("$!");
    $got or fail('it is empty');
    $got <= MOST_BYTES or fail('it is larger than 1 MB, so it is no web.config');
    return $bytes;
}

# Entities are not expanded, nothing is fetched; and as a DOCTYPE has no place
# in a web.config, a file with one is refused.
sub parse {
    my ($bytes) = @_;
    my $parser = XML::LibXML->new(
        no_network => 1, load_ext_dtd => 0, expand_entities => 0,
        validation => 0, recover => 0, huge => 0, line_numbers => 1);
    my $document = eval { $parser->parse_string($bytes) };

    if (my $error = $@) {
        fail("$error") unless ref $error;
        # The first of a chain is what is wrong, the others follow from it.
        $error = $error->_prev while $error->_prev;
        (my $text = $error->message) =~ s/\s+\z//;
        fail('this is not well-formed XML: ' . quoted($text), $error->line);
    }
    fail('it has a DOCTYPE, which no web.config needs; entities are not expanded here')
        if $document->internalSubset || $document->externalSubset;
    my $root = $document->documentElement;
    my $name = $root->localname;
    $GROUP{$name} || $SECTION{$name} || $name eq 'location'
        or fail('the root element is <' . quoted($name) . '>, not <configuration>',
                $root->line_number);
    return $root;
}

sub elements { return grep { $_->nodeType == 1 } $_[0]->childNodes }

sub attributes { return grep { $_->nodeType == 2 } $_[0]->attributes }

sub scope {
    my ($config, $path) = @_;
    return $config->{by_path}{ lc $path } ||= do {
        my $scope = { path => $path, items => [], notes => [], elsewhere => [],
            live => {}, cleared => {}, removed => {} };
        push @{ $config->{scopes} }, $scope;
        $scope;
    };
}

sub depth { return scalar(() = $_[0]{path} =~ m{/}g) }

# $group is the element around $node's own name; '-' where $node itself stands
# for its content (a fragment).
sub collect {
    my ($config, $node, $scope, $group) = @_;

    if ($group eq '-') {
        my $name = $node->localname;
        return collect_section($config, $node, $scope) if $SECTION{$name};
        return collect_location($config, $node) if $name eq 'location';
        $group = $name;
    }
    for my $child (elements($node)) {
        my $name = $child->localname;
        if ($SECTION{$name} && $group ne '') {
            collect_section($config, $child, $scope);
        } elsif ($name eq 'location' && $group eq '') {
            collect_location($config, $child);
        } elsif ($GROUP{$name} && $group eq '') {
            collect($config, $child, $scope, $name);
        } else {
            push @{ $scope->{elsewhere} }, $group eq '' ? $name : "$group/$name";
        }
    }
}

sub collect_location {
    my ($config, $node) = @_;
    my %given = map { $_->localname => $_->value } attributes($node);
    my $path = $given{path} // '';

    $path =~ tr{\\}{/};
    $path =~ s{\A[/.]*/|\A\.\z|/+\z}{}g;
    $path = '/' . $path if length $path;
    my $scope = scope($config, $path);
    push @{ $scope->{notes} }, shown($node), location_notes(\%given);
    collect($config, $node, $scope, '');
}

sub location_notes {
    my ($given) = @_;
    my @notes;

    push @notes, 'inheritInChildApplications="false": httpd has no applications; where a URL below '
        . 'must not inherit this, write BridgeUnmap * * in its <Location>'
        if lc($given->{inheritInChildApplications} // '') eq 'false';
    push @notes, 'allowOverride="false": AllowOverride None in the <Directory> keeps .htaccess from '
        . 'changing it'
        if lc($given->{allowOverride} // '') eq 'false';
    push @notes, 'overrideMode: AllowOverride in the <Directory>' if $given->{overrideMode};
    return @notes, unknown($given, qw(path inheritInChildApplications allowOverride overrideMode));
}

sub unknown {
    my ($given, @known) = @_;
    my %known = map { $_ => 1 } @known;
    return map { quoted("$_=\"$given->{$_}\": has no counterpart") }
        sort grep { !$known{$_} } keys %$given;
}

sub collect_section {
    my ($config, $node, $scope) = @_;
    my $flavour = $SECTION{ $node->localname };
    my %given = map { $_->localname => $_->value } attributes($node);
    my @notes = section_notes($scope, \%given);

    $config->{sections}{$flavour} = 1;
    push @{ $scope->{items} }, { kind => 'note', line => $node->line_number,
        shown => shown($node), notes => \@notes } if %given;
    for my $child (elements($node)) {
        my %item = (flavour => $flavour, line => $child->line_number,
            shown => shown($child), notes => [],
            given => { map { $_->localname => $_->value } attributes($child) });
        $item{kind} = $child->localname =~ /\A(add|remove|clear)\z/ ? $1 : 'note';
        push @{ $item{notes} }, 'is not known here' if $item{kind} eq 'note';
        push @{ $scope->{items} }, \%item;
    }
}

sub section_notes {
    my ($scope, $given) = @_;
    my @notes;

    push @notes, 'configSource: the entries stand in that file; convert it too'
        if $given->{configSource};
    if (defined(my $policy = $given->{accessPolicy})) {
        my %right = map { lc $_ => 1 } split /[\s,]+/, $policy;
        $scope->{closed} = !$right{script} && !$right{execute};
        push @notes, 'accessPolicy without Script: IIS answers 403 for what is mapped here; so '
            . 'nothing is' if $scope->{closed};
        push @notes, 'accessPolicy: its other rights are Require\'s and Options\' matter';
        push @notes, 'NoRemote...: Require local' if grep { /\Anoremote/ } keys %right;
    }
    return @notes, unknown($given, qw(configSource accessPolicy));
}

sub escaped { return $_[0] =~ s/&/&amp;/gr =~ s/"/&quot;/gr =~ s/</&lt;/gr }

sub shown {
    my ($node) = @_;
    my $attributes = join '', map { ' ' . $_->nodeName . '="' . escaped($_->value) . '"' }
        attributes($node);
    my $line = $node->line_number;
    return quoted("line $line: <" . $node->nodeName . "$attributes>");
}

1;
