-- Visits: what people say besides the badges, what is counted for good, and what is to be gone after
-- a time. Times are Unix milliseconds.

-- Zones that passages led to, and whether anybody ever badged out of one.
CREATE TABLE zone (
    name  TEXT PRIMARY KEY,
    exits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO zone (name, exits) SELECT zone, max(direction) FROM passage GROUP BY zone;

-- Rows of a controller that did not come: the first and the last of each stretch.
CREATE TABLE gap (
    controller TEXT NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    PRIMARY KEY (controller, first)
) STRICT, WITHOUT ROWID;

INSERT INTO gap (controller, first, last) SELECT controller, before + 1, seq - 1 FROM (
    SELECT controller, seq, type,
        lag(seq, 1, seq - 1) OVER (PARTITION BY controller ORDER BY seq) AS before FROM event) AS told
    WHERE seq - before > 1 AND type <> 'org.loquet.journal.restarted.v1';

-- What somebody said of a visit. It is bound to a moment of that person's day in that zone, so that
-- it outlasts the visits, which are made anew with every event.
CREATE TABLE visit_correction (
    id         INTEGER PRIMARY KEY,
    realm      TEXT NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    day_begins INTEGER NOT NULL,
    began      INTEGER NOT NULL,            -- of the visit as it was
    check_in   INTEGER,                     -- NULL: as the badges have it, like the next two
    check_out  INTEGER,
    half_days  INTEGER,
    void       INTEGER NOT NULL,            -- 1: it was none
    author     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    reason     TEXT NOT NULL
) STRICT;

CREATE INDEX visit_correction_by_day ON visit_correction (realm, holder, zone, day_begins);

ALTER TABLE visit ADD COLUMN correction INTEGER; -- the one that counts; NULL: none

CREATE INDEX visit_by_person ON visit (realm, holder, began);

-- How many, by the hour; nobody in particular. It outlasts the visits.
CREATE TABLE figure (
    at         INTEGER PRIMARY KEY,         -- where the hour begins
    day_begins INTEGER NOT NULL,
    most       INTEGER NOT NULL,            -- persons at one time
    visits     INTEGER NOT NULL,            -- that began in it
    members    INTEGER NOT NULL,            -- of them, by whose they are
    guests     INTEGER NOT NULL,
    staff      INTEGER NOT NULL
) STRICT;

-- Days whose figures are to be made anew.
CREATE TABLE figure_due (
    day_begins INTEGER PRIMARY KEY,
    day_ends   INTEGER NOT NULL
) STRICT;

-- What is billed: no door, no time of the day.
CREATE TABLE billing (
    realm     TEXT NOT NULL,
    holder    INTEGER NOT NULL,
    date      TEXT NOT NULL,                -- of the business day
    half_days INTEGER NOT NULL,
    PRIMARY KEY (realm, holder, date)
) STRICT, WITHOUT ROWID;

-- How far the keeping of the books has come.
CREATE TABLE ledger (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    billed INTEGER NOT NULL,                -- days that ended up to here are in billing
    purged INTEGER NOT NULL                 -- of persons, nothing older is kept
) STRICT;

INSERT INTO ledger (id, billed, purged) VALUES (1, 0, 0);

ALTER TABLE event ADD COLUMN at INTEGER NOT NULL DEFAULT 0; -- when it happened
ALTER TABLE event ADD COLUMN hash BLOB;     -- SHA-256 of a body that was purged
UPDATE event SET at = coalesce((SELECT at FROM passage p
    WHERE p.controller = event.controller AND p.seq = event.seq), 0);
CREATE INDEX event_by_time ON event (at);
CREATE INDEX passage_by_time ON passage (at);

-- Somebody's guest, for a time. The person is of the kind guest.
CREATE TABLE visitor (
    person  INTEGER PRIMARY KEY REFERENCES person (number),
    host    INTEGER REFERENCES person (number), -- NULL: the space's own guest
    from_at INTEGER NOT NULL,
    to_at   INTEGER NOT NULL,
    purpose TEXT NOT NULL
) STRICT;

CREATE INDEX visitor_by_host ON visitor (host);

-- Where a controller's fire input told that an evacuation begins, and that it ends. Who is on the
-- list follows from the visits at that moment.
CREATE TABLE muster (
    controller TEXT NOT NULL,
    at         INTEGER NOT NULL,
    begins     INTEGER NOT NULL,            -- 0: it ends
    PRIMARY KEY (controller, at, begins)
) STRICT, WITHOUT ROWID;

-- Who was seen at the assembly point.
CREATE TABLE muster_tick (
    realm  TEXT NOT NULL,
    holder INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (realm, holder, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE drill (
    id      INTEGER PRIMARY KEY,
    began   INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    remarks TEXT NOT NULL,
    author  TEXT NOT NULL
) STRICT;
