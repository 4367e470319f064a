"""Calls as people spell them: by place and by name, frozen, along an axis, of vectors, lists, matrices and tails."""

# ruff: noqa: E501 - tables read best with one case on a line

import numpy as np
import scipy
from scipy import fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, special, stats
from scipy.sparse.linalg import spsolve
from scipy.spatial import distance

RNG = np.random.default_rng(5)
V, M, P = RNG.normal(size=5), RNG.normal(size=(4, 5)), RNG.uniform(0.2, 0.9, 5)
S = np.cov(RNG.normal(size=(3, 20)))
T = np.linspace(0.0, 3.0, 9)
H = np.sin(2 * T) + 0.3 * T
LINE, IMAGE = RNG.normal(size=60), RNG.normal(size=(6, 7))
DATA = np.array([0.5, 1.5, 0.2, 4.0, 2.2])
COUNTS = np.array([0, 2, 5, 1, 3])
FROZEN = stats.norm(0.3, 1.2)
SOS = signal.butter(4, 0.3, output="sos")
B, A = signal.butter(2, 0.3)


def decay(t, y, k):
    return -k * y


def oscillator(y, t, k, c):
    return [y[1], -k * y[0] - c * y[1]]


SPELLINGS = {
    # likelihoods
    "stats.norm.logpdf names": (lambda p: np.sum(stats.norm.logpdf(x=DATA, loc=p[0], scale=p[1])), P[:2]),
    "stats.norm.logpdf list": (lambda p: np.sum(stats.norm.logpdf([1.0, 2.0, p[0]], p[1], 0.5)), P[:2]),
    "stats.norm frozen in": (lambda s: stats.norm(scale=s).logpdf(DATA).sum(), 0.7),
    "stats.norm frozen out": (lambda x: FROZEN.cdf(x) + FROZEN.sf(x) ** 2, V),
    "stats.norm.ppf vector scale": (lambda s: stats.norm.ppf([0.1, 0.5, 0.9], scale=s), P[:3]),
    "stats.t.logpdf": (lambda p: stats.t.logpdf(DATA, df=p[0] + 3, loc=p[1], scale=p[2]).mean(), P[:3]),
    "stats.gamma.logpdf rate": (lambda p: stats.gamma.logpdf(DATA, a=p[0], scale=1 / p[1]).sum(), P[:2]),
    "stats.beta.logpdf": (lambda p: stats.beta(p[0] + 1, p[1] + 1).logpdf([0.2, 0.7]).sum(), P[:2]),
    "stats.lognorm.pdf": (lambda s: stats.lognorm.pdf(DATA, s, scale=np.exp(0.3)), 0.7),
    "stats.weibull_min.logsf": (lambda p: stats.weibull_min.logsf(DATA, p[0] + 1, scale=p[1] + 1), P[:2]),
    "stats.expon.cdf": (lambda r: stats.expon.cdf(DATA, scale=1 / r), 0.8),
    "stats.uniform.logpdf": (lambda w: stats.uniform.logpdf(0.4, 0.0, w), 0.8),
    "stats.poisson.logpmf": (lambda p: stats.poisson.logpmf(COUNTS, np.exp(p)).sum(), 0.4),
    "stats.poisson.pmf vector": (lambda m: stats.poisson.pmf(COUNTS, mu=m), DATA),
    "stats.binom.logpmf": (lambda p: stats.binom.logpmf(COUNTS, n=6, p=p).sum(), 0.4),
    "stats.binom.cdf": (lambda p: stats.binom.cdf(2, 6, p), P),
    "stats.nbinom.logpmf": (lambda p: stats.nbinom.logpmf(COUNTS, p[0] + 2, p[1]).sum(), P[:2]),
    "stats.bernoulli.logpmf": (lambda p: stats.bernoulli.logpmf([1, 0, 1, 1, 0], p).sum(), P),
    "stats.multivariate_normal.logpdf": (lambda m: stats.multivariate_normal.logpdf([[1, 2, 3], [0, 1, 0]], m, S), V[:3]),
    "stats.multivariate_normal cov": (lambda c: stats.multivariate_normal(np.zeros(3), c).logpdf([0.3, 0.1, 0.4]), S),
    "stats.multivariate_normal names": (
        lambda s: stats.multivariate_normal.logpdf(DATA[:2], mean=[0.0, 1.0], cov=s * np.eye(2)), 0.7),
    "stats.dirichlet.logpdf": (lambda a: stats.dirichlet.logpdf([0.2, 0.3, 0.5], a), P[:3] + 1),
    "stats.multinomial.logpmf": (lambda p: stats.multinomial.logpmf([1, 2, 3], n=6, p=p / p.sum()), P[:3]),
    "stats.truncnorm.logpdf": (lambda p: stats.truncnorm.logpdf(DATA, -p[0], np.inf, loc=p[1], scale=2.0), P[:2]),
    "stats.norm.interval": (lambda s: np.array(stats.norm.interval(0.95, loc=0.0, scale=s)), 0.7),
    "stats.norm.stats": (lambda s: np.array(stats.norm.stats(loc=0.2, scale=s)), 0.7),
    "stats.gamma.moment": (lambda a: stats.gamma.moment(2, a), 1.7),
    "stats.gamma.std": (lambda a: stats.gamma(a, scale=2.0).std() + stats.gamma.median(a), 1.7),
    "stats.beta.entropy": (lambda a: stats.beta.entropy(a, 2.0), 1.7),
    "stats.norm.expect": (lambda s: stats.norm(scale=s).expect(lambda x: x**2), 0.7),
    "stats.norm.fit": (lambda x: np.array(stats.norm.fit(x)), DATA),
    "stats.zscore axis": (lambda x: stats.zscore(x, axis=1, ddof=1), M),
    "stats.pearsonr": (lambda x: stats.pearsonr(x, V)[0], DATA),
    "stats.linregress": (lambda y: stats.linregress(V, y).slope, DATA),
    "stats.ttest_ind": (lambda x: stats.ttest_ind(x, V).statistic, DATA),
    "stats.gaussian_kde": (lambda x: stats.gaussian_kde(DATA)(x), V),
    "stats.gaussian_kde data": (lambda d: stats.gaussian_kde(d, bw_method=0.4).logpdf([0.3, 1.2]), DATA),
    "stats.skew": (lambda x: stats.skew(x) + stats.kurtosis(x, fisher=False), DATA),
    "stats.entropy": (lambda p: stats.entropy(p, [0.2, 0.2, 0.2, 0.2, 0.2]), P),
    "stats.trim_mean": (lambda x: stats.trim_mean(x, 0.2), DATA),
    "stats.boxcox": (lambda x: stats.boxcox(x, 0.3), DATA),
    "stats.Normal": (lambda s: stats.Normal(mu=0.2, sigma=s).logpdf(DATA), 0.7),
    "stats.mixture": (lambda w: np.log(w * stats.norm.pdf(DATA, 0, 1) + (1 - w) * stats.norm.pdf(DATA, 3, 1)).sum(), 0.4),
    # special functions
    "special.expit": (lambda x: special.expit(x) - special.logit(special.expit(x)) ** 2, V),
    "special.logsumexp axis": (lambda x: special.logsumexp(x, axis=1, keepdims=True), M),
    "special.logsumexp b": (lambda x: special.logsumexp(x, b=[1, 2, 3, 4, 5]), V),
    "special.softmax axis": (lambda x: special.softmax(x, axis=0), M),
    "special.log_softmax": (lambda x: special.log_softmax(x, axis=-1)[:, 2], M),
    "special.gammaln": (lambda x: special.gammaln(x + 1) - special.betaln(x, 2.0), DATA),
    "special.digamma": (lambda x: special.digamma(x) + special.polygamma(1, x), DATA),
    "special.erf": (lambda x: special.erf(x) * special.erfc(-x) + special.erfinv(x / 5), V),
    "special.ndtr": (lambda x: special.log_ndtr(-9 * x) + special.ndtri(special.ndtr(x)), V),
    "special.xlogy": (lambda x: special.xlogy(x, x) + special.entr(x) + special.rel_entr(x, 0.3), P),
    "special.jv order list": (lambda x: special.jv([0, 1, 2], x), 1.3),
    "special.iv": (lambda x: special.ive(0.5, x) + special.kve(1, x), DATA),
    "special.sph_harm_y": (lambda a: np.abs(special.sph_harm_y(2, 1, a[0], a[1]) + 0.3), P[:2]),
    "special.wofz voigt": (lambda x: special.wofz((x + 0.2j) / (0.5 * np.sqrt(2))).real, V),
    "special.hyp2f1": (lambda x: special.hyp2f1(0.5, 1.0, 1.5, -(x**2)), V),
    "special.ellipk": (lambda m: special.ellipk(m) * special.ellipe(m), P),
    "special.eval_legendre": (lambda x: special.eval_legendre(np.arange(5), x), 0.3),
    "special.comb": (lambda n: special.comb(n, 2), 5.5),
    "special.huber": (lambda r: special.huber(0.5, r).sum(), V),
    # linear algebra
    "linalg.solve names": (lambda a: linalg.solve(a, np.ones(3), assume_a="pos"), S),
    "linalg.solve matrix": (lambda b: linalg.solve(S, b), M[:3]),
    "linalg.cho_factor": (lambda a: linalg.cho_solve(linalg.cho_factor(a, lower=True), np.ones(3)), S),
    "linalg.cholesky det": (lambda a: 2 * np.log(np.diag(linalg.cholesky(a))).sum(), S),
    "linalg.solve_triangular trans": (lambda a: linalg.solve_triangular(a, np.ones(3), trans="T", lower=True), S),
    "linalg.eigh subset": (lambda a: linalg.eigh(a, eigvals_only=True, subset_by_index=[1, 2]), S),
    "linalg.eigh pencil": (lambda a: linalg.eigh(a, S, eigvals_only=True), S + np.diag([1.0, 2.0, 3.0])),
    "linalg.expm batch": (lambda a: linalg.expm(a), np.stack([S, S / 2])),
    "linalg.expm scalar time": (lambda t: linalg.expm(t * S) @ np.ones(3), 0.4),
    "linalg.svd thin": (lambda a: linalg.svd(a, full_matrices=False)[1], M),
    "linalg.svd compute_uv": (lambda a: linalg.svd(a, compute_uv=False), M),
    "linalg.qr economic": (lambda a: linalg.qr(a.T, mode="economic")[1], M),
    "linalg.qr pivoting": (lambda a: np.abs(linalg.qr(a, pivoting=True)[1]), S),
    "linalg.lstsq": (lambda b: linalg.lstsq(M.T, b)[0], V),
    "linalg.pinv": (lambda a: linalg.pinv(a), M),
    "linalg.norm axis": (lambda a: linalg.norm(a, axis=1, ord=1), M),
    "linalg.block_diag": (lambda a: linalg.block_diag(a, [[1.0]], a), S),
    "linalg.toeplitz": (lambda c: linalg.toeplitz(c, [1.0, 2.0]), V),
    "linalg.null_space": (lambda a: linalg.null_space(a) @ linalg.null_space(a).T, M),
    "linalg.schur": (lambda a: linalg.schur(a)[0].trace(), S),
    "linalg.ldl": (lambda a: np.diag(linalg.ldl(a)[1]), S),
    "linalg.det": (lambda a: linalg.det(a), np.stack([S, 2 * S])),
    # transforms and signals
    "fft.rfft": (lambda x: np.abs(fft.rfft(x, n=8)) ** 2, V),
    "fft.fft axis": (lambda x: fft.fft(x, axis=0, norm="ortho").real, M),
    "fft.dct": (lambda x: fft.dct(x, type=2, norm="ortho"), V),
    "fft.irfft": (lambda x: fft.irfft(fft.rfft(x) * [1, 0.5, 0.2], n=5), V),
    "signal.convolve": (lambda k: signal.convolve(LINE, k, mode="valid", method="fft"), V),
    "signal.fftconvolve 2d": (lambda k: signal.fftconvolve(IMAGE, k, mode="same"), IMAGE[:3, :3]),
    "signal.fftconvolve axes": (lambda x: signal.fftconvolve(x, IMAGE[:, :3], axes=1), IMAGE),
    "signal.correlate same": (lambda x: signal.correlate(x, LINE[:9], "same"), LINE),
    "signal.lfilter axis": (lambda x: signal.lfilter(B, A, x, axis=0), IMAGE),
    "signal.lfilter zi": (lambda x: signal.lfilter(B, A, x, zi=signal.lfilter_zi(B, A) * x[0])[0], LINE),
    "signal.sosfilt": (lambda x: signal.sosfilt(SOS, x), LINE),
    "signal.sosfilt zi": (lambda x: signal.sosfilt(SOS, x, zi=signal.sosfilt_zi(SOS) * x[0])[0], LINE),
    "signal.sosfiltfilt": (lambda x: signal.sosfiltfilt(SOS, x), LINE),
    "signal.filtfilt gust": (lambda x: signal.filtfilt(B, A, x, method="gust"), LINE),
    "signal.butter then filter": (lambda w: signal.lfilter(*signal.butter(2, w), LINE), 0.3),
    "signal.butter band": (lambda w: signal.butter(2, w, btype="band")[1], np.array([0.2, 0.5])),
    "signal.butter fs": (lambda f: signal.butter(3, f, "high", fs=100.0, output="sos"), 12.0),
    "signal.cheby1": (lambda w: signal.cheby1(3, 0.5, w)[0], 0.3),
    "signal.firwin": (lambda c: signal.firwin(11, c, window="hann"), 0.3),
    "signal.iirnotch": (lambda w: np.array(signal.iirnotch(w, 30.0)), 0.3),
    "signal.welch": (lambda x: signal.welch(x, fs=10.0, nperseg=16, noverlap=8, window="hamming")[1], LINE),
    "signal.welch detrend": (lambda x: signal.welch(x, nperseg=16, detrend="linear")[1], LINE),
    "signal.periodogram": (lambda x: signal.periodogram(x, scaling="spectrum")[1], LINE),
    "signal.spectrogram": (lambda x: signal.spectrogram(x, nperseg=16, mode="magnitude")[2], LINE),
    "signal.stft": (lambda x: np.abs(signal.stft(x, nperseg=16)[2]), LINE),
    "signal.savgol_filter": (lambda x: signal.savgol_filter(x, window_length=7, polyorder=2, deriv=1, delta=0.1), LINE),
    "signal.savgol_filter axis": (lambda x: signal.savgol_filter(x, 5, 2, axis=0, mode="nearest"), IMAGE),
    "signal.hilbert": (lambda x: np.unwrap(np.angle(signal.hilbert(x))), LINE),
    "signal.detrend": (lambda x: signal.detrend(x, type="constant"), LINE),
    "signal.resample": (lambda x: signal.resample(x, 40), LINE),
    "signal.medfilt2d": (lambda x: signal.medfilt2d(x, 3), IMAGE),
    "signal.lsim": (lambda a: signal.lsim(([1.0], [1.0, a, 1.0]), np.ones(9), T)[1], 0.5),
    "signal.step": (lambda a: signal.step(([1.0], [1.0, a, 1.0]), T=T)[1], 0.5),
    "ndimage.gaussian_filter": (lambda s: ndimage.gaussian_filter(IMAGE, s, mode="wrap"), 0.9),
    "ndimage.gaussian_filter vector": (lambda x: ndimage.gaussian_filter(x, sigma=(1.0, 0.5), order=(1, 0)), IMAGE),
    "ndimage.map_coordinates": (lambda c: ndimage.map_coordinates(IMAGE, c), np.array([[1.3, 2.6], [2.2, 3.7]])),
    "ndimage.map_coordinates 1": (
        lambda c: ndimage.map_coordinates(IMAGE, c, order=1, mode="reflect"), np.array([[1.3, 2.6], [2.2, 3.7]])),
    "ndimage.shift": (lambda s: ndimage.shift(IMAGE, (s, 0.4), order=1), 0.3),
    "ndimage.zoom": (lambda x: ndimage.zoom(x, 1.5), IMAGE),
    "ndimage.rotate": (lambda x: ndimage.rotate(x, 20.0, reshape=False, order=1), IMAGE),
    "ndimage.rotate angle": (lambda a: ndimage.rotate(IMAGE, a, reshape=False, order=1), 20.0),
    "ndimage.convolve": (lambda k: ndimage.convolve(IMAGE, k, mode="constant", cval=1.0), IMAGE[:3, :3]),
    "ndimage.sobel": (lambda x: np.hypot(ndimage.sobel(x, 0), ndimage.sobel(x, 1)), IMAGE),
    "ndimage.gaussian_filter1d": (lambda x: ndimage.gaussian_filter1d(x, 2.0, axis=0), IMAGE),
    # solutions
    "optimize.brentq args": (lambda a: optimize.brentq(lambda x, a, b: x**3 - a * b, 0, 5, args=(a, 2.0)), 1.3),
    "optimize.newton fprime": (lambda a: optimize.newton(lambda x: x * x - a, 1.0, fprime=lambda x: 2 * x), 1.3),
    "optimize.newton array": (lambda a: optimize.newton(lambda x: x * x - a, np.ones(3)), P[:3]),
    "optimize.root jac": (
        lambda a: optimize.root(lambda x: [x[0] ** 2 - a, x[1] - x[0]], [1.0, 1.0], method="lm").x, 1.3),
    "optimize.fsolve scalar": (lambda a: optimize.fsolve(lambda x: np.cos(x) - a * x, 0.5), 1.3),
    "optimize.root_scalar": (lambda a: optimize.root_scalar(lambda x: x**3 - a, x0=1.0, method="newton", fprime=lambda x: 3 * x**2).root, 1.3),
    "optimize.minimize fun": (lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2) + 0.5 * a, [0.0, 0.0]).fun, 1.3),
    "optimize.minimize bounds": (
        lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2), [0.1, 0.1], bounds=[(0, 0.5), (0, 9)], method="L-BFGS-B").x, 1.3),
    "optimize.minimize nelder": (
        lambda a: optimize.minimize(lambda x: (x[0] - a) ** 2 + x[1] ** 2, [0.1, 0.1], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x, 1.3),
    "optimize.minimize constraints": (
        lambda a: optimize.minimize(lambda x: np.sum(x**2), [1.0, 1.0], constraints={"type": "eq", "fun": lambda x: x.sum() - a}).x, 1.3),
    "optimize.minimize_scalar": (lambda a: optimize.minimize_scalar(lambda x: (x - a) ** 4 + x**2, bounds=(0, 2), method="bounded", options={"xatol": 1e-10}).x, 1.3),
    "optimize.curve_fit": (lambda y: optimize.curve_fit(lambda x, a, b: a * x + b, T, y, p0=[1.0, 0.0])[0], H),
    "optimize.curve_fit sigma": (lambda y: optimize.curve_fit(lambda x, a, b: a * x + b, T, y, sigma=0.1 + 0 * T)[0], H),
    "optimize.curve_fit cov": (lambda y: np.sqrt(np.diag(optimize.curve_fit(lambda x, a, b: a * x + b, T, y)[1])), H),
    "optimize.least_squares": (lambda y: optimize.least_squares(lambda p: p[0] * T + p[1] - y, [1.0, 0.0]).x, H),
    "optimize.least_squares huber": (lambda y: optimize.least_squares(lambda p: p[0] * T + p[1] - y, [1.0, 0.0], loss="soft_l1").x, H),
    "optimize.linear_sum_assignment": (lambda c: c[optimize.linear_sum_assignment(c)].sum(), M),
    "integrate.quad args": (lambda a: integrate.quad(lambda x, a: np.exp(-a * x), 0, 1, args=(a,))[0], 1.3),
    "integrate.quad limit": (lambda b: integrate.quad(np.sin, 0, b)[0], 1.3),
    "integrate.quad weight": (lambda a: integrate.quad(lambda x: np.exp(-a * x), 0, 1, weight="cos", wvar=2.0)[0], 1.3),
    "integrate.simpson dx": (lambda y: integrate.simpson(y, dx=0.1), H),
    "integrate.trapezoid axis": (lambda y: integrate.trapezoid(y, x=[0.0, 1.0, 3.0, 4.0], axis=0), M),
    "integrate.cumulative_trapezoid": (lambda y: integrate.cumulative_trapezoid(y, T, initial=0), H),
    "integrate.solve_ivp args": (lambda k: integrate.solve_ivp(decay, [0, 2], [1.0], args=(k,), rtol=1e-9, atol=1e-9).y[0, -1], 0.7),
    "integrate.solve_ivp t_eval": (
        lambda k: integrate.solve_ivp(lambda t, y: -k * y, (0, 2), [1.0], t_eval=[0.5, 1.0], method="LSODA", rtol=1e-9, atol=1e-9).y, 0.7),
    "integrate.solve_ivp dense": (
        lambda k: integrate.solve_ivp(lambda t, y: -k * y, (0, 2), [1.0], dense_output=True, rtol=1e-9, atol=1e-9).sol([0.3, 1.2]), 0.7),
    "integrate.solve_ivp y0": (
        lambda y: integrate.solve_ivp(lambda t, y: [y[1], -np.sin(y[0])], (0, 2), y, method="Radau", rtol=1e-8, atol=1e-9).y[:, -1], P[:2]),
    "integrate.odeint args": (lambda p: integrate.odeint(oscillator, [1.0, 0.0], T, args=(p[0], p[1]), rtol=1e-10, atol=1e-10)[:, 0], P[:2]),
    "integrate.odeint tfirst": (lambda k: integrate.odeint(decay, 1.0, T, args=(k,), tfirst=True, rtol=1e-10, atol=1e-10), 0.7),
    "integrate.solve_bvp": (
        lambda k: integrate.solve_bvp(lambda x, y: [y[1], -k * y[0]], lambda a, b: [a[0], b[0] - 1], T, np.ones((2, 9)), tol=1e-8).y[0], 0.5),
    # interpolants
    "interpolate.interp1d": (lambda x: interpolate.interp1d(T, H, kind="cubic")(x), P),
    "interpolate.interp1d fill": (lambda y: interpolate.interp1d(T, y, bounds_error=False, fill_value=0.0)([0.3, 9.0]), H),
    "interpolate.interp1d extrapolate": (lambda x: interpolate.interp1d(T, H, fill_value="extrapolate")(x), P + 3),
    "interpolate.interp1d matrix": (lambda y: interpolate.interp1d([0.0, 1.0, 2.0, 3.0], y, axis=0)([0.3, 1.7]), M),
    "interpolate.interp1d nearest": (lambda x: interpolate.interp1d(T, H, kind="nearest")(x) * x, P),
    "interpolate.CubicSpline bc": (lambda y: interpolate.CubicSpline(T, y, bc_type="natural")(0.7), H),
    "interpolate.CubicSpline clamped": (lambda y: interpolate.CubicSpline(T, y, bc_type=((1, 0.0), (2, 0.0)))(0.7), H),
    "interpolate.CubicSpline nu": (lambda x: interpolate.CubicSpline(T, H)(x, 1), P),
    "interpolate.CubicSpline x": (lambda x: interpolate.CubicSpline(x, H)(0.7), T),
    "interpolate.CubicSpline integrate": (lambda y: interpolate.CubicSpline(T, y).integrate(0.1, 2.2), H),
    "interpolate.CubicSpline derivative": (lambda y: interpolate.CubicSpline(T, y).derivative()(0.7), H),
    "interpolate.PchipInterpolator": (lambda y: interpolate.PchipInterpolator(T, y)(P), H),
    "interpolate.make_interp_spline": (lambda y: interpolate.make_interp_spline(T, y, k=2)(P), H),
    "interpolate.UnivariateSpline": (lambda y: interpolate.UnivariateSpline(T, y, s=0)(P), H),
    "interpolate.splev der": (lambda x: interpolate.splev(x, interpolate.splrep(T, H), der=1), P),
    "interpolate.RegularGridInterpolator": (
        lambda x: interpolate.RegularGridInterpolator((np.arange(6.0), np.arange(7.0)), IMAGE)(x), np.array([[1.2, 3.4], [2.5, 1.1]])),
    "interpolate.RegularGridInterpolator cubic": (
        lambda x: interpolate.RegularGridInterpolator((np.arange(6.0), np.arange(7.0)), IMAGE, method="cubic", solver=spsolve)(x), np.array([[1.2, 3.4], [2.5, 1.1]])),
    "interpolate.RectBivariateSpline": (lambda x: interpolate.RectBivariateSpline(np.arange(6.0), np.arange(7.0), IMAGE)(x, 2.2), 1.3),
    "interpolate.RectBivariateSpline ev": (lambda x: interpolate.RectBivariateSpline(np.arange(6.0), np.arange(7.0), IMAGE).ev(x[0], x[1]), np.array([1.3, 2.4])),
    "interpolate.RBFInterpolator": (lambda x: interpolate.RBFInterpolator(M[:, :2], V[:4])(x), M[:2, 2:4]),
    "interpolate.BSpline": (lambda c: interpolate.BSpline([0, 0, 0, 1, 2, 3, 3, 3], c, 2)(1.3), V),
    # sparse and distances
    "sparse.csr_matrix @": (lambda x: sparse.csr_matrix(S) @ x, V[:3]),
    "sparse.linalg.spsolve": (lambda b: spsolve(sparse.csc_matrix(S), b), V[:3]),
    "sparse.diags": (lambda d: sparse.diags(d).toarray() @ S, V[:3]),
    "distance.cdist": (lambda x: distance.cdist(x, M[:2]), M + 0.1),
    "distance.cdist mahalanobis": (lambda x: distance.cdist(x, M[:2, :3], "mahalanobis", VI=S), M[:, :3] + 0.1),
    "distance.pdist": (lambda x: distance.pdist(x, "cityblock"), M),
    "distance.squareform": (lambda x: distance.squareform(distance.pdist(x)), M),
    "distance.cosine": (lambda x: distance.cosine(x, V), DATA),
    "scipy.special path": (lambda x: scipy.special.expit(x) * scipy.stats.norm.pdf(x), V),
}  # fmt: skip
