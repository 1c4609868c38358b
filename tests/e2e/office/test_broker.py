#!/usr/bin/python3
"""A broker that does not answer holds up neither the page nor the end of the program."""

import os
import socket
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]


class Silent:
    """Somebody who listens and takes nobody in: whoever dials waits for as long as the kernel tries."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.waiting = []
        while not self.waiting or not self.is_stuck():
            dialled = socket.socket()
            dialled.setblocking(False)
            dialled.connect_ex(("127.0.0.1", self.port))
            self.waiting.append(dialled)

    def is_stuck(self):
        self.waiting[-1].settimeout(1)
        return self.waiting[-1].connect_ex(("127.0.0.1", self.port)) != 0

    def close(self):
        for one in (*self.waiting, self.listener):
            one.close()


class Broker(unittest.TestCase):
    def test_the_page_goes_on_while_the_broker_is_dialled(self):
        silent = Silent()
        self.addCleanup(silent.close)
        with Office(BUILD, "[mqtt]\nhost = 127.0.0.1\nport = %d\n" % silent.port) as office:
            for _ in range(20):
                self.assertEqual(office.get("/api/v1/session").status, 401)
            self.assertNotIn("no connection", office.house.log("loquet-office"))
            self.assertEqual(office.stop(), 0, office.house.log("loquet-office"))

    def test_a_broker_that_is_not_there_is_told_of(self):
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        self.addCleanup(closed.close)
        with Office(BUILD, "[mqtt]\nhost = 127.0.0.1\nport = %d\n" % closed.getsockname()[1]) as office:
            office.house.wait_for(lambda: "no connection: Connection refused" in office.house.log("loquet-office"),
                                  "the refusal")
            self.assertEqual(office.get("/api/v1/session").status, 401)
            self.assertEqual(office.stop(), 0, office.house.log("loquet-office"))


if __name__ == "__main__":
    unittest.main()
