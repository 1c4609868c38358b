#include "firmware/door/office_manifest.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/jws.h"
#include "firmware/store/keys.h"

#include <string.h>

#define VERSION_MAX (INT64_C(1) << 53) /* what a JSON number holds exactly */
#define SECONDS_MAX (INT64_MAX / 2000)
#define TOLERANCE_S 300 /* between the office's clock and ours */

const char *lq_office_refusal_word(enum lq_office_refusal refusal)
{
	static const char *const words[LQ_OFFICE_REFUSALS] = {
		[LQ_OFFICE_ACCEPTED] = "",
		[LQ_OFFICE_MALFORMED] = "malformed",
		[LQ_OFFICE_WRONG_KEY] = "wrong_key",
		[LQ_OFFICE_OTHER_SPACE] = "other_space",
		[LQ_OFFICE_OLDER] = "older",
		[LQ_OFFICE_FUTURE] = "future",
		[LQ_OFFICE_CONFLICT] = "conflict",
		[LQ_OFFICE_DAMAGED] = "damaged",
	};
	LQ_ASSERT(refusal < LQ_OFFICE_REFUSALS);
	return words[refusal];
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool take_hash(json_t *value, uint8_t ret_hash[LQ_HASH_SIZE])
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	if (text == NULL || (length != 0 && length != (size_t)2 * LQ_HASH_SIZE)) {
		return false;
	}
	memset(ret_hash, 0, LQ_HASH_SIZE);
	for (size_t i = 0; i < length / 2; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		ret_hash[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

static bool take_parts(json_t *parts, struct lq_office_manifest *manifest)
{
	if (!json_is_array(parts) || json_array_size(parts) != LQ_OFFICE_PARTS) {
		return false;
	}
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		if (!take_hash(json_array_get(parts, i), manifest->hashes[i])) {
			return false;
		}
	}
	return true;
}

static bool take_zones(json_t *zones, struct lq_office_full *full)
{
	size_t count = json_array_size(zones);
	if (!json_is_array(zones) || count > LQ_OFFICE_FULL_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(zones, i));
		if (name == NULL || strlen(name) == 0 || strlen(name) >= LQ_NAME_SIZE ||
			name[strspn(name, LQ_JWS_NAME_CHARACTERS)] != '\0') {
			return false;
		}
		memcpy(full->zones[i], name, strlen(name) + 1);
	}
	full->zone_count = (uint16_t)count;
	return true;
}

static bool take_persons(json_t *numbers, struct lq_office_persons *persons)
{
	size_t count = json_array_size(numbers);
	if (!json_is_array(numbers) || count > LQ_OFFICE_EXEMPT_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		json_int_t number = json_integer_value(json_array_get(numbers, i));
		if (number < 1 || number > UINT32_MAX) {
			return false;
		}
		persons->list[i] = (uint32_t)number;
	}
	persons->count = (uint16_t)count;
	return true;
}

/* Absent: there is room everywhere. */
static bool take_full(json_t *value, struct lq_office_full *full)
{
	static const char *const keys[] = {"space", "zones", "exempt", "in", NULL};
	full->space = json_is_true(json_object_get(value, "space"));
	return value == NULL ||
	       (json_is_object(value) && lq_jws_only_keys(value, keys) &&
		       json_is_boolean(json_object_get(value, "space")) &&
		       take_zones(json_object_get(value, "zones"), full) &&
		       take_persons(json_object_get(value, "exempt"), &full->exempt) &&
		       take_persons(json_object_get(value, "in"), &full->inside));
}

int lq_office_manifest_payload(const char *encoded, size_t length, const char *space,
	struct lq_office_manifest *ret_manifest)
{
	static const char *const keys[] = {"iss", "version", "iat", "parts", "full", NULL};
	struct lq_office_manifest manifest = {.version = 0};
	char issuer[LQ_NAME_SIZE] = "";
	json_int_t version = 0;
	json_int_t iat = 0;
	json_t *payload = lq_jws_object(encoded, length);
	bool good =
		payload != NULL && lq_jws_only_keys(payload, keys) &&
		lq_jws_take_text(payload, "iss", LQ_JWS_NAME_CHARACTERS, issuer, sizeof(issuer)) &&
		lq_jws_take_number(payload, "version", VERSION_MAX, &version) &&
		lq_jws_take_number(payload, "iat", SECONDS_MAX, &iat) && version > 0 && iat > 0 &&
		take_parts(json_object_get(payload, "parts"), &manifest) &&
		take_full(json_object_get(payload, "full"), &manifest.full);
	json_decref(payload);
	if (!good) {
		return LQ_ERR_INVALID;
	}
	if (strcmp(issuer, space) != 0) {
		return LQ_ERR_NOT_FOUND;
	}
	manifest.version = (uint64_t)version;
	manifest.iat_s = iat;
	*ret_manifest = manifest;
	return LQ_OK;
}

enum lq_office_refusal lq_office_manifest_read(const char *text, size_t length,
	const uint8_t key[32], const char *space, struct lq_office_manifest *ret_manifest)
{
	struct lq_jws jws;
	if (length > LQ_OFFICE_MANIFEST_MAX || lq_jws_parse(text, length, &jws) != LQ_OK) {
		return LQ_OFFICE_MALFORMED;
	}
	if (strcmp(jws.signer, "office") != 0 ||
		lq_keys_verify(key, (const uint8_t *)text, jws.signed_length, jws.signature) !=
			LQ_OK) {
		return LQ_OFFICE_WRONG_KEY;
	}
	int r = lq_office_manifest_payload(jws.payload, jws.payload_length, space, ret_manifest);
	return r == LQ_OK              ? LQ_OFFICE_ACCEPTED
	       : r == LQ_ERR_NOT_FOUND ? LQ_OFFICE_OTHER_SPACE
				       : LQ_OFFICE_MALFORMED;
}

enum lq_office_refusal lq_office_manifest_judge(const struct lq_office_manifest *manifest,
	const struct lq_office_kept *kept, int64_t now_s, bool trusted)
{
	if (manifest->version < kept->manifest.version) {
		return LQ_OFFICE_OLDER;
	}
	if (trusted && manifest->iat_s > now_s + TOLERANCE_S) {
		return LQ_OFFICE_FUTURE;
	}
	bool same = kept->kept && manifest->version == kept->manifest.version;
	return same && lq_office_difference(manifest, &kept->manifest) != 0 ? LQ_OFFICE_CONFLICT
									    : LQ_OFFICE_ACCEPTED;
}
