"""One plausible call of each function of `optimize`, `integrate`, `interpolate` and `sparse`."""

import numpy as np
from scipy import integrate, interpolate, optimize, sparse
from scipy.sparse import linalg as sparse_linalg

T = np.array([0.0, 0.4, 0.9, 1.3, 1.8, 2.2, 2.7, 3.1])
H = np.sin(2 * T) + 0.1 * np.cos(9 * T)
ASKED = np.array([0.3, 1.1, 2.6])
GRID = (T, np.arange(5.0))
OVER = np.cos(np.arange(40.0)).reshape(8, 5)
POINTS = np.array([[1.1, 2.3], [0.5, 0.7]])
SCATTERED = np.random.default_rng(1).uniform(0, 1, size=(12, 2))
HEIGHTS = SCATTERED[:, 0] ** 2 + SCATTERED[:, 1]
INSIDE = np.array([[0.5, 0.45], [0.4, 0.6]])
SPARSE = sparse.csc_array(np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 5]]))
RIGHT = np.array([1.0, 2.0, 3.0])
SPLINE = interpolate.splrep(T, H)
CURVE = interpolate.splprep([np.cos(T), np.sin(T)], s=0)[0]
TRIANGLE = sparse.csc_array(np.array([[4.0, 0, 0], [1, 3, 0], [0, 1, 5]]))


def cost(v, a):
    """A convex function whose minimiser moves with `a`."""
    return (v[0] - a) ** 2 + (v[1] + a * v[0]) ** 2 + 0.1 * v[0] ** 4


def fun(v, a):
    return np.array([v[0] ** 3 + v[1] - a, v[1] - 0.3 * v[0]])


def slope(t, y, a):
    return [y[1], -a * y[0]]


