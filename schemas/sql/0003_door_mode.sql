-- What was last wanted of each door: the newest door.mode_changed, kept apart because the journal's
-- bodies may be purged. A door without a row is Locked.
CREATE TABLE door_mode (
	door TEXT PRIMARY KEY, -- its name
	mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 4) -- 0 Locked, 1 Unlocked, 2 Blocked, 3 LockedDown, 4 LockedOpen
) STRICT;
