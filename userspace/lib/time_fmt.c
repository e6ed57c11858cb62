// SPDX-License-Identifier: GPL-2.0
/* Points in time and ages, as text. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/time_fmt.h"
#include "lib/util.h"

#define MINUTE		(60 * NSEC_PER_SEC)
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)

/* Last second whose nanoseconds all fit in 64 bits. */
#define SECONDS_MAX	(~0ULL / NSEC_PER_SEC - 1)

/* Tolerates drift, and the delay between reading the two clocks. */
#define MOVED_MIN_NS	((__s64)NSEC_PER_SEC)

/**
 * time_fmt_now() - The current time.
 *
 * Return: nanoseconds of CLOCK_REALTIME.
 */
__u64 time_fmt_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/**
 * time_fmt_clock() - The setting of the clock.
 *
 * Return: nanoseconds of CLOCK_REALTIME at the start of CLOCK_BOOTTIME.
 */
__s64 time_fmt_clock(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return time_fmt_now() - (boot.tv_sec * NSEC_PER_SEC + boot.tv_nsec);
}

/**
 * time_fmt_then() - When something happened, by the clock as set now.
 * @time_ns: nanoseconds of CLOCK_REALTIME, as set at that time
 * @boot_ns: nanoseconds of CLOCK_BOOTTIME at that time, or 0 if not known
 * @clock: present setting of the clock, see time_fmt_clock()
 *
 * Return: nanoseconds of CLOCK_REALTIME as set by @clock; @time_ns unless the
 * clock was moved.
 */
__u64 time_fmt_then(__u64 time_ns, __u64 boot_ns, __s64 clock)
{
	__s64 moved = boot_ns + clock - time_ns;

	if (!boot_ns || (moved < MOVED_MIN_NS && moved > -MOVED_MIN_NS))
		return time_ns;
	return boot_ns + clock;
}

/**
 * time_fmt_stamp() - A point in time as RFC 3339 in UTC, with nanoseconds.
 * @time_ns: nanoseconds of CLOCK_REALTIME
 * @buf: output buffer
 * @size: its size; 31 is enough
 */
void time_fmt_stamp(__u64 time_ns, char *buf, size_t size)
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
 * time_fmt_local() - A point in time as RFC 3339, in local time.
 * @time_ns: nanoseconds of CLOCK_REALTIME
 * @buf: output buffer
 * @size: its size; 36 is enough
 */
void time_fmt_local(__u64 time_ns, char *buf, size_t size)
{
	time_t seconds = time_ns / NSEC_PER_SEC;
	char date[32], zone[8] = "Z";
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	if (tm.tm_gmtoff) {
		strftime(zone, sizeof(zone), "%z", &tm);
		/* Insert the colon that +0100 lacks. */
		memmove(zone + 4, zone + 3, strlen(zone + 3) + 1);
		zone[3] = ':';
	}
	snprintf(buf, size, "%s.%09llu%s", date,
		 (unsigned long long)(time_ns % NSEC_PER_SEC), zone);
}

/**
 * time_fmt_short() - A point in time to the second, in local time.
 * @time_ns: nanoseconds of CLOCK_REALTIME
 * @now_ns: current time
 * @buf: output buffer
 * @size: its size; 24 is enough
 *
 * Includes the date unless it is today, and the year unless it is this one;
 * time_fmt_parse() reads all these forms.
 */
void time_fmt_short(__u64 time_ns, __u64 now_ns, char *buf, size_t size)
{
	time_t seconds = time_ns / NSEC_PER_SEC, now = now_ns / NSEC_PER_SEC;
	struct tm then, today;

	localtime_r(&seconds, &then);
	localtime_r(&now, &today);
	if (then.tm_year != today.tm_year)
		strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &then);
	else if (then.tm_yday != today.tm_yday)
		strftime(buf, size, "%m-%dT%H:%M:%S", &then);
	else
		strftime(buf, size, "%H:%M:%S", &then);
}

