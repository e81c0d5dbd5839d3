# The handlers of mod_calendar, asked over HTTP.
use strict;
use warnings FATAL => 'all';

use Apache::Test;
use Apache::TestRequest qw(GET);
use Apache::TestUtil;

plan tests => 7;

ok t_cmp(GET('/weekday?date=2026-11-21')->content, "Saturday\n");
ok t_cmp(GET('/weekday?date=2028-02-29')->content, "Tuesday in a leap year\n");
ok t_cmp(GET('/weekday?date=2026-11-21', Accept => 'text/html')->content,
         qq(<p title="2026-11-21">Saturday</p>\n));

my $r = GET('/weekday?date=yesterday');
ok t_cmp($r->code, 400);
ok t_cmp($r->content, qr/date/);

ok t_cmp(GET('/leap-year?year=2000')->content, "2000 is a leap year.\n");
ok t_cmp(GET('/leap-year?year=2100')->content, "2100 is no leap year.\n");
