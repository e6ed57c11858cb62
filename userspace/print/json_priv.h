/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the files that print JSON. */
#ifndef PORTOWNER_JSON_PRIV_H
#define PORTOWNER_JSON_PRIV_H

#include "print/field.h"

struct json_object;
struct sharing;

struct json_object *json_string(const struct value *v);
struct json_object *json_value(const struct subject *s, const struct value *v);
void json_print_subject(const struct field *fields, const struct subject *s);
void json_print_sockets(const struct psock_list *list, struct sharing *sharing);

#endif /* PORTOWNER_JSON_PRIV_H */
