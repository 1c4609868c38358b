"""A user-mode Linux guest for tests: real kernel, real GPIO character device, real power cuts.

The guest's root is this machine's file system under an overlay in memory, so that the programs just
built run in it from where they are, and nothing that it writes comes back. Only the image given as
its disk outlives it.

Two lines cross the border, both plain pipes to this process: the kernel's console, and a terminal
on which inside.py does what is asked of it. Pipes, because what the guest wrote is in the machine's
hands at once and survives the cut. Files of a shared folder would sit in the guest's page cache
first, and Unix sockets do not cross. So whatever a test has to talk to (a simulated reader, a
broker) runs in the guest too, and the test drives it with commands there.
"""

import collections
import contextlib
import fcntl
import functools
import itertools
import json
import os
import queue
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_TIMEOUT = 120.0
TIMEOUT = 120.0
CONSOLE_BYTES = 65536
# The guest's memory is a file in one of these, or else in /dev/shm, where it belongs.
MEMORY_FOLDERS = ("TMPDIR", "TMP", "TEMP")
CHIPS = "/sys/kernel/config/gpio-sim"


class GuestError(Exception):
    """The guest did not do what was asked; the message ends with its console."""


Result = collections.namedtuple("Result", "status out err")
Access = collections.namedtuple("Access", "time gpio kind value")


