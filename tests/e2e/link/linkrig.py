"""What the tests of loquet-link stand on: a journal, a broker of their own, subscribers, a loquetd
that only talks, and the program itself. Everything lives in a temporary folder and on loopback."""

import glob
import hashlib
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

import jsonschema
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ports import free_port

SPACE = "demo"
CONTROLLER = "front-board"
BASE = f"loquet/1/{SPACE}/{CONTROLLER}"
DEADLINE_S = 60
LINK = os.environ["LOQUET_LINK"]
MIGRATIONS = os.environ["LOQUET_SQL"]
SCHEMAS = os.path.dirname(MIGRATIONS)
# What loquetd tells of its health.
STAGE = {"count": 0, "p50_us": 0, "p95_us": 0, "p99_us": 0, "max_us": 0}
FIGURES = {
    "time": "2026-01-01T10:00:00.000Z", "uptime_s": 1, "clock": {"trust": "rtc"},
    "versions": {"loquet": "0.1.0", "kernel": "6.1", "libgpiod": "1.6.3", "sqlite": "3.40.1"},
    "journal": {"state": "well", "head": 7, "pending": 0, "lost": 0},
    "readers": [{"name": "in", "door": "front", "state": "fault", "restarts": 2, "faults": 3}],
    "stages": dict.fromkeys(("detect", "decide", "record", "relay", "total"), STAGE)}


def wait_for(condition, what, deadline_s=DEADLINE_S):
    """Waits until `condition()` holds."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {deadline_s} s")


def event(number, name="door.exit_requested", padding=0, **data):
    """The bytes of an event's body."""
    data.setdefault("door", "front")
    if padding:
        data["padding"] = "x" * padding
    body = {
        "specversion": "1.0",
        "id": f"{CONTROLLER}/{number}",
        "source": f"urn:loquet:{SPACE}:{CONTROLLER}",
        "type": f"org.loquet.{name}.v1",
        "time": f"2026-01-01T00:00:00.{number % 1000:03d}Z",
        "sequence": f"{number:020d}",
        "loquetclock": "rtc",
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def validator(name):
    with open(os.path.join(SCHEMAS, name), encoding="utf-8") as file:
        schema = json.load(file)
    return jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver(f"file://{SCHEMAS}/{name}", schema))


# What the retained topics and the answers look like; the events are the journal's own.
VALIDATORS = [(re.compile(pattern), validator(name)) for pattern, name in (
    (BASE + r"/state", "state.json"),
    (BASE + r"/health", "health.json"),
    (BASE + r"/occupancy", "occupancy.json"),
    (BASE + r"/doors/[^/]+/state", "door_state.json"),
    (r"[a-z]+/device/.*/config", "home_assistant.json"),
    (r"[a-z]+/lock/.*/config", "home_assistant_lock.json"),
    (BASE + r"/command/response.*|answers/.*", "response.json"))]


class Journal:
    """door.db, written as loquetd would."""

    def __init__(self, folder, first=1):
        self.path = os.path.join(folder, "door.db")
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        migrations = sorted(glob.glob(os.path.join(MIGRATIONS, "*.sql")))
        for migration in migrations:
            with open(migration, encoding="utf-8") as file:
                self.database.executescript(file.read())
        self.database.execute(f"PRAGMA user_version = {len(migrations)}")
        self.next = first
        self.hash = bytes(32)
        self.bodies = {}

    def close(self):
        self.database.close()

    def append(self, *bodies, body_hash=None):
        self.database.execute("BEGIN")
        for body in bodies:
            digest = body_hash or hashlib.sha256(body).digest()
            self.hash = hashlib.sha256(self.hash + digest).digest()
            self.database.execute("INSERT INTO journal (seq, body, body_hash, hash) VALUES (?,?,?,?)",
                                  (self.next, body, digest, self.hash))
            self.bodies[self.next] = body
            self.next += 1
        self.database.execute("COMMIT")

    def fill(self, count, **options):
        self.append(*[event(self.next + i, **options) for i in range(count)])

    def purge(self, *seqs):
        self.database.execute("BEGIN")
        for seq in seqs:
            self.database.execute("UPDATE journal SET body = x'' WHERE seq = ?", (seq,))
            del self.bodies[seq]
        self.database.execute("COMMIT")

    def remove(self, seq):
        self.database.execute("DELETE FROM journal WHERE seq = ?", (seq,))
        del self.bodies[seq]


