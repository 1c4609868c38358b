"""The bench itself: what the other machine tests take for granted of the guest is true."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from guest import TIMEOUT, Guest, GuestError, make_disk

HERE = os.path.dirname(os.path.abspath(__file__))


class Living(unittest.TestCase):
    """Lines and programs of one guest."""

    @classmethod
    def setUpClass(cls):
        cls.guest = cls.enterClassContext(Guest())
        cls.chip = cls.guest.add_chip(lines=4, line_names={2: "bell"})

    def test_a_chip_is_a_character_device_with_named_lines(self):
        found = self.guest.run("gpioinfo", self.chip.path).out
        self.assertIn("4 lines", found)
        self.assertRegex(found, r'line +2: +"bell"')

    def test_an_output_is_seen_from_outside_while_it_is_held_and_falls_back_after(self):
        self.assertEqual(self.chip.value(0), 0)
        holder = self.guest.start("gpioset", "--mode=signal", self.chip.path, "0=1")
        self.guest.wait_for(lambda: self.chip.value(0) == 1, "the output to rise")
        holder.stop()
        self.assertEqual(self.chip.value(0), 0)

    def test_every_value_given_to_an_output_is_recorded(self):
        before = len(self.chip.changes(3))
        for value in (1, 0, 1, 0):
            self.guest.run("gpioset", self.chip.path, f"3={value}")
        self.guest.wait_until(
            lambda: len(self.chip.changes(3)) == before + 4, TIMEOUT, "four changes"
        )
        changes = self.chip.changes(3)[before:]
        self.assertEqual([change.value for change in changes], [1, 0, 1, 0])
        self.assertEqual(changes, sorted(changes))

    def test_an_input_reads_what_the_wire_says(self):
        for level in (1, 0):
            self.chip.pull(2, level)
            self.assertEqual(int(self.guest.run("gpioget", self.chip.path, "2").out), level)

    def test_edges_of_an_input_arrive_one_by_one(self):
        monitor = self.guest.start("stdbuf", "-oL", "gpiomon", "--format=%e", self.chip.path, "1")
        self.chip.wait_watched(1)
        for level in (1, 0, 1, 0):
            self.chip.pull(1, level)
            monitor.expect(f"^{level}$")
        monitor.stop(signal.SIGINT)
        self.assertEqual(monitor.out.split(), ["1", "0", "1", "0"])

    def test_status_and_both_outputs_come_back(self):
        result = self.guest.sh("echo yes; echo no >&2; exit 3", check=False)
        self.assertEqual((result.status, result.out, result.err), (3, "yes\n", "no\n"))

    def test_a_failure_is_an_error_unless_asked_for(self):
        with self.assertRaisesRegex(GuestError, "status 1"):
            self.guest.run("false")
        with self.assertRaisesRegex(GuestError, "No such file"):
            self.guest.run("/nowhere/no-such-program")

    def test_a_program_is_talked_to_while_it_runs(self):
        cat = self.guest.start("cat")
        cat.input("first\n")
        cat.expect("^first$")
        cat.input("second\n")
        cat.expect("^second$")
        self.assertEqual(cat.stop(signal.SIGKILL).status, -signal.SIGKILL)

    def test_much_output_is_complete(self):
        out = self.guest.run("seq", "20000").out
        self.assertEqual(out, "".join(f"{n}\n" for n in range(1, 20001)))

    def test_nothing_written_reaches_the_machine(self):
        path = f"/etc/loquet-{os.getpid()}"
        self.guest.write(path, "guest")
        self.assertEqual(self.guest.read(path), "guest")
        self.assertFalse(os.path.exists(path))


class PowerCut(unittest.TestCase):
    """Three boots over one disk: a cut, an orderly end, and a look."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        disk = f"{folder}/disk"
        copy = f"{folder}/copy"
        make_disk(disk)
        with Guest(disk=disk) as guest:
            guest.sh("echo kept >/mnt/disk/synchronised && sync /mnt/disk/synchronised")
            script = "i=0; while :; do i=$((i+1)); echo $i >>list; sync list; echo $i; done"
            writer = guest.start("/bin/busybox", "sh", "-c", f"cd /mnt/disk && {script}")
            writer.expect("^5$")
            with guest.held():
                guest.snapshot(copy)
                cls.said_when_held = writer.out
                time.sleep(0.2)
                cls.said_after_a_while = writer.out
            writer.expect("^15$")
            guest.sh("echo gone >/mnt/disk/careless")
            cls.careless_before = guest.read("/mnt/disk/careless")
            guest.cut()
            cls.said = writer.out
        with Guest(disk=disk, others=[copy]) as guest:
            cls.synchronised = guest.read("/mnt/disk/synchronised")
            cls.careless = guest.sh("cat /mnt/disk/careless", check=False).out
            cls.written = guest.read("/mnt/disk/list").split()
            guest.sh("echo kept >/mnt/disk/orderly")
            guest.power_off()
        with Guest(disk=disk, others=[copy]) as guest:
            cls.orderly = guest.read("/mnt/disk/orderly")
            guest.replay(1)
            guest.mount("ext4", "/dev/ubdb", "/mnt/copy")
            cls.written_when_held = guest.read("/mnt/copy/list").split()
            cls.careless_when_held = guest.sh("ls /mnt/copy/careless", check=False).status

    def test_what_was_synchronised_survives_and_what_was_not_is_lost(self):
        """The second half is the canary: a cut that loses nothing could prove nothing."""
        self.assertEqual(self.careless_before, "gone\n")
        self.assertEqual(self.synchronised, "kept\n")
        self.assertEqual(self.careless, "")

    def test_an_orderly_end_loses_nothing(self):
        self.assertEqual(self.orderly, "kept\n")

    def test_what_was_said_before_the_cut_is_known_after_it(self):
        """And is all on the disk, if each word was synchronised before it was said."""
        said = self.said.split("\n")[:-1]
        self.assertEqual(self.written[: len(said)], said)

    def test_a_guest_that_is_held_does_nothing_and_its_disk_is_as_a_cut_leaves_it(self):
        said = self.said_when_held.split("\n")[:-1]
        self.assertEqual(self.said_after_a_while, self.said_when_held)
        self.assertEqual(self.written_when_held[: len(said)], said)
        self.assertIn(len(self.written_when_held) - len(said), (0, 1))
        self.assertNotEqual(self.careless_when_held, 0)


