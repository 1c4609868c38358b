"""An office that keeps a roster: makes the parts, signs the manifest, publishes both. It shares no code with what
reads them."""

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from paho.mqtt import client as mqtt

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PARTS = 257
PLAIN = "enabled\t0\t0\t-\t0\t0"
RULES = "policy\talways\t*\t-\nprofile\talways\n"
PATIENCE_S = 60


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public(key=KEY):
    return encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


class RosterOffice:
    """`secret` is the content of a uid.key. Persons are {number: (profile, [(badge, uid, rest)])}."""

    def __init__(self, port, secret, space="demo"):
        self.secret = bytes.fromhex(secret.strip())
        self.space = space
        self.topic = "loquet/1/%s/roster/" % space
        self.rules = RULES
        self.persons = {}
        self.version = int(time.time() * 1000)
        self.published = {}
        self.prepared = None
        self.client = mqtt.Client("roster-office", protocol=mqtt.MQTTv5)
        self.client.max_inflight_messages_set(1000)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def key_of(self, uid):
        return hmac.new(self.secret, bytes.fromhex(uid), hashlib.sha256).digest()[:16].hex()

    def parts(self):
        lines = [[] for _ in range(PARTS)]
        lines[0].append(self.rules)
        for number, (profile, badges) in sorted(self.persons.items()):
            part = lines[1 + number % 256]
            part.append("p\t%d\t%s\t1\t0\t0\n" % (number, profile))
            for badge, uid, rest in badges:
                part.append("b\t%d\t%s\t%s\n" % (badge, self.key_of(uid), rest))
        return ["".join(part).encode() for part in lines]

    def manifest(self, parts, key=KEY, iat=None, version=None):
        payload = {"iss": self.space, "version": version or self.version, "iat": iat or int(time.time()),
                   "parts": [hashlib.sha256(part).hexdigest() if part else "" for part in parts]}
        text = encode(b'{"alg":"EdDSA","kid":"office"}') + "." + encode(json.dumps(payload).encode())
        return text + "." + encode(key.sign(text.encode()))

    def put(self, name, payload):
        return self.client.publish(self.topic + name, payload, qos=1, retain=True)

    def prepare(self):
        """Makes the parts of the next publication now."""
        self.prepared = self.parts()

    def publish(self, **signature):
        """Parts that changed, then the manifest; returns when the broker has it."""
        self.version += 1
        parts, self.prepared = self.prepared or self.parts(), None
        for index, part in enumerate(parts):
            if part != self.published.get(index, b""):
                self.put("part/%d" % index, part)
                self.published[index] = part
        self.put("manifest", self.manifest(parts, **signature)).wait_for_publish(PATIENCE_S)
