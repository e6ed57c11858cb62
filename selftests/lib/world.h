/* SPDX-License-Identifier: GPL-2.0 */
/* The machine on which scenarios are played: namespaces, devices, sockets. */
#ifndef SELFTEST_PORTOWNER_WORLD_H
#define SELFTEST_PORTOWNER_WORLD_H

#include <linux/types.h>

#include "nl.h"
#include "scenario.h"

/* A sysctl of the queried namespace, and the value it was set to last. */
struct knob {
	int fd;
	char value[32];
};

/**
 * struct world - two equal namespaces, of which the first one is queried
 * @ns: their descriptors
 * @now: index of the current one
 * @nl: netlink socket in the first one
 * @aux: listeners on a port of their own, for IPv4 and IPv6, in each
 * @echo: a socket that receives what it sends
 * @ifindex: of each device, the same in both
 * @l3mdev_accept: net.ipv4.tcp_l3mdev_accept
 * @range: net.ipv4.ip_local_port_range
 * @reserved: net.ipv4.ip_local_reserved_ports
 * @autobind_reuse: net.ipv4.ip_autobind_reuse
 * @port: first port of the scenario
 * @low: the same, below 1024
 * @has: protocols not replaced by TCP or UDP
 * @refused: approximate number of failed calls in the first namespace
 */
struct world {
	int ns[2];
	int now;
	struct nl nl;
	int aux[2][2];
	int echo;
	__u32 ifindex[N_DEVS];
	struct knob l3mdev_accept;
	struct knob range;
	struct knob reserved;
	struct knob autobind_reuse;
	int port;
	int low;
	bool has[N_PROTOS];
	int refused;
};

/* A holder that was made; a failed step is an errno. */
struct holder {
	const struct spec *spec;
	int fd;
	int child;
	int client;
	int bind_err;
	int listen_err;
	int connect_err;
	int accept_err;
	__u64 cookies[2];
	__u64 inodes[2];
};

void world_init(struct world *world);
void world_free(struct world *world);
bool world_worn(const struct world *world);
void world_go(struct world *world, int ns);
void world_settle(const struct world *world);
void world_user(enum user user);
int world_port(struct world *world, const struct scenario *sc);
void knob_set(struct knob *knob, const char *value);
void knob_range(struct world *world, int first, int last);

/* Listeners to connect to, on a port that no scenario uses. */
#define AUX_PORT	500
#define ECHO_PORT	501

int spec_set(int fd, int level, int opt, int val);
void spec_dev(int fd, enum dev dev);
int spec_open(const struct world *world, struct spec *spec);
int spec_bind(const struct world *world, const struct spec *spec, int fd,
	      int port);
int spec_proto(const struct world *world, const struct spec *spec);

void holder_build(struct world *world, struct holder *holder,
		  const struct spec *spec, int port);
void holder_destroy(struct world *world, struct holder *holder);
bool holder_has(const struct holder *holder, __u64 cookie, __u64 inode);

#endif
