cimport chainrule.ops.dense as dense
from chainrule.ops.row cimport Elementwise, Linear, Reduction
