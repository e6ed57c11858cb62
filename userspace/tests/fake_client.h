/* SPDX-License-Identifier: GPL-2.0 */
/* A module that answers with messages prepared by the test. */
#ifndef PORTOWNER_TESTS_FAKE_CLIENT_H
#define PORTOWNER_TESTS_FAKE_CLIENT_H

#include <netlink/msg.h>

#include "netlink/nft.h"
#include "source/source.h"

/**
 * struct fake_file - A file about a process.
 * @pid: the process, 0 at the end
 * @name: of the file in /proc/PID
 * @text: its contents, with a line break for each zero byte
 */
struct fake_file {
	__u32 pid;
	const char *name;
	const char *text;
};

/**
 * struct fake - The module.
 * @opened: how often the tool opened it
 * @closed: how often the tool closed it
 * @joined: the tool has subscribed to rejects
 * @deny: errno with which to refuse, or 0
 * @asked: the last filter
 * @asks: how often sockets were queried
 * @query: the last query for rejects
 * @looks: how often those of a process were queried; there are none the first
 *	time
 * @request: the first bind that the command checked
 * @other: the second one
 * @checks: how many it checked
 * @free_ipv4: IPv4 addresses can be bound, whatever the answer is
 * @stats_later: for how many queries there are no counters yet
 * @sees_all: the caller may see all network namespaces
 * @events: number of messages held back until the tool waits, or queries those
 *	of a process again
 * @netns: network namespace of the tool
 * @range: net.ipv4.ip_local_port_range, or NULL
 * @reserved: net.ipv4.ip_local_reserved_ports, or NULL
 * @unprivileged: net.ipv4.ip_unprivileged_port_start, or NULL
 * @bindv6only: net.ipv6.bindv6only, or NULL
 * @lockd: fs.nfs.nlm_tcpport, or NULL
 * @lsms: active security modules, or NULL
 * @files: files about processes, or NULL
 * @units: unit files, NULL at the end; those of users as user/NAME
 * @cgroup: the only control group with known processes, or NULL
 * @procs: its processes, one per line
 * @frozen: the only control group that is set to be frozen, or NULL
 * @uid: user that the tool runs as
 * @has_root: root would see more
 * @capable_tool: the tool has all capabilities
 * @foreign_netns: another user namespace owns the network namespace
 * @file_caps: executables have file capabilities
 * @capable: the only file with file capabilities, or NULL
 * @unbuilt: there is no module for the kernel
 * @signatures: the kernel requires signed modules
 * @signing_key: key that DKMS signs with, or NULL
 * @addresses: addresses of devices other than lo, NULL at the end
 * @dev_flags: of each device, 0 if not known
 * @names: what /etc/hosts calls any address, or NULL
 * @vrf: VRF of all devices, or NULL
 * @without_ipv6: device without IPv6, or NULL
 * @tunnels: devices with a port of their own
 * @n_tunnels: how many
 * @nft: nftables rules, or NULL
 * @no_rules: the caller may not query rules
 * @legacy: there are rules that cannot be queried
 * @netns_pid: process in the requested network namespace, or 0
 * @boot_id: kernel.random.boot_id, or NULL
 * @entries: what was written to the journal: each FIELD=value in square
 *	brackets
 * @n_entries: how many entries
 * @journal_room: maximum number of entries, or 0 for no limit
 * @new_netns: how often the tool entered a new network namespace
 * @netns_err: errno if it may not, or 0
 * @ready: how often the service manager was notified
 * @gone: the module was unloaded
 * @rejoined: how often the tool waited for it to be loaded again
 */
extern struct fake {
	int opened;
	int closed;
	bool joined;
	int deny;
	struct filter asked;
	int asks;
	struct reject_query query;
	int looks;
	struct bind_request request;
	struct bind_request other;
	int checks;
	bool free_ipv4;
	int stats_later;
	bool sees_all;
	size_t events;
	__u32 netns;
	const char *range;
	const char *reserved;
	const char *unprivileged;
	const char *bindv6only;
	const char *lockd;
	const char *lsms;
	const struct fake_file *files;
	const char *units[4];
	const char *cgroup;
	const char *procs;
	const char *frozen;
	__u32 uid;
	bool has_root;
	bool capable_tool;
	bool foreign_netns;
	bool file_caps;
	const char *capable;
	bool unbuilt;
	bool signatures;
	const char *signing_key;
	const char *addresses[4];
	unsigned int dev_flags;
	const char *names;
	const char *vrf;
	const char *without_ipv6;
	const struct host_tunnel *tunnels;
	size_t n_tunnels;
	struct nft *nft;
	bool no_rules;
	bool legacy;
	__u32 netns_pid;
	const char *boot_id;
	char entries[32][4096];
	size_t n_entries;
	size_t journal_room;
	int new_netns;
	int netns_err;
	int ready;
	bool gone;
	int rejoined;
} fake;

void fake_reset(void);
void fake_add(struct nl_msg *msg);

#endif /* PORTOWNER_TESTS_FAKE_CLIENT_H */
