/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that hold a port on behalf of a container. */
#ifndef PORTOWNER_PROXY_H
#define PORTOWNER_PROXY_H

#include "model/model.h"

/**
 * struct forwarded - The container that a process is a proxy for.
 * @addr: its address, or NULL if that is not known
 * @port: its port, or NULL
 * @name: its name, or else its id, or NULL
 *
 * All of it comes from a command line: untrusted bytes.
 */
struct forwarded {
	char *addr;
	char *port;
	char *name;
};

void proxy_forwarded(const struct owner *owner, struct forwarded *to);
void forwarded_clear(struct forwarded *to);

const struct owner *proxy_of(const struct psock *sock);
const char *proxy_engine(const struct owner *owner);
char *proxy_target(const struct owner *owner);
void proxy_print(const struct psock *sock);

#endif /* PORTOWNER_PROXY_H */
