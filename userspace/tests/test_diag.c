// SPDX-License-Identifier: GPL-2.0
/* What this machine has to say without the module. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag/check.h"
#include "diag/diag.h"
#include "diag/local.h"
#include "diag/query.h"
#include "model/enums.h"
#include "tests/fake_client.h"
#include "tests/unit.h"

static int open_socket(int family, int type, int proto)
{
	struct sockaddr_storage addr = { .ss_family = family };
	socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) :
					    sizeof(struct sockaddr_in6);
	int fd = socket(family, type, proto);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&addr, len))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static __u16 port_of(int fd)
{
	struct sockaddr_in6 addr;
	socklen_t len = sizeof(addr);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	return ntohs(addr.sin6_port);
}

static __u64 inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static void ask(__u16 first, __u16 last, struct psock_list *list)
{
	struct filter filter = {
		.port = first, .port_last = last, .states = STATES_ALL,
	};
	struct source *source;

	fake_reset();
	assert_int_equal(diag_open(&source, true), 0);
	assert_int_equal(source_ports(source, &filter, list), 0);
	source_close(source);
}

/* The cookie of a row of MPTCP is that of a subflow. */
static const struct psock *find(const struct psock_list *list, int fd)
{
	__u64 cookie, inode = inode_of(fd);
	socklen_t len = sizeof(cookie);
	size_t i;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len),
			 0);
	for (i = 0; i < list->n; i++)
		if (list->v[i].inode == inode &&
		    (list->v[i].cookie == cookie ||
		     list->v[i].ep.proto == IPPROTO_MPTCP))
			return &list->v[i];
	return NULL;
}

static bool has_owner(const struct psock *sock, pid_t pid, int fd)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == (__u32)pid &&
		    sock->owners[i].fd == (__u32)fd)
			return true;
	return false;
}

static void finds_own_socket(int family, int type, int proto)
{
	struct psock_list list = { 0 };
	const struct psock *sock;
	int fd = open_socket(family, type, proto);

	if (fd < 0)
		skip();
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	ask(port_of(fd), port_of(fd), &list);
	sock = find(&list, fd);
	assert_non_null(sock);
	assert_int_equal(sock->ep.family, family);
	assert_int_equal(sock->ep.proto, proto);
	assert_int_equal(sock->uid, geteuid());
	assert_int_equal(sock->state, type == SOCK_STREAM ?
			 PORTOWNER_STATE_LISTEN : PORTOWNER_STATE_BOUND);
	assert_true(has_owner(sock, getpid(), fd));
	assert_int_equal(sock->owners->uid, geteuid());
	assert_string_equal(sock->owners->comm, "test_diag");
	assert_non_null(strstr(sock->owners->exe, "test_diag"));
	psock_list_clear(&list);
	close(fd);
}

/* A process cannot hide what follows a newline in its name. */
static void keeps_the_whole_name(void **state)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	struct psock_list list = { 0 };
	const struct psock *sock;

	(void)state;
	prctl(PR_SET_NAME, "\nevil\n");
	ask(port_of(fd), port_of(fd), &list);
	prctl(PR_SET_NAME, "test_diag");
	sock = find(&list, fd);
	assert_non_null(sock);
	assert_int_equal(sock->n_owners, 1);
	assert_string_equal(sock->owners->comm, "\nevil\n");
	psock_list_clear(&list);
	close(fd);
}

static void finds_tcp(void **state)
{
	(void)state;
	finds_own_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
}

static void finds_tcp6(void **state)
{
	(void)state;
	finds_own_socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
}

static void finds_udp(void **state)
{
	(void)state;
	finds_own_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
}

static void finds_udp6(void **state)
{
	(void)state;
	finds_own_socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
}

static void finds_udplite(void **state)
{
	(void)state;
	finds_own_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static void finds_mptcp(void **state)
{
	(void)state;
	finds_own_socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
}

static void finds_sctp(void **state)
{
	(void)state;
	finds_own_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

/* As far as this kernel lists them, and never as anything else. */
static void finds_what_is_only_bound(void **state)
{
	struct psock_list list = { 0 };
	int fd = open_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	const struct psock *sock;

	(void)state;
	ask(port_of(fd), port_of(fd), &list);
	sock = find(&list, fd);
	assert_int_equal(!!sock, diag_lists_bound_tcp());
	if (sock)
		assert_int_equal(sock->state, PORTOWNER_STATE_BOUND);
	psock_list_clear(&list);
	close(fd);
}

static void finds_every_holder(void **state)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), copy = dup(fd);
	struct psock_list list = { 0 };
	const struct psock *sock;
	pid_t child = fork();

	(void)state;
	if (!child) {
		pause();
		_exit(0);
	}
	ask(port_of(fd), port_of(fd), &list);
	sock = find(&list, fd);
	assert_non_null(sock);
	assert_true(has_owner(sock, getpid(), fd));
	assert_true(has_owner(sock, getpid(), copy));
	assert_true(has_owner(sock, child, fd));
	assert_int_equal(psock_processes(sock), 2);
	assert_int_equal(sock->share, PORTOWNER_SHARE_INHERITED);
	assert_false(sock->unknown & UNKNOWN_SHARE);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	psock_list_clear(&list);
	close(copy);
	close(fd);
}

/* Another user's process could have us wait when the copy is closed. */
static void asks_nobody_else(void **state)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), one = 1;
	const struct filter filter = { .states = STATES_ALL, .options = true };
	struct psock_list list = { 0 };
	const struct psock *sock;
	struct source *source;

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	fake_reset();
	fake.uid = geteuid();
	assert_int_equal(diag_open(&source, true), 0);
	assert_int_equal(source_ports(source, &filter, &list), 0);
	sock = find(&list, fd);
	assert_non_null(sock);
	assert_false(sock->unknown & UNKNOWN_REUSE);
	assert_true(sock->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR);
	fake.uid++;
	assert_int_equal(source_ports(source, &filter, &list), 0);
	sock = find(&list, fd);
	assert_non_null(sock);
	assert_true(sock->unknown & UNKNOWN_REUSE);
	psock_list_clear(&list);
	source_close(source);
	close(fd);
}

/* The kernel itself leaves out the ports that are not in the range. */
static void asks_for_a_range(void **state)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	struct psock_list list = { 0 };
	__u16 port = port_of(fd);

	(void)state;
	ask(port - 1, port + 1, &list);
	assert_non_null(find(&list, fd));
	psock_list_clear(&list);
	ask(port + 1, port + 2, &list);
	assert_null(find(&list, fd));
	psock_list_clear(&list);
	close(fd);
}

/**
 * struct side - A socket that is bound, or is to be.
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

/* What the kernel does is right, unless the answer leaves it open. */
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
		cmocka_unit_test(finds_tcp),
		cmocka_unit_test(finds_tcp6),
		cmocka_unit_test(finds_udp),
		cmocka_unit_test(finds_udp6),
		cmocka_unit_test(finds_udplite),
		cmocka_unit_test(finds_mptcp),
		cmocka_unit_test(finds_sctp),
		cmocka_unit_test(finds_what_is_only_bound),
		cmocka_unit_test(finds_every_holder),
		cmocka_unit_test(keeps_the_whole_name),
		cmocka_unit_test(asks_nobody_else),
		cmocka_unit_test(asks_for_a_range),
		cmocka_unit_test(no_verdict_without_options),
		cmocka_unit_test(agrees_with_the_kernel),
		cmocka_unit_test(no_verdict_beside_ipv6_connection),
		cmocka_unit_test(no_verdict_on_history),
		cmocka_unit_test(knows_addresses),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
