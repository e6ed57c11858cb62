// SPDX-License-Identifier: GPL-2.0
/* Rows in, findings out. */

#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"
#include "tests/rows.h"

#define RA	PORTOWNER_SOCK_FLAG_REUSEADDR
#define RP	PORTOWNER_SOCK_FLAG_REUSEPORT

static struct audit audit;

static int prepare(void **state)
{
	setup(state);
	audit = (struct audit){
		.module = true, .has_unprivileged = true, .unprivileged = 1024,
		.host = true,
		.ephemeral = { .known = true, .first = 32768, .last = 60999,
			       .reserved = xstrdup("") },
	};
	return 0;
}

static int finish(void **state)
{
	audit_clear(&audit);
	rows_clear();
	return teardown(state);
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, prepare, finish)

/* The only finding of its kind contains this text. */
static const struct finding *only(enum finding_id id, enum severity severity,
				  const char *words)
{
	const struct finding *finding = rows_finding(&audit, id, 0);

	assert_int_equal(rows_count(&audit, id), 1);
	assert_string_equal(severity_name(finding->severity),
			    severity_name(severity));
	assert_words(finding->text, words);
	assert_true(*finding->remedy);
	return finding;
}

static void none(enum finding_id id)
{
	assert_int_equal(rows_count(&audit, id), 0);
}

static void nothing(void **state)
{
	(void)state;
	rows_audit(&audit);
	assert_int_equal(audit.findings.n, 0);
	assert_int_equal(audit.unchecked, 0);
	assert_int_equal(audit.partly, 0);
}

/* A socket that only this host can reach, with nothing wrong about it. */
static void harmless(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 8080, .pid = 9,
	    .exe = "/usr/bin/web", .binder = "server", .binder_pid = 9,
	    .binder_lives = true);
	ROW(.addr = "127.0.0.1", .proto = IPPROTO_UDP, .port = 5353, .pid = 9,
	    .flags = RP);
	rows_audit(&audit);
	assert_int_equal(audit.findings.n, 0);
}

static void hijack(void **state)
{
	(void)state;
	ROW(.addr = "10.0.0.1", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .flags = RA);
	rows_audit(&audit);
	only(FINDING_UDP_HIJACK, SEVERITY_HIGH,
	     "server[9], uid 0, lets any user join with SO_REUSEADDR");
}

static void hijack_of_what_is_local(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .flags = RA);
	rows_audit(&audit);
	only(FINDING_UDP_HIJACK, SEVERITY_MEDIUM, "any user");
}

/* Unless the sysctl lets every user bind low ports. */
static void hijack_of_a_low_port(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 68, .pid = 9,
	    .flags = RA);
	rows_audit(&audit);
	only(FINDING_UDP_HIJACK, SEVERITY_LOW, "any user who can bind low ports");
	finding_list_clear(&audit.findings);
	audit.unprivileged = 60;
	rows_audit(&audit);
	only(FINDING_UDP_HIJACK, SEVERITY_HIGH, "any user");
}

static void hijack_of_multicast(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5353, .pid = 9,
	    .flags = RA);
	ROW(.addr = "224.0.0.9", .proto = IPPROTO_UDP, .port = 9999, .pid = 9,
	    .flags = RA);
	rows_audit(&audit);
	only(FINDING_UDP_HIJACK, SEVERITY_LOW, "any user");
}

/* Whoever takes part needs just this port. */
static void shared_for_discovery(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 3702, .pid = 9,
	    .exe = "/usr/sbin/wsdd2", .flags = RP, .uid = 1);
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 3702, .pid = 10,
	    .exe = "/usr/bin/gvfsd", .flags = RP, .uid = 1);
	rows_audit(&audit);
	assert_words(only(FINDING_SHARED_BY_PROGRAMS, SEVERITY_LOW, "share")->remedy,
		     "have to share the port");
}

/* A command that is to be run here shows it only with -A. */
static void elsewhere(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 8080, .pid = 9, .comm = "sleep",
	    .netns = HERE + 1,
	    .binder = "server", .binder_pid = 8);
	rows_audit(&audit);
	assert_words(only(FINDING_INHERITED_SOCKET, SEVERITY_MEDIUM, "ended")->remedy,
		     "portowner -A 8080 shows both");
}

