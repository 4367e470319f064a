"""Statements of which programs are made.

{a} {b} {c}   variables           {i} {j}    small integers, often negative
{axis}        an axis or None     {keep}     True or False
{slice}       an index            {shape}    a shape for {a}
"""

from __future__ import annotations

ELEMENTWISE = """
np.sin({a})
np.cos({a})
np.tanh({a})
np.exp(-{a} * {a})
np.exp(0.3 * {a})
np.expm1(0.3 * {a})
np.log(np.abs({a}) + 0.5)
np.log1p({a} * {a})
np.sqrt(np.abs({a}) + 0.5)
np.abs({a})
np.square({a})
np.cbrt({a} + 3.1)
{a} ** 2
{a} ** 3
(np.abs({a}) + 0.5) ** -1.5
(np.abs({a}) + 0.5) ** {b}
-{a}
{a} * 1.5
2 / ({a} * {a} + 1)
1.0 - {a}
np.reciprocal({a} * {a} + 1.5)
np.arctan({a})
np.arcsinh({a})
np.arcsin({a} / (1.5 + np.abs({a})))
np.sinh(0.5 * {a})
np.maximum({a}, 0.1)
np.minimum({a}, 0.4)
np.clip({a}, -0.7, 0.9)
np.clip({a}, {b} - 1, {b} + 1)
np.where({a} > 0.2, {a}, 0.3 * {a})
np.where({a} > {b}, {a}, {b})
np.where({a} > 0.1, {b}, {c})
np.floor(2 * {a} + 0.13)
np.sign({a} + 0.017)
np.rint(3 * {a})
np.trunc(3 * {a})
np.sinc({a})
np.nan_to_num({a})
np.logaddexp({a}, {b})
np.hypot({a}, {b} + 2)
np.arctan2({a}, {b} * {b} + 1)
np.arctan2({a}, 0.7)
np.copysign({a} + 0.2, {b} + 0.013)
np.fmax({a}, {b})
np.fmin({a}, {b} + 0.01)
{a} % 1.3
{a} // 0.7
np.fmod({a}, 1.1)
{a} % ({b} * {b} + 1)
{a} + {b}
{a} - {b}
{a} * {b}
{a} / ({b} * {b} + 1)
{a} / (np.abs({b}) + 1)
np.maximum({a}, {b})
np.minimum({a}, {b})
np.multiply({a}, {b})
np.add({a}, {b})
({a} > 0) * {b}
({a} > {b}).astype(float) * {a}
{a} * ({a} < 0.5) + {b}
cr.sigmoid({a})
cr.relu({a} - 0.1)
cr.softplus({a})
cr.erf({a})
np.deg2rad({a})
np.heaviside({a} + 0.011, 0.5)
np.isfinite({a}) * {b}
np.logical_and({a} > 0, {b} > 0) * 1.5
{a} * True + {b}
""".strip().splitlines()

VIEWS = """
{a}[{slice}]
{a}[{slice}]
{a}[{slice}]
{a}[{slice}][{slice}]
{a}[{slice}][{slice}]
{a}[::-1]
{a}[1:4][::-1]
{a}[None]
{a}[..., None]
{a}[:, None]
{a}[:, 0]
{a}[0]
{a}[-1]
{a}.T
np.transpose({a})
np.swapaxes({a}, 0, -1)
np.moveaxis({a}, 0, -1)
np.flip({a})
np.flip({a}, 0)
np.roll({a}, {i})
np.roll({a}, {i}, axis=-1)
np.reshape({a}, -1)
{a}.reshape(-1, 1)
{a}.reshape(1, -1)
{a}.reshape({shape})
{a}.ravel()
np.squeeze({a})
np.expand_dims({a}, 0)
np.atleast_1d({a})
np.atleast_2d({a})
np.broadcast_to({a}, (2,) + np.shape({a}))
np.broadcast_to({a}, (1,) + np.shape({a}))
{a}[[0, -1]]
{a}[[0]]
{a}[np.array([1, 0, 1])]
{a}[np.arange(2)]
np.take({a}, [0, -1], axis=-1)
np.take({a}, 0)
{a}[{a} > 0.1]
{a}[np.argsort({a})]
{a}[np.argmax({a})]
np.diagonal({a})
np.diag({a})
np.tril({a})
np.triu({a}, 1)
np.rot90({a})
np.ravel({a})[{i}]
np.sort({a})
np.sort({a}, axis=0)
np.array_split({a}, 2)[0]
np.split({a}, [1])[1]
""".strip().splitlines()

REDUCTIONS = """
np.sum({a}, axis={axis}, keepdims={keep})
np.sum({a}, axis={axis})
np.sum({a})
{a}.sum()
{a}.mean()
np.mean({a}, axis={axis}, keepdims={keep})
np.prod({a}, axis={axis})
np.prod(np.cos({a}), axis={axis}, keepdims={keep})
np.max({a}, axis={axis}, keepdims={keep})
np.min({a}, axis={axis})
{a}.max()
np.var({a}, axis={axis})
np.std({a} * {a} + np.arange({a}.shape[-1]), axis={axis})
np.ptp({a})
np.linalg.norm({a})
np.linalg.norm({a} + 2, axis=-1)
np.median({a})
np.median({a}, axis={axis})
np.average({a})
np.cumsum({a})
np.cumsum({a}, axis={axis})
np.cumprod(np.cos({a}), axis=-1)
np.diff({a})
np.diff({a}, axis=0)
np.trapezoid({a})
np.percentile({a}, 30.0)
np.quantile({a}, 0.7)
np.nanmean({a})
np.nansum({a}, axis=0)
cr.logsumexp({a})
cr.softmax({a})
cr.log_softmax({a})
np.count_nonzero({a} > 0.1) * {b}
np.argmax({a}) * {b}
np.any({a} > 1.0) * {b}
np.all({a} > -1.0) * {b}
np.sum({a} > 0) * {b}
np.sum({b}) / np.sum(({a} > 0) + 1)
np.mean({a} > 0.0) + {b}
""".strip().splitlines()

