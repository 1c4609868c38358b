"""loquet-reader between a simulated PN532 and a loquetd played by the test.

    with Rig() as rig:
        hello = rig.door.expect("hello")
        rig.door.expect("ready")
        rig.sim.present(0, uid="04112233445566")
        print(rig.door.expect("present").uid_hex())

The programs are found through LOQUET_READER and LOQUET_PN532SIM.
"""

import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pn532sim

# Deadlines are for waiting only: nothing is measured against them.
WAIT_S = 60
APDU_MAX = 262

TYPES = ["hello", "ready", "present", "gone", "fault", "statistics", "apdu", "apdu_answer"]
ERR_TIMEOUT, ERR_INVALID, ERR_FULL, ERR_NOT_FOUND = -2, -3, -5, -6


class Statistics(ctypes.Structure):
    """struct lq_reader_statistics."""

    _fields_ = [
        ("polls", ctypes.c_uint64),
        ("cards", ctypes.c_uint64),
        ("faults", ctypes.c_uint64),
        ("poll_us_median", ctypes.c_uint32),
        ("poll_us_max", ctypes.c_uint32),
    ]


class Message(ctypes.Structure):
    """struct lq_reader_msg of firmware/wire/reader_wire.h."""

    _fields_ = [
        ("type_number", ctypes.c_uint32),
        ("version", ctypes.c_uint32),
        ("tap", ctypes.c_uint32),
        ("error", ctypes.c_int32),
        ("restarts", ctypes.c_uint32),
        ("deadline_ms", ctypes.c_uint32),
        ("poll_us", ctypes.c_uint64),
        ("seen_us", ctypes.c_uint64),
        ("byte_count", ctypes.c_uint32),
        ("cards", ctypes.c_uint8),
        ("uid_len", ctypes.c_uint8),
        ("uid", ctypes.c_uint8 * 10),
        ("sak", ctypes.c_uint8),
        ("atqa", ctypes.c_uint8 * 2),
        ("malformed", ctypes.c_uint8),
        ("name", ctypes.c_char * 33),
        ("text", ctypes.c_char * 96),
        ("bytes", ctypes.c_uint8 * APDU_MAX),
        ("statistics", Statistics),
    ]

    @property
    def type(self):
        return TYPES[self.type_number - 1]

    def uid_hex(self):
        return bytes(self.uid[: self.uid_len]).hex()

    def answer(self):
        return bytes(self.bytes[: self.byte_count])

    def __repr__(self):
        return f"<{self.type} tap={self.tap} error={self.error} cards={self.cards} uid_len={self.uid_len} text={self.text!r}>"


