#!/usr/bin/python3
"""host/demo as a newcomer runs it: the story holds, and nothing is left behind."""

import http.client
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import tempfile
import time
import unittest

import data
import eventschema
import play
import story

VALUE = re.compile(r"%[.0-9]*[sdf]")  # of a text, to be filled in
DEMO = [os.environ["LOQUET_DEMO"], "--build", os.environ["LOQUET_BUILD"]]


def processes_in(folder):
    """Command lines that speak of the folder."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % number, "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in line:
            found.append(line)
    return found


def open_page(screen):
    """What an open page listens to, with the address, name and password that stand on the screen."""
    port, name, password = re.search(
        r"http://127\.0\.0\.1:(\d+)/ +compte (\S+), mot de passe (\S+)", screen).groups()
    page = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    page.request("POST", "/api/v1/session", json.dumps({"name": name, "password": password}),
                 {"Content-Type": "application/json"})
    answer = page.getresponse()
    answer.read()
    page.request("GET", "/api/v1/stream", headers={"Cookie": answer.headers["Set-Cookie"].split(";")[0]})
    stream = page.getresponse()
    assert stream.readline() == b"retry: 2000\n"
    return stream


def arrival_on(page):
    for line in page:
        if b'"kind":"arrived"' in line:
            return json.loads(line.removeprefix(b"data: "))
    raise AssertionError("the stream ended")


class Demo(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lq-demo-test-")
        self.environment = dict(os.environ, TMPDIR=self.folder)
        self.addCleanup(lambda: os.rmdir(self.folder))

    def assert_nothing_left(self):
        deadline = time.monotonic() + 60
        while (os.listdir(self.folder) or processes_in(self.folder)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(os.listdir(self.folder), [])
        self.assertEqual(processes_in(self.folder), [])

    def test_the_story_holds(self):
        result = subprocess.run(DEMO + ["--check", "--lang", "en"], env=self.environment,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=1000, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout.splitlines()[-1], r"^10 steps held · \d+ events, each once")
        self.assert_nothing_left()

    def test_its_past_is_of_events_as_they_are_described(self):
        schemas = eventschema.Schemas(pathlib.Path(os.environ["LOQUET_SCHEMAS"]))
        people = {name: "p%d" % number for number, name in enumerate(data.NAMES, 1)}
        lines = data.visits("demo", people, time.time() - 20000, 1)
        self.assertGreater(len(lines), 50)
        for line in lines:
            schemas.check(line.encode())

    def test_it_says_the_same_in_both_languages(self):
        for texts in (data.TITLES, play.TEXTS, story.TEXTS):
            self.assertEqual(set(texts), {"en", "fr"})
            self.assertEqual(set(texts["en"]), set(texts["fr"]))
            for key, english in texts["en"].items():
                self.assertEqual(VALUE.findall(english), VALUE.findall(texts["fr"][key]), key)
                self.assertNotEqual(english, texts["fr"][key], key)

    def test_a_wrong_word_is_told_before_anything_is_installed_or_built(self):
        for words in (["--bogus"], ["--lang"], ["--lang", "xx"], ["--build"], ["--build", self.folder]):
            done = subprocess.run([DEMO[0], *words], env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertRegex(done.stderr, r"^host/demo: [^\n]+; see host/demo --help\n$")

    def test_a_program_that_does_not_open_fails_the_story(self):
        # The canary: a door daemon that does nothing.
        broken = os.path.join(self.folder, "broken")
        os.makedirs(broken + "/firmware/door")
        for part in ("firmware/reader", "firmware/link", "host", "hal"):
            os.symlink(os.path.join(os.environ["LOQUET_BUILD"], part), os.path.join(broken, part))
        with open(broken + "/firmware/door/loquetd", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexit 0\n")
        os.chmod(broken + "/firmware/door/loquetd", 0o755)
        result = subprocess.run(
            ["/usr/bin/python3", "-B", os.path.join(os.path.dirname(DEMO[0]), "demonstration/main.py"),
             "--build", broken, "--check"], env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=1000, check=False)
        self.assertEqual(result.returncode, 1, result.stdout)
        subprocess.run(["rm", "-r", broken], check=True)
        self.assert_nothing_left()

    def test_interrupting_leaves_nothing(self):
        signals = (signal.SIGINT, signal.SIGTERM)
        demos = [subprocess.Popen(DEMO + ["--check"], env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in signals]
        for demo, how in zip(demos, signals):
            self.assertIn("✓".encode(), demo.stdout.readline())
            demo.send_signal(how)
        for demo in demos:
            demo.communicate(timeout=120)
            self.assertNotEqual(demo.returncode, 0)
        self.assert_nothing_left()

    def test_a_person_can_play(self):
        master, slave = pty.openpty()
        demo = subprocess.Popen(DEMO + ["--lang", "fr"], env=self.environment, stdin=slave,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.close(slave)
        seen = b""
        page = None
        empty = "lecteur est vide".encode()
        for key, until in ((None, b"q  quitter"), (b"1", b"door.closed"), (b"x", b"door.closed"),
                           (b"t", empty), (b"2", b"CredentialNotFound"), (b"4", b"CredentialNotEnabled"),
                           (b"5", b"CredentialNotActive"), (b"p", b"RandomIdentifier"),
                           (b"d", b"SeveralCards"), (b"t", empty), (b"e", b"badge.read"),
                           (b"3", "enrôlé : New1".encode()), (b"t", empty), (b"3", b"door.closed"),
                           (b"r", b"roster.applied"), (b"t", empty), (b"3", b"CredentialNotEnabled"),
                           (b"o", b"command"), (b"c", b"door.opened"), (b"q", b"")):
            if key:
                os.write(master, key)
            while until and until not in seen:
                line = demo.stdout.readline()
                self.assertNotEqual(line, b"", "ended while waiting for %r" % until)
                seen = seen + line if key is None else line
            if key is None:
                page = open_page(seen.decode())
                self.addCleanup(page.close)
            elif key == b"1":
                self.assertEqual(arrival_on(page)["name"], "Ada Example")
            seen = b""
        demo.communicate(timeout=120)
        os.close(master)
        self.assertEqual(demo.returncode, 0)
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
