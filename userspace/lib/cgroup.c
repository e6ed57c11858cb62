// SPDX-License-Identifier: GPL-2.0
/* Systemd unit and container of a cgroup path. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cgroup.h"
#include "lib/util.h"

#define CONTAINER_ID_LEN	64

static bool has_suffix(const struct slice *s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s->len > len && !memcmp(s->str + s->len - len, suffix, len);
}

static bool has_prefix(const struct slice *s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s->len > len && !memcmp(s->str, prefix, len);
}

/* Last component of the first *len bytes of path; shortens *len. */
static bool last_component(const char *path, size_t *len, struct slice *out)
{
	size_t end = *len;

	while (end && path[end - 1] == '/')
		end--;
	if (!end)
		return false;
	*len = end;
	while (*len && path[*len - 1] != '/')
		(*len)--;
	out->str = path + *len;
	out->len = end - *len;
	return true;
}

static bool is_hex_id(const char *str)
{
	return strspn(str, "0123456789abcdef") >= CONTAINER_ID_LEN;
}

/*
 * <id>, docker-<id>.scope, libpod-<id>.scope, crio-<id>, cri-containerd-<id>,
 * ...:cri-containerd:<id>. The monitor of a container is not inside it.
 */
static bool id_of_component(struct slice part, struct slice *id)
{
	if (has_prefix(&part, "libpod-conmon-") ||
	    has_prefix(&part, "crio-conmon-"))
		return false;
	if (has_suffix(&part, ".scope"))
		part.len -= strlen(".scope");
	if (part.len < CONTAINER_ID_LEN)
		return false;
	id->str = part.str + part.len - CONTAINER_ID_LEN;
	id->len = CONTAINER_ID_LEN;
	if (!is_hex_id(id->str))
		return false;
	return id->str == part.str || id->str[-1] == '-' || id->str[-1] == ':';
}

/*
 * Managers that name containers instead of numbering them. systemd registers
 * those of systemd-nspawn as machines, and virtual machines as well.
 */
static bool name_of_component(struct slice part, struct slice *name)
{
	static const struct {
		const char *prefix;
		const char *suffix;
	} forms[] = {
		{ "lxc.payload.", "" },
		{ "systemd-nspawn@", ".service" },
		{ "machine-", ".scope" },
	};
	size_t i, fixed;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		fixed = strlen(forms[i].prefix) + strlen(forms[i].suffix);
		if (part.len <= fixed || !has_prefix(&part, forms[i].prefix) ||
		    !has_suffix(&part, forms[i].suffix))
			continue;
		name->str = part.str + strlen(forms[i].prefix);
		name->len = part.len - fixed;
		return !has_prefix(name, "qemu\\x2d");
	}
	return false;
}

static bool is(const struct slice *s, const char *word)
{
	return s->len == strlen(word) && !memcmp(s->str, word, s->len);
}

/* Older LXC and Proxmox: /lxc/NAME, /lxc.payload/NAME. */
static bool name_below(const struct slice *parent, const char *path)
{
	return parent->str == path + (*path == '/') &&
	       (is(parent, "lxc") || is(parent, "lxc.payload"));
}

/* Unit types that have processes. */
static bool is_unit(const struct slice *part)
{
	static const char * const kinds[] = {
		".service", ".scope", ".mount", ".socket", ".swap",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (has_suffix(part, kinds[i]))
			return true;
	return false;
}

/* systemd's escape for names that clash with kernel files */
static void unescape_unit(struct slice *unit)
{
	if (unit->str[0] == '_') {
		unit->str++;
		unit->len--;
	}
}

/**
 * cgroup_unit() - The systemd unit of a cgroup.
 * @path: cgroup path, or NULL
 * @unit: set to the innermost unit that has processes, as written in the path
 *
 * Return: true if there is one.
 */
bool cgroup_unit(const char *path, struct slice *unit)
{
	size_t len = path ? strlen(path) : 0;

	while (last_component(path, &len, unit)) {
		if (!is_unit(unit))
			continue;
		unescape_unit(unit);
		return true;
	}
	return false;
}

/**
 * cgroup_system_unit() - The unit of the system manager that contains a cgroup.
 * @path: cgroup path, or NULL
 * @unit: set to it, as written in the path
 *
 * The unit may contain further managers, with units of their own.
 *
 * Return: true if there is one.
 */
bool cgroup_system_unit(const char *path, struct slice *unit)
{
	for (; path && *path; path = unit->str + unit->len) {
		unit->str = path + strspn(path, "/");
		unit->len = strcspn(unit->str, "/");
		if (is_unit(unit)) {
			unescape_unit(unit);
			return true;
		}
		if (!has_suffix(unit, ".slice"))
			return false;
	}
	return false;
}

/**
 * cgroup_container() - The container of a cgroup.
 * @path: cgroup path, or NULL
 * @container: set to the identifier or name of the innermost one, as written in
 *	the path
 *
 * Return: true if there is one.
 */
bool cgroup_container(const char *path, struct slice *container)
{
	size_t len = path ? strlen(path) : 0;
	struct slice part, inner = { 0 };

	for (; last_component(path, &len, &part); inner = part) {
		if (id_of_component(part, container))
			return true;
		/* The cgroup of systemd-nspawn itself. */
		if (!is(&inner, "supervisor") &&
		    name_of_component(part, container))
			return true;
		if (inner.len && name_below(&part, path)) {
			*container = inner;
			return true;
		}
	}
	return false;
}

/**
 * cgroup_is_image() - Was a container made from an image?
 * @container: result of cgroup_container()
 *
 * Such containers have identifiers, others names.
 *
 * Return: true if it was.
 */
bool cgroup_is_image(const struct slice *container)
{
	return container->len == CONTAINER_ID_LEN && is_hex_id(container->str);
}

/* The byte that \xNN stands for, or 0. */
static char escaped_byte(const char *str, size_t left)
{
	char digits[3] = { 0 };

	if (left < 4 || str[0] != '\\' || str[1] != 'x' ||
	    !isxdigit((unsigned char)str[2]) ||
	    !isxdigit((unsigned char)str[3]))
		return '\0';
	memcpy(digits, str + 2, 2);
	return strtoul(digits, NULL, 16);
}

/**
 * cgroup_unescape() - Undo systemd's escaping of names in unit names.
 * @name: part of a path; set to @buf if anything in it was escaped
 * @buf: for the result
 * @size: of @buf; a name that does not fit stays as it is
 */
void cgroup_unescape(struct slice *name, char *buf, size_t size)
{
	size_t i, n = 0;
	char byte;

	if (name->len > size || !memchr(name->str, '\\', name->len))
		return;
	for (i = 0; i < name->len; i++) {
		byte = escaped_byte(name->str + i, name->len - i);
		buf[n++] = byte ? byte : name->str[i];
		i += byte ? 3 : 0;
	}
	name->str = buf;
	name->len = n;
}
