#include "hal/sim/pn532/order.h"

#include <string.h>

#define WORDS_MAX  10u
#define NUMBER_MAX 1000000000u

const char lq_pn532_order_help[] =
	"  present SLOT [uid=HEX] [type=T] [sak=HH] [atqa=HHHH] [ats=HEX]\n"
	"                        a card enters the field (SLOT 0-3): ok at_us=CLOCK_MONOTONIC "
	"uid=HEX\n"
	"                        types: classic1k classic4k ultralight ntag213 ntag215 ntag216 "
	"desfire\n"
	"                        phone (no uid: 08 and three random bytes) raw; without a type, 4 "
	"bytes\n"
	"                        of uid make a classic1k, 7 an ntag213, 10 a raw; ats with its "
	"length byte\n"
	"  remove SLOT|all       it leaves: ok at_us=CLOCK_MONOTONIC\n"
	"  tear after=N          all cards leave after N more answered card commands\n"
	"  tear bytes=N          the same after N more bytes between chip and card, either way: a "
	"command\n"
	"                        that had passed is executed, its answer is lost\n"
	"  tear off              no longer\n"
	"  fault NAME [N] [once] [on=HH]\n"
	"                        break the chip (fault none mends it); once: ends when it has "
	"bitten;\n"
	"                        on=HH: only at this command code\n"
	"  fault list            the names\n"
	"  unplug                the port hangs up and the link is removed\n"
	"  plug                  a new port, and the link again\n"
	"  stats                 ok uptime_ms=N polls=N exchanges=N bad_frames=N aborts=N "
	"faults=N\n"
	"                        cards=N and for each command code seen cmd_HH=N\n"
	"  pace BAUD|off         bytes take as long as at BAUD, 8N1\n"
	"  air on|off            frames between chip and card take as long as at 106 kbit/s\n"
	"  wait-poll N           answers after N more InListPassiveTarget have been answered\n"
	"  quit                  answers, then ends the program\n";

struct words {
	char text[LQ_PN532_ORDER_MAX];
	char *word[WORDS_MAX];
	size_t count;
};

static const char *split(const char *line, struct words *ret_words)
{
	size_t len = strlen(line);
	char *at = ret_words->text;

	ret_words->count = 0;
	if (len >= sizeof(ret_words->text)) {
		return "line is too long";
	}
	memcpy(ret_words->text, line, len + 1);
	for (;;) {
		at += strspn(at, " \t\r");
		if (*at == '\0') {
			return NULL;
		}
		if (ret_words->count == WORDS_MAX) {
			return "too many words";
		}
		ret_words->word[ret_words->count++] = at;
		at += strcspn(at, " \t\r");
		if (*at != '\0') {
			*at++ = '\0';
		}
	}
}

static bool parse_number(const char *text, uint32_t greatest, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > greatest) {
			return false;
		}
	}
	*ret_number = (uint32_t)number;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return c - 'A' + 10;
	}
	return -1;
}

static bool parse_hex(const char *text, uint8_t *out, size_t cap, size_t *ret_len)
{
	size_t len = 0;

	for (; text[0] != '\0'; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || len == cap) {
			return false;
		}
		out[len++] = (uint8_t)(high << 4 | low);
	}
	*ret_len = len;
	return true;
}

static bool parse_hex_exactly(const char *text, uint8_t *out, size_t len)
{
	size_t got = 0;

	return parse_hex(text, out, len, &got) && got == len;
}

/* The value of `word` if it is "key=value". */
static const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static const char *parse_card_word(const char *word, struct lq_sim_card_spec *card)
{
	const char *value = NULL;

	if ((value = value_of(word, "uid")) != NULL) {
		return parse_hex(value, card->uid, sizeof(card->uid), &card->uid_len)
			       ? NULL
			       : "uid is not up to 10 bytes of hex";
	}
	if ((value = value_of(word, "type")) != NULL) {
		card->has_type = lq_sim_card_type_by_name(value, &card->type);
		return card->has_type ? NULL : "no such type";
	}
	if ((value = value_of(word, "sak")) != NULL) {
		card->has_sak = parse_hex_exactly(value, &card->sak, 1);
		return card->has_sak ? NULL : "sak is not one byte of hex";
	}
	if ((value = value_of(word, "atqa")) != NULL) {
		card->has_atqa = parse_hex_exactly(value, card->atqa, sizeof(card->atqa));
		return card->has_atqa ? NULL : "atqa is not two bytes of hex";
	}
	if ((value = value_of(word, "ats")) != NULL) {
		card->has_ats = parse_hex(value, card->ats, sizeof(card->ats), &card->ats_len);
		return card->has_ats ? NULL : "ats is not up to 64 bytes of hex";
	}
	return "unknown word";
}

static const char *parse_slot(const struct words *w, struct lq_pn532_order *order)
{
	uint32_t slot = 0;

	if (w->count < 2 || !parse_number(w->word[1], LQ_PN532_SLOTS - 1, &slot)) {
		return "slot is not 0-3";
	}
	order->slot = (uint8_t)slot;
	return NULL;
}

