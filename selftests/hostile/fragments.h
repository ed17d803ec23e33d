/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Parts of messages as fragments. */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include "attack.h"

static void part(struct wf *f, int type, int number, int data)
{
	wp_new(p, f, WU_FRAGMENT, type, 40, data);
	wf_bits(f, 4, 16, 0xffff, number);
}

/* a first fragment of a message that says it has `whole` bytes of data */
static void first(struct wf *f, int whole, int data)
{
	struct wf in;

	part(f, 0, 1, 32 + data);
	wp_direct(p, &in, 77, port(), 0);
	wf_bits(&in, 0, 0, 0x1ffff, 32 + whole);
	memcpy(f->b + 40, in.b, 32);
}

#endif
