# What the suites of image, chart and report share: pictures taken apart as far
# as a test needs it, queries made, and a database like the demo's.
package HandlerBridge::Picture;

use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Time::HiRes qw(sleep);

use HandlerBridge::Test;

our @EXPORT = qw(query picture svg_fault make_database wait_for);

# query(text => 'a b', size => 8) is "?text=a%20b&size=8"; values are bytes.
sub query {
    my @pairs;

    while (my ($name, $value) = splice @_, 0, 2) {
        $value =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
        push @pairs, "$name=$value";
    }
    return '?' . join '&', @pairs;
}

# "png 226x107", from the bytes alone; a sentence when they are no picture.
sub picture {
    my $bytes = shift;

    return sprintf 'png %dx%d', unpack 'N N', $1
        if $bytes =~ /\A\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR(.{8}).*IEND\xaeB`\x82\z/s;
    return jpeg($bytes) if $bytes =~ /\A\xff\xd8\xff.*\xff\xd9\z/s;
    return "svg $1x$2"
        if $bytes =~ /<svg [^>]*width="(\d+)px" height="(\d+)px"/;
    return 'no picture: ' . substr $bytes, 0, 60;
}

# Walks the segments of a JPEG (ITU T.81 B.1.1.4) to its frame's header.
sub jpeg {
    my $bytes = shift;
    my $at    = 2;

    while ($at + 9 < length $bytes) {
        my ($ff, $marker, $length) = unpack 'C C n', substr $bytes, $at, 4;
        return "no JPEG: no marker at $at" if $ff != 0xff;
        if ($marker >= 0xc0 && $marker <= 0xc2) {
            my ($height, $width) = unpack 'n n', substr $bytes, $at + 5, 4;
            return "jpeg ${width}x$height";
        }
        $at += 2 + $length;
    }
    return 'no JPEG: no frame';
}

# What is not well-formed XML in an SVG, or ''. Stricter than XML where it may
# be: no DOCTYPE, no CDATA.
sub svg_fault {
    my $text = shift;
    my @open;

    $text =~ s/\A<\?xml [^<>]*\?>\s*//;
    while ($text =~ /\G([^<]*)<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/gc) {
        my ($before, $end, $name, $attributes, $empty) = ($1, $2, $3, $4, $5);

        return "bare & before <$name>"
            if "$before$attributes" =~ /&(?!amp;|lt;|gt;|quot;|apos;|#\d+;)/;
        if ($end) {
            my $last = pop @open;
            return "</$name> does not close" if ($last // '') ne $name;
        }
        elsif (!$empty) {
            push @open, $name;
        }
    }
    return 'open: ' . join ' ', @open if @open;
    my $rest = substr $text, pos($text) // 0;
    return $rest =~ /\S/ ? 'strange: ' . substr($rest, 0, 60) : '';
}

# A database of its own with the demo's customers and orders; httpd's children
# are not always the user who runs this. Returns its path.
sub make_database {
    my $name = shift;
    my $root = Apache::Test::vars('serverroot');
    my $dir  = "$root/state/$name";
    my $demo = dirname($root) . '/demo';

    make_path($dir);
    chmod 0777, $dir or die "$dir: $!";
    unlink "$dir/new.db";
    system("cat '$demo/schema.sql' '$demo/fill.sql' | "
        . "sqlite3 -batch -bail '$dir/new.db' >/dev/null") == 0
        or die "$dir/new.db could not be made\n";
    # Into a file that httpd may have opened: its connections see it.
    system('sqlite3', "$dir/demo.db", ".restore $dir/new.db") == 0
        or die "sqlite3 failed\n";
    chmod 0666, "$dir/demo.db" or die "$dir/demo.db: $!";
    return "$dir/demo.db";
}

# httpd started before there was a database: waits until all its children have
# found it.
sub wait_for {
    my ($path, %o) = @_;
    my $good = 0;

    for (1 .. 200) {
        $good = fetch($path, %o)->{status} == 200 ? $good + 1 : 0;
        return 1 if $good == 20;
        sleep 0.05 unless $good;
    }
    return 0;
}

1;
