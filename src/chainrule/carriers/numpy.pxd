cimport chainrule.ops.call as call
