"""Home Assistant's lock: what is announced, what is signed of what it asks for, and what is not."""

import base64
import json
import os
import re
import time
import unittest

import jsonschema
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from linkrig import BASE, FIGURES, SCHEMAS, Loquetd, Rig, validator, wait_for

STATE = BASE + "/state"
HEALTH = BASE + "/health"
CONFIG = "homeassistant/lock/loquet-demo-front-board/%s/config"
SET = BASE + "/doors/%s/set"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(7, 39)))
BACK = "[door back]\nrelay = 18"
PAYLOAD = validator("command.json").schema["properties"]["jws"]["contentSchema"]["prefixItems"][1]


def public(key):
    return base64.urlsafe_b64encode(
        key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def section(allow="door.open, door.mode", doors="front", key=KEY):
    return "[command home]\nkey = %s\nallow = %s\ndoors = %s" % (public(key), allow, doors)


class Latch(Rig):
    protocol = "protocol = 5"

    def setUp(self):
        super().setUp()
        self.broker.start()
        self.make_journal().fill(1)
        self.key = os.path.join(self.folder, "home.key")
        with open(self.key, "w", encoding="ascii") as file:
            file.write(bytes(range(7, 39)).hex() + "\n")
        self.loquetd = Loquetd(self.folder)
        self.addCleanup(self.loquetd.close)
        self.office = self.client(STATE, HEALTH, "homeassistant/#")

    def go(self, *sections, key=None):
        before = len(self.online())
        self.start(self.protocol, "home_assistant = yes",
                   "home_assistant_key = %s" % (key or self.key), *(sections or (section(),)))
        self.loquetd.heard = []
        self.loquetd.accept()
        self.loquetd.say({"health": FIGURES})  # or the link waits for it
        self.loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        wait_for(lambda: len(self.online()) > before, "the announcement")
        if "refused" not in (self.lock() or {}):
            wait_for(lambda: "refused" in (self.lock() or {}), "the health of the lock")

    def online(self):
        return [m for m in self.office.messages(STATE) if json.loads(m.payload)["state"] == "online"]

    def lock(self):
        return (self.office.last(HEALTH) or {"link": {}})["link"].get("lock")

    def press(self, payload, door="front", **options):
        self.office.publish(SET % door, payload, **options)

    def orders(self):
        return [m for m in self.loquetd.heard if "order" in m]

    def hear(self):
        """The next signed command: its number and what it says."""
        known = [m["id"] for m in self.orders()]
        message = self.loquetd.listen(lambda m: "order" in m and m["id"] not in known, "a command")
        header, payload, signature = message["order"].split(".")
        KEY.public_key().verify(decode(signature), (header + "." + payload).encode())
        self.assertEqual(json.loads(decode(header)), {"alg": "EdDSA", "kid": "home"})
        said = json.loads(decode(payload))
        jsonschema.Draft202012Validator(PAYLOAD, resolver=jsonschema.RefResolver(
            "file://%s/command.json" % SCHEMAS, PAYLOAD)).validate(said)
        return message["id"], said

    def answer(self, number, **answer):
        self.loquetd.say({"id": number, "answer": answer})

    def expect_refused(self, why, count):
        # Only now and then is health told, and only the last reason.
        wait_for(lambda: self.lock()["refused"] == count, "refusal %d (%s)" % (count, self.lock()))
        self.assertEqual(self.lock()["why"], why)

    def expect_told(self, **counts):
        """What loquetd has heard for the journal, and nothing of what was sent."""
        def all_of_them(_message):
            told = {}
            for message in self.loquetd.heard:
                if "refused" in message:
                    self.assertEqual(sorted(message), ["count", "refused"])
                    told[message["refused"]] = told.get(message["refused"], 0) + message["count"]
            return told == counts
        if not all_of_them(None):
            self.loquetd.listen(all_of_them, "what was refused: %s" % counts)

    def test_what_it_asks_for_is_signed_for_its_door_and_a_short_while(self):
        self.go()
        nonces = set()
        for payload, wanted in (
                ("UNLOCK", {"cmd": "door.open"}), ("OPEN", {"cmd": "door.open"}),
                ("LOCK", {"cmd": "door.mode",
                          "args": {"mode": "Locked", "unless_refusing": True}})):
            self.press(payload)
            number, said = self.hear()
            now = time.time()
            self.assertLessEqual(said.pop("nbf"), now)
            self.assertTrue(now - 60 < said["exp"] - 10 <= now + 1)
            del said["exp"]
            nonces.add(said.pop("jti"))
            self.assertEqual(said, {"aud": "demo/front-board", "door": "front", **wanted})
            self.answer(number, ok=True, command=wanted["cmd"])
        self.assertEqual(len(nonces), 3)
        wait_for(lambda: self.lock() == {"state": "ready", "taken": 3, "refused": 0}, "the count")

    def test_nothing_else_is_signed(self):
        self.go(BACK, section())
        self.office.publish(BASE + "/doors/front/state/set", "UNLOCK")
        self.office.publish(BASE + "/doors/set", "UNLOCK")
        payloads = (b"", b"unlock", b"UNLOCK\n", b" UNLOCK", b"UNLOCK\0", b"UNLOCKUNLOCK", b"ON",
                    b'"UNLOCK"', b'{"command":"UNLOCK"}', b"UNLOC", b"\xff", b"U" * 5000,
                    b"LOCK ", b"LOCKED")
        for payload in payloads:
            self.press(payload)
        self.expect_refused("unknown_payload", len(payloads))
        doors = ("cellar", "front%2F", "x" * 200, "FRONT")
        for door in doors:
            self.press("UNLOCK", door)
        count = len(payloads) + len(doors)
        self.expect_refused("unknown_door", count)
        self.expect_told(malformed=len(payloads), wrong_door=len(doors))
        self.press("UNLOCK", "back")  # is loquetd's to refuse
        number, said = self.hear()
        self.assertEqual((number, said["door"]), (1, "back"))
        self.answer(number, ok=False, error="refused", reason="not_permitted", text="no")
        self.expect_refused("not_permitted", count + 1)
        self.assertEqual(self.lock()["taken"], 0)

    def test_the_log_has_a_line_a_minute_whatever_the_reasons(self):
        begun = time.monotonic()
        self.go()
        for _ in range(20):
            self.press("x")
            self.press("UNLOCK", "cellar")
        self.expect_refused("unknown_door", 40)
        lines = re.findall("lock asks for: (.*)", self.words())
        self.assertEqual(lines[0], "unknown_payload (1 since the start)")
        self.assertLessEqual(len(lines), 1 + (time.monotonic() - begun) / 60)

    def test_what_is_retained_or_waited_is_not_signed(self):
        self.go()
        if "5" in self.protocol:
            self.press("UNLOCK", retain=True)
            self.expect_refused("retained", 1)
        self.assertEqual(self.stop(), 0)
        self.press("UNLOCK", retain=True)
        self.press("UNLOCK")
        for _ in range(2):
            self.go()
            if "5" not in self.protocol:
                self.expect_refused("retained", 1)
                self.expect_told(retained=1)
            self.assertEqual(self.stop(), 0)
        self.press("", retain=True)
        self.go()
        self.press("LOCK")
        self.assertEqual(self.hear()[1]["cmd"], "door.mode")  # and it is the first
        self.assertEqual(len(self.orders()), 1)

    def test_what_a_broker_kept_for_the_link_is_not_signed(self):
        self.broker.stop()
        self.broker.configure("queue_qos0_messages true")
        self.broker.start()
        self.go()
        self.assertEqual(self.stop(), 0)
        self.press("UNLOCK")
        self.go()
        self.expect_refused("stale", 1)
        self.expect_told(expired=1)
        self.press("LOCK")
        self.assertEqual(self.hear()[1]["cmd"], "door.mode")
        self.assertEqual(len(self.orders()), 1)

    def test_the_rights_that_the_manual_shows_let_home_assistant_press_and_nobody_else(self):
        with open(os.path.join(SCHEMAS, "../firmware/man/loquet-link.8"), encoding="utf-8") as page:
            blocks = re.findall(r"^\.Bd -literal.*\n(?:#.*\n)?(user [\s\S]*?)^\.Ed", page.read(), re.M)
        self.assertEqual(len(blocks), 2)
        rights = os.path.join(self.broker.folder, "rights")
        with open(rights, "w", encoding="utf-8") as file:
            file.write("\n".join(blocks).replace("example-space", "demo"))
        os.chmod(rights, 0o600)
        self.broker.stop()
        self.broker.configure("acl_file " + rights)
        self.broker.start()
        self.office = self.client(
            STATE, HEALTH, BASE + "/doors/front/state", "homeassistant/#", name="home",
            configure=lambda client: client.username_pw_set("home-assistant"))
        self.go("username = front-board", BACK, section(doors="*"))
        wait_for(lambda: self.office.messages(CONFIG % "front"), "the lock")
        wait_for(lambda: self.office.messages(BASE + "/doors/front/state"), "the door's state")
        visitor = self.client(name="visitor",
                              configure=lambda client: client.username_pw_set("visitor"))
        visitor.publish(SET % "front", "UNLOCK")
        self.client(name="nobody").publish(SET % "front", "UNLOCK")
        self.press("UNLOCK", "back")
        self.press("LOCK")
        self.assertEqual(self.hear()[1]["cmd"], "door.mode")  # and it is the first
        self.assertEqual((len(self.orders()), self.lock()["refused"]), (1, 0))

    def test_a_flood_costs_no_more_than_a_few(self):
        self.go()
        begun = time.monotonic()
        for _ in range(60):
            self.press("UNLOCK")
        wait_for(lambda: self.lock()["refused"] > 0, "the first refusal")
        self.loquetd.listen(lambda m: "order" in m, "a command")
        wait_for(lambda: self.lock()["refused"] + len(self.drain()) >= 60, "the count")
        self.assertLessEqual(len(self.orders()), 4)  # of those that wait for their answer
        self.assertLessEqual(len(self.orders()), 5 + time.monotonic() - begun)
        self.assertIn(self.lock()["why"], ("too_fast", "busy"))

    def drain(self):
        """What was signed, as far as it has come."""
        self.loquetd.say({"head": 1})
        self.loquetd.peer.settimeout(0.2)
        try:
            while True:
                self.loquetd.heard.append(json.loads(self.loquetd.peer.recv(65536)))
        except TimeoutError:
            return self.orders()

    def test_without_loquetd_nothing_happens_later(self):
        self.go()
        self.loquetd.leave()
        wait_for(lambda: self.office.last(HEALTH)["loquetd"] == "absent", "its end")
        refused = self.lock()["refused"]
        self.press("UNLOCK")
        wait_for(lambda: self.lock()["refused"] == refused + 1, "the refusal")

    def test_a_lock_is_announced_for_each_door_that_the_key_may_open_and_taken_away(self):
        self.go(BACK, section())
        wait_for(lambda: self.office.messages(CONFIG % "front"), "the lock")
        self.assertEqual(self.office.messages(CONFIG % "back"), [])
        self.assertEqual(self.stop(), 0)
        self.go(BACK, section(doors="*"))
        wait_for(lambda: self.office.messages(CONFIG % "back"), "the other lock")
        self.assertEqual(self.stop(), 0)
        for sections, key, state in (
                ((BACK, section("door.mode", "*")), None, "ready"),
                ((BACK, section(key=Ed25519PrivateKey.generate())), None, "not_trusted"),
                ((BACK, section()), "/nonexistent/home.key", "no_key")):
            before = len(self.office.messages(CONFIG % "front"))
            self.go(*sections, key=key)
            wait_for(lambda s=state: self.lock()["state"] == s, state)
            if state == "ready":
                wait_for(lambda b=before: len(self.office.messages(CONFIG % "front")) > b,
                         "the removal")
                self.assertEqual(self.office.messages(CONFIG % "front")[-1].payload, b"")
                self.assertEqual(self.office.messages(CONFIG % "back")[-1].payload, b"")
            else:
                self.press("UNLOCK")
                self.assertIn("no lock is announced", self.words())
                self.assertEqual(len(self.office.messages(CONFIG % "front")), before)
            self.assertEqual(self.stop(), 0)
            self.assertEqual(self.orders(), [])
        last = self.client("homeassistant/lock/#", STATE, name="last")
        wait_for(lambda: last.last(STATE), "the retained messages")
        self.assertEqual([m.topic for m in last.received if m.topic != STATE], [])


class LatchMqtt311(Latch):
    protocol = "protocol = 3.1.1"
    # What knows nothing of the protocol.
    test_nothing_else_is_signed = None
    test_the_log_has_a_line_a_minute_whatever_the_reasons = None
    test_a_flood_costs_no_more_than_a_few = None
    test_without_loquetd_nothing_happens_later = None


if __name__ == "__main__":
    unittest.main()
