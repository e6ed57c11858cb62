/* SPDX-License-Identifier: GPL-2.0 */
/* A refusal whose holder the test chooses, and the output of "why". */
#ifndef PORTOWNER_TESTS_SCENE_H
#define PORTOWNER_TESTS_SCENE_H

#include "model/model.h"
#include "tests/harness.h"

/* A refusal, the socket in the way, and its holder. */
extern struct scene {
	struct reject reject;
	struct psock sock;
	struct owner owners[100];
	struct binder binder;
} scene;

static inline char *text(const char *constant)
{
	/* The model's strings are not constant, but nothing here changes them. */
	return (char *)constant;
}

void set_address(struct endpoint *ep, const char *addr);

/* A listening socket of one process, bound a minute earlier. */
void scene_start(void);

/* The sentences and the advice of the report in one text. */
void scene_ask(bool still);

void says(const char *words);
void says_not(const char *words);

#endif /* PORTOWNER_TESTS_SCENE_H */
