#include "firmware/reader/uplink.h"

#include "firmware/core/err.h"
#include "firmware/reader/log.h"
#include "firmware/wire/seqpacket.h"

#include <fcntl.h>
#include <unistd.h>

#define RETRY_FIRST_MS    100u
#define RETRY_GREATEST_MS 1000u

struct lq_uplink lq_uplink_make(const char *folder, const char *name)
{
	return (struct lq_uplink){
		.folder = folder,
		.name = name,
		.fd = -1,
		.backoff = {.first_ms = RETRY_FIRST_MS, .greatest_ms = RETRY_GREATEST_MS},
	};
}

static bool open_connection(struct lq_uplink *uplink)
{
	int fd = -1;
	if (lq_seqpacket_connect(uplink->folder, LQ_READER_SOCKET, &fd) != LQ_OK) {
		return false;
	}
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		(void)close(fd);
		return false;
	}
	uplink->fd = fd;
	return true;
}

bool lq_uplink_connect(struct lq_uplink *uplink, struct lq_mono now)
{
	if (uplink->fd >= 0 || !lq_mono_due(uplink->try_at, now)) {
		return false;
	}
	if (open_connection(uplink)) {
		lq_backoff_succeed(&uplink->backoff);
		if (uplink->missed) {
			lq_reader_log(uplink->name, "loquetd is back");
		}
		uplink->missed = false;
		return true;
	}
	uplink->try_at = lq_mono_after_ms(now, lq_backoff_fail(&uplink->backoff));
	if (!uplink->missed) {
		lq_reader_log(uplink->name,
			"loquetd does not answer at %s/" LQ_READER_SOCKET
			"; start it, this reader keeps trying",
			uplink->folder);
	}
	uplink->missed = true;
	return false;
}

void lq_uplink_close(struct lq_uplink *uplink)
{
	if (uplink->fd >= 0) {
		(void)close(uplink->fd);
	}
	uplink->fd = -1;
}

bool lq_uplink_send(struct lq_uplink *uplink, const struct lq_reader_msg *msg)
{
	if (uplink->fd < 0) {
		return false;
	}
	if (lq_seqpacket_send(uplink->fd, msg, sizeof(*msg)) != LQ_OK) {
		lq_uplink_close(uplink);
		return false;
	}
	return true;
}

bool lq_uplink_receive(struct lq_uplink *uplink, struct lq_reader_msg *ret_msg)
{
	struct lq_reader_msg packet;
	if (uplink->fd < 0) {
		return false;
	}
	int r = lq_seqpacket_receive(uplink->fd, &packet, sizeof(packet));
	if (r == 0) {
		return false;
	}
	if (r < 0 || lq_reader_msg_decode(&packet, (size_t)r, ret_msg) != LQ_OK) {
		lq_uplink_close(uplink);
		return false;
	}
	return true;
}
