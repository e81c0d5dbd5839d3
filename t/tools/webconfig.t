#!/usr/bin/perl
# tools/webconfig2bridge: each t/webconfig/NAME.config against NAME.conf, what
# its patterns match beside ASP.NET's own rule, encodings, refusals.
#
#   t/tools/webconfig.t            run it
#   t/tools/webconfig.t --write    write the *.conf anew; then read the diff

use strict;
use warnings FATAL => 'all';

use Encode qw(decode encode);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use FindBin ();
use IPC::Open3 qw(open3);
use Symbol qw(gensym);
use Test::More;

use constant MEMORY_KB => 200_000;

chdir "$FindBin::RealBin/../.." or die "chdir: $!";

my $tool = 'tools/webconfig2bridge';
# An output with options, and of what.
my %options = (app => ['--base', '/app/', '--name', 'Tutorial.Tool=tool.box',
                       '--name', 'Tutorial.ImageGenerator, Tutorial=image']);
my %source = (app => 'both');
my $folder = tempdir(CLEANUP => 1);

if ("@ARGV" eq '--write') {
    write_file(expected($_), (run($_))[1]) for fixtures();
    exit 0;
}
for my $name (fixtures()) {
    my ($status, $out, $err) = run($name);
    is("$status$err", '0', "$name: status, no errors");
    is($out, slurp(expected($name)), "$name: as expected");
    is((run($name))[1], $out, "$name: the same again");
    nothing_is_dropped($name, $out);
    only_known_lines($name, $out);
}
patterns();
order();
encodings();
refusals();
options();
done_testing;

sub fixtures {
    return sort keys %source, map { basename($_, '.config') } glob 't/webconfig/*.config';
}

sub source { return 't/webconfig/' . ($source{$_[0]} || $_[0]) . '.config' }

sub expected { return "t/webconfig/$_[0].conf" }

sub run {
    my ($name) = @_;
    return tool('', @{ $options{$name} || [] }, source($name));
}

# Status, output, errors. Bounded, so that a bomb fails instead of filling the
# machine.
sub tool {
    my ($input, @arguments) = @_;

    write_file("$folder/input", $input);
    open my $in, '<', "$folder/input" or die "$folder/input: $!";
    my $pid = open3('<&' . fileno $in, my $out, my $err = gensym, 'sh', '-c',
        'ulimit -v ' . MEMORY_KB . '; ulimit -t 10; exec "$@"', 'sh', $tool, @arguments);
    my $text = do { local $/; <$out> } // '';
    my $errors = do { local $/; <$err> } // '';
    waitpid $pid, 0;
    return ($? & 127 ? "signal $?" : $? >> 8, $text, $errors);
}

sub slurp {
    my ($name) = @_;
    open my $in, '<:raw', $name or return "($name: $!)";
    local $/;
    return <$in>;
}

sub write_file {
    my ($name, $bytes) = @_;
    open my $out, '>:raw', $name or die "$name: $!";
    print $out $bytes;
    close $out or die "$name: $!";
}

# Every element of the two sections is named with its line.
sub nothing_is_dropped {
    my ($name, $out) = @_;
    my $text = slurp(source($name));
    my ($line, @missing) = (0);

    $text =~ s/(<!--.*?-->|<!\[CDATA\[.*?\]\]>)/$1 =~ tr{\n}{\n}cdr/ges;
    for my $content (split /\n/, $text) {
        $line++;
        push @missing, $line
            if $content =~ /<(?:add|added|remove|clear|location)\b/
            && $content !~ /connectionString/ && $out !~ /# line $line: </;
    }
    is("@missing", '', "$name: every entry is in the output");
}

