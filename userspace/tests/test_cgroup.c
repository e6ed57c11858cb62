// SPDX-License-Identifier: GPL-2.0

#include "lib/cgroup.h"
#include "print/field.h"
#include "tests/unit.h"

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

/* A cluster in a container, podman in podman. */
static void nested(void **state)
{
	static const char last[] = "/docker-" ID2 ".scope";
	char deep[4096 + 1];

	(void)state;
	assert_parts("/docker/" ID "/kubelet.slice/kubelet-kubepods.slice/"
		     "kubelet-kubepods-besteffort.slice/"
		     "kubelet-kubepods-besteffort-pod0123abcd_4567_89ab_cdef_0123456789ab.slice/"
		     "cri-containerd-" ID2 ".scope",
		     "cri-containerd-" ID2 ".scope", ID2);
	assert_parts("/docker/" ID "/kubepods/besteffort/"
		     "pod0123abcd-4567-89ab-cdef-0123456789ab/" ID2,
		     NULL, ID2);
	assert_parts("/machine.slice/libpod-" ID ".scope/container/libpod_parent/libpod-" ID2,
		     "libpod-" ID ".scope", ID2);
	assert_parts("/machine.slice/libpod-" ID ".scope/container/"
		     "machine.slice/libpod-" ID2 ".scope/container",
		     "libpod-" ID2 ".scope", ID2);
	memset(deep, 'd', sizeof(deep));
	memcpy(deep, "/docker/" ID "/", strlen("/docker/" ID "/"));
	memcpy(deep + sizeof(deep) - sizeof(last), last, sizeof(last));
	assert_parts(deep, "docker-" ID2 ".scope", ID2);
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
	assert_parts("/system.slice/system-getty.slice/getty@tty1.service",
		     "getty@tty1.service", NULL);
	assert_parts("/system.slice/web@a\\x2db.service",
		     "web@a\\x2db.service", NULL);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/init.scope",
		     "init.scope", NULL);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.x-12.scope",
		     "app-org.x-12.scope", NULL);
	assert_parts("/system.slice/mnt-far.mount", "mnt-far.mount", NULL);
	assert_parts("/system.slice/web.socket", "web.socket", NULL);
	assert_parts("/system.slice", NULL, NULL);
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
	assert_parts("/docker/" ID "/init", NULL, ID);
	/* Of a user, with either driver. */
	assert_parts("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope",
		     "docker-" ID ".scope", ID);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/docker.service/docker/" ID,
		     "docker.service", ID);
	/* systemd inside */
	assert_parts("/system.slice/docker-" ID ".scope/init.scope",
		     "init.scope", ID);
	assert_parts("/system.slice/docker.service", "docker.service", NULL);
}

static void in_podman(void **state)
{
	(void)state;
	assert_parts("/machine.slice/libpod-" ID ".scope/container",
		     "libpod-" ID ".scope", ID);
	assert_parts("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
		     "libpod-" ID ".scope", ID);
	assert_parts("/libpod_parent/libpod-" ID, NULL, ID);
	assert_parts("/machine.slice/"
		     "machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope/container",
		     "libpod-" ID ".scope", ID);
	assert_parts("/system.slice/web.service/libpod-payload-" ID,
		     "web.service", ID);
	assert_parts("/system.slice/web.service/supervisor", "web.service",
		     NULL);
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
	assert_parts("/kubepods.slice/kubepods-burstable.slice/"
		     "kubepods-burstable-pod6a_7b.slice/docker-" ID ".scope",
		     "docker-" ID ".scope", ID);
	assert_parts("/kubepods/besteffort/pod1/" ID, NULL, ID);
	assert_parts("/kubepods/pod1/" ID, NULL, ID);
	assert_parts("/kubepods.slice/crio-" ID ".scope/container",
		     "crio-" ID ".scope", ID);
	/* kind: a node that is a container itself */
	assert_parts("/system.slice/"
		     "docker-" ID2 ".scope/kubelet.slice/"
		     "kubelet-kubepods.slice/cri-containerd-" ID ".scope",
		     "cri-containerd-" ID ".scope", ID);
	assert_parts("/system.slice/docker-" ID2 ".scope/system.slice/kubelet.service",
		     "kubelet.service", ID2);
	/* containerd without Kubernetes */
	assert_parts("/system.slice/nerdctl-" ID ".scope",
		     "nerdctl-" ID ".scope", ID);
	assert_parts("/default/" ID, NULL, ID);
	assert_parts("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID,
		     "containerd.service", ID);
}

static void in_lxc(void **state)
{
	(void)state;
	assert_parts("/lxc.payload.web/system.slice/nginx.service",
		     "nginx.service", "web");
	assert_parts("/lxc.payload.web/docker/" ID, NULL, ID);
	assert_parts("/user.slice/user-1000.slice/session-1.scope/lxc.payload.web",
		     "session-1.scope", "web");
	assert_parts("/lxc.monitor.web", NULL, NULL);
	assert_parts("/lxc/web", NULL, "web");
	assert_parts("/lxc/100/ns/system.slice/nginx.service",
		     "nginx.service", "100");
	assert_parts("/lxc.payload/web/init.scope", "init.scope", "web");
	assert_parts("/lxc.monitor/100", NULL, NULL);
	assert_parts("/lxc", NULL, NULL);
	assert_parts("/a/lxc/web", NULL, NULL);
	assert_parts("lxc/web", NULL, "web");
}

static void in_nspawn(void **state)
{
	(void)state;
	assert_parts("/machine.slice/systemd-nspawn@web.service/payload",
		     "systemd-nspawn@web.service", "web");
	assert_parts("/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
		     "nginx.service", "web");
	assert_parts("/machine.slice/systemd-nspawn@web.service/supervisor",
		     "systemd-nspawn@web.service", NULL);
	assert_parts("/machine.slice/systemd-nspawn@.service",
		     "systemd-nspawn@.service", NULL);
	assert_parts("/machine.slice/machine-web.scope/payload",
		     "machine-web.scope", "web");
	assert_parts("/machine.slice/machine-web.scope/supervisor",
		     "machine-web.scope", NULL);
	assert_parts("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
		     "machine-qemu\\x2d1\\x2dvm.scope", NULL);
}

static void assert_container(const char *path, const char *expected)
{
	struct value v = { 0 };

	value_container(&v, path);
	assert_int_equal(v.type, VALUE_STRING);
	assert_int_equal(v.len, strlen(expected));
	assert_memory_equal(v.str, expected, v.len);
}

static void escaped_names(void **state)
{
	(void)state;
	assert_container("/machine.slice/machine-my\\x2dweb.scope/payload",
			 "my-web");
	assert_container("/machine.slice/systemd-nspawn@a\\x2db\\x2dc.service",
			 "a-b-c");
	assert_container("/lxc.payload.\\x2", "\\x2");
	assert_container("/lxc.payload.\\xzz\\x00\\", "\\xzz\\x00\\");
	assert_container("/lxc.payload.\\x2d" ID ID, "\\x2d" ID ID);
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
		cmocka_unit_test(nested),
		cmocka_unit_test(units),
		cmocka_unit_test(in_docker),
		cmocka_unit_test(in_podman),
		cmocka_unit_test(kubernetes),
		cmocka_unit_test(in_lxc),
		cmocka_unit_test(in_nspawn),
		cmocka_unit_test(escaped_names),
		cmocka_unit_test(almost_identifiers),
		cmocka_unit_test(shown_as_unit),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
