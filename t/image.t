# handlers/image.c: text to picture, by extension, with no file behind the path.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Picture;
use HandlerBridge::Test;

my $PATH  = '/image/card.image';
my %FIRST = (jpeg => "\xff\xd8\xff", png => "\x89PNG", svg => '<?xml');
my %TYPE  = (jpeg => 'image/jpeg', png => 'image/png', svg => 'image/svg+xml');
my $mark  = log_mark();

each_protocol(\&one_picture);
formats();
accepts();
colours();
sizes();
scripts();
html_is_text();
refusals();
methods();
mapping();
is_deeply [log_grave($mark)], [], 'nothing grave is logged';
done_testing;

sub image { return fetch($PATH . query(@_)) }

# What every picture has, over each protocol: RFC 9110 8.6, 8.8.3, 9.3.2, 13.1.2,
# 14.2.
sub one_picture {
    my $protocol = shift;
    my $ask = sub { fetch("$PATH?text=Hello", protocol => $protocol, @_) };
    my $r = $ask->();
    my $h = $r->{headers};

    is $r->{status}, 200, 'a picture';
    is $h->{'content-type'}, 'image/jpeg', 'a JPEG where nothing decides';
    like picture($r->{body}), qr/^jpeg /, 'it is one';
    is $h->{'content-length'}, length $r->{body}, 'its length is declared';
    like $h->{etag}, qr/^"[0-9a-f]{40}"\z/, 'a strong ETag';
    is $h->{'cache-control'}, 'public, max-age=86400', 'it may be kept';
    is $h->{vary}, 'Accept', 'Accept decided';

    my $again = $ask->();
    is $again->{headers}{etag}, $h->{etag}, 'the same inputs, the same ETag';
    ok $again->{body} eq $r->{body}, 'and the same bytes';

    my $head = $ask->(method => 'HEAD');
    is_deeply [@{ $head->{headers} }{qw(content-length etag content-type)}],
        [@$h{qw(content-length etag content-type)}], 'HEAD says the same';
    is $head->{body}, '', 'and no body';

    my $known = $ask->(headers => ["If-None-Match: $h->{etag}"]);
    is $known->{status}, 304, 'a repeated request';
    is $known->{headers}{etag}, $h->{etag}, '304 has the ETag';
    is $ask->(headers => ["If-None-Match: $_"])->{status}, 200, "not: $_"
        for '"other"', 'garbage', '"', 'W/';

    my $part = $ask->(headers => ['Range: bytes=0-1']);
    is $part->{status}, 206, 'a range';
    is $part->{body}, "\xff\xd8", 'its bytes';
}

sub formats {
    for my $format (qw(jpeg png svg)) {
        my $r = image(text => 'Hello', format => $format);

        is $r->{headers}{'content-type'}, $TYPE{$format}, "format=$format";
        like picture($r->{body}), qr/^$format \d+x\d+\z/, 'it is one';
        is $r->{headers}{vary}, undef, 'Accept had no say';
        is fetch($PATH . query(text => 'Hello', format => $format),
                 headers => ['Accept: text/html'])->{status}, 200,
            'and is not looked at';
    }
    my %tags = map { image(text => 'Hello', format => $_)->{headers}{etag} => 1 }
        qw(jpeg png svg);
    is keys %tags, 3, 'each format has an ETag of its own';
    is fetch("$PATH?text=Hello&format=")->{headers}{'content-type'},
        'image/jpeg', 'an empty field of a form counts as left out';
}

# Accept => format, by RFC 9110 12.5.1; what browsers send for <img> and for a
# page is among them.
sub accepts {
    my @cases = (
        ['*/*'                                            => 'jpeg'],
        ['image/*'                                        => 'jpeg'],
        ['image/png'                                      => 'png'],
        ['image/svg+xml'                                  => 'svg'],
        ['image/png;q=0.5, image/svg+xml;q=0.7'           => 'svg'],
        ['image/png, image/jpeg'                          => 'jpeg'],
        ['image/jpeg;q=0, */*'                            => 'png'],
        ['image/avif,image/webp,*/*'                      => 'jpeg'],
        ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'
                                                          => 'jpeg'],
        ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
                                                          => 'jpeg'],
    );
    for my $case (@cases) {
        my ($accept, $format) = @$case;
        my $r = fetch("$PATH?text=x", headers => ["Accept: $accept"]);
        is $r->{headers}{'content-type'}, $TYPE{$format}, "Accept: $accept";
    }
    my $r = fetch("$PATH?text=x", headers => ['Accept: text/html']);
    is $r->{status}, 406, 'none of them';
    like $r->{body}, qr{image/jpeg, image/png or image/svg\+xml}, 'says which';
}

