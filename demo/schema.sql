-- The demo's database, and the one the tests fill: SQLite's dialect, but
-- nothing that PostgreSQL would have to do without.

CREATE TABLE customers (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    city     TEXT,
    region   TEXT NOT NULL
             CHECK (region IN ('North', 'South', 'East', 'West', 'Overseas')),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    email    TEXT,                -- NULL: not known
    since    TEXT NOT NULL,       -- 2026-11-21
    revenue  INTEGER NOT NULL     -- cents
);
CREATE INDEX customers_region ON customers (region, priority);

CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered     TEXT NOT NULL,    -- 2026-11-21
    amount      INTEGER NOT NULL  -- cents
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_ordered ON orders (ordered);

-- A row is written first, then its pieces; it is shown once complete is 1.
CREATE TABLE attachments (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,     -- any characters
    type       TEXT NOT NULL,     -- a media type
    size       INTEGER NOT NULL CHECK (size >= 0),
    digest     TEXT NOT NULL,     -- SHA-256 in hex: the ETag
    created    INTEGER NOT NULL,  -- seconds since 1970
    piece_size INTEGER NOT NULL CHECK (piece_size > 0),
    complete   INTEGER NOT NULL DEFAULT 0
);

-- Byte n of an attachment lies in piece n / piece_size; all pieces but the last
-- are full. One column for the whole would be simpler, but SQLite loads all of
-- a value before substr() takes its part: 20 MB in 80 parts cost 735 ms and
-- 26 MB of memory each time, in pieces of 256 KiB 82 ms and 4 MB. An upload
-- also gets along with one piece in memory.
CREATE TABLE attachment_pieces (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id),
    number        INTEGER NOT NULL,
    data          BLOB NOT NULL,
    PRIMARY KEY (attachment_id, number)
);
