// SPDX-License-Identifier: GPL-2.0
/* Names of users, network namespaces and services, looked up once each. */

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <search.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "lib/util.h"
#include "model/enums.h"
#include "model/names.h"

/* Where "ip netns add" creates them. */
#define NETNS_DIR	"/run/netns"

struct name {
	__u32 key;
	char *text;
};

static void *users;
static struct name *last_user;
static void *namespaces;
static void *services;
static bool namespaces_read;

static int by_key(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	return (a->key > b->key) - (a->key < b->key);
}

static struct name *find(void **tree, __u32 key)
{
	struct name wanted = { .key = key };
	struct name **node = tfind(&wanted, tree, by_key);

	return node ? *node : NULL;
}

/* If a key has two names, the first one is kept. */
static struct name *remember(void **tree, __u32 key, const char *text)
{
	struct name *name = find(tree, key);

	if (name)
		return name;
	name = xcalloc(1, sizeof(*name));
	name->key = key;
	name->text = xstrdup(text);
	if (!tsearch(name, tree, by_key))
		exit(complain(STATUS_FAILED, "out of memory"));
	return name;
}

static void forget(void *node)
{
	struct name *name = node;

	free(name->text);
	free(name);
}

/**
 * user_name() - Name of a user.
 * @uid: user id
 *
 * Return: the name, or NULL.
 */
const char *user_name(__u32 uid)
{
	struct passwd *pw;

	/* Most sockets belong to the same user as the one before. */
	if (!last_user || last_user->key != uid)
		last_user = find(&users, uid);
	if (!last_user) {
		pw = getpwuid(uid);
		last_user = remember(&users, uid, pw ? pw->pw_name : NULL);
	}
	return last_user->text;
}

static void remember_namespace(int dir, const char *entry)
{
	struct statfs fs;
	struct stat st;
	int fd;

	/* A FIFO there must not block, and is not a namespace. */
	fd = openat(dir, entry, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fstatfs(fd, &fs) && fs.f_type == NSFS_MAGIC && !fstat(fd, &st))
		remember(&namespaces, st.st_ino, entry);
	close(fd);
}

static void read_namespaces(void)
{
	struct dirent *entry;
	DIR *dir;

	namespaces_read = true;
	dir = opendir(NETNS_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			remember_namespace(dirfd(dir), entry->d_name);
	closedir(dir);
}

/**
 * netns_name() - Name of a network namespace, as given by ip-netns(8).
 * @inode: inode number of the namespace
 *
 * Return: the name, or NULL.
 */
const char *netns_name(__u32 inode)
{
	struct name *name;

	if (!namespaces_read)
		read_namespaces();
	name = find(&namespaces, inode);
	return name ? name->text : NULL;
}

/**
 * service_name() - Name of a port in services(5).
 * @proto: IPPROTO_*
 * @port: in host byte order
 *
 * Return: the name, or NULL.
 */
const char *service_name(__u16 proto, __u16 port)
{
	const char *text;
	struct name *name;
	struct servent *entry;

	if (!proto_has_ports(proto))
		return NULL;
	if (proto == IPPROTO_MPTCP)
		proto = IPPROTO_TCP;
	name = find(&services, (__u32)proto << 16 | port);
	if (!name) {
		text = proto_name(proto);
		entry = text ? getservbyport(htons(port), text) : NULL;
		name = remember(&services, (__u32)proto << 16 | port,
				entry ? entry->s_name : NULL);
	}
	return name->text;
}

/**
 * names_forget() - Free all names looked up.
 */
void names_forget(void)
{
	tdestroy(users, forget);
	tdestroy(namespaces, forget);
	tdestroy(services, forget);
	users = NULL;
	last_user = NULL;
	services = NULL;
	namespaces = NULL;
	namespaces_read = false;
}
