/* A configuration that is read again while it is in use. */
#include "firmware/config/complain.h"
#include "firmware/config/config.h"
#include "firmware/core/err.h"

#include <stdlib.h>
#include <string.h>

static void take_over(struct lq_config *config, const struct lq_config *fresh)
{
	config->language = fresh->language;
	config->record_deadline_ms = fresh->record_deadline_ms;
	config->clock_trust = fresh->clock_trust;
	config->office_max_age_h = fresh->office_max_age_h;
	config->retention_days = fresh->retention_days;
	config->mqtt = fresh->mqtt;
	config->office = fresh->office; /* of no concern to loquetd */
	config->signer_count = fresh->signer_count;
	memcpy(config->signers, fresh->signers, sizeof(config->signers));
	for (uint16_t i = 0; i < config->door_count; i++) {
		config->doors[i].settings = fresh->doors[i].settings;
	}
	for (uint16_t i = 0; i < config->reader_count; i++) {
		config->readers[i].uid_badges = fresh->readers[i].uid_badges;
	}
}

/* NULL, or the whole configuration as text, which the caller frees. */
static char *written(const struct lq_config *config)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL) {
		return NULL;
	}
	int r = lq_config_print(config, out);
	if (fclose(out) != 0 || r != LQ_OK) {
		free(text);
		return NULL;
	}
	return text;
}

/* Names the first line that is not the same, and its section. */
static void name_difference(const char *before, const char *after, struct lq_config_error *error)
{
	const char *line = after;
	const char *section = after;
	for (size_t i = 0; before[i] == after[i] && after[i] != '\0'; i++) {
		if (after[i] == '\n') {
			line = after + i + 1;
			section = *line == '[' ? line : section;
		}
	}
	(void)lq_complain(error, 0, "\"%.*s\" under %.*s takes a restart of loquetd",
		"« %.*s » sous %.*s demande un redémarrage de loquetd", (int)strcspn(line, "\n"),
		line, (int)strcspn(section, "\n"), section);
}

int lq_config_renew(
	struct lq_config *config, const struct lq_config *fresh, struct lq_config_error *ret_error)
{
	struct lq_config merged = *config;
	take_over(&merged, fresh);
	char *before = written(&merged);
	char *after = written(fresh);
	int r = before == NULL || after == NULL ? LQ_ERR_NO_MEMORY
		: strcmp(before, after) == 0    ? LQ_OK
						: LQ_ERR_UNSUPPORTED;
	*ret_error = (struct lq_config_error){.line = 0, .language = fresh->language};
	if (r == LQ_OK) {
		take_over(config, fresh);
	} else if (r == LQ_ERR_UNSUPPORTED) {
		name_difference(before, after, ret_error);
	}
	free(before);
	free(after);
	return r;
}
