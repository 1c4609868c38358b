#include "firmware/link/home_assistant.h"

#include "firmware/core/door.h"
#include "firmware/link/press.h"

#include <stdio.h>

#define TEMPLATE_SIZE 256u
#define ID_SIZE       192u

/* "None" is Home Assistant's word for what is not known. */
#define LOCK                                                                                       \
	"{{ {'Locked': 'OFF', 'Blocked': 'OFF', 'LockedDown': 'OFF', 'Accessed': 'ON', "           \
	"'Unlocked': 'ON', 'LockedOpen': 'ON'}.get(value_json.mode, 'None') }}"
#define LATCH                                                                                      \
	"{{ 'JAMMED' if value_json.alarms is defined and (value_json.alarms.mismatch or "          \
	"value_json.alarms.ajar) else {'Locked': 'LOCKED', 'Blocked': 'LOCKED', "                  \
	"'LockedDown': 'LOCKED', 'Accessed': 'UNLOCKED', 'Unlocked': 'UNLOCKED', "                 \
	"'LockedOpen': 'UNLOCKED'}.get(value_json.mode, 'None') }}"
#define CONTACT "{{ {'open': 'ON', 'closed': 'OFF'}.get(value_json.contact, 'None') }}"
#define MODE    "{{ 'None' if value_json.mode == 'unknown' else value_json.mode }}"
#define ALARM                                                                                      \
	"{{ 'None' if value_json.alarms is not defined else "                                      \
	"('ON' if value_json.alarms.%s else 'OFF') }}"
#define READER                                                                                     \
	"{{ 'None' if value_json.readers is not defined else ('OFF' if 'online' in "               \
	"value_json.readers | selectattr('name', 'eq', '%s') | map(attribute='state') else "       \
	"'ON') }}"

#define IN_ZONE                                                                                    \
	"value_json.zones | default([]) | selectattr('zone', 'eq', '%s') | map(attribute='count')"
#define PERSONS "{{ (" IN_ZONE " | first) | default('None') }}"
#define OCCUPIED                                                                                   \
	"{{ 'None' if value_json.zones is not defined else ('OFF' if 0 in (" IN_ZONE " | list) "   \
	"else 'ON') }}"

/* One device, while it is put together. */
struct making {
	const struct lq_config *config;
	const struct lq_topics *topics;
	const struct lq_config_door *door;
	json_t *components;
};

struct name {
	const char *english;
	const char *french;
};

void lq_home_assistant_topic(const struct lq_config *config, const struct lq_topics *topics,
	uint16_t door, char ret_topic[LQ_DISCOVERY_TOPIC_SIZE])
{
	(void)snprintf(ret_topic, LQ_DISCOVERY_TOPIC_SIZE, "%s/device/%.80s/%s/config",
		config->mqtt.home_assistant_prefix, topics->client_id, config->doors[door].name);
}

/* The component, for whatever is particular to it; without a `device_class` where that is NULL. */
static json_t *add(struct making *making, const char *key, const char *platform,
	const char *device_class, struct name name, const char *template)
{
	char id[ID_SIZE];
	const char *shown = making->config->language == LQ_LANGUAGE_FR ? name.french : name.english;
	(void)snprintf(
		id, sizeof(id), "%.80s-%s-%s", making->topics->client_id, making->door->name, key);
	json_t *component = json_pack("{s:s, s:s, s:s, s:s}", "platform", platform, "name", shown,
		"unique_id", id, "value_template", template);
	if (device_class != NULL) {
		(void)json_object_set_new(component, "device_class", json_string(device_class));
	}
	(void)json_object_set_new(making->components, key, component);
	return component;
}

static void add_alarm(
	struct making *making, enum lq_door_alarm alarm, const char *device_class, struct name name)
{
	char template[TEMPLATE_SIZE];
	const char *word = lq_door_alarm_text(alarm);
	(void)snprintf(template, sizeof(template), ALARM, word);
	(void)add(making, word, "binary_sensor", device_class, name, template);
}

