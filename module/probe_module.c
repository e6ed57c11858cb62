// SPDX-License-Identifier: GPL-2.0
/* A probe on a function of another module, which may come and go. */

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include "internal.h"

static DEFINE_MUTEX(po_mutex);		/* po_probed */
static struct kretprobe *po_probe;
static const char *po_module;
static bool po_probed;

static void po_probe_set(void)
{
	mutex_lock(&po_mutex);
	if (!po_probed) {
		/* Left from where the module was before; the symbol says where it is. */
		po_probe->kp.addr = NULL;
		po_probe->kp.flags = 0;
		po_probed = !register_kretprobe(po_probe);
	}
	mutex_unlock(&po_mutex);
}

/* If the module is going the kernel has disabled the probe, but has it still. */
static void po_probe_remove(void)
{
	mutex_lock(&po_mutex);
	if (po_probed)
		unregister_kretprobe(po_probe);
	po_probed = false;
	mutex_unlock(&po_mutex);
}

static int po_module_event(struct notifier_block *nb, unsigned long event,
			   void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, po_module))
		return NOTIFY_DONE;

	if (event == MODULE_STATE_LIVE)
		po_probe_set();
	else if (event == MODULE_STATE_GOING)
		po_probe_remove();

	return NOTIFY_DONE;
}

static struct notifier_block po_notifier = {
	.notifier_call	= po_module_event,
};

/**
 * po_probe_module() - probe a function whenever its module is there
 * @probe: probe, named by the symbol
 * @module: name of the module; the kernel may have it built in as well
 *
 * There can be one such probe.
 *
 * Context: may sleep.
 */
void po_probe_module(struct kretprobe *probe, const char *module)
{
	po_probe = probe;
	po_module = module;
	register_module_notifier(&po_notifier);
	po_probe_set();
}

/**
 * po_unprobe_module() - undo po_probe_module()
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_unprobe_module(void)
{
	unregister_module_notifier(&po_notifier);
	po_probe_remove();
}
