/* Reprojection errors and the 2 x 15 blocks of their Jacobian; observations lie along the last axis everywhere.

   p[15][n]: rotation vector 3, centre 3, focal length, principal point 2, radial distortion 2, point 3, weight.
   With Y = point - centre and u = rotation / angle the camera sees R Y = Y cos + (u x Y) sin + u (u.Y) (1 - cos).
   Sine and cosine have loops of their own: in one loop GCC joins them to a sincos, of which libmvec has no vectors.
   ivdep: rows that lie n apart do not overlap. */
#include <math.h>

enum { BLOCK = 64 };
typedef struct { double x, y, z; } vector;

static inline double dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline vector cross(vector a, vector b)
{
    return (vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
static inline vector mix(double a, vector x, double b, vector y, double c, vector z)
{
    return (vector){a * x.x + b * y.x + c * z.x, a * x.y + b * y.y + c * z.y, a * x.z + b * y.z + c * z.z};
}

/* The derivatives of one error, `ct` the one by the point as the camera sees it, laid out n apart. */
static inline void block(double *restrict j, long n, vector ct, vector u, vector y, double sine, double cosine,
                         double inverse)
{
    double along = dot(ct, u), uy = dot(u, y), rest = 1 - cosine;
    vector back = mix(cosine, ct, -sine, cross(u, ct), rest * along, u);
    double by_angle = (along * uy - dot(ct, y)) * sine + dot(ct, cross(u, y)) * cosine;
    vector by_u = mix(sine, cross(y, ct), rest * uy, ct, rest * along, y);
    double radial = by_angle - dot(u, by_u) * inverse;
    j[0] = by_u.x * inverse + radial * u.x;
    j[n] = by_u.y * inverse + radial * u.y;
    j[2 * n] = by_u.z * inverse + radial * u.z;
    j[3 * n] = -back.x, j[4 * n] = -back.y, j[5 * n] = -back.z;
    j[11 * n] = back.x, j[12 * n] = back.y, j[13 * n] = back.z;
}

double bundle_adjustment(long n, const double *restrict p, const double *restrict seen, double *restrict error,
                         double *restrict jacobian)
{
    double *restrict j0 = jacobian, *restrict j1 = jacobian + 15 * n, angles[BLOCK], sines[BLOCK], cosines[BLOCK];
    for (long start = 0; start < n; start += BLOCK) {
        long stop = n - start < BLOCK ? n : start + BLOCK;
        for (long i = start; i < stop; i++)
            angles[i - start] = sqrt(p[i] * p[i] + p[n + i] * p[n + i] + p[2 * n + i] * p[2 * n + i]);
        for (long i = 0; i < stop - start; i++) sines[i] = sin(angles[i]);
        for (long i = 0; i < stop - start; i++) cosines[i] = cos(angles[i]);
#pragma GCC ivdep
        for (long i = start; i < stop; i++) {
            const double *q = p + i;
            double inverse = 1 / angles[i - start], sine = sines[i - start], cosine = cosines[i - start];
            vector y = {q[11 * n] - q[3 * n], q[12 * n] - q[4 * n], q[13 * n] - q[5 * n]};
            vector u = {q[0] * inverse, q[n] * inverse, q[2 * n] * inverse};
            vector c = mix(cosine, y, sine, cross(u, y), (1 - cosine) * dot(u, y), u);
            double depth = 1 / c.z, a = c.x * depth, b = c.y * depth, square = a * a + b * b;
            double k1 = q[9 * n], k2 = q[10 * n], focal = q[6 * n], weight = q[14 * n], scale = weight * focal;
            double bend = 1 + (k1 + k2 * square) * square, turn = 2 * (k1 + 2 * k2 * square);
            double e0 = focal * bend * a + q[7 * n] - seen[i], e1 = focal * bend * b + q[8 * n] - seen[n + i];
            error[i] = weight * e0, error[n + i] = weight * e1;
            double m00 = scale * (bend + turn * a * a), m01 = scale * turn * a * b, m11 = scale * (bend + turn * b * b);
            vector ct0 = {m00 * depth, m01 * depth, -(m00 * a + m01 * b) * depth};
            vector ct1 = {m01 * depth, m11 * depth, -(m01 * a + m11 * b) * depth};
            block(j0 + i, n, ct0, u, y, sine, cosine, inverse);
            block(j1 + i, n, ct1, u, y, sine, cosine, inverse);
            j0[6 * n + i] = weight * bend * a, j1[6 * n + i] = weight * bend * b;
            j0[7 * n + i] = weight, j1[7 * n + i] = 0;
            j0[8 * n + i] = 0, j1[8 * n + i] = weight;
            j0[9 * n + i] = scale * square * a, j1[9 * n + i] = scale * square * b;
            j0[10 * n + i] = scale * square * square * a, j1[10 * n + i] = scale * square * square * b;
            j0[14 * n + i] = e0, j1[14 * n + i] = e1;
        }
    }
    return error[0];
}
