/* The office's roster: from the link's socket to the taps. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/door/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRONT_IN, FRONT_OUT };

#define NOW_S       INT64_C(1790000000)
#define VERSION     UINT64_C(1790000000000)
#define PATIENCE_MS 60000
#define SEALS       (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

/* RFC 8037, appendix A.1 */
#define SEED   "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define OTHER  "AAGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define PUBLIC "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

#define RULES "policy\talways\t*\t-\nprofile\talways\n"

static const uint8_t first_uid[7] = {4, 1, 1, 1, 1, 1, 1};
static const uint8_t second_uid[7] = {4, 2, 2, 2, 2, 2, 2};

struct desk {
	struct rig *rig;
	int link;
	struct lq_office_manifest manifest;
	char parts[3][1024]; /* the rules, the persons 256 and 1 */
	char full[1024];     /* ,"full":…, or nothing */
};

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	assert_non_null(desk);
	desk->rig = rig_open("office_key = " PUBLIC "\n");
	desk->link = rig_connect(desk->rig, "link.sock");
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;
	(void)close(desk->link);
	rig_close(desk->rig);
	free(desk);
	return 0;
}

/* ---- the office ---- */

static void write_badge(
	struct desk *desk, uint16_t part, uint32_t person, const uint8_t uid[7], const char *rest)
{
	uint8_t key[16];
	char text[33];
	char *out = desk->parts[part];
	assert_int_equal(lq_uid_key(&desk->rig->daemon.keys, uid, 7, key), LQ_OK);
	for (size_t i = 0; i < 16; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", key[i]);
	}
	(void)snprintf(out, sizeof(desk->parts[part]), "p\t%u\talways\t1\t0\t0\nb\t%u\t%s\t%s\n",
		person, person + 1000, text, rest);
}

static size_t sign(const struct desk *desk, const char *seed, const char *space, char *out)
{
	char payload[24576];
	struct lq_keys keys = {.blind = true};
	uint8_t signature[64];
	static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"office\"}";
	size_t count = 0;
	size_t length = (size_t)snprintf(payload, sizeof(payload),
		"{\"iss\":\"%s\",\"version\":%llu,\"iat\":%lld,\"parts\":[", space,
		(unsigned long long)desk->manifest.version, (long long)desk->manifest.iat_s);
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		payload[length++] = '"';
		for (size_t j = 0; j < LQ_HASH_SIZE && !lq_office_part_empty(&desk->manifest, i);
			j++) {
			length += (size_t)snprintf(
				payload + length, 3, "%02x", desk->manifest.hashes[i][j]);
		}
		payload[length++] = '"';
		payload[length++] = i + 1 == LQ_OFFICE_PARTS ? ']' : ',';
	}
	length += (size_t)snprintf(payload + length, sizeof(payload) - length, "%s}", desk->full);
	lq_base64url_encode((const uint8_t *)header, sizeof(header) - 1, out);
	size_t at = strlen(out);
	out[at++] = '.';
	lq_base64url_encode((const uint8_t *)payload, length, out + at);
	at += strlen(out + at);
	assert_int_equal(lq_base64url_decode(seed, strlen(seed), keys.sign_seed,
				 sizeof(keys.sign_seed), &count),
		LQ_OK);
	assert_int_equal(lq_keys_sign(&keys, (const uint8_t *)out, at, signature), LQ_OK);
	out[at++] = '.';
	lq_base64url_encode(signature, sizeof(signature), out + at);
	return at + strlen(out + at);
}

static void hand(struct desk *desk, const char *what, const void *bytes, size_t length)
{
	char text[64];
	int fd = memfd_create("roster", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, SEALS), 0);
	int size = snprintf(text, sizeof(text), "{\"roster\":\"%s\"}", what);
	assert_int_equal(lq_seqpacket_send_with(desk->link, text, (size_t)size, &fd, 1), LQ_OK);
	(void)close(fd);
	rig_turn(desk->rig);
}

static void hand_manifest(struct desk *desk, const char *seed, const char *space)
{
	char text[65536];
	for (uint16_t i = 0; i < 3; i++) {
		memset(desk->manifest.hashes[i], 0, LQ_HASH_SIZE);
		if (desk->parts[i][0] != '\0') {
			lq_hash(desk->parts[i], strlen(desk->parts[i]), desk->manifest.hashes[i]);
		}
	}
	hand(desk, "manifest", text, sign(desk, seed, space, text));
}

