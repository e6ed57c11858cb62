// SPDX-License-Identifier: GPL-2.0
/* Network configuration of the host. */

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host.h"
#include "lib/host_net.h"
#include "lib/util.h"

/* Query a device by ioctl(). */
static bool ask(unsigned long what, const char *device, struct ifreq *request)
{
	int fd, err;

	if (strlen(device) >= sizeof(request->ifr_name))
		return false;
	strcpy(request->ifr_name, device);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	err = ioctl(fd, what, request);
	close(fd);
	return !err;
}

static bool is_vrf(const char *device)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };

	return ask(SIOCETHTOOL, device, &request) &&
	       !strcmp(info.driver, "vrf");
}

/* Loopback and link-local addresses are of no use to other hosts. */
static bool is_useful(const struct ifaddrs *entry, __u16 family)
{
	const void *sockaddr = entry->ifa_addr;
	const struct sockaddr_in6 *six = sockaddr;

	if (!sockaddr || entry->ifa_addr->sa_family != family ||
	    !(entry->ifa_flags & IFF_UP) || entry->ifa_flags & IFF_LOOPBACK)
		return false;
	return family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

static void take_address(struct host_address *address,
			 const struct ifaddrs *entry)
{
	const void *sockaddr = entry->ifa_addr;
	const struct sockaddr_in6 *six = sockaddr;
	const struct sockaddr_in *four = sockaddr;
	const void *mask = entry->ifa_netmask;
	const struct sockaddr_in *mask4 = mask;

	memset(address, 0, sizeof(*address));
	address->family = entry->ifa_addr->sa_family;
	if (address->family == AF_INET6)
		memcpy(address->addr, &six->sin6_addr, 16);
	else
		memcpy(address->addr, &four->sin_addr, 4);
	if (address->family == AF_INET && mask)
		address->prefix = __builtin_popcount(mask4->sin_addr.s_addr);
	strncpy(address->dev, entry->ifa_name, sizeof(address->dev) - 1);
}

/**
 * host_addresses() - Addresses at which other hosts reach this one.
 * @family: AF_INET or AF_INET6
 * @addresses: array to fill
 * @room: its size in elements
 *
 * Return: number of addresses, at most @room.
 */
size_t host_addresses(__u16 family, struct host_address *addresses,
		      size_t room)
{
	struct ifaddrs *list, *entry;
	size_t n = 0;

	if (getifaddrs(&list))
		return 0;
	for (entry = list; entry && n < room; entry = entry->ifa_next)
		if (is_useful(entry, family))
			take_address(&addresses[n++], entry);
	freeifaddrs(list);
	return n;
}

/**
 * host_address_dev() - Find the device that has an address.
 * @family: AF_INET or AF_INET6
 * @addr: the address, 4 or 16 bytes
 *
 * Return: name of the first one, to be freed; NULL if there is none.
 */
char *host_address_dev(__u16 family, const void *addr)
{
	struct ifaddrs *list, *entry;
	struct host_address has;
	char *dev = NULL;

	if (getifaddrs(&list))
		return NULL;
	for (entry = list; entry && !dev; entry = entry->ifa_next) {
		if (!entry->ifa_addr || entry->ifa_addr->sa_family != family)
			continue;
		take_address(&has, entry);
		if (!memcmp(has.addr, addr, family == AF_INET6 ? 16 : 4))
			dev = xstrdup(entry->ifa_name);
	}
	freeifaddrs(list);
	return dev;
}

/**
 * host_dev_flags() - Flags of a network device.
 * @device: its name
 *
 * Return: IFF_*, or 0 if they are not known.
 */
unsigned int host_dev_flags(const char *device)
{
	struct ifreq request = { 0 };

	return ask(SIOCGIFFLAGS, device, &request) ?
		       (unsigned short)request.ifr_flags : 0;
}

/**
 * host_vrf() - The VRF that a device is, or belongs to.
 * @device: its name
 *
 * Return: name of the VRF, to be freed; NULL if there is none.
 */
char *host_vrf(const char *device)
{
	char target[256], *path, *name;
	ssize_t len;

	if (is_vrf(device))
		return xstrdup(device);
	path = xasprintf("/sys/class/net/%s/master", device);
	len = readlink(path, target, sizeof(target) - 1);
	free(path);
	if (len < 0)
		return NULL;
	target[len] = '\0';
	name = strrchr(target, '/');
	return name && is_vrf(name + 1) ? xstrdup(name + 1) : NULL;
}

/* Whether a line of /etc/hosts is about an address; it is cut after the names. */
static bool is_about(char *line, __u16 family, const void *addr, char **names)
{
	unsigned char other[16];
	size_t len;

	line[strcspn(line, "#\n")] = '\0';
	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	*names = line + len + strspn(line + len, " \t");
	line[len] = '\0';
	len = strlen(*names);
	while (len && strchr(" \t", (*names)[len - 1]))
		(*names)[--len] = '\0';
	return **names && inet_pton(family, line, other) == 1 &&
	       !memcmp(other, addr, family == AF_INET6 ? 16 : 4);
}

/**
 * host_names_of() - The names that /etc/hosts has for an address.
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Return: those of the first line about it, to be freed; NULL if there is none.
 */
char *host_names_of(__u16 family, const void *addr)
{
	FILE *file = fopen("/etc/hosts", "re");
	char *found = NULL, *names;
	char line[1024];

	while (file && !found && fgets(line, sizeof(line), file))
		if (is_about(line, family, addr, &names))
			found = xstrdup(names);
	if (file)
		fclose(file);
	return found;
}

/**
 * host_without_ipv6() - Find a device on which IPv6 is disabled.
 *
 * Return: its name, to be freed; NULL if there is none.
 */
char *host_without_ipv6(void)
{
	DIR *dir = opendir("/proc/sys/net/ipv6/conf");
	char *path, *value, *found = NULL;
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		if (!if_nametoindex(entry->d_name))
			continue;
		path = xasprintf("net/ipv6/conf/%s/disable_ipv6",
				 entry->d_name);
		value = host_sysctl(path);
		if (value && !strcmp(value, "1"))
			found = xstrdup(entry->d_name);
		free(value);
		free(path);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool is_in(const char *pid, __u32 netns)
{
	char *path = xasprintf("/proc/%s/ns/net", pid);
	struct stat st;
	int err = stat(path, &st);

	free(path);
	return !err && st.st_ino == netns;
}

/**
 * host_netns_process() - Find a process in a network namespace.
 * @netns: inode number of the namespace
 * @comm: set to its command name, untrusted bytes, to be freed; or NULL
 *
 * Return: its pid; 0 if none is found.
 */
__u32 host_netns_process(__u32 netns, char **comm)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	__u64 pid = 0;
	char *path;

	*comm = NULL;
	while (dir && !pid && (entry = readdir(dir)))
		if (!number_parse(entry->d_name, strlen(entry->d_name), 1,
				  INT_MAX, &pid) ||
		    !is_in(entry->d_name, netns))
			pid = 0;
	if (pid) {
		path = xasprintf("../%s/comm", entry->d_name);
		*comm = host_sysctl(path);
		free(path);
	}
	if (dir)
		closedir(dir);
	return pid;
}

/* Does the kernel have a socket of this netlink protocol? */
static bool has_netlink(unsigned int protocol)
{
	FILE *file = fopen("/proc/net/netlink", "re");
	unsigned int number, pid;
	bool found = false;
	char line[256];

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*x %u %u ", &number, &pid) == 2 &&
			number == protocol && !pid;
	if (file)
		fclose(file);
	return found;
}

/**
 * host_has_nftables() - Can this kernel have nftables rules?
 *
 * Asking would load the module. If it is not loaded, it is absent, unless it is
 * built in: then its dependencies are built in, too.
 *
 * Return: false if it certainly has none.
 */
bool host_has_nftables(void)
{
	if (!access("/sys/module/nf_tables", F_OK))
		return true;
	return has_netlink(NETLINK_NETFILTER) &&
	       access("/sys/module/nfnetlink", F_OK);
}

/**
 * host_has_ipvs() - Can this kernel have IPVS services?
 *
 * Return: false if it certainly has none.
 */
bool host_has_ipvs(void)
{
	return !access("/proc/net/ip_vs", F_OK);
}

static bool has_table(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	bool found = false;
	char line[64];

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = !strcmp(line, name);
	}
	if (file)
		fclose(file);
	return found;
}

/**
 * host_has_iptables_nat() - Is there a NAT table outside nftables?
 *
 * Return: false if there is none, or if that is not known.
 */
bool host_has_iptables_nat(void)
{
	return has_table("/proc/net/ip_tables_names", "nat") ||
	       has_table("/proc/net/ip6_tables_names", "nat");
}
