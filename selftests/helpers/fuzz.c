// SPDX-License-Identifier: GPL-2.0
/*
 * Send malformed requests to the family: fuzz SECONDS [SEED]
 *
 * Random commands, flags and attributes, some of them cut short or lying about
 * their length, as root and as an ordinary user, with readers that leave in the
 * middle. What comes back has to be well-formed, and a proper request has to be
 * answered all the time. Prints the seed first, and at the end what was made of
 * the messages: the same seed sends the same ones.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/portowner.h>

#include "../lib/die.h"
#include "../lib/nl.h"
#include "../lib/pt.h"
#include "../lib/proc.h"
#include "../lib/sock.h"

/* Send buffer: room for further messages beside a large one. */
#define ROOM		65536

static __u64 state;

/* xorshift64*: a state of zero would stay zero. */
static __u32 rnd(__u32 below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return ((state * 0x2545F4914F6CDD1DULL) >> 32) % below;
}

static __u64 number(void)
{
	static const __u64 odd[] = {
		0, 1, 2, 6, 10, 17, 58, 132, 255, 262, 1023, 1024, 8080, 32768,
		65535, 65536, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX,
	};

	if (rnd(4))
		return odd[rnd(sizeof(odd) / sizeof(*odd))];
	return (__u64)rnd(UINT32_MAX) << 32 | rnd(UINT32_MAX);
}

/* Usually the size of something that exists. */
static size_t size(void)
{
	static const size_t usual[] = { 0, 1, 2, 4, 4, 4, 8, 16 };

	return rnd(8) ? usual[rnd(sizeof(usual) / sizeof(*usual))] : rnd(100);
}

static void put_attribute(struct nl_msg *msg, int max)
{
	unsigned char data[100] = { 0 };
	__u64 val = number();
	int type = rnd(max + 3);
	size_t i, len = size();

	for (i = 0; i < len; i++)
		data[i] = len > sizeof(val) ? rnd(256) : val >> 8 * i;
	if (!rnd(16))
		type |= NLA_F_NESTED;
	if (!rnd(16))
		type |= NLA_F_NET_BYTEORDER;
	nl_put(msg, type, data, len);
	/* It lies about its length. */
	if (!rnd(32)) {
		struct nlattr *nla = (struct nlattr *)(msg->buf +
			msg->hdr.nlmsg_len - NLA_HDRLEN - NLA_ALIGN(len));

		nla->nla_len = rnd(2) ? rnd(8) : rnd(65536);
	}
}

/* A size that is right for most attributes, to get past the first check. */
static void put_likely(struct nl_msg *msg, int cmd)
{
	unsigned char addr[16] = { 127, 0, 0, 1 };

	switch (cmd) {
	case PORTOWNER_CMD_PORT_GET:
		nl_put_u16(msg, PORTOWNER_A_PORT_PORT, 1 + rnd(9000));
		if (rnd(2))
			nl_put_u32(msg, PORTOWNER_A_PORT_STATES, rnd(8192));
		break;
	case PORTOWNER_CMD_REJECT_GET:
		nl_put_u64(msg, PORTOWNER_A_REJECT_SINCE, number());
		break;
	case PORTOWNER_CMD_BIND_CHECK:
		nl_put_u16(msg, PORTOWNER_A_CHECK_FAMILY,
			   rnd(2) ? AF_INET : AF_INET6);
		nl_put_u16(msg, PORTOWNER_A_CHECK_PROTO,
			   rnd(2) ? IPPROTO_TCP : IPPROTO_UDP);
		nl_put(msg, PORTOWNER_A_CHECK_ADDR, addr, rnd(2) ? 4 : 16);
		nl_put_u16(msg, PORTOWNER_A_CHECK_PORT, rnd(9000));
		break;
	}
}

