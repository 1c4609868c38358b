"""A house with its office, which keeps the roster, and a page that listens to it."""

import http.client
import json
import os
import subprocess
import threading
import time

from house import House, PATIENCE_S, StepFailed

PASSWORD = "correct horse battery"


class LiveHouse(House):
    """With an account that is logged in, once it is started."""

    cookie = None
    csrf = None

    def __init__(self, build, settings="", sections="", **options):
        # The business day must not end in the middle of the test.
        cut = (time.gmtime().tm_hour + 12) % 24
        options.setdefault("pace", None)
        super().__init__(build, settings="time_zone = UTC\nclock_trust = unset\nday_cut = %d\n%s"
                         % (cut, settings), sections=sections, **options)

    def start(self):
        os.makedirs(self.folder + "/state", 0o700, exist_ok=True)
        self.write_config()
        key = self.office("key")["key"]
        self.settings += "\noffice_key = " + key
        self.sections += ("[command office]\nkey = %s\nallow = door.open, door.mode, badge.read\n"
                          "doors = *\n" % key)
        super().start()
        self.start_the_office()
        subprocess.run(
            [self.program("loquet-office"), "--config", self.config, "account", "add", "desk", "--role", "manager"],
            input=PASSWORD + "\n", text=True, stdout=subprocess.DEVNULL, timeout=60, check=True)
        answer, cookie = self.send("POST", "session", {"name": "desk", "password": PASSWORD})
        self.cookie = cookie.split(";")[0]
        self.csrf = answer["csrf"]

    def start_the_office(self):
        said = self.log("loquet-office").count("connected")
        self.spawn("loquet-office", [self.program("loquet-office"), "--config", self.config, "run"])
        self.wait_for(lambda: self.log("loquet-office").count("connected") > said, "the office's start")

    def send(self, method, path, body=None):
        """One call; its answer's JSON and cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.office_port, timeout=60)
        headers = {"Accept-Language": "en", "Content-Type": "application/json"}
        if self.cookie:
            headers.update({"Cookie": self.cookie, "X-Loquet-CSRF": self.csrf})
        try:
            connection.request(method, "/api/v1/" + path, body and json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read()
            if response.status >= 400:
                raise StepFailed("%s %s: %d %s" % (method, path, response.status, text))
            return json.loads(text) if text else None, response.headers.get("Set-Cookie")
        finally:
            connection.close()

    def call(self, method, path, body=None):
        return self.send(method, path, body)[0]

    def get(self, path):
        return self.call("GET", path)

    def door(self, name="front"):
        """As the interface tells of it; None: not at all."""
        return next((one for one in self.get("doors")["items"] if one["door"] == name), None)

    def enrol(self, uid, name="Ada Example", **more):
        """A person of the office whose badge the reader has read; the person's number."""
        person = self.call("POST", "people", {"name": name, **more})["person"]
        self.read_badge(person, uid)
        return person

    def read_badge(self, person, uid):
        known = self.badges_of(person)
        sent = self.call("POST", "people/%s/badges" % person, {"door": "front-board/front"})
        self.wait_for(lambda: self.get("commands/" + sent["id"])["state"] == "taken", "the reader's waiting")
        self.sim("present 0 type=ntag213 uid=" + uid)
        self.wait_for(lambda: self.get("commands/" + sent["id"])["state"] == "done", "the badge's reading")
        self.take_badge()
        for badge in self.badges_of(person) - known:
            self.wait_for_badge(badge)

    def badges_of(self, person):
        return {badge["id"] for badge in self.get("people/%s/badges" % person)["items"]}

    def listen(self):
        return Page(self.office_port, self.cookie)


class Page:
    """Keeps what the stream tells, in order."""

    def __init__(self, port, cookie):
        self.told = []
        self.moments = []  # the same, each with the time at which it came
        self.new = threading.Condition()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.connection.request("GET", "/api/v1/stream", headers={"Cookie": cookie})
        self.stream = self.connection.getresponse()
        threading.Thread(target=self.read, daemon=True).start()

    def close(self):
        self.connection.close()

    def read(self):
        topic = None
        try:
            while line := self.stream.readline():
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    topic = value
                elif key == "data":
                    with self.new:
                        self.told.append((topic, json.loads(value)))
                        self.moments.append((time.time(), *self.told[-1]))
                        self.new.notify_all()
        except (OSError, ValueError, AttributeError):
            pass

    def mark(self):
        with self.new:
            return len(self.told)

    def quiet(self):
        """Until nothing more is told of what happened before."""
        while True:
            mark = self.mark()
            time.sleep(0.5)
            if mark == self.mark():
                return

    def wait(self, topic, after, patience=PATIENCE_S, **data):
        """The first of a topic, and with these data, behind a mark."""
        def found():
            return next((one for one in self.told[after:] if one[0] == topic and all(
                one[1].get(key) == value for key, value in data.items())), None)
        with self.new:
            if not self.new.wait_for(found, patience):
                raise StepFailed("nothing of %s %s was told within %d s, only %s" % (
                    topic, data or "", patience, self.told[after:]))
            return found()[1]