/* Each socket in the way of a new one has to permit it, even a client. */
static void no_hijack(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .flags = RA);
	ROW(.addr = "127.0.0.1", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .state = PORTOWNER_STATE_ESTABLISHED);
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5001, .pid = 9,
	    .flags = RP);
	ROW(.addr = "0.0.0.0", .port = 5002, .pid = 9, .flags = RA);
	rows_audit(&audit);
	none(FINDING_UDP_HIJACK);
	assert_int_equal(audit.partly, 0);
}

static void hijack_not_known(void **state)
{
	(void)state;
	audit.module = false;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .unknown = UNKNOWN_REUSE);
	rows_audit(&audit);
	none(FINDING_UDP_HIJACK);
	assert_true(audit.partly & 1U << FINDING_UDP_HIJACK);
	assert_true(audit.unchecked & 1U << FINDING_KERNEL_OWNER);
	assert_true(audit.unchecked & 1U << FINDING_INHERITED_SOCKET);
	assert_true(audit.unchecked & 1U << FINDING_BINDER_GONE);
	assert_true(audit.unchecked & 1U << FINDING_FIXED_PORT_IN_RANGE);
	assert_false(audit.unchecked & 1U << FINDING_SHARED_BY_USERS);
}

static void shared_by_users(void **state)
{
	const struct finding *finding;

	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .flags = RA);
	ROW(.addr = "10.0.0.1", .proto = IPPROTO_UDP, .port = 5000, .pid = 10,
	    .flags = RA, .uid = 1000, .comm = "thief");
	rows_audit(&audit);
	finding = only(FINDING_SHARED_BY_USERS, SEVERITY_HIGH,
		       "2 sockets share it: server[9], uid 0; thief[10], uid 1000.");
	assert_int_equal(finding->n_socks, 2);
	assert_int_equal(finding->who.n, 2);
	none(FINDING_SHARED_BY_PROGRAMS);
}

static void shared_by_programs(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .port = 5000, .pid = 9, .flags = RP,
	    .exe = "/usr/bin/a");
	ROW(.addr = "0.0.0.0", .port = 5000, .pid = 10, .flags = RP,
	    .exe = "/usr/bin/b");
	rows_audit(&audit);
	only(FINDING_SHARED_BY_PROGRAMS, SEVERITY_MEDIUM, "2 sockets share it");
	none(FINDING_SHARED_BY_USERS);
}

/* Workers of one program, those of its old version, and other programs. */
static void shared_as_it_should(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .port = 5000, .pid = 9, .flags = RP,
	    .exe = "/usr/bin/a");
	ROW(.addr = "0.0.0.0", .port = 5000, .pid = 10, .flags = RP,
	    .exe = "/usr/bin/a (deleted)");
	ROW(.addr = "10.0.0.1", .port = 5001, .pid = 9);
	ROW(.addr = "10.0.0.2", .port = 5001, .pid = 10, .uid = 1000);
	ROW(.addr = "0.0.0.0", .port = 5002, .pid = 9);
	ROW(.addr = "0.0.0.0", .port = 5002, .pid = 10, .uid = 1000,
	    .netns = 5);
	ROW(.addr = "0.0.0.0", .port = 5003, .pid = 9);
	ROW(.addr = "0.0.0.0", .port = 5003, .pid = 10, .uid = 1000,
	    .proto = IPPROTO_UDP);
	rows_audit(&audit);
	none(FINDING_SHARED_BY_USERS);
	none(FINDING_SHARED_BY_PROGRAMS);
	/* In the inventory, the workers are one line with two sockets. */
	assert_int_equal(rows_count(&audit, FINDING_EXPOSED), 7);
	assert_int_equal(rows_finding(&audit, FINDING_EXPOSED, 0)->n_socks, 2);
}

static void deleted_executable(void **state)
{
	const struct finding *finding;

	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9,
	    .exe = "/usr/bin/web (deleted)",
	    .cgroup = "/system.slice/web.service");
	rows_audit(&audit);
	finding = only(FINDING_DELETED_BINARY, SEVERITY_MEDIUM,
		       "server[9] runs /usr/bin/web, which was deleted or replaced");
	assert_words(finding->remedy, "systemctl restart web.service");
}

static void in_memory(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9,
	    .exe = "/memfd:x (deleted)");
	rows_audit(&audit);
	only(FINDING_DELETED_BINARY, SEVERITY_HIGH, "in memory only (/memfd:x)");
}

