// SPDX-License-Identifier: GPL-2.0

#include <time.h>

#include "lib/time_fmt.h"
#include "tests/unit.h"

#define NOW	(1900000000ULL * NSEC_PER_SEC)

static void assert_time(const char *text, __u64 expected)
{
	__u64 time_ns = 0;

	if (!time_fmt_parse(text, NOW, &time_ns))
		fail_msg("'%s' is refused", text);
	assert_int_equal(time_ns, expected);
}

static void format(void **state)
{
	char buf[40];

	(void)state;
	time_fmt_stamp(0, buf, sizeof(buf));
	assert_string_equal(buf, "1970-01-01T00:00:00.000000000Z");
	time_fmt_stamp(NOW + 1, buf, sizeof(buf));
	assert_string_equal(buf, "2030-03-17T17:46:40.000000001Z");
	time_fmt_stamp(~0ULL, buf, sizeof(buf));
	assert_string_equal(buf, "2554-07-21T23:34:33.709551615Z");
}

static void assert_short(__u64 time_ns, const char *expected)
{
	char buf[24];
	__u64 read = 0;

	time_fmt_short(time_ns, NOW, buf, sizeof(buf));
	assert_string_equal(buf, expected);
	/* It is parsed in the same zone in which it is printed. */
	assert_true(time_fmt_parse(buf, NOW, &read));
	assert_int_equal(read, time_ns / NSEC_PER_SEC * NSEC_PER_SEC);
}

static void local_format(void **state)
{
	char buf[40];

	(void)state;
	setenv("TZ", "HERE-5:30", 1);
	tzset();
	time_fmt_local(NOW + 1, buf, sizeof(buf));
	assert_string_equal(buf, "2030-03-17T23:16:40.000000001+05:30");
	assert_time(buf, NOW + 1);
	assert_short(NOW, "23:16:40");
	assert_short(NOW - 5, "23:16:39");
	assert_short(NOW - 86400 * NSEC_PER_SEC, "03-16T23:16:40");
	assert_short(NOW - 86400 * 365 * NSEC_PER_SEC, "2029-03-17T23:16:40");
	setenv("TZ", "WEST+3:30", 1);
	tzset();
	time_fmt_local(NOW, buf, sizeof(buf));
	assert_string_equal(buf, "2030-03-17T14:16:40.000000000-03:30");
	setenv("TZ", "UTC", 1);
	tzset();
	time_fmt_local(NOW, buf, sizeof(buf));
	assert_string_equal(buf, "2030-03-17T17:46:40.000000000Z");
}

static void age(void **state)
{
	static const struct {
		__u64 seconds;
		const char *text;
	} ages[] = {
		{ 0, "0.000s" }, { 59, "59.000s" }, { 60, "1m0s" },
		{ 3599, "59m59s" }, { 3600, "1h0m" }, { 86399, "23h59m" },
		{ 86400, "1d0h" }, { 90000, "1d1h" },
	};
	char buf[24];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		time_fmt_age(ages[i].seconds * NSEC_PER_SEC, buf,
			     sizeof(buf));
		assert_string_equal(buf, ages[i].text);
	}
	time_fmt_age(1234567890, buf, sizeof(buf));
	assert_string_equal(buf, "1.234s");
	time_fmt_age(~0ULL, buf, sizeof(buf));
	assert_string_equal(buf, "213503d23h");
}

/* A clock that has been set since, and one that only drifted. */
static void moved_clock(void **state)
{
	const __u64 time = 1900000000 * NSEC_PER_SEC, boot = 100 * NSEC_PER_SEC;
	const __s64 clock = time - boot, month = 30 * 86400 * NSEC_PER_SEC;

	(void)state;
	assert_int_equal(time_fmt_then(time, boot, clock), time);
	assert_int_equal(time_fmt_then(time, boot, clock + 1000), time);
	assert_int_equal(time_fmt_then(time, boot, clock - 1000), time);
	assert_int_equal(time_fmt_then(time, 0, clock + month), time);
	assert_int_equal(time_fmt_then(time, boot, clock + month),
			 time + month);
	assert_int_equal(time_fmt_then(time, boot, clock - month),
			 time - month);
}

