"""Starts loquet-pn532sim in a temporary folder and speaks its control protocol.

    with Simulator() as sim:
        sim.present(0, type="desfire", uid="04112233445566")
        subprocess.run(["nfc-list"], env=sim.environment(), timeout=60)
        print(sim.stats()["polls"])

The program is found through LOQUET_PN532SIM, or given. `loquet-pn532sim --help` lists the orders.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile

ANSWER_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60


class OrderError(Exception):
    """The simulator answered "error …"."""


class Simulator:
    """One simulated reader. Not thread-safe; a second connection is what `connect` is for."""

    def __init__(self, program=None, pace=None, air=False, seed=1, trace=False):
        self.program = program or os.environ["LOQUET_PN532SIM"]
        self.pace = pace
        self.air = air
        self.seed = seed
        self.trace = trace
        self.folder = None
        self.process = None
        self._control = None

    @property
    def link(self):
        return os.path.join(self.folder, "reader")

    @property
    def control_path(self):
        return os.path.join(self.folder, "control")

    @property
    def trace_path(self):
        return os.path.join(self.folder, "trace")

    @property
    def connstring(self):
        """What nfc_open() takes."""
        return "pn532_uart:" + self.link

    def environment(self):
        """This process's environment with libnfc pointed at the simulator."""
        return dict(os.environ, LIBNFC_DEVICE=self.connstring, LIBNFC_AUTO_SCAN="false")

    def _command(self):
        command = [self.program, "--link", self.link, "--control", self.control_path]
        command += ["--seed", str(self.seed)]
        if self.pace:
            command += ["--pace", str(self.pace)]
        if self.air:
            command.append("--air")
        if self.trace:
            command.append("--trace")
        return command

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="pn532sim.")
        try:
            with open(self.trace_path, "wb") as errors:
                self.process = subprocess.Popen(
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                )
            first = self.process.stdout.readline()
            if not first.startswith("ready "):
                raise RuntimeError("the simulator did not start: " + self.read_trace())
            self._control = self.connect()
        except BaseException:
            self.stop()
            raise
        return self

    def read_trace(self):
        with open(self.trace_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        """Ends the program, removes the folder; returns the exit code, None if never started."""
        code = None
        if self._control is not None:
            self._control.close()
            self._control = None
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.process = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def connect(self):
        """One more control connection, to be closed by the caller."""
        return Control(self.control_path)

    def order(self, line):
        """Sends one order; returns what follows "ok", raises OrderError."""
        return self._control.order(line)

    def present(self, slot, **words):
        """A card enters; words as in the order: uid, type, sak, atqa, ats.

        Returns {"at_us": microseconds of CLOCK_MONOTONIC, "uid": "hex"}.
        """
        line = " ".join(["present", str(slot)] + [f"{k}={v}" for k, v in words.items()])
        answer = _pairs(self.order(line))
        return {"at_us": int(answer["at_us"]), "uid": answer["uid"]}

    def remove(self, slot="all"):
        """Returns the time in microseconds of CLOCK_MONOTONIC."""
        return int(_pairs(self.order(f"remove {slot}"))["at_us"])

    def fault(self, *words):
        self.order(" ".join(["fault"] + [str(w) for w in words]))

    def faults(self):
        """Every fault as (name, takes a number)."""
        names = self.order("fault list").split()
        return [(name.removesuffix("=N"), name.endswith("=N")) for name in names]

    def unplug(self):
        self.order("unplug")

    def plug(self):
        self.order("plug")

    def wait_poll(self, count=1):
        self.order(f"wait-poll {count}")

    def stats(self):
        return {k: int(v) for k, v in _pairs(self.order("stats")).items()}


class Control:
    """One connection to a simulator's control socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_TIMEOUT_S)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._answers = self._socket.makefile("r", encoding="ascii", newline="\n")

    def send(self, line):
        self.send_raw(line + "\n")

    def send_raw(self, text):
        try:
            self._socket.sendall(text.encode("ascii"))
        except ConnectionError as error:
            raise OrderError("the simulator hung up") from error

    def ready(self):
        """Whether an answer has arrived."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def receive(self):
        try:
            answer = self._answers.readline().rstrip("\n")
        except ConnectionError as error:
            raise OrderError("the simulator hung up") from error
        if not answer:
            raise OrderError("the simulator hung up")
        word, _, rest = answer.partition(" ")
        if word != "ok":
            raise OrderError(rest)
        return rest

    def order(self, line):
        self.send(line)
        return self.receive()

    def close(self):
        self._answers.close()
        self._socket.close()


def _pairs(text):
    return dict(word.split("=", 1) for word in text.split())
