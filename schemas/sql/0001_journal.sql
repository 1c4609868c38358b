-- The append-only journal. `body` holds the exact bytes of the event as published; purging it for
-- privacy leaves the hashes, so the chain still verifies.
CREATE TABLE journal (
	seq INTEGER PRIMARY KEY,
	body BLOB NOT NULL,
	body_hash BLOB NOT NULL CHECK (length(body_hash) = 32), -- SHA-256(body)
	hash BLOB NOT NULL CHECK (length(hash) = 32) -- SHA-256(hash of the row before || body_hash)
) STRICT;
