// SPDX-License-Identifier: GPL-2.0

#include "lib/loading.h"
#include "tests/fake_client.h"
#include "tests/unit.h"

static void assert_advice(const char *expected)
{
	char *advice = loading_advice();

	assert_string_equal(advice, expected);
	free(advice);
}

static void ordinary(void **state)
{
	(void)state;
	fake_reset();
	assert_advice("run modprobe portowner as root");
	/* The key is mentioned only where signatures are required. */
	fake.signing_key = "/var/lib/dkms/mok.pub";
	assert_advice("run modprobe portowner as root");
}

static void not_built(void **state)
{
	(void)state;
	fake_reset();
	fake.unbuilt = true;
	assert_advice("install portowner-dkms and the headers of this kernel, "
		      "then run modprobe portowner as root");
	fake.signatures = true;
	assert_advice("install portowner-dkms and the headers of this kernel, "
		      "then run modprobe portowner as root; this kernel takes "
		      "only modules that are signed by a key it knows");
}

static void signed_only(void **state)
{
	(void)state;
	fake_reset();
	fake.signatures = true;
	assert_advice("run modprobe portowner as root; this kernel takes only "
		      "modules that are signed by a key it knows");
	fake.signing_key = "/var/lib/dkms/mok.pub";
	assert_advice("run modprobe portowner as root; this kernel takes only "
		      "modules that are signed by a key it knows: if it refuses, "
		      "run mokutil --import /var/lib/dkms/mok.pub and confirm at "
		      "the next boot");
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(ordinary),
		cmocka_unit_test(not_built),
		cmocka_unit_test(signed_only),
	};

	return cmocka_run_group_tests_name("loading", tests, NULL, NULL);
}