JOINS = """
np.concatenate([{a}, {b}])
np.concatenate([{a}, {b}], axis=-1)
np.concatenate([{a}, np.sum({b})[None]])
np.stack([{a}, {b}])
np.stack([{a}, {a}], axis=-1)
np.stack([{a}, {b}], axis=-1)
np.hstack([{a}, {b}])
np.vstack([{a}, {b}])
np.append({a}, {b})
np.array([np.sum({a}), np.max({b})])
np.array([{a}, {b}])
np.pad({a}, 1)
np.pad({a}, (1, 2), mode="edge")
np.pad({a}, 1, mode="wrap")
np.tile({a}, 2)
np.repeat({a}, 2)
np.repeat({a}, 2, axis=0)
np.outer({a}, {b})
np.kron({a}, {b})
np.convolve({a}, {b})
np.column_stack([{a}, {b}])
np.dot({a}, {b})
{a} @ {b}
{a}.T @ {a}
np.matmul({a}, {b})
np.tensordot({a}, {b}, axes=1)
np.tensordot({a}, {b}, axes=0)
np.inner({a}, {b})
np.vdot({a}, {b})
np.trace({a})
np.einsum("i,i->", {a}, {b})
np.einsum("i,j->ij", {a}, {b})
np.einsum("ij,jk->ik", {a}, {b})
np.einsum("ij->ji", {a})
np.einsum("ii->i", {a})
np.einsum("ii", {a})
np.einsum("ii->i", {a} @ {a})
np.einsum("ij,ij->i", {a}, {b})
np.einsum("ij,j", {a}, {b})
np.cross({a}[:3], 1.1 + {b}[:3][::-1])
np.linalg.solve({a} @ {a}.T + 3 * np.eye(len({a})), {b})
np.linalg.inv({a}.T @ {a} + 2 * np.eye({a}.shape[-1]))
np.linalg.det({a} + 2 * np.eye(len({a})))
np.linalg.det({a} @ {a}.T)
np.linalg.slogdet({a} @ {a}.T + np.eye(len({a})))[1]
np.interp(0.3, np.arange({a}.shape[-1]), {a})
np.meshgrid({a}, {b})[0]
np.gradient({a})
np.cov({a})
np.fft.fftshift({a})
np.apply_along_axis(np.sum, 0, {a})
""".strip().splitlines()

BRANCHES = """
({a} if np.sum({b}) > 0.1 else 2 * {a})
({a} * {a} if {b}.mean() < 0.3 else np.sin({a}))
{a} * int(np.sum({b}) > 0)
{a} * int(3 * np.mean({b}))
{a} * round(float(2))
{a} + len({b})
{a} * {b}.shape[-1]
{a}.sum() * np.ones(3)
sum({b}[k] * {a} for k in range(2))
[{a}, {b}][int(np.argmax({a}.ravel()[:2]))]
math.sin(np.sum({a}))
math.exp(-abs(np.sum({a})))
math.sqrt(np.sum({a} * {a}) + 1) * {b}
max(np.sum({a}), 0.3)
min({a}.ravel()[0], np.sum({b}), 0.5)
np.full((2,), np.sum({a}))
np.full_like({a}, np.sum({b}))
np.zeros_like({a}) + {b}
np.ones_like({a}) * {b}
np.linspace(0.0, 1.0, 3) * np.sum({a})
(lambda t: t + t[::-1])({a})
np.select([{a} > 0.5, {a} > 0.0], [{a}, 2 * {a}], 0.1)
{a} * (k if mode == "a" else -1.5)
{a} ** k
np.sum({a}, axis=axes)
np.roll({a}, k)
{a}[k:]
{a}[:k]
({a} if flag else -{a})
{a} * n[0]
{a} / (n[0] * n[0] + 1)
{a}.ravel()[n % {a}.size]
{a}[np.abs(n[0]) % 2]
n * np.sum({a})
np.sum({a}) / np.sum(n * n + 1)
np.log(n * n + 1) * np.sum({a})
np.sum({a}) ** (n % 3)
np.where(m, np.sum({a}), 0.5)
np.sum({a}) * m
np.sum({a}) / (m + 1)
np.sum(m) * {a}
np.sum({a}) / np.sum(m)
np.mean(m) * {a}
{a} * int(m[0])
{a} * float(m[-1])
{a}[m[: len({a})]]
np.sum(n[m]) * {a}
({a} if m[0] else -{a})
(m & (n > 0)) * np.sum({a})
n / (np.abs(np.sum({a})) + 1)
m / (np.abs(np.sum({a})) + 1)
""".strip().splitlines()

KINDS = ((4, ELEMENTWISE), (4, VIEWS), (3, REDUCTIONS), (3, JOINS), (3, BRANCHES))
