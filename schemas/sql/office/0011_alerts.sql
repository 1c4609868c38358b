-- What an operator is to look at, until one has: a badge that is told to be lost or stolen was
-- presented, or one that is in already came in again.
CREATE TABLE alert (
    controller TEXT NOT NULL,               -- the event that tells of it
    seq        INTEGER NOT NULL,
    kind       TEXT NOT NULL,               -- badge_lost, badge_stolen or in_again
    realm      TEXT NOT NULL,
    holder     INTEGER NOT NULL,
    door       TEXT NOT NULL,
    at         INTEGER NOT NULL,            -- Unix milliseconds
    PRIMARY KEY (controller, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_by_time ON alert (at);

-- A guest's half-days are the host's: who that was is known when they are entered.
ALTER TABLE billing ADD COLUMN payer INTEGER; -- a person of the office; NULL: the holder

-- What the members of boards that keep their own rosters are called here.
CREATE TABLE board_member (
    realm  TEXT NOT NULL,                   -- the controller
    holder INTEGER NOT NULL,
    name   TEXT NOT NULL,
    PRIMARY KEY (realm, holder)
) STRICT, WITHOUT ROWID;
