#include "firmware/door/jws.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"

#include <stdlib.h>
#include <string.h>

json_t *lq_jws_object(const char *text, size_t length)
{
	size_t count = 0;
	json_t *object = NULL;
	uint8_t *bytes = malloc(length + 1);
	if (bytes != NULL && lq_base64url_decode(text, length, bytes, length, &count) == LQ_OK) {
		object = json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES, NULL);
	}
	free(bytes);
	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

bool lq_jws_only_keys(json_t *object, const char *const *keys)
{
	const char *key = NULL;
	json_t *value = NULL;
	json_object_foreach(object, key, value)
	{
		size_t i = 0;
		while (keys[i] != NULL && strcmp(keys[i], key) != 0) {
			i++;
		}
		if (keys[i] == NULL) {
			return false;
		}
	}
	return true;
}

bool lq_jws_take_text(
	json_t *object, const char *key, const char *characters, char *out, size_t size)
{
	json_t *value = json_object_get(object, key);
	if (value == NULL) {
		return true;
	}
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	if (text == NULL || length == 0 || length >= size || strspn(text, characters) != length) {
		return false;
	}
	memcpy(out, text, length + 1);
	return true;
}

bool lq_jws_take_number(json_t *object, const char *key, json_int_t most, json_int_t *ret_number)
{
	json_t *value = json_object_get(object, key);
	if (value == NULL) {
		return true;
	}
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 1 || number > most) {
		return false;
	}
	*ret_number = number;
	return true;
}

static bool text_is(json_t *object, const char *key, const char *wanted)
{
	json_t *value = json_object_get(object, key);
	return json_string_length(value) == strlen(wanted) &&
	       strcmp(json_string_value(value), wanted) == 0;
}

static bool take_header(json_t *header, struct lq_jws *jws)
{
	static const char *const keys[] = {"alg", "kid", "typ", NULL};
	return lq_jws_only_keys(header, keys) && text_is(header, "alg", "EdDSA") &&
	       (json_object_get(header, "typ") == NULL || text_is(header, "typ", "JWT")) &&
	       lq_jws_take_text(
		       header, "kid", LQ_JWS_NAME_CHARACTERS, jws->signer, sizeof(jws->signer)) &&
	       jws->signer[0] != '\0';
}

int lq_jws_parse(const char *text, size_t length, struct lq_jws *ret_jws)
{
	struct lq_jws jws = {.signer = ""};
	size_t count = 0;
	const char *first = memchr(text, '.', length);
	const char *end = text + length;
	const char *second =
		first == NULL ? NULL : memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL ||
		lq_base64url_decode(second + 1, (size_t)(end - second - 1), jws.signature,
			sizeof(jws.signature), &count) != LQ_OK ||
		count != sizeof(jws.signature)) {
		return LQ_ERR_INVALID;
	}
	jws.signed_length = (size_t)(second - text);
	jws.payload = first + 1;
	jws.payload_length = (size_t)(second - first - 1);
	json_t *header = lq_jws_object(text, (size_t)(first - text));
	bool good = header != NULL && take_header(header, &jws);
	json_decref(header);
	if (!good) {
		return LQ_ERR_INVALID;
	}
	*ret_jws = jws;
	return LQ_OK;
}
