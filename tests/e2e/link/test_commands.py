"""Commands over MQTT: what is done, what is refused, and where the answers go."""

import json
import unittest

from linkrig import BASE, Rig, wait_for

COMMAND = BASE + "/command"
RESPONSE = BASE + "/command/response"


class Commands(Rig):
    protocol = "protocol = 5"

    def setUp(self):
        Rig.setUp(self)
        self.broker.start()
        self.office = self.client(BASE + "/#", "answers/#")
        self.make_journal().fill(20)
        self.start(self.protocol)
        self.expect_exactly_once(self.office)

    def ask(self, payload, topic=RESPONSE, **options):
        """The answer to a command."""
        before = len(self.office.messages(topic))
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        self.office.publish(COMMAND, payload, **options)
        wait_for(lambda: len(self.office.messages(topic)) > before, f"the answer to {payload[:99]}")
        message = self.office.messages(topic)[-1]
        self.assertFalse(message.retain)
        return json.loads(message.payload)

    def expect_nothing_published(self):
        """A replay of the last row is a fence: it shows what came before it."""
        before = self.office.bodies()
        self.assertTrue(self.ask({"command": "replay", "from": 20})["ok"])
        wait_for(lambda: len(self.office.bodies()) > len(before), "the fence")
        self.assertEqual(self.office.bodies()[len(before):], [self.journal.bodies[20]])

    def test_a_replay_publishes_the_same_bytes_again(self):
        self.assertEqual(self.ask({"command": "replay", "from": 17, "correlation": "my 17"}),
                         {"ok": True, "command": "replay", "from": 17, "correlation": "my 17"})
        wait_for(lambda: len(self.office.bodies()) == 24, "the replay")
        self.assertEqual(self.office.bodies()[20:], [self.journal.bodies[n] for n in range(17, 21)])
        wait_for(lambda: self.cursor() == 20, "the cursor's stay")
        self.journal.fill(1)
        wait_for(lambda: len(self.office.bodies()) == 25, "the next row")
        self.assertEqual(self.office.bodies()[24], self.journal.bodies[21])

    def test_malformed_commands_are_refused_and_do_nothing(self):
        cases = [
            (b"", "valid JSON"),
            (b"open", "valid JSON"),
            (b"\xff\xfe", "UTF-8"),
            (b'{"command":"\xc3\x28"}', "UTF-8"),
            (b"[" * 3000, "valid JSON"),
            (b'{"command":"replay","from":1,"from":2}', "valid JSON"),
            (b'{"command":"replay","from":1}trailing', "valid JSON"),
            (b'{"command":"replay","from":99999999999999999999}', "valid JSON"),
            (b'{"command":"replay","from":1,"x":"' + b"a" * 5000 + b'"}', "4096"),
            ([], "object"),
            ("replay", "valid JSON"),
            ({}, "command"),
            ({"command": 1}, "command"),
            ({"command": "replay"}, "from"),
            ({"command": "replay", "from": 0}, "from"),
            ({"command": "replay", "from": -1}, "from"),
            ({"command": "replay", "from": 1.0}, "from"),
            ({"command": "replay", "from": "1"}, "from"),
            ({"command": "replay", "from": True}, "from"),
            ({"command": "replay", "from": 1, "to": 2}, "unknown field"),
            ({"command": "replay", "from": 1, "correlation": 7}, "correlation"),
            ({"command": "replay", "from": 1, "correlation": "x" * 129}, "correlation"),
        ]
        for payload, words in cases:
            with self.subTest(payload=payload if isinstance(payload, dict) else payload[:60]):
                answer = self.ask(payload)
                self.assertEqual((answer["ok"], answer["error"]), (False, "invalid"))
                self.assertIn(words, answer["text"])
        self.expect_nothing_published()

    def test_unknown_commands_are_refused(self):
        answer = self.ask({"command": "door.open", "door": "front", "correlation": "c"})
        self.assertEqual((answer["ok"], answer["error"], answer["correlation"]),
                         (False, "unsupported", "c"))
        self.expect_nothing_published()

    def test_a_row_that_does_not_exist_is_not_found(self):
        self.assertEqual(self.ask({"command": "replay", "from": 21})["error"], "not_found")
        self.expect_nothing_published()

    def test_retained_commands_are_not_done(self):
        """The link never asks for retained messages; a 3.1.1 broker sends them all the same."""
        self.office.publish(COMMAND, b'{"command":"replay","from":1}', retain=True)
        wait_for(lambda: len(self.office.bodies()) == 40, "the live command")
        self.assertEqual(self.stop(), 0)
        self.start(self.protocol)
        if "5" not in self.protocol:
            wait_for(lambda: len(self.office.messages(RESPONSE)) == 2, "the refusal")
            self.assertIn("retained", json.loads(self.office.messages(RESPONSE)[1].payload)["text"])
        self.journal.fill(1)
        wait_for(lambda: len(self.office.bodies()) > 40, "the next row")
        self.assertEqual(self.office.bodies()[40:], [self.journal.bodies[21]])
        self.office.publish(COMMAND, b"", retain=True)

    def test_a_flood_of_replays_does_not_keep_new_rows_away(self):
        self.journal.fill(400)
        for _ in range(20):
            self.office.publish(COMMAND, b'{"command":"replay","from":1}')
        self.journal.fill(1)
        self.expect_all(self.office)
        wait_for(lambda: len(self.office.messages(RESPONSE)) >= 2, "answers")
        answers = [json.loads(m.payload) for m in self.office.messages(RESPONSE)]
        self.assertTrue({a.get("error") for a in answers} <= {None, "busy"}, answers)


class CommandsMqtt311(Commands):
    protocol = "protocol = 3.1.1"


class ResponseTopics(Rig):
    """MQTT 5 only."""

    protocol = "protocol = 5"
    setUp = Commands.setUp
    ask = Commands.ask
    expect_nothing_published = Commands.expect_nothing_published

    def test_the_answer_goes_where_the_command_says(self):
        answer = self.ask({"command": "replay", "from": 20}, topic="answers/42",
                          response="answers/42", correlation=b"\x00\xff42")
        self.assertTrue(answer["ok"])
        message = self.office.messages("answers/42")[-1]
        self.assertEqual(message.properties.CorrelationData, b"\x00\xff42")
        self.assertEqual(message.properties.ContentType, "application/json")
        answer = self.ask({"command": "dance"}, topic="answers/42", response="answers/42",
                          correlation=b"43")
        self.assertFalse(answer["ok"])
        self.assertEqual(self.office.messages("answers/42")[-1].properties.CorrelationData, b"43")

    def test_no_answer_goes_to_a_topic_of_the_controller(self):
        for topic in (BASE + "/events", BASE + "/state", BASE + "/command", "loquet/1/other/x",
                      "$SYS/x", RESPONSE + "x", "y" * 300):
            with self.subTest(topic=topic):
                answer = self.ask({"command": "replay", "from": 1}, response=topic, correlation=b"7")
                self.assertEqual((answer["ok"], answer["error"]), (False, "invalid"))
                self.assertIn("response topic", answer["text"])
                self.assertEqual(
                    self.office.messages(RESPONSE)[-1].properties.CorrelationData, b"7")
        self.expect_nothing_published()

    def test_below_the_response_topic_is_a_good_place(self):
        self.assertTrue(self.ask({"command": "replay", "from": 20}, topic=RESPONSE + "/me",
                                 response=RESPONSE + "/me")["ok"])


if __name__ == "__main__":
    unittest.main()
