"""One plausible call of each function of `scipy.stats`, and the density of each distribution by all it depends on."""

import numpy as np
from scipy import stats
from scipy.stats._distr_params import distcont, distdiscrete

RNG = np.random.default_rng(2)
D, E = RNG.normal(size=12), RNG.normal(size=12) + 0.3
P = np.array([1.1, 0.4, 2.3, 0.9, 1.7, 3.1])
Q = np.array([0.1, 0.2, 0.15, 0.25, 0.2, 0.1])
COV = np.array([[2.0, 0.3], [0.3, 1.0]])
COUNTS = np.array([[10.0, 20, 30], [15, 15, 25]])
TABLE = stats.rv_histogram(np.histogram(D, 5))

FUNCTIONS = {
    "alexandergovern": (lambda x: stats.alexandergovern(x, E).statistic, D),
    "anderson": (lambda x: stats.anderson(x, method="interpolate").statistic, D),
    "anderson_ksamp": (lambda x: stats.anderson_ksamp([x, E], method=stats.PermutationMethod(5)).statistic, D),
    "bartlett": (lambda x: stats.bartlett(x, E).statistic, D),
    "bayes_mvs": (lambda x: stats.bayes_mvs(x)[0].statistic, D),
    "boxcox": (lambda x: stats.boxcox(x, 0.3), P),
    "boxcox_llf": (lambda x: stats.boxcox_llf(0.3, x), P),
    "boxcox_normmax": (lambda x: stats.boxcox_normmax(x, method="mle"), P),
    "chi2_contingency": (lambda x: stats.chi2_contingency(x).statistic, COUNTS),
    "chisquare": (lambda x: stats.chisquare(x, np.mean(x)).statistic, P),
    "circmean": (lambda x: stats.circmean(x), P),
    "circstd": (lambda x: stats.circstd(x), P),
    "circvar": (lambda x: stats.circvar(x), P),
    "combine_pvalues": (lambda x: stats.combine_pvalues(x).statistic, Q),
    "cramervonmises": (lambda x: stats.cramervonmises(x, "norm").statistic, D),
    "describe": (lambda x: stats.describe(x).variance, D),
    "differential_entropy": (lambda x: stats.differential_entropy(x), D),
    "energy_distance": (lambda x: stats.energy_distance(x, E), D),
    "entropy": (lambda x: stats.entropy(x), Q),
    "expectile": (lambda x: stats.expectile(x, 0.3), D),
    "f_oneway": (lambda x: stats.f_oneway(x, E).statistic, D),
    "false_discovery_control": (lambda x: stats.false_discovery_control(x), P / 4),
    "gmean": (lambda x: stats.gmean(x), P),
    "gstd": (lambda x: stats.gstd(x), P),
    "gzscore": (lambda x: stats.gzscore(x), P),
    "hmean": (lambda x: stats.hmean(x), P),
    "iqr": (lambda x: stats.iqr(x), D),
    "jarque_bera": (lambda x: stats.jarque_bera(x).statistic, D),
    "ks_1samp": (lambda x: stats.ks_1samp(x, stats.norm.cdf).statistic, D),
    "kstat": (lambda x: stats.kstat(x, 3), D),
    "kstatvar": (lambda x: stats.kstatvar(x, 2), D),
    "kurtosis": (lambda x: stats.kurtosis(x), D),
    "kurtosistest": (lambda x: stats.kurtosistest(np.concatenate([x, E])).statistic, D),
    "levene": (lambda x: stats.levene(x, E).statistic, D),
    "linregress": (lambda y: stats.linregress(D, y).slope, E),
    "lmoment": (lambda x: stats.lmoment(x, 2), D),
    "median_abs_deviation": (lambda x: stats.median_abs_deviation(x), D[:11]),
    "moment": (lambda x: stats.moment(x, 3), D),
    "normaltest": (lambda x: stats.normaltest(np.concatenate([x, E])).statistic, D),
    "obrientransform": (lambda x: stats.obrientransform(x, E)[0], D),
    "pearsonr": (lambda x: stats.pearsonr(x, E).statistic, D),
    "pearsonr by index": (lambda x: stats.pearsonr(x, E)[0], D),
    "pmean": (lambda x: stats.pmean(x, 2.3), P),
    "pointbiserialr": (lambda x: stats.pointbiserialr(np.arange(12) % 2, x).statistic, D),
    "power_divergence": (
        lambda x: stats.power_divergence(x, P[::-1] * np.sum(x) / np.sum(P), lambda_=0.3).statistic, P
    ),
    "probplot": (lambda x: stats.probplot(x)[1][0], D),
    "quantile": (lambda x: stats.quantile(x, 0.3), D),
    "scoreatpercentile": (lambda x: stats.scoreatpercentile(x, 30), D),
    "sem": (lambda x: stats.sem(x), D),
    "shapiro": (lambda x: stats.shapiro(x).statistic, D),
    "siegelslopes": (lambda y: stats.siegelslopes(y, D).slope, E),
    "sigmaclip": (lambda x: stats.sigmaclip(x).clipped, D),
    "skew": (lambda x: stats.skew(x), D),
    "skewtest": (lambda x: stats.skewtest(x).statistic, D),
    "theilslopes": (lambda y: stats.theilslopes(y, D).slope, E),
    "tmax": (lambda x: stats.tmax(x), D),
    "tmean": (lambda x: stats.tmean(x, (-1.0, 1.0)), D),
    "tmin": (lambda x: stats.tmin(x), D),
    "trim1": (lambda x: stats.trim1(x, 0.2), D),
    "trim_mean": (lambda x: stats.trim_mean(x, 0.1), D),
    "trimboth": (lambda x: stats.trimboth(x, 0.1), D),
    "tsem": (lambda x: stats.tsem(x, (-1.0, 1.0)), D),
    "tstd": (lambda x: stats.tstd(x, (-1.0, 1.0)), D),
    "ttest_1samp": (lambda x: stats.ttest_1samp(x, 0.1).statistic, D),
    "ttest_1samp by p": (lambda x: stats.ttest_1samp(x, 0.1).pvalue, D),
    "ttest_ind": (lambda x: stats.ttest_ind(x, E).statistic, D),
    "ttest_ind_from_stats": (lambda m: stats.ttest_ind_from_stats(m, 1.0, 9, 0.3, 1.1, 8).statistic, 0.5),
    "ttest_rel": (lambda x: stats.ttest_rel(x, E).statistic, D),
    "tvar": (lambda x: stats.tvar(x, (-1.0, 1.0)), D),
    "variation": (lambda x: stats.variation(x), P),
    "wasserstein_distance": (lambda x: stats.wasserstein_distance(x, E), D),
    "weightedtau": (lambda x: stats.weightedtau(np.arange(12), np.arange(12)[::-1]).statistic * x, 1.3),
    "yeojohnson": (lambda x: stats.yeojohnson(x, 0.3), D),
    "yeojohnson_llf": (lambda x: stats.yeojohnson_llf(0.3, x), D),
    "zmap": (lambda x: stats.zmap(x, E), D),
    "zscore": (lambda x: stats.zscore(x), D),
    "gaussian_kde": (lambda x: stats.gaussian_kde(x)([0.1, 0.7]), D),
    "rv_histogram": (lambda x: TABLE.cdf(x), 0.3),
    "multivariate_normal": (lambda c: stats.multivariate_normal.logpdf([0.3, 0.4], [0.1, 0.2], c), COV),
    "multivariate_t": (lambda x: stats.multivariate_t.logpdf(x, [0.1, 0.2], COV, 3), D[:2]),
    "matrix_normal": (lambda x: stats.matrix_normal.logpdf(x, np.zeros((2, 2)), COV, COV), COV),
    "matrix_t": (lambda x: stats.matrix_t.logpdf(x, np.zeros((2, 2)), COV, COV, 3), COV),
    "dirichlet": (lambda a: stats.dirichlet.logpdf([0.2, 0.3, 0.5], a), P[:3]),
    "dirichlet_multinomial": (lambda a: stats.dirichlet_multinomial.logpmf([2, 3, 5], a, 10), P[:3]),
    "multinomial": (lambda p: stats.multinomial.logpmf([2, 3, 5], 10, p / np.sum(p)), P[:3]),
    "wishart": (lambda c: stats.wishart.logpdf(np.eye(2), 3, c), COV),
    "invwishart": (lambda c: stats.invwishart.logpdf(np.eye(2), 3, c), COV),
    "vonmises_fisher": (lambda k: stats.vonmises_fisher.logpdf([0.6, 0.8, 0.0], [1.0, 0.0, 0.0], k), 1.3),
    "normal_inverse_gamma": (lambda m: stats.normal_inverse_gamma.logpdf(0.3, 1.1, m, 1.2, 2.0, 1.5), 0.2),
    "Normal": (lambda m: stats.Normal(mu=m, sigma=1.2).logpdf(0.3), 0.1),
    "Uniform": (lambda b: stats.Uniform(a=0.0, b=b).entropy(), 1.3),
    "Logistic": (lambda x: stats.Logistic().logcdf(x), 0.3),
    "Mixture": (lambda x: stats.Mixture([stats.Normal(), stats.Normal(mu=1.0)]).logpdf(x), 0.3),
    "make_distribution": (lambda a: stats.make_distribution(stats.gamma)(a=a).logpdf(0.7), 2.3),
    "order_statistic": (lambda x: stats.order_statistic(stats.Normal(), r=2, n=5).logpdf(x), 0.3),
    "truncate": (lambda x: stats.truncate(stats.Normal(), lb=0.0).logpdf(x), 0.3),
    "abs": (lambda x: stats.abs(stats.Normal()).logpdf(x), 0.3),
    "exp": (lambda x: stats.exp(stats.Normal()).logpdf(x), 0.3),
    "log": (lambda x: stats.log(stats.make_distribution(stats.gamma)(a=2.0)).logpdf(x), 0.3),
}  # fmt: skip
WHOLE = {"n", "N", "M", "m", "r", "lda", "low", "high"}
SHAPES = {name: shapes for name, shapes in [*distcont, *distdiscrete][::-1] if isinstance(name, str)}


def density(name):
    """A call of the logarithm of the density of a distribution, by the value and the shapes in one array."""
    law, shapes = getattr(stats, name), SHAPES[name]
    if isinstance(law, stats.rv_discrete):
        x = float(law.median(*shapes))
        by = [k for k, s in enumerate((law.shapes or "").split(", ")) if s and s not in WHOLE and k < len(shapes)]
        moving = np.array([shapes[k] for k in by], float)
        return lambda p: law.logpmf(x, *[p[by.index(k)] if k in by else s for k, s in enumerate(shapes)]), moving
    place = law.ppf(0.37, *shapes)
    held = {k for k, s in enumerate((law.shapes or "").split(", ")) if s == "n"}  # how many
    moving = [k for k in range(len(shapes)) if k not in held]

    def call(p):
        return law.logpdf(p[0], *[s if k in held else p[1 + moving.index(k)] for k, s in enumerate(shapes)])

    return call, np.array([place, *[shapes[k] for k in moving]], float)


DISTRIBUTIONS = {
    name: density(name)
    for name in sorted(SHAPES)
    if hasattr(stats, name)
    and not (isinstance(getattr(stats, name), stats.rv_discrete) and not getattr(stats, name).shapes)
}
