-- Who may enter: members, their badges, and the access profiles and schedules that bound them.
CREATE TABLE schedule (
	id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1023),
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE schedule_period (
	schedule INTEGER NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
	from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 10079), -- since Monday 00:00 local
	to_minute INTEGER NOT NULL CHECK (to_minute BETWEEN 0 AND 10080)
) STRICT;

CREATE TABLE profile (
	id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1023),
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE policy (
	profile INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
	access_point TEXT NOT NULL, -- "<door>/entry", "<door>/exit", or "*" for every one
	schedule INTEGER REFERENCES schedule (id) -- NULL: always
) STRICT;

CREATE TABLE member (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	profile INTEGER NOT NULL REFERENCES profile (id),
	enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1))
) STRICT;

CREATE TABLE credential (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	member INTEGER NOT NULL REFERENCES member (id),
	key BLOB NOT NULL UNIQUE CHECK (length(key) = 16), -- HMAC-SHA-256(uid.key, UID), first 16 bytes
	state INTEGER NOT NULL DEFAULT 0, -- 0 enabled, 1 revoked, 2 lost
	valid_from INTEGER NOT NULL DEFAULT 0, -- Unix seconds
	valid_to INTEGER NOT NULL DEFAULT 4294967295 -- Unix seconds, exclusive; the default: no end
) STRICT;

CREATE INDEX credential_member ON credential (member);

INSERT INTO profile (id, name) VALUES (1, 'always');
INSERT INTO policy (profile, access_point, schedule) VALUES (1, '*', NULL);