/* Nothing of a roster is on its way any more. */
static void settle(struct desk *desk)
{
	const struct lq_office *office = &desk->rig->daemon.office;
	for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
		rig_settle(desk->rig);
		if (office->reading == NULL && office->ready == NULL && office->writing == NULL) {
			return;
		}
		(void)usleep(10000);
	}
	fail_msg("the roster is still on its way");
}

/* Which of the parts loquetd asks for: "0,1"; NULL: it said nothing of them. The caller's. */
static json_t *asked(struct desk *desk)
{
	for (;;) {
		json_t *message = rig_receive(desk->rig, desk->link);
		json_t *words = json_object_get(message, "roster");
		if (words != NULL) {
			json_incref(words);
			json_decref(message);
			return words;
		}
		json_decref(message);
	}
}

static void hand_parts(struct desk *desk, json_t *words)
{
	char bytes[8192];
	size_t length = 0;
	size_t index = 0;
	json_t *value = NULL;
	json_array_foreach(json_object_get(words, "missing"), index, value)
	{
		json_int_t part = json_integer_value(value);
		assert_in_range(part, 0, 2);
		const struct lq_office_piece piece = {
			.part = (uint32_t)part, .length = (uint32_t)strlen(desk->parts[part])};
		memcpy(bytes + length, &piece, sizeof(piece));
		memcpy(bytes + length + sizeof(piece), desk->parts[part], piece.length);
		length += sizeof(piece) + piece.length;
	}
	json_decref(words);
	hand(desk, "parts", bytes, length);
}

static void give(struct desk *desk, uint64_t version)
{
	desk->manifest.version = version;
	desk->manifest.iat_s = NOW_S;
	hand_manifest(desk, SEED, "demo");
	hand_parts(desk, asked(desk));
	settle(desk);
}

#define PLAIN "enabled\t0\t0\t-\t0\t0"

/* Persons 256 and 1, with a badge each. */
static void give_two(struct desk *desk)
{
	(void)snprintf(desk->parts[0], sizeof(desk->parts[0]), "%s", RULES);
	write_badge(desk, 1, 256, first_uid, PLAIN);
	write_badge(desk, 2, 1, second_uid, PLAIN);
	give(desk, VERSION);
}

static void assert_reason(struct rig *rig, const char *type, const char *reason)
{
	json_t *data = rig_last(rig, type);
	assert_string_equal(json_string_value(json_object_get(data, "reason")), reason);
	json_decref(data);
}

static void assert_refused(struct desk *desk, const char *why, unsigned count)
{
	settle(desk);
	json_t *figures = lq_office_figures(&desk->rig->daemon);
	json_t *refused = json_object_get(figures, "rosterRefused");
	assert_string_equal(json_string_value(json_object_get(refused, "why")), why);
	assert_int_equal(json_integer_value(json_object_get(refused, "count")), count);
	json_decref(figures);
}

/* ---- tests ---- */

static void persons_of_the_office_come_in(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	json_t *data = rig_last(desk->rig, "roster.applied");
	assert_int_equal(json_integer_value(json_object_get(data, "rosterVersion")), VERSION);
	assert_int_equal(json_integer_value(json_object_get(data, "persons")), 2);
	assert_int_equal(json_integer_value(json_object_get(data, "parts")), 3);
	json_decref(data);
	rig_tap(desk->rig, FRONT_IN, first_uid);
	rig_settle(desk->rig);
	data = rig_last(desk->rig, "access.granted");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	assert_string_equal(json_string_value(json_object_get(data, "credential")), "c1256");
	json_decref(data);
	rig_drive(desk->rig, "front", "contact 1");
	rig_settle(desk->rig);
	data = rig_last(desk->rig, "access.taken");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	json_decref(data);
	rig_drive(desk->rig, "front", "contact 0");
	rig_settle(desk->rig);
	rig_tap(desk->rig, FRONT_IN, rig_uid); /* of the roster before */
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotFound");
}

