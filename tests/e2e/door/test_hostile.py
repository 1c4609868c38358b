#!/usr/bin/python3
"""Hostile input on every socket of loquetd: each is refused, nothing stops the door."""

import json
import os
import random
import re
import socket
import threading
import time
import unittest

from house import House, StepFailed
from readerrig import TYPES, Message

BUILD = os.environ["LOQUET_BUILD"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3)
MEMBER = "04a1b2c3d4e5f6"

NO_REQUEST = 'a request is a JSON object with "do"'
MEMBER_NUMBER = "\"member\" must be a member's number"
BADGE_NUMBER = "\"badge\" must be a badge's number"
NO_MEMBER = "no such member: see loquet member list"
NO_BADGE = "no such badge: see loquet badge list"
NO_DOOR = "no such door: see loquet status"
MEMBER_ADD = (
    '"name" (1 to 128 bytes) and "profile" (1 to 32 characters) are needed; "any_time" and '
    '"extended_time" are true or false')
MEMBER_NAME = '"name" must be 1 to 128 bytes of UTF-8 without control characters, not only spaces'
PROFILE_SET = '"name" (1 to 32 of a-z 0-9 _ -) and "policies" (at most 32, each with "access_point") are needed'
SCHEDULE_SET = (
    '"name" (1 to 32 of a-z 0-9 _ -) and "periods" (at most 28 pairs of minutes since Monday 00:00) '
    'are needed; "special" (at most 8) has each a "group" and "periods" (at most 4 pairs of minutes '
    "since 00:00)")
MEMBER_SET = "\"member\" must be a member's number, and \"any_time\" or \"extended_time\" true or false"
BADGE_SET = (
    "\"badge\" must be a badge's number; \"uses\" must be a number from 0 to 65535, \"valid_for_h\" hours "
    "from 1 to 65535; null is no limit")
DAY = (
    '"name" (of a group, 1 to 32 of a-z 0-9 _ -), "month" and "day" are needed, "year" (0 or left '
    'out: every year) and "label" (at most 128 bytes) may be given')

