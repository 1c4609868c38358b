#include "firmware/core/err.h"
#include "hal/sim/pn532/order.h"
#include "hal/sim/pn532/serve.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(void)
{
	(void)printf(
		"Usage: loquet-pn532sim [OPTION]...\n"
		"A PN532 reader and its cards on a pseudo-terminal.\n"
		"\n"
		"  --link PATH      symbolic link to the pseudo-terminal\n"
		"  --tty PATH       serve this tty instead of a new pseudo-terminal\n"
		"  --control PATH   unix stream socket that takes orders, one a line\n"
		"  --pace BAUD      bytes take as long as at BAUD, 8N1\n"
		"  --air            frames between chip and card take as long as at 106 kbit/s\n"
		"  --seed N         start of everything random (default 1)\n"
		"  --trace          every byte that passes, to standard error\n"
		"  -h, --help       this text\n"
		"  -V, --version    the version\n"
		"\n"
		"Prints \"ready NAME\" once NAME can be opened; ends on SIGTERM, SIGINT or quit.\n"
		"\n"
		"Orders, each answered with one line \"ok ...\" or \"error ...\":\n"
		"%s"
		"\n"
		"Faults:\n",
		lq_pn532_order_help);
	for (size_t i = 0; i < LQ_PN532_FAULT_COUNT; i++) {
		(void)printf("  %-15s%s %s\n", lq_pn532_fault_table[i].name,
			lq_pn532_fault_table[i].greatest > 0 ? "N" : " ",
			lq_pn532_fault_table[i].text);
	}
	(void)printf(
		"\n"
		"Example:\n"
		"  loquet-pn532sim --link /tmp/reader --control /tmp/reader.control &\n"
		"  echo present 0 type=desfire uid=04112233445566 | nc -UN /tmp/reader.control\n"
		"  LIBNFC_DEVICE=pn532_uart:/tmp/reader nfc-list\n");
}

static int bad_value(const char *option)
{
	(void)fprintf(stderr, "loquet-pn532sim: %s needs a number in its range\n", option);
	return -1;
}

static int parse_number(
	const char *text, unsigned long least, unsigned long greatest, unsigned long *ret_number)
{
	char *end = NULL;
	unsigned long number = 0;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || number < least ||
		number > greatest) {
		return -1;
	}
	*ret_number = number;
	return 0;
}

static int take_option(int option, struct lq_serve_options *options)
{
	unsigned long number = 0;

	switch (option) {
	case 'l':
		options->link = optarg;
		return 0;
	case 't':
		options->tty = optarg;
		return 0;
	case 'c':
		options->control = optarg;
		return 0;
	case 'p':
		if (parse_number(optarg, 300, 10000000, &number) != 0) {
			return bad_value("--pace");
		}
		options->baud = (uint32_t)number;
		return 0;
	case 's':
		if (parse_number(optarg, 0, UINT32_MAX, &number) != 0) {
			return bad_value("--seed");
		}
		options->seed = number;
		return 0;
	case 'a':
		options->air = true;
		return 0;
	case 'r':
		options->trace = true;
		return 0;
	default:
		return -1;
	}
}

static const struct option long_options[] = {
	{"link", required_argument, NULL, 'l'},
	{"tty", required_argument, NULL, 't'},
	{"control", required_argument, NULL, 'c'},
	{"pace", required_argument, NULL, 'p'},
	{"air", no_argument, NULL, 'a'},
	{"seed", required_argument, NULL, 's'},
	{"trace", no_argument, NULL, 'r'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct lq_serve_options options = {.seed = 1};
	int option = 0;
	int err = LQ_OK;
	static char program[] = "loquet-pn532sim";
	argv[0] = argc > 0 ? program : NULL; /* getopt's messages begin with it */

	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		if (option == 'h') {
			usage();
			return EXIT_SUCCESS;
		}
		if (option == 'V') {
			(void)printf("loquet-pn532sim %s\n", LQ_VERSION);
			return EXIT_SUCCESS;
		}
		if (take_option(option, &options) != 0) {
			(void)fprintf(stderr, "Try loquet-pn532sim --help.\n");
			return 2;
		}
	}
	if (optind != argc) {
		(void)fprintf(stderr, "loquet-pn532sim: unexpected word: %s\n", argv[optind]);
		return 2;
	}
	err = lq_serve(&options);
	if (err != LQ_OK) {
		(void)fprintf(stderr, "loquet-pn532sim: %s\n", lq_err_text(err));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
