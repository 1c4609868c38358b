#include "firmware/store/roster.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY     UINT32_MAX
#define SLOTS_MIN 1024u
#define COUNT_MAX (1u << 28)

/* Credentials stand in one dense array; `slots` is an open-addressed index into it, at most half
 * full. The keys are HMAC output, so their first bytes are the hash. */
struct lq_roster {
	struct lq_credential *credentials;
	size_t count;
	size_t capacity;
	uint32_t *slots;
	size_t slot_count; /* a power of two */
};

static size_t slot_of(const struct lq_roster *roster, const uint8_t key[16])
{
	uint64_t start = 0;
	memcpy(&start, key, sizeof(start));
	size_t slot = (size_t)start & (roster->slot_count - 1);
	while (roster->slots[slot] != EMPTY &&
		memcmp(roster->credentials[roster->slots[slot]].key, key, 16) != 0) {
		slot = (slot + 1) & (roster->slot_count - 1);
	}
	return slot;
}

static int resize_slots(struct lq_roster *roster, size_t slot_count)
{
	uint32_t *slots = malloc(slot_count * sizeof(*slots));
	if (slots == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	memset(slots, 0xff, slot_count * sizeof(*slots));
	free(roster->slots);
	roster->slots = slots;
	roster->slot_count = slot_count;
	for (size_t i = 0; i < roster->count; i++) {
		roster->slots[slot_of(roster, roster->credentials[i].key)] = (uint32_t)i;
	}
	return LQ_OK;
}

int lq_roster_reserve(struct lq_roster *roster, size_t capacity)
{
	if (capacity > COUNT_MAX) {
		return LQ_ERR_FULL;
	}
	if (capacity > roster->capacity) {
		struct lq_credential *grown =
			realloc(roster->credentials, capacity * sizeof(*grown));
		if (grown == NULL) {
			return LQ_ERR_NO_MEMORY;
		}
		roster->credentials = grown;
		roster->capacity = capacity;
	}
	size_t slot_count = roster->slot_count < SLOTS_MIN ? SLOTS_MIN : roster->slot_count;
	while (slot_count < 2 * capacity) {
		slot_count *= 2;
	}
	return slot_count == roster->slot_count ? LQ_OK : resize_slots(roster, slot_count);
}

int lq_roster_new(struct lq_roster **ret_roster)
{
	struct lq_roster *roster = calloc(1, sizeof(*roster));
	if (roster == NULL || lq_roster_reserve(roster, SLOTS_MIN / 2) != LQ_OK) {
		lq_roster_free(roster);
		return LQ_ERR_NO_MEMORY;
	}
	*ret_roster = roster;
	return LQ_OK;
}

void lq_roster_free(struct lq_roster *roster)
{
	if (roster == NULL) {
		return;
	}
	free(roster->credentials);
	free(roster->slots);
	free(roster);
}

const struct lq_credential *lq_roster_find(const struct lq_roster *roster, const uint8_t key[16])
{
	uint32_t at = roster->slots[slot_of(roster, key)];
	return at == EMPTY ? NULL : &roster->credentials[at];
}

int lq_roster_put(struct lq_roster *roster, const struct lq_credential *credential)
{
	size_t slot = slot_of(roster, credential->key);
	if (roster->slots[slot] != EMPTY) {
		roster->credentials[roster->slots[slot]] = *credential;
		return LQ_OK;
	}
	if (roster->count == roster->capacity) {
		int r = lq_roster_reserve(roster, roster->capacity + roster->capacity / 4 + 1);
		if (r != LQ_OK) {
			return r;
		}
		slot = slot_of(roster, credential->key);
	}
	LQ_ASSERT(roster->count < roster->capacity);
	roster->credentials[roster->count] = *credential;
	roster->slots[slot] = (uint32_t)roster->count;
	roster->count++;
	return LQ_OK;
}

/* What an emptied slot would hide from its own search moves up into it. */
static void close_gap(struct lq_roster *roster, size_t gap)
{
	size_t mask = roster->slot_count - 1;
	for (size_t slot = (gap + 1) & mask; roster->slots[slot] != EMPTY;
		slot = (slot + 1) & mask) {
		uint32_t index = roster->slots[slot];
		roster->slots[slot] = EMPTY;
		roster->slots[slot_of(roster, roster->credentials[index].key)] = index;
	}
}

void lq_roster_remove(struct lq_roster *roster, const uint8_t key[16])
{
	size_t slot = slot_of(roster, key);
	uint32_t index = roster->slots[slot];
	if (index == EMPTY) {
		return;
	}
	size_t last = roster->count - 1;
	roster->slots[slot_of(roster, roster->credentials[last].key)] = index;
	roster->slots[slot] = EMPTY;
	roster->credentials[index] = roster->credentials[last];
	roster->count = last;
	close_gap(roster, slot);
}

const struct lq_credential *lq_roster_at(const struct lq_roster *roster, size_t index)
{
	LQ_ASSERT(index < roster->count);
	return &roster->credentials[index];
}

const struct lq_credential *lq_roster_find_id(const struct lq_roster *roster, uint32_t id)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (roster->credentials[i].id == id) {
			return &roster->credentials[i];
		}
	}
	return NULL;
}

void lq_roster_set_state(struct lq_roster *roster, uint32_t id, enum lq_credential_state state)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (roster->credentials[i].id == id) {
			roster->credentials[i].state = (uint8_t)state;
		}
	}
}

void lq_roster_set_holder_enabled(struct lq_roster *roster, uint32_t holder, bool enabled)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (roster->credentials[i].holder == holder) {
			roster->credentials[i].holder_enabled = enabled;
		}
	}
}

void lq_roster_set_rights(
	struct lq_roster *roster, uint32_t holder, const struct lq_rights_change *change)
{
	for (size_t i = 0; i < roster->count; i++) {
		struct lq_credential *credential = &roster->credentials[i];
		if (credential->holder != holder) {
			continue;
		}
		if (change->sets_any_time) {
			credential->any_time = change->rights.any_time;
		}
		if (change->sets_extended_time) {
			credential->extended_time = change->rights.extended_time;
		}
	}
}

size_t lq_roster_count(const struct lq_roster *roster)
{
	return roster->count;
}

int lq_uid_key(const struct lq_keys *keys, const uint8_t *uid, size_t length, uint8_t ret_key[16])
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_length = 0;
	if (keys->blind) {
		return LQ_ERR_NOT_FOUND;
	}
	if (HMAC(EVP_sha256(), keys->uid_secret, sizeof(keys->uid_secret), uid, length, mac,
		    &mac_length) == NULL ||
		mac_length != 32) {
		return LQ_ERR_IO;
	}
	memcpy(ret_key, mac, 16);
	return LQ_OK;
}
