# An <add> entry: its methods, patterns, type, and what its attributes mean to
# httpd. After read_entry() it has either `none` (why there is no line), or
# `deny`, or `methods`, `patterns` and `type`.
package WebConfig::Entry;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);

use WebConfig::Text qw(quoted regex);

our @EXPORT_OK = qw(condition name_types read_entry read_methods
    read_patterns settings);

# Types whose work httpd does itself, or that have no use there. 'deny' is
# printed as a Require: without it httpd would serve such files.
my %OWN_TYPE = (
    'System.Web.HttpForbiddenHandler' => 'deny',
    'System.Web.HttpNotFoundHandler'  => 'deny',
    'System.Web.StaticFileHandler' =>
        'httpd serves files itself; but a line below that takes the same URLs gets them',
    'System.Web.DefaultHttpHandler' =>
        'httpd serves files itself; but a line below that takes the same URLs gets them',
    'System.Web.HttpMethodNotAllowedHandler' =>
        'the bridge answers 405 by itself for what a handler\'s .methods leaves out',
    'System.Web.Handlers.TransferRequestHandler' =>
        'ASP.NET\'s routing: write each route as BridgeMap METHODS /path/{name} HANDLER',
    'System.Web.Handlers.AssemblyResourceLoader' => 'ASP.NET\'s own; has no use in httpd',
    'System.Web.Handlers.TraceHandler' => 'ASP.NET\'s own; LogLevel handlerbridge:trace1 is nearest',
    'System.Web.UI.PageHandlerFactory' => 'Web Forms (.aspx) have no counterpart',
    'System.Web.Services.Protocols.WebServiceHandlerFactory' => 'SOAP (.asmx) has no counterpart',
    'System.Web.Script.Services.ScriptHandlerFactory' => 'SOAP (.asmx) has no counterpart',
    'System.Web.UI.SimpleHandlerFactory' =>
        '.ashx files become descriptors: AddHandler bridge-file .hb, and BridgeFiles On',
);

# Native modules and what does their work in httpd.
my %NATIVE = (
    StaticFileModule       => 'httpd serves files itself',
    DefaultDocumentModule  => 'DirectoryIndex (mod_dir)',
    DirectoryListingModule => 'Options +Indexes (mod_autoindex)',
    CgiModule              => 'ScriptAlias or AddHandler cgi-script (mod_cgid)',
    FastCgiModule          => 'SetHandler "proxy:unix:/run/NAME.sock|fcgi://localhost" (mod_proxy_fcgi)',
    IsapiModule            => 'none (mod_isapi runs on Windows only)',
    ServerSideIncludeModule => 'AddOutputFilter INCLUDES and Options +Includes (mod_include)',
    ProtocolSupportModule  => 'none needed; TraceEnable and OPTIONS are httpd\'s own',
    WebDAVModule           => 'Dav On (mod_dav)',
    AspNetCoreModule       => 'ProxyPass (mod_proxy_http) to the program',
    AspNetCoreModuleV2     => 'ProxyPass (mod_proxy_http) to the program',
    httpPlatformHandler    => 'ProxyPass (mod_proxy_http) to the program',
    iisnode                => 'ProxyPass (mod_proxy_http) to the program',
);

my %REQUIRE = (file => 'file', directory => 'directory', either => 'either');
my %TEST = (file => '-f', directory => '-d', either => '-e');

# What a method's wildcards are spelt out with.
my @METHODS = qw(GET HEAD POST PUT PATCH DELETE OPTIONS PROPFIND PROPPATCH
    MKCOL COPY MOVE LOCK UNLOCK);

my %KNOWN = (
    classic => { map { $_ => 1 } qw(verb path type validate) },
    iis     => { map { $_ => 1 } qw(name path verb type modules scriptProcessor
        resourceType requireAccess allowPathInfo preCondition
        responseBufferLimit) },
);

