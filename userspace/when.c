// SPDX-License-Identifier: GPL-2.0
/* Points in time and ages, as text. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util.h"
#include "when.h"

/* Last second that has all its nanoseconds in 64 bits. */
#define SECONDS_MAX	(~0ULL / NSEC_PER_SEC - 1)

/**
 * when_now() - The time.
 *
 * Return: nanoseconds of CLOCK_REALTIME.
 */
__u64 when_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/**
 * when_format() - A point in time as RFC 3339 in UTC, with nanoseconds.
 * @time_ns: nanoseconds of CLOCK_REALTIME
 * @buf: where
 * @size: room there; 31 is enough
 */
void when_format(__u64 time_ns, char *buf, size_t size)
{
	time_t seconds = time_ns / NSEC_PER_SEC;
	char date[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%09lluZ", date,
		 (unsigned long long)(time_ns % NSEC_PER_SEC));
}

/**
 * when_format_age() - A duration in its two largest units.
 * @age_ns: nanoseconds
 * @buf: where
 * @size: room there; 16 is enough
 */
void when_format_age(__u64 age_ns, char *buf, size_t size)
{
	unsigned long long s = age_ns / NSEC_PER_SEC;

	if (s >= 86400)
		snprintf(buf, size, "%llud%lluh", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(buf, size, "%lluh%llum", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(buf, size, "%llum%llus", s / 60, s % 60);
	else
		snprintf(buf, size, "%llu.%03llus", s,
			 (unsigned long long)(age_ns / 1000000 % 1000));
}

/* Digits after the point, as nanoseconds; text moves behind them. */
static bool parse_fraction(const char **text, __u64 *ns)
{
	__u64 unit = NSEC_PER_SEC / 10;
	const char *p = *text + 1;

	*ns = 0;
	if (**text != '.')
		return true;
	if (!strspn(p, "0123456789"))
		return false;
	for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
		*ns += (*p - '0') * unit;
	*text = p;
	return true;
}

/**
 * when_parse_seconds() - Read a number of seconds, perhaps with a fraction.
 * @text: what to read
 * @time_ns: set to it, in nanoseconds
 *
 * Return: true if it is one.
 */
bool when_parse_seconds(const char *text, __u64 *time_ns)
{
	size_t digits = strspn(text, "0123456789");
	__u64 seconds = 0, ns = 0;

	if (digits ? !number_parse(text, digits, 0, SECONDS_MAX, &seconds) :
		     *text != '.')
		return false;
	text += digits;
	/* "1." is a number, "." is none. */
	if (digits && !strcmp(text, "."))
		text++;
	if (!parse_fraction(&text, &ns) || *text)
		return false;
	*time_ns = seconds * NSEC_PER_SEC + ns;
	return true;
}

static bool parse_relative(const char *text, __u64 now_ns, __u64 *time_ns)
{
	static const struct {
		char letter;
		__u64 seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t i, digits = strspn(text, "0123456789");
	__u64 n, back;

	if (!text[digits] || text[digits + 1])
		return false;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].letter != text[digits])
			continue;
		if (!number_parse(text, digits, 0,
				  SECONDS_MAX / units[i].seconds, &n))
			return false;
		back = n * units[i].seconds * NSEC_PER_SEC;
		*time_ns = back < now_ns ? now_ns - back : 0;
		return true;
	}
	return false;
}

/* Every 0 of the shape is a digit, anything else is itself. */
static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; text++, shape++)
		if (*shape == '0' ? *text < '0' || *text > '9' :
				    *text != *shape)
			return false;
	return true;
}

/* Leaves *text behind the date. */
static bool parse_date(const char **text, struct tm *tm)
{
	struct tm real;

	if (!has_shape(*text, "0000-00-00") ||
	    sscanf(*text, "%4d-%2d-%2d", &tm->tm_year, &tm->tm_mon,
		   &tm->tm_mday) != 3)
		return false;
	*text += strlen("0000-00-00");
	tm->tm_year -= 1900;
	tm->tm_mon--;
	/* timegm() turns February 30 into a day of March. */
	real = *tm;
	timegm(&real);
	return real.tm_mon == tm->tm_mon && real.tm_mday == tm->tm_mday;
}

/* Leaves *text behind the time of day, which is midnight if there is none. */
static bool parse_clock(const char **text, struct tm *tm, __u64 *ns)
{
	*ns = 0;
	if (!**text)
		return true;
	if ((**text != 'T' && **text != 't') ||
	    !has_shape(*text + 1, "00:00:00") ||
	    sscanf(*text + 1, "%2d:%2d:%2d", &tm->tm_hour, &tm->tm_min,
		   &tm->tm_sec) != 3)
		return false;
	*text += strlen("T00:00:00");
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60 &&
	       parse_fraction(text, ns);
}

static bool parse_offset(const char *text, time_t *offset)
{
	unsigned int hours, minutes;

	*offset = 0;
	if (!strcasecmp(text, "Z"))
		return true;
	if ((*text != '+' && *text != '-') || !has_shape(text + 1, "00:00") ||
	    text[6])
		return false;
	if (sscanf(text + 1, "%2u:%2u", &hours, &minutes) != 2 ||
	    hours > 23 || minutes > 59)
		return false;
	*offset = hours * 3600 + minutes * 60;
	if (*text == '-')
		*offset = -*offset;
	return true;
}

/* Local time, if no zone is written. */
static bool parse_zone(const char *text, struct tm *tm, time_t *seconds)
{
	time_t offset;

	if (!*text) {
		tm->tm_isdst = -1;
		*seconds = mktime(tm);
		return true;
	}
	if (!parse_offset(text, &offset))
		return false;
	*seconds = timegm(tm) - offset;
	return true;
}

static bool parse_absolute(const char *text, __u64 *time_ns)
{
	struct tm tm = { 0 };
	time_t seconds;
	__u64 ns;

	if (!parse_date(&text, &tm) || !parse_clock(&text, &tm, &ns) ||
	    !parse_zone(text, &tm, &seconds))
		return false;
	if (seconds < 0 || (__u64)seconds > SECONDS_MAX)
		return false;
	*time_ns = seconds * NSEC_PER_SEC + ns;
	return true;
}

/**
 * when_parse() - Read a point in time.
 * @text: RFC 3339, also without a zone or a time; @SECONDS since the epoch; or
 *	30s, 10m, 2h, 1d ago
 * @now_ns: the time now
 * @time_ns: set to the time meant, in nanoseconds of CLOCK_REALTIME
 *
 * Return: true if it is one.
 */
bool when_parse(const char *text, __u64 now_ns, __u64 *time_ns)
{
	if (text[0] == '@')
		return when_parse_seconds(text + 1, time_ns);
	return parse_relative(text, now_ns, time_ns) ||
	       parse_absolute(text, time_ns);
}
