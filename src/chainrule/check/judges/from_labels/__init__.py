"""Nets whose backward pass starts from labels: functions, lists of layers, objects; judged by their cost."""
