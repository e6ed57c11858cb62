/* SPDX-License-Identifier: GPL-2.0 */
/* Random scenarios for a bind; see world.h for how they are set up. */
#ifndef SELFTEST_PORTOWNER_SCENARIO_H
#define SELFTEST_PORTOWNER_SCENARIO_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

/* Sockets that hold the port; more than ten make UDP use another hash. */
#define HOLDERS_MAX	16

/* Ports that one scenario may use, from its first one on. */
#define PORTS_EACH	4

enum proto { TCP, UDP, MPTCP, UDPLITE, SCTP, N_PROTOS };

enum dev { DEV_NONE, DEV_LO, DEV_D0, DEV_D1, DEV_VRF, DEV_SLAVE, N_DEVS };

enum user { ROOT, USER_A, USER_B, N_USERS };

enum state {
	BOUND,
	LISTENS,
	CONNECTED,	/* bound, then connected */
	AUTOBOUND,	/* connected, which bound it */
	ACCEPTED,	/* a listener and its child */
	UNACCEPTED,	/* a listener whose child is not accepted */
	CHILD,		/* a child whose listener is gone */
	WAITING,	/* time-wait of a child, and its listener */
	WAITS_ALONE,	/* time-wait of a child, its listener is gone */
	ORPHAN,		/* a child that was closed before its peer */
	DISCONNECTED,	/* bound, connected, and disconnected */
	SHUT,		/* listened, then shut down */
	N_STATES
};

#define OPT_REUSEADDR	0x01
#define OPT_REUSEPORT	0x02
#define OPT_V6ONLY	0x04
#define OPT_FREEBIND	0x08
#define OPT_TRANSPARENT	0x10

/* A socket; the members take effect in this order. */
struct spec {
	__u8 other_ns;
	__u8 user;
	__u8 proto;
	__u8 addr;	/* index in scenario_addrs */
	__u8 opts;
	__u8 dev;
	__u8 offset;	/* from the first port of the scenario */
	__u8 state;
	__u8 peer_v4;	/* an IPv6 wildcard is connected to by IPv4 */
	__u8 late_opts;	/* options set or cleared once it is bound */
	__u8 late_dev;	/* device set then, DEV_NONE to keep it */
	__u8 early;	/* both before it listens or connects */
	__u8 gone;	/* it is closed before the last bind */
};

enum want_port { THIS_PORT, ANY_PORT, LOW_PORT };

/* Who asks bind-check, and who binds. */
enum identity { AS_ROOT, AS_USER, ROOT_FOR_USER };

struct scenario {
	__u64 nr;
	int n;
	struct spec holders[HOLDERS_MAX];
	struct spec next;
	__u8 identity;
	__u8 port;
	__u8 range;		/* ports in the ephemeral range, for ANY_PORT */
	__u8 reserved;		/* the first of them is reserved */
	__u8 autobind_reuse;
	__u8 listen;
	__u8 again;		/* bind again after a success */
	__u8 l3mdev_accept;
	__u8 late_l3mdev;	/* change it after so many holders */
};

extern const char *const scenario_addrs[];
extern const char *const scenario_devs[N_DEVS];

bool spec_is_dgram(const struct spec *spec);
bool spec_is_v4(const struct spec *spec);
bool spec_is_wildcard(const struct spec *spec);

void scenario_make(struct scenario *sc, __u64 seed, __u64 nr);
void scenario_print(const struct scenario *sc);
bool scenario_simpler(struct scenario *sc, int step);

#endif
