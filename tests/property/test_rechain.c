/* Whatever the order in which a signed journal reaches the office: one changed row before a
 * checkpoint is told, none is told without cause, and the chain's end is what the journal says. */
#include "firmware/core/err.h"
#include "firmware/store/hash.h"
#include "firmware/store/keys.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/books_internal.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS   14u
#define ROUNDS LQ_RUNS(90)
#define BODY   1024u
#define TOPIC  "loquet/1/les-remparts/front-board/events"

static struct lq_random chance;
static char bodies[ROWS + 1][BODY]; /* by their numbers */
static uint8_t head[LQ_HASH_SIZE];  /* of the journal as it was signed */
static uint64_t last_checkpoint;

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

static void hex(const uint8_t *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	}
}

static void write_row(uint64_t seq, const char *type, const char *data)
{
	int length = snprintf(bodies[seq], BODY,
		"{\"specversion\":\"1.0\",\"id\":\"front-board/%" PRIu64
		"\",\"source\":\"urn:loquet:les-remparts:front-board\","
		"\"type\":\"org.loquet.%s.v1\",\"time\":\"2026-12-01T09:00:00.000Z\","
		"\"sequence\":\"%020" PRIu64 "\",\"loquetclock\":\"synchronised\","
		"\"datacontenttype\":\"application/json\",\"data\":{%s}}",
		seq, type, seq, data);
	assert_true(length > 0 && (size_t)length < BODY);
}

static void write_checkpoint(const struct lq_keys *keys, uint64_t seq)
{
	const struct lq_site site = {.space = "les-remparts", .controller = "front-board"};
	uint8_t message[LQ_CHECKPOINT_MESSAGE_MAX];
	uint8_t signature[64];
	char data[512];
	char head_text[65];
	char signature_text[129];
	char key_text[65];
	size_t length = lq_checkpoint_message(&site, seq - 1, head, message);
	assert_int_equal(lq_keys_sign(keys, message, length, signature), LQ_OK);
	hex(head, sizeof(head), head_text);
	hex(signature, sizeof(signature), signature_text);
	hex(keys->sign_public, 32, key_text);
	(void)snprintf(data, sizeof(data),
		"\"headSeq\":%" PRIu64
		",\"headHash\":\"%s\",\"signature\":\"%s\",\"publicKey\":\"%s\"",
		seq - 1, head_text, signature_text, key_text);
	write_row(seq, "journal.checkpoint", data);
	last_checkpoint = seq;
}

static void write_journal(const struct lq_keys *keys)
{
	memset(head, 0, sizeof(head));
	for (uint64_t seq = 1; seq <= ROWS; seq++) {
		uint8_t hash[LQ_HASH_SIZE];
		if (seq > 1 && below(4) == 0) {
			write_checkpoint(keys, seq);
		} else {
			write_row(seq, "door.closed", "\"door\":\"front\"");
		}
		lq_hash(bodies[seq], strlen(bodies[seq]), hash);
		lq_hash_chain(head, hash, head);
	}
}

static void take(uint64_t seq, bool forged)
{
	struct lq_feed_event event;
	enum lq_books_finding finding;
	char body[BODY];
	(void)snprintf(body, sizeof(body), "%s", bodies[seq]);
	if (forged) {
		strstr(body, "09:00:00")[7] = '1';
	}
	assert_int_equal(lq_feed_read("les-remparts", TOPIC, body, strlen(body), &event), LQ_OK);
	assert_int_equal(lq_books_begin(play_books()), LQ_OK);
	assert_int_equal(lq_books_take(play_books(), &event, body, strlen(body), &finding), LQ_OK);
	if (below(3) == 0) {
		assert_int_equal(lq_books_commit(play_books()), LQ_OK);
	}
}

static void in_any_order(uint64_t forged)
{
	uint64_t order[ROWS];
	for (uint32_t i = 0; i < ROWS; i++) {
		order[i] = i + 1;
	}
	for (uint32_t i = 0; i + 1 < ROWS; i++) {
		uint32_t other = i + below(ROWS - i);
		uint64_t kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	for (uint32_t i = 0; i < ROWS; i++) {
		take(order[i], order[i] == forged);
	}
	assert_int_equal(lq_books_commit(play_books()), LQ_OK);
}

static void expect(bool broken)
{
	struct lq_rows *rows = NULL;
	assert_int_equal(
		lq_db_query(stub.db, &rows,
			"SELECT coalesce(broken, 0), hash, last, signed FROM controller", ""),
		LQ_OK);
	assert_int_equal(lq_rows_next(rows), 1);
	bool told = lq_rows_integer(rows, 0) != 0;
	struct lq_blob hash = lq_rows_blob(rows, 1);
	if (told != broken || lq_rows_integer(rows, 2) != ROWS) {
		fail_msg("broken: told %d, is %d", told, broken);
	}
	if (!broken) {
		assert_int_equal(hash.length, LQ_HASH_SIZE);
		assert_memory_equal(hash.bytes, head, LQ_HASH_SIZE);
		assert_int_equal(
			lq_rows_integer(rows, 3), last_checkpoint > 0 ? last_checkpoint - 1 : 0);
	}
	lq_rows_end(rows);
}

static void one_journal(const struct lq_keys *keys, bool forge)
{
	assert_int_equal(play_begin(NULL), 0);
	last_checkpoint = 0;
	write_journal(keys);
	/* What stands behind the last checkpoint is not signed yet, and cannot be judged. */
	bool judged = forge && last_checkpoint > 1;
	uint64_t forged = judged ? 1 + below((uint32_t)last_checkpoint - 1) : 0;
	in_any_order(forged);
	expect(judged);
	assert_int_equal(play_end(NULL), 0);
}

static void make_keys(struct lq_keys *keys)
{
	char path[64];
	char folder[] = "/tmp/lq-rechain-XXXXXX";
	struct lq_entropy entropy = lq_linux_entropy();
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/signer.key", folder);
	uint8_t public_key[32];
	assert_int_equal(lq_keys_make_signer(path, &entropy, public_key), LQ_OK);
	assert_int_equal(lq_keys_load_signer(path, keys), LQ_OK);
	assert_int_equal(unlink(path) + rmdir(folder), 0);
}

static void a_changed_row_is_told_in_any_order(void **state)
{
	struct lq_keys keys;
	(void)state;
	make_keys(&keys);
	for (int i = 0; i < ROUNDS; i++) {
		one_journal(&keys, false);
		one_journal(&keys, true);
	}
}

/* Though a row before it never comes, and one behind it came first. */
static void a_signature_of_somebody_else_is_told_when_it_comes(void **state)
{
	struct lq_keys keys;
	struct lq_keys others;
	(void)state;
	make_keys(&keys);
	make_keys(&others);
	for (int own = 0; own < 2; own++) {
		int64_t broken = 0;
		assert_int_equal(play_begin(NULL), 0);
		memset(head, 0, sizeof(head));
		write_checkpoint(&keys, 2);
		write_row(6, "door.closed", "\"door\":\"front\"");
		write_checkpoint(own == 1 ? &keys : &others, 5);
		take(2, false);
		take(6, false);
		take(5, false);
		assert_int_equal(lq_books_commit(play_books()), LQ_OK);
		assert_int_equal(
			lq_db_integer(stub.db, &broken, 0, "SELECT broken FROM controller", ""),
			LQ_OK);
		assert_int_equal(broken, own == 1 ? 0 : 5);
		assert_int_equal(play_end(NULL), 0);
	}
}

int main(void)
{
	chance = lq_random_begin("rechain");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_of_somebody_else_is_told_when_it_comes),
		cmocka_unit_test(a_changed_row_is_told_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