OPTIMIZE = {
    "anderson": (lambda a: optimize.anderson(lambda v: fun(v, a), [0.5, 0.2], f_tol=1e-12), 1.3),
    "approx_fprime": (lambda a: optimize.approx_fprime(np.array([0.3, 0.4]), lambda v: cost(v, a)), 1.3),
    "basinhopping": (lambda a: optimize.basinhopping(lambda v: cost(v, a), [0.5, 0.2], niter=2, rng=1).x, 1.3),
    "bisect": (lambda a: optimize.bisect(lambda v: v**3 - a, 0.0, 3.0), 1.3),
    "brent": (lambda a: optimize.brent(lambda v: (v - a) ** 2 + 0.1 * v**4), 1.3),
    "brenth": (lambda a: optimize.brenth(lambda v: v**3 - a, 0.0, 3.0), 1.3),
    "brentq": (lambda a: optimize.brentq(lambda v: v**3 - a, 0.0, 3.0), 1.3),
    "broyden1": (lambda a: optimize.broyden1(lambda v: fun(v, a), [0.9, 0.3], f_tol=1e-12), 1.3),
    "broyden2": (lambda a: optimize.broyden2(lambda v: fun(v, a), [0.9, 0.3], f_tol=1e-12), 1.3),
    "curve_fit": (lambda y: optimize.curve_fit(lambda t, a, b: a * np.exp(-b * t), T, y)[0], np.exp(-T) + 0.01 * H),
    "differential_evolution": (
        lambda a: optimize.differential_evolution(
            lambda v: cost(v, a), [(-2, 2), (-3, 2)], rng=1, tol=1e-14, polish=False, maxiter=400
        ).x, 1.3,
    ),
    "direct": (lambda a: optimize.direct(lambda v: cost(v, a), [(-2, 2), (-3, 2)], maxiter=50).fun, 1.3),
    "dual_annealing": (
        lambda a: optimize.dual_annealing(lambda v: cost(v, a), [(-2, 2), (-3, 2)], rng=1, maxiter=20).x, 1.3
    ),
    "fixed_point": (lambda a: optimize.fixed_point(lambda v: np.cos(a * v), 0.7), 0.9),
    "fmin": (lambda a: optimize.fmin(lambda v: cost(v, a), [0.5, 0.2], disp=False, xtol=1e-9, ftol=1e-12), 1.3),
    "fmin_bfgs": (lambda a: optimize.fmin_bfgs(lambda v: cost(v, a), [0.5, 0.2], disp=False), 1.3),
    "fmin_cg": (lambda a: optimize.fmin_cg(lambda v: cost(v, a), [0.5, 0.2], disp=False), 1.3),
    "fmin_l_bfgs_b": (
        lambda a: optimize.fmin_l_bfgs_b(lambda v: cost(v, a), [0.5, 0.2], approx_grad=True, factr=10, pgtol=1e-9)[0],
        1.3,
    ),
    "fmin_powell": (lambda a: optimize.fmin_powell(lambda v: cost(v, a), [0.5, 0.2], disp=False, xtol=1e-9), 1.3),
    "fmin_slsqp": (lambda a: optimize.fmin_slsqp(lambda v: cost(v, a), [0.5, 0.2], disp=False, acc=1e-12), 1.3),
    "fmin_tnc": (
        lambda a: optimize.fmin_tnc(
            lambda v: cost(v, a), [0.5, 0.2], approx_grad=True, disp=0, ftol=1e-15, xtol=1e-12
        )[0], 1.3,
    ),
    "fminbound": (lambda a: optimize.fminbound(lambda v: (v - a) ** 2 + 0.1 * v**4, 0.0, 2.0), 1.3),
    "fsolve": (lambda a: optimize.fsolve(lambda v: fun(v, a), [0.5, 0.2]), 1.3),
    "golden": (lambda a: optimize.golden(lambda v: (v - a) ** 2 + 0.1 * v**4), 1.3),
    "isotonic_regression": (lambda y: optimize.isotonic_regression(y).x, H),
    "least_squares": (lambda a: optimize.least_squares(fun, [0.5, 0.2], args=(a,), xtol=1e-14, gtol=1e-14).x, 1.3),
    "leastsq": (lambda a: optimize.leastsq(fun, [0.5, 0.2], args=(a,))[0], 1.3),
    "linprog": (
        lambda b: optimize.linprog([-1.0, -2.0], A_ub=[[1.0, 1.0], [1.0, 3.0]], b_ub=b).x, np.array([4.0, 6.0])
    ),
    "lsq_linear": (lambda b: optimize.lsq_linear(np.vander(T, 3), b).x, H),
    "minimize": (lambda a: optimize.minimize(cost, [0.5, 0.2], args=(a,), tol=1e-10).x, 1.3),
    "minimize_scalar": (lambda a: optimize.minimize_scalar(lambda v: (v - a) ** 2 + 0.1 * v**4).x, 1.3),
    "newton": (lambda a: optimize.newton(lambda v: v**3 - a, 1.0), 1.3),
    "newton_krylov": (lambda a: optimize.newton_krylov(lambda v: fun(v, a), [0.9, 0.3], f_tol=1e-12), 1.3),
    "nnls": (lambda b: optimize.nnls(np.vander(T, 3) + 0.3, b)[0], H + 3),
    "ridder": (lambda a: optimize.ridder(lambda v: v**3 - a, 0.0, 3.0), 1.3),
    "root": (lambda a: optimize.root(fun, [0.5, 0.2], args=(a,)).x, 1.3),
    "root_scalar": (lambda a: optimize.root_scalar(lambda v: v**3 - a, bracket=(0.0, 3.0)).root, 1.3),
    "rosen": (lambda x: optimize.rosen(x), RIGHT),
    "rosen_der": (lambda x: optimize.rosen_der(x), RIGHT),
    "rosen_hess": (lambda x: optimize.rosen_hess(x), RIGHT),
    "rosen_hess_prod": (lambda x: optimize.rosen_hess_prod(x, RIGHT), RIGHT),
    "shgo": (lambda a: optimize.shgo(lambda v: cost(v, a), [(-2, 2), (-3, 2)]).x, 1.3),
    "toms748": (lambda a: optimize.toms748(lambda v: v**3 - a, 0.0, 3.0), 1.3),
}  # fmt: skip

