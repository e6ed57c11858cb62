/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of JSON, for commands that print more than the model contains. */
#ifndef PORTOWNER_JSON_H
#define PORTOWNER_JSON_H

#include <stdio.h>
#include <linux/types.h>

struct check;
struct json_object;
struct psock;
struct reject;
struct sharing;

struct json_object *json_checked(struct json_object *json);
struct json_object *json_check(const struct check *check, const char *source);
struct json_object *json_reject(const struct reject *reject);
struct json_object *json_socket(const struct psock *sock,
				struct sharing *sharing);
void json_add_element(struct json_object *array, const char *text);
void json_add_bytes(struct json_object *object, const char *key,
		    const char *bytes);
void json_add_number(struct json_object *object, const char *key, __u64 num);
void json_add_text(struct json_object *object, const char *key,
		   const char *text);
void json_print(struct json_object *json);
void json_write(FILE *out, struct json_object *json);

#endif /* PORTOWNER_JSON_H */
