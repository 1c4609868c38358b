#!/usr/bin/python3
"""Many who log in at once: passwords cost time, and nobody else is to pay for it."""

import http.client
import json
import os
import select
import socket
import time
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]
SESSION = "/api/v1/session"


class Crowd(unittest.TestCase):
    guesses = 0

    @classmethod
    def setUpClass(cls):
        cls.office = Office(BUILD)
        cls.addClassCleanup(cls.office.__exit__)
        cls.office.__enter__()

    def ask_to_log_in(self, address):
        """A connection on which the answer is awaited. Whose name it is, nobody has."""
        type(self).guesses += 1
        body = b'{"name":"nobody%d","password":"a guess of many"}' % self.guesses
        one = socket.create_connection(("127.0.0.1", self.office.port), 60)
        self.addCleanup(one.close)
        one.sendall(b"POST %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\n"
                    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (SESSION.encode(), address.encode(), len(body), body))
        return one

    def status_of(self, one):
        answer = http.client.HTTPResponse(one)
        answer.begin()
        problem = json.loads(answer.read())
        self.assertEqual(problem["status"], answer.status)
        if answer.status == 503:
            self.assertEqual(problem["type"], "urn:loquet:problem:busy")
            self.assertEqual(problem["detail"],
                             "too many passwords are being checked: try again in a moment")
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
        one.close()
        return answer.status

    def test_those_who_log_in_hold_nobody_up(self):
        """Who asks after all of them has an answer before the last of them."""
        earlier = False
        for attempt in range(20):
            waiting = [self.ask_to_log_in("198.51.%d.%d" % (attempt, i)) for i in range(12)]
            self.assertEqual(self.office.get(SESSION).status, 401)
            earlier |= not select.select(waiting[-1:], [], [], 0)[0]
            self.assertEqual([self.status_of(one) for one in waiting], 12 * [401])
            if earlier:
                break
        self.assertTrue(earlier)

    def until_busy(self, addresses):
        """What is answered to guesses from each of these, sent until somebody is sent away."""
        answers = set()
        for attempt in range(20):
            waiting = [self.ask_to_log_in(one % attempt) for one in addresses]
            answers |= {self.status_of(one) for one in waiting}
            if 503 in answers:
                break
        return answers

    def test_too_many_at_once_are_sent_away(self):
        self.assertEqual(self.until_busy(["203.%%d.113.%d" % i for i in range(40)]), {401, 503})

    def test_one_network_takes_not_all_the_room(self):
        answers = self.until_busy(["2001:db8:%%d::%x" % i for i in range(12)])
        self.assertEqual(answers - {429}, {401, 503})

    def test_guessing_all_at_once_gains_nothing(self):
        """They came before the first of them had failed."""
        answers = []
        began = time.monotonic()
        while answers.count(401) < 5:
            waiting = [self.ask_to_log_in("192.0.2.200") for _ in range(4)]
            answers += [self.status_of(one) for one in waiting]
            self.assertLessEqual(len(answers), 8)
        # Who has waited as long as they were told to may guess once more: two seconds, then four, …
        passed = time.monotonic() - began
        more = sum(2 ** (wait + 1) - 2 <= passed for wait in range(1, 4))
        self.assertEqual(set(answers), {401, 429})
        self.assertLessEqual(answers.count(401), 5 + more)

    def test_an_end_waits_for_nobody(self):
        waiting = [self.ask_to_log_in("198.51.100.%d" % i) for i in range(12)]
        self.assertEqual(self.office.stop(), 0)
        for one in waiting:
            one.close()
        self.office.start()
        self.assertEqual(self.office.get(SESSION).status, 401)


if __name__ == "__main__":
    unittest.main()