static void absolute(void **state)
{
	(void)state;
	assert_time("2030-03-17T17:46:40Z", NOW);
	assert_time("2030-03-17T18:46:40+01:00", NOW);
	assert_time("2030-03-17T17:16:40-00:30", NOW);
	assert_time("2030-03-17T17:46:40.5Z", NOW + 500000000);
	assert_time("2030-03-17T17:46:40.0000000019Z", NOW + 1);
	assert_time("@1900000000", NOW);
	assert_time("@0", 0);
	assert_time("@1900000000.25", NOW + 250000000);
	assert_time("2028-02-29T00:00:00Z", 1835395200ULL * NSEC_PER_SEC);
}

/* In the local time zone. */
static void local(void **state)
{
	(void)state;
	setenv("TZ", "HERE-2THERE,M3.5.0,M10.5.0", 1);
	assert_time("2030-03-17T19:46:40", NOW);
	assert_time("2030-03-17t19:46:40.5", NOW + 500000000);
	assert_time("2030-03-17", NOW - (19 * 3600 + 46 * 60 + 40) * NSEC_PER_SEC);
	/* Summer time. */
	assert_time("2030-07-01T03:00:00", 1909094400ULL * NSEC_PER_SEC);
	assert_time("2030-07-01T00:00:00z", 1909094400ULL * NSEC_PER_SEC);
	assert_time("2030-03-17t17:46:40Z", NOW);
	/* Without seconds, with a blank, or with a day in words. */
	assert_time("2030-03-17 19:46", NOW - 40 * NSEC_PER_SEC);
	assert_time("2030-03-17T19:46", NOW - 40 * NSEC_PER_SEC);
	assert_time("2030-03-17 19:46:40", NOW);
	assert_time("2030-03-17 17:46:40Z", NOW);
	assert_time("today", NOW - (19 * 3600 + 46 * 60 + 40) * NSEC_PER_SEC);
	assert_time("yesterday",
		    NOW - (43 * 3600 + 46 * 60 + 40) * NSEC_PER_SEC);
	assert_time("today 19:46:40.5", NOW + NSEC_PER_SEC / 2);
	assert_time("yesterday 19:46:40", NOW - 86400 * NSEC_PER_SEC);
	assert_time("19:46:40", NOW);
	assert_time("18:00", NOW - (3600 + 46 * 60 + 40) * NSEC_PER_SEC);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void relative(void **state)
{
	(void)state;
	assert_time("30s", NOW - 30 * NSEC_PER_SEC);
	assert_time("10m", NOW - 600 * NSEC_PER_SEC);
	assert_time("2h", NOW - 7200 * NSEC_PER_SEC);
	assert_time("1d", NOW - 86400 * NSEC_PER_SEC);
	assert_time("0s", NOW);
	assert_time("99999d", 0);
	assert_time("60", NOW - 60 * NSEC_PER_SEC);
	assert_time("0.5", NOW - NSEC_PER_SEC / 2);
	assert_time("1w", NOW - 7 * 86400 * NSEC_PER_SEC);
	assert_time("1h30m", NOW - 5400 * NSEC_PER_SEC);
	assert_time("1h 30min", NOW - 5400 * NSEC_PER_SEC);
	assert_time("2 hours ago", NOW - 7200 * NSEC_PER_SEC);
	assert_time("1 day", NOW - 86400 * NSEC_PER_SEC);
	assert_time("5m ago", NOW - 300 * NSEC_PER_SEC);
	assert_time("-1h", NOW - 3600 * NSEC_PER_SEC);
	assert_time("now", NOW);
}

static void assert_seconds(const char *text, __u64 expected)
{
	__u64 ns = 0;

	if (!time_fmt_parse_seconds(text, &ns))
		fail_msg("'%s' is refused", text);
	assert_int_equal(ns, expected);
}

static void seconds(void **state)
{
	__u64 ns;

	(void)state;
	assert_seconds("0", 0);
	assert_seconds("10", 10 * NSEC_PER_SEC);
	assert_seconds("0.5", NSEC_PER_SEC / 2);
	assert_seconds(".5", NSEC_PER_SEC / 2);
	assert_seconds("1.", NSEC_PER_SEC);
	assert_false(time_fmt_parse_seconds("", &ns));
	assert_false(time_fmt_parse_seconds(".", &ns));
	assert_false(time_fmt_parse_seconds("1..", &ns));
	assert_false(time_fmt_parse_seconds("1..5", &ns));
	assert_false(time_fmt_parse_seconds(".5.", &ns));
	assert_false(time_fmt_parse_seconds("-.5", &ns));
}

static void durations(void **state)
{
	static const char * const texts[] = {
		"", " ", "s", "1x", "1m30", "5 s x", "-5s", "1.5h", "5s ago",
		"18446744073s1000000000000ms", "18446744073709551615w",
	};
	__u64 ns = 0;
	size_t i;

	(void)state;
	assert_true(time_fmt_parse_duration("5s", &ns));
	assert_int_equal(ns, 5 * NSEC_PER_SEC);
	assert_true(time_fmt_parse_duration("10", &ns));
	assert_int_equal(ns, 10 * NSEC_PER_SEC);
	assert_true(time_fmt_parse_duration("0.25", &ns));
	assert_int_equal(ns, NSEC_PER_SEC / 4);
	assert_true(time_fmt_parse_duration("1m30s", &ns));
	assert_int_equal(ns, 90 * NSEC_PER_SEC);
	assert_true(time_fmt_parse_duration("500ms", &ns));
	assert_int_equal(ns, NSEC_PER_SEC / 2);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (time_fmt_parse_duration(texts[i], &ns))
			fail_msg("'%s' is accepted", texts[i]);
}

static void own_format_is_read(void **state)
{
	char buf[40];

	(void)state;
	time_fmt_stamp(NOW + 123456789, buf, sizeof(buf));
	assert_time(buf, NOW + 123456789);
}

static void junk(void **state)
{
	static const char * const texts[] = {
		"", "@", "@x", "@-1", "@.", "@1.x", "@1 ",
		"@99999999999999999999", "5x", "s", "10x", "10mm", "--10m",
		"1.5h", "99999999999999999999s", "300000000000000000d",
		"todays", "tomorrow", "ago", "5m before", "25:00", "18:60",
		"18:", "18:0", "18:00x", "18:00:0",
		"2030-03-17T", "2030-03-17Z", "2030-3-17", "2030-02-30",
		"2030-03-17T17:4", "2030-03-17T17:46:40 ", "2030-03-17x",
		"2030-03-17  17:46:40Z", "2030-3-17T17:46:40Z",
		"2030-02-30T00:00:00Z",
		"2030-13-01T00:00:00Z", "2030-00-01T00:00:00Z",
		"2030-01-00T00:00:00Z", "2030-01-01T24:00:00Z",
		"2030-01-01T00:60:00Z", "2030-01-01T00:00:61Z",
		"2030-01-01T00:00:00.Z", "2030-01-01T00:00:00+1:00",
		"2030-01-01T00:00:00+01:60", "2030-01-01T00:00:00+24:00",
		"2030-01-01T00:00:00+01:00x", "1969-12-31T23:59:59Z",
		"2600-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00",
	};
	__u64 time_ns;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (time_fmt_parse(texts[i], NOW, &time_ns))
			fail_msg("'%s' is accepted", texts[i]);
}

static void numbers(void **state)
{
	__u64 n;

	(void)state;
	assert_true(number_parse("18446744073709551615", 20, 0, ~0ULL, &n));
	assert_int_equal(n, ~0ULL);
	assert_false(number_parse("18446744073709551616", 20, 0, ~0ULL, &n));
	assert_false(number_parse("1x", 2, 0, 10, &n));
	assert_false(number_parse("", 0, 0, 10, &n));
	assert_false(number_parse("00", 2, 0, 10, &n));
	assert_false(number_parse("11", 2, 0, 10, &n));
	assert_true(number_parse("0", 1, 0, 10, &n));
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(format),
		cmocka_unit_test(local_format),
		cmocka_unit_test(age),
		cmocka_unit_test(moved_clock),
		cmocka_unit_test(absolute),
		cmocka_unit_test(local),
		cmocka_unit_test(relative),
		cmocka_unit_test(seconds),
		cmocka_unit_test(durations),
		cmocka_unit_test(own_format_is_read),
		cmocka_unit_test(junk),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