sub colours {
    my $tag = image(text => 'x', colour => '#ff0000')->{headers}{etag};

    is image(text => 'x', colour => $_)->{headers}{etag}, $tag, "$_ is red"
        for 'ff0000', '#f00', 'f00', '#FF0000', 'red', 'Red';
    isnt image(text => 'x', colour => $_)->{headers}{etag}, $tag, "$_ is not"
        for '#ff0001', 'blue';
    isnt image(text => 'x', background => 'red')->{headers}{etag}, $tag,
        'nor is its background';
    # SVG says what was painted: background first, then the text.
    like image(text => 'x', format => 'svg', background => '#000',
               colour => '#fff')->{body},
        qr/rgb\(0%,0%,0%\).*rgb\(100%,100%,100%\)/s, 'white on black';
}

sub sizes {
    my $height = sub {
        my $r = image(format => 'png', @_);
        return picture($r->{body}) =~ /^png \d+x(\d+)/ ? $1 : 0;
    };
    my $width = sub {
        my $r = image(format => 'png', @_);
        return picture($r->{body}) =~ /^png (\d+)x/ ? $1 : 0;
    };
    my $long = 'several words in a line ' x 4;

    cmp_ok $height->(text => 'x', size => 8), '>=', 16, 'the smallest';
    cmp_ok $height->(text => 'x', size => 144), '>=', 288, 'the largest';
    cmp_ok $height->(text => "x\ny\nz"), '>', $height->(text => 'x') * 1.8,
        'three lines are higher than one';
    cmp_ok $width->(text => $long), '>', 1000, 'a line is as long as it is';
    cmp_ok $width->(text => $long, width => 300), '<=', 300, 'or is wrapped';
    cmp_ok $height->(text => $long, width => 300), '>', 150, 'to more lines';
    is picture(image(text => $long, width => 300)->{body}) =~ /(\d+x\d+)/ && $1,
        picture(image(text => $long, width => 300, format => 'svg')->{body})
            =~ /(\d+x\d+)/ && $1, 'the same in each format';
    cmp_ok $width->(text => 'x' x 1000), '<=', 4096, 'never wider than this';
    cmp_ok $width->(text => ' '), '>=', 1, 'nothing but a blank';
    is image(text => 'x', size => 144, width => 16)->{status}, 200,
        'a letter wider than the picture may be';
}

sub scripts {
    my %tags;
    my %text = (
        Latin => "\xc3\x9cbersicht", Greek => "\xce\x95\xce\xbb\xce\xbb\xce\xac\xcf\x82",
        Cyrillic => "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
        Hebrew => "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
        Arabic => "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
        Japanese => "\xe4\xbe\xa1\xe6\xa0\xbc", Emoji => "\xf0\x9f\x98\x80",
        combined => "e\xcc\x81", 'both directions' => "a \xd7\xa9 b\n\xd7\xa9 a",
    );
    for my $script (sort keys %text) {
        my $r = image(text => $text{$script}, format => 'png');
        like picture($r->{body}), qr/^png \d+x\d+\z/, $script;
        $tags{ $r->{headers}{etag} } = 1;
    }
    is keys %tags, keys %text, 'each is a picture of its own';
    like picture(image(text => "abc\n" . $text{Hebrew}, format => 'png')
        ->{body}), qr/^png \d{2,3}x/,
        'a line from right to left makes the picture no wider';
}

