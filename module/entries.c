// SPDX-License-Identifier: GPL-2.0
/*
 * See the entry to functions by ftrace, at a tenth of what a probe costs that
 * waits for their return.
 */

#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "calls.h"

#ifdef PO_ENTRY_FLAGS

static int po_entry_register(struct po_entry *entry)
{
	if (entry->direct)
		return po_register_direct(entry->ops, entry->direct);

	return register_ftrace_function(entry->ops);
}

static void po_entry_unregister(struct po_entry *entry)
{
	if (entry->direct)
		po_unregister_direct(entry->ops, entry->direct);
	else
		unregister_ftrace_function(entry->ops);
}

/**
 * po_entry_add() - see the entry to some functions
 * @entry: which, and by what; its @in_place is set if all goes well
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: -EBUSY if ftrace is switched off, or somebody
 * else is called directly already, -EINVAL if there is no such function.
 */
int po_entry_add(struct po_entry *entry)
{
	char symbol[32];
	unsigned int i;
	int err = 0;

	/* Without a list it would be all functions of the kernel. */
	for (i = 0; i < ARRAY_SIZE(entry->symbols) && !err; i++) {
		if (!entry->symbols[i])
			break;
		strscpy(symbol, entry->symbols[i], sizeof(symbol));
		err = ftrace_set_filter(entry->ops, (void *)symbol,
					strlen(symbol), false);
	}
	if (!err)
		err = po_entry_register(entry);
	entry->in_place = !err;
	if (err)
		po_entry_remove(entry);

	return err;
}

/**
 * po_entry_remove() - undo po_entry_add()
 * @entry: what to see no more; nothing happens if it is not seen
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_entry_remove(struct po_entry *entry)
{
	if (entry->in_place)
		po_entry_unregister(entry);
	entry->in_place = false;
	/* The list of functions is memory, too. */
	ftrace_set_filter(entry->ops, NULL, 0, true);
}

#endif /* PO_ENTRY_FLAGS */
