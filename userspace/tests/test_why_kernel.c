// SPDX-License-Identifier: GPL-2.0
/* Explanation and advice of "why" if the kernel itself holds the port. */

#include <locale.h>
#include <netinet/in.h>

#include "lib/host_tunnels.h"
#include "print/kernel_part.h"
#include "tests/scene.h"

static void held_by_kernel(void **state)
{
	(void)state;
	scene_start();
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("l2tp_core");
	scene.sock.state = PORTOWNER_STATE_ESTABLISHED;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.reject.ep.proto = IPPROTO_UDP;
	scene_ask(true);
	says("A connected socket of the kernel itself (l2tp_core) holds");
	says("this shows it: ip l2tp show tunnel");
	says_not("accepted");
	says_not("kill");
	says_not("setsockopt");
	scene.sock.kernel_owner = text("wireguard");
	scene_ask(true);
	says("another network namespace: wg show ip -all netns exec ip -d "
	     "link show type wireguard");
	scene.sock.kernel_owner = text("something");
	scene_ask(true);
	says("Remove what uses the port inside the kernel (something)");
}

/* Among the devices of its type, the one with its port is found. */
static void kernel_device(void **state)
{
	struct host_tunnel tunnels[] = {
		{ .kind = "vxlan", .dev = "vx0", .port = 1, .netns = 1,
		  .sock_netns = 1 },
		{ .kind = "geneve", .dev = "gen0", .port = 80, .netns = 1,
		  .sock_netns = 1 },
		{ .kind = "vxlan", .dev = "vx1", .port = 80, .netns = 1,
		  .sock_netns = 2 },
		{ .kind = "vxlan", .dev = "vx2", .port = 80, .netns = 3,
		  .sock_netns = 1 },
		{ .kind = "wireguard", .dev = "wg0", .port = 80, .netns = 1 },
		{ .kind = "wireguard", .dev = "wg1", .port = 80, .netns = 3 },
	};

	(void)state;
	scene_start();
	fake.tunnels = tunnels;
	fake.n_tunnels = ARRAY_SIZE(tunnels);
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("vxlan");
	scene_ask(true);
	says("it is vx2, in network namespace 3");
	says_not("ip -d link");
	fake.netns_pid = 333;
	scene_ask(true);
	says("nsenter -n -t 333 ip -d link show dev vx2");
	tunnels[3].netns = 1;
	scene_ask(true);
	says("it is vx2: ip -d link show dev vx2");
	/* A device in the namespace of the socket is preferred. */
	scene.sock.kernel_owner = text("wireguard");
	scene_ask(true);
	says("it is wg0: wg show wg0");
	/* It is ambiguous which of the two it is. */
	tunnels[4].netns = 2;
	scene_ask(true);
	says("another network namespace: wg show");
	fake.n_tunnels--;
	scene_ask(true);
	says("it is wg0, in network namespace 2:");
	scene.sock.kernel_owner = text("l2tp_core");
	scene_ask(true);
	says("this shows it: ip l2tp show tunnel");
}

/* Another namespace is entered through a process in it. */
static void kernel_elsewhere(void **state)
{
	(void)state;
	scene_start();
	fake.netns = 2;
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("fou");
	scene_ask(true);
	says_not("ip fou show");
	fake.netns_pid = 333;
	scene_ask(true);
	says("this shows it: nsenter -n -t 333 ip fou show");
}

static void kernel_parts(void **state)
{
	static const char * const names[] = {
		"l2tp_udp_encap_recv", "wg_receive", "geneve", "gtp", "gue_udp_recv",
		"svc_tcp_listen_data_ready", "xs_data_ready", "lockd", "rxrpc",
		"rds_tcp", "smc", "tipc", "nfsd", "bareudp", "nvmet_tcp",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!kernel_part_find(names[i]))
			fail_msg("%s", names[i]);
	assert_null(kernel_part_find("tun"));
}

/* A tool that has the kernel open a socket cannot set options on it. */
static void kernel_refused(void **state)
{
	(void)state;
	scene_start();
	scene.reject.exe = text("/usr/sbin/ip");
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene_ask(true);
	says_not("setsockopt");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(held_by_kernel),
		TEST(kernel_elsewhere),
		TEST(kernel_device),
		TEST(kernel_parts),
		TEST(kernel_refused),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_kernel", tests, NULL, NULL);
}
