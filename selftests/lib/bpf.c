// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel programs that refuse or count: a few instructions each, so that
 * they need no compiler.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/btf.h>

#include "bpf.h"
#include "die.h"

#ifndef BTF_KIND_ENUM64
#define BTF_KIND_ENUM64	19
#endif
#ifndef ENOTSUPP
#define ENOTSUPP	524
#endif
/* A helper that kernels before 5.18 lack. */
#define FUNC_SET_RETVAL	187

#define MOV_IMM(dst, val) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (dst), .imm = (val) }
#define RSH_IMM(dst, val) \
	{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = (dst), .imm = (val) }
#define SKIP_IF_EQ(dst, val, n) \
	{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (dst), .imm = (val), \
	  .off = (n) }
#define SKIP_IF_NE(dst, val, n) \
	{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (dst), .imm = (val), \
	  .off = (n) }
/* Address of a map's value; its second half follows as NO_INSN(). */
#define LD_MAP_VALUE(dst, map) \
	{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (dst), \
	  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = (map) }
#define NO_INSN()	{ .code = 0 }
#define ATOMIC_ADD(dst, src) \
	{ .code = BPF_STX | BPF_DW | 0xc0, .dst_reg = (dst), .src_reg = (src) }
#define CALL(func)	{ .code = BPF_JMP | BPF_CALL, .imm = (func) }
#define EXIT()		{ .code = BPF_JMP | BPF_EXIT }

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int load(union bpf_attr *attr, const struct bpf_insn *insns, int nr)
{
	static char log[8192];
	int fd;

	attr->insns = (unsigned long)insns;
	attr->insn_cnt = nr;
	attr->license = (unsigned long)"GPL";
	attr->log_buf = (unsigned long)log;
	attr->log_size = sizeof(log);
	attr->log_level = 1;
	fd = bpf(BPF_PROG_LOAD, attr);
	if (fd < 0 && errno != EINVAL)
		die("program not loaded: %m\n%s", log);
	return fd;
}

/* Bytes after the header of a type. */
static size_t btf_extra(const struct btf_type *t)
{
	size_t vlen = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case 17: /* BTF_KIND_DECL_TAG */
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return 12 * vlen;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 8 * vlen;
	default:
		return 0;
	}
}

static char *read_btf(size_t *size)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	int fd = open(path, O_RDONLY);
	size_t got = 0;
	struct stat st;
	ssize_t n;
	char *data;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st))
		die_errno(path);
	data = malloc(st.st_size);
	if (!data)
		die("out of memory");
	while ((n = read(fd, data + got, st.st_size - got)) > 0)
		got += n;
	close(fd);
	*size = got;
	return data;
}

/* BTF id of a kernel function. */
static int btf_func(const char *name)
{
	const struct btf_header *hdr;
	const struct btf_type *t;
	const char *pos, *end, *names;
	size_t size;
	char *data;
	int id;

	data = read_btf(&size);
	if (!data)
		return 0;
	hdr = (const void *)data;
	pos = data + hdr->hdr_len + hdr->type_off;
	end = pos + hdr->type_len;
	names = data + hdr->hdr_len + hdr->str_off;
	for (id = 1; pos < end; id++) {
		t = (const void *)pos;
		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(names + t->name_off, name))
			break;
		pos += sizeof(*t) + btf_extra(t);
	}
	if (pos >= end)
		id = 0;
	free(data);
	return id;
}

/**
 * bpf_lsm_refuse() - have a security module refuse what this process does
 * @hook: name of the hook, such as "socket_bind"
 * @err: positive errno
 *
 * Return: a descriptor that keeps the program attached; -1 if the kernel has no
 * such hook, was booted without that security module, or cannot attach a program
 * to a function, as before 6.4 on arm64.
 */