INTEGRATE = {
    "cubature": (lambda a: integrate.cubature(lambda x: np.exp(-a * x[..., 0] ** 2), [0.0], [1.0]).estimate, 1.3),
    "cumulative_simpson": (lambda y: integrate.cumulative_simpson(y, x=T), H),
    "cumulative_trapezoid": (lambda y: integrate.cumulative_trapezoid(y, T), H),
    "dblquad": (lambda a: integrate.dblquad(lambda y, x: np.exp(-a * x * y), 0, 1, 0, lambda x: x)[0], 1.3),
    "fixed_quad": (lambda a: integrate.fixed_quad(lambda x: np.exp(-a * x), 0.0, 1.0)[0], 1.3),
    "nquad": (lambda a: integrate.nquad(lambda y, x: np.exp(-a * x * y), [(0, 1), (0, 2)])[0], 1.3),
    "nsum": (lambda a: integrate.nsum(lambda k: 1 / k**a, 1, np.inf).sum, 2.3),
    "odeint": (lambda a: integrate.odeint(lambda y, t: [y[1], -a * y[0]], [1.0, 0.0], T, rtol=1e-10, atol=1e-10), 1.3),
    "quad": (lambda a: integrate.quad(lambda x: np.exp(-a * x), 0.0, np.inf)[0], 1.3),
    "quad_vec": (lambda a: integrate.quad_vec(lambda x: np.exp(-a * x * RIGHT), 0.0, 1.0)[0], 1.3),
    "romb": (lambda y: integrate.romb(y, 0.1), np.append(H, 0.3)),
    "simpson": (lambda y: integrate.simpson(y, x=T), H),
    "solve_bvp": (
        lambda a: integrate.solve_bvp(
            lambda x, y: np.array([y[1], -a * y[0]]), lambda p, q: np.array([p[0], q[0] - 1]), T, np.ones((2, 8)),
            tol=1e-9,
        ).sol(1.1), 0.5,
    ),
    "solve_ivp": (
        lambda a: integrate.solve_ivp(slope, (0.0, 3.0), [1.0, 0.0], args=(a,), rtol=1e-11, atol=1e-11).y[:, -1], 1.3
    ),
    "tanhsinh": (lambda a: integrate.tanhsinh(lambda x: np.exp(-a * x), 0.0, 1.0).integral, 1.3),
    "tplquad": (lambda a: integrate.tplquad(lambda z, y, x: np.exp(-a * x * y * z), 0, 1, 0, 1, 0, 1)[0], 1.3),
    "trapezoid": (lambda y: integrate.trapezoid(y, x=T), H),
}  # fmt: skip

