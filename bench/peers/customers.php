<?php
// The page of bench/handlers/customers.c in PHP.
$db = new PDO('sqlite:' . __DIR__ . '/data/demo.db', null, null,
              [PDO::ATTR_PERSISTENT => true,
               PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$rows = $db->query('SELECT id, name, city, region, priority, email, since, '
                   . 'revenue FROM customers ORDER BY id LIMIT 100',
                   PDO::FETCH_NUM);
$e = fn ($text) => htmlspecialchars((string)$text, ENT_QUOTES);

echo "<!DOCTYPE html>\n<html lang=\"en\"><head>",
    "<title>Customers</title></head>\n<body><table>\n";
foreach ($rows as $r) {
    echo "<tr><td>$r[0]</td><td>{$e($r[1])}</td><td>{$e($r[2])}</td><td>",
        "{$e($r[3])}</td><td>$r[4]</td><td>{$e($r[5])}</td><td>{$e($r[6])}",
        '</td><td>', sprintf('%d.%02d', intdiv($r[7], 100), $r[7] % 100),
        "</td></tr>\n";
}
echo "</table></body></html>\n";
