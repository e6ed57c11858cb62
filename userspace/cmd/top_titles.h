/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of top that are not rows. */
#ifndef PORTOWNER_TOP_TITLES_H
#define PORTOWNER_TOP_TITLES_H

#include "cmd/top_data.h"
#include "cmd/top_view.h"

char *top_title_ports(const struct top_data *data);
char *top_title_refusals(const struct top_data *data);
char *top_title_screen(const struct top_data *data,
		       const struct top_view *view);
char *top_title_lower(const struct top_data *data, const struct top_view *view);
char *top_title_help(const struct top_view *view);

#endif /* PORTOWNER_TOP_TITLES_H */
