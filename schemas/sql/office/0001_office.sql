-- office.db: what the controllers of a space told, and what follows from it.

CREATE TABLE controller (
    name       TEXT PRIMARY KEY,
    last       INTEGER NOT NULL,            -- the greatest number of its events
    hash       BLOB,                        -- chain hash of that row; NULL: not known
    public_key BLOB,                        -- NULL: none was seen yet
    signed     INTEGER NOT NULL DEFAULT 0,  -- a signature covers the rows up to this one
    broken     INTEGER                      -- the first row that does not hold; NULL: none
) STRICT, WITHOUT ROWID;

-- Each event once, byte for byte.
CREATE TABLE event (
    controller TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    type       TEXT NOT NULL,
    body       BLOB NOT NULL,
    PRIMARY KEY (controller, seq)
) STRICT, WITHOUT ROWID;

-- Those of them that tell of passages; visits are made of these.
CREATE TABLE passage (
    controller TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    direction  INTEGER NOT NULL,            -- enum lq_direction
    evidence   INTEGER NOT NULL,            -- enum lq_evidence
    at         INTEGER NOT NULL,            -- Unix milliseconds
    trust      INTEGER NOT NULL,            -- enum lq_trust
    PRIMARY KEY (controller, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX passage_by_person ON passage (controller, holder, zone, at);

CREATE TABLE visit (
    controller TEXT NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    day_begins INTEGER NOT NULL,            -- Unix milliseconds, like all times here
    day_half   INTEGER NOT NULL,
    day_ends   INTEGER NOT NULL,
    began      INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    left_it    INTEGER NOT NULL,
    assumed    INTEGER NOT NULL,
    passages   INTEGER NOT NULL,
    absent     INTEGER NOT NULL,
    trust      INTEGER NOT NULL,
    PRIMARY KEY (controller, holder, zone, began)
) STRICT, WITHOUT ROWID;

CREATE INDEX visit_by_day ON visit (day_begins);
