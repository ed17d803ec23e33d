/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Two nodes in one machine: two network namespaces, and a wire between them
 * that is a process of the test.  The wire can hold back, cut, count and
 * change what passes.
 *
 * The C module has a shortcut between namespaces of one kernel, by which most
 * messages never see a link: a node knows such a peer by a hash in its
 * beacons.  The wire changes that hash, so both modules use their links.
 */
#ifndef NODES_H
#define NODES_H

#include "tipc_conn.h"

/* users of TIPC's header that the wire tells apart */
enum { ND_CONN = 8, ND_LINK = 7, ND_BEACON = 13, ND_NAMES = 11, ND_FRAGMENT = 12, ND_BUNDLE = 6 };

/* what the wire and the test share; [n] is what node n sends */
struct nd_wire {
	volatile int hold[2];		/* lose all but the links' own words: nothing gets on */
	volatile int cut[2];		/* lose everything */
	volatile int probe[2];		/* make a probe of so many acknowledgements of connections */
	volatile int vanish[2];		/* send so many acknowledgements to a port that is not there,
					 * and what comes back as from the port it was for */
	volatile unsigned int port;	/* that port */
	volatile unsigned int users[2][16];	/* packets, by user */
	volatile unsigned int rest[2];	/* STATEs in a row that acknowledge all, nothing else between */
	/* data, requested and errors: without packets that are sent again */
	volatile unsigned int data[2];	/* user data packets, fragments and bundles included */
	volatile unsigned int requested[2];	/* user data that asks for an acknowledgement */
	volatile unsigned int errors[2];	/* user data on its way back */
	volatile unsigned int last_error[2];	/* code and length of the last of these */
	volatile unsigned int last_length[2];
	volatile unsigned int kinds[2][8];	/* words about connections, by type */
	volatile unsigned int watch;	/* a port whose refused words about connections are counted */
	volatile unsigned int refused[2];	/* these */
	volatile unsigned int early[2];	/* those that came with errors[] still 0 */
};
extern struct nd_wire *nd_wire;
extern uint32_t nd_addr[2];

#define ND_IDENTITY 1	/* identities and the trial of addresses, else <1.1.n> at once */

/* makes the nodes and waits for contact; the test is on node 0 then */
void nd_two(int flags);
/* the same; the devices are made by dev(), called on each node, which returns where their frames go */
void nd_two_by(int (*dev)(void));
int nd_listen_at(const char *name);	/* for dev(): a socket of frames at that device, here */
void nd_listen_again(int fd, const char *name);	/* that socket at a device, here, that came later */
/* a queue at a device: so many ticks (64 ns) late, so many of 100 lost */
void nd_disturb(const char *name, int latency, int loss);
void nd_at(int node);			/* the test is on that node from here on */
int nd_socket(int node, int type);	/* a socket there; the test stays where it is */
int nd_bound(int node, uint32_t type, uint32_t inst);	/* an RDM socket bound there */
int nd_listener(int node, int type, uint32_t svc, uint32_t inst);
/* a connection from node 0 to a name of its own on node 1 */
void nd_connected(int type, uint32_t svc, uint32_t inst, int *client, int *server);
/* waits until node knows (or, unless there, does not know) somebody of that name */
void nd_wait_name(int node, uint32_t type, uint32_t inst, int there);
/* waits until node knows so many bindings of that name */
void nd_wait_bound(int node, uint32_t type, uint32_t inst, int count);
/* waits until so many messages are there to be read */
void nd_wait_depth(int fd, int depth);
/* waits until what was sent has been acknowledged and windows are at rest; not without the wire */
void nd_settle(void);
/* 16 MiB for messages: what does not fit would be dropped, were the reader late */
void nd_room(int fd);
/* the bearer of a node: on or off */
void nd_bearer(int node, int on);
struct sockaddr_tipc nd_name_at(uint32_t type, uint32_t inst, int node);

#endif
