"""What the tests of the command line stand on: a folder with a configuration and a door.db, a
loquetd that only talks (firmware/wire/control_wire.h), and the program itself."""

import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest

LOQUET = os.environ["LOQUET"]
MAKE_DB = os.environ["LOQUET_MAKE_DB"]
DEADLINE_S = 60

CONFIG = """\
[controller]
space = demo
controller = front-board
language = en
time_zone = Europe/Paris
state_dir = {folder}/state
runtime_dir = {folder}/run

[door front]
lines = sim
chip = {folder}/lines
relay = 1

[reader front-in]
door = front
device = pn532_uart:/dev/null
"""


class FakeLoquetd:
    """Answers each request with the next of the given answers and keeps the requests. An answer is
    a list of messages; bytes are sent as they are; None closes the connection."""

    def __init__(self, folder, answers):
        self.requests = []
        self.answers = list(answers)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(f"{folder}/control.sock")
        self.listener.listen(1)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.answers:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                request = peer.recv(65536)
                if request:
                    self.requests.append(json.loads(request))
                    self.say(peer, self.answers.pop(0))

    @staticmethod
    def say(peer, messages):
        for message in messages:
            if message is None:
                return
            raw = message if isinstance(message, bytes) else json.dumps(message).encode()
            peer.send(raw)
        peer.recv(1)

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.answers = []
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(DEADLINE_S)


class CliTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lq-cli-")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        os.mkdir(f"{self.folder}/run")
        os.mkdir(f"{self.folder}/state")
        self.config = f"{self.folder}/loquet.conf"
        self.database = f"{self.folder}/state/door.db"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder))

    def make_database(self):
        subprocess.run(
            [MAKE_DB, f"{self.folder}/state", self.config], check=True, timeout=DEADLINE_S
        )

    def loquetd(self, *answers):
        fake = FakeLoquetd(f"{self.folder}/run", answers)
        self.addCleanup(fake.close)
        return fake

    def environment(self):
        return {"LOQUET_CONFIG": self.config, "LANG": "C", "PATH": "/usr/bin:/bin"}

    def loquet(self, *words, **options):
        """Runs the program; its streams are decoded, what is not UTF-8 survives."""
        return subprocess.run(
            [LOQUET, *words],
            env=self.environment() | options.pop("env", {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=DEADLINE_S,
            check=False,
            **options,
        )

    def succeed(self, *words, **options):
        done = self.loquet(*words, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def lines_of(self, *words):
        return [json.loads(line) for line in self.succeed("--json", *words).splitlines()]
