/* SPDX-License-Identifier: GPL-2.0 */
/* The address of a refusal, and its device: private to the files about unusable addresses. */
#ifndef PORTOWNER_PLACE_PRIV_H
#define PORTOWNER_PLACE_PRIV_H

#include <stdio.h>

#include "explain/advice.h"

/**
 * struct place - An address, and the device concerned.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 * @family: AF_INET or AF_INET6
 * @address: the requested address
 * @dev: device of the reason, escaped, or NULL
 * @word: the same for a command, or NULL if it is unsafe there
 */
struct place {
	const struct context *ctx;
	struct report *report;
	FILE *out;
	int family;
	char *address;
	char *dev;
	const char *word;
};

/* A logged refusal is in the past, a check of a bind in the present. */
static inline bool is_past(const struct place *p)
{
	return p->ctx->reject->seq;
}

static inline char *in_netns(const struct place *p, char *command)
{
	return advice_in_netns(p->ctx, command);
}

void address_advise_later(const struct place *p, bool boot);
char *address_sysctl_name(const char *dev, const char *setting);
char *address_sysctl(const char *dev, const char *setting);

/* One function per reason. */
void address_not_configured(const struct place *p);
void address_other_netns(const struct place *p);
void address_interface_down(const struct place *p);
void address_tentative(const struct place *p);
void address_dad_failed(const struct place *p);
void address_ipv6_disabled(const struct place *p);
void address_other_vrf(const struct place *p);

#endif /* PORTOWNER_PLACE_PRIV_H */