class Broker:
    """A mosquitto with a port and a folder of its own; sessions survive stop() and start()."""

    def __init__(self, folder, *lines, port=None):
        self.port = port or free_port()
        self.folder = os.path.join(folder, f"broker-{self.port}")
        os.mkdir(self.folder)
        self.process = None
        self.configure(*lines)

    def configure(self, *lines):
        """`lines` go before what every broker here has."""
        given = {line.split()[0] for line in lines}
        usual = ["allow_anonymous true", "user root", "persistence true",
                 f"persistence_location {self.folder}/", "max_inflight_messages 0",
                 "max_queued_messages 1000000", "max_queued_bytes 0"]
        with open(os.path.join(self.folder, "mosquitto.conf"), "w", encoding="utf-8") as file:
            file.write("\n".join([
                f"listener {self.port} 127.0.0.1", *lines,
                *[line for line in usual if line.split()[0] not in given], ""]))

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", os.path.join(self.folder, "mosquitto.conf")],
            stdout=self.log, stderr=self.log)
        wait_for(self.answers, "the broker's start")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("the broker ended: " + self.words())
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def words(self):
        with open(os.path.join(self.folder, "log"), "rb") as file:
            return file.read().decode(errors="replace")

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(DEADLINE_S)
            self.process = None
            self.log.close()


