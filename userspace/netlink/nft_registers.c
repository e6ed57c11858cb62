// SPDX-License-Identifier: GPL-2.0
/* nftables registers, each byte of which is known or unknown. */

#include <string.h>
#include <linux/netfilter/nf_tables.h>

#include "netlink/nft_priv.h"

/**
 * register_at() - Offset of a register among all registers.
 * @attr: number of the register
 * @len: bytes that have to fit
 *
 * Return: offset of its first byte, or -1 if there is no such register.
 */
int register_at(const struct nlattr *attr, size_t len)
{
	__u32 reg = nft_number(attr);
	size_t at;

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		at = (reg - NFT_REG_1) * NFT_REG_SIZE;
	else if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		at = (reg - NFT_REG32_00) * NFT_REG32_SIZE;
	else
		return -1;
	return len <= NFT_BYTES - at ? (int)at : -1;
}

/**
 * regs_forget() - Mark all registers as unknown.
 * @regs: the registers
 */
void regs_forget(struct registers *regs)
{
	memset(regs->known, 0, sizeof(regs->known));
}

/**
 * regs_put() - Put bytes into a register.
 * @regs: the registers, which are filled in units of four bytes
 * @dreg: number of the register
 * @bytes: the bytes, if @known
 * @len: number of bytes
 * @known: KNOWN and OF_PORT, or 0 if the bytes are unknown
 */
void regs_put(struct registers *regs, const struct nlattr *dreg,
	      const void *bytes, size_t len, int known)
{
	size_t room = (len + NFT_REG32_SIZE - 1) / NFT_REG32_SIZE *
		      NFT_REG32_SIZE;
	int at = register_at(dreg, room);

	if (at < 0)
		return;
	memset(regs->v + at, 0, room);
	memset(regs->known + at, known ? KNOWN : 0, room);
	if (!known)
		return;
	memcpy(regs->v + at, bytes, len);
	memset(regs->known + at, known, len);
}

/**
 * regs_put_unknown() - Put unknown bytes into a register.
 * @regs: the registers
 * @dreg: number of the register
 * @len: number of bytes
 */
void regs_put_unknown(struct registers *regs, const struct nlattr *dreg,
		      size_t len)
{
	regs_put(regs, dreg, NULL, len, 0);
}

/**
 * regs_order() - Compare a register with bytes by order.
 * @regs: the registers
 * @at: offset of the register
 * @bytes: the bytes
 * @len: number of bytes
 * @known: gets added what is known about the register
 *
 * Return: -1, 0 or 1 as for memcmp(), or 2 if it depends on something unknown.
 */
int regs_order(const struct registers *regs, int at, const unsigned char *bytes,
	       size_t len, int *known)
{
	bool all = true;
	size_t i;
	int diff;

	for (i = 0; i < len; i++) {
		*known |= regs->known[at + i];
		all &= regs->known[at + i] != 0;
	}
	if (!all)
		return 2;
	diff = memcmp(regs->v + at, bytes, len);
	return (diff > 0) - (diff < 0);
}

/**
 * regs_equal() - Do all known bytes of a register equal others?
 * @regs: the registers
 * @at: offset of the register
 * @bytes: the bytes
 * @len: number of bytes
 * @known: gets added what is known about the register
 *
 * Return: the answer.
 */
enum nft_match regs_equal(const struct registers *regs, int at,
			  const unsigned char *bytes, size_t len, int *known)
{
	enum nft_match match = NFT_YES;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!regs->known[at + i])
			match = NFT_MAYBE;
		else if (regs->v[at + i] != bytes[i])
			return NFT_NO;
		*known |= regs->known[at + i];
	}
	return match;
}

/**
 * regs_get() - Get the contents of a register, if all of it is known.
 * @regs: the registers
 * @sreg: number of the register, or NULL
 * @bytes: set to the contents
 * @len: number of bytes
 *
 * Return: true if all of it is known.
 */
bool regs_get(const struct registers *regs, const struct nlattr *sreg,
	      void *bytes, size_t len)
{
	int at = sreg ? register_at(sreg, len) : -1;

	if (at < 0 || memchr(regs->known + at, 0, len))
		return false;
	memcpy(bytes, regs->v + at, len);
	return true;
}
