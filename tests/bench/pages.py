"""Two hundred open pages, while a hundred events a second come from ten controllers. Each page listens to the stream
and loads again what is told to have changed, as the page in the browser does: at once, then twice a second at the most.
The office must store every event, every page must end with what is so, and the office must stay small."""

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
import time

import boards
import context as bench
import figures
import house

PAGES = 200
PAUSE_S = 0.5     # as host/web/app.js has it
MUSTER_S = 3      # as host/web/view_evacuation.js has it
SETTLE_S = 90
PASSWORD = "correct horse battery"
ARRIVAL = re.compile(rb'"person":"(p\d+)".*?"at":"([^"]+)"')


def run(context):
    pages = context.amount(PAGES, 8)
    taps = context.amount(30 * boards.RATE // boards.PER_TAP, 20)
    with bench.house_folders(None), house.House(context.build, settings=settings()) as made:
        cookie = start(made)
        with Publisher(made, taps) as publisher:
            crowd = asyncio.run(watch(made, cookie, pages, publisher))
        return report(made, crowd, publisher, pages)


def settings():
    # The business day must not end in the middle.
    return f"time_zone = UTC\nday_cut = {(time.gmtime().tm_hour + 12) % 24}"


def begin(made):
    made.write_config()
    os.makedirs(made.folder + "/state", 0o700)
    made.start_broker()


def start(made):
    begin(made)
    account = [made.program("loquet-office"), "--config", made.config, "account", "add", "desk", "--role", "manager"]
    subprocess.run(account, input=PASSWORD + "\n", text=True, stdout=subprocess.DEVNULL, timeout=60, check=True)
    enrol(made)
    start_office(made)
    return asyncio.run(log_in(made.office_port))


def enrol(made, persons=boards.PERSONS):
    with sqlite3.connect(made.folder + "/state/office.db") as database:
        database.executemany(
            "INSERT INTO person (number, name, folded, kind, profile, created, changed) "
            "VALUES (?1, 'Ada Example ' || ?1, 'ada example ' || ?1, 'member', 'always', 1, 1)",
            [(number,) for number in range(1, persons + 1)])
    database.close()


def start_office(made):
    made.start_office()
    made.wait_for(lambda: "connected" in made.log("loquet-office"), "the office's connection")


class Connection:
    """One that is kept, as a browser keeps it."""

    def __init__(self, port, cookie):
        self.port = port
        self.cookie = cookie
        self.reader = self.writer = None

    async def request(self, method, path, body=b""):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Cookie: {self.cookie}"]
        if body:
            lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head[9:12]), head

    async def get(self, path):
        status, head = await self.request("GET", path)
        body = await self.reader.readexactly(int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1]))
        if status != 200:
            raise bench.Failed(f"GET {path}: {status} {body[:200]}")
        return body

    def close(self):
        if self.writer is not None:
            self.writer.close()


async def log_in(port):
    connection = Connection(port, "")
    body = json.dumps({"name": "desk", "password": PASSWORD}).encode()
    status, head = await connection.request("POST", "/api/v1/session", body)
    connection.close()
    if status != 200:
        raise bench.Failed(f"nobody can log in: {status}")
    return re.search(rb"(?i)\r\nset-cookie: *([^;]+)", head)[1].decode()


class Page:
    """What is open in a browser: the stream, and what it loads when it hears of something."""

    def __init__(self, port, cookie, measured):
        self.stream = Connection(port, cookie)
        self.lists = {path: Connection(port, cookie) for path in ("now", "doors")}
        self.lists["muster"] = self.lists["doors"]
        self.seen = {}
        self.measured = measured
        self.heard = []     # of those that measure: (person, at, moment)
        self.waits = []     # from hearing of a change to having loaded it, at the beginning of a burst
        self.news = set()
        self.woken = asyncio.Event()
        self.mustered = 0

    async def open(self):
        await asyncio.gather(*map(self.load, ("now", "doors")))
        status, _ = await self.stream.request("GET", "/api/v1/stream")
        if status != 200:
            raise bench.Failed(f"the stream: {status}")

    async def load(self, path):
        self.seen[path] = await self.lists[path].get("/api/v1/" + path)

    async def listen(self):
        while True:
            line = await self.stream.reader.readline()
            if not line:
                raise bench.Failed("the stream ended")
            if line.startswith(b"event: "):
                self.news.add(line[7:-1])
                self.woken.set()
            elif self.measured and b'"kind":"arrived"' in line:
                self.heard.append((*ARRIVAL.search(line).groups(), time.monotonic()))

    async def renew(self):
        while True:
            await self.woken.wait()
            self.woken.clear()
            news, self.news = self.news, set()
            began = time.monotonic()
            paths = []
            if news & {b"now", b"visits", b"people", b"settings"}:
                paths.append("now")
            if news & {b"doors", b"alarms", b"settings"}:
                paths.append("doors")
            await asyncio.gather(*map(self.load, paths))
            if paths:
                self.waits.append(time.monotonic() - began)
            if news & {b"now", b"muster", b"alarms"} and began - self.mustered >= MUSTER_S:
                self.mustered = began
                await self.load("muster")
            await asyncio.sleep(PAUSE_S)

    def present(self):
        now = json.loads(self.seen["now"])
        return sorted(one["person"] for zone in now["zones"] for one in zone["present"])

    def close(self):
        for connection in (self.stream, *self.lists.values()):
            connection.close()


