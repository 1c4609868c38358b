"""Rows that cannot be published are skipped and told of; a broker that refuses everything is not."""

import os
import unittest

from linkrig import BASE, DEADLINE_S, Loquetd, Rig, event, wait_for


class Rows(Rig):
    """A row that cannot be published is skipped and told of; the rows around it arrive."""

    protocol = "protocol = 5"

    def loquetd(self):
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.start(self.protocol)
        return loquetd.accept()

    def expect_skipped(self, loquetd, seq, words):
        message = loquetd.listen(lambda m: m.get("skipped") == seq, f"the skipping of {seq}")
        self.assertIn(words, message["text"])
        del self.journal.bodies[seq]

    def test_purged_rows_are_passed_in_silence(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(3000)
        self.journal.purge(1, 2, 7, *range(100, 2900), 3000)
        loquetd = self.loquetd()
        self.expect_exactly_once(office)
        loquetd.listen(lambda m: m.get("cursor") == 3000, "the cursor")
        self.assertEqual([m for m in loquetd.heard if "skipped" in m], [])

    def test_missing_rows_are_told_of_once(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(20)
        for seq in (5, 6, 7, 20):
            self.journal.remove(seq)
        loquetd = self.loquetd()
        gap = loquetd.listen(lambda m: "missing" in m.get("text", ""), "the gap")
        self.assertIn("rows 5 to 7 are missing", gap["text"])
        self.expect_exactly_once(office)
        loquetd.say({"replay": 1})
        wait_for(lambda: len(office.bodies()) == 2 * len(self.journal.bodies), "the replay")
        self.stop()
        self.assertEqual(self.words().count("missing"), 1)

    def test_a_body_that_does_not_match_its_hash_is_skipped(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(3)
        self.journal.append(event(4), body_hash=bytes(32))
        self.journal.fill(3)
        self.expect_skipped(self.loquetd(), 4, "hash")
        self.expect_exactly_once(office)

    def test_a_body_beyond_all_measure_is_skipped(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(3)
        self.journal.append(event(4, padding=70000))
        self.journal.fill(3)
        self.expect_skipped(self.loquetd(), 4, "too long")
        self.expect_exactly_once(office)

    def test_a_skipped_row_about_skipping_is_told_to_nobody(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(3)
        self.journal.append(event(4, "link.skipped", seq=1), body_hash=bytes(32))
        self.journal.fill(3)
        loquetd = self.loquetd()
        del self.journal.bodies[4]
        self.expect_exactly_once(office)
        loquetd.listen(lambda m: m.get("cursor") == 7, "the cursor")
        self.assertEqual([m for m in loquetd.heard if "skipped" in m], [])
        self.assertIn("row 4 is skipped", self.words())


class Loop(Rig):
    def test_skipping_what_tells_of_skipping_comes_to_an_end(self):
        """loquetd records each skipped row in a new row, and the broker refuses every row."""
        self.broker.configure("message_size_limit 50")
        self.broker.start()
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.make_journal().fill(3)
        self.start()
        loquetd.accept()
        for seq in (1, 2, 3):
            loquetd.listen(lambda m, seq=seq: m.get("skipped") == seq, f"the skipping of {seq}")
            self.journal.append(event(self.journal.next, "link.skipped", seq=seq))
            loquetd.say({"head": self.journal.next - 1})
        loquetd.listen(lambda m: m.get("cursor") == 6, "the cursor")
        self.assertEqual([m["skipped"] for m in loquetd.heard if "skipped" in m], [1, 2, 3])


class RowsMqtt311(Rows):
    protocol = "protocol = 3.1.1"


class Sizes(Rig):
    loquetd = Rows.loquetd
    expect_skipped = Rows.expect_skipped
    protocol = "protocol = 5"

    def size_of(self, topic, body):
        """The PUBLISH packet: MQTT 5, QoS 1, payload format and content type."""
        properties = 2 + 3 + len("application/cloudevents+json")
        remaining = 2 + len(topic) + 2 + 1 + properties + len(body)
        return 1 + (1 if remaining < 128 else 2) + remaining

    def test_a_row_too_large_for_the_broker_is_skipped_and_the_largest_fits(self):
        bodies = [event(1), event(2, padding=500), event(3, padding=501), event(4)]
        self.broker.configure(f"max_packet_size {self.size_of(BASE + '/events', bodies[1])}")
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().append(*bodies)
        self.expect_skipped(self.loquetd(), 3, "size")
        self.expect_exactly_once(office)

    def test_a_row_that_the_broker_answers_as_too_large_is_skipped(self):
        self.broker.configure("message_size_limit 1000")
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().append(event(1), event(2, padding=1000), event(3))
        self.expect_skipped(self.loquetd(), 2, "large")
        self.expect_exactly_once(office)

    def test_a_row_that_makes_the_broker_hang_up_is_found_out(self):
        """An MQTT 3.1.1 broker has no words for it. Rows before it bear witness: they come again."""
        self.protocol = "protocol = 3.1.1"
        self.broker.configure("max_packet_size 1000")
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().append(
            *[event(seq, padding=1000 if seq == 40 else 0) for seq in range(1, 51)])
        self.expect_skipped(self.loquetd(), 40, "hangs up")
        self.expect_all(office)


class Refusals(Rig):
    """A broker that refuses everything is waited for; nothing is skipped."""

    def acl(self, *lines):
        with open(self.acl_file, "w", encoding="ascii") as file:
            file.write("\n".join(["topic readwrite other/#", "topic read #", *lines, ""]))

    def expect_nothing_skipped(self, *lines):
        self.acl_file = os.path.join(self.folder, "acl")
        self.acl()
        self.broker.configure(f"acl_file {self.acl_file}", *lines)
        self.broker.start()
        office = self.client(BASE + "/events")
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.make_journal().fill(300)
        self.start()
        loquetd.accept()
        wait_for(lambda: self.words().count("disconnected") > 6, "many attempts", 4 * DEADLINE_S)
        self.assertEqual(self.cursor(), 0)
        self.broker.stop()  # a broker that changed its mind among rows on their way would mix them
        self.acl("topic readwrite #")
        self.broker.start()
        self.expect_exactly_once(office)
        loquetd.listen(lambda m: m.get("cursor") == 300, "the cursor")
        self.assertEqual([m for m in loquetd.heard if "skipped" in m], [])

    def test_an_access_list_that_forbids_the_events_skips_nothing(self):
        self.expect_nothing_skipped()
        self.assertIn("refuses the events: Not authorized", self.words())

    def test_a_broker_that_hangs_up_on_every_event_skips_nothing(self):
        """mosquitto 2.0.11 hangs up on what the access list forbids when its queue is unlimited."""
        self.expect_nothing_skipped("max_queued_messages 0")

    def test_a_wrong_password_is_said_and_tried_again(self):
        self.broker.configure("allow_anonymous false")
        self.broker.start()
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w", encoding="ascii") as file:
            file.write("guess\n")
        self.make_journal().fill(3)
        self.start("username = board", f"password_file = {secret}")
        wait_for(lambda: "Not authorized" in self.words(), "the refusal")
        self.assertNotIn("guess", self.words())
        self.broker.stop()
        self.broker.configure()
        self.broker.start()
        office = self.client(BASE + "/state")
        wait_for(lambda: office.last(BASE + "/state") is not None, "the connection")


if __name__ == "__main__":
    unittest.main()
