#include "hal/libnfc/libnfc_reader.h"

#include "firmware/core/device.h"
#include "firmware/core/err.h"
#include "hal/libnfc/pn53x_transceive.h"
#include "hal/libnfc/target_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Commands, UM0701-02 chapter 7. */
#define GET_FIRMWARE_VERSION   0x02u
#define RF_CONFIGURATION       0x32u
#define IN_DATA_EXCHANGE       0x40u
#define IN_LIST_PASSIVE_TARGET 0x4Au
#define RF_ITEM_FIELD          0x01u
#define RF_ITEM_MAX_RETRIES    0x05u
#define MODULATION_106_A       0x00u
#define CASCADE_TAG            0x88u
#define CASCADED_UID_MAX       12u

#define CHIP_PN532      0x32u
#define STATUS_ERROR    0x3Fu
#define STATUS_CHAINING 0x40u

/* Retries after the first try of a search; each takes about 5 ms. */
#define SEARCH_RETRIES 0x05u
/* A chip that is well answers a search within 50 ms. */
#define CHIP_TIMEOUT_MS 200
/* One disturbed byte is no failed device, and what comes late disturbs the next answer too. */
#define SEARCHES_MAX 3
/* ISO/IEC 14443-3: a card without field for 5 ms has forgotten that it was selected. */
#define FIELD_OFF_MS 5
/* No badge takes longer over one APDU, not even over a signature. */
#define DEADLINE_MS_MAX 2000u
/* The largest frame that libnfc takes apart; longer ones it reports as a broken line. */
#define FRAME_DATA_MAX 264u

struct libnfc_reader {
	nfc_context *context;
	nfc_device *device;
	bool holds_cards;    /* the chip may hold cards that an earlier search selected */
	bool badge_selected; /* it holds `badge`, as its first target */
	bool badge_known;
	struct lq_sighting badge; /* of the last poll that saw exactly one */
};

static uint64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void sleep_ms(long ms)
{
	struct timespec rest = {.tv_nsec = ms * 1000000};
	(void)nanosleep(&rest, NULL);
}

/* libnfc returns 0 for an operation that its driver lacks, and only notes the error aside. */
static int checked(const struct libnfc_reader *self, int r)
{
	int noted = nfc_device_get_last_error(self->device);
	return r == 0 && noted < 0 ? noted : r;
}

static int exchange(struct libnfc_reader *self, const uint8_t *command, size_t length,
	uint8_t *ret_answer, size_t capacity)
{
	return checked(self, pn53x_transceive(self->device, command, length, ret_answer, capacity,
				     CHIP_TIMEOUT_MS));
}

static int device_error(int nfc_error)
{
	return nfc_error == NFC_ETIMEOUT ? LQ_ERR_TIMEOUT : LQ_ERR_IO;
}

bool lq_libnfc_connstring_valid(const char *connstring)
{
	size_t length = strlen(connstring);
	return length < sizeof(nfc_connstring) && lq_device_valid(connstring, length);
}

