"""Ports for servers that start later, stop and start again.

What the kernel hands out for the asking is anybody's until the server listens: the end of some client's
connection, or what another test was handed out as well. These lie below the ports that clients get, and
a socket's name, which the kernel keeps for as long as this process lives, says that one is taken.
"""

import random
import socket

FIRST = 15000
_names = []


def _clients_begin():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        return int(file.read().split()[0])


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def _take(port):
    """False when another process has taken it for a server of its own."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind("\0loquet port %d" % port)
    except OSError:
        name.close()
        return False
    _names.append(name)
    return True


def free_port():
    """A port of 127.0.0.1 that is nobody else's until this process ends."""
    last = max(_clients_begin(), FIRST + 1000)
    for port in random.sample(range(FIRST, last), last - FIRST):
        if _take(port) and _is_free(port):
            return port
    raise OSError("no port is free from %d to %d" % (FIRST, last - 1))
