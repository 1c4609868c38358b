"""Ten boards of one space whose doors open all the time: run by itself, it publishes what they would, and prints whose
entry it was and when it published it."""

import json
import sys
import time

from paho.mqtt import client as mqtt

PERSONS = 150
CONTROLLERS = 10
RATE = 100   # events a second
PER_TAP = 4  # granted, opened, taken, closed


def tap_of(number):
    """Whose it is, and whether it is their entry: each person goes in and out in turns."""
    return 1 + number * 7 % PERSONS, number // PERSONS % 2 == 0


def event(board, seq, kind, data, now=None):
    now = time.time() if now is None else now
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
    return at, json.dumps({
        "specversion": "1.0", "id": f"{board}/{seq}", "source": f"urn:loquet:demo:{board}",
        "type": f"org.loquet.{kind}.v1", "time": at, "sequence": f"{seq:020d}", "loquetclock": "synchronised",
        "datacontenttype": "application/json", "data": data})


def events_of_a_tap(passage):
    return (("access.granted", passage), ("door.opened", {"door": "front", "expected": True}),
            ("access.taken", passage), ("door.closed", {"door": "front"}))


def publish(port, taps):
    client = mqtt.Client("boards", protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    began = time.monotonic()
    sent = []
    seqs = [0] * CONTROLLERS
    for number in range(taps):
        time.sleep(max(0, began + number * PER_TAP / RATE - time.monotonic()))
        sent += tap(client, number, seqs)
    for message in sent:
        message.wait_for_publish()
    client.disconnect()
    client.loop_stop()


def tap(client, number, seqs):
    which = number % CONTROLLERS
    board = f"board-{which}"
    topic = f"loquet/1/demo/{board}"
    person, enters = tap_of(number)
    passage = {"door": "front", "accessPoint": "front/" + ("entry" if enters else "exit"), "zone": f"zone-{which % 2}",
               "transaction": f"1-{number + 1}", "credential": "c1", "holder": f"p{person}"}
    sent = []
    for kind, data in events_of_a_tap(passage):
        seqs[which] += 1
        at, body = event(board, seqs[which], kind, data)
        if kind == "access.granted" and enters:
            print(f"p{person}", at, time.monotonic(), flush=True)
        sent.append(client.publish(topic + "/events", body, 1))
        if kind.startswith("door."):
            state = {"door": "front", "zone": passage["zone"], "mode": "Locked", "seq": seqs[which],
                     "contact": kind[5:].replace("opened", "open")}
            sent.append(client.publish(topic + "/doors/front/state", json.dumps(state), 1, True))
    return sent


if __name__ == "__main__":
    publish(int(sys.argv[1]), int(sys.argv[2]))
