"""From a badge at the simulated reader to its name on an open page: a real house, whose doors take the office's roster,
and Chromium at the page "Now". Both ends read the clock of this machine. The browser's moment is that of the frame in
which the name stood. Once with every file in memory, and once on the disk, for which door and office wait in turns."""

import hashlib
import hmac
import os
import pathlib
import random
import socket
import sqlite3
import subprocess
import threading
import time

import context as bench
import figures
import livehouse

HERE = pathlib.Path(__file__).parent
WEB = HERE.parent / "e2e/web"
ROUND = 40
REST_S = (0.3, 0.7)
APART_S = 0.1
LIMIT_MS = 250.0


def run(context):
    where = [("badge at the reader → name on an open page, files in memory", bench.MEMORY_FOLDER),
             ("… on the disk", None)]
    # A quick run starts one browser: the other would do the same again.
    return [measure(context, *each) for each in context.amount(where, where[1:])]


def measure(context, title, folder):
    rounds, taps = context.amount(3, 1), context.amount(ROUND, 3)
    with bench.house_folders(folder), bench.awake(context.quick), bench.ahead() as priority, \
            livehouse.LiveHouse(context.build, pace=115200, release_ms=300) as made, Stages(made) as stages:
        made.start()
        enrol(made, rounds * taps)
        browser = Browser(made)
        try:
            stages.begin()
            with Disk(made.folder) as disk:
                took = [[tap(made, browser, stages, round_ * taps + number) for number in range(taps)]
                        for round_ in range(rounds)]
        finally:
            browser.close()
        return report(title, took, stages, disk, priority)


def name_of(number):
    return f"Ada Example {number:03d}"


def enrol(made, count):
    """Everybody who will tap, each once."""
    secret = bytes.fromhex(pathlib.Path(made.folder, "state/uid.key").read_text("ascii").strip())
    database = sqlite3.connect(made.folder + "/state/office.db", timeout=30)
    mark = made.mark()
    with database:
        for number in range(count):
            key = hmac.new(secret, bytes.fromhex(bench.badge_uid(number)), hashlib.sha256).digest()[:16]
            person = database.execute(
                "INSERT INTO person (name, folded, kind, profile, created, changed) "
                "VALUES (?, lower(?), 'member', 'always', 1, 1)", (name_of(number),) * 2).lastrowid
            database.execute("INSERT INTO badge (person, key, changed) VALUES (?, ?, 1)", (person, key))
        database.executemany("INSERT INTO roster_due VALUES (?) ON CONFLICT DO NOTHING",
                             [(part,) for part in range(257)])
    database.close()
    made.wait_event("roster.applied", mark, badges=count)


class Browser:
    """Looks out for one name after the other: `look NAME`, ok, and when it stood there, in Unix milliseconds."""

    def __init__(self, made):
        modules = subprocess.run([WEB / "packages"], capture_output=True, text=True, timeout=600, check=True).stdout
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.process = subprocess.Popen(
            ["node", HERE / "page.mjs"], stdin=theirs, stdout=theirs, start_new_session=True, env={
                **os.environ, "LOQUET_NODE_MODULES": modules.strip(), "LOQUET_URL": made.page(),
                "LOQUET_COOKIE": made.cookie})
        theirs.close()
        ours.settimeout(60)
        self.lines = ours.makefile("r")
        self.expect("open")

    def expect(self, word):
        line = self.lines.readline().split()
        if not line or line[0] != word:
            raise bench.Failed(f"the browser said {line}, not {word}")
        return line[1:]

    def look_out(self, name):
        self.socket.sendall(f"look {name}\n".encode())
        self.expect("looking")

    def found(self):
        return float(self.expect("found")[0]) / 1000

    def close(self):
        self.lines.close()  # it keeps the socket open, too
        self.socket.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Stages:
    """Where the time goes: when a subscriber of the broker had the grant, and when a page was told."""

    def __init__(self, made):
        self.made = made
        self.page = None
        self.broker = []
        self.told = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.page is not None:
            self.page.close()

    def begin(self):
        self.page = self.made.listen()

    def note(self, name, presented):
        grants = [moment for moment, body in list(self.made.mqtt.items)
                  if b"access.granted" in body and moment >= presented]
        told = [moment for moment, topic, data in list(self.page.moments)
                if topic == "now" and data.get("name") == name and moment >= presented]
        if grants and told:
            self.broker.append(1000 * (grants[0] - presented))
            self.told.append(1000 * (told[0] - presented))


class Disk:
    """What the disk takes by itself meanwhile: door and office both wait for it."""

    def __init__(self, folder):
        self.path = folder + "/bare"
        self.taken = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.thread.join()

    def run(self):
        with open(self.path, "wb", buffering=0) as file:
            while not self.taken or not self.over.wait(APART_S):
                began = time.monotonic()
                file.write(bytes(4096))
                os.fdatasync(file.fileno())
                self.taken.append(1000 * (time.monotonic() - began))


def tap(made, browser, stages, number):
    """Milliseconds."""
    browser.look_out(name_of(number))
    presented = time.time()
    made.sim("present 0 type=ntag213 uid=" + bench.badge_uid(number))
    shown = browser.found()
    stages.note(name_of(number), presented)
    made.sim("remove 0")
    time.sleep(random.uniform(*REST_S))
    return 1000 * (shown - presented)


def report(title, took, stages, disk, priority):
    middle = {"median until a subscriber has the grant": figures.percentile(stages.broker, 50),
              "until a page is told": figures.percentile(stages.told, 50)} if stages.told else {}
    return figures.of_rounds(title, "ms", took, (("p99", "<=", LIMIT_MS),), run=priority, **middle, **{
        "a bare write there meanwhile": figures.percentile(disk.taken, 50),
        "its p99": figures.percentile(disk.taken, 99)})
