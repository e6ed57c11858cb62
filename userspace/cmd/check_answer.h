/* SPDX-License-Identifier: GPL-2.0 */
/* Check whether a bind would succeed, and print the answer. */
#ifndef PORTOWNER_CHECK_ANSWER_H
#define PORTOWNER_CHECK_ANSWER_H

#include "cmd/options.h"
#include "explain/report.h"
#include "model/check.h"
#include "source/source.h"

int check_ask(struct source *source, const struct bind_request *request,
	      struct check *check);
bool check_for_ipv6(struct source *source, const struct bind_request *request,
		    const struct check *check, struct bind_request *six,
		    struct check *answer);
char *check_note_ipv6(const struct bind_request *six,
		      const struct check *answer);
int check_servers(struct source *source, const struct reject *would,
		  struct psock_list *servers);
void check_print_json(const struct options *options,
		      const struct bind_request *request,
		      const struct check *check, const char *note,
		      const char *source);
void check_print(const struct options *options, const struct columns *columns,
		 const struct bind_request *request, const struct check *check);
void check_report(const struct bind_request *request, const struct check *check,
		  bool numeric, struct report *report);

#endif /* PORTOWNER_CHECK_ANSWER_H */
