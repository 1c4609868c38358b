-- Who may use the office, with what, and who did what. Times are Unix milliseconds.

CREATE TABLE account (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    role     TEXT NOT NULL,                 -- operator, manager or auditor
    salt     BLOB NOT NULL,
    hash     BLOB NOT NULL,                 -- scrypt of the password
    cost     INTEGER NOT NULL,              -- log2 of scrypt's N
    block    INTEGER NOT NULL,              -- scrypt's r
    parallel INTEGER NOT NULL,              -- scrypt's p
    language TEXT NOT NULL,
    made     INTEGER NOT NULL
) STRICT;

CREATE TABLE login (
    hash    BLOB PRIMARY KEY,               -- SHA-256 of the cookie
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    made    INTEGER NOT NULL,
    used    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_by_account ON login (account);

-- What other programs prove themselves with.
CREATE TABLE token (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    hash   BLOB NOT NULL UNIQUE,            -- SHA-256 of the secret
    scopes INTEGER NOT NULL,                -- bits 1 << enum lq_scope
    made   INTEGER NOT NULL,
    used   INTEGER                          -- the day of its last use; NULL: never
) STRICT;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    author TEXT NOT NULL,
    act    TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_object ON audit (object, at);

-- What differs from host/office/settings.def.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
