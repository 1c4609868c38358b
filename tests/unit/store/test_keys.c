/* The controller's keys when the disk fails or the power goes at any of the steps that make them.
 */
#include "firmware/core/err.h"
#include "firmware/store/keys.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the calls of keys.c ---- */

enum mishap { NONE, FAILS, POWER_CUT };

static enum mishap mishap;
static unsigned countdown; /* calls until it happens */
static unsigned calls;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

static bool happens(void)
{
	calls++;
	if (mishap == NONE || --countdown != 0) {
		return false;
	}
	if (mishap == POWER_CUT) {
		_exit(0);
	}
	errno = EIO;
	return true;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return happens() ? -1 : __real_open(path, flags, mode);
}

ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	return happens() ? -1 : __real_read(fd, buffer, size);
}

/* Half of it reaches the disk. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (mishap != NONE && countdown == 1) {
		(void)__real_write(fd, bytes, size / 2);
	}
	return happens() ? -1 : __real_write(fd, bytes, size);
}

int __wrap_fsync(int fd)
{
	return happens() ? -1 : __real_fsync(fd);
}

int __wrap_close(int fd)
{
	bool fails = happens();
	return __real_close(fd) != 0 || fails ? -1 : 0;
}

int __wrap_rename(const char *from, const char *to)
{
	return happens() ? -1 : __real_rename(from, to);
}

/* ---- a folder for each test ---- */

static int set_up(void **state)
{
	static char folder[64];
	(void)snprintf(folder, sizeof(folder), "/tmp/lq-keys-XXXXXX");
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

static void empty(const char *folder)
{
	static const char *const names[] = {"controller.key", "uid.key", "controller.pub",
		"controller.key.new", "uid.key.new", "controller.pub.new"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
}

static int tear_down(void **state)
{
	empty(*state);
	return rmdir(*state);
}

static int load(const char *folder, struct lq_keys *ret_keys)
{
	struct lq_entropy entropy = lq_linux_entropy();
	return lq_keys_load(folder, &entropy, ret_keys);
}

static bool exists(const char *folder, const char *name)
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void get(const char *folder, const char *name, char ret_text[128])
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(ret_text, 1, 127, file);
	ret_text[length] = '\0';
	assert_int_equal(fclose(file), 0);
}

/* The keys that the folder has from now on: they load, and stay. */
static struct lq_keys settled(const char *folder)
{
	struct lq_keys keys;
	struct lq_keys again;
	uint8_t public_key[32];
	bool fresh = !exists(folder, "controller.key");
	assert_int_equal(load(folder, &keys), LQ_OK);
	assert_int_equal(keys.made, fresh);
	assert_int_equal(load(folder, &again), LQ_OK);
	assert_false(again.made);
	again.made = keys.made;
	assert_memory_equal(&again, &keys, sizeof(keys));
	assert_int_equal(lq_keys_load_public(folder, public_key), LQ_OK);
	assert_memory_equal(public_key, keys.sign_public, 32);
	return keys;
}

static unsigned calls_of_a_first_start(const char *folder)
{
	struct lq_keys keys;
	calls = 0;
	assert_int_equal(load(folder, &keys), LQ_OK);
	empty(folder);
	return calls;
}

/* ---- tests ---- */

static void a_call_that_fails_gives_no_keys_and_does_no_harm(void **state)
{
	const char *folder = *state;
	unsigned count = calls_of_a_first_start(folder);
	assert_in_range(count, 15, 100);
	for (unsigned at = 1; at <= count; at++) {
		struct lq_keys keys;
		mishap = FAILS;
		countdown = at;
		int r = load(folder, &keys);
		mishap = NONE;
		struct lq_keys kept = settled(folder);
		if (r == LQ_OK) { /* a close that nothing depends on */
			assert_memory_equal(kept.uid_secret, keys.uid_secret, 32);
			assert_memory_equal(kept.sign_seed, keys.sign_seed, 32);
		}
		empty(folder);
	}
}

static void a_power_cut_at_any_step_leaves_what_the_next_start_can_use(void **state)
{
	const char *folder = *state;
	unsigned count = calls_of_a_first_start(folder);
	for (unsigned at = 1; at <= count; at++) {
		int status = 0;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct lq_keys keys;
			mishap = POWER_CUT;
			countdown = at;
			(void)load(folder, &keys);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		(void)settled(folder);
		empty(folder);
	}
}

/* What a rename that did not reach the disk, or an unsynced file, leaves behind. */
static void leftovers_do_not_count(void **state)
{
	static const char *const leftovers[] = {"", "0123",
		"not a key at all, and longer than a key could ever be, by far: so much\n"};
	const char *folder = *state;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
		put(folder, "uid.key.new", leftovers[i]);
		put(folder, "controller.key.new", leftovers[i]);
		put(folder, "controller.pub.new", leftovers[i]);
		(void)settled(folder);
		empty(folder);
	}
}

