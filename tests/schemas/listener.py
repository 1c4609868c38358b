"""Everything that a controller publishes, as a subscriber gets it; and commands to it."""

import threading
import time

from paho.mqtt import client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PATIENCE_S = 60


class Listener:
    def __init__(self, port, topics=("loquet/#", "homeassistant/#")):
        self.messages = []
        self._new = threading.Condition()
        self._subscribed = threading.Event()
        self._client = mqtt.Client(client_id="listener", protocol=mqtt.MQTTv5)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        self._client.subscribe([(topic, options) for topic in topics])
        assert self._subscribed.wait(PATIENCE_S)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client, _context, message):
        with self._new:
            self.messages.append(message)
            self._new.notify_all()

    def on(self, topic):
        with self._new:
            return [message for message in self.messages if message.topic == topic]

    def wait(self, wanted, patience=PATIENCE_S):
        """The first message, old or new, that satisfies `wanted`."""
        deadline = time.monotonic() + patience
        with self._new:
            while True:
                for message in self.messages:
                    if wanted(message):
                        return message
                if not self._new.wait(max(0, deadline - time.monotonic())) and \
                        time.monotonic() >= deadline:
                    raise AssertionError("no such message within %d s" % patience)

    def command(self, topic, body, response_topic=None, retain=False):
        properties = None
        if response_topic is not None:
            properties = Properties(PacketTypes.PUBLISH)
            properties.ResponseTopic = response_topic
            properties.CorrelationData = b"the same"
        self._client.publish(topic, body, qos=1, retain=retain,
                             properties=properties).wait_for_publish()
