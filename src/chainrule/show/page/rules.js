"use strict";
// The rows of the operator table for plain numbers: the value, then one partial (y, ...operands) each.
// `null` where there is no derivative by an operand.
const RULES = (() => {
  const M = Math, zero = () => 0, one = () => 1;
  const sigmoid = x => x >= 0 ? 1 / (1 + M.exp(-x)) : M.exp(x) / (1 + M.exp(x));
  const wins = (a, b) => a > b ? 1 : a < b ? 0 : a === b ? 0.5 : NaN;  // a tie: half each
  const round = x => { const r = M.round(x); return M.abs(x % 1) === 0.5 && r % 2 ? r - 1 : r; };
  const mod = (a, b) => a - b * M.floor(a / b);
  const power = (a, b) => a === 1 || b === 0 ? 1 : a ** b;
  const direction = (a, b) => a === 0 && b === 0 ? 0 : a / M.hypot(a, b);
  const sinc = x => x === 0 ? 1 : M.sin(M.PI * x) / (M.PI * x);
  const R = {
    add: [(a, b) => a + b, one, one],
    subtract: [(a, b) => a - b, one, () => -1],
    multiply: [(a, b) => a * b, (y, a, b) => b, (y, a, b) => a],
    divide: [(a, b) => a / b, (y, a, b) => 1 / b, (y, a, b) => -y / b],
    reciprocal: [x => 1 / x, y => -y * y],
    negative: [x => -x, () => -1],
    positive: [x => x, one],
    square: [x => x * x, (y, x) => 2 * x],
    absolute: [M.abs, (y, x) => M.sign(x)],
    sign: [M.sign, zero],
    maximum: [M.max, (y, a, b) => wins(a, b), (y, a, b) => wins(b, a)],
    minimum: [M.min, (y, a, b) => wins(b, a), (y, a, b) => wins(a, b)],
    where: [(c, a, b) => c ? a : b, null, (y, c) => c ? 1 : 0, (y, c) => c ? 0 : 1],
    exp: [M.exp, y => y],
    exp2: [x => 2 ** x, y => y * M.LN2],
    expm1: [M.expm1, (y, x) => M.exp(x)],
    log: [M.log, (y, x) => 1 / x],
    log2: [M.log2, (y, x) => 1 / (x * M.LN2)],
    log10: [M.log10, (y, x) => 1 / (x * M.LN10)],
    log1p: [M.log1p, (y, x) => 1 / (1 + x)],
    sqrt: [M.sqrt, y => 1 / (2 * M.abs(y))],
    cbrt: [M.cbrt, y => 1 / (3 * y * y)],
    power: [power, (y, a, b) => b === 0 ? 0 : b * power(a, b - 1),
            (y, a, b) => a > 0 ? y * M.log(a) : a === 0 ? (b > 0 ? 0 : -Infinity) : NaN],
    hypot: [M.hypot, (y, a, b) => direction(a, b), (y, a, b) => direction(b, a)],
    arctan2: [M.atan2, (y, a, b) => b / (a * a + b * b), (y, a, b) => -a / (a * a + b * b)],
    sinh: [M.sinh, (y, x) => M.cosh(x)],
    cosh: [M.cosh, (y, x) => M.sinh(x)],
    tanh: [M.tanh, (y, x) => 1 / M.cosh(x) ** 2],
    sech2: [x => 1 / M.cosh(x) ** 2, (y, x) => -2 * y * M.tanh(x)],
    arcsinh: [M.asinh, (y, x) => 1 / M.hypot(1, x)],
    arccosh: [M.acosh, (y, x) => 1 / M.sqrt((x - 1) * (x + 1))],
    arctanh: [M.atanh, (y, x) => 1 / ((1 - x) * (1 + x))],
    sigmoid: [sigmoid, (y, x) => y * sigmoid(-x)],
    softplus: [x => M.log1p(M.exp(-M.abs(x))) + M.max(x, 0), (y, x) => sigmoid(x)],
    relu: [x => x > 0 || x !== x ? x : 0, (y, x) => x > 0 ? 1 : x !== x ? NaN : 0],
    heaviside0: [x => x > 0 ? 1 : 0, zero],
    logaddexp: [(a, b) => a === b ? a + M.LN2 : M.max(a, b) + M.log1p(M.exp(-M.abs(a - b))),
                (y, a, b) => sigmoid(a - b), (y, a, b) => sigmoid(b - a)],
    sin: [M.sin, (y, x) => M.cos(x)],
    cos: [M.cos, (y, x) => -M.sin(x)],
    tan: [M.tan, y => 1 + y * y],
    arcsin: [M.asin, (y, x) => 1 / M.sqrt((1 - x) * (1 + x))],
    arccos: [M.acos, (y, x) => -1 / M.sqrt((1 - x) * (1 + x))],
    arctan: [M.atan, (y, x) => 1 / (1 + x * x)],
    lorentz: [x => 1 / (1 + x * x), (y, x) => -2 * x * y * y],
    gauss: [x => M.exp(-x * x), (y, x) => -2 * x * y],
    sinc: [sinc, (y, x) => x === 0 ? 0 : (M.cos(M.PI * x) - y) / x],
    deg2rad: [x => x * M.PI / 180, () => M.PI / 180],
    rad2deg: [x => x * 180 / M.PI, () => 180 / M.PI],
    floor: [M.floor, zero], ceil: [M.ceil, zero], trunc: [M.trunc, zero], rint: [round, zero],
    floor_divide: [(a, b) => M.floor(a / b), zero, zero],
    remainder: [mod, one, (y, a, b) => -M.floor(a / b)],
    fmod: [(a, b) => a % b, one, (y, a, b) => -M.trunc(a / b)],
    copysign: [(a, b) => (b < 0 || Object.is(b, -0) ? -1 : 1) * M.abs(a),
               (y, a, b) => M.sign(a) * (b < 0 || Object.is(b, -0) ? -1 : 1), zero],
  };
  R.scale = R.multiply;
  return R;
})();
