-- Who may come and when: the space's people, their badges and the rules. The doors' rosters are made
-- of these tables. Times are Unix milliseconds.
CREATE TABLE schedule (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE period (
    schedule    TEXT NOT NULL REFERENCES schedule (name) ON DELETE CASCADE,
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 10079), -- since Monday 00:00 local
    to_minute   INTEGER NOT NULL CHECK (to_minute BETWEEN 0 AND 10080),
    PRIMARY KEY (schedule, from_minute, to_minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE special_group (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE special_day (
    special TEXT NOT NULL REFERENCES special_group (name) ON DELETE CASCADE,
    year    INTEGER NOT NULL CHECK (year BETWEEN 0 AND 9999), -- 0: every year
    month   INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
    day     INTEGER NOT NULL CHECK (day BETWEEN 1 AND 31),
    label   TEXT NOT NULL DEFAULT '',           -- for people
    PRIMARY KEY (special, year, month, day)
) STRICT, WITHOUT ROWID;

-- What a schedule has on the days of a group in place of its week.
CREATE TABLE schedule_special (
    schedule    TEXT NOT NULL REFERENCES schedule (name) ON DELETE CASCADE,
    special     TEXT NOT NULL REFERENCES special_group (name),
    place       INTEGER NOT NULL,               -- where a date is in several groups, the lowest holds
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN -1 AND 1439), -- of that day; -1: closed
    to_minute   INTEGER NOT NULL CHECK (to_minute BETWEEN -1 AND 1440),
    PRIMARY KEY (schedule, special, from_minute, to_minute)
) STRICT, WITHOUT ROWID;

-- A door stands unlocked during a schedule.
CREATE TABLE door_hours (
    door         TEXT PRIMARY KEY,
    schedule     TEXT NOT NULL REFERENCES schedule (name),
    first_person INTEGER NOT NULL DEFAULT 0 CHECK (first_person IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE profile (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE policy (
    profile      TEXT NOT NULL REFERENCES profile (name) ON DELETE CASCADE,
    access_point TEXT NOT NULL,                 -- "<door>/entry", "<door>/exit", or "*" for every one
    schedule     TEXT REFERENCES schedule (name), -- NULL: always
    place        INTEGER NOT NULL,
    PRIMARY KEY (profile, place)
) STRICT, WITHOUT ROWID;

INSERT INTO profile (name) VALUES ('always');
INSERT INTO policy (profile, access_point, schedule, place) VALUES ('always', '*', NULL, 0);

-- A number is never given twice: events name it. Of somebody who was erased, the row stays.
CREATE TABLE person (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    folded        TEXT NOT NULL,                -- the name in small letters without accents, to be searched
    kind          TEXT NOT NULL CHECK (kind IN ('member', 'guest', 'staff')),
    profile       TEXT NOT NULL REFERENCES profile (name),
    email         TEXT,
    external_id   TEXT UNIQUE,                  -- what another system calls them
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    hidden        INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)), -- counted, never named
    board         INTEGER NOT NULL DEFAULT 0 CHECK (board IN (0, 1)), -- wants to be on the public board
    any_time      INTEGER NOT NULL DEFAULT 0 CHECK (any_time IN (0, 1)),
    extended_time INTEGER NOT NULL DEFAULT 0 CHECK (extended_time IN (0, 1)),
    erased        INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
    created       INTEGER NOT NULL,
    changed       INTEGER NOT NULL
) STRICT;

CREATE INDEX person_by_name ON person (folded, number);
CREATE INDEX person_by_part ON person ((number % 256));

CREATE TABLE badge (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    person          INTEGER REFERENCES person (number), -- NULL: of the pool; opens nothing
    label           TEXT NOT NULL DEFAULT '',   -- what is printed on it
    key             BLOB NOT NULL UNIQUE CHECK (length(key) = 16), -- HMAC-SHA-256(uid.key, UID), first 16 bytes
    state           INTEGER NOT NULL DEFAULT 0, -- enum lq_credential_state: 0 enabled, 1 revoked, 2 lost
    valid_from      INTEGER NOT NULL DEFAULT 0,
    valid_to        INTEGER NOT NULL DEFAULT 0, -- exclusive; 0: no end
    uses            INTEGER CHECK (uses BETWEEN 0 AND 65535), -- NULL: not counted
    valid_for       INTEGER NOT NULL DEFAULT 0, -- hours from the first granted tap; 0: any
    suspended_until INTEGER NOT NULL DEFAULT 0, -- 0: until it is enabled
    changed         INTEGER NOT NULL
) STRICT;

CREATE INDEX badge_by_person ON badge (person);

-- What the doors are to hear of next: 0 the rules, 1 + n the persons whose number leaves n when
-- divided by 256. Whoever changes a row above adds its part, in the same transaction.
CREATE TABLE roster_due (
    part INTEGER PRIMARY KEY
) STRICT;

-- The newest version that was handed to the doors, and the hash of what its manifest named.
CREATE TABLE roster_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    digest  BLOB NOT NULL
) STRICT;
