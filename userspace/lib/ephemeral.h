/* SPDX-License-Identifier: GPL-2.0 */
/* The ports that the kernel chooses from, as the sysctls have them. */
#ifndef PORTOWNER_EPHEMERAL_H
#define PORTOWNER_EPHEMERAL_H

#include <stdbool.h>

#define SYSCTL_RANGE	"net.ipv4.ip_local_port_range"
#define SYSCTL_RESERVED	"net.ipv4.ip_local_reserved_ports"

/**
 * struct ephemeral - What the sysctls say.
 * @known: @first and @last are known
 * @first: lowest port that the kernel chooses
 * @last: highest
 * @reserved: ports that it leaves out, as a list; NULL if not known
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
char *ephemeral_command(const struct ephemeral *ephemeral, unsigned int port);

#endif /* PORTOWNER_EPHEMERAL_H */
