// SPDX-License-Identifier: GPL-2.0
/* json-c objects: how they are filled and printed. */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/escape.h"
#include "print/json.h"
#include "print/json_priv.h"

/**
 * json_checked() - Exit if json-c had no memory for an object.
 * @json: what json-c returned
 *
 * Return: the same.
 */
struct json_object *json_checked(struct json_object *json)
{
	if (!json)
		exit(complain(STATUS_FAILED, "out of memory"));
	return json;
}

/**
 * json_string() - Convert untrusted bytes to a string.
 * @v: the bytes
 *
 * Return: the string.
 */
struct json_object *json_string(const struct value *v)
{
	char *text = escape_utf8(v->str, v->len);
	struct json_object *json = json_checked(json_object_new_string(text));

	free(text);
	return json;
}

/**
 * json_add_bytes() - Add a string of untrusted bytes to an object.
 * @object: the object
 * @key: its key, a constant
 * @bytes: the string; NULL adds null
 */
void json_add_bytes(struct json_object *object, const char *key,
		    const char *bytes)
{
	struct value v = { 0 };

	value_string(&v, bytes);
	json_object_object_add(object, key, bytes ? json_string(&v) : NULL);
}

/**
 * json_add_number() - Add a number to an object.
 * @object: the object
 * @key: its key, a constant
 * @num: the number
 */
void json_add_number(struct json_object *object, const char *key, __u64 num)
{
	json_object_object_add(object, key,
			       json_checked(json_object_new_uint64(num)));
}

/**
 * json_add_text() - Add a string to an object.
 * @object: the object
 * @key: its key, a constant
 * @text: the string; NULL adds null
 */
void json_add_text(struct json_object *object, const char *key,
		   const char *text)
{
	json_object_object_add(object, key, !text ? NULL :
			       json_checked(json_object_new_string(text)));
}

/**
 * json_add_element() - Add a string to an array.
 * @array: the array
 * @text: the string
 */
void json_add_element(struct json_object *array, const char *text)
{
	json_object_array_add(array, json_checked(json_object_new_string(text)));
}

/**
 * json_write() - Write an object to a stream, and free it.
 * @out: the stream
 * @json: the object
 */
void json_write(FILE *out, struct json_object *json)
{
	const char *text;

	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		json_checked(NULL);
	escape_json_print(out, text);
	json_object_put(json);
}

/**
 * json_print() - Print an object, and free it.
 * @json: the object
 */
void json_print(struct json_object *json)
{
	json_write(stdout, json);
}
