// SPDX-License-Identifier: GPL-2.0
/* The machine on which scenarios are played: namespaces, devices, sockets. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <unistd.h>

#include "die.h"
#include "proc.h"
#include "sock.h"
#include "world.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

#define LOW_FIRST	600
#define PORT_FIRST	2000
#define PORT_LAST	50000
#define PORT_FORCED	59000

static const int uids[N_USERS] = { 0, USER, USER + 1 };

/* ---- the machine ---- */

static void knob_open(struct knob *knob, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	knob->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (knob->fd < 0)
		die_errno(path);
}

void knob_set(struct knob *knob, const char *value)
{
	if (!strcmp(knob->value, value))
		return;
	if (pwrite(knob->fd, value, strlen(value), 0) < 0)
		die("sysctl %s: %m", value);
	snprintf(knob->value, sizeof(knob->value), "%s", value);
}

void knob_range(struct world *world, int first, int last)
{
	char value[32];

	snprintf(value, sizeof(value), "%d %d", first, last);
	knob_set(&world->range, value);
}

static void devices_make(void)
{
	sysctl_write("ipv6/conf/all/accept_dad", "0");
	sysctl_write("ipv6/conf/default/accept_dad", "0");
	proc_run("ip link add d0 type dummy && ip link add d1 type dummy");
	proc_run("ip link add red type vrf table 10 && ip link add d2 type dummy");
	proc_run("ip link set d0 up && ip link set d1 up && ip link set red up");
	proc_run("ip link set d2 master red && ip link set d2 up");
	proc_run("ip addr add 10.0.0.1/24 dev d0 && ip addr add 10.0.1.1/24 dev d1");
	proc_run("ip addr add 10.0.2.1/24 dev d2 && ip addr add 127.0.0.1/8 dev red");
	proc_run("ip addr add fd00::1/64 dev d0 nodad");
	proc_run("ip addr add fd02::1/64 dev d2 nodad");
	proc_run("ip addr add fe80::1/64 dev d0 nodad");
	proc_run("ip addr add fe80::1/64 dev d1 nodad");
}

static int aux_listener(const char *ip)
{
	int fd = sock_new(ip, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (strchr(ip, ':'))
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, 1);
	if (sock_bind(fd, ip, AUX_PORT) || listen(fd, 100))
		die_errno("auxiliary listener");
	return fd;
}

