"""TLS: the broker is known by its certificate, the controller by its own."""

import os
import ssl
import subprocess
import unittest

from linkrig import BASE, Rig, wait_for


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                     "-subj", f"/CN={name} authority")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, alternative):
        """Makes <name>.key and <name>.pem."""
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        with open(self.path("extensions"), "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternative}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                     "-CAcreateserial", "-out", f"{name}.pem", "-days", "2",
                     "-extfile", "extensions")


class Tls(Rig):
    protocol = "protocol = 5"

    def setUp(self):
        super().setUp()
        self.good = Authority(self.folder, "good")
        self.good.issue("broker", "IP:127.0.0.1")
        self.good.issue("board", "DNS:front-board.example.org")
        self.make_journal().fill(500)

    def start_broker(self, certificate="broker"):
        self.broker.configure(f"cafile {self.good.path('ca.pem')}",
                              f"certfile {self.good.path(certificate + '.pem')}",
                              f"keyfile {self.good.path(certificate + '.key')}",
                              "require_certificate true", "use_identity_as_username true")
        self.broker.start()

    def office(self):
        def configure(client):
            client.tls_set(self.good.path("ca.pem"), self.good.path("board.pem"),
                           self.good.path("board.key"), cert_reqs=ssl.CERT_NONE)
            client.tls_insecure_set(True)
        return self.client(BASE + "/events", configure=configure)

    def files(self, authority, name="board"):
        return (f"ca_file = {self.good.path('ca.pem')}", f"cert_file = {authority.path(name)}.pem",
                f"key_file = {authority.path(name)}.key", self.protocol)

    def expect_refused(self, *words):
        wait_for(lambda: any(word in self.words() for word in words), "the refusal")
        self.assertNotIn("loquet-link: connected", self.words())
        self.assertEqual(self.stop(), 0)
        self.assertEqual(self.cursor(), 0)

    def test_both_sides_know_each_other(self):
        self.start_broker()
        office = self.office()
        self.start(*self.files(self.good))
        self.expect_exactly_once(office)
        self.broker.stop()
        self.journal.fill(500)
        self.broker.start()
        self.expect_all(office)

    def test_a_broker_of_another_authority_is_refused(self):
        other = Authority(self.folder, "other")
        self.start_broker()
        self.start(f"ca_file = {other.path('ca.pem')}", *self.files(self.good)[1:])
        self.expect_refused("certificate verify failed")

    def test_a_broker_of_another_name_is_refused(self):
        self.good.issue("impostor", "DNS:elsewhere.example.org,IP:127.0.0.2")
        self.start_broker("impostor")
        self.start(*self.files(self.good))
        self.expect_refused("certificate verify failed", "host name")

    def test_a_board_of_another_authority_is_refused(self):
        other = Authority(self.folder, "other")
        other.issue("board", "DNS:front-board.example.org")
        self.start_broker()
        self.start(*self.files(other))
        self.expect_refused("disconnected")

    def test_a_broker_without_tls_is_refused(self):
        self.broker.start()
        self.start(*self.files(self.good))
        self.expect_refused("disconnected")

    def test_files_that_cannot_be_read_are_a_wrong_configuration(self):
        for missing in range(3):
            files = list(self.files(self.good))
            files[missing] = files[missing].split(" = ")[0] + " = /nonexistent"
            self.start(*files)
            self.assertEqual(self.process.wait(60), 3)
        self.process = None
        self.assertEqual(self.words().count("cannot be read"), 3)


class TlsMqtt311(Tls):
    protocol = "protocol = 3.1.1"


if __name__ == "__main__":
    unittest.main()
