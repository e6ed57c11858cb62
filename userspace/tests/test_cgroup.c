// SPDX-License-Identifier: GPL-2.0

#include "cgroup.h"
#include "field.h"
#include "unit.h"

#define ID	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void assert_slice(bool found, const struct slice *slice,
			 const char *path, const char *expected)
{
	if (!expected) {
		if (found)
			fail_msg("'%s' has '%.*s'", path ? path : "",
				 (int)slice->len,
				 slice->str);
		return;
	}
	if (!found)
		fail_msg("'%s' has nothing", path);
	assert_int_equal(slice->len, strlen(expected));
	assert_memory_equal(slice->str, expected, slice->len);
}

static void assert_parts(const char *path, const char *unit,
			 const char *container)
{
	struct slice slice;
	bool found;

	found = cgroup_unit(path, &slice);
	assert_slice(found, &slice, path, unit);
	found = cgroup_container(path, &slice);
	assert_slice(found, &slice, path, container);
}

static void nothing(void **state)
{
	(void)state;
	assert_parts(NULL, NULL, NULL);
	assert_parts("", NULL, NULL);
	assert_parts("/", NULL, NULL);
	assert_parts("///", NULL, NULL);
	assert_parts("/user.slice", NULL, NULL);
	assert_parts("/.service", NULL, NULL);
	assert_parts("/a.service.d", NULL, NULL);
}

static void units(void **state)
{
	(void)state;
	assert_parts("/system.slice/nginx.service", "nginx.service", NULL);
	assert_parts("/system.slice/nginx.service/", "nginx.service", NULL);
	assert_parts("/init.scope", "init.scope", NULL);
	assert_parts("/user.slice/user-1000.slice/session-3.scope",
		     "session-3.scope", NULL);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service",
		     "web.service", NULL);
	assert_parts("/system.slice/web.service/worker/1", "web.service",
		     NULL);
	assert_parts("/system.slice/_cpu.service", "cpu.service", NULL);
}

static void in_docker(void **state)
{
	(void)state;
	assert_parts("/docker/" ID, NULL, ID);
	assert_parts("/system.slice/docker-" ID ".scope",
		     "docker-" ID ".scope", ID);
	assert_parts("/../docker-" ID ".scope/system.slice/web.service",
		     "web.service", ID);
	assert_parts("/docker/" ID "/kubelet/" ID2, NULL, ID2);
}

static void in_podman(void **state)
{
	(void)state;
	assert_parts("/machine.slice/libpod-" ID ".scope/container",
		     "libpod-" ID ".scope", ID);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
		     "libpod-" ID ".scope", ID);
	assert_parts("/libpod_parent/libpod-" ID, NULL, ID);
	/* The monitor is not in the container. */
	assert_parts("/machine.slice/libpod-conmon-" ID ".scope",
		     "libpod-conmon-" ID ".scope", NULL);
}

static void kubernetes(void **state)
{
	(void)state;
	assert_parts("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope",
		     "cri-containerd-" ID ".scope", ID);
	assert_parts("/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope",
		     "crio-" ID ".scope", ID);
	assert_parts("/kubepods.slice/crio-conmon-" ID ".scope",
		     "crio-conmon-" ID ".scope", NULL);
	assert_parts("/kubepods/besteffort/pod1/" ID, NULL, ID);
	assert_parts("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID,
		     "containerd.service", ID);
}

static void named_containers(void **state)
{
	(void)state;
	assert_parts("/lxc.payload.web/system.slice/nginx.service",
		     "nginx.service", "web");
	assert_parts("/lxc.monitor.web", NULL, NULL);
	assert_parts("/machine.slice/systemd-nspawn@web.service/payload",
		     "systemd-nspawn@web.service", "web");
	assert_parts("/machine.slice/systemd-nspawn@.service",
		     "systemd-nspawn@.service", NULL);
}

static void almost_identifiers(void **state)
{
	(void)state;
	assert_parts("/docker/" ID "0", NULL, NULL);
	assert_parts("/docker/0123456789abcdef", NULL, NULL);
	assert_parts("/docker/x" ID, NULL, NULL);
	assert_parts("/docker/G" ID2 "x", NULL, NULL);
	assert_parts("/docker-.scope", "docker-.scope", NULL);
}

static void shown_as_unit(void **state)
{
	struct value v = { 0 };

	(void)state;
	value_unit(&v, "/system.slice/docker-" ID ".scope");
	assert_string_equal(v.buf, "container:0123456789ab");
	value_unit(&v, "/system.slice/ssh.service");
	assert_int_equal(v.len, strlen("ssh.service"));
	assert_memory_equal(v.str, "ssh.service", v.len);
	value_unit(&v, NULL);
	assert_int_equal(v.type, VALUE_NULL);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(units),
		cmocka_unit_test(in_docker),
		cmocka_unit_test(in_podman),
		cmocka_unit_test(kubernetes),
		cmocka_unit_test(named_containers),
		cmocka_unit_test(almost_identifiers),
		cmocka_unit_test(shown_as_unit),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
