"""What the retained topics say: the controller's state with its last will, and each door's."""

import json
import os
import signal
import unittest

from linkrig import BASE, FIGURES, Loquetd, Rig, event, wait_for

STATE = BASE + "/state"
HEALTH = BASE + "/health"
COUNTS = {"time": "2026-01-01T10:00:00.000Z", "total": 3,
          "zones": [{"zone": "space", "count": 3, "at_least": True}]}
OCCUPANCY = BASE + "/occupancy"
DOOR = BASE + "/doors/front/state"


class State(Rig):
    protocol = "protocol = 5"

    def setUp(self):
        super().setUp()
        self.broker.start()
        self.make_journal()

    def say(self, name, **data):
        self.journal.append(event(self.journal.next, name, **data))

    def expect(self, client, topic, **expected):
        def fits():
            last = client.last(topic)
            return last is not None and all(last.get(k) == v for k, v in expected.items())
        wait_for(fits, f"{expected} on {topic} (last: {client.last(topic)})")

    def test_the_state_is_retained_online_and_offline(self):
        self.start(self.protocol)
        office = self.client(STATE)
        self.expect(office, STATE, state="online", version="0.1.0")
        self.assertEqual(self.stop(), 0)
        self.expect(office, STATE, state="offline", reason="stopped")
        later = self.client(STATE, name="later")
        self.expect(later, STATE, state="offline")
        self.assertTrue(later.messages(STATE)[0].retain)

    def test_the_last_will_speaks_when_the_link_is_killed(self):
        self.start(self.protocol)
        office = self.client(STATE)
        self.expect(office, STATE, state="online")
        self.stop(signal.SIGKILL)
        self.expect(office, STATE, state="offline", reason="lost")
        self.start(self.protocol)
        self.expect(office, STATE, state="online")

    def test_a_door_without_events_is_unknown(self):
        self.journal.fill(5)
        self.start(self.protocol)
        office = self.client(DOOR)
        self.expect(office, DOOR, door="front", mode="unknown", contact="unknown", seq=0)

    def test_the_door_follows_its_events(self):
        office = self.client(DOOR)
        self.start(self.protocol)
        self.say("controller.started")
        self.expect(office, DOOR, mode="Locked", contact="unknown", seq=1)
        self.say("door.released", cause="access")
        self.expect(office, DOOR, mode="Accessed", contact="unknown", seq=2)
        self.say("door.opened", expected=True)
        self.expect(office, DOOR, mode="Accessed", contact="open", seq=3)
        self.say("door.relocked", cause="release_time")
        self.say("door.closed")
        self.expect(office, DOOR, mode="Locked", contact="closed", seq=5)
        self.say("door.fault", cause="inputs")
        self.expect(office, DOOR, mode="Locked", contact="unknown", seq=6)
        self.say("controller.stopped", cause="signal")
        self.expect(office, DOOR, mode="unknown", contact="unknown", seq=7)
        self.say("door.opened", door="back")
        self.say("door.released", cause="access")
        self.expect(office, DOOR, mode="Accessed", seq=9)

    def test_after_a_start_only_the_newest_state_is_told(self):
        self.say("controller.started")
        for _ in range(300):
            self.say("door.released", cause="access")
            self.say("door.relocked", cause="release_time")
        self.say("door.opened", expected=False)
        office = self.client(BASE + "/#")
        self.start(self.protocol)
        self.expect(office, DOOR, mode="Locked", contact="open", seq=602)
        self.expect_all(office)
        self.assertLessEqual(len(office.messages(DOOR)), 3)

    def test_after_a_long_outage_the_newest_state_comes_before_the_backlog_is_through(self):
        office = self.client(BASE + "/#")
        self.start(self.protocol)
        self.expect(office, STATE, state="online")
        self.broker.stop()
        self.say("door.opened")
        self.journal.fill(12000)
        self.say("door.closed")
        self.broker.start()
        self.expect(office, DOOR, contact="closed", seq=12002)
        self.expect_all(office)
        self.assertEqual([json.loads(m.payload)["contact"] for m in office.messages(DOOR)][-1],
                         "closed")

    def test_home_assistant_is_told_of_the_door_and_told_again_when_it_is_not_to_know(self):
        path = "%s/device/loquet-demo-front-board/front/config"
        first, other = path % "homeassistant", path % "elsewhere"
        back = first.replace("/front/", "/back/")
        office = self.client(STATE, first, other, back)
        self.start(self.protocol)
        self.expect(office, STATE, state="online")
        self.assertEqual(self.stop(), 0)
        self.assertFalse(os.path.exists(self.folder + "/link.discovery"))
        self.assertEqual(office.messages(first), [])

        self.start(self.protocol, "home_assistant = yes")
        self.expect(office, first, state_topic=DOOR, qos=1)
        device = office.last(first)
        self.assertEqual(set(device["components"]),
                         {"lock", "mode", "contact", "forced_open", "held_open", "persons", "occupied"})
        self.assertEqual(device["components"]["contact"]["unique_id"],
                         "loquet-demo-front-board-front-contact")
        self.stop(signal.SIGKILL)
        self.start(self.protocol, "home_assistant = yes", "[door back]\nrelay = 18\nbolt = 22")
        wait_for(lambda: len(office.messages(first)) == 2, "the same again")
        wait_for(lambda: office.last(back), "the other door")
        self.assertEqual(set(office.last(back)["components"]), {"lock", "mode", "mismatch"})
        self.assertEqual(office.last(first), device)
        later = self.client(first, name="later")
        wait_for(lambda: later.last(first) == device, "the retained message")
        self.assertTrue(later.messages(first)[0].retain)
        self.assertEqual(self.stop(), 0)

        self.start(self.protocol, "home_assistant = yes", "home_assistant_prefix = elsewhere")
        self.expect(office, other, state_topic=DOOR)
        wait_for(lambda: office.messages(first)[-1].payload == b"", "the removal")
        self.assertEqual(self.stop(), 0)
        self.start(self.protocol)
        wait_for(lambda: office.messages(other)[-1].payload == b"", "the other removal")
        wait_for(lambda: os.path.getsize(self.folder + "/link.discovery") == 0, "the note's end")
        last = self.client(first, other, STATE, name="last")
        self.expect(last, STATE, state="online")
        self.assertEqual(last.messages(first) + last.messages(other), [])

    def test_the_counts_are_retained_told_again_after_an_outage_and_taken_back(self):
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.start(self.protocol)
        loquetd.accept().say({"occupancy": COUNTS})
        office = self.client(OCCUPANCY)
        self.expect(office, OCCUPANCY, loquetd="running", total=3)
        self.broker.stop()
        loquetd.say({"occupancy": COUNTS | {"total": 2}})
        loquetd.say({"occupancy": "two"})
        self.broker.start()
        self.expect(office, OCCUPANCY, total=2, zones=COUNTS["zones"])
        later = self.client(OCCUPANCY, name="later")
        self.expect(later, OCCUPANCY, total=2)
        self.assertTrue(later.messages(OCCUPANCY)[0].retain)
        loquetd.peer.close()
        self.expect(office, OCCUPANCY, loquetd="absent")
        self.assertEqual(office.last(OCCUPANCY), {"loquetd": "absent"})

    def test_loquetd_hears_of_the_connection_and_the_cursor(self):
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.start(self.protocol)
        loquetd.accept()
        loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        office = self.client(BASE + "/events", HEALTH)
        self.journal.fill(7)
        loquetd.say({"head": 7})
        loquetd.listen(lambda m: m.get("cursor") == 7, "the cursor")
        self.expect_exactly_once(office)
        loquetd.say(b"not JSON")
        loquetd.say({"unknown": 1, "head": "x"})
        loquetd.say({"replay": 5})
        wait_for(lambda: len(office.bodies()) == 10, "the replay")
        self.assertEqual(office.bodies()[7:], [self.journal.bodies[n] for n in (5, 6, 7)])
        loquetd.say({"health": FIGURES})
        self.expect(office, HEALTH, loquetd="running", readers=FIGURES["readers"])
        link = office.last(HEALTH)["link"]
        self.assertEqual((link["cursor"], link["backlog"], link["skipped"]), (7, 0, 0))
        self.assertEqual(office.last(HEALTH)["versions"]["sqlite"], "3.40.1")
        self.assertGreater(office.last(HEALTH)["disk"]["free_bytes"], 0)
        loquetd.peer.close()
        self.expect(office, HEALTH, loquetd="absent")
        loquetd.accept()
        self.broker.stop()
        loquetd.listen(lambda m: m.get("link") == "disconnected", "the outage")


class StateMqtt311(State):
    protocol = "protocol = 3.1.1"


if __name__ == "__main__":
    unittest.main()
