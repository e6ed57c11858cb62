// SPDX-License-Identifier: GPL-2.0
/* A probe on a function of another module, which may be loaded and unloaded. */

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "probes/call.h"
#include "probes/probes.h"

/* Set once, by po_probe_module(). */
static struct kretprobe *po_late_probe;
static const char *po_late_module;

static DEFINE_MUTEX(po_late_mutex);
static bool po_late_probed;		/* po_late_mutex */

/*
 * Calls missed by earlier registrations, since each starts a new count. The lock
 * protects this, and resetting the counters of the probe; those who read them
 * do not wait for a registration.
 */
static DEFINE_SPINLOCK(po_late_missed_lock);
static struct po_missed po_late_missed_before;

static void po_late_probe_register(void)
{
	mutex_lock(&po_late_mutex);
	if (!po_late_probed) {
		/* Resolve the symbol anew: the module may have moved. */
		po_late_probe->kp.addr = NULL;
		po_late_probe->kp.flags = 0;
		po_late_probed = !register_kretprobe(po_late_probe);
	}
	mutex_unlock(&po_late_mutex);
}

/* If the module is going away, the probe is disabled but still registered. */
static void po_late_probe_unregister(void)
{
	mutex_lock(&po_late_mutex);
	if (po_late_probed) {
		unregister_kretprobe(po_late_probe);
		spin_lock(&po_late_missed_lock);
		po_missed_add(&po_late_missed_before, po_late_probe);
		po_late_probe->nmissed = 0;
		po_late_probe->kp.nmissed = 0;
		spin_unlock(&po_late_missed_lock);
	}
	po_late_probed = false;
	mutex_unlock(&po_late_mutex);
}

static int po_late_module_event(struct notifier_block *nb, unsigned long event,
				void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, po_late_module))
		return NOTIFY_DONE;

	if (event == MODULE_STATE_LIVE)
		po_late_probe_register();
	else if (event == MODULE_STATE_GOING)
		po_late_probe_unregister();

	return NOTIFY_DONE;
}

static struct notifier_block po_late_notifier = {
	.notifier_call	= po_late_module_event,
};

/**
 * po_probe_module() - probe a function whenever its module is loaded
 * @probe: probe, identified by symbol name
 * @module: name of the module, which may also be built into the kernel
 *
 * Supports only one such probe.
 *
 * Context: may sleep.
 */
void po_probe_module(struct kretprobe *probe, const char *module)
{
	po_late_module = module;
	WRITE_ONCE(po_late_probe, probe);
	register_module_notifier(&po_late_notifier);
	po_late_probe_register();
}

/**
 * po_unprobe_module() - undo po_probe_module()
 *
 * Context: may sleep. No handler runs any more when it returns.
 */
void po_unprobe_module(void)
{
	unregister_module_notifier(&po_late_notifier);
	po_late_probe_unregister();
}

/**
 * po_late_missed() - count calls that the probe did not see
 * @missed: numbers since po_probe_module(), by cause, are added to it
 *
 * Context: process context; also before po_probe_module().
 */
void po_late_missed(struct po_missed *missed)
{
	const struct kretprobe *probe = READ_ONCE(po_late_probe);

	spin_lock(&po_late_missed_lock);
	missed->no_instance += po_late_missed_before.no_instance;
	missed->nested += po_late_missed_before.nested;
	if (probe)
		po_missed_add(missed, probe);
	spin_unlock(&po_late_missed_lock);
}
