/* ADBench's LSTM, two layers of 14 cells without mixing: minus the mean log-likelihood of a sequence of bits, and its
   gradient by main[4][4][14] (weights and biases of the gates, layer by layer) and extra[3][14].

   `kept` holds, for each step and layer, what the way back reads: [steps][2][STORED][14]. */
#include <math.h>

enum { B = 14, LAYERS = 2, STORED = 8 };
enum { INPUT, HIDDEN, CELL, FORGET, IN, OUT, CHANGE, TANH };
typedef double cells[B];

static inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* One layer at one step, its old state in s[0] and s[1], which it replaces; k keeps what it met. */
static inline void forward(const cells *restrict w, const cells *restrict b, const double *restrict x,
                           cells *restrict s, cells *restrict k)
{
    for (int i = 0; i < B; i++) {
        k[INPUT][i] = x[i], k[HIDDEN][i] = s[0][i], k[CELL][i] = s[1][i];
        k[FORGET][i] = sigmoid(x[i] * w[0][i] + b[0][i]);
        k[IN][i] = sigmoid(s[0][i] * w[1][i] + b[1][i]);
        k[OUT][i] = sigmoid(x[i] * w[2][i] + b[2][i]);
        k[CHANGE][i] = tanh(s[0][i] * w[3][i] + b[3][i]);
        s[1][i] = s[1][i] * k[FORGET][i] + k[IN][i] * k[CHANGE][i];
        k[TANH][i] = tanh(s[1][i]);
        s[0][i] = k[OUT][i] * k[TANH][i];
    }
}

/* Turns the cotangents c[0], c[1] of the new state into those of the old one, and x into the input's. */
static inline void backward(const cells *restrict w, cells *restrict gw, cells *restrict gb, double *restrict x,
                            cells *restrict c, const cells *restrict k)
{
    for (int i = 0; i < B; i++) {
        double h = c[0][i], cell = c[1][i] + h * k[OUT][i] * (1 - k[TANH][i] * k[TANH][i]);
        double forget = cell * k[CELL][i] * k[FORGET][i] * (1 - k[FORGET][i]);
        double in = cell * k[CHANGE][i] * k[IN][i] * (1 - k[IN][i]);
        double out = h * k[TANH][i] * k[OUT][i] * (1 - k[OUT][i]);
        double change = cell * k[IN][i] * (1 - k[CHANGE][i] * k[CHANGE][i]);
        gw[0][i] += forget * k[INPUT][i], gb[0][i] += forget;
        gw[1][i] += in * k[HIDDEN][i], gb[1][i] += in;
        gw[2][i] += out * k[INPUT][i], gb[2][i] += out;
        gw[3][i] += change * k[HIDDEN][i], gb[3][i] += change;
        x[i] = forget * w[0][i] + out * w[2][i];
        c[0][i] = in * w[1][i] + change * w[3][i];
        c[1][i] = cell * k[FORGET][i];
    }
}

double lstm(long length, const double *restrict main, const double *restrict extra, const double *restrict state,
            const double *restrict sequence, double *restrict kept, double *restrict by_main, double *restrict by_extra)
{
    const cells *w = (const cells *)main, *e = (const cells *)extra, *bits = (const cells *)sequence;
    cells(*k)[LAYERS][STORED] = (void *)kept, *gw = (cells *)by_main, *ge = (cells *)by_extra, s[2 * LAYERS];
    double total = 0;
    for (int i = 0; i < 2 * LAYERS * B; i++) s[i / B][i % B] = state[i];
    for (int i = 0; i < 16 * B; i++) by_main[i] = 0;
    for (int i = 0; i < 3 * B; i++) by_extra[i] = 0;
    for (long t = 0; t < length - 1; t++) {
        cells x;
        double sum = 2, hits = 0, ones = 0;
        for (int i = 0; i < B; i++) x[i] = bits[t][i] * e[0][i];
        forward(w, w + 4, x, s, k[t][0]);
        forward(w + 8, w + 12, s[0], s + 2, k[t][1]);
        for (int i = 0; i < B; i++) {
            double y = s[2][i] * e[1][i] + e[2][i];
            sum += exp(y), hits += bits[t + 1][i] * y, ones += bits[t + 1][i];
        }
        total += hits - ones * log(sum);
    }
    cells c[2 * LAYERS] = {{0}};
    double share = -1.0 / ((length - 1) * B);
    for (long t = length - 2; t >= 0; t--) {
        const double *out = k[t][1][OUT], *tanhs = k[t][1][TANH];
        cells y, x;
        double sum = 2, ones = 0;
        for (int i = 0; i < B; i++) {
            y[i] = exp(out[i] * tanhs[i] * e[1][i] + e[2][i]);
            sum += y[i], ones += bits[t + 1][i];
        }
        for (int i = 0; i < B; i++) {
            double ct = share * (bits[t + 1][i] - ones * y[i] / sum);
            ge[1][i] += ct * out[i] * tanhs[i], ge[2][i] += ct;
            c[2][i] += ct * e[1][i];
        }
        backward(w + 8, gw + 8, gw + 12, x, c + 2, (const cells *)k[t][1]);
        for (int i = 0; i < B; i++) c[0][i] += x[i];
        backward(w, gw, gw + 4, x, c, (const cells *)k[t][0]);
        for (int i = 0; i < B; i++) ge[0][i] += x[i] * bits[t][i];
    }
    return share * total;
}