static void add_mode(struct making *making)
{
	json_t *options = json_array();
	for (int mode = 0; mode < LQ_MODE_COUNT; mode++) {
		(void)json_array_append_new(
			options, json_string(lq_door_mode_text((enum lq_door_mode)mode)));
	}
	(void)json_array_append_new(options, json_string("Accessed"));
	json_t *component =
		add(making, "mode", "sensor", "enum", (struct name){"Mode", "Mode"}, MODE);
	(void)json_object_set_new(component, "options", options);
}

static void add_reader(struct making *making, const struct lq_config_reader *reader)
{
	char template[TEMPLATE_SIZE];
	char key[LQ_NAME_SIZE + 8];
	char english[LQ_NAME_SIZE + 16];
	char french[LQ_NAME_SIZE + 16];
	(void)snprintf(template, sizeof(template), READER, reader->name);
	(void)snprintf(key, sizeof(key), "reader-%s", reader->name);
	(void)snprintf(english, sizeof(english), "Reader %s", reader->name);
	(void)snprintf(french, sizeof(french), "Lecteur %s", reader->name);
	json_t *component = add(
		making, key, "binary_sensor", "problem", (struct name){english, french}, template);
	(void)json_object_set_new(component, "entity_category", json_string("diagnostic"));
	(void)json_object_set_new(component, "state_topic", json_string(making->topics->health));
}

/* Of the zone behind the door, which is told of at the first door that leads there. */
static void add_occupancy(struct making *making, const struct lq_site *site, uint16_t zone)
{
	char persons[TEMPLATE_SIZE];
	char occupied[TEMPLATE_SIZE];
	char english[LQ_NAME_SIZE + 32];
	char french[LQ_NAME_SIZE + 32];
	const char *topic = making->topics->occupancy;
	bool counted = lq_zone_exit_badged(site, zone);
	(void)snprintf(persons, sizeof(persons), PERSONS, site->zones[zone]);
	(void)snprintf(occupied, sizeof(occupied), OCCUPIED, site->zones[zone]);
	(void)snprintf(english, sizeof(english), "Persons in %s%s", site->zones[zone],
		counted ? "" : " (at least)");
	(void)snprintf(french, sizeof(french), "Présents dans %s%s", site->zones[zone],
		counted ? "" : " (au moins)");
	json_t *component =
		add(making, "persons", "sensor", NULL, (struct name){english, french}, persons);
	(void)json_object_set_new(component, "state_topic", json_string(topic));
	(void)json_object_set_new(component, "state_class", json_string("measurement"));
	(void)json_object_set_new(component, "unit_of_measurement",
		json_string(making->config->language == LQ_LANGUAGE_FR ? "personnes" : "persons"));
	(void)snprintf(english, sizeof(english), "Somebody in %s", site->zones[zone]);
	(void)snprintf(french, sizeof(french), "Quelqu’un dans %s", site->zones[zone]);
	component = add(making, "occupied", "binary_sensor", "occupancy",
		(struct name){english, french}, occupied);
	(void)json_object_set_new(component, "state_topic", json_string(topic));
}

static bool wired(const struct lq_config_door *door, enum lq_line line)
{
	return door->wiring.wiring[line].offset != LQ_LINE_UNUSED;
}

