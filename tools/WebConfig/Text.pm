# How a file's own words get into the output: quoted() into comments, regex()
# into arguments. Nothing else writes them.
package WebConfig::Text;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);

our @EXPORT_OK = qw(comment finished quoted regex);

use constant WIDTH => 100;

# For comments: one line, and no backslash at its end, which would make httpd
# take the next line for the comment's.
sub quoted {
    my ($text) = @_;
    $text =~ s/([\p{Cc}\p{Cf}\p{Zl}\p{Zp}])/sprintf '\x{%x}', ord $1/ge;
    $text = substr($text, 0, 500) . '...' if length $text > 500;
    return $text;
}

sub comment {
    my ($indent, $text) = @_;
    my ($line) = $text =~ /\A( *)/;
    my $hanging = "$line  ";
    my $out = '';

    for my $word (split ' ', $text) {
        if ($line =~ /\S/ && length("$indent# $line $word") > WIDTH) {
            $out .= finished("$indent# $line");
            $line = $hanging;
        }
        $line .= ($line =~ /\S/ ? ' ' : '') . $word;
    }
    return $out . finished("$indent# $line");
}

sub finished {
    my ($line) = @_;
    return $line =~ /\\\z/ ? "$line |\n" : "$line\n";
}

# A suffix that starts at any slash, as ASP.NET has it; with a slash before it
# the whole path. Whatever is not plain becomes \xHH, so that neither the
# configuration file's quoting nor its ${NAME} sees it.
sub regex {
    my ($text, $literal) = @_;
    my $regex = '';

    for my $char (split //, $text) {
        if ($char eq '*' && !$literal) {
            $regex .= '[^/]*';
        } elsif ($char eq '?' && !$literal) {
            $regex .= '[^/]';
        } elsif ($char eq '.') {
            $regex .= '\.';
        } elsif ($char =~ m{[A-Za-z0-9_/-]}) {
            $regex .= $char;
        } else {
            utf8::encode(my $bytes = $char);
            $regex .= join '', map { sprintf '\x%02x', ord } split //, $bytes;
        }
    }
    return $text =~ m{\A/} ? "^$regex" : "/$regex";
}

1;
