/* The maintainers' file: written, read, damaged in every byte, and forged. */
#include "firmware/core/err.h"
#include "firmware/store/maintainers.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t uids[2][7] = {{4, 1, 2, 3, 4, 5, 6}, {4, 1, 2, 3, 4, 5, 7}};

static char path[64];

static int set_up(void **state)
{
	(void)state;
	char folder[] = "/tmp/lq-maintainers-XXXXXX";
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/maintainers", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path);
}

static struct lq_maintainer make(const char *name, const uint8_t uid[7])
{
	struct lq_maintainer maintainer = {.salt = {1, 2, 3, (uint8_t)name[0]}};
	(void)snprintf(maintainer.name, sizeof(maintainer.name), "%s", name);
	assert_int_equal(lq_maintainer_hash(maintainer.salt, uid, 7, maintainer.hash), LQ_OK);
	return maintainer;
}

static struct lq_maintainers two(void)
{
	struct lq_maintainers maintainers = {0};
	struct lq_maintainer first = make("spare-1", uids[0]);
	struct lq_maintainer second = make("spare_2", uids[1]);
	assert_int_equal(lq_maintainers_add(&maintainers, &first), LQ_OK);
	assert_int_equal(lq_maintainers_add(&maintainers, &second), LQ_OK);
	return maintainers;
}

static size_t slurp(char text[8192])
{
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(text, 1, 8192, file);
	(void)fclose(file);
	return length;
}

static void spit(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void what_is_written_is_read_again(void **state)
{
	const struct lq_maintainers written = two();
	struct lq_maintainers found;
	struct stat file;
	unsigned bad = 7;
	(void)state;
	assert_int_equal(lq_maintainers_load(path, &found, NULL), LQ_ERR_NOT_FOUND);
	assert_int_equal(lq_maintainers_save(path, &written, getgid()), LQ_OK);
	assert_int_equal(lq_maintainers_load(path, &found, &bad), LQ_OK);
	assert_int_equal(bad, 0);
	assert_memory_equal(&found, &written, sizeof(found));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0640);
	assert_string_equal(lq_maintainers_find(&found, uids[1], 7)->name, "spare_2");
	assert_null(lq_maintainers_find(&found, uids[1], 4));
	assert_null(lq_maintainers_find(&found, (const uint8_t[7]){4, 1, 2, 3, 4, 5, 8}, 7));
	assert_int_equal(lq_maintainers_remove(&found, "nobody"), LQ_ERR_NOT_FOUND);
	assert_int_equal(lq_maintainers_remove(&found, "spare-1"), LQ_OK);
	assert_null(lq_maintainers_find(&found, uids[0], 7));
	assert_non_null(lq_maintainers_find(&found, uids[1], 7));
}

/* The hash is what HMAC-SHA-256 says: computed with the openssl command line. */
static void the_hash_is_the_one_that_the_header_names(void **state)
{
	static const uint8_t salt[LQ_MAINTAINER_SALT] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	static const uint8_t expected[LQ_MAINTAINER_HASH] = {0x67, 0xef, 0xf7, 0x57, 0x9e, 0x77,
		0x3a, 0x84, 0xc6, 0xe5, 0xd2, 0xf5, 0xd2, 0xe9, 0xbf, 0xcc};
	uint8_t hash[LQ_MAINTAINER_HASH];
	(void)state;
	assert_int_equal(lq_maintainer_hash(salt, uids[0], 7, hash), LQ_OK);
	assert_memory_equal(hash, expected, sizeof(hash));
}

/* One damaged byte costs one badge at the most, or joins two lines; it never lets a third badge in.
 */
