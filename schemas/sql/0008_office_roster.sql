-- The roster that the space's office keeps: which of its versions the members, badges and rules here
-- are, and of which parts it was made.
CREATE TABLE office_roster (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	kept INTEGER NOT NULL CHECK (kept IN (0, 1)), -- 0: the roster is this controller's own again
	version INTEGER NOT NULL, -- no lower one is taken
	iat INTEGER NOT NULL -- Unix seconds: when the office last said that it holds
) STRICT;

CREATE TABLE office_part (
	part INTEGER PRIMARY KEY CHECK (part BETWEEN 0 AND 256), -- 0: rules, 1 + k: members with id % 256 = k
	hash BLOB NOT NULL CHECK (length(hash) = 32) -- SHA-256; no row: empty
) STRICT;

-- What the office said of a badge's uses and time, hashed: while it is the same, what was spent here
-- stays spent. NULL: a badge of this controller's own.
ALTER TABLE credential ADD COLUMN origin INTEGER;

CREATE INDEX member_part ON member (id % 256);
