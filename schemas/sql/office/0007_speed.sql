-- Passages stand together by person, in the order in which visits are made of them: one tree in the
-- place of two. Those that somebody told of are numbered through.
CREATE TABLE passage_of_person (
    controller TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    holder     INTEGER NOT NULL,
    zone       TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    direction  INTEGER NOT NULL,            -- enum lq_direction
    evidence   INTEGER NOT NULL,            -- enum lq_evidence
    at         INTEGER NOT NULL,            -- Unix milliseconds
    trust      INTEGER NOT NULL,            -- enum lq_trust
    realm      TEXT NOT NULL,               -- whose number a holder is: a controller's own, or the office's ('')
    PRIMARY KEY (realm, holder, at, controller, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO passage_of_person (controller, seq, holder, zone, epoch, number, direction, evidence, at, trust, realm)
    SELECT controller, seq, holder, zone, epoch, number, direction, evidence, at, trust, realm FROM passage;
DROP TABLE passage;
ALTER TABLE passage_of_person RENAME TO passage;
CREATE INDEX passage_by_time ON passage (at);
CREATE INDEX passage_told ON passage (seq) WHERE controller = '';

-- The primary key begins with the person.
DROP INDEX visit_by_person;

-- Of events, only those are looked for by their time that tell of persons, until they are emptied, and
-- those that are counted.
ALTER TABLE event ADD COLUMN personal INTEGER NOT NULL DEFAULT 0; -- 1: the body may tell of somebody
UPDATE event SET personal = 1 WHERE hash IS NULL AND type NOT LIKE 'org.loquet.door.%'
    AND type NOT LIKE 'org.loquet.reader.%' AND type NOT LIKE 'org.loquet.controller.%'
    AND type NOT LIKE 'org.loquet.journal.%' AND type NOT LIKE 'org.loquet.link.%';
DROP INDEX event_by_time;
CREATE INDEX event_personal ON event (at) WHERE personal = 1;
CREATE INDEX event_opening ON event (at) WHERE type = 'org.loquet.door.opened.v1';
