"""Commands over MQTT: what is carried to loquetd, what is refused, and where the answers go."""

import json
import time
import unittest

from linkrig import BASE, Loquetd, Rig, wait_for

COMMAND = BASE + "/command"
RESPONSE = BASE + "/command/response"
ORDER = "eyJhbGciOiJFZERTQSJ9.e30.AA"
REFUSED = {"ok": False, "error": "refused", "reason": "malformed", "text": "so says loquetd"}


class Commands(Rig):
    protocol = "protocol = 5"

    def setUp(self):
        Rig.setUp(self)
        self.broker.start()
        self.office = self.client(BASE + "/#", "answers/#")
        self.make_journal().fill(20)
        self.loquetd = Loquetd(self.folder)
        self.addCleanup(self.loquetd.close)
        self.start(self.protocol)
        self.loquetd.accept()
        self.loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        self.carried = 0

    def await_answer(self, topic, before):
        wait_for(lambda: len(self.office.messages(topic)) > before, "the answer")
        message = self.office.messages(topic)[-1]
        self.assertFalse(message.retain)
        return json.loads(message.payload)

    def ask(self, payload, topic=RESPONSE, **options):
        """The link's own answer to what it does not carry."""
        before = len(self.office.messages(topic))
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        self.office.publish(COMMAND, payload, **options)
        return self.await_answer(topic, before)

    def hear_order(self):
        """The next command that loquetd is handed, and its number."""
        self.carried += 1
        return self.loquetd.listen(lambda m: m.get("id") == self.carried, "the next command")

    def hear_refused(self, **counts):
        """What loquetd is told for the journal: so many of each word, and nothing else of them."""
        told = dict.fromkeys(counts, 0)

        def all_of_them(message):
            if "refused" in message:
                self.assertEqual(sorted(message), ["count", "refused"])
                told[message["refused"]] = told.get(message["refused"], 0) + message["count"]
            return told == counts
        self.loquetd.listen(all_of_them, "the refusals %s" % counts)

    def carry(self, payload, topic=RESPONSE, **options):
        """What comes of a command that loquetd refuses."""
        before = len(self.office.messages(topic))
        self.office.publish(COMMAND, payload, **options)
        self.assertEqual(self.hear_order(), {"id": self.carried, "order": ORDER})
        self.loquetd.say({"id": self.carried, "answer": REFUSED})
        return self.await_answer(topic, before)

    def test_what_is_signed_goes_to_loquetd_and_its_answer_comes_back(self):
        self.assertEqual(self.carry(ORDER), REFUSED)
        self.assertEqual(self.carry(json.dumps({"jws": ORDER, "correlation": "my 17"})),
                         {**REFUSED, "correlation": "my 17"})
        before = len(self.office.messages(RESPONSE))
        for _ in range(17):
            self.office.publish(COMMAND, ORDER)
        self.assertEqual(self.await_answer(RESPONSE, before)["error"], "busy")
        for _ in range(16):
            self.hear_order()
            self.loquetd.say({"id": self.carried, "answer": REFUSED})
        wait_for(lambda: len(self.office.messages(RESPONSE)) == before + 17, "the other answers")
        self.loquetd.say({"id": self.carried, "answer": REFUSED})
        self.assertEqual(self.carry(ORDER), REFUSED)
        self.assertEqual(len(self.office.messages(RESPONSE)), before + 18)
        self.loquetd.leave()
        self.assertEqual(self.ask(ORDER.encode())["error"], "io")

    def test_what_is_not_signed_is_refused_and_not_carried(self):
        unsigned = '"jws" must be a signed command'
        cases = [
            (b"", "valid JSON"),
            (b"open", "valid JSON"),
            (b"\xff\xfe", "UTF-8"),
            (b'{"jws":"\xc3\x28"}', "UTF-8"),
            (b"[" * 3000, "valid JSON"),
            (b'{"jws":"%s","jws":"%s"}' % (ORDER.encode(), ORDER.encode()), "valid JSON"),
            (b'{"jws":"%s"}trailing' % ORDER.encode(), "valid JSON"),
            (b'{"jws":"' + b"a" * 5000 + b'"}', "4096"),
            (b"ey" + b"a" * 2047, "2048"),
            ([], "object"),
            ("replay", "valid JSON"),
            ({}, unsigned),
            ({"command": "replay", "from": 1}, unsigned),
            ({"command": "door.open", "door": "front"}, unsigned),
            ({"jws": 1}, unsigned),
            ({"jws": "x"}, unsigned),
            ({"jws": ORDER + " "}, unsigned),
            ({"jws": ORDER, "to": 2}, "unknown field"),
            ({"jws": ORDER, "correlation": 7}, "correlation"),
            ({"jws": ORDER, "correlation": "x" * 129}, "correlation"),
        ]
        for payload, words in cases:
            with self.subTest(payload=payload if isinstance(payload, dict) else payload[:60]):
                answer = self.ask(payload)
                self.assertEqual((answer["ok"], answer["error"], answer["reason"]),
                                 (False, "invalid", "malformed"))
                self.assertIn(words, answer["text"])
        self.assertEqual(self.ask({"command": "replay", "from": 1, "correlation": "c"})["correlation"],
                         "c")
        self.hear_refused(malformed=len(cases) + 1)
        self.carry(ORDER)  # and it is the first that loquetd hears of
        self.expect_exactly_once(self.office)

    def test_retained_commands_are_not_done(self):
        """The link never asks for retained messages; a 3.1.1 broker sends them all the same."""
        self.office.publish(COMMAND, ORDER, retain=True)
        self.hear_order()
        self.assertEqual(self.stop(), 0)
        self.start(self.protocol)
        self.loquetd.heard = []
        self.loquetd.accept()
        self.loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        if "5" not in self.protocol:
            wait_for(lambda: len(self.office.messages(RESPONSE)) == 1, "the refusal")
            self.assertIn("retained", json.loads(self.office.messages(RESPONSE)[0].payload)["text"])
            self.hear_refused(retained=1)
        self.office.publish(COMMAND, b"", retain=True)
        self.loquetd.heard, self.carried = [], 0
        self.carry(ORDER)

    def test_a_flood_of_rubbish_is_counted_and_told_in_few_words(self):
        for _ in range(3000):
            self.office.client.publish(COMMAND, b"rubbish", qos=1)
        self.office.publish(COMMAND, b"the last")
        told = {}

        def all_of_them(message):
            if "refused" in message:
                told.setdefault(message["refused"], []).append(message["count"])
            return sum(map(sum, told.values())) == 3001
        begin = time.monotonic()
        self.loquetd.listen(all_of_them, "all 3001")
        self.assertLessEqual(sum(map(len, told.values())), 20 + time.monotonic() - begin + 60)
        self.assertLessEqual(set(told), {"malformed", "too_many"})  # whatever nobody looked at
        self.loquetd.heard = []
        self.carry(ORDER)

    def test_what_is_refused_while_loquetd_is_away_is_told_when_it_is_back(self):
        self.loquetd.leave()
        self.assertEqual(self.ask(ORDER.encode())["reason"], "unreachable")
        self.assertEqual(self.ask(b"open")["reason"], "malformed")
        self.loquetd.heard = []
        self.loquetd.come()
        self.loquetd.accept()
        self.hear_refused(malformed=1, unreachable=1)

    def test_a_flood_of_replays_does_not_keep_new_rows_away(self):
        self.journal.fill(400)
        for _ in range(20):
            self.loquetd.say({"replay": 1})
        self.journal.fill(1)
        self.expect_all(self.office)


