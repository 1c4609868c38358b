"""A way to a TCP server that can be shut, and that takes its time.

    gate = Gate(port_of_the_server)
    gate.shut()          # whoever is inside is thrown out, whoever comes is turned away
    gate.open(0.1)       # what the server says takes 0.1 s
    gate.close()
"""

import socket
import threading
import time


class Gate:
    def __init__(self, port):
        self.server = ("127.0.0.1", port)
        self.delay_s = 0
        self.heard = []  # (Unix time, bytes) of what clients said since it was last opened
        self._open = True
        self._inside = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def shut(self):
        with self._lock:
            self._open = False
            for end in self._inside:
                end.close_both()
            self._inside.clear()

    def open(self, delay_s=0):
        with self._lock:
            self.delay_s = delay_s
            self.heard = []
            self._open = True

    def said(self, words):
        """When a client first said this since the gate was opened; None: it did not."""
        return next((at for at, chunk in list(self.heard) if words in chunk), None)

    def close(self):
        self.shut()
        self._listener.close()

    def _let_in(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                try:
                    if not self._open:
                        raise OSError("shut")
                    end = _Pair(self, client, socket.create_connection(self.server, 5))
                except OSError:
                    client.close()
                    continue
                self._inside.add(end)
            end.start()


class _Pair:
    def __init__(self, gate, client, server):
        self.gate, self.client, self.server = gate, client, server

    def start(self):
        threading.Thread(target=self._up, daemon=True).start()
        threading.Thread(target=self._down, daemon=True).start()

    def close_both(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _up(self):
        self._carry(self.client, self.server, lambda chunk: self.gate.heard.append((time.time(), chunk)))

    def _down(self):
        self._carry(self.server, self.client, lambda chunk: time.sleep(self.gate.delay_s))

    def _carry(self, one, other, before):
        try:
            while chunk := one.recv(65536):
                before(chunk)
                other.sendall(chunk)
        except OSError:
            pass
        self.close_both()
        one.close()  # the other way's end is the other thread's to close
