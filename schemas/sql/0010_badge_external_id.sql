-- What another system calls a badge. It is kept for that system and finds nothing here.
ALTER TABLE credential ADD COLUMN external_id TEXT;
