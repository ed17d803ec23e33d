// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The rows of messages one way between processes of one machine.
 *
 * When the sender is preempted and when the receiver is woken is luck, and lasts as long as they
 * do: one and the same module was a quarter dearer in one boot than in three others. So each round
 * has processes of its own, and the row is their mean. All of them are there, have warmed up and sleep
 * before the first round begins, and sleep after theirs, so that their beginning and end are not
 * counted. Over a link each message wakes its receiver, and fewer rounds do.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "table.h"

#define ROUNDS 16
#define ROUNDS_OF_LINK 4
#define MOST_PAIRS 4

/* messages of a pair in a round: some time slices of the scheduler, whatever their size */
static long round_of(void)
{
	return size <= 1024 ? lap_of(0) : 4 * lap_of(0);
}

/* A sender: warms up, and sends once more when told to. */
static pid_t start_sender(int go, int done, const struct end *to)
{
	long batch = batch_of(0, lap_of(0));
	pid_t pid = fork();
	char c = 0;
	int fd;

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = reach(to);
	answer_probe(fd, to, 0, batch);
	for (int k = 0; k < 2; k++) {
		if (k && read(go, &c, 1) != 1)
			_exit(1);
		one_way(fd, to, k ? round_of() : lap_of(0), batch);
		if (write(done, &c, 1) != 1)
			_exit(1);
	}
	for (;;)
		pause();
}

static void wait_for(int done, int senders)
{
	char c;

	while (senders--)
		if (read(done, &c, 1) != 1)
			err(1, "done");
}

/* so many senders, each with a receiver of its own, at a time */
void do_rounds(int pairs)
{
	int rounds = namespace ? ROUNDS_OF_LINK : ROUNDS;
	int go[ROUNDS][2], done[2], count = 0;
	pid_t pids[ROUNDS * MOST_PAIRS * 2];
	char c[MOST_PAIRS] = "";

	if (pipe(done))
		err(1, "pipe");
	for (int k = 0; k < rounds; k++) {
		if (pipe(go[k]))
			err(1, "pipe");
		for (int i = 0; i < pairs; i++, place++) {
			struct end at, to;

			addresses(&at, &to, place);
			pids[count++] = start_server(&at, batch_of(0, lap_of(0)));
			pids[count++] = start_sender(go[k][0], done[1], &to);
		}
	}
	wait_for(done[0], rounds * pairs);
	sleep(1);
	begin();
	for (int k = 0; k < rounds; k++) {
		if (write(go[k][1], c, pairs) != pairs)
			err(1, "go");
		wait_for(done[0], pairs);
	}
	end(rounds * pairs * round_of(), rounds * pairs * round_of() * size);
	/* the next row shall not pay for their end */
	for (int i = 0; i < count; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}
