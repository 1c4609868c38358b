-- How far the journal was emptied of what tells of persons. `before` is no row's time: each row up
-- to `seq` is older, so that time does not run backwards although their bodies are gone.
CREATE TABLE retention (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	seq INTEGER NOT NULL,
	before INTEGER NOT NULL -- Unix milliseconds
) STRICT;
