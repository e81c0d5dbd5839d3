-- demo/schema.sql in PostgreSQL's dialect: whole numbers have eight bytes, as
-- SQLite's have, and a BLOB is a bytea. The handlers' statements are the same.

CREATE TABLE customers (
    id       BIGINT PRIMARY KEY,
    name     TEXT NOT NULL,
    city     TEXT,
    region   TEXT NOT NULL
             CHECK (region IN ('North', 'South', 'East', 'West', 'Overseas')),
    priority BIGINT NOT NULL CHECK (priority BETWEEN 1 AND 5),
    email    TEXT,                -- NULL: not known
    since    TEXT NOT NULL,       -- 2026-11-21
    revenue  BIGINT NOT NULL      -- cents
);
CREATE INDEX customers_region ON customers (region, priority);

CREATE TABLE orders (
    id          BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    ordered     TEXT NOT NULL,    -- 2026-11-21
    amount      BIGINT NOT NULL   -- cents
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_ordered ON orders (ordered);

-- A row is written first, then its pieces; it is shown once complete is 1.
CREATE TABLE attachments (
    id         BIGINT PRIMARY KEY,
    name       TEXT NOT NULL,     -- any characters
    type       TEXT NOT NULL,     -- a media type
    size       BIGINT NOT NULL CHECK (size >= 0),
    digest     TEXT NOT NULL,     -- SHA-256 in hex: the ETag
    created    BIGINT NOT NULL,   -- seconds since 1970
    piece_size BIGINT NOT NULL CHECK (piece_size > 0),
    complete   BIGINT NOT NULL DEFAULT 0
);

-- Byte n of an attachment lies in piece n / piece_size; all pieces but the last
-- are full. The pieces are kept as they are: compressing them would cost more
-- than it saves, and a part of one is then read without the rest.
CREATE TABLE attachment_pieces (
    attachment_id BIGINT NOT NULL REFERENCES attachments (id),
    number        BIGINT NOT NULL,
    data          BYTEA NOT NULL,
    PRIMARY KEY (attachment_id, number)
);
ALTER TABLE attachment_pieces ALTER COLUMN data SET STORAGE EXTERNAL;
