"""A controller's calendar: a week with the change to summer time in it, the change back, the end of
a year, days without power, and no clock at all. One state folder, a boot for each.

What a tap should have brought is worked out a second time here, with Python's own time zones. LQ_SEED
repeats a run."""

import datetime
import os
import random
import tempfile
import unittest
import zoneinfo

from board import RELAY, Board, kind
from guest import Guest

SEED = int(os.environ.get("LQ_SEED") or random.SystemRandom().randrange(1 << 32))
ZONE = zoneinfo.ZoneInfo("Europe/Paris")
STATE = "/mnt/disk/loquet"
RETENTION_S = 90 * 24 * 3600  # by default
EXTENDED_S = 15
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)


def minute_of_the_week(day, hour):
    return day * 1440 + hour * 60


OFFICE = [(minute_of_the_week(day, 8), minute_of_the_week(day, 18)) for day in WORKDAYS]
# over midnight on Saturday, when summer time begins and ends, on Sunday, when the week begins
# again, and on Tuesday, when the year does
NIGHTS = [
    (minute_of_the_week(SATURDAY, 22), minute_of_the_week(SUNDAY, 6)),
    (minute_of_the_week(SUNDAY, 23), minute_of_the_week(SUNDAY, 24)),
    (minute_of_the_week(MONDAY, 0), minute_of_the_week(MONDAY, 1)),
    (minute_of_the_week(TUESDAY, 23), minute_of_the_week(WEDNESDAY, 1)),
]
ALWAYS, WORKER, OWL, GUEST, LODGER = (f"04a1b2c3d4e5{n:02x}" for n in range(5))
GUEST_UNTIL = "2031-01-02T12:00Z"
LODGER_UNTIL = "2040-01-01T00:00Z"

# What NTP does to the kernel's clock, beside setting it.
MARK = """
import ctypes, struct, sys
ADJ_MAXERROR, ADJ_STATUS = 0x4, 0x10
state = ctypes.create_string_buffer(struct.pack("@I4xqqqqi4x", ADJ_MAXERROR | ADJ_STATUS, 0, 0, 0, 0,
                                                int(sys.argv[1])), 208)
sys.exit(ctypes.CDLL(None).adjtimex(state) < 0)
"""
STA_UNSYNC = 0x40


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def within(periods, now):
    local = datetime.datetime.fromtimestamp(now, ZONE)
    minute = minute_of_the_week(local.weekday(), local.hour) + local.minute
    return any(begin <= minute < end for begin, end in periods)


def expected(uid, now):
    """The reason of the tap, by a calendar of our own."""
    if uid in (WORKER, OWL):
        allowed = within(OFFICE if uid == WORKER else NIGHTS, now)
        return "Granted" if allowed else "NotPermittedAtThisTime"
    if uid == GUEST and now >= seconds(GUEST_UNTIL):
        return "CredentialExpired"
    return "Granted"


class Life:
    """One boot of the board, from `start` on, to be ended by a cut."""

    def __init__(self, folder, start):
        self.guest = Guest(shared=folder, travel=start)
        try:
            self.board = Board(self.guest, STATE, release_ms=300)
            self.board.start_door()
            self.board.wait_for_door()
        except BaseException:
            self.guest.cut()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.guest.cut()

    def travel_to(self, when):
        self.guest.sleep(when - self.guest.clock())

    def mark_clock(self, status):
        """As synchronised (0) or not (STA_UNSYNC); loquetd looks once a second at the most."""
        self.guest.run("/usr/bin/python3", "-c", MARK, str(status))
        self.guest.sleep(2)

    def tap(self, uid):
        """Its row, once the door is locked again. The guest's time flies while it waits for the host's
        disk, so the row is waited for by the host's clock."""
        before = len(self.board.published())

        def told():
            return [row for row in self.board.published()[before:] if kind(row) in ("access.granted", "access.denied")]

        self.board.tap_once(uid)
        self.guest.wait_for(told, f"what is told of the badge {uid}")
        self.guest.sleep(0.4)
        return told()[0]

    def extended_release(self, during):
        """How long the relay was active, by the kernel's monotonic clock."""
        before = len(self.board.chip.changes(RELAY))
        self.board.control({"do": "door.open", "door": "front", "extended": True})
        during()
        self.guest.sleep(EXTENDED_S)
        up, down = self.board.chip.changes(RELAY)[before:]
        return down.time - up.time