static void make_message(struct nl_msg *msg, const struct nl *nl)
{
	static const int flags[] = {
		NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP, NLM_F_DUMP | NLM_F_ACK, 0,
		NLM_F_ROOT, NLM_F_MATCH, NLM_F_ECHO | NLM_F_ACK,
	};
	int cmd = rnd(PORTOWNER_CMD_MAX + 2);
	int i, n = rnd(6);

	nl_msg_init(msg, nl, cmd, flags[rnd(sizeof(flags) / sizeof(*flags))]);
	if (!rnd(16))
		nl_msg_genl(msg)->version = rnd(256);
	if (!rnd(64))
		nl_msg_genl(msg)->reserved = rnd(65536);
	if (rnd(2))
		put_likely(msg, cmd);
	if (!rnd(3))
		n = 0;
	for (i = 0; i < n; i++)
		put_attribute(msg, PORTOWNER_A_SOCKET_MAX);
	if (!rnd(32))
		msg->hdr.nlmsg_len -= rnd(msg->hdr.nlmsg_len - NLMSG_HDRLEN);
}

struct count {
	unsigned long sent;
	unsigned long refused;
	unsigned long answers;
};

/* Every attribute of an answer has to end where it says. */
static void look(const char *buf, int len, struct count *count, int family)
{
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)buf;
	const struct nlattr *nla;
	struct nla_iter iter;

	for (; NLMSG_OK(hdr, len); hdr = NLMSG_NEXT(hdr, len)) {
		if (hdr->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *err = NLMSG_DATA(hdr);

			count->refused += err->error < 0;
		} else if (hdr->nlmsg_type == family) {
			count->answers++;
			nla_iter_msg(&iter, hdr);
			while (nla_next(&iter, &nla))
				;
		}
	}
	if (len)
		die("%d bytes behind the last message", len);
}

/* Requests are processed while they are sent, and dumps while they are read. */
static void drain(const struct nl *nl, struct count *count, int most)
{
	static char buf[ROOM];
	ssize_t len;

	while (most--) {
		len = recv(nl->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return;
		if (len < 0 && errno != ENOBUFS && errno != ENOMEM)
			die_errno("recv");
		if (len > 0)
			look(buf, len, count, nl->family);
	}
}

static void fuzz_one(struct nl *nl, struct count *count)
{
	struct nl_msg msg;

	make_message(&msg, nl);
	if (send(nl->fd, &msg, msg.hdr.nlmsg_len, 0) < 0)
		die_errno("send");
	count->sent++;
	/* Some do not wait for the end of the answer. */
	if (rnd(32)) {
		drain(nl, count, 10000);
		return;
	}
	drain(nl, count, rnd(3));
	nl_close(nl);
	if (nl_open(nl))
		die("the family is gone");
}

static void fuzz(time_t end, struct count *count)
{
	struct nl fuzzed, proper;
	int i;

	if (nl_open(&fuzzed) || nl_open(&proper))
		die("no portowner family");
	while (time(NULL) < end) {
		for (i = 0; i < 100; i++)
			fuzz_one(&fuzzed, count);
		if (pt_stats(&proper).err)
			die("a proper request was refused");
	}
	nl_close(&fuzzed);
	nl_close(&proper);
}

static void fuzz_as_user(struct proc *parent, void *arg)
{
	struct count count = {};

	proc_become(1000, NO_CAP);
	fuzz(time(NULL) + *(int *)arg, &count);
	printf("# user: %lu sent, %lu refused, %lu answers\n", count.sent,
	       count.refused, count.answers);
	fflush(stdout);
	proc_tell(parent);
	proc_await(parent);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 0;
	struct count count = {};
	struct proc user;
	int i;

	if (seconds < 1)
		die("usage: fuzz SECONDS [SEED]");
	if (argc > 2)
		state = strtoull(argv[2], NULL, 0);
	else if (getrandom(&state, sizeof(state), 0) != sizeof(state))
		die_errno("getrandom");
	state |= !state;
	printf("# seed %#llx\n", state);
	fflush(stdout);

	/* Something to report. */
	for (i = 0; i < 100; i++)
		sock_bound("127.0.0.1", i % 2 ? SOCK_DGRAM : SOCK_STREAM, 0);
	proc_start(&user, fuzz_as_user, &seconds);
	fuzz(time(NULL) + seconds, &count);
	proc_await(&user);
	proc_end(&user);
	printf("# root: %lu sent, %lu refused, %lu answers\n", count.sent,
	       count.refused, count.answers);
	return !(count.refused && count.answers);
}
