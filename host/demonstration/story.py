"""The fixed story of `host/demo --check`: a day at the door, played without a person."""

import datetime
import json
import time

from house import StepFailed, percentile
from space import EXIT

NAME = "New Example"
MEMBER = "0499b2c3d4e5f6"
STRANGER = "04deadbeef0001"
REVOKED = "04deadbeef0002"
TOO_EARLY = "04deadbeef0003"

TEXTS = {
    "en": {
        "start": "everything starts",
        "enrol": "a badge is enrolled by presenting it",
        "opens": "the enrolled badge opens, and the door locks again",
        "unknown": "an unknown badge does not open: CredentialNotFound",
        "revoked": "a revoked badge does not open: CredentialNotEnabled",
        "early": "a badge that is not valid yet does not open: CredentialNotActive",
        "outage": "broker stopped, three taps, broker started: all arrive in order and once",
        "unplug": "reader unplugged and plugged in again: the door answers",
        "journal": "the journal verifies, and the back office heard it word for word",
        "office": "the back office knows by name who comes in, and who leaves",
        "broken": "did not hold",
        "figures": "%d steps held · %d events, each once and in order · tap to relay: median %.1f ms, "
                   "slowest %.1f ms · recorded in %.1f ms · heard over MQTT after %.1f ms (medians)",
    },
    "fr": {
        "start": "tout démarre",
        "enrol": "un badge est enrôlé en le présentant",
        "opens": "le badge enrôlé ouvre, puis la porte se reverrouille",
        "unknown": "un badge inconnu n’ouvre pas : CredentialNotFound",
        "revoked": "un badge révoqué n’ouvre pas : CredentialNotEnabled",
        "early": "un badge pas encore valable n’ouvre pas : CredentialNotActive",
        "outage": "courtier arrêté, trois passages, courtier relancé : tout arrive, dans l’ordre, une fois",
        "unplug": "lecteur débranché puis rebranché : la porte répond",
        "journal": "le journal se vérifie, et le back-office l’a reçu mot pour mot",
        "office": "le bureau sait par son nom qui arrive, et qui repart",
        "broken": "n’a pas tenu",
        "figures": "%d étapes tenues · %d événements, chacun une fois et dans l’ordre · du badge au relais : "
                   "médiane %.1f ms, au pire %.1f ms · enregistré en %.1f ms · reçu par MQTT après %.1f ms (médianes)",
    },
}


