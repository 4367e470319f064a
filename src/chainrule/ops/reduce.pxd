cimport chainrule.native.dense as dense
from chainrule.numbers cimport ndim, shape
from chainrule.ops.broadcasting cimport keep_axes
from chainrule.ops.row cimport applied
from chainrule.ops.shape cimport as_array, normal_axes, normal_axis
