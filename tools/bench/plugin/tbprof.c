// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A QEMU plugin that counts guest instructions by translation block, between
 * two marker instructions of the guest program (see selftests/perf/table.c):
 * mov $0x7e570001,%ebx zeroes the counts, mov $0x7e570002,%ebx writes them, and
 * mov $0x7e570003,%ebx in between ends a lap. For machines of one processor.
 *
 * -plugin tbprof.so,out=FILE[,laps=FILE]; each line of out is "ADDRESS INSTRUCTIONS", each
 * line of laps the instructions of each lap from one start to its stop, the rest as the last.
 *
 * Debian packages no header for plugins, so the few functions used are
 * declared here, from the documented interface (version 3 and later).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

typedef void (*tb_trans_cb)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*exec_cb)(unsigned int vcpu, void *data);
enum cb_flags { CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_cb cb,
					  enum cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_cb cb,
					    enum cb_flags flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);

EXPORT int qemu_plugin_version = 3;

struct block {
	struct block *next;
	uint64_t address, instructions, count;
};

static struct block *blocks;
static const char *out, *laps;
#define MOST_LAPS 64
static uint64_t lap[MOST_LAPS], before;
static unsigned int lap_count;

static void on_block(unsigned int vcpu, void *data)
{
	struct block *b = data;

	b->count++;
}

static void on_start(unsigned int vcpu, void *data)
{
	for (struct block *b = blocks; b; b = b->next)
		b->count = 0;
	before = lap_count = 0;
}

/* the instructions since the last lap, or since the start */
static void on_lap(unsigned int vcpu, void *data)
{
	uint64_t sum = 0;

	for (struct block *b = blocks; b; b = b->next)
		sum += b->count * b->instructions;
	if (lap_count < MOST_LAPS)
		lap[lap_count++] = sum - before;
	before = sum;
}

static void write_laps(void)
{
	FILE *f = fopen(laps, "a");

	if (!f) {
		perror(laps);
		return;
	}
	for (unsigned int i = 0; i < lap_count; i++)
		fprintf(f, "%" PRIu64 "%c", lap[i], i + 1 < lap_count ? ' ' : '\n');
	fclose(f);
}

static void on_stop(unsigned int vcpu, void *data)
{
	FILE *f = fopen(out, "w");

	if (laps) {
		on_lap(vcpu, data);
		write_laps();
	}
	if (!f) {
		perror(out);
		return;
	}
	for (struct block *b = blocks; b; b = b->next)
		if (b->count)
			fprintf(f, "%" PRIx64 " %" PRIu64 "\n", b->address,
				b->count * b->instructions);
	fclose(f);
}

static void on_translate(plugin_id id, struct qemu_plugin_tb *tb)
{
	static const unsigned char mov[] = { 0xbb, 0, 0x00, 0x57, 0x7e };
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->address = qemu_plugin_tb_vaddr(tb);
	b->instructions = n;
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, CB_NO_REGS, b);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		unsigned char c[16];

		if (qemu_plugin_insn_data(insn, c, sizeof(c)) != sizeof(mov) ||
		    c[0] != mov[0] || memcmp(c + 2, mov + 2, 3))
			continue;
		if (c[1] == 1)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start, CB_NO_REGS, NULL);
		else if (c[1] == 2)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop, CB_NO_REGS, NULL);
		else if (c[1] == 3)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_lap, CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
		else if (!strncmp(argv[i], "laps=", 5))
			laps = strdup(argv[i] + 5);
	if (!out) {
		fprintf(stderr, "tbprof: out=FILE is missing\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
