/* SPDX-License-Identifier: GPL-2.0 */
/* Network configuration of the host. */
#ifndef PORTOWNER_HOST_NET_H
#define PORTOWNER_HOST_NET_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct host_address - An address of a device that is up.
 * @family: AF_INET or AF_INET6
 * @addr: 4 or 16 bytes in network byte order
 * @prefix: length of the network's prefix in bits, for IPv4; else 0
 * @dev: the device
 */
struct host_address {
	__u16 family;
	unsigned char addr[16];
	unsigned int prefix;
	char dev[IF_NAMESIZE];
};

size_t host_addresses(__u16 family, struct host_address *addresses,
		      size_t room);
char *host_address_dev(__u16 family, const void *addr);
unsigned int host_dev_flags(const char *device);
char *host_vrf(const char *device);
char *host_names_of(__u16 family, const void *addr);
char *host_without_ipv6(void);
bool host_has_nftables(void);
bool host_has_ipvs(void);
bool host_has_iptables_nat(void);
__u32 host_netns_process(__u32 netns, char **comm);

#endif /* PORTOWNER_HOST_NET_H */