static void assert_holder(struct rig *rig, const char *type, const char *holder)
{
	json_t *data = rig_last(rig, type);
	assert_string_equal(json_string_value(json_object_get(data, "holder")), holder);
	json_decref(data);
}

static void who_goes_through_is_the_offices_person_too(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	give_two(desk);
	rig_tap(rig, FRONT_IN, first_uid);
	rig_settle(rig);
	rig_advance(rig, 60000);
	rig_settle(rig);
	assert_holder(rig, "access.not_taken", "p256");
	rig_tap(rig, FRONT_IN, second_uid);
	rig_settle(rig);
	rig_drive(rig, "front", "contact 1");
	rig_advance(rig, 1000);
	rig_settle(rig);
	assert_holder(rig, "access.taken", "p1");
}

static void nothing_is_changed_here_any_more(void **state)
{
	static const char *const requests[] = {
		"{\"do\":\"member.add\",\"name\":\"Ada Example\",\"profile\":\"always\"}",
		"{\"do\":\"badge.revoke\",\"badge\":1256}",
		"{\"do\":\"badge.enrol\",\"member\":1}",
		"{\"do\":\"profile.set\",\"name\":\"days\",\"policies\":[]}",
		"{\"do\":\"door.hours\",\"door\":\"front\",\"schedule\":null}",
	};
	struct desk *desk = *state;
	give_two(desk);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		json_t *answer = rig_ask(desk->rig, -1, requests[i]);
		assert_string_equal(json_string_value(json_object_get(answer, "text")),
			"the office keeps the roster: change it there");
		json_decref(answer);
	}
	json_decref(rig_ask(desk->rig, -1, "{\"do\":\"door.open\",\"door\":\"front\"}"));
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, 0));
}

static void what_is_taken_away_does_not_wait_for_the_disk(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	give_two(desk);
	rig_hold_disk(rig);
	write_badge(desk, 1, 256, first_uid, "stolen\t0\t0\t-\t0\t0");
	desk->manifest.version++;
	hand_manifest(desk, SEED, "demo");
	hand_parts(desk, asked(desk));
	rig_turn(rig);
	rig_tap(rig, FRONT_IN, first_uid);
	rig_turn(rig);
	assert_false(rig_relay(rig, 0));
	rig_let_disk(rig);
	rig_settle(rig);
	assert_reason(rig, "access.denied", "CredentialNotEnabled");
	rig_advance(rig, 5000); /* when it is tried again */
	settle(desk);
	assert_int_equal(rig_count(rig, "roster.applied"), 2);
}

static void nothing_but_the_offices_newest_word_is_taken(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	desk->parts[2][0] = '\0';
	desk->manifest.version = VERSION + 1;
	hand_manifest(desk, OTHER, "demo");
	assert_refused(desk, "wrong_key", 1);
	hand_manifest(desk, SEED, "other");
	assert_refused(desk, "other_space", 2);
	desk->manifest.version = VERSION - 1;
	hand_manifest(desk, SEED, "demo");
	assert_refused(desk, "older", 3);
	desk->manifest.version = VERSION;
	hand_manifest(desk, SEED, "demo");
	assert_refused(desk, "conflict", 4);
	desk->manifest.version = VERSION + 1;
	desk->manifest.iat_s = NOW_S + 301;
	hand_manifest(desk, SEED, "demo");
	assert_refused(desk, "future", 5);
	hand(desk, "manifest", "e30", 3);
	assert_refused(desk, "malformed", 6);
	write_badge(desk, 2, 1, second_uid, "lost\t0\t0\t-\t0\t0");
	desk->manifest.iat_s = NOW_S;
	hand_manifest(desk, SEED, "demo");
	json_t *words = asked(desk);
	desk->parts[2][4]++;
	hand_parts(desk, words);
	rig_settle(desk->rig);
	assert_refused(desk, "damaged", 7);
	rig_tap(desk->rig, FRONT_IN, second_uid);
	rig_settle(desk->rig);
	assert_true(rig_relay(desk->rig, 0));
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 1);
}

