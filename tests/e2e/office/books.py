"""An office's books as rows, read by SQLite's and PostgreSQL's own programs, and something to be in them."""

import json
import sqlite3
import subprocess

BYTES = bytes(range(256)) + b"\\x00'\n\t\\N"
TEXT = "d’été \\x00 \\N \\. ' \" \t\n ?1 $1 🚪"
MANY = 2345  # more than are read at one time


def sqlite_rows(path):
    """{table: its rows as sorted JSON}"""
    books = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=60)
    try:
        names = [row[0] for row in books.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        rows = {}
        for name in names:
            cursor = books.execute("SELECT * FROM " + name)
            columns = [column[0] for column in cursor.description]
            rows[name] = sorted(json.dumps(dict(zip(columns, map(plain, row))), sort_keys=True)
                                for row in cursor)
        return rows
    finally:
        books.close()


def plain(value):
    return "\\x" + value.hex() if isinstance(value, bytes) else value


def psql(server, database, sql):
    done = subprocess.run(
        [server.bin + "/psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, database],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.splitlines()


def postgres_rows(server, database):
    names = psql(server, database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                                   "AND tablename <> 'schema_version'")
    return {name: sorted(json.dumps(json.loads(row), sort_keys=True) for row in psql(
        server, database, "SELECT row_to_json(t) FROM %s t" % name)) for name in names}


def put_back(rows):
    """What they are once they were put back: doors may have seen a later roster, so the next one is new and whole."""
    version = [json.dumps({**json.loads(row), "digest": "\\x"}, sort_keys=True) for row in rows["roster_version"]]
    return {**rows, "roster_version": version, "roster_due": sorted('{"part": %d}' % part for part in range(257))}


def name(path):
    """What a running office would forget at once: nobody by this name has been here."""
    books = sqlite3.connect(path, timeout=60)
    with books:
        books.execute("INSERT INTO board_member (realm, holder, name) VALUES ('front-board', 1, ?)", (TEXT,))
    books.close()


def fill(path, events=MANY):
    """What the interface cannot put there, and what is awkward to carry."""
    books = sqlite3.connect(path, timeout=60)
    with books:
        books.execute("INSERT INTO controller (name, last, hash, public_key, signed, broken, settled) "
                      "VALUES ('front-board', ?1, ?2, NULL, 7, NULL, ?1)", (events, BYTES[:32]))
        books.executemany(
            "INSERT INTO event (controller, seq, type, body, at, hash) VALUES "
            "('front-board', ?, 'org.loquet.door.opened.v1', ?, ?, ?)",
            ((seq, b"" if seq % 7 == 0 else BYTES[:seq % 260], 2**52 + seq, BYTES[:32] if seq % 7 == 0 else None)
             for seq in range(1, events + 1)))
        books.executemany(
            "INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, evidence, at, trust, realm) "
            "VALUES ('front-board', ?, 1, 'space', 1, ?, 0, 1, ?, 2, 'front-board')",
            ((seq, seq, -2**63 if seq == 1 else 2**63 - seq) for seq in range(1, 40)))
        books.execute("INSERT INTO gap (controller, first, last) VALUES ('front-board', 100, 9007199254740993)")
        books.execute("INSERT INTO audit (at, author, act, object, reason) VALUES (1, ?, 'a', 'b', '')", (TEXT,))
        books.execute("INSERT INTO roster_version (id, version, digest) VALUES (1, 3, ?)", (BYTES[:32],))
        books.execute("INSERT INTO drill (id, began, ended, remarks, author) VALUES (41, 1, 2, ?, '')", (TEXT,))
        books.execute("INSERT INTO alert (controller, seq, kind, realm, holder, door, at) "
                      "VALUES ('front-board', 7, 'badge_lost', '', 1, 'front', ?)", (2**53 + 1,))
        books.execute("INSERT INTO billing (realm, holder, date, half_days) VALUES ('', 1, '2026-12-01', 2)")
    books.close()