class Time(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = cls.enterClassContext(Guest(travel=1_900_000_000))

    def now(self):
        return int(self.guest.run("date", "+%s").out)

    def test_a_week_passes_in_seconds_and_to_the_second(self):
        week = 7 * 86400
        ticker = self.guest.start(
            "/bin/busybox", "sh", "-c", "while sleep 86400; do echo day; done"
        )
        before = self.now()
        self.guest.sleep(week)
        self.assertIn(self.now() - before, (week, week + 1))
        self.assertIn(ticker.out.count("day"), (6, 7))

    def test_it_stands_still_between_requests(self):
        sleeper = self.guest.start("sleep", "3600")
        self.assertIsNone(sleeper.status)
        self.guest.run("true")
        self.assertIsNone(sleeper.status)
        self.guest.sleep(3601)
        self.assertEqual(sleeper.wait().status, 0)

    def test_it_begins_where_it_is_told_to(self):
        uptime = float(self.guest.read("/proc/uptime").split()[0])
        self.assertAlmostEqual(self.now() - uptime, 1_900_000_000, delta=60)


class Ends(unittest.TestCase):
    def test_a_killed_test_leaves_no_guest(self):
        script = (
            "import sys, time; from guest import Guest; guest = Guest();"
            "print(guest.process.pid, guest.folder, flush=True); time.sleep(600)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], cwd=HERE, stdout=subprocess.PIPE, text=True
        ) as test:
            group, folder = test.stdout.readline().split()
            # a guest that hears nothing more cannot end itself
            os.killpg(int(group), signal.SIGSTOP)
            test.kill()
        self.assertTrue(comes_true(lambda: not group_exists(int(group))))
        self.assertTrue(comes_true(lambda: not os.path.exists(folder)))


def group_exists(group):
    """Zombies, which somebody else has to reap, are not counted."""
    done = subprocess.run(["ps", "-eo", "pgid=,stat="], stdout=subprocess.PIPE, check=True)
    rows = [row.split() for row in done.stdout.decode().splitlines()]
    return any(int(pgid) == group and not stat.startswith("Z") for pgid, stat in rows)


def comes_true(condition, timeout=60):
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


if __name__ == "__main__":
    unittest.main(verbosity=2)
