/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the SCTP tests: to be included once per program. */
#ifndef SELFTEST_PORTOWNER_SCTP_H
#define SELFTEST_PORTOWNER_SCTP_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "../../kselftest_harness.h"

#include "die.h"
#include "pt.h"
#include "proc.h"
#include "sock.h"

/* linux/sctp.h has them, but netinet/in.h and linux/in.h do not mix. */
#define SOL_SCTP		132
#define SCTP_BINDX_ADD		100
#define SCTP_PEELOFF		102
#define SCTP_GET_ASSOC_ID_LIST	29

#define PORT	8000

static const struct pt_filter sctp = { .proto = IPPROTO_SCTP };
static const struct pt_filter sctp_all = {
	.proto = IPPROTO_SCTP, .states = PT_ALL_STATES,
};

FIXTURE(sctp)
{
	struct nl nl;
	__u16 family;
	unsigned char addr[16];
	int addr_len;
};

FIXTURE_VARIANT(sctp)
{
	const char *ip;
	const char *any;
	const char *second;
	int type;
};

FIXTURE_VARIANT_ADD(sctp, one4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .second = "127.0.0.2",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sctp, many4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .second = "127.0.0.2",
	.type = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(sctp, one6) {
	.ip = "::1", .any = "::", .second = "::ffff:127.0.0.2",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sctp, many6) {
	.ip = "::1", .any = "::", .second = "::ffff:127.0.0.2",
	.type = SOCK_SEQPACKET,
};

FIXTURE_SETUP(sctp)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->addr_len = sock_addr_bytes(variant->ip, self->addr);
	self->family = self->addr_len == 4 ? AF_INET : AF_INET6;
}

FIXTURE_TEARDOWN(sctp)
{
	nl_close(&self->nl);
}

static inline int new_socket(const char *ip, int type)
{
	int fd = socket(strchr(ip, ':') ? AF_INET6 : AF_INET, type,
			IPPROTO_SCTP);

	if (fd < 0)
		die_errno("socket(IPPROTO_SCTP)");
	return fd;
}

static inline int listening(const char *ip, int type)
{
	int fd = new_socket(ip, type);

	if (sock_bind(fd, ip, PORT) || sock_listen(fd))
		die_errno("listen");
	return fd;
}

/*
 * The records of one socket, which may be several. Some kernels give a
 * connection the cookie of its listener, so it is identified by its inode.
 */
static inline int records(const struct pt_socks *socks, int fd)
{
	__u64 inode = sock_inode(fd);
	int i, n = 0;

	for (i = 0; i < socks->n; i++)
		n += socks->v[i].inode == inode;
	return n;
}

/* Bound, because it would otherwise use all addresses of the machine. */
static inline int connected(const char *ip)
{
	int fd = new_socket(ip, SOCK_STREAM);

	if (sock_bind(fd, ip, 0) || sock_connect(fd, ip, PORT))
		die_errno("connect");
	return fd;
}

#endif
