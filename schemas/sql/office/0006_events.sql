-- What happens in the space, and opens doors for it. Beginnings and ends are local minutes: what
-- the clock on the wall shows, counted from 1970-01-01 00:00.
CREATE TABLE calendar_event (
    id          INTEGER PRIMARY KEY,
    uid         TEXT NOT NULL UNIQUE,       -- for calendars, for ever
    kind        TEXT NOT NULL,              -- event, training, public_window
    who         TEXT NOT NULL,              -- registered, members, anyone
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    place       TEXT NOT NULL,
    trainer     TEXT NOT NULL,
    public      INTEGER NOT NULL,           -- in the calendar that everybody may read
    begins      INTEGER NOT NULL,           -- of the first occurrence
    ends        INTEGER NOT NULL,
    rule        TEXT NOT NULL,              -- RRULE; empty: it happens once
    revision    INTEGER NOT NULL,           -- grows with every change
    changed     INTEGER NOT NULL            -- Unix milliseconds
) STRICT;

CREATE TABLE calendar_event_door (
    event INTEGER NOT NULL REFERENCES calendar_event (id) ON DELETE CASCADE,
    door  TEXT NOT NULL,
    PRIMARY KEY (event, door)
) STRICT, WITHOUT ROWID;

-- Numbers of the office. Who registered stays with what took place.
CREATE TABLE calendar_event_person (
    event  INTEGER NOT NULL REFERENCES calendar_event (id) ON DELETE CASCADE,
    person INTEGER NOT NULL,
    PRIMARY KEY (event, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE calendar_event_left_out (
    event INTEGER NOT NULL REFERENCES calendar_event (id) ON DELETE CASCADE,
    day   INTEGER NOT NULL,                 -- from 1970-01-01
    PRIMARY KEY (event, day)
) STRICT, WITHOUT ROWID;

-- Who may read the calendar that is not public: whoever has the address.
CREATE TABLE calendar_feed (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    secret BLOB NOT NULL UNIQUE,            -- SHA-256 of the address's token
    made   INTEGER NOT NULL                 -- Unix milliseconds
) STRICT;
