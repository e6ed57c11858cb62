/* SPDX-License-Identifier: GPL-2.0 */
/* Run a command against the fake module, and examine its output. */
#ifndef PORTOWNER_TESTS_HARNESS_H
#define PORTOWNER_TESTS_HARNESS_H

#include <json-c/json.h>

#include "cmd/cmd.h"
#include "tests/fake_client.h"
#include "tests/messages.h"
#include "tests/unit.h"

/* Output, messages and exit status of the last command. */
extern char *output;
extern char said[1024];
extern int status;

/* JSON keys in order, NULL at the end. */
extern const char * const socket_keys[];
extern const char * const owner_keys[];
extern const char * const binder_keys[];
extern const char * const reject_keys[];
extern const char * const stats_keys[];

int parse_line(const char *line, struct options *options);
void run(struct command command, const char *line);
void run_on_terminal(struct command command, const char *line,
		     const char *columns);

struct json_object *parsed(const char *text);
struct json_object *member(struct json_object *json, const char *key);
struct json_object *element(struct json_object *json, const char *key,
			    size_t i);
int count(struct json_object *json, const char *key);
void assert_keys(struct json_object *json, const char * const *keys);
void assert_json(struct json_object *json, const char *key,
		 const char *expected);

/* Words that may be folded anywhere. */
void assert_words(const char *text, const char *words);

int setup(void **state);
int teardown(void **state);

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif /* PORTOWNER_TESTS_HARNESS_H */
