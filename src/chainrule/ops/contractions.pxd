from chainrule.numbers cimport ndim, shape
from chainrule.ops.broadcasting cimport unbroadcast
from chainrule.ops.row cimport applied
