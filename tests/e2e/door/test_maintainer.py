"""A maintainer's badge outlives everything that a door can lose; a member's does not."""

import glob
import os
import shutil
import signal
import subprocess
import unittest

from house import House

BUILD = os.environ["LOQUET_BUILD"]
MEMBER = "04a1b2c3d4e5f6"
SPARE = "045a5a5a5a5a5a"


class Losses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house = House(BUILD, pace=None, release_ms=300, sections="")
        cls.addClassCleanup(house.close)
        house.settings = "maintainers = %s/maintainers" % house.folder
        house.write_config()
        house.start_sim()
        house.start_door()
        house.start_reader()
        cls.wait_for_reader()
        house.loquet("member", "add", "Ada Example")
        house.loquet("badge", "enrol", "m1", "--uid", MEMBER)
        enrolment = subprocess.Popen(
            [house.program("loquet"), "--config", house.config, "--json", "maintainer", "add",
             "spare"], stdout=subprocess.PIPE)
        enrolment.stdout.readline()
        cls.present(SPARE)
        done, _ = enrolment.communicate(timeout=60)
        assert b'"maintainers":1' in done.replace(b" ", b""), done
        assert b'"read":true' in done.replace(b" ", b""), done
        cls.away()

    @classmethod
    def wait_for_reader(cls):
        cls.house.wait_for(
            lambda: cls.house.status()["readers"][0]["state"] == "online", "the reader")

    @classmethod
    def present(cls, uid):
        cls.house.sim("present 0 type=ntag213 uid=" + uid)

    @classmethod
    def away(cls):
        cls.house.take_badge()

    def tap(self, uid):
        """What the journal says of it."""
        house = self.house
        house.wait_until_idle()
        house.start_watch()
        mark = house.mark()
        self.present(uid)
        _, item = house.watch.wait(
            lambda item: item["seq"] > mark and item["event"]["type"].startswith("org.loquet.access."))
        found = item["event"]
        self.away()
        house.stop("watch")
        return found["type"].split(".")[3], found["data"]

    def lose(self, what):
        """Ends loquetd as a power cut would, loses something, and starts it again."""
        house = self.house
        house.stop("loquetd", signal.SIGKILL)
        what()
        house.start_door()
        self.wait_for_reader()

    def assert_maintainer_alone_opens(self):
        noun, data = self.tap(MEMBER)
        self.assertEqual((noun, data.get("reason")), ("denied", "CredentialNotFound"))
        noun, data = self.tap(SPARE)
        self.assertEqual((noun, data["reason"], data["actor"]),
                         ("overridden", "loquet:Maintainer", "spare"))

    def state(self, name):
        return os.path.join(self.house.folder, "state", name)

    def test_every_loss_in_turn(self):
        self.assertEqual(self.tap(MEMBER)[0], "granted")
        keep = self.house.folder + "/kept"
        self.house.stop("loquetd")
        shutil.copytree(self.house.folder + "/state", keep)
        self.house.start_door()
        self.wait_for_reader()

        def restore():
            shutil.rmtree(self.house.folder + "/state")
            shutil.copytree(keep, self.house.folder + "/state")

        def remove_database():
            for path in glob.glob(self.state("door.db*")):
                os.unlink(path)

        def damage_database():
            for path in glob.glob(self.state("door.db*")):
                os.unlink(path)
            with open(self.state("door.db"), "wb") as file:
                file.write(os.urandom(65536))

        def remove_key():
            os.unlink(self.state("uid.key"))

        def damage_keys():
            for name in ("uid.key", "controller.key"):
                with open(self.state(name), "wb") as file:
                    file.write(b"\0" * 65)

        def remove_everything():
            shutil.rmtree(self.house.folder + "/state")

        for loss in (remove_database, damage_database, remove_key, damage_keys,
                     remove_everything):
            with self.subTest(loss.__name__):
                self.lose(lambda loss=loss: (restore(), loss()))
                self.assert_maintainer_alone_opens()
                alarms = " ".join(self.house.status()["alarms"])
                self.assertIn("maintainer's badge was used since the start: spare at front",
                              alarms)
                self.assertEqual("keys are lost" in alarms,
                                 loss in (remove_key, damage_keys))
                if loss is remove_key:
                    self.assertIn("restore uid.key from the backup", self.house.log("loquetd"))
                if loss is damage_keys:
                    self.assertIn("restore controller.key and uid.key from", self.house.log("loquetd"))
        self.lose(restore)
        self.assertEqual(self.tap(MEMBER)[0], "granted")
        self.house.loquet("maintainer", "remove", "spare")
        self.assertEqual(self.tap(SPARE)[0], "denied")


if __name__ == "__main__":
    unittest.main()
