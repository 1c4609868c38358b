#!/usr/bin/python3
"""Signed commands over MQTT, from a signer that shares no code with the verifier."""

import base64
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import jsonschema
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat)
from paho.mqtt import client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from house import House, StepFailed

BUILD = os.environ["LOQUET_BUILD"]
BASE = "loquet/1/demo/front-board"
PATIENCE_S = 60
OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HOME = Ed25519PrivateKey.from_private_bytes(bytes(range(3, 35)))
READING = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SCHEMAS = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public(key):
    return encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def compact(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def sign(payload, key=OFFICE, header=None):
    if header is None:
        header = {"alg": "EdDSA", "kid": "office"}
    text = encode(compact(header)) + "." + encode(compact(payload))
    return text + "." + encode(key.sign(text.encode()))


def claims(**changes):
    """Good for as long as may be: many are signed before the first is sent."""
    now = int(time.time())
    values = {"aud": "demo/front-board", "cmd": "door.open", "door": "front", "nbf": now - 30,
              "exp": now + 240, "jti": encode(os.urandom(16)), **changes}
    return {key: value for key, value in values.items() if value is not None}


class Orders(unittest.TestCase):
    protocol = "5"

    @classmethod
    def setUpClass(cls):
        cls.house = House(
            BUILD, pace=None, release_ms=600, settings="clock_trust = unset",
            sections="protocol = %s\n[command office]\nkey = %s\nallow = door.open, journal.replay, "
                     "door.mode, reader.identify, badge.enrol-next, config.reload\n"
                     "doors = *\n[command reading]\nkey = %s\nallow = journal.replay\n"
                     "doors = front\n[command home]\nkey = %s\nallow = door.open, door.mode\n"
                     "doors = front\n"
                     % (cls.protocol, public(OFFICE), public(READING), public(HOME)))
        with open(SCHEMAS / "vocabulary.json", encoding="utf-8") as file:
            cls.texts = {word["const"]: word["description"]
                         for word in json.load(file)["$defs"]["refusal"]["oneOf"]}
        with open(SCHEMAS / "command.json", encoding="utf-8") as file:
            schema = json.load(file)
        cls.payloads = jsonschema.Draft202012Validator(
            schema["properties"]["jws"]["contentSchema"]["prefixItems"][1],
            resolver=jsonschema.RefResolver(SCHEMAS.as_uri() + "/command.json", schema))
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        cls.answers = []
        cls.new = threading.Condition()
        cls.subscribed = threading.Event()
        version = mqtt.MQTTv5 if cls.protocol == "5" else mqtt.MQTTv311
        cls.client = mqtt.Client(client_id="office", protocol=version)
        cls.client.on_message = cls.on_message
        cls.client.on_subscribe = lambda *_: cls.subscribed.set()
        cls.client.connect("127.0.0.1", cls.house.port)
        cls.client.loop_start()
        cls.addClassCleanup(cls.client.loop_stop)
        cls.addClassCleanup(cls.client.disconnect)
        cls.client.subscribe([(BASE + "/command/response", 1), ("answers/#", 1)])
        assert cls.subscribed.wait(PATIENCE_S)

    @classmethod
    def on_message(cls, _client, _context, message):
        with cls.new:
            cls.answers.append(message)
            cls.new.notify_all()

    def ask_raw(self, body, properties=None):
        before = len(self.answers)
        self.client.publish(BASE + "/command", body, qos=1, properties=properties)
        with self.new:
            self.assertTrue(self.new.wait_for(lambda: len(self.answers) > before, PATIENCE_S),
                            "no answer to %s" % body[:80])
            return self.answers[before]

    def ask(self, body):
        return json.loads(self.ask_raw(body).payload)

    def expect_refused(self, body, reason):
        mark = self.house.mark()
        answer = self.ask(body)
        self.assertEqual((answer["ok"], answer.get("error"), answer.get("reason"),
                          answer.get("text")),
                         (False, "refused", reason, self.texts[reason]), answer)
        event = self.house.wait_event("command.refused", mark, cause=reason)["event"]["data"]
        self.assertFalse(any(item["event"]["type"] == "org.loquet.door.released.v1"
                             for item in self.house.since(mark)))
        return event

    def test_a_signed_command_opens_once_and_is_recorded(self):
        wanted = claims()
        mark = self.house.mark()
        answer = self.ask(sign(wanted))
        self.assertEqual(answer, {"ok": True, "command": "door.open", "jti": wanted["jti"]})
        accepted = self.house.wait_event("command.accepted", mark, nonce=wanted["jti"])["event"]["data"]
        self.assertEqual((accepted["actor"], accepted["door"]), ("office", "front"))
        released = self.house.wait_event("door.released", mark,
                                         transaction=accepted["transaction"])["event"]["data"]
        self.assertEqual((released["cause"], released["recorded"]), ("command", True))
        self.house.wait_event("door.relocked", mark)
        refused = self.expect_refused(sign(wanted), "replayed")
        self.assertEqual(refused["nonce"], wanted["jti"])

    def test_the_command_line_signs_what_opens(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        key = folder + "/office.key"
        with open(key, "w", encoding="ascii") as file:
            file.write(bytes(range(32)).hex() + "\n")
        mark = self.house.mark()
        text = self.house.loquet("command", "sign", "--key", key, "--as", "office",
                                 "--door", "front", "door.open")["jws"]
        self.assertTrue(self.ask(text)["ok"])
        self.house.wait_event("door.released", mark)
        self.house.wait_event("door.relocked", mark)
        self.expect_refused(text, "replayed")
        text = self.house.loquet("command", "sign", "--key", key, "--as", "reading",
                                 "--door", "front", "door.open")["jws"]
        self.expect_refused(text, "wrong_key")
        text = self.house.loquet("command", "sign", "--key", key, "--as", "office",
                                 "--from", "1", "journal.replay")["jws"]
        self.assertTrue(self.ask(text)["ok"])

    def press_in_home_assistant(self, button, key):
        """What the manual has Home Assistant do, with this broker; the answer to it."""
        page = (SCHEMAS.parent / "firmware/man/loquet-link.8").read_text("utf-8")
        example = yaml.safe_load(page[page.index("# configuration.yaml"):].split(".Ed")[0])
        service, name = example["lock"][0][button]["action"].split(".")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(key.private_bytes(
                Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex() + "\n")
            file.flush()
            command = example[service][name].replace("/config/loquet.key", file.name)
            command = command.replace("-h localhost", "-h 127.0.0.1 -p %d" % self.house.port)
            before = len(self.answers)
            programs = os.path.dirname(self.house.program("loquet"))
            subprocess.run(["sh", "-c", command], check=True, timeout=PATIENCE_S,
                           env={**os.environ, "PATH": programs + ":" + os.environ["PATH"]})
        with self.new:
            self.assertTrue(self.new.wait_for(lambda: len(self.answers) > before, PATIENCE_S))
            return json.loads(self.answers[before].payload)

    def test_the_lock_that_the_manual_shows_for_home_assistant(self):
        mark = self.house.mark()
        self.assertEqual(self.press_in_home_assistant("unlock", HOME)["command"], "door.open")
        self.house.wait_event("door.released", mark, cause="command")
        self.assertEqual(self.press_in_home_assistant("lock", HOME)["command"], "door.mode")
        self.house.wait_event("door.relocked", mark)
        self.house.loquet("door", "mode", "front", "lockeddown")
        self.assertEqual(self.press_in_home_assistant("lock", HOME)["reason"], "refusing")
        self.house.loquet("door", "mode", "front", "locked")
        mark = self.house.mark()
        self.assertEqual(self.press_in_home_assistant("unlock", STRANGER)["reason"], "wrong_key")
        self.house.wait_event("command.refused", mark, cause="wrong_key")

    def test_a_new_key_is_its_owners_alone(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = folder + "/new.key"
        made = self.house.loquet("key", "new", path)["key"]
        with open(path, encoding="ascii") as file:
            seed = bytes.fromhex(file.read())
        self.assertEqual(made, public(Ed25519PrivateKey.from_private_bytes(seed)))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with self.assertRaisesRegex(StepFailed, "exit 1.*there already"):
            self.house.loquet("key", "new", path)
        with open(path, encoding="ascii") as file:
            self.assertEqual(bytes.fromhex(file.read()), seed)

    def test_no_command_is_taken_again_after_a_restart(self):
        order = sign(claims(exp=int(time.time()) + 200))
        self.assertTrue(self.ask(order)["ok"])
        self.house.stop("loquetd")
        self.house.start_door()
        self.house.start_watch()
        self.house.wait_for(lambda: self.house.status()["link"]["state"] == "connected",
                            "the link's return")
        self.expect_refused(order, "replayed")

    def test_a_correlation_in_the_payload_comes_back(self):
        answer = self.ask(json.dumps({"jws": sign(claims()), "correlation": "my é"}))
        self.assertEqual((answer["ok"], answer["correlation"]), (True, "my é"))
        answer = self.ask(json.dumps({"jws": sign(claims(aud="demo/other")), "correlation": "2"}))
        self.assertEqual((answer["reason"], answer["correlation"]), ("wrong_controller", "2"))

    def test_a_signed_replay(self):
        self.assertTrue(self.ask(sign(claims(cmd="journal.replay", door=None,
                                             args={"from": 1})))["ok"])
        self.assertEqual(self.ask(sign(claims(cmd="journal.replay", door=None,
                                              args={"from": 1 << 50})))["reason"], "not_possible")

    def expect_done(self, then=None, **changes):
        """`then` is what the door tells next: the same command once more is to bring nothing of it."""
        wanted = claims(**changes)
        self.payloads.validate(wanted)
        mark = self.house.mark()
        self.assertEqual(self.ask(sign(wanted)),
                         {"ok": True, "command": wanted["cmd"], "jti": wanted["jti"]})
        accepted = self.house.wait_event("command.accepted", mark, nonce=wanted["jti"])["event"]["data"]
        self.assertEqual((accepted["action"], accepted.get("door")), (wanted["cmd"], wanted.get("door")))
        if then:
            self.house.wait_event(then, mark)
        self.expect_refused(sign(wanted), "replayed")
        return mark

    def test_each_command_does_what_it_says(self):
        for mode, then in (("Unlocked", "door.released"), ("Locked", "door.relocked")):
            mark = self.expect_done(then, cmd="door.mode", args={"mode": mode})
            self.house.wait_event("door.mode_changed", mark, mode=mode, cause="command")
            self.house.wait_for(lambda mode=mode: self.house.relay() == (mode == "Unlocked"),
                                "the relay's move")
        self.expect_done(cmd="reader.identify")
        self.house.loquet("member", "add", "Ada Example")
        mark = self.expect_done(cmd="badge.enrol-next", args={"member": 1, "timeout_s": 600})
        self.house.sim("present 0 type=ntag213 uid=04a1b2c3d4e5f6")
        enrolled = self.house.wait_event("roster.changed", mark, action="badge.enrolled")
        self.assertEqual((enrolled["event"]["data"]["actor"], enrolled["event"]["data"]["reader"]),
                         ("office", "front-in"))
        self.house.take_badge()

    def test_a_key_ends_with_a_reload(self):
        self.expect_done(cmd="config.reload", door=None)
        text = pathlib.Path(self.house.config).read_text("utf-8")
        self.addCleanup(pathlib.Path(self.house.config).write_text, text, "utf-8")
        pathlib.Path(self.house.config).write_text(text.replace("[command office]", "[command other]"),
                                                   "utf-8")
        mark = self.house.mark()
        self.house.processes["loquetd"].send_signal(signal.SIGHUP)
        self.house.wait_event("command.accepted", mark, action="config.reload",
                              actor="account-%d" % os.geteuid())
        self.house.wait_for(lambda: self.ask(sign(claims())).get("reason") == "unknown_key",
                            "the key's end")
        pathlib.Path(self.house.config).write_text(text, "utf-8")
        self.house.processes["loquetd"].send_signal(signal.SIGHUP)
        self.house.wait_for(lambda: self.ask(sign(claims()))["ok"], "the key's return")
        self.house.wait_event("door.relocked", mark)

    def test_each_command_is_refused_with_its_reason(self):
        now = int(time.time())
        reading = {"alg": "EdDSA", "kid": "reading"}
        for command, good, wrongs in (
                ("door.open", {"args": {"extended": True}},
                 ({"args": {"extended": 1}}, {"args": {"mode": "Locked"}}, {"args": []})),
                ("door.mode", {"args": {"mode": "Blocked", "unless_refusing": True}},
                 ({"args": None}, {"args": {"mode": "blocked"}}, {"args": {"mode": "Accessed"}},
                  {"args": {"mode": "Blocked", "extended": True}}, {"door": None},
                  {"args": {"mode": "Blocked", "unless_refusing": 1}})),
                ("reader.identify", {}, ({"args": {"seconds": 9}}, {"door": None})),
                ("badge.enrol-next", {"args": {"member": 1}},
                 ({"args": {"member": "m1"}}, {"args": {"timeout_s": 9}}, {"door": None},
                  {"args": {"member": 1, "timeout_s": 601}})),
                ("journal.replay", {"door": None, "args": {"from": 1}},
                 ({"args": {}}, {"args": {"from": 1.5}}, {"door": "front"})),
                ("config.reload", {"door": None}, ({"args": {"from": 1}}, {"door": "front"}))):
            wanted = {"cmd": command, **good}
            self.payloads.validate(claims(**wanted))
            cases = [(claims(**wanted, nbf=now - 200, exp=now - 100), OFFICE, None, "expired"),
                     (claims(**wanted, nbf=now + 600, exp=now + 700), OFFICE, None, "not_yet_valid"),
                     (claims(**wanted), STRANGER, None, "wrong_key")]
            if command != "journal.replay":
                cases.append((claims(**wanted), READING, reading, "not_permitted"))
            if good.get("door", "") is not None:
                cases.append((claims(**{**wanted, "door": "back"}), OFFICE, None, "wrong_door"))
            for wrong in wrongs:
                payload = claims(**{**wanted, **wrong})
                self.assertFalse(self.payloads.is_valid(payload), payload)
                cases.append((payload, OFFICE, None, "malformed"))
            for payload, key, header, reason in cases:
                with self.subTest(command=command, reason=reason, args=payload.get("args")):
                    self.expect_refused(sign(payload, key, header), reason)

    def test_everything_else_is_refused_with_its_reason(self):
        now = int(time.time())
        head = {"alg": "EdDSA", "kid": "office"}
        good = sign(claims()).split(".")
        flipped = good[2][:10] + ("A" if good[2][10] != "A" else "B") + good[2][11:]
        doubled = json.dumps(claims())[:-1] + ',"door":"front"}'
        for body, reason in (
                (sign(claims(), key=STRANGER), "wrong_key"),
                (sign(claims(), key=READING), "wrong_key"),
                (".".join([good[0], encode(compact(claims())), good[2]]), "wrong_key"),
                (".".join([good[0], good[1], flipped]), "wrong_key"),
                (sign(claims(), key=STRANGER, header={**head, "kid": "stranger"}), "unknown_key"),
                (sign(claims(aud="demo/back-board")), "wrong_controller"),
                (sign(claims(aud="demo/front-board/x")), "wrong_controller"),
                (sign(claims(door="back")), "wrong_door"),
                (sign(claims(nbf=now + 600, exp=now + 700)), "not_yet_valid"),
                (sign(claims(nbf=now - 200, exp=now - 100)), "expired"),
                (sign(claims(nbf=now - 30, exp=now + 3600)), "window_too_long"),
                (sign(claims(nbf=now, exp=now)), "window_too_long"),
                (sign(claims(cmd="door.explode")), "unknown_command"),
                (sign(claims(), key=READING, header={**head, "kid": "reading"}), "not_permitted"),
                (sign(claims(cmd="journal.replay", door=None, args={"from": 1}), key=READING,
                      header={**head, "kid": "reading"}), "not_permitted"),
                (sign(claims(), header={**head, "alg": "none"}), "malformed"),
                (sign(claims(), header={**head, "alg": "eddsa"}), "malformed"),
                (sign(claims(), header={**head, "crit": []}), "malformed"),
                (sign(claims(), header={"alg": "EdDSA"}), "malformed"),
                (sign(claims(), header=b'{"alg":"none","alg":"EdDSA","kid":"office"}'),
                 "malformed"),
                (sign(doubled.encode()), "malformed"),
                (sign(claims(jti="short")), "malformed"),
                (sign(claims(jti=None)), "malformed"),
                (sign(claims(exp=None)), "malformed"),
                (sign(claims(exp=float(now + 60))), "malformed"),
                (sign(claims(door=None)), "malformed"),
                (sign(claims(extra=1)), "malformed"),
                (good[0] + "." + good[1] + ".", "malformed"),
                (good[0] + "." + good[1], "malformed"),
                (".".join(good) + ".x", "malformed"),
                ("eyJ", "malformed")):
            with self.subTest(reason=reason, body=body[:60]):
                self.expect_refused(body, reason)

    def refused_rows(self):
        """The data of every command.refused in the journal so far."""
        events = [json.loads(line) for line in self.house.journal()]
        return [event["data"] for event in events
                if event["type"] == "org.loquet.command.refused.v1"]

    def test_what_is_no_signed_command_is_refused_and_recorded(self):
        secret = "ThisIsNobodysBusiness"
        for body, words in (("eyJ" + "A" * 2100, "2048"), ('{"jws":"%s"}' % secret, "signed command"),
                            (json.dumps({"jws": sign(claims()), "door": secret}), "unknown"),
                            (secret, "valid JSON"), (b"\xff" + secret.encode(), "UTF-8"),
                            ('"%s' % (secret * 300), "4096"), ("[]", "object"),
                            ('{"jws":"eyJ","correlation":{}}', "correlation")):
            mark = self.house.mark()
            answer = self.ask(body)
            self.assertEqual((answer["ok"], answer["error"], answer["reason"]),
                             (False, "invalid", "malformed"))
            self.assertIn(words, answer["text"])
            event = self.house.wait_event("command.refused", mark)["event"]["data"]
            self.assertEqual(event, {"cause": "malformed", "count": 1})
        self.assertNotIn(secret, json.dumps(self.refused_rows()))


class OrdersMqtt311(Orders):
    protocol = "3.1.1"
    test_each_command_is_refused_with_its_reason = None  # knows nothing of the protocol
    test_a_key_ends_with_a_reload = None


class ResponseTopic(Orders):
    """MQTT 5 only; the rest of the story is told above."""

    def test_the_answer_goes_where_the_command_says(self):
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "answers/7"
        properties.CorrelationData = b"\x00seven"
        message = self.ask_raw(sign(claims()), properties)
        self.assertEqual((message.topic, message.properties.CorrelationData),
                         ("answers/7", b"\x00seven"))
        self.assertTrue(json.loads(message.payload)["ok"])


class Flood(Orders):
    """A house of its own: what has filled a budget would be missed by the others."""

    def test_a_flood_of_rubbish_is_counted_in_a_few_rows(self):
        before = self.refused_rows()
        began = time.monotonic()
        sent = 2000
        for _ in range(sent):
            self.client.publish(BASE + "/command", b"rubbish", qos=1)
        # What is signed is heard and recorded meanwhile, and afterwards.
        self.house.wait_for(self.try_to_open, "a signed command behind the flood")
        rows = self.refused_rows()[len(before):]
        self.assertGreater(len(rows), 0)
        self.assertLess(len(rows), 60 + time.monotonic() - began)
        self.assertTrue(all(set(row) == {"cause", "count"} for row in rows), rows)
        self.assertLessEqual({row["cause"] for row in rows}, {"malformed", "too_many"})
        self.assertLessEqual(sum(row["count"] for row in rows), sent + 60)
        self.house.loquet("journal", "verify")

    def try_to_open(self):
        """True when the door's own answer to a signed command comes."""
        wanted = claims()
        before = len(self.answers)
        self.client.publish(BASE + "/command", sign(wanted), qos=1)
        with self.new:
            return self.new.wait_for(
                lambda: any(json.loads(answer.payload).get("jti") == wanted["jti"]
                            for answer in self.answers[before:]), 5)


for name in [name for name in dir(Orders) if name.startswith("test_")]:
    setattr(ResponseTopic, name, None)
    setattr(Flood, name, None)

if __name__ == "__main__":
    unittest.main()
