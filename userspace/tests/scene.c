// SPDX-License-Identifier: GPL-2.0
/* A refusal whose holder the test chooses, and the output of "why". */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "explain/explain.h"
#include "lib/time_fmt.h"
#include "tests/scene.h"

struct scene scene;

void set_address(struct endpoint *ep, const char *addr)
{
	ep->family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, addr, ep->addr), 1);
}

void scene_start(void)
{
	fake_reset();
	fake.netns = 1;
	memset(&scene, 0, sizeof(scene));
	scene.reject = (struct reject){
		.seq = 1, .err = EADDRINUSE, .op = PORTOWNER_REJECT_OP_BIND,
		.ep = { .proto = IPPROTO_TCP, .port = 80 }, .netns = 1,
		.pid = 777, .comm = text("new"), .exe = text("/srv/new"),
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE, .count = 1,
		.time_ns = 3600 * NSEC_PER_SEC,
		.first_time_ns = 3600 * NSEC_PER_SEC,
	};
	set_address(&scene.reject.ep, "0.0.0.0");
	scene.sock = (struct psock){
		.ep = scene.reject.ep, .state = PORTOWNER_STATE_LISTEN,
		.netns = 1, .cookie = 9, .inode = 9, .has_uid = true,
		.has_age = true, .age_ns = 60 * NSEC_PER_SEC,
		.owners = scene.owners, .n_owners = 1,
	};
	scene.owners[0] = (struct owner){
		.pid = 5, .comm = text("old"), .exe = text("/srv/old"),
	};
}

void scene_ask(bool still)
{
	struct psock_list now = { .v = &scene.sock, .n = still };
	struct context ctx = {
		.reject = &scene.reject, .now = &now, .numeric = true,
	};
	struct report report = { 0 };
	char *part, *all;
	size_t i;

	scene.reject.culprits.v = &scene.sock;
	scene.reject.culprits.n = !!scene.sock.cookie;
	context_find(&ctx);
	explain_facts(&ctx, &report);
	explain_rule(&ctx, &report);
	free(output);
	output = report_text(&report);
	for (i = 0; i < report.n_advice; i++) {
		part = report_advice_text(&report.advice[i]);
		all = xasprintf("%s\n- %s", output, part);
		free(part);
		free(output);
		output = all;
	}
	context_forget(&ctx);
	report_free(&report);
}

void says(const char *words)
{
	assert_words(output, words);
}

void says_not(const char *words)
{
	if (strstr(output, words))
		fail_msg("'%s' in: %s", words, output);
}
