-- Special days: dates in named groups, and what a schedule has on them in place of its week.
CREATE TABLE special_group (
	id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1023),
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE special_day (
	special INTEGER NOT NULL REFERENCES special_group (id) ON DELETE CASCADE,
	year INTEGER NOT NULL CHECK (year BETWEEN 0 AND 9999), -- 0: every year
	month INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
	day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 31),
	label TEXT NOT NULL DEFAULT '', -- for people
	PRIMARY KEY (special, year, month, day)
) STRICT;

CREATE TABLE schedule_special (
	schedule INTEGER NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
	special INTEGER NOT NULL REFERENCES special_group (id),
	place INTEGER NOT NULL, -- where a date is in several groups, the lowest holds
	from_minute INTEGER CHECK (from_minute BETWEEN 0 AND 1439), -- since 00:00 of that day; NULL: closed
	to_minute INTEGER CHECK (to_minute BETWEEN 0 AND 1440) -- not behind from_minute: on the next day
) STRICT;

-- Opening hours: a door stands unlocked during a schedule.
CREATE TABLE door_hours (
	door TEXT PRIMARY KEY, -- its name
	schedule INTEGER NOT NULL REFERENCES schedule (id),
	first_person INTEGER NOT NULL DEFAULT 0 CHECK (first_person IN (0, 1)) -- not before a member has come
) STRICT;

-- What is remembered of them with the mode that they gave the door.
ALTER TABLE door_mode ADD COLUMN period INTEGER NOT NULL DEFAULT 0; -- its first local minute since 1970; 0: outside of any
ALTER TABLE door_mode ADD COLUMN first_came INTEGER NOT NULL DEFAULT 0; -- 1: a member has come in it
ALTER TABLE door_mode ADD COLUMN held INTEGER NOT NULL DEFAULT 1; -- 1: the mode was set by hand

-- A member's own rights.
ALTER TABLE member ADD COLUMN any_time INTEGER NOT NULL DEFAULT 0; -- 1: the schedules of the profile do not bind
ALTER TABLE member ADD COLUMN extended_time INTEGER NOT NULL DEFAULT 0; -- 1: doors stay released and open for longer

-- What wears a badge out.
ALTER TABLE credential ADD COLUMN uses_left INTEGER CHECK (uses_left BETWEEN 0 AND 65535); -- NULL: not counted
ALTER TABLE credential ADD COLUMN valid_for INTEGER NOT NULL DEFAULT 0; -- hours from the first granted tap, which sets valid_to and this to 0
ALTER TABLE credential ADD COLUMN suspended_until INTEGER NOT NULL DEFAULT 0; -- Unix seconds; 0: until it is enabled
