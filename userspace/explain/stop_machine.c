// SPDX-License-Identifier: GPL-2.0
/* Virtual machines: ending the process is like pulling the plug. */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/exe.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Where Proxmox keeps its machines; nothing else starts QEMU there. */
#define PROXMOX "/qemu.slice/"

#define QEMU								\
	"Give its display or forwarded port another number (port= of "	\
	"<graphics>, -vnc, hostfwd), or shut the machine down "

/*
 * @program: pattern for the name of the executable
 * @cgroup: part of the path of its cgroup, or NULL for any
 * @words: what to do instead
 * @command: lists the machines, or NULL
 * @session: lists those of the user who runs it, if that is not root; or NULL
 * @everywhere: users have machines of their own, in a session or not
 */
static const struct machine {
	const char *program;
	const char *cgroup;
	const char *words;
	const char *command;
	const char *session;
	bool everywhere;
} machines[] = {
	{ "@(qemu-system-*|kvm|qemu-kvm)", PROXMOX,
	  QEMU "(qm shutdown VMID); this lists them:", "qm list", NULL, false },
	{ "@(qemu-system-*|kvm|qemu-kvm)", NULL,
	  QEMU "(virsh shutdown NAME, if libvirt runs it); this lists those "
	  "that libvirt runs:",
	  "virsh list --all",
	  "virsh -c qemu:///session list --all", false },
	{ "@(VBoxHeadless|VirtualBoxVM)", NULL,
	  "Give its forwarded port or remote display another number, or shut "
	  "the machine down (VBoxManage controlvm NAME acpipowerbutton); this lists them:",
	  "VBoxManage list runningvms", "VBoxManage list runningvms", true },
	{ "vmware-vmx*", NULL,
	  "Give its display or forwarded port another number, or shut the "
	  "machine down (vmrun stop FILE soft); this lists them:",
	  "vmrun list", NULL, false },
	{ "@(firecracker|cloud-hypervisor|crosvm)", NULL,
	  "Give what uses the port another number, or shut the machine down "
	  "from within.",
	  NULL, NULL, false },
};

/* The name of the executable, also while an upgrade replaces it. */
static char *program_of(const struct owner *owner)
{
	const char *name = exe_name(owner->exe);

	if (!name)
		return xstrdup(owner->comm);
	return xasprintf("%.*s", (int)exe_len(name), name);
}

static bool is_in(const struct owner *owner, const char *part)
{
	return owner->cgroup && strstr(owner->cgroup, part);
}

static const struct machine *machine_of(const struct owner *owner)
{
	const struct machine *machine = NULL;
	char *name = program_of(owner);
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE(machines) && !machine; i++)
		if (!fnmatch(machines[i].program, name, FNM_EXTMATCH) &&
		    (!machines[i].cgroup || is_in(owner, machines[i].cgroup)))
			machine = &machines[i];
	free(name);
	return machine;
}

static const struct owner *find_machine(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (machine_of(&sock->owners[i]))
			return &sock->owners[i];
	return NULL;
}

/**
 * machine_holds() - Does a virtual machine hold a socket?
 * @sock: the socket
 *
 * Return: true if one of the owners runs one.
 */
bool machine_holds(const struct psock *sock)
{
	return find_machine(sock);
}

static char *list_command(const struct machine *machine,
			  const struct owner *owner)
{
	bool session = is_in(owner, "/user.slice/");

	if (machine->session && owner->uid && (session || machine->everywhere))
		return service_as_user(owner->uid, session, machine->session);
	return xstrdup(machine->command);
}

/**
 * stop_machine() - Shut a virtual machine down, or have it use another port.
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if a virtual machine holds the socket.
 */
bool stop_machine(struct report *report, const struct psock *sock)
{
	const struct owner *owner = find_machine(sock);
	const struct machine *machine;
	char *who;

	if (!owner)
		return false;
	machine = machine_of(owner);
	who = phrase_process(owner->comm, owner->pid);
	report_advise(report, list_command(machine, owner),
		      "%s is a virtual machine: ending the process is like "
		      "pulling its plug. %s",
		      who, machine->words);
	free(who);
	return true;
}
