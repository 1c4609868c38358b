"""host/demo without --check: a person plays with the door, one key at a time."""

import json
import os
import select
import subprocess
import sys
import termios
import threading
import tty

import data
from house import StepFailed
from space import EXIT

BADGES = (data.BADGES["Ada"], "04b1b2c3d4e5f6", "04c1b2c3d4e5f6", data.BADGES["Bob"], data.BADGES["Cyd"],
          data.BADGES["Fay"])
LETTERS = "ABCDEF"

TEXTS = {
    "en": {
        "starting": "Starting the broker, two simulated readers and Loquet’s programs, with demo data …",
        "keys": "1 … 6  present badge A … F at the entry: who may come in walks in\n"
                "x      the last one leaves           t  take the badge away\n"
                "e      enrol: then present a badge   r  revoke the last one presented\n"
                "p      a phone                       d  two badges at once\n"
                "n      pull the network / plug in    u  unplug the reader / plug in\n"
                "o      open from the desk            c  push the door open / close it\n"
                "s      status                        ?  these keys         q  quit",
        "ready": "The door is ready. Badge A is Ada Example’s; B and C are nobody’s; D is Bob’s and was lost;\n"
                 "E is Cyd’s, from next month on; F is Fay’s, who does not want to be named.\n"
                 "The office’s page, live: %s   log in as %s, password %s\n"
                 "What everybody may see:  %sboard",
        "presented": "badge %s on the reader", "taken": "the reader is empty", "left": "badge %s at the exit",
        "phone": "a phone with a random number on the reader", "two": "two badges on the reader",
        "enrol": "present badge B or C now (2 or 3): it becomes %s’s", "enrolled": "enrolled: %s",
        "nothing": "present a badge first", "revoked": "badge %s revoked", "not_enrolled": "badge %s is not enrolled",
        "net_down": "network pulled: the broker is gone; taps go on", "net_up": "network plugged in",
        "usb_down": "reader unplugged", "usb_up": "reader plugged in",
        "opened": "opened from the desk", "door_open": "somebody pushes the door", "door_closed": "the door falls shut",
        "heard": "back office heard nº %d, %.0f ms later", "bye": "Everything is stopped and removed.",
        "no": "that did not work: %s", "late": "no badge was presented in time",
    },
    "fr": {
        "starting": "Démarrage du courtier, de deux lecteurs simulés et des programmes, avec des données fictives …",
        "keys": "1 … 6  présenter le badge A … F à l’entrée : qui en a le droit entre\n"
                "x      le dernier repart                t  enlever le badge\n"
                "e      enrôler : puis présenter         r  révoquer le dernier présenté\n"
                "p      un téléphone                     d  deux badges à la fois\n"
                "n      débrancher/rebrancher le réseau  u  débrancher/rebrancher le lecteur\n"
                "o      ouvrir depuis l’accueil          c  pousser la porte / la refermer\n"
                "s      état                             ?  ces touches        q  quitter",
        "ready": "La porte est prête. Le badge A est à Ada Example ; B et C ne sont à personne ; D, à Bob, est perdu ;\n"
                 "E est à Cyd, dès le mois prochain ; F est à Fay, qui ne veut pas être nommée.\n"
                 "La page du bureau, en direct : %s   compte %s, mot de passe %s\n"
                 "Ce que tous peuvent voir :     %sboard",
        "presented": "badge %s sur le lecteur", "taken": "le lecteur est vide", "left": "badge %s à la sortie",
        "phone": "un téléphone au numéro aléatoire sur le lecteur", "two": "deux badges sur le lecteur",
        "enrol": "présenter maintenant le badge B ou C (2 ou 3) : il devient celui de %s", "enrolled": "enrôlé : %s",
        "nothing": "présenter d’abord un badge", "revoked": "badge %s révoqué", "not_enrolled": "le badge %s n’est pas enrôlé",
        "net_down": "réseau débranché : plus de courtier ; la porte continue", "net_up": "réseau rebranché",
        "usb_down": "lecteur débranché", "usb_up": "lecteur rebranché",
        "opened": "ouverte depuis l’accueil", "door_open": "quelqu’un pousse la porte", "door_closed": "la porte se referme",
        "heard": "le back-office a reçu le nº %d, %.0f ms plus tard", "bye": "Tout est arrêté et effacé.",
        "no": "cela n’a pas marché : %s", "late": "aucun badge n’a été présenté à temps",
    },
}