static void damage_to_one_line_costs_no_other(void **state)
{
	const struct lq_maintainers written = two();
	static char text[8192];
	(void)state;
	assert_int_equal(lq_maintainers_save(path, &written, getgid()), LQ_OK);
	size_t length = slurp(text);
	const char *second = strstr(text, "spare_2") - strlen("maintainer ");
	for (size_t i = 0; i < length; i++) {
		static const char values[] = {'\0', '\n', '0'};
		for (size_t v = 0; v < sizeof(values); v++) {
			struct lq_maintainers found;
			unsigned bad = 0;
			char kept = text[i];
			text[i] = values[v];
			spit(text, length);
			text[i] = kept;
			assert_int_equal(lq_maintainers_load(path, &found, &bad), LQ_OK);
			assert_in_range(found.count, 0, 2);
			bool first_hit = text + i < second && text + i >= strchr(text, '\n');
			if (!first_hit) {
				assert_non_null(lq_maintainers_find(&found, uids[0], 7));
			}
			if (text + i < second - 1) {
				assert_non_null(lq_maintainers_find(&found, uids[1], 7));
			}
			assert_null(lq_maintainers_find(
				&found, (const uint8_t[7]){4, 9, 9, 9, 9, 9, 9}, 7));
		}
	}
}

#define SALT_AND_HASH "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"

static void lines_that_are_none_are_counted_and_left_out(void **state)
{
	static const char good[] = "maintainer a " SALT_AND_HASH;
	static const char long_name[] =
		"maintainer a-name-of-thirty-three-characters_ " SALT_AND_HASH;
	static const char *const lines[] = {
		"maintainer",
		"maintainer ",
		"maintainer  000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f",
		"maintainer A 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f",
		"maintainer a 000102030405060708090A0b0c0d0e0f 101112131415161718191a1b1c1d1e1f",
		"maintainer a 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e",
		"maintainer a 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f0",
		"maintainer a 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		long_name,
		" maintainer a 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f",
		"nonsense",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[512];
		struct lq_maintainers found;
		unsigned bad = 0;
		int length = snprintf(text, sizeof(text), "%s\n\n# a word\n%s", lines[i], good);
		spit(text, (size_t)length);
		assert_int_equal(lq_maintainers_load(path, &found, &bad), LQ_OK);
		assert_int_equal(found.count, 1);
		assert_int_equal(bad, 1);
	}
}

static void there_is_room_for_eight(void **state)
{
	struct lq_maintainers maintainers = {0};
	struct lq_maintainers found;
	static char text[8192];
	unsigned bad = 0;
	(void)state;
	for (size_t i = 0; i < LQ_MAINTAINERS_MAX; i++) {
		const char name[] = {"abcdefgh"[i], '\0'};
		struct lq_maintainer maintainer = make(name, uids[0]);
		assert_int_equal(lq_maintainers_add(&maintainers, &maintainer), LQ_OK);
		assert_int_equal(lq_maintainers_add(&maintainers, &maintainer), LQ_ERR_EXISTS);
	}
	struct lq_maintainer ninth = make("ninth", uids[0]);
	assert_int_equal(lq_maintainers_add(&maintainers, &ninth), LQ_ERR_FULL);
	(void)snprintf(maintainers.list[0].name, LQ_NAME_SIZE, "%.*s", (int)LQ_NAME_SIZE - 1,
		"a-name-of-thirty-two-characters_");
	assert_int_equal(lq_maintainers_save(path, &maintainers, getgid()), LQ_OK);
	size_t length = slurp(text);
	length += (size_t)snprintf(
		text + length, sizeof(text) - length, "maintainer ninth " SALT_AND_HASH "\n");
	spit(text, length);
	assert_int_equal(lq_maintainers_load(path, &found, &bad), LQ_OK);
	assert_memory_equal(&found, &maintainers, sizeof(found));
	assert_int_equal(bad, 1);
}

static void what_everybody_may_write_is_not_believed(void **state)
{
	const struct lq_maintainers written = two();
	struct lq_maintainers found;
	(void)state;
	assert_int_equal(lq_maintainers_save(path, &written, getgid()), LQ_OK);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(lq_maintainers_load(path, &found, NULL), LQ_ERR_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(lq_maintainers_load(path, &found, NULL), LQ_ERR_IO);
	assert_int_equal(lq_maintainers_save("/proc/maintainers", &written, 0), LQ_ERR_IO);
}

int main(void)
{
#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_FILE(what_is_written_is_read_again),
		WITH_FILE(the_hash_is_the_one_that_the_header_names),
		WITH_FILE(damage_to_one_line_costs_no_other),
		WITH_FILE(lines_that_are_none_are_counted_and_left_out),
		WITH_FILE(there_is_room_for_eight),
		WITH_FILE(what_everybody_may_write_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
