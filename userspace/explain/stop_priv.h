/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of advice_stop(), each for one kind of holder. */
#ifndef PORTOWNER_STOP_PRIV_H
#define PORTOWNER_STOP_PRIV_H

#include "explain/context.h"
#include "explain/report.h"

bool service_is_same(const struct reject *reject, const struct psock *sock);
bool machine_holds(const struct psock *sock);
bool socket_unit_is_way_in(const struct psock *sock);
const struct owner *login_session(const struct psock *sock);
const struct owner *ssh_master(const struct psock *sock);
bool login_holds(const struct psock *sock);
bool reserved_holds(const struct psock *sock);
bool runner_holds(const struct psock *sock);
bool desktop_holds(const struct psock *sock);
bool stop_suspended(const struct psock *sock);
const struct owner *stop_deaf(const struct psock *sock);
char *container_thaw(const char *cgroup);
void stop_frozen(struct report *report, const struct psock *sock);
char *stop_kill_command(const struct context *ctx, const struct psock *sock);
void stop_end(const struct context *ctx, struct report *report,
	      const struct psock *sock, char *words);

/* Those that return false have nothing to say of this holder. */
bool stop_container(const struct context *ctx, struct report *report,
		    const struct psock *sock, const char *who);
bool stop_machine(struct report *report, const struct psock *sock);
bool stop_login(const struct context *ctx, struct report *report,
		const struct psock *sock);
bool stop_needed(struct report *report, const struct psock *sock);
bool stop_desktop(struct report *report, const struct psock *sock);
bool stop_reserved(struct report *report, const struct psock *sock);
bool stop_runner(struct report *report, const struct psock *sock);
bool stop_supervised(const struct context *ctx, struct report *report,
		     const struct psock *sock);
bool stop_service(const struct context *ctx, struct report *report,
		  const struct psock *sock, const char *who);
void stop_just_it(const struct context *ctx, struct report *report,
		  const struct psock *sock);
void stop_socket_unit(struct report *report, const struct psock *sock);
void stop_kernel(const struct context *ctx, struct report *report,
		 const struct psock *sock);

#endif /* PORTOWNER_STOP_PRIV_H */