def reason(row):
    return row.event["data"]["reason"].removeprefix("loquet:")


def time_of(row):
    return datetime.datetime.fromisoformat(row.event["time"].replace("Z", "+00:00")).timestamp()


class Calendar(unittest.TestCase):
    """The lives in their order; what each test looks at was taken down then."""

    @classmethod
    def setUpClass(cls):
        print(f"LQ_SEED={SEED}", flush=True)
        cls.random = random.Random(SEED)
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.taps = []
        cls.published = []
        cls.live_a_week()
        cls.live_back_in_winter()
        cls.live_into_a_year()
        cls.live_after_three_days_off()
        cls.live_without_a_clock()

    @classmethod
    def life(cls, start):
        return Life(cls.folder, seconds(start))

    @classmethod
    def keep(cls, life):
        cls.published.append(life.board.published())

    @classmethod
    def try_at(cls, life, *texts, uids=(WORKER, OWL)):
        for text in texts:
            life.travel_to(seconds(text))
            for uid in uids:
                cls.taps.append((uid, life.guest.clock(), life.tap(uid)))

    @classmethod
    def live_a_week(cls):
        with cls.life("2030-03-25T05:00Z") as life:
            control = life.board.control
            for name, periods in (("office", OFFICE), ("nights", NIGHTS)):
                control({"do": "schedule.set", "name": name, "periods": periods})
                policies = [{"access_point": "*", "schedule": name}]
                control({"do": "profile.set", "name": name, "policies": policies})
            until = seconds(GUEST_UNTIL)
            for uid, profile, more in (
                (ALWAYS, "always", {}),
                (WORKER, "office", {}),
                (OWL, "nights", {}),
                (GUEST, "always", {"valid_to": until}),
                (LODGER, "always", {"valid_to": seconds(LODGER_UNTIL)}),
            ):
                member = control({"do": "member.add", "name": uid, "profile": profile})["member"]
                control({"do": "badge.enrol", "member": member, "uid": uid, **more})
            for day in range(25, 30):
                hour, minute = cls.random.randrange(6, 20), cls.random.randrange(60)
                cls.try_at(life, f"2030-03-{day}T{hour:02}:{minute:02}Z")
            cls.try_at(life, "2030-03-30T20:59Z", "2030-03-30T21:01Z")
            life.travel_to(seconds("2030-03-31T00:59:50Z"))
            cls.spring = life.extended_release(lambda: None)
            cls.try_at(
                life, "2030-03-31T01:01Z", "2030-03-31T03:59Z", "2030-03-31T04:01Z",
                "2030-03-31T20:59Z", "2030-03-31T21:59Z", "2030-03-31T22:01Z",
                "2030-03-31T23:01Z", "2030-04-01T05:59Z", "2030-04-01T06:01Z",
            )
            cls.keep(life)

    @classmethod
    def live_back_in_winter(cls):
        with cls.life("2030-10-27T00:30Z") as life:
            cls.try_at(life, "2030-10-27T00:31Z")
            life.travel_to(seconds("2030-10-27T00:59:50Z"))
            cls.autumn = life.extended_release(lambda: None)
            cls.try_at(life, "2030-10-27T01:30Z", "2030-10-27T04:59Z", "2030-10-27T05:01Z")
            cls.keep(life)

    @classmethod
    def live_into_a_year(cls):
        with cls.life("2030-12-31T21:58Z") as life:
            cls.try_at(life, "2030-12-31T21:59Z", "2030-12-31T22:59:59Z", "2030-12-31T23:00:01Z",
                       "2030-12-31T23:59:59Z", "2031-01-01T00:00:01Z")
            cls.try_at(life, "2031-01-01T09:00Z", uids=(GUEST,))
            cls.keep(life)

    @classmethod
    def live_after_three_days_off(cls):
        with cls.life("2031-01-04T09:00Z") as life:
            cls.try_at(life, "2031-01-04T09:01Z", uids=(ALWAYS, WORKER, OWL, GUEST))
            cls.keep(life)

    @classmethod
    def live_without_a_clock(cls):
        with Life(cls.folder, 0) as life:
            everybody = (ALWAYS, WORKER, OWL, GUEST, LODGER)
            cls.without_clock = {uid: life.tap(uid) for uid in everybody}
            life.guest.sleep(60)
            cls.a_minute_later = life.tap(ALWAYS)
            life.board.restart_door("clock_trust = unset")
            cls.any_clock_will_do = {uid: life.tap(uid) for uid in everybody}
            life.board.restart_door("clock_trust = synchronised")
            # somebody sets it, as NTP would, while the door is released
            cls.clock_set = life.extended_release(
                lambda: life.guest.run("date", "-u", "-s", "2031-01-06 09:00:00")
            )
            cls.not_synchronised = life.tap(LODGER)
            life.mark_clock(0)
            cls.synchronised = life.tap(LODGER)
            life.mark_clock(STA_UNSYNC)
            life.board.restart_door()
            cls.try_at(life, "2031-01-06T09:05Z", uids=everybody)
            cls.keep(life)
            cls.journal = life.board.journal()
            cls.verified = life.board.verify()

    def test_every_tap_is_judged_as_the_calendar_says(self):
        granted = 0
        for uid, now, row in self.taps:
            with self.subTest(datetime.datetime.fromtimestamp(now, ZONE).isoformat(), uid=uid):
                self.assertEqual(reason(row), expected(uid, now))
            granted += reason(row) == "Granted"
        self.assertGreater(granted, 15)
        self.assertGreater(len(self.taps) - granted, 15)

    def test_every_tap_has_the_time_of_the_clock_and_its_trust(self):
        for _, now, row in self.taps:
            self.assertLess(abs(time_of(row) - now), 1)
            self.assertEqual(row.event["loquetclock"], "rtc")

    def test_a_release_lasts_as_long_as_it_should_whatever_the_calendar_does(self):
        for name in ("spring", "autumn", "clock_set"):
            with self.subTest(name):
                self.assertAlmostEqual(getattr(self, name), EXTENDED_S, delta=0.01)

    def test_without_a_clock_only_rights_without_limits_hold(self):
        reasons = {uid: reason(row) for uid, row in self.without_clock.items()}
        self.assertEqual(reasons, {
            ALWAYS: "Granted", WORKER: "ClockNotTrusted", OWL: "ClockNotTrusted",
            GUEST: "ClockNotTrusted", LODGER: "ClockNotTrusted",
        })
        for row in self.without_clock.values():
            self.assertEqual(row.event["loquetclock"], "unset")

    def test_without_a_clock_limits_are_judged_by_the_last_time_where_that_is_wanted(self):
        reasons = {uid: reason(row) for uid, row in self.any_clock_will_do.items()}
        self.assertEqual(reasons, {
            ALWAYS: "Granted", WORKER: "NotPermittedAtThisTime", OWL: "NotPermittedAtThisTime",
            GUEST: "CredentialExpired", LODGER: "Granted",
        })
        for row in self.any_clock_will_do.values():
            self.assertEqual(row.event["loquetclock"], "unset")
        self.assertGreaterEqual(time_of(self.any_clock_will_do[ALWAYS]),
                                time_of(self.a_minute_later))

    def test_where_a_synchronised_clock_is_asked_for_one_that_somebody_set_is_not_enough(self):
        told = [(reason(row), row.event["loquetclock"])
                for row in (self.not_synchronised, self.synchronised)]
        self.assertEqual(told, [("ClockNotTrusted", "rtc"), ("Granted", "synchronised")])

    def test_without_a_clock_time_goes_on_from_where_it_was(self):
        last = max(map(time_of, self.published[3]))
        first = time_of(self.without_clock[ALWAYS])
        self.assertGreaterEqual(first, last)
        self.assertLess(first, last + 10)
        passed = time_of(self.a_minute_later) - time_of(self.without_clock[GUEST])
        self.assertAlmostEqual(passed, 60, delta=2)

    def test_the_journal_has_all_of_it_in_the_order_of_time(self):
        self.assertTrue(self.verified["holds"])
        self.assertEqual([row.seq for row in self.journal], list(range(1, len(self.journal) + 1)))
        whole = [row for row in self.journal if row.event]
        times = [row.event["time"] for row in whole]
        self.assertEqual(times, sorted(times))
        for row in (row for life in self.published for row in life):
            if self.journal[row.seq - 1].event:
                self.assertEqual(row, self.journal[row.seq - 1])
            else:
                self.assertLess(time_of(row), time_of(whole[-1]) - RETENTION_S)
        starts = [row for row in whole if kind(row) == "controller.started"]
        self.assertEqual([row.event["loquetclock"] for row in starts],
                         ["rtc"] * 4 + ["unset"] * 3 + ["rtc"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