/* What the door's wiring cannot tell is left out. */
static void add_components(struct making *making)
{
	const struct lq_config *config = making->config;
	const struct lq_site site = lq_config_site(config);
	uint16_t door = (uint16_t)(making->door - config->doors);
	(void)add(making, "lock", "binary_sensor", "lock", (struct name){"Lock", "Serrure"}, LOCK);
	add_mode(making);
	if (wired(making->door, LQ_LINE_CONTACT)) {
		(void)add(making, "contact", "binary_sensor", "door",
			(struct name){"Door", "Porte"}, CONTACT);
		add_alarm(making, LQ_ALARM_FORCED_OPEN, "safety",
			(struct name){"Forced open", "Porte forcée"});
		add_alarm(making, LQ_ALARM_HELD_OPEN, "problem",
			(struct name){"Held open", "Restée ouverte"});
	}
	if (wired(making->door, LQ_LINE_BOLT)) {
		add_alarm(making, LQ_ALARM_MISMATCH, "problem",
			(struct name){"Bolt does not follow", "Pêne qui ne suit pas"});
	}
	if (wired(making->door, LQ_LINE_TAMPER)) {
		add_alarm(making, LQ_ALARM_TAMPER, "tamper", (struct name){"Tamper", "Sabotage"});
	}
	if (wired(making->door, LQ_LINE_FIRE)) {
		add_alarm(making, LQ_ALARM_FIRE, "safety", (struct name){"Fire", "Incendie"});
	}
	if (lq_zone_of(&site, door) == door) {
		add_occupancy(making, &site, door);
	}
	for (uint16_t i = 0; i < config->reader_count; i++) {
		if (&config->doors[config->readers[i].door] == making->door) {
			add_reader(making, &config->readers[i]);
		}
	}
}

/* What every message says of the door, and when it can be believed. */
static json_t *identity(const struct lq_topics *topics, const char *door)
{
	char id[ID_SIZE];
	char state_topic[LQ_TOPIC_SIZE];
	(void)snprintf(id, sizeof(id), "%.80s-%s", topics->client_id, door);
	lq_topics_door(topics, door, state_topic);
	return json_pack("{s:{s:[s], s:s, s:s, s:s, s:s}, s:{s:s, s:s}, s:[{s:s, s:s}], s:s, s:i}",
		"device", "identifiers", id, "name", door, "manufacturer", "Loquet", "model",
		"door", "sw_version", LQ_VERSION, "origin", "name", "loquet-link", "sw_version",
		LQ_VERSION, "availability", "topic", topics->state, "value_template",
		"{{ value_json.state }}", "state_topic", state_topic, "qos", 1);
}

json_t *lq_home_assistant_device(
	const struct lq_config *config, const struct lq_topics *topics, uint16_t door)
{
	struct making making = {.config = config,
		.topics = topics,
		.door = &config->doors[door],
		.components = json_object()};
	json_t *device = identity(topics, making.door->name);
	add_components(&making);
	(void)json_object_set_new(device, "components", making.components);
	return device;
}

void lq_home_assistant_lock_topic(const struct lq_config *config, const struct lq_topics *topics,
	uint16_t door, char ret_topic[LQ_DISCOVERY_TOPIC_SIZE])
{
	(void)snprintf(ret_topic, LQ_DISCOVERY_TOPIC_SIZE, "%s/lock/%.80s/%s/config",
		config->mqtt.home_assistant_prefix, topics->client_id, config->doors[door].name);
}

json_t *lq_home_assistant_lock(
	const struct lq_config *config, const struct lq_topics *topics, uint16_t door)
{
	char id[ID_SIZE];
	char command_topic[LQ_TOPIC_SIZE];
	const char *name = config->doors[door].name;
	json_t *lock = identity(topics, name);
	(void)snprintf(id, sizeof(id), "%.80s-%s-latch", topics->client_id, name);
	lq_topics_press(topics, name, command_topic);
	/* Without a name of its own it has the device's. */
	json_t *asks = json_pack("{s:n, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b}",
		"name", "unique_id", id, "command_topic", command_topic, "payload_lock",
		LQ_PRESS_LOCK, "payload_unlock", LQ_PRESS_UNLOCK, "payload_open", LQ_PRESS_OPEN,
		"value_template", LATCH, "state_locked", "LOCKED", "state_unlocked", "UNLOCKED",
		"state_jammed", "JAMMED", "optimistic", 0, "retain", 0);
	(void)json_object_update(lock, asks);
	json_decref(asks);
	return lock;
}
