-- Visits are made of the events up to this one. Those behind it are taken up again at the next start.
ALTER TABLE controller ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
UPDATE controller SET settled = last;
