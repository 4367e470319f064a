# ruff: noqa: E501   one mistake a line
# fmt: off
"""Convolutions and pooling."""

from check.cases.passes import Layer, n

LAYERS = [
    Layer("conv, naive", """
        def forward(x, w, b):
            N, C, H, W = x.shape
            F, _, K, _ = w.shape
            out = np.zeros((N, F, H - K + 1, W - K + 1))
            for i in range(H - K + 1):
                for j in range(W - K + 1):
                    out[:, :, i, j] = np.tensordot(x[:, :, i:i + K, j:j + K], w, axes=([1, 2, 3], [1, 2, 3])) + b
            return out, (x, w)
        def backward(dout, cache):
            x, w = cache
            K = w.shape[2]
            dx, dw = np.zeros_like(x), np.zeros_like(w)
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[:, :, i, j]
                    dw += np.einsum("nf,ncij->fcij", g, x[:, :, i:i + K, j:j + K])
                    dx[:, :, i:i + K, j:j + K] += np.einsum("nf,fcij->ncij", g, w)
            return dx, dw, dout.sum(axis=(0, 2, 3))
        """, (n(1, 1, 4, 4), n(2, 1, 3, 3), n(2)), [
        ("g, w)\n", "g, w[:, :, ::-1, ::-1])\n", "turned round"),
        ("dx[:, :, i:i + K, j:j + K] +=", "dx[:, :, i:i + K, j:j + K] =", "in place of +="),
        ("dout.sum(axis=(0, 2, 3))", "dout.mean(axis=(0, 2, 3))", "1/4"),
        ("dw += np.einsum", "dw = np.einsum", "in place of +="),
        ("dout.sum(axis=(0, 2, 3))", "9 * dout.sum(axis=(0, 2, 3))", "exactly 9"),
    ]),
    Layer("conv, im2col", """
        def columns(x, K):
            N, C, H, W = x.shape
            rows = [x[:, :, i:i + H - K + 1, j:j + W - K + 1] for i in range(K) for j in range(K)]
            return np.stack(rows, axis=2).reshape(N, C * K * K, -1)
        def forward(x, w):
            K = w.shape[2]
            cols = columns(x, K)
            out = w.reshape(len(w), -1) @ cols
            return out.reshape(len(x), len(w), x.shape[2] - K + 1, x.shape[3] - K + 1), (x, w, cols)
        def backward(dout, cache):
            x, w, cols = cache
            N, C, H, W = x.shape
            K = w.shape[2]
            d = dout.reshape(N, len(w), -1)
            dw = np.einsum("nfp,nkp->fk", d, cols).reshape(w.shape)
            dcols = np.einsum("fk,nfp->nkp", w.reshape(len(w), -1), d).reshape(N, C, K, K, H - K + 1, W - K + 1)
            dx = np.zeros_like(x)
            for i in range(K):
                for j in range(K):
                    dx[:, :, i:i + H - K + 1, j:j + W - K + 1] += dcols[:, :, i, j]
            return dx, dw
        """, (n(2, 1, 4, 4), n(2, 1, 3, 3)), [
        ("dcols[:, :, i, j]", "dcols[:, :, K - 1 - i, K - 1 - j]", "turned round"),
        ("dcols[:, :, i, j]", "dcols[:, :, j, i]", "transposed"),
        (".reshape(w.shape)\n", ".reshape(w.shape) / N\n", "1/2"),
        ("+= dcols", "= dcols", "in place of +="),
        ("np.einsum(\"nfp,nkp->fk\", d, cols).reshape(w.shape)", "np.einsum(\"nfp,nkp->fk\", d, cols).reshape(w.shape)[..., ::-1, ::-1]", "turned round"),
    ]),
    Layer("max pool", """
        def forward(x):
            N, C, H, W = x.shape
            v = x.reshape(N, C, H // 2, 2, W // 2, 2)
            return v.max(axis=(3, 5)), v
        def backward(dout, cache):
            top = cache.max(axis=(3, 5), keepdims=True)
            d = (cache == top) * dout[:, :, :, None, :, None]
            N, C, h, _, w, _ = cache.shape
            return d.reshape(N, C, 2 * h, 2 * w)
        """, (n(1, 2, 4, 4),), [
        ("(cache == top) * ", "np.ones_like(cache) * ", "mask"),
        ("cache == top", "cache != top", "mask"),
        ("(cache == top) * ", "(cache == top) * 0.25 * ", "1/4"),
        ("cache.max", "cache.min", "mask"),
        ("(cache == top) * ", "np.full(cache.shape, 0.25) * ", "shared evenly"),
    ]),
    Layer("average pool", """
        def forward(x):
            N, C, H, W = x.shape
            return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5)), x.shape
        def backward(dout, cache):
            return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3) / 4
        """, (n(1, 2, 4, 4),), [
        (" / 4", "", "exactly 4"),
        (" / 4", " / 2", "exactly 2"),
        ("np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3)", "np.tile(dout, (1, 1, 2, 2))", "right numbers in other places"),
        ("return ", "return -", "sign|-1"),
    ]),
]
