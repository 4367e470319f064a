"""The evals of GradBench, the public suite of automatic differentiation, with Chainrule as one of its tools."""
