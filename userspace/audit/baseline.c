// SPDX-License-Identifier: GPL-2.0
/*
 * Read a saved audit. The file is untrusted: no value is used before its type
 * is checked.
 */

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/json.h"
#include "audit/json_priv.h"
#include "lib/util.h"

static struct json_object *member(struct json_object *json, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(json, key, &value) ? value : NULL;
}

/* A string, or null if @optional; the copy is to be freed. */
static bool read_string(struct json_object *json, const char *key,
			bool optional, char **text)
{
	struct json_object *value;

	if (!json_object_object_get_ex(json, key, &value))
		return false;
	if (!value)
		return optional;
	if (!json_object_is_type(value, json_type_string))
		return false;
	*text = xstrdup(json_object_get_string(value));
	return true;
}

static bool read_number(struct json_object *json, const char *key, __u64 max,
			__u64 *num)
{
	struct json_object *value = member(json, key);

	if (!json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0)
		return false;
	*num = json_object_get_int64(value);
	return *num <= max;
}

static bool read_bool(struct json_object *json, const char *key, bool *truth)
{
	struct json_object *value = member(json, key);

	if (!json_object_is_type(value, json_type_boolean))
		return false;
	*truth = json_object_get_boolean(value);
	return true;
}

static bool read_somebody(struct json_object *json, struct who_list *list)
{
	char *program = NULL, *unit = NULL;
	__u64 uid;
	bool good;

	good = json_object_is_type(json, json_type_object) &&
	       read_number(json, "uid", 0xffffffff, &uid) &&
	       read_string(json, "program", true, &program) &&
	       read_string(json, "unit", true, &unit);
	if (good)
		who_add(list, uid, program, unit);
	free(program);
	free(unit);
	return good;
}

