-- The database of version 1 (PRAGMA user_version). Later versions are steps of their own in
-- migrate.c. Times are µs since 1970 UTC. Only what is rare has indexes: see README.md.

-- Facts about the file: id (32 hex digits), key (16 random bytes for hashing event ids).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Who folds the log and how far it goes. Every commit moves pos under the condition that epoch
-- and pos are what its author believes them to be. The counts by kind ride on the same row.
CREATE TABLE part (
    part      INTEGER PRIMARY KEY,
    epoch     INTEGER NOT NULL,
    pos       INTEGER NOT NULL,
    n_event   INTEGER NOT NULL DEFAULT 0,
    n_reply   INTEGER NOT NULL DEFAULT 0,
    n_fate    INTEGER NOT NULL DEFAULT 0,
    n_tick    INTEGER NOT NULL DEFAULT 0,
    n_rules   INTEGER NOT NULL DEFAULT 0,
    n_history INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The log: every input that was accepted, dense by seq. Append only.
CREATE TABLE event (
    seq  INTEGER PRIMARY KEY,
    now  INTEGER NOT NULL,
    kind INTEGER NOT NULL,   -- enum sw_input_kind
    body TEXT NOT NULL
) STRICT;

-- Every set of rule files that was ever active, packed.
CREATE TABLE bundle (
    digest TEXT PRIMARY KEY,
    body   TEXT NOT NULL
) STRICT;

CREATE TABLE cases (
    number    INTEGER PRIMARY KEY,
    household TEXT NOT NULL,
    area      TEXT NOT NULL,
    place     TEXT NOT NULL,
    name      TEXT NOT NULL,
    state     TEXT NOT NULL,
    level     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    owner     TEXT NOT NULL,
    causes    TEXT NOT NULL,
    rules     TEXT NOT NULL,
    score     REAL NOT NULL,
    opened    INTEGER NOT NULL,
    updated   INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_open ON cases(number) WHERE state <> 'closed';

CREATE TABLE step (
    id     INTEGER PRIMARY KEY,
    number INTEGER NOT NULL REFERENCES cases(number),
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    text   TEXT NOT NULL
) STRICT;
CREATE INDEX step_case ON step(number);

-- id is (seq << 20) + n for the message "seq-n", so new ones are appended.
CREATE TABLE message (
    id       INTEGER PRIMARY KEY,
    number   INTEGER REFERENCES cases(number),
    kind     TEXT NOT NULL,
    gateway  TEXT NOT NULL,
    receiver TEXT NOT NULL,
    body     TEXT NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- enum sw_outbox_state
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER NOT NULL,
    detail   TEXT NOT NULL DEFAULT '',  -- newest word of gateway or receipt
    fate     TEXT,
    fate_at  INTEGER
) STRICT;
CREATE INDEX message_case ON message(number) WHERE number IS NOT NULL;
CREATE INDEX message_fate ON message(fate) WHERE fate IS NOT NULL;
CREATE INDEX message_waiting ON message(id) WHERE state <> 2;

CREATE TABLE task (
    id        INTEGER PRIMARY KEY,
    household TEXT NOT NULL,
    rule      TEXT NOT NULL,
    text      TEXT NOT NULL,
    opened    INTEGER NOT NULL
) STRICT;

-- The newest 100 000 inputs that were refused, and how many there ever were by reason.
CREATE TABLE rejected (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    door   TEXT NOT NULL,
    reason TEXT NOT NULL,
    text   TEXT NOT NULL,
    body   BLOB NOT NULL
) STRICT;
CREATE TABLE refusal (
    reason TEXT PRIMARY KEY,
    n      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
