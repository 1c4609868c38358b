#!/usr/bin/python3
"""The program from outside: arguments, exit status, signals, descriptors, environment, notification."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import readerrig

READER = os.environ["LOQUET_READER"]
UID = "04a1b2c3d4e5f6"


def run(*arguments):
    return subprocess.run(
        [READER, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=readerrig.WAIT_S)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Arguments(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="loquet-reader.")
        self.addCleanup(shutil.rmtree, self.folder)

    def config(self, device="pn532_uart:/dev/null", runtime_dir=None, reader="front-in"):
        path = os.path.join(self.folder, "loquet.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                f"[controller]\nspace = demo\ncontroller = front-board\nruntime_dir = {runtime_dir or self.folder}\n"
                f"[door front]\nlines = sim\nrelay = 17\n[reader {reader}]\ndoor = front\ndevice = {device}\n")
        return path

    def refused(self, status, *words, arguments):
        result = run(*arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.startswith("loquet-reader"), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_help_and_version(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("Example:", result.stdout)
        result = run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^loquet-reader \d+\.\d+\.\d+\n$")

    def test_wrong_arguments(self):
        self.refused(2, "--reader", arguments=[])
        self.refused(2, "extra", arguments=["--reader", "front-in", "extra"])
        self.refused(2, "loquet-reader: see loquet-reader --help", arguments=["--nonsense"])
        self.assertEqual(run("--reader").returncode, 2)

    def test_wrong_configuration(self):
        self.refused(3, "/nonexistent", arguments=["-c", "/nonexistent", "-r", "front-in"])
        self.refused(3, "no [reader back-in]", arguments=["-c", self.config(), "-r", "back-in"])
        for device in ("acr122_usb:001:002", "/dev/ttyS0", "pn532_uart:/dev/serial/by-path/pci-0:1.0"):
            self.refused(3, device, arguments=["-c", self.config(device), "-r", "front-in"])

    def test_no_place_for_a_lock(self):
        path = self.config(runtime_dir="/nonexistent/run")
        self.refused(1, "/nonexistent/run", arguments=["-c", path, "-r", "front-in"])


class Program(unittest.TestCase):
    def rig(self, **options):
        rig = readerrig.Rig(**options).__enter__()
        self.addCleanup(rig.__exit__, None, None, None)
        return rig

    def wait_until(self, condition):
        deadline = time.monotonic() + readerrig.WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_a_second_one_is_refused(self):
        rig = self.rig()
        rig.door.expect("hello")
        second = subprocess.run(rig.command(), stderr=subprocess.PIPE, text=True, timeout=readerrig.WAIT_S)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another loquet-reader holds", second.stderr)
        rig.door.expect("ready")

    def test_it_ends_when_told(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            rig = self.rig()
            rig.door.expect("hello")
            rig.door.expect("ready")
            worker = rig.worker_pid()
            rig.process.send_signal(number)
            self.assertEqual(rig.process.wait(readerrig.WAIT_S), 0)
            self.assertFalse(is_running(worker))

    def test_it_ends_although_the_chip_hangs(self):
        rig = self.rig()
        rig.door.expect("hello")
        rig.door.expect("ready")
        rig.sim.fault("hang")
        rig.door.expect("fault")
        worker = rig.worker_pid()
        self.assertEqual(rig.stop_reader(), 0)
        self.assertFalse(is_running(worker))

    def test_it_ends_although_the_worker_is_stopped(self):
        rig = self.rig()
        rig.door.expect("hello")
        worker = rig.worker_pid()
        os.kill(worker, signal.SIGSTOP)
        self.assertEqual(rig.stop_reader(), 0)
        self.assertFalse(is_running(worker))

    def test_the_worker_does_not_outlive_its_supervisor(self):
        rig = self.rig()
        rig.door.expect("hello")
        worker = rig.worker_pid()
        rig.process.kill()
        rig.process.wait()
        self.wait_until(lambda: not is_running(worker))

    def test_without_standard_descriptors(self):
        rig = self.rig()
        rig.door.expect("hello")
        rig.stop_reader()
        rig.process = subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *rig.command()])
        rig.door.wait_for("hello")
        rig.door.expect("ready")
        rig.sim.present(0, uid=UID)
        self.assertEqual(rig.door.expect("present").uid_hex(), UID)
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f"/proc/{rig.worker_pid()}/fd/{fd}"), "/dev/null")

    def test_the_environment_does_not_steer_libnfc(self):
        rig = self.rig(environment={
            "LIBNFC_DEVICE": "pn532_uart:/dev/null", "LIBNFC_DEFAULT_DEVICE": "pn532_uart:/dev/null",
            "LIBNFC_AUTO_SCAN": "true", "LIBNFC_INTRUSIVE_SCAN": "true", "LIBNFC_LOG_LEVEL": "3"})
        rig.door.expect("hello")
        rig.door.expect("ready")
        rig.sim.present(0, type="desfire", uid=UID)
        message = rig.door.expect("present")
        self.assertEqual(rig.door.exchange(message.tap, bytes.fromhex("905a00000300000000")).error, 0)
        rig.sim.unplug()
        rig.door.wait_for("fault")
        spoken = rig.stderr().lower()
        for line in spoken.splitlines():
            self.assertTrue(line.startswith("loquet-reader[front-in]: "), line)
        for shape in (UID, " ".join(UID[i:i + 2] for i in range(0, 14, 2)), "905a", "90 5a"):
            self.assertNotIn(shape, spoken)

    def test_systemd_is_told(self):
        folder = tempfile.mkdtemp(prefix="notify.")
        self.addCleanup(shutil.rmtree, folder)
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notified.close)
        notified.settimeout(readerrig.WAIT_S)
        notified.bind(os.path.join(folder, "notify"))
        rig = self.rig(environment={"NOTIFY_SOCKET": notified.getsockname(), "WATCHDOG_USEC": "200000"})
        wanted = ["READY=1", "WATCHDOG=1", "STATUS=reader open; connected to loquetd; 0 restarts"]
        seen = []
        while not all(word in seen for word in wanted):
            seen += notified.recv(4096).decode().splitlines()
        os.kill(rig.worker_pid(), signal.SIGKILL)
        while "STATUS=reader open; connected to loquetd; 1 restarts" not in seen:
            seen += notified.recv(4096).decode().splitlines()
        rig.process.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in seen:
            seen += notified.recv(4096).decode().splitlines()


if __name__ == "__main__":
    unittest.main()
