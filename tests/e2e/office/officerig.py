"""loquet-office alone, without a broker, in a temporary folder, and a client of its page. Whatever is
said is held against schemas/openapi.yaml."""

import functools
import http.client
import json
import os

from described import Described
from house import House

STREAM = "/api/v1/stream"


@functools.lru_cache(maxsize=1)
def description():
    return Described(os.environ["LOQUET_SCHEMAS"])


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Client:
    """Of a page that listens at a port."""

    def __init__(self, port):
        self.port = port
        self.cookie = None
        self.csrf = None

    def request(self, method, path, body=None, headers=None):
        """One request on a connection of its own; the cookie and its CSRF word go with it."""
        sent = {"Accept-Language": "en"}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.csrf and method not in ("GET", "HEAD"):
            sent["X-Loquet-CSRF"] = self.csrf
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body,
                               {key: value for key, value in sent.items() if value is not None})
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        if method != "HEAD":
            description().check(method, path, sent.get("Content-Type"), body, answer.status,
                                answer.headers, answer.body)
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={key.replace("_", "-"): value
                                                  for key, value in headers.items()})

    def listen(self):
        """The first line of the stream."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", STREAM, headers={"Cookie": self.cookie})
            response = connection.getresponse()
            description().check("GET", STREAM, None, None, response.status, response.headers, b"")
            return response.readline()
        finally:
            connection.close()

    def log_in(self, name, password):
        """The session that was opened; it is used from now on."""
        self.cookie = self.csrf = None
        answer = self.request("POST", "/api/v1/session", {"name": name, "password": password})
        if answer.status != 200:
            raise AssertionError(answer.body)
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.csrf = answer.json()["csrf"]
        return answer.json()


class Office(Client):
    """Use as a context; `settings` are lines for [office]."""

    def __init__(self, build, settings=""):
        self.house = House(build)
        super().__init__(self.house.office_port)
        self.settings = settings
        self.controller = ""  # lines for [controller]

    def __enter__(self):
        self.write_config()
        self.start()
        return self

    def __exit__(self, *unused):
        self.house.close()

    def write_config(self):
        os.makedirs(self.house.folder + "/state", exist_ok=True)
        with open(self.house.config, "w", encoding="utf-8") as file:
            file.write("[controller]\nspace = demo\ncontroller = front-board\nstate_dir = %s/state\n"
                       "runtime_dir = %s/run\n%s[door front]\nlines = sim\nchip = %s/lines\nrelay = 0\n"
                       "[office]\nport = %d\n%s"
                       % (self.house.folder, self.house.folder, self.controller, self.house.folder,
                          self.port, self.settings))

    def start(self):
        self.house.spawn("loquet-office", self.command("run"))
        self.house.wait_for(self.answers, "the office's start")

    def stop(self):
        return self.house.stop("loquet-office")

    def command(self, *arguments):
        return [self.house.program("loquet-office"), "--config", self.house.config, *arguments]

    def answers(self):
        try:
            return self.get("/api/v1/session").status in (200, 401)
        except OSError:
            return False