static void inherited_socket(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9, .comm = "sleep",
	    .binder = "server", .binder_pid = 8);
	rows_audit(&audit);
	only(FINDING_INHERITED_SOCKET, SEVERITY_MEDIUM,
	     "server[8] bound it and has since ended; sleep[9], uid 0, inherited");
	none(FINDING_BINDER_GONE);
}

/* The binder of a forking daemon has ended, as has systemd's helper. */
static void rightful_heirs(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9, .binder = "server",
	    .binder_pid = 8);
	ROW(.addr = "127.0.0.1", .port = 81, .pid = 9, .comm = "web",
	    .binder = "systemd", .binder_pid = 1, .binder_lives = true);
	ROW(.addr = "127.0.0.1", .port = 82, .pid = 1, .comm = "systemd",
	    .binder = "(sd-listen)", .binder_pid = 300);
	rows_audit(&audit);
	assert_int_equal(audit.findings.n, 0);
}

static void binder_gone(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .binder = "server",
	    .binder_pid = 8);
	rows_audit(&audit);
	only(FINDING_BINDER_GONE, SEVERITY_MEDIUM, "no process has a descriptor");
	none(FINDING_INHERITED_SOCKET);
}

static void hidden(void **state)
{
	(void)state;
	ROW(.addr = "0.0.0.0", .port = 80, .hidden = true, .binder = "server",
	    .binder_pid = 8);
	rows_audit(&audit);
	none(FINDING_BINDER_GONE);
	assert_int_equal(audit.hidden, 1);
	assert_int_equal(audit.unchecked, 0);
	assert_true(audit.partly & 1U << FINDING_DELETED_BINARY);
	assert_true(rows_finding(&audit, FINDING_EXPOSED, 0)->who.unknown);
}

static void kernel_socket(void **state)
{
	const struct finding *finding;

	(void)state;
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 4789,
	    .kernel = "vxlan");
	rows_audit(&audit);
	finding = only(FINDING_KERNEL_OWNER, SEVERITY_INFO,
		       "The kernel itself (vxlan) holds it, for a vxlan device.");
	assert_words(finding->remedy, "ip -d link show type vxlan");
	finding = only(FINDING_EXPOSED, SEVERITY_INFO, "the kernel itself");
	assert_string_equal(finding->who.v->program, "kernel:vxlan");
}

static void containers(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9,
	    .cgroup = "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	rows_audit(&audit);
	only(FINDING_CONTAINER_PORT, SEVERITY_INFO,
	     "server[9] holds it in container 0123456789ab.");
	assert_words(rows_finding(&audit, FINDING_CONTAINER_PORT, 0)->remedy,
		     "publishes nothing");
}

static void proxies(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9,
	    .comm = "docker-proxy");
	rows_audit(&audit);
	only(FINDING_CONTAINER_PORT, SEVERITY_INFO,
	     "docker-proxy[9] holds it on behalf of a container, by docker.");
	assert_words(rows_finding(&audit, FINDING_CONTAINER_PORT, 0)->remedy,
		     "publish a port on 127.0.0.1 only");
}

static void fixed_ports(void **state)
{
	const struct finding *finding;

	(void)state;
	free(audit.ephemeral.reserved);
	audit.ephemeral.reserved = xstrdup("50000,51000-51010");
	ROW(.addr = "127.0.0.1", .port = 40000, .pid = 9);
	ROW(.addr = "127.0.0.1", .port = 40001, .pid = 9);
	ROW(.addr = "127.0.0.1", .port = 45000, .pid = 9);
	/* Reserved, chosen by the kernel, outside the range, or unknown. */
	ROW(.addr = "127.0.0.1", .port = 51005, .pid = 9);
	ROW(.addr = "127.0.0.1", .port = 46000, .pid = 9, .by_kernel = true);
	ROW(.addr = "127.0.0.1", .port = 8080, .pid = 9);
	ROW(.addr = "127.0.0.1", .port = 47000, .pid = 9,
	    .unknown = UNKNOWN_REUSE);
	ROW(.addr = "127.0.0.1", .port = 48000, .pid = 9, .netns = 5);
	rows_audit(&audit);
	assert_int_equal(rows_count(&audit, FINDING_FIXED_PORT_IN_RANGE), 3);
	finding = rows_finding(&audit, FINDING_FIXED_PORT_IN_RANGE, 0);
	assert_int_equal(finding->port, 40000);
	assert_words(finding->text, "(32768 to 60999)");
	/* One command for all ports: a second one would undo the first. */
	assert_words(finding->remedy,
		     "ip_local_reserved_ports=50000,51000-51010,40000-40001,45000");
}

