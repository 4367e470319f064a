cimport chainrule.native.fused as native
