/* Replays recorded dialogues of the real libraries against the model and compares every byte. */
#include "bench.h"
#include "check.h"

#include <stdio.h>

#define LINE_MAX_LEN 1024

static void host_line(struct bench *bench, const char *hex)
{
	uint8_t bytes[300];
	size_t len = lq_test_hex(hex, bytes, sizeof(bytes));

	assert_true(len > 0);
	bench->len = 0;
	bench_write(bench, bytes, len);
	bench_run(bench, bench->now_us); /* the ACK; the rest when the answer's line comes */
}

/* The wake-up preamble has no answer; everything else ends in ACK and the recorded frame. */
static void chip_line(struct bench *bench, const char *hex)
{
	uint8_t want[300];
	size_t len = lq_test_hex(hex, want + LQ_PN532_CONTROL_LEN, 280);

	bench_run(bench, LQ_PN532_NEVER);
	memcpy(want, lq_pn532_ack, LQ_PN532_CONTROL_LEN);
	if (bench->len != len + LQ_PN532_CONTROL_LEN || memcmp(bench->got, want, bench->len) != 0) {
		fail_msg("not answered with %s", hex);
	}
}

static void play(struct bench *bench, const char *line, size_t *ret_answers)
{
	char spec[128];

	switch (line[0]) {
	case '=':
		bench_init(bench, 0, false);
		bench->sim.chip.asleep = true;
		break;
	case '+': {
		char type[32];
		char uid[32];

		assert_int_equal(sscanf(line, "+ %31s %31s", type, uid), 2);
		(void)snprintf(spec, sizeof(spec), "0 type=%s uid=%s", type, uid);
		bench_present(bench, spec);
		break;
	}
	case '-':
		lq_pn532_chip_remove(&bench->sim.chip, 0, bench->now_us);
		break;
	case 'H':
		host_line(bench, line + 1);
		break;
	case 'R':
		chip_line(bench, line + 1);
		(*ret_answers)++;
		break;
	default:
		break;
	}
}

static void the_recorded_dialogues_can_be_had_again(void **state)
{
	static struct bench bench;
	char line[LINE_MAX_LEN];
	size_t answers = 0;
	FILE *file = fopen(LQ_DIALOGUES, "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		play(&bench, line, &answers);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(answers, LQ_DIALOGUES_ANSWERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_dialogues_can_be_had_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
