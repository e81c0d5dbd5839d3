# The page of bench/handlers/customers.c for mod_perl: loaded once, with one
# connection and one prepared statement per child.
package Bench::Customers;

use strict;
use warnings;

use Apache2::Const -compile => 'OK';
use Apache2::RequestIO ();
use Apache2::RequestRec ();
use DBI ();
use File::Basename qw(dirname);
use HTML::Entities qw(encode_entities);

my $file = dirname(__FILE__) . '/data/demo.db';
my $query;

sub rows {
    $query //= DBI->connect("dbi:SQLite:dbname=$file", '', '',
                            { RaiseError => 1 })
        ->prepare('SELECT id, name, city, region, priority, email, since, '
                  . 'revenue FROM customers ORDER BY id LIMIT 100');
    $query->execute;
    return $query->fetchall_arrayref;
}

sub handler {
    my ($r) = @_;
    my $page = "<!DOCTYPE html>\n<html lang=\"en\"><head>"
        . "<title>Customers</title></head>\n<body><table>\n";

    for my $row (@{ rows() }) {
        my @cell = map { defined $_ ? encode_entities($_, q(&<>"')) : '' }
            @$row[0 .. 6];
        $page .= '<tr><td>' . join('</td><td>', @cell,
            sprintf '%d.%02d', int($row->[7] / 100), $row->[7] % 100)
            . "</td></tr>\n";
    }
    $r->content_type('text/html; charset=utf-8');
    $r->print($page . "</table></body></html>\n");
    return Apache2::Const::OK;
}

1;
