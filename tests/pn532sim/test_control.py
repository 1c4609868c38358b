"""The program loquet-pn532sim: its port, its control socket, its beginning and its end."""

import os
import select
import signal
import stat
import subprocess
import termios
import time
import unittest

from pn532sim import Control, OrderError, Simulator

WAKE = bytes([0x55, 0x55] + [0] * 14)
ACK = bytes.fromhex("0000ff00ff00")
DEADLINE_S = 60


def frame(data):
    return bytes([0, 0, 0xFF, len(data), -len(data) & 0xFF]) + data + bytes([-sum(data) & 0xFF, 0])


class Host:
    """Opens the port as a driver would."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self):
        os.close(self.fd)

    def write(self, data):
        os.write(self.fd, data)

    def read(self, count):
        """`count` bytes, or fewer when the deadline passes."""
        got = b""
        end = time.monotonic() + DEADLINE_S
        while len(got) < count and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.5)[0]:
                got += os.read(self.fd, count - len(got))
        return got

    def hung_up(self):
        poll = select.poll()
        poll.register(self.fd, 0)
        return any(event & select.POLLHUP for _, event in poll.poll(DEADLINE_S * 1000))

    def ask(self, command):
        """The data of the answer, from the TFI on."""
        self.write(frame(bytes.fromhex("d4" + command)))
        head = self.read(11)
        assert head[:6] == ACK, head.hex()
        return self.read(head[9] + 2)[:-2]


class PortTest(unittest.TestCase):
    def setUp(self):
        self.sim = Simulator().start()
        self.addCleanup(self.sim.stop)

    def host(self):
        host = Host(self.sim.link)
        self.addCleanup(host.close)
        return host

    def test_the_port_is_raw(self):
        host = self.host()
        mode = termios.tcgetattr(host.fd)
        self.assertEqual(mode[0] & (termios.ICRNL | termios.IXON), 0)
        self.assertEqual(mode[1] & termios.OPOST, 0)
        self.assertEqual(mode[3] & (termios.ECHO | termios.ICANON | termios.ISIG), 0)

    def test_a_driver_is_answered(self):
        host = self.host()
        host.write(WAKE)
        self.assertEqual(host.ask("02").hex(), "d50332010607")

    def test_the_port_may_be_opened_again_and_again(self):
        for _ in range(20):
            host = Host(self.sim.link)
            host.write(WAKE)
            self.assertEqual(host.ask("02").hex(), "d50332010607")
            host.close()

    def test_unplug_hangs_up_and_plug_brings_back_as_often_as_one_likes(self):
        for _ in range(10):
            host = Host(self.sim.link)
            self.sim.unplug()
            self.assertFalse(os.path.lexists(self.sim.link))
            self.assertTrue(host.hung_up())
            with self.assertRaises(OSError):
                host.write(WAKE)
            host.close()
            with self.assertRaises(OrderError):
                self.sim.unplug()
            self.sim.plug()
            with self.assertRaises(OrderError):
                self.sim.plug()
            host = Host(self.sim.link)
            host.write(WAKE)
            self.assertEqual(host.ask("02").hex(), "d50332010607")
            host.close()

    def test_cards_stay_while_it_is_unplugged(self):
        self.sim.present(0, uid="deadbeef")
        self.sim.unplug()
        self.sim.plug()
        host = self.host()
        host.write(WAKE)
        self.assertEqual(host.ask("4a0100").hex(), "d54b010100040804deadbeef")

    def test_the_chip_restarts_asleep(self):
        host = Host(self.sim.link)
        host.write(WAKE)
        host.ask("02")
        host.close()
        self.sim.unplug()
        self.sim.plug()
        host = self.host()
        host.write(frame(bytes.fromhex("d402")))
        host.write(WAKE)
        self.assertEqual(host.ask("02").hex(), "d50332010607")
        self.assertEqual(self.sim.stats()["cmd_02"], 2)

    def test_a_flood_that_nobody_reads_back_ends(self):
        host = self.host()
        host.write(WAKE)
        for _ in range(2000):
            try:
                host.write(frame(bytes.fromhex("d402")))
            except BlockingIOError:
                select.select([], [host.fd], [], 1)
        self.assertGreater(self.sim.stats()["cmd_02"], 0)
        termios.tcflush(host.fd, termios.TCIOFLUSH)


class ControlTest(unittest.TestCase):
    def setUp(self):
        self.sim = Simulator().start()
        self.addCleanup(self.sim.stop)

    def test_present_says_when(self):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        card = self.sim.present(0, type="desfire", uid="04112233445566")
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.assertTrue(before <= card["at_us"] <= after)
        self.assertEqual(card["uid"], "04112233445566")
        self.assertTrue(after <= self.sim.remove(0))

    def test_a_phone_gets_its_uid(self):
        first = self.sim.present(0, type="phone")["uid"]
        second = self.sim.present(1, type="phone")["uid"]
        self.assertRegex(first, "^08[0-9a-f]{6}$")
        self.assertNotEqual(first, second)

    def test_refusals(self):
        self.sim.present(0, uid="deadbeef")
        for line in ("present 0 uid=deadbeef", "present 1 uid=dead", "remove 2", "dance", ""):
            with self.subTest(line=line), self.assertRaises(OrderError):
                self.sim.order(line)

    def test_stats_count(self):
        self.assertEqual(self.sim.stats()["polls"], 0)
        host = Host(self.sim.link)
        self.addCleanup(host.close)
        host.write(WAKE)
        host.ask("3205000100")
        for _ in range(3):
            host.ask("4a0100")
        host.write(ACK)
        host.write(bytes.fromhex("0000ff02ffd4022a00"))
        host.ask("02")
        stats = self.sim.stats()
        self.assertEqual(stats["polls"], 3)
        self.assertEqual(stats["cmd_4a"], 3)
        self.assertEqual(stats["cmd_02"], 1)
        self.assertEqual(stats["aborts"], 1)
        self.assertEqual(stats["bad_frames"], 1)

    def test_wait_poll_waits_for_so_many_and_blocks_nobody_else(self):
        host = Host(self.sim.link)
        self.addCleanup(host.close)
        host.write(WAKE)
        host.ask("3205000100")
        other = self.sim.connect()
        self.addCleanup(other.close)
        other.send("wait-poll 2")
        host.ask("4a0100")
        self.assertEqual(self.sim.stats()["polls"], 1)
        self.assertFalse(other.ready())
        host.ask("4a0100")
        self.assertEqual(other.receive(), "polls=2")
        self.sim.wait_poll(0)

    def test_orders_may_come_in_pieces_and_in_heaps(self):
        control = self.sim.connect()
        self.addCleanup(control.close)
        control.send_raw("sta")
        time.sleep(0.05)
        control.send_raw("ts\nair on\npace 9600\nno")
        self.assertIn("uptime_ms=", control.receive())
        self.assertEqual(control.receive(), "")
        self.assertEqual(control.receive(), "")
        control.send_raw("nsense\n")
        with self.assertRaises(OrderError):
            control.receive()

    def test_a_line_without_end_is_cut_off(self):
        control = self.sim.connect()
        self.addCleanup(control.close)
        control.send_raw("x" * 512)
        with self.assertRaisesRegex(OrderError, "too long"):
            control.receive()
        with self.assertRaisesRegex(OrderError, "hung up"):
            control.receive()
        self.sim.stats()

    def test_more_connections_than_there_is_room_for_are_turned_away(self):
        crowd = [self.sim.connect() for _ in range(12)]
        for control in crowd:
            self.addCleanup(control.close)
        answered = 0
        for control in crowd:
            try:
                control.order("stats")
                answered += 1
            except OrderError:
                pass
        self.assertEqual(answered, 7)
        self.sim.stats()

    def test_every_fault_of_the_table_can_be_set(self):
        faults = self.sim.faults()
        self.assertIn(("hang", False), faults)
        self.assertIn(("uid-len", True), faults)
        for name, takes_number in faults:
            with self.subTest(fault=name):
                number = [5] if takes_number else []
                self.sim.fault(name, *number)
                self.sim.fault(name, *number, "once", "on=4a")
                with self.assertRaises(OrderError):
                    self.sim.fault(name, *([] if takes_number else [5]))


class LifeTest(unittest.TestCase):
    def ends_cleanly(self, sim, end):
        self.addCleanup(sim.stop)
        link, control = sim.link, sim.control_path
        self.assertTrue(stat.S_ISSOCK(os.stat(control).st_mode))
        self.assertTrue(os.path.islink(link))
        end()
        self.assertEqual(sim.process.wait(DEADLINE_S), 0)
        self.assertFalse(os.path.lexists(control))
        self.assertFalse(os.path.lexists(link))

    def test_signals_and_quit_clean_up(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                sim = Simulator().start()
                self.ends_cleanly(sim, lambda: sim.process.send_signal(number))
        sim = Simulator().start()
        self.ends_cleanly(sim, lambda: sim.order("quit"))

    def test_what_a_killed_run_left_is_replaced_and_what_a_live_one_holds_is_not(self):
        sim = Simulator().start()
        self.addCleanup(sim.stop)
        command = sim._command()
        second = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(second.returncode, 1)
        self.assertIn("loquet-pn532sim:", second.stderr)
        sim.process.kill()
        sim.process.wait()
        self.assertTrue(os.path.lexists(sim.control_path))
        third = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            self.assertTrue(third.stdout.readline().startswith("ready "))
            control = Control(sim.control_path)
            control.order("quit")
            control.close()
            self.assertEqual(third.wait(DEADLINE_S), 0)
        finally:
            third.kill()
            third.wait()
            third.stdout.close()

    def run_program(self, *words):
        return subprocess.run(
            [os.environ["LOQUET_PN532SIM"], *words],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )

    def test_help_names_every_fault_and_order(self):
        text = self.run_program("--help").stdout
        with Simulator() as sim:
            names = [name for name, _ in sim.faults()]
        orders = "present remove tear fault unplug plug stats pace air wait-poll quit".split()
        for word in names + orders + ["--link", "--pace", "Example:"]:
            self.assertIn(word, text)

    def test_version_and_wrong_options(self):
        self.assertRegex(self.run_program("--version").stdout, r"^loquet-pn532sim \d+\.\d+\.\d+\n$")
        for words in ("--pace fast", "--pace 1", "--seed -1", "--nonsense", "word"):
            with self.subTest(words=words):
                self.assertEqual(self.run_program(*words.split()).returncode, 2)
        self.assertEqual(self.run_program("--link", "/nonexistent/folder/reader").returncode, 1)

    def test_a_given_tty_is_served(self):
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        name = os.ttyname(slave)
        process = subprocess.Popen(
            [os.environ["LOQUET_PN532SIM"], "--tty", name], stdout=subprocess.PIPE, text=True
        )
        try:
            self.assertEqual(process.stdout.readline(), f"ready {name}\n")
            os.close(slave)
            os.write(master, WAKE + frame(bytes.fromhex("d402")))
            got = b""
            while len(got) < 19:
                got += os.read(master, 19 - len(got))
            self.assertEqual(got.hex(), "0000ff00ff000000ff06fad50332010607e800")
        finally:
            process.terminate()
            self.assertEqual(process.wait(DEADLINE_S), 0)
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
