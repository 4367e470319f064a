/* -a^3 + sin(3b) - 1/c + b^2.5 - a^0.5 and its gradient. */
#include <math.h>

double three_variables(double a, double b, double c, double *restrict g)
{
    double ra = sqrt(a), rb = sqrt(b), inverse = 1 / c;
    g[0] = -3 * a * a - 0.5 / ra;
    g[1] = 3 * cos(3 * b) + 2.5 * b * rb;
    g[2] = inverse * inverse;
    return -a * a * a + sin(3 * b) - inverse + b * b * rb - ra;
}
