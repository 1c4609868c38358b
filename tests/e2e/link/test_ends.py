"""How the program begins and ends, as a shell and a service manager see it."""

import os
import signal
import socket
import subprocess
import time
import unittest

from linkrig import BASE, DEADLINE_S, LINK, Rig, wait_for


class Ends(Rig):
    """SIGTERM ends the link at once, whatever the network does."""

    def expect_prompt_end(self):
        """The deadline is generous: a hanging connection takes minutes."""
        self.assertEqual(self.stop(), 0)

    def test_while_a_connection_cannot_be_made(self):
        """A listener whose queue is full answers nothing."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
                fillers.append(filler)
            self.make_journal().fill(3)
            self.start(port=port)
            time.sleep(1)
            self.expect_prompt_end()
            for filler in fillers:
                filler.close()

    def test_while_a_broker_says_nothing(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(4)
            self.make_journal().fill(3)
            self.start(port=listener.getsockname()[1])
            peer, _ = listener.accept()
            peer.recv(1000)
            wait_for(lambda: "does not answer" in self.words(), "the link's patience")
            peer.close()
            peer, _ = listener.accept()
            self.expect_prompt_end()
            peer.close()

    def test_while_a_broker_takes_no_bytes(self):
        """A broker that stops reading in the middle: stopped, not ended."""
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(2000)
        self.start()
        wait_for(lambda: len(office.bodies()) > 0, "progress")
        self.broker.process.send_signal(signal.SIGSTOP)
        try:
            self.journal.fill(3000)
            time.sleep(1)
            self.expect_prompt_end()
        finally:
            self.broker.process.send_signal(signal.SIGCONT)
        self.start()
        self.expect_all(office)

    def test_without_a_broker_it_idles(self):
        self.make_journal().fill(3)
        self.start(host="")
        wait_for(lambda: "no broker is set" in self.words(), "the message")
        self.expect_prompt_end()


class Program(Rig):
    def run_link(self, *arguments):
        return subprocess.run([LINK, *arguments], capture_output=True, text=True, check=False,
                              timeout=DEADLINE_S)

    def test_help_shows_an_example(self):
        done = self.run_link("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Example: loquet-link --config", done.stdout)

    def test_version(self):
        done = self.run_link("--version")
        self.assertEqual((done.returncode, done.stdout), (0, "loquet-link 0.1.0\n"))

    def test_wrong_usage(self):
        for arguments in (["--nonsense"], ["extra"], ["--config"]):
            self.assertEqual(self.run_link(*arguments).returncode, 2)

    def test_wrong_configuration(self):
        path = self.configure("window = 0")
        done = self.run_link("--config", path)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{path}:", done.stderr)
        self.assertEqual(self.run_link("--config", "/nonexistent").returncode, 3)
        path = self.configure("password_file = /nonexistent")
        self.assertEqual(self.run_link("--config", path).returncode, 3)

    def test_an_unreadable_cursor_file_is_a_failure_and_is_left_alone(self):
        os.mkdir(os.path.join(self.folder, "link.cursor"))
        self.assertEqual(self.run_link("--config", self.configure()).returncode, 1)
        self.assertTrue(os.path.isdir(os.path.join(self.folder, "link.cursor")))

    def test_the_service_manager_is_kept_informed(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(DEADLINE_S)
            self.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
            self.start()
            heard = []
            while heard.count("WATCHDOG=1") < 5:
                heard.append(manager.recv(1000).decode())
            self.assertEqual(heard[0], "READY=1")
            self.assertEqual(self.stop(signal.SIGTERM), 0)
            while heard[-1] != "STOPPING=1":
                heard.append(manager.recv(1000).decode())


if __name__ == "__main__":
    unittest.main()