class CommandsMqtt311(Commands):
    protocol = "protocol = 3.1.1"


class ResponseTopics(Commands):
    """MQTT 5 only; the rest of the story is told above."""

    def test_the_answer_goes_where_the_command_says(self):
        for answer, response in ((self.carry, "answers/42"), (self.carry, RESPONSE + "/me")):
            answer(ORDER, topic=response, response=response, correlation=b"\x00\xff42")
            message = self.office.messages(response)[-1]
            self.assertEqual(message.properties.CorrelationData, b"\x00\xff42")
            self.assertEqual(message.properties.ContentType, "application/json")
        self.assertFalse(self.ask({"command": "dance"}, topic="answers/42", response="answers/42",
                                  correlation=b"43")["ok"])
        self.assertEqual(self.office.messages("answers/42")[-1].properties.CorrelationData, b"43")

    def test_no_answer_goes_to_a_topic_of_the_controller(self):
        for topic in (BASE + "/events", BASE + "/state", BASE + "/command", "loquet/1/other/x",
                      "$SYS/x", RESPONSE + "x", "y" * 300):
            with self.subTest(topic=topic):
                answer = self.ask({"jws": ORDER}, response=topic, correlation=b"7")
                self.assertEqual((answer["ok"], answer["error"], answer["reason"]),
                                 (False, "invalid", "response_topic"))
                self.assertIn("response topic", answer["text"])
                self.assertEqual(
                    self.office.messages(RESPONSE)[-1].properties.CorrelationData, b"7")
        self.carry(ORDER)  # and it is the first that loquetd hears of

    def test_who_reads_french_is_refused_in_french(self):
        self.controller_lines = ("language = fr",)
        self.assertEqual(self.stop(), 0)
        self.start(self.protocol)
        self.loquetd.accept()
        answer = self.ask({"jws": ORDER}, response=BASE + "/events", correlation=b"7")
        self.assertEqual((answer["reason"], answer["text"]),
                         ("response_topic", "aucune réponse ne peut aller à ce sujet de réponse"))


for name in [name for name in dir(Commands) if name.startswith("test_")]:
    setattr(ResponseTopics, name, None)

if __name__ == "__main__":
    unittest.main()