static void privileged_range(void **state)
{
	(void)state;
	audit.unprivileged = 80;
	rows_audit(&audit);
	only(FINDING_PRIVILEGED_RANGE, SEVERITY_MEDIUM,
	     "net.ipv4.ip_unprivileged_port_start is 80, and not 1024");
	finding_list_clear(&audit.findings);
	audit.host = false;
	rows_audit(&audit);
	none(FINDING_PRIVILEGED_RANGE);
}

static void exposed(void **state)
{
	const struct finding *finding;

	(void)state;
	ROW(.addr = "::", .port = 22, .pid = 9, .exe = "/usr/sbin/sshd",
	    .cgroup = "/system.slice/ssh.service");
	/* Only bound, of a client, and reachable from this host only. */
	ROW(.addr = "0.0.0.0", .port = 23, .pid = 9,
	    .state = PORTOWNER_STATE_BOUND);
	ROW(.addr = "0.0.0.0", .port = 40000, .pid = 9, .proto = IPPROTO_UDP,
	    .by_kernel = true);
	ROW(.addr = "::1", .port = 24, .pid = 9);
	rows_audit(&audit);
	finding = only(FINDING_EXPOSED, SEVERITY_INFO,
		       "server[9], uid 0, ssh.service, serves other hosts.");
	assert_int_equal(finding->who.v->uid, 0);
	assert_string_equal(finding->who.v->program, "/usr/sbin/sshd");
	assert_string_equal(finding->who.v->unit, "ssh.service");
}

static bool wants_udp(const struct psock *sock, const void *arg)
{
	(void)arg;
	return sock->ep.proto == IPPROTO_UDP;
}

static void filtered(void **state)
{
	(void)state;
	audit.wanted = wants_udp;
	ROW(.addr = "0.0.0.0", .port = 22, .pid = 9);
	ROW(.addr = "0.0.0.0", .port = 53, .pid = 9, .proto = IPPROTO_UDP);
	rows_audit(&audit);
	assert_int_equal(audit.findings.n, 1);
	assert_int_equal(audit.findings.v->port, 53);
}

static void worst_first(void **state)
{
	size_t i;

	(void)state;
	audit.unprivileged = 80;
	ROW(.addr = "0.0.0.0", .port = 40000, .pid = 9);
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 5000, .pid = 9,
	    .flags = RA);
	rows_audit(&audit);
	assert_int_equal(audit.findings.n, 5);
	for (i = 1; i < audit.findings.n; i++)
		assert_true(audit.findings.v[i - 1].severity <=
			    audit.findings.v[i].severity);
	assert_int_equal(audit.findings.v->id, FINDING_UDP_HIJACK);
}

/* The name of a process cannot affect the terminal. */
static void names_are_escaped(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 80, .pid = 9, .comm = "\033[31m",
	    .exe = "/tmp/\033]0;x (deleted)");
	rows_audit(&audit);
	only(FINDING_DELETED_BINARY, SEVERITY_MEDIUM,
	     "\\x1b[31m[9] runs /tmp/\\x1b]0;x, which");
}

int main(void)
{
	const struct unit_case tests[] = {
		CASE(nothing),
		CASE(harmless),
		CASE(hijack),
		CASE(hijack_of_what_is_local),
		CASE(hijack_of_a_low_port),
		CASE(hijack_of_multicast),
		CASE(no_hijack),
		CASE(hijack_not_known),
		CASE(shared_by_users),
		CASE(shared_by_programs),
		CASE(shared_as_it_should),
		CASE(deleted_executable),
		CASE(in_memory),
		CASE(inherited_socket),
		CASE(elsewhere),
		CASE(shared_for_discovery),
		CASE(rightful_heirs),
		CASE(binder_gone),
		CASE(hidden),
		CASE(kernel_socket),
		CASE(containers),
		CASE(proxies),
		CASE(fixed_ports),
		CASE(privileged_range),
		CASE(exposed),
		CASE(filtered),
		CASE(worst_first),
		CASE(names_are_escaped),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