/* As when the office changes its roster while it is fetched. */
static void parts_of_another_version_are_asked_for_again(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	write_badge(desk, 2, 1, second_uid, "lost\t0\t0\t-\t0\t0");
	desk->manifest.version++;
	hand_manifest(desk, SEED, "demo");
	json_t *words = asked(desk);
	desk->parts[2][4]++;
	hand_parts(desk, words);
	assert_refused(desk, "damaged", 1);
	desk->parts[2][4]--;
	rig_advance(desk->rig, 250);
	hand_parts(desk, asked(desk));
	settle(desk);
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 2);
	rig_tap(desk->rig, FRONT_IN, second_uid);
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotEnabled");
}

static void too_old_a_roster_lets_out_and_nobody_in(void **state)
{
	struct desk *desk = *state;
	struct rig *rig = desk->rig;
	give_two(desk);
	for (int hour = 0; hour < 73; hour++) {
		rig_advance(rig, 3600000);
	}
	rig_settle(rig);
	rig_tap(rig, FRONT_IN, first_uid);
	rig_settle(rig);
	assert_reason(rig, "access.denied", "loquet:RosterStale");
	rig_tap(rig, FRONT_OUT, first_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	rig_advance(rig, 10000);
	desk->manifest.iat_s = NOW_S + INT64_C(73) * 3600; /* said again */
	hand_manifest(desk, SEED, "demo");
	rig_settle(rig);
	rig_tap(rig, FRONT_IN, second_uid);
	rig_settle(rig);
	assert_true(rig_relay(rig, 0));
	assert_int_equal(rig_count(rig, "roster.applied"), 1);
	rig_restart(rig);
	assert_int_equal(rig->daemon.office.kept.manifest.iat_s, NOW_S + INT64_C(73) * 3600);
}

/* The same roster, with a word about who fits in. */
static void say_full(struct desk *desk, const char *full, int64_t iat_s)
{
	(void)snprintf(desk->full, sizeof(desk->full), "%s", full);
	desk->manifest.iat_s = iat_s;
	hand_manifest(desk, SEED, "demo");
	rig_settle(desk->rig);
}

static bool opens(struct desk *desk, uint16_t reader, const uint8_t *uid)
{
	rig_advance(desk->rig, 10000);
	assert_false(rig_relay(desk->rig, 0));
	rig_tap(desk->rig, reader, uid);
	rig_settle(desk->rig);
	return rig_relay(desk->rig, 0);
}

static void goes_through(struct desk *desk, uint16_t reader, const uint8_t *uid)
{
	assert_true(opens(desk, reader, uid));
	rig_drive(desk->rig, "front", "contact 1");
	rig_advance(desk->rig, 1000);
	rig_drive(desk->rig, "front", "contact 0");
	rig_advance(desk->rig, 1000);
	rig_settle(desk->rig);
}

#define SAY(space, zones, exempt, inside)                                                          \
	",\"full\":{\"space\":" space ",\"zones\":[" zones "],\"exempt\":[" exempt                 \
	"],\"in\":[" inside "]}"
#define FULL(zones, exempt) SAY("false", zones, exempt, "")

static void a_full_space_lets_out_and_nobody_in_but_the_exempt(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	say_full(desk, FULL("\"space\"", "1"), NOW_S + 1);
	assert_false(opens(desk, FRONT_IN, first_uid));
	assert_reason(desk->rig, "access.denied", "loquet:SpaceFull");
	assert_true(opens(desk, FRONT_IN, second_uid)); /* of the staff */
	assert_true(opens(desk, FRONT_OUT, first_uid));
	say_full(desk, FULL("\"studio\"", ""), NOW_S + 2); /* elsewhere */
	goes_through(desk, FRONT_IN, first_uid);
	/* Who is in by the list is not one more. */
	say_full(desk, FULL("\"studio\", \"space\"", ""), NOW_S + 3);
	goes_through(desk, FRONT_IN, first_uid);
	goes_through(desk, FRONT_OUT, first_uid);
	assert_false(opens(desk, FRONT_IN, first_uid));
	say_full(desk, "", NOW_S + 4);
	assert_true(opens(desk, FRONT_IN, first_uid));
	assert_int_equal(rig_count(desk->rig, "roster.applied"), 1);
}

/* Whoever is somewhere in the space may go on to another zone, where there is room for them. */
static void a_space_that_is_full_as_a_whole_takes_nobody_new(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	say_full(desk, SAY("true", "", "", "256"), NOW_S + 1);
	assert_true(opens(desk, FRONT_IN, first_uid));
	assert_false(opens(desk, FRONT_IN, second_uid));
	assert_true(opens(desk, FRONT_OUT, second_uid));
	say_full(desk, SAY("true", "\"space\"", "", "256"), NOW_S + 2);
	assert_false(opens(desk, FRONT_IN, first_uid));
	say_full(desk, SAY("true", "\"space\"", "1", "256"), NOW_S + 3);
	assert_true(opens(desk, FRONT_IN, second_uid));
}

/* An office that does not count any more keeps nobody out. */
static void that_it_is_full_is_forgotten(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	say_full(desk, FULL("\"space\"", ""), NOW_S + 1);
	assert_false(opens(desk, FRONT_IN, first_uid));
	rig_advance(desk->rig, 270000);
	assert_false(opens(desk, FRONT_IN, first_uid));
	rig_advance(desk->rig, 20000);
	assert_true(opens(desk, FRONT_IN, first_uid));
	/* A word that was old when it came, and one behind a newer one. */
	say_full(desk, FULL("\"space\"", ""), NOW_S + 2);
	assert_true(opens(desk, FRONT_IN, second_uid));
	assert_true(opens(desk, FRONT_OUT, second_uid));
	say_full(desk, "", NOW_S + 400);
	say_full(desk, FULL("\"space\"", ""), NOW_S + 399);
	assert_true(opens(desk, FRONT_IN, second_uid));
}

static void a_malformed_word_about_it_is_refused(void **state)
{
	static const char *const wrong[] = {",\"full\":null", ",\"full\":[]", ",\"full\":{}",
		SAY("1", "", "", ""), SAY("true", "", "", "0"), FULL("\"Space\"", ""),
		FULL("\"\"", ""), FULL("7", ""), FULL("\"space\"", "0"),
		FULL("\"space\"", "4294967296"), FULL("\"space\"", "\"1\""),
		FULL("\"123456789012345678901234567890123\"", ""), ",\"full\":{\"space\":true}",
		",\"full\":{\"space\":true,\"zones\":[],\"exempt\":[],\"in\":[],\"more\":1}"};
	struct desk *desk = *state;
	give_two(desk);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		say_full(desk, wrong[i], NOW_S + 1 + i);
		assert_refused(desk, "malformed", i + 1);
	}
	assert_true(opens(desk, FRONT_IN, first_uid));
}

