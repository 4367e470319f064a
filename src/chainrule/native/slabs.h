/* Blocks of 64 bytes from slabs of 16 KB, one after the other.
 *
 * What is recorded together lies together, and the processor fetches it ahead. A list of freed blocks, last in first
 * out, is shuffled a little by each step of training: after 800 steps a step took 40 % longer.
 *
 * A slab is filled from its first block to its last and filled again when all have been given back. Where none is
 * empty, the gaps of one that is at most half in use are filled, so that what a program keeps of each of its graphs
 * does not hold much more than twice its memory.
 */
#ifndef CHAINRULE_SLABS_H
#define CHAINRULE_SLABS_H

#include <stdint.h>

#include "state.h"

#define CHAINRULE_SLAB 16384
#define CHAINRULE_BLOCK 64
#define CHAINRULE_BLOCKS (CHAINRULE_SLAB / CHAINRULE_BLOCK - 2) /* the header takes one, malloc's own another */
#define CHAINRULE_EMPTIES 800 /* slabs without a block in use that are kept */
#define CHAINRULE_LOOKS 4     /* slabs asked for gaps before there is a new one */

static void chainrule_unlink(chainrule_slab *slab) {
    slab->before->next = slab->next;
    slab->next->before = slab->before;
}

static void chainrule_link(chainrule_slab *slab) { /* at the end */
    slab->next = &chainrule_state->mixed;
    slab->before = chainrule_state->mixed.before;
    slab->before->next = slab;
    chainrule_state->mixed.before = slab;
}

static void chainrule_keep(chainrule_slab *slab) {
    if (chainrule_state->empties == CHAINRULE_EMPTIES) {
        PyTraceMalloc_Untrack(0, (uintptr_t)slab);
        free(slab);
        return;
    }
    slab->next = chainrule_state->empty;
    chainrule_state->empty = slab;
    chainrule_state->empties++;
}

/* A slab that is at most half in use, or NULL. */
static chainrule_slab *chainrule_with_gaps(void) {
    int k;
    for (k = 0; k < CHAINRULE_LOOKS; k++) {
        chainrule_slab *slab = chainrule_state->mixed.next;
        if (slab == &chainrule_state->mixed) return NULL;
        chainrule_unlink(slab);
        if (2 * slab->used <= CHAINRULE_BLOCKS) return slab;
        chainrule_link(slab);
    }
    return NULL;
}

static void chainrule_begin(chainrule_slab *slab) {
    slab->gaps = NULL;
    slab->used = CHAINRULE_BLOCKS;
    chainrule_state->next_block = (char *)slab + CHAINRULE_BLOCK;
    chainrule_state->last_block = chainrule_state->next_block + CHAINRULE_BLOCKS * CHAINRULE_BLOCK;
    chainrule_state->open = slab;
}

/* Another slab to take blocks from, after one that has no more. 0 where there is no memory. */
static int chainrule_open_slab(void) {
    chainrule_slab *slab = chainrule_state->open;
    void *memory;
    chainrule_state->open = NULL;
    if (slab != NULL && slab->used > 0 && slab->used < CHAINRULE_BLOCKS) chainrule_link(slab);
    if (slab == NULL || slab->used > 0) {
        slab = chainrule_state->empty;
        if (slab != NULL) {
            chainrule_state->empty = slab->next;
            chainrule_state->empties--;
        } else {
            if ((chainrule_state->open = chainrule_with_gaps()) != NULL) return 1;
            if (posix_memalign(&memory, CHAINRULE_SLAB, CHAINRULE_SLAB - CHAINRULE_BLOCK) != 0) return 0;
            PyTraceMalloc_Track(0, (uintptr_t)memory, CHAINRULE_SLAB); /* tracemalloc would not see it otherwise */
            slab = (chainrule_slab *)memory;
        }
    }
    chainrule_begin(slab);
    return 1;
}

/* A block where the open slab was filled to its end once: one of its gaps, if it was opened for these. */
static void *chainrule_fill(void) {
    chainrule_gap *gap;
    if (!chainrule_state->gaps || chainrule_state->open == NULL || chainrule_state->open->gaps == NULL) {
        if (!chainrule_open_slab()) return NULL;
        chainrule_state->gaps = chainrule_state->next_block == chainrule_state->last_block;
    }
    if (!chainrule_state->gaps) {
        void *block = chainrule_state->next_block;
        chainrule_state->next_block += CHAINRULE_BLOCK;
        return block;
    }
    gap = chainrule_state->open->gaps;
    chainrule_state->open->gaps = gap->next;
    chainrule_state->open->used++;
    return gap;
}

static inline void *chainrule_take_block(void) {
    char *block = chainrule_state->next_block;
    if (block == chainrule_state->last_block) return chainrule_fill();
    chainrule_state->next_block = block + CHAINRULE_BLOCK;
    __builtin_prefetch(block + 8 * CHAINRULE_BLOCK, 1);
    return block;
}

/* No block of a slab is in use any more, or it has its first gap. */
static void chainrule_move(chainrule_slab *slab) {
    if (slab == chainrule_state->open) return;
    if (slab->used > 0) {
        chainrule_link(slab);
    } else {
        chainrule_unlink(slab);
        chainrule_keep(slab);
    }
}

static inline void chainrule_give_block(void *block) {
    chainrule_slab *slab = (chainrule_slab *)((uintptr_t)block & ~(uintptr_t)(CHAINRULE_SLAB - 1));
    ((chainrule_gap *)block)->next = slab->gaps;
    slab->gaps = (chainrule_gap *)block;
    slab->used--;
    if (slab->used == 0 || slab->used == CHAINRULE_BLOCKS - 1) chainrule_move(slab);
}
#endif
