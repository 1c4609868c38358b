#!/usr/bin/python3
"""Hostile input on every socket of loquetd: each is refused, nothing stops the door."""

import json
import os
import random
import socket
import threading
import time
import unittest

from house import House
from readerrig import TYPES, Message

BUILD = os.environ["LOQUET_BUILD"]
MEMBER = "04a1b2c3d4e5f6"

WRONG_REQUESTS = (
    (b"", None),
    (b"not json", "invalid"),
    (b"[]", "invalid"),
    (b"null", "invalid"),
    (b"{}", "invalid"),
    (b'{"do":7}', "invalid"),
    (b'{"do":"no.such"}', "unsupported"),
    (b'{"do":"status","do":"status"}', "invalid"),
    (b'{"do":"\xff\xfe"}', "invalid"),
    (b"[" * 5000, "invalid"),
    (b'{"do":"member.add"}', "invalid"),
    (b'{"do":"member.add","name":"","profile":"always"}', "invalid"),
    (b'{"do":"member.add","name":"Ada Example","profile":"no-such"}', "not_found"),
    (b'{"do":"member.add","name":"' + b"a" * 129 + b'","profile":"always"}', "invalid"),
    (b'{"do":"member.add","name":"a\\u0007b","profile":"always"}', "invalid"),
    (b'{"do":"member.disable","member":0}', "invalid"),
    (b'{"do":"member.disable","member":4294967296}', "invalid"),
    (b'{"do":"member.disable","member":"1"}', "invalid"),
    (b'{"do":"member.disable","member":77}', "not_found"),
    (b'{"do":"badge.enrol"}', "invalid"),
    (b'{"do":"badge.enrol","member":77,"uid":"04010203040506"}', "not_found"),
    (b'{"do":"badge.enrol","member":1,"uid":"04"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":""}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":7}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"0401020304050"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"zz010203040506"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"08010203"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"00000000"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","valid_from":9,"valid_to":8}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","valid_from":-1}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"timeout_s":0}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"timeout_s":601}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"reader":"no-such"}', "not_found"),
    (b'{"do":"badge.enrol","member":1,"uid":"' + MEMBER.encode() + b'"}', "exists"),
    (b'{"do":"badge.revoke","badge":77}', "not_found"),
    (b'{"do":"badge.lost"}', "invalid"),
    (b'{"do":"door.open"}', "not_found"),
    (b'{"do":"door.open","door":"cellar"}', "not_found"),
    (b'{"do":"profile.set","name":"x"}', "invalid"),
    (b'{"do":"profile.set","name":"BAD","policies":[]}', "invalid"),
    (b'{"do":"profile.set","name":"always","policies":[]}', "invalid"),
    (b'{"do":"profile.set","name":"x","policies":[7]}', "invalid"),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"cellar/entry"}]}', "not_found"),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"*","schedule":"no-such"}]}', "not_found"),
    (b'{"do":"schedule.set","name":"x","periods":[[1]]}', "invalid"),
    (b'{"do":"schedule.set","name":"x","periods":[[10080,5]]}', "invalid"),
    (b'{"do":"schedule.set","name":"x","periods":[["a","b"]]}', "invalid"),
    (b'{"do":"member.add","name":"  \\u00a0","profile":"always"}', "invalid"),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","uses":0}', "invalid"),
    (b'{"do":"onsite","frozen":1}', "invalid"),
    (b'{"do":"onsite","after":["a","b"]}', "invalid"),
    (b'{"do":"watch","from":-1}', "invalid"),
    (b'{"do":"status","pad":null}', "invalid"),
    (b'{"do":"member.add","name":"Ada Example","profile":"always","anytime":true}', "invalid"),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"*","schedules":"s"}]}', "invalid"),
    (b'{"do":"journal.replay","from":0}', "invalid"),
    (b'{"do":"journal.replay"}', "invalid"),
    (b'{"do":"journal.replay","from":1000000}', "not_found"),
    (b'{"do":"journal.replay","from":9223372036854775807}', "not_found"),
)


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, pace=None, release_ms=300)
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        cls.house.loquet("member", "add", "Ada Example")
        cls.house.loquet("badge", "enrol", "1", "--uid", MEMBER)

    def connect(self, name):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(20)
        self.addCleanup(peer.close)
        peer.connect(self.house.folder + "/run/" + name)
        return peer

    def assert_door_answers(self):
        self.assertIsNone(self.house.processes["loquetd"].poll(), self.house.log("loquetd"))
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("door.relocked", mark)
        self.house.sim("remove 0")
        time.sleep(0.7)  # until the badge counts as gone

    def test_every_wrong_request_is_refused_with_its_word(self):
        head = self.house.status()["journal"]["head"]
        for request, word in WRONG_REQUESTS:
            if word is None:
                continue
            with self.subTest(request=request[:80]):
                peer = self.connect("control.sock")
                peer.send(request)
                answer = json.loads(peer.recv(65536))
                self.assertFalse(answer["ok"])
                self.assertEqual(answer["error"], word, answer["text"])
                self.assertGreater(len(answer["text"]), 10)
                peer.close()
        self.assertEqual(self.house.status()["journal"]["head"], head)
        self.assert_door_answers()

    def test_an_oversized_request_is_refused(self):
        peer = self.connect("control.sock")
        peer.send(b'{"do":"status","pad":"' + b"x" * 20000 + b'"}')
        self.assertEqual(json.loads(peer.recv(65536))["error"], "invalid")
        self.assert_door_answers()

    def test_more_clients_than_there_is_room_for_do_not_keep_others_out(self):
        silent = []
        while len(silent) < 40:
            try:
                silent.append(self.connect("control.sock"))
            except BlockingIOError:
                time.sleep(0.01)  # loquetd has not yet taken those before
        self.assert_door_answers()
        self.assertTrue(self.house.status()["ok"])
        for peer in silent:
            peer.close()

    def test_more_watchers_than_there_is_room_for_are_turned_away(self):
        peers = []
        turned_away = 0
        for _ in range(40):
            try:
                peers.append(self.connect("control.sock"))
                peers[-1].send(b'{"do":"watch"}')
                turned_away += peers[-1].recv(65536) == b""
            except OSError:
                turned_away += 1
        self.assertGreater(turned_away, 0)
        for peer in peers:
            peer.close()
        self.assert_door_answers()

    def test_garbage_from_a_reader_ends_its_connection_only(self):
        generator = random.Random(7)
        for length in (1, 100, 575, 576, 577, 4000):
            peer = self.connect("reader.sock")
            peer.send(bytes(generator.randrange(256) for _ in range(length)))
            self.assertEqual(peer.recv(10), b"")
        self.assert_door_answers()

    def test_a_reader_that_floods_cannot_hold_the_door_open(self):
        self.house.stop("loquet-reader")
        peer = self.connect("reader.sock")
        peer.send(Message(type_number=TYPES.index("hello") + 1, version=1, name=b"front-in"))
        peer.send(Message(type_number=TYPES.index("ready") + 1))
        flood = bytes(Message(type_number=TYPES.index("statistics") + 1))
        tap = Message(type_number=TYPES.index("present") + 1, tap=1, cards=1, uid_len=7,
                      poll_us=time.monotonic_ns() // 1000)
        tap.uid[:7] = bytes.fromhex(MEMBER)
        peer.send(tap)
        self.house.wait_for(self.house.relay, "the relay's release")
        peer.setblocking(False)
        deadline = time.monotonic() + 20
        while self.house.relay() and time.monotonic() < deadline:
            for _ in range(1000):
                try:
                    peer.send(flood)
                except BlockingIOError:
                    break
        self.assertFalse(self.house.relay())
        # Everybody else is served as well, while the flood goes on.
        stop = threading.Event()
        peer.setblocking(True)
        flooding = threading.Thread(target=self.flood, args=(peer, flood, stop))
        flooding.start()
        try:
            for _ in range(3):
                self.assertTrue(self.house.status()["ok"])
        finally:
            stop.set()
            flooding.join()
        peer.close()
        self.house.start_reader()
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online", "the reader's return")
        self.assert_door_answers()

    @staticmethod
    def flood(peer, message, stop):
        while not stop.is_set():
            peer.send(message)

    def test_nonsense_from_the_link_is_ignored(self):
        self.house.stop("loquet-link")
        peer = self.connect("link.sock")
        for message in (b"not json", b"[]", b"7", b'{"link":7}', b'{"skipped":-1}', b'{"skipped":"x"}',
                        b'{"cursor":-5}', b'{"link":"connected","text":"' + b"y" * 9000 + b'"}',
                        b"{" * 8000, b"\xff\xff"):
            peer.send(message)
        # Cut in the middle of a character, it would be no JSON any more.
        peer.send(json.dumps({"link": "disconnected", "text": "a" + "é" * 200}).encode())
        peer.send(json.dumps({"link": "disconnected", "text": "a" + "é" * 200}, ensure_ascii=False).encode())
        self.house.wait_for(lambda: self.house.status()["link"]["text"].endswith("é"), "a status")
        mark = self.house.mark()
        peer.send(b'{"skipped":3,"text":"too large"}')
        skipped = self.house.wait_event("link.skipped", mark)["event"]["data"]
        self.assertEqual(skipped, {"seq": 3, "text": "too large"})
        self.house.start_link()
        self.assert_door_answers()

    def test_a_watcher_that_never_reads_stops_nobody(self):
        peer = self.connect("control.sock")
        peer.send(b'{"do":"watch"}')
        for _ in range(3):
            self.assert_door_answers()


if __name__ == "__main__":
    unittest.main()
