-- Customers and orders. What looks random is arithmetic on the row's number.

CREATE TEMP TABLE family (n INTEGER PRIMARY KEY, name TEXT, mail TEXT);
INSERT INTO family (name, mail) VALUES
    ('Müller', 'mueller'), ('Schäfer', 'schaefer'), ('Größl', 'groessl'),
    ('Jäger', 'jaeger'), ('Weiß', 'weiss'), ('Hansen', 'hansen'),
    ('Sørensen', 'soerensen'), ('Ångström', 'angstrom'), ('O''Brien', 'obrien'),
    ('Fernández', 'fernandez'), ('Çelik', 'celik'), ('Łukaszewicz', 'lukaszewicz'),
    ('Dvořák', 'dvorak'), ('Nagy', 'nagy'), ('Popović', 'popovic'),
    ('Παπαδόπουλος', 'papadopoulos'), ('Γεωργίου', 'georgiou'),
    ('Νικολαΐδης', 'nikolaidis'), ('Иванов', 'ivanov'), ('Кузнецов', 'kuznetsov'),
    ('Шевченко', 'shevchenko'), ('Петров', 'petrov'), ('de la Cruz', 'delacruz'),
    ('van den Berg', 'vandenberg'), ('Dupont', 'dupont');

CREATE TEMP TABLE trade (n INTEGER PRIMARY KEY, latin TEXT, greek TEXT,
                         cyrillic TEXT);
INSERT INTO trade (latin, greek, cyrillic) VALUES
    ('& Söhne GmbH', 'ΑΕ', 'и сыновья'), ('Bau AG', 'Οικοδομική', 'Строй'),
    ('Optik', 'Οπτικά', 'Оптика'), ('Logistics Ltd', 'Μεταφορές', 'Логистика'),
    ('Bäckerei', 'Αρτοποιία', 'Пекарня'), ('Energie', 'Ενέργεια', 'Энергия'),
    ('Café', 'Καφέ', 'Кафе'), ('Druck & Papier', 'Χαρτιά', 'Печать'),
    ('Wine Trading', 'Οίνοι', 'Вина'), ('Möbel', 'Έπιπλα', 'Мебель'),
    ('Software', 'Λογισμικό', 'Софт'), ('Garden', 'Κήπος', 'Сад'),
    ('Médical', 'Ιατρικά', 'Медтехника'), ('Tools', 'Εργαλεία', 'Инструмент'),
    ('Schiffahrt', 'Ναυτιλία', 'Флот'), ('Textil', 'Υφάσματα', 'Текстиль'),
    ('Musik', 'Μουσική', 'Музыка'), ('Apotheke', 'Φαρμακείο', 'Аптека'),
    ('Räder', 'Ποδήλατα', 'Колёса'), ('Verlag', 'Εκδόσεις', 'Издательство');

CREATE TEMP TABLE town (n INTEGER PRIMARY KEY, city TEXT, region TEXT);
INSERT INTO town (city, region) VALUES
    ('Hamburg', 'North'), ('Lübeck', 'North'), ('København', 'North'),
    ('Malmö', 'North'), ('Flensburg', 'North'), ('Rostock', 'North'),
    ('München', 'South'), ('Αθήνα', 'South'), ('Zürich', 'South'),
    ('Θεσσαλονίκη', 'South'), ('Nürnberg', 'South'),
    ('Dresden', 'East'), ('Łódź', 'East'), ('Київ', 'East'),
    ('Görlitz', 'East'), ('Brno', 'East'), ('Győr', 'East'),
    ('Köln', 'West'), ('Liège', 'West'), ('Düsseldorf', 'West'),
    ('Saarbrücken', 'West'), ('Besançon', 'West'),
    ('São Paulo', 'Overseas'), ('Montréal', 'Overseas'), ('大阪', 'Overseas');

-- Names that a careless page, query or spreadsheet stumbles over.
INSERT INTO customers (id, name, city, region, priority, email, since, revenue)
VALUES
    (1, '<b>Bold & Co</b>', 'Hamburg', 'North', 1, 'bold@example.com',
     '2019-03-01', 0),
    (2, '=SUM(A1:A9)', 'Köln', 'West', 2, '+49@example.com', '2020-02-29', 0),
    (3, 'Say "Cheese", Ltd', 'Dresden', 'East', 3, NULL, '2021-07-15', 0),
    (4, 'O''Hara; DROP TABLE customers; --', 'Montréal', 'Overseas', 4, '',
     '2022-11-30', 0),
    (5, '100% Wolle_und_Garn', 'Lübeck', 'North', 5, 'wolle@example.com',
     '2018-01-08', 0),
    (6, '株式会社さくら', '大阪', 'Overseas', 1, 'sakura@example.com',
     '2023-04-01', 0),
    (7, '@home -dash +plus', NULL, 'South', 2, NULL, '2024-12-24', 0),
    (8, 'Back\slash & Tab' || char(9) || 'AG', 'Görlitz', 'East', 3,
     '"quoted"@example.com', '2017-05-17', 0);

WITH RECURSIVE c(k) AS
    (SELECT 0 UNION ALL SELECT k + 1 FROM c WHERE k < 491)
INSERT INTO customers (id, name, city, region, priority, email, since, revenue)
    SELECT k + 9,
           family.name || ' ' || CASE
               WHEN family.name GLOB '[Α-Ω]*' THEN trade.greek
               WHEN family.name GLOB '[А-Я]*' THEN trade.cyrillic
               ELSE trade.latin END,
           town.city, town.region,
           1 + (k * 7 + k / 25) % 5,
           CASE WHEN k % 11 <> 3
                THEN family.mail || '.' || (k + 9) || '@example.com' END,
           date('2015-01-01', '+' || (k * 3967 % 3900) || ' days'),
           0
    FROM c
    JOIN family ON family.n = 1 + k % 25
    JOIN trade ON trade.n = 1 + (k / 25 * 6 + k) % 20
    JOIN town ON town.n = 1 + (k * 7 + k / 25) % 25;

-- Two years, November 2024 to October 2026: more at the end, most before
-- Christmas. Every seventeenth customer never bought anything.
WITH RECURSIVE o(n) AS
    (SELECT 1 UNION ALL SELECT n + 1 FROM o WHERE n < 6000),
placed AS
    (SELECT n, 1 + n * 7919 % 500 AS customer,
            n * 104729 % 730 AS day FROM o)
INSERT INTO orders (id, customer_id, ordered, amount)
    SELECT n, customer, date('2024-11-01', '+' || day || ' days'),
           (500 + n * 3571 % 24500 + 12 * day)
           * CASE strftime('%m', date('2024-11-01', '+' || day || ' days'))
                 WHEN '11' THEN 3 WHEN '12' THEN 4 ELSE 2 END
           * (2 + customer * 37 % 13) / 6
    FROM placed WHERE customer % 17 <> 0;

UPDATE customers SET revenue = (SELECT COALESCE(SUM(amount), 0)
    FROM orders WHERE customer_id = customers.id);

DROP TABLE family;
DROP TABLE trade;
DROP TABLE town;