# Whatever a file holds, only these directives come out.
sub only_known_lines {
    my ($name, $out) = @_;
    my $word = qr/[A-Za-z0-9_.~+@=-]+/;
    my $pattern = qr{\*|(?:/?(?:\*\.)?$word|/\*)+};
    my $known = qr{\A[ ]*(?:
        \#.*[^\\]
        | BridgeMap[ ](?:\*|[A-Za-z,_-]+)[ ]$pattern[ ][a-z0-9][a-z0-9._-]*(?:[ ]require=\w+)?
        | BridgeUnmap[ ](?:\*|[A-Za-z,_-]+)[ ]$pattern
        | BridgeBuffer[ ][0-9]+ | AcceptPathInfo[ ]On | Require[ ]all[ ]denied
        | SetHandler[ ][a-z0-9][a-z0-9._-]*
        | <Location[ ]"/[\w./~+@= -]*"> | <LocationMatch[ ]"[^"\$\{]*(?:\(\?:/\|\$\)|\$)">
        | <If[ ]"[^"\\]+"> | <Limit[ ][A-Z ]+> | </(?:Location|LocationMatch|If|Limit)>
    )?\z}x;
    is(join("\n", grep { !/$known/ } split /\n/, $out), '', "$name: only lines of its own");
}

# ASP.NET's rule (WildcardUrl): without case, a suffix that begins behind any
# slash, * and ? within a segment. Both kinds of output against it.
sub patterns {
    my %paths = (
        'foo*.axd'  => [qw(/foo.axd /a/b/FOO12.AXD /foo.axd/x /xfoo.axd /foo/a.axd /foo.axdx)],
        'a?c.x'     => [qw(/abc.x /d/aXc.X /ac.x /abbc.x /a/c.x /abcYx)],
        'data/*/*'  => [qw(/data/1/2 /x/Data/1/2 /data/1 /data/1/2/3 /xdata/1/2)],
        '*.*'       => [qw(/a.b /x/.y /ab /a.b/c)],
        'a (1)$.x'  => ['/a (1)$.x', '/d/A (1)$.X', '/a (1).x', '/a (11)$.x'],
        '{id}+[x]'  => ['/{id}+[x]', '/id', '/{id}x'],
        '/log?/*'   => [qw(/log1/x /LOG2/y /a/log1/x /log1/x/y /log/x)],
    );
    for my $pattern (sort keys %paths) {
        my (undef, $out) = tool(qq{<httpHandlers><add verb="*" path="$pattern" type="T"/></httpHandlers>});
        my ($regex) = $out =~ /<LocationMatch "(.*)">/;
        ok(defined $regex, "$pattern: a regular expression") or next;
        for my $path (@{ $paths{$pattern} }) {
            is($path =~ /$regex/ ? 1 : 0, aspnet($pattern, $path), "$pattern with $path");
        }
    }
    for my $pattern (qw(*.image ScriptResource.axd * *.tar.gz /log/*)) {
        my (undef, $out) = tool(qq{<httpHandlers><add verb="*" path="$pattern" type="T"/></httpHandlers>});
        like($out, qr/^BridgeMap \* \Q$pattern\E t$/m, "$pattern: a pattern of BridgeMap's");
    }
}

sub aspnet {
    my ($pattern, $path) = @_;
    my $regex = join '', map { $_ eq '*' ? '[^/]*' : $_ eq '?' ? '[^/]' : quotemeta }
        split //, $pattern;
    return $path =~ m{(?:\A|(?<=/))$regex\z}i ? 1 : 0;
}

# The first that matches with IIS is the last section with httpd, and the same
# of BridgeMap lines stays the first.
sub order {
    my (undef, $out) = tool('<httpHandlers><add verb="*" path="a*.x" type="One"/>'
        . '<add verb="*" path="b*.x" type="Two"/><add verb="*" path="*.one" type="Three"/>'
        . '<add verb="*" path="*.two" type="Four"/></httpHandlers>');
    is(join(' ', $out =~ /SetHandler (\S+)/g), 'two one', 'sections: turned round');
    is(join(' ', $out =~ /^BridgeMap \S+ \S+ (\S+)/mg), 'three four', 'lines: in order');
}

sub encodings {
    my $text = decode('UTF-8', slurp('t/webconfig/names.config'));
    my (undef, $want) = tool(encode('UTF-8', $text));

    like($want, qr/über\.axd/, 'UTF-8');
    for my $encoding ('UTF-16LE', 'UTF-16BE', 'UTF-8') {
        (my $other = $text) =~ s/encoding="[^"]*"/encoding="utf-16"/ if $encoding =~ /16/;
        my ($status, $out) = tool(encode($encoding, "\x{feff}" . ($other // $text)));
        is($out, $want, "$encoding with a byte order mark");
    }
    for my $encoding ('iso-8859-1', 'windows-1252') {
        (my $other = $text) =~ s/encoding="[^"]*"/encoding="$encoding"/;
        is((tool(encode($encoding, $other)))[1], $want, $encoding);
    }
}

sub refusals {
    write_file("$folder/secret", 'the-secret');
    my $laughs = join '', map { my $b = $_ - 1; qq(<!ENTITY l$_ ") . "&l$b;" x 10 . '">' } 1 .. 12;
    my %wrong = (
        'truncated'       => ["<configuration>\n<system.web>\n", qr/line 3: .*not well-formed XML: /],
        'wrong end tag'   => ["<configuration>\n<a>\n</b></configuration>", qr/line 3: .*Opening and ending tag/],
        'twice'           => ["<configuration>\n<a b='' b=''/></configuration>", qr/line 2: .*redefined/],
        'empty'           => ['', qr/it is empty/],
        'blank'           => [" \n", qr/not well-formed|Document is empty/],
        'no XML'          => ['[section]', qr/line 1: /],
        'another root'    => ["\n<html/>", qr/line 2: the root element is <html>/],
        'laughs'          => ["<!DOCTYPE c [<!ENTITY l0 'ha'>$laughs]><configuration>&l12;</configuration>",
                              qr/DOCTYPE|entity/i],
        'laughs, attribute' => ["<!DOCTYPE c [<!ENTITY l0 'ha'>$laughs]><configuration a='&l12;'/>",
                              qr/DOCTYPE|entity/i],
        'external entity' => [qq(<!DOCTYPE c [<!ENTITY e SYSTEM "file://$folder/secret">]><configuration>)
                              . '<httpHandlers>&e;</httpHandlers></configuration>', qr/DOCTYPE/],
        'parameter entity' => [qq(<!DOCTYPE c [<!ENTITY % e SYSTEM "file://$folder/secret"> %e;]>)
                              . '<configuration/>', qr/DOCTYPE/],
        'external subset' => [qq(<!DOCTYPE c SYSTEM "file://$folder/secret"><configuration/>), qr/DOCTYPE/],
        'entity'          => ["<configuration>\n&x;</configuration>", qr/line 2: .*Entity 'x'/],
        'deep'            => ['<configuration>' . '<a>' x 5000, qr/depth/i],
        'large'           => ['<configuration>' . ' ' x (1 << 20) . '</configuration>', qr/larger than 1 MB/],
        'control characters' => ["<a\x01\x1b[31m>", qr/line 1: [^\x00-\x1f]+\n\z/],
        'wide root'       => ["<\xe2\x84\xa6/>", qr/root element is <\xe2\x84\xa6>/],
    );
    for my $name (sort keys %wrong) {
        my ($input, $message) = @{ $wrong{$name} };
        my ($status, $out, $err) = tool($input);
        is("$status$out", '1', "$name: refused");
        like($err, qr/\Awebconfig2bridge: standard input[,:].*$message/s, "$name: said why");
        unlike($err, qr/the-secret/, "$name: nothing fetched");
    }
    my ($status, undef, $err) = tool('', "$folder/none");
    is($status, 1, 'no such file');
    like($err, qr{\Awebconfig2bridge: \Q$folder\E/none: No such file}, 'and says so');
}

sub options {
    my $fragment = '<handlers><add name="a" verb="*" path="*.a" type="A.B, C, Version=1"/></handlers>';

    for (['--base', 'app'], ['--base', '/a"b'], ['--name', 'A.B'], ['--name', 'A.B=Upper'],
         ['--unknown'], ['a', 'b']) {
        my ($status, $out, $err) = tool($fragment, @$_);
        is("$status$out", '2', "@$_: refused");
        isnt($err, '', "@$_: said why");
    }
    my ($status, undef, $err) = tool($fragment, '--name', 'A.C=c');
    is($status, 1, 'a type that is not there');
    like($err, qr/there is no type "A\.C"; there are: A\.B$/, 'what there is');
    like((tool($fragment, '--name', 'A.B, C, Version=1=x'))[1], qr/^BridgeMap \* \*\.a x$/m,
        '--name with the whole text');
    like((tool($fragment, '-'))[1], qr/^BridgeMap \* \*\.a b$/m, '-');
    ($status, my $help) = tool('', '--help');
    is($status, 0, '--help');
    like($help, qr/--base.*--name/s, '--help: the options');
}
