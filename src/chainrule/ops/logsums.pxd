from chainrule.numbers cimport StandIn, ndim
from chainrule.ops.row cimport applied
from chainrule.ops.shape cimport as_array, normal_axes