int bpf_lsm_refuse(const char *hook, int err)
{
	const struct bpf_insn insns[] = {
		CALL(BPF_FUNC_get_current_pid_tgid),
		RSH_IMM(BPF_REG_0, 32),
		SKIP_IF_EQ(BPF_REG_0, getpid(), 2),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
		MOV_IMM(BPF_REG_0, -err),
		EXIT(),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
	};
	union bpf_attr attach = {};
	char name[64], lsms[256] = "";
	int fd, link;

	fd = open("/sys/kernel/security/lsm", O_RDONLY);
	/* A kernel without this file has no such module. */
	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0 || read(fd, lsms, sizeof(lsms) - 1) < 0)
		die_errno("/sys/kernel/security/lsm");
	close(fd);
	if (!strstr(lsms, "bpf"))
		return -1;
	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	attr.attach_btf_id = btf_func(name);
	if (!attr.attach_btf_id)
		return -1;
	fd = load(&attr, insns, sizeof(insns) / sizeof(*insns));
	if (fd < 0)
		die_errno(name);
	attach.raw_tracepoint.prog_fd = fd;
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
	if (link < 0 && errno != ENOTSUPP)
		die_errno("attach to hook");
	close(fd);
	return link;
}

static int prog_id(int fd)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = {};

	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (unsigned long)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		die_errno("number of the program");
	return info.id;
}

/**
 * bpf_cgroup_refuse() - have a program refuse what sockets of a cgroup do
 * @cgroup: descriptor of its directory
 * @type: what it refuses
 * @err: positive errno that the program sets, or 0 for none
 *
 * The program stays as long as the cgroup does.
 *
 * Return: the id of the program, or -1 if programs of this kernel cannot set an
 * errno.
 */
int bpf_cgroup_refuse(int cgroup, enum bpf_attach_type type, int err)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(BPF_REG_1, -err),
		CALL(FUNC_SET_RETVAL),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int skip = err ? 0 : 2;
	union bpf_attr attr = {
		.prog_type = type == BPF_CGROUP_INET4_BIND ||
			     type == BPF_CGROUP_INET6_BIND ?
			     BPF_PROG_TYPE_CGROUP_SOCK_ADDR :
			     BPF_PROG_TYPE_CGROUP_SOCK,
		.expected_attach_type = type,
		.prog_name = BPF_NAME,
	};
	union bpf_attr attach = {};
	int fd, id;

	fd = load(&attr, insns + skip,
		  sizeof(insns) / sizeof(*insns) - skip);
	if (fd < 0)
		return -1;
	attach.target_fd = cgroup;
	attach.attach_bpf_fd = fd;
	attach.attach_type = type;
	if (bpf(BPF_PROG_ATTACH, &attach))
		die_errno("attach to cgroup");
	id = prog_id(fd);
	close(fd);
	return id;
}

static int counter_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(__u32),
		.value_size = sizeof(__u64),
		.max_entries = 1,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		die_errno("map");
	return fd;
}

/**
 * bpf_trace() - have a tracing program count calls made by this process
 * @tracer: result, for bpf_traced() and bpf_trace_end()
 * @symbol: kernel function
 * @type: BPF_TRACE_FENTRY or BPF_TRACE_FEXIT
 *
 * Return: 0, or -1 if this kernel cannot trace that function like this.
 */
int bpf_trace(struct bpf_tracer *tracer, const char *symbol,
	      enum bpf_attach_type type)
{
	int map = counter_map();
	const struct bpf_insn insns[] = {
		CALL(BPF_FUNC_get_current_pid_tgid),
		RSH_IMM(BPF_REG_0, 32),
		SKIP_IF_NE(BPF_REG_0, getpid(), 4),
		LD_MAP_VALUE(BPF_REG_1, map),
		NO_INSN(),
		MOV_IMM(BPF_REG_2, 1),
		ATOMIC_ADD(BPF_REG_1, BPF_REG_2),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = type,
		.attach_btf_id = btf_func(symbol),
	};
	union bpf_attr attach = {};
	int fd = -1;

	tracer->map = map;
	tracer->link = -1;
	if (attr.attach_btf_id)
		fd = load(&attr, insns, sizeof(insns) / sizeof(*insns));
	if (fd >= 0) {
		attach.raw_tracepoint.prog_fd = fd;
		tracer->link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
		close(fd);
	}
	if (tracer->link < 0)
		close(map);
	return tracer->link < 0 ? -1 : 0;
}

/* Number of calls so far. */
__u64 bpf_traced(const struct bpf_tracer *tracer)
{
	union bpf_attr attr = {};
	__u64 count = 0;
	__u32 key = 0;

	attr.map_fd = tracer->map;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)&count;
	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		die_errno("map");
	return count;
}

void bpf_trace_end(struct bpf_tracer *tracer)
{
	close(tracer->link);
	close(tracer->map);
}