INTERPOLATE = {
    "AAA": (lambda x: interpolate.AAA(T, H)(x), ASKED),
    "Akima1DInterpolator": (lambda y: interpolate.Akima1DInterpolator(T, y)(ASKED), H),
    "BPoly": (lambda x: interpolate.BPoly([[1.0], [2.0], [0.5]], [0.0, 3.0])(x), ASKED),
    "BSpline": (lambda c: interpolate.BSpline(SPLINE[0], c, 3)(ASKED), SPLINE[1][:8]),
    "BarycentricInterpolator": (lambda y: interpolate.BarycentricInterpolator(T, y)(ASKED), H),
    "CloughTocher2DInterpolator": (lambda z: interpolate.CloughTocher2DInterpolator(SCATTERED, z)(INSIDE), HEIGHTS),
    "CubicHermiteSpline": (lambda y: interpolate.CubicHermiteSpline(T, y, np.cos(T))(ASKED), H),
    "CubicSpline": (lambda y: interpolate.CubicSpline(T, y)(ASKED), H),
    "FloaterHormannInterpolator": (lambda x: interpolate.FloaterHormannInterpolator(T, H)(x), ASKED),
    "InterpolatedUnivariateSpline": (lambda y: interpolate.InterpolatedUnivariateSpline(T, y)(ASKED), H),
    "KroghInterpolator": (lambda y: interpolate.KroghInterpolator(T, y)(ASKED), H),
    "LSQUnivariateSpline": (lambda y: interpolate.LSQUnivariateSpline(T, y, [1.5])(ASKED), H),
    "LinearNDInterpolator": (lambda z: interpolate.LinearNDInterpolator(SCATTERED, z)(INSIDE), HEIGHTS),
    "NdBSpline": (
        lambda x: interpolate.NdBSpline((np.arange(8.0),) * 2, OVER[:4, :4], 3)(x), np.array([[3.3, 3.6], [3.5, 3.1]])
    ),
    "NdPPoly": (lambda x: interpolate.NdPPoly(OVER[:4, :4].reshape(4, 4, 1, 1), ([0.0, 3.0],) * 2)(x), POINTS),
    "NearestNDInterpolator": (lambda z: interpolate.NearestNDInterpolator(SCATTERED, z)(INSIDE), HEIGHTS),
    "PPoly": (lambda c: interpolate.PPoly(c, [0.0, 3.0])(ASKED), np.array([[1.0], [2.0], [0.5]])),
    "PchipInterpolator": (lambda y: interpolate.PchipInterpolator(T, y)(ASKED), H),
    "RBFInterpolator": (lambda z: interpolate.RBFInterpolator(SCATTERED, z)(INSIDE), HEIGHTS),
    "Rbf": (lambda z: interpolate.Rbf(*SCATTERED.T, z)(*INSIDE.T), HEIGHTS),
    "RectBivariateSpline": (lambda z: interpolate.RectBivariateSpline(*GRID, z).ev(*POINTS.T), OVER),
    "RegularGridInterpolator": (lambda z: interpolate.RegularGridInterpolator(GRID, z)(POINTS), OVER),
    "SmoothBivariateSpline": (
        lambda x: interpolate.SmoothBivariateSpline(*SCATTERED.T, HEIGHTS, kx=2, ky=2).ev(*x.T), INSIDE
    ),
    "UnivariateSpline": (lambda x: interpolate.UnivariateSpline(T, H, s=0.1)(x), ASKED),
    "barycentric_interpolate": (lambda y: interpolate.barycentric_interpolate(T, y, ASKED), H),
    "bisplev": (lambda x: interpolate.bisplev(x, 0.4, interpolate.bisplrep(*SCATTERED.T, HEIGHTS, kx=2, ky=2)), 0.5),
    "griddata": (lambda z: interpolate.griddata(SCATTERED, z, INSIDE), HEIGHTS),
    "interp1d": (lambda y: interpolate.interp1d(T, y)(ASKED), H),
    "interpn": (lambda z: interpolate.interpn(GRID, z, POINTS), OVER),
    "krogh_interpolate": (lambda y: interpolate.krogh_interpolate(T, y, ASKED), H),
    "lagrange": (lambda y: interpolate.lagrange(T[:4], y)(0.7), H[:4]),
    "make_interp_spline": (lambda y: interpolate.make_interp_spline(T, y)(ASKED), H),
    "make_lsq_spline": (
        lambda y: interpolate.make_lsq_spline(T, y, np.array([0.0] * 4 + [1.5] + [3.1] * 4))(ASKED), H
    ),
    "make_smoothing_spline": (lambda y: interpolate.make_smoothing_spline(T, y, lam=0.1)(ASKED), H),
    "make_splrep": (lambda y: interpolate.make_splrep(T, y)(ASKED), H),
    "pade": (lambda c: interpolate.pade(c, 1)[0](0.3), np.array([1.0, 1.0, 0.5, 0.17])),
    "pchip_interpolate": (lambda y: interpolate.pchip_interpolate(T, y, ASKED), H),
    "splantider": (lambda x: interpolate.splev(x, interpolate.splantider(SPLINE)), ASKED),
    "splder": (lambda x: interpolate.splev(x, interpolate.splder(SPLINE)), ASKED),
    "splev": (lambda x: interpolate.splev(x, SPLINE), ASKED),
    "splint": (lambda b: interpolate.splint(0.3, b, SPLINE), 2.3),
    "splprep": (lambda x: np.array(interpolate.splev(x, CURVE)), np.array([0.3, 0.6])),
    "splrep": (lambda y: interpolate.splev(ASKED, interpolate.splrep(T, y)), H),
}  # fmt: skip


