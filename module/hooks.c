// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind, listen and automatic bind.
 *
 * A socket that needs a port, and has none, gets one in inet_autobind() if it
 * is no TCP socket. Those get it within connect(), see connect.c.
 */

#include <linux/in.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <net/inet_sock.h>

#include "calls.h"
#include "internal.h"

/* int (struct sock *sk) */
static int po_autobind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	*(struct sock **)ri->data = (void *)regs_get_kernel_argument(regs, 0);

	return 0;
}

static int po_autobind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	struct sock *sk = *(struct sock **)ri->data;
	int err = (int)regs_return_value(regs);

	if (err >= 0)
		po_binder_record(sk);
	else
		po_autobind_refused(sk, err);

	return 0;
}

/* It waits for nothing but the lock of its socket. */
#define PO_AT_ONCE_AUTOBIND	64

static struct kretprobe po_autobind_probe =
	PO_PROBE("inet_autobind", po_autobind_entry, po_autobind_return,
		 sizeof(struct sock *), PO_AT_ONCE_AUTOBIND);

/* Whether calls are seen from the outside; init alone writes it. */
static bool po_outer;
/* Whether that is in place; init and exit alone touch it. */
static bool po_autobind_probed;

/**
 * po_hooks_init() - begin to see binds
 *
 * Return: 0 or a negative errno.
 */
int po_hooks_init(void)
{
	int err = po_outer_init();

	po_outer = !err;
	if (err == -EBUSY) {
		pr_err("kernel.ftrace_enabled is 0: no probe would see anything\n");
		return err;
	}
	if (err) {
		if (err != -EOPNOTSUPP)
			pr_info("binds are seen at a higher cost: %pe\n",
				ERR_PTR(err));
		err = po_direct_init();
	}
	if (err)
		return err;

	err = register_kretprobe(&po_autobind_probe);
	po_autobind_probed = !err;
	if (err)
		pr_info("automatic binds are not seen: %pe\n", ERR_PTR(err));
	err = po_connect_init();
	if (err)
		pr_info("refusals in TCP connect() are not seen: %pe\n",
			ERR_PTR(err));
	po_probe_module(&po_sctp_probe, "sctp");

	return 0;
}

/**
 * po_hooks_exit() - see no more binds
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_hooks_exit(void)
{
	po_unprobe_module();
	if (po_autobind_probed)
		unregister_kretprobe(&po_autobind_probe);
	if (po_outer)
		po_outer_exit();
	po_direct_exit();
	/*
	 * ORDER: ftrace waits until each task was in user space or slept, which
	 * may take very long while refusals are recorded.
	 */
	po_connect_exit();
	/* ORDER: those before may use these. */
	po_under_way_exit();
}

/**
 * po_hooks_missed() - calls that no probe saw
 *
 * Return: their number since the module was loaded.
 */
u64 po_hooks_missed(void)
{
	return (po_outer ? po_outer_missed() : po_direct_missed()) +
	       po_sctp_probe.nmissed + po_sctp_probe.kp.nmissed +
	       po_connect_missed() + po_autobind_probe.nmissed +
	       po_autobind_probe.kp.nmissed;
}
