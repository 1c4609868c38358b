"""Demo data: a space with made-up people, rules, an event, a visitor and some weeks of visits.

Everything goes in as any other program would put it: through the office's interface, and what is
past as a controller's events over MQTT. That controller is called demo-data and signs nothing.
"""

import csv
import datetime
import io
import json
import random
import subprocess
import time

ACCOUNT = ("demo", "example-door")
CONTROLLER = "demo-data"

NAMES = ("Ada Bob Cyd Dee Eli Fay Gus Hal Ida Jon Kay Lou Max Nia Ole Pia Quin Ray Sue Tom Uma Val Wim Xia Yan Zoe").split()
STAFF = ("Ida", "Val")
GUESTS = ("Quin", "Zoe")
HIDDEN = ("Fay", "Tom")
ON_BOARD = ("Ada", "Gus", "Kay", "Nia", "Uma")
WEEKDAYS_ONLY = ("Hal", "Lou", "Ray", "Wim")
AT_THE_DOOR = ("Ada", "Bob", "Cyd", "Fay")  # whose badges the demonstration presents: not in yet
IN_TODAY = ("Gus", "Ida", "Kay", "Max", "Nia", "Quin", "Tom", "Uma", "Xia")
LEFT_TODAY = ("Dee", "Jon", "Ray")

BADGES = {name: "04%s1b2c3d4e5f6" % letter for name, letter in
          (("Ada", "a"), ("Bob", "d"), ("Cyd", "e"), ("Fay", "f"))}

TITLES = {
    "en": {"space": "Example space", "new_year": "New Year’s Day", "christmas": "Christmas Day", "lunch": "Shared lunch",
           "lunch_about": "Everybody brings something.", "place": "Kitchen",
           "visitor": "Visitor Example", "purpose": "Looks at the space",
           "legal": "The Example Association", "address": "1 Example Street", "keeper": "The example accountant"},
    "fr": {"space": "L’espace Exemple", "new_year": "Jour de l’an", "christmas": "Noël", "lunch": "Déjeuner partagé",
           "lunch_about": "Chacun apporte quelque chose.", "place": "Cuisine",
           "visitor": "Visiteur Exemple", "purpose": "Visite l’espace",
           "legal": "Association Exemple", "address": "1, rue de l’Exemple", "keeper": "Le comptable fictif"},
}


