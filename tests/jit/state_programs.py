# ruff: noqa: E501  (a table)
"""Functions of x that read something besides x, as source text: how it is set up, f itself, and what changes it."""

from __future__ import annotations

_F = "def f(x): return "

NUMBERS = {  # an expression, one for another value, and how f uses it
    "float": ("2.0", "5.0", "x * k"),
    "int": ("2", "5", "x * k"),
    "int to float of the same value, divided": ("2", "2.5", "x // k"),
    "bool": ("True", "False", "(x if k else -x)"),
    "none becomes a number": ("None", "3.0", "x * (k if k is not None else 1.0)"),
    "number becomes none": ("3.0", "None", "x * (k if k is not None else 1.0)"),
    "string": ("'square'", "'line'", "(x * x if k == 'square' else x)"),
    "bytes": ("b'ab'", "b'abc'", "x * len(k)"),
    "sign of zero": ("0.0", "-0.0", "x * math.copysign(1.0, k)"),
    "float to nan": ("2.0", "math.nan", "x * k"),
    "complex": ("2 + 1j", "2 + 4j", "x * k.imag"),
    "numpy float64": ("np.float64(2.0)", "np.float64(3.0)", "x * k"),
    "numpy float32": ("np.float32(2.0)", "np.float32(3.0)", "x * k"),
    "numpy int": ("np.int64(2)", "np.int64(3)", "x * k"),
    "numpy bool": ("np.bool_(True)", "np.bool_(False)", "(x if k else -x)"),
    "fraction": ("Fraction(1, 2)", "Fraction(1, 3)", "x * float(k)"),
    "decimal": ("Decimal('0.5')", "Decimal('0.25')", "x * float(k)"),
    "range": ("range(3)", "range(4)", "x * sum(k)"),
    "slice": ("slice(0, 2)", "slice(0, 3)", "x * sum([1.0, 2.0, 3.0][k])"),
    "date": ("datetime.date(2020, 1, 2)", "datetime.date(2020, 1, 5)", "x * k.day"),
    "dtype": ("np.dtype('f8')", "np.dtype('f4')", "x * k.itemsize"),
    "enum member": ("E.A", "E.B", "(x * 2 if k is E.A else x * 3)"),
    "enum value": ("E.A", "E.B", "x * k.value"),
    "sentinel": ("object()", "NO", "(x * 2 if k is NO else x * 3)"),
}

