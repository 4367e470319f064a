"use strict";
// The library of the page's numbers: the value of each row of the operator table for one double, as `math` has it in
// Python. Derivatives are not here: rules.py prints them from the rows, as expressions in these values.
const V = (() => {
  const M = Math, { abs, exp, log, log1p, sqrt, hypot, floor, ceil, trunc, max, min } = M, inf = Infinity;
  const TINY = 2.2250738585072014e-308, HUGE = Number.MAX_VALUE;
  const isNormal = x => abs(x) >= TINY && abs(x) <= HUGE;
  const minus = x => x < 0 || Object.is(x, -0);
  const copysign = (a, b) => minus(a) === minus(b) ? a : -a;

  const bits = new DataView(new ArrayBuffer(8));
  function frexp(x) {  // mantissa in [0.5, 1) and exponent
    if (x === 0 || !Number.isFinite(x)) return [x, 0];
    const lift = abs(x) < TINY ? 60 : 0;
    bits.setFloat64(0, x * 2 ** lift);
    const e = (bits.getUint16(0) >> 4 & 2047) - 1022;
    return [ldexp(x * 2 ** lift, -e), e - lift];
  }
  function ldexp(x, e) {  // in steps that keep to the normal range, so that only the last one rounds
    for (; e > 1000 && x !== 0 && Number.isFinite(x); e -= 1000) x *= 2 ** 1000;
    for (; e < -1000 && x !== 0; e += 1000) x *= 2 ** -1000;
    return x * 2 ** max(-1000, min(1000, e));
  }
  function product(factors, divisors = []) {  // without leaving the range on the way
    let mantissa = 1, exponent = 0;
    for (const x of factors) { const [m, e] = frexp(x); mantissa *= m; exponent += e; }
    for (const x of divisors) {
      if (x === 0) return mantissa === 0 ? NaN : copysign(inf, mantissa * copysign(1, x));
      const [m, e] = frexp(x); mantissa /= m; exponent -= e;
    }
    return ldexp(mantissa, exponent);
  }
  const pow = (a, b) => a === 1 || b === 0 || a === -1 && abs(b) === inf ? 1 : a ** b;
  const mod = (a, b) => {  // with the sign of b
    const r = a % b;
    return r === 0 ? copysign(0, b) : minus(r) !== minus(b) ? r + b : r;
  };
  const floorDivide = (a, b) => {
    if (b === 0) return a / b;
    const r = a % b, q = (a - r) / b - (r !== 0 && minus(r) !== minus(b) ? 1 : 0);
    return q === 0 ? copysign(0, a / b) : q - floor(q) > 0.5 ? floor(q) + 1 : floor(q);
  };
  const rint = x => { const r = M.round(x); return abs(x % 1) === 0.5 && r % 2 ? r - 1 : r; };
  const max_weight = (a, b) => a > b ? 1 : a < b ? 0 : a === b ? 0.5 : NaN;
  const larger = (a, b) => a === a && b === b ? (b > a ? b : a) : NaN;
  const smaller = (a, b) => a === a && b === b ? (b < a ? b : a) : NaN;
  const sigmoid = x => x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
  const roundingError = (a, b, d) => { const c = a - d; return a - (d + c) + (c - b); };  // of d = a - b
  const splitSquare = x => { const high = M.fround(x); return [high * high, (x - high) * (x + high)]; };
  const direction = (a, b) => {
    if (a === 0) return a;
    if (abs(a) === inf) return abs(b) === inf ? NaN : copysign(1, a);
    if (abs(a) >= abs(b)) return copysign(1, a) / sqrt(1 + (b / a) * (b / a));
    if (abs(b) === inf) return copysign(0, a);
    const q = a / b;
    return copysign(abs(q), a) / sqrt(1 + q * q);
  };
  const sinpi = (x, shift) => {  // sin(pi x + shift pi/2), the period taken off before pi rounds
    const r = x % 2, q = rint(2 * r), t = M.PI * (r - q / 2);
    return [M.sin(t), M.cos(t), -M.sin(t), -M.cos(t)][((q + shift) % 4 + 4) % 4];
  };
  const factorial = n => n < 2 ? 1 : n * factorial(n - 1);

  return {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    scale: (ct, partial) => ct === 0 ? 0 : ct * partial,
    strong_zero_product: (a, b) => a === 0 || b === 0 ? 0 : a * b,
    divide: (a, b) => a / b,
    divide_db: (y, a, b) => y === 0 || isNormal(y) || a === 0 || !Number.isFinite(y + b) ? -(y / b) : -product([a], [b, b]),
    over_or_zero: (a, b) => a === 0 && b === 0 ? 0 : a / b,
    reciprocal: x => 1 / x,
    negative: x => -x,
    positive: x => x,
    square: x => x * x,
    absolute: abs,
    sign: x => x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN,
    nonzero_sign: x => copysign(1, x),
    not_negative: x => x >= 0 ? x + 0 : NaN,
    maximum: larger,
    minimum: smaller,
    fmax: (a, b) => a !== a ? b : b !== b ? a : larger(a, b),
    fmin: (a, b) => a !== a ? b : b !== b ? a : smaller(a, b),
    max_weight,
    fmax_weight: (a, b) => a === a && b === b ? max_weight(a, b) : a === a ? 1 : b === b ? 0 : NaN,
    where: (c, a, b) => c ? a : b,
    in_interval: (x, low, high) => x !== x ? NaN : low <= x && x <= high && low < high ? 1 : 0,
    is_less: (a, b) => a < b ? 1 : 0,
    exp,
    exp2: x => 2 ** x,
    expm1: M.expm1,
    log,
    log2: M.log2,
    log10: M.log10,
    log1p,
    sqrt,
    cbrt: M.cbrt,
    power: pow,
    power_dx: (y, x, b) => {
      if (b === 0) return 0;
      if (x === 0 || !Number.isFinite(x) || !Number.isFinite(b)) return b * pow(x, b - 1);
      const quotient = y / x, result = b * quotient;
      if (isNormal(y) && isNormal(quotient) && isNormal(result)) return result;
      if (y !== y) return NaN;
      const half = pow(abs(x), b / 2);
      if (!isNormal(half)) return y === 0 ? b * pow(x, b - 1) : result;
      return product([copysign(half, y), half, b], [x]);
    },
    power_db: (y, x, b) => {
      if (x < 0 || x !== x || b !== b) return NaN;
      if (x === 0) return b > 0 ? 0 : -inf;
      if (x === inf) return b < 0 ? 0 : inf;
      if (isNormal(y) || log(x) === 0) return y * log(x);
      const half = pow(x, b / 2);
      return isNormal(half) ? product([half, half, log(x)]) : y * log(x);
    },
    hypot,
    direction_cosine: direction,
    arctan2: M.atan2,
    over_squares: (a, b) => {
      if (a === 0 && b === 0) return NaN;
      if (abs(a) === inf || abs(b) === inf) return abs(a) === inf && abs(b) === inf ? NaN : copysign(0, a);
      const e = frexp(max(abs(a), abs(b)))[1], u = ldexp(a, -e), v = ldexp(b, -e);
      return abs(u) < TINY ? product([a], [b, b]) : ldexp(u / (u * u + v * v), -e);
    },
    over_squares_da: (a, b) => {
      const r = hypot(a, b);
      return r === 0 || r !== r ? NaN : r === inf ? 0 : product([4, b / 2 - a / 2, b / 2 + a / 2], [r, r, r, r]);
    },
    over_squares_db: (a, b) => {
      const r = hypot(a, b);
      return r === 0 || r !== r ? NaN : r === inf ? -copysign(0, a) * copysign(1, b) : product([-2, a, b], [r, r, r, r]);
    },
    copysign,
    sinh: M.sinh,
    cosh: M.cosh,
    tanh: M.tanh,
    sech2: x => { const t = exp(-2 * abs(x)); return 4 * t / ((1 + t) * (1 + t)); },
    arcsinh: M.asinh,
    arccosh: M.acosh,
    arctanh: M.atanh,
    sigmoid,
    softplus: x => log1p(exp(-abs(x))) + max(x, 0),
    heaviside0: x => x > 0 ? 1 : x !== x ? NaN : 0,
    relu: x => x > 0 || x !== x ? x : 0,
    exp_difference: (a, b) => {
      const d = a - b, y = exp(d);
      if (!Number.isFinite(d)) return a === b ? 1 : y;
      return y < inf ? y + y * roundingError(a, b, d) : y;
    },
    sigmoid_difference: (a, b) => {
      const d = a - b, y = sigmoid(d);
      return Number.isFinite(d) ? y + y * (sigmoid(-d) * roundingError(a, b, d)) : y;
    },
    logaddexp: (a, b) => a === b ? a + M.LN2 : max(a, b) + log1p(exp(-abs(a - b))),
    sin: M.sin,
    cos: M.cos,
    tan: M.tan,
    arcsin: M.asin,
    arccos: M.acos,
    arctan: M.atan,
    lorentzian: x => abs(x) < 1e8 ? 1 / (1 + x * x) : 1 / x / x,
    deg2rad: x => x * (M.PI / 180),
    rad2deg: x => x * (180 / M.PI),
    gaussian: x => {
      if (abs(x) > 30) return 0;
      const [square, rest] = splitSquare(x);
      return exp(-square) * exp(-rest);
    },
    gaussian_slope: x => {
      if (abs(x) > 30) return copysign(0, -x);
      const [square, rest] = splitSquare(x), root = exp(-square / 2);
      return -2 * x * exp(-rest) * root * root;
    },
    sinc: (x, order = 0) => {  // the derivatives of sin(z)/z at z = pi x: a series near 0, a recurrence elsewhere
      const z = M.PI * x;
      if (x !== x) return NaN;
      if (abs(x) === inf) return 0;
      if (abs(z) < max(2, 1.5 * order)) {
        let total = 0;
        for (let k = (order + 1) >> 1; k < order + 24; k++)
          total += (k % 2 ? -1 : 1) * factorial(2 * k) / factorial(2 * k - order) / factorial(2 * k + 1) * pow(z, 2 * k - order);
        return total * M.PI ** order;
      }
      let outer = sinpi(x, 0) / M.PI / x;
      for (let n = 1; n <= order; n++) outer = (sinpi(x, n) - n * outer) / M.PI / x;
      return outer * M.PI ** order;
    },
    floor,
    ceil,
    trunc,
    rint,
    floor_divide: floorDivide,
    remainder: mod,
    fmod: (a, b) => a % b,
  };
})();
