/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel macros that cppcheck needs to parse the module; it does not see the kernel's headers. */
#define hlist_for_each_entry(pos, head, member)	\
	for (pos = next_of(head); pos; pos = next_of(pos))
#define hlist_for_each_entry_rcu hlist_for_each_entry
#define hlist_for_each_entry_safe(pos, tmp, head, member) \
	for (pos = next_of(head); tmp = next_of(pos), pos; pos = tmp)
#define hlist_nulls_for_each_entry(pos, node, head, member) \
	for (node = next_of(head); pos = (void *)node; node = next_of(node))
#define hlist_nulls_for_each_entry_rcu hlist_nulls_for_each_entry
#define llist_for_each_entry_safe(pos, tmp, node, member) \
	for (pos = next_of(node); tmp = next_of(pos), pos; pos = tmp)
#define list_for_each_entry hlist_for_each_entry
#define list_for_each_entry_safe hlist_for_each_entry_safe
#define list_for_each_entry_rcu hlist_for_each_entry
#define list_for_each_entry_reverse hlist_for_each_entry
#define hash_for_each_possible(table, pos, member, key) hlist_for_each_entry(pos, table, member)
#define __read_mostly
#define __ro_after_init
#define __stringify(x) #x
#define sk_for_each(pos, head) hlist_for_each_entry(pos, head, x)
#define sk_for_each_rcu(pos, head) hlist_for_each_entry(pos, head, x)
#define sk_for_each_bound(pos, head) hlist_for_each_entry(pos, head, x)
#define xa_for_each(xa, index, entry) for (index = 0; entry = next_of(xa); index++)
#define for_each_possible_cpu(cpu) for (cpu = 0; next_of(cpu); cpu++)
#define for_each_process(pos) for (pos = next_of(0); pos; pos = next_of(pos))
#define for_each_thread(p, pos) for (pos = next_of(p); pos; pos = next_of(pos))
#define for_each_net(net) for (net = next_of(0); net; net = next_of(net))
#define for_each_net_rcu for_each_net