HOLDERS = {  # how a number is held: set up with {v}; how f spells it; how {w} comes in its place
    "global": ("k = {v}", "k", "k = {w}"),
    "tuple": ("t = ({v}, 1.0)", "t[0]", "t = ({w}, 1.0)"),
    "list": ("t = [{v}, 1.0]", "t[0]", "t[0] = {w}"),
    "dict": ("t = {{'a': {v}}}", "t['a']", "t['a'] = {w}"),
    "dict of lists": ("t = {{'a': [{v}]}}", "t['a'][0]", "t['a'][0] = {w}"),
    "list in a tuple": ("t = ([{v}],)", "t[0][0]", "t[0][0] = {w}"),
    "attribute": ("o = C(); o.k = {v}", "o.k", "o.k = {w}"),
    "attribute of an attribute": ("o = C(); o.o = C(); o.o.k = {v}", "o.o.k", "o.o.k = {w}"),
    "slot": ("o = Slots(); o.k = {v}", "o.k", "o.k = {w}"),
    "class attribute": ("C.k = {v}; o = C()", "o.k", "C.k = {w}"),
    "of the class itself": ("C.k = {v}", "C.k", "C.k = {w}"),
    "of a base class": ("class D(C): pass\nC.k = {v}", "D().k", "C.k = {w}"),
    "of a metaclass": ("class M(type): k = {v}\nclass D(metaclass=M): pass", "D.k", "M.k = {w}"),
    "hidden by the object": ("C.k = {v}; o = C()", "o.k", "o.k = {w}"),
    "getattr": ("o = C(); o.k = {v}", "getattr(o, 'k')", "o.k = {w}"),
    "getattr of a computed name": ("o = C(); o.k1 = {v}", "getattr(o, 'k' + str(1))", "o.k1 = {w}"),
    "vars": ("o = C(); o.k = {v}", "vars(o)['k']", "o.k = {w}"),
    "__dict__": ("o = C(); o.k = {v}", "o.__dict__['k']", "o.k = {w}"),
    "attrgetter": ("o = C(); o.k = {v}", "operator.attrgetter('k')(o)", "o.k = {w}"),
    "property": ("o = P(); o._k = {v}", "o.k", "o._k = {w}"),
    "cached property": ("o = P(); o._k = {v}; o.cached", "o.cached", "o.cached = {w}"),
    "method": ("o = P(); o._k = {v}", "o.method()", "o._k = {w}"),
    "class method": ("C.k = {v}", "C.get()", "C.k = {w}"),
    "__getattr__": ("o = G(); o.held = {{'k': {v}}}", "o.k", "o.held['k'] = {w}"),
    "__getitem__": ("o = P(); o._k = {v}", "o['k']", "o._k = {w}"),
    "__call__": ("o = P(); o._k = {v}", "o()", "o._k = {w}"),
    "descriptor": ("o = Described(); o._k = {v}", "o.k", "o._k = {w}"),
    "namespace": ("o = types.SimpleNamespace(k={v})", "o.k", "o.k = {w}"),
    "module": ("m = types.ModuleType('m'); m.k = {v}", "m.k", "m.k = {w}"),
    "imported module": ("m = sys.modules['state_m'] = types.ModuleType('state_m'); m.k = {v}", "imported()", "m.k = {w}"),
    "dataclass": ("o = Data({v})", "o.k", "o.k = {w}"),
    "asdict": ("o = Data({v})", "dataclasses.asdict(o)['k']", "o.k = {w}"),
    "match": ("o = Data({v})", "matched(o)", "o.k = {w}"),
    "named tuple": ("o = Named({v})", "o.k", "o = o._replace(k={w})"),
    "default": ("def h(k={v}): return k", "h()", "h.__defaults__ = ({w},)"),
    "keyword default": ("def h(*, k={v}): return k", "h()", "h.__kwdefaults__['k'] = {w}"),
    "closure": ("h, set_k = closed({v})", "h()", "set_k({w})"),
    "partial": ("h = functools.partial(same, {v})", "h()", "h = functools.partial(same, {w})"),
    "keyword of a partial": ("h = functools.partial(same, a={v})", "h()", "h.keywords['a'] = {w}"),
    "helper's global": ("k = {v}\ndef h(): return k", "h()", "k = {w}"),
    "helper in a dict": ("k = {v}\ndef h(): return k\nt = {{'h': h}}", "t['h']()", "k = {w}"),
    "helper in an object": ("k = {v}\ndef h(): return k\no = C(); o.h = h", "o.h()", "k = {w}"),
    "helper replaced": ("h = lambda: {v}", "h()", "h = lambda: {w}"),
    "helper given other code": ("h = lambda: {v}", "h()", "h.__code__ = (lambda: {w}).__code__"),
    "method replaced": ("C.m = lambda self: {v}; o = C()", "o.m()", "C.m = lambda self: {w}"),
    "method of the object's own": ("C.m = lambda self: {v}; o = C()", "o.m()", "o.m = lambda: {w}"),
    "decorated helper": ("k = {v}\n@wrapped\ndef h(): return k", "h()", "k = {w}"),
    "inner function": ("k = {v}\ndef h():\n  def g(): return k\n  return g()", "h()", "k = {w}"),
    "comprehension": ("t = [{v}]", "[q for q in t][0]", "t[0] = {w}"),
    "a function of a function": ("k = {v}\ndef h(): return lambda: k", "h()()", "k = {w}"),
    "depth": ("k = {v}\nh0 = lambda: k\n" + "\n".join(f"def h{i}(): return h{i - 1}()" for i in range(1, 12)), "h11()", "k = {w}"),
    "deep containers": ("t = [[[[[[[[[{v}]]]]]]]]]", "t[0][0][0][0][0][0][0][0][0]", "t[0][0][0][0][0][0][0][0][0] = {w}"),
    "ordered dict": ("t = collections.OrderedDict(a={v})", "t['a']", "t['a'] = {w}"),
    "default dict": ("t = collections.defaultdict(lambda: {v})", "t.copy()['a']", "t['a'] = {w}"),
    "chain map": ("t = collections.ChainMap({{}}, {{'a': {v}}})", "t['a']", "t['a'] = {w}"),
    "user dict": ("t = collections.UserDict(a={v})", "t['a']", "t['a'] = {w}"),
    "deque": ("t = collections.deque([{v}])", "t[0]", "t[0] = {w}"),
    "own list": ("class L(list): pass\nt = L([{v}])", "t[0]", "t[0] = {w}"),
    "object array": ("t = np.array([{v}, None], dtype=object)", "t[0]", "t[0] = {w}"),
    "mapping proxy": ("d = {{'a': {v}}}; t = types.MappingProxyType(d)", "t['a']", "d['a'] = {w}"),
    "weak reference": ("o = C(); o.k = {v}; r = weakref.ref(o)", "r().k", "o.k = {w}"),
    "context variable": ("c = contextvars.ContextVar('c'); c.set({v})", "c.get()", "c.set({w})"),
    "thread local": ("o = threading.local(); o.k = {v}", "o.k", "o.k = {w}"),
    "bound method": ("o = P(); o._k = {v}; h = o.method", "h()", "o._k = {w}"),
    "bound method of a dict": ("t = {{'a': {v}}}; h = t.get", "h('a')", "t['a'] = {w}"),
    "cached function": ("@functools.lru_cache\ndef h(): return [{v}]", "h()[0]", "h()[0] = {w}"),
    "globals()": ("k = {v}\ndef h(): return globals()['k']", "h()", "k = {w}"),
    "nonlocal": ("h, set_k = closed({v})\ndef g(): return h()", "g()", "set_k({w})"),
}  # fmt: skip

