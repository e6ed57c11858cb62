// SPDX-License-Identifier: GPL-2.0
/* What a cgroup path tells: the systemd unit, and the container. */

#include <string.h>

#include "cgroup.h"
#include "util.h"

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
 * ...:cri-containerd:<id>. What watches a container is not inside it.
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

/* Managers that name a container instead of numbering it. */
static bool name_of_component(struct slice part, struct slice *name)
{
	static const struct {
		const char *prefix;
		const char *suffix;
	} forms[] = {
		{ "lxc.payload.", "" },
		{ "systemd-nspawn@", ".service" },
	};
	size_t i, fixed;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		fixed = strlen(forms[i].prefix) + strlen(forms[i].suffix);
		if (part.len <= fixed || !has_prefix(&part, forms[i].prefix) ||
		    !has_suffix(&part, forms[i].suffix))
			continue;
		name->str = part.str + strlen(forms[i].prefix);
		name->len = part.len - fixed;
		return true;
	}
	return false;
}

/**
 * cgroup_unit() - The systemd unit of a cgroup.
 * @path: cgroup path, or NULL
 * @unit: set to the innermost service or scope
 *
 * Return: true if there is one.
 */
bool cgroup_unit(const char *path, struct slice *unit)
{
	size_t len = path ? strlen(path) : 0;

	while (last_component(path, &len, unit)) {
		if (!has_suffix(unit, ".service") &&
		    !has_suffix(unit, ".scope"))
			continue;
		/* systemd's escape for names that clash with kernel files */
		if (unit->str[0] == '_') {
			unit->str++;
			unit->len--;
		}
		return true;
	}
	return false;
}

/**
 * cgroup_container() - The container of a cgroup.
 * @path: cgroup path, or NULL
 * @container: set to the identifier or name of the innermost one
 *
 * Return: true if there is one.
 */
bool cgroup_container(const char *path, struct slice *container)
{
	size_t len = path ? strlen(path) : 0;
	struct slice part;

	while (last_component(path, &len, &part))
		if (id_of_component(part, container) ||
		    name_of_component(part, container))
			return true;
	return false;
}