# Markup is drawn, never obeyed, and stands nowhere in an SVG.
sub html_is_text {
    for my $text ('<script>alert(1)</script>', '</svg><script>', '&amp; &#60;',
        '<span size="999999">', ']]>', '"><image href="x"/>', '%s%n%d') {
        my $r = image(text => $text, format => 'svg');
        is $r->{status}, 200, "drawn: $text";
        is svg_fault($r->{body}), '', 'well-formed';
        unlike $r->{body}, qr/script|alert|href="x"|span/i, 'and harmless';
    }
    my $r = fetch($PATH . query(text => 'x', colour => '<b>&'),
                  headers => ['Accept: text/html']);
    unlike $r->{body}, qr/<b>&/, 'a refusal does not repeat it';
}

# Query => what the answer has to name.
sub refusals {
    my @cases = (
        [''                                     => 'text'],
        ['?text='                               => 'text'],
        ['?size=20'                             => 'text'],
        [query(text => 'x' x 1001)              => 'text'],
        ['?text=%ff%fe'                         => 'text'],
        ['?text=%c3'                            => 'text'],
        ['?text=%ed%a0%80'                      => 'text'],
        [query(text => "x\n" x 300, size => 144) => 'text'],
        ['?text=x&size=7'                       => 'size'],
        ['?text=x&size=145'                     => 'size'],
        ['?text=x&size=-1'                      => 'size'],
        ['?text=x&size=99999999999999999999'    => 'size'],
        ['?text=x&size=18446744073709551648'    => 'size'],
        ['?text=x&size=3e1'                     => 'size'],
        ['?text=x&size=0x20'                    => 'size'],
        ['?text=x&size=32px'                    => 'size'],
        ['?text=x&width=15'                     => 'width'],
        ['?text=x&width=4097'                   => 'width'],
        ['?text=x&format=gif'                   => 'format'],
        ['?text=x&format=PNG'                   => 'format'],
        map({ [query(text => 'x', colour => $_) => 'colour'] }
            '#12', '#12345g', '12345', 'no such', '#', '', '#ff000000', 'rgb(1,2,3)',
            'x' x 41, "';--", "red\n"),
        [query(text => 'x', background => 'nocolour') => 'background'],
    );
    for my $case (@cases) {
        my ($query, $name) = @$case;
        my $r = fetch("$PATH$query");
        my $shown = substr $query, 0, 40;
        is $r->{status}, 400, "refused: $shown";
        like $r->{body}, qr/Input "$name"/, "names $name";
        is $r->{headers}{etag}, undef, 'no ETag';
        is $r->{headers}{'cache-control'}, undef, 'not to be kept';
    }
    is fetch("$PATH?text=%00")->{status}, 400, 'a NUL';
    is fetch("$PATH?text=a%00b")->{status}, 400, 'a NUL in the middle';
    is fetch("$PATH?text=" . 'x' x 9000)->{status}, 414, "httpd's own limit";
    like fetch("$PATH?text=x&size=145")->{body}, qr/from 8 to 144/,
        'says what is expected';
    like image(text => 'x', colour => 'nocolour')->{body}, qr/#rrggbb/,
        'for a colour too';
}

sub methods {
    for my $method (qw(POST PUT DELETE FOO)) {
        my $r = fetch("$PATH?text=x", method => $method);
        is $r->{status}, 405, $method;
        is header_set($r, 'Allow'), 'GET HEAD OPTIONS', 'Allow';
    }
}

sub mapping {
    for my $path ('/image/no/such/folder/x.image', '/image/x.image',
        '/image/a%20b.image', '/image/no/../x.image') {
        my $r = fetch("$path?text=x");
        is $r->{headers}{'content-type'}, 'image/jpeg', "LocationMatch: $path";
    }
    is fetch('/image/x.txt?text=x')->{status}, 404, 'another extension';

    my $r = fetch('/x.image?text=x', vhost => 'image_add');
    is $r->{headers}{'content-type'}, 'image/jpeg',
        'AddHandler: a folder that is there, a file that is not';
    is fetch('/no/such/folder/x.image?text=x', vhost => 'image_add')->{status},
        404, 'AddHandler alone: not in a folder that is not there';
}