OTHERS = {  # set up, what f returns, the change
    "a Value's number": ("k = cr.Value(2.0)", "x * k.data", "k.data = 5.0"),
    "the number of a computed Value": ("k = cr.Value(2.0); y = k * 3.0", "x * k.data * 2.0 + y.data * 0.0", "k.data = 5.0"),
    "a Value's array": ("k = cr.Value(np.ones(3))", "np.sum(x * k.data)", "k.data = np.arange(3.0)"),
    "a Value of a model": ("o = C(); o.k = [cr.Value(2.0)]", "x * o.k[0].data", "o.k[0].data -= 0.5"),
    "a Value of a class of one's own": ("class W(cr.Value): pass\nk = W(2.0)", "x * k.data", "k.data = 5.0"),
    "a Value, multiplied": ("k = cr.Value(2.0)", "(x * k).data", "k.data = 5.0"),
    "method of a base class, by super": ("class B:\n  def m(self): return 2.0\nclass D(B):\n  def m(self): return super().m()\no = D()", "x * o.m()", "B.m = lambda self: 5.0"),
    "property of a base class, by super": ("class B:\n  @property\n  def m(self): return 2.0\nclass D(B):\n  @property\n  def m(self): return super().m\no = D()", "x * o.m", "B.m = property(lambda self: 5.0)"),
    "class method of a base class, by super": ("class B:\n  @classmethod\n  def m(cls): return 2.0\nclass D(B):\n  @classmethod\n  def m(cls): return super().m()", "x * D.m()", "B.m = classmethod(lambda cls: 5.0)"),
    "second base class, by super": ("class A:\n  def m(self): return 2.0\nclass B(A):\n  def m(self): return super().m()\nclass D(B):\n  def m(self): return super().m()\no = D()", "x * o.m()", "A.m = lambda self: 5.0"),
    "class attribute by getattr": ("C.k = 2.0", "x * getattr(C, 'k')", "C.k = 5.0"),
    "class attribute by a name that is computed": ("C.k1 = 2.0; n = '1'", "x * getattr(C, 'k' + n)", "C.k1 = 5.0"),
    "class attribute by vars": ("C.k = 2.0", "x * vars(C)['k']", "C.k = 5.0"),
    "attribute of the class by getattr": ("C.k = 2.0; o = C()", "x * getattr(o, 'k')", "C.k = 5.0"),
    "attribute of a base class by getattr": ("class D(C): pass\nC.k = 2.0", "x * getattr(D, 'k')", "C.k = 5.0"),
    "attrgetter, made before": ("o = C(); o.k = 2.0; g = operator.attrgetter('k')", "x * g(o)", "o.k = 5.0"),
    "attrgetter of a path": ("o = C(); o.o = C(); o.o.k = 2.0; g = operator.attrgetter('o.k')", "x * g(o)", "o.o.k = 5.0"),
    "methodcaller, made before": ("C.m = lambda self: 2.0; o = C(); g = operator.methodcaller('m')", "x * g(o)", "C.m = lambda self: 5.0"),
    "argument of a methodcaller": ("t = [2.0]; C.m = lambda self, t: t[0]; o = C(); g = operator.methodcaller('m', t)", "x * g(o)", "t[0] = 5.0"),
    "attribute that comes later": ("o = C()\ndef h():\n  try: return o.k\n  except AttributeError: return 1.0", "x * h()", "o.k = 5.0"),
    "attribute of the class that comes later": ("o = C()\ndef h():\n  try: return o.k\n  except Exception: return 1.0", "x * h()", "C.k = 5.0"),
    "attribute that comes later, bare": ("o = C()\ndef h():\n  try: return o.k\n  except: return 1.0", "x * h()", "o.k = 5.0"),
    "attribute that comes later, suppressed": ("o = C()\ndef h():\n  k = 1.0\n  with contextlib.suppress(AttributeError): k = o.k\n  return k", "x * h()", "o.k = 5.0"),
    "attribute of self that comes later": ("class D(C):\n  def m(self):\n    try: return self.k\n    except AttributeError: return 1.0\no = D()", "x * o.m()", "o.k = 5.0"),
    "slot that is filled later": ("o = Slots()\ndef h():\n  try: return o.k\n  except AttributeError: return 1.0", "x * h()", "o.k = 5.0"),
    "name of a module that comes later": ("m = types.ModuleType('m')\ndef h():\n  try: return m.k\n  except AttributeError: return 1.0", "x * h()", "m.k = 5.0"),
    "global that comes later": ("def h():\n  try: return k\n  except NameError: return 1.0", "x * h()", "k = 5.0"),
    "key that comes later": ("t = {}\ndef h():\n  try: return t['k']\n  except KeyError: return 1.0", "x * h()", "t['k'] = 5.0"),
    "element that comes later": ("t = []\ndef h():\n  try: return t[0]\n  except IndexError: return 1.0", "x * h()", "t.append(5.0)"),
    "list grows": ("t = [1.0]", "x * sum(t)", "t.append(2.0)"),
    "list of arrays grows": ("t = [np.ones(2)]", "sum(np.sum(x * q) for q in t)", "t.append(np.ones(3))"),
    "list shrinks": ("t = [1.0, 2.0]", "x * len(t)", "t.pop()"),
    "list sorted": ("t = [3.0, 2.0]", "x * t[0]", "t.sort()"),
    "dict grows": ("t = {'a': 1.0}", "x * sum(t.values())", "t['b'] = 2.0"),
    "key of a dict": ("t = {'a': 1.0}", "x * len(next(iter(t)))", "t['abc'] = t.pop('a')"),
    "order of a dict": ("t = {'a': 1.0, 'b': 2.0}", "x * next(iter(t.values()))", "t['a'] = t.pop('a')"),
    "set": ("t = {1, 2}", "x * sum(t)", "t.add(5)"),
    "element of a large array": ("t = np.ones(9000)", "np.sum(x * t)", "t[8999] = 5.0"),
    "large array with other bits": ("t = np.ones(8200)", "np.sum(x * t)", "t[:] = t.view('i8') + 1"),
    "large array in another order": ("t = np.arange(9000.0)", "np.sum(x * t[:99])", "t.sort(); t[:2] = t[1::-1]; t[0] = 7.0"),
    "large array in another form": ("t = np.arange(9000.0)", "x * t[10 % len(t)]", "t.shape = (2, 4500)"),
    "large columns": ("t = np.ones((2, 9000)).T", "np.sum(x * t)", "t[8999, 1] = 5.0"),
    "form of an array of bytes": ("t = np.frombuffer(np.arange(6.0).tobytes())", "x * len(t)", "t.shape = (2, 3)"),
    "element of an array": ("t = np.ones(3)", "np.sum(x * t)", "t[1] = 5.0"),
    "array replaced": ("t = np.ones(3)", "np.sum(x * t)", "t = np.zeros(3)"),
    "shape of an array": ("t = np.ones(6)", "x * t.shape[0]", "t.shape = (2, 3)"),
    "array as an index": ("t = np.array([0, 1])", "np.sum(x * np.arange(3.0)[t])", "t[0] = 2"),
    "array read as numbers": ("t = np.ones(3)", "x * float(t[0])", "t[0] = 5.0"),
    "reversed view": ("b = np.ones(4); t = b[::-2]", "np.sum(x * t)", "b[:] = 5.0"),
    "view of an array": ("b = np.ones(4); t = b[1:3]", "np.sum(x * t)", "b[:] = 5.0"),
    "cached array": ("@functools.lru_cache\ndef h(): return np.ones(3)", "np.sum(x * h())", "h()[1] = 9.0"),
    "array of a frozen object": ("o = Data(np.ones(2))", "np.sum(x * o.k)", "o.k[0] = 5.0"),
    "array.array": ("t = array.array('d', [2.0])", "x * t[0]", "t[0] = 3.0"),
    "bytearray": ("t = bytearray(b'ab')", "x * t[0]", "t[0] = 3"),
    "ctypes": ("t = (ctypes.c_double * 2)(2.0, 3.0)", "x * t[0]", "t[0] = 7.0"),
    "memoryview": ("b = bytearray(b'ab'); t = memoryview(b)", "x * t[0]", "b[0] = 3"),
    "series of pandas": ("import pandas; t = pandas.Series([1.0, 2.0])", "x * t.iloc[0]", "t.iloc[0] = 5.0"),
    "frame of pandas": ("import pandas; t = pandas.DataFrame({'a': [1.0, 2.0]})", "x * t['a'].sum()", "t.loc[0, 'a'] = 5.0"),
    "tensor of torch": ("import torch; t = torch.ones(2)", "x * float(t[0])", "t[0] = 5.0"),
    "sparse matrix": ("import scipy.sparse; t = scipy.sparse.csr_array(np.eye(2))", "x * t.sum()", "t.data[0] = 5.0"),
    "polynomial": ("t = np.poly1d([1.0, 2.0])", "x * t.coef[0]", "t[1] = 5.0"),
    "masked array": ("t = np.ma.array([1.0, 2.0], mask=[0, 0])", "x * float(t.sum())", "t.mask[0] = True"),
    "iterator": ("t = iter([1.0, 2.0, 3.0])", "x * next(t)", "next(t)"),
    "generator": ("t = (q for q in [1.0, 2.0, 3.0])", "x * next(t)", "pass"),
    "count": ("t = itertools.count(1)", "x * next(t)", "pass"),
    "cycle": ("t = itertools.cycle([1.0, 2.0])", "x * next(t)", "pass"),
    "a count that f keeps": ("t = {'n': 0}\ndef h():\n  t['n'] += 1\n  return t['n']", "x * h()", "pass"),
    "a global that f keeps": ("n = 0\ndef h():\n  global n\n  n += 1\n  return n", "x * h()", "pass"),
    "a list that f fills": ("t = []\ndef h():\n  t.append(1.0)\n  return len(t)", "x * h()", "pass"),
    "environment": ("os.environ['STATE_K'] = '2'", "x * float(os.environ['STATE_K'])", "os.environ['STATE_K'] = '3'"),
    "environment by getenv": ("os.environ['STATE_K'] = '2'", "x * float(os.getenv('STATE_K'))", "os.environ['STATE_K'] = '3'"),
    "arguments of the program": ("sys.argv.append('2')", "x * float(sys.argv[-1])", "sys.argv.append('3')"),
    "value of a member of an enum": ("E.A._value_ = 2.0", "x * E.A.value", "E.A._value_ = 5.0"),
    "value of a member by its name": ("E.A._value_ = 2.0", "x * E['A'].value", "E.A._value_ = 5.0"),
    "values of all members": ("E.A._value_ = 2.0", "x * sum(e.value for e in E)", "E.A._value_ = 5.0"),
    "a list in an enum": ("E.A._value_ = [2.0]", "x * E.A.value[0]", "E.A.value[0] = 5.0"),
    "a builtin of somebody's own": ("import builtins; builtins.state_k = 2.0", "x * state_k", "builtins.state_k = 5.0"),
    "a function among the builtins": ("import builtins; builtins.state_h = lambda: 2.0", "x * state_h()", "builtins.state_h = lambda: 5.0"),
    "a number in a module of Python's": ("sys.state_k = 2.0", "x * sys.state_k", "sys.state_k = 5.0"),
    "a number in NumPy": ("np.state_k = 2.0", "x * np.state_k", "np.state_k = 5.0"),
    "default of a named tuple": ("N = collections.namedtuple('N', 'a', defaults=[2.0])", "x * N().a", "N.__new__.__defaults__ = (5.0,)"),
    "global that __new__ reads": ("k = 2.0\nclass D:\n  def __new__(cls):\n    o = object.__new__(cls)\n    o.k = k\n    return o", "x * D().k", "k = 5.0"),
    "a module's __getattr__": ("m = types.ModuleType('m'); d = {'k': 2.0}\nm.__getattr__ = lambda name: d[name]", "x * m.k", "d['k'] = 5.0"),
    "what __str__ reads": ("k = ['2.0']\nclass D:\n  def __str__(self): return k[0]\no = D()", "x * float(str(o))", "k[0] = '5.0'"),
    "a module by its name": ("import importlib\nm = sys.modules['state_n'] = types.ModuleType('state_n'); m.k = 2.0", "x * importlib.import_module('state_n').k", "m.k = 5.0"),
    "a frame": ("k = 2.0", "x * sys._getframe().f_globals['k']", "k = 5.0"),
    "a stream of text": ("import io; s = io.StringIO('2.0')", "x * float(s.getvalue())", "s.seek(0); s.write('5.0')"),
    "a stream of bytes": ("import io; s = io.BytesIO(b'ab')", "x * len(s.getvalue())", "s.write(b'abcd')"),
    "a folder": ("d = tempfile.mkdtemp()", "x * (1 + len(os.listdir(d)))", "pathlib.Path(d, 'a').write_text('')"),
    "whether a file is there": ("", "x * (2.0 if os.path.exists(path + '2') else 1.0)", "pathlib.Path(path + '2').write_text('')"),
    "count of threads": ("e = threading.Event()", "x * threading.active_count()", "threading.Thread(target=e.wait, args=(0.5,), daemon=True).start()"),
    "what is registered for a class": ("d = functools.singledispatch(lambda o: 2.0); o = C()", "x * d(o)", "d.register(C)(lambda o: 5.0)"),
    "an abstract class": ("import abc\nclass A(abc.ABC): pass\no = C()", "x * (5.0 if isinstance(o, A) else 2.0)", "A.register(C)"),
    "subclasses": ("class D(C): pass\nclass B(D): pass", "x * len(D.__subclasses__())", "class E2(D): pass"),
    "a database": ("import sqlite3; c = sqlite3.connect(':memory:'); c.execute('create table t(a)'); c.execute('insert into t values(2.0)')", "x * c.execute('select a from t').fetchone()[0]", "c.execute('update t set a=5.0')"),
    "another process": ("import subprocess", "x * len(subprocess.check_output(['ls', os.path.dirname(path)]))", "pathlib.Path(path + '33').write_text('')"),
    "memory of a file": ("np.arange(3.0).tofile(path)", "x * np.memmap(path, dtype=float, mode='r')[1]", "np.arange(5.0, 8.0).tofile(path)"),
    "a reader by its own name": ("from numpy import fromfile as read\nnp.arange(3.0).tofile(path)", "x * read(path)[1]", "np.arange(5.0, 8.0).tofile(path)"),
    "where random stands": ("import random; random.seed(0)", "x * random.getstate()[1][5]", "random.seed(1)"),
    "where np.random stands": ("np.random.seed(0)", "x * float(np.random.get_state()[1][5])", "np.random.seed(1)"),
    "where a generator stands": ("g = np.random.default_rng(0)", "x * float(g.bit_generator.state['state']['state'] % 7)", "g.random()"),
    "a pattern of format": ("o = C(); o.k = 2.0", "x * float('{0.k}'.format(o))", "o.k = 5.0"),
    "all objects": ("import gc", "x * len(gc.get_objects())", "t = [[] for _ in range(99)]"),
    "a builtin hidden": ("", "x * len('ab')", "len = lambda q: 7"),
    "a name that appears": ("def h():\n  try: return k\n  except NameError: return 1.0", "x * h()", "k = 3.0"),
    "a name that goes": ("k = 3.0\ndef h():\n  try: return k\n  except NameError: return 1.0", "x * h()", "del k"),
    "an attribute that appears": ("o = C()", "x * (o.k if hasattr(o, 'k') else 1.0)", "o.k = 3.0"),
    "an attribute that goes": ("o = C(); o.k = 3.0", "x * getattr(o, 'k', 1.0)", "del o.k"),
    "an item that appears": ("t = {}", "x * t.get('k', 1.0)", "t['k'] = 3.0"),
    "a slot that goes": ("o = Slots(); o.k = 2.0", "x * getattr(o, 'k', 1.0)", "del o.k"),
    "the class of an object": ("class A: k = 2.0\nclass B: k = 3.0\no = A()", "x * o.k", "o.__class__ = B"),
    "the dict of an object": ("o = C(); o.k = 2.0", "x * o.k", "o.__dict__ = {'k': 3.0}"),
    "a file": ("put('2')\ndef h():\n  with open(path) as file: return file.read()", "x * float(h())", "put('3')"),
    "a file by numpy": ("np.savetxt(path, [2.0])", "x * float(np.loadtxt(path))", "np.savetxt(path, [3.0])"),
    "a file by pathlib": ("put('2')", "x * float(pathlib.Path(path).read_text())", "put('3')"),
    "a jitted helper": ("k = 2.0\nh = cr.jit(lambda x: x * k)", "h(x)", "k = 3.0"),
    "a derivative": ("k = 2.0\nh = cr.grad(lambda x: x * x * k)", "h(x)", "k = 3.0"),
    "attribute of a function": ("def h(): return h.k\nh.k = 2.0", "x * h()", "h.k = 3.0"),
    "module's function": ("m = types.ModuleType('m'); m.h = lambda x: x * 2", "m.h(x)", "m.h = lambda x: x * 3"),
    "star argument": ("t = [2.0]\ndef h(a): return a", "x * h(*t)", "t[0] = 3.0"),
    "global of a lambda in a list": ("k = 2.0\nt = [lambda: k]", "x * t[0]()", "k = 3.0"),
}  # fmt: skip