static bool read_who(struct json_object *evidence, struct who_list *list)
{
	struct json_object *array;
	size_t i;

	if (!json_object_is_type(evidence, json_type_object) ||
	    !json_object_object_get_ex(evidence, "who", &array))
		return false;
	list->unknown = !array;
	if (!array)
		return true;
	if (!json_object_is_type(array, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(array); i++)
		if (!read_somebody(json_object_array_get_idx(array, i), list))
			return false;
	return true;
}

static bool read_place(struct json_object *json, struct finding *finding)
{
	__u64 port, netns;

	if (!read_string(json, "proto", true, &finding->proto) ||
	    !read_string(json, "addr", true, &finding->addr) ||
	    !read_string(json, "dev", true, &finding->dev) ||
	    !read_string(json, "netns_name", true, &finding->netns_name))
		return false;
	finding->has_endpoint = finding->proto;
	if (!finding->has_endpoint)
		return true;
	if (!finding->addr || !read_number(json, "port", 0xffff, &port) ||
	    !read_number(json, "netns", 0xffffffff, &netns) ||
	    !read_bool(json, "port_automatic", &finding->automatic) ||
	    !read_bool(json, "other_netns", &finding->elsewhere))
		return false;
	finding->port = port;
	finding->netns = netns;
	return true;
}

/* Without an endpoint, a finding is identified by the value of its sysctl. */
static bool read_sysctl(struct json_object *evidence, struct finding *finding)
{
	struct json_object *sysctl = member(evidence, "sysctl");
	char *value = NULL;
	__u64 num = 0;
	bool good;

	if (finding->has_endpoint)
		return true;
	good = json_object_is_type(sysctl, json_type_object) &&
	       read_string(sysctl, "value", false, &value) &&
	       number_parse(value, strlen(value), 0, 0xffff, &num);
	finding->port = num;
	free(value);
	return good;
}

static bool read_id(struct json_object *json, struct finding *finding)
{
	char *id = NULL, *severity = NULL;
	bool good;

	good = read_string(json, "id", false, &id) &&
	       read_string(json, "severity", false, &severity) &&
	       finding_parse(id, &finding->id) &&
	       severity_parse(severity, &finding->severity);
	free(severity);
	free(id);
	return good;
}

static bool read_finding(struct json_object *json, struct finding *finding)
{
	struct json_object *evidence = member(json, "evidence");

	return json_object_is_type(json, json_type_object) &&
	       read_id(json, finding) && read_place(json, finding) &&
	       read_who(evidence, &finding->who) &&
	       read_sysctl(evidence, finding) &&
	       read_string(json, "text", false, &finding->text) &&
	       read_string(json, "remedy", false, &finding->remedy);
}

static bool read_unchecked(struct json_object *json, const char *key,
			   __u32 *unchecked)
{
	struct json_object *array = member(json, key), *element;
	enum finding_id id;
	size_t i;

	if (!json_object_is_type(array, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(array); i++) {
		element = json_object_array_get_idx(array, i);
		if (!json_object_is_type(element, json_type_string))
			return false;
		if (finding_parse(json_object_get_string(element), &id))
			*unchecked |= 1U << id;
	}
	return true;
}

static bool read_head(struct json_object *json, struct baseline *baseline)
{
	struct scope *scope = &baseline->scope;

	return read_string(json, "source", false, &scope->source) &&
	       read_string(json, "time", false, &baseline->time) &&
	       read_bool(json, "all_netns", &scope->all_netns) &&
	       read_string(json, "filter", true, &scope->filter) &&
	       read_unchecked(json, "unchecked", &baseline->unchecked) &&
	       read_unchecked(json, "partly_checked", &baseline->unchecked);
}

static bool read_findings(struct json_object *json, struct baseline *baseline)
{
	struct json_object *array = member(json, "findings");
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++)
		if (!read_finding(json_object_array_get_idx(array, i),
				  finding_add(&baseline->findings)))
			return false;
	return true;
}

static int read_json(struct json_object *json, struct baseline *baseline,
		     const char *file)
{
	__u64 format;

	if (!json_object_is_type(json, json_type_object) ||
	    !read_number(json, "format", ~0ULL, &format) ||
	    !json_object_is_type(member(json, "findings"), json_type_array))
		return complain(STATUS_USAGE,
				"--baseline '%s': not what 'portowner audit --save' writes",
				file);
	if (format != AUDIT_FORMAT)
		return complain(STATUS_USAGE,
				"--baseline '%s': written by another version of portowner, in format %llu",
				file, (unsigned long long)format);
	if (!read_head(json, baseline) || !read_findings(json, baseline))
		return complain(STATUS_USAGE,
				"--baseline '%s': damaged: something in it is missing or of the wrong type",
				file);
	return 0;
}

/* Open a file for reading; a directory fails with EISDIR. */
static FILE *open_file(const char *file)
{
	FILE *stream = fopen(file, "re");
	struct stat st;

	if (!stream || fstat(fileno(stream), &st) || !S_ISDIR(st.st_mode))
		return stream;
	fclose(stream);
	errno = EISDIR;
	return NULL;
}

/* NULL if the text is not one JSON value and nothing else. */
static struct json_object *parse_all(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json = NULL;

	if (tokener && len <= INT_MAX)
		json = json_tokener_parse_ex(tokener, text, len);
	if (json && json_tokener_get_parse_end(tokener) < len) {
		json_object_put(json);
		json = NULL;
	}
	if (tokener)
		json_tokener_free(tokener);
	return json;
}

/* Read and parse a file, which is closed. */
static struct json_object *parse_file(FILE *file)
{
	struct json_object *json = NULL;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	/* No zero byte is JSON, so the text ends at the first one. */
	len = getdelim(&text, &room, '\0', file);
	if (len > 0)
		json = parse_all(text, len);
	free(text);
	fclose(file);
	return json;
}

/**
 * baseline_read() - Read a saved audit.
 * @baseline: empty; set to the audit
 * @file: name of the file
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int baseline_read(struct baseline *baseline, const char *file)
{
	struct json_object *json;
	FILE *stream;
	int status;

	stream = open_file(file);
	if (!stream)
		return complain(STATUS_USAGE, "--baseline '%s': %s", file,
				strerror(errno));
	json = parse_file(stream);
	if (!json)
		return complain(STATUS_USAGE,
				"--baseline '%s': not JSON, cut off, or followed by something else",
				file);
	status = read_json(json, baseline, file);
	json_object_put(json);
	return status;
}

/**
 * baseline_clear() - Free what baseline_read() allocated.
 * @baseline: the audit
 */
void baseline_clear(struct baseline *baseline)
{
	free(baseline->scope.source);
	free(baseline->scope.filter);
	free(baseline->time);
	finding_list_clear(&baseline->findings);
}
