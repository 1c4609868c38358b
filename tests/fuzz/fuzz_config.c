/* Any file in the place of loquet.conf: it is refused with a printable sentence, or accepted, and
 * then printing and reading it again changes nothing. */
#include "firmware/config/config.h"
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static char *print(const struct lq_config *config, size_t *ret_length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);
	LQ_ASSERT(out != NULL);
	LQ_ASSERT(lq_config_print(config, out) == LQ_OK);
	(void)fclose(out);
	return text;
}

/* Field by field: bytes between fields and behind texts may differ. */
static void check_same_door(const struct lq_config_door *a, const struct lq_config_door *b)
{
	LQ_ASSERT(strcmp(a->name, b->name) == 0 && a->lines == b->lines);
	LQ_ASSERT(strcmp(a->wiring.chip, b->wiring.chip) == 0);
	LQ_ASSERT(a->settings.release_ms == b->settings.release_ms);
	LQ_ASSERT(a->settings.has_contact == b->settings.has_contact);
	for (int i = 0; i < LQ_LINE_COUNT; i++) {
		LQ_ASSERT(a->wiring.wiring[i].offset == b->wiring.wiring[i].offset);
		LQ_ASSERT(a->wiring.wiring[i].active_low == b->wiring.wiring[i].active_low);
	}
}

static void check_same_reader(const struct lq_config_reader *a, const struct lq_config_reader *b)
{
	LQ_ASSERT(strcmp(a->name, b->name) == 0 && strcmp(a->device, b->device) == 0);
	LQ_ASSERT(a->door == b->door && a->direction == b->direction);
	LQ_ASSERT(a->uid_badges == b->uid_badges);
	LQ_ASSERT(a->reset.offset == b->reset.offset);
	LQ_ASSERT(a->reset.active_low == b->reset.active_low);
}

static void check_same_mqtt(const struct lq_config_mqtt *a, const struct lq_config_mqtt *b)
{
	LQ_ASSERT(strcmp(a->host, b->host) == 0 && strcmp(a->username, b->username) == 0);
	LQ_ASSERT(strcmp(a->password_file, b->password_file) == 0);
	LQ_ASSERT(strcmp(a->ca_file, b->ca_file) == 0);
	LQ_ASSERT(strcmp(a->cert_file, b->cert_file) == 0);
	LQ_ASSERT(strcmp(a->key_file, b->key_file) == 0);
	LQ_ASSERT(a->port == b->port && a->protocol == b->protocol);
	LQ_ASSERT(a->window == b->window && a->keepalive_s == b->keepalive_s &&
		  a->health_s == b->health_s);
}

static void check_same_controller(const struct lq_config *a, const struct lq_config *b)
{
	LQ_ASSERT(strcmp(a->space, b->space) == 0 && strcmp(a->controller, b->controller) == 0);
	LQ_ASSERT(strcmp(a->time_zone, b->time_zone) == 0 && a->language == b->language);
	LQ_ASSERT(strcmp(a->state_dir, b->state_dir) == 0);
	LQ_ASSERT(strcmp(a->runtime_dir, b->runtime_dir) == 0);
	LQ_ASSERT(a->record_deadline_ms == b->record_deadline_ms);
	LQ_ASSERT(a->clock_trust == b->clock_trust && a->checkpoint_rows == b->checkpoint_rows);
}

static void check_same_signers(const struct lq_config *a, const struct lq_config *b)
{
	LQ_ASSERT(a->signer_count == b->signer_count);
	for (uint16_t i = 0; i < a->signer_count; i++) {
		LQ_ASSERT(strcmp(a->signers[i].name, b->signers[i].name) == 0);
		LQ_ASSERT(memcmp(a->signers[i].key, b->signers[i].key, 32) == 0);
		LQ_ASSERT(a->signers[i].commands == b->signers[i].commands);
		LQ_ASSERT(a->signers[i].doors == b->signers[i].doors);
	}
}

static void check_same(const struct lq_config *a, const struct lq_config *b)
{
	check_same_controller(a, b);
	LQ_ASSERT(a->door_count == b->door_count && a->reader_count == b->reader_count);
	for (uint16_t i = 0; i < a->door_count; i++) {
		check_same_door(&a->doors[i], &b->doors[i]);
	}
	for (uint16_t i = 0; i < a->reader_count; i++) {
		check_same_reader(&a->readers[i], &b->readers[i]);
	}
	check_same_mqtt(&a->mqtt, &b->mqtt);
	check_same_signers(a, b);
}

static void check_accepted(const struct lq_config *config)
{
	static struct lq_config again;
	struct lq_config_error error;
	size_t length = 0;
	char *text = print(config, &length);
	LQ_ASSERT(lq_config_parse(text, length, (struct lq_speech){.language = LQ_LANGUAGE_EN},
			  &again, &error) == LQ_OK);
	check_same(config, &again);
	free(text);
	struct lq_site site = lq_config_site(config);
	LQ_ASSERT(site.door_count >= 1 && site.door_count <= LQ_DOORS_MAX);
	LQ_ASSERT(site.reader_count <= LQ_READERS_MAX);
	for (uint16_t i = 0; i < site.reader_count; i++) {
		LQ_ASSERT(site.readers[i].door < site.door_count);
	}
}

static void check_refused(const struct lq_config_error *error)
{
	size_t length = strnlen(error->message, sizeof(error->message));
	LQ_ASSERT(length > 0 && length < sizeof(error->message));
	for (size_t i = 0; i < length; i++) {
		LQ_ASSERT((unsigned char)error->message[i] >= ' ' && error->message[i] != 0x7f);
	}
}

static void check_in(enum lq_language language, const uint8_t *bytes, size_t length)
{
	static struct lq_config config;
	struct lq_config_error error = {.message = ""};
	struct lq_speech speech = {.language = language, .asked = true};
	int r = lq_config_parse((const char *)bytes, length, speech, &config, &error);
	if (r == LQ_OK) {
		check_accepted(&config);
	} else {
		LQ_ASSERT(r == LQ_ERR_INVALID);
		check_refused(&error);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	check_in(LQ_LANGUAGE_EN, bytes, length);
	check_in(LQ_LANGUAGE_FR, bytes, length);
	return 0;
}
