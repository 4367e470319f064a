from chainrule.numbers cimport ndim, shape
from chainrule.ops.row cimport applied, unbroadcast
