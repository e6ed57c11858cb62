/* SPDX-License-Identifier: GPL-2.0 */
/* The ephemeral port range, as set by sysctls. */
#ifndef PORTOWNER_EPHEMERAL_H
#define PORTOWNER_EPHEMERAL_H

#include <stdbool.h>

#define SYSCTL_RANGE	"net.ipv4.ip_local_port_range"
#define SYSCTL_RESERVED	"net.ipv4.ip_local_reserved_ports"

/**
 * struct ephemeral - The ephemeral port range.
 * @known: @first and @last are known
 * @first: lowest port that the kernel chooses
 * @last: highest port that the kernel chooses
 * @reserved: ports that it skips, as a list; NULL if not known
 */
struct ephemeral {
	bool known;
	unsigned int first;
	unsigned int last;
	char *reserved;
};

void ephemeral_read(struct ephemeral *ephemeral);
void ephemeral_free(struct ephemeral *ephemeral);
bool ephemeral_has(const struct ephemeral *ephemeral, unsigned int port);
bool ephemeral_reserves(const struct ephemeral *ephemeral, unsigned int port);
char *ephemeral_list(const struct ephemeral *ephemeral, const bool *need);
char *ephemeral_command(const struct ephemeral *ephemeral, unsigned int port);

#endif /* PORTOWNER_EPHEMERAL_H */
