/* The squared distance of where RK4 arrives from (1, 1), and its gradient by (a, b, c, d, x, y).

   The adjoint of a step needs the states of its four stages: they are computed again from the state at its start. */
enum { MOST = 1000 };
typedef struct { double x, y; } pair;

static inline pair slope(const double *p, pair s)
{
    return (pair){p[0] * s.x - p[1] * s.x * s.y, -p[2] * s.y + p[3] * s.x * s.y};
}

static inline pair along(pair s, double h, pair k) { return (pair){s.x + h * k.x, s.y + h * k.y}; }

/* The cotangent of s where slope(p, s) has the cotangent k; that of p is added to g. */
static inline pair pull(const double *p, pair s, pair k, double *g)
{
    double both = s.x * s.y;
    g[0] += k.x * s.x, g[1] -= k.x * both, g[2] -= k.y * s.y, g[3] += k.y * both;
    return (pair){k.x * (p[0] - p[1] * s.y) + k.y * p[3] * s.y, -k.x * p[1] * s.x + k.y * (p[3] * s.x - p[2])};
}

double lotka_volterra(long steps, double h, const double *restrict p, double *restrict gradient)
{
    pair at[MOST], s = {p[4], p[5]};
    double g[4] = {0};
    if (steps > MOST) return -1;
    for (long t = 0; t < steps; t++) {
        at[t] = s;
        pair k1 = slope(p, s), k2 = slope(p, along(s, h / 2, k1)), k3 = slope(p, along(s, h / 2, k2));
        pair k4 = slope(p, along(s, h, k3));
        s = along(along(along(along(s, h / 6, k1), h / 3, k2), h / 3, k3), h / 6, k4);
    }
    double value = (s.x - 1) * (s.x - 1) + (s.y - 1) * (s.y - 1);
    pair ct = {2 * (s.x - 1), 2 * (s.y - 1)}, none = {0, 0};
    for (long t = steps - 1; t >= 0; t--) {
        pair s1 = at[t], s2 = along(s1, h / 2, slope(p, s1)), s3 = along(s1, h / 2, slope(p, s2));
        pair s4 = along(s1, h, slope(p, s3)), sixth = along(none, h / 6, ct), third = along(none, h / 3, ct);
        pair c4 = pull(p, s4, sixth, g), c3 = pull(p, s3, along(third, h, c4), g);
        pair c2 = pull(p, s2, along(third, h / 2, c3), g), c1 = pull(p, s1, along(sixth, h / 2, c2), g);
        ct = (pair){ct.x + c1.x + c2.x + c3.x + c4.x, ct.y + c1.y + c2.y + c3.y + c4.y};
    }
    for (int k = 0; k < 4; k++) gradient[k] = g[k];
    gradient[4] = ct.x, gradient[5] = ct.y;
    return value;
}