/**
 * time_fmt_age() - A duration in its two largest units.
 * @age_ns: nanoseconds
 * @buf: output buffer
 * @size: its size; 16 is enough
 */
void time_fmt_age(__u64 age_ns, char *buf, size_t size)
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

/* Digits after the point, as nanoseconds; *text moves past them. */
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
 * time_fmt_parse_seconds() - Parse seconds, optionally with a fraction.
 * @text: text to parse
 * @time_ns: set to it, in nanoseconds
 *
 * Return: true if it is valid.
 */
bool time_fmt_parse_seconds(const char *text, __u64 *time_ns)
{
	size_t digits = strspn(text, "0123456789");
	__u64 seconds = 0, ns = 0;

	if (digits ? !number_parse(text, digits, 0, SECONDS_MAX, &seconds) :
		     *text != '.')
		return false;
	text += digits;
	/* "1." is a number, "." is not. */
	if (digits && !strcmp(text, "."))
		text++;
	if (!parse_fraction(&text, &ns) || *text)
		return false;
	*time_ns = seconds * NSEC_PER_SEC + ns;
	return true;
}

static const struct unit {
	const char *name;
	__u64 ns;
} units[] = {
	{ "ms", NSEC_PER_MSEC }, { "s", NSEC_PER_SEC }, { "sec", NSEC_PER_SEC },
	{ "m", MINUTE }, { "min", MINUTE }, { "h", HOUR }, { "d", DAY },
	{ "w", 7 * DAY },
	{ "second", NSEC_PER_SEC }, { "seconds", NSEC_PER_SEC },
	{ "minute", MINUTE }, { "minutes", MINUTE }, { "hour", HOUR },
	{ "hours", HOUR }, { "day", DAY }, { "days", DAY }, { "week", 7 * DAY },
	{ "weeks", 7 * DAY },
};

static bool find_unit(const char *name, size_t len, __u64 *ns)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) != len ||
		    memcmp(units[i].name, name, len))
			continue;
		*ns = units[i].ns;
		return true;
	}
	return false;
}

/* A number with its unit, "30m" or "30 minutes"; *text moves past it. */
static bool parse_part(const char **text, __u64 *ns)
{
	size_t digits = strspn(*text, "0123456789");
	const char *name = *text + digits + strspn(*text + digits, " ");
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz");
	__u64 n, unit;

	if (!find_unit(name, len, &unit) ||
	    !number_parse(*text, digits, 0, ~0ULL / unit, &n))
		return false;
	*ns = n * unit;
	*text = name + len;
	*text += strspn(*text, " ");
	return true;
}

/**
 * time_fmt_parse_duration() - Parse a duration.
 * @text: seconds, optionally with a fraction; or numbers with units: 1h30m
 * @ns: set to it, in nanoseconds
 *
 * Return: true if it is valid.
 */
bool time_fmt_parse_duration(const char *text, __u64 *ns)
{
	__u64 sum = 0, part;

	if (time_fmt_parse_seconds(text, ns))
		return true;
	do {
		if (!parse_part(&text, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return false;
	} while (*text);
	*ns = sum;
	return true;
}

/* Each 0 in the shape matches any digit, other characters themselves. */
static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; text++, shape++)
		if (*shape == '0' ? *text < '0' || *text > '9' :
				    *text != *shape)
			return false;
	return true;
}

/* Parse a date, of this year if it names none; *text moves past it. */
static bool parse_date(const char **text, time_t now, struct tm *tm)
{
	struct tm real;

	localtime_r(&now, &real);
	tm->tm_year = real.tm_year + 1900;
	if (has_shape(*text, "0000-") &&
	    sscanf(*text, "%4d", &tm->tm_year) == 1)
		*text += strlen("0000-");
	if (!has_shape(*text, "00-00") ||
	    sscanf(*text, "%2d-%2d", &tm->tm_mon, &tm->tm_mday) != 2)
		return false;
	*text += strlen("00-00");
	tm->tm_year -= 1900;
	tm->tm_mon--;
	/* timegm() turns February 30 into a day in March. */
	real = *tm;
	timegm(&real);
	return real.tm_mon == tm->tm_mon && real.tm_mday == tm->tm_mday;
}

