/* The mean of log(1 + exp(-y x.w)) and its gradient by w, reading the n x d matrix once, in blocks of rows that stay in
   the first cache. exp and log are taken of whole blocks. */
#include <math.h>

enum { BLOCK = 64, ROWS = 4 };

double logistic(long n, long d, const double *restrict x, const double *restrict labels, const double *restrict w,
                double *restrict g)
{
    double value = 0, margin[BLOCK], ct[BLOCK];
    for (long k = 0; k < d; k++) g[k] = 0;
    for (long start = 0; start < n; start += BLOCK) {
        const double *restrict rows = x + start * d, *restrict y = labels + start;
        long size = n - start < BLOCK ? n - start : BLOCK, i = 0;
        for (; i + ROWS <= size; i += ROWS) {
            const double *restrict row = rows + i * d;
            double a = 0, b = 0, c = 0, e = 0;
            for (long k = 0; k < d; k++)
                a += row[k] * w[k], b += row[d + k] * w[k], c += row[2 * d + k] * w[k], e += row[3 * d + k] * w[k];
            margin[i] = a, margin[i + 1] = b, margin[i + 2] = c, margin[i + 3] = e;
        }
        for (; i < size; i++) {
            double a = 0;
            for (long k = 0; k < d; k++) a += rows[i * d + k] * w[k];
            margin[i] = a;
        }
        for (i = 0; i < size; i++) {
            double m = y[i] * margin[i], small = exp(-fabs(m));
            value += fmax(-m, 0) + log1p(small);
            ct[i] = -y[i] * (m < 0 ? 1 : small) / (1 + small) / n;
        }
        for (i = 0; i + ROWS <= size; i += ROWS) {
            const double *restrict row = rows + i * d;
            double a = ct[i], b = ct[i + 1], c = ct[i + 2], e = ct[i + 3];
            for (long k = 0; k < d; k++) g[k] += a * row[k] + b * row[d + k] + c * row[2 * d + k] + e * row[3 * d + k];
        }
        for (; i < size; i++)
            for (long k = 0; k < d; k++) g[k] += ct[i] * rows[i * d + k];
    }
    return value / n;
}
