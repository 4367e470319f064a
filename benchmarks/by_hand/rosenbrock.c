/* The sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 and its gradient, reading x once. */

double rosenbrock(long n, const double *restrict x, double *restrict g)
{
    double t = x[1] - x[0] * x[0], u = 1 - x[0], value = 100 * t * t + u * u;
    g[0] = -400 * x[0] * t - 2 * u;
    for (long i = 1; i < n - 1; i++) {
        double before = x[i] - x[i - 1] * x[i - 1], after = x[i + 1] - x[i] * x[i], left = 1 - x[i];
        value += 100 * after * after + left * left;
        g[i] = 200 * before - 400 * x[i] * after - 2 * left;
    }
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
    return value;
}
