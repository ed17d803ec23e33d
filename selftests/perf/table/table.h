/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the parts of perf/table share; see perf/table.c. */
#ifndef PERF_TABLE_H
#define PERF_TABLE_H

#include <err.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SIZE 66000

struct protocol {
	const char *name;
	int family, type;
};

struct end {
	struct sockaddr_storage a;
	socklen_t len;
};

/* of the program: what -r, -a, -m said (NULL: not given), -o and -s */
extern const char *namespace, *address, *marked;
extern int other_machine;

/* of the row: its name, protocol and size, and a number for addresses that no row used before */
extern const char *row;
extern const struct protocol *p;
extern unsigned int place;
extern long size;
extern char buf[MAX_SIZE];

/* count.c */
void begin(void);
void lap(void);
void end(long count, long bytes);
void mark_begin(void);
void mark_lap(void);
void mark_end(void);

/* ends.c */
int find_protocol(const char *name);
int connected(void);
int open_socket(void);
void addresses(struct end *bound, struct end *to, unsigned int number);
int listener(const struct end *at);
int reach(const struct end *to);
void join(int *tx, int *rx, struct end *to);
void take(int fd);
void give(int fd, const struct end *to, long bytes);
const struct end *direct(const struct end *to);
long count_of(void);

/* alone.c */
void do_self(void);
void do_multicast(int receivers);
void do_calls(int binding);
void do_same(int withdraw);
void do_idle(void);

/* pairs.c */
void do_pair(int echo);
void serve_row(int echo);
void do_connect(void);
long lap_of(int echo);
long batch_of(int echo, long count);
pid_t start_server(const struct end *at, long batch);
void answer_probe(int fd, const struct end *to, int echo, long batch);
void one_way(int fd, const struct end *to, long count, long batch);

/* rounds.c */
void do_rounds(int pairs);

#endif
