// SPDX-License-Identifier: GPL-2.0
/* Properties of the host. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/host.h"
#include "lib/util.h"

/* Room for the longest list of ports, which names every other one. */
#define VALUE_ROOM	(256 * 1024)

static char *read_file(const char *path, size_t *len)
{
	char *value = NULL;
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	value = xcalloc(VALUE_ROOM + 1, 1);
	/* A long list comes with the first read only, truncated to its size. */
	got = read(fd, value, VALUE_ROOM);
	close(fd);
	if (got < 0) {
		free(value);
		return NULL;
	}
	*len = got;
	return value;
}

/* Seconds to wait: a process can stall readers of its own file system. */
#define PATIENCE	1

static void write_all(int fd, const char *bytes, size_t len)
{
	ssize_t put;

	for (; len; bytes += put, len -= put) {
		put = write(fd, bytes, len);
		if (put <= 0)
			break;
	}
}

/*
 * Read a file that depends on another process, whose memory or file system may
 * not respond. A child does the reading, which SIGALRM ends even then.
 */
static char *read_patiently(char *(*read_it)(const char *path, size_t *len),
			    const char *path, size_t *len)
{
	char *value = NULL;
	int fds[2], got;
	pid_t child;

	*len = 0;
	if (pipe2(fds, O_CLOEXEC))
		return NULL;
	child = fork();
	if (!child) {
		signal(SIGALRM, SIG_DFL);
		alarm(PATIENCE);
		value = read_it(path, len);
		if (value)
			write_all(fds[1], value, *len + 1);
		_exit(0);
	}
	close(fds[1]);
	if (child > 0) {
		value = xcalloc(VALUE_ROOM + 2, 1);
		while (*len <= VALUE_ROOM &&
		       (got = read(fds[0], value + *len,
				   VALUE_ROOM + 1 - *len)) > 0)
			*len += got;
		waitpid(child, NULL, 0);
	}
	close(fds[0]);
	/* The value is followed by a zero byte, even if it is empty. */
	if (!*len) {
		free(value);
		return NULL;
	}
	--*len;
	return value;
}

static char *first_line(const char *path)
{
	size_t len;
	char *value = read_file(path, &len);

	if (value)
		value[strcspn(value, "\n")] = '\0';
	return value;
}

/**
 * host_sysctl() - Value of a sysctl.
 * @name: path below /proc/sys
 *
 * Those below net are of the network namespace that the tool runs in.
 *
 * Return: the first line; to be freed. NULL if it cannot be read.
 */
char *host_sysctl(const char *name)
{
	char *path = xasprintf("/proc/sys/%s", name);
	char *value = first_line(path);

	free(path);
	return value;
}

/**
 * host_lsms() - The active security modules.
 *
 * Return: their names, separated by commas; to be freed. NULL if not known.
 */
char *host_lsms(void)
{
	return first_line("/sys/kernel/security/lsm");
}

/* Does the process still run that program? */
static bool runs(const char *link, const char *exe)
{
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target));

	return len > 0 && (size_t)len == strlen(exe) &&
	       !memcmp(target, exe, len);
}

static char *read_file_caps(const char *path, size_t *len)
{
	char *value = xcalloc(VALUE_ROOM + 1, 1);
	ssize_t got = getxattr(path, "security.capability", value, VALUE_ROOM);

	if (got <= 0) {
		free(value);
		return NULL;
	}
	*len = got;
	return value;
}

/**
 * host_has_file_caps() - Does an executable have file capabilities?
 * @pid: a process that runs it, or did; 0 if not known
 * @exe: its path
 *
 * The path may be of another mount namespace, so the process is tried first.
 *
 * Return: true if it does.
 */
bool host_has_file_caps(__u32 pid, const char *exe)
{
	char *link = xasprintf("/proc/%u/exe", pid);
	const char *path = runs(link, exe) ? link : exe;
	size_t len;
	char *caps = read_patiently(read_file_caps, path, &len);
	bool has = caps;

	free(caps);
	free(link);
	return has;
}

/**
 * host_proc() - Read a file in /proc about a process.
 * @pid: the process
 * @file: name of the file in /proc/PID
 * @len: set to the length of what was read
 *
 * Return: the beginning of the file, followed by a zero byte; to be freed. NULL
 * if it cannot be read within a second.
 */
char *host_proc(__u32 pid, const char *file, size_t *len)
{
	char *path = xasprintf("/proc/%u/%s", pid, file);
	char *bytes = read_patiently(read_file, path, len);

	free(path);
	return bytes;
}

/**
 * host_link() - What a link in /proc about a process points to.
 * @pid: the process
 * @name: name of the link in /proc/PID
 *
 * Return: the path, to be freed; NULL if it cannot be read.
 */
char *host_link(__u32 pid, const char *name)
{
	char *link = xasprintf("/proc/%u/%s", pid, name);
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target));

	free(link);
	return len > 0 ? xasprintf("%.*s", (int)len, target) : NULL;
}

/**
 * host_ifindex() - Index of a network device.
 * @device: its name or index
 *
 * Return: the index, or 0 if there is no such device.
 */
