#include "bench.h"

#include "check.h"
#include "hal/sim/pn532/order.h"

#include <stdio.h>

void bench_init(struct bench *bench, uint32_t baud, bool air)
{
	memset(bench, 0, sizeof(*bench));
	lq_pn532_sim_init(&bench->sim, 7);
	lq_pn532_sim_pace(&bench->sim, baud);
	bench->sim.chip.air = air;
	lq_pn532_chip_wake(&bench->sim.chip);
	bench->now_us = 1000000;
}

void bench_present(struct bench *bench, const char *spec)
{
	struct lq_pn532_order order;
	struct lq_sim_card card;
	char line[LQ_PN532_ORDER_MAX];

	(void)snprintf(line, sizeof(line), "present %s", spec);
	assert_null(lq_pn532_order_parse(line, &order));
	assert_null(lq_sim_card_init(&card, &order.card, &bench->sim.chip.random));
	lq_pn532_chip_present(&bench->sim.chip, order.slot, &card);
}

void bench_write(struct bench *bench, const uint8_t *bytes, size_t len)
{
	lq_pn532_sim_write(&bench->sim, bytes, len, bench->now_us);
}

void bench_frame(struct bench *bench, const uint8_t *data, size_t len)
{
	uint8_t frame[LQ_PN532_DATA_MAX + LQ_PN532_FRAME_OVERHEAD];
	size_t frame_len = lq_pn532_frame_write(frame, sizeof(frame), data, len);

	assert_true(frame_len > 0);
	bench->len = 0;
	bench_write(bench, frame, frame_len);
}

void bench_ask(struct bench *bench, const char *data)
{
	uint8_t bytes[LQ_PN532_DATA_MAX];

	bench_frame(bench, bytes, lq_test_hex(data, bytes, sizeof(bytes)));
}

void bench_run(struct bench *bench, uint64_t until_us)
{
	for (;;) {
		uint64_t due_us = lq_pn532_sim_due(&bench->sim);

		if (due_us == LQ_PN532_NEVER || due_us > until_us) {
			break;
		}
		bench->now_us = due_us > bench->now_us ? due_us : bench->now_us;
		lq_pn532_sim_run(&bench->sim, bench->now_us);
		bench->len += lq_pn532_sim_read(&bench->sim, bench->now_us, bench->got + bench->len,
			sizeof(bench->got) - bench->len);
	}
	if (until_us != LQ_PN532_NEVER && until_us > bench->now_us) {
		bench->now_us = until_us;
	}
}

uint64_t bench_talk(struct bench *bench, const char *data)
{
	uint64_t start_us = bench->now_us;

	bench_ask(bench, data);
	bench_run(bench, LQ_PN532_NEVER);
	return bench->now_us - start_us;
}

void bench_expect(const struct bench *bench, const char *data)
{
	uint8_t bytes[LQ_PN532_DATA_MAX];
	uint8_t want[LQ_PN532_CONTROL_LEN + LQ_PN532_DATA_MAX + LQ_PN532_FRAME_OVERHEAD];
	size_t len = lq_test_hex(data, bytes, sizeof(bytes));

	memcpy(want, lq_pn532_ack, LQ_PN532_CONTROL_LEN);
	len = lq_pn532_frame_write(
		want + LQ_PN532_CONTROL_LEN, sizeof(want) - LQ_PN532_CONTROL_LEN, bytes, len);
	assert_int_equal(bench->len, len + LQ_PN532_CONTROL_LEN);
	assert_memory_equal(bench->got, want, bench->len);
}

void bench_expect_raw(const struct bench *bench, const char *bytes)
{
	lq_test_equals_hex(bench->got, bench->len, bytes);
}
