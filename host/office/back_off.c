#include "host/office/back_off.h"

#define FACTOR 3

int64_t lq_back_off_wait(uint32_t failures, uint32_t random)
{
	int64_t wait = LQ_BACK_OFF_FIRST_MS;
	for (uint32_t i = 1; i < failures && wait < LQ_BACK_OFF_MOST_MS; i++) {
		wait *= FACTOR;
	}
	wait = wait < LQ_BACK_OFF_MOST_MS ? wait : LQ_BACK_OFF_MOST_MS;
	return wait / 2 + (int64_t)((uint64_t)(wait / 2) * random / UINT32_MAX);
}

int64_t lq_back_off_asked(int64_t wait_ms, int64_t asked_ms)
{
	asked_ms = asked_ms < LQ_BACK_OFF_MOST_MS ? asked_ms : LQ_BACK_OFF_MOST_MS;
	return asked_ms > wait_ms ? asked_ms : wait_ms;
}

bool lq_back_off_next(
	int64_t first_ms, int64_t now_ms, uint32_t failures, int64_t wait_ms, int64_t *ret_due_ms)
{
	int64_t passed = now_ms > first_ms ? now_ms - first_ms : 0;
	if (passed >= LQ_BACK_OFF_TOTAL_MS && failures >= LQ_BACK_OFF_TRIES_MIN) {
		return false;
	}
	if (passed < LQ_BACK_OFF_TOTAL_MS && passed + wait_ms > LQ_BACK_OFF_TOTAL_MS) {
		wait_ms = LQ_BACK_OFF_TOTAL_MS - passed;
	}
	*ret_due_ms = now_ms + wait_ms;
	return true;
}