class Play:
    def __init__(self, house, say):
        self.house = house
        self.texts = TEXTS[house.language]
        self.out = say
        self.last = None
        self.owners = {0: "Ada", 3: "Bob", 4: "Cyd", 5: "Fay"}  # of our badges
        self.enrolments = 0
        self.held = None  # what was presented last, and where
        self.enters = False  # somebody was let in and is about to push the door
        self.door_open = False
        self.reader_out = False

    def say(self, key, *values):
        self.out("  " + (self.texts[key] % values if values else self.texts[key]))

    # -- what happens by itself --

    def follow(self, at, heard):
        """Prints each event as it happens, and again when the back office hears it."""
        moments = {}
        while not self.done.is_set():
            while at < len(self.house.watch.items):
                moment, item = self.house.watch.items[at]
                moments[item["seq"]] = moment
                self.out(describe(item))
                self.walk(item["event"]["type"])
                at += 1
            while heard < len(self.house.mqtt.items):
                moment, body = self.house.mqtt.items[heard]
                seq = int(json.loads(body)["sequence"])
                if seq in moments:
                    self.say("heard", seq, max(0.0, (moment - moments[seq]) * 1000))
                heard += 1
            self.done.wait(0.05)

    def walk(self, kind):
        """Who is let in pushes the door, goes through and lets it fall shut."""
        if kind == "org.loquet.access.granted.v1":
            self.enters = not self.door_open
        elif kind == "org.loquet.door.released.v1" and self.enters:
            self.house.drive("contact", True)
        elif kind == "org.loquet.door.opened.v1" and self.enters:
            self.enters = False
            self.house.drive("contact", False)
            self.take_all()

    def sweep(self):
        """Whoever opens in the morning: from then on it is known how the door stands."""
        mark = self.house.mark()
        self.house.loquet("open", "front")
        self.house.wait_event("door.released", mark)
        self.house.drive("contact", True)
        self.house.wait_event("door.opened", mark)
        self.house.drive("contact", False)
        self.house.wait_event("door.closed", mark)

    # -- the keys --

    def hold(self, index, reader):
        self.take_all()
        if self.held == (index, reader):
            self.house.take_badge(reader)
        self.held = (index, reader)
        self.house.sim("present 0 type=ntag213 uid=" + BADGES[index], reader)

    def take_all(self):
        for reader in ("pn532", EXIT):
            self.house.sim("remove all", reader)

    def present(self, index):
        self.hold(index, "pn532")
        self.last = index
        self.say("presented", LETTERS[index])

    def leave(self):
        if self.last is None:
            self.say("nothing")
            return
        self.hold(self.last, EXIT)
        self.say("left", LETTERS[self.last])

    def take(self):
        self.take_all()
        self.say("taken")

    def phone(self):
        self.take_all()
        self.house.sim("present 0 type=phone")
        self.say("phone")

    def two(self):
        self.take_all()
        # For a moment the first may lie there alone: not the one that may come in, and takes them along.
        self.house.sim("present 0 type=ntag213 uid=" + BADGES[1])
        self.house.sim("present 1 type=ntag213 uid=" + BADGES[0])
        self.say("two")

    def enrol(self):
        name = "New%d" % (self.enrolments + 1)
        if name not in self.house.people:  # where the door could not be asked last time, somebody waits
            self.house.people[name] = self.house.desk.post("people", name=name + " Example")["person"]
        person = self.house.people[name]
        order = self.house.desk.post("people/%s/badges" % person, door="front")
        self.enrolments += 1
        self.say("enrol", name)
        threading.Thread(target=self._enrol, args=(name, order["id"]), daemon=True).start()

    def _enrol(self, name, order):
        """Waits for what becomes of the door's reading of a badge."""
        state = "waiting"
        try:
            while state in ("waiting", "taken") and not self.done.wait(0.1):
                state = self.house.desk.get("commands/" + order)["state"]
            if state == "done":
                person = self.house.people[name]
                self.house.wait_for_badge(self.house.desk.get("people/%s/badges" % person)["items"][0]["id"])
                self.owners[self.last] = name
                self.say("enrolled", name)
            elif state != "waiting":
                self.say("late")
        except StepFailed as problem:
            self.say("no", problem)

    def revoke(self):
        if self.last is None:
            self.say("nothing")
        elif self.last not in self.owners:
            self.say("not_enrolled", LETTERS[self.last])
        else:
            person = self.house.people[self.owners[self.last]]
            for badge in self.house.desk.get("people/%s/badges" % person)["items"]:
                self.house.desk.patch("badges/%d" % badge["id"], state="revoked")
            self.say("revoked", LETTERS[self.last])

    def network(self):
        if "mosquitto" in self.house.processes:
            self.house.stop("mosquitto")
            self.say("net_down")
        else:
            self.house.start_broker()
            self.say("net_up")

    def reader(self):
        self.house.sim("plug" if self.reader_out else "unplug")
        self.reader_out = not self.reader_out
        self.say("usb_down" if self.reader_out else "usb_up")

    def desk(self):
        self.house.loquet("open", "front")
        self.say("opened")

    def contact(self):
        self.door_open = not self.door_open
        self.house.drive("contact", self.door_open)
        self.say("door_open" if self.door_open else "door_closed")

    def status(self):
        """As an operator reads it."""
        told = subprocess.run(
            [self.house.program("loquet"), "--config", self.house.config, "--lang", self.house.language, "status"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
            check=False)
        self.out(told.stdout.rstrip())

    def keys(self):
        self.out(self.texts["keys"])

    # -- the loop --

    def play(self):
        self.out(self.texts["starting"])
        self.house.start()
        self.sweep()
        self.done = threading.Event()
        follower = threading.Thread(
            target=self.follow, args=(len(self.house.watch.items), len(self.house.mqtt.items)), daemon=True)
        follower.start()
        page = self.house.page()
        self.out("\n" + self.texts["ready"] % (page, *data.ACCOUNT, page) + "\n")
        self.keys()
        actions = {"x": self.leave, "t": self.take, "p": self.phone, "d": self.two, "e": self.enrol, "r": self.revoke,
                   "n": self.network, "u": self.reader, "o": self.desk, "c": self.contact,
                   "s": self.status, "?": self.keys}
        for key in keys_of(sys.stdin):
            if key in "qQ\x04":
                break
            try:
                if key in "123456":
                    self.present(int(key) - 1)
                elif key in actions:
                    actions[key]()
            except StepFailed as problem:
                self.say("no", problem)
        self.done.set()
        follower.join(2)
        return 0


def farewell(language):
    return TEXTS[language]["bye"]


def keys_of(stream):
    """Single keys from a terminal (restored at the end), or characters from anything else."""
    number = stream.fileno()
    saved = termios.tcgetattr(number) if os.isatty(number) else None
    try:
        if saved is not None:
            tty.setcbreak(number)
        while True:
            select.select([number], [], [])
            data = os.read(number, 1)
            if not data:
                return
            key = data.decode("ascii", "ignore")
            if key.strip() or key == "\x04":
                yield key
    finally:
        if saved is not None:
            termios.tcsetattr(number, termios.TCSADRAIN, saved)


def describe(item):
    """One line an event: number, what, where, why, and how long each stage took."""
    event = item["event"]
    data = event["data"]
    parts = ["nº %-3d %-22s" % (item["seq"], event["type"][len("org.loquet."):-len(".v1")])]
    for key in ("accessPoint", "door", "reader"):
        if key in data:
            parts.append(data[key])
            break
    for key in ("reason", "action", "cause", "holder", "text"):
        if key in data:
            parts.append(str(data[key]))
    stages = data.get("stagesUs", {})
    if stages:
        parts.append("[" + "  ".join("%s %.2f ms" % (name, us / 1000) for name, us in stages.items()) + "]")
    return " ".join(parts)
