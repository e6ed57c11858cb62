// SPDX-License-Identifier: GPL-2.0
/*
 * Paths of control groups by id, which is the inode number of their directory.
 * So even a socket with hidden owners has a unit or container.
 */

#include <dirent.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "diag/cgroups.h"
#include "lib/util.h"
#include "model/refstr.h"

/**
 * struct cgroup_name - A control group.
 * @id: its id
 * @path: its path, reference-counted
 */
struct cgroup_name {
	__u64 id;
	char *path;
};

/**
 * struct cgroup_names - All control groups, by id.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 */
struct cgroup_names {
	struct cgroup_name *v;
	size_t n;
	size_t room;
};

/* Mount point of cgroup v2, alone or beside v1. */
static const char *find_mount(void)
{
	static const char * const mounts[] = {
		"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
	};
	struct statfs st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++)
		if (!statfs(mounts[i], &st) &&
		    st.f_type == CGROUP2_SUPER_MAGIC)
			return mounts[i];
	return NULL;
}

static int by_id(const void *left, const void *right)
{
	const struct cgroup_name *a = left, *b = right;

	return compare(a->id, b->id);
}

static void add_name(struct cgroup_names *names, __u64 id, const char *path)
{
	struct cgroup_name *name;

	names->v = xgrow(names->v, names->n, &names->room, sizeof(*names->v));
	name = &names->v[names->n++];
	name->id = id;
	name->path = refstr_new(path);
}

/* The inode number in a directory entry suffices: no group needs a stat(). */
static void read_names(struct cgroup_names *names, const char *mount,
		       const char *path)
{
	char *name = xasprintf("%s%s", mount, path);
	DIR *dir = opendir(name);
	struct dirent *entry;
	char *below;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || *entry->d_name == '.')
			continue;
		below = xasprintf("%s/%s", path, entry->d_name);
		add_name(names, entry->d_ino, below);
		read_names(names, mount, below);
		free(below);
	}
	if (dir)
		closedir(dir);
	free(name);
}

static void read_all(struct cgroup_names *names, const char *mount)
{
	struct stat st;

	if (!stat(mount, &st))
		add_name(names, st.st_ino, "/");
	read_names(names, mount, "");
	qsort(names->v, names->n, sizeof(*names->v), by_id);
}

static void free_names(struct cgroup_names *names)
{
	while (names->n)
		refstr_free(names->v[--names->n].path);
	free(names->v);
}

static bool needs_cgroup(const struct psock *sock, const struct diag_fact *fact)
{
	return !sock->n_owners && sock->inode && fact->cgroup_id;
}

/**
 * diag_cgroups() - Name the control groups of sockets without owners.
 * @list: the sockets
 * @facts: further facts about each
 */
void diag_cgroups(struct psock_list *list, const struct diag_fact *facts)
{
	struct cgroup_names names = { 0 };
	const char *mount = find_mount();
	struct cgroup_name *found, key = { 0 };
	bool read = false;
	size_t i;

	for (i = 0; i < list->n && mount; i++) {
		if (!needs_cgroup(&list->v[i], &facts[i]))
			continue;
		if (!read)
			read_all(&names, mount);
		read = true;
		key.id = facts[i].cgroup_id;
		found = bsearch(&key, names.v, names.n, sizeof(*names.v), by_id);
		if (found)
			list->v[i].cgroup = refstr_share(found->path);
	}
	free_names(&names);
}
