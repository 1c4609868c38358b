"""Somebody at the office's desk: a client of the interface that the office's page is made with.

    desk = Desk(port)
    desk.set_up("desk", "a password", title="Example space", …)
    person = desk.post("people", name="Ada Example")["person"]
"""

import http.client
import json

from house import StepFailed

API = "/api/v1/"
SCOPES = ["now", "doors", "people", "history", "figures", "settings"]


class Desk:
    def __init__(self, port, language="en"):
        self.port = port
        self.headers = {"Accept-Language": language}

    def answers(self):
        try:
            self._exchange("GET", API + "session", None, {})
            return True
        except OSError:
            return False

    def set_up(self, name, password, **answers):
        """The five questions of the first page; from then on a token speaks for the desk."""
        self.post("first-run", name=name, password=password, **answers)
        status, headers, body = self._exchange("POST", API + "session", *_as_json(
            {"name": name, "password": password}))
        session = _checked("session", status, body)
        self.headers.update({"Cookie": headers["Set-Cookie"].split(";")[0],
                             "X-Loquet-CSRF": session["csrf"]})
        token = self.post("tokens", name="demo-data", scopes=SCOPES)["secret"]
        for name in ("Cookie", "X-Loquet-CSRF"):
            del self.headers[name]
        self.headers["Authorization"] = "Bearer " + token

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, **body):
        return self.call("POST", path, body)

    def put(self, path, **body):
        return self.call("PUT", path, body)

    def patch(self, path, **body):
        return self.call("PATCH", path, body)

    def call(self, method, path, body=None):
        """The answer's JSON or text; a str as the body is CSV. StepFailed with what the office says is
        wrong. A path that begins with / does not stand below /api/v1/."""
        data, headers = (body.encode(), {"Content-Type": "text/csv"}) if isinstance(body, str) else _as_json(body)
        try:
            status, head, answer = self._exchange(method, path if path[0] == "/" else API + path, data, headers)
        except OSError as error:
            raise StepFailed("the office does not answer: %s" % error) from None
        is_text = head.get("Content-Type", "").startswith("text/")
        return answer.decode() if is_text else _checked(path, status, answer)

    def _exchange(self, method, path, data, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, {**self.headers, **headers})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def _as_json(body):
    return (None, {}) if body is None else (json.dumps(body).encode(), {"Content-Type": "application/json"})


def _checked(path, status, body):
    answer = json.loads(body) if body else None
    if status >= 400:
        raise StepFailed("%s: %d: %s" % (path, status, answer["detail"]))
    return answer
