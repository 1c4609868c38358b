#!/usr/bin/python3 -IS
"""Process 1 of the guest: does what guest.py asks over /dev/tty1, one JSON object a line.

Whatever it writes there is outside of the guest at once: a pipe of the machine holds it, so that a
power cut can no longer take it back. That is what the tests mean by "acknowledged".

The machine's own file system is the root, under an overlay in memory: the guest may write anywhere,
/etc and /var included, and nothing of it reaches the machine.
"""

import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import time

TERMINAL = "/dev/tty1"
TRACING = "/sys/kernel/tracing"
PEER_TIMEOUT_S = 30
ROOT = "/mnt/root"
MOUNTS = (
    ("proc", "/proc", ""),
    ("sysfs", "/sys", ""),
    ("configfs", "/sys/kernel/config", ""),
    ("tracefs", "/sys/kernel/tracing", ""),
    ("devtmpfs", "/dev", ""),
    ("devpts", "/dev/pts", "ptmxmode=666"),
    ("tmpfs", "/dev/shm", ""),
    ("tmpfs", "/run", ""),
)
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
RB_POWER_OFF = 0x4321FEDC  # reboot(2)

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(kind, device, folder, options=""):
    texts = [text.encode() for text in (device, folder, kind, options)]
    check(libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(0), texts[3]))


def enter_root():
    mount("tmpfs", "tmpfs", "/mnt")
    for folder in ("/mnt/upper", "/mnt/work", ROOT):
        os.mkdir(folder)
    mount("overlay", "overlay", ROOT, "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work")
    for kind, folder, options in MOUNTS:
        os.makedirs(ROOT + folder, exist_ok=True)
        mount(kind, kind, ROOT + folder, options)
    os.chroot(ROOT)
    os.chdir("/")


class Program:
    """A child and the pipes of its output, until it ended and both are drained."""

    def __init__(self, ident, request):
        self.ident = ident
        in_read, self.input = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        self.outputs = {out_read: "out", err_read: "err"}
        for fd in self.outputs:
            os.set_blocking(fd, False)
        self.status = None
        try:
            self.pid = spawn(request, (in_read, out_write, err_write))
        except OSError:
            for fd in (self.input, *self.outputs):
                os.close(fd)
            raise
        finally:
            for fd in (in_read, out_write, err_write):
                os.close(fd)
        self.pidfd = os.pidfd_open(self.pid)

    def over(self):
        return self.status is not None and not self.outputs


def spawn(request, standard_fds):
    # never fork: copying an interpreter's pages takes user-mode Linux a quarter of a second
    return os.posix_spawnp(
        request["argv"][0],
        request["argv"],
        {**ENVIRONMENT, **request["env"]},
        file_actions=[(os.POSIX_SPAWN_DUP2, fd, n) for n, fd in enumerate(standard_fds)],
        setsid=True,
    )