static int tame_environment(void)
{
	static const char *const names[] = {"LIBNFC_DEFAULT_DEVICE", "LIBNFC_DEVICE",
		"LIBNFC_AUTO_SCAN", "LIBNFC_INTRUSIVE_SCAN"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (unsetenv(names[i]) != 0) {
			return LQ_ERR_IO;
		}
	}
	/* At its debug level libnfc prints every byte, UIDs among them. */
	return setenv("LIBNFC_LOG_LEVEL", "0", 1) == 0 ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static int identify(struct libnfc_reader *self, char ret_chip[LQ_CHIP_TEXT_SIZE])
{
	static const uint8_t command[] = {GET_FIRMWARE_VERSION};
	uint8_t answer[FRAME_DATA_MAX];
	int r = exchange(self, command, sizeof(command), answer, sizeof(answer));
	if (r < 0) {
		return device_error(r);
	}
	if (r != 4 || answer[0] != CHIP_PN532) {
		return LQ_ERR_UNSUPPORTED;
	}
	(void)snprintf(ret_chip, LQ_CHIP_TEXT_SIZE, "PN532 v%u.%u", answer[1], answer[2]);
	return LQ_OK;
}

/* The chip itself tries a few times before it says that the field is empty: a badge that comes is
 * then found without the host's doing, which leaves both sides more rest. */
static int limit_tries(struct libnfc_reader *self)
{
	static const uint8_t command[] = {
		RF_CONFIGURATION, RF_ITEM_MAX_RETRIES, 0x00, 0x01, SEARCH_RETRIES};
	uint8_t answer[FRAME_DATA_MAX];
	return exchange(self, command, sizeof(command), answer, sizeof(answer));
}

static int prepare(struct libnfc_reader *self, char ret_chip[LQ_CHIP_TEXT_SIZE])
{
	const nfc_modulation_type *modulations = NULL;
	/* nfc_open() succeeds although the chip failed half-way through its start. */
	if (checked(self, nfc_device_get_supported_modulation(
				  self->device, N_INITIATOR, &modulations)) < 0 ||
		modulations == NULL) {
		return LQ_ERR_IO;
	}
	int r = identify(self, ret_chip);
	if (r != LQ_OK) {
		return r;
	}
	if (checked(self, nfc_initiator_init(self->device)) < 0 ||
		checked(self, nfc_device_set_property_bool(
				      self->device, NP_INFINITE_SELECT, false)) < 0 ||
		limit_tries(self) < 0) {
		return LQ_ERR_IO;
	}
	return LQ_OK;
}

static void reader_close(void *ctx)
{
	struct libnfc_reader *self = ctx;
	if (self == NULL) {
		return;
	}
	if (self->device != NULL) {
		nfc_close(self->device);
	}
	if (self->context != NULL) {
		nfc_exit(self->context);
	}
	free(self);
}

/* Without field the cards forget that they were selected, so that the next search finds all of
 * them. The search switches the field on again. */
static int forget_cards(struct libnfc_reader *self)
{
	static const uint8_t command[] = {RF_CONFIGURATION, RF_ITEM_FIELD, 0x00};
	uint8_t answer[FRAME_DATA_MAX];
	self->badge_selected = false;
	if (!self->holds_cards) {
		return 0;
	}
	int r = exchange(self, command, sizeof(command), answer, sizeof(answer));
	if (r >= 0) {
		self->holds_cards = false;
		sleep_ms(FIELD_OFF_MS);
	}
	return r;
}

/* One search, for any cards or, with `uid` as the cards send it, for one. */
static int search(struct libnfc_reader *self, uint8_t max_targets, const uint8_t *uid,
	size_t uid_length, struct lq_sighting *ret_sighting)
{
	uint8_t command[3 + CASCADED_UID_MAX] = {
		IN_LIST_PASSIVE_TARGET, max_targets, MODULATION_106_A};
	uint8_t answer[FRAME_DATA_MAX];
	int r = forget_cards(self);
	if (r < 0) {
		return r;
	}
	if (uid_length > 0) {
		memcpy(command + 3, uid, uid_length);
	}
	r = exchange(self, command, 3 + uid_length, answer, sizeof(answer));
	if (r < 0) {
		self->holds_cards = true; /* for all we know */
		return r;
	}
	r = lq_target_data_parse(answer, (size_t)r, ret_sighting);
	self->holds_cards = r == 1;
	return r;
}

static bool is_one_badge(const struct lq_sighting *sighting)
{
	return sighting->cards == 1 && !sighting->malformed;
}

static int reader_poll(void *ctx, struct lq_sighting *ret_sighting)
{
	struct libnfc_reader *self = ctx;
	struct lq_sighting sighting;
	int r = -1;
	for (int i = 0; i < SEARCHES_MAX && r < 0; i++) {
		r = search(self, LQ_TARGETS_MAX, NULL, 0, &sighting);
	}
	if (r < 0) {
		return device_error(r);
	}
	if (r == 1) {
		if (is_one_badge(&sighting)) {
			self->badge = sighting;
			self->badge_known = true;
			self->badge_selected = true;
		}
		*ret_sighting = sighting;
	}
	return r;
}

/* A UID of several levels is sent with a cascade tag before each 3 bytes but the last 4. */
static size_t cascade(const struct lq_sighting *badge, uint8_t ret_uid[CASCADED_UID_MAX])
{
	size_t length = 0;
	size_t taken = 0;
	while (badge->uid_len - taken > 4) {
		ret_uid[length++] = CASCADE_TAG;
		memcpy(ret_uid + length, badge->uid + taken, 3);
		length += 3;
		taken += 3;
	}
	memcpy(ret_uid + length, badge->uid + taken, badge->uid_len - taken);
	return length + (badge->uid_len - taken);
}

static bool same_badge(const struct lq_sighting *a, const struct lq_sighting *b)
{
	return a->uid_len == b->uid_len && memcmp(a->uid, b->uid, a->uid_len) == 0;
}

static int select_badge(struct libnfc_reader *self)
{
	struct lq_sighting found;
	uint8_t uid[CASCADED_UID_MAX];
	if (self->badge_selected) {
		return LQ_OK;
	}
	int r = search(self, 1, uid, cascade(&self->badge, uid), &found);
	if (r < 0) {
		return device_error(r);
	}
	if (r == 0 || !is_one_badge(&found) || !same_badge(&found, &self->badge)) {
		return LQ_ERR_NOT_FOUND;
	}
	self->badge_selected = true;
	return LQ_OK;
}

static int exchange_error(int nfc_error, uint8_t status)
{
	if (nfc_error == NFC_ETIMEOUT) {
		return LQ_ERR_TIMEOUT;
	}
	if (nfc_error == NFC_ECHIP && (status & STATUS_CHAINING) != 0) {
		return LQ_ERR_FULL; /* the joined answer outgrew the buffer */
	}
	if (nfc_error == NFC_ERFTRANS || nfc_error == NFC_ECHIP || nfc_error == NFC_EINVARG ||
		nfc_error == NFC_ETGRELEASED || nfc_error == NFC_EMFCAUTHFAIL) {
		return LQ_ERR_NOT_FOUND; /* the chip is well, the badge does not answer properly */
	}
	return LQ_ERR_IO;
}

static int exchange_apdu(struct libnfc_reader *self, const uint8_t *apdu, size_t length,
	uint8_t ret_frame[FRAME_DATA_MAX], uint64_t deadline)
{
	uint8_t command[2 + LQ_APDU_MAX] = {IN_DATA_EXCHANGE, 1};
	uint64_t now = now_ms();
	if (now >= deadline) {
		return LQ_ERR_TIMEOUT;
	}
	memcpy(command + 2, apdu, length);
	ret_frame[0] = 0;
	int r = checked(self, pn53x_transceive(self->device, command, 2 + length, ret_frame,
				      FRAME_DATA_MAX, (int)(deadline - now)));
	if (r < 0) {
		return exchange_error(r, ret_frame[0]);
	}
	/* Of an answer in several pieces libnfc looks at the first one's status only. */
	if (r == 0 || (ret_frame[0] & STATUS_ERROR) != 0) {
		return LQ_ERR_NOT_FOUND;
	}
	return now_ms() > deadline ? LQ_ERR_TIMEOUT : r - 1;
}

static int reader_transceive(void *ctx, const uint8_t *command, size_t length, uint8_t *ret_answer,
	size_t capacity, uint32_t deadline_ms)
{
	struct libnfc_reader *self = ctx;
	uint8_t frame[FRAME_DATA_MAX];
	if (length == 0 || length > LQ_APDU_MAX || !self->badge_known) {
		return LQ_ERR_INVALID;
	}
	uint32_t allowed_ms = deadline_ms < DEADLINE_MS_MAX ? deadline_ms : DEADLINE_MS_MAX;
	uint64_t deadline = now_ms() + allowed_ms;
	int r = select_badge(self);
	if (r == LQ_OK) {
		r = exchange_apdu(self, command, length, frame, deadline);
	}
	if (r < 0) {
		self->badge_selected = false;
		return r;
	}
	if ((size_t)r > capacity) {
		return LQ_ERR_FULL;
	}
	if (r > 0) {
		memcpy(ret_answer, frame + 1, (size_t)r);
	}
	return r;
}

int lq_libnfc_reader_open(
	const char *connstring, struct lq_reader *ret_reader, char ret_chip[LQ_CHIP_TEXT_SIZE])
{
	nfc_connstring device;
	char chip[LQ_CHIP_TEXT_SIZE];
	if (!lq_libnfc_connstring_valid(connstring)) {
		return LQ_ERR_INVALID;
	}
	(void)snprintf(device, sizeof(device), "%s", connstring);
	int r = tame_environment();
	if (r != LQ_OK) {
		return r;
	}
	struct libnfc_reader *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	r = LQ_ERR_NO_MEMORY;
	nfc_init(&self->context);
	if (self->context == NULL) {
		goto out;
	}
	r = LQ_ERR_IO;
	self->device = nfc_open(self->context, device);
	if (self->device == NULL) {
		goto out;
	}
	r = prepare(self, chip);
	if (r != LQ_OK) {
		goto out;
	}
	*ret_reader = (struct lq_reader){
		.ctx = self,
		.poll = reader_poll,
		.transceive = reader_transceive,
		.close = reader_close,
	};
	memcpy(ret_chip, chip, sizeof(chip));
	self = NULL;
out:
	reader_close(self);
	return r;
}

const char *lq_libnfc_version(void)
{
	return nfc_version();
}
