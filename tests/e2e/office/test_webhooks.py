#!/usr/bin/python3
"""Webhooks, against a receiver that verifies what it gets: nothing is lost, whatever fails."""

import datetime
import email.utils
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time
import unittest

import eventschema
import jsonschema
import yaml
from hookreceiver import Receiver, verify
from house import House, UNTIL_OPENED
from officerig import Office
from ports import free_port

BUILD = os.environ["LOQUET_BUILD"]
SCHEMAS = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
API = "/api/v1"
PASSWORD = "correct horse"
PATIENCE_S = 120
UID = "04a1b2c3d4e5f6"
PERSONAL = ["visit.opened", "visit.closed", "visit.corrected", "visit.withdrawn"]


class Page(Office):
    """A client of the page of a whole house."""

    def __init__(self, house):  # pylint: disable=super-init-not-called
        self.house = house
        self.port = house.office_port
        self.cookie = self.csrf = None


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.events = eventschema.Schemas(SCHEMAS)
        cls.document = yaml.safe_load((SCHEMAS / "openapi.yaml").read_text("utf-8"))
        # The business day must not end in the middle of the test.
        cut = (time.gmtime().tm_hour + 12) % 24
        cls.house = House(BUILD, pace=None, settings="time_zone = UTC\nday_cut = %d" % cut, **UNTIL_OPENED)
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        cls.page = Page(cls.house)
        cls.start_office()
        subprocess.run(cls.page.command("account", "add", "ada", "--role", "manager"),
                       input=PASSWORD + "\n", text=True, capture_output=True, check=True)
        session = cls.page.request("POST", API + "/session", {"name": "ada", "password": PASSWORD})
        cls.page.cookie = session.headers["Set-Cookie"].split(";")[0]
        cls.page.csrf = session.json()["csrf"]
        cls.sequence = 0

    @classmethod
    def start_office(cls):
        said = cls.house.log("loquet-office").count("connected")
        cls.house.spawn("loquet-office", cls.page.command("run"))
        cls.wait_for(lambda: cls.house.log("loquet-office").count("connected") > said,
                     "the office's start")

    @classmethod
    def wait_for(cls, condition, what):
        return cls.house.wait_for(condition, what, PATIENCE_S)

    def setUp(self):
        self.receiver = Receiver()
        self.receiver.__enter__()
        self.addCleanup(self.receiver.__exit__)

    def tearDown(self):
        self.assertNotIn("loquet-office: webhooks:", self.house.log("loquet-office"))

    # -- helpers --

    def call(self, method, path, body=None, status=200, **headers):
        answer = self.page.request(method, API + path, body, headers or None)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json() if answer.body else None

    def hook(self, types, receiver=None, path="/hook"):
        """Sets up a webhook and ends it with the test."""
        receiver = receiver or self.receiver
        made = self.call("POST", "/webhooks", {"url": receiver.url(path), "types": types}, 201)
        receiver.secrets.append(made["secret"])
        self.addCleanup(self.page.request, "DELETE", API + "/webhooks/%d" % made["id"])
        return made

    def state(self, hook):
        return self.call("GET", "/webhooks/%d" % hook["id"])

    def deliveries(self, hook):
        """The oldest first."""
        return self.call("GET", "/webhooks/%d/deliveries?limit=500" % hook["id"])["items"][::-1]

    def publish(self, count, kind="door.alarm", controller="spare", **data):
        """Events of a controller, numbered on; their ids."""
        bodies = []
        for _ in range(count):
            type(self).sequence += 1
            bodies.append(json.dumps({
                "specversion": "1.0", "id": "%s/%d" % (controller, self.sequence),
                "source": "urn:loquet:demo:" + controller, "type": "org.loquet.%s.v1" % kind,
                "time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
                "sequence": "%020d" % self.sequence, "loquetclock": "synchronised",
                "datacontenttype": "application/json",
                "data": {"door": "front", "cause": "tamper", **data}}))
        subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-q", "1",
             "-l", "-t", "loquet/1/demo/%s/events" % controller], input="\n".join(bodies) + "\n",
            text=True, timeout=PATIENCE_S, check=True)
        return [json.loads(body)["id"] for body in bodies]

    def wait_for_ids(self, ids, receiver=None):
        receiver = receiver or self.receiver
        self.wait_for(lambda: {one.id for one in receiver.took()} >= set(ids),
                      "the delivery of %d events" % len(ids))

    def rows(self, query, *values):
        database = sqlite3.connect("file:%s/state/office.db?mode=ro" % self.house.folder, uri=True)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    # -- what is told --

    def test_a_tap_is_told(self):
        """Byte for byte as the journal has it, and what the office makes of it as documented."""
        hook = self.hook(["access.granted", "access.taken", "visit.opened", "occupancy.changed"])
        member = str(self.house.loquet("member", "add", "Ada Example")["member"])
        self.house.loquet("badge", "enrol", member, "--uid", UID)
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + UID)
        self.house.go_through(mark)
        self.house.sim("remove 0")
        self.wait_for(lambda: {one.type for one in self.receiver.took()} >= {
            "access.granted", "access.taken", "visit.opened", "occupancy.changed"}, "the tap")
        journal = {json.loads(body)["id"]: body for body in self.house.journal()}
        for one in self.receiver.took():
            self.assertTrue(one.headers["Content-Type"].startswith("application/cloudevents+json"))
            self.assertEqual(one.event["id"], one.id)
            self.assertNotIn(UID.encode(), one.body)
            self.assertNotIn(b"Ada", one.body)
            if one.id.startswith("front-board/"):
                self.assertEqual(one.body, journal[one.id])
                self.events.check(one.body)
            else:
                self.check_news(one.event)
        opened = [one.event for one in self.receiver.took() if one.type == "visit.opened"]
        self.assertEqual(len(opened), 1)
        self.assertEqual(opened[0]["data"]["person"], "front-board/m" + member)
        self.assertEqual(self.call("GET", "/visits/" + opened[0]["data"]["id"])["person"],
                         "front-board/m" + member)
        self.assertEqual(self.state(hook)["state"], "active")

    def check_news(self, event):
        """Against the section webhooks of openapi.yaml."""
        name = event["type"].removeprefix("org.loquet.").removesuffix(".v1")
        schema = self.document["webhooks"][name]["post"]["requestBody"]["content"][
            "application/cloudevents+json"]["schema"]
        jsonschema.Draft202012Validator({**schema, "components": self.document["components"]}) \
            .validate(event)

    def test_what_becomes_of_a_visit(self):
        self.hook(PERSONAL)
        person = self.call("POST", "/people", {"name": "Bob Example", "kind": "member"}, 201)["person"]
        came = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        left = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
        visit = self.call("POST", "/visits", {"person": person, "zone": "space", "checkIn": came,
                                              "reason": "forgot the badge"}, 201)
        self.wait_for(lambda: len(self.receiver.took()) == 1, "the visit")
        self.call("PATCH", "/visits/" + visit["id"], {"checkOut": left, "reason": "went"})
        self.wait_for(lambda: len(self.receiver.took()) == 2, "the correction")
        self.call("PATCH", "/visits/" + visit["id"], {"void": True, "reason": "it was not Bob"})
        self.wait_for(lambda: len(self.receiver.took()) == 3, "the last correction")
        told = [one.event for one in self.receiver.took()]
        for event in told:
            self.check_news(event)
            self.assertEqual((event["data"]["id"], event["data"]["person"]), (visit["id"], person))
        self.assertEqual([(event["type"], event["data"]["state"]) for event in told],
                         [("org.loquet.visit.opened.v1", "open"),
                          ("org.loquet.visit.corrected.v1", "left"),
                          ("org.loquet.visit.corrected.v1", "void")])
        everything = b"".join(one.body for one in self.receiver.got)
        for word in (b"Bob", b"forgot", b"went"):
            self.assertNotIn(word, everything)

    # -- whatever fails --

    def test_it_is_tried_again_under_the_same_id(self):
        hook = self.hook(["door.alarm"])
        self.receiver.answers = [500, 503]
        name, = self.publish(1)
        self.wait_for_ids([name])
        self.assertEqual([(one.id, one.status) for one in self.receiver.got],
                         [(name, 500), (name, 503), (name, 204)])
        self.assertEqual(len({one.body for one in self.receiver.got}), 1)
        self.wait_for(lambda: self.deliveries(hook)[-1]["state"] == "delivered", "the note of it")
        done = self.deliveries(hook)[-1]
        self.assertEqual((done["id"], done["type"], done["attempts"], done["status"], done["error"]),
                         (name, "door.alarm", 3, 204, None))
        self.assertEqual(self.state(hook)["waiting"], 0)

    def test_what_a_receiver_asks_for_is_kept(self):
        """By both ways to write Retry-After; only of the answers that it belongs to."""
        hook = self.hook(["door.alarm"])
        for status, header, least, most in (
                (429, "5000", 5000, 5060), (503, "999999999", 14400, 14460), (500, "5000", 0, 60),
                (503, email.utils.formatdate(time.time() + 9000, usegmt=True), 8900, 9060),
                (503, email.utils.formatdate(time.time() - 9000, usegmt=True), 0, 60),
                (429, "-5", 0, 60), (503, "soon", 0, 60)):
            with self.subTest(status=status, header=header):
                self.assertTrue(any(self.is_kept(hook, status, header, least, most) for _ in range(10)))

    def is_kept(self, hook, status, header, least, most):
        """False where it was tried again before anybody looked, two seconds later."""
        self.receiver.headers = {"Retry-After": header}
        self.receiver.answers = [status]
        began = time.time()
        name, = self.publish(1)
        refused = self.wait_for(lambda: [one for one in self.deliveries(hook)[-1:]
                                         if one["id"] == name and one["attempts"] > 0], "the refusal")[0]
        once = refused["attempts"] == 1
        if once:
            self.assertEqual(refused["status"], status)
            due = datetime.datetime.fromisoformat(refused["due"]).timestamp()
            self.assertGreaterEqual(due, began + least - 1)
            self.assertLessEqual(due, time.time() + most)
        self.receiver.headers = {}
        self.call("PATCH", "/webhooks/%d" % hook["id"], {"active": True})
        self.wait_for_ids([name])
        return once

    def test_a_single_one_that_is_refused_holds_up_no_other(self):
        self.hook(["door.alarm"])
        self.receiver.answers = [400]
        first, *others = self.publish(20)
        self.wait_for_ids([first, *others])
        self.assertEqual([one.id for one in self.receiver.took() if one.id != first], others)

    def test_gone_ends_it(self):
        hook = self.hook(["door.alarm"])
        self.receiver.answers = [410]
        names = self.publish(3)
        self.wait_for(lambda: self.state(hook)["state"] == "gone", "the end")
        self.assertEqual([one.id for one in self.receiver.got], names[:1])
        self.assertEqual((self.state(hook)["active"], self.state(hook)["waiting"]), (False, 0))
        self.assertEqual(self.deliveries(hook)[0]["status"], 410)
        self.publish(1)
        self.assertEqual(self.page.request(
            "POST", API + "/webhooks/%d/test" % hook["id"]).status, 409)
        self.call("PATCH", "/webhooks/%d" % hook["id"], {"active": True})
        name, = self.publish(1)
        self.wait_for_ids([name])
        self.assertEqual([one.id for one in self.receiver.got], [names[0], name])
        self.assertIn("410", self.house.log("loquet-office"))

    def test_a_receiver_that_is_down_gets_everything_in_order(self):
        port = free_port()
        with Receiver(port) as early:
            hook = self.hook(["door.alarm"], early)
        names = self.publish(30)
        self.wait_for(lambda: self.state(hook)["state"] == "failing", "the first failure")
        self.assertIsNotNone(self.state(hook)["failingSince"])
        first = self.deliveries(hook)[0]
        self.assertEqual((first["state"], first["status"]), ("waiting", None))
        self.assertEqual(first["error"], "could not connect")
        french = self.call("GET", "/webhooks/%d/deliveries?limit=500" % hook["id"], **{"Accept-Language": "fr"})
        self.assertEqual(french["items"][-1]["error"], "connexion impossible")
        late = Receiver(port)
        late.secrets = early.secrets
        with late:
            self.wait_for_ids(names, late)
            self.assertEqual([one.id for one in late.got], names)
            self.wait_for(lambda: self.state(hook)["state"] == "active", "the recovery")

    def test_an_office_that_is_killed_loses_nothing(self):
        self.hook(["door.alarm"])
        self.receiver.status = 500
        names = self.publish(10)
        self.wait_for(lambda: self.receiver.got, "the first try")
        self.house.stop("loquet-office", signal.SIGKILL)
        names += self.publish(10)
        self.start_office()
        self.receiver.status = 200
        self.wait_for_ids(names)
        self.house.stop("loquet-office", signal.SIGKILL)
        self.start_office()
        names += self.publish(1)
        self.wait_for_ids(names)
        bodies = {}
        for one in self.receiver.got:
            self.assertEqual(bodies.setdefault(one.id, one.body), one.body)
        self.assertEqual(set(bodies), set(names))

    def test_a_slow_receiver_holds_nobody_up(self):
        """While one and the same request is not answered, others are. Where the machine takes
        longer for that than a request may, there is another."""
        slow, quick = self.receiver, Receiver()
        with quick:
            hook = self.hook(["door.alarm"], slow)
            self.hook(["door.alarm"], quick)
            slow.hold.clear()
            names = self.publish(1)
            there = "/webhooks/%d" % hook["id"]

            def under_way():
                """Which request; None: there is none."""
                begun = len(slow.got)
                ended = self.deliveries(hook)[0]["attempts"]
                return begun if begun == ended + 1 else None

            def others_go_on():
                self.call("PATCH", there, {"active": True})  # its next try is now
                before = self.wait_for(under_way, "a request that is not answered")
                self.call("GET", "/now")
                names.extend(self.publish(2))
                self.wait_for_ids(names, quick)
                return under_way() == before

            self.wait_for(others_go_on, "the others beside it")
            self.assertEqual({one.id for one in slow.got}, {names[0]})
            slow.hold.set()
            self.call("PATCH", there, {"active": True})
            self.wait_for_ids(names, slow)

    def test_a_receiver_that_never_ends_its_answer(self):
        hook = self.hook(["door.alarm"])
        self.receiver.status = 200
        self.receiver.body = None
        name, = self.publish(1)
        self.wait_for(lambda: self.deliveries(hook)[-1]["state"] == "delivered", "the delivery")
        self.assertEqual([one.id for one in self.receiver.got], [name])

    def test_no_redirect_is_followed(self):
        hook = self.hook(["door.alarm"])
        self.receiver.answers = [307]
        self.receiver.headers = {"Location": self.receiver.url("/elsewhere")}
        name, = self.publish(1)
        self.wait_for_ids([name])
        self.assertEqual([one.path for one in self.receiver.got], ["/hook", "/hook"])
        self.wait_for(lambda: self.deliveries(hook)[-1]["state"] == "delivered", "the delivery")

    def test_nothing_is_told_to_whom_nobody_vouches_for(self):
        """A certificate that no authority signed."""
        path = self.house.folder + "/tls.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", path + ".key", "-out", path], check=True, capture_output=True)
        with open(path, "a", encoding="ascii") as file, \
                open(path + ".key", encoding="ascii") as key:
            file.write(key.read())
        with Receiver(tls=path) as stranger:
            hook = self.hook(["door.alarm"], stranger)
            self.publish(1)
            self.wait_for(lambda: self.deliveries(hook)[0]["error"], "the refusal")
            self.assertEqual(self.deliveries(hook)[0]["error"],
                             "the certificate does not hold for this address")
            self.assertEqual(stranger.got, [])

    # -- setting up --

    def test_a_test_comes_before_what_waits(self):
        hook = self.hook(["door.alarm"])
        self.receiver.status = 500
        names = self.publish(3)
        self.wait_for(lambda: self.receiver.got, "the first failure")
        sent = self.call("POST", "/webhooks/%d/test" % hook["id"], status=202)
        self.assertEqual((sent["type"], sent["state"]), ("webhook.test", "waiting"))
        self.wait_for(lambda: [one for one in self.deliveries(hook)
                               if one["id"] == sent["id"] and one["state"] == "given_up"],
                      "the test's only try")
        self.receiver.status = 204
        sent = self.call("POST", "/webhooks/%d/test" % hook["id"], status=202)
        self.wait_for_ids([sent["id"], *names])
        self.check_news([one.event for one in self.receiver.got if one.id == sent["id"]][0])

    def test_a_new_secret_beside_the_old_one(self):
        hook = self.hook(["door.alarm"])
        renewed = self.call("POST", "/webhooks/%d/secret" % hook["id"])
        self.assertNotEqual(renewed["secret"], hook["secret"])
        self.assertNotIn("secret", self.state(hook))
        name, = self.publish(1)
        self.wait_for_ids([name])  # by the old one
        verify([renewed["secret"]], self.receiver.got[0].headers, self.receiver.got[0].body)

    def test_what_tells_of_persons_needs_the_scope(self):
        token = self.call("POST", "/tokens", {"name": "hooks", "scopes": ["settings", "now"]}, 201)
        self.addCleanup(self.page.request, "DELETE", API + "/tokens/%d" % token["id"])
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        for types, status in ((["door.alarm"], 201), (["door.alarm", "access.denied"], 403),
                              (["visit.opened"], 403)):
            answer = self.page.request("POST", API + "/webhooks", {
                "url": self.receiver.url("/scoped"), "types": types}, bearer)
            self.assertEqual(answer.status, status, answer.body)
            if status == 201:
                path = API + answer.headers["Location"].removeprefix(API)
                self.addCleanup(self.page.request, "DELETE", path)
            else:
                self.assertEqual(answer.json()["pointer"], "/types")
        self.assertEqual(self.page.request("PATCH", path, {"types": ["visit.closed"]},
                                           bearer).status, 403)
        # Nor may it lead elsewhere what somebody else has set up.
        hook = self.hook(["visit.opened"])
        for method, end, body in (("PATCH", "", {"url": self.receiver.url("/mine")}),
                                  ("POST", "/secret", None)):
            answer = self.page.request(method, API + "/webhooks/%d%s" % (hook["id"], end), body,
                                       bearer)
            self.assertEqual(answer.status, 403, answer.body)
        self.assertEqual(self.state(hook)["url"], self.receiver.url())

    def test_what_is_answered_is_as_documented(self):
        def check(name, value):
            jsonschema.Draft202012Validator(
                {"$ref": "#/components/schemas/" + name, "components": self.document["components"]}
            ).validate(value)
        hook = self.hook(["door.alarm", "visit.opened"])
        check("WebhookWithSecret", hook)
        sent = self.call("POST", "/webhooks/%d/test" % hook["id"], status=202)
        check("WebhookDelivery", sent)
        self.wait_for_ids([sent["id"]])
        for one in self.call("GET", "/webhooks")["items"]:
            check("Webhook", one)
        for one in self.deliveries(hook):
            check("WebhookDelivery", one)
        known = self.document["components"]["schemas"]["WebhookTypes"]["items"]["enum"]
        problem = self.page.request("PATCH", API + "/webhooks/%d" % hook["id"], {"types": []}).json()
        self.assertEqual(problem["detail"], "types: expected one or more of " + ", ".join(known))

    def test_what_is_written_down(self):
        """The audit has where it leads and no more; no secret is shown again, or logged."""
        hook = self.hook(["door.alarm"], path="/a-word-that-opens")
        self.call("DELETE", "/webhooks/%d" % hook["id"], status=204)
        token = self.call("POST", "/tokens", {"name": "auditor", "scopes": ["audit"]}, 201)
        self.addCleanup(self.page.request, "DELETE", API + "/tokens/%d" % token["id"])
        audit = self.call("GET", "/audit?limit=10", Authorization="Bearer " + token["secret"],
                          Cookie=None)["items"]
        acts = [(one["act"], one["reason"]) for one in audit
                if one["object"] == "webhook/%d" % hook["id"]]
        self.assertEqual(acts, [("webhook.remove", "127.0.0.1"), ("webhook.add", "127.0.0.1")])
        self.assertNotIn("a-word-that-opens", json.dumps(audit) + self.house.log("loquet-office"))
        self.assertEqual(self.rows("SELECT count(*) FROM webhook_delivery WHERE webhook = ?",
                                   hook["id"]), [(0,)])

    def test_wrong_input(self):
        hook = self.hook(["door.alarm"])
        there = "/webhooks/%d" % hook["id"]
        url, types = self.receiver.url("/other"), ["door.alarm"]
        for method, path, body, status, word, pointer, words in (
                ("POST", "/webhooks", None, 400, "invalid", "", "expected a JSON object"),
                ("POST", "/webhooks", [], 400, "invalid", "", "expected a JSON object"),
                ("POST", "/webhooks", {}, 400, "needed", "/url", "url is needed"),
                ("POST", "/webhooks", {"url": url}, 400, "needed", "/types", "types is needed"),
                ("POST", "/webhooks", {"url": url, "types": types, "secret": "x"}, 400,
                 "unknown_member", "/secret", "there is no such member here"),
                ("POST", "/webhooks", {"url": url, "types": types, "active": True}, 400,
                 "unknown_member", "/active", "there is no such member here"),
                ("POST", "/webhooks", {"url": 7, "types": types}, 400, "invalid", "/url",
                 "url: expected a text of 1 to 2051 bytes without control signs"),
                ("POST", "/webhooks", {"url": "", "types": types}, 400, "invalid", "/url",
                 "url: expected a text of 1 to 2051 bytes without control signs"),
                ("POST", "/webhooks", {"url": "http://example.org/" + "x" * 500, "types": types},
                 400, "invalid", "/url", "url: at most 512 bytes"),
                ("POST", "/webhooks", {"url": "http://example.org/\u00e9", "types": types}, 400,
                 "invalid", "/url",
                 "url: only visible ASCII characters; write others as %C3%A9"),
                ("POST", "/webhooks", {"url": "http://example.org/a b", "types": types}, 400,
                 "invalid", "/url",
                 "url: only visible ASCII characters; write others as %C3%A9"),
                ("POST", "/webhooks", {"url": "example.org/hook", "types": types}, 400, "invalid",
                 "/url", "url: expected an address like https://example.org/path"),
                ("POST", "/webhooks", {"url": "http:///hook", "types": types}, 400, "invalid",
                 "/url", "url: expected an address like https://example.org/path"),
                ("POST", "/webhooks", {"url": "ftp://example.org/", "types": types}, 400,
                 "invalid", "/url", "url: expected https:// or http://"),
                ("POST", "/webhooks", {"url": "file://localhost/etc/passwd", "types": types}, 400,
                 "invalid", "/url", "url: expected https:// or http://"),
                ("POST", "/webhooks", {"url": "https://ada:x@example.org/", "types": types}, 400,
                 "invalid", "/url", "url: no name or password before the host"),
                ("POST", "/webhooks", {"url": "https://example.org/#here", "types": types}, 400,
                 "invalid", "/url", "url: no # and what follows it"),
                ("POST", "/webhooks", {"url": "https://example.org:0/", "types": types}, 400,
                 "invalid", "/url", "url: expected a port from 1 to 65535"),
                ("POST", "/webhooks", {"url": "https://example.org:65536/", "types": types}, 400,
                 "invalid", "/url", "url: expected a port from 1 to 65535"),
                ("POST", "/webhooks", {"url": url, "types": []}, 400, "invalid", "/types", None),
                ("POST", "/webhooks", {"url": url, "types": "door.alarm"}, 400, "invalid",
                 "/types", None),
                ("POST", "/webhooks", {"url": url, "types": [7]}, 400, "invalid", "/types", None),
                ("POST", "/webhooks", {"url": url, "types": ["door.alarm", "wine"]}, 400,
                 "invalid", "/types", None),
                ("POST", "/webhooks", {"url": url, "types": ["webhook.test"]}, 400, "invalid",
                 "/types", None),
                ("POST", "/webhooks", {"url": self.receiver.url(), "types": types}, 409, "exists",
                 "/url", "there is a webhook with this address"),
                ("PATCH", there, [], 400, "invalid", "", "expected a JSON object"),
                ("PATCH", there, {"active": 1}, 400, "invalid", "/active",
                 "active: expected true or false"),
                ("PATCH", there, {"url": "ftp://example.org/"}, 400, "invalid", "/url",
                 "url: expected https:// or http://"),
                ("PATCH", there, {"types": []}, 400, "invalid", "/types", None),
                ("PATCH", "/webhooks/99", {}, 404, "not_found", None, "there is no such webhook"),
                ("GET", "/webhooks/x", None, 404, "not_found", None, "there is no such webhook"),
                ("GET", "/webhooks/-1", None, 404, "not_found", None, "there is no such webhook"),
                ("DELETE", "/webhooks/99999999999999999999", None, 404, "not_found", None,
                 "there is no such webhook"),
                ("POST", "/webhooks/99/test", None, 404, "not_found", None,
                 "there is no such webhook"),
                ("POST", "/webhooks/99/secret", None, 404, "not_found", None,
                 "there is no such webhook"),
                ("GET", "/webhooks/99/deliveries", None, 404, "not_found", None,
                 "there is no such webhook"),
                ("GET", there + "/deliveries?limit=0", None, 400, "invalid", "limit",
                 "limit: expected a number from 1 to 500")):
            with self.subTest("%s %s %s" % (method, path, str(body)[:70])):
                answer = self.page.request(method, API + path, body)
                problem = answer.json()
                self.assertEqual(
                    (answer.status, problem["type"], problem.get("pointer")),
                    (status, "urn:loquet:problem:" + word, pointer), answer.body)
                self.assertEqual(problem["detail"], words or problem["detail"])
                french = self.page.request(method, API + path, body, {"Accept-Language": "fr"})
                self.assertNotEqual(french.json()["detail"], problem["detail"])
        self.assertEqual(self.state(hook), {key: value for key, value in hook.items()
                                            if key != "secret"})


if __name__ == "__main__":
    unittest.main()