class Inside:
    def __init__(self, frozen_between_requests):
        self.frozen_between_requests = frozen_between_requests
        self.terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
        make_raw(self.terminal)
        self.received = b""
        self.poll = select.poll()
        self.poll.register(self.terminal, select.POLLIN)
        self.programs = {}
        self.by_fd = {}
        self.feeds = {}
        self.foreground = set()
        self.trace = open_trace()
        self.trace_rest = b""
        self.poll.register(self.trace, select.POLLIN)

    def send(self, message):
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(self.terminal, data):]

    def answer(self, ident, done):
        """After all that happened before it, so that the other side need not wait for that."""
        self.attend_for(0)
        self.send({"id": ident, "done": done})

    def serve(self):
        self.send({"ready": True})
        while True:
            for fd, _ in self.wait():
                if fd == self.terminal:
                    self.receive()
                else:
                    self.attend(fd)

    def attend_for(self, seconds):
        """Everything but requests, for that long, and then until nothing is left."""
        end = time.monotonic() + seconds
        self.poll.unregister(self.terminal)
        left = seconds
        while (ready := self.poll.poll(left * 1000)) or left > 0:
            for fd, _ in ready:
                self.attend(fd)
            left = max(0, end - time.monotonic())
        self.poll.register(self.terminal, select.POLLIN)

    def wait(self):
        """While nothing is asked for, a travelling clock all but stands still. It jumps to the
        next timer whenever the guest is idle, so this sets one a microsecond away. Spinning would
        stop it, but the scheduler goes by the same clock and would let no other program run."""
        if not self.frozen_between_requests or self.foreground:
            return self.poll.poll()
        ready = self.poll.poll(0)
        while not ready:
            time.sleep(1e-6)
            ready = self.poll.poll(0)
        return ready

    def receive(self):
        data = os.read(self.terminal, 65536)
        if not data:
            power_off()  # the other side is gone
        *lines, self.received = (self.received + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            try:
                getattr(self, "do_" + request["do"])(request["id"], request)
            except OSError as error:
                self.send({"id": request["id"], "failed": str(error)})

    def do_start(self, ident, request):
        program = Program(ident, request)
        self.programs[ident] = program
        for fd in (program.pidfd, *program.outputs):
            self.by_fd[fd] = program
            self.poll.register(fd, select.POLLIN)
        if request["foreground"]:
            self.foreground.add(ident)

    def do_input(self, ident, request):
        data = request["text"].encode()
        while data:
            data = data[os.write(self.programs[request["program"]].input, data):]
        self.answer(ident, True)

    def do_signal(self, ident, request):
        program = self.programs.get(request["program"])
        if program and program.status is None:
            signal.pidfd_send_signal(program.pidfd, request["number"])
        self.answer(ident, True)

    def do_read(self, ident, request):
        with open(request["path"], "rb") as file:
            self.answer(ident, file.read().decode("latin-1"))

    def do_write(self, ident, request):
        with open(request["path"], "wb") as file:
            file.write(request["data"].encode("latin-1"))
        self.answer(ident, True)

    def do_sleep(self, ident, request):
        self.attend_for(request["seconds"])
        self.answer(ident, True)

    def do_clock(self, ident, _):
        self.answer(ident, time.time())

    def do_make_folder(self, ident, request):
        os.makedirs(request["path"], exist_ok=True)
        self.answer(ident, True)

    def do_mount(self, ident, request):
        mount(request["kind"], request["device"], request["folder"], request["options"])
        self.answer(ident, True)

    def do_unmount(self, ident, request):
        check(libc.umount(request["folder"].encode()))
        self.answer(ident, True)

    def do_tell(self, ident, request):
        with connect(request) as peer:
            self.answer(ident, peer.recv(65536).decode().rstrip("\n"))

    def do_follow(self, ident, request):
        peer = connect(request)
        peer.setblocking(False)
        self.feeds[peer.fileno()] = (ident, peer)
        self.poll.register(peer.fileno(), select.POLLIN)

    def do_halt(self, _, __):
        power_off()

    def pass_trace(self):
        """All of it: one read gives a page at most."""
        while data := read_now(self.trace):
            self.pass_trace_text(data)

    def pass_trace_text(self, data):
        *lines, self.trace_rest = (self.trace_rest + data).split(b"\n")
        for line in lines:
            self.send({"trace": line.decode()})

    def attend(self, fd):
        """Something may have come at `fd`; or a request before it was served and took it."""
        if fd == self.trace:
            self.pass_trace()
            return
        if fd in self.feeds:
            self.pass_feed(fd)
            return
        program = self.by_fd.get(fd)
        if program is None:
            return  # it ended meanwhile
        if fd == program.pidfd:
            self.bury(program)
        else:
            self.pass_output(program, fd)
        if program.over():
            del self.programs[program.ident]
            self.pass_trace()
            self.send({"id": program.ident, "exit": program.status})

    def bury(self, program):
        _, status = os.waitpid(program.pid, 0)
        program.status = os.waitstatus_to_exitcode(status)
        self.forget(program.pidfd)
        os.close(program.input)
        self.foreground.discard(program.ident)

    def pass_output(self, program, fd):
        try:
            data = os.read(fd, 65536)
        except BlockingIOError:
            return
        if data:
            self.send({"id": program.ident, program.outputs[fd]: data.decode("latin-1")})
        else:
            del program.outputs[fd]
            self.forget(fd)

    def pass_feed(self, fd):
        ident, peer = self.feeds[fd]
        try:
            text = peer.recv(65536).decode()
        except BlockingIOError:
            return
        except OSError:
            text = ""
        if text:
            self.send({"id": ident, "out": text + "\n"})
        else:
            self.send({"id": ident, "exit": 0})
            self.poll.unregister(fd)
            del self.feeds[fd]
            peer.close()

    def forget(self, fd):
        self.poll.unregister(fd)
        del self.by_fd[fd]
        os.close(fd)


def connect(request):
    """A stream's answers are lines of their own, as a packet is one already."""
    peer = socket.socket(socket.AF_UNIX, getattr(socket, request["kind"]))
    try:
        peer.settimeout(PEER_TIMEOUT_S)
        peer.connect(request["path"])
        peer.sendall(request["text"].encode())
    except OSError:
        peer.close()
        raise
    return peer


def read_now(fd):
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return b""


def open_trace():
    """Every value that a program gives to or reads from a line, as the kernel itself saw it."""
    for path, value in (
        ("trace_clock", "mono"),
        ("buffer_percent", "0"),
        ("events/gpio/gpio_value/enable", "1"),
    ):
        with open(f"{TRACING}/{path}", "w", encoding="ascii") as file:
            file.write(value)
    return os.open(f"{TRACING}/trace_pipe", os.O_RDONLY | os.O_NONBLOCK)


def sleep_exactly():
    """Or the kernel adds 50 microseconds to every sleep, to save wakeups."""
    with open("/proc/self/timerslack_ns", "w", encoding="ascii") as file:
        file.write("1")


def make_raw(fd):
    mode = termios.tcgetattr(fd)
    mode[0] = mode[1] = mode[3] = 0
    termios.tcsetattr(fd, termios.TCSANOW, mode)


def loopback_up():
    """SIOCSIFFLAGS of netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def power_off():
    os.sync()
    check(libc.reboot(RB_POWER_OFF))


enter_root()
loopback_up()
sleep_exactly()
Inside(frozen_between_requests="frozen" in sys.argv[1:]).serve()