PREAMBLE = """
import array, collections, contextlib, contextvars, ctypes, dataclasses, datetime, enum, functools, itertools, math, operator, os
import pathlib, sys, tempfile, threading, types, weakref
from decimal import Decimal
from fractions import Fraction
import numpy as np
import chainrule as cr
path = os.path.join(tempfile.mkdtemp(), "state")
def put(text): pathlib.Path(path).write_text(text)
NO = object()
class E(enum.Enum):
    A = 1
    B = 2
class C:
    @classmethod
    def get(cls): return cls.k
class Slots:
    __slots__ = ("k",)
class P:
    @property
    def k(self): return self._k
    @functools.cached_property
    def cached(self): return self._k
    def method(self): return self._k
    def __getitem__(self, key): return self._k
    def __call__(self): return self._k
class G:
    def __getattr__(self, name): return self.held[name]
class Reader:
    def __get__(self, x, owner=None): return x._k
class Described:
    k = Reader()
@dataclasses.dataclass
class Data:
    k: object
Named = collections.namedtuple("Named", "k")
def same(a): return a
def matched(o):
    match o:
        case Data(v): return v
def imported():
    from state_m import k
    return k
def closed(k):
    def get(): return k
    def put(v):
        nonlocal k
        k = v
    return get, put
def wrapped(g):
    @functools.wraps(g)
    def call(*args): return g(*args)
    return call
"""


def programs() -> dict[str, tuple[str, str]]:
    """Of each kind the source that defines f, and the one that changes what it reads."""
    found = {}
    setup, spelled, change = HOLDERS["global"]
    for name, (v, w, used) in NUMBERS.items():
        found[f"a global: {name}"] = (f"{setup.format(v=v)}\n{_F}{used}", change.format(w=w))
        found[f"a list: {name}"] = (
            f"k = [{v}]\n{_F}{used.replace('k', 'k[0]') if 'k' in used else used}",
            f"k[0] = {w}",
        )
    for name, (setup, spelled, change) in HOLDERS.items():
        found[name] = (f"{setup.format(v='2.0')}\n{_F}x * {spelled}", change.format(w="5.0"))
        body = f"(x * 4.0 if {spelled} is None else x * {spelled})"
        found[f"{name}: none becomes a number"] = (f"{setup.format(v='None')}\n{_F}{body}", change.format(w="5.0"))
        arrays = (f"{setup.format(v='np.ones(3)')}\n{_F}np.sum(x * {spelled})", change.format(w="np.arange(3.0)"))
        found[f"{name}: an array"] = arrays
    for name, (setup, body, change) in OTHERS.items():
        found[name] = (f"{setup}\n{_F}{body}", change)
    return found
