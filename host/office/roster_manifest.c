#include "host/office/roster_manifest.h"

#include "host/office/full.h"
#include "host/office/office_key.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lq_manifest_digest(const struct lq_manifest *manifest, uint8_t ret_digest[LQ_HASH_SIZE])
{
	uint8_t bytes[LQ_ROSTER_PARTS * LQ_HASH_SIZE] = {0};
	for (size_t i = 0; i < LQ_ROSTER_PARTS; i++) {
		if (manifest->filled[i]) {
			memcpy(bytes + i * LQ_HASH_SIZE, manifest->hashes[i], LQ_HASH_SIZE);
		}
	}
	lq_hash(bytes, sizeof(bytes), ret_digest);
}

static json_t *parts_of(const struct lq_manifest *manifest)
{
	json_t *parts = json_array();
	for (size_t i = 0; i < LQ_ROSTER_PARTS; i++) {
		char text[2 * LQ_HASH_SIZE + 1] = "";
		for (size_t j = 0; manifest->filled[i] && j < LQ_HASH_SIZE; j++) {
			(void)snprintf(text + 2 * j, 3, "%02x", manifest->hashes[i][j]);
		}
		(void)json_array_append_new(parts, json_string(text));
	}
	return parts;
}

char *lq_manifest_sign(const struct lq_manifest *manifest, const struct lq_keys *key,
	const char *space, int64_t now_s)
{
	json_t *full = lq_full_anywhere(&manifest->full) ? lq_full_json(&manifest->full) : NULL;
	json_t *payload = json_pack("{s:s, s:I, s:I, s:o, s:o*}", "iss", space, "version",
		(json_int_t)manifest->version, "iat", (json_int_t)now_s, "parts",
		parts_of(manifest), "full", full);
	char *text = payload != NULL ? json_dumps(payload, JSON_COMPACT) : NULL;
	char *token = text != NULL ? lq_office_sign(key, text, strlen(text)) : NULL;
	free(text);
	json_decref(payload);
	return token;
}