async def watch(made, cookie, count, publisher):
    """Opens the pages, lets the events come, and waits until every page has seen the end."""
    pages = [Page(made.office_port, cookie, number % 10 == 0) for number in range(count)]
    for page in pages:
        await page.open()
    print(f"  {count} pages are open", file=sys.stderr)
    tasks = [asyncio.ensure_future(task) for page in pages for task in (page.listen(), page.renew())]
    publisher.begin()
    ended = None
    while ended is None or time.monotonic() < ended + SETTLE_S:
        await asyncio.sleep(0.5)
        for task in tasks:
            if task.done():
                raise bench.Failed(f"a page ended: {task.exception()!r}")
        if ended is None and publisher.is_over():
            ended = time.monotonic()
        if ended is not None and all(page.present() == publisher.present for page in pages):
            break
    settled = time.monotonic() - ended
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for page in pages:
        page.close()
    return pages, settled


class Publisher:
    """Ten boards, in a process of their own: what it prints is when each tap was published."""

    def __init__(self, made, taps):
        self.made = made
        self.taps = taps
        self.process = None
        self.lines = None
        who = [boards.tap_of(number)[0] for number in range(taps)]
        self.present = sorted({f"p{person}" for person in who if who.count(person) % 2 == 1})

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def begin(self):
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.abspath(boards.__file__), str(self.made.port), str(self.taps)],
            stdout=open(self.made.folder + "/published", "w", encoding="ascii"), stdin=subprocess.DEVNULL)

    def is_over(self):
        code = self.process.poll()
        if code:
            raise bench.Failed(f"the publisher ended with {code}")
        return code == 0

    def moments(self):
        """{(person, at): when it was published}, of taps at the entry."""
        with open(self.made.folder + "/published", encoding="ascii") as file:
            rows = [line.split() for line in file]
        return {(person.encode(), at.encode()): float(moment) for person, at, moment in rows}


def memory_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024


def report(made, crowd, publisher, count):
    pages, settled = crowd
    behind = sum(page.present() != publisher.present for page in pages)
    database = sqlite3.connect(f"file:{made.folder}/state/office.db?mode=ro", uri=True)
    stored = database.execute("SELECT count(*) FROM event WHERE controller LIKE 'board-%'").fetchone()[0]
    database.close()
    lost = publisher.taps * boards.PER_TAP - stored
    published = publisher.moments()
    shown = [1000 * (moment - published[person, at])
             for page in pages for person, at, moment in page.heard if (person, at) in published]
    missed = sum(len(published) - len(set((person, at) for person, at, _ in page.heard) & set(published))
                 for page in pages if page.measured)
    loads = [1000 * wait for page in pages for wait in page.waits]
    return [
        figures.Figure(f"events of {publisher.taps * boards.PER_TAP} that were lost", "", lost, None, (("median", "<=", 0),)),
        figures.Figure(f"pages of {count} that did not end with what is so", "", behind, None, (("median", "<=", 0),),
                       {"seconds until all had it": settled}),
        figures.Figure(f"memory of the office with {count} open pages, at the most", "MiB",
                       memory_of(made.processes["loquet-office"].pid), None, (("median", "<=", 64.0),)),
        figures.Figure("event published → told to a page", "ms", figures.percentile(shown, 50),
                       figures.percentile(shown, 99), (), {"samples": len(shown), "told by a reload alone": missed}),
        figures.Figure("page hears of a change → has loaded it", "ms", figures.percentile(loads, 50),
                       figures.percentile(loads, 99), (), {"samples": len(loads)}),
    ]