class Door:
    """What loquetd is to a reader: listens on reader.sock, one connection at a time."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "reader.sock")
        self.listener = None
        self.connection = None
        self.log = []

    def listen(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(16)

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def close(self):
        self.hang_up()
        if self.listener is not None:
            self.listener.close()
            os.unlink(self.path)
            self.listener = None

    def receive(self, timeout_s):
        """The next message, from whichever connection is the newest; None in time."""
        deadline = time.monotonic() + timeout_s
        while True:
            files = [f for f in (self.listener, self.connection) if f is not None]
            ready, _, _ = select.select(files, [], [], max(0, deadline - time.monotonic()))
            if not ready:
                return None
            if self.connection in ready:
                try:
                    packet = self.connection.recv(65536)
                except ConnectionResetError:
                    packet = b""
                if packet:
                    if len(packet) != ctypes.sizeof(Message):
                        raise AssertionError(f"a message of {len(packet)} bytes")
                    message = Message.from_buffer_copy(packet)
                    self.log.append(message)
                    return message
                self.hang_up()
            elif self.listener in ready:
                self.hang_up()
                self.connection, _ = self.listener.accept()

    def expect(self, kind, timeout_s=WAIT_S, skip=("statistics",)):
        """The next message must be of `kind`, those in `skip` aside."""
        message = self.receive(timeout_s)
        while message is not None and message.type != kind and message.type in skip:
            message = self.receive(timeout_s)
        if message is None or message.type != kind:
            raise AssertionError(f"expected {kind}, got {message}; before: {self.log[-20:]}")
        return message

    def wait_for(self, kind, accept=lambda message: True, timeout_s=WAIT_S):
        """Skips everything up to the message of `kind` that `accept` accepts."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.receive(max(0, deadline - time.monotonic()))
            if message is None:
                raise AssertionError(f"no such {kind}; got {self.log[-20:]}")
            if message.type == kind and accept(message):
                return message

    def messages_for(self, seconds):
        """Whatever comes within so long, one at a time."""
        deadline = time.monotonic() + seconds
        while True:
            message = self.receive(max(0, deadline - time.monotonic()))
            if message is None:
                return
            yield message

    def quiet(self, seconds, kinds=("present", "gone", "fault")):
        """Nothing of `kinds` may come for so long."""
        for message in self.messages_for(seconds):
            if message.type in kinds:
                raise AssertionError(f"unexpected {message}")

    def send_apdu(self, tap, apdu, deadline_ms=500, byte_count=None):
        message = Message(type_number=TYPES.index("apdu") + 1, version=1, tap=tap)
        message.deadline_ms = deadline_ms
        message.byte_count = len(apdu) if byte_count is None else byte_count
        message.bytes[: len(apdu)] = apdu
        self.connection.send(bytes(message))

    def exchange(self, tap, apdu, deadline_ms=WAIT_S * 1000):
        """Its answer, or that there was none within as long as the reader allows."""
        self.send_apdu(tap, apdu, deadline_ms)
        return self.wait_for("apdu_answer")


class Rig:
    def __init__(self, pace=None, air=False, listen=True, device=None, environment=None):
        self.sim = pn532sim.Simulator(pace=pace, air=air)
        self.listen = listen
        self.device = device
        self.environment = environment
        self.folder = None
        self.door = None
        self.process = None

    @property
    def config_path(self):
        return os.path.join(self.folder, "loquet.conf")

    def _write_config(self):
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(
                "[controller]\nspace = demo\ncontroller = front-board\n"
                f"runtime_dir = {self.folder}\n"
                "[door front]\nlines = sim\nrelay = 17\n"
                "[reader front-in]\ndoor = front\n"
                f"device = {self.device or self.sim.connstring}\n"
            )

    def command(self):
        return [os.environ["LOQUET_READER"], "--config", self.config_path, "--reader", "front-in"]

    def start_reader(self):
        with open(os.path.join(self.folder, "stderr"), "ab") as errors:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stderr=errors,
                env=dict(os.environ, **(self.environment or {})),
            )

    def stderr(self):
        with open(os.path.join(self.folder, "stderr"), encoding="utf-8") as file:
            return file.read()

    def wait_for_stderr(self, words):
        deadline = time.monotonic() + WAIT_S
        while words not in self.stderr():
            if time.monotonic() > deadline:
                raise AssertionError(f"never said {words!r}: {self.stderr()}")
            time.sleep(0.01)

    def restarts(self):
        """How often the worker was replaced, as the log tells."""
        return self.stderr().count("starting it again")

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="loquet-reader.")
        try:
            self.sim.start()
            self._write_config()
            self.door = Door(self.folder)
            if self.listen:
                self.door.listen()
            self.start_reader()
        except BaseException:
            self.stop()
            raise
        return self

    def worker_pid(self):
        """The child of the supervisor; None between two."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path, encoding="ascii") as file:
            pids = file.read().split()
        return int(pids[0]) if pids else None

    def stop_reader(self):
        """Its exit code after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def stop(self):
        if self.process is not None:
            self.stop_reader()
        if self.door is not None:
            self.door.close()
        self.sim.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is not None and self.folder is not None:
            print(self.stderr())
        self.stop()
