-- Who is in by what the badges told. Kept with the row of the passage, read at the start.
CREATE TABLE presence (
	zone TEXT NOT NULL, -- its name
	member INTEGER NOT NULL,
	since INTEGER NOT NULL, -- Unix milliseconds
	forgiven INTEGER NOT NULL DEFAULT 0 CHECK (forgiven IN (0, 1)), -- the next entry is not judged
	UNIQUE (zone, member)
) STRICT;

-- The same as it was when a fire began, until somebody has confirmed its end.
CREATE TABLE presence_frozen (
	zone TEXT NOT NULL,
	member INTEGER NOT NULL,
	since INTEGER NOT NULL,
	UNIQUE (zone, member)
) STRICT;

CREATE TABLE presence_freeze (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	at INTEGER NOT NULL -- Unix milliseconds
) STRICT;

-- What holds at a door besides its mode. A door without a row has none of it.
CREATE TABLE door_hold (
	door TEXT PRIMARY KEY, -- its name
	fire INTEGER NOT NULL DEFAULT 0 CHECK (fire IN (0, 1)), -- a fire that nobody has confirmed the end of
	released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)), -- and it stood released
	propped_until INTEGER NOT NULL DEFAULT 0 -- Unix milliseconds; 0: not propped
) STRICT;
