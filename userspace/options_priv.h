/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by options.c and options_cmd.c only. */
#ifndef PORTOWNER_OPTIONS_PRIV_H
#define PORTOWNER_OPTIONS_PRIV_H

#include <argp.h>

#include "options.h"
#include "util.h"

/* Options without a letter. */
enum {
	KEY_NO_HEADINGS = 0x100,
	KEY_COLOR,
	KEY_SOURCE,
	KEY_PROTO,
	KEY_PID,
	KEY_UID,
	KEY_STATE,
	KEY_SINCE,
	KEY_REUSEADDR,
	KEY_REUSEPORT,
	KEY_V6ONLY,
	KEY_FREEBIND,
	KEY_DEV,
	KEY_LISTEN,
	KEY_BOUND,
	KEY_LISTENING,
	KEY_FREE,
	KEY_TIMEOUT,
};

extern const struct argp log_argp;
extern const struct argp check_argp;
extern const struct argp wait_argp;

__printf(1, 2)
int options_usage(const char *fmt, ...);
void options_note(struct options *o, enum option_group group,
		  const struct argp_option *options, int key);

#endif /* PORTOWNER_OPTIONS_PRIV_H */
