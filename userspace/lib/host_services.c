// SPDX-License-Identifier: GPL-2.0
/* What the host has of units of systemd, and what runs in them. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/host_services.h"
#include "lib/util.h"

/* Control groups of services are not nested deeper in practice. */
#define DEPTH_MAX	8

/* Where the v2 hierarchy is, also beside the older one. */
static const char * const mounts[] = {
	"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
};

/**
 * host_has_unit() - Is there a unit file?
 * @name: of the unit
 * @user: it is for the service managers of users, not for that of the system
 *
 * Return: true if it is in one of systemd's folders.
 */
bool host_has_unit(const char *name, bool user)
{
	static const char * const folders[] = {
		"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd",
		"/usr/lib/systemd", "/lib/systemd",
	};
	bool found = false;
	char *path;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders) && !found; i++) {
		path = xasprintf("%s/%s/%s", folders[i],
				 user ? "user" : "system", name);
		found = !access(path, F_OK);
		free(path);
	}
	return found;
}

/* Returns false if there is no such file. */
static bool copy_procs(FILE *out, const char *folder)
{
	char *path = xasprintf("%s/cgroup.procs", folder);
	FILE *in = fopen(path, "re");
	char bytes[4096];
	size_t len;

	free(path);
	if (!in)
		return false;
	while ((len = fread(bytes, 1, sizeof(bytes), in)))
		fwrite(bytes, 1, len, out);
	fclose(in);
	return true;
}

static void copy_below(FILE *out, const char *folder, int depth)
{
	DIR *dir = depth < DEPTH_MAX && copy_procs(out, folder) ?
			   opendir(folder) : NULL;
	struct dirent *entry;
	char *below;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || *entry->d_name == '.')
			continue;
		below = xasprintf("%s/%s", folder, entry->d_name);
		copy_below(out, below, depth + 1);
		free(below);
	}
	if (dir)
		closedir(dir);
}

/**
 * host_cgroup_procs() - The processes of a control group, and of those below.
 * @cgroup: its path in the cgroup v2 hierarchy
 *
 * Return: their ids, one per line, to be freed; empty if they are not known.
 */
char *host_cgroup_procs(const char *cgroup)
{
	char *procs, *folder;
	size_t i, len;
	FILE *out;

	out = open_memstream(&procs, &len);
	if (!out)
		return xstrdup("");
	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		folder = xasprintf("%s%s", mounts[i], cgroup);
		copy_below(out, folder, 0);
		free(folder);
	}
	fclose(out);
	return procs;
}

static bool is_frozen(const char *cgroup, size_t len)
{
	bool frozen = false;
	char *path;
	size_t i;
	FILE *in;

	for (i = 0; i < ARRAY_SIZE(mounts) && !frozen; i++) {
		path = xasprintf("%s%.*s/cgroup.freeze", mounts[i], (int)len,
				 cgroup);
		in = fopen(path, "re");
		free(path);
		if (!in)
			continue;
		frozen = fgetc(in) == '1';
		fclose(in);
	}
	return frozen;
}

/**
 * host_frozen_cgroup() - What has frozen the processes of a control group?
 * @cgroup: its path in the cgroup v2 hierarchy
 *
 * Return: length of the part of the path that leads to the outermost control
 * group that is set to be frozen; 0 if none is, or it is not known.
 */
size_t host_frozen_cgroup(const char *cgroup)
{
	size_t len = strspn(cgroup, "/");

	while (cgroup[len]) {
		len += strcspn(cgroup + len, "/");
		if (is_frozen(cgroup, len))
			return len;
		len += strspn(cgroup + len, "/");
	}
	return 0;
}
