-- Addresses that are told what happens. Times are Unix milliseconds.
CREATE TABLE webhook (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    url        TEXT NOT NULL UNIQUE,
    types      INTEGER NOT NULL,            -- bits 1 << enum lq_webhook_type
    secret     BLOB NOT NULL,               -- what it is signed with: it cannot be kept as a hash
    old_secret BLOB,                        -- signs beside it until `old_until`; NULL: none
    old_until  INTEGER NOT NULL DEFAULT 0,
    author     TEXT NOT NULL,
    made       INTEGER NOT NULL,
    ended      INTEGER,                     -- NULL: it is told
    gone       INTEGER NOT NULL DEFAULT 0,  -- 1: ended by an answer 410, not by somebody here
    failures   INTEGER NOT NULL DEFAULT 0,  -- in a row, of whatever delivery
    failing    INTEGER,                     -- when the first of these was; NULL: the last one arrived
    next       INTEGER NOT NULL DEFAULT 0,  -- until then it is left alone
    arrived    INTEGER                      -- the last delivery that did; NULL: none did
) STRICT;

-- What is to be told, and for a while what was. A controller's event is not copied: what is emptied
-- there is not told any more.
CREATE TABLE webhook_delivery (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook    INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,               -- webhook-id: the event's own
    type       INTEGER NOT NULL,            -- enum lq_webhook_type
    made       INTEGER NOT NULL,
    urgent     INTEGER NOT NULL DEFAULT 0,  -- a test: before all others, and once
    controller TEXT,                        -- whose event it is, or
    seq        INTEGER,
    body       BLOB,                        -- … the office's own words, gone when they are not needed
    realm      TEXT,                        -- whom these tell of; NULL: nobody
    holder     INTEGER,
    day_begins INTEGER,                     -- … and of which day of theirs
    state      INTEGER NOT NULL DEFAULT 0,  -- enum lq_delivery_state
    tries      INTEGER NOT NULL DEFAULT 0,
    first      INTEGER NOT NULL DEFAULT 0,  -- when the first one failed
    due        INTEGER NOT NULL,            -- the next try; in the end, when it ended
    status     INTEGER,                     -- of the last answer; NULL: there was none
    error      TEXT NOT NULL DEFAULT ''     -- … and why
) STRICT;

CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook, id) WHERE state = 0;
CREATE INDEX webhook_delivery_urgent ON webhook_delivery (webhook, id) WHERE state = 0 AND urgent = 1;
CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_by_person ON webhook_delivery (holder, realm) WHERE holder IS NOT NULL;

-- Days of somebody in a zone that changed; what came of it is to be told.
CREATE TABLE webhook_visit_due (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    realm      TEXT NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    day_begins INTEGER NOT NULL,
    UNIQUE (realm, holder, zone, day_begins)
) STRICT;

-- Visits as they were told. Visits are made anew with every event: one keeps the name it was told by.
CREATE TABLE webhook_visit (
    realm      TEXT NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    name       INTEGER NOT NULL,            -- when it had begun, then
    day_begins INTEGER NOT NULL,
    day_ends   INTEGER NOT NULL,
    open       INTEGER NOT NULL,
    check_in   INTEGER NOT NULL,
    check_out  INTEGER NOT NULL,            -- 0: it is open
    correction INTEGER NOT NULL,            -- 0: none
    PRIMARY KEY (realm, holder, zone, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_visit_open ON webhook_visit (day_ends) WHERE open = 1;

-- The count that was told last, without its time.
CREATE TABLE webhook_occupancy (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    told TEXT NOT NULL
) STRICT;
