#!/usr/bin/perl
# tools/api-table, which keeps modules working that were built with older headers:
# each way to break them is refused with a sentence. No httpd is asked.
use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin ();
use Test::More;

my $top = "$FindBin::Bin/../..";

my $header = <<'END';
#define HBR_ABI_MAJOR 1
#define HBR_ABI_MINOR 1
#define HBR_API something
/** HBR_API int hbr_comment(int a); is none. */
HBR_API int hbr_one(hbr_context_t *ctx, const char *name);
HBR_API void hbr_two(hbr_context_t *ctx, void (*release)(void *data),
                     const char *const types[]);
HBR_API struct thing_t *hbr_say(hbr_context_t *ctx, const char *format, ...)
    HBR_PRINTF(2, 3);
HBR_API struct thing_t *hbr_vsay(hbr_context_t *ctx, const char *format,
                                 va_list args) HBR_PRINTF(2, 0);
END
my $list = "# words\n\n1.0\nhbr_one\nhbr_two\nhbr_vsay\n";
my $three = "HBR_API bool hbr_three(void);\n";

made();
tree();
broken();
done_testing;

# Runs it over a header and a list, with the table of a header and list that were
# kept as version 1.0: (exit status, what it said, folder).
sub run_tool {
    my ($said, $listed, $kept_header, $kept_list) = @_;
    my $dir = tempdir(CLEANUP => 1);

    if (defined $kept_header) {
        my ($exit, $text, $old) = run_tool($kept_header, $kept_list);
        make_path("$dir/kept/1.0/handlerbridge");
        system('cp', "$old/api_table.h", "$dir/kept/1.0/handlerbridge/") == 0
            or die "$text\n";
    }
    write_to("$dir/x.h", $said);
    write_to("$dir/api.list", $listed);
    my $text = `'$top/tools/api-table' $dir/api.list $dir/kept $dir $dir/x.h 2>&1`;
    return ($? >> 8, $text, $dir);
}

sub write_to {
    my ($file, $text) = @_;
    open my $fh, '>', $file or die "$file: $!";
    print $fh $text;
    close $fh or die "$file: $!";
}

sub made {
    my ($exit, $text, $dir) = run_tool($header, $list);
    my $table = slurp("$dir/api_table.h");
    my $calls = slurp("$dir/api_calls.h");

    is($exit, 0, 'a table is made') or diag($text);
    like($table, qr/
        \Q    int (*hbr_one)(hbr_context_t *ctx, const char *name);\E\n
        \Q    void (*hbr_two)(hbr_context_t *ctx, \E
        \Qvoid (*release)(void *data), const char *const types[]);\E\n
        \Q    struct thing_t *(*hbr_vsay)(hbr_context_t *ctx, \E
        \Qconst char *format, va_list args) HBR_PRINTF(2, 0);\E\n
        \}/x, 'in the order of the list, with the attributes');
    like($table, qr/F\(hbr_one\) \\\n\s+F\(hbr_two\) \\\n\s+F\(hbr_vsay\)\n/,
         'and a list of its names');
    like($calls, qr/api->hbr_two\(ctx, release, types\);/, 'a call');
    like($calls, qr/ \Qva_start(args, format);\E\n
         \s+result\ =\ \S+api->\Qhbr_vsay(ctx, format, args);\E/x,
         'a printf-like one goes by its va_list');
    unlike($table . $calls, qr/hbr_comment/, 'comments are none');
}

# The one of this tree is what its headers and its list say.
sub tree {
    my $dir = tempdir(CLEANUP => 1);
    my $inc = "$top/include/handlerbridge";
    my $out = `'$top/tools/api-table' $inc/api.list $top/t/abi $dir $inc/*.h 2>&1`;

    is($out, '', "the project's own headers, list and kept versions agree");
    is(slurp("$dir/api_table.h") // '', slurp($_) // '',
       "$_ belongs to the last version")
        for latest_kept();
}

# The kept table of the version that the headers have now, if there is one yet.
sub latest_kept {
    my $text = join '', map { slurp($_) } glob "$top/include/handlerbridge/*.h";
    my @version = map { $text =~ /^#define HBR_ABI_$_ +(\d+)$/m } qw(MAJOR MINOR);
    my $file = "$top/t/abi/$version[0].$version[1]/handlerbridge/api_table.h";

    return -e $file ? $file : ();
}

sub broken {
    my @old = ($header, $list);
    (my $reordered = $list) =~ s/hbr_one\nhbr_two/hbr_two\nhbr_one/;
    (my $same_type = $header) =~ s/hbr_one\(/hbr_zero(/;
    (my $alone = $header) =~ s/HBR_API[^;]*hbr_vsay[^;]*;//;
    (my $typed = $header) =~ s/int hbr_one/long hbr_one/;
    (my $takes = $header) =~ s/const char \*name\);/const char *name, int i);/;
    (my $renamed = $header) =~ s/const char \*name\);/const char *label);/;

    my @rows = (
        ['a function that is not listed', $header . $three, $list, [],
         qr/hbr_three\(\) is HBR_API and does not stand in \S+api\.list: append/],
        ['one that has vanished', $header, $list . "hbr_gone\n", [],
         qr/hbr_gone\(\) stands in \S+ and in no header/],
        ['one that stands twice', $header, $list . "hbr_one\n", [],
         qr/hbr_one stands twice/],
        ['no form with a va_list', $alone, "1.0\nhbr_one\nhbr_two\n", [],
         qr/hbr_say\(\.\.\.\) needs a form with a va_list beside it, hbr_vsay/],
        ['a list that is no list', $header, "hbr_one\n", [],
         qr/"hbr_one" is no function behind a version's line/],
        ['a version that is not there yet', $header, $list . "1.2\n", [],
         qr/1\.2 is not this interface's: the headers are 1\.1/],
        ['another order', $header, $reordered, \@old,
         qr/place 0 is "int \(\*hbr_one\).*in version 1\.0.*hbr_two.* now/s],
        ['another name of the same type', $same_type,
         "1.0\nhbr_zero\nhbr_two\nhbr_vsay\n", \@old, qr/place 0 is .*hbr_zero/],
        ['one in the middle', $header . $three,
         "1.0\nhbr_one\n1.1\nhbr_three\n1.0\nhbr_two\nhbr_vsay\n", \@old,
         qr/place 1 is/],
        ['the last one away', $alone =~ s/HBR_API[^;]*hbr_say[^;]*;//r,
         "1.0\nhbr_one\nhbr_two\n", \@old, qr/place 2 is .* and "nothing" now/],
        ['another type', $typed, $list, \@old, qr/"long \(\*hbr_one\)/],
        ['another parameter', $takes, $list, \@old, qr/may not change/],
        ['added to a version that is out', $header . $three,
         $list . "hbr_three\n", \@old,
         qr/hbr_three is said to come with 1\.0, which is out already/],
    );
    for (@rows) {
        my ($what, $said, $listed, $kept, $sentence) = @$_;
        my ($exit, $text, $dir) = run_tool($said, $listed, @$kept);

        isnt($exit, 0, "$what: refused");
        like($text, $sentence, "$what: why");
        ok(!-e "$dir/api_table.h", "$what: nothing is made");
    }

    my @taken = (
        ['one more in a new minor', $header . $three,
         $list . "1.1\nhbr_three\n"],
        ['another name of a parameter', $renamed, $list],
    );
    for (@taken) {
        my ($what, $said, $listed) = @$_;
        my ($exit, $text) = run_tool($said, $listed, @old);
        is($exit, 0, "$what: taken") or diag($text);
    }
}

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or return undef;
    local $/;
    return <$in>;
}
