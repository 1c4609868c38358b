#include "host/office/web_files.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128u

static const struct lq_web_file *find_exact(const char *path)
{
	for (size_t i = 0; i < lq_web_file_count; i++) {
		if (strcmp(lq_web_files[i].path, path) == 0) {
			return &lq_web_files[i];
		}
	}
	return NULL;
}

const struct lq_web_file *lq_web_file_find(const char *path)
{
	char page[PATH_SIZE];
	const struct lq_web_file *file = find_exact(*path != '\0' ? path : "index.html");
	if (file == NULL && strlen(path) + sizeof(".html") <= sizeof(page)) {
		(void)snprintf(page, sizeof(page), "%s.html", path);
		file = find_exact(page);
	}
	return file;
}

const char *lq_web_file_type(const struct lq_web_file *file)
{
	static const struct {
		const char *suffix;
		const char *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".mjs", "text/javascript; charset=utf-8"},
		{".json", "application/json"},
		{".webmanifest", "application/manifest+json"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".ico", "image/vnd.microsoft.icon"},
		{".woff2", "font/woff2"},
		{".txt", "text/plain; charset=utf-8"},
	};
	const char *suffix = strrchr(file->path, '.');
	for (size_t i = 0; suffix != NULL && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].suffix, suffix) == 0) {
			return types[i].type;
		}
	}
	return "application/octet-stream";
}