def _sheet(columns, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _yes(holds):
    return "yes" if holds else "no"


def _utc(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def _rules(desk, texts):
    office_hours = [{"from": day * 1440 + 8 * 60, "to": day * 1440 + 20 * 60} for day in range(5)]
    desk.put("special-days/holidays", days=[
        {"date": "01-01", "label": texts["new_year"]}, {"date": "12-25", "label": texts["christmas"]}])
    desk.put("schedules/office-hours", periods=office_hours, specials=[{"group": "holidays", "periods": []}])
    desk.put("profiles/weekdays", policies=[
        {"accessPoint": "front/entry", "schedule": "office-hours"}, {"accessPoint": "front/exit"}])


def _people(desk):
    """Name -> "p17"."""
    desk.call("POST", "people.csv", _sheet(
        ("external_id", "name", "kind", "profile", "email", "hidden", "board"),
        [("D%02d" % number, name + " Example",
          "staff" if name in STAFF else "guest" if name in GUESTS else "member",
          "weekdays" if name in WEEKDAYS_ONLY else "always", name.lower() + "@example.org",
          _yes(name in HIDDEN), _yes(name in ON_BOARD)) for number, name in enumerate(NAMES, 1)]))
    return {person["name"].split()[0]: person["person"] for person in desk.get("people?limit=100")["items"]}


def _badges(desk):
    next_month = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
    desk.call("POST", "badges.csv", _sheet(
        ("external_id", "uid", "state", "valid_from"),
        [("D%02d" % number, BADGES.get(name, "04ee00000000%02x" % number),
          "lost" if name == "Bob" else "enabled", next_month if name == "Cyd" else "")
         for number, name in enumerate(NAMES, 1)]))


def _plans(desk, texts, people):
    wednesday = datetime.date.today()
    wednesday += datetime.timedelta(days=(2 - wednesday.weekday()) % 7)
    desk.post("events", title=texts["lunch"], description=texts["lunch_about"], place=texts["place"],
              kind="event", who="members", public=True, doors=["front"], rrule="FREQ=WEEKLY",
              **{"from": "%sT12:00" % wednesday, "to": "%sT14:00" % wednesday})
    now = time.time()
    desk.post("visitors", name=texts["visitor"], host=people["Ada"], purpose=texts["purpose"],
              **{"from": _utc(now), "to": _utc(now + 8 * 3600)})


def _past(dice, day_begins, weeks):
    """Who came and went, (moment, name, direction), before the business day that began then."""
    for back in range(7 * weeks, 0, -1):
        day = datetime.date.fromtimestamp(day_begins) - datetime.timedelta(days=back)
        morning = time.mktime(day.timetuple()) + 9 * 3600
        share = 0.6 if day.weekday() < 5 else 0.08
        for name in NAMES:
            if dice.random() < share:
                comes = morning + dice.gauss(600, 2400)
                goes = comes + max(3600, dice.gauss(7 * 3600, 5400))
                yield comes, name, "entry"
                yield goes, name, "exit"


def _today(dice, day_begins, now):
    for name in IN_TODAY + LEFT_TODAY:
        comes = now - dice.uniform(300, 3 * 3600)
        if comes > day_begins:
            yield comes, name, "entry"
            if name in LEFT_TODAY:
                yield now - dice.uniform(0.1, 0.9) * (now - comes), name, "exit"


def _event(space, seq, moment, person, direction):
    return json.dumps({
        "specversion": "1.0", "id": "%s/%d" % (CONTROLLER, seq),
        "source": "urn:loquet:%s:%s" % (space, CONTROLLER), "type": "org.loquet.access.taken.v1",
        "time": _utc(moment), "sequence": "%020d" % seq, "loquetclock": "synchronised",
        "datacontenttype": "application/json",
        "data": {"door": "front", "accessPoint": "front/" + direction, "zone": "space", "transaction": "1-%d" % seq,
                 "credential": "c%d" % (NAMES.index(person[0]) + 1), "holder": person[1]}},
        separators=(",", ":"))


def visits(space, people, day_begins, weeks):
    """Lines of events: the same people on the same days whenever it is asked, and who came today."""
    dice = random.Random(2026)
    moments = sorted([*_past(dice, day_begins, weeks), *_today(dice, day_begins, time.time())])
    return [_event(space, seq, moment, (name, people[name]), direction)
            for seq, (moment, name, direction) in enumerate(moments, 1)]


def put_rules_and_people(desk, language):
    """Name -> "p17"."""
    texts = TITLES[language]
    desk.set_up(*ACCOUNT, title=texts["space"], language=language, capacityLegal=30, capacitySoft=24,
                exitsBadged=True)
    desk.patch("settings", board=True, contact="privacy@example.org", legalName=texts["legal"],
               legalAddress=texts["address"], recipients=texts["keeper"], pageAddress="office.example.org")
    _rules(desk, texts)
    people = _people(desk)
    _badges(desk)
    _plans(desk, texts, people)
    return people


def put_visits(port, space, lines):
    """The number of the last event."""
    subprocess.run(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-V", "5", "-q", "1", "-l",
         "-t", "loquet/1/%s/%s/events" % (space, CONTROLLER)],
        input="\n".join(lines) + "\n", text=True, timeout=60, check=True)
    return len(lines)


def visits_are_in(desk, last):
    return 'loquet_controller_last_event{controller="%s"} %d\n' % (CONTROLLER, last) in desk.get("/metrics")


def draw_figures(desk, weeks):
    """The office draws a few days at each look, and the others by and by."""
    today = datetime.date.today()
    for _ in range(2 * weeks):
        desk.get("figures?by=day&from=%s&to=%s" % (today - datetime.timedelta(days=7 * weeks), today))
