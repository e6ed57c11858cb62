// SPDX-License-Identifier: GPL-2.0
/* Verdicts without the module, compared with those of the kernel. */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag/check.h"
#include "diag/diag.h"
#include "diag/local.h"
#include "model/enums.h"
#include "tests/fake_client.h"
#include "tests/unit.h"

static __u16 port_of(int fd)
{
	struct sockaddr_in6 addr;
	socklen_t len = sizeof(addr);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	return ntohs(addr.sin6_port);
}

/**
 * struct side - A bound socket, or one to be bound.
 * @family: AF_INET or AF_INET6
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @addr: its address
 * @flags: options that are set, enum portowner_sock_flag
 */
struct side {
	int family;
	int type;
	const char *addr;
	__u32 flags;
};

static struct side random_side(int type)
{
	static const char * const addrs[] = {
		"0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::", "::1",
	};
	size_t i = rand() % ARRAY_SIZE(addrs);
	struct side side = {
		.family = i < 3 ? AF_INET : AF_INET6,
		.type = type,
		.addr = addrs[i],
		.flags = rand() & (PORTOWNER_SOCK_FLAG_REUSEADDR |
				   PORTOWNER_SOCK_FLAG_REUSEPORT),
	};

	if (i == 4)
		side.flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	return side;
}

static void set_option(int fd, int level, int option, bool on)
{
	int value = on;

	setsockopt(fd, level, option, &value, sizeof(value));
}

/* Returns the descriptor, or the negative errno. */
static int bind_side(const struct side *side, __u16 port)
{
	struct sockaddr_in6 six = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	struct sockaddr_in four = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	bool v4 = side->family == AF_INET;
	int err, fd = socket(side->family, side->type, 0);

	if (fd < 0)
		return -errno;
	inet_pton(side->family, side->addr, v4 ? (void *)&four.sin_addr :
						 (void *)&six.sin6_addr);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR,
		   side->flags & PORTOWNER_SOCK_FLAG_REUSEADDR);
	set_option(fd, SOL_SOCKET, SO_REUSEPORT,
		   side->flags & PORTOWNER_SOCK_FLAG_REUSEPORT);
	if (!v4)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY,
			   side->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
	err = bind(fd, v4 ? (void *)&four : (void *)&six,
		   v4 ? sizeof(four) : sizeof(six)) ? -errno : 0;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void ask_check(const struct side *side, __u16 port, struct check *check)
{
	struct bind_request request = {
		.ep.family = side->family,
		.ep.proto = side->type == SOCK_STREAM ? IPPROTO_TCP :
							IPPROTO_UDP,
		.ep.port = port,
		.ep.flags = side->flags,
	};
	struct source *source;

	fake_reset();
	fake.uid = geteuid();
	inet_pton(side->family, side->addr, request.ep.addr);
	assert_int_equal(diag_open(&source, true), 0);
	assert_int_equal(source_check(source, &request, check), 0);
	source_close(source);
}

/* The kernel must agree, unless the answer leaves it open. */
static bool compare_once(const struct side *had, const struct side *wanted,
			 bool listens)
{
	struct check check = { 0 };
	int holder = bind_side(had, 0), fd;
	bool decided;
	__u16 port;

	if (holder < 0)
		return false;
	if (listens)
		listen(holder, 1);
	port = port_of(holder);
	ask_check(wanted, port, &check);
	fd = bind_side(wanted, port);
	decided = !check.undecided &&
		  !(check.unchecked & UNCHECKED_BOUND && !check.would.err);
	if (decided && (int)check.would.err != (fd < 0 ? -fd : 0))
		fail_msg("%s %s/%x%s, then %s/%x: %d, not %u",
			 had->type == SOCK_STREAM ? "tcp" : "udp", had->addr,
			 had->flags, listens ? " listening" : "", wanted->addr,
			 wanted->flags, fd, check.would.err);
	if (fd >= 0)
		close(fd);
	close(holder);
	check_clear(&check);
	return decided;
}

static void agrees_with_the_kernel(void **state)
{
	struct side had, wanted;
	int i, decided = 0, type;

	(void)state;
	srand(1);
	for (i = 0; i < 400; i++) {
		type = i & 1 ? SOCK_STREAM : SOCK_DGRAM;
		had = random_side(type);
		wanted = random_side(type);
		decided += compare_once(&had, &wanted,
					type == SOCK_STREAM && i & 2);
	}
	assert_true(decided > 100);
}