def filled(data):
    """The sample matrix with other entries."""
    return sparse.csc_array((data, SPARSE.indices, SPARSE.indptr), shape=SPARSE.shape)


SPARSE_ARRAYS = {
    "coo_array": (lambda d: sparse.coo_array((d, ([0, 1, 2], [1, 0, 2])), shape=(3, 3)) @ RIGHT, RIGHT),
    "csc_array": (lambda d: filled(d) @ RIGHT, SPARSE.data),
    "csr_array": (lambda x: sparse.csr_array(SPARSE) @ x, RIGHT),
    "csr_matrix": (lambda x: sparse.csr_matrix(SPARSE) * x, RIGHT),
    "diags_array": (lambda d: sparse.diags_array(d) @ RIGHT, RIGHT),
    "diags": (lambda d: sparse.diags([d, d[1:]], [0, 1]) @ RIGHT, RIGHT),
    "eye_array": (lambda x: (SPARSE + x * sparse.eye_array(3)) @ RIGHT, 1.3),
    "block_diag": (lambda x: sparse.block_diag([SPARSE, SPARSE]) @ x, np.tile(RIGHT, 2)),
    "kron": (lambda x: sparse.kron(SPARSE, SPARSE) @ x, np.arange(9.0)),
    "hstack": (lambda x: sparse.hstack([SPARSE, SPARSE]) @ x, np.tile(RIGHT, 2)),
    "vstack": (lambda x: sparse.vstack([SPARSE, SPARSE]) @ x, RIGHT),
    "linalg.spsolve": (lambda b: sparse_linalg.spsolve(SPARSE, b), RIGHT),
    "linalg.spsolve by data": (lambda d: sparse_linalg.spsolve(filled(d), RIGHT), SPARSE.data),
    "linalg.splu": (lambda b: sparse_linalg.splu(SPARSE).solve(b), RIGHT),
    "linalg.splu by data": (lambda d: sparse_linalg.splu(filled(d)).solve(RIGHT), SPARSE.data),
    "linalg.factorized": (lambda b: sparse_linalg.factorized(SPARSE)(b), RIGHT),
    "linalg.cg by data": (lambda d: sparse_linalg.cg(filled(d), RIGHT, rtol=1e-13)[0], SPARSE.data),
    "linalg.spsolve_triangular": (lambda b: sparse_linalg.spsolve_triangular(TRIANGLE, b), RIGHT),
    "linalg.expm_multiply": (lambda b: sparse_linalg.expm_multiply(SPARSE, b), RIGHT),
    "linalg.norm": (lambda d: sparse_linalg.norm(filled(d)), SPARSE.data),
    "linalg.lsqr": (lambda b: sparse_linalg.lsqr(SPARSE, b, atol=1e-14, btol=1e-14)[0], RIGHT),
    "linalg.lsmr": (lambda b: sparse_linalg.lsmr(SPARSE, b, atol=1e-14, btol=1e-14)[0], RIGHT),
    "linalg.eigsh": (lambda d: sparse_linalg.eigsh(filled(d), k=1)[0], SPARSE.data),
    **{
        f"linalg.{name}": (lambda b, name=name: getattr(sparse_linalg, name)(SPARSE, b, rtol=1e-13)[0], RIGHT)
        for name in ("bicg", "bicgstab", "cg", "cgs", "gcrotmk", "gmres", "lgmres", "minres", "qmr", "tfqmr")
    },
}  # fmt: skip
