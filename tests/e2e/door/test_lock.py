#!/usr/bin/python3
"""Home Assistant's lock, over a broker, at a whole door: what it is told, what it may do, and what
loquetd refuses."""

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import jinja2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from house import House
from listener import Listener

BUILD = os.environ["LOQUET_BUILD"]
BASE = "loquet/1/demo/front-board"
SET = BASE + "/doors/front/set"
STATE = BASE + "/doors/front/state"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(9, 41)))

# By hand, from Home Assistant's pages on MQTT discovery and on the MQTT lock.
LOCK = {
    "name": None,
    "unique_id": "loquet-demo-front-board-front-latch",
    "availability": [{"topic": BASE + "/state", "value_template": "{{ value_json.state }}"}],
    "state_topic": STATE,
    "state_locked": "LOCKED",
    "state_unlocked": "UNLOCKED",
    "state_jammed": "JAMMED",
    "command_topic": SET,
    "payload_lock": "LOCK",
    "payload_unlock": "UNLOCK",
    "payload_open": "OPEN",
    "optimistic": False,
    "retain": False,
    "qos": 1,
}


def public(key):
    return base64.urlsafe_b64encode(
        key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).rstrip(b"=").decode()


class Lock(unittest.TestCase):
    protocol = "5"

    @classmethod
    def setUpClass(cls):
        house = cls.house = House(BUILD, pace=None, release_ms=600, settings="clock_trust = unset")
        cls.addClassCleanup(house.close)
        with open(house.folder + "/home.key", "w", encoding="ascii") as file:
            file.write(bytes(range(9, 41)).hex() + "\n")
        house.sections = (
            "protocol = %s\nhealth_s = 5\nhome_assistant = yes\nhome_assistant_key = %s/home.key\n"
            "[door back]\nlines = sim\nchip = %s/lines-back\nrelay = 0\n"
            "[command home]\nkey = %s\nallow = door.open, door.mode\ndoors = front\n"
            % (cls.protocol, house.folder, house.folder, public(KEY)))
        house.write_config()
        house.start_broker()
        cls.listener = Listener(house.port)
        cls.addClassCleanup(cls.listener.close)
        house.subscribe()
        house.start_sim()
        house.start_door()
        house.start_watch()
        cls.start_link()

    @classmethod
    def start_link(cls):
        before = {link["connected_since"] for link in cls.links()}
        cls.house.start_link()
        cls.house.wait_for(lambda: cls.house.status()["link"]["state"] == "connected", "the link")
        # Of this connection, not of one before: then the broker knows of the presses that it wants, too.
        cls.house.wait_for(lambda: any(
            link["connected_since"] not in before and link["lock"]["state"] == "ready" for link in cls.links()),
            "its announcement")

    @classmethod
    def links(cls):
        """What the link said of itself, each time."""
        return [json.loads(message.payload)["link"] for message in cls.listener.on(BASE + "/health")]

    @classmethod
    def health(cls, key):
        told = cls.links()
        return told[-1].get("lock", {}).get(key) if told else None

    def config(self, door="front"):
        told = self.listener.on("homeassistant/lock/loquet-demo-front-board/%s/config" % door)
        return json.loads(told[-1].payload) if told else None

    def shown(self):
        """What Home Assistant would show for each state that the door told, in turn."""
        template = jinja2.Template(self.config()["value_template"])
        return [template.render(value_json=json.loads(message.payload))
                for message in self.listener.on(STATE)]

    def press(self, payload, topic=SET, retain=False):
        time.sleep(1)  # faster than one a second they are refused, after a few
        self.listener.command(topic, payload, retain=retain)

    def expect_taken(self, mark, action):
        taken = self.house.wait_event("command.accepted", mark, action=action)["event"]["data"]
        self.assertEqual((taken["actor"], taken["door"]), ("home", "front"))
        return taken["transaction"]

    def released(self, mark):
        return [item for item in self.house.since(mark)
                if item["event"]["type"] == "org.loquet.door.released.v1"]

    def test_the_message_is_what_home_assistant_asks_of_a_lock(self):
        lock = self.config()
        template = lock.pop("value_template")
        device, origin = lock.pop("device"), lock.pop("origin")
        self.assertEqual(lock, LOCK)
        other = json.loads(self.listener.on(
            "homeassistant/device/loquet-demo-front-board/front/config")[-1].payload)
        self.assertEqual((device, origin), (other["device"], other["origin"]))
        self.assertNotIn(LOCK["unique_id"], [c["unique_id"] for c in other["components"].values()])
        self.assertIsNone(self.config("back"))
        self.assertTrue(self.listener.on(
            "homeassistant/lock/loquet-demo-front-board/front/config")[-1].retain)
        alarms = dict.fromkeys(("mismatch", "ajar", "tamper"), False)
        for state, wanted in (
                ({"mode": "Locked", "alarms": alarms}, "LOCKED"),
                ({"mode": "Blocked"}, "LOCKED"), ({"mode": "LockedDown"}, "LOCKED"),
                ({"mode": "Accessed"}, "UNLOCKED"), ({"mode": "Unlocked"}, "UNLOCKED"),
                ({"mode": "LockedOpen"}, "UNLOCKED"), ({"mode": "unknown"}, "None"),
                ({"mode": "Locked", "alarms": {**alarms, "ajar": True}}, "JAMMED"),
                ({"mode": "Accessed", "alarms": {**alarms, "mismatch": True}}, "JAMMED"),
                ({"mode": "Locked", "alarms": {**alarms, "tamper": True}}, "LOCKED")):
            self.assertEqual(jinja2.Template(template).render(value_json=state), wanted, state)

    def test_a_press_opens_for_a_passage(self):
        for payload in ("UNLOCK", "OPEN"):
            mark = self.house.mark()
            self.press(payload)
            transaction = self.expect_taken(mark, "door.open")
            released = self.house.wait_event("door.released", mark)["event"]["data"]
            self.assertEqual((released["cause"], released["transaction"], released["recorded"]),
                             ("command", transaction, True))
            self.house.wait_event("door.relocked", mark)

    def test_an_unlocked_door_is_shown_and_locked_again(self):
        mark = self.house.mark()
        self.house.loquet("door", "mode", "front", "unlocked")
        self.house.wait_event("door.mode_changed", mark, mode="Unlocked")
        self.house.wait_for(self.house.relay, "the release")
        self.house.wait_for(lambda: self.shown()[-1] == "UNLOCKED", "what is shown")
        mark = self.house.mark()
        self.press("LOCK")
        self.expect_taken(mark, "door.mode")
        self.house.wait_event("door.mode_changed", mark, mode="Locked", cause="command")
        self.house.wait_for(lambda: not self.house.relay(), "the lock")
        self.house.wait_for(lambda: self.shown()[-1] == "LOCKED", "what is shown")

    def test_what_loquetd_does_not_allow_is_refused_with_an_event(self):
        mark = self.house.mark()
        self.press("UNLOCK", BASE + "/doors/back/set")
        refused = self.house.wait_event("command.refused", mark)["event"]["data"]
        self.assertEqual((refused["actor"], refused["cause"]), ("home", "not_permitted"))
        self.house.wait_for(lambda: self.health("why") == "not_permitted", "the health")
        self.house.loquet("door", "mode", "front", "blocked")
        self.press("UNLOCK")
        self.house.wait_event("command.refused", mark, cause="not_possible")
        for mode in ("blocked", "lockeddown"):
            self.house.loquet("door", "mode", "front", mode)
            pressed = self.house.mark()
            self.press("LOCK")  # whether or not the link has read of it
            self.house.wait_event("command.refused", pressed, cause="refusing", action="door.mode")
            self.house.wait_for(lambda: self.health("why") == "refusing", "the health")
            self.assertEqual(self.house.status()["doors"][0]["mode"].lower(), mode)
        self.house.loquet("door", "mode", "front", "locked")
        self.assertEqual(self.released(mark), [])

    def test_a_key_ends_with_its_section_though_the_link_still_signs(self):
        config = pathlib.Path(self.house.config)
        text = config.read_text("utf-8")
        loquetd = self.house.processes["loquetd"]
        for changed, cause in ((text.replace("[command home]", "[command other]"), "unknown_key"),
                               (text.replace("allow = door.open, ", "allow = "), "not_permitted")):
            config.write_text(changed, "utf-8")
            mark = self.house.mark()
            loquetd.send_signal(signal.SIGHUP)
            self.house.wait_event("command.accepted", mark, action="config.reload")
            self.press("UNLOCK")
            self.house.wait_event("command.refused", mark, cause=cause)
            self.assertEqual(self.released(mark), [])
        config.write_text(text, "utf-8")
        mark = self.house.mark()
        loquetd.send_signal(signal.SIGHUP)
        self.house.wait_event("command.accepted", mark, action="config.reload")
        self.press("UNLOCK")
        self.house.wait_event("door.relocked", mark)

    def test_what_is_retained_or_comes_while_the_link_is_away_opens_nothing(self):
        mark = self.house.mark()
        self.house.stop("loquet-link", signal.SIGKILL)
        self.press("UNLOCK")
        self.press("UNLOCK", retain=True)
        self.start_link()
        self.press("open sesame")
        self.house.wait_for(lambda: self.health("why") == "unknown_payload", "the last refusal")
        self.press("", retain=True)
        self.press("LOCK")
        self.expect_taken(mark, "door.mode")
        self.assertEqual(self.released(mark), [])

    def test_config_check_says_whom_the_lock_signs_for(self):
        text = pathlib.Path(self.house.config).read_text("utf-8")
        path = self.house.folder + "/other.conf"

        def check(changed):
            pathlib.Path(path).write_text(changed, "utf-8")
            told = subprocess.run([self.house.program("loquet"), "config", "check", path],
                                  capture_output=True, text=True, timeout=60, check=False)
            return told.returncode, told.stdout + told.stderr

        self.assertEqual(check(text), (0, path + ": no error\n"))
        for changed, words in (
                (re.sub(r"key = [\w-]{43}", "key = " + public(Ed25519PrivateKey.generate()), text),
                 "no [command NAME] trusts it; one with key = %s and allow = door.open was expected"
                 % public(KEY)),
                (text.replace("allow = door.open, ", "allow = "),
                 "[command home], which trusts it, does not allow door.open"),
                (text.replace("/home.key", "/none.key"), "is no key that can be read here")):
            status, told = check(changed)
            self.assertEqual(status, 2, told)
            self.assertIn(words, told)


class LockMqtt311(Lock):
    protocol = "3.1.1"
    test_config_check_says_whom_the_lock_signs_for = None  # knows nothing of the protocol
    test_a_key_ends_with_its_section_though_the_link_still_signs = None


if __name__ == "__main__":
    unittest.main()
