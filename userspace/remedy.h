/* SPDX-License-Identifier: GPL-2.0 */
/* What can be done about a refused bind, as advice in a story. */
#ifndef PORTOWNER_REMEDY_H
#define PORTOWNER_REMEDY_H

#include "situation.h"
#include "story.h"

bool is_plain_word(const char *text, size_t len);
char *newcomer(const struct situation *sit);
char *remedy_there(const struct situation *sit, char *command);

void remedy_start_again(const struct situation *sit, struct story *story);
void remedy_stop(const struct situation *sit, struct story *story);
void remedy_elsewhere(const struct situation *sit, struct story *story);
void remedy_address(const struct situation *sit, struct story *story);
void remedy_option(const struct situation *sit, struct story *story,
		   __u32 flag);
void remedy_ask_again(const struct situation *sit, struct story *story);
void remedy_v6only(const struct situation *sit, struct story *story);
void remedy_reserve(const struct situation *sit, struct story *story);

#endif /* PORTOWNER_REMEDY_H */
