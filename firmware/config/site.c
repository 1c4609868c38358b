#include "firmware/config/config.h"

#include <string.h>

struct lq_site lq_config_site(const struct lq_config *config)
{
	struct lq_site site = {
		.door_count = config->door_count,
		.reader_count = config->reader_count,
	};
	memcpy(site.space, config->space, sizeof(site.space));
	memcpy(site.controller, config->controller, sizeof(site.controller));
	for (size_t i = 0; i < config->door_count; i++) {
		memcpy(site.doors[i], config->doors[i].name, sizeof(site.doors[i]));
		memcpy(site.zones[i], config->doors[i].zone, sizeof(site.zones[i]));
	}
	for (size_t i = 0; i < config->reader_count; i++) {
		struct lq_site_reader *reader = &site.readers[i];
		memcpy(reader->name, config->readers[i].name, sizeof(reader->name));
		reader->door = config->readers[i].door;
		reader->direction = config->readers[i].direction;
	}
	return site;
}

const struct lq_signer *lq_config_signer(
	const struct lq_config *config, const uint8_t public_key[32])
{
	for (size_t i = 0; i < config->signer_count; i++) {
		if (memcmp(config->signers[i].key, public_key, sizeof(config->signers[i].key)) ==
			0) {
			return &config->signers[i];
		}
	}
	return NULL;
}

bool lq_config_has_office(const struct lq_config *config)
{
	static const uint8_t none[sizeof(config->office_key)];
	return memcmp(config->office_key, none, sizeof(none)) != 0;
}
