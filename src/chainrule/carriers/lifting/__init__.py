"""What a lifted function meets in place of calls and objects that would not see recorded numbers."""