static void reading_that_fails_makes_no_new_keys(void **state)
{
	const char *folder = *state;
	struct lq_keys kept = settled(folder);
	struct lq_keys keys;
	calls = 0;
	assert_int_equal(load(folder, &keys), LQ_OK);
	unsigned count = calls;
	for (unsigned at = 1; at <= count; at++) {
		mishap = FAILS;
		countdown = at;
		(void)load(folder, &keys);
		mishap = NONE;
		keys = settled(folder);
		assert_memory_equal(keys.uid_secret, kept.uid_secret, 32);
		assert_memory_equal(keys.sign_seed, kept.sign_seed, 32);
	}
}

static void what_is_no_key_is_refused_and_left_alone(void **state)
{
	static const char *const names[] = {"uid.key", "controller.key"};
	static const char *const texts[] = {"", "\n", "not a key\n",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef ",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n\n",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF\n",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\n"};
	const char *folder = *state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
			struct lq_keys keys;
			char text[128];
			(void)settled(folder);
			put(folder, names[i], texts[j]);
			assert_int_equal(load(folder, &keys), LQ_ERR_CORRUPT);
			get(folder, names[i], text);
			assert_string_equal(text, texts[j]);
			empty(folder);
		}
	}
}

static void a_pipe_in_place_of_a_key_keeps_nobody_waiting(void **state)
{
	const char *folder = *state;
	struct lq_keys keys;
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/uid.key", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)alarm(60); /* the test's end when it waits all the same */
	assert_int_equal(load(folder, &keys), LQ_ERR_CORRUPT);
	(void)alarm(0);
	assert_int_equal(unlink(path), 0);
}

/* A new secret would make every badge unknown, without a word. */
static void a_lost_uid_secret_is_not_replaced(void **state)
{
	const char *folder = *state;
	struct lq_keys keys = settled(folder);
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/uid.key", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(load(folder, &keys), LQ_ERR_NOT_FOUND);
	assert_false(exists(folder, "uid.key"));
}

static void secrets_are_the_owners_alone(void **state)
{
	static const char *const names[] = {"uid.key", "controller.key"};
	const char *folder = *state;
	(void)settled(folder);
	for (size_t i = 0; i < 2; i++) {
		struct stat found;
		char path[128];
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(stat(path, &found), 0);
		assert_int_equal(found.st_mode & 07777, 0600);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_that_fails_gives_no_keys_and_does_no_harm),
		TEST(a_power_cut_at_any_step_leaves_what_the_next_start_can_use),
		TEST(leftovers_do_not_count),
		TEST(reading_that_fails_makes_no_new_keys),
		TEST(what_is_no_key_is_refused_and_left_alone),
		TEST(a_pipe_in_place_of_a_key_keeps_nobody_waiting),
		TEST(a_lost_uid_secret_is_not_replaced),
		TEST(secrets_are_the_owners_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
