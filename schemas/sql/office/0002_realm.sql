-- Whose number a holder is: a controller's own, or the office's ('').
ALTER TABLE passage ADD COLUMN realm TEXT NOT NULL DEFAULT '';
UPDATE passage SET realm = controller;
DROP INDEX passage_by_person;
CREATE INDEX passage_by_person ON passage (realm, holder, zone, at);
ALTER TABLE visit RENAME COLUMN controller TO realm;
