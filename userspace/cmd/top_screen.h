/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal of top. */
#ifndef PORTOWNER_TOP_SCREEN_H
#define PORTOWNER_TOP_SCREEN_H

#include "cmd/top_data.h"
#include "cmd/top_view.h"

int top_screen_open(struct top_view *view, bool color);
void top_screen_draw(const struct top_data *data, const struct top_view *view);
bool top_screen_key(struct top_view *view, wint_t *key);
void top_screen_close(void);

#endif /* PORTOWNER_TOP_SCREEN_H */
