// SPDX-License-Identifier: GPL-2.0
/* What to do when the kernel module is not loaded. */

#include "lib/host.h"
#include "lib/loading.h"
#include "lib/util.h"

#define BUILD		\
	"install portowner-dkms and the headers of this kernel, then "
#define MODPROBE	"%srun modprobe portowner as root"
#define SIGNED_ONLY	\
	MODPROBE "; this kernel takes only modules that are signed by a key it knows"

/**
 * loading_advice() - How to load the module on this host.
 *
 * Whether the kernel would accept the module is unpredictable, because not
 * every user may read which keys it trusts. The DKMS key is therefore named
 * wherever the kernel requires signatures.
 *
 * Return: part of a line, to be freed.
 */
char *loading_advice(void)
{
	const char *build = host_lacks_module() ? BUILD : "";
	const char *key;

	if (!host_wants_signatures())
		return xasprintf(MODPROBE, build);
	key = host_signing_key();
	if (!key)
		return xasprintf(SIGNED_ONLY, build);
	return xasprintf(SIGNED_ONLY ": if it refuses, run mokutil --import %s "
			 "and confirm at the next boot", build, key);
}