static const char *parse_present(const struct words *w, struct lq_pn532_order *order)
{
	const char *why = parse_slot(w, order);

	for (size_t i = 2; why == NULL && i < w->count; i++) {
		why = parse_card_word(w->word[i], &order->card);
	}
	return why;
}

static const char *parse_remove(const struct words *w, struct lq_pn532_order *order)
{
	order->all = w->count == 2 && strcmp(w->word[1], "all") == 0;
	if (w->count > 2) {
		return "too many words";
	}
	return order->all ? NULL : parse_slot(w, order);
}

static const char *parse_tear(const struct words *w, struct lq_pn532_order *order)
{
	const char *after = w->count == 2 ? value_of(w->word[1], "after") : NULL;
	const char *bytes = w->count == 2 ? value_of(w->word[1], "bytes") : NULL;

	if (after != NULL && parse_number(after, NUMBER_MAX, &order->number)) {
		order->tear = LQ_PN532_TEAR_EXCHANGES;
	} else if (bytes != NULL && parse_number(bytes, NUMBER_MAX, &order->number)) {
		order->tear = LQ_PN532_TEAR_BYTES;
	} else if (w->count == 2 && strcmp(w->word[1], "off") == 0) {
		order->tear = LQ_PN532_TEAR_NONE;
	} else {
		return "tear needs after=N, bytes=N or off";
	}
	return NULL;
}

static const char *parse_fault_word(const char *word, struct lq_pn532_fault *fault)
{
	const char *code = value_of(word, "on");

	if (strcmp(word, "once") == 0) {
		fault->once = true;
		return NULL;
	}
	if (code != NULL) {
		fault->has_code = parse_hex_exactly(code, &fault->code, 1);
		return fault->has_code ? NULL : "on is not one byte of hex";
	}
	return "unknown word";
}

static const char *parse_fault(const struct words *w, struct lq_pn532_order *order)
{
	struct lq_pn532_fault *fault = &order->fault;
	uint32_t greatest = 0;
	const char *why = NULL;
	size_t next = 2;

	if (w->count == 2 && strcmp(w->word[1], "list") == 0) {
		order->verb = LQ_PN532_FAULT_LIST;
		return NULL;
	}
	if (w->count < 2 || !lq_pn532_fault_by_name(w->word[1], &fault->kind)) {
		return "no such fault";
	}
	greatest = lq_pn532_fault_table[fault->kind].greatest;
	if (greatest > 0) {
		if (w->count < 3 || !parse_number(w->word[next++], greatest, &fault->number)) {
			return "this fault needs a number in its range";
		}
	}
	for (; why == NULL && next < w->count; next++) {
		why = parse_fault_word(w->word[next], fault);
	}
	return why;
}

static const char *parse_pace(const struct words *w, struct lq_pn532_order *order)
{
	if (w->count == 2 && strcmp(w->word[1], "off") == 0) {
		return NULL;
	}
	if (w->count != 2 || !parse_number(w->word[1], 10000000, &order->number) ||
		order->number < 300) {
		return "pace is not off or 300-10000000";
	}
	return NULL;
}

static const char *parse_air(const struct words *w, struct lq_pn532_order *order)
{
	order->on = w->count == 2 && strcmp(w->word[1], "on") == 0;
	if (!order->on && (w->count != 2 || strcmp(w->word[1], "off") != 0)) {
		return "air is not on or off";
	}
	return NULL;
}

static const char *parse_wait_poll(const struct words *w, struct lq_pn532_order *order)
{
	return w->count == 2 && parse_number(w->word[1], NUMBER_MAX, &order->number)
		       ? NULL
		       : "wait-poll needs a number";
}

static const char *parse_nothing(const struct words *w, struct lq_pn532_order *order)
{
	(void)order;
	return w->count == 1 ? NULL : "too many words";
}

static const struct {
	const char *name;
	enum lq_pn532_verb verb;
	const char *(*parse)(const struct words *w, struct lq_pn532_order *order);
} verbs[] = {
	{"present", LQ_PN532_PRESENT, parse_present},
	{"remove", LQ_PN532_REMOVE, parse_remove},
	{"tear", LQ_PN532_TEAR, parse_tear},
	{"fault", LQ_PN532_FAULT, parse_fault},
	{"unplug", LQ_PN532_UNPLUG, parse_nothing},
	{"plug", LQ_PN532_PLUG, parse_nothing},
	{"stats", LQ_PN532_STATS, parse_nothing},
	{"pace", LQ_PN532_PACE, parse_pace},
	{"air", LQ_PN532_AIR, parse_air},
	{"wait-poll", LQ_PN532_WAIT_POLL, parse_wait_poll},
	{"quit", LQ_PN532_QUIT, parse_nothing},
};

const char *lq_pn532_order_parse(const char *line, struct lq_pn532_order *ret_order)
{
	struct lq_pn532_order order = {0};
	struct words words;
	const char *why = split(line, &words);

	if (why != NULL) {
		return why;
	}
	if (words.count == 0) {
		return "empty line";
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(words.word[0], verbs[i].name) == 0) {
			order.verb = verbs[i].verb;
			why = verbs[i].parse(&words, &order);
			if (why == NULL) {
				*ret_order = order;
			}
			return why;
		}
	}
	return "no such order";
}