/* On a single CPU, the packets of all sockets wait in one queue. */
static int echo_make(void)
{
	int fd = sock_bound("127.0.0.1", SOCK_DGRAM, ECHO_PORT);
	const struct timeval patience = { .tv_sec = 60 };
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(sched_getcpu(), &only);
	if (sched_setaffinity(0, sizeof(only), &only))
		die_errno("sched_setaffinity");
	if (sock_connect(fd, "127.0.0.1", ECHO_PORT) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die_errno("socket of one's own");
	return fd;
}

/*
 * Wait until all that was sent so far has arrived, and up to three answers to
 * it. On a busy machine, loopback packets are left to ksoftirqd.
 */
void world_settle(const struct world *world)
{
	char byte = 0;
	int i;

	for (i = 0; i < 4; i++)
		if (send(world->echo, &byte, 1, 0) != 1 ||
		    recv(world->echo, &byte, 1, 0) != 1)
			die_errno("echo");
}

static void space_make(struct world *world, int nr)
{
	ns_enter();
	world->ns[nr] = ns_open();
	/* TIME_WAIT lasts for a minute, in which many sockets get there. */
	sysctl_write("ipv4/tcp_max_tw_buckets", "100000");
	devices_make();
	world->aux[nr][0] = aux_listener("0.0.0.0");
	world->aux[nr][1] = aux_listener("::");
	world->now = nr;
}

static void space_free(struct world *world, int nr)
{
	close(world->ns[nr]);
	close(world->aux[nr][0]);
	close(world->aux[nr][1]);
}

static const int protocols[N_PROTOS] = {
	[TCP] = IPPROTO_TCP,
	[UDP] = IPPROTO_UDP,
	[MPTCP] = IPPROTO_MPTCP,
	[UDPLITE] = IPPROTO_UDPLITE,
	[SCTP] = IPPROTO_SCTP,
};

static bool has_protocol(enum proto proto)
{
	struct spec spec = { .proto = proto };
	int fd = socket(AF_INET, spec_is_dgram(&spec) ? SOCK_DGRAM : SOCK_STREAM,
			protocols[proto]);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Make namespaces in which no port was used. */
void world_init(struct world *world)
{
	int dev, proto;

	memset(world, 0, sizeof(*world));
	space_make(world, 1);
	space_make(world, 0);
	world->echo = echo_make();
	for (dev = DEV_LO; dev < N_DEVS; dev++)
		world->ifindex[dev] = if_nametoindex(scenario_devs[dev]);
	if (nl_open(&world->nl))
		die("the module is not loaded");
	knob_open(&world->l3mdev_accept, "tcp_l3mdev_accept");
	knob_open(&world->range, "ip_local_port_range");
	knob_open(&world->reserved, "ip_local_reserved_ports");
	knob_open(&world->autobind_reuse, "ip_autobind_reuse");
	world->port = PORT_FIRST;
	world->low = LOW_FIRST;
	for (proto = 0; proto < N_PROTOS; proto++)
		world->has[proto] = has_protocol(proto);
}

/* Were most ports used, so that they may still be in TIME_WAIT? */
bool world_worn(const struct world *world)
{
	return world->port > PORT_LAST;
}

void world_free(struct world *world)
{
	space_free(world, 0);
	space_free(world, 1);
	nl_close(&world->nl);
	close(world->echo);
	close(world->l3mdev_accept.fd);
	close(world->range.fd);
	close(world->reserved.fd);
	close(world->autobind_reuse.fd);
}

void world_go(struct world *world, int ns)
{
	if (world->now != ns)
		ns_switch(world->ns[ns]);
	world->now = ns;
}

/* Set the user that owns new sockets; the process stays what it is. */
void world_user(enum user user)
{
	static enum user now = ROOT;

	if (now != user)
		proc_fs_uid(uids[user]);
	now = user;
}

/* Ports not used for a while, for a new scenario. */
int world_port(struct world *world, const struct scenario *sc)
{
	int port;

	if (sc->port == LOW_PORT) {
		world->low = world->low < 1023 ? world->low + 1 : LOW_FIRST;
		return world->low;
	}
	port = world->port;
	world->port += sc->port == ANY_PORT ? PORTS_EACH : 1;
	if (world->port > PORT_FORCED)
		world->port = PORT_FIRST;
	return port;
}

/* ---- any socket ---- */

int spec_proto(const struct world *world, const struct spec *spec)
{
	if (world->has[spec->proto])
		return protocols[spec->proto];
	return spec_is_dgram(spec) ? IPPROTO_UDP : IPPROTO_TCP;
}

static bool spec_is_scoped(const struct spec *spec)
{
	return !strncmp(scenario_addrs[spec->addr], "fe80:", 5);
}

int spec_set(int fd, int level, int opt, int val)
{
	return setsockopt(fd, level, opt, &val, sizeof(val));
}

void spec_dev(int fd, enum dev dev)
{
	const char *name = scenario_devs[dev];

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)))
		die("SO_BINDTODEVICE %s: %m", name);
}

/* Set the options; those that such a socket cannot have are cleared. */
static void spec_options(struct spec *spec, int fd)
{
	bool v4 = spec_is_v4(spec);
	int level = v4 ? SOL_IP : SOL_IPV6;
	int freebind = v4 ? IP_FREEBIND : IPV6_FREEBIND;
	int transparent = v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT;

	if (spec->opts & OPT_REUSEADDR)
		spec_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (spec->opts & OPT_REUSEPORT)
		spec_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!v4 && spec_set(fd, SOL_IPV6, IPV6_V6ONLY,
			    !!(spec->opts & OPT_V6ONLY)))
		spec->opts &= ~OPT_V6ONLY;
	if (spec->opts & OPT_FREEBIND && spec_set(fd, level, freebind, 1))
		spec->opts &= ~OPT_FREEBIND;
	if (spec->opts & OPT_TRANSPARENT &&
	    spec_set(fd, level, transparent, 1))
		spec->opts &= ~OPT_TRANSPARENT;
}

/* A socket with its options; -1 if the kernel has no such protocol. */
int spec_open(const struct world *world, struct spec *spec)
{
	int type = spec_is_dgram(spec) ? SOCK_DGRAM : SOCK_STREAM;
	int fd;

	fd = socket(spec_is_v4(spec) ? AF_INET : AF_INET6,
		    type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    spec_proto(world, spec));
	if (fd < 0)
		return -1;
	spec_options(spec, fd);
	if (spec->dev && !spec_is_scoped(spec))
		spec_dev(fd, spec->dev);
	return fd;
}

/* Returns a positive errno. */
int spec_bind(const struct world *world, const struct spec *spec, int fd,
	      int port)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, scenario_addrs[spec->addr], port);

	if (spec_is_scoped(spec))
		addr.in6.sin6_scope_id = world->ifindex[spec->dev];
	return bind(fd, &addr.sa, len) ? errno : 0;
}
