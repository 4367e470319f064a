/* Hinge loss of a network 2-16-16-1 with its gradient by the 337 parameters, in one loop over blocks of samples.

   Parameters and gradient lie as W1[16][2], b1[16], W2[16][16], b2[16], w3[16], b3. A block is of up to eight vectors
   of eight samples, so that its activations stay in the first cache, and tiles of the 16 x 16 gradient are summed over
   it in registers. Written with the compiler's vector types; every parameter has a vector of eight partial sums. */
#include <string.h>

enum { H = 16, L = 8, BLOCK = 8, TILE = 4, W1 = 0, B1 = 32, W2 = 48, B2 = 304, W3 = 320, B3 = 336, COUNT = 337 };
typedef double lanes __attribute__((vector_size(8 * L), aligned(8)));
typedef long masks __attribute__((vector_size(8 * L)));

static inline lanes where_positive(lanes x, lanes y) { return (lanes)((x > 0.0) & (masks)y); }
static inline lanes relu(lanes x) { return where_positive(x, x); }

static inline lanes samples(const double *x, long left)
{
    lanes padded = {0};
    if (left >= L) return *(const lanes *)x;
    memcpy(&padded, x, left * sizeof(double));
    return padded;
}

double moons(long n, const double *restrict x0, const double *restrict x1, const double *restrict labels, double decay,
             const double *restrict p, double *restrict g)
{
    lanes sums[COUNT] = {0}, loss = {0}, h1[BLOCK][H], d2[BLOCK][H];
    const lanes numbers = {0, 1, 2, 3, 4, 5, 6, 7};
    for (long start = 0; start < n; start += BLOCK * L) {
        long size = n - start < BLOCK * L ? (n - start + L - 1) / L : BLOCK;
        for (long k = 0; k < size; k++) {
            long at = start + k * L, left = n - at;
            lanes u = samples(x0 + at, left), v = samples(x1 + at, left), y = samples(labels + at, left);
            lanes h2[H], d1[H] = {0}, score = (lanes){0} + p[B3];
#pragma GCC unroll 16
            for (int j = 0; j < H; j++) h1[k][j] = relu(p[B1 + j] + p[W1 + 2 * j] * u + p[W1 + 2 * j + 1] * v);
            for (int j = 0; j < H; j++) {
                lanes a = (lanes){0} + p[B2 + j];
#pragma GCC unroll 16
                for (int i = 0; i < H; i++) a += p[W2 + H * j + i] * h1[k][i];
                h2[j] = relu(a);
                score += p[W3 + j] * h2[j];
            }
            lanes share = (lanes)((numbers < (double)left) & (masks)((lanes){0} + 1.0 / n));
            lanes margin = 1.0 - y * score, ds = where_positive(margin, -y * share);
            loss += relu(margin) * share;
            sums[B3] += ds;
            for (int j = 0; j < H; j++) {
                d2[k][j] = where_positive(h2[j], p[W3 + j] * ds);
                sums[W3 + j] += ds * h2[j];
                sums[B2 + j] += d2[k][j];
#pragma GCC unroll 16
                for (int i = 0; i < H; i++) d1[i] += p[W2 + H * j + i] * d2[k][j];
            }
#pragma GCC unroll 16
            for (int i = 0; i < H; i++) {
                lanes d = where_positive(h1[k][i], d1[i]);
                sums[B1 + i] += d;
                sums[W1 + 2 * i] += d * u;
                sums[W1 + 2 * i + 1] += d * v;
            }
        }
        for (int j = 0; j < H; j += TILE)
            for (int i = 0; i < H; i += TILE) {
                lanes tile[TILE][TILE] = {0};
                for (long k = 0; k < size; k++)
#pragma GCC unroll 4
                    for (int a = 0; a < TILE; a++)
#pragma GCC unroll 4
                        for (int b = 0; b < TILE; b++) tile[a][b] += d2[k][j + a] * h1[k][i + b];
                for (int a = 0; a < TILE; a++)
                    for (int b = 0; b < TILE; b++) sums[W2 + H * (j + a) + i + b] += tile[a][b];
            }
    }
    double value = 0;
    for (int l = 0; l < L; l++) value += loss[l];
    for (int k = 0; k < COUNT; k++) {
        double total = 2 * decay * p[k];
        for (int l = 0; l < L; l++) total += sums[k][l];
        value += decay * p[k] * p[k];
        g[k] = total;
    }
    return value;
}
