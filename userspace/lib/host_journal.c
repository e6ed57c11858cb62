// SPDX-License-Identifier: GPL-2.0
/*
 * The journal and the service manager, through libsystemd. It is loaded only to
 * write there: with its dependencies, it costs more than everything else a run
 * of the tool does.
 */

#include <dlfcn.h>

/* The source location of an entry is of no use. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "lib/host_journal.h"
#include "lib/util.h"

#define LIBRARY	"libsystemd.so.0"

static typeof(sd_journal_sendv) *sendv;
static typeof(sd_notify) *notify;

/**
 * host_journal_open() - Load libsystemd.
 *
 * Return: true on success; otherwise the error has been reported.
 */
bool host_journal_open(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (library) {
		sendv = (typeof(sendv))dlsym(library, "sd_journal_sendv");
		notify = (typeof(notify))dlsym(library, "sd_notify");
	}
	if (sendv && notify)
		return true;
	complain(STATUS_FAILED, "cannot write to the journal: %s", dlerror());
	return false;
}

/**
 * host_journal_send() - Write one entry.
 * @fields: each as FIELD=value
 * @n: number of fields
 *
 * Return: 0, or a negative errno.
 */
int host_journal_send(const struct iovec *fields, int n)
{
	return sendv(fields, n);
}

/**
 * host_journal_ready() - Tell the service manager, if any, that we are ready.
 */
void host_journal_ready(void)
{
	notify(0, "READY=1");
}
