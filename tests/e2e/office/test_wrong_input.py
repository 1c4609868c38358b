#!/usr/bin/python3
"""Every call given what it cannot take: the status, the problem in both languages, and a database that
is as it was. What can be derived from schemas/openapi.yaml is; what it cannot tell stands in tables."""

import json
import os
import socket
import sqlite3
import subprocess
import time
import unittest

from officerig import Office, description

BUILD = os.environ["LOQUET_BUILD"]
API = "/api/v1"
PASSWORD = "correct horse"
JSON = "application/json"
CSV = "text/csv"
HOUR_S = 3600
NOWHERE = "http://127.0.0.1:9/"
MOST_BYTES = 1 << 20
MOST_BYTES_OF_NOBODY = 1 << 14
MOST_BYTES_OF_CSV = 1 << 25
# What the office does by itself, or by every call.
MOVES = {"login", "figure", "figure_due", "ledger", "sqlite_sequence"}


def moment(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def day(days_from_now):
    return moment(days_from_now * 24 * HOUR_S)[:10]


def visitor(**changes):
    return {"name": "Vi Example", "from": moment(0), "to": moment(HOUR_S), "purpose": "x", **changes}


def event(**changes):
    return {"title": "x", "from": "2031-03-04T12:00", "to": "2031-03-04T14:00", "who": "members",
            **changes}


def visit(**changes):
    return {"person": "p1", "zone": "space", "checkIn": moment(-60), "reason": "x", **changes}


# What each call with a body takes, by what furnish() has made.
GOOD = {
    ("POST", "/first-run"): {"title": "x", "name": "eve", "password": PASSWORD},
    ("POST", "/session"): {"name": "ada", "password": PASSWORD},
    ("PUT", "/session/password"): {"password": PASSWORD, "newPassword": PASSWORD + " again"},
    ("POST", "/accounts"): {"name": "eve", "role": "operator", "password": PASSWORD},
    ("PATCH", "/accounts/2"): {"role": "operator"},
    ("POST", "/tokens"): {"name": "new", "scopes": ["now"]},
    ("PATCH", "/settings"): {"title": "x"},
    ("POST", "/people"): {"name": "Eve Example"},
    ("PATCH", "/people/p1"): {"board": True},
    ("POST", "/people/p1/badges"): {"uid": "04aabbccddeeff"},
    ("PATCH", "/badges/1"): {"label": "x"},
    ("POST", "/visitors"): visitor(),
    ("PATCH", "/visitors/p2"): {"purpose": "x"},
    ("POST", "/visitors/p2/badge"): {"badge": 2},
    ("PUT", "/schedules/office"): {"periods": []},
    ("PUT", "/profiles/weekdays"): {"policies": []},
    ("PUT", "/special-days/holidays"): {"days": []},
    ("PUT", "/door-hours/front"): {"schedule": "office"},
    ("PUT", "/board-members/front-board/m1"): {"name": "Bo Example"},
    ("POST", "/events"): event(),
    ("PATCH", "/events/e1"): {"title": "x"},
    ("POST", "/calendar-feeds"): {"name": "x"},
    ("POST", "/muster/freeze"): {"frozen": False},
    ("POST", "/muster/ticks"): {"person": "p1", "ticked": True},
    ("POST", "/muster/drill"): {"began": moment(-600), "ended": moment(-60), "remarks": ""},
    ("POST", "/visits"): visit(),
    ("PATCH", "/visits/{visit}"): {"reason": "x"},
    ("POST", "/webhooks"): {"url": NOWHERE, "types": ["door.alarm"]},
    ("PATCH", "/webhooks/1"): {"active": False},
    ("PATCH", "/zones/space"): {"soft": 1},
    ("POST", "/doors/front-board/front/open"): {"reason": "x"},
    ("POST", "/doors/front-board/front/mode"): {"reason": "x", "mode": "Locked"},
}

# (method, path, body, status, problem, pointer)
SENSE = [
    ("POST", "/accounts", {"name": "ada", "role": "operator", "password": PASSWORD}, 409, "exists", "/name"),
    ("PATCH", "/accounts/2", {"name": "ada"}, 409, "exists", "/name"),
    ("PATCH", "/accounts/1", {"role": "auditor"}, 409, "last_manager", None),
    ("DELETE", "/accounts/1", None, 409, "last_manager", None),
    ("PUT", "/session/password", {"password": PASSWORD, "newPassword": PASSWORD}, 400, "same_password", "/newPassword"),
    ("POST", "/first-run", {"title": "x", "name": "eve", "password": PASSWORD}, 409, "set_up", None),
    ("POST", "/tokens", {"name": "t", "scopes": ["now"]}, 409, "exists", "/name"),
    ("POST", "/tokens", {"name": "u", "scopes": ["now", "wine"]}, 400, "invalid", "/scopes"),
    ("POST", "/people", {"name": "Eve Example", "profile": "wine"}, 400, "unknown_profile", "/profile"),
    ("POST", "/people", {"name": "Eve Example", "externalId": "x/1"}, 409, "exists", "/externalId"),
    ("POST", "/people", {"name": "Eve\tExample"}, 400, "invalid", "/name"),
    ("POST", "/people", {"name": "Eve\u202eExample"}, 400, "invalid", "/name"),
    ("PATCH", "/people/p2", {"externalId": "x/1"}, 409, "exists", "/externalId"),
    ("PATCH", "/people/p1", {"profile": "wine", "name": "Eve Example"}, 400, "unknown_profile", "/profile"),
    ("POST", "/people/p1/badges", {"uid": "04a1b2c3d4e5f6"}, 409, "exists", "/uid"),
    ("POST", "/people/p1/badges", {"uid": "08a1b2c3"}, 400, "invalid", "/uid"),
    ("POST", "/people/p1/badges", {"uid": "00000000"}, 400, "invalid", "/uid"),
    ("POST", "/people/p1/badges", {"uid": "04a1b2"}, 400, "invalid", "/uid"),
    ("POST", "/people/p1/badges", {}, 400, "needed", None),
    ("POST", "/people/p1/badges", {"uid": "04aabbccddeeff", "door": "front"}, 400, "needed", None),
    ("POST", "/people/p1/badges", {"door": "front", "label": "x"}, 400, "needed", None),
    ("POST", "/people/p1/badges", {"uid": "04aabbccddeeff", "reader": "front-in"}, 400, "needed", None),
    ("POST", "/people/p1/badges", {"reader": "front-in"}, 400, "needed", None),
    ("POST", "/people/p1/badges", {"door": "front", "reader": "A"}, 400, "invalid", "/reader"),
    ("POST", "/people/p1/badges", {"door": "nowhere"}, 404, "not_found", "/door"),
    ("POST", "/people/p1/badges", {"uid": "04aabbccddeeff", "validFrom": moment(HOUR_S), "validTo": moment(0)},
     400, "span", "/validTo"),
    ("PATCH", "/badges/1", {"validFrom": moment(HOUR_S), "validTo": moment(0)}, 400, "span", "/validTo"),
    ("PATCH", "/badges/1", {"uid": "04aabbccddeeff"}, 400, "unknown_member", "/uid"),
    ("PATCH", "/badges/1", {"validFrom": "2026-02-30T12:00:00Z"}, 400, "invalid", "/validFrom"),
    ("PATCH", "/badges/1", {"validFrom": "1969-12-31T12:00:00Z"}, 400, "invalid", "/validFrom"),
    ("PATCH", "/badges/1", {"validFrom": "9999-12-31T23:59:59-14:00"}, 400, "invalid", "/validFrom"),
    ("POST", "/visitors", visitor(to=moment(-HOUR_S)), 400, "invalid", "/to"),
    ("POST", "/visitors", visitor(to=moment(400 * 24 * HOUR_S)), 400, "invalid", "/to"),
    ("POST", "/visitors", visitor(host="p99"), 400, "unknown_person", "/host"),
    ("POST", "/visitors", visitor(profile="wine"), 400, "unknown_profile", "/profile"),
    ("PATCH", "/visitors/p2", {"to": moment(-9 * HOUR_S)}, 400, "invalid", "/to"),
    ("PATCH", "/visitors/p2", {"host": "p99", "purpose": "y"}, 400, "unknown_person", "/host"),
    ("POST", "/visitors/p2/badge", {}, 400, "needed", None),
    ("POST", "/visitors/p2/badge", {"badge": 2, "door": "front"}, 400, "needed", None),
    ("POST", "/visitors/p2/badge", {"badge": 2, "reader": "front-in"}, 400, "needed", None),
    ("POST", "/visitors/p2/badge", {"door": "front", "reader": "A"}, 400, "invalid", "/reader"),
    ("POST", "/visitors/p2/badge", {"door": "nowhere"}, 404, "not_found", "/door"),
    ("POST", "/visitors/p2/badge", {"badge": 1}, 409, "not_in_pool", "/badge"),
    ("POST", "/visitors/p2/badge", {"badge": 99}, 409, "not_in_pool", "/badge"),
    ("PUT", "/schedules/office", {"periods": 29 * [{"from": 0, "to": 1}]}, 400, "invalid", "/periods"),
    ("PUT", "/schedules/office", {"periods": [{"from": 0, "to": 60}, {"from": 5, "to": 5}]}, 400, "invalid", "/periods/1"),
    ("PUT", "/schedules/office", {"periods": [{"from": 0}]}, 400, "invalid", "/periods/0"),
    ("PUT", "/schedules/office", {"periods": [7]}, 400, "invalid", "/periods/0"),
    ("PUT", "/schedules/office", {"periods": [{"from": 0, "to": 60, "wine": 1}]}, 400, "unknown_member", "/periods/0/wine"),
    ("PUT", "/schedules/office", {"periods": [{"from": 10080, "to": 60}]}, 400, "invalid", "/periods/0/from"),
    ("PUT", "/schedules/office", {"periods": [{"from": 0, "to": 10081}]}, 400, "invalid", "/periods/0/to"),
    ("PUT", "/schedules/office", {"periods": [], "specials": [{"group": "wine", "periods": []}]},
     400, "unknown_group", "/specials/0/group"),
    ("PUT", "/schedules/office", {"periods": [], "specials": 2 * [{"group": "holidays", "periods": []}]},
     400, "unknown_group", "/specials/1/group"),
    ("PUT", "/schedules/office", {"periods": [], "specials": 9 * [{"group": "holidays", "periods": []}]},
     400, "invalid", "/specials"),
    ("PUT", "/schedules/office", {"periods": [], "specials": [{"group": "holidays"}]}, 400, "invalid", "/specials/0/periods"),
    ("PUT", "/schedules/office", {"periods": [], "specials": [{"group": "holidays", "periods": 5 * [{"from": 0, "to": 1}]}]},
     400, "invalid", "/specials/0/periods"),
    ("PUT", "/schedules/office", {"periods": [], "specials": [{"group": "holidays", "periods": [{"from": 0, "to": 1441}]}]},
     400, "invalid", "/specials/0/periods/0/to"),
    ("PUT", "/schedules/event-1", {"periods": []}, 409, "reserved", None),
    ("PUT", "/schedules/Office", {"periods": []}, 400, "invalid", None),
    ("PUT", "/schedules/" + 33 * "a", {"periods": []}, 400, "invalid", None),
    ("DELETE", "/schedules/office", None, 409, "in_use", None),
    ("PUT", "/profiles/weekdays", {"policies": 33 * [{"accessPoint": "*"}]}, 400, "invalid", "/policies"),
    ("PUT", "/profiles/weekdays", {"policies": [{"accessPoint": "*"}, {"accessPoint": "front"}]},
     400, "invalid", "/policies/1/accessPoint"),
    ("PUT", "/profiles/weekdays", {"policies": [{"accessPoint": "front/window"}]}, 400, "invalid", "/policies/0/accessPoint"),
    ("PUT", "/profiles/weekdays", {"policies": [{"schedule": "office"}]}, 400, "invalid", "/policies/0/accessPoint"),
    ("PUT", "/profiles/weekdays", {"policies": ["*"]}, 400, "invalid", "/policies/0"),
    ("PUT", "/profiles/weekdays", {"policies": [{"accessPoint": "*", "wine": 1}]}, 400, "unknown_member", "/policies/0/wine"),
    ("PUT", "/profiles/weekdays", {"policies": [{"accessPoint": "*", "schedule": "wine"}]},
     400, "unknown_schedule", "/policies/0/schedule"),
    ("PUT", "/profiles/always", {"policies": []}, 409, "reserved", None),
    ("PUT", "/profiles/event-1", {"policies": []}, 409, "reserved", None),
    ("DELETE", "/profiles/always", None, 409, "reserved", None),
    ("DELETE", "/profiles/weekdays", None, 409, "in_use", None),
    ("PUT", "/special-days/holidays", {"days": [{"date": "12-25"}, {"date": "2026-02-30"}]}, 400, "invalid", "/days/1/date"),
    ("PUT", "/special-days/holidays", {"days": [{"date": "christmas"}]}, 400, "invalid", "/days/0/date"),
    ("PUT", "/special-days/holidays", {"days": [{"label": "x"}]}, 400, "invalid", "/days/0/date"),
    ("PUT", "/special-days/holidays", {"days": [{"date": "12-25", "label": 129 * "x"}]}, 400, "invalid", "/days/0/label"),
    ("PUT", "/special-days/holidays", {"days": ["12-25"]}, 400, "invalid", "/days/0"),
    ("PUT", "/special-days/holidays", {"days": [{"date": "12-25", "wine": 1}]}, 400, "unknown_member", "/days/0/wine"),
    ("PUT", "/special-days/holidays", {"days": 1025 * [{"date": "12-25"}]}, 400, "invalid", "/days"),
    ("PUT", "/special-days/others", {"days": [{"date": "%d-%02d-%02d" % (2030 + i // 300, 1 + i % 12, 1 + i // 12 % 25)}
                                             for i in range(1024)]}, 409, "full", "/days"),
    ("DELETE", "/special-days/holidays", None, 409, "in_use", None),
    ("PUT", "/door-hours/front", {"schedule": "wine"}, 400, "unknown_schedule", "/schedule"),
    ("PUT", "/door-hours/Front", {"schedule": "office"}, 400, "invalid", None),
    ("POST", "/events", event(to="2031-03-04T12:00"), 400, "invalid", "/to"),
    ("POST", "/events", event(to="2031-04-30T12:00"), 400, "invalid", "/to"),
    ("POST", "/events", event(**{"from": "2031-02-30T12:00"}), 400, "invalid", "/from"),
    ("POST", "/events", event(rrule="FREQ=SECONDLY"), 400, "invalid", "/rrule"),
    ("POST", "/events", event(rrule="every day"), 400, "invalid", "/rrule"),
    ("POST", "/events", event(kind="public_window"), 400, "invalid", "/who"),
    ("POST", "/events", event(doors=["Front"]), 400, "invalid", "/doors"),
    ("POST", "/events", event(doors=33 * ["front"]), 400, "invalid", "/doors"),
    ("POST", "/events", event(people=["p99"]), 400, "invalid", "/people"),
    ("POST", "/events", event(people=["Ada"]), 400, "invalid", "/people"),
    ("POST", "/events", event(people=1001 * ["p1"]), 400, "invalid", "/people"),
    ("POST", "/events", event(**{"except": ["2031-02-30"]}), 400, "invalid", "/except"),
    ("POST", "/events", event(**{"except": 401 * ["2031-03-04"]}), 400, "invalid", "/except"),
    ("PATCH", "/events/e1", {"to": "2031-03-04T11:00"}, 400, "invalid", "/to"),
    ("PATCH", "/events/e1", {"title": "y", "people": ["p99"]}, 400, "invalid", "/people"),
    ("POST", "/muster/ticks", {"person": "Ada", "ticked": True}, 400, "invalid", "/person"),
    ("POST", "/muster/ticks", {"person": "p99", "ticked": True}, 400, "unknown_person", "/person"),
    ("POST", "/muster/drill", {"began": moment(-60), "ended": moment(-600), "remarks": ""}, 400, "invalid", "/ended"),
    ("POST", "/muster/drill", {"began": moment(-60), "ended": moment(2 * HOUR_S), "remarks": ""}, 400, "invalid", "/ended"),
    ("POST", "/muster/drill", {"began": None, "ended": moment(-60), "remarks": ""}, 400, "invalid", "/began"),
    ("POST", "/visits", visit(person="p99"), 400, "unknown_person", "/person"),
    ("POST", "/visits", visit(person="Ada"), 400, "invalid", "/person"),
    ("POST", "/visits", visit(zone="moon"), 400, "unknown_zone", "/zone"),
    ("POST", "/visits", visit(checkIn=moment(2 * HOUR_S)), 400, "invalid", "/checkIn"),
    ("POST", "/visits", visit(checkOut=moment(-120)), 400, "invalid", "/checkOut"),
    ("POST", "/visits", visit(checkOut=moment(2 * HOUR_S)), 400, "invalid", "/checkOut"),
    ("POST", "/visits", visit(checkIn=moment(-72 * HOUR_S)), 409, "visit_final", None),
    ("PATCH", "/visits/{visit}", {"reason": "x", "revision": "older"}, 409, "visit_changed", "/revision"),
    ("PATCH", "/visits/{visit}", {"reason": "x", "checkIn": moment(2 * HOUR_S)}, 400, "invalid", "/checkIn"),
    ("PATCH", "/visits/{visit}", {"reason": "x", "checkOut": moment(-9 * HOUR_S)}, 400, "invalid", "/checkOut"),
    ("POST", "/webhooks", {"url": "ftp://127.0.0.1/", "types": ["door.alarm"]}, 400, "invalid", "/url"),
    ("POST", "/webhooks", {"url": "http://ada:secret@127.0.0.1/", "types": ["door.alarm"]}, 400, "invalid", "/url"),
    ("POST", "/webhooks", {"url": NOWHERE + "#x", "types": ["door.alarm"]}, 400, "invalid", "/url"),
    ("POST", "/webhooks", {"url": NOWHERE, "types": ["wine"]}, 400, "invalid", "/types"),
    ("POST", "/webhooks", {"url": NOWHERE, "types": []}, 400, "invalid", "/types"),
    ("POST", "/webhooks/1/test", None, 409, "webhook_ended", None),
    ("PATCH", "/zones/space", {"legal": 3, "soft": 4}, 400, "invalid", "/soft"),
    ("POST", "/doors/front-board/front/open", {"reason": "x"}, 404, "not_found", None),
    ("POST", "/doors/front-board/front/mode", {"reason": "x", "mode": "Blocked"}, 404, "not_found", None),
]

# (path, status, problem, pointer)
QUERIES = [
    ("/audit?since=yesterday", 400, "invalid", "since"), ("/audit?person=12", 400, "invalid", "person"),
    ("/audit?after=x", 400, "invalid", "after"), ("/audit?limit=0", 400, "invalid", "limit"),
    ("/audit?limit=501", 400, "invalid", "limit"), ("/people?limit=many", 400, "invalid", "limit"),
    ("/people?after=1", 400, "invalid", "after"), ("/people?limit=501", 400, "invalid", "limit"),
    ("/events?after=1", 400, "invalid", "after"), ("/events?limit=0", 400, "invalid", "limit"),
    ("/events?past=perhaps", 400, "invalid", "past"),
    ("/events/e1/attendance?date=tomorrow", 400, "invalid", "date"),
    ("/events/e1/attendance?date=2031-03-05", 404, "not_found", "date"),
    ("/events/e1/sheet?date=2031-02-30", 400, "invalid", "date"),
    ("/events/e1/sheet?annex=perhaps", 400, "invalid", "annex"), ("/events/e1/sheet?lang=de", 400, "invalid", "lang"),
    ("/figures", 400, "invalid", "from"), ("/figures?from=2026-01-01", 400, "invalid", "to"),
    ("/figures?from=2026-01-01&to=2026-02-30", 400, "invalid", "to"),
    ("/figures?from=2026-01-02&to=2026-01-01", 400, "invalid", "to"),
    ("/figures?from=2025-01-01&to=2026-12-31", 400, "invalid", "to"),
    ("/figures?from=2026-01-01&to=2026-01-01&by=moon", 400, "invalid", "by"),
    ("/visits?date=today", 400, "invalid", "date"), ("/visits?person=12", 400, "invalid", "person"),
    ("/visits?after=x", 400, "invalid", "after"), ("/visits?limit=-1", 400, "invalid", "limit"),
    ("/visits.csv", 400, "invalid", "from"), ("/visits.csv?from=2026-01-01&to=x&purpose=x", 400, "invalid", "to"),
    ("/visits.csv?from=2026-01-01&to=2026-12-31&purpose=x", 400, "invalid", "to"),
    ("/visits.csv?from=2026-01-01&to=2026-01-01", 400, "needed", "purpose"),
    ("/visits.csv?from=2026-01-01&to=2026-01-01&purpose=" + 201 * "x", 400, "invalid", "purpose"),
    ("/webhooks/1/deliveries?limit=0", 400, "invalid", "limit"),
    ("/people/p1/export.html?lang=de", 400, "invalid", "lang"),
    ("/people/p999/export.html", 404, "not_found", None),
    ("/muster.html?lang=de", 400, "invalid", "lang"), ("/notice?lang=de", 400, "invalid", "lang"), ("/notice?size=a3", 400, "invalid", "size"),
    ("/calendar.ics?token=guessed", 404, "not_found", "token"),
]

PEOPLE_CSV = [
    ("", "line 1"), ("\n", "line 1"), ("wine\n", "line 1"), ("name,name\n", "line 1"),
    ("external_id,name\nx/9,Eve Example\nx/8\n", "line 3"),
    ("external_id,name\nx/9,Eve Example,more\n", "line 2"),
    ("external_id,name\nx/9,Eve Example\nx/8,\n", "line 3, name"),
    ("external_id,name\nx/9," + 129 * "x" + "\n", "line 2, name"),
    ("external_id,name\n" + 65 * "x" + ",Eve Example\n", "line 2, external_id"),
    ("name\nEve Example\n", "line 2, external_id"),
    ("external_id,name,kind\nx/9,Eve Example,wine\n", "line 2, kind"),
    ("external_id,name,profile\nx/9,Eve Example,wine\n", "line 2, profile"),
    ("external_id,name,email\nx/9,Eve Example," + 129 * "x" + "\n", "line 2, email"),
    ("external_id,name,enabled\nx/9,Eve Example,perhaps\n", "line 2, enabled"),
    ("external_id,name,hidden\nx/9,Eve Example,7\n", "line 2, hidden"),
    ("external_id,name,board\nx/9,Eve Example,7\n", "line 2, board"),
    ("external_id,name,any_time\nx/9,Eve Example,never\n", "line 2, any_time"),
    ("external_id,name,extended_time\nx/9,Eve Example,much\n", "line 2, extended_time"),
    ("person,name\np99,Eve Example\n", "line 2, person"),
    ("person,name\nx1,Eve Example\n", "line 2, person"),
    ("person,external_id\np1,x/1\np2,x/1\n", "line 3, external_id"),
    ("external_id,name\nx/9,Eve Example\nx/9,Eve Example\n", "line 3"),
    ("person,name\np1,Eve Example\np1,Ada Example\n", "line 3"),
    ("external_id,name\nx/9,\"Eve\n", "line 3"),
    ("external_id,name\nx/9,E\"ve\n", "line 2"),
    (b"external_id,name\nx/9,\xff\n", "line 2"),
    (b"external_id,name\nx/9,Eve\x00Example\n", "line 2"),
    ("external_id,name\nx/9,Eve\x1bExample\n", "line 2, name"),
    ("\u00e9,name\n", "line 1"),
]

BADGES_CSV = [
    ("", "line 1"), ("\n", "line 1"), ("wine;person\n", "line 1"), ("uid,uid\n", "line 1"),
    ("uid,person\n04aabbccddeeff,p1\n04aabbccddee00\n", "line 3"),
    ("uid,person\n04aabbccddeeff,p1\n,p1\n", "line 3, uid"),
    ("uid,person\nwine,p1\n", "line 2, uid"), ("uid,person\n08aabbcc,p1\n", "line 2, uid"),
    ("uid,person\n04aabbccddeeff,p99\n", "line 2, person"),
    ("uid,person\n04aabbccddeeff,Ada\n", "line 2, person"),
    ("uid,external_id\n04aabbccddeeff,x/99\n", "line 2, external_id"),
    ("uid\n04aabbccddeeff\n", "line 2, external_id"),
    ("badge,state\nc99,lost\n", "line 2, badge"), ("badge,state\nx1,lost\n", "line 2, badge"),
    ("badge,state\nc1,wine\n", "line 2, state"),
    ("badge,valid_from\nc1,yesterday\n", "line 2, valid_from"),
    ("badge,valid_from,valid_to\nc1,2026-12-02,2026-12-01\n", "line 2, valid_to"),
    ("badge,uses\nc1,65536\n", "line 2, uses"), ("badge,valid_for_h\nc1,0\n", "line 2, valid_for_h"),
    ("badge,suspended_until\nc1,soon\n", "line 2, suspended_until"),
    ("badge,state\nc1,lost\nc1,enabled\n", "line 3"),
    ("uid,person\n04aabbccddeeff,p1\n04AABBCCDDEEFF,p1\n", "line 3"),
    (b"badge,state\nc1,\xff\n", "line 2"), ("badge,state\nc1,\"lost\n", "line 3"),
]


class WrongInput(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        # The business day must not end in the middle of the test, nor begin.
        cls.office = Office(BUILD)
        cls.addClassCleanup(cls.office.__exit__)
        cls.office.controller = "time_zone = UTC\nday_cut = %d\n" % ((time.gmtime().tm_hour + 12) % 24)
        os.makedirs(cls.office.house.folder + "/state")
        with open(cls.office.house.folder + "/state/uid.key", "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(64 * "7" + "\n")
        cls.office.__enter__()
        for name, role in (("ada", "manager"), ("desk", "operator"), ("eve-audits", "auditor")):
            subprocess.run(cls.office.command("account", "add", name, "--role", role),
                           input=PASSWORD + "\n", capture_output=True, text=True, timeout=60, check=True)
        cls.office.log_in("ada", PASSWORD)
        cls.furnish()

    @classmethod
    def make(cls, method, path, body, status=None):
        answer = cls.office.request(method, API + path, body)
        assert answer.status == (status or 201), answer.body
        return answer.json() if answer.body else None

    @classmethod
    def furnish(cls):
        cls.make("POST", "/people", {"name": "Ada Example", "externalId": "x/1"})
        cls.make("POST", "/visitors", visitor(host="p1"))
        cls.make("POST", "/people/p1/badges", {"uid": "04a1b2c3d4e5f6"})
        cls.make("POST", "/people/p2/badges", {"uid": "04112233445566"})
        cls.make("POST", "/visitors", visitor())
        cls.make("POST", "/people/p3/badges", {"uid": "04998877665544"})
        cls.make("DELETE", "/visitors/p3", None, 200)
        cls.make("PUT", "/special-days/holidays", {"days": [{"date": "12-25", "label": "Christmas"}]}, 200)
        cls.make("PUT", "/schedules/office", {"periods": [{"from": 480, "to": 1200}], "specials": [
            {"group": "holidays", "periods": []}]}, 200)
        cls.make("PUT", "/profiles/weekdays", {"policies": [{"accessPoint": "*", "schedule": "office"}]}, 200)
        cls.make("PATCH", "/people/p1", {"profile": "weekdays"}, 200)
        cls.make("PUT", "/door-hours/front", {"schedule": "office"}, 200)
        cls.make("POST", "/events", event(people=["p1"], doors=["front"]))
        cls.make("POST", "/calendar-feeds", {"name": "screen"})
        cls.make("POST", "/tokens", {"name": "t", "scopes": ["audit"]})
        cls.make("POST", "/webhooks", {"url": NOWHERE, "types": ["door.alarm"]})
        cls.make("PATCH", "/webhooks/1", {"active": False}, 200)
        cls.visit = cls.make("POST", "/visits", visit(checkIn=moment(-HOUR_S)))["id"]
        secret = cls.make("POST", "/tokens", {"name": "auditor", "scopes": ["audit", "now"]})["secret"]
        cls.auditor = {"Authorization": "Bearer " + secret, "Cookie": None}

    def dump(self):
        database = sqlite3.connect("file:%s/state/office.db?mode=ro" % self.office.house.folder, uri=True)
        try:
            tables = [name for name, in database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") if name not in MOVES]
            return {name: sorted(repr(row) for row in database.execute("SELECT * FROM \"%s\"" % name)
                                 if name != "audit" or row[3] != "session.refuse") for name in tables}
        finally:
            database.close()

    def send(self, method, path, body, kind, language):
        headers = {"Accept-Language": language, "Content-Type": kind}
        if path.startswith(API + "/audit"):
            headers.update(self.auditor)
        return self.office.request(method, path, body, headers)

    @staticmethod
    def whole(path):
        return path if path.startswith(("/notice", "/muster.html")) else API + path

    def refused(self, method, path, body, status, word, pointer=None, kind=None):
        """Refused in both languages, with nothing changed; the problem in English."""
        path = self.whole(path.replace("{visit}", self.visit))
        if isinstance(body, (dict, list)):
            body, kind = json.dumps(body), kind or JSON
        before = self.dump()
        said = {}
        for language in ("en", "fr"):
            answer = self.send(method, path, body, kind, language)
            self.assertEqual(answer.status, status, answer.body)
            said[language] = answer.json()
            self.assertEqual((said[language]["type"], said[language].get("pointer")),
                             ("urn:loquet:problem:" + word, pointer), said)
        self.assertNotEqual(said["en"]["detail"], said["fr"]["detail"])
        self.assertNotEqual(said["en"]["title"], said["fr"]["title"])
        self.assertEqual(self.dump(), before)
        return said["en"]

    # ---- what the description itself tells ----

    def calls(self, kind):
        """(method, path with what is there in it, path as described, its operation), by the body's type."""
        there = {(method, description().find(method, API + path.replace("{visit}", "p1.space.1"))[0]): path
                 for method, path in GOOD}
        for path, item in description().document["paths"].items():
            for method, operation in item.items():
                if method != "parameters" and kind in operation.get("requestBody", {}).get("content", {}):
                    yield method.upper(), there.get((method.upper(), path), path[len(API):]), path, operation

    def shape(self, operation):
        schema = operation["requestBody"]["content"][JSON]["schema"]
        if "$ref" in schema:
            schema = description().document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def resolved(self, schema):
        if "$ref" in schema:
            named = description().document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            return {**self.resolved(named), **{key: schema[key] for key in schema if key != "$ref"}}
        return schema

    def wrong_values(self, key, schema):
        """(value, the pointer to what is wrong with it): what the description refuses, and what it cannot
        tell: bytes in place of characters, and control signs."""
        schema = self.resolved(schema)
        items = self.resolved(schema.get("items", {})).get("type")
        for value in self.values(schema):
            untold = isinstance(value, str) and ("\u0007" in value or "\u00e9" in value)
            if untold or description().objections(schema, value):
                yield value, "/" + key + ("/0" if value == [7] and items == "object" else "")

    def values(self, schema):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        yield {"of": "another type"}
        yield 7 if "integer" not in kinds else "7"
        if "boolean" in kinds:
            yield "true"
        if "null" not in kinds:
            yield None
        if "integer" in kinds:
            yield 7.5
            yield schema["minimum"] - 1
            if "maximum" in schema:
                yield schema["maximum"] + 1
                yield 1 << 62
        if "string" in kinds:
            yield "a\u0007bell"
            if schema.get("minLength") or "pattern" in schema or "enum" in schema:
                yield ""
            if "maxLength" in schema:
                yield (schema["maxLength"] + 1) * "x"
                yield (schema["maxLength"] // 2 + 1) * "\u00e9"
            if "pattern" in schema or "enum" in schema or schema.get("format") == "date-time":
                yield "Wine & Co"
                yield 500 * "x"
        if "array" in kinds:
            yield "list"
            yield [7]

    def test_every_call_with_json_is_here(self):
        self.assertEqual(sorted((method, path) for method, path, _, _ in self.calls(JSON)), sorted(GOOD))
        self.assertEqual({path for _, path, _, _ in self.calls(CSV)},
                         {"/people.csv", "/badges.csv"})

    def test_what_is_no_such_body(self):
        for method, path, _, _ in self.calls(JSON):
            most = MOST_BYTES_OF_NOBODY if path in ("/session", "/session/password", "/first-run") else MOST_BYTES
            good = json.dumps(GOOD[method, path])
            for body, kind, status, word, pointer in (
                    (b"", JSON, 400, "invalid", ""),
                    ("[]", JSON, 400, "invalid", ""),
                    ("{", JSON, 400, "json", None),
                    ("7", JSON, 400, "json", None),
                    (good + "}", JSON, 400, "json", None),
                    (b'{"wine":"\xff"}', JSON, 400, "json", None),
                    ('{"wine":"\\u0000"}', JSON, 400, "json", None),
                    ('{"wine":"\\ud800"}', JSON, 400, "json", None),
                    ('{"wine":1,"wine":1}', JSON, 400, "json", None),
                    (3000 * "[" + 3000 * "]", JSON, 400, "json", None),
                    ('{"wine":1}', JSON, 400, "unknown_member", "/wine"),
                    (json.dumps({40 * "\u00e9\u00e9": 1}), JSON, 400, "unknown_member", "/" + 32 * "\u00e9"),
                    (good, "text/plain", 415, "not_json", None),
                    (good, CSV, 415, "not_json", None),
                    (good, None, 415, "not_json", None),
                    (b" " * (most + 1), JSON, 413, "too_long", None)):
                with self.subTest("%s %s %s %s" % (method, path, body[:40], kind)):
                    self.refused(method, path, body, status, word, pointer, kind)

    def test_every_member_that_cannot_be(self):
        count = 0
        for method, path, _, operation in self.calls(JSON):
            for key, schema in self.shape(operation)["properties"].items():
                for value, pointer in self.wrong_values(key, schema):
                    body = {**GOOD[method, path], key: value}
                    if key == "door" and isinstance(value, str) and value not in ("", "a\u0007bell"):
                        continue  # which is not there, rather than wrong
                    with self.subTest("%s %s %s" % (method, path, json.dumps({key: value})[:60])):
                        self.refused(method, path, body, 400, "invalid", pointer)
                        count += 1
        self.assertGreater(count, 400)

    def test_every_member_that_lacks(self):
        for method, path, _, operation in self.calls(JSON):
            for key in self.shape(operation).get("required", []):
                body = {name: value for name, value in GOOD[method, path].items() if name != key}
                with self.subTest("%s %s without %s" % (method, path, key)):
                    self.refused(method, path, body, 400, "needed", "/" + key)

    def test_nobody_and_those_who_may_not(self):
        for path, item in description().document["paths"].items():
            for method, operation in item.items():
                if method not in ("get", "put", "post", "patch", "delete") or operation["security"] == [{}]:
                    continue
                there = path.replace("{", "").replace("}", "")
                with self.subTest("%s %s" % (method, path)):
                    for headers, status, word in (
                            ({"Cookie": None}, 401, "session"),
                            ({"Cookie": "loquet=guessed"}, 401, "session"),
                            ({"Cookie": None, "Authorization": "Bearer lq_guessed"}, 401, "session")):
                        answer = self.office.request(method.upper(), there, None, headers)
                        self.assertEqual((answer.status, answer.json()["type"]),
                                         (status, "urn:loquet:problem:" + word))
                    if method != "get":
                        answer = self.office.request(method.upper(), there, None, {"X-Loquet-CSRF": "x"})
                        self.assertEqual((answer.status, answer.json()["type"]),
                                         (403, "urn:loquet:problem:csrf"))

    def test_a_scope_that_lacks(self):
        count = 0
        for path, item in description().document["paths"].items():
            for method, operation in item.items():
                needed = {scope for way in operation["security"] for scope in way.get("token", [])} \
                    if isinstance(operation, dict) and "security" in operation else set()
                if not needed or needed & {"audit", "now"}:
                    continue
                count += 1
                with self.subTest("%s %s" % (method, path)):
                    answer = self.office.request(method.upper(), path.replace("{", "").replace("}", ""), None,
                                                 self.auditor)
                    self.assertEqual((answer.status, answer.json()["type"]), (403, "urn:loquet:problem:scope"))
        self.assertGreater(count, 50)

    def test_a_token_may_do_what_is_told_of_its_scope_and_no_more(self):
        scopes = {"now", "doors", "people", "history", "figures", "audit", "settings"}
        count = 0
        for scope in sorted(scopes):
            made = self.make("POST", "/tokens", {"name": "one-" + scope, "scopes": [scope]})
            token = {"Authorization": "Bearer " + made["secret"], "Cookie": None}
            for path, item in description().document["paths"].items():
                for method, operation in item.items():
                    if method == "parameters" or operation["security"] == [{}] or path.endswith("/stream"):
                        continue
                    told = {one for way in operation["security"] for one in way.get("token", [])}
                    self.assertLessEqual(told, scopes)
                    answer = self.office.request(method.upper(), path.replace("{", "").replace("}", ""), None, token)
                    with self.subTest("%s %s with %s" % (method, path, scope)):
                        self.assertEqual(answer.status not in (401, 403), scope in told, answer.body)
                        count += 1
            self.make("DELETE", "/tokens/%d" % made["id"], None, 204)
        self.assertGreater(count, 500)

    def test_a_body_that_is_announced_too_long_is_not_waited_for(self):
        before = self.dump()
        with socket.create_connection(("127.0.0.1", self.office.port), 60) as caller:
            caller.sendall(("POST %s/people.csv HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\nX-Loquet-CSRF: %s\r\n"
                            "Content-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % (
                                API, self.office.cookie, self.office.csrf, MOST_BYTES_OF_CSV + 1)).encode())
            self.assertTrue(caller.makefile("rb").readline().startswith(b"HTTP/1.1 413 "))
        self.assertEqual(self.dump(), before)

    # ---- what it cannot tell ----

    def test_what_makes_no_sense(self):
        for row in SENSE:
            with self.subTest("%s %s %s" % (row[0], row[1], str(row[2])[:60])):
                self.refused(*row)

    def test_what_is_not_there(self):
        missing = {"{person}": ("p99", "12", "Ada", "p0", "p01", "p99999999999"), "{id}": ("99", "x", "1x", "+1"),
                   "{badge}": ("99", "x", "01"), "{webhook}": ("99", "x"), "{zone}": ("wine",), "{event}": ("e99", "1"), "{feed}": ("f99", "1"),
                   "{visit}": ("p1.space.7", "x", "p99.space.1", "p1.moon.1"),
                   "{name}": ("wine",), "{group}": ("wine",), "{seq}": ("99", "x", "0"), "{door}": ("wine",), "{controller}": ("wine",)}
        count = 0
        for path, item in description().document["paths"].items():
            for method in item:
                parameters = [part for part in missing if part in path]
                if method not in ("get", "post", "patch", "delete") or not parameters:
                    continue
                for value in missing[parameters[0]]:
                    there = path
                    for part in parameters:
                        there = there.replace(part, value if part == parameters[0] else missing[part][0])
                    found = [body for (verb, one), body in GOOD.items() if verb == method.upper()
                             and description().find(verb, API + one.replace("{visit}", "p1.space.1"))[0] == path]
                    with self.subTest("%s %s" % (method, there)):
                        self.refused(method.upper(), there[len(API):], found[0] if found else None,
                                     404, "not_found")
                        count += 1
        self.assertGreater(count, 60)

    def test_queries(self):
        told = {(path, parameter["name"]) for path, item in description().document["paths"].items()
                for method, operation in item.items() if isinstance(operation, dict)
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "query" and parameter["name"] != "search" and method == "get"}
        tried = {(description().find("GET", self.whole(path))[0], pointer) for path, _, _, pointer in QUERIES}
        self.assertEqual(sorted(told - tried), [])
        for path, status, word, pointer in QUERIES:
            with self.subTest(path):
                self.refused("GET", path, None, status, word, pointer)

    def test_csv(self):
        for path, table in (("/people.csv", PEOPLE_CSV), ("/badges.csv", BADGES_CSV)):
            for body, place in table:
                with self.subTest("%s %r" % (path, body[:60])):
                    body = body.encode() if isinstance(body, str) else body
                    problem = self.refused("POST", path, body, 400, "row", place, CSV)
                    self.assertTrue(problem["detail"].startswith(place.split(",")[0]), problem)
            for body, kind, status, word, pointer in (
                    (b"name\n", JSON, 400, "json", None), (b"{}", JSON, 415, "not_csv", None),
                    (b"name\n", "text/plain", 415, "not_csv", None), (b"name\n", None, 415, "not_csv", None),
                    (b"x" * (MOST_BYTES + 1), "text/plain", 413, "too_long", None)):
                with self.subTest("%s %s" % (path, kind)):
                    self.refused("POST", path, body, status, word, pointer, kind)
            self.refused("POST", path + "?dryRun=perhaps", b"name\n", 400, "invalid", "dryRun", CSV)
        for path, body in (("/people.csv?dryrun=true", b"external_id,name\nx/9,Eve Example\n"),
                           ("/badges.csv?dryRun=false&wine=1", b"uid,person\n04aabbccddeeff,p1\n")):
            self.refused("POST", path, body, 400, "unknown_parameter", "dryrun" if "dryrun" in path else "wine", CSV)

    def test_what_is_wrong_with_a_file_is_told_in_the_language_of_who_sent_it(self):
        for body, found, trouve in (
                (b"name\n\xe9\n", "found bytes that are not UTF-8, expected", "trouvé des octets qui"),
                (b"name\n\"x\n", "found the end of the file inside quotes", "trouvé la fin du fichier"),
                (b"name;kind\nx\n", "found 1 cells", "trouvé 1 cellules"),
                (b"wine\n", "found 'wine', expected one of", "trouvé « wine », attendu un de")):
            for language, words in (("en", found), ("fr", trouve)):
                for path, columns in (("/people.csv", (b"name", b"kind")), ("/badges.csv", (b"uid", b"person"))):
                    file = body.replace(b"name", columns[0]).replace(b"kind", columns[1])
                    answer = self.send("POST", API + path, file, CSV, language)
                    self.assertIn(words, answer.json()["detail"])

    def test_the_language_that_is_wanted_most(self):
        for wanted, title in (("fr;q=0.1, en", "Not found"), ("en;q=0.1, fr;q=0.9", "Introuvable"),
                              ("en;q=0, *", "Introuvable"), ("fr;q=0, en;q=0.001", "Not found")):
            answer = self.send("GET", API + "/people/p99", None, None, wanted)
            self.assertEqual(answer.json()["title"], title)

    def test_a_dry_run_changes_nothing(self):
        before = self.dump()
        for path, body in (("/people.csv", b"external_id,name\nx/9,Eve Example\n"),
                           ("/badges.csv", b"uid,person\n04aabbccddeeff,p1\n")):
            answer = self.office.request("POST", API + path + "?dryRun=true", body, {"Content-Type": CSV})
            self.assertEqual((answer.status, answer.json()["added"]), (200, 1))
        self.assertEqual(self.dump(), before)

    def test_canary_a_change_is_seen(self):
        before = self.dump()
        self.make("PATCH", "/people/p1", {"board": True}, 200)
        self.assertNotEqual(self.dump(), before)


if __name__ == "__main__":
    unittest.main()
