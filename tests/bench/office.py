"""The real loquet-office over ten million stored events: what its pages ask for, over HTTP; and how long its keeping
holds the loop up."""

import datetime
import http.client
import json
import os
import subprocess
import time

import context as bench
import figures

PASSWORD = "correct horse"
PATIENCE_S = 60


class Page:
    """Somebody who has logged in."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self.headers = {}

    def call(self, method, path, body=None):
        self.connection.request(method, "/api/v1/" + path, body, {
            **self.headers, **({"Content-Type": "application/json"} if body else {})})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise bench.Failed(f"{method} {path}: {answer.status} {text[:200]}")
        return answer, json.loads(text)

    def log_in(self):
        answer, _ = self.call("POST", "session", json.dumps({"name": "ada", "password": PASSWORD}))
        self.headers["Cookie"] = answer.headers["Set-Cookie"].split(";")[0]

    def touch(self):
        """A change, even one that is refused, ends the sharing of answers between pages: each is made anew."""
        self.connection.request("DELETE", "/api/v1/session")
        self.connection.getresponse().read()

    def times(self, calls):
        """Milliseconds each, and how many items the last one had."""
        took, found = [], None
        for path in calls:
            self.touch()
            began = time.monotonic()
            _, found = self.call("GET", path)
            took.append((time.monotonic() - began) * 1000)
        return took, found


def run(context):
    events, people, days = context.amount((10_000_000, 1000, 730), (24_000, 20, 100))
    with bench.house_folders(None), context.house() as house, bench.awake(context.quick):
        context.ask("office", "fill", house.config, events, people, days)
        size = os.path.getsize(os.path.join(house.folder, "state/office.db"))
        subprocess.run([house.program("loquet-office"), "--config", house.config, "account", "add", "ada",
                        "--role", "manager"], input=PASSWORD + "\n", text=True, capture_output=True, check=True)
        with bench.ahead() as priority:
            found = ask(context, house, people)
            kept = context.ask("office", "keep", house.config)
    about = {"events": kept["events"], "visits": kept["visits"], "office.db MiB": size >> 20, "run": priority}
    return [
        *(shown(*figure, about if i == 0 else {}) for i, figure in enumerate(found)),
        *(figures.Figure("keeping: " + measure, "ms", kept[name], None, (), detail) for measure, name, detail in (
            ("a start", "start", {}), ("a minute", "minute", {}), ("an hour", "hour", {}),
            ("a day has become too old", "day", {}),
            ("thirty days have, the longest step", "step", {"steps": kept["steps"]}))),
        figures.Figure("erasing a person", "ms", kept["erase"]),
    ]


def shown(measure, took, bar, detail, about):
    bars = (("p99", "<=", bar),) if bar else ()
    return figures.Figure(measure, "ms", figures.percentile(took, 50), figures.percentile(took, 99), bars,
                          {**about, "calls": len(took), **detail})


def ask(context, house, people):
    house.start_broker()
    house.start_office()
    page = Page(house.office_port)
    page.log_in()
    calls = context.amount(200, 10)
    today = datetime.date.today()
    month = (today - datetime.timedelta(days=30)).isoformat()
    yesterday = (today - datetime.timedelta(days=1)).isoformat()
    now, present = page.times(["now"] * calls)
    history, visits = page.times(
        f"visits?person=p{1 + i * 7919 % people}&limit=200" for i in range(calls))
    day, arrivals = page.times([f"visits?date={yesterday}&limit=200"] * calls)
    hours, figured = page.times([f"figures?from={month}&to={today.isoformat()}&by=hour"] * calls)
    house.stop("loquet-office")
    return [
        ("the Now page's call", now, 100.0, {"present": sum(zone["count"] for zone in present["zones"])}),
        ("a member's history", history, 100.0, {"visits shown": len(visits["items"])}),
        ("a day's visits", day, None, {"visits shown": len(arrivals["items"])}),
        ("a month's figures, by the hour", hours, 1000.0, {"hours": len(figured["items"])}),
    ]
