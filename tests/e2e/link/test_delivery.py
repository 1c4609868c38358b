"""Every row arrives, in order, whatever stops in between."""

import signal
import time
import unittest

from linkrig import BASE, Network, Rig, wait_for


class Delivery(Rig):
    def test_rows_arrive_once_in_order_with_their_exact_bytes(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(1000)
        self.start()
        self.expect_exactly_once(office)
        self.journal.fill(3)
        self.expect_exactly_once(office)
        first = office.messages(BASE + "/events")[0]
        self.assertEqual(first.qos, 1)
        self.assertFalse(first.retain)
        self.assertEqual(first.properties.ContentType, "application/cloudevents+json")
        self.assertEqual(first.properties.PayloadFormatIndicator, 1)
        wait_for(lambda: self.cursor() == 1003, "the cursor's move")
        self.assertEqual(self.stop(), 0)

    def test_a_restart_goes_on_where_the_cursor_stands(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(50)
        self.start()
        self.expect_exactly_once(office)
        self.assertEqual(self.stop(), 0)
        self.assertEqual(self.cursor(), 50)
        self.journal.fill(50)
        self.start()
        self.expect_exactly_once(office)

    def test_nothing_is_lost_when_the_broker_comes_and_goes(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal()
        self.start()
        for _ in range(4):
            self.journal.fill(500)
            wait_for(lambda: len(office.seen) > self.journal.next - 400, "progress")
            self.broker.stop()
            self.journal.fill(100)
            self.broker.start()
        self.expect_all(office)

    def test_nothing_is_lost_when_the_link_is_killed(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(20000)
        for round_ in range(5):
            self.start("window = 20")
            wait_for(lambda: len(office.seen) > 2000 * (round_ + 1), "progress")
            self.stop(signal.SIGKILL)
        self.start()
        self.expect_all(office)

    def test_what_the_network_swallowed_is_published_again(self):
        """Sent is not arrived: the cursor waits for the broker's word."""
        self.broker.start()
        office = self.client(BASE + "/events")
        network = Network(self.broker.port)
        self.addCleanup(network.close)
        self.make_journal().fill(10)
        self.start(port=network.port)
        self.expect_exactly_once(office)
        wait_for(lambda: self.cursor() == 10, "the cursor")
        network.swallowing = True
        self.journal.fill(50)
        time.sleep(2)  # so that a link which saves too early has done so
        self.stop(signal.SIGKILL)
        self.assertEqual(self.cursor(), 10)
        self.assertEqual(len(office.bodies()), 10)
        self.start()
        self.expect_exactly_once(office)

    def test_a_broker_that_is_not_there_yet_is_waited_for(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.broker.stop()
        self.make_journal().fill(10)
        self.start()
        wait_for(lambda: "disconnected" in self.words(), "the failure")
        self.broker.start()
        self.expect_exactly_once(office)
    def test_a_broker_that_takes_few_at_a_time(self):
        self.broker.configure("max_inflight_messages 3")
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(500)
        self.start("window = 200")
        self.expect_exactly_once(office)
        wait_for(lambda: self.cursor() == 500, "the cursor's end")

    def test_a_broker_that_freezes_is_left_and_found_again(self):
        self.broker.start()
        office = self.client(BASE + "/events")
        self.make_journal().fill(10)
        self.start("keepalive_s = 5")
        self.expect_exactly_once(office)
        self.broker.process.send_signal(signal.SIGSTOP)
        try:
            self.journal.fill(10)
            wait_for(lambda: "disconnected" in self.words(), "the loss")
        finally:
            self.broker.process.send_signal(signal.SIGCONT)
        self.expect_all(office)


if __name__ == "__main__":
    unittest.main()