static void a_restart_remembers_the_version(void **state)
{
	struct desk *desk = *state;
	give_two(desk);
	(void)close(desk->link);
	rig_restart(desk->rig);
	desk->link = rig_connect(desk->rig, "link.sock");
	desk->manifest.version = VERSION - 1;
	hand_manifest(desk, SEED, "demo");
	assert_refused(desk, "older", 1);
	rig_tap(desk->rig, FRONT_IN, first_uid);
	rig_settle(desk->rig);
	json_t *data = rig_last(desk->rig, "access.granted");
	assert_string_equal(json_string_value(json_object_get(data, "holder")), "p256");
	json_decref(data);
	desk->parts[1][0] = '\0'; /* an empty part is not fetched */
	give(desk, VERSION + 1);
	rig_advance(desk->rig, 10000);
	rig_tap(desk->rig, FRONT_IN, first_uid);
	rig_settle(desk->rig);
	assert_reason(desk->rig, "access.denied", "CredentialNotFound");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(persons_of_the_office_come_in),
		TEST(who_goes_through_is_the_offices_person_too),
		TEST(nothing_is_changed_here_any_more),
		TEST(what_is_taken_away_does_not_wait_for_the_disk),
		TEST(nothing_but_the_offices_newest_word_is_taken),
		TEST(parts_of_another_version_are_asked_for_again),
		TEST(too_old_a_roster_lets_out_and_nobody_in),
		TEST(a_full_space_lets_out_and_nobody_in_but_the_exempt),
		TEST(a_space_that_is_full_as_a_whole_takes_nobody_new),
		TEST(that_it_is_full_is_forgotten),
		TEST(a_malformed_word_about_it_is_refused),
		TEST(a_restart_remembers_the_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
