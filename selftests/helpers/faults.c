// SPDX-License-Identifier: GPL-2.0
/*
 * Let one allocation after the other fail: faults [load]
 *
 * In requests and binds, or in the last part of loading the module
 * ($PORTOWNER_KO), which is its own. Each act is repeated; the first time the
 * first allocation (or copy from or to this process) in it fails, then the
 * second, until none is left to fail. The act itself may fail then, the
 * bookkeeping must not: each refusal counts in a record or as dropped, and
 * whatever was taken is given back, which kmemleak and the like see to.
 * Needs CONFIG_FAULT_INJECTION; see stress.sh.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/portowner.h>

#include "../lib/die.h"
#include "../lib/nl.h"
#include "../lib/pt.h"
#include "../lib/sock.h"

#define PORT		8000
#define ROOM		65536
#define LAST		700

static struct nl nl = { .fd = -1 };
static unsigned long refusals;
static int fd;

/* A request and all that comes back, whatever it is. */
static void ask(struct nl_msg *msg)
{
	static char buf[ROOM];
	ssize_t len;

	if (send(nl.fd, msg, msg->hdr.nlmsg_len, 0) < 0)
		return;
	/* An error of the dump comes before the end of what was put. */
	do {
		len = recv(nl.fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (len >= 0 || errno != EAGAIN);
}

static void ports(void)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	nl_put_u32(&msg, PORTOWNER_A_PORT_STATES, PT_ALL_STATES);
	nl_put_flag(&msg, PORTOWNER_A_PORT_ALL_NETNS);
	ask(&msg);
}

static void one_port(void)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	nl_put_u16(&msg, PORTOWNER_A_PORT_PORT, PORT);
	ask(&msg);
}

static void rejects(void)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &nl, PORTOWNER_CMD_REJECT_GET, NLM_F_DUMP);
	ask(&msg);
}

static void stats(void)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &nl, PORTOWNER_CMD_STATS_GET, NLM_F_ACK);
	ask(&msg);
}

static void bind_check(void)
{
	unsigned char addr[4] = { 127, 0, 0, 1 };
	struct nl_msg msg;

	nl_msg_init(&msg, &nl, PORTOWNER_CMD_BIND_CHECK, NLM_F_DUMP);
	nl_put_u16(&msg, PORTOWNER_A_CHECK_FAMILY, AF_INET);
	nl_put_u16(&msg, PORTOWNER_A_CHECK_PROTO, IPPROTO_TCP);
	nl_put(&msg, PORTOWNER_A_CHECK_ADDR, addr, sizeof(addr));
	nl_put_u16(&msg, PORTOWNER_A_CHECK_PORT, PORT);
	ask(&msg);
}

/* Where the copy of the address fails, nobody comes to see it. */
static void count_refusal(void)
{
	refusals += errno != EFAULT;
}

static void bind_again(void)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, "127.0.0.1", PORT);

	if (!bind(fd, &addr.sa, len))
		die("bind was not refused");
	count_refusal();
}

static void bound(void)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, "127.0.0.1", 0);
	int new = socket(AF_INET, SOCK_STREAM, 0);

	if (new < 0)
		return;
	if (bind(new, &addr.sa, len))
		count_refusal();
	close(new);
}

static void load(void)
{
	int file = open(getenv("PORTOWNER_KO"), O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return;
	syscall(SYS_finit_module, file, "", 0);
	close(file);
}

static void unload(void)
{
	while (syscall(SYS_delete_module, "portowner", O_NONBLOCK))
		if (errno == ENOENT)
			return;
		else if (errno != EAGAIN && errno != EBUSY)
			die_errno("delete_module");
}

/* A dump that failed may block its socket for good. */
static void open_family(void)
{
	if (nl.fd >= 0)
		nl_close(&nl);
	if (nl_open(&nl))
		die("the family is gone");
}

static int control;

/* Writing there is a copy that may be the one to fail. */
static void fail_nth(unsigned int n)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%u", n);

	while (pwrite(control, buf, len, 0) != len)
		if (errno != EFAULT)
			die_errno("fail-nth");
}

/* Whether the failure has been; asking is a copy that may fail in its place. */
static bool failed(void)
{
	char buf[16] = "";

	return pread(control, buf, sizeof(buf) - 1, 0) > 0 && !atoi(buf);
}

/* Whether there was an nth allocation, which then failed. */
static bool try_one(void (*prepare)(void), void (*act)(void), unsigned int n)
{
	bool hit;

	prepare();
	fail_nth(n);
	act();
	hit = failed();
	fail_nth(0);
	return hit;
}

static void try_all(const char *name, void (*prepare)(void), void (*act)(void))
{
	unsigned int n = 1;

	while (try_one(prepare, act, n))
		n++;
	printf("# %s: %u failures\n", name, n - 1);
	fflush(stdout);
}

/* The first ones are the module loader's, and many. */
static void try_last(const char *name, void (*prepare)(void), void (*act)(void))
{
	unsigned int low = 0, high = 64, n;

	while (try_one(prepare, act, high)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		n = (low + high) / 2;
		if (try_one(prepare, act, n))
			low = n;
		else
			high = n;
	}
	printf("# %s: %u failures are possible\n", name, low);
	fflush(stdout);
	/* Probes have an allocation for each call that they can see at once. */
	for (n = low; n && low - n < LAST; n -= low - n < 20 || n < 9 ? 1 : 9)
		try_one(prepare, act, n);
}

static void check_stats(void)
{
	struct pt_stats s;

	open_family();
	s = pt_stats(&nl);
	if (s.err || s.seen != refusals || s.seen != s.counted + s.dropped)
		die("%lu refusals: %llu seen, %llu counted, %llu dropped",
		    refusals, s.seen, s.counted, s.dropped);
}

static void run(void)
{
	struct nl listener;

	if (nl_open(&listener) || nl_join(&listener))
		die("no portowner family");
	try_all("ports", open_family, ports);
	try_all("one port", open_family, one_port);
	try_all("stats", open_family, stats);
	try_all("bind check", open_family, bind_check);
	try_all("bind", open_family, bound);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	try_all("refused tcp", open_family, bind_again);
	fd = sock_new("127.0.0.1", SOCK_DGRAM);
	try_all("refused udp", open_family, bind_again);
	try_all("rejects", open_family, rejects);
	nl_close(&listener);
	check_stats();
}

int main(int argc, char **argv)
{
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		die_errno("fail-nth");
	ns_enter();
	sock_listening("127.0.0.1", PORT);
	sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
	if (argc == 1)
		run();
	else if (argc == 2 && !strcmp(argv[1], "load"))
		try_last("load", unload, load);
	else
		die("usage: faults [load]");
	return 0;
}
