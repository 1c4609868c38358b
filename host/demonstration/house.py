"""A whole door in a temporary folder: broker, simulated reader, loquetd, loquet-reader, loquet-link.

    with House(build) as house:
        house.start()
        house.sim("present 0 type=ntag213 uid=04a1b2c3d4e5f6")
        house.wait_event("access.denied")

Everything it starts dies with it, also when it is killed. Nothing is left in the file system.
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from ports import free_port

BROKER = "/usr/sbin/mosquitto"
PATIENCE_S = 60
PR_SET_PDEATHSIG = 1
CONTROL_MESSAGE_MAX = 65536  # more than firmware/wire/control_wire.h allows
# Settings of a door that stays released for whoever was let in, however long they take to push it.
UNTIL_OPENED = {"release_ms": 60000, "door_settings": "relock_on = open\n"}

PROGRAMS = {
    "loquetd": "firmware/door/loquetd",
    "loquet-reader": "firmware/reader/loquet-reader",
    "loquet-link": "firmware/link/loquet-link",
    "loquet": "host/cli/loquet",
    "loquet-office": "host/office/loquet-office",
    "loquet-pn532sim": "hal/sim/pn532/loquet-pn532sim",
}


class StepFailed(Exception):
    """Something that had to happen did not."""


_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Stream:
    """Lines from a program, kept in order, with the moment (Unix time) at which each arrived."""

    def __init__(self, process, decode):
        self.items = []
        self._begun = False
        self._new = threading.Condition()
        self._decode = decode
        self.process = process
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            item = self._decode(line)
            with self._new:
                self._begun = True
                if item is not None:
                    self.items.append((time.time(), item))
                self._new.notify_all()

    def wait_begun(self, patience=PATIENCE_S):
        """Until the program has said anything at all, be it nothing to keep."""
        with self._new:
            if not self._new.wait_for(lambda: self._begun, patience):
                raise StepFailed("nothing came within %d s" % patience)

    def wait(self, wanted, after=0, patience=PATIENCE_S):
        """The first (index, item) at or behind `after` that satisfies `wanted`."""
        deadline = time.monotonic() + patience
        with self._new:
            at = after
            while True:
                while at < len(self.items):
                    if wanted(self.items[at][1]):
                        return at, self.items[at][1]
                    at += 1
                left = deadline - time.monotonic()
                if left <= 0:
                    raise StepFailed("nothing of the kind came within %d s" % patience)
                self._new.wait(left)


class House:
    def __init__(self, build, pace=115200, release_ms=700, settings="", sections="", door_settings="", language="en"):
        self.build = build
        self.pace = pace
        self.release_ms = release_ms
        self.settings = settings  # lines for [controller]
        self.sections = sections  # whole sections, at the end
        self.door_settings = door_settings  # lines for [door front]
        self.language = language
        self.port = free_port()
        self.office_port = free_port()
        self.folder = tempfile.mkdtemp(prefix="loquet-")
        self.processes = {}
        self.logs = os.path.join(self.folder, "log")
        os.mkdir(self.logs)
        self.config = os.path.join(self.folder, "loquet.conf")
        self._sims = {}
        self._one_order = threading.Lock()
        self.watch = None
        self.untold = 0  # what came before may be missing in the watch
        self.mqtt = None

    # -- life --

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for name in reversed(list(self.processes)):
            self.stop(name)
        for control, answers in self._sims.values():
            answers.close()
            control.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def program(self, name):
        return os.path.join(self.build, PROGRAMS[name])

    def spawn(self, name, command, **options):
        with open(os.path.join(self.logs, name), "ab") as log:
            options.setdefault("stdout", log)
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True,
                preexec_fn=_die_with_parent, **options)
        return self.processes[name]

    def stop(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None:
            return None
        for attempt in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, attempt)
            except ProcessLookupError:
                pass
            try:
                process.wait(PATIENCE_S)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        if process.stdout is not None:
            process.stdout.close()
        return process.returncode

    def log(self, name):
        try:
            with open(os.path.join(self.logs, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_for(self, condition, what, patience=PATIENCE_S, of=None):
        """`of` is the process that is to bring it about: when it ends, nothing is waited for any more."""
        deadline = time.monotonic() + patience
        while True:
            result = condition()
            if result:
                return result
            if of is not None and self.processes[of].poll() is not None:
                raise StepFailed("%s did not happen: the process has ended" % what)
            if time.monotonic() > deadline:
                raise StepFailed("%s did not happen within %d s" % (what, patience))
            time.sleep(0.02)

    # -- parts --

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                "[controller]\nspace = demo\ncontroller = front-board\nlanguage = %s\n"
                "state_dir = %s/state\nruntime_dir = %s/run\n%s\n"
                "[door front]\nlines = sim\nchip = %s/lines\nrelay = 0\nled_green = 1\n"
                "led_red = 2\nbuzzer = 3\ncontact = 4\nrex = 5\nrelease_ms = %d\n%s"
                "[reader front-in]\ndoor = front\ndirection = entry\n"
                "device = pn532_uart:%s/pn532\nuid_badges = yes\n"
                "[office]\nport = %d\n[mqtt]\nhost = 127.0.0.1\nport = %d\n%s"
                % (self.language, self.folder, self.folder, self.settings, self.folder,
                   self.release_ms, self.door_settings, self.folder, self.office_port, self.port, self.sections))

    def start_broker(self):
        config = os.path.join(self.folder, "mosquitto.conf")
        data = os.path.join(self.folder, "broker")
        os.makedirs(data, exist_ok=True)
        os.chmod(self.folder, 0o711)
        with open(config, "w", encoding="utf-8") as file:
            # The root account is dropped by the broker unless told otherwise.
            file.write("listener %d 127.0.0.1\nallow_anonymous true\npersistence true\n"
                       "persistence_location %s/\nmax_queued_messages 0\n%s"
                       % (self.port, data, "user root\n" if os.geteuid() == 0 else ""))
        self.spawn("mosquitto", [BROKER, "-c", config])
        self.wait_for(self.broker_answers, "the broker's start", of="mosquitto")

    def broker_answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def subscribe(self):
        """Collects what the back office hears from now on; the session outlives the broker."""
        command = [
            "mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-V", "5", "-c",
            "-i", "back-office", "-x", "3600", "-q", "1", "-t", "loquet/1/demo/front-board/events",
            "-F", "%p"]
        subprocess.run([*command, "-E"], timeout=PATIENCE_S, check=True)  # until the broker has said yes
        process = self.spawn("back-office", command, stdout=subprocess.PIPE)
        self.mqtt = Stream(process, lambda line: line.rstrip(b"\n"))

    def start_sim(self, name="pn532"):
        path = os.path.join(self.folder, name)
        command = [self.program("loquet-pn532sim"), "--link", path, "--control", path + ".control"]
        if self.pace:
            command += ["--pace", str(self.pace), "--air"]
        self.spawn("sim-" + name, command)
        control = socket.socket(socket.AF_UNIX)
        control.settimeout(PATIENCE_S)
        self.wait_for(lambda: os.path.exists(path) and control.connect_ex(path + ".control") == 0,
                      "the simulated reader's start", of="sim-" + name)
        self._sims[name] = (control, control.makefile("r"))

    def sim(self, order, name="pn532"):
        """One order to a simulated reader; its answer, or StepFailed."""
        control, answers = self._sims[name]
        with self._one_order:
            control.sendall(order.encode() + b"\n")
            answer = answers.readline().strip()
        if not answer.startswith("ok"):
            raise StepFailed("the simulator said: " + answer)
        return answer

    def start_door(self):
        self.spawn("loquetd", [self.program("loquetd"), "--config", self.config])
        self.wait_for(self.door_answers, "loquetd's start", of="loquetd")

    def door_answers(self):
        # The file alone may be left over from one that was killed.
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
            try:
                probe.connect(self.folder + "/run/control.sock")
                return True
            except OSError:
                return False

    def start_reader(self, reader="front-in"):
        name = "loquet-reader" if reader == "front-in" else "loquet-reader-" + reader
        self.spawn(name, [
            self.program("loquet-reader"), "--config", self.config, "--reader", reader])

    def start_link(self):
        self.spawn("loquet-link", [self.program("loquet-link"), "--config", self.config])

    def start_watch(self):
        process = self.spawn("watch", [
            self.program("loquet"), "--config", self.config, "--json", "watch"],
            stdout=subprocess.PIPE)
        self.watch = Stream(process, _decode_watch)
        self.watch.wait_begun()
        self.untold = self.mark()

    def start(self):
        self.write_config()
        self.start_broker()
        self.subscribe()
        self.start_sim()
        self.start_door()
        self.start_watch()
        self.start_link()
        self.start_reader()
        self.wait_for(lambda: self.status()["readers"][0]["state"] == "online", "the reader's start")
        self.wait_for(lambda: self.status()["link"]["state"] == "connected", "the link's start")

    def start_office(self):
        """The back office, beside the door; its page is at self.page()."""
        self.spawn("loquet-office", [self.program("loquet-office"), "--config", self.config, "run"])
        self.wait_for(lambda: "connected" in self.log("loquet-office") or "connecté" in self.log("loquet-office"),
                      "the office's start", of="loquet-office")

    def page(self):
        return "http://127.0.0.1:%d/" % self.office_port

    # -- use --

    def office(self, *arguments):
        """Runs the office's command line with --json; its parsed answer."""
        result = subprocess.run(
            [self.program("loquet-office"), "--config", self.config, "--json", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        if result.returncode != 0:
            raise StepFailed("loquet-office %s: exit %d: %s" % (
                " ".join(arguments), result.returncode, result.stderr.strip()))
        return json.loads(result.stdout)

    def loquet(self, *arguments, check=True):
        """Runs the command line with --json; its parsed answer (one object, or a list of lines)."""
        result = subprocess.run(
            [self.program("loquet"), "--config", self.config, "--json", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        if check and result.returncode != 0:
            raise StepFailed("loquet %s: exit %d: %s" % (
                " ".join(arguments), result.returncode, result.stderr.strip()))
        lines = [json.loads(line) for line in result.stdout.splitlines() if line.strip()]
        return lines[0] if len(lines) == 1 else lines

    def take_badge(self, name="pn532"):
        """Takes what lies on a simulated reader away, and waits until no reader takes it for there any more."""
        self.sim("remove all", name)
        self.wait_for(lambda: not any(reader["badge_present"] for reader in self.status()["readers"]),
                      "the badge's leaving")

    def wait_until_idle(self):
        """Until no door is released and what came of it is on the disk."""
        self.wait_for(lambda: not self.relay() and self.status()["journal"]["pending"] == 0,
                      "the relock and its record")

    def status(self):
        """What `loquet --json status` prints, without the program: it is asked for over and over."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            try:
                # Without a limit: it waits where others are in the queue, and one with a limit does not.
                control.connect(self.folder + "/run/control.sock")
                control.settimeout(PATIENCE_S)
                control.send(b'{"do":"status"}')
                answer = json.loads(control.recv(CONTROL_MESSAGE_MAX))
            except (OSError, ValueError) as error:
                raise StepFailed("loquetd did not tell its status: %s" % error) from None
        if not answer["ok"]:
            raise StepFailed("loquetd told no status: %s" % answer)
        return answer

    def relay(self):
        with open(self.folder + "/lines/relay", encoding="ascii") as file:
            return file.read().strip() == "1"

    def drive(self, line, active):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"%s %d" % (line.encode(), active), self.folder + "/lines/lines.sock")

    def go_through(self, mark):
        """Whoever was let in behind a mark pushes the door, which falls shut behind them."""
        self.wait_event("door.released", mark)
        self.drive("contact", True)
        self.wait_event("access.taken", mark)
        self.drive("contact", False)
        self.wait_event("door.closed", mark)

    def lock(self, door="front"):
        """Ends a release that nobody uses."""
        for mode in ("Blocked", "Locked"):
            self.loquet("door", "mode", door, mode)

    def mark(self):
        """The journal's number so far: what happened before is not taken for what comes of the next step,
        however late the watch tells it, or the disk takes it."""
        return self.wait_for(self.recorded, "the record of what happened so far")["head"]

    def recorded(self):
        """What the status says of the journal when it has all that happened, or the disk takes no more of it."""
        journal = self.status()["journal"]
        return journal if journal["pending"] == 0 or journal["stalled"] else None

    def wait_until_told(self):
        """Until all that happened so far is told, and loquetd has done what it does then: a roster, for one,
        is on the disk a moment before it is what the door decides by."""
        mark = self.mark()
        if mark > self.untold:
            self.watch.wait(lambda item: item["seq"] >= mark)

    def badge_at_door(self, number):
        """The state of a badge as the door has it; None where it has none of that number."""
        badges = self.loquet("badge", "list")
        for badge in badges if isinstance(badges, list) else [badges]:
            if badge["badge"] == number:
                return badge["state"]
        return None

    def wait_for_badge(self, number, state="enabled"):
        """What the office said of a badge is what the door decides by."""
        self.wait_for(lambda: self.badge_at_door(number) == state, "the door's word of the badge")
        self.wait_until_told()

    def since(self, mark):
        """The watched events behind a mark."""
        return [item for _, item in self.watch.items if item["seq"] > mark]

    def wait_event(self, noun, after, patience=PATIENCE_S, **data):
        """The next watched event of a type (and with these data) behind a mark."""
        kind = "org.loquet.%s.v1" % noun
        try:
            return self.watch.wait(
                lambda item: item["seq"] > after and item["event"]["type"] == kind and all(
                    item["event"]["data"].get(key) == value for key, value in data.items()),
                0, patience)[1]
        except StepFailed:
            raise StepFailed("no %s %s within %d s" % (noun, data or "", patience)) from None

    def journal(self, start=1):
        """The exact bodies, by number."""
        result = subprocess.run(
            [self.program("loquet"), "--config", self.config, "journal", "export", "--from",
             str(start)], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=True)
        return result.stdout.splitlines()


def _decode_watch(line):
    item = json.loads(line)
    return item if "event" in item else None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else None


__all__ = ["House", "StepFailed", "UNTIL_OPENED", "percentile"]
