/* SPDX-License-Identifier: GPL-2.0 */
/* IPVS answers about services. */
#ifndef PORTOWNER_IPVS_H
#define PORTOWNER_IPVS_H

#include <netlink/msg.h>

#include "model/redirect.h"

int ipvs_decode_service(struct nlmsghdr *nlh, const struct packet *packet,
			unsigned char *service, bool *found);
int ipvs_decode_server(struct nlmsghdr *nlh, const struct packet *packet,
		       struct redirect_list *list);

#endif /* PORTOWNER_IPVS_H */
