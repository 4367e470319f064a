"""What stands in for plain numbers and arrays without being a carrier: what such kinds have in common."""
