cimport chainrule.ops.dense as dense
