# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Parallel jobs, as many as there are CPUs, since a VM uses one of them. Sourced.

# queue_run DIRECTORY JOB…: run each JOB, a function with arguments, in the given order as workers
# become free. A job's output is kept in DIRECTORY and shown in one piece when it has ended.
queue_run()
{
	local dir=$1 workers=${JOBS:-$(nproc)} worker pids=()
	shift

	mkdir -p "$dir"
	printf '%s\n' "$@" >"$dir/waiting"
	# Each worker leads a process group, so that all it starts ends with us.
	set -m
	for ((worker = 0; worker < workers; worker++)); do
		queue_worker "$dir" </dev/null &
		pids+=($!)
	done
	set +m
	# shellcheck disable=SC2064 # these processes
	trap "kill -- ${pids[*]/#/-} 2>/dev/null || :" EXIT
	wait "${pids[@]}" || :
	trap - EXIT
}

queue_worker()
{
	local dir=$1 job words began

	while job=$(queue_next "$dir"); do
		read -ra words <<<"$job"
		began=$SECONDS
		echo "# ---- begun: $job ($SECONDS s)"
		"${words[@]}" >"$dir/${job// /-}.log" 2>&1 || :
		queue_show "$dir" "$job" $((SECONDS - began))
	done
}

# Take the first line of the list; fails if it is empty.
queue_next()
{
	(
		flock 8
		{
			read -r job || exit 1
			cat >"$1/waiting.new"
		} <"$1/waiting"
		mv "$1/waiting.new" "$1/waiting"
		echo "$job"
	) 8>"$1/.lock"
}

queue_show()
{
	(
		flock 8
		cat "$1/${2// /-}.log"
		echo "# ---- ended: $2, after $3 s ($SECONDS s)"
	) 8>"$1/.show"
}
