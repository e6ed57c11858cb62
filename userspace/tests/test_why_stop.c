// SPDX-License-Identifier: GPL-2.0
/* What "why" would have stopped, and how, without harm to anything else. */

#include <locale.h>

#include "tests/scene.h"

#define USER_SERVICES "/user.slice/user-1000.slice/user@1000.service/"

static void hold(const char *comm, const char *exe, const char *cgroup)
{
	scene.owners[0] = (struct owner){
		.pid = 900, .comm = text(comm), .exe = text(exe),
		.cgroup = text(cgroup),
	};
}

/* Ending the process is like pulling the plug. */
static void machines(void **state)
{
	static const char plug[] =
		"qemu-system-x86[900] is a virtual machine: ending the process "
		"is like pulling its plug.";

	(void)state;
	scene_start();
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64",
	     "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator");
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says(plug);
	says("(port= of <graphics>, -vnc, hostfwd), or shut the machine down "
	     "(virsh shutdown NAME, if libvirt runs it); this lists those that libvirt runs: virsh list --all");
	says_not("kill");
	says_not("setsockopt");
	/* The refused program is another machine. */
	scene.reject.exe = text("/usr/bin/qemu-system-x86_64");
	scene_ask(true);
	says(plug);
	says_not("Another instance");
	/* Replaced by an upgrade; nothing else is known. */
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64 (deleted)", NULL);
	scene_ask(true);
	says(plug);
	hold("qemu-system-x86", NULL, "/qemu.slice/100.scope");
	scene_ask(true);
	says("(qm shutdown VMID); this lists them: qm list");
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64",
	     USER_SERVICES "app.slice/virtqemud.service");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("sudo -iu '#1000' XDG_RUNTIME_DIR=/run/user/1000 virsh -c qemu:///session list --all");
	fake.uid = 1000;
	scene_ask(true);
	says(": virsh -c qemu:///session list --all");
	says_not("sudo");
}

static void other_machines(void **state)
{
	(void)state;
	scene_start();
	hold("VBoxHeadless", "/usr/lib/virtualbox/VBoxHeadless",
	     "/system.slice/vboxautostart.service");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("is a virtual machine");
	says("(VBoxManage controlvm NAME acpipowerbutton); this lists them: "
	     "sudo -iu '#1000' VBoxManage list runningvms");
	says_not("systemctl");
	hold("firecracker", "/usr/bin/firecracker", NULL);
	scene_ask(true);
	says("or shut the machine down from within.");
	says_not("kill");
	/* These are no machines. */
	hold("qemu-nbd", "/usr/bin/qemu-nbd", NULL);
	scene_ask(true);
	says("kill 900");
	hold("qemu-x86_64-sta", "/usr/bin/qemu-x86_64-static", NULL);
	scene_ask(true);
	says("kill 900");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(machines),
		TEST(other_machines),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_stop", tests, NULL, NULL);
}