/*
 * A connection of IPv6 that is not v6only is in the way of 0.0.0.0, but not of
 * an IPv4 address. The kernel does not say whether it is.
 */
static void no_verdict_beside_ipv6_connection(void **state)
{
	struct side had = { AF_INET6, SOCK_DGRAM, "::1", 0 };
	struct side wanted = { AF_INET, SOCK_DGRAM, "0.0.0.0", 0 };
	struct sockaddr_in6 peer = {
		.sin6_family = AF_INET6, .sin6_port = htons(9),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct check check = { 0 };
	int holder, fd;

	(void)state;
	holder = socket(AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(connect(holder, (void *)&peer, sizeof(peer)), 0);
	assert_int_equal(bind_side(&wanted, port_of(holder)), -EADDRINUSE);
	ask_check(&wanted, port_of(holder), &check);
	assert_true(check.undecided);
	check_clear(&check);
	wanted.addr = "127.0.0.1";
	ask_check(&wanted, port_of(holder), &check);
	assert_false(check.undecided);
	assert_int_equal(check.would.err, 0);
	check_clear(&check);
	close(holder);

	holder = bind_side(&had, 0);
	wanted.addr = "0.0.0.0";
	fd = bind_side(&wanted, port_of(holder));
	assert_true(fd >= 0);
	close(fd);
	ask_check(&wanted, port_of(holder), &check);
	assert_false(check.undecided);
	assert_int_equal(check.would.err, 0);
	check_clear(&check);
	close(holder);
}

/* One of two sockets lets the new one in, if the kernel sees it first. */
static void no_verdict_on_history(void **state)
{
	struct side shared = {
		AF_INET, SOCK_DGRAM, "127.0.0.1", PORTOWNER_SOCK_FLAG_REUSEPORT,
	};
	struct side alone = { AF_INET, SOCK_DGRAM, "127.0.0.2", 0 };
	struct side wanted = {
		AF_INET, SOCK_DGRAM, "0.0.0.0", PORTOWNER_SOCK_FLAG_REUSEPORT,
	};
	struct check check = { 0 };
	int one = bind_side(&shared, 0), two = bind_side(&alone, port_of(one));

	(void)state;
	assert_true(two >= 0);
	ask_check(&wanted, port_of(one), &check);
	assert_true(check.undecided);
	check_clear(&check);
	wanted.addr = "127.0.0.2";
	ask_check(&wanted, port_of(one), &check);
	assert_int_equal(check.would.err, EADDRINUSE);
	check_clear(&check);
	close(one);
	close(two);
}

/* Which address may be bound depends on the device only for link-local ones. */
static void knows_addresses(void **state)
{
	struct side wanted = { AF_INET, SOCK_DGRAM, "255.255.255.255", 0 };
	struct bind_request request = {
		.ep.family = AF_INET, .ep.proto = IPPROTO_UDP,
		.ep.port = 20000, .ep.addr = { 127, 0, 0, 1 },
		.ep.dev = "none0", .ifindex = 0x7fffffff,
	};
	int fd = bind_side(&wanted, 0);

	(void)state;
	fake_reset();
	assert_true(fd >= 0);
	close(fd);
	assert_true(diag_address_ok(&request));
	memset(request.ep.addr, 255, 4);
	assert_true(diag_address_ok(&request));
	request.ep.proto = IPPROTO_ICMP;
	assert_false(diag_address_ok(&request));
	request.ep.addr[0] = 224;
	assert_false(diag_address_ok(&request));
	request.ep.proto = IPPROTO_UDP;
	assert_true(diag_address_ok(&request));
	memcpy(request.ep.addr, "\300\0\2\1", 4);
	assert_false(diag_address_ok(&request));
	request.ep.family = AF_INET6;
	memcpy(request.ep.addr, &in6addr_loopback, sizeof(request.ep.addr));
	assert_false(diag_address_ok(&request));
	request.ep.dev = NULL;
	request.ifindex = 0;
	assert_true(diag_address_ok(&request));
}

static void assert_reason(int family, const char *addr, __u32 reason,
			  const char *dev)
{
	struct bind_request request = {
		.ep.family = family, .ep.proto = IPPROTO_TCP, .ep.port = 20000,
	};
	struct reject would = { 0 };

	assert_int_equal(inet_pton(family, addr, request.ep.addr), 1);
	diag_address_reason(&request, &would);
	assert_int_equal(would.reason, reason);
	assert_string_equal(would.reason_dev ? would.reason_dev : "", dev);
	free(would.reason_dev);
}

static void knows_reasons(void **state)
{
	(void)state;
	fake_reset();
	fake.addresses[0] = "10.5.0.7";
	fake.dev_flags = IFF_UP;
	assert_reason(AF_INET, "10.5.0.8", PORTOWNER_REASON_NOT_CONFIGURED, "");
	assert_reason(AF_INET6, "::ffff:10.5.0.8",
		      PORTOWNER_REASON_NOT_CONFIGURED, "");
	assert_reason(AF_INET6, "2001:db8::1", PORTOWNER_REASON_NOT_CONFIGURED,
		      "");
	fake.vrf = "blue";
	assert_reason(AF_INET, "10.5.0.7", PORTOWNER_REASON_OTHER_VRF, "blue");
	/* In a new network namespace. */
	fake.dev_flags = 0;
	assert_reason(AF_INET, "127.0.0.1", PORTOWNER_REASON_INTERFACE_DOWN,
		      "lo");
}

/* Status of a process in a new network namespace. */
static int in_new_netns(int (*function)(void))
{
	pid_t pid = fork();
	int found;

	if (!pid)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) ? 77 : function());
	assert_int_equal(waitpid(pid, &found, 0), pid);
	return WEXITSTATUS(found);
}