@functools.cache
def kernel():
    """The path of the kernel, built if this is the first time."""
    done = subprocess.run([os.path.join(HERE, "kernel")], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


def make_disk(path, megabytes=32):
    """An empty ext4 image; lazy initialisation would write behind a test's back."""
    with open(path, "wb") as file:
        file.truncate(megabytes << 20)
    options = "lazy_itable_init=0,lazy_journal_init=0"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-E", options, path], check=True)


class Program:
    """A program that runs in the guest. Its output arrives by itself and is kept."""

    def __init__(self, guest, ident, name):
        self.guest = guest
        self.ident = ident
        self.name = name
        self.out = ""
        self.err = ""
        self.status = None
        self.seen = 0

    def wait(self, timeout=TIMEOUT):
        self.guest.wait_until(lambda: self.status is not None, timeout, f"the end of {self.name}")
        return Result(self.status, self.out, self.err)

    def expect(self, pattern, timeout=TIMEOUT):
        """The next match of `pattern` in its standard output, after the last one returned."""
        found = []

        def look():
            match = re.compile(pattern, re.MULTILINE).search(self.out, self.seen)
            if match:
                self.seen = match.end()
                found.append(match)
            return match or self.status is not None

        self.guest.wait_until(look, timeout, f"{pattern!r} from {self.name}")
        if not found:
            raise GuestError(f"{self.name} ended with {self.status}, no {pattern!r}\n{self.err}")
        return found[0]

    def input(self, text):
        self.guest.ask("input", program=self.ident, text=text)

    def kill(self, number):
        self.guest.ask("signal", program=self.ident, number=number)

    def stop(self, number=signal.SIGTERM, timeout=TIMEOUT):
        self.kill(number)
        return self.wait(timeout)


class Chip:
    """A simulated GPIO chip, seen from outside of the programs: what wires and a meter are."""

    def __init__(self, guest, name, lines, line_names):
        folder = f"{CHIPS}/{name}/bank0"
        guest.make_folder(folder)
        guest.write(f"{folder}/num_lines", str(lines))
        for number, line_name in line_names.items():
            guest.make_folder(f"{folder}/line{number}")
            guest.write(f"{folder}/line{number}/name", line_name)
        guest.write(f"{CHIPS}/{name}/live", "1")
        self.guest = guest
        self.live = f"{CHIPS}/{name}/live"
        self.device = guest.read(f"{folder}/chip_name").strip()
        self.parent = guest.read(f"{CHIPS}/{name}/dev_name").strip()
        self.path = f"/dev/{self.device}"
        self.base = self._first_number()

    def _first_number(self):
        """Trace points number the lines of all chips through; reading one tells from where."""
        before = len(self.guest.accesses)
        self.guest.run("gpioget", self.path, "0")
        self.guest.wait_until(lambda: len(self.guest.accesses) > before, TIMEOUT, "a traced access")
        return self.guest.accesses[before].gpio

    def line_folder(self, number):
        return f"/sys/devices/platform/{self.parent}/{self.device}/sim_gpio{number}"

    def value(self, number):
        return int(self.guest.read(f"{self.line_folder(number)}/value"))

    def pull(self, number, level):
        """Drives an input, or sets what an output falls to when nobody drives it.

        The simulation raises its interrupts on the kernel's next tick, 10 ms at most, and sees
        one edge where there were several: so each level is held longer than that.
        """
        self.guest.write(f"{self.line_folder(number)}/pull", "pull-up" if level else "pull-down")
        self.guest.sleep(0.02)

    def unplug(self):
        """The chip goes away under whoever holds its lines."""
        self.guest.write(self.live, "0")

    def wait_watched(self, number):
        """Until a program waits for edges of the line: those that come before are nobody's."""
        pattern = re.compile(rf" irq_sim +{number} ")
        self.guest.wait_for(
            lambda: pattern.search(self.guest.read("/proc/interrupts")),
            f"edges of line {number} of {self.path} to be watched",
        )

    def changes(self, number):
        """What programs set an output to so far, oldest first."""
        accesses = self.guest.accesses
        return [a for a in accesses if a.gpio == self.base + number and a.kind == "set"]


class Guest:
    """One boot. `with Guest() as guest:` leaves no process and no file behind, whatever happens.

    `travel` makes its clock jump over idle time (None: real time; else seconds since 1970 to
    start at). It all but stands still between requests, expect() included; only sleep(),
    wait_for() and the wait for run() let it go. A disk does not go with it: while the guest waits
    for one, the clock jumps to the next deadline. `shared`, a folder of this machine, does.
    """

    def __init__(self, disk=None, mount_at="/mnt/disk", travel=None, memory="256M", others=(),
                 shared=None):
        """`others` are images that are there and not mounted: /dev/ubdb and so on."""
        self.disks = [path for path in (disk, *others) if path]
        self.ident = itertools.count(1)
        self.programs = {}
        self.answers = {}
        self.accesses = []
        self.console = b""
        self.ready = False
        self.gone = False
        self.process = None
        self.keeper = None
        self.ear = None
        self.news = threading.Condition()
        self.outbox = queue.Queue()
        self.folder = tempfile.mkdtemp(prefix="loquet-guest.")
        try:
            self._boot(self._command(travel, memory))
            self.wait_until(lambda: self.ready, BOOT_TIMEOUT, "the guest to boot")
            if disk:
                self.mount("ext4", "/dev/ubda", mount_at)
            if shared:
                self.mount("hostfs", "none", mount_at, shared)
        except BaseException:
            self.cut()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def _command(self, travel, memory):
        command = [
            kernel(), "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
            f'init="{HERE}/inside.py"', f"mem={memory}", f"uml_dir={self.folder}/", "con=null",
            # the machine's random numbers; or nobody gets any until enough interrupts have come
            "random.trust_cpu=on",
        ]
        command += [f"ubd{number}={path}" for number, path in enumerate(self.disks)]
        if travel is not None:
            start_ns = int(travel) * 10**9
            command += ["time-travel=inf-cpu", f"time-travel-start={start_ns}", "--", "frozen"]
        return command

    def _boot(self, command):
        console_read, console_write = os.pipe()
        self.ear, answer_write = os.pipe()
        request_read, request_write = os.pipe()
        lines = [f"con0=null,fd:{console_write}", f"con1=fd:{request_read},fd:{answer_write}"]
        self.process = subprocess.Popen(
            command[:1] + lines + command[1:],
            env={name: value for name, value in os.environ.items() if name not in MEMORY_FOLDERS},
            stdin=subprocess.DEVNULL,
            stdout=console_write,
            stderr=console_write,
            pass_fds=(console_write, request_read, answer_write),
            start_new_session=True,
        )
        self.keeper = keep(self.process.pid, self.folder)
        for fd in (console_write, answer_write, request_read):
            os.close(fd)
        self.threads = [
            threading.Thread(target=self._listen, args=(self.ear,)),
            threading.Thread(target=self._watch_console, args=(console_read,)),
            threading.Thread(target=self._speak, args=(request_write,)),
        ]
        for thread in self.threads:
            thread.start()

    def _watch_console(self, fd):
        with os.fdopen(fd, "rb", buffering=0) as file:
            for data in iter(lambda: file.read(4096), b""):
                self.console = (self.console + data)[-CONSOLE_BYTES:]

    def _speak(self, fd):
        """A thread of its own: a guest that hangs does not empty its pipe."""
        with os.fdopen(fd, "wb", buffering=0) as file:
            for data in iter(self.outbox.get, None):
                try:
                    file.write(data)
                except BrokenPipeError:
                    return

    def _listen(self, fd):
        """What is not in the pipe any more has been taken, for whoever holds `news`."""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        rest = b""
        while not self.gone:
            poll.poll()
            with self.news:
                data = os.read(fd, 65536)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
                self.gone = not data  # the cut may have come in the middle of a line
                self.news.notify_all()
        os.close(fd)

    def _take(self, message):
        program = self.programs.get(message.get("id"))
        if "ready" in message:
            self.ready = True
        elif "trace" in message:
            self._take_trace(message["trace"])
        elif program:
            program.out += message.get("out", "")
            program.err += message.get("err", "") + message.get("failed", "")
            program.status = message.get("exit", 127 if "failed" in message else None)
        else:
            self.answers[message["id"]] = message

    def _take_trace(self, text):
        match = re.search(r" (\d+\.\d+): gpio_value: (\d+) (get|set) ([01])", text)
        if match:
            self.accesses.append(Access(float(match[1]), int(match[2]), match[3], int(match[4])))

    def wait_until(self, condition, timeout, what):
        met = False

        def over():
            nonlocal met
            met = bool(condition())
            return met or self.gone

        with self.news:
            self.news.wait_for(over, timeout)
        if met:
            return
        fate = "the guest is gone" if self.gone else f"not within {timeout:.0f} s"
        raise GuestError(f"waited for {what}: {fate}\n{self.console.decode(errors='replace')}")

    def send(self, do, **request):
        ident = next(self.ident)
        self.outbox.put(json.dumps({"id": ident, "do": do, **request}).encode() + b"\n")
        return ident

    def ask(self, do, timeout=TIMEOUT, **request):
        ident = self.send(do, **request)
        self.wait_until(lambda: ident in self.answers, timeout, f"{do} {request}")
        answer = self.answers.pop(ident)
        if "failed" in answer:
            raise GuestError(f"{do} {request}: {answer['failed']}")
        return answer["done"]

    def _begin(self, do, name, **request):
        with self.news:
            ident = self.send(do, **request)
            program = self.programs[ident] = Program(self, ident, name)
        return program

    def _launch(self, argv, env, foreground):
        name = " ".join(argv)
        return self._begin("start", name, argv=argv, env=env or {}, foreground=foreground)

    def start(self, *argv, env=None):
        """Starts a program and leaves it running."""
        return self._launch(argv, env, foreground=False)

    def run(self, *argv, env=None, input="", check=True, timeout=TIMEOUT):
        """Runs a program to its end. `check`: a status other than 0 is an error."""
        program = self._launch(argv, env, foreground=True)
        result = program.wait(timeout)
        if check and result.status != 0:
            raise GuestError(f"{program.name}: status {result.status}\n{result.out}{result.err}")
        return result

    def sh(self, script, **options):
        return self.run("/bin/busybox", "sh", "-c", script, **options)

    def read(self, path):
        return self.ask("read", path=path)

    def write(self, path, text):
        self.ask("write", path=path, data=text)

    def make_folder(self, path):
        self.ask("make_folder", path=path)

    def mount(self, kind, device, folder, options=""):
        self.make_folder(folder)
        self.ask("mount", kind=kind, device=device, folder=folder, options=options)

    def tell(self, path, text, kind="SOCK_STREAM"):
        """Says something to a Unix socket of the guest; returns what it answers."""
        return self.ask("tell", path=path, text=text, kind=kind)

    def follow(self, path, text, kind="SOCK_SEQPACKET"):
        """Says something to a Unix socket of the guest; what comes back, for as long as it does,
        is the output of a Program."""
        return self._begin("follow", path, path=path, text=text, kind=kind)

    def clock(self):
        """Seconds since 1970, as the guest counts them."""
        return self.ask("clock")

    def sleep(self, seconds):
        self.ask("sleep", seconds=seconds, timeout=seconds + TIMEOUT)

    def wait_for(self, condition, what, timeout=TIMEOUT):
        """Polls a condition that costs a request. Sleeping in the guest lets its clock go on."""
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise GuestError(f"waited for {what}: not within {timeout:.0f} s")
            self.sleep(0.01)

    def add_chip(self, name="sim", lines=8, line_names=None):
        return Chip(self, name, lines, line_names or {})

    def replay(self, number):
        """Mounts a disk, so that its file system makes up for a power cut, and unmounts it."""
        device = f"/dev/ubd{chr(ord('a') + number)}"
        self.mount("ext4", device, "/mnt/replayed")
        self.ask("unmount", folder="/mnt/replayed")

    @contextlib.contextmanager
    def held(self):
        """No instruction of the guest is carried out meanwhile, and all that it had said is known.

        Its kernel's own processes stop; its programs, which wait for that kernel at their next
        system call, must not: user-mode Linux would take the signal for one of theirs."""
        stopped = set()
        try:
            self.stop_kernel(stopped)
            with self.news:
                self.news.wait_for(lambda: self.gone or not readable_bytes(self.ear), TIMEOUT)
            yield
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):  # the cut came
                    os.kill(pid, signal.SIGCONT)

    def stop_kernel(self, stopped):
        """Its first process makes programs, which are not traced for a moment: it stops before the
        others do, and none is taken for the kernel's that was not there at the look before, too."""
        stop(self.process.pid, stopped)
        end = time.monotonic() + TIMEOUT
        before = set()
        while running := {pid for pid in untraced(self.process.pid) if not is_stopped(pid)}:
            if time.monotonic() > end:
                raise GuestError(f"the kernel's processes {running} did not stop")
            if self.process.pid not in running:
                for pid in running & before - stopped:
                    stop(pid, stopped)
                before = running
            time.sleep(0.005)

    def snapshot(self, path):
        """What a power cut at this instant would leave of the disk."""
        command = ["cp", "--sparse=always", self.disks[0], path]
        subprocess.run(command, check=True)

    def power_off(self, timeout=TIMEOUT):
        """The orderly end: file systems are written out."""
        self.send("halt")
        self.process.wait(timeout)
        self.cut()

    def cut(self):
        """The power cut: what was in the guest's memory is gone. Also the end of everything here.

        All of the group at once: the guest's processes are processes of this machine that the
        kernel's process holds on a leash of ptrace, and on its death they would run on unheld.
        """
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
            release(self.keeper)
            self.outbox.put(None)
            for thread in self.threads:
                thread.join()
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)


def state(pid):
    """The rest of proc(5)'s stat from the process's state on."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()


def stop(pid, stopped):
    os.kill(pid, signal.SIGSTOP)
    stopped.add(pid)


def is_stopped(pid):
    """Also when it has ended."""
    try:
        return state(pid)[0] == "T"
    except OSError:
        return True


def is_traced(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return "\nTracerPid:\t0\n" not in file.read()


def untraced(group):
    """The processes of a group that nobody holds by ptrace."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if int(state(pid)[2]) == group and state(pid)[0] != "Z" and not is_traced(pid):
                found.append(pid)
    return found


def readable_bytes(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def keep(group, folder):
    """Ends the guest if this process dies without having done so, by a test's timeout say."""
    script = 'read -r line; [ "$line" = released ] || { kill -KILL "-$1"; rm -rf "$2"; }'
    command = ["/bin/sh", "-c", script, "keeper", str(group), folder]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def release(keeper):
    keeper.communicate(b"released\n")
