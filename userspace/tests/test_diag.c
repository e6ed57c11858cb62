// SPDX-License-Identifier: GPL-2.0
/* Answers of this machine without the module. */

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag/diag.h"
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

/* An MPTCP row has the cookie of a subflow. */
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

/* A newline in the name of a process hides nothing after it. */
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

/* As far as this kernel lists them, and never as another state. */
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

/* Another user's process could make us wait when the copy is closed. */
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

/* The kernel itself omits ports outside the range. */
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
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
