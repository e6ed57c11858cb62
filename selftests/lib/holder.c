// SPDX-License-Identifier: GPL-2.0
/* The sockets that hold the port of a scenario, in every state. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "die.h"
#include "sock.h"
#include "world.h"

/* Returns a positive errno; a connection in progress is not an error. */
static int connect_to(int fd, const char *ip, int port)
{
	int err = -sock_connect(fd, ip, port);

	return err == EINPROGRESS ? 0 : err;
}

/* An address that a peer of this socket can have. */
static const char *peer_of(const struct spec *spec, bool from_v4)
{
	const char *addr = scenario_addrs[spec->addr];

	if (!strcmp(addr, "::"))
		return spec->peer_v4 && !(spec->opts & OPT_V6ONLY) ?
			       (from_v4 ? "127.0.0.1" : "::ffff:127.0.0.1") :
			       "::1";
	if (!strncmp(addr, "::ffff:", 7))
		return from_v4 ? "127.0.0.1" : "::ffff:127.0.0.1";
	return spec_is_v4(spec) ? "127.0.0.1" : "::1";
}

static void connect_out(struct world *world, struct holder *h)
{
	if (spec_is_dgram(h->spec) && h->spec->state != AUTOBOUND &&
	    h->bind_err)
		return;
	h->connect_err = connect_to(h->fd, peer_of(h->spec, false), AUX_PORT);
}

static void disconnect(struct holder *h)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	if (connect(h->fd, &sa, sizeof(sa)))
		h->connect_err = errno;
}

/* Connect to the holder, which accepts the connection if it gets it. */
static void connect_in(const struct world *world, struct holder *h, int port)
{
	const char *ip = spec_is_wildcard(h->spec) ?
				 peer_of(h->spec, true) :
				 scenario_addrs[h->spec->addr];

	if (!strncmp(ip, "::ffff:", 7))
		ip += 7;
	h->client = socket(strchr(ip, ':') ? AF_INET6 : AF_INET,
			   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			   spec_proto(world, h->spec));
	if (h->spec->dev)
		spec_dev(h->client, h->spec->dev);
	h->connect_err = connect_to(h->client, ip, port);
	world_settle(world);
	if (h->connect_err || h->spec->state == UNACCEPTED)
		return;
	h->child = accept4(h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	h->accept_err = h->child < 0 ? errno : 0;
	if (h->child < 0)
		return;
	h->cookies[1] = sock_cookie(h->child);
	h->inodes[1] = sock_inode(h->child);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Close with a reset, so that nothing stays behind. */
static void reset_fd(int *fd)
{
	struct linger linger = { .l_onoff = 1 };

	if (*fd >= 0)
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
	close_fd(fd);
}

static void child_state(struct world *world, struct holder *h)
{
	char byte;

	if (h->child < 0)
		return;
	switch (h->spec->state) {
	case CHILD:
		close_fd(&h->fd);
		break;
	case WAITS_ALONE:
	case WAITING:
		if (h->spec->state == WAITS_ALONE)
			close_fd(&h->fd);
		close_fd(&h->child);
		world_settle(world);
		if (read(h->client, &byte, 1))
			h->accept_err = errno;
		close_fd(&h->client);
		break;
	case ORPHAN:
		sock_set(h->child, SOL_TCP, TCP_LINGER2, 120);
		close_fd(&h->fd);
		close_fd(&h->child);
		break;
	default:
		break;
	}
}

static void holder_state(struct world *world, struct holder *h, int port)
{
	enum state state = h->spec->state;

	if (state == CONNECTED || state == DISCONNECTED) {
		connect_out(world, h);
		if (state == DISCONNECTED)
			disconnect(h);
		return;
	}
	if (state == BOUND || h->bind_err)
		return;

	h->listen_err = listen(h->fd, 8) ? errno : 0;
	if (h->listen_err)
		return;
	if (state == SHUT)
		shutdown(h->fd, SHUT_RD);
	if (state < ACCEPTED || state > ORPHAN)
		return;
	connect_in(world, h, port);
	child_state(world, h);
}

static void holder_late(struct holder *h)
{
	const struct spec *spec = h->spec;

	if (h->fd < 0)
		return;
	if (spec->late_opts & OPT_REUSEADDR)
		spec_set(h->fd, SOL_SOCKET, SO_REUSEADDR,
			 !(spec->opts & OPT_REUSEADDR));
	if (spec->late_opts & OPT_REUSEPORT)
		spec_set(h->fd, SOL_SOCKET, SO_REUSEPORT,
			 !(spec->opts & OPT_REUSEPORT));
	if (spec->late_dev)
		spec_dev(h->fd, spec->late_dev);
}

/* connect() chooses the port, from a range of one. */
static void holder_autobind(struct world *world, struct holder *h, int port)
{
	knob_range(world, port, port);
	connect_out(world, h);
	knob_range(world, 60000, 65535);
	if (h->connect_err)
		h->bind_err = h->connect_err;
}

/**
 * holder_build() - make a socket of a scenario
 * @world: world
 * @h: filled in, except for what fails
 * @spec: what it should be
 * @port: first port of the scenario
 */
void holder_build(struct world *world, struct holder *h,
		  const struct spec *spec, int port)
{
	struct spec copy = *spec;

	memset(h, 0, sizeof(*h));
	h->spec = spec;
	h->child = -1;
	h->client = -1;
	world_go(world, spec->other_ns);
	world_user(spec->user);
	h->fd = spec_open(world, &copy);
	if (h->fd < 0) {
		h->bind_err = errno;
		world_user(ROOT);
		return;
	}
	h->cookies[0] = sock_cookie(h->fd);
	h->inodes[0] = sock_inode(h->fd);
	port += spec->offset;
	if (spec->state == AUTOBOUND && !spec->other_ns) {
		holder_autobind(world, h, port);
	} else {
		h->bind_err = spec_bind(world, spec, h->fd, port);
		if (spec->early)
			holder_late(h);
		holder_state(world, h, port);
	}
	if (!spec->early)
		holder_late(h);
	world_user(ROOT);
	world->refused += !!h->bind_err + !!h->listen_err + !!h->connect_err;
}

void holder_destroy(struct world *world, struct holder *h)
{
	int i, fd, *aux = world->aux[h->spec->other_ns];

	if (h->fd < 0 && h->child < 0 && h->client < 0)
		return;
	reset_fd(&h->client);
	reset_fd(&h->child);
	if (h->spec->state == CONNECTED || h->spec->state == AUTOBOUND)
		reset_fd(&h->fd);
	close_fd(&h->fd);
	if (h->spec->state != CONNECTED && h->spec->state != AUTOBOUND &&
	    h->spec->state != DISCONNECTED)
		return;
	for (i = 0; i < 2; i++) {
		while ((fd = accept4(aux[i], NULL, NULL, SOCK_CLOEXEC)) >= 0)
			reset_fd(&fd);
	}
}

/* Is the culprit one of the sockets of this holder? */
bool holder_has(const struct holder *h, __u64 cookie, __u64 inode)
{
	int i;

	for (i = 0; i < 2; i++)
		if (cookie == h->cookies[i] || (inode && inode == h->inodes[i]))
			return true;
	return false;
}
