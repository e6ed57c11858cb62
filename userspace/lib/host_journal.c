// SPDX-License-Identifier: GPL-2.0
/*
 * The journal, and the service manager, through libsystemd. It is loaded only by
 * who writes there: with the libraries that it needs in turn, it would cost every
 * other run of the tool more than all that the run does.
 */

#include <dlfcn.h>

/* Where in this source an entry was made tells nobody anything. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "lib/host_journal.h"
#include "lib/util.h"

#define LIBRARY	"libsystemd.so.0"

static typeof(sd_journal_sendv) *sendv;
static typeof(sd_notify) *notify;

/**
 * host_journal_open() - Load what is needed.
 *
 * Return: true if it is there; has said what is wrong if not.
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
 * @fields: FIELD=value each
 * @n: how many
 *
 * Return: 0, or a negative errno.
 */
int host_journal_send(const struct iovec *fields, int n)
{
	return sendv(fields, n);
}

/**
 * host_journal_ready() - Tell the service manager, if there is one, that we are.
 */
void host_journal_ready(void)
{
	notify(0, "READY=1");
}
