/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What all examples need and none is about: numbers, --help, complaints, addresses. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <errno.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Say why a call failed, and leave. */
#define DIE(what)	ex_die(what, errno)

static inline void __attribute__((noreturn)) ex_die(const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(error));
	exit(1);
}

/* Show how the program is called: as an answer to --help, else as a complaint. */
static inline void __attribute__((noreturn)) ex_usage(const char *usage, int asked)
{
	fputs(usage, asked ? stdout : stderr);
	exit(asked ? 0 : 2);
}

/* Look for --help, wrong options and a wrong number of arguments. */
static inline void ex_check(int argc, char **argv, int least, int most, const char *usage)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && argv[1][0] == '-')
		ex_usage(usage, !strcmp(argv[1], "--help"));
	if (argc - 1 < least || argc - 1 > most)
		ex_usage(usage, 0);
}

/* A 32-bit number from the command line, or what it is when it was not given. */
static inline uint32_t ex_number(const char *text, uint32_t otherwise)
{
	unsigned long value;
	char *end;

	if (!text)
		return otherwise;
	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || end == text || value > UINT32_MAX) {
		fprintf(stderr, "%s: '%s' is not a 32-bit number\n",
			program_invocation_short_name, text);
		exit(2);
	}
	return value;
}

/* A new socket; there is none while the kernel has no TIPC. */
static inline int ex_socket(int type)
{
	int fd = socket(AF_TIPC, type, 0);

	if (fd < 0)
		DIE(errno == EAFNOSUPPORT ? "socket (modprobe tipc?)" : "socket");
	return fd;
}

/* The address of a service: what one sends to and connects to. */
static inline struct sockaddr_tipc ex_service(uint32_t type, uint32_t instance)
{
	return (struct sockaddr_tipc){
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_ADDR,
		.addr.name.name = { .type = type, .instance = instance },
		.addr.name.domain = 0,		/* on any node */
	};
}

/* A range of a service: what one binds, and what one multicasts to. */
static inline struct sockaddr_tipc ex_range(uint32_t type, uint32_t lower, uint32_t upper)
{
	return (struct sockaddr_tipc){
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = TIPC_CLUSTER_SCOPE,	/* TIPC_NODE_SCOPE: not known to other nodes */
		.addr.nameseq = { .type = type, .lower = lower, .upper = upper },
	};
}

#endif
