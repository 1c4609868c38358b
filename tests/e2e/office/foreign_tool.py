#!/usr/bin/python3
"""A space's own program, which knows nothing of Loquet but its CSV files and its MQTT topics.

foreign_tool.py FOLDER OFFICE TOKEN BROKER_PORT SPACE: what is saved in FOLDER/people.csv and badges.csv holds at the
doors. It keeps who is in in in.csv, first in and last out in visits.csv, the office's own count in counted.csv.
"""
import csv, io, json, os, sys, time, urllib.request
from paho.mqtt import client as mqtt

folder, office, token, port, space = sys.argv[1:]
saved, names, visits, heard = {}, {}, {}, set()

def read(sheet):
    with open(os.path.join(folder, sheet), "rb") as file:
        return file.read()

def call(sheet, body=None):
    request = urllib.request.Request("%s/api/v1/%s" % (office, sheet), body, {
        "Authorization": "Bearer " + token, "Content-Type": "text/csv"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()

def push():
    for sheet in ("people.csv", "badges.csv"):
        if saved.get(sheet) != (now := read(sheet)):
            call(sheet, now)
            saved[sheet] = now
            names.update((row["person"], row["name"]) for row in csv.DictReader(io.StringIO(call("people.csv"))))

def write(sheet, *rows):
    path = os.path.join(folder, sheet)
    with open(path + ".new", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    os.replace(path + ".new", path)

def on_message(_client, _userdata, message):
    told = json.loads(message.payload)
    if message.topic.endswith("/occupancy"):
        write("counted.csv", ("zone", "count"), *((zone["zone"], zone["count"]) for zone in told["zones"]))
    if told.get("type") != "org.loquet.access.taken.v1" or told["id"] in heard or "holder" not in told["data"]:
        return
    heard.add(told["id"])
    leaves = told["data"]["accessPoint"].endswith("/exit")
    visits.setdefault(told["data"]["holder"], [told["time"], ""])[1] = told["time"] if leaves else ""
    rows = [(who, names.get(who, who), *times) for who, times in visits.items()]
    write("visits.csv", ("person", "name", "check_in", "check_out"), *rows)
    write("in.csv", ("person", "name", "since"), *(row[:3] for row in rows if not row[3]))

if os.path.exists(os.path.join(folder, "visits.csv")):
    visits = {row[0]: row[2:] for row in list(csv.reader(io.StringIO(read("visits.csv").decode())))[1:]}
client = mqtt.Client("foreign-tool", clean_session=False)  # the broker keeps what comes while we are away
client.on_message = on_message
client.on_connect = lambda *_: client.subscribe([("loquet/1/%s/%s" % (space, end), 1) for end in ("+/events", "occupancy")])
push()
client.connect("127.0.0.1", int(port))
client.loop_start()
while True:
    time.sleep(0.2)
    push()
