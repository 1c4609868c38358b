#include "hal/sim/pn532/card_models.h"

#include <string.h>

#define PAGE_LEN        4u
#define CMD_READ        0x30u
#define CMD_FAST_READ   0x3Au
#define CMD_GET_VERSION 0x60u

struct memory {
	uint16_t pages;
	uint8_t capability; /* size byte of the capability container, page 3 */
	uint8_t storage;    /* size byte of GET_VERSION; 0: the command does not exist */
};

static struct memory memory_of(enum lq_sim_card_type type)
{
	switch (type) {
	case LQ_SIM_NTAG213:
		return (struct memory){.pages = 45, .capability = 0x12, .storage = 0x0F};
	case LQ_SIM_NTAG215:
		return (struct memory){.pages = 135, .capability = 0x3E, .storage = 0x11};
	case LQ_SIM_NTAG216:
		return (struct memory){.pages = 231, .capability = 0x6D, .storage = 0x13};
	case LQ_SIM_ULTRALIGHT:
	case LQ_SIM_CLASSIC_1K:
	case LQ_SIM_CLASSIC_4K:
	case LQ_SIM_DESFIRE:
	case LQ_SIM_PHONE:
	case LQ_SIM_RAW:
		break;
	}
	return (struct memory){.pages = 16, .capability = 0x06, .storage = 0};
}

/* Pages 0-2 hold the UID with its two check bytes, page 3 the capability container, the rest is
 * blank. */
static void page_at(const struct lq_sim_card *card, unsigned page, uint8_t ret_page[PAGE_LEN])
{
	const uint8_t *u = card->uid;
	const uint8_t bcc0 = (uint8_t)(0x88u ^ u[0] ^ u[1] ^ u[2]);
	const uint8_t bcc1 = (uint8_t)(u[3] ^ u[4] ^ u[5] ^ u[6]);
	const uint8_t head[4][PAGE_LEN] = {
		{u[0], u[1], u[2], bcc0},
		{u[3], u[4], u[5], u[6]},
		{bcc1, 0x48, 0x00, 0x00},
		{0xE1, 0x10, memory_of(card->type).capability, 0x00},
	};

	memset(ret_page, 0, PAGE_LEN);
	if (page < 4) {
		memcpy(ret_page, head[page], PAGE_LEN);
	}
}

static void put_pages(const struct lq_sim_card *card, unsigned first, unsigned count,
	struct lq_sim_answer *ret_answer)
{
	unsigned pages = memory_of(card->type).pages;
	uint8_t page[PAGE_LEN];

	for (unsigned i = 0; i < count; i++) {
		page_at(card, (first + i) % pages, page);
		lq_sim_answer_put_all(ret_answer, page, sizeof(page));
	}
}

void lq_sim_type2_command(const struct lq_sim_card *card, const uint8_t *in, size_t len,
	struct lq_sim_answer *ret_answer)
{
	const struct memory memory = memory_of(card->type);
	const uint8_t version[] = {0x00, 0x04, 0x04, 0x02, 0x01, 0x00, memory.storage, 0x03};
	bool ntag = memory.storage != 0;

	if (in[0] == CMD_READ && len == 2 && in[1] < memory.pages) {
		put_pages(card, in[1], 4, ret_answer);
	} else if (ntag && in[0] == CMD_GET_VERSION && len == 1) {
		lq_sim_answer_put_all(ret_answer, version, sizeof(version));
	} else if (ntag && in[0] == CMD_FAST_READ && len == 3 && in[1] <= in[2] &&
		   in[2] < memory.pages && in[2] - in[1] < 60) {
		put_pages(card, in[1], (unsigned)(in[2] - in[1]) + 1, ret_answer);
	} else {
		ret_answer->kind = LQ_SIM_NAK;
	}
}