/* HH:MM, optionally with seconds and a fraction; *text moves past it. */
static bool parse_clock(const char **text, struct tm *tm, __u64 *ns)
{
	*ns = 0;
	if (!has_shape(*text, "00:00") ||
	    sscanf(*text, "%2d:%2d", &tm->tm_hour, &tm->tm_min) != 2)
		return false;
	*text += strlen("00:00");
	if (sscanf(*text, ":%2d", &tm->tm_sec) == 1) {
		if (!has_shape(*text, ":00"))
			return false;
		*text += strlen(":00");
		if (!parse_fraction(text, ns))
			return false;
	}
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* The time after a date; midnight if there is none. */
static bool parse_clock_after_date(const char **text, struct tm *tm, __u64 *ns)
{
	*ns = 0;
	if (!**text)
		return true;
	if (**text != 'T' && **text != 't' && **text != ' ')
		return false;
	++*text;
	return parse_clock(text, tm, ns);
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

/* Local time if no zone is given. */
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

static bool set_time(time_t seconds, __u64 ns, __u64 *time_ns)
{
	if (seconds < 0 || (__u64)seconds > SECONDS_MAX)
		return false;
	*time_ns = seconds * NSEC_PER_SEC + ns;
	return true;
}

static bool parse_absolute(const char *text, __u64 now_ns, __u64 *time_ns)
{
	struct tm tm = { 0 };
	time_t seconds;
	__u64 ns;

	return parse_date(&text, now_ns / NSEC_PER_SEC, &tm) &&
	       parse_clock_after_date(&text, &tm, &ns) &&
	       parse_zone(text, &tm, &seconds) &&
	       set_time(seconds, ns, time_ns);
}

static bool skip_word(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len))
		return false;
	*text += len;
	return true;
}

/* A day in words, with or without a time; or a time today. */
static bool parse_day(const char *text, __u64 now_ns, __u64 *time_ns)
{
	time_t now = now_ns / NSEC_PER_SEC;
	bool yesterday = skip_word(&text, "yesterday"), valid;
	bool named = yesterday || skip_word(&text, "today");
	__u64 ns = 0;
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = 0;
	tm.tm_min = 0;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	tm.tm_mday -= yesterday;
	valid = named ? parse_clock_after_date(&text, &tm, &ns) :
			parse_clock(&text, &tm, &ns);
	return valid && !*text && set_time(mktime(&tm), ns, time_ns);
}

/* An age, with "ago" at the end or a minus as for journalctl, or neither. */
static bool parse_age(const char *text, __u64 now_ns, __u64 *time_ns)
{
	static const char ago[] = " ago";
	size_t len = strlen(text);
	char copy[64];
	__u64 age;

	if (*text == '-') {
		text++;
		len--;
	}
	if (len >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (len > strlen(ago) && !strcmp(copy + len - strlen(ago), ago))
		copy[len - strlen(ago)] = '\0';
	if (!time_fmt_parse_duration(copy, &age))
		return false;
	*time_ns = age < now_ns ? now_ns - age : 0;
	return true;
}

/**
 * time_fmt_parse() - Parse a point in time.
 * @text: RFC 3339, optionally without zone, seconds, time or year; a time
 *	today; today or yesterday, optionally with a time; now; @SECONDS since
 *	the epoch; or an age, as time_fmt_parse_duration() reads it
 * @now_ns: current time
 * @time_ns: set to it, in nanoseconds of CLOCK_REALTIME
 *
 * Return: true if it is valid.
 */
bool time_fmt_parse(const char *text, __u64 now_ns, __u64 *time_ns)
{
	if (text[0] == '@')
		return time_fmt_parse_seconds(text + 1, time_ns);
	if (!strcmp(text, "now"))
		text = "0";
	return parse_age(text, now_ns, time_ns) ||
	       parse_day(text, now_ns, time_ns) ||
	       parse_absolute(text, now_ns, time_ns);
}
