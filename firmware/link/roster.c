/* The office's roster, carried from the broker to loquetd, which believes nothing but the office's
 * signature. Nothing of it is kept: the broker retains it. */
#include "firmware/core/err.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"
#include "firmware/store/office_draft.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MANIFEST_MAX 65536u
#define PATIENCE_MS  10000u /* for parts, before they are asked for again */
#define SEALS        (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static void drop_parts(struct lq_link_roster *roster)
{
	if (roster->fd >= 0) {
		(void)close(roster->fd);
	}
	roster->fd = -1;
	roster->missing = 0;
	memset(roster->wanted, 0, sizeof(roster->wanted));
}

void lq_roster_open(struct lq_link *link)
{
	link->carried = (struct lq_link_roster){.fd = -1, .retry_at = {UINT64_MAX}};
}

void lq_roster_close(struct lq_link *link)
{
	if (link->carried.fd >= 0) {
		(void)close(link->carried.fd);
	}
	free(link->carried.manifest);
	link->carried = (struct lq_link_roster){.fd = -1};
}

/* ---- to loquetd ---- */

static bool put(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length > 0) {
		ssize_t written = write(fd, at, length);
		if (written <= 0) {
			return false;
		}
		at += written;
		length -= (size_t)written;
	}
	return true;
}

static int make_file(void)
{
	return memfd_create("loquet-roster", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static void hand_over(struct lq_link *link, const char *what, bool current, int fd)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS) == 0) {
		lq_peer_tell_roster(&link->peer, what, current, fd);
	}
}

void lq_roster_hand_manifest(struct lq_link *link)
{
	const struct lq_link_roster *roster = &link->carried;
	int fd = roster->manifest_length == 0 ? -1 : make_file();
	if (fd < 0) {
		return;
	}
	if (put(fd, roster->manifest, roster->manifest_length)) {
		hand_over(link, "manifest", roster->current && lq_session_up(link), fd);
	}
	(void)close(fd);
}

/* ---- from the broker ---- */

/* What a broker kept for a session may be older than what it retains: it comes before that. Where
 * it kept none, whatever comes was said just now. */
static void take_manifest(struct lq_link *link, const void *bytes, size_t length, bool retained)
{
	struct lq_link_roster *roster = &link->carried;
	if (length == 0 || length > MANIFEST_MAX) {
		return;
	}
	char *copy = malloc(length);
	if (copy == NULL) {
		return;
	}
	memcpy(copy, bytes, length);
	free(roster->manifest);
	roster->manifest = copy;
	roster->manifest_length = length;
	roster->current = roster->current || retained || !lq_broker_resumed(link->broker);
	lq_roster_hand_manifest(link);
}

static void take_part(struct lq_link *link, uint16_t part, const void *bytes, size_t length)
{
	struct lq_link_roster *roster = &link->carried;
	const struct lq_office_piece piece = {.part = part, .length = (uint32_t)length};
	if (!roster->wanted[part] || roster->fd < 0 || length == 0) {
		return;
	}
	roster->bytes += sizeof(piece) + length;
	if (length > LQ_OFFICE_PART_MAX || roster->bytes > LQ_OFFICE_BYTES_MAX ||
		!put(roster->fd, &piece, sizeof(piece)) || !put(roster->fd, bytes, length)) {
		lq_log("the office's roster is too large: it is not taken");
		drop_parts(roster);
		return;
	}
	roster->wanted[part] = false;
	roster->missing--;
	if (roster->missing == 0) {
		hand_over(link, "parts", false, roster->fd);
		drop_parts(roster);
		roster->unsubscribe = true;
	}
}

static bool part_number(const char *text, uint16_t *ret_part)
{
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		char wanted[8];
		(void)snprintf(wanted, sizeof(wanted), "%u", i);
		if (strcmp(text, wanted) == 0) {
			*ret_part = i;
			return true;
		}
	}
	return false;
}

void lq_roster_take(void *ctx, const char *name, const void *bytes, size_t length, bool retained)
{
	struct lq_link *link = ctx;
	uint16_t part = 0;
	if (strcmp(name, "manifest") == 0) {
		take_manifest(link, bytes, length, retained);
	} else if (strncmp(name, "part/", 5) == 0 && part_number(name + 5, &part)) {
		take_part(link, part, bytes, length);
	}
}

/* ---- what loquetd misses ---- */

void lq_roster_asked(void *ctx, json_t *roster_words)
{
	struct lq_link *link = ctx;
	struct lq_link_roster *roster = &link->carried;
	json_t *missing = json_object_get(roster_words, "missing");
	drop_parts(roster);
	roster->unsubscribe = roster->unsubscribe || roster->subscribed;
	for (size_t i = 0; i < json_array_size(missing); i++) {
		json_int_t part = json_integer_value(json_array_get(missing, i));
		if (part >= 0 && part < (json_int_t)LQ_OFFICE_PARTS && !roster->wanted[part]) {
			roster->wanted[part] = true;
			roster->missing++;
		}
	}
	if (roster->missing > 0) {
		roster->fd = make_file();
		roster->bytes = 0;
		roster->retry_at = link->now;
	}
}

/* Subscribing makes the broker send what it retains, each time. */
static void change_subscriptions(struct lq_link *link, bool subscribe)
{
	static char topics[LQ_OFFICE_PARTS][LQ_TOPIC_SIZE];
	char *list[LQ_OFFICE_PARTS];
	int count = 0;
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		if (!subscribe || link->carried.wanted[i]) {
			(void)snprintf(topics[count], LQ_TOPIC_SIZE, "%.100spart/%u",
				link->topics.roster, i);
			list[count] = topics[count];
			count++;
		}
	}
	link->carried.subscribed = subscribe;
	lq_broker_subscriptions(link->broker, subscribe, list, count);
}

void lq_roster_up(struct lq_link *link)
{
	link->carried.current = false;
	/* The broker's session may remember those of an earlier run. */
	link->carried.unsubscribe = lq_config_has_office(link->config);
	if (link->carried.missing > 0) {
		link->carried.retry_at = link->now;
	}
}

struct lq_mono lq_roster_due(const struct lq_link *link)
{
	const struct lq_link_roster *roster = &link->carried;
	if (roster->unsubscribe) {
		return link->now;
	}
	return roster->missing > 0 ? roster->retry_at : (struct lq_mono){UINT64_MAX};
}

void lq_roster_run(struct lq_link *link)
{
	struct lq_link_roster *roster = &link->carried;
	if (!lq_session_up(link)) {
		return;
	}
	if (roster->unsubscribe) {
		roster->unsubscribe = false;
		change_subscriptions(link, false);
	}
	if (roster->missing > 0 && lq_mono_due(roster->retry_at, link->now)) {
		roster->retry_at = lq_mono_after_ms(link->now, PATIENCE_MS);
		change_subscriptions(link, true);
	}
}
