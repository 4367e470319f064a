cimport chainrule.native.dense as dense
cimport chainrule.ops.reuse as reuse
from chainrule.ops.kinds cimport Elementwise, Linear, Reduction
