#!/usr/bin/python3
"""Signed commands over MQTT, from a signer that shares no code with the verifier."""

import base64
import json
import os
import tempfile
import threading
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from paho.mqtt import client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from house import House, StepFailed

BUILD = os.environ["LOQUET_BUILD"]
BASE = "loquet/1/demo/front-board"
PATIENCE_S = 30
OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
READING = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
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
    now = int(time.time())
    values = {"aud": "demo/front-board", "cmd": "door.open", "door": "front", "nbf": now - 30,
              "exp": now + 60, "jti": encode(os.urandom(16)), **changes}
    return {key: value for key, value in values.items() if value is not None}


class Orders(unittest.TestCase):
    protocol = "5"

    @classmethod
    def setUpClass(cls):
        cls.house = House(
            BUILD, pace=None, release_ms=600, settings="clock_trust = unset",
            sections="protocol = %s\n[command office]\nkey = %s\nallow = door.open, journal.replay\n"
                     "doors = *\n[command reading]\nkey = %s\nallow = journal.replay\n"
                     "doors = front\n" % (cls.protocol, public(OFFICE), public(READING)))
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
        self.assertEqual((answer["ok"], answer.get("error"), answer.get("reason")),
                         (False, "refused", reason), answer)
        event = self.house.wait_event("command.refused", mark, cause=reason)["event"]["data"]
        self.assertFalse(any(item["event"]["type"] == "org.loquet.door.released.v1"
                             for _, item in self.house.watch.items[mark:]))
        return event

    def test_a_signed_command_opens_once_and_is_recorded(self):
        wanted = claims()
        mark = self.house.mark()
        answer = self.ask(sign(wanted))
        self.assertEqual(answer, {"ok": True, "command": "door.open", "jti": wanted["jti"]})
        accepted = self.house.wait_event("command.accepted", mark)["event"]["data"]
        self.assertEqual((accepted["actor"], accepted["nonce"], accepted["door"]),
                         ("office", wanted["jti"], "front"))
        released = self.house.wait_event("door.released", mark)["event"]["data"]
        self.assertEqual((released["transaction"], released["cause"], released["recorded"]),
                         (accepted["transaction"], "command", True))
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

    def test_what_is_no_signed_command_stays_with_the_link(self):
        for body, words in (("eyJ" + "A" * 2100, "2048"), ('{"jws":"x"}', "signed command"),
                            (json.dumps({"jws": sign(claims()), "door": "front"}), "unknown")):
            answer = self.ask(body)
            self.assertEqual((answer["ok"], answer["error"]), (False, "invalid"))
            self.assertIn(words, answer["text"])


class OrdersMqtt311(Orders):
    protocol = "3.1.1"


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


for name in [name for name in dir(Orders) if name.startswith("test_")]:
    setattr(ResponseTopic, name, None)

if __name__ == "__main__":
    unittest.main()
