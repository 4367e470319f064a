// The error function and the gamma function for one double, for the pages that need them.
Object.assign(V, (() => {
  const M = Math, { abs, exp, log, floor } = M, inf = Infinity;
  const B = [[1, 6], [-1, 30], [1, 42], [-1, 30], [5, 66], [-691, 2730], [7, 6], [-3617, 510], [43867, 798],
    [-174611, 330], [854513, 138], [-236364091, 2730]].map(([p, q]) => p / q);  // B_2, B_4, ...
  const factorial = n => n < 2 ? 1 : n * factorial(n - 1);
  const minus = x => x < 0 || Object.is(x, -0);
  const pole = x => x <= 0 && x === floor(x);

  // -- error function: the series DLMF 7.6.2 near 0, the continued fraction 7.9.3 beyond ---------------------

  function near(x) {
    let term = x, total = x;
    for (let n = 1; abs(term) > 1e-17 * abs(total); n++) total += term *= 2 * x * x / (2 * n + 1);
    return 2 / M.sqrt(M.PI) * V.gaussian(x) * total;
  }
  function tail(x) {  // erfc for x >= 1
    let fraction = x;
    for (let n = 160; n > 0; n--) fraction = x + n / 2 / fraction;
    const high = M.fround(x), root = exp(-high * high / 2);
    return root * (exp((high - x) * (high + x)) / fraction / M.sqrt(M.PI)) * root;
  }
  const erf = x => x === 0 || x !== x ? x : abs(x) < 1.5 ? near(x) : M.sign(x) * (1 - erfc(abs(x)));
  const erfc = x => x < 1 ? 1 - erf(x) : x < 30 ? tail(x) : x !== x ? x : 0;

  // -- gamma function: recurrence to x >= 16, then Stirling's series (DLMF 5.11.1) --------------------------

  function stirling(x) {  // log gamma(x) without (x - 1/2) log x - x
    let total = 0;
    for (let k = B.length; k > 0; k--) total = total / (x * x) + B[k - 1] / (2 * k * (2 * k - 1));
    return total / x + log(2 * M.PI) / 2;
  }
  function gamma(x) {
    if (x !== x || x === -inf) return NaN;
    if (x === 0) return 1 / x;
    if (pole(x)) return NaN;
    if (abs(x) < 1e-20) return 1 / x;
    if (x < -160) return exp(gammaln(x)) * M.sign(sinpi(x));
    if (x < 0.5) return M.PI / sinpi(x) / gamma(1 - x);
    if (x > 171.7) return inf;
    if (x === floor(x) && x < 24) return factorial(x - 1);
    let shift = 1;
    for (; x < 16; x++) shift *= x;
    const half = M.pow(x, x / 2 - 0.25);
    return half * exp(stirling(x) - x) * half / shift;
  }
  const sinpi = x => { const r = x % 2, n = M.round(r), s = M.sin(M.PI * (r - n)); return n % 2 ? -s : s; };
  function gammaln(x) {
    if (x !== x) return NaN;
    if (abs(x) === inf || pole(x)) return inf;
    if (abs(x) < 1e-20) return -log(abs(x));
    if (x < 0.5) return log(M.PI / abs(sinpi(x))) - gammaln(1 - x);
    if (x < 2.5) {  // around the zeros at 1 and 2 by the series there (DLMF 5.7.3)
      const z = x < 1.5 ? x - 1 : x - 2;
      let total = 0;
      for (let k = 60; k > 1; k--) total = total * -z + zetaMinus1(k) / k;
      total = z * (1 - 0.5772156649015329) + z * z * total;
      return x < 1.5 ? total - M.log1p(z) : total;
    }
    let shift = 0;
    for (; x < 16; x++) shift += log(x);
    return (x - 0.5) * log(x) - x + stirling(x) - shift;
  }
  const zetaMinus1 = s => zeta(s, 2);

  function power(x, n) { return M.pow(x, -n); }
  function zeta(s, x) {  // the sum of (x + n)^-s by Euler and Maclaurin (DLMF 25.11.28)
    let total = 0;
    for (; x < M.max(16, s); x++) total += power(x, s);
    let factor = s * power(x, s) / x;
    total += power(x, s - 1) / (s - 1) + power(x, s) / 2;
    for (let k = 1; k <= B.length; k++) {
      total += B[k - 1] * factor / factorial(2 * k);
      factor *= (s + 2 * k - 1) * (s + 2 * k) / (x * x);
    }
    return total;
  }
  const ROOT = 1.4616321449683622, REST = 9.549995429965697e-17;  // where digamma vanishes
  function digamma(x) {
    const z = x - ROOT - REST;
    if (abs(z) < 0.2) {
      let total = 0;
      for (let n = 25; n > 0; n--) total = total * z + (n % 2 ? 1 : -1) * zeta(n + 1, ROOT);
      return total * z;
    }
    let total = 0, series = 0;
    for (; x < 16; x++) total -= 1 / x;
    for (let k = B.length; k > 0; k--) series = (series - B[k - 1] / (2 * k)) / (x * x);
    return total + log(x) - 0.5 / x + series;
  }
  function polygamma(x, order) {
    const sign = order % 2 ? 1 : -1;
    if (x === 0) return order % 2 ? inf : minus(x) ? inf : -inf;
    if (x !== x || x === -inf || pole(x)) return NaN;
    if (x === inf) return order === 0 ? inf : sign * 0;
    if (abs(x) < 1e-20) return sign * factorial(order) * power(x, order + 1);
    if (x > 0) return order === 0 ? digamma(x) : sign * factorial(order) * zeta(order + 1, x);
    let polynomial = [0, 1];  // of the cotangent: its derivative is -(1 + cot^2)
    for (let n = 0; n < order; n++) {
      const next = Array(polynomial.length + 1).fill(0);
      polynomial.forEach((c, k) => { if (k) { next[k - 1] -= k * c; next[k + 1] -= k * c; } });
      polynomial = next;
    }
    const cot = 1 / M.tan(M.PI * (x - V.rint(x)));
    const turned = polynomial.reduceRight((total, c) => total * cot + c, 0);
    return -sign * polygamma(1 - x, order) - M.PI ** (order + 1) * turned;
  }

  return {
    erf,
    erfc,
    gamma,
    gammaln,
    polygamma,
    digamma: x => polygamma(x, 0),
  };
})());
