-- How many persons a zone may hold; the space's own limits are settings. 0: no limit.
CREATE TABLE zone_limit (
    zone  TEXT PRIMARY KEY,
    soft  INTEGER NOT NULL,                 -- from here on the operator is warned
    legal INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
