/* Stands in for libFuzzer where it is not built: gives a target every file of the folders, in the
 * order of their names. */
#include "firmware/core/assert.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1024u * 1024u)

/* The copy is as long as the file: a read behind its end is seen by a sanitizer. */
static void replay_file(const char *path)
{
	static uint8_t buffer[INPUT_MAX];
	FILE *file = fopen(path, "re");
	LQ_ASSERT(file != NULL);
	size_t length = fread(buffer, 1, sizeof(buffer), file);
	LQ_ASSERT(ferror(file) == 0 && length < sizeof(buffer));
	(void)fclose(file);
	uint8_t *input = malloc(length > 0 ? length : 1);
	LQ_ASSERT(input != NULL);
	memcpy(input, buffer, length);
	(void)printf("%s\n", path);
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(input, length);
	free(input);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_input, alphasort);
	for (int i = 0; i < count; i++) {
		char path[4096];
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		replay_file(path);
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int count = replay_folder(argv[i]);
		if (count <= 0) {
			(void)fprintf(stderr, "%s: no input\n", argv[i]);
			return 1;
		}
		(void)printf("%s: %d inputs\n", argv[i], count);
	}
	return argc > 1 ? 0 : 2;
}