class Network:
    """Carries one connection after the other to a port, until it is told to swallow what it gets."""

    def __init__(self, port):
        self.target = port
        self.swallowing = False
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(4)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            with near, socket.create_connection(("127.0.0.1", self.target)) as far:
                self.carry_both(near, far)

    def carry_both(self, near, far):
        while True:
            for source in select.select([near, far], [], [])[0]:
                try:
                    data = source.recv(65536)
                    if not data:
                        return
                    if not self.swallowing:
                        (far if source is near else near).sendall(data)
                except OSError:
                    return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Client:
    """A back office: a persistent session, QoS 1, in the order in which things arrive."""

    def __init__(self, port, *topics, name="office", configure=None):
        self.received = []
        self.seen = set()  # bodies of events
        self.lock = threading.Lock()
        self.topics = topics
        self.subscribed = threading.Event()
        self.client = mqtt.Client(name, protocol=mqtt.MQTTv5)
        self.client.on_connect = self.on_connect
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = self.on_message
        self.client.reconnect_delay_set(1, 1)
        if configure:
            configure(self.client)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self.client.connect("127.0.0.1", port, keepalive=5, clean_start=False,
                            properties=properties)
        self.client.loop_start()
        if topics and not self.subscribed.wait(DEADLINE_S):
            raise AssertionError("no subscription")

    def on_connect(self, *_):
        for topic in self.topics:
            self.client.subscribe(topic, qos=1)

    def on_message(self, _client, _userdata, message):
        with self.lock:
            self.received.append(message)
            if message.topic == BASE + "/events":
                self.seen.add(message.payload)

    def messages(self, topic):
        with self.lock:
            return [m for m in self.received if m.topic == topic]

    def bodies(self, topic=BASE + "/events"):
        return [m.payload for m in self.messages(topic)]

    def last(self, topic):
        messages = self.messages(topic)
        return json.loads(messages[-1].payload) if messages else None

    def publish(self, topic, payload, retain=False, response=None, correlation=None):
        properties = Properties(PacketTypes.PUBLISH)
        if response:
            properties.ResponseTopic = response
        if correlation:
            properties.CorrelationData = correlation
        self.client.publish(topic, payload, qos=1, retain=retain,
                            properties=properties).wait_for_publish(DEADLINE_S)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Loquetd:
    """The other end of link.sock."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "link.sock")
        self.server = None
        self.peer = None
        self.heard = []
        self.come()

    def come(self):
        """From now on it can be reached."""
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.server.bind(self.path)
        self.server.listen(4)

    def leave(self):
        """Nobody gets to it any more, nor is on the way to it."""
        os.unlink(self.path)
        self.server.close()
        self.server = None
        if self.peer:
            self.peer.close()
            self.peer = None

    def accept(self):
        if self.peer:
            self.peer.close()
        self.server.settimeout(DEADLINE_S)
        self.peer, _ = self.server.accept()
        return self

    def say(self, message):
        self.peer.send(message if isinstance(message, bytes) else json.dumps(message).encode())

    def listen(self, condition, what):
        """Hears until `condition(message)` holds for one; returns that one."""
        for message in self.heard:
            if condition(message):
                return message
        self.peer.settimeout(DEADLINE_S)
        while True:
            try:
                packet = self.peer.recv(65536)
            except socket.timeout:
                raise AssertionError(f"{what} was not heard: {self.heard}") from None
            if not packet:
                raise AssertionError(f"the link hung up before {what}: {self.heard}")
            message = json.loads(packet)
            self.heard.append(message)
            if condition(message):
                return message

    def close(self):
        if self.server:
            self.leave()


class Rig(unittest.TestCase):
    """A folder, a broker and a link for each test."""

    broker_lines = ()
    controller_lines = ()

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="lq-link-")
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.process = None
        self.environment = {}
        self.broker = Broker(self.folder, *self.broker_lines)
        self.addCleanup(self.broker.stop)
        self.addCleanup(self.kill)
        self.journal = None

    def make_journal(self, **options):
        self.journal = Journal(self.folder, **options)
        self.addCleanup(self.journal.close)
        return self.journal

    def client(self, *topics, **options):
        client = Client(self.broker.port, *topics, **options)
        self.addCleanup(self.check_schemas, client)
        self.addCleanup(client.close)
        return client

    def check_schemas(self, client):
        for message in client.received:
            for pattern, schema in VALIDATORS:
                removal = message.topic.endswith("/config") and not message.payload
                if pattern.fullmatch(message.topic) and not removal:
                    schema.validate(json.loads(message.payload))

    def configure(self, *settings, host="127.0.0.1", port=None):
        path = os.path.join(self.folder, "loquet.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([
                "[controller]", f"space = {SPACE}", f"controller = {CONTROLLER}",
                f"state_dir = {self.folder}", f"runtime_dir = {self.folder}",
                *self.controller_lines, "[door front]", "relay = 17", "contact = 27",
                "[mqtt]", f"host = {host}", f"port = {port or self.broker.port}", *settings, ""]))
        return path

    def start(self, *settings, **options):
        self.log = open(os.path.join(self.folder, "link.log"), "ab")
        self.addCleanup(self.log.close)
        self.process = subprocess.Popen([LINK, "--config", self.configure(*settings, **options)],
                                        stderr=self.log, env={**os.environ, **self.environment})

    def words(self):
        with open(os.path.join(self.folder, "link.log"), "rb") as file:
            return file.read().decode()

    def stop(self, how=signal.SIGTERM):
        """Ends the link; its exit status."""
        self.process.send_signal(how)
        status = self.process.wait(DEADLINE_S)
        self.process = None
        if "Sanitizer" in self.words():
            raise AssertionError(self.words())
        return status

    def kill(self):
        """At the end of a test; a link that ended by itself makes it fail."""
        if self.process is not None:
            status = self.process.poll()
            self.stop(signal.SIGKILL)
            if status is not None:
                raise AssertionError(f"the link ended with {status}: {self.words()}")

    def cursor(self):
        try:
            with open(os.path.join(self.folder, "link.cursor"), encoding="ascii") as file:
                return int(file.read().split()[2])
        except FileNotFoundError:
            return 0

    def expect_all(self, client, journal=None):
        """Every row arrives; first occurrences come in order; bytes are the journal's."""
        journal = journal or self.journal
        expected = [journal.bodies[seq] for seq in sorted(journal.bodies)]
        wait_for(lambda: len(client.seen) >= len(expected), "the arrival of every row")
        self.assertEqual(list(dict.fromkeys(client.bodies())), expected)

    def expect_exactly_once(self, client):
        self.expect_all(client)
        self.assertEqual(len(client.bodies()), len(self.journal.bodies))
