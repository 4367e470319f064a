/* European calls: price, and its derivatives by spot, rate, time to expiry and volatility, in this order. */
#include <math.h>

double black_scholes(long n, const double *restrict spot, const double *restrict strike, const double *restrict rate,
                     const double *restrict time, const double *restrict volatility, double *restrict price,
                     double *restrict by_spot, double *restrict by_rate, double *restrict by_time,
                     double *restrict by_volatility)
{
    for (long i = 0; i < n; i++) {
        double s = spot[i], t = time[i], root = sqrt(t), sigma = volatility[i], spread = sigma * root;
        double d1 = (log(s / strike[i]) + (rate[i] + 0.5 * sigma * sigma) * t) / spread, d2 = d1 - spread;
        double n1 = 0.5 + 0.5 * erf(d1 * M_SQRT1_2), n2 = 0.5 + 0.5 * erf(d2 * M_SQRT1_2);
        double paid = strike[i] * exp(-rate[i] * t) * n2;
        double density = s * exp(-0.5 * d1 * d1) * (0.5 * M_SQRT1_2 * M_2_SQRTPI);
        price[i] = s * n1 - paid;
        by_spot[i] = n1;
        by_rate[i] = t * paid;
        by_time[i] = 0.5 * density * sigma / root + rate[i] * paid;
        by_volatility[i] = density * root;
    }
    return price[0];
}