static int foreign_address(void)
{
	struct side wanted = { AF_INET, SOCK_STREAM, "192.0.2.1", 0 };
	struct bind_request request = {
		.ep.family = AF_INET, .ep.proto = IPPROTO_TCP,
		.ep.port = 20000, .ep.addr = { 192, 0, 2, 1 },
	};
	bool bound = bind_side(&wanted, 20000) >= 0;

	if (diag_address_ok(&request) != bound)
		return 1;
	request.ep.proto = IPPROTO_SCTP;
	return diag_address_ok(&request) ? 2 : 0;
}

/* Before anything is up, the kernel takes any IPv4 address. */
static void knows_new_namespaces(void **state)
{
	int found;

	(void)state;
	fake_reset();
	found = in_new_netns(foreign_address);
	if (found == 77)
		skip();
	assert_int_equal(found, 0);
}

static struct psock *add_holder(struct psock_list *list, __u32 unknown)
{
	struct psock *sock = psock_list_add(list);

	sock->ep.family = AF_INET;
	sock->ep.proto = IPPROTO_UDP;
	sock->ep.port = 53;
	sock->state = PORTOWNER_STATE_BOUND;
	sock->has_uid = true;
	sock->unknown = unknown;
	return sock;
}

/* Only a bind that sets an option depends on whether the holder did. */
static void no_verdict_without_options(void **state)
{
	struct bind_request request = {
		.ep.family = AF_INET, .ep.proto = IPPROTO_UDP, .ep.port = 53,
	};
	struct psock_list list = { 0 };
	struct check check = { 0 };

	(void)state;
	fake_reset();
	add_holder(&list, UNKNOWN_REUSE);
	diag_check(&request, &list, &check);
	assert_false(check.undecided);
	assert_int_equal(check.would.err, EADDRINUSE);
	assert_int_equal(check.would.rule, PORTOWNER_RULE_ADDRESS_IN_USE);
	check_clear(&check);

	request.ep.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	add_holder(&list, UNKNOWN_REUSE);
	diag_check(&request, &list, &check);
	assert_true(check.undecided);
	assert_int_equal(check.would.err, 0);
	assert_int_equal(check.would.culprits.n, 1);
	check_clear(&check);

	add_holder(&list, 0)->ep.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	diag_check(&request, &list, &check);
	assert_false(check.undecided);
	assert_int_equal(check.would.err, 0);
	check_clear(&check);
	psock_list_clear(&list);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(no_verdict_without_options),
		cmocka_unit_test(agrees_with_the_kernel),
		cmocka_unit_test(no_verdict_beside_ipv6_connection),
		cmocka_unit_test(no_verdict_on_history),
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(knows_reasons),
		cmocka_unit_test(knows_new_namespaces),
	};

	return cmocka_run_group_tests_name("diag_check", tests, NULL, NULL);
}
