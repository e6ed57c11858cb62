/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets to a port without a socket go, in words and in JSON. */
#ifndef PORTOWNER_REDIRECTS_H
#define PORTOWNER_REDIRECTS_H

#include "model/redirect.h"

struct json_object;

bool redirects_known(const struct redirect_list *list);
char *redirects_note(const struct redirect_list *list);
char *redirects_words(const struct redirect_list *list);
void redirects_add_json(struct json_object *array, const char *target,
			const struct redirect_list *list);

#endif /* PORTOWNER_REDIRECTS_H */