class Story:
    def __init__(self, house, say):
        self.house = house
        self.texts = TEXTS[house.language]
        self.say = say
        self.held = 0
        self.late = range(0)  # numbers of the events that had to wait for the broker

    # -- a person's gestures --

    def present(self, uid, reader="pn532"):
        """Once the readers have seen that the badge before is gone."""
        self.house.take_badge(reader)
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + uid, reader)
        return mark

    def take(self, reader="pn532"):
        self.house.sim("remove 0", reader)

    def tap(self, uid, noun, **data):
        """Presents a badge, waits for its event and takes the badge away."""
        mark = self.present(uid)
        event = self.house.wait_event(noun, mark, **data)
        self.take()
        return event["event"]["data"]

    def walk_through(self, uid, reader="pn532"):
        """Presents a badge that opens, goes through the door, and takes the badge along."""
        mark = self.present(uid, reader)
        self.house.wait_event("door.released", mark)
        if not self.house.relay():
            raise StepFailed("the journal says released, the relay is not")
        self.house.go_through(mark)
        self.take(reader)
        self.house.wait_event("door.relocked", mark)
        if self.house.relay():
            raise StepFailed("the journal says relocked, the relay is released")

    def tap_is_denied(self, uid, reason):
        found = self.tap(uid, "access.denied")["reason"]
        if found != reason:
            raise StepFailed("denied with %s, expected %s" % (found, reason))
        if self.house.relay():
            raise StepFailed("denied, but the relay is released")

    # -- the steps --

    def start(self):
        self.house.start()

    def enrol(self):
        house = self.house
        self.member = house.desk.post("people", name=NAME)["person"]
        order = house.desk.post("people/%s/badges" % self.member, door="front")
        house.wait_for(lambda: self.command(order) == "taken", "the door's waiting for a badge")
        self.present(MEMBER)
        house.wait_for(lambda: self.command(order) == "done", "the reading of the badge")
        self.take()
        badge = house.desk.get("people/%s/badges" % self.member)["items"][0]
        house.wait_for_badge(badge["id"])
        if house.relay():
            raise StepFailed("the tap that enrolled also opened")

    def command(self, order):
        return self.house.desk.get("commands/" + order["id"])["state"]

    def badge(self, uid, **more):
        """A badge that the office gives to somebody and the door knows."""
        number = self.house.desk.post("people/%s/badges" % self.member, uid=uid, **more)["id"]
        self.house.wait_for_badge(number)
        return number

    def opens(self):
        self.walk_through(MEMBER)

    def unknown(self):
        self.tap_is_denied(STRANGER, "CredentialNotFound")

    def revoked(self):
        badge = self.badge(REVOKED)
        self.house.desk.patch("badges/%d" % badge, state="revoked")
        self.house.wait_for_badge(badge, "revoked")
        self.tap_is_denied(REVOKED, "CredentialNotEnabled")

    def early(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        self.badge(TOO_EARLY, validFrom=tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.tap_is_denied(TOO_EARLY, "CredentialNotActive")

    def outage(self):
        house = self.house
        first = self.caught_up() + 1
        house.stop("mosquitto")
        heard = len(house.mqtt.items)
        for uid in (MEMBER, MEMBER, MEMBER):
            self.walk_through(uid)
        if len(house.mqtt.items) != heard:
            raise StepFailed("events arrived while the broker was stopped")
        house.start_broker()
        self.late = range(first, self.caught_up() + 1)

    def unplug(self):
        house = self.house
        mark = house.mark()
        house.sim("unplug")
        house.wait_event("reader.fault", mark)
        house.sim("plug")
        house.wait_event("reader.online", mark)
        self.walk_through(MEMBER)

    def caught_up(self):
        """Waits until the back office has what the journal has, then compares."""
        house = self.house
        head = house.mark()
        last = b'"id":"front-board/%d"' % head
        house.mqtt.wait(lambda body: last in body)
        journal = house.journal()[:head]
        heard = [body for _, body in house.mqtt.items][:head]
        if heard != journal:
            numbers = [json.loads(body)["id"] for body in heard]
            raise StepFailed("the back office heard %d events, the journal has %d: %s" % (
                len(heard), len(journal), numbers))
        return head

    def journal(self):
        self.house.loquet("journal", "verify")
        self.events = self.caught_up()

    def office(self):
        """Whoever went through the door is in, by name, for the office too; and is not, once they have left."""
        self.house.wait_for(lambda: NAME in self.house.who_is_in(), "the member's visit at the office")
        self.walk_through(MEMBER, EXIT)
        self.house.wait_for(lambda: NAME not in self.house.who_is_in(), "the end of it at the office")
        self.walk_through(MEMBER)
        self.house.wait_for(lambda: NAME in self.house.who_is_in(), "the member's return at the office")

    # -- the whole --

    STEPS = ("start", "enrol", "opens", "unknown", "revoked", "early", "outage", "unplug", "office", "journal")

    def play(self):
        """True when every step held."""
        for step in self.STEPS:
            try:
                getattr(self, step)()
            except Exception as problem:  # pylint: disable=broad-except
                self.say("✗ %s" % self.texts[step])
                self.say("  %s: %s" % (self.texts["broken"], problem))
                for name in ("loquetd", "loquet-reader", "loquet-link", "loquet-office", "mosquitto"):
                    self.say("  -- %s --\n%s" % (name, self.house.log(name)[-1500:]))
                return False
            self.held += 1
            self.say("✓ %s" % self.texts[step])
        self.say(self.figures())
        return True

    def figures(self):
        stages = [item["event"]["data"]["stagesUs"] for _, item in self.house.watch.items
                  if item["event"]["type"] == "org.loquet.door.released.v1"]
        total = [sum(each.values()) / 1000 for each in stages]
        record = [each["record"] / 1000 for each in stages]
        delays = []
        for arrived, body in self.house.mqtt.items:
            event = json.loads(body)
            if int(event["sequence"]) not in self.late:
                happened = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
                delays.append((arrived - happened.timestamp()) * 1000)
        return self.texts["figures"] % (
            self.held, self.events, percentile(total, 50), max(total), percentile(record, 50),
            percentile(delays, 50))
