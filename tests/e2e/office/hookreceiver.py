"""A receiver of webhooks that answers as it is told and verifies what it gets by itself: Standard
Webhooks (https://www.standardwebhooks.com), written here from its text and not from ours."""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time

TOLERANCE_S = 300


class Wrong(AssertionError):
    pass


def verify(secrets, headers, body):
    """Raises Wrong unless one of the signatures is that of one of the secrets."""
    name, moment = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(moment)) > TOLERANCE_S:
        raise Wrong("an old timestamp: " + moment)
    signed = b"%s.%s.%s" % (name.encode(), moment.encode(), body)
    given = headers["webhook-signature"].split(" ")
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(right, one) for one in given):
            return
    raise Wrong("not signed: %s" % given)


class Got:
    def __init__(self, handler, body):
        self.path = handler.path
        self.headers = handler.headers
        self.body = body
        self.id = handler.headers["webhook-id"]
        self.event = json.loads(body)
        self.status = None

    @property
    def type(self):
        return self.event["type"].removeprefix("org.loquet.").removesuffix(".v1")


class Receiver:
    """Use as a context. `answers`: statuses that are given first; then `status`. What it has got is
    in `got`, in the order of arrival; with `hold` cleared, an answer waits until it is set."""

    def __init__(self, port=0, tls=None):
        self.port = port
        self.tls = tls
        self.secrets = []
        self.answers = []
        self.status = 204
        self.headers = {}
        self.body = b""  # of the answer; None: one without an end
        self.got = []
        self.hold = threading.Event()
        self.hold.set()
        self.server = None

    def __enter__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802 pylint: disable=invalid-name
                receiver.answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/hook"):
        return "http%s://127.0.0.1:%d%s" % ("s" if self.tls else "", self.port, path)

    def answer(self, handler):
        got = Got(handler, handler.rfile.read(int(handler.headers["Content-Length"])))
        try:
            verify(self.secrets, got.headers, got.body)
            got.status = self.answers.pop(0) if self.answers else self.status
        except Wrong as wrong:
            got.status = 401
            got.wrong = wrong
        self.got.append(got)
        self.hold.wait(120)
        handler.send_response(got.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        if self.body is None:
            handler.end_headers()
            while True:
                handler.wfile.write(b"x" * 65536)
        handler.send_header("Content-Length", str(len(self.body)) if got.status != 204 else "0")
        handler.end_headers()
        handler.wfile.write(self.body if got.status != 204 else b"")

    def took(self):
        """What it has answered with success."""
        return [one for one in list(self.got) if one.status and 200 <= one.status < 300]