sub read_entry {
    my ($config, $item) = @_;
    my $given = $item->{given};
    my $notes = $item->{notes};
    my @needed = $item->{flavour} eq 'classic' ? qw(verb path type) : qw(name path verb);

    push @$notes, map { quoted("$_=\"$given->{$_}\": has no counterpart") }
        sort grep { !$KNOWN{ $item->{flavour} }{$_} } keys %$given;
    if (my @missing = grep { !length($given->{$_} // '') } @needed) {
        return $item->{none} = "IIS refuses it: no @missing";
    }
    read_methods($item) or return;
    read_patterns($item);
    read_iis($item) if $item->{flavour} eq 'iis';
    read_type($config, $item) unless $item->{none};
    push @$notes, 'validate="false": IIS took it although the type might be missing. BridgeMap wants '
        . 'its handler when httpd starts (BridgeStrict Off does not change that): take the line '
        . 'out until there is one'
        if lc($given->{validate} // '') eq 'false' && !$item->{none} && !$item->{deny};
    push @$notes, 'a factory: one declaration, whose .choose picks'
        if $item->{type} && $item->{type}{class} =~ /Factory\z/;
}

# Both know lists; case counts, as in HTTP.
sub read_methods {
    my ($item) = @_;
    my (@methods, %seen);

    (my $verb = $item->{given}{verb}) =~ tr/ \t\r\n//d;
    for my $name (split /,/, $verb) {
        if ($name eq '*') {
            return $item->{methods} = '*';
        } elsif ($name =~ /\A[A-Za-z*?-]+\z/ && $name =~ /[*?]/) {
            (my $re = $name) =~ s/([*?])/$1 eq '*' ? '.*' : '.'/ge;
            my @some = grep { /\A$re\z/ } @METHODS;
            push @methods, @some;
            push @{ $item->{notes} }, "verb \"$name\": spelt out, for methods have no wildcards in httpd";
        } elsif ($name =~ /\A[A-Za-z_-]+\z/) {
            push @methods, $name;
            push @{ $item->{notes} }, "verb \"$name\": case counts, so it was never \U$name\E"
                if $name ne uc $name;
        } else {
            push @{ $item->{notes} }, quoted("verb \"$name\": no method is so named");
        }
    }
    @methods = grep { !$seen{$_}++ } @methods;
    $item->{none} = 'no method is left' unless @methods;
    return $item->{methods} = join ',', @methods;
}

sub read_patterns {
    my ($item) = @_;
    return @{ $item->{patterns} = [ map { read_pattern($item, $_) } split /,/, $item->{given}{path} ] };
}

# `line` when a BridgeMap pattern says the same; `regex` does always.
sub read_pattern {
    my ($item, $text) = @_;

    if ($text =~ s/\A\s+|\s+\z//g) {
        push @{ $item->{notes} }, 'the blank beside the comma was part of the name for ASP.NET: '
            . quoted("\"$text\"") . ' never matched there' if $item->{flavour} eq 'classic';
    }
    return () unless length $text;
    my $extensionless = $item->{flavour} eq 'iis' && $text eq '*.';
    push @{ $item->{notes} }, quoted("\"$text\"") . ': IIS does not say whether * takes a slash; here it does not'
        if $item->{flavour} eq 'iis' && $text =~ m{/} && $text =~ /\*/;
    push @{ $item->{notes} }, quoted("\"$text\"") . ': case counts in BridgeMap; IIS took any'
        if line_pattern($text) && $text =~ /[A-Za-z]/ && $text !~ /\A\*\./;
    return {
        text  => $text,
        line  => line_pattern($text),
        regex => $extensionless ? '/[^/.]*' : regex($text),
    };
}

sub line_pattern {
    my ($text) = @_;
    my $word = qr/[A-Za-z0-9_~+@=-]/;
    return $text =~ m{\A(?:\*|\*(?:\.$word+)+|(?:$word|\.)+)\z}
        || $text =~ m{\A(?:/(?:(?:$word|\.)+|\*))+\z} && $text !~ m{/\.\.?(?:/|\z)};
}

sub read_iis {
    my ($item) = @_;
    my $given = $item->{given};
    my $resource = lc($given->{resourceType} // '');
    my $access = $given->{requireAccess} // '';
    my $limit = $given->{responseBufferLimit} // '';

    $item->{require} = $REQUIRE{$resource};
    note($item, 'resourceType', 'is no such type') if $resource !~ /\A(?:unspecified|)\z/
        && !$item->{require};
    note($item, 'requireAccess', 'httpd has no such rights; Require says who may')
        if $access !~ /\A(?:script|)\z/i;
    note($item, 'preCondition', 'has no counterpart; <IfModule>, <IfDefine> and <IfVersion> are nearest')
        if length($given->{preCondition} // '');
    $item->{path_info} = 1 if lc($given->{allowPathInfo} // '') eq 'true';
    if ($limit =~ /\A[0-9]{1,10}\z/) {
        $item->{buffer} = $limit;
    } elsif (length $limit) {
        note($item, 'responseBufferLimit', 'is no number of bytes');
    }
    read_modules($item);
}

sub note {
    my ($item, $name, $text) = @_;
    push @{ $item->{notes} }, quoted("$name=\"$item->{given}{$name}\": $text");
}

sub read_modules {
    my ($item) = @_;
    my $given = $item->{given};
    my @modules = grep { length } split /[\s,]+/, $given->{modules} // '';
    my @native = grep { $_ ne 'ManagedPipelineHandler' } @modules;

    return unless @native || !length($given->{type} // '');
    $item->{none} = 'neither a type nor a module' unless @native;
    return if !@native;
    push @{ $item->{notes} }, quoted($_) . ': '
        . ($NATIVE{$_} || (/VerbHandler\z/ ? $NATIVE{ProtocolSupportModule} : 'is not known here'))
        for @native;
    note($item, 'scriptProcessor', 'the program that it runs') if $given->{scriptProcessor};
    $item->{none} = 'a native module: nothing for the bridge';
}

sub read_type {
    my ($config, $item) = @_;
    my $text = $item->{given}{type};
    (my $class = $text) =~ s/\A\s+|,(?![^\[]*\]).*\z|\s+\z//gs;
    my ($assembly) = $text =~ /\A[^,]*,\s*([^,\s]+)/;

    if (my $own = $OWN_TYPE{$class}) {
        return $item->{deny} = 1 if $own eq 'deny';
        return $item->{none} = $own;
    }
    $assembly = lc($assembly // '');
    for my $type (@{ $config->{types} }) {
        next unless $type->{class} eq $class;
        next unless $type->{assembly} eq $assembly || $type->{assembly} eq '' || $assembly eq '';
        $type->{assembly} ||= $assembly;
        return $item->{type} = $type;
    }
    push @{ $config->{types} }, $item->{type} = { class => $class, assembly => $assembly, text => $text };
}

# "Tutorial.ImageGenerator, Tutorial" is imagegenerator; a second class of that
# name keeps its namespace, a third gets a number. Only what a line names gets a
# name. $given: names by type, which lose those that were used.
sub name_types {
    my ($config, $given) = @_;
    my %taken;

    for my $type (@{ $config->{types} }) {
        my ($key) = grep { $given->{$_} } $type->{text}, $type->{class} or next;
        $taken{ $type->{name} = delete $given->{$key} } = 1;
    }
    for my $item (map { @{ $_->{items} } } @{ $config->{scopes} }) {
        my $type = $item->{type} or next;
        next if $item->{gone} || $item->{none};
        $type->{used} = 1;
        ($type->{name}) = grep { !$taken{$_} } possible_names($type) unless $type->{name};
        $taken{ $type->{name} } = 1;
    }
}

sub possible_names {
    my ($type) = @_;
    (my $class = lc $type->{class}) =~ s/[`\[].*//s;
    my ($short, $long) = map { s/[^a-z0-9._-]+/-/gr =~ s/\A[._-]+|[._-]+\z//gr }
        $class =~ /([^.+]*)\z/, $class;
    my @names = grep { length } $short, $long;

    # As many as there can be types in a file of this size.
    return @names, map { ($names[-1] // 'handler') . "-$_" } 2 .. 1000;
}

sub settings {
    my ($item) = @_;
    return (($item->{path_info} ? 'AcceptPathInfo On' : ()),
        (defined $item->{buffer} ? "BridgeBuffer $item->{buffer}" : ()));
}

# What BridgeMap says by METHODS and require=, as an expression of httpd's.
sub condition {
    my ($item) = @_;
    return unless $item->{type} && !$item->{gone};
    return if !grep { !$_->{line} } @{ $item->{patterns} };
    return join ' && ',
        ($item->{methods} eq '*' ? () : '%{REQUEST_METHOD} in { '
            . join(', ', map { "'$_'" } split /,/, $item->{methods}) . ' }'),
        ($item->{require} ? "$TEST{$item->{require}} %{REQUEST_FILENAME}" : ());
}

1;
