"""A whole space: a house whose door takes its roster from the office beside it, with a reader at its
entry and one at its exit, and demo data in the office.

    with Space(build) as space:
        space.start()           # or open(), for a space in which there is nobody yet
        space.desk.get("now")
"""

import os
import subprocess
import time

import data
from desk import Desk
from house import House, StepFailed

EXIT = "pn532-out"
SPACE = "demo"  # as House writes it


def local_zone():
    """The machine's time zone, so that the page shows the hours of whoever looks at it."""
    _, found, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return name if found else "UTC"


class Space(House):
    def __init__(self, build, language="en", weeks=4, **options):
        os.environ["TZ"] = local_zone()
        time.tzset()
        # The business day is not to end while somebody plays.
        self.day_cut = 8 if time.localtime().tm_hour < 4 else 4
        super().__init__(build, language=language, settings="time_zone = %s\nday_cut = %d\n" % (
            os.environ["TZ"], self.day_cut), **options)
        self.sections = ("[reader front-out]\ndoor = front\ndirection = exit\n"
                         "device = pn532_uart:%s/%s\nuid_badges = yes\n" % (self.folder, EXIT))
        self.desk = Desk(self.office_port, language)
        self.people = {}  # name -> "p17"
        self.weeks = weeks  # of visits before

    def take_office_key(self):
        os.mkdir(self.folder + "/state", 0o700)
        self.write_config()
        lines = subprocess.run(
            [self.program("loquet-office"), "--config", self.config, "--lang", "en", "key"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False).stdout
        own, section, rest = lines.partition("[command office]")
        if not section:
            raise StepFailed("loquet-office key told nothing")
        self.settings += next(line for line in own.splitlines() if line.startswith("office_key")) + "\n"
        self.sections += section + rest

    def day_begins(self):
        today = time.localtime(time.time() - self.day_cut * 3600)
        return time.mktime((*today[:3], self.day_cut, 0, 0, 0, 0, -1))

    def start(self):
        self.open()
        self.people = data.put_rules_and_people(self.desk, self.language)
        last = data.put_visits(self.port, SPACE, data.visits(
            SPACE, self.people, self.day_begins(), self.weeks))
        self.wait_for(lambda: data.visits_are_in(self.desk, last), "the past visits' arrival")
        data.draw_figures(self.desk, self.weeks)
        self.wait_for(lambda: len(self.loquet("badge", "list")) == len(data.NAMES),
                      "the roster's arrival at the door")

    def open(self):
        self.take_office_key()
        self.start_sim(EXIT)
        super().start()
        self.start_reader("front-out")
        self.start_office()
        self.wait_for(lambda: all(reader["state"] == "online" for reader in self.status()["readers"]),
                      "the readers' start")

    def who_is_in(self):
        """Names as the page shows them; None is somebody who is hidden."""
        return [one["name"] for zone in self.desk.get("now")["zones"] for one in zone["present"]]
