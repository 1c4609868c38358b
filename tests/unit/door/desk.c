#include "tests/unit/door/desk.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/wire/seqpacket.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define SEALS       (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

#define RULES "policy\talways\t*\t-\nprofile\talways\n"

const uint8_t desk_first[7] = {4, 1, 1, 1, 1, 1, 1};
const uint8_t desk_second[7] = {4, 2, 2, 2, 2, 2, 2};

int desk_set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	assert_non_null(desk);
	desk->rig = rig_open("office_key = " DESK_PUBLIC "\n");
	desk->link = rig_connect(desk->rig, "link.sock");
	*state = desk;
	return 0;
}

int desk_tear_down(void **state)
{
	struct desk *desk = *state;
	(void)close(desk->link);
	rig_close(desk->rig);
	free(desk);
	return 0;
}

/* ---- the office ---- */

void desk_write_badge(
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

void desk_hand(struct desk *desk, const char *what, const void *bytes, size_t length)
{
	char text[64];
	int fd = memfd_create("roster", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, SEALS), 0);
	int size = snprintf(text, sizeof(text), "{\"roster\":\"%s\"%s}", what,
		desk->current ? ",\"current\":true" : "");
	assert_int_equal(lq_seqpacket_send_with(desk->link, text, (size_t)size, &fd, 1), LQ_OK);
	(void)close(fd);
	rig_turn(desk->rig);
}

void desk_hand_manifest(struct desk *desk, const char *seed, const char *space)
{
	char text[65536];
	for (uint16_t i = 0; i < 3; i++) {
		memset(desk->manifest.hashes[i], 0, LQ_HASH_SIZE);
		if (desk->parts[i][0] != '\0') {
			lq_hash(desk->parts[i], strlen(desk->parts[i]), desk->manifest.hashes[i]);
		}
	}
	desk_hand(desk, "manifest", text, sign(desk, seed, space, text));
}

void desk_settle(struct desk *desk)
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

json_t *desk_asked(struct desk *desk)
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

void desk_hand_parts(struct desk *desk, json_t *words)
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
	desk_hand(desk, "parts", bytes, length);
}

void desk_give(struct desk *desk, uint64_t version)
{
	desk->manifest.version = version;
	desk->manifest.iat_s = DESK_NOW_S;
	desk_hand_manifest(desk, DESK_SEED, "demo");
	desk_hand_parts(desk, desk_asked(desk));
	desk_settle(desk);
}

void desk_give_two(struct desk *desk)
{
	(void)snprintf(desk->parts[0], sizeof(desk->parts[0]), "%s", RULES);
	desk_write_badge(desk, 1, 256, desk_first, DESK_PLAIN);
	desk_write_badge(desk, 2, 1, desk_second, DESK_PLAIN);
	desk_give(desk, DESK_VERSION);
}
