#include "hal/sim/pn532/card_models.h"

#include <string.h>

#define AID_LEN 3u
#define UID_LEN 7u

enum status {
	ST_OK = 0x00,
	ST_ILLEGAL_COMMAND = 0x1C,
	ST_NO_SUCH_KEY = 0x40,
	ST_LENGTH = 0x7E,
	ST_APPLICATION_NOT_FOUND = 0xA0,
	ST_AUTHENTICATION = 0xAE,
	ST_MORE = 0xAF,
	ST_ABORTED = 0xCA,
};

/* The one application on the card, two AES keys, no file; and the card's own level, one DES key. */
static const uint8_t picc_aid[AID_LEN] = {0x00, 0x00, 0x00};
static const uint8_t app_aid[AID_LEN] = {0x42, 0x4F, 0xF4};

struct request {
	const uint8_t *arg;
	size_t len;
};

static bool at_picc_level(const struct lq_sim_card *card)
{
	return memcmp(card->desfire.aid, picc_aid, AID_LEN) == 0;
}

static enum status select_application(struct lq_sim_card *card, struct request req)
{
	if (req.len != AID_LEN) {
		return ST_LENGTH;
	}
	if (memcmp(req.arg, picc_aid, AID_LEN) != 0 && memcmp(req.arg, app_aid, AID_LEN) != 0) {
		return ST_APPLICATION_NOT_FOUND;
	}
	memcpy(card->desfire.aid, req.arg, AID_LEN);
	return ST_OK;
}

static enum status version_part(struct lq_sim_card *card, struct lq_sim_answer *out)
{
	static const uint8_t hardware[] = {0x04, 0x01, 0x01, 0x01, 0x00, 0x18, 0x05};
	static const uint8_t software[] = {0x04, 0x01, 0x01, 0x01, 0x04, 0x18, 0x05};
	/* batch number, then week 20 of 2014 as BCD */
	static const uint8_t production[] = {0xBA, 0x34, 0xC5, 0xD6, 0xE7, 0x20, 0x14};
	static const uint8_t hidden_uid[UID_LEN] = {0};

	switch (card->desfire.version_part) {
	case 0:
		lq_sim_answer_put_all(out, hardware, sizeof(hardware));
		card->desfire.version_part = 1;
		return ST_MORE;
	case 1:
		lq_sim_answer_put_all(out, software, sizeof(software));
		card->desfire.version_part = 2;
		return ST_MORE;
	default:
		lq_sim_answer_put_all(
			out, card->uid_len == UID_LEN ? card->uid : hidden_uid, UID_LEN);
		lq_sim_answer_put_all(out, production, sizeof(production));
		card->desfire.version_part = 0;
		return ST_OK;
	}
}

static enum status key_settings(const struct lq_sim_card *card, struct lq_sim_answer *out)
{
	lq_sim_answer_put(out, 0x0F);
	lq_sim_answer_put(out, at_picc_level(card) ? 0x01 : 0x82);
	return ST_OK;
}

static enum status key_version(
	const struct lq_sim_card *card, struct request req, struct lq_sim_answer *out)
{
	if (req.len != 1) {
		return ST_LENGTH;
	}
	if (req.arg[0] >= (at_picc_level(card) ? 1 : 2)) {
		return ST_NO_SUCH_KEY;
	}
	lq_sim_answer_put(out, 0x00);
	return ST_OK;
}

static enum status application_ids(const struct lq_sim_card *card, struct lq_sim_answer *out)
{
	if (!at_picc_level(card)) {
		return ST_ILLEGAL_COMMAND;
	}
	lq_sim_answer_put_all(out, app_aid, AID_LEN);
	return ST_OK;
}

static enum status free_memory(struct lq_sim_answer *out)
{
	static const uint8_t free_bytes[] = {0x00, 0x1E, 0x00};

	lq_sim_answer_put_all(out, free_bytes, sizeof(free_bytes));
	return ST_OK;
}

static enum status run(
	struct lq_sim_card *card, uint8_t ins, struct request req, struct lq_sim_answer *out)
{
	bool continues = ins == 0xAF && card->desfire.version_part != 0;

	if (!continues) {
		card->desfire.version_part = 0;
	}
	switch (ins) {
	case 0x45:
		return req.len == 0 ? key_settings(card, out) : ST_LENGTH;
	case 0x5A:
		return select_application(card, req);
	case 0x60:
		return req.len == 0 ? version_part(card, out) : ST_LENGTH;
	case 0x64:
		return key_version(card, req, out);
	case 0x6A:
		return req.len == 0 ? application_ids(card, out) : ST_LENGTH;
	case 0x6E:
		return req.len == 0 ? free_memory(out) : ST_LENGTH;
	case 0x6F:
		return at_picc_level(card) ? ST_ILLEGAL_COMMAND : ST_OK;
	case 0xAF:
		return continues ? version_part(card, out) : ST_ABORTED;
	case 0x0A: /* authentications, and what needs one: the model holds no key */
	case 0x1A:
	case 0xAA:
	case 0x71:
	case 0x51:
		return ST_AUTHENTICATION;
	default:
		return ST_ILLEGAL_COMMAND;
	}
}

void lq_sim_desfire_apdu(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	struct request req = {.arg = NULL, .len = 0};
	enum status status = ST_LENGTH;

	if (len < 5 || in[0] != 0x90) {
		lq_sim_answer_put(ret_answer, 0x6E);
		lq_sim_answer_put(ret_answer, 0x00);
		return;
	}
	if (len > 5) {
		req.len = in[4];
		req.arg = in + 5;
	}
	if (len == 5 || len == req.len + 6) {
		status = run(card, in[1], req, ret_answer);
	}
	lq_sim_answer_put(ret_answer, 0x91);
	lq_sim_answer_put(ret_answer, (uint8_t)status);
}
