/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices whose packets the kernel receives through a UDP socket. */
#ifndef PORTOWNER_HOST_TUNNELS_H
#define PORTOWNER_HOST_TUNNELS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define TUNNEL_L2TP		"l2tp"
#define TUNNEL_WIREGUARD	"wireguard"

/**
 * struct host_tunnel - A device with a port of its own.
 * @kind: its type, as in "ip link show type KIND", or TUNNEL_L2TP
 * @dev: its name
 * @port: the port, in host byte order
 * @netns: inode number of the network namespace that the device is in
 * @link_id: id of the socket's namespace in @netns; -1 if they are the same
 * @sock_netns: inode number of the socket's namespace; 0 if not known
 */
struct host_tunnel {
	char kind[16];
	char dev[IF_NAMESIZE];
	__u16 port;
	__u32 netns;
	int link_id;
	__u32 sock_netns;
};

size_t host_tunnels(const struct host_tunnel **tunnels);
void host_tunnels_forget(void);

#endif /* PORTOWNER_HOST_TUNNELS_H */
