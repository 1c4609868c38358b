#!/usr/bin/python3
"""Which of the office's manifests loquetd is told to be its last word."""

import os
import unittest

from linkrig import Loquetd, Rig, wait_for

MANIFEST = "loquet/1/demo/roster/manifest"
OFFICE_KEY = "AQ" * 21 + "A"


class Manifests(Rig):
    protocol = "protocol = 5"
    broker_lines = ("log_type subscribe",)
    controller_lines = ("office_key = " + OFFICE_KEY,)

    def setUp(self):
        super().setUp()
        self.broker.start()
        self.make_journal().fill(1)
        self.loquetd = Loquetd(self.folder)
        self.addCleanup(self.loquetd.close)
        self.office = self.client()

    def go(self):
        before = self.subscriptions()
        self.start(self.protocol)
        self.loquetd.heard = []
        self.loquetd.accept()
        self.wait_for_subscription(before)

    def subscriptions(self):
        return self.broker.words().count(MANIFEST)

    def wait_for_subscription(self, before):
        self.loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        wait_for(lambda: self.subscriptions() > before, "the subscription")

    def hear(self):
        """Whether the next manifest is said to be the last word."""
        told = self.loquetd.listen(lambda m: m.get("roster") == "manifest", "a manifest")
        self.loquetd.heard = []
        return told.get("current", False)

    def say(self, retain=False):
        self.office.publish(MANIFEST, "a manifest", retain=retain)

    def test_what_the_broker_retains_is(self):
        self.say(retain=True)
        self.go()
        self.assertTrue(self.hear())
        self.say()
        self.assertTrue(self.hear(), "what comes behind it is")

    def test_what_comes_where_no_session_was_kept_is(self):
        self.go()
        self.say()
        self.assertTrue(self.hear())

    def test_what_comes_where_one_was_kept_may_be_old(self):
        self.go()
        self.stop()
        self.go()
        self.say()
        self.assertFalse(self.hear())

    def test_a_broker_that_forgot_the_session_kept_nothing_for_it(self):
        self.go()
        before = self.subscriptions()
        self.broker.stop()
        os.unlink(os.path.join(self.broker.folder, "mosquitto.db"))
        self.loquetd.heard = []
        self.broker.start()
        self.wait_for_subscription(before)
        self.office = self.client(name="office that came back")
        self.say()
        self.assertTrue(self.hear())


class ManifestsMqtt311(Manifests):
    protocol = "protocol = 3.1.1"


if __name__ == "__main__":
    unittest.main()