__u32 host_ifindex(const char *device)
{
	char name[IF_NAMESIZE];
	__u64 number;

	if (number_parse(device, strlen(device), 1, INT_MAX, &number) &&
	    if_indextoname(number, name))
		return number;
	return if_nametoindex(device);
}

/**
 * host_ifname() - Name of a network device.
 * @device: its name or index
 * @name: set to the name, IF_NAMESIZE bytes; may be @device
 *
 * Return: false if there is no such device.
 */
bool host_ifname(const char *device, char *name)
{
	return if_indextoname(host_ifindex(device), name);
}

/**
 * host_netns() - Network namespace that the tool runs in.
 *
 * Return: its inode number, or 0 if it is not known.
 */
__u32 host_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/**
 * host_uid() - User that the tool runs as.
 *
 * Return: the effective user id.
 */
__u32 host_uid(void)
{
	return geteuid();
}

static bool file_says(const char *path, const char *word)
{
	size_t len;
	char *text = read_file(path, &len);
	bool said = text && strstr(text, word);

	free(text);
	return said;
}

/**
 * host_lacks_module() - Is there no portowner module for the running kernel?
 *
 * Return: true if depmod has listed modules, and portowner is not among them.
 */
bool host_lacks_module(void)
{
	struct utsname name;
	bool lacks = true;
	char *line = NULL;
	size_t room = 0;
	char *path;
	FILE *file;

	if (uname(&name))
		return false;
	path = xasprintf("/lib/modules/%s/modules.dep", name.release);
	file = fopen(path, "re");
	free(path);
	if (!file)
		return false;
	while (lacks && getline(&line, &room, file) > 0)
		lacks = !strstr(line, "/portowner.ko");
	free(line);
	fclose(file);
	return lacks;
}

/**
 * host_wants_signatures() - Does the kernel refuse unsigned modules?
 *
 * With Secure Boot, lockdown does, in either of its modes.
 *
 * Return: true if it does.
 */
bool host_wants_signatures(void)
{
	static const char lockdown[] = "/sys/kernel/security/lockdown";

	return file_says("/sys/module/module/parameters/sig_enforce", "Y") ||
	       file_says(lockdown, "[integrity]") ||
	       file_says(lockdown, "[confidentiality]");
}

/**
 * host_signing_key() - The key that DKMS signs modules with.
 *
 * Return: file with the public key, or NULL if there is none.
 */
const char *host_signing_key(void)
{
	/* Ubuntu's DKMS has its own key. */
	static const char * const keys[] = {
		"/var/lib/shim-signed/mok/MOK.der",
		"/var/lib/dkms/mok.pub",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!access(keys[i], F_OK))
			return keys[i];
	return NULL;
}

/**
 * host_is_initial() - Is this the initial user namespace?
 *
 * Return: true if it is; a namespace that looks the same is taken for it.
 */
bool host_is_initial(void)
{
	static const char initial[] = "0 0 4294967295";
	size_t len, i, n = 0;
	bool is_initial;
	char *map;

	map = read_file("/proc/self/uid_map", &len);
	/* The fields are padded with blanks. */
	for (i = 0; map && i < len; i++)
		if (map[i] != '\n' && (map[i] != ' ' || (n && map[n - 1] != ' ')))
			map[n++] = map[i];
	is_initial = map && n == strlen(initial) && !memcmp(map, initial, n);
	free(map);
	return is_initial;
}

/**
 * host_has_root() - Could the user of the tool become root and see more?
 *
 * Return: true if root is another user of the same, initial user namespace.
 */
bool host_has_root(void)
{
	return host_uid() && host_is_initial();
}

/**
 * host_has_cap() - Does the tool have a capability in its user namespace?
 * @cap: CAP_*
 *
 * Return: true if it has.
 */
bool host_has_cap(int cap)
{
	static const char key[] = "\nCapEff:\t";
	size_t len = 0;
	char *status = host_proc(getpid(), "status", &len);
	const char *line = status ? strstr(status, key) : NULL;
	__u64 caps = line ? strtoull(line + strlen(key), NULL, 16) : 0;

	free(status);
	return caps >> cap & 1;
}

/* Is a user namespace that of the tool? */
static bool is_own_userns(int fd)
{
	struct stat own, other;

	return !stat("/proc/self/ns/user", &own) && !fstat(fd, &other) &&
	       own.st_ino == other.st_ino;
}

/**
 * host_netns_is_foreign() - Do the tool's capabilities not count in its network
 *	namespace?
 *
 * They do if its user namespace owns that, or is above the one that does. What is
 * not below the tool's own, the kernel does not show.
 *
 * Return: true if they do not; false if it is not known.
 */
bool host_netns_is_foreign(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), next;
	bool foreign = false, own = false;
	unsigned long request = NS_GET_USERNS;

	while (fd >= 0 && !own) {
		next = ioctl(fd, request);
		foreign = next < 0 && errno == EPERM;
		close(fd);
		fd = next;
		own = fd >= 0 && is_own_userns(fd);
		request = NS_GET_PARENT;
	}
	if (fd >= 0)
		close(fd);
	return foreign;
}