# A request, the word that refuses it, and the sentence.
WRONG_REQUESTS = (
    (b"", None, None),
    (b"not json", "invalid", NO_REQUEST),
    (b"[]", "invalid", NO_REQUEST),
    (b"null", "invalid", NO_REQUEST),
    (b"{}", "invalid", NO_REQUEST),
    (b'{"do":7}', "invalid", NO_REQUEST),
    (b'{"do":"no.such"}', "unsupported", "this request is not known"),
    (b'{"do":"status","do":"status"}', "invalid", NO_REQUEST),
    (b'{"do":"\xff\xfe"}', "invalid", NO_REQUEST),
    (b"[" * 5000, "invalid", NO_REQUEST),
    (b'{"do":"member.add"}', "invalid", MEMBER_ADD),
    (b'{"do":"member.add","name":"","profile":"always"}', "invalid", MEMBER_NAME),
    (b'{"do":"member.add","name":"Ada Example","profile":"no-such"}', "not_found",
     'no such profile: "always" is built in, loquet profile set makes others'),
    (b'{"do":"member.add","name":"' + b"a" * 129 + b'","profile":"always"}', "invalid", MEMBER_ADD),
    (b'{"do":"member.add","name":"a\\u0007b","profile":"always"}', "invalid", MEMBER_NAME),
    (b'{"do":"member.disable","member":0}', "invalid", MEMBER_NUMBER),
    (b'{"do":"member.disable","member":4294967296}', "invalid", MEMBER_NUMBER),
    (b'{"do":"member.disable","member":"1"}', "invalid", MEMBER_NUMBER),
    (b'{"do":"member.disable","member":77}', "not_found", NO_MEMBER),
    (b'{"do":"badge.enrol"}', "invalid", MEMBER_NUMBER),
    (b'{"do":"badge.enrol","member":77,"uid":"04010203040506"}', "not_found", NO_MEMBER),
    (b'{"do":"badge.enrol","member":1,"uid":"04"}', "invalid", "the badge gave a malformed answer"),
    (b'{"do":"badge.enrol","member":1,"uid":""}', "invalid", "the badge gave no number"),
    (b'{"do":"badge.enrol","member":1,"uid":7}', "invalid", "the badge gave no number"),
    (b'{"do":"badge.enrol","member":1,"uid":"0401020304050"}', "invalid",
     '"uid" must be 8, 14 or 20 hexadecimal digits'),
    (b'{"do":"badge.enrol","member":1,"uid":"zz010203040506"}', "invalid",
     '"uid" must be 8, 14 or 20 hexadecimal digits'),
    (b'{"do":"badge.enrol","member":1,"uid":"08010203"}', "invalid",
     "the badge or phone shows a random number each time"),
    (b'{"do":"badge.enrol","member":1,"uid":"00000000"}', "invalid", "the badge gave no number"),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","valid_from":9,"valid_to":8}', "invalid",
     '"valid_from" and "valid_to" must be Unix seconds, the first before the second'),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","valid_from":-1}', "invalid",
     '"valid_from" and "valid_to" must be Unix seconds, the first before the second'),
    (b'{"do":"badge.enrol","member":1,"timeout_s":0}', "invalid", '"timeout_s" must be a number from 1 to 600'),
    (b'{"do":"badge.enrol","member":1,"timeout_s":601}', "invalid", '"timeout_s" must be a number from 1 to 600'),
    (b'{"do":"badge.enrol","member":1,"reader":"no-such"}', "not_found", "no such reader: see loquet status"),
    (b'{"do":"badge.enrol","member":1,"uid":"' + MEMBER.encode() + b'"}', "exists",
     "this badge is enrolled already: see loquet badge list"),
    (b'{"do":"badge.revoke","badge":77}', "not_found", NO_BADGE),
    (b'{"do":"badge.lost"}', "invalid", BADGE_NUMBER),
    (b'{"do":"door.open"}', "not_found", NO_DOOR),
    (b'{"do":"door.open","door":"cellar"}', "not_found", NO_DOOR),
    (b'{"do":"profile.set","name":"x"}', "invalid", PROFILE_SET),
    (b'{"do":"profile.set","name":"BAD","policies":[]}', "invalid", PROFILE_SET),
    (b'{"do":"profile.set","name":"always","policies":[]}', "invalid", 'the profile "always" cannot be changed'),
    (b'{"do":"profile.set","name":"x","policies":[7]}', "invalid", PROFILE_SET),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"cellar/entry"}]}', "not_found",
     "no such access point or schedule: see loquet status and loquet schedule set"),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"*","schedule":"no-such"}]}', "not_found",
     "no such access point or schedule: see loquet status and loquet schedule set"),
    (b'{"do":"schedule.set","name":"x","periods":[[1]]}', "invalid", SCHEDULE_SET),
    (b'{"do":"schedule.set","name":"x","periods":[[10080,5]]}', "invalid", SCHEDULE_SET),
    (b'{"do":"schedule.set","name":"x","periods":[["a","b"]]}', "invalid", SCHEDULE_SET),
    (b'{"do":"member.add","name":"  \\u00a0","profile":"always"}', "invalid", MEMBER_NAME),
    (b'{"do":"badge.enrol","member":1,"uid":"04010203040506","uses":0}', "invalid",
     '"uses" must be at least 1: the badge would have expired at once'),
    (b'{"do":"onsite","frozen":1}', "invalid", '"frozen" must be true or false'),
    (b'{"do":"onsite","after":["a","b"]}', "invalid", "\"after\" must be a zone's and a member's number"),
    (b'{"do":"watch","from":-1}', "invalid", '"from" is no field of watch, which has none'),
    (b'{"do":"status","pad":null}', "invalid", '"pad" is no field of status, which has none'),
    (b'{"do":"member.add","name":"Ada Example","profile":"always","anytime":true}', "invalid",
     '"anytime" is no field of member.add, but name profile any_time extended_time'),
    (b'{"do":"profile.set","name":"x","policies":[{"access_point":"*","schedules":"s"}]}', "invalid", PROFILE_SET),
    (b'{"do":"member.set","member":1}', "invalid", MEMBER_SET),
    (b'{"do":"member.set","member":1,"any_time":"yes"}', "invalid", MEMBER_SET),
    (b'{"do":"member.set","member":77,"any_time":true}', "not_found", NO_MEMBER),
    (b'{"do":"member.enable","member":-1}', "invalid", MEMBER_NUMBER),
    (b'{"do":"badge.set","badge":1}', "invalid", BADGE_SET),
    (b'{"do":"badge.set","badge":1,"uses":65536}', "invalid", BADGE_SET),
    (b'{"do":"badge.set","badge":1,"valid_for_h":0}', "invalid", BADGE_SET),
    (b'{"do":"badge.set","badge":77,"uses":3}', "not_found", NO_BADGE),
    (b'{"do":"badge.suspend","badge":1,"until":"soon"}', "invalid", '"until" must be Unix seconds'),
    (b'{"do":"badge.suspend","badge":77}', "not_found", NO_BADGE),
    (b'{"do":"badge.enable","badge":1.5}', "invalid", BADGE_NUMBER),
    (b'{"do":"badge.stolen","badge":77}', "not_found", NO_BADGE),
    (b'{"do":"badge.returned","badge":null}', "invalid", BADGE_NUMBER),
    (b'{"do":"badge.damaged","badge":77}', "not_found", NO_BADGE),
    (b'{"do":"schedule.set","name":"x","periods":[],"special":[{"group":"g","periods":[]}]}', "not_found",
     "no such group of special days: loquet day add makes it"),
    (b'{"do":"schedule.set","name":"x","periods":[],"special":[{"group":"g","period":[]}]}', "invalid", SCHEDULE_SET),
    (b'{"do":"day.add","name":"Holidays","month":12,"day":25}', "invalid", DAY),
    (b'{"do":"day.add","name":"holidays","month":13,"day":25}', "invalid", DAY),
    (b'{"do":"day.add","name":"holidays","year":2026,"month":2,"day":29}', "invalid", DAY),
    (b'{"do":"day.add","name":"holidays","month":12,"day":25,"label":"' + b"a" * 300 + b'"}', "invalid", DAY),
    (b'{"do":"day.remove","name":"holidays","month":12,"day":25}', "not_found",
     "no such special day: see loquet day list"),
    (b'{"do":"door.open","door":"front","extended":1}', "invalid", '"extended" must be true or false'),
    (b'{"do":"door.mode","door":"cellar","mode":"Locked"}', "not_found", NO_DOOR),
    (b'{"do":"door.mode","door":"front"}', "invalid",
     '"mode" must be Locked, Unlocked, Blocked, LockedDown or LockedOpen'),
    (b'{"do":"door.mode","door":"front","mode":"locked"}', "invalid",
     '"mode" must be Locked, Unlocked, Blocked, LockedDown or LockedOpen'),
    (b'{"do":"door.hours","door":"front","schedule":7}', "invalid",
     "\"schedule\" must be a schedule's name, or null for none, and \"first_person\" true or false"),
    (b'{"do":"door.hours","door":"front","schedule":null,"first_person":1}', "invalid",
     "\"schedule\" must be a schedule's name, or null for none, and \"first_person\" true or false"),
    (b'{"do":"door.hours","door":"front","schedule":"no-such"}', "not_found",
     "no such schedule: loquet schedule set makes it"),
    (b'{"do":"door.prop","door":"front"}', "invalid", '"minutes" must be a number from 0 to 1440'),
    (b'{"do":"door.prop","door":"front","minutes":1441}', "invalid", '"minutes" must be a number from 0 to 1440'),
    (b'{"do":"door.prop","door":"cellar","minutes":5}', "not_found", NO_DOOR),
    (b'{"do":"door.fire_confirm","door":"cellar"}', "not_found", NO_DOOR),
    (b'{"do":"door.fire_confirm","door":"front"}', "not_found", "no fire waits to be confirmed at this door"),
    (b'{"do":"roster.import","what":"doors"}', "invalid", '"what" must be members or badges, and the rows come along'),
    (b'{"do":"roster.import","what":"members"}', "invalid",
     '"what" must be members or badges, and the rows come along'),
    (b'{"do":"maintainer.tap","salt":"00"}', "invalid", '"salt" must be 32 hexadecimal digits'),
    (b'{"do":"maintainer.read","file":"/tmp/x"}', "invalid", '"file" is no field of maintainer.read, which has none'),
    (b'{"do":"onsite","frozen":true}', "not_found", "no fire waits to be confirmed: nothing is frozen"),
    (b'{"do":"onsite","after":[0]}', "invalid", "\"after\" must be a zone's and a member's number"),
    (b'{"do":"passback.forgive","member":0}', "invalid", MEMBER_NUMBER),
    (b'{"do":"passback.forgive","member":77}', "not_found", "by the badges, this member is not in"),
    (b'{"do":"journal.replay","from":0}', "invalid", "\"from\" must be a row's number, from 1"),
    (b'{"do":"journal.replay"}', "invalid", "\"from\" must be a row's number, from 1"),
    (b'{"do":"journal.replay","from":1000000}', "not_found", "the journal does not reach that row yet"),
    (b'{"do":"journal.replay","from":9223372036854775807}', "not_found", "the journal does not reach that row yet"),
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
        peer.settimeout(60)
        self.addCleanup(peer.close)
        peer.connect(self.house.folder + "/run/" + name)
        return peer

    def assert_door_answers(self):
        self.assertIsNone(self.house.processes["loquetd"].poll(), self.house.log("loquetd"))
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("door.relocked", mark)
        self.house.take_badge()

    def setUp(self):
        self.house.wait_until_idle()

    def test_every_wrong_request_is_refused_with_its_word(self):
        head = self.house.mark()
        for request, word, text in WRONG_REQUESTS:
            if word is None:
                continue
            with self.subTest(request=request[:80]):
                peer = self.connect("control.sock")
                peer.send(request)
                answer = json.loads(peer.recv(65536))
                self.assertFalse(answer["ok"])
                self.assertEqual((answer["error"], answer["text"]), (word, text))
                peer.close()
        self.assertEqual(self.house.mark(), head)
        self.assert_door_answers()

    def test_no_request_goes_without_a_wrong_one(self):
        with open(os.path.join(ROOT, "firmware", "door", "control.c"), encoding="utf-8") as file:
            known = re.findall(r'^\t\{"([a-z_.]+)", lq_control_', file.read(), re.MULTILINE)
        self.assertGreater(len(known), 25)
        tried = b" ".join(request for request, _, _ in WRONG_REQUESTS).decode("utf-8", "replace")
        for name in known:
            self.assertIn('{"do":"%s"' % name, tried)

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
        self.house.wait_for(self.is_served, "room for one more")
        self.assert_door_answers()

    def is_served(self):
        try:
            return self.house.status()
        except StepFailed:  # it has not seen yet that the others have gone
            return None

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
        deadline = time.monotonic() + 60
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
