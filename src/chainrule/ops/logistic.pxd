cimport chainrule.native.dense as dense
